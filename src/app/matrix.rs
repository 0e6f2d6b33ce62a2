//! Servers by features: where the cursor is, and which columns there is room for. The rows are those of the list of
//! servers, with its order, its filter, its groups and its cursor.

use std::ops::Range;

use crate::baseline::FeatureId;

use super::{Area, State};

/// Servers by features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MatrixScreen {
    /// The column under the cursor: a feature's place.
    pub column: usize,
    /// The first column on the screen.
    pub left: usize,
}

impl MatrixScreen {
    /// The feature under the cursor.
    #[must_use]
    pub fn feature(&self) -> FeatureId {
        FeatureId::ALL[self.column.min(FeatureId::COUNT - 1)]
    }

    /// Brings the column under the cursor onto the screen.
    pub(super) fn fit(&mut self, layout: &MatrixLayout) {
        self.column = self.column.min(FeatureId::COUNT - 1);
        self.left = self.left.min(self.column);
        while self.left < self.column && !layout.fits(self.left, self.column) {
            self.left += 1;
        }
        // Room on the right is room for what is cut on the left.
        while self.left > 0 && layout.fits(self.left - 1, FeatureId::COUNT - 1) {
            self.left -= 1;
        }
    }

    /// The columns on the screen.
    #[must_use]
    pub fn columns(&self, layout: &MatrixLayout) -> Range<usize> {
        let fits = |column: &usize| *column == self.left || layout.fits(self.left, *column);
        let end = (self.left..FeatureId::COUNT)
            .take_while(fits)
            .last()
            .map_or(self.left, |last| last + 1);
        self.left..end
    }
}

/// How the matrix is divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MatrixLayout {
    /// The line with the families.
    pub families: Option<Area>,
    /// The line with the numbers of the controls.
    pub controls: Option<Area>,
    /// The rows, names and cells.
    pub rows: Area,
    /// The lines about the cell under the cursor.
    pub words: Area,
    /// The columns of the terminal that names take, with the marker before and the gap after them.
    pub names: usize,
    /// The columns of the terminal that a cell takes.
    pub cell: usize,
}

impl MatrixLayout {
    fn new(body: Area, cell: usize) -> Self {
        let lines = match body.height {
            0 => 0,
            1..=7 => 1,
            8..=15 => 2,
            _ => 3,
        };
        let (rest, words) = body.bottom(lines);
        let heads = match body.height {
            0..=5 => 0,
            6..=7 => 1,
            _ => 2,
        };
        let (heads, rows) = rest.top(heads);
        let line = |line: u16| {
            (heads.height > line).then_some(Area {
                y: heads.y + line,
                height: 1,
                ..heads
            })
        };
        // What the cells leave is for the names.
        let all = FeatureId::COUNT * cell + 8;
        let width = usize::from(body.width);
        let names = width
            .saturating_sub(all)
            .clamp((width / 4).min(44), 44)
            .max(9);
        Self {
            families: line(0),
            controls: line(1),
            rows,
            words,
            names: names.min(width),
            cell,
        }
    }

    /// Where a column begins, counted from where `left` does: a column of the terminal stands between families.
    #[must_use]
    pub fn start(&self, left: usize, column: usize) -> usize {
        let family = |column: usize| FeatureId::ALL[column].family().index();
        (column - left) * self.cell + family(column) - family(left)
    }

    fn fits(&self, left: usize, column: usize) -> bool {
        // The last part of a cell is a gap or a severity; both may be cut where there is room for one column only.
        self.names + self.start(left, column) + self.cell <= usize::from(self.rows.width)
    }
}

impl State {
    /// How the matrix is divided.
    #[must_use]
    pub fn matrix_layout(&self) -> MatrixLayout {
        let digits = |count: u32| {
            count
                .checked_ilog10()
                .map_or(1, |digits| digits as usize + 1)
        };
        let groups = !self.roster.groups().is_empty();
        let most = self
            .survey()
            .filter(|_| groups)
            .map_or(0, |survey| survey.most_failing());
        MatrixLayout::new(self.chrome().body, (digits(most) + 1).max(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_on_the_screen_at_every_size() {
        for width in 10..200 {
            for cell in 2..7 {
                let body = Area {
                    width,
                    height: 20,
                    ..Area::default()
                };
                let layout = MatrixLayout::new(body, cell);
                let mut matrix = MatrixScreen::default();
                for column in (0..FeatureId::COUNT).chain((0..FeatureId::COUNT).rev()) {
                    matrix.column = column;
                    matrix.fit(&layout);
                    assert!(matrix.columns(&layout).contains(&column), "{width} {cell}");
                }
                matrix.column = FeatureId::COUNT - 1;
                matrix.fit(&layout);
                assert_eq!(matrix.columns(&layout).end, FeatureId::COUNT);
            }
        }
    }

    #[test]
    fn a_tiny_terminal_keeps_three_rows() {
        let body = Area {
            width: 20,
            height: 4,
            ..Area::default()
        };
        let layout = MatrixLayout::new(body, 2);
        assert_eq!((layout.rows.height, layout.words.height), (3, 1));
        assert!(MatrixScreen::default().columns(&layout).len() >= 4);
    }
}
