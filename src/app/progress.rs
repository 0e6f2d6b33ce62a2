//! How far a running scan is.

use super::Completeness;

/// How far one subscription is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubscriptionProgress {
    /// The subscription's name.
    pub name: String,
    /// How many servers it holds, as far as is known.
    pub found: usize,
    /// How many of them were read.
    pub done: usize,
    /// What Azure's request limit still grants, in words, while its answers tell.
    pub granted: Option<String>,
}

/// Reads that went wrong in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgressError {
    /// The kind, in words: `access denied`.
    pub kind: String,
    /// How many.
    pub count: usize,
    /// One of them in full.
    pub example: String,
}

/// Reads of one kind that are planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedKind {
    /// What is read, in words.
    pub what: String,
    /// How many of them were made for servers that are stored; `None` for what is asked for many servers at once.
    pub done: Option<u64>,
    /// How many there are at least.
    pub least: u64,
    /// How many there are at most.
    pub most: u64,
}

/// What a scan reads, once all servers were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Planned {
    /// How many requests there are at least.
    pub least: u64,
    /// How many there are at most, with one page for each list.
    pub most: u64,
    /// How many different reads were asked for.
    pub reads: u64,
    /// They by kind.
    pub kinds: Vec<PlannedKind>,
}

/// How a scan ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// How much of it there is.
    pub completeness: Completeness,
    /// What there is to say, for example that it was cancelled.
    pub words: String,
}

/// How far a running scan is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many servers were found so far.
    pub servers_found: usize,
    /// How many of them were read.
    pub servers_done: usize,
    /// How many requests were sent.
    pub requests: u64,
    /// How many facts could not be read.
    pub unread: u64,
    /// What is planned, once that is known.
    pub planned: Option<Planned>,
    /// How long it still takes, in words, or why that is not known yet; empty before the scan has said how far it is.
    pub time_left: String,
    /// Whether that is known.
    pub time_is_known: bool,
    /// What holds reads back now, in words, the gravest first.
    pub waiting: Vec<String>,
    /// What went wrong, by kind.
    pub errors: Vec<ProgressError>,
    /// Every subscription.
    pub subscriptions: Vec<SubscriptionProgress>,
    /// How it ended, when it has.
    pub finished: Option<Finished>,
}

impl Progress {
    /// How much of the servers found was read, from 0 to 100; `None` before the first was found.
    #[must_use]
    pub fn percent(&self) -> Option<u8> {
        percent(self.servers_done, self.servers_found)
    }
}

impl SubscriptionProgress {
    /// How much of the servers found was read, from 0 to 100; `None` before the first was found.
    #[must_use]
    pub fn percent(&self) -> Option<u8> {
        percent(self.done, self.found)
    }
}

fn percent(done: usize, found: usize) -> Option<u8> {
    (found > 0).then(|| u8::try_from(done.min(found).saturating_mul(100) / found).unwrap_or(100))
}
