//! What a running scan tells, as the explorer's messages: counts by subscription are kept here, so that each message
//! holds all of them.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::app::{
    self, Finished, JobId, Message, Planned, PlannedKind, ProgressError, SubscriptionProgress,
};
use crate::documents::{DocumentKind, Subscription};
use crate::posture::ServerSummary;
use crate::scan::{Meter, Pace, Progress, allowance_in_words, held_in_words};

/// A list of so many servers is cheap to sort anew: what comes in is told at once.
const SMALL: usize = 1_000;

/// How long servers of a larger list are gathered before they are told: sorting it anew for every few of them would
/// keep keys waiting.
const GATHERING: Duration = Duration::from_millis(500);

/// The most things that hold reads back that are named.
const HELD: usize = 6;

/// What is known of a scan's progress so far.
pub struct Telling {
    job: JobId,
    messages: mpsc::UnboundedSender<Message>,
    progress: app::Progress,
    subscriptions: Vec<Subscription>,
    found: BTreeMap<String, u64>,
    done: BTreeMap<String, usize>,
    /// What Azure grants now, in words, by subscription id in lower case.
    granted: BTreeMap<String, String>,
    pace: Pace,
    started: Instant,
    gathered: Vec<ServerSummary>,
    told: usize,
    told_at: Option<Instant>,
}

impl Telling {
    /// Nothing is known yet.
    pub fn new(job: JobId, messages: mpsc::UnboundedSender<Message>) -> Self {
        Self {
            job,
            messages,
            progress: app::Progress::default(),
            subscriptions: Vec::new(),
            found: BTreeMap::new(),
            done: BTreeMap::new(),
            granted: BTreeMap::new(),
            pace: Pace::default(),
            started: Instant::now(),
            gathered: Vec::new(),
            told: 0,
            told_at: None,
        }
    }

    /// Passes on what the scan tells until it ends.
    pub async fn listen(mut self, mut progress: mpsc::UnboundedReceiver<Progress>) -> Self {
        loop {
            let news = match self.due() {
                Some(due) => match timeout_at(due, progress.recv()).await {
                    Ok(news) => news,
                    Err(_) => {
                        self.tell_gathered();
                        continue;
                    }
                },
                None => progress.recv().await,
            };
            let Some(news) = news else { break };
            self.take(news);
            if self.due().is_some_and(|due| due <= Instant::now()) {
                self.tell_gathered();
            }
        }
        self.tell_gathered();
        self
    }

    /// When the servers that were gathered are to be told; `None` when there are none.
    fn due(&self) -> Option<Instant> {
        if self.gathered.is_empty() {
            return None;
        }
        Some(match self.told_at {
            Some(at) if self.told >= SMALL => at + GATHERING,
            _ => Instant::now(),
        })
    }

    fn tell_gathered(&mut self) {
        if !self.gathered.is_empty() {
            let servers = std::mem::take(&mut self.gathered);
            self.told += servers.len();
            self.told_at = Some(Instant::now());
            self.grew(Vec::new(), servers);
        }
    }

    /// The scan has ended.
    pub fn finished(&mut self, finished: Finished) {
        self.progress.finished = Some(finished);
        self.send_progress();
    }

    fn take(&mut self, news: Progress) {
        match news {
            Progress::Subscriptions(subscriptions) => {
                self.subscriptions.clone_from(&subscriptions);
                self.count();
                self.grew(subscriptions, Vec::new());
                self.send_progress();
            }
            Progress::Found(found) => {
                self.found = found;
                self.count();
                self.send_progress();
            }
            Progress::Stored(servers) => {
                for server in &servers {
                    *self
                        .done
                        .entry(server.subscription.to_lowercase())
                        .or_default() += 1;
                }
                self.count();
                self.gathered.extend(servers);
            }
            Progress::Meter(meter) => {
                self.meter(&meter);
                self.send_progress();
            }
            Progress::Planned(plan) => self.pace.plan(plan),
            Progress::Note(note) => self.send(Message::Failed {
                job: None,
                title: "Not everything is visible".to_owned(),
                detail: note,
            }),
        }
    }

    fn meter(&mut self, meter: &Meter) {
        self.pace.observe(self.started.elapsed(), meter);
        let left = self.pace.left();
        self.progress.time_left = left.in_words();
        self.progress.time_is_known = left.seconds().is_some();
        self.progress.planned = self.planned(meter);
        self.progress.requests = meter.requests;
        self.progress.unread = meter.unread.values().map(|(count, _)| count).sum();
        self.progress.errors = meter
            .unread
            .iter()
            .map(|(kind, (count, example))| ProgressError {
                kind: (*kind).to_owned(),
                count: usize::try_from(*count).unwrap_or(usize::MAX),
                example: example.clone(),
            })
            .collect();
        let mut waiting: Vec<String> = meter
            .pressure
            .held
            .iter()
            .take(HELD)
            .map(|held| held_in_words(held, |id| self.name_of(id)))
            .collect();
        match meter.pressure.held.len().saturating_sub(HELD) {
            0 => {}
            more => waiting.push(format!("and {more} more")),
        }
        if meter.retrying > 0 {
            waiting.push(format!(
                "{} failed reads wait to be tried again",
                meter.retrying
            ));
        }
        self.progress.waiting = waiting;
        self.granted = meter
            .pressure
            .allowances
            .iter()
            .filter_map(|it| Some((it.bucket.subscription()?.to_owned(), allowance_in_words(it))))
            .collect();
        self.count();
    }

    /// What is planned, beside what was read of it.
    fn planned(&self, meter: &Meter) -> Option<Planned> {
        let plan = self.pace.planned()?;
        let done = |what| DocumentKind::ALL.iter().any(|kind| kind.title() == what);
        let kinds = plan.kinds.iter().map(|(what, bounds)| PlannedKind {
            what: (*what).to_owned(),
            done: done(*what).then(|| meter.kinds.get(what).copied().unwrap_or(0)),
            least: bounds.least,
            most: bounds.most,
        });
        Some(Planned {
            least: plan.requests.least,
            most: plan.requests.most,
            reads: meter.reads(),
            kinds: kinds.collect(),
        })
    }

    fn name_of<'a>(&'a self, id: &'a str) -> &'a str {
        self.subscriptions
            .iter()
            .find(|subscription| subscription.id.eq_ignore_ascii_case(id))
            .map_or(id, |subscription| &subscription.name)
    }

    /// Brings the counts by subscription and in all up to date.
    fn count(&mut self) {
        let number = |count: &u64| usize::try_from(*count).unwrap_or(usize::MAX);
        self.progress.subscriptions = self
            .subscriptions
            .iter()
            .map(|subscription| {
                let key = subscription.id.to_lowercase();
                SubscriptionProgress {
                    name: subscription.name.clone(),
                    found: self.found.get(&key).map_or(0, number),
                    done: self.done.get(&key).copied().unwrap_or(0),
                    granted: self.granted.get(&key).cloned(),
                }
            })
            .collect();
        self.progress.servers_found = self.found.values().map(number).sum();
        self.progress.servers_done = self.done.values().sum();
    }

    fn grew(&self, subscriptions: Vec<Subscription>, servers: Vec<ServerSummary>) {
        self.send(Message::FleetGrew {
            job: self.job,
            subscriptions,
            servers,
        });
    }

    fn send_progress(&self) {
        self.send(Message::Progress {
            job: self.job,
            progress: self.progress.clone(),
        });
    }

    fn send(&self, message: Message) {
        // The loop is gone only when the program ends.
        let _ = self.messages.send(message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::FeatureId;
    use crate::posture::{Cell, Score, Tags, VerdictWord};

    fn stored(count: usize) -> Progress {
        let one = ServerSummary {
            id: "id".into(),
            name: "name".into(),
            resource_group: "group".into(),
            subscription: "s1".into(),
            region: "region".into(),
            version: "8.0.37".into(),
            state: "Ready".into(),
            tags: Tags::default(),
            cells: [Cell {
                verdict: VerdictWord::Unknown,
                severity: None,
                cause: None,
            }; FeatureId::COUNT],
            open: [0; 4],
            score: Score::default(),
            beyond: Score::default(),
        };
        Progress::Stored(vec![one; count])
    }

    fn told(messages: &mut mpsc::UnboundedReceiver<Message>) -> Vec<usize> {
        let mut told = Vec::new();
        while let Ok(message) = messages.try_recv() {
            if let Message::FleetGrew { servers, .. } = message {
                told.push(servers.len());
            }
        }
        told
    }

    #[tokio::test(start_paused = true)]
    async fn a_small_list_grows_at_once_and_a_large_one_twice_a_second() {
        let (messages, mut out) = mpsc::unbounded_channel();
        let (progress, news) = mpsc::unbounded_channel();
        let listening = tokio::spawn(Telling::new(JobId(1), messages).listen(news));
        let after = |pause: Duration| async move { tokio::time::sleep(pause).await };
        let moment = Duration::from_millis(1);
        progress.send(stored(1)).unwrap();
        progress.send(stored(SMALL)).unwrap();
        after(moment).await;
        assert_eq!(told(&mut out), [1, SMALL]);
        for _ in 0..10 {
            progress.send(stored(1)).unwrap();
            after(moment).await;
        }
        assert_eq!(told(&mut out), [0_usize; 0]);
        after(GATHERING).await;
        assert_eq!(told(&mut out), [10], "without waiting for more");
        progress.send(stored(3)).unwrap();
        drop(progress);
        listening.await.unwrap();
        assert_eq!(told(&mut out), [3], "the end of the scan waits for nothing");
    }
}
