//! Work that the runtime does, and what it answers.

use std::sync::Arc;

use crate::app::{
    Completeness, DetailState, Effect, HistoryState, JobId, JudgedUnder, Mode, NoticeLevel,
    OpenedScan, Progress, ReportsState, Screen, ServerDetail, State,
};
use crate::documents::text::neutral_lines;
use crate::documents::{ResourceId, Subscription};
use crate::posture::ServerSummary;

use super::{difference, filter, history, live, navigate, problem, reports, say, scans, session};

pub(super) fn start(
    state: &mut State,
    effect: impl FnOnce(JobId) -> Effect,
    effects: &mut Vec<Effect>,
) {
    state.progress = None;
    // What is still being opened would otherwise take the place of the scan, and get its servers.
    state.jobs.opening = None;
    let job = state.jobs.next_scan();
    effects.push(effect(job));
}

pub(super) fn scan_opened(
    state: &mut State,
    job: JobId,
    scan: OpenedScan,
    effects: &mut Vec<Effect>,
) {
    let from_disk = state.jobs.opening == Some(job);
    let read_again = match live::opened(state, job, &scan, effects) {
        live::Opened::NotTaken => return,
        live::Opened::Ours(words) => Some(words),
        live::Opened::Another => None,
    };
    if from_disk {
        state.jobs.opening = None;
    } else if read_again.is_some() {
        // Its rows are those of the scan that is shown.
    } else if state.jobs.scan != Some(job) {
        return;
    } else if scan.info.completeness != Completeness::Running {
        state.jobs.scanning = None;
    }
    for mode in &mut state.modes {
        if let Mode::Screen(screen @ Screen::Welcome) = mode {
            *screen = Screen::Fleet;
        }
    }
    if let Some(then) = &scan.info.judged_under {
        let words = judged_anew(&scan.info.ruleset, then);
        say(state, NoticeLevel::Hint, &words);
    }
    state.scan = Some(scan.info);
    state.roster.replace(scan.fleet);
    super::form::forget(state, effects);
    filter::index(state, effects);
    reports::forget(state, effects);
    live::follow(state, job, effects);
    if state.scan_is_whole() {
        live::watch_from(state, effects);
    }
    difference::forget(state, effects);
    state.trend.counted.clear();
    // Who has chosen a scan by hand is where they want to be.
    if from_disk && state.resume.is_some() && state.scans.opening != Some(job) {
        session::resume(state, effects);
    } else {
        state.resume = None;
        stay_with_the_server(state, effects);
        scans::opened(state, job, effects);
    }
    scans::list(state, effects);
    if let Some(words) = read_again {
        say(state, NoticeLevel::Done, &words);
    }
}

/// Whoever looks into a server goes on looking into it, in the scan that was opened.
fn stay_with_the_server(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(server) = &mut state.server else {
        return;
    };
    match state.roster.find(&server.summary.id) {
        Some(summary) => {
            server.summary = summary.clone();
            server.set_history(HistoryState::None);
            server.refresh_rows();
            navigate::load(state, effects);
        }
        None => {
            let words = format!("{} is not in this scan", server.summary.name);
            navigate::leave_server(state);
            say(state, NoticeLevel::Hint, &words);
        }
    }
}

fn judged_anew(now: &str, then: &JudgedUnder) -> String {
    let differ = then.words();
    format!("judged anew under {now} (was {}): {differ}", then.ruleset)
}

pub(super) fn fleet_grew(
    state: &mut State,
    job: JobId,
    subscriptions: Vec<Subscription>,
    servers: Vec<ServerSummary>,
    effects: &mut Vec<Effect>,
) {
    match live::grew(state, job, &subscriptions, &servers) {
        live::Grown::NotTaken => return,
        live::Grown::Taken => {}
        live::Grown::Elsewhere if state.jobs.scan != Some(job) || state.scan.is_none() => return,
        live::Grown::Elsewhere => {}
    }
    let changed: Vec<Box<str>> = servers.iter().map(|server| server.id.clone()).collect();
    let places = state.roster.grow(subscriptions, servers);
    filter::grown(state, &places, effects);
    if let Some(server) = &mut state.server
        && changed
            .iter()
            .any(|id| id.eq_ignore_ascii_case(&server.summary.id))
        && let Some(summary) = state.roster.find(&server.summary.id)
    {
        server.summary = summary.clone();
        server.refresh_rows();
        navigate::load(state, effects);
    }
}

pub(super) fn progress(state: &mut State, job: JobId, progress: Progress) {
    if state.jobs.scan != Some(job) {
        return;
    }
    if let Some(finished) = &progress.finished {
        state.jobs.scanning = None;
        if let Some(scan) = &mut state.scan
            && scan.completeness == Completeness::Running
        {
            scan.completeness = finished.completeness;
        }
        // How reading again ended is said with what it changed.
        let read_again = state.live.refreshing.is_some();
        let level = match finished.completeness {
            Completeness::Complete => NoticeLevel::Done,
            Completeness::Partial | Completeness::Running => NoticeLevel::Hint,
        };
        let words = format!("scan {}: {}", finished.completeness.word(), finished.words);
        if !read_again {
            say(state, level, &words);
        }
    }
    state.progress = Some(progress);
}

pub(super) fn detail_loaded(state: &mut State, job: JobId, detail: Arc<ServerDetail>) {
    if state.jobs.detail != Some(job) {
        return;
    }
    state.jobs.detail = None;
    if let Some(server) = &mut state.server
        && ResourceId::parse(&server.summary.id).is_ok_and(|id| id == *detail.documents.id())
    {
        server.set_detail(DetailState::Loaded(detail));
    }
}

pub(super) fn failed(
    state: &mut State,
    job: Option<JobId>,
    title: &str,
    detail: &str,
    effects: &mut Vec<Effect>,
) {
    if job.is_some_and(|job| live::failed(state, job, title, detail, effects)) {
        return;
    }
    let jobs = &mut state.jobs;
    if let Some(job) = job {
        if jobs.opening == Some(job) {
            jobs.opening = None;
        } else if jobs.scan == Some(job) {
            jobs.scan = None;
            jobs.scanning = None;
            if state.progress.is_none() {
                // It has never said how far it is.
                state
                    .modes
                    .retain(|mode| !matches!(mode, Mode::Progress(_)));
            }
            scans::list(state, effects);
            if let Some(scan) = &mut state.scan
                && scan.completeness == Completeness::Running
            {
                scan.completeness = Completeness::Partial;
            }
            if state.roster.fleet().servers.is_empty() {
                navigate::to_welcome(state, effects);
            }
        } else if jobs.detail == Some(job) {
            jobs.detail = None;
            if let Some(server) = &mut state.server {
                let why = neutral_lines(&format!("{title}: {detail}"));
                server.set_detail(DetailState::Failed(why));
            }
        } else if jobs.reports == Some(job) {
            jobs.reports = None;
            let why = neutral_lines(&format!("{title}: {detail}"));
            state.reports = ReportsState::Failed(why);
        } else if jobs.writing == Some(job) {
            jobs.writing = None;
            super::form::failed(state, title, detail);
        } else if !difference::failed(state, job, title, detail)
            && !history::failed(state, job, title, detail)
        {
            return;
        }
    }
    problem(state, title, detail);
}
