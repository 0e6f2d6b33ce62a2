//! A scan that runs while it is explored.

use std::any::Any;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::app::{self, Finished, JobId, Message, OpenedScan, ScanInfo};
use crate::azure::{ArmClient, portal_of};
use crate::posture::Judge;
use crate::scan::{self, Done, Job, ScanError, Scope};
use crate::store::{self, Scan, ScanHeader, StoreError, Writer};

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

/// Prepares scans. The loop does not know how a credential is found, nor that there is a simulator.
#[async_trait]
pub trait Starter: Send + Sync {
    /// Prepares a scan.
    ///
    /// # Errors
    /// Why it cannot start, in words with what to do.
    async fn prepare(&self, kind: ScanKind) -> anyhow::Result<Prepared>;
}

/// What a live scan hands to the loop beside messages.
pub struct Live {
    /// The file that it writes.
    pub path: PathBuf,
    /// What must live as long as the scan is explored.
    pub keep: Box<dyn Any + Send>,
}

/// A scan to run, and where it tells what happens.
pub struct LiveScan {
    /// The job whose messages these are.
    pub job: JobId,
    /// What is scanned.
    pub kind: ScanKind,
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
            prepared = self.starter.prepare(self.kind) => prepared,
            () = self.cancellation.cancelled() => {
                // Nobody waits any longer, so somebody has to say that there is no scan.
                Telling::new(self.job, self.messages.clone()).finished(Finished {
                    completeness: app::Completeness::Partial,
                    words: "stopped before anything was read".to_owned(),
                });
                return Ok(());
            }
        };
        let prepared = prepared.map_err(|error| ("The scan could not start", error))?;
        let writer = Writer::create(&prepared.path, &prepared.header)
            .map_err(|error| ("The scan could not be written", error.into()))?;
        let _ = self.live.send((
            self.job,
            Live {
                path: prepared.path.clone(),
                keep: prepared.keep,
            },
        ));
        self.opened(OpenedScan {
            info: running(&prepared.path, &prepared.header, &self.judge),
            fleet: Arc::default(),
        });
        let (sender, receiver) = mpsc::unbounded_channel();
        let telling = tokio::spawn(Telling::new(self.job, self.messages.clone()).listen(receiver));
        let result = scan::run(Job {
            client: prepared.client,
            scope: prepared.scope,
            writer,
            judge: self.judge.clone(),
            progress: sender,
            cancellation: self.cancellation.clone(),
        })
        .await;
        let telling = telling.await;
        if let Err(ScanError::Subscriptions(_)) = &result {
            // Nothing was read: an empty file would be the newest scan at the next start.
            let _ = std::fs::remove_file(&prepared.path);
        }
        let done = result.map_err(|error| ("The scan failed", error.into()))?;
        if let Ok(mut telling) = telling {
            telling.finished(Finished {
                completeness: completeness(done.completeness),
                words: format!("{} servers with {} requests", done.servers, done.requests),
            });
        }
        let scan = self
            .reopen(done)
            .await
            .map_err(|error| ("The finished scan could not be opened", error))?;
        self.opened(scan);
        Ok(())
    }

    fn opened(&self, scan: OpenedScan) {
        let _ = self.messages.send(Message::ScanOpened {
            job: self.job,
            scan,
        });
    }

    async fn reopen(&self, done: Done) -> anyhow::Result<OpenedScan> {
        let judge = self.judge.clone();
        let opened = tokio::task::spawn_blocking(move || open(&done.path, &judge)).await?;
        Ok(opened?)
    }
}

/// Opens a scan on disk for the explorer. Blocks.
///
/// # Errors
/// When the file cannot be read.
pub fn open(path: &Path, judge: &Judge) -> Result<OpenedScan, StoreError> {
    let mut scan = Scan::open(path)?;
    let info = scan.info()?;
    let judged = scan.judged(judge, |_| {})?;
    Ok(OpenedScan {
        info: ScanInfo {
            judged_under: judged.anew.map(|then| app::JudgedUnder {
                ruleset: then.was,
                differ: then.differ,
            }),
            finished_at: info.finished_at,
            completeness: completeness(info.completeness),
            notes: info.notes,
            ..running(path, &info.header, judge)
        },
        fleet: Arc::new(judged.fleet),
    })
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
