//! The rows of the list: heads of groups and servers, and what folds.

use crate::app::Group;
use crate::posture::ServerSummary;
use crate::query::GroupBy;

use super::Roster;

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RosterRow<'a> {
    /// The head of a group.
    Group(&'a Group),
    /// A server.
    Server(&'a ServerSummary),
}

impl Roster {
    /// What the servers are grouped by.
    #[must_use]
    pub const fn grouping(&self) -> &GroupBy {
        self.groups.by()
    }

    /// The groups that are shown, worst first; none where nothing is grouped.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        self.groups.shown()
    }

    /// How many rows the list has: the servers that are shown, less the folded ones, and a head for every group.
    #[must_use]
    pub fn rows(&self) -> usize {
        if self.groups.is_on() {
            self.groups.rows()
        } else {
            self.visible.len()
        }
    }

    /// A row of the list, a head or a server.
    #[must_use]
    pub fn at(&self, row: usize) -> Option<RosterRow<'_>> {
        if let Some(group) = self.groups.at(row)
            && let Some(group) = self.groups.shown().get(group)
            && group.row == row
        {
            return Some(RosterRow::Group(group));
        }
        self.row(row).map(RosterRow::Server)
    }

    /// The group that the cursor is on or in.
    #[must_use]
    pub fn group(&self) -> Option<&Group> {
        self.groups
            .shown()
            .get(self.groups.at(self.position.cursor)?)
    }

    /// The place among the shown servers of the one in a row.
    pub(in crate::app) fn shown_at(&self, row: usize) -> Option<usize> {
        if !self.groups.is_on() {
            return (row < self.visible.len()).then_some(row);
        }
        let group = self.groups.shown().get(self.groups.at(row)?)?;
        Some(group.servers.start + row.checked_sub(group.row + 1)?)
    }

    /// The row of a server by its place among the shown ones; the head of its group where that is folded.
    pub(super) fn row_of(&self, shown: usize) -> usize {
        if !self.groups.is_on() {
            return shown;
        }
        let group = self.groups.of_server(shown);
        let Some(group) = group.and_then(|group| self.groups.shown().get(group)) else {
            return 0;
        };
        if group.folded {
            group.row
        } else {
            group.row + 1 + shown - group.servers.start
        }
    }

    /// Groups the servers by something.
    pub(in crate::app) fn set_grouping(&mut self, by: GroupBy) {
        self.groups.set(by, &self.fleet);
        self.rebuild();
        // The first row on the screen can be the first server of a group: its head is worth a row.
        let top = self.position.top;
        let group = self
            .groups
            .at(top)
            .map(|group| self.groups.shown()[group].row);
        if group.is_some_and(|head| head + 1 == top) && self.position.cursor + 1 < top + self.height
        {
            self.position.top -= 1;
        }
    }

    /// Folds or unfolds the group that the cursor is on or in. A fold leaves the cursor on its head.
    pub(in crate::app) fn fold(&mut self, folded: bool) {
        if let Some(group) = self.groups.at(self.position.cursor) {
            if folded {
                self.position.cursor = self.groups.shown()[group].row;
            }
            self.groups.fold(group, folded);
            self.go(|_, _, _| {});
        }
    }

    /// Folds or unfolds every group; the cursor stays in its group, and goes back to the server that it was on.
    pub(in crate::app) fn fold_all(&mut self, folded: bool) {
        let chosen = self.selection.id().and_then(|id| self.place(id));
        let shown = chosen.and_then(|place| self.visible.iter().position(|it| *it == place));
        let group = self.groups.at(self.position.cursor);
        self.groups.fold_all(folded);
        let head = group.and_then(|group| self.groups.shown().get(group));
        let row = match (shown, head) {
            (Some(shown), _) => self.row_of(shown),
            (None, Some(head)) => head.row,
            (None, None) => 0,
        };
        self.position.keep_at(row, self.rows(), self.height);
    }

    /// Selects a server by its id, when it is shown; its group is unfolded.
    pub(in crate::app) fn select(&mut self, id: &str) {
        let place = self.place(id);
        let shown = place.and_then(|place| self.visible.iter().position(|it| *it == place));
        if let Some(shown) = shown {
            self.go_to_shown(shown);
        }
    }

    /// Selects the server that stands some servers after the selected one, whatever is folded.
    pub(in crate::app) fn step(&mut self, servers: isize) {
        let (from, _) = self.shown_near();
        let last = self.visible.len().saturating_sub(1);
        self.go_to_shown(from.saturating_add_signed(servers).min(last));
    }

    /// The place among the shown servers of the one under the cursor; on the head of a group that of its first one, and
    /// that it is a head.
    pub(in crate::app) fn shown_near(&self) -> (usize, bool) {
        let cursor = self.position.cursor;
        match (self.shown_at(cursor), self.groups.at(cursor)) {
            (Some(shown), _) => (shown, false),
            (None, Some(group)) => (self.groups.shown()[group].servers.start, true),
            (None, None) => (0, false),
        }
    }

    /// Goes to a server by its place among the shown ones, and unfolds its group.
    pub(in crate::app) fn go_to_shown(&mut self, shown: usize) {
        if let Some(group) = self.groups.of_server(shown) {
            self.groups.fold(group, false);
        }
        let row = self.row_of(shown);
        self.go(|position, length, height| position.keep_at(row, length, height));
    }
}
