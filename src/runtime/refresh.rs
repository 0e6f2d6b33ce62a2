//! One server of the open scan, read again while it is explored.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::app::{self, JobId, Message, OpenedScan};
use crate::posture::Judge;
use crate::scan::{self, Refresh};
use crate::store::{Scan, Writer};

use super::live::{Before, Live, Starter, open};

/// A server to read again, and where it is told what came of it.
pub struct LiveRefresh {
    /// The job whose messages these are.
    pub job: JobId,
    /// The file of the open scan.
    pub scan: PathBuf,
    /// The server's resource id.
    pub server: String,
    /// How much of it.
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
    /// Reads the server again, and tells the scan that came of it, or why there is none.
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
        // Nobody hears of single steps: there are few.
        let (progress, _) = mpsc::unbounded_channel();
        let done = scan::refresh(Refresh {
            client: prepared.client,
            before: self.scan.clone(),
            writer,
            servers: vec![self.server.clone()],
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
