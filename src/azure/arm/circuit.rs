//! What only fails is not hammered: after many reads that failed one after the other the circuit opens, further reads
//! fail at once, and now and then one tries whether it has become better.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::azure::error::ReadError;
use crate::azure::pressure::{Bucket, Held, Hold};
use crate::documents::{Cause, Unreachable};

/// Reads of one kind in one bucket that fail one after the other before they are given up.
const OF_ONE_KIND: u32 = 16;

/// Reads of any kind in one bucket that fail one after the other before they are given up.
const OF_ANY_KIND: u32 = 32;

/// The pause before the first attempt after that; each further one is twice as long.
const FIRST: Duration = Duration::from_secs(5);

/// The longest pause between two attempts.
const LONGEST: Duration = Duration::from_secs(300);

/// What fails or does not: the reads of one kind (by their action) in a bucket, or all of the bucket.
type Endpoint = (Bucket, Option<&'static str>);

/// The circuits of all endpoints. An endpoint that did not fail since its last success has none.
#[derive(Debug, Default)]
pub(super) struct Circuits(Mutex<HashMap<Endpoint, Circuit>>);

#[derive(Debug)]
struct Circuit {
    /// Reads that failed since the last success.
    failures: u32,
    open: Option<Open>,
    /// Why the last one failed.
    last: String,
}

#[derive(Debug)]
struct Open {
    probe_at: Instant,
    probes: u32,
}

impl Circuits {
    /// Why a read is not worth sending, when its endpoint is given up. Where an attempt is due, the one who asks is it.
    pub(super) fn refusal(&self, bucket: &Bucket, action: &'static str) -> Option<ReadError> {
        let mut circuits = self.circuits();
        let now = Instant::now();
        let endpoints = endpoints(bucket, action);
        for endpoint in &endpoints {
            if let Some(circuit) = circuits.get(endpoint)
                && circuit.open.as_ref().is_some_and(|it| now < it.probe_at)
            {
                return Some(circuit.error());
            }
        }
        for endpoint in &endpoints {
            // Whatever becomes of this attempt, the next one is later.
            if let Some(open) = circuits.get_mut(endpoint).and_then(|it| it.open.as_mut()) {
                open.put_off(now);
            }
        }
        None
    }

    /// A try failed: the last one of its read, or one of several.
    pub(super) fn failed(
        &self,
        bucket: &Bucket,
        action: &'static str,
        error: &ReadError,
        last_try: bool,
    ) {
        let mut circuits = self.circuits();
        let now = Instant::now();
        for endpoint in endpoints(bucket, action) {
            let most = if endpoint.1.is_some() {
                OF_ONE_KIND
            } else {
                OF_ANY_KIND
            };
            let circuit = circuits.entry(endpoint).or_insert_with(|| Circuit {
                failures: 0,
                open: None,
                last: String::new(),
            });
            circuit.last = error.to_string();
            circuit.failures += u32::from(last_try);
            if circuit.failures >= most && circuit.open.is_none() {
                circuit.open = Some(Open::new(now));
            }
        }
    }

    /// Whether the endpoint of a read is given up: then one try is enough.
    pub(super) fn is_open(&self, bucket: &Bucket, action: &'static str) -> bool {
        let circuits = self.circuits();
        endpoints(bucket, action)
            .iter()
            .any(|endpoint| circuits.get(endpoint).is_some_and(|it| it.open.is_some()))
    }

    /// Azure answered something that is no failure of the endpoint: a refusal is an answer too.
    pub(super) fn answered(&self, bucket: &Bucket, action: &'static str) {
        let mut circuits = self.circuits();
        if !circuits.is_empty() {
            for endpoint in endpoints(bucket, action) {
                circuits.remove(&endpoint);
            }
        }
    }

    /// What is given up now.
    pub(super) fn held(&self) -> Vec<Held> {
        let now = Instant::now();
        let circuits = self.circuits();
        let mut held: Vec<Held> = circuits
            .iter()
            .filter_map(|((bucket, action), circuit)| {
                let open = circuit.open.as_ref()?;
                Some(Held {
                    bucket: Some(bucket.clone()),
                    action: *action,
                    hold: Hold::EndpointGivenUp,
                    waiting: 0,
                    remaining: open.probe_at.saturating_duration_since(now),
                })
            })
            .collect();
        held.sort_by(|a, b| (&a.bucket, a.action).cmp(&(&b.bucket, b.action)));
        held
    }

    fn circuits(&self) -> std::sync::MutexGuard<'_, HashMap<Endpoint, Circuit>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Circuit {
    fn error(&self) -> ReadError {
        ReadError::new(Cause::Unreachable {
            kind: Unreachable::GivenUp,
            detail: format!(
                "{} reads like it failed one after the other, the last one because: {}",
                self.failures, self.last
            ),
        })
    }
}

impl Open {
    fn new(now: Instant) -> Self {
        let mut open = Self {
            probe_at: now,
            probes: 0,
        };
        open.put_off(now);
        open
    }

    fn put_off(&mut self, now: Instant) {
        let pause = FIRST
            .saturating_mul(2_u32.saturating_pow(self.probes))
            .min(LONGEST);
        self.probe_at = now + pause.mul_f64(0.75 + 0.25 * fastrand::f64());
        self.probes += 1;
    }
}

fn endpoints(bucket: &Bucket, action: &'static str) -> [Endpoint; 2] {
    [(bucket.clone(), None), (bucket.clone(), Some(action))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(id: &str) -> Bucket {
        Bucket::Subscription(id.to_owned())
    }

    fn failure() -> ReadError {
        ReadError::of_answer(500, b"", "", "")
    }

    #[tokio::test(start_paused = true)]
    async fn what_only_fails_is_given_up_and_tried_ever_more_rarely() {
        let circuits = Circuits::default();
        for number in 0..OF_ONE_KIND {
            assert!(circuits.refusal(&bucket("a"), "x").is_none(), "{number}");
            circuits.failed(&bucket("a"), "x", &failure(), false);
            circuits.failed(&bucket("a"), "x", &failure(), true);
        }
        let error = circuits.refusal(&bucket("a"), "x").expect("given up");
        let words = error.to_string();
        assert!(
            words.contains("16 reads") && words.contains("500"),
            "{words}"
        );
        assert!(circuits.refusal(&bucket("a"), "y").is_none());
        assert!(circuits.refusal(&bucket("b"), "x").is_none());
        assert_eq!(circuits.held().len(), 1);

        let mut probes = 0;
        for _ in 0..3600 {
            tokio::time::advance(Duration::from_secs(1)).await;
            if circuits.refusal(&bucket("a"), "x").is_none() {
                probes += 1;
                circuits.failed(&bucket("a"), "x", &failure(), true);
            }
        }
        assert!((12..=24).contains(&probes), "{probes} in an hour");
        circuits.answered(&bucket("a"), "x");
        assert!(circuits.refusal(&bucket("a"), "x").is_none());
        assert!(circuits.held().is_empty());
    }

    #[test]
    fn one_success_in_between_is_enough() {
        let circuits = Circuits::default();
        for _ in 0..10 * OF_ANY_KIND {
            for _ in 1..OF_ONE_KIND {
                circuits.failed(&bucket("a"), "x", &failure(), true);
            }
            circuits.answered(&bucket("a"), "x");
            assert!(circuits.refusal(&bucket("a"), "x").is_none());
        }
    }

    #[test]
    fn a_bucket_in_which_nothing_succeeds_is_given_up_as_a_whole() {
        let circuits = Circuits::default();
        for kind in ["u", "v", "w", "x"] {
            for _ in 0..OF_ANY_KIND / 4 {
                circuits.failed(&bucket("a"), kind, &failure(), true);
            }
        }
        assert!(circuits.refusal(&bucket("a"), "y").is_some());
        circuits.answered(&bucket("a"), "y");
        assert!(circuits.refusal(&bucket("a"), "x").is_none());
    }
}
