//! Counting what the client does, without sending a message for every request.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::azure::{Observer, Wait, WaitReason};
use crate::documents::text::neutral;
use crate::documents::{Cause, Document, DocumentKind, Outcome};

use super::progress::{Meter, Waiting};

/// Listens to the client and counts.
#[derive(Debug, Default)]
pub struct Counter(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    meter: Meter,
    /// The shared documents that were counted as unread.
    shared: HashSet<(DocumentKind, Box<str>)>,
    pauses: Vec<Pause>,
    reported: Option<Meter>,
}

#[derive(Debug)]
struct Pause {
    subscription: Option<String>,
    ends: Instant,
    throttled: bool,
}

impl Counter {
    /// Counts servers that were found.
    pub fn found(&self, servers: u64) {
        self.with(|counts| counts.meter.found += servers);
    }

    /// Counts a server that is stored, and what of it is unread.
    pub fn done<'a>(&self, documents: impl IntoIterator<Item = &'a Document>) {
        self.with(|counts| {
            counts.meter.done += 1;
            for document in documents {
                if let Outcome::Unread(cause) = &document.outcome {
                    if let Some(about) = &document.shared
                        && !counts.shared.insert((document.kind, about.clone()))
                    {
                        continue;
                    }
                    let unread = counts.meter.unread.entry(cause.word());
                    let (count, _) = unread.or_insert_with(|| (0, example(document, cause)));
                    *count += 1;
                }
            }
        });
    }

    /// How many requests were sent.
    pub fn requests(&self) -> u64 {
        self.with(|counts| counts.meter.requests)
    }

    /// How far it is, when that changed since the last time it was asked.
    pub fn changed(&self) -> Option<Meter> {
        self.with(|counts| {
            let now = Instant::now();
            counts.pauses.retain(|pause| pause.ends > now);
            counts.meter.waiting = counts
                .pauses
                .iter()
                .max_by_key(|pause| (pause.throttled, pause.ends))
                .map(|pause| Waiting {
                    subscription: pause.subscription.clone(),
                    remaining_ms: whole_tenths(pause.ends - now),
                    throttled: pause.throttled,
                });
            if counts.reported.as_ref() == Some(&counts.meter) {
                return None;
            }
            counts.reported = Some(counts.meter.clone());
            Some(counts.meter.clone())
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Counts) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Milliseconds in steps of 100, so that a pause does not count as a change at every look.
fn whole_tenths(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis())
        .unwrap_or(u64::MAX)
        .div_ceil(100)
        * 100
}

impl Observer for Counter {
    fn on_request_started(&self, _: Option<&str>) {
        self.with(|counts| counts.meter.requests += 1);
    }

    fn on_wait(&self, wait: &Wait) {
        self.with(|counts| {
            counts.pauses.push(Pause {
                subscription: wait.subscription.clone(),
                ends: Instant::now() + wait.duration,
                throttled: wait.reason == WaitReason::Throttled,
            });
        });
    }

    fn on_response(&self, _: Option<&str>, _: u16, remaining_reads: Option<u32>) {
        if remaining_reads.is_some() {
            self.with(|counts| counts.meter.remaining_reads = remaining_reads);
        }
    }
}

/// A read that brought nothing, in words for a person.
fn example(document: &Document, cause: &Cause) -> String {
    let words = format!(
        "{} at {}: {cause}",
        document.kind.title(),
        document.request.path
    );
    neutral(&words).into_owned()
}
