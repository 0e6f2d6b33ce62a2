//! A scan that runs while it is explored.

use std::any::Any;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::app::{self, Finished, JobId, Message, OpenedScan, ScanInfo};
use crate::azure::{ArmClient, portal_of};
use crate::documents::Subscription;
use crate::posture::Judge;
use crate::scan::{self, Done, Job, Known};
use crate::store::{self, Cache, Folder, Retention, Scan, ScanHeader, Scope, StoreError, Writer};

use super::telling::Telling;

/// What is scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanKind {
    /// What the credential in use can see.
    Azure,
    /// A simulated fleet.
    Demo,
}

/// Everything that a scan needs before its first request.
pub struct Prepared {
    /// The client to read with.
    pub client: ArmClient,
    /// Which part of what is visible is scanned.
    pub scope: Scope,
    /// The file to write.
    pub path: PathBuf,
    /// What is known before it starts.
    pub header: ScanHeader,
    /// What must live as long as the scan is explored, for example a simulator and a folder that is removed at the end.
    pub keep: Box<dyn Any + Send>,
}

/// Everything that going on with a scan needs before its first request.
pub struct Resumed {
    /// The client to read with.
    pub client: ArmClient,
    /// What the scan was asked for.
    pub scope: Scope,
    /// What writes it: its own file where it has no end, else a new one.
    pub writer: Writer,
    /// What is known of the file that is written.
    pub header: ScanHeader,
    /// What was read before.
    pub known: Known,
}

/// Prepares scans. The loop does not know how a credential is found, nor that there is a simulator.
#[async_trait]
pub trait Starter: Send + Sync {
    /// Prepares a scan.
    ///
    /// # Errors
    /// Why it cannot start, in words with what to do.
    async fn prepare(&self, kind: ScanKind) -> anyhow::Result<Prepared>;

    /// Prepares reading again what an earlier scan read, or a part of it, from where it was read.
    ///
    /// # Errors
    /// Why that cannot be asked any more, in words with what to do.
    async fn again(&self, before: &Before) -> anyhow::Result<Prepared>;

    /// Prepares going on with a scan that has no end or was stopped.
    ///
    /// # Errors
    /// When it cannot be gone on with, in words with what to do.
    async fn resume(&self, scan: &Path) -> anyhow::Result<Resumed>;
}

/// A scan that is read again.
#[derive(Clone, Debug)]
pub struct Before {
    /// Its file.
    pub path: PathBuf,
    /// What was known when it started.
    pub header: ScanHeader,
    /// The subscriptions that it asked.
    pub subscriptions: Vec<Subscription>,
}

impl Before {
    /// Opens a scan to see what it read. Blocks.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn of(path: &Path) -> Result<Self, StoreError> {
        let scan = Scan::open(path)?;
        Ok(Self {
            path: path.to_owned(),
            header: scan.info()?.header,
            subscriptions: scan.subscriptions()?,
        })
    }

    /// The same off the loop.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn read(path: PathBuf) -> anyhow::Result<Self> {
        Ok(tokio::task::spawn_blocking(move || Self::of(&path)).await??)
    }
}

/// What a scan reads.
#[derive(Clone, Debug)]
pub enum What {
    /// Something that was not read yet.
    New(ScanKind),
    /// What is missing in the scan in this file.
    Resume(PathBuf),
    /// What the scan in this file read.
    Again {
        /// The file.
        scan: PathBuf,
        /// Which scans of watch mode are kept, when watch mode asks.
        watch: Option<Retention>,
    },
}

/// What a live scan hands to the loop beside messages.
pub struct Live {
    /// The file that it writes.
    pub path: PathBuf,
    /// What must live as long as the scan is explored.
    pub keep: Box<dyn Any + Send>,
}

/// A scan that can be run.
struct Begun {
    client: ArmClient,
    scope: Scope,
    writer: Writer,
    header: ScanHeader,
    known: Option<Known>,
    keep: Box<dyn Any + Send>,
}

/// A scan to run, and where it tells what happens.
pub struct LiveScan {
    /// The job whose messages these are.
    pub job: JobId,
    /// What is scanned.
    pub what: What,
    /// Who prepares it.
    pub starter: Arc<dyn Starter>,
    /// What its list is judged by.
    pub judge: Arc<Judge>,
    /// Ends it.
    pub cancellation: CancellationToken,
    /// What happened.
    pub messages: mpsc::UnboundedSender<Message>,
    /// The file, once there is one.
    pub live: mpsc::UnboundedSender<(JobId, Live)>,
}

impl LiveScan {
    /// Prepares and runs the scan, and tells what happens; whatever goes wrong is told too.
    pub async fn run(self) {
        let (job, messages) = (self.job, self.messages.clone());
        if let Err((title, error)) = self.try_run().await {
            let _ = messages.send(Message::Failed {
                job: Some(job),
                title: title.to_owned(),
                detail: format!("{error:#}"),
            });
        }
    }

    async fn try_run(self) -> Result<(), (&'static str, anyhow::Error)> {
        let prepared = tokio::select! {
            prepared = self.prepare() => prepared,
            () = self.cancellation.cancelled() => {
                // Nobody waits any longer, so somebody has to say that there is no scan.
                Telling::new(self.job, self.messages.clone()).finished(Finished {
                    completeness: app::Completeness::Partial,
                    words: "stopped before anything was read".to_owned(),
                });
                return Ok(());
            }
        };
        let begun = prepared.map_err(|error| ("The scan could not start", error))?;
        let path = begun.writer.path().to_owned();
        let _ = self.live.send((
            self.job,
            Live {
                path: path.clone(),
                keep: begun.keep,
            },
        ));
        self.opened(OpenedScan {
            info: running(&path, &begun.header, &self.judge),
            fleet: Arc::default(),
        });
        let (sender, receiver) = mpsc::unbounded_channel();
        let telling = tokio::spawn(Telling::new(self.job, self.messages.clone()).listen(receiver));
        let result = scan::run(Job {
            client: begun.client,
            scope: begun.scope,
            writer: begun.writer,
            known: begun.known,
            judge: self.judge.clone(),
            progress: sender,
            cancellation: self.cancellation.clone(),
        })
        .await;
        let telling = telling.await;
        let done = result.map_err(|error| ("The scan failed", error.into()))?;
        if let Ok(mut telling) = telling {
            telling.finished(Finished {
                completeness: completeness(done.completeness),
                words: format!("{} servers with {} requests", done.servers, done.requests),
            });
        }
        self.prune(&done.path).await;
        let scan = self
            .reopen(done)
            .await
            .map_err(|error| ("The finished scan could not be opened", error))?;
        self.opened(scan);
        Ok(())
    }

    async fn prepare(&self) -> anyhow::Result<Begun> {
        let prepared = match &self.what {
            What::New(kind) => self.starter.prepare(*kind).await?,
            What::Again { scan, watch } => {
                let before = Before::read(scan.clone()).await?;
                let mut prepared = self.starter.again(&before).await?;
                if watch.is_some() {
                    prepared.header = prepared.header.of_watch();
                }
                prepared
            }
            What::Resume(scan) => {
                let resumed = self.starter.resume(scan).await?;
                return Ok(Begun {
                    client: resumed.client,
                    scope: resumed.scope,
                    writer: resumed.writer,
                    header: resumed.header,
                    known: Some(resumed.known),
                    keep: Box::new(()),
                });
            }
        };
        let writer = Writer::create(&prepared.path, &prepared.header)?;
        Ok(Begun {
            client: prepared.client,
            scope: prepared.scope,
            writer,
            header: prepared.header,
            known: None,
            keep: prepared.keep,
        })
    }

    /// Removes scans of watch mode that are kept no longer.
    async fn prune(&self, newest: &Path) {
        let What::Again {
            scan,
            watch: Some(retention),
        } = &self.what
        else {
            return;
        };
        let folder = Folder::holding(newest);
        let (retention, spared) = (*retention, [scan.clone(), newest.to_owned()]);
        let pruned = tokio::task::spawn_blocking(move || {
            retention.prune(&folder, &spared, Timestamp::now())
        });
        if let Ok(Err(error)) = pruned.await {
            let _ = self.messages.send(Message::Failed {
                job: None,
                title: "An old scan of watch mode could not be removed".to_owned(),
                detail: error.to_string(),
            });
        }
    }

    fn opened(&self, scan: OpenedScan) {
        let _ = self.messages.send(Message::ScanOpened {
            job: self.job,
            scan,
        });
    }

    async fn reopen(&self, done: Done) -> anyhow::Result<OpenedScan> {
        let judge = self.judge.clone();
        // It was judged so when it was made.
        let opened = tokio::task::spawn_blocking(move || open(&done.path, &judge)).await?;
        Ok(opened?)
    }
}

/// Opens a scan on disk, made under this judge, for the explorer. Blocks.
///
/// # Errors
/// When the file cannot be read.
pub fn open(path: &Path, judge: &Judge) -> Result<OpenedScan, StoreError> {
    let mut scan = Scan::open(path)?;
    let found = look_into(&mut scan, judge, None, || true)?;
    let (opened, _) = found.expect("it is wanted to the end");
    Ok(opened)
}

/// The same for a scan that is open already, with how its own file says that it ended, whatever it lies over. What was
/// judged under another ruleset is looked for in `cache` and kept there. Blocks; `None` once it is not wanted any more.
///
/// # Errors
/// When the file cannot be read.
pub fn look_into(
    scan: &mut Scan,
    judge: &Judge,
    cache: Option<&Cache>,
    wanted: impl Fn() -> bool,
) -> Result<Option<(OpenedScan, store::Completeness)>, StoreError> {
    let info = scan.info()?;
    let Some(judged) = scan.judged(judge, cache, |_| wanted())? else {
        return Ok(None);
    };
    let mut notes = info.notes;
    notes.extend(scan.missing()?);
    // The age that is shown is that of what was read first: a refresh makes a part of a scan younger, not all of it.
    let (lowest, layers) = scan.lowest()?;
    let scope = match layers {
        0 => info.header.scope.clone(),
        1 => format!("{}, refreshed once", info.header.scope),
        layers => format!("{}, refreshed {layers} times", info.header.scope),
    };
    let opened = OpenedScan {
        info: ScanInfo {
            judged_under: judged.anew.map(|then| app::JudgedUnder {
                ruleset: then.was,
                differ: then.differ,
            }),
            scope,
            started_at: lowest.header.started_at,
            finished_at: lowest.finished_at,
            completeness: completeness(info.completeness.and(lowest.completeness)),
            notes,
            ..running(scan.path(), &info.header, judge)
        },
        fleet: Arc::new(judged.fleet),
    };
    Ok(Some((opened, info.completeness)))
}

/// What is known of a scan that runs.
pub fn running(path: &Path, header: &ScanHeader, judge: &Judge) -> ScanInfo {
    ScanInfo {
        id: header.id.clone(),
        scope: header.scope.clone(),
        started_at: header.started_at,
        finished_at: None,
        completeness: app::Completeness::Running,
        portal: portal_of(&header.cloud).map(str::to_owned),
        file: std::path::absolute(path)
            .unwrap_or_else(|_| path.to_owned())
            .display()
            .to_string(),
        ruleset: judge.ruleset.id(),
        judged_under: None,
        notes: Vec::new(),
    }
}

/// How much of a scan there is, for the explorer.
pub const fn completeness(completeness: store::Completeness) -> app::Completeness {
    match completeness {
        store::Completeness::Complete => app::Completeness::Complete,
        store::Completeness::Cancelled | store::Completeness::Unfinished => {
            app::Completeness::Partial
        }
    }
}
