//! The reports over all servers: asked for when something that shows them opens, stopped when it closes before they
//! are there, forgotten with the scan that they are about.

use std::sync::Arc;

use crate::app::{Effect, JobId, Mode, ReportsState, ScanReports, State};

pub(super) fn open(state: &mut State, mode: Mode, effects: &mut Vec<Effect>) {
    state.modes.push(mode);
    // A scan that still runs has read more by now.
    if state.reports.loaded().is_none() || state.is_live() {
        ask(state, effects);
    }
}

fn ask(state: &mut State, effects: &mut Vec<Effect>) {
    stop(state, effects);
    let job = state.jobs.next();
    state.jobs.reports = Some(job);
    state.reports = ReportsState::Loading(0);
    effects.push(Effect::MakeReports { job });
}

/// Stops the making of them, when they are being made.
pub(super) fn stop(state: &mut State, effects: &mut Vec<Effect>) {
    if let Some(job) = state.jobs.reports.take() {
        state.reports = ReportsState::None;
        effects.push(Effect::StopReports { job });
    }
}

/// Another scan is open, or the same one has gone on: what was made is about the past.
pub(super) fn forget(state: &mut State, effects: &mut Vec<Effect>) {
    stop(state, effects);
    state.reports = ReportsState::None;
    if state.scan.is_some() && state.modes.iter().any(Mode::shows_reports) {
        ask(state, effects);
    }
}

pub(super) fn progressed(state: &mut State, job: JobId, servers: usize) {
    if state.jobs.reports == Some(job) {
        state.reports = ReportsState::Loading(servers);
    }
}

pub(super) fn made(state: &mut State, job: JobId, reports: Arc<ScanReports>) {
    if state.jobs.reports == Some(job) {
        state.jobs.reports = None;
        state.reports = ReportsState::Loaded(reports);
    }
}
