//! The servers of a scan, read and worked on by all cores, and told in the order of the inventory.
//!
//! Each worker has a connection of its own: they share nothing but the number of the next servers to take, and memory
//! holds the documents of one server a worker.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::Scan;
use super::layers::Below;
use crate::documents::ServerDocuments;
use crate::store::StoreError;

/// How many servers a worker takes at once: neighbours share documents, which are then read once a worker.
const TAKEN_AT_ONCE: usize = 32;

/// A server with its number in the file, where the file holds all of it.
pub(super) type Numbered = (Option<i64>, String);

/// What came of the servers that were taken at once: which ones, those that were read, and what ended it.
type Outcome<T> = (usize, Vec<T>, Result<(), StoreError>);

impl Scan {
    /// Reads every server for the judge and does `work` on it, with its place in the inventory, on all cores: of parameters
    /// that no condition looks at the documents hold the names, and nothing else. What came of it is handed
    /// to `each` on the thread of the caller, in the order of the inventory, for as long as `each` wants more. Returns
    /// whether it wanted all of it.
    ///
    /// # Errors
    /// When the file is damaged: that of the first such server, when all before it were handed over.
    pub fn work_through<T: Send>(
        &mut self,
        work: impl Fn(usize, &ServerDocuments) -> T + Sync,
        each: impl FnMut(T) -> bool,
    ) -> Result<bool, StoreError> {
        let places = self.ids()?;
        self.work_on(&places, work, each)
    }

    /// The same for some servers.
    pub(super) fn work_on<T: Send>(
        &mut self,
        places: &[Numbered],
        work: impl Fn(usize, &ServerDocuments) -> T + Sync,
        each: impl FnMut(T) -> bool,
    ) -> Result<bool, StoreError> {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let _ = self.below()?;
        self.read_for_the_judge(true);
        let whole = self.work_with(cores, places, work, each);
        self.read_for_the_judge(false);
        whole
    }

    fn work_with<T: Send>(
        &mut self,
        workers: usize,
        places: &[Numbered],
        work: impl Fn(usize, &ServerDocuments) -> T + Sync,
        mut each: impl FnMut(T) -> bool,
    ) -> Result<bool, StoreError> {
        let workers = workers.min(places.len().div_ceil(TAKEN_AT_ONCE));
        // Where the file cannot be opened once more, fewer do the work.
        let mut others: Vec<Self> = (1..workers).map_while(|_| self.again()).collect();
        if others.is_empty() {
            for (place, (ord, id)) in places.iter().enumerate() {
                let documents = self.documents_of(*ord, id)?;
                if !each(work(place, &documents)) {
                    return Ok(false);
                }
            }
            return Ok(true);
        }
        let share = Share {
            places,
            next: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
        };
        let (sender, outcomes) = sync_channel(2 * workers);
        thread::scope(|threads| {
            let running: Vec<_> = std::iter::once(self)
                .chain(&mut others)
                .map(|scan| {
                    let (sender, share, work) = (sender.clone(), &share, &work);
                    threads.spawn(move || share.work(scan, work, &sender))
                })
                .collect();
            drop(sender);
            let told = tell_in_order(outcomes, each);
            share.stopped.store(true, Ordering::Relaxed);
            for worker in running {
                if let Err(panic) = worker.join() {
                    std::panic::resume_unwind(panic);
                }
            }
            told
        })
    }

    /// The same scan over the same ones, opened once more; `None` where that cannot be done.
    fn again(&self) -> Option<Self> {
        let id = |scan: &Self| -> rusqlite::Result<String> {
            scan.connection
                .query_row("SELECT id FROM scan", [], |row| row.get(0))
        };
        let mut scan = Self::open(&self.path).ok()?;
        // Another file may stand there by now.
        if id(self).ok()? != id(&scan).ok()? {
            return None;
        }
        scan.below = match &self.below {
            Below::Open(below) => Below::Open(Box::new(below.again()?)),
            Below::Missing(why) => Below::Missing(why.clone()),
            Below::Nothing => Below::Nothing,
            Below::NotOpened => Below::NotOpened,
        };
        scan.above.clone_from(&self.above);
        let lean = self.reader.is_for_the_judge();
        scan.reader.read_for_the_judge(lean);
        Some(scan)
    }

    fn read_for_the_judge(&mut self, lean: bool) {
        self.reader.read_for_the_judge(lean);
        if let Below::Open(below) = &mut self.below {
            below.read_for_the_judge(lean);
        }
    }
}

/// What workers share.
struct Share<'a> {
    places: &'a [Numbered],
    /// The first server that nobody took.
    next: AtomicUsize,
    /// Whether nobody wants more.
    stopped: AtomicBool,
}

impl Share<'_> {
    fn work<T>(
        &self,
        scan: &mut Scan,
        work: &impl Fn(usize, &ServerDocuments) -> T,
        sender: &SyncSender<Outcome<T>>,
    ) {
        loop {
            let first = self.next.fetch_add(TAKEN_AT_ONCE, Ordering::Relaxed);
            let Some(rest) = self.places.get(first..).filter(|rest| !rest.is_empty()) else {
                return;
            };
            let mut done = Vec::with_capacity(TAKEN_AT_ONCE);
            let mut ended = Ok(());
            for (place, (ord, id)) in (first..).zip(rest.iter().take(TAKEN_AT_ONCE)) {
                if self.stopped.load(Ordering::Relaxed) {
                    return;
                }
                match scan.documents_of(*ord, id) {
                    Ok(documents) => done.push(work(place, &documents)),
                    Err(error) => {
                        ended = Err(error);
                        break;
                    }
                }
            }
            let damaged = ended.is_err();
            if sender.send((first, done, ended)).is_err() || damaged {
                return;
            }
        }
    }
}

/// Hands over what comes, in order: what is ahead of its turn waits.
fn tell_in_order<T>(
    outcomes: Receiver<Outcome<T>>,
    mut each: impl FnMut(T) -> bool,
) -> Result<bool, StoreError> {
    let mut waiting = BTreeMap::new();
    let mut turn = 0;
    for (first, done, ended) in outcomes {
        waiting.insert(first, (done, ended));
        while let Some((done, ended)) = waiting.remove(&turn) {
            for one in done {
                if !each(one) {
                    return Ok(false);
                }
            }
            ended?;
            turn += TAKEN_AT_ONCE;
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests;
