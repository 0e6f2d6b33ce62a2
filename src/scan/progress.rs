//! What a scan tells while it runs.

use std::collections::BTreeMap;

use crate::azure::{Allowance, Bucket, Held, Hold, Pressure};
use crate::documents::Subscription;
use crate::posture::ServerSummary;

use super::estimate::Plan;

/// Counts of a running scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meter {
    /// Requests sent.
    pub requests: u64,
    /// How many of them say again, or are about to say again, what failed before.
    pub repeated: u64,
    /// Requests sent, by subscription id in lower case.
    pub sent: BTreeMap<String, u64>,
    /// Documents of stored servers that were asked for, by the title of their kind; what servers share counts once.
    pub kinds: BTreeMap<&'static str, u64>,
    /// Servers found.
    pub found: u64,
    /// Servers read and stored.
    pub done: u64,
    /// Reads that brought nothing, by the word of their cause: how many, and one of them in words.
    pub unread: BTreeMap<&'static str, (u64, String)>,
    /// Failed reads that wait a little before they are tried again.
    pub retrying: usize,
    /// How Azure's limits stand, and what holds reads back; times are in steps of 100 ms.
    pub pressure: Pressure,
}

impl Meter {
    /// How many different reads were asked for.
    #[must_use]
    pub const fn reads(&self) -> u64 {
        self.requests.saturating_sub(self.repeated)
    }
}

/// What a scan tells while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// These subscriptions are asked.
    Subscriptions(Vec<Subscription>),
    /// So many servers were found, by subscription id.
    Found(BTreeMap<String, u64>),
    /// All servers were found, and this is what the scan reads, the look for them included.
    Planned(Plan),
    /// These servers are on disk, read as far as they could be.
    Stored(Vec<ServerSummary>),
    /// How far it is. Sent at most ten times a second, and only when something changed.
    Meter(Meter),
    /// What a reader of this scan must know.
    Note(String),
}

/// What is held back, in words for a person; `name` names a subscription by its id.
#[must_use]
pub fn held_in_words<'a>(held: &'a Held, name: impl Fn(&'a str) -> &'a str) -> String {
    let who = match &held.bucket {
        None => "everything",
        Some(Bucket::Subscription(id)) => name(id),
        Some(Bucket::Tenant) => "tenant",
        Some(Bucket::ResourceGraph) => "Resource Graph",
    };
    let seconds = held.remaining.as_millis().div_ceil(1000);
    match (held.hold, held.action) {
        (Hold::Offline, _) => format!("no connection, trying again in {seconds} s"),
        (Hold::Limit, _) => format!("waiting {seconds} s for {who}: request limit reached"),
        (Hold::LimitGivenUp, _) => {
            format!("gave up on {who}: request limit reached for {seconds} s")
        }
        (Hold::EndpointGivenUp, None) => {
            format!("gave up on {who}: all reads failed, trying again in {seconds} s")
        }
        (Hold::EndpointGivenUp, Some(action)) => {
            let kind = action.trim_end_matches("/read");
            let kind = kind.rsplit('/').next().unwrap_or(kind);
            format!("gave up on {kind} in {who}: all reads failed, trying again in {seconds} s")
        }
        (Hold::Paced, _) => {
            format!(
                "as fast as Azure allows for {who}: {} reads wait",
                held.waiting
            )
        }
    }
}

/// What Azure grants, in words for a person.
#[must_use]
pub fn allowance_in_words(allowance: &Allowance) -> String {
    match allowance.per_second {
        Some(rate) => format!("{} left, {rate}/s", allowance.requests),
        None => format!("{} left", allowance.requests),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_is_held_back_is_said_in_words() {
        let words = |bucket: Option<Bucket>, action, hold| {
            let held = Held {
                bucket,
                action,
                hold,
                waiting: 7,
                remaining: Duration::from_millis(2_100),
            };
            held_in_words(&held, |id| if id == "s" { "prod" } else { id })
        };
        let prod = || Some(Bucket::Subscription("s".to_owned()));
        assert_eq!(
            words(None, None, Hold::Offline),
            "no connection, trying again in 3 s"
        );
        assert_eq!(
            words(prod(), None, Hold::Limit),
            "waiting 3 s for prod: request limit reached"
        );
        assert_eq!(
            words(
                prod(),
                Some("Microsoft.DBforMySQL/flexibleServers/backups/read"),
                Hold::EndpointGivenUp
            ),
            "gave up on backups in prod: all reads failed, trying again in 3 s"
        );
        assert_eq!(
            words(Some(Bucket::ResourceGraph), None, Hold::Paced),
            "as fast as Azure allows for Resource Graph: 7 reads wait"
        );
    }
}
