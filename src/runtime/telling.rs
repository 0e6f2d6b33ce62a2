//! What a running scan tells, as the explorer's messages: counts by subscription are kept here, so that each message
//! holds all of them.

use std::collections::BTreeMap;

use tokio::sync::mpsc;

use crate::app::{self, Finished, JobId, Message, ProgressError, SubscriptionProgress};
use crate::documents::Subscription;
use crate::posture::ServerSummary;
use crate::scan::{Meter, Progress};

/// What is known of a scan's progress so far.
pub struct Telling {
    job: JobId,
    messages: mpsc::UnboundedSender<Message>,
    progress: app::Progress,
    subscriptions: Vec<Subscription>,
    found: BTreeMap<String, u64>,
    done: BTreeMap<String, usize>,
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
        }
    }

    /// Passes on what the scan tells until it ends.
    pub async fn listen(mut self, mut progress: mpsc::UnboundedReceiver<Progress>) -> Self {
        while let Some(news) = progress.recv().await {
            self.take(news);
        }
        self
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
                self.grew(Vec::new(), servers);
            }
            Progress::Meter(meter) => {
                self.meter(&meter);
                self.send_progress();
            }
            Progress::Note(note) => self.send(Message::Failed {
                job: None,
                title: "Not everything is visible".to_owned(),
                detail: note,
            }),
        }
    }

    fn meter(&mut self, meter: &Meter) {
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
        self.progress.waiting = meter.waiting.as_ref().map(|waiting| app::Waiting {
            subscription: waiting
                .subscription
                .as_deref()
                .map_or("all subscriptions", |id| self.name_of(id))
                .to_owned(),
            seconds: waiting.remaining_ms.div_ceil(1000),
            why: if waiting.throttled {
                "request limit reached".to_owned()
            } else {
                "trying again".to_owned()
            },
        });
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
