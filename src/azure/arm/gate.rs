//! When a request may start: gates that "too many requests" closes for a whole bucket, and a ceiling on how many requests
//! are under way.
//!
//! Azure counts requests by subscription and caller, and Resource Graph by itself. A bucket here is one such count, and
//! every request passes [`Limits::admit`], the one place where limits can be obeyed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::azure::observer::{Observer, Wait, WaitReason};

/// The longest that a gate stays closed, whatever an answer says.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// Those who waited at a gate do not all go through in the same moment, but spread over this span.
const SPREAD: Duration = Duration::from_millis(500);

/// What Azure counts requests by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::azure) enum Bucket {
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
    pub(super) fn subscription(&self) -> Option<&str> {
        match self {
            Self::Subscription(id) => Some(id),
            Self::Tenant | Self::ResourceGraph => None,
        }
    }
}

/// The bucket is closed for longer than anyone waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Closed;

/// The limits that all clones of a client share.
pub(super) struct Limits {
    gates: Mutex<HashMap<Bucket, Gate>>,
    under_way: Arc<Semaphore>,
    longest_wait: Duration,
}

#[derive(Clone, Copy)]
struct Gate {
    opens: Instant,
    /// Closed for so long that nobody waits: every read fails until it opens.
    given_up: bool,
}

impl Limits {
    pub(super) fn new(ceiling: usize, longest_wait: Duration) -> Self {
        Self {
            gates: Mutex::default(),
            under_way: Arc::new(Semaphore::new(ceiling.max(1))),
            longest_wait,
        }
    }

    /// Lets nothing start in the bucket for a while. When that is longer than anyone waits, the reads of the bucket end.
    pub(super) fn close(&self, bucket: &Bucket, duration: Duration) {
        let opens = Instant::now() + duration.min(LONGEST);
        let given_up = duration > self.longest_wait;
        self.gates()
            .entry(bucket.clone())
            .and_modify(|gate| {
                gate.given_up = given_up || (gate.given_up && gate.opens > Instant::now());
                gate.opens = gate.opens.max(opens);
            })
            .or_insert(Gate { opens, given_up });
    }

    /// Waits until a request may start. What it returns is held while the request is under way.
    pub(super) async fn admit(
        &self,
        bucket: &Bucket,
        observer: &dyn Observer,
    ) -> Result<OwnedSemaphorePermit, Closed> {
        loop {
            self.pass(bucket, observer).await?;
            let permit = Arc::clone(&self.under_way)
                .acquire_owned()
                .await
                .map_err(|_| Closed)?;
            // While this one waited for its turn, another one may have closed the gate. Then the turn is another
            // bucket's.
            if self.remaining(bucket)?.is_zero() {
                return Ok(permit);
            }
        }
    }

    async fn pass(&self, bucket: &Bucket, observer: &dyn Observer) -> Result<(), Closed> {
        loop {
            let remaining = self.remaining(bucket)?;
            if remaining.is_zero() {
                return Ok(());
            }
            let duration = remaining + SPREAD.mul_f64(fastrand::f64());
            observer.on_wait(&Wait {
                subscription: bucket.subscription().map(str::to_owned),
                duration,
                reason: WaitReason::Throttled,
            });
            tokio::time::sleep(duration).await;
        }
    }

    fn remaining(&self, bucket: &Bucket) -> Result<Duration, Closed> {
        let gates = self.gates();
        let Some(gate) = gates.get(bucket) else {
            return Ok(Duration::ZERO);
        };
        let remaining = gate.opens.saturating_duration_since(Instant::now());
        if gate.given_up && !remaining.is_zero() {
            Err(Closed)
        } else {
            Ok(remaining)
        }
    }

    fn gates(&self) -> std::sync::MutexGuard<'_, HashMap<Bucket, Gate>> {
        self.gates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::observer::NoObserver;

    fn limits(ceiling: usize) -> Arc<Limits> {
        Arc::new(Limits::new(ceiling, Duration::from_secs(120)))
    }

    fn bucket(id: &str) -> Bucket {
        Bucket::Subscription(id.to_owned())
    }

    #[test]
    fn paths_count_in_their_subscription() {
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

    #[tokio::test(start_paused = true)]
    async fn nothing_starts_before_the_gate_opens_and_other_buckets_go_on() {
        let limits = limits(16);
        let started = Instant::now();
        limits.close(&bucket("a"), Duration::from_secs(10));
        limits.close(&bucket("a"), Duration::from_secs(3));
        drop(limits.admit(&bucket("b"), &NoObserver).await.unwrap());
        assert_eq!(started.elapsed(), Duration::ZERO);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let limits = Arc::clone(&limits);
            tasks.spawn(async move {
                let _permit = limits.admit(&bucket("a"), &NoObserver).await.unwrap();
                Instant::now()
            });
        }
        for at in tasks.join_all().await {
            let waited = at - started;
            assert!(waited >= Duration::from_secs(10), "{waited:?}");
            assert!(waited < Duration::from_secs(11), "{waited:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_gate_that_closes_while_one_waits_for_its_turn_is_seen() {
        let limits = limits(1);
        let started = Instant::now();
        let first = limits.admit(&bucket("a"), &NoObserver).await.unwrap();
        let second = tokio::spawn({
            let limits = Arc::clone(&limits);
            async move { limits.admit(&bucket("a"), &NoObserver).await.map(drop) }
        });
        tokio::task::yield_now().await;
        limits.close(&bucket("a"), Duration::from_secs(7));
        drop(first);
        second.await.unwrap().unwrap();
        assert!(started.elapsed() >= Duration::from_secs(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_is_too_long_ends_the_reads_until_it_has_passed() {
        let limits = limits(1);
        limits.close(&bucket("a"), Duration::from_secs(121));
        limits.close(&bucket("a"), Duration::from_secs(5));
        assert!(limits.admit(&bucket("a"), &NoObserver).await.is_err());
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(limits.admit(&bucket("a"), &NoObserver).await.is_err());
        assert!(limits.admit(&bucket("b"), &NoObserver).await.is_ok());
        tokio::time::advance(Duration::from_secs(61)).await;
        assert!(limits.admit(&bucket("a"), &NoObserver).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_for_a_gate_that_is_given_up_end_too() {
        let limits = limits(1);
        limits.close(&bucket("a"), Duration::from_secs(10));
        let waiting = tokio::spawn({
            let limits = Arc::clone(&limits);
            async move { limits.admit(&bucket("a"), &NoObserver).await.map(drop) }
        });
        tokio::task::yield_now().await;
        limits.close(&bucket("a"), Duration::from_secs(3600));
        assert_eq!(waiting.await.unwrap(), Err(Closed));
    }
}
