//! The servers of the list in groups: by what, which there are, how each stands, and which are folded.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::documents::text::neutral;
use crate::posture::{Fleet, Score, ServerSummary, Tally, VerdictWord};

/// What the servers of the list are grouped by. A name that a person gave is kept with it, so that it can be saved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupBy {
    /// Nothing.
    #[default]
    Nothing,
    /// The subscription.
    Subscription,
    /// The resource group, of one subscription.
    ResourceGroup,
    /// The region.
    Region,
    /// The MySQL version, without its last part.
    Version,
    /// The value of the tag with this name. Azure does not tell names of tags apart by case.
    Tag(String),
}

impl GroupBy {
    /// What it is, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Nothing => "nothing".to_owned(),
            Self::Subscription => "subscription".to_owned(),
            Self::ResourceGroup => "resource group".to_owned(),
            Self::Region => "region".to_owned(),
            Self::Version => "version".to_owned(),
            Self::Tag(name) => format!("tag {}", neutral(name)),
        }
    }

    /// What tells the group of a server from others, and the group's name.
    fn group(&self, server: &ServerSummary, fleet: &Fleet) -> (String, String) {
        let known = |text: &str, unread: &str| {
            if text.is_empty() {
                (String::new(), unread.to_owned())
            } else {
                (text.to_lowercase(), text.to_owned())
            }
        };
        let subscription = || {
            let name = fleet.subscription_name(&server.subscription);
            neutral(name).into_owned()
        };
        match self {
            Self::Nothing => (String::new(), String::new()),
            Self::Subscription => (server.subscription.to_lowercase(), subscription()),
            Self::ResourceGroup => {
                let (subscription_id, group) = (&server.subscription, &server.resource_group);
                (
                    format!("{subscription_id}/{group}").to_lowercase(),
                    format!("{group} in {}", subscription()),
                )
            }
            Self::Region => known(&server.region, "region not read"),
            Self::Version => {
                let parts: Vec<&str> = server.version.split('.').take(2).collect();
                known(&parts.join("."), "version not read")
            }
            Self::Tag(name) => match tag(server, name) {
                Some(value) => (format!("={value}"), format!("{}={value}", neutral(name))),
                None => (String::new(), format!("without {}", neutral(name))),
            },
        }
    }

    /// The same of what tells groups apart, cheap enough to be asked for every server.
    fn key<'a>(&self, server: &'a ServerSummary) -> (&'a str, &'a str) {
        match self {
            Self::Nothing => ("", ""),
            Self::Subscription => (&server.subscription, ""),
            Self::ResourceGroup => (&server.subscription, &server.resource_group),
            Self::Region => (&server.region, ""),
            Self::Version => {
                let second = server.version.match_indices('.').nth(1);
                let end = second.map_or(server.version.len(), |(end, _)| end);
                (server.version.get(..end).unwrap_or_default(), "")
            }
            Self::Tag(name) => match tag(server, name) {
                Some(value) => ("=", value),
                None => ("", ""),
            },
        }
    }
}

/// The value of a server's tag.
#[must_use]
pub fn tag<'a>(server: &'a ServerSummary, name: &str) -> Option<&'a str> {
    let same = |known: &&(Arc<str>, Arc<str>)| known.0.eq_ignore_ascii_case(name);
    server.tags.iter().find(same).map(|(_, value)| &**value)
}

/// The names of the tags of a fleet, the one that most servers have first.
#[must_use]
pub fn tag_names(fleet: &Fleet) -> Vec<String> {
    let mut counts: HashMap<String, (usize, &str)> = HashMap::new();
    for (name, _) in fleet.servers.iter().flat_map(|server| server.tags.iter()) {
        counts.entry(name.to_lowercase()).or_insert((0, name)).0 += 1;
    }
    let mut names: Vec<(usize, &str)> = counts.into_values().collect();
    names.sort_by_key(|(count, name)| (Reverse(*count), *name));
    names
        .into_iter()
        .map(|(_, name)| neutral(name).into_owned())
        .collect()
}

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
    by: GroupBy,
    /// The group of every place of the fleet.
    of: Vec<u32>,
    /// Key and name of every group.
    known: Vec<(Box<str>, String)>,
    /// Groups by key.
    ids: HashMap<String, u32>,
    folded: HashSet<Box<str>>,
    shown: Vec<Group>,
}

impl Groups {
    pub(super) const fn by(&self) -> &GroupBy {
        &self.by
    }

    pub(super) fn shown(&self) -> &[Group] {
        &self.shown
    }

    pub(super) fn is_on(&self) -> bool {
        self.by != GroupBy::Nothing
    }

    /// Groups by something else; what was folded is forgotten with the groups that it was about.
    pub(super) fn set(&mut self, by: GroupBy, fleet: &Fleet) {
        if by != self.by {
            self.folded.clear();
        }
        self.by = by;
        self.assign_all(fleet);
    }

    /// Gives every server its group.
    pub(super) fn assign_all(&mut self, fleet: &Fleet) {
        self.of.clear();
        self.known.clear();
        self.ids.clear();
        self.shown.clear();
        if self.is_on() {
            self.assign(fleet, 0..fleet.servers.len());
        }
    }

    /// Gives servers their groups, those that are new or have changed.
    pub(super) fn assign(&mut self, fleet: &Fleet, places: impl IntoIterator<Item = usize>) {
        if !self.is_on() {
            return;
        }
        self.of.resize(fleet.servers.len(), 0);
        let mut seen: HashMap<(&str, &str), u32> = HashMap::new();
        for place in places {
            let Some(server) = fleet.servers.get(place) else {
                continue;
            };
            let id = *seen.entry(self.by.key(server)).or_insert_with(|| {
                let (key, name) = self.by.group(server, fleet);
                let next = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
                *self.ids.entry(key).or_insert_with_key(|key| {
                    self.known.push((key.as_str().into(), name));
                    next
                })
            });
            self.of[place] = id;
        }
    }

    /// Puts the shown servers into the order of their groups, worst group first, and makes the groups' heads. `worst`
    /// holds every place's worst verdict.
    pub(super) fn arrange(&mut self, fleet: &Fleet, worst: &[VerdictWord], places: &mut Vec<u32>) {
        self.shown.clear();
        if !self.is_on() {
            return;
        }
        let mut groups: Vec<Group> = self
            .known
            .iter()
            .map(|(key, name)| Group {
                name: name.clone(),
                key: key.clone(),
                servers: 0..0,
                row: 0,
                folded: self.folded.contains(key),
                tally: Tally::default(),
                open: [0; 4],
                score: Score::default(),
            })
            .collect();
        for place in &*places {
            let place = *place as usize;
            let (server, group) = (&fleet.servers[place], &mut groups[self.of[place] as usize]);
            group.servers.end += 1;
            group.tally.add(worst[place]);
            group.score += server.score;
            for (sum, count) in group.open.iter_mut().zip(server.open) {
                *sum += u64::from(count);
            }
        }
        let mut order: Vec<usize> = (0..groups.len())
            .filter(|group| groups[*group].servers.end > 0)
            .collect();
        order.sort_by(|one, other| {
            let (one, other) = (&groups[*one], &groups[*other]);
            let unknown = |group: &Group| group.tally.get(VerdictWord::Unknown);
            let by_risk = (other.open, unknown(other)).cmp(&(one.open, unknown(one)));
            by_risk.then_with(|| (&one.name, &one.key).cmp(&(&other.name, &other.key)))
        });
        let mut next = vec![0; groups.len()];
        let mut start = 0;
        for group in &order {
            next[*group] = start;
            let end = start + groups[*group].servers.end;
            groups[*group].servers = start..end;
            start = end;
        }
        let mut arranged = vec![0; places.len()];
        for place in &*places {
            let at = &mut next[self.of[*place as usize] as usize];
            arranged[*at] = *place;
            *at += 1;
        }
        *places = arranged;
        let mut groups: Vec<Option<Group>> = groups.into_iter().map(Some).collect();
        self.shown
            .extend(order.into_iter().filter_map(|group| groups[group].take()));
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
            self.folded
                .extend(self.known.iter().map(|(key, _)| key.clone()));
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

    #[test]
    fn what_was_not_read_is_a_group_of_its_own_and_versions_lose_their_last_part() {
        let versions = ["8.0.37", "8.0.21", "8.4.2", "", "8.4"];
        let fleet = fleet(versions.map(|version| ServerSummary {
            version: version.into(),
            ..summary(version)
        }));
        let mut groups = Groups::default();
        groups.set(GroupBy::Version, &fleet);
        let mut places = vec![0, 1, 2, 3, 4];
        groups.arrange(&fleet, &[VerdictWord::Unknown; 5], &mut places);
        let names: Vec<_> = groups.shown().iter().map(|g| g.name.as_str()).collect();
        assert_eq!(names, ["8.0", "8.4", "version not read"]);
    }

    #[test]
    fn tag_names_are_told_apart_without_case_the_common_ones_first() {
        let fleet = fleet([
            tagged("a", &[("owner", "x"), ("env", "dev")], [0; 4]),
            tagged("b", &[("ENV", "dev")], [0; 4]),
        ]);
        assert_eq!(tag_names(&fleet), ["env", "owner"]);
    }
}
