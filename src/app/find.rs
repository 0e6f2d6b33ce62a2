//! Finding anything: the line that is written, and what was found by kind.

use crate::query::{Found, FoundItem, FoundKind, Query};

use super::{ListPosition, Prompt};

/// So much of each kind is listed where there are several.
const OF_EACH: usize = 8;

/// Finding anything.
#[derive(Clone, Debug, Default)]
pub struct FindMode {
    /// The line.
    pub prompt: Prompt,
    /// The words of what is listed.
    pub query: Query,
    /// What is listed.
    pub rows: Vec<FindRow>,
    /// Where the list stands; the cursor is on something that was found.
    pub position: ListPosition,
    /// Whether an answer is on its way.
    pub is_waiting: bool,
}

/// A row of what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindRow {
    /// A kind, and how many there are of it.
    Kind(FoundKind, usize),
    /// Something that was found.
    Item(FoundItem),
    /// How many more there are of the kind than are listed.
    More(usize),
}

impl FindMode {
    /// Takes what was found; servers have their names by now.
    pub(super) fn set_found(&mut self, query: Query, found: Found) {
        let most = if found.groups.len() > 1 {
            OF_EACH
        } else {
            usize::MAX
        };
        self.rows.clear();
        for group in found.groups {
            self.rows.push(FindRow::Kind(group.kind, group.total));
            let listed = group.best.len().min(most);
            let items = group.best.into_iter().take(listed);
            self.rows.extend(items.map(FindRow::Item));
            if group.total > listed {
                self.rows.push(FindRow::More(group.total - listed));
            }
        }
        self.query = query;
        self.is_waiting = false;
        self.position = ListPosition::default();
        self.settle_on_item(true);
    }

    /// Whether something was written that has a word.
    #[must_use]
    pub fn has_words(&self) -> bool {
        !Query::of_words(self.prompt.text()).is_empty()
    }

    /// What is under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&FoundItem> {
        match self.rows.get(self.position.cursor)? {
            FindRow::Item(item) => Some(item),
            _ => None,
        }
    }

    /// Puts the cursor on the nearest row with something to go to: further down, or further up.
    pub(super) fn settle_on_item(&mut self, down: bool) {
        let is_item = |(_, row): &(usize, &FindRow)| matches!(row, FindRow::Item(_));
        let rows = || self.rows.iter().enumerate();
        let cursor = self.position.cursor;
        let below = rows().skip(cursor).find(is_item);
        let above = rows().take(cursor + 1).rev().find(is_item);
        let nearest = if down {
            below.or(above)
        } else {
            above.or(below)
        };
        if let Some((row, _)) = nearest {
            self.position.cursor = row;
        }
    }

    /// To the first of the next kind, or of the one before, round the end.
    pub(super) fn step_kind(&mut self, step: isize) {
        let kinds: Vec<usize> = (0..self.rows.len())
            .filter(|row| matches!(self.rows[*row], FindRow::Kind(..)))
            .collect();
        if kinds.is_empty() {
            return;
        }
        let cursor = self.position.cursor;
        let here = kinds.iter().rposition(|row| *row <= cursor).unwrap_or(0);
        let next = (here + kinds.len()).saturating_add_signed(step) % kinds.len();
        self.position.cursor = kinds[next];
        self.settle_on_item(true);
    }
}
