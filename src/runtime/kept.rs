//! The kept scans: listed, counted, copied, deleted, verified. Everything blocks.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;

use crate::app::{Checked, Counted, Ended, KeptScan, Message, ScanEntry, ScansNews, ScansWork};
use crate::documents::text::neutral;
use crate::posture::{Judge, Totals};
use crate::runtime::new_file::place;
use crate::store::{
    self, Cache, Completeness, FORMAT, Folder, Listed, ListedScan, Scan, StoreError, Verification,
};

/// After how many servers it is told how far something is.
const TELL_EVERY: u64 = 500;

/// What is needed to work on the kept scans.
#[derive(Clone)]
pub struct Kept {
    pub folder: Option<Folder>,
    pub cache: Option<Cache>,
    pub judge: Arc<Judge>,
    pub messages: mpsc::UnboundedSender<Message>,
    /// The demand for counts that is waited for; 0 for none.
    pub newest_count: Arc<AtomicU64>,
}

impl Kept {
    /// Notes what is waited for, before the work is handed to a thread.
    pub fn note(&self, work: &ScansWork) {
        match work {
            ScansWork::Count { generation, .. } => {
                self.newest_count.store(*generation, Ordering::Release);
            }
            ScansWork::StopCount => self.newest_count.store(0, Ordering::Release),
            _ => {}
        }
    }

    /// Does it and tells what became of it.
    pub fn perform(&self, work: ScansWork) {
        match work {
            ScansWork::List { generation } => {
                let entries = self.list().map_err(|error| error.to_string());
                self.tell(ScansNews::Listed {
                    generation,
                    entries,
                });
            }
            ScansWork::Count {
                generation,
                server,
                files,
            } => self.count(generation, server.as_deref(), files),
            ScansWork::StopCount => {}
            ScansWork::Copy { file, to, replace } => self.copy(file, &to, replace),
            ScansWork::Delete { file, open } => {
                let open: Vec<PathBuf> = open.into_iter().map(PathBuf::from).collect();
                match store::delete(Path::new(&file), &open) {
                    Ok(bytes) => self.tell(ScansNews::Deleted { file, bytes }),
                    Err(error) => self.refuse("The scan was not deleted", &error),
                }
            }
            ScansWork::Verify { file } => self.verify(&file),
        }
    }

    fn tell(&self, news: ScansNews) {
        let _ = self.messages.send(Message::Scans(news));
    }

    fn refuse(&self, title: &str, error: &impl std::error::Error) {
        self.tell(ScansNews::Refused {
            title: title.to_owned(),
            detail: error.to_string(),
        });
    }

    fn list(&self) -> Result<Vec<ScanEntry>, StoreError> {
        let folder = self.folder.as_ref().ok_or(StoreError::NoFolder)?;
        let listed = folder.list(&self.judge, self.cache.as_ref())?;
        let ruleset = self.judge.ruleset.id();
        Ok(listed.into_iter().map(|it| entry(it, &ruleset)).collect())
    }

    fn count(&self, generation: u64, server: Option<&str>, files: Vec<String>) {
        let wanted = || self.newest_count.load(Ordering::Acquire) == generation;
        for file in files {
            if !wanted() {
                return;
            }
            let counted = match server {
                Some(server) => self.count_server(Path::new(&file), server),
                None => self.count_all(&file, generation, &wanted),
            };
            let counted = match counted {
                Ok(Some(counted)) => counted,
                Ok(None) => return,
                Err(error) => Counted::Failed(neutral(&error.to_string()).into_owned()),
            };
            self.tell(ScansNews::Counted {
                generation,
                file,
                counted,
            });
        }
        self.tell(ScansNews::CountEnded { generation });
    }

    fn count_all(
        &self,
        file: &str,
        generation: u64,
        wanted: &impl Fn() -> bool,
    ) -> Result<Option<Counted>, StoreError> {
        let mut scan = Scan::open(Path::new(file))?;
        let totals = scan.totals_under(&self.judge, self.cache.as_ref(), |done| {
            if done.is_multiple_of(TELL_EVERY) {
                self.tell(ScansNews::Counted {
                    generation,
                    file: file.to_owned(),
                    counted: Counted::Looking(done),
                });
            }
            wanted()
        })?;
        Ok(totals.map(|totals| Counted::Totals(Arc::new(totals))))
    }

    /// One server is judged from its documents: they are few, and always judged as now.
    fn count_server(&self, path: &Path, server: &str) -> Result<Option<Counted>, StoreError> {
        match Scan::open(path)?.documents(server) {
            Ok(documents) => {
                let totals = Totals::of([&self.judge.summary(&documents)]);
                Ok(Some(Counted::Totals(Arc::new(totals))))
            }
            Err(StoreError::NoSuchServer { .. }) => Ok(Some(Counted::Absent)),
            Err(error) => Err(error),
        }
    }

    fn copy(&self, file: String, to: &str, replace: bool) {
        let from = Path::new(&file);
        let mut target = match place(to) {
            Ok(target) => target,
            Err(error) => return self.refuse("The scan was not copied", &error),
        };
        if target.is_dir()
            && let Some(name) = from.file_name()
        {
            target.push(name);
        }
        match store::copy(from, &target, replace) {
            Ok(bytes) => self.tell(ScansNews::Copied {
                to: target.display().to_string(),
                bytes,
            }),
            Err(StoreError::Exists { .. }) => {
                let to = target.display().to_string();
                self.tell(ScansNews::IsThere { file, to });
            }
            Err(error) => self.refuse("The scan was not copied", &error),
        }
    }

    fn verify(&self, file: &str) {
        let told = |checked| {
            self.tell(ScansNews::Checked {
                file: file.to_owned(),
                checked,
            });
        };
        let found = Scan::open(Path::new(file)).and_then(|scan| {
            scan.verify(|done, all| {
                if done.is_multiple_of(TELL_EVERY) {
                    told(Checked::Running(done, all));
                }
                true
            })
        });
        match found {
            Ok(Some(Verification::Intact)) => told(Checked::Intact),
            Ok(Some(Verification::Unfinished) | None) => told(Checked::Unfinished),
            Ok(Some(Verification::Changed(what))) => told(Checked::Changed(what)),
            Err(error) => self.refuse("The scan could not be verified", &error),
        }
    }
}

fn entry(listed: Listed, ruleset: &str) -> ScanEntry {
    ScanEntry {
        // As an open scan names its file.
        file: std::path::absolute(&listed.path)
            .unwrap_or(listed.path)
            .display()
            .to_string(),
        bytes: listed.bytes,
        scan: match listed.scan {
            Ok(scan) => Ok(kept(scan, ruleset)),
            Err(error) => Err(neutral(&reason(&error)).into_owned()),
        },
    }
}

/// Why a file cannot be read, without the path that stands beside it anyway.
fn reason(error: &StoreError) -> String {
    match error {
        StoreError::NotAScan { .. } => "not a scan of flexposture, or damaged".to_owned(),
        StoreError::Newer { found, known, .. } => {
            format!("of the format {found}, and this version reads up to {known}")
        }
        StoreError::Damaged { detail, .. } => format!("damaged: {detail}"),
        StoreError::Io { source, .. } => source.to_string(),
        StoreError::Database { source, .. } => source.to_string(),
        other => other.to_string(),
    }
}

fn kept(scan: ListedScan, ruleset: &str) -> KeptScan {
    let ended = match scan.info.completeness {
        Completeness::Complete => Ended::Complete,
        Completeness::Cancelled => Ended::Stopped,
        Completeness::Unfinished if scan.running => Ended::Running,
        Completeness::Unfinished => Ended::BrokenOff,
    };
    let header = scan.info.header;
    let judged_now = scan.totals.as_ref().is_some_and(|known| known.as_asked);
    KeptScan {
        id: header.id,
        scope: header.scope,
        endpoint: header.endpoint,
        started_at: header.started_at,
        finished_at: scan.info.finished_at,
        ended,
        servers: scan.info.servers,
        subscriptions: scan.info.subscriptions,
        older_format: (scan.format != FORMAT).then_some(scan.format),
        other_ruleset: scan.ruleset.filter(|it| it != ruleset),
        parent: header.parent,
        totals: scan.totals.map(|known| Arc::new(known.totals)),
        judged_now,
    }
}
