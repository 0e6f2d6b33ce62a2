//! What a person takes away or leaves behind: files, and entries in the file of exemptions.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::app::{ExemptionsAdded, JobId, Message};
use crate::posture::{Exemption, Judge};
use crate::runtime::new_file::NewFileError;
use crate::runtime::writing::{Watch, WriteError};

use super::{Jobs, lock};

impl Jobs {
    /// Writes a file on a worker.
    pub(super) fn write(
        &self,
        job: JobId,
        work: impl FnOnce(Option<&Path>, &Judge, &Watch<'_>) -> Result<Message, WriteError>
        + Send
        + 'static,
    ) {
        let path = lock(&self.current).path.clone();
        let (judge, messages) = (self.judge(), self.messages.clone());
        self.newest_file.store(job.0, Ordering::Release);
        let newest = self.newest_file.clone();
        self.blocking(Some(job), move || {
            let wanted = || newest.load(Ordering::Acquire) == job.0;
            let tell = |done| {
                let _ = messages.send(Message::Writing { job, done });
            };
            let watch = Watch {
                wanted: &wanted,
                tell: &tell,
            };
            let message = match work(path.as_deref(), &judge, &watch) {
                Ok(message) => message,
                Err(WriteError::Stopped) => return,
                Err(WriteError::File(NewFileError::Exists(path))) => Message::FileExists {
                    job,
                    path: path.display().to_string(),
                },
                Err(error) => Message::Failed {
                    job: Some(job),
                    title: "Nothing was written".to_owned(),
                    detail: error.to_string(),
                },
            };
            let _ = messages.send(message);
        });
    }

    /// Adds exemptions to their file; from then on everything is judged with them.
    pub(super) fn add_exemptions(&self, job: JobId, entries: Arc<[Exemption]>) {
        let (book, judge) = (self.exemptions.clone(), self.judge.clone());
        let messages = self.messages.clone();
        self.blocking(Some(job), move || {
            let message = match book.add(&entries) {
                Ok(entered) => {
                    let mut judge = lock(&judge);
                    *judge = Arc::new(Judge {
                        exemptions: entered.exemptions.clone(),
                        ..(**judge).clone()
                    });
                    Message::ExemptionsAdded {
                        job,
                        added: ExemptionsAdded {
                            path: entered.path.display().to_string(),
                            added: entered.added,
                            already: entered.already,
                            exemptions: entered.exemptions,
                        },
                    }
                }
                Err(error) => Message::Failed {
                    job: Some(job),
                    title: "No exemption was added".to_owned(),
                    detail: format!("{error:#}"),
                },
            };
            let _ = messages.send(message);
        });
    }
}
