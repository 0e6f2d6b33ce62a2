//! Servers in groups: by what, which group each one belongs to, and how each group stands.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::documents::text::neutral;
use crate::posture::{Fleet, Score, ServerSummary, Tally, VerdictWord};

/// What servers are grouped by. A name that a person gave is kept with it, so that it can be saved.
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

    /// The forms in which it is written in a command.
    pub const WORDS: &str = "subscription, resource-group, region, version, tag:NAME";

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
    let same =
        |known: &&(std::sync::Arc<str>, std::sync::Arc<str>)| known.0.eq_ignore_ascii_case(name);
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

/// Text that stands for no grouping.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("servers are not grouped by {0:?}; there are {words}", words = GroupBy::WORDS)]
pub struct UnknownGrouping(String);

impl FromStr for GroupBy {
    type Err = UnknownGrouping;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "subscription" => Self::Subscription,
            "resource-group" => Self::ResourceGroup,
            "region" => Self::Region,
            "version" => Self::Version,
            _ => match text.strip_prefix("tag:") {
                Some(name) if !name.is_empty() => Self::Tag(name.to_owned()),
                _ => return Err(UnknownGrouping(text.to_owned())),
            },
        })
    }
}

/// How a group stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupStanding {
    /// Its name, neutralised.
    pub name: String,
    /// What tells it from others.
    pub key: Box<str>,
    /// Its servers among those that were arranged.
    pub servers: Range<usize>,
    /// How many of its servers have each verdict as their worst one.
    pub tally: Tally,
    /// How many conditions are open on its servers, by severity, worst first.
    pub open: [u64; 4],
    /// The score of its servers together.
    pub score: Score,
}

/// The groups of a fleet, and which one each server belongs to.
#[derive(Clone, Debug, Default)]
pub struct Grouping {
    by: GroupBy,
    /// The group of every place of the fleet.
    of: Vec<u32>,
    /// Key and name of every group.
    known: Vec<(Box<str>, String)>,
    /// Groups by key.
    ids: HashMap<String, u32>,
}

impl Grouping {
    /// Gives every server of a fleet its group.
    #[must_use]
    pub fn new(by: GroupBy, fleet: &Fleet) -> Self {
        let mut grouping = Self {
            by,
            ..Self::default()
        };
        grouping.assign(fleet, 0..fleet.servers.len());
        grouping
    }

    /// What the servers are grouped by.
    #[must_use]
    pub const fn by(&self) -> &GroupBy {
        &self.by
    }

    /// Whether they are grouped at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.by != GroupBy::Nothing
    }

    /// What tells each group from the others, in the order in which the groups were met.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(|(key, _)| &**key)
    }

    /// Gives servers their groups, those that are new or have changed.
    pub fn assign(&mut self, fleet: &Fleet, places: impl IntoIterator<Item = usize>) {
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

    /// Puts the servers at these places into the order of their groups, worst group first, and says how each group
    /// stands. Groups without a server are left out. `worst` holds the worst verdict of every place of the fleet.
    pub fn arrange(
        &self,
        fleet: &Fleet,
        worst: &[VerdictWord],
        places: &mut Vec<u32>,
    ) -> Vec<GroupStanding> {
        if !self.is_on() {
            return Vec::new();
        }
        let mut groups: Vec<GroupStanding> = self
            .known
            .iter()
            .map(|(key, name)| GroupStanding {
                name: name.clone(),
                key: key.clone(),
                servers: 0..0,
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
            let unknown = |group: &GroupStanding| group.tally.get(VerdictWord::Unknown);
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
        let mut groups: Vec<Option<GroupStanding>> = groups.into_iter().map(Some).collect();
        order
            .into_iter()
            .filter_map(|group| groups[group].take())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::test_support::{fleet, summary};

    #[test]
    fn a_grouping_is_known_by_its_word_and_a_tag_by_its_name() {
        assert_eq!("region".parse(), Ok(GroupBy::Region));
        assert_eq!("tag:Env".parse(), Ok(GroupBy::Tag("Env".to_owned())));
        for wrong in ["", "tag:", "colour", "nothing"] {
            let error = wrong.parse::<GroupBy>().unwrap_err().to_string();
            assert!(error.contains("tag:NAME"), "{error}");
        }
    }

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
    fn what_was_not_read_is_a_group_of_its_own_and_versions_lose_their_last_part() {
        let versions = ["8.0.37", "8.0.21", "8.4.2", "", "8.4"];
        let fleet = fleet(versions.map(|version| ServerSummary {
            version: version.into(),
            ..summary(version)
        }));
        let grouping = Grouping::new(GroupBy::Version, &fleet);
        let mut places = vec![0, 1, 2, 3, 4];
        let groups = grouping.arrange(&fleet, &[VerdictWord::Unknown; 5], &mut places);
        let names: Vec<_> = groups.iter().map(|group| group.name.as_str()).collect();
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
