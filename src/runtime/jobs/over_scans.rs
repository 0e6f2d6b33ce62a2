//! Jobs over several scans, each of which the next one of its kind makes pointless.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::app::{JobId, Message, ScanChoice};
use crate::runtime::several;

use super::{Jobs, TELL_EVERY, lock};

impl Jobs {
    /// Compares two scans.
    pub(super) fn compare(&self, job: JobId, from: Option<ScanChoice>, to: ScanChoice) {
        let (folder, cache, judge) = (self.folder.clone(), self.cache.clone(), self.judge());
        let told = self.messages.clone();
        self.wanted(
            &self.newest_compare,
            job,
            "The scans could not be compared",
            move |wanted| {
                let progress = |servers: u64| {
                    if servers.is_multiple_of(TELL_EVERY as u64) {
                        let _ = told.send(Message::CompareProgress { job, servers });
                    }
                    wanted()
                };
                let (folder, cache) = (folder.as_ref(), cache.as_ref());
                let found = several::compare(folder, from.as_ref(), &to, &judge, cache, progress);
                Ok(found?.map(|comparison| Message::Compared {
                    job,
                    comparison: Arc::new(comparison),
                }))
            },
        );
    }

    /// Reads a server of two scans.
    pub(super) fn load_pair(&self, job: JobId, server: String, [from, to]: [PathBuf; 2]) {
        let judge = self.judge();
        self.wanted(
            &self.newest_pair,
            job,
            "The server could not be read from both scans",
            move |_| {
                let pair = Arc::new(several::pair(&server, &from, &to, &judge)?);
                Ok(Some(Message::PairLoaded { job, pair }))
            },
        );
    }

    /// Looks a server up in the scans that are kept.
    pub(super) fn load_history(&self, job: JobId, server: String) {
        let (folder, judge) = (self.folder.clone(), self.judge());
        let open = lock(&self.current).path.clone();
        self.wanted(
            &self.newest_history,
            job,
            "The scans that are kept could not be looked through",
            move |wanted| {
                let open = open.as_deref();
                let found = several::history(folder.as_ref(), open, &server, &judge, wanted)?;
                Ok(found.map(|history| Message::HistoryLoaded {
                    job,
                    history: Arc::new(history),
                }))
            },
        );
    }

    /// Does work on a worker and sends its answer, while it is the newest of its kind: `work` is handed whether it is.
    fn wanted(
        &self,
        newest: &Arc<AtomicU64>,
        job: JobId,
        title: &'static str,
        work: impl FnOnce(&dyn Fn() -> bool) -> anyhow::Result<Option<Message>> + Send + 'static,
    ) {
        newest.store(job.0, Ordering::Release);
        let (newest, messages) = (newest.clone(), self.messages.clone());
        self.blocking(Some(job), move || {
            let wanted = || newest.load(Ordering::Acquire) == job.0;
            let message = match work(&wanted) {
                _ if !wanted() => return,
                Ok(None) => return,
                Ok(Some(message)) => message,
                Err(error) => Message::Failed {
                    job: Some(job),
                    title: title.to_owned(),
                    detail: format!("{error:#}"),
                },
            };
            let _ = messages.send(message);
        });
    }
}

/// Nobody waits for this job any more.
pub(super) fn stop(newest: &AtomicU64, job: JobId) {
    let _ = newest.compare_exchange(job.0, 0, Ordering::AcqRel, Ordering::Acquire);
}
