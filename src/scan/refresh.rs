//! Reading a part of a scan again: some servers, or one family of them. What comes is a scan of its own that lies over
//! the one before.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::azure::{self, ArmClient};
use crate::baseline::FamilyCode;
use crate::documents::{Cause, Document, DocumentKind, ResourceId, ServerDocuments};
use crate::posture::{Judge, Standing, judge, needs};
use crate::store::{Completeness, Scan, StoreError, Writer, delete};

use super::fitting::fitting;
use super::meter::Counter;
use super::neighbours::Neighbours;
use super::plan::Wanted;
use super::portion::Portion;
use super::progress::Progress;
use super::read::read_server;
use super::run::{
    AbortOnDrop, BATCH, Done, QUEUE, SERVERS_AT_ONCE, ScanError, given_up, joined, report,
};
use super::spill::Spill;

/// How much of a server is read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All that a scan reads.
    Server,
    /// The server itself, and what the conditions of this family look into.
    Family(FamilyCode),
}

impl Part {
    fn wanted(self, server: &ServerDocuments) -> Wanted {
        match self {
            Self::Server => Wanted::Everything,
            Self::Family(family) => Wanted::Only(needs(family, server).collect()),
        }
    }

    /// The documents whose place those of the refresh take, whether or not they are still worth reading. The row of the
    /// inventory says nothing that the server itself does not say better, and is older than it.
    fn replaces(self, server: &ServerDocuments) -> Vec<DocumentKind> {
        let wanted = self.wanted(server);
        DocumentKind::ALL
            .into_iter()
            .filter(|kind| *kind == DocumentKind::Inventory || wanted.has(*kind))
            .collect()
    }
}

/// What a refresh needs.
pub struct Refresh {
    /// The client to read with.
    pub client: ArmClient,
    /// The scan that it lies over.
    pub before: PathBuf,
    /// The file that it writes: a [`Writer::over`] that scan.
    pub writer: Writer,
    /// The ids of the servers to read again.
    pub servers: Vec<String>,
    /// How much of each.
    pub part: Part,
    /// What the list is judged by. The file keeps the list as it is without exemptions.
    pub judge: Arc<Judge>,
    /// Who hears how far it is. A closed channel is no reason to stop.
    pub progress: mpsc::UnboundedSender<Progress>,
    /// Ends the refresh; what was read until then is kept.
    pub cancellation: CancellationToken,
}

/// Reads some servers again, and leaves a finished file that holds what was read and the list of all servers.
///
/// # Errors
/// When not one of the servers could be asked about, when the scan below cannot be read, or when the file cannot be
/// written. A file into which nothing was written is gone then, and what is known stays as it was.
pub async fn refresh(job: Refresh) -> Result<Done, ScanError> {
    let Refresh {
        client,
        before,
        writer,
        servers,
        part,
        judge,
        progress,
        cancellation,
    } = job;
    let counter = Arc::new(Counter::default());
    let client = client
        .observed(counter.clone())
        .cancelled_by(cancellation.clone());
    let _stop_reporting = AbortOnDrop(tokio::spawn(report(
        client.clone(),
        counter.clone(),
        progress.clone(),
    )));
    let ids: Vec<ResourceId> = servers
        .iter()
        .filter_map(|id| ResourceId::parse(id).ok())
        .collect();
    counter.found(ids.len() as u64);

    let opened = Scan::open(&before).and_then(|scan| Ok((scan.subscriptions()?, scan)));
    let (known, mut scan) = match opened {
        Ok(opened) => opened,
        Err(error) => return Err(given_up(writer, error.into())),
    };
    let visible = if part.looks_beyond() {
        match azure::subscriptions(&client).await {
            Ok(visible) => visible.subscriptions,
            Err(error) => return Err(given_up(writer, ScanError::Subscriptions(error))),
        }
    } else {
        known
    };
    let spill = Arc::new(Spill::beside(writer.path()));
    let neighbours = Arc::new(Neighbours::new(client.clone(), &visible, spill).at_first_hand());
    let portion = Arc::new(Portion::of(ids.iter()));

    let path = writer.path().to_owned();
    let (to_disk, from_readers) = mpsc::channel(QUEUE);
    let disk = tokio::task::spawn_blocking(move || {
        keep(writer, &mut scan, from_readers, judge, &progress)
    });
    let mut tasks = JoinSet::new();
    let mut reading = Ok(());
    for id in ids {
        while tasks.len() >= SERVERS_AT_ONCE {
            reading = reading.and(joined(tasks.join_next().await));
        }
        if cancellation.is_cancelled() {
            break;
        }
        let (client, neighbours, counter) = (client.clone(), neighbours.clone(), counter.clone());
        let (to_disk, cancellation) = (to_disk.clone(), cancellation.clone());
        let portion = portion.clone();
        tasks.spawn(async move {
            let wanted = |it: &ServerDocuments| part.wanted(it);
            let read = read_server(&client, &neighbours, &portion, id, None, wanted).await;
            // What was interrupted is no news: the scan before knows more.
            if !cancellation.is_cancelled() {
                counter.done(read.iter().map(AsRef::as_ref));
                // The disk's end is gone only when it failed, and then it says so itself.
                let _ = to_disk.send(complete(read, part)).await;
            }
        });
    }
    while !tasks.is_empty() {
        reading = reading.and(joined(tasks.join_next().await));
    }
    drop(to_disk);
    let Kept {
        writer,
        judge,
        answered,
        outcome,
    } = disk.await.map_err(|error| broken(&path, &error))?;
    if answered == 0 {
        let why = match (reading, outcome) {
            (Err(error), _) => error,
            (_, Err(error)) => error.into(),
            (Ok(()), Ok(why)) => ScanError::NothingRead(why.unwrap_or(Cause::Cancelled)),
        };
        return Err(given_up(writer, why));
    }
    outcome?;
    let completeness = if cancellation.is_cancelled() || reading.is_err() {
        Completeness::Cancelled
    } else {
        Completeness::Complete
    };
    let finished = tokio::task::spawn_blocking(move || {
        writer.finish(completeness, Timestamp::now(), &judge.ruleset)
    });
    let path = finished.await.map_err(|error| broken(&path, &error))??;
    reading?;
    Ok(Done {
        path,
        completeness,
        servers: answered,
        requests: counter.requests(),
        notes: Vec::new(),
        unlisted: Vec::new(),
    })
}

/// A task that broke down while it wrote. Its file would lie over the scan before without an end; it is taken away.
fn broken(file: &Path, error: &JoinError) -> ScanError {
    // What broke down is told, not that its file stays where even that goes wrong.
    let _ = delete(file, &[]);
    ScanError::Defect(error.to_string())
}

impl Part {
    /// Whether something is looked for in all that is visible: a vault, which a key names by its name alone, or the
    /// tenant of a subscription.
    const fn looks_beyond(self) -> bool {
        matches!(
            self,
            Self::Server | Self::Family(FamilyCode::Dp | FamilyCode::Pa)
        )
    }
}

/// What was read, with a sign in the place of each document that is not worth reading any more.
fn complete(read: ServerDocuments, part: Part) -> ServerDocuments {
    let read = fitting(read);
    let given_up: Vec<Document> = part
        .replaces(&read)
        .into_iter()
        .filter(|kind| read.get(*kind).is_none())
        .map(|kind| Document::never_asked(read.id(), kind, Timestamp::now(), Cause::NotAsked))
        .collect();
    let given_up = given_up.into_iter().map(Arc::new);
    ServerDocuments::new(read.id().clone(), read.iter().cloned().chain(given_up))
}

struct Kept {
    writer: Writer,
    judge: Arc<Judge>,
    /// How many servers were answered about, with whatever answer.
    answered: u64,
    /// Why one was not, or why nothing more could be written.
    outcome: Result<Option<Cause>, StoreError>,
}

/// Writes what comes until there is no more, or it cannot be written.
fn keep(
    mut writer: Writer,
    before: &mut Scan,
    from_readers: mpsc::Receiver<ServerDocuments>,
    judge: Arc<Judge>,
    progress: &mpsc::UnboundedSender<Progress>,
) -> Kept {
    let mut answered = 0;
    let outcome = keep_all(
        &mut writer,
        before,
        from_readers,
        &judge,
        progress,
        &mut answered,
    );
    Kept {
        writer,
        judge,
        answered,
        outcome,
    }
}

/// Writes what comes, judged together with what was known before, and counts the servers that were answered about.
fn keep_all(
    writer: &mut Writer,
    before: &mut Scan,
    mut from_readers: mpsc::Receiver<ServerDocuments>,
    judge: &Judge,
    progress: &mpsc::UnboundedSender<Progress>,
    answered: &mut u64,
) -> Result<Option<Cause>, StoreError> {
    let mut kept = Vec::new();
    let mut why = None;
    let mut batch = Vec::with_capacity(BATCH);
    while from_readers.blocking_recv_many(&mut batch, BATCH) > 0 {
        let mut shown = Vec::with_capacity(batch.len());
        for read in batch.drain(..) {
            if let Some(cause) = no_answer(&read) {
                why = Some(cause);
                continue;
            }
            let documents = merged(before, &read)?;
            shown.push(judge.summary(&documents));
            let findings = self::judge(&documents, &judge.ruleset);
            kept.push((read, Standing::new(&documents, &findings)));
        }
        writer.servers(kept.iter().map(|(read, standing)| (read, standing)))?;
        *answered += kept.len() as u64;
        kept.clear();
        let _ = progress.send(Progress::Stored(shown));
    }
    Ok(why)
}

/// Why there is no news of a server at all: nobody answered. A refusal is an answer.
fn no_answer(read: &ServerDocuments) -> Option<Cause> {
    let cause = read.body(DocumentKind::Server).err()?;
    cause.may_pass().then_some(cause)
}

/// What was read, laid over what was known before, with the source of a replica.
fn merged(before: &mut Scan, read: &ServerDocuments) -> Result<ServerDocuments, StoreError> {
    let known = match before.documents(read.id().as_str()) {
        Ok(known) => known,
        Err(StoreError::NoSuchServer { .. }) => return Ok(read.clone()),
        Err(error) => return Err(error),
    };
    let documents = read.laid_over(&known);
    let source = match documents.source_id().filter(|it| it != documents.id()) {
        Some(source) => match before.documents(source.as_str()) {
            Ok(source) => Some(Arc::new(source)),
            Err(StoreError::NoSuchServer { .. }) => None,
            Err(error) => return Err(error),
        },
        None => None,
    };
    Ok(documents.with_source(source))
}
