//! The rows of a difference: groups with what is in them, the worst first.

use crate::app::Show;
use crate::posture::difference::{ChangeKind, Difference, OneSided};

use super::DifferenceFilter;

/// What rows are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceGroup {
    /// Features that turned in this way.
    Turned(ChangeKind),
    /// Servers that only the newer scan holds.
    New,
    /// Servers that only the older scan holds.
    Gone,
}

impl DifferenceGroup {
    /// Its title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Turned(kind) => kind.title(),
            Self::New => "new servers",
            Self::Gone => "servers gone",
        }
    }
}

/// A row of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceRow {
    /// The head of a group, with how many rows it has.
    Group(DifferenceGroup, u32),
    /// A change, by its place.
    Change(u32),
    /// A new server, by its place.
    New(u32),
    /// A server that is gone, by its place.
    Gone(u32),
}

/// What is listed of a difference.
pub(super) fn list(difference: &Difference, filter: &DifferenceFilter) -> Vec<DifferenceRow> {
    let mut rows = Vec::new();
    let mut changes = (0_u32..).zip(&difference.changes).peekable();
    for kind in ChangeKind::ALL {
        let head = rows.len();
        while let Some((place, change)) = changes.next_if(|(_, change)| change.kind == kind) {
            let server = difference.server(change.server);
            if server.is_some_and(|server| filter.shows(change, server)) {
                rows.push(DifferenceRow::Change(place));
            }
        }
        put_head(&mut rows, head, DifferenceGroup::Turned(kind));
    }
    // Whole servers are no features: a filter of those leaves them out.
    if filter.family.is_none() && filter.show == Show::All {
        let shown = |one: &OneSided| {
            let server = difference.server(one.server);
            server.is_some_and(|server| filter.is_about(server))
        };
        for (group, all) in [
            (DifferenceGroup::New, &difference.new),
            (DifferenceGroup::Gone, &difference.gone),
        ] {
            let head = rows.len();
            let places = (0_u32..).zip(all).filter(|(_, one)| shown(one));
            rows.extend(places.map(|(place, _)| match group {
                DifferenceGroup::New => DifferenceRow::New(place),
                _ => DifferenceRow::Gone(place),
            }));
            put_head(&mut rows, head, group);
        }
    }
    rows
}

/// Puts the head of a group before its rows, when there are any.
fn put_head(rows: &mut Vec<DifferenceRow>, head: usize, group: DifferenceGroup) {
    let count = rows.len() - head;
    if count > 0 {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        rows.insert(head, DifferenceRow::Group(group, count));
    }
}
