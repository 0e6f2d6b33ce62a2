//! How the request limits stand: what the client knows of them, and what holds reads back. For a progress screen.

use std::time::Duration;

/// What Azure counts requests by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bucket {
    /// Reads of one subscription, its id in lower case.
    Subscription(String),
    /// Reads that belong to no subscription.
    Tenant,
    /// Queries of Resource Graph.
    ResourceGraph,
}

impl Bucket {
    /// The bucket that a path counts in.
    pub(super) fn of_path(path: &str) -> Self {
        let mut segments = path.split('/').skip(1);
        match (segments.next(), segments.next()) {
            (Some(word), Some(id))
                if word.eq_ignore_ascii_case("subscriptions") && !id.is_empty() =>
            {
                Self::Subscription(id.to_ascii_lowercase())
            }
            _ => Self::Tenant,
        }
    }

    /// The subscription, when it is one's.
    #[must_use]
    pub fn subscription(&self) -> Option<&str> {
        match self {
            Self::Subscription(id) => Some(id),
            Self::Tenant | Self::ResourceGraph => None,
        }
    }
}

/// What holds reads back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// No connection can be made; nothing is asked before the next attempt.
    Offline,
    /// Azure said "too many requests" and how long to wait.
    Limit,
    /// Azure asked for a longer wait than a scan waits, or refused too often: the reads of the bucket end.
    LimitGivenUp,
    /// What was asked failed so often that it is not asked before the next attempt.
    EndpointGivenUp,
    /// What Azure grants is used up and comes back bit by bit.
    Paced,
}

/// Reads that are held back now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Whose reads; `None` when it is everybody's.
    pub bucket: Option<Bucket>,
    /// The role-based access control action of the reads, when it is only one kind of them.
    pub action: Option<&'static str>,
    /// Why.
    pub hold: Hold,
    /// How many reads wait.
    pub waiting: usize,
    /// How long until the next one may start.
    pub remaining: Duration,
}

/// What Azure grants in a bucket, as its answers tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The bucket.
    pub bucket: Bucket,
    /// Requests that may start at once.
    pub requests: u32,
    /// Requests that come back each second, where they come back bit by bit.
    pub per_second: Option<u32>,
}

/// How all limits stand at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pressure {
    /// What is held back, the gravest first.
    pub held: Vec<Held>,
    /// What is granted, in the order of the buckets; only of those in use whose answers
    /// told.
    pub allowances: Vec<Allowance>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_count_in_their_subscription() {
        let bucket = |id: &str| Bucket::Subscription(id.to_owned());
        assert_eq!(
            Bucket::of_path("/Subscriptions/A1/resourceGroups/x"),
            bucket("a1")
        );
        assert_eq!(Bucket::of_path("/subscriptions/A1"), bucket("a1"));
        for path in [
            "/subscriptions",
            "/subscriptions/",
            "/providers/x/y",
            "/",
            "",
        ] {
            assert_eq!(Bucket::of_path(path), Bucket::Tenant, "{path}");
        }
    }
}
