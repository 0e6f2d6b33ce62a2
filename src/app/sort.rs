//! The order of the servers.

use std::cmp::Ordering;
use std::collections::HashMap;

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

/// A number that decides most comparisons without touching a server's text.
struct Keyed {
    key: u128,
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
    let mut keyed: Vec<Keyed> = order
        .iter()
        .map(|&place| {
            let server = &fleet.servers[place as usize];
            let key = match sort.key {
                SortKey::Risk | SortKey::Match => risk(server),
                SortKey::Name => prefix::<16>(&server.name),
                SortKey::Score => server
                    .score
                    .percent()
                    .map_or(u128::from(u8::MAX), u128::from),
                SortKey::Region => prefix::<16>(&server.region),
                SortKey::Version => version(&server.version),
                SortKey::Subscription => prefix::<16>(&subscription(server)),
            };
            Keyed { key, place }
        })
        .collect();
    let compare = |one: &Keyed, other: &Keyed| -> Ordering {
        let by_key = one.key.cmp(&other.key).then_with(|| {
            let one = &fleet.servers[one.place as usize];
            let other = &fleet.servers[other.place as usize];
            match sort.key {
                SortKey::Risk | SortKey::Match => one.risk_order(other),
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
fn risk(server: &ServerSummary) -> u128 {
    let open = server.open.iter().fold(0_u128, |key, count| {
        key << 16 | u128::from(u16::MAX - count)
    });
    let unknown = u16::try_from(server.count(VerdictWord::Unknown)).unwrap_or(u16::MAX);
    (open << 16 | u128::from(u16::MAX - unknown)) << 48 | prefix::<6>(&server.name)
}

/// The first bytes of a text as a number that sorts as the text does.
fn prefix<const LENGTH: usize>(text: &str) -> u128 {
    (0..LENGTH).fold(0, |key, place| {
        key << 8 | u128::from(text.as_bytes().get(place).copied().unwrap_or(0))
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
