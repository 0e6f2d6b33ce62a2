//! Jobs that open scans, make them, and read them again.

use std::path::PathBuf;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::app::{JobId, Message, Part, ScanChoice};
use crate::runtime::follow::open_and_follow;
use crate::runtime::live::{LiveScan, What};
use crate::runtime::refresh::LiveRefresh;
use crate::runtime::several;
use crate::store::{Retention, StoreError};

use super::{Jobs, lock, not_opened, tell_of_panic};

impl Jobs {
    /// Keeps scans of watch mode by this rule.
    pub const fn keep_by(&mut self, retention: Retention) {
        self.retention = retention;
    }

    /// A scan that reads everything again has begun: what it has read is looked into there, and the rest in the scan that
    /// is open.
    pub fn look_into_both(&mut self, job: JobId) {
        let newer = self.files.get(&job).cloned();
        lock(&self.current).newer = newer;
    }

    pub(super) fn open(&mut self, job: JobId, choice: ScanChoice) {
        let found = match (&self.folder, &choice) {
            (Some(folder), ScanChoice::Newest) => folder
                .newest()
                .map(|newest| (newest.path, newest.passed_over)),
            (folder, choice) => several::find(folder.as_ref(), choice).map(|it| (it, Vec::new())),
        };
        let (path, passed_over) = match found {
            Ok(found) => found,
            Err(error) => return self.tell(not_opened(job, &error)),
        };
        self.open_file(job, path, passed_over);
    }

    pub(super) fn open_file(&mut self, job: JobId, path: PathBuf, passed_over: Vec<StoreError>) {
        let (messages, judge) = (self.messages.clone(), self.judge());
        let (reports, cache) = (self.reports.clone(), self.cache.clone());
        self.files.insert(job, path.clone());
        let cancellation = CancellationToken::new();
        self.cancellations.insert(job, cancellation.clone());
        self.blocking(Some(job), move || {
            let opened = open_and_follow(job, &path, &judge, cache.as_ref(), &cancellation);
            let message = match opened {
                Ok(None) => return,
                Ok(Some((scan, follow))) => {
                    let _ = messages.send(Message::ScanOpened { job, scan });
                    for error in passed_over {
                        let _ = messages.send(Message::Failed {
                            job: None,
                            title: "A newer scan cannot be read and was passed over".to_owned(),
                            detail: error.to_string(),
                        });
                    }
                    if let Some(follow) = follow {
                        let told = messages.clone();
                        let following = tokio::spawn(follow.run(messages, cancellation));
                        // It is not waited for: it ends with the scan, whenever that is.
                        tokio::spawn(async move {
                            tell_of_panic(following.await, Some(job), &reports, &told);
                        });
                    }
                    return;
                }
                Err(error) => not_opened(job, &error),
            };
            let _ = messages.send(message);
        });
    }

    /// One timer, and only while somebody waits for it.
    pub(super) fn wait(&mut self, generation: u64, seconds: u64) {
        if let Some(timer) = self.timer.take() {
            timer.abort();
        }
        let messages = self.messages.clone();
        self.timer = Some(tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            let _ = messages.send(Message::Due { generation });
        }));
    }

    pub(super) fn refresh(&mut self, job: JobId, scan: PathBuf, servers: Vec<String>, part: Part) {
        let cancellation = CancellationToken::new();
        self.cancellations.insert(job, cancellation.clone());
        let refresh = LiveRefresh {
            job,
            scan,
            servers,
            part,
            starter: self.starter.clone(),
            judge: self.judge(),
            cancellation,
            messages: self.messages.clone(),
            live: self.live.clone(),
        };
        let task = self.watch(Some(job), tokio::spawn(refresh.run()));
        self.scans.spawn(async move {
            let _ = task.await;
        });
    }

    pub(super) fn start(&mut self, job: JobId, what: What) {
        let cancellation = CancellationToken::new();
        self.cancellations.insert(job, cancellation.clone());
        let scan = LiveScan {
            job,
            what,
            starter: self.starter.clone(),
            judge: self.judge(),
            cancellation,
            messages: self.messages.clone(),
            live: self.live.clone(),
        };
        let task = self.watch(Some(job), tokio::spawn(scan.run()));
        self.scans.spawn(async move {
            let _ = task.await;
        });
    }
}
