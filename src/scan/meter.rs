//! Counting what the client does, without sending a message for every request.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::azure::{Observer, Pressure};
use crate::documents::text::neutral;
use crate::documents::{Cause, Document, DocumentKind, Outcome};

use super::progress::Meter;

/// Listens to the client and counts.
#[derive(Debug, Default)]
pub struct Counter(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    meter: Meter,
    /// The shared documents that were counted.
    shared: HashSet<(DocumentKind, Box<str>)>,
    /// When the failed reads that wait are tried again.
    retries: Vec<Instant>,
    reported: Option<Meter>,
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
                if let Some(about) = &document.shared
                    && !counts.shared.insert((document.kind, about.clone()))
                {
                    continue;
                }
                let not_asked = [Cause::Cancelled, Cause::NotAsked].map(Outcome::Unread);
                if !not_asked.contains(&document.outcome) {
                    *counts.meter.kinds.entry(document.kind.title()).or_default() += 1;
                }
                if let Outcome::Unread(cause) = &document.outcome {
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

    /// How far it is, when that or how the limits stand changed since the last time it was asked.
    pub fn changed(&self, mut pressure: Pressure) -> Option<Meter> {
        for held in &mut pressure.held {
            held.remaining = whole_tenths(held.remaining);
        }
        self.with(|counts| {
            let now = Instant::now();
            counts.retries.retain(|ends| *ends > now);
            counts.meter.retrying = counts.retries.len();
            counts.meter.pressure = pressure;
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

/// In steps of 100 ms, so that a pause does not count as a change at every look.
fn whole_tenths(duration: Duration) -> Duration {
    let tenths = u64::try_from(duration.as_millis().div_ceil(100)).unwrap_or(u64::MAX);
    Duration::from_millis(tenths.saturating_mul(100))
}

impl Observer for Counter {
    fn on_request_started(&self, subscription: Option<&str>) {
        self.with(|counts| {
            counts.meter.requests += 1;
            if let Some(id) = subscription {
                match counts.meter.sent.get_mut(id) {
                    Some(sent) => *sent += 1,
                    None => {
                        counts.meter.sent.insert(id.to_owned(), 1);
                    }
                }
            }
        });
    }

    fn on_retry(&self, _: Option<&str>, pause: Duration) {
        self.with(|counts| {
            counts.meter.repeated += 1;
            counts.retries.push(Instant::now() + pause);
        });
    }

    fn on_response(&self, _: Option<&str>, _: u16, _: Option<u32>) {}
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
