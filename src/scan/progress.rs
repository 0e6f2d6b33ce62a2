//! What a scan tells while it runs.

use std::collections::BTreeMap;

use crate::documents::Subscription;
use crate::posture::ServerSummary;

use super::estimate::Bounds;

/// A pause that Azure asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The subscription that waits, when the pause is one subscription's.
    pub subscription: Option<String>,
    /// How long it still lasts, in milliseconds, when the message was made.
    pub remaining_ms: u64,
    /// Whether Azure's request limit is the reason; otherwise a failed read is about to be tried again.
    pub throttled: bool,
}

/// Counts of a running scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meter {
    /// Requests sent.
    pub requests: u64,
    /// Servers found.
    pub found: u64,
    /// Servers read and stored.
    pub done: u64,
    /// Reads that brought nothing, by the word of their cause: how many, and one of them in words.
    pub unread: BTreeMap<&'static str, (u64, String)>,
    /// The longest pause under way.
    pub waiting: Option<Waiting>,
    /// Reads that remain in the fullest account of the answers, when Azure told.
    pub remaining_reads: Option<u32>,
}

/// What a scan tells while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// These subscriptions are asked.
    Subscriptions(Vec<Subscription>),
    /// So many servers were found, by subscription id.
    Found(BTreeMap<String, u64>),
    /// So many requests the scan will make, the look for servers among them, as far as that is known before it reads.
    Planned(Bounds),
    /// These servers are on disk, read as far as they could be.
    Stored(Vec<ServerSummary>),
    /// How far it is. Sent at most ten times a second, and only when something changed.
    Meter(Meter),
    /// What a reader of this scan must know.
    Note(String),
}
