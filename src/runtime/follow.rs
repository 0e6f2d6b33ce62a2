//! A scan that is being written, mostly by another process, followed while it grows.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::app::{self, JobId, Message, OpenedScan};
use crate::posture::{Judge, ServerSummary};
use crate::store::{Cache, Completeness, Scan, StoreError, Writing, beside, writing};

use super::file_notices::FileNotices;
use super::live::{look_into, open};

/// How long what comes is gathered: a busy writer is not read at every server.
const GATHERING: Duration = Duration::from_millis(200);

/// A scan that grows.
pub struct Follow {
    job: JobId,
    path: PathBuf,
    notices: FileNotices,
    /// The number of the last server that was told.
    seen: i64,
    judge: Arc<Judge>,
}

/// What a look brought.
enum Look {
    /// More servers, perhaps none.
    More(Vec<ServerSummary>, i64),
    /// It has ended.
    Ended,
}

/// Opens a scan; one that is being written comes with what follows it. What has to be judged anew is kept in `cache`. Blocks;
/// `None` once the job is cancelled.
///
/// # Errors
/// When the file cannot be read.
pub fn open_and_follow(
    job: JobId,
    path: &Path,
    judge: &Arc<Judge>,
    cache: Option<&Cache>,
    cancellation: &CancellationToken,
) -> Result<Option<(OpenedScan, Option<Follow>)>, StoreError> {
    // Watched before it is read, so that nothing is missed in between.
    let log = PathBuf::from(format!("{}-wal", path.display()));
    let notices = FileNotices::of(&[path.to_owned(), log, beside(path)], GATHERING);
    // Asked before the look, so that one that ends in between is not taken for a broken one.
    let writing = writing(path);
    let mut file = Scan::open(path)?;
    let seen = file.last()?;
    // As it was when it was looked into: one that has ended since is followed to its end.
    let wanted = || !cancellation.is_cancelled();
    let Some((mut scan, completeness)) = look_into(&mut file, judge, cache, wanted)? else {
        return Ok(None);
    };
    if completeness != Completeness::Unfinished {
        return Ok(Some((scan, None)));
    }
    let why = match (writing, seen, notices) {
        (Writing::Somebody, Some(seen), Ok(notices)) => {
            scan.info.completeness = app::Completeness::Running;
            let follow = Follow {
                job,
                path: path.to_owned(),
                notices,
                seen,
                judge: judge.clone(),
            };
            return Ok(Some((scan, Some(follow))));
        }
        (Writing::Nobody, _, _) => GONE.to_owned(),
        (Writing::NotTold, _, _) => {
            "unfinished; whether somebody still writes it cannot be told on this file system"
                .to_owned()
        }
        (Writing::Somebody, None, _) => {
            "unfinished; it lies over another scan, and is not followed".to_owned()
        }
        (Writing::Somebody, _, Err(error)) => {
            format!("it is being written, and cannot be followed here: {error}")
        }
    };
    scan.info.notes.push(why);
    Ok(Some((scan, None)))
}

/// What is said of a scan whose writer is gone.
const GONE: &str = "unfinished, and no longer growing: the program that wrote it was ended";

impl Follow {
    /// Tells what comes until the scan ends, its writer is gone, or nobody wants to know any more.
    pub async fn run(
        mut self,
        messages: mpsc::UnboundedSender<Message>,
        cancellation: CancellationToken,
    ) {
        let job = self.job;
        let outcome = tokio::select! {
            outcome = self.until_it_ends(&messages) => outcome,
            () = cancellation.cancelled() => return,
        };
        let message = match outcome {
            Ok(scan) => Message::ScanOpened { job, scan },
            Err(error) => Message::Failed {
                job: Some(job),
                title: "The scan cannot be followed any further".to_owned(),
                detail: format!("{error:#}"),
            },
        };
        let _ = messages.send(message);
    }

    async fn until_it_ends(
        &mut self,
        messages: &mpsc::UnboundedSender<Message>,
    ) -> anyhow::Result<OpenedScan> {
        loop {
            // Asked before the look, so that the last that a writer wrote is in it.
            let writing = writing(&self.path);
            match self.look().await? {
                Look::Ended => return self.opened().await,
                Look::More(servers, seen) => {
                    self.seen = seen;
                    if !servers.is_empty() {
                        let _ = messages.send(Message::FleetGrew {
                            job: self.job,
                            subscriptions: Vec::new(),
                            servers,
                        });
                    }
                }
            }
            if writing == Writing::Nobody {
                let mut scan = self.opened().await?;
                scan.info.notes.push(GONE.to_owned());
                let _ = messages.send(Message::Failed {
                    job: None,
                    title: "The scan is unfinished, and no longer growing".to_owned(),
                    detail: "The program that wrote it was ended. What it had read is shown."
                        .to_owned(),
                });
                return Ok(scan);
            }
            self.notices.next().await;
        }
    }

    async fn look(&self) -> anyhow::Result<Look> {
        let (path, seen, judge) = (self.path.clone(), self.seen, self.judge.clone());
        let look = move || -> Result<Look, StoreError> {
            let mut scan = Scan::open(&path)?;
            if scan.info()?.completeness != Completeness::Unfinished {
                return Ok(Look::Ended);
            }
            let mut servers = Vec::new();
            let mut last = seen;
            scan.for_each_after(seen, |number, documents| {
                servers.push(judge.summary(&documents));
                last = number;
            })?;
            Ok(Look::More(servers, last))
        };
        Ok(tokio::task::spawn_blocking(look).await??)
    }

    async fn opened(&self) -> anyhow::Result<OpenedScan> {
        let (path, judge) = (self.path.clone(), self.judge.clone());
        Ok(tokio::task::spawn_blocking(move || open(&path, &judge)).await??)
    }
}
