//! The loop itself: everything that is there first, then one frame, then wait.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::time::sleep_until;

use crate::app::{Effect, JobId, Message, Progress, State, ThemeChange, update};
use crate::look::Look;
use crate::terminal::{
    Capability, FrameError, Input, InputEvent, LinkedText, Outlet, Readiness, Screen, Session,
    Signal, Signals, copy,
};
use crate::view;

use super::jobs::{Answers, Jobs};
use super::keys;
use super::pace::Pace;
use super::rehearsal::Rehearsal;
use super::themes::Themes;

/// Events handled before a frame is drawn all the same, so that a flood cannot keep the screen still.
const BURST: usize = 256;

/// What is to be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dirty {
    /// Nothing: the screen shows the state.
    Clean,
    /// Only how far something is, which can wait for the pace of the line.
    Progress,
    /// Something that somebody waits for.
    Now,
}

/// Everything that the loop holds.
pub struct EventLoop<O: Outlet> {
    pub session: Session,
    pub input: Input,
    pub screen: Screen<O>,
    pub capability: Capability,
    pub look: Look,
    pub themes: Themes,
    pub state: State,
    pub jobs: Jobs,
    pub answers: Answers,
    pub rehearsal: Rehearsal,
    /// What is to be drawn.
    pub dirty: Dirty,
    pub pace: Pace,
    pub quit: Option<u8>,
}

impl<O: Outlet> EventLoop<O> {
    /// Runs until the program is to end; the exit code.
    ///
    /// # Errors
    /// When there is no terminal any more, or it cannot be written to.
    pub async fn run(
        &mut self,
        signals: &mut Signals,
        first: Vec<Effect>,
    ) -> Result<u8, FrameError> {
        for effect in first {
            self.perform(effect, signals).await?;
        }
        loop {
            for _ in 0..BURST {
                if let Some(event) = self.input.try_next() {
                    self.on_input(event, signals).await?;
                } else if let Ok((job, live)) = self.answers.live.try_recv() {
                    self.jobs.adopt(job, live);
                } else if let Ok(message) = self.answers.messages.try_recv() {
                    self.on_message(message, signals).await?;
                } else {
                    break;
                }
            }
            if let Some(code) = self.quit {
                return Ok(code);
            }
            let mut next_frame = None;
            if self.dirty != Dirty::Clean {
                let now = Instant::now();
                match self.readiness(now) {
                    Readiness::Now => self.draw(now)?,
                    Readiness::After(wait) => next_frame = Some(now + wait),
                    // Draining, below, comes first.
                    Readiness::Behind => {}
                }
            }
            tokio::select! {
                biased;
                signal = signals.next() => self.on_signal(signal, signals).await?,
                event = self.input.next() => {
                    self.on_input(event.unwrap_or(InputEvent::HangUp), signals).await?;
                }
                Some((job, live)) = self.answers.live.recv() => self.jobs.adopt(job, live),
                Some(message) = self.answers.messages.recv() => {
                    self.on_message(message, signals).await?;
                }
                () = self.themes.changed() => self.reload_theme(false),
                drained = self.screen.drain(), if self.screen.is_behind() => {
                    drained?;
                    self.pace.drained(Instant::now());
                }
                () = sleep_until(next_frame.unwrap_or_else(Instant::now).into()), if next_frame.is_some() => {}
            }
        }
    }

    /// When the next frame may be drawn: as the line allows, and where it would only show progress as the pace does.
    fn readiness(&self, now: Instant) -> Readiness {
        match (self.screen.readiness(now), self.dirty) {
            (Readiness::Now, Dirty::Progress) => match self.pace.ready_in(now) {
                Duration::ZERO => Readiness::Now,
                wait => Readiness::After(wait),
            },
            (Readiness::After(wait), Dirty::Progress) => {
                Readiness::After(wait.max(self.pace.ready_in(now)))
            }
            (readiness, _) => readiness,
        }
    }

    fn draw(&mut self, now: Instant) -> Result<(), FrameError> {
        let (state, look) = (&self.state, &self.look);
        if self.capability.links {
            let links = view::links(state).into_iter().map(|link| LinkedText {
                y: link.y,
                columns: link.columns,
                url: link.url,
            });
            self.screen.link(&links.collect::<Vec<_>>());
        }
        let bytes = self
            .screen
            .draw(now, |frame| view::draw(frame, state, look))?;
        let only = self.dirty == Dirty::Progress;
        self.pace.drawn(now, bytes, only, self.screen.is_behind());
        self.dirty = Dirty::Clean;
        Ok(())
    }

    async fn on_signal(&mut self, signal: Signal, signals: &mut Signals) -> Result<(), FrameError> {
        match signal {
            Signal::Suspend => self.suspend(signals).await?,
            Signal::Continue => {
                self.session.resume()?;
                self.redraw()?;
            }
            Signal::Resized => {
                let (columns, rows) = self.session.size()?;
                self.screen.resize(columns, rows)?;
                self.jobs.tell(Message::Resize { columns, rows });
            }
            ending => self.quit = ending.exit_code(),
        }
        Ok(())
    }

    async fn on_input(
        &mut self,
        event: InputEvent,
        signals: &mut Signals,
    ) -> Result<(), FrameError> {
        match event {
            InputEvent::Terminal(event) => {
                if let Some(message) = keys::message(event) {
                    self.rehearsal.take().play(&self.jobs);
                    self.on_message(message, signals).await?;
                }
            }
            InputEvent::HangUp => self.quit = Signal::HangUp.exit_code(),
            InputEvent::Failed(error) => return Err(FrameError::Write(error)),
        }
        Ok(())
    }

    async fn on_message(
        &mut self,
        message: Message,
        signals: &mut Signals,
    ) -> Result<(), FrameError> {
        let opened = opened(&message);
        let dirty = dirt_of(&message);
        let mut effects = update(&mut self.state, Message::Clock(Timestamp::now()));
        effects.extend(update(&mut self.state, message));
        if let Some((job, id)) = opened {
            // The file was told of before the scan was, on a channel of its own.
            while let Ok((job, live)) = self.answers.live.try_recv() {
                self.jobs.adopt(job, live);
            }
            let refreshing = self.state.live.refreshing.as_ref();
            if self.state.scan.as_ref().is_some_and(|scan| scan.id == id) {
                self.jobs.look_into(job);
            } else if refreshing.is_some_and(|it| it.job == job) {
                self.jobs.look_into_both(job);
            }
        }
        self.dirty = self.dirty.max(dirty);
        self.pace
            .reached(self.state.progress.as_ref().and_then(Progress::percent));
        for effect in effects {
            self.perform(effect, signals).await?;
        }
        Ok(())
    }

    async fn perform(&mut self, effect: Effect, signals: &mut Signals) -> Result<(), FrameError> {
        match self.jobs.perform(effect) {
            Some(Effect::Copy(text)) => self.copy(&text),
            Some(Effect::Suspend) => self.suspend(signals).await,
            Some(Effect::Redraw) => self.redraw(),
            Some(Effect::Theme(change)) => {
                self.change_theme(change);
                Ok(())
            }
            Some(Effect::Quit) => {
                self.quit = Some(0);
                Ok(())
            }
            Some(_) | None => Ok(()),
        }
    }

    fn copy(&mut self, text: &str) -> Result<(), FrameError> {
        let message = match copy(text, &self.capability) {
            Ok(bytes) => {
                self.screen.pass(&bytes, Instant::now())?;
                Message::Copied("sent to the terminal's clipboard (OSC 52)".to_owned())
            }
            Err(refused) => Message::CopyFailed(refused.to_string()),
        };
        self.jobs.tell(message);
        Ok(())
    }

    fn change_theme(&mut self, change: ThemeChange) {
        let stepped = match change {
            ThemeChange::Next => self.themes.step(1),
            ThemeChange::Previous => self.themes.step(-1),
            ThemeChange::Reload => return self.reload_theme(true),
        };
        self.jobs.tell(match stepped {
            Ok((name, look)) => {
                self.look = look;
                Message::ThemeTaken(format!("theme {name}"))
            }
            Err(error) => Message::ThemeRefused(error.to_string()),
        });
    }

    /// Reads the theme anew. When nobody asked for it, it is told only where something has changed.
    fn reload_theme(&mut self, asked: bool) {
        match self.themes.reload() {
            Ok(look) if look == self.look && !asked => {}
            Ok(look) => {
                self.look = look;
                let words = format!("theme {} read anew", self.themes.name());
                self.jobs.tell(Message::ThemeTaken(words));
            }
            Err(error) => self.jobs.tell(Message::ThemeRefused(error.to_string())),
        }
    }

    async fn suspend(&mut self, signals: &mut Signals) -> Result<(), FrameError> {
        self.input.pause();
        let suspended = self.session.suspend(signals).await;
        self.input.resume();
        suspended?;
        self.redraw()
    }

    /// After somebody else had the terminal, whose size may have changed meanwhile.
    fn redraw(&mut self) -> Result<(), FrameError> {
        let (columns, rows) = self.session.size()?;
        self.screen.redraw(columns, rows)?;
        self.jobs.tell(Message::Resize { columns, rows });
        self.dirty = Dirty::Now;
        Ok(())
    }
}

/// How urgent it is to draw what a message changes.
const fn dirt_of(message: &Message) -> Dirty {
    match message {
        Message::Progress { progress, .. } if progress.finished.is_none() => Dirty::Progress,
        Message::FleetGrew { .. } | Message::ReportsProgress { .. } => Dirty::Progress,
        _ => Dirty::Now,
    }
}

/// The job and the scan's id, when a message opens a scan.
pub fn opened(message: &Message) -> Option<(JobId, String)> {
    match message {
        Message::ScanOpened { job, scan } => Some((*job, scan.info.id.clone())),
        _ => None,
    }
}
