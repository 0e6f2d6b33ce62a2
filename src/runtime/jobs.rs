//! Effects performed: each is a task that answers with messages.

mod over_scans;
mod reader;
mod scans;
mod search;
mod taking;

use std::any::Any;
use std::collections::HashMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::app::{Effect, JobId, Message, ReportsFold, ServerDetail};
use crate::posture::Judge;
use crate::store::{Cache, Folder, Retention, Scan, StoreError};
use crate::terminal::PanicReports;

use super::exemption_book::ExemptionBook;
use super::kept::Kept;
use super::live::{Live, ScanKind, Starter, What};
use super::search_file::SearchFile;
use super::writing::{self, Script};
use over_scans::stop;
use reader::Reader;

/// How long a cancelled scan may take to finish its file when the program ends.
const TO_FINISH: Duration = Duration::from_millis(1_000);

/// After how many servers it is told how far the reports are.
const TELL_EVERY: usize = 500;

/// What effects are performed with.
pub struct Jobs {
    folder: Option<Folder>,
    /// What findings are judged by; exemptions that are added make another one of it.
    judge: Arc<Mutex<Arc<Judge>>>,
    exemptions: Arc<dyn ExemptionBook>,
    starter: Arc<dyn Starter>,
    searches: Option<SearchFile>,
    reports: PanicReports,
    messages: mpsc::UnboundedSender<Message>,
    live: mpsc::UnboundedSender<(JobId, Live)>,
    cancellations: HashMap<JobId, CancellationToken>,
    scans: JoinSet<()>,
    /// The file behind each job that opened or makes a scan.
    files: HashMap<JobId, PathBuf>,
    /// The file whose servers are looked into.
    current: Arc<Mutex<Reader>>,
    newest_detail: Arc<AtomicU64>,
    newest_filter: Arc<AtomicU64>,
    newest_find: Arc<AtomicU64>,
    /// The job of the reports that are waited for; 0 for none.
    newest_reports: Arc<AtomicU64>,
    /// The job of the comparison that is waited for; 0 for none.
    newest_compare: Arc<AtomicU64>,
    newest_pair: Arc<AtomicU64>,
    /// The job of the history that is waited for; 0 for none.
    newest_history: Arc<AtomicU64>,
    /// Where scans judged under other rulesets are kept.
    cache: Option<Cache>,
    kept: Kept,
    /// The job of the file that is waited for; 0 for none.
    newest_file: Arc<AtomicU64>,
    keep: Vec<Box<dyn Any + Send>>,
    /// Which scans of watch mode are kept.
    retention: Retention,
    timer: Option<JoinHandle<()>>,
    /// How many tasks that answer have not ended.
    open: watch::Sender<usize>,
}

/// Where jobs answer.
pub struct Answers {
    /// What happened.
    pub messages: mpsc::UnboundedReceiver<Message>,
    /// The files of live scans.
    pub live: mpsc::UnboundedReceiver<(JobId, Live)>,
}

impl Jobs {
    /// Jobs that open scans of `folder` and start scans by `starter`.
    pub fn new(
        folder: Option<Folder>,
        cache: Option<Cache>,
        judge: Arc<Judge>,
        starter: Arc<dyn Starter>,
        searches: Option<SearchFile>,
        exemptions: Arc<dyn ExemptionBook>,
        reports: PanicReports,
    ) -> (Self, Answers) {
        let (messages, message_receiver) = mpsc::unbounded_channel();
        let (live, live_receiver) = mpsc::unbounded_channel();
        let kept = Kept {
            folder: folder.clone(),
            cache: cache.clone(),
            judge: judge.clone(),
            messages: messages.clone(),
            newest_count: Arc::default(),
        };
        let jobs = Self {
            kept,
            folder,
            judge: Arc::new(Mutex::new(judge)),
            exemptions,
            starter,
            searches,
            reports,
            messages,
            live,
            cancellations: HashMap::new(),
            scans: JoinSet::new(),
            files: HashMap::new(),
            current: Arc::default(),
            newest_detail: Arc::default(),
            newest_filter: Arc::default(),
            newest_find: Arc::default(),
            newest_reports: Arc::default(),
            newest_compare: Arc::default(),
            newest_pair: Arc::default(),
            newest_history: Arc::default(),
            cache,
            newest_file: Arc::default(),
            keep: Vec::new(),
            retention: Retention::default(),
            timer: None,
            open: watch::Sender::new(0),
        };
        let answers = Answers {
            messages: message_receiver,
            live: live_receiver,
        };
        (jobs, answers)
    }

    /// Remembers the file of a live scan and what must live with it.
    pub fn adopt(&mut self, job: JobId, live: Live) {
        self.files.insert(job, live.path);
        self.keep.push(live.keep);
    }

    /// The state took the scan of this job as the one to look into.
    pub fn look_into(&mut self, job: JobId) {
        // A scan that ended is opened anew: its file is no longer the one that was read while it was written. What is
        // still being read goes on with the old one, and is not waited for.
        self.current = Arc::new(Mutex::new(Reader::of(self.files.get(&job).cloned())));
    }

    /// Performs an effect. What only the loop can do, because it needs the terminal, comes back.
    pub fn perform(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::OpenScan { job, choice } => self.open(job, choice),
            Effect::StartScan { job } => self.start(job, What::New(ScanKind::Azure)),
            Effect::StartDemo { job } => self.start(job, What::New(ScanKind::Demo)),
            Effect::ResumeScan { job, scan } => self.start(job, What::Resume(scan.into())),
            Effect::RefreshFleet {
                job,
                scan,
                by_watch,
            } => {
                let what = What::Again {
                    scan: PathBuf::from(scan),
                    watch: by_watch.then_some(self.retention),
                };
                self.start(job, what);
            }
            Effect::RefreshServers {
                job,
                scan,
                servers,
                part,
            } => self.refresh(job, PathBuf::from(scan), servers, part),
            Effect::Wait {
                generation,
                seconds,
            } => self.wait(generation, seconds),
            Effect::CancelScan { job } => {
                if let Some(cancellation) = self.cancellations.get(&job) {
                    cancellation.cancel();
                }
            }
            Effect::Scans(work) => {
                self.kept.note(&work);
                let kept = Kept {
                    judge: self.judge(),
                    ..self.kept.clone()
                };
                self.blocking(None, move || kept.perform(work));
            }
            Effect::LoadDetail { job, server } => self.load(job, server),
            Effect::MakeReports { job } => self.make_reports(job),
            Effect::StopReports { job } => stop(&self.newest_reports, job),
            Effect::Compare { job, from, to } => self.compare(job, from, to),
            Effect::StopCompare { job } => stop(&self.newest_compare, job),
            Effect::LoadPair {
                job,
                server,
                from,
                to,
            } => self.load_pair(job, server, [from.into(), to.into()]),
            Effect::LoadHistory { job, server } => self.load_history(job, server),
            Effect::StopHistory { job } => stop(&self.newest_history, job),
            Effect::Export { job, export } => self.write(job, move |scan, judge, watch| {
                let written = writing::export(&export, scan, judge, watch)?;
                Ok(Message::Written { job, written })
            }),
            Effect::WriteFixes { job, order } => self.write(job, move |scan, judge, watch| {
                Ok(match writing::fixes(&order, scan, judge, watch)? {
                    Script::File(written) => Message::Written { job, written },
                    Script::Text(text) => Message::ScriptMade { job, text },
                })
            }),
            Effect::StopWriting { job } => stop(&self.newest_file, job),
            Effect::AddExemptions { job, entries } => self.add_exemptions(job, entries),
            Effect::JudgeAnew { job } => {
                let path = lock(&self.current).path.clone();
                if let Some(path) = path {
                    self.open_file(job, path, Vec::new());
                }
            }
            Effect::Index { .. }
            | Effect::Filter { .. }
            | Effect::Find { .. }
            | Effect::GatherWords { .. }
            | Effect::ReadSearches
            | Effect::AddSearch(_)
            | Effect::WriteSearches(_) => self.search(effect),
            counted @ (Effect::Survey { .. } | Effect::List { .. }) => {
                let messages = self.messages.clone();
                self.blocking(None, move || {
                    let answer = counted.count();
                    // Whoever gets the answer may let the fleet grow: it is not shared any more then.
                    drop(counted);
                    if let Some(answer) = answer {
                        let _ = messages.send(answer);
                    }
                });
            }
            for_the_loop @ (Effect::Copy(_)
            | Effect::Theme(_)
            | Effect::Suspend
            | Effect::Redraw
            | Effect::Quit) => {
                return Some(for_the_loop);
            }
        }
        None
    }

    /// How many tasks that answer have not ended. What one has to say was sent before it counts as ended.
    pub fn unanswered(&self) -> watch::Receiver<usize> {
        self.open.subscribe()
    }

    /// A message from the loop itself to the state.
    pub fn tell(&self, message: Message) {
        let _ = self.messages.send(message);
    }

    /// Cancels the scans of this session and gives them a moment to finish their files. What is not finished then stays
    /// readable, and is marked as unfinished.
    pub async fn finish(&mut self) {
        for cancellation in self.cancellations.values() {
            cancellation.cancel();
        }
        let all = async { while self.scans.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(TO_FINISH, all).await;
    }

    /// What findings are judged by.
    fn judge(&self) -> Arc<Judge> {
        Arc::clone(&lock(&self.judge))
    }

    fn load(&self, job: JobId, server: String) {
        let (reader, judge) = (self.current.clone(), self.judge());
        let messages = self.messages.clone();
        self.newest_detail.store(job.0, Ordering::Release);
        let newest = self.newest_detail.clone();
        self.blocking(Some(job), move || {
            let mut reader = lock(&reader);
            if newest.load(Ordering::Acquire) != job.0 {
                // Somebody went on to another server while this one waited for its turn.
                return;
            }
            let read = reader.documents(&server);
            drop(reader);
            let message = match read {
                Ok(documents) => Message::DetailLoaded {
                    job,
                    detail: Arc::new(ServerDetail::new(documents, &judge)),
                },
                Err(error) => Message::Failed {
                    job: Some(job),
                    title: "The server could not be read from the scan".to_owned(),
                    detail: error.to_string(),
                },
            };
            let _ = messages.send(message);
        });
    }

    /// Looks through all servers of the scan. It opens the file for itself: who looks into a server does not wait for it.
    fn make_reports(&self, job: JobId) {
        let path = lock(&self.current).path.clone();
        let (judge, messages) = (self.judge(), self.messages.clone());
        self.newest_reports.store(job.0, Ordering::Release);
        let newest = self.newest_reports.clone();
        self.blocking(Some(job), move || {
            let wanted = || newest.load(Ordering::Acquire) == job.0;
            let mut fold = ReportsFold::new(&judge);
            let read = path
                .ok_or(StoreError::NoScans)
                .and_then(|path| Scan::open(&path))
                .and_then(|mut scan| {
                    scan.for_each_while(|documents| {
                        fold.add(&documents);
                        let servers = fold.servers();
                        if servers.is_multiple_of(TELL_EVERY) {
                            let _ = messages.send(Message::ReportsProgress { job, servers });
                        }
                        wanted()
                    })
                });
            let message = match read {
                _ if !wanted() => return,
                Ok(()) => Message::ReportsMade {
                    job,
                    reports: Arc::new(fold.finish()),
                },
                Err(error) => Message::Failed {
                    job: Some(job),
                    title: "The scan could not be looked through".to_owned(),
                    detail: error.to_string(),
                },
            };
            let _ = messages.send(message);
        });
    }

    fn blocking(&self, job: Option<JobId>, work: impl FnOnce() + Send + 'static) {
        self.watch(job, tokio::task::spawn_blocking(work));
    }

    /// Runs a task; when it panics the state hears of it instead of the program ending. The handle ends with the task.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        self.watch(None, tokio::spawn(work))
    }

    /// The state waits for an answer of some jobs: it hears that none will come.
    fn watch(&self, job: Option<JobId>, task: JoinHandle<()>) -> JoinHandle<()> {
        let (reports, messages) = (self.reports.clone(), self.messages.clone());
        let open = self.open.clone();
        open.send_modify(|open| *open += 1);
        tokio::spawn(async move {
            tell_of_panic(task.await, job, &reports, &messages);
            open.send_modify(|open| *open -= 1);
        })
    }
}

/// Tells the state when a task ended by a panic, and that a job has no answer then.
fn tell_of_panic(
    ended: Result<(), JoinError>,
    job: Option<JobId>,
    reports: &PanicReports,
    messages: &mpsc::UnboundedSender<Message>,
) {
    let Err(error) = ended else {
        return;
    };
    if !error.is_panic() {
        return;
    }
    let told = reports.take().join("\n");
    let words = if told.is_empty() {
        error.to_string()
    } else {
        told
    };
    if job.is_some() {
        let _ = messages.send(Message::Failed {
            job,
            title: "There will be no answer".to_owned(),
            detail: "a part of the program broke down".to_owned(),
        });
    }
    let _ = messages.send(Message::TaskPanicked(words));
}

fn not_opened(job: JobId, error: &StoreError) -> Message {
    Message::Failed {
        job: Some(job),
        title: "The scan could not be opened".to_owned(),
        detail: error.to_string(),
    }
}

fn lock<T>(value: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
