//! The groups of the list: their heads as rows, and which of them are folded.

use std::collections::HashSet;
use std::ops::Range;

use crate::posture::{Fleet, Score, Tally, VerdictWord};
use crate::query::{GroupBy, GroupStanding, Grouping};

/// A group of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name, neutralised.
    pub name: String,
    /// What tells it from others.
    pub(super) key: Box<str>,
    /// Its servers among those that are shown.
    pub servers: Range<usize>,
    /// The row of its head.
    pub row: usize,
    /// Whether its servers are hidden.
    pub folded: bool,
    /// How many of its servers have each verdict as their worst one.
    pub tally: Tally,
    /// How many conditions are open on its servers, by severity, worst first.
    pub open: [u64; 4],
    /// The score of its servers together.
    pub score: Score,
}

/// All groups, the shown ones in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    grouping: Grouping,
    folded: HashSet<Box<str>>,
    shown: Vec<Group>,
}

impl Groups {
    pub(super) const fn by(&self) -> &GroupBy {
        self.grouping.by()
    }

    pub(super) fn shown(&self) -> &[Group] {
        &self.shown
    }

    pub(super) fn is_on(&self) -> bool {
        self.grouping.is_on()
    }

    /// Groups by something else; what was folded is forgotten with the groups that it was about.
    pub(super) fn set(&mut self, by: GroupBy, fleet: &Fleet) {
        if by != *self.by() {
            self.folded.clear();
        }
        self.shown.clear();
        self.grouping = Grouping::new(by, fleet);
    }

    /// Gives every server its group.
    pub(super) fn assign_all(&mut self, fleet: &Fleet) {
        self.shown.clear();
        self.grouping = Grouping::new(self.by().clone(), fleet);
    }

    /// Gives servers their groups, those that are new or have changed.
    pub(super) fn assign(&mut self, fleet: &Fleet, places: impl IntoIterator<Item = usize>) {
        self.grouping.assign(fleet, places);
    }

    /// Puts the shown servers into the order of their groups, worst group first, and makes the groups' heads. `worst`
    /// holds every place's worst verdict.
    pub(super) fn arrange(&mut self, fleet: &Fleet, worst: &[VerdictWord], places: &mut Vec<u32>) {
        let head = |group: GroupStanding| Group {
            row: 0,
            folded: self.folded.contains(&group.key),
            name: group.name,
            key: group.key,
            servers: group.servers,
            tally: group.tally,
            open: group.open,
            score: group.score,
        };
        let groups = self.grouping.arrange(fleet, worst, places);
        self.shown = groups.into_iter().map(head).collect();
        self.lay_out();
    }

    /// Counts the rows anew.
    fn lay_out(&mut self) {
        let mut row = 0;
        for group in &mut self.shown {
            group.row = row;
            row += 1;
            if !group.folded {
                row += group.servers.len();
            }
        }
    }

    /// How many rows heads and servers take.
    pub(super) fn rows(&self) -> usize {
        self.shown.last().map_or(0, |group| {
            let servers = if group.folded { 0 } else { group.servers.len() };
            group.row + 1 + servers
        })
    }

    /// The group of a row.
    pub(super) fn at(&self, row: usize) -> Option<usize> {
        if row >= self.rows() {
            return None;
        }
        self.shown
            .partition_point(|group| group.row <= row)
            .checked_sub(1)
    }

    /// The group that holds one of the shown servers.
    pub(super) fn of_server(&self, place: usize) -> Option<usize> {
        self.shown
            .partition_point(|group| group.servers.start <= place)
            .checked_sub(1)
    }

    /// Folds or unfolds a group.
    pub(super) fn fold(&mut self, group: usize, folded: bool) {
        let Some(group) = self.shown.get_mut(group) else {
            return;
        };
        group.folded = folded;
        if folded {
            self.folded.insert(group.key.clone());
        } else {
            self.folded.remove(&group.key);
        }
        self.lay_out();
    }

    /// Folds or unfolds all of them, those too that a filter hides.
    pub(super) fn fold_all(&mut self, folded: bool) {
        self.folded.clear();
        if folded {
            self.folded.extend(self.grouping.keys().map(Box::from));
        }
        for group in &mut self.shown {
            group.folded = folded;
        }
        self.lay_out();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posture::ServerSummary;
    use crate::query::test_support::{fleet, summary};

    fn tagged(name: &str, tags: &[(&str, &str)], open: [u16; 4]) -> ServerSummary {
        let tags = tags
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        ServerSummary {
            tags,
            open,
            ..summary(name)
        }
    }

    #[test]
    fn groups_come_worst_first_and_keep_the_order_of_their_servers() {
        let fleet = fleet([
            tagged("a", &[("Env", "dev")], [0, 1, 0, 0]),
            tagged("b", &[], [0, 0, 0, 3]),
            tagged("c", &[("env", "prod")], [1, 0, 0, 0]),
            tagged("d", &[("ENV", "dev")], [0, 2, 0, 0]),
        ]);
        let mut groups = Groups::default();
        groups.set(GroupBy::Tag("env".to_owned()), &fleet);
        let mut places = vec![3, 1, 2, 0];
        groups.arrange(&fleet, &[VerdictWord::Unknown; 4], &mut places);
        let shown: Vec<_> = groups
            .shown()
            .iter()
            .map(|group| (group.name.as_str(), group.servers.clone(), group.row))
            .collect();
        assert_eq!(
            shown,
            [
                ("env=prod", 0..1, 0),
                ("env=dev", 1..3, 2),
                ("without env", 3..4, 5)
            ]
        );
        assert_eq!(places, [2, 3, 0, 1]);
        assert_eq!(
            (groups.rows(), groups.at(4), groups.at(7)),
            (7, Some(1), None)
        );
        groups.fold(1, true);
        assert_eq!(
            (groups.rows(), groups.at(3), groups.of_server(2)),
            (5, Some(2), Some(1))
        );
        groups.fold_all(true);
        assert_eq!((groups.rows(), groups.at(2)), (3, Some(2)));
    }
}
