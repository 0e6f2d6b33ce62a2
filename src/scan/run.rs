//! The scan itself.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::azure::{self, ArmClient, Inventory, InventoryRow, ReadError, inventory_by_list};
use crate::documents::text::neutral;
use crate::documents::{
    Cause, Document, DocumentKind, Method, Outcome, Request, ServerDocuments, Subscription,
};
use crate::posture::{self, Judge, Ruleset, ServerSummary, Standing};
use crate::store::{Completeness, StoreError, Writer};

use super::meter::{Counter, by_subscription};
use super::neighbours::Neighbours;
use super::plan::{self, Wanted};
use super::progress::Progress;
use super::read::read_server;
use super::scope::Scope;
use super::turns::Turns;

/// Servers being read at once. The client has its own ceiling on requests; this one bounds the memory.
pub(super) const SERVERS_AT_ONCE: usize = 48;
/// Servers that wait for the disk at most.
pub(super) const QUEUE: usize = 256;
/// The most servers of one transaction.
pub(super) const BATCH: usize = 200;
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

fn describe(error: &ReadError) -> String {
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
        judge,
        progress,
        cancellation,
    } = job;
    let counter = Arc::new(Counter::default());
    let client = client
        .observed(counter.clone())
        .cancelled_by(cancellation.clone());
    let meter = tokio::spawn(report(client.clone(), counter.clone(), progress.clone()));
    let _stop_reporting = AbortOnDrop(meter);

    let visible = match azure::subscriptions(&client).await {
        Ok(visible) => visible,
        Err(error) => {
            // An empty file would be the newest scan, and hide the one before it.
            writer.discard()?;
            return Err(ScanError::Subscriptions(error));
        }
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
    let (subscriptions, missing) = scope.select(visible.subscriptions.clone());
    for wanted in missing {
        notes.push(format!(
            "the subscription {wanted} was asked for and is not visible to this account"
        ));
    }
    let _ = progress.send(Progress::Subscriptions(subscriptions.clone()));

    let found = find_servers(&client, &subscriptions, &mut notes).await;
    counter.found(found.inventory.rows.len() as u64);
    let _ = progress.send(Progress::Found(by_subscription(
        found.inventory.rows.iter().map(|row| row.id.subscription()),
    )));
    for note in &notes {
        let _ = progress.send(Progress::Note(note.clone()));
    }

    let neighbours = Neighbours::new(client.clone(), &visible.subscriptions, &subscriptions);
    let (to_disk, from_readers) = mpsc::channel(QUEUE);
    let disk = {
        let (notes, unlisted, judge) = (notes.clone(), found.unlisted.clone(), judge.clone());
        let expected = Expected {
            servers: found.inventory.rows.len() as u64,
            cancellation: cancellation.clone(),
        };
        let (cancellation, progress) = (cancellation.clone(), progress.clone());
        tokio::task::spawn_blocking(move || {
            let kept = keep(
                writer,
                &subscriptions,
                Unseen {
                    notes: &notes,
                    subscriptions: &unlisted,
                },
                from_readers,
                &progress,
                expected,
                &judge.ruleset,
            );
            if kept.is_err() {
                // Reading on would only lose what is read.
                cancellation.cancel();
            }
            kept
        })
    };
    let reading = read_all(
        &client,
        Arc::new(neighbours),
        found.inventory.rows,
        &judge,
        &counter,
        &to_disk,
        &cancellation,
    )
    .await;
    drop(to_disk);
    let (path, completeness, servers) = disk
        .await
        .map_err(|error| ScanError::Defect(error.to_string()))??;
    reading?;
    if let Some(last) = counter.changed(client.pressure()) {
        let _ = progress.send(Progress::Meter(last));
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

/// The servers that were found, and the subscriptions whose servers could not be listed.
struct Found {
    inventory: Inventory,
    unlisted: Vec<String>,
}

/// Finds the servers by Resource Graph, and where that is refused by the list of each subscription.
async fn find_servers(
    client: &ArmClient,
    subscriptions: &[Subscription],
    notes: &mut Vec<String>,
) -> Found {
    let ids: Vec<String> = subscriptions.iter().map(|s| s.id.clone()).collect();
    let mut found = Found {
        inventory: Inventory::default(),
        unlisted: Vec::new(),
    };
    if ids.is_empty() {
        return found;
    }
    match azure::inventory(client, &ids).await {
        Ok(inventory) => found.inventory = inventory,
        Err(error) => {
            notes.push(format!(
                "Resource Graph did not answer ({}); the servers were listed subscription by subscription",
                describe(&error)
            ));
            for subscription in subscriptions {
                match inventory_by_list(client, &subscription.id).await {
                    Ok(mut inventory) => {
                        found.inventory.rows.append(&mut inventory.rows);
                        found.inventory.rejected.append(&mut inventory.rejected);
                    }
                    Err(error) => {
                        notes.push(format!(
                            "the servers of {} ({}) are not visible: {}",
                            neutral(&subscription.name),
                            subscription.id,
                            describe(&error)
                        ));
                        found.unlisted.push(subscription.id.clone());
                    }
                }
            }
        }
    }
    notes.extend(found.inventory.rejected.iter().cloned());
    found
}

/// What was read about a server, with its summary as the file keeps it and as it is shown, exemptions applied.
struct Read {
    documents: ServerDocuments,
    kept: Standing,
    shown: ServerSummary,
}

impl Read {
    fn new(documents: ServerDocuments, judge: &Judge) -> Self {
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

/// Reads every server, a bounded number at once.
async fn read_all(
    client: &ArmClient,
    neighbours: Arc<Neighbours>,
    rows: Vec<InventoryRow>,
    judge: &Arc<Judge>,
    counter: &Arc<Counter>,
    to_disk: &mpsc::Sender<Read>,
    cancellation: &CancellationToken,
) -> Result<(), ScanError> {
    let mut tasks = JoinSet::new();
    let mut turns = Turns::new(rows);
    while let Some((place, row)) = turns.next() {
        let (client, judge, counter) = (client.clone(), judge.clone(), counter.clone());
        let neighbours = neighbours.clone();
        let (to_disk, cancelled) = (to_disk.clone(), cancellation.is_cancelled());
        tasks.spawn(async move {
            let documents = if cancelled {
                unread_server(row)
            } else {
                let (id, inventory) = (row.id.clone(), row.into_document());
                read_server(&client, &neighbours, id, Some(inventory), |_| {
                    Wanted::Everything
                })
                .await
            };
            counter.done(documents.iter().map(AsRef::as_ref));
            // The disk's end is gone only when it failed, and then it says so itself.
            let _ = to_disk.send(Read::new(documents, &judge)).await;
            place
        });
        while tasks.len() >= SERVERS_AT_ONCE {
            match tasks.join_next().await {
                Some(Ok(place)) => turns.read(place),
                other => joined(other.map(|it| it.map(drop)))?,
            }
        }
    }
    while !tasks.is_empty() {
        joined(tasks.join_next().await.map(|it| it.map(drop)))?;
    }
    Ok(())
}

pub(super) fn joined(result: Option<Result<(), tokio::task::JoinError>>) -> Result<(), ScanError> {
    match result {
        Some(Err(error)) => Err(ScanError::Defect(error.to_string())),
        Some(Ok(())) | None => Ok(()),
    }
}

/// A server that the scan was cancelled before: its row in the inventory, and nothing else.
fn unread_server(row: InventoryRow) -> ServerDocuments {
    let id = row.id.clone();
    let inventory = row.into_document();
    let server = ServerDocuments::new(id.clone(), [inventory.clone()]);
    let unread: Vec<Document> = std::iter::once(DocumentKind::Server)
        .chain(plan::children(&server))
        .chain(plan::AROUND)
        .map(|kind| Document {
            kind,
            shared: None,
            request: Request {
                method: Method::Get,
                path: format!("{id}{}", kind.child_path().unwrap_or_default()),
                api_version: String::new(),
            },
            fetched_at: inventory.fetched_at,
            duration_ms: 0,
            outcome: Outcome::Unread(Cause::Cancelled),
        })
        .collect();
    ServerDocuments::new(id, std::iter::once(inventory).chain(unread))
}

/// What makes a scan complete: that as many servers came as were found, and that nobody ended it.
struct Expected {
    servers: u64,
    cancellation: CancellationToken,
}

/// What was not visible: in words, and the subscriptions whose servers could not be listed.
struct Unseen<'a> {
    notes: &'a [String],
    subscriptions: &'a [String],
}

/// Writes what comes, as many servers in a transaction as are there, and finishes the file.
fn keep(
    mut writer: Writer,
    subscriptions: &[Subscription],
    unseen: Unseen<'_>,
    mut from_readers: mpsc::Receiver<Read>,
    progress: &mpsc::UnboundedSender<Progress>,
    expected: Expected,
    ruleset: &Ruleset,
) -> Result<(PathBuf, Completeness, u64), StoreError> {
    writer.subscriptions(subscriptions)?;
    for note in unseen.notes {
        writer.note(note)?;
    }
    writer.unlisted(unseen.subscriptions)?;
    let mut servers = 0;
    let mut batch = Vec::with_capacity(BATCH);
    while from_readers.blocking_recv_many(&mut batch, BATCH) > 0 {
        writer.servers(
            batch
                .iter()
                .map(|read: &Read| (&read.documents, &read.kept)),
        )?;
        servers += batch.len() as u64;
        let stored = batch.drain(..).map(|read| read.shown).collect();
        let _ = progress.send(Progress::Stored(stored));
    }
    let completeness = if expected.cancellation.is_cancelled() || servers != expected.servers {
        Completeness::Cancelled
    } else {
        Completeness::Complete
    };
    let path = writer.finish(completeness, Timestamp::now(), ruleset)?;
    Ok((path, completeness, servers))
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
