//! The text to search in: all servers in one string.

use std::collections::HashMap;
use std::fmt;

use crate::documents::Subscription;
use crate::posture::{Fleet, ServerSummary};

use super::fold;

/// What separates a server's fields: no query holds it, so that no word matches across two fields.
const SEPARATOR: char = '\n';

/// Where a server's text lies.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Row {
    start: u32,
    name_end: u32,
    end: u32,
}

/// The text to search in, folded to lower case: one string for all servers, and where each one's part lies.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SearchIndex {
    text: String,
    rows: Vec<Row>,
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
    pub(in crate::app) fn update(&mut self, fleet: &Fleet, places: &[u32]) {
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
        for (name, value) in &server.tags {
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
        match self.rows.get_mut(place) {
            Some(old) => *old = row,
            None => self.rows.push(row),
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
