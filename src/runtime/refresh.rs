//! Servers of the open scan, read again while it is explored.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::app::{self, JobId, Message, OpenedScan};
use crate::posture::Judge;
use crate::scan::{self, Progress, Refresh};
use crate::store::{Scan, Writer};

use super::live::{Before, Live, Starter, open};

/// Servers to read again, and where it is told what came of it.
pub struct LiveRefresh {
    /// The job whose messages these are.
    pub job: JobId,
    /// The file of the open scan.
    pub scan: PathBuf,
    /// The servers' resource ids.
    pub servers: Vec<String>,
    /// How much of each.
    pub part: app::Part,
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

impl LiveRefresh {
    /// Reads the servers again, and tells the scan that came of it, or why there is none.
    pub async fn run(self) {
        let message = match self.try_run().await {
            Ok(scan) => Message::ScanOpened {
                job: self.job,
                scan,
            },
            Err(error) => Message::Failed {
                job: Some(self.job),
                title: "it stays as it was".to_owned(),
                detail: format!("{error:#}"),
            },
        };
        let _ = self.messages.send(message);
    }

    async fn try_run(&self) -> anyhow::Result<OpenedScan> {
        let before = Before::read(self.scan.clone()).await?;
        let prepared = tokio::select! {
            prepared = self.starter.again(&before) => prepared?,
            () = self.cancellation.cancelled() => anyhow::bail!("stopped before anything was read"),
        };
        let (path, header, scan) = (prepared.path.clone(), prepared.header, self.scan.clone());
        let writer = tokio::task::spawn_blocking(move || {
            Scan::open(&scan).and_then(|below| Writer::over(&path, &header, below))
        })
        .await??;
        let _ = self.live.send((
            self.job,
            Live {
                path: prepared.path,
                keep: prepared.keep,
            },
        ));
        let (progress, steps) = mpsc::unbounded_channel();
        tokio::spawn(tell(self.job, steps, self.messages.clone()));
        let done = scan::refresh(Refresh {
            client: prepared.client,
            before: self.scan.clone(),
            writer,
            servers: self.servers.clone(),
            part: match self.part {
                app::Part::Server => scan::Part::Server,
                app::Part::Family(family) => scan::Part::Family(family),
            },
            judge: self.judge.clone(),
            progress,
            cancellation: self.cancellation.clone(),
        })
        .await?;
        let judge = self.judge.clone();
        Ok(tokio::task::spawn_blocking(move || open(&done.path, &judge)).await??)
    }
}

/// Tells how many servers were read, until the refresh ends.
async fn tell(
    job: JobId,
    mut steps: mpsc::UnboundedReceiver<Progress>,
    messages: mpsc::UnboundedSender<Message>,
) {
    let mut told = 0;
    while let Some(step) = steps.recv().await {
        if let Progress::Meter(meter) = step
            && meter.done > told
        {
            told = meter.done;
            let servers = usize::try_from(told).unwrap_or(usize::MAX);
            let _ = messages.send(Message::Reread { job, servers });
        }
    }
}
