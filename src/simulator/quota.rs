//! How many reads a caller has left, and what the headers say about it.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The limits that are kept and announced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Quota {
    /// No limits and none of their headers.
    Unlimited,
    /// A bucket of reads for each subscription, and one for Resource Graph, as Azure documents them:
    /// announced in headers, and answered with 429 when empty.
    Limited {
        /// Reads that a full bucket holds.
        burst: u32,
        /// Reads that come back each second.
        per_second: f64,
        /// Resource Graph queries in each window of five seconds.
        queries: u32,
    },
}

impl Quota {
    /// 250 reads and 25 more each second for each subscription; 15 queries in five seconds.
    /// Source: Microsoft Learn, "Understand how Azure Resource Manager throttles requests" and
    /// "Guidance for throttled requests in Azure Resource Graph".
    pub const DOCUMENTED: Self = Self::Limited {
        burst: 250,
        per_second: 25.0,
        queries: 15,
    };
}

/// What was left of a limit after a request was counted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// Nothing is counted.
    Unlimited,
    /// The request may go on.
    Of(u32),
    /// The request is refused; the whole seconds after which another may come.
    Wait(u64),
}

const WINDOW: Duration = Duration::from_secs(5);

#[derive(Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

/// The state of all limits of one caller.
#[derive(Debug)]
pub(super) struct Meter {
    quota: Quota,
    subscriptions: Mutex<HashMap<String, Bucket>>,
    /// Start of the window of Resource Graph and how many queries it has seen.
    graph: Mutex<Option<(Instant, u32)>>,
}

impl Meter {
    pub(super) fn new(quota: Quota) -> Self {
        Self {
            quota,
            subscriptions: Mutex::default(),
            graph: Mutex::default(),
        }
    }

    /// Counts a read in a subscription, or in the tenant when `scope` is empty.
    pub(super) fn read(&self, scope: &str, now: Instant) -> Left {
        let Quota::Limited {
            burst, per_second, ..
        } = self.quota
        else {
            return Left::Unlimited;
        };
        let mut buckets = self
            .subscriptions
            .lock()
            .unwrap_or_else(|it| it.into_inner());
        let bucket = buckets.entry(scope.to_ascii_lowercase()).or_insert(Bucket {
            left: f64::from(burst),
            at: now,
        });
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.left = (bucket.left + passed * per_second).min(f64::from(burst));
        bucket.at = bucket.at.max(now);
        if bucket.left < 1.0 {
            let seconds = (1.0 - bucket.left) / per_second.max(0.001);
            return Left::Wait((seconds.ceil() as u64).max(1));
        }
        bucket.left -= 1.0;
        Left::Of(bucket.left as u32)
    }

    /// Counts a query of Resource Graph.
    pub(super) fn query(&self, now: Instant) -> Left {
        let Quota::Limited { queries, .. } = self.quota else {
            return Left::Unlimited;
        };
        let mut window = self.graph.lock().unwrap_or_else(|it| it.into_inner());
        let (start, seen) = window.get_or_insert((now, 0));
        if now.saturating_duration_since(*start) >= WINDOW {
            (*start, *seen) = (now, 0);
        }
        if *seen >= queries {
            let rest = WINDOW.saturating_sub(now.saturating_duration_since(*start));
            return Left::Wait((rest.as_secs_f64().ceil() as u64).max(1));
        }
        *seen += 1;
        Left::Of(queries - *seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_runs_dry_says_so_and_fills_again() {
        let meter = Meter::new(Quota::Limited {
            burst: 2,
            per_second: 0.5,
            queries: 15,
        });
        let start = Instant::now();
        assert_eq!(meter.read("A", start), Left::Of(1));
        assert_eq!(meter.read("a", start), Left::Of(0));
        assert_eq!(meter.read("a", start), Left::Wait(2));
        assert_eq!(meter.read("b", start), Left::Of(1));
        assert_eq!(meter.read("a", start + Duration::from_secs(2)), Left::Of(0));
        assert_eq!(
            meter.read("a", start + Duration::from_secs(60)),
            Left::Of(1)
        );
    }

    #[test]
    fn queries_are_counted_in_windows_of_five_seconds() {
        let meter = Meter::new(Quota::Limited {
            burst: 1,
            per_second: 1.0,
            queries: 1,
        });
        let start = Instant::now();
        assert_eq!(meter.query(start), Left::Of(0));
        assert_eq!(meter.query(start + Duration::from_secs(1)), Left::Wait(4));
        assert_eq!(meter.query(start + WINDOW), Left::Of(0));
    }

    #[test]
    fn without_limits_nothing_is_counted() {
        let meter = Meter::new(Quota::Unlimited);
        assert_eq!(meter.read("a", Instant::now()), Left::Unlimited);
        assert_eq!(meter.query(Instant::now()), Left::Unlimited);
    }
}
