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
    ArmClient, Inventory, InventoryPages, InventoryRow, MOST_REJECTED, ReadError, ServerFilter,
    inventory_by_list,
};
use crate::documents::text::neutral;
use crate::documents::{Cause, ResourceId, Subscription};
use crate::store::Scope;

use super::estimate::{Estimate, Estimator};
use super::meter::Counter;
use super::portion::Cutter;
use super::progress::Progress;
use super::queue::Queue;
use super::resume::Known;
use super::run::{ScanError, ToDisk, describe};
use super::select::{self, Unmatched};
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
    /// What of the scope no server fits, in words.
    pub unmatched: Vec<String>,
    /// What a scan of them reads.
    pub estimate: Estimate,
}

impl Found {
    /// Whether some servers were asked for and none is there, as far as that can be told.
    pub fn fits_nothing(&self, scope: &Scope) -> bool {
        scope.is_narrow() && self.estimate.servers == 0 && self.unlisted.is_empty()
    }
}

/// Finds servers, and tells everybody.
pub struct Finder {
    /// Whom it asks.
    pub client: ArmClient,
    /// Which servers it looks for.
    pub scope: Arc<Scope>,
    /// The subscriptions that the account sees.
    pub visible: Vec<Subscription>,
    /// What was read before, when the scan goes on from there.
    pub known: Option<Arc<Known>>,
    /// Where it puts aside what waits.
    pub spill: Arc<Spill>,
    /// What counts the servers.
    pub counter: Arc<Counter>,
    /// Who hears of them.
    pub progress: mpsc::UnboundedSender<Progress>,
    /// Who keeps what a reader must know.
    pub to_disk: mpsc::Sender<ToDisk>,
}

/// What is known while servers are being found.
struct Search<'a> {
    finder: &'a Finder,
    filter: Arc<ServerFilter>,
    queue: &'a Queue,
    cutter: Cutter<'a>,
    seen: Seen,
    unmatched: Unmatched,
    estimator: Estimator,
    /// How many were found, by subscription id in lower case.
    counts: BTreeMap<String, u64>,
    told: Option<Instant>,
    found: Found,
    /// Whether Resource Graph may not be asked.
    is_refused: bool,
    /// How many rows that are no server were told, and how many more there were.
    rejected: usize,
    more_rejected: u64,
}

impl Finder {
    /// Finds the servers of these subscriptions, by id and name, and queues them. The queue has an end when this returns.
    pub async fn find(
        &self,
        subscriptions: &[(String, String)],
        queue: &Queue,
    ) -> Result<Found, ScanError> {
        let mut search = Search {
            finder: self,
            filter: Arc::new(select::server_filter(&self.scope)),
            queue,
            cutter: Cutter::new(&self.spill),
            seen: Seen::default(),
            unmatched: Unmatched::of(&self.scope),
            estimator: Estimator::new(self.scope.clone(), &self.visible, subscriptions.len()),
            counts: BTreeMap::new(),
            told: None,
            found: Found::default(),
            is_refused: false,
            rejected: 0,
            more_rejected: 0,
        };
        let searched = search.all(subscriptions).await;
        queue.end();
        searched?;
        let mut found = search.found;
        found.estimate = search.estimator.finish();
        let planned = Progress::Planned(found.estimate.plan());
        let _ = self.progress.send(planned);
        let ids: Vec<String> = subscriptions.iter().map(|(id, _)| id.clone()).collect();
        found.unmatched = search.unmatched.words(&self.client, &ids).await;
        Ok(found)
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
        self.known_before().await?;
        if self.more_rejected > 0 {
            self.note(format!(
                "{} more rows of the inventory cannot be taken as a server: servers may be missing",
                self.more_rejected
            ))
            .await;
        }
        let last = self.cutter.end().map_err(unpacked)?;
        self.queue.add(last);
        self.tell();
        Ok(())
    }

    /// Servers that were read before and are not found any more stay in the scan.
    async fn known_before(&mut self) -> Result<(), ScanError> {
        let Some(known) = &self.finder.known else {
            return Ok(());
        };
        let seen = std::mem::take(&mut self.seen);
        let beside = known.beside(move |key| seen.has(key)).await?;
        if beside.is_empty() {
            return Ok(());
        }
        self.note(format!(
            "{} servers that were read before this scan was broken off are not found any more",
            beside.len()
        ))
        .await;
        self.add(Inventory {
            rows: beside,
            ..Inventory::default()
        })
        .await
    }

    /// Finds the servers of a batch; breaks when the scan was cancelled meanwhile.
    async fn batch(&mut self, batch: &[(String, String)]) -> Result<Flow, ScanError> {
        if !self.is_refused {
            let ids: Vec<String> = batch.iter().map(|(id, _)| id.clone()).collect();
            let filter = self.filter.clone();
            let mut pages = InventoryPages::ask(&self.finder.client, &ids, &filter);
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
            match inventory_by_list(&self.finder.client, id, &self.filter).await {
                Ok(inventory) => self.add(inventory).await?,
                Err(error) if error.cause == Cause::Cancelled => return Ok(Flow::Break(())),
                Err(error) => self.not_visible(id, name, &error).await,
            }
        }
        Ok(Flow::Continue(()))
    }

    async fn add(&mut self, inventory: Inventory) -> Result<(), ScanError> {
        self.more_rejected += inventory.more_rejected;
        for rejected in inventory.rejected {
            if self.rejected < MOST_REJECTED {
                self.rejected += 1;
                self.note(rejected).await;
            } else {
                self.more_rejected += 1;
            }
        }
        let mut new = 0;
        for row in inventory.rows {
            if self.seen.is_new(&row.id) {
                new += 1;
                self.count(&row);
                self.unmatched.see(&row);
                let known = self.finder.known.as_ref();
                self.estimator
                    .add(&row, known.is_some_and(|known| known.holds(&row)));
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
        let number = self.number(&id.key());
        self.numbers.insert(number)
    }

    fn has(&self, key: &str) -> bool {
        self.numbers.contains(&self.number(key))
    }

    fn number(&self, key: &str) -> (u64, u64) {
        (self.one.hash_one(key), self.other.hash_one(key))
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
