//! The explorer without a terminal: messages in, effects performed by the same jobs as in the loop, until there is nothing
//! more to wait for. What only a terminal can do, as copying, is left out.

use std::sync::Arc;

use jiff::Timestamp;

use crate::app::{Effect, Message, Options, State, update};
use crate::posture::Judge;
use crate::store::{Cache, Folder};
use crate::terminal::PanicReports;

use super::ExemptionBook;
use super::event_loop::opened;
use super::jobs::{Answers, Jobs};
use super::live::Starter;

/// The explorer without a terminal.
pub struct Unattended {
    state: State,
    jobs: Jobs,
    answers: Answers,
}

impl Unattended {
    /// Begins, and waits until what it begins with is there.
    pub async fn start(
        options: Options,
        folder: Option<Folder>,
        cache: Option<Cache>,
        judge: Arc<Judge>,
        starter: Arc<dyn Starter>,
        exemptions: Arc<dyn ExemptionBook>,
    ) -> Self {
        let (state, first) = State::new(options);
        let (jobs, answers) = Jobs::new(
            folder,
            cache,
            judge,
            starter,
            None,
            exemptions,
            PanicReports::default(),
        );
        let mut unattended = Self {
            state,
            jobs,
            answers,
        };
        unattended.perform(first);
        unattended.settle().await;
        unattended
    }

    /// The state.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Tells the state what happened, and waits until everything that follows is done.
    pub async fn tell(&mut self, message: Message) {
        self.take(message);
        self.settle().await;
    }

    async fn settle(&mut self) {
        let mut open = self.jobs.unanswered();
        loop {
            // Counted before the queues are looked into: what ends meanwhile has sent its answer by then.
            let idle = *open.borrow_and_update() == 0;
            if let Ok((job, live)) = self.answers.live.try_recv() {
                self.jobs.adopt(job, live);
            } else if let Ok(message) = self.answers.messages.try_recv() {
                self.take(message);
            } else if idle {
                return;
            } else {
                tokio::select! {
                    Some((job, live)) = self.answers.live.recv() => self.jobs.adopt(job, live),
                    Some(message) = self.answers.messages.recv() => self.take(message),
                    _ = open.changed() => {}
                }
            }
        }
    }

    fn take(&mut self, message: Message) {
        let opened = opened(&message);
        let mut effects = update(&mut self.state, Message::Clock(Timestamp::now()));
        effects.extend(update(&mut self.state, message));
        if let Some((job, id)) = opened
            && self.state.scan.as_ref().is_some_and(|scan| scan.id == id)
        {
            while let Ok((job, live)) = self.answers.live.try_recv() {
                self.jobs.adopt(job, live);
            }
            self.jobs.look_into(job);
        }
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let _ = self.jobs.perform(effect);
        }
    }
}
