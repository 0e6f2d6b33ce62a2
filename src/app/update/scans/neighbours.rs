//! To the scan before and to the one after it, staying where one is.

use crate::app::{Effect, JobId, NoticeLevel, ScanChoice, Screen, State, age, moment};

use crate::app::update::{say, screens};

/// Opens the neighbour in time of the open scan, of the same scope.
pub(in crate::app::update) fn step_scan(state: &mut State, step: isize, effects: &mut Vec<Effect>) {
    let Some(file) = state.neighbour(step) else {
        let words = match (step < 0, state.scan_place()) {
            (_, None) => "this scan is not among those that are kept here",
            (true, _) => "this is the oldest scan of its scope",
            (false, _) => "this is the newest scan of its scope",
        };
        return say(state, NoticeLevel::Hint, words);
    };
    let job = state.jobs.next();
    state.jobs.opening = Some(job);
    state.scans.stepping = Some(job);
    say(state, NoticeLevel::Hint, "the scan is being opened ...");
    effects.push(Effect::OpenScan {
        job,
        choice: ScanChoice::Named(file),
    });
}

/// A scan that was asked for here is open.
pub(in crate::app::update) fn opened(state: &mut State, job: JobId, effects: &mut Vec<Effect>) {
    if state.scans.opening == Some(job) {
        state.scans.opening = None;
        screens::go_to(state, Screen::Fleet, effects);
    } else if state.scans.stepping == Some(job) {
        state.scans.stepping = None;
    } else {
        return;
    }
    // That it was judged anew, or that a server is not in it, matters more.
    if state
        .notice
        .as_ref()
        .is_some_and(|it| !it.text.starts_with("the scan is being opened"))
    {
        return;
    }
    if let Some(scan) = &state.scan {
        let mut words = format!("scan of {}", moment(scan.started_at, &state.zone));
        if let Some(now) = state.now {
            words += &format!(", {} old", age(now, scan.started_at));
        }
        if let Some((place, of)) = state.scan_place() {
            words += &format!(", {} of {of}", place + 1);
        }
        say(state, NoticeLevel::Hint, &words);
    }
}

impl State {
    /// The place of the open scan among those of its scope, the oldest first, and how many there are; `None` when it is not
    /// one of them.
    #[must_use]
    pub fn scan_place(&self) -> Option<(usize, usize)> {
        let scan = self.scan.as_ref()?;
        let series = self.scans.series(&self.scans.scope_of(scan));
        Some((series.place(&scan.file)?, series.0.len()))
    }

    /// The file of the scan before or after the open one, of the same scope. One that is not among the kept ones has
    /// neighbours in time, too.
    pub(in crate::app) fn neighbour(&self, step: isize) -> Option<String> {
        let scan = self.scan.as_ref()?;
        let series = self.scans.series(&self.scans.scope_of(scan)).0;
        let at = scan.started_at;
        let found = if step < 0 {
            series.iter().rev().find(|(_, it)| it.started_at < at)
        } else {
            series.iter().find(|(_, it)| it.started_at > at)
        };
        found.map(|(entry, _)| entry.file.clone())
    }
}
