//! The history of a server: asked for when its tab is looked at, and no longer waited for when it is left.

use std::sync::Arc;

use crate::app::{Effect, History, HistoryState, JobId, Screen, State};
use crate::documents::text::neutral_lines;

/// After every message: asks for what is on the screen, and stops what nobody looks at.
pub(super) fn follow(state: &mut State, effects: &mut Vec<Effect>) {
    let looked_at = state.screen() == Screen::Server;
    let wanted = state
        .server
        .as_ref()
        .filter(|server| looked_at && server.shows_history());
    let wanted = wanted.map(|server| server.summary.id.to_string());
    if let Some(job) = state.jobs.history
        && (wanted.is_none() || !is_loading(state, job))
    {
        state.jobs.history = None;
        effects.push(Effect::StopHistory { job });
        if let Some(server) = &mut state.server
            && matches!(server.history, HistoryState::Loading(this) if this == job)
        {
            server.set_history(HistoryState::None);
        }
    }
    let Some(id) = wanted else { return };
    if let Some(server) = &mut state.server
        && matches!(server.history, HistoryState::None)
    {
        let job = state.jobs.next();
        state.jobs.history = Some(job);
        server.set_history(HistoryState::Loading(job));
        effects.push(Effect::LoadHistory { job, server: id });
    }
}

fn is_loading(state: &State, job: JobId) -> bool {
    let server = state.server.as_ref();
    server
        .is_some_and(|server| matches!(server.history, HistoryState::Loading(this) if this == job))
}

pub(super) fn loaded(state: &mut State, job: JobId, history: Arc<History>) {
    finish(state, job, HistoryState::Loaded(history));
}

/// It could not be read; whether anybody waited for it.
pub(super) fn failed(state: &mut State, job: JobId, title: &str, detail: &str) -> bool {
    let why = neutral_lines(&format!("{title}: {detail}"));
    finish(state, job, HistoryState::Failed(why))
}

fn finish(state: &mut State, job: JobId, history: HistoryState) -> bool {
    if state.jobs.history != Some(job) {
        return false;
    }
    state.jobs.history = None;
    if let Some(server) = &mut state.server {
        server.set_history(history);
    }
    true
}
