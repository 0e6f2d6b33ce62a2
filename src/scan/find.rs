//! Finding the servers: by Resource Graph, page by page, and where that does not answer by the list of each
//! subscription. What is found is cut into portions at once, so that the first servers are read while the last are
//! still being looked for.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::azure::estate::SUBSCRIPTIONS_OF_A_QUESTION;
use crate::azure::{
    ArmClient, Inventory, InventoryPages, InventoryRow, ReadError, inventory_by_list,
};
use crate::documents::text::neutral;
use crate::documents::{Cause, ResourceId};

use super::meter::Counter;
use super::portion::Cutter;
use super::progress::Progress;
use super::queue::Queue;
use super::run::{ScanError, ToDisk, describe};
use super::spill::Spill;

/// How often the counts are told at most.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// What there is to know when all that could be found was found.
#[derive(Debug, Default)]
pub struct Found {
    /// What a reader must know.
    pub notes: Vec<String>,
    /// The ids of subscriptions whose servers could not be listed, or not all of them.
    pub unlisted: Vec<String>,
}

/// Finds servers, and tells everybody.
pub struct Finder {
    client: ArmClient,
    spill: Arc<Spill>,
    counter: Arc<Counter>,
    progress: mpsc::UnboundedSender<Progress>,
    to_disk: mpsc::Sender<ToDisk>,
}

/// What is known while servers are being found.
struct Search<'a> {
    finder: &'a Finder,
    queue: &'a Queue,
    cutter: Cutter<'a>,
    seen: Seen,
    /// How many were found, by subscription id in lower case.
    counts: BTreeMap<String, u64>,
    told: Option<Instant>,
    found: Found,
    /// Whether Resource Graph may not be asked.
    is_refused: bool,
}

impl Finder {
    /// A finder that asks this client, puts aside there, and tells those.
    pub fn new(
        client: ArmClient,
        spill: Arc<Spill>,
        counter: Arc<Counter>,
        progress: mpsc::UnboundedSender<Progress>,
        to_disk: mpsc::Sender<ToDisk>,
    ) -> Self {
        Self {
            client,
            spill,
            counter,
            progress,
            to_disk,
        }
    }

    /// Finds the servers of these subscriptions, by id and name, and queues them. The queue has an end when this returns.
    pub async fn find(
        &self,
        subscriptions: &[(String, String)],
        queue: &Queue,
    ) -> Result<Found, ScanError> {
        let mut search = Search {
            finder: self,
            queue,
            cutter: Cutter::new(&self.spill),
            seen: Seen::default(),
            counts: BTreeMap::new(),
            told: None,
            found: Found::default(),
            is_refused: false,
        };
        let searched = search.all(subscriptions).await;
        queue.end();
        searched.map(|()| search.found)
    }
}

impl Search<'_> {
    async fn all(&mut self, subscriptions: &[(String, String)]) -> Result<(), ScanError> {
        let mut rest = subscriptions;
        while !rest.is_empty() {
            let (batch, others) = rest.split_at(rest.len().min(SUBSCRIPTIONS_OF_A_QUESTION));
            if self.batch(batch).await?.is_break() {
                self.cancelled(rest).await;
                break;
            }
            rest = others;
        }
        let last = self.cutter.end().map_err(unpacked)?;
        self.queue.add(last);
        self.tell();
        Ok(())
    }

    /// Finds the servers of a batch; breaks when the scan was cancelled meanwhile.
    async fn batch(&mut self, batch: &[(String, String)]) -> Result<Flow, ScanError> {
        if !self.is_refused {
            let ids: Vec<String> = batch.iter().map(|(id, _)| id.clone()).collect();
            let mut pages = InventoryPages::ask(&self.finder.client, &ids);
            let error = loop {
                match pages.next().await {
                    Ok(Some(page)) => self.add(page).await?,
                    Ok(None) => return Ok(Flow::Continue(())),
                    Err(error) => break error,
                }
            };
            if error.cause == Cause::Cancelled {
                return Ok(Flow::Break(()));
            }
            self.is_refused = matches!(error.cause, Cause::Denied { .. });
            self.note(format!(
                "Resource Graph did not answer ({}); the servers were listed subscription by subscription",
                describe(&error)
            ))
            .await;
        }
        for (id, name) in batch {
            match inventory_by_list(&self.finder.client, id).await {
                Ok(inventory) => self.add(inventory).await?,
                Err(error) if error.cause == Cause::Cancelled => return Ok(Flow::Break(())),
                Err(error) => self.not_visible(id, name, &error).await,
            }
        }
        Ok(Flow::Continue(()))
    }

    async fn add(&mut self, inventory: Inventory) -> Result<(), ScanError> {
        for rejected in inventory.rejected {
            self.note(rejected).await;
        }
        let mut new = 0;
        for row in inventory.rows {
            if self.seen.is_new(&row.id) {
                new += 1;
                self.count(&row);
                self.cutter.add(row).map_err(unpacked)?;
            }
        }
        self.finder.counter.found(new);
        self.queue.add(self.cutter.ready());
        if self.told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
            self.tell();
        }
        Ok(())
    }

    fn count(&mut self, row: &InventoryRow) {
        let subscription = row.id.subscription().to_lowercase();
        *self.counts.entry(subscription).or_default() += 1;
    }

    fn tell(&mut self) {
        self.told = Some(Instant::now());
        let _ = self
            .finder
            .progress
            .send(Progress::Found(self.counts.clone()));
    }

    async fn note(&mut self, note: String) {
        let finder = self.finder;
        let _ = finder.progress.send(Progress::Note(note.clone()));
        // The disk's end is gone only when it failed, and then it says so itself.
        let _ = finder.to_disk.send(ToDisk::Note(note.clone())).await;
        self.found.notes.push(note);
    }

    async fn not_visible(&mut self, id: &str, name: &str, error: &ReadError) {
        self.note(format!(
            "the servers of {} ({id}) are not visible: {}",
            neutral(name),
            describe(error)
        ))
        .await;
        self.unlisted(id).await;
    }

    async fn unlisted(&mut self, id: &str) {
        let message = ToDisk::Unlisted(id.to_owned());
        let _ = self.finder.to_disk.send(message).await;
        self.found.unlisted.push(id.to_owned());
    }

    /// The scan was cancelled while the servers of these were looked for, or before.
    async fn cancelled(&mut self, rest: &[(String, String)]) {
        self.note(format!(
            "the scan was cancelled before all servers were found: those of {} subscriptions may be missing",
            rest.len()
        ))
        .await;
        for (id, _) in rest {
            self.unlisted(id).await;
        }
    }
}

type Flow = std::ops::ControlFlow<()>;

fn unpacked(error: std::io::Error) -> ScanError {
    ScanError::Defect(format!("what was found could not be packed: {error}"))
}

/// The servers that were found, each as a number of 128 bits: ids themselves are long, and there may be very many. Two
/// servers of a million share a number once in 10²⁶ scans.
#[derive(Default)]
struct Seen {
    one: RandomState,
    other: RandomState,
    numbers: HashSet<(u64, u64)>,
}

impl Seen {
    fn is_new(&mut self, id: &ResourceId) -> bool {
        let key = id.key();
        let number = (self.one.hash_one(&key), self.other.hash_one(&key));
        self.numbers.insert(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_new_once_in_whatever_casing() {
        let mut seen = Seen::default();
        let id = |text: &str| ResourceId::parse(text).unwrap();
        assert!(seen.is_new(&id("/subscriptions/s/x/one")));
        assert!(seen.is_new(&id("/subscriptions/s/x/two")));
        assert!(!seen.is_new(&id("/SUBSCRIPTIONS/S/x/One")));
    }
}
