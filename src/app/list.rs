//! Where a list stands: the cursor, and the first row on the screen.

/// Where a list stands. The list scrolls by half a page when the cursor leaves the screen: over a slow line a scroll
/// costs ten times what a moving bar does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListPosition {
    /// The selected row.
    pub cursor: usize,
    /// The first row on the screen.
    pub top: usize,
}

impl ListPosition {
    /// Moves the cursor, and the screen only as far as needed.
    pub fn move_to(&mut self, cursor: usize, length: usize, height: usize) {
        self.cursor = cursor.min(length.saturating_sub(1));
        self.fit(length, height);
    }

    /// Moves the cursor by `rows`, down when positive.
    pub fn move_by(&mut self, rows: isize, length: usize, height: usize) {
        self.move_to(self.cursor.saturating_add_signed(rows), length, height);
    }

    /// Moves cursor and screen together by `rows`, as page keys do.
    pub fn page_by(&mut self, rows: isize, length: usize, height: usize) {
        self.top = self.top.saturating_add_signed(rows);
        self.move_by(rows, length, height);
    }

    /// Puts the cursor on a row of a list that has changed, at the same height of the screen when that is possible.
    pub fn keep_at(&mut self, cursor: usize, length: usize, height: usize) {
        let offset = self.cursor.saturating_sub(self.top);
        self.cursor = cursor.min(length.saturating_sub(1));
        self.top = self.cursor.saturating_sub(offset);
        self.fit(length, height);
    }

    /// Makes the position fit a list of `length` rows on a screen of `height`.
    pub fn fit(&mut self, length: usize, height: usize) {
        self.cursor = self.cursor.min(length.saturating_sub(1));
        let half = (height / 2).max(1);
        if self.cursor < self.top {
            self.top = self.cursor.saturating_sub(height.saturating_sub(half));
        } else if height > 0 && self.cursor >= self.top.saturating_add(height) {
            self.top = self.cursor.saturating_add(1).saturating_sub(half);
        }
        self.top = self.top.min(length.saturating_sub(height));
    }

    /// The rows on the screen.
    #[must_use]
    pub fn window(&self, length: usize, height: usize) -> std::ops::Range<usize> {
        let top = self.top.min(length);
        top..top.saturating_add(height).min(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_screen_moves_by_half_a_page_at_the_edge() {
        let mut position = ListPosition::default();
        for _ in 0..9 {
            position.move_by(1, 100, 10);
        }
        assert_eq!(position, ListPosition { cursor: 9, top: 0 });
        position.move_by(1, 100, 10);
        assert_eq!(position, ListPosition { cursor: 10, top: 6 });
        for _ in 0..5 {
            position.move_by(-1, 100, 10);
        }
        assert_eq!(position, ListPosition { cursor: 5, top: 0 });
    }

    proptest! {
        #[test]
        fn the_cursor_is_in_the_list_and_on_the_screen(
            moves in proptest::collection::vec((0_usize..5, -200_isize..200, 0_usize..300, 0_usize..40), 0..40)
        ) {
            let mut position = ListPosition::default();
            for (kind, rows, length, height) in moves {
                match kind {
                    0 => position.move_by(rows, length, height),
                    1 => position.page_by(rows, length, height),
                    2 => position.keep_at(rows.unsigned_abs(), length, height),
                    3 => position.move_to(rows.unsigned_abs(), length, height),
                    _ => position.fit(length, height),
                }
                prop_assert!(position.cursor < length.max(1));
                if height > 0 && length > 0 {
                    prop_assert!(position.window(length, height).contains(&position.cursor));
                }
            }
        }
    }
}
