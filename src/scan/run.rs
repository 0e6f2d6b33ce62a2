//! The scan itself.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::azure::{self, ArmClient, ReadError};
use crate::documents::{Cause, ServerDocuments, Subscription};
use crate::posture::{self, Judge, Ruleset, ServerSummary, Standing};
use crate::store::{Completeness, Scope, StoreError, Writer};

use super::find::Finder;
use super::fitting::fitting;
use super::fleet::Fleet;
use super::meter::Counter;
use super::neighbours::Neighbours;
use super::progress::Progress;
use super::resume::Known;
use super::select;
use super::spill::Spill;

/// Servers being read at once. The client has its own ceiling on requests; this one bounds the memory.
pub(super) const SERVERS_AT_ONCE: usize = 48;
/// Servers that wait for the disk at most.
pub(super) const QUEUE: usize = 16;
/// The most servers of one transaction.
pub(super) const BATCH: usize = 32;
/// How often the meter is looked at.
const METER_EVERY: Duration = Duration::from_millis(100);

/// What a scan needs.
pub struct Job {
    /// The client to read with.
    pub client: ArmClient,
    /// Which part of what is visible is scanned.
    pub scope: Scope,
    /// The file that it writes.
    pub writer: Writer,
    /// What it goes on from, when it was broken off before.
    pub known: Option<Known>,
    /// What the list is judged by. The file keeps the list as it is without exemptions.
    pub judge: Arc<Judge>,
    /// Who hears how far it is. A closed channel is no reason to stop.
    pub progress: mpsc::UnboundedSender<Progress>,
    /// Ends the scan; what was read until then is kept.
    pub cancellation: CancellationToken,
}

/// How a scan ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The finished file.
    pub path: PathBuf,
    /// Whether everything was asked for.
    pub completeness: Completeness,
    /// How many servers it holds.
    pub servers: u64,
    /// Requests that were sent.
    pub requests: u64,
    /// What a reader must know, for example what was not visible.
    pub notes: Vec<String>,
    /// Subscriptions whose servers could not be listed.
    pub unlisted: Vec<String>,
}

/// Why a scan could not be made at all.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The list of subscriptions could not be read.
    #[error("the list of subscriptions could not be read: {}", describe(.0))]
    Subscriptions(ReadError),
    /// The scope names management groups, and which subscriptions lie below them could not be read.
    #[error("which subscriptions lie below the management groups could not be read: {}", describe(.0))]
    ManagementGroups(ReadError),
    /// Nothing that is visible fits what was asked for; in words, why.
    #[error("nothing fits what was asked for: {}", .0.join("; "))]
    NothingFits(Vec<String>),
    /// A refresh had no answer about any of its servers.
    #[error("nothing could be read again: {0}")]
    NothingRead(Cause),
    /// The file could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A task of the scan ended by a defect of the program.
    #[error("a part of the scan failed, which is a defect of flexposture: {0}")]
    Defect(String),
}

/// Gives up a scan that has read nothing. An empty file would be the newest scan, and hide the one before it; of two errors
/// the first one says more than that the file could not be removed.
pub(super) fn given_up(writer: Writer, error: ScanError) -> ScanError {
    let _ = writer.discard();
    error
}

pub(super) fn describe(error: &ReadError) -> String {
    if error.is_without_token() {
        format!("there is no token for Azure: {}", error.message)
    } else if error.message.is_empty() {
        error.cause.to_string()
    } else {
        format!("{} ({})", error.cause, error.message)
    }
}

/// Scans, and leaves a finished file.
///
/// # Errors
/// When the subscriptions cannot be listed, or the file cannot be written. Anything else that goes wrong costs the fact
/// that it concerns.
pub async fn run(job: Job) -> Result<Done, ScanError> {
    let Job {
        client,
        scope,
        writer,
        known,
        judge,
        progress,
        cancellation,
    } = job;
    let counter = Arc::new(Counter::default());
    let client = client
        .observed(counter.clone())
        .cancelled_by(cancellation.clone());
    let last_word = progress.clone();
    let meter = tokio::spawn(report(client.clone(), counter.clone(), progress.clone()));
    let _stop_reporting = AbortOnDrop(meter);

    let visible = match azure::subscriptions(&client).await {
        Ok(visible) => visible,
        Err(error) => return Err(given_up(writer, ScanError::Subscriptions(error))),
    };
    let mut notes = Vec::new();
    if visible.subscriptions.is_empty() {
        notes.push("no subscription is visible to this account".to_owned());
    }
    if visible.rejected > 0 {
        notes.push(format!(
            "{} entries of the list of subscriptions have no usable id: what they hold is not visible",
            visible.rejected
        ));
    }
    let selected = select::subscriptions(&client, &scope, &visible.subscriptions);
    let selected = match Box::pin(selected).await {
        Ok(selected) => selected,
        Err(error) => return Err(given_up(writer, error)),
    };
    notes.extend(selected.missing);
    let subscriptions = selected.subscriptions;
    let _ = progress.send(Progress::Subscriptions(subscriptions.clone()));

    for note in &notes {
        let _ = progress.send(Progress::Note(note.clone()));
    }

    let reader = client.clone();
    let (to_disk, from_readers) = mpsc::channel(QUEUE);
    let spill = Arc::new(Spill::beside(writer.path()));
    let (scope, known) = (Arc::new(scope), known.map(Arc::new));
    let mut neighbours = Neighbours::new(client.clone(), &visible.subscriptions, spill.clone());
    if let Some(known) = &known {
        neighbours = match known.tell_shared(neighbours).await {
            Ok(told) => told,
            Err(error) => return Err(given_up(writer, error)),
        };
    }
    let fleet = Arc::new(Fleet {
        neighbours,
        finder: Finder {
            client: client.clone(),
            scope: scope.clone(),
            visible: visible.subscriptions,
            known: known.clone(),
            spill: spill.clone(),
            counter: counter.clone(),
            progress: progress.clone(),
            to_disk: to_disk.clone(),
        },
        client,
        spill,
        scope: scope.clone(),
        known,
        judge: judge.clone(),
        counter: counter.clone(),
        to_disk: to_disk.clone(),
        cancellation: cancellation.clone(),
    });
    let disk = {
        let (notes, subscriptions) = (notes.clone(), subscriptions.clone());
        let cancellation = cancellation.clone();
        tokio::task::spawn_blocking(move || {
            let kept = keep(
                writer,
                &subscriptions,
                &notes,
                from_readers,
                &progress,
                &cancellation,
                &judge.ruleset,
            );
            if kept.is_err() {
                // Reading on would only lose what is read.
                cancellation.cancel();
            }
            kept
        })
    };
    let ids = subscriptions.into_iter().map(|it| (it.id, it.name));
    let reading = fleet.read(ids.collect()).await;
    drop(fleet);
    if let Ok(found) = &reading {
        for word in &found.unmatched {
            let _ = last_word.send(Progress::Note(word.clone()));
            let _ = to_disk.send(ToDisk::Note(word.clone())).await;
        }
        if found.fits_nothing(&scope) {
            // An empty file would look like a fleet without servers.
            let _ = to_disk.send(ToDisk::Nothing).await;
        }
    }
    drop(to_disk);
    let kept = disk
        .await
        .map_err(|error| ScanError::Defect(error.to_string()))??;
    let found = reading?;
    let Some((path, completeness, servers)) = kept else {
        return Err(ScanError::NothingFits(found.unmatched));
    };
    notes.extend(found.notes);
    notes.extend(found.unmatched);
    if let Some(last) = counter.changed(reader.pressure()) {
        let _ = last_word.send(Progress::Meter(last));
    }
    Ok(Done {
        path,
        completeness,
        servers,
        requests: counter.requests(),
        notes,
        unlisted: found.unlisted,
    })
}

/// What was read about a server, with its summary as the file keeps it and as it is shown, exemptions applied.
pub(super) struct Read {
    documents: ServerDocuments,
    kept: Standing,
    shown: ServerSummary,
}

impl Read {
    pub(super) fn new(documents: ServerDocuments, judge: &Judge) -> Self {
        let documents = fitting(documents);
        let mut findings = posture::judge(&documents, &judge.ruleset);
        let kept = Standing::new(&documents, &findings);
        let shown = if judge.exemptions.concern(documents.id(), judge.today) {
            judge
                .exemptions
                .apply(documents.id(), &mut findings, judge.today);
            ServerSummary::new(&documents, &findings)
        } else {
            kept.summary.clone()
        };
        Self {
            documents,
            kept,
            shown,
        }
    }
}

/// What goes to the file.
pub(super) enum ToDisk {
    /// A server that was found, read as far as it could be.
    Server(Box<Read>),
    /// What a reader must know.
    Note(String),
    /// The id of a subscription whose servers could not be listed.
    Unlisted(String),
    /// That there is nothing to keep.
    Nothing,
}

pub(super) fn joined(result: Option<Result<(), tokio::task::JoinError>>) -> Result<(), ScanError> {
    match result {
        Some(Err(error)) => Err(ScanError::Defect(error.to_string())),
        Some(Ok(())) | None => Ok(()),
    }
}

/// Writes what comes, as many servers in a transaction as are there, and finishes the file; `None` when there was nothing
/// to keep.
fn keep(
    mut writer: Writer,
    subscriptions: &[Subscription],
    notes: &[String],
    mut from_readers: mpsc::Receiver<ToDisk>,
    progress: &mpsc::UnboundedSender<Progress>,
    cancellation: &CancellationToken,
    ruleset: &Ruleset,
) -> Result<Option<(PathBuf, Completeness, u64)>, StoreError> {
    writer.subscriptions(subscriptions)?;
    for note in notes {
        writer.note(note)?;
    }
    let mut count = 0;
    let mut batch = Vec::with_capacity(BATCH);
    while from_readers.blocking_recv_many(&mut batch, BATCH) > 0 {
        let mut servers = Vec::with_capacity(batch.len());
        let mut unlisted = Vec::new();
        for it in batch.drain(..) {
            match it {
                ToDisk::Server(read) => servers.push(read),
                ToDisk::Note(note) => writer.note(&note)?,
                ToDisk::Unlisted(id) => unlisted.push(id),
                ToDisk::Nothing => {
                    writer.discard()?;
                    return Ok(None);
                }
            }
        }
        if !unlisted.is_empty() {
            writer.unlisted(&unlisted)?;
        }
        if !servers.is_empty() {
            writer.servers(servers.iter().map(|read| (&read.documents, &read.kept)))?;
            count += servers.len() as u64;
            let stored = servers.into_iter().map(|read| read.shown).collect();
            let _ = progress.send(Progress::Stored(stored));
        }
    }
    // Whoever is asked ends with all servers that were found, or the scan with an error.
    let completeness = if cancellation.is_cancelled() {
        Completeness::Cancelled
    } else {
        Completeness::Complete
    };
    let path = writer.finish(completeness, Timestamp::now(), ruleset)?;
    Ok(Some((path, completeness, count)))
}

/// Reports the meter while it changes.
pub(super) async fn report(
    client: ArmClient,
    counter: Arc<Counter>,
    progress: mpsc::UnboundedSender<Progress>,
) {
    let mut every = tokio::time::interval(METER_EVERY);
    loop {
        every.tick().await;
        if let Some(meter) = counter.changed(client.pressure())
            && progress.send(Progress::Meter(meter)).is_err()
        {
            return;
        }
    }
}

pub(super) struct AbortOnDrop(pub(super) tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
