//! The order of the servers.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::str::FromStr;

use crate::posture::{Fleet, ServerSummary, VerdictWord};

/// What servers are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// Worst open severity first, then how many, then the unknown.
    #[default]
    Risk,
    /// How well the filter matches; by risk without one.
    Match,
    /// The name.
    Name,
    /// The score, lowest first.
    Score,
    /// The region.
    Region,
    /// The MySQL version, oldest first.
    Version,
    /// The subscription's name.
    Subscription,
}

impl SortKey {
    /// Every key.
    pub const ALL: [Self; 7] = [
        Self::Risk,
        Self::Match,
        Self::Name,
        Self::Score,
        Self::Region,
        Self::Version,
        Self::Subscription,
    ];

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Risk => "risk",
            Self::Match => "match",
            Self::Name => "name",
            Self::Score => "score",
            Self::Region => "region",
            Self::Version => "version",
            Self::Subscription => "subscription",
        }
    }
}

/// The order of the servers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// What they are sorted by.
    pub key: SortKey,
    /// Whether the order is turned round.
    pub inverted: bool,
}

/// Text that stands for no order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "servers are not sorted by {0:?}; there are risk, match, name, score, region, version, subscription, each also with :desc behind it"
)]
pub struct UnknownSort(String);

impl FromStr for Sort {
    type Err = UnknownSort;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (word, inverted) = match text.split_once(':') {
            None | Some((_, "asc")) => (text.split(':').next().unwrap_or_default(), false),
            Some((word, "desc")) => (word, true),
            Some(_) => return Err(UnknownSort(text.to_owned())),
        };
        SortKey::ALL
            .into_iter()
            .find(|key| key.word() == word)
            .map(|key| Self { key, inverted })
            .ok_or_else(|| UnknownSort(text.to_owned()))
    }
}

/// Numbers that decide most comparisons without touching a server's text.
struct Keyed {
    key: u128,
    more: u128,
    place: u32,
}

/// Sorts the places of all servers of a fleet. Servers that are equal keep the order of the fleet. `order` may hold an
/// order of some or all of these places: one that is nearly right makes sorting cheap.
pub fn sort(fleet: &Fleet, sort: Sort, order: &mut Vec<u32>) {
    let count = u32::try_from(fleet.servers.len()).unwrap_or(u32::MAX);
    order.retain(|place| *place < count);
    if order.len() < count as usize {
        let mut there = vec![false; count as usize];
        for place in &*order {
            there[*place as usize] = true;
        }
        order.extend((0..count).filter(|place| !there[*place as usize]));
    }
    let names: HashMap<String, &str> = fleet
        .subscriptions
        .iter()
        .map(|subscription| (subscription.id.to_lowercase(), subscription.name.as_str()))
        .collect();
    let subscription = |server: &ServerSummary| -> String {
        let id = server.subscription.to_lowercase();
        names.get(&id).map_or(id, |name| name.to_lowercase())
    };
    let common = common_prefix(fleet);
    let mut keyed: Vec<Keyed> = order
        .iter()
        .map(|&place| {
            let server = &fleet.servers[place as usize];
            let key = match sort.key {
                SortKey::Risk | SortKey::Match => risk(server, common),
                SortKey::Name => prefix::<16>(&server.name, common),
                SortKey::Score => server
                    .score
                    .percent()
                    .map_or(u128::from(u8::MAX), u128::from),
                SortKey::Region => prefix::<16>(&server.region, 0),
                SortKey::Version => version(&server.version),
                SortKey::Subscription => prefix::<16>(&subscription(server), 0),
            };
            let more = match sort.key {
                SortKey::Risk | SortKey::Match => prefix::<16>(&server.name, common + 6),
                SortKey::Name => prefix::<16>(&server.name, common + 16),
                _ => 0,
            };
            Keyed { key, more, place }
        })
        .collect();
    let compare = |one: &Keyed, other: &Keyed| -> Ordering {
        let by_number = (one.key, one.more).cmp(&(other.key, other.more));
        let by_key = by_number.then_with(|| {
            let one = &fleet.servers[one.place as usize];
            let other = &fleet.servers[other.place as usize];
            match sort.key {
                // What goes before the name in the order of risk is whole in the key.
                SortKey::Risk | SortKey::Match => one
                    .name
                    .cmp(&other.name)
                    .then_with(|| one.id.cmp(&other.id)),
                SortKey::Name => one.name.cmp(&other.name),
                SortKey::Region => one.region.cmp(&other.region),
                SortKey::Version => one.version.cmp(&other.version),
                SortKey::Score => Ordering::Equal,
                SortKey::Subscription => subscription(one).cmp(&subscription(other)),
            }
        });
        let by_key = if sort.inverted {
            by_key.reverse()
        } else {
            by_key
        };
        by_key.then(one.place.cmp(&other.place))
    };
    keyed.sort_by(compare);
    order.clear();
    order.extend(keyed.into_iter().map(|keyed| keyed.place));
}

/// The first two steps of the order of risk, and the beginning of the name.
fn risk(server: &ServerSummary, common: usize) -> u128 {
    (risk_number(server) << 48) | prefix::<6>(&server.name, common)
}

/// The order of risk without names, as a number: lower is worse.
#[must_use]
pub fn risk_number(server: &ServerSummary) -> u128 {
    let open = server.open.iter().fold(0_u128, |key, count| {
        (key << 16) | u128::from(u16::MAX - count)
    });
    let unknown = u16::try_from(server.count(VerdictWord::Unknown)).unwrap_or(u16::MAX);
    (open << 16) | u128::from(u16::MAX - unknown)
}

/// How many bytes all names begin with: names of one fleet do, and those bytes tell nothing apart.
fn common_prefix(fleet: &Fleet) -> usize {
    let mut names = fleet.servers.iter().map(|server| server.name.as_bytes());
    let Some(first) = names.next() else { return 0 };
    names.fold(first.len(), |common, name| {
        let alike = first[..common].iter().zip(name);
        alike.take_while(|(one, other)| one == other).count()
    })
}

/// Some bytes of a text, from a place on, as a number that sorts as the text does.
fn prefix<const LENGTH: usize>(text: &str, from: usize) -> u128 {
    (from..from + LENGTH).fold(0, |key, place| {
        (key << 8) | u128::from(text.as_bytes().get(place).copied().unwrap_or(0))
    })
}

/// A version as a number: `8.0.9` before `8.0.37`; an unread one last.
fn version(text: &str) -> u128 {
    if text.is_empty() {
        return u128::MAX;
    }
    let mut parts = text.split(|c: char| !c.is_ascii_digit());
    (0..4).fold(0, |key, _| {
        let part = parts.next().and_then(|part| part.parse::<u32>().ok());
        key << 32 | u128::from(part.unwrap_or(0))
    }) & (u128::MAX >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::test_support::{fleet, summary};
    use proptest::prelude::*;

    fn sorted(fleet: &Fleet, key: SortKey, inverted: bool) -> Vec<u32> {
        let mut order = Vec::new();
        sort(fleet, Sort { key, inverted }, &mut order);
        order
    }

    #[test]
    fn an_order_is_known_by_its_word_and_a_direction() {
        for key in SortKey::ALL {
            for (suffix, inverted) in [("", false), (":asc", false), (":desc", true)] {
                let text = format!("{}{suffix}", key.word());
                assert_eq!(text.parse(), Ok(Sort { key, inverted }));
            }
        }
        for wrong in ["", "risk:", "risk:up", "colour", "risk:desc:desc"] {
            assert!(wrong.parse::<Sort>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn versions_are_numbers_and_unread_ones_come_last() {
        let servers = ["8.0.37", "8.0.9", "", "5.7.44", "8.4"].map(|version| ServerSummary {
            version: version.into(),
            ..summary("s")
        });
        let fleet = fleet(servers);
        assert_eq!(sorted(&fleet, SortKey::Version, false), [3, 1, 0, 4, 2]);
    }

    proptest! {
        #[test]
        fn every_order_is_the_order_of_its_key_and_stable(
            servers in proptest::collection::vec(
                ("(my-)?[ab]{0,8}", proptest::array::uniform4(0_u16..3), 0..3_u32, 0..25_usize), 0..40
            ),
            stale in proptest::collection::vec(0..40_u32, 0..1),
            inverted: bool,
        ) {
            let fleet = fleet(servers.into_iter().map(|(name, open, met, passing)| {
                let mut server = summary(&name);
                server.open = open;
                server.score.met = met;
                for cell in &mut server.cells[..passing] {
                    cell.verdict = VerdictWord::Pass;
                }
                server
            }));
            for key in SortKey::ALL {
                let mut order = stale.clone();
                sort(&fleet, Sort { key, inverted }, &mut order);
                prop_assert_eq!(&order, &sorted(&fleet, key, inverted));
                let mut expected: Vec<u32> = (0..u32::try_from(fleet.servers.len()).unwrap()).collect();
                expected.sort_by(|one, other| {
                    let (one, other) = (&fleet.servers[*one as usize], &fleet.servers[*other as usize]);
                    let by_key = match key {
                        SortKey::Risk | SortKey::Match => one.risk_order(other),
                        SortKey::Name => one.name.cmp(&other.name),
                        SortKey::Score => one.score.percent().cmp(&other.score.percent()),
                        SortKey::Region | SortKey::Version | SortKey::Subscription => Ordering::Equal,
                    };
                    if inverted { by_key.reverse() } else { by_key }
                });
                prop_assert_eq!(order, expected, "{:?}", key);
            }
        }
    }
}
