//! What is searched in: the text of all servers in one string, and what fields ask for as numbers.

use std::collections::HashMap;
use std::fmt;

use crate::baseline::FeatureId;
use crate::documents::Subscription;
use crate::posture::{Fleet, ServerSummary};

use super::cells::{Kinds, kind};
use super::fold;
use super::vocabulary::{Dictionaries, Dictionary};

/// What separates a server's fields: no query holds it, so that no word matches across two fields.
pub(super) const SEPARATOR: char = '\n';

/// Stands for a server without a score.
pub(super) const NO_SCORE: u8 = u8::MAX;

/// Where a server's text lies.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Row {
    start: u32,
    name_end: u32,
    end: u32,
}

/// What fields ask of a server: places in the dictionaries, and its cells.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Facts {
    pub subscription: u32,
    pub group: u32,
    pub region: u32,
    pub version: u32,
    pub state: u32,
    tags: (u32, u32),
    pub score: u8,
    pub cells: [u8; FeatureId::COUNT],
    pub kinds: Kinds,
}

/// The text to search in, folded to lower case: one string for all servers, and where each one's part lies. Beside it
/// what fields ask for, every text once and a number for it in each server.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SearchIndex {
    text: String,
    rows: Vec<Row>,
    facts: Vec<Facts>,
    tags: Vec<u32>,
    dictionaries: Dictionaries,
}

impl fmt::Debug for SearchIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SearchIndex")
            .field("servers", &self.rows.len())
            .field("bytes", &self.text.len())
            .finish()
    }
}

impl SearchIndex {
    /// The text of all servers of a fleet, in its order.
    #[must_use]
    pub fn new(fleet: &Fleet) -> Self {
        let mut index = Self {
            text: String::with_capacity(fleet.servers.len().saturating_mul(112)),
            rows: Vec::with_capacity(fleet.servers.len()),
            facts: Vec::with_capacity(fleet.servers.len()),
            ..Self::default()
        };
        let names = subscription_names(&fleet.subscriptions);
        for (place, server) in fleet.servers.iter().enumerate() {
            index.put(place, server, name_of(&names, server));
        }
        index
    }

    /// How many servers it holds.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Brings the servers at these places up to date; a place at the end adds one.
    pub fn update(&mut self, fleet: &Fleet, places: &[u32]) {
        let names = subscription_names(&fleet.subscriptions);
        for &place in places {
            if let Some(server) = fleet.servers.get(place as usize) {
                self.put(place as usize, server, name_of(&names, server));
            }
        }
    }

    /// Everything of a server.
    pub(super) fn text(&self, place: u32) -> &str {
        self.rows
            .get(place as usize)
            .map_or("", |row| &self.text[row.start as usize..row.end as usize])
    }

    /// A server's name.
    pub(super) fn name(&self, place: u32) -> &str {
        self.rows.get(place as usize).map_or("", |row| {
            &self.text[row.start as usize..row.name_end as usize]
        })
    }

    /// What fields ask of a server.
    pub(super) fn facts(&self, place: u32) -> Option<&Facts> {
        self.facts.get(place as usize)
    }

    /// The places of a server's tags in their dictionary.
    pub(super) fn tags(&self, facts: &Facts) -> &[u32] {
        let (start, end) = facts.tags;
        self.tags.get(start as usize..end as usize).unwrap_or(&[])
    }

    /// Every text that a field can ask for.
    pub(super) const fn dictionaries(&self) -> &Dictionaries {
        &self.dictionaries
    }

    /// The text of a server that is replaced stays behind unused: that happens only while a scan grows.
    fn put(&mut self, place: usize, server: &ServerSummary, subscription: &str) {
        // Beyond two gigabytes of text a server is listed but not found.
        if place > self.rows.len() || self.text.len() > (u32::MAX / 2) as usize {
            return;
        }
        let offset = |text: &String| u32::try_from(text.len()).unwrap_or(u32::MAX);
        let start = offset(&self.text);
        self.push(&server.name);
        let name_end = offset(&self.text);
        for field in [
            &*server.resource_group,
            subscription,
            &*server.region,
            &*server.version,
            &*server.state,
        ] {
            self.text.push(SEPARATOR);
            self.push(field);
        }
        for (name, value) in server.tags.iter() {
            self.text.push(SEPARATOR);
            self.push(name);
            self.text.push('=');
            self.push(value);
        }
        let row = Row {
            start,
            name_end,
            end: offset(&self.text),
        };
        let facts = self.learn(server, subscription);
        match (self.rows.get_mut(place), self.facts.get_mut(place)) {
            (Some(row_before), Some(before)) => {
                *row_before = row;
                let before = std::mem::replace(before, facts);
                self.forget(&before);
            }
            _ => {
                self.rows.push(row);
                self.facts.push(facts);
            }
        }
    }

    fn learn(&mut self, server: &ServerSummary, subscription: &str) -> Facts {
        let known = &mut self.dictionaries;
        let offset = |tags: &Vec<u32>| u32::try_from(tags.len()).unwrap_or(u32::MAX);
        let start = offset(&self.tags);
        for (name, value) in server.tags.iter() {
            self.tags.push(known.tags.learn_tag(name, value));
        }
        let cells = server.cells.map(kind);
        Facts {
            subscription: known
                .subscriptions
                .learn_as(&server.subscription, subscription),
            group: known.groups.learn(&server.resource_group),
            region: known.regions.learn(&server.region),
            version: known.versions.learn(&server.version),
            state: known.states.learn(&server.state),
            tags: (start, offset(&self.tags)),
            score: server.score.percent().unwrap_or(NO_SCORE),
            kinds: cells.iter().fold(0, |all, kind| all | 1 << kind),
            cells,
        }
    }

    fn forget(&mut self, facts: &Facts) {
        let known = &mut self.dictionaries;
        let forget = |dictionary: &mut Dictionary, place| dictionary.forget(place);
        forget(&mut known.subscriptions, facts.subscription);
        forget(&mut known.groups, facts.group);
        forget(&mut known.regions, facts.region);
        forget(&mut known.versions, facts.version);
        forget(&mut known.states, facts.state);
        let (start, end) = facts.tags;
        for tag in self.tags.get(start as usize..end as usize).unwrap_or(&[]) {
            known.tags.forget(*tag);
        }
    }

    fn push(&mut self, field: &str) {
        if field.is_ascii() {
            let start = self.text.len();
            self.text.push_str(field);
            self.text[start..].make_ascii_lowercase();
        } else {
            self.text.extend(field.chars().map(fold));
        }
    }
}

fn subscription_names(subscriptions: &[Subscription]) -> HashMap<String, &str> {
    subscriptions
        .iter()
        .map(|subscription| (subscription.id.to_lowercase(), subscription.name.as_str()))
        .collect()
}

fn name_of<'a>(names: &HashMap<String, &'a str>, server: &'a ServerSummary) -> &'a str {
    names
        .get(&server.subscription.to_lowercase())
        .copied()
        .unwrap_or(&server.subscription)
}
