//! Two scans compared: asking for the comparison, moving in it, looking into a change.

use std::sync::Arc;

use crate::app::difference::{Asked, OpenChange, PairState};
use crate::app::{
    Command, Comparison, ComparisonState, Completeness, DifferenceRow, Effect, FindingPair, JobId,
    Mode, NoticeLevel, ScanChoice, Screen, Show, State,
};
use crate::baseline::FamilyCode;
use crate::documents::text::neutral_lines;

use super::motion::{scroll, step};
use super::{say, screens};

/// Goes to the comparison of two scans; with `from` left open, of the usual one with this one.
#[allow(dead_code, reason = "the screen of scans calls it")]
pub(super) fn show_scans(
    state: &mut State,
    from: Option<ScanChoice>,
    to: ScanChoice,
    effects: &mut Vec<Effect>,
) {
    state.difference.demanded = Some((from, to));
    if state.screen() == Screen::Difference {
        enter(state, effects);
    } else {
        screens::go_to(state, Screen::Difference, effects);
    }
}

/// The screen comes up: from a server's screen about that server alone.
pub(super) fn enter(state: &mut State, effects: &mut Vec<Effect>) {
    let mut screens = state.modes.iter().rev().filter_map(|mode| match mode {
        Mode::Screen(screen) => Some(*screen),
        _ => None,
    });
    let from_server = screens.nth(1) == Some(Screen::Server);
    let server = state.server.as_ref().filter(|_| from_server);
    let server = server.map(|it| (it.summary.id.clone(), it.summary.name.clone()));
    let demanded = state.difference.demanded.take();
    if demanded.is_none() || server.is_some() {
        state.difference.filter.server = server;
    }
    let Some(asked) = demanded.or_else(|| usual(state)) else {
        return say(state, NoticeLevel::Hint, "no scan is open");
    };
    // A scan that still runs is another one by now.
    let lasting = state
        .scan
        .as_ref()
        .is_none_or(|scan| scan.completeness != Completeness::Running);
    let there = matches!(
        state.difference.comparison,
        ComparisonState::Loading(_) | ComparisonState::Loaded(_)
    );
    if lasting && there && state.difference.asked.as_ref() == Some(&asked) {
        state.difference.refresh_rows();
    } else {
        ask(state, asked, effects);
    }
}

/// The open scan beside the one before it.
fn usual(state: &State) -> Option<Asked> {
    let scan = state.scan.as_ref()?;
    Some((None, ScanChoice::Named(scan.file.clone())))
}

fn ask(state: &mut State, asked: Asked, effects: &mut Vec<Effect>) {
    stop(state, effects);
    let job = state.jobs.next();
    state.jobs.compare = Some(job);
    state.difference.asked = Some(asked.clone());
    state.difference.set_comparison(ComparisonState::Loading(0));
    let (from, to) = asked;
    effects.push(Effect::Compare { job, from, to });
}

/// A scan was opened, or judged anew: what was compared before says nothing any more, and is compared again while it is
/// looked at.
pub(super) fn forget(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(asked) = state.difference.asked.clone() else {
        return;
    };
    if screens::holds(state, Screen::Difference) {
        // The usual comparison is one of the scan that is open.
        let asked = match (&asked.0, usual(state)) {
            (None, Some(usual)) => usual,
            _ => asked,
        };
        ask(state, asked, effects);
    } else {
        stop(state, effects);
        state.difference.asked = None;
        state.difference.set_comparison(ComparisonState::None);
    }
}

/// Nobody waits for the comparison any more.
fn stop(state: &mut State, effects: &mut Vec<Effect>) {
    if let Some(job) = state.jobs.compare.take() {
        effects.push(Effect::StopCompare { job });
        state.difference.asked = None;
        state.difference.set_comparison(ComparisonState::None);
    }
}

/// Into what is selected.
pub(super) fn open(state: &mut State, effects: &mut Vec<Effect>) {
    match state.difference.selected() {
        Some(DifferenceRow::Change(change)) => look_into(state, change, effects),
        Some(DifferenceRow::New(_) | DifferenceRow::Gone(_)) => say(
            state,
            NoticeLevel::Hint,
            "only one of the scans holds this server: there is nothing to compare",
        ),
        Some(DifferenceRow::Group(..)) | None => {}
    }
}

fn look_into(state: &mut State, change: u32, effects: &mut Vec<Effect>) {
    if state
        .difference
        .open
        .as_ref()
        .is_some_and(|it| it.change == change)
    {
        return;
    }
    let Some((_, server)) = state.difference.change(change) else {
        return;
    };
    let server = server.id.to_string();
    let Some(comparison) = state.difference.loaded() else {
        return;
    };
    let (from, to) = (comparison.from.file.clone(), comparison.to.file.clone());
    let job = state.jobs.next();
    state.jobs.pair = Some(job);
    state.difference.open = Some(OpenChange::new(change));
    effects.push(Effect::LoadPair {
        job,
        server,
        from,
        to,
    });
}

/// One step back within the screen; whether there was one.
pub(super) fn back(state: &mut State, effects: &mut Vec<Effect>) -> bool {
    let screen = &mut state.difference;
    if screen.open.take().is_some() {
        state.jobs.pair = None;
        return true;
    }
    if screen.filter.family.is_some() || screen.filter.show != Show::All {
        screen.filter.family = None;
        screen.filter.show = Show::All;
        screen.refresh_rows();
        return true;
    }
    stop(state, effects);
    false
}

/// Moves the cursor, or the text of the change that is looked into.
pub(super) fn go(state: &mut State, command: Command) {
    let layout = state.difference_layout();
    let screen = &mut state.difference;
    match &mut screen.open {
        Some(open) => {
            let height = usize::from(layout.inside().height);
            open.scroll = scroll(open.scroll, command, open.lines.len(), height);
        }
        None => {
            let height = layout.list.map_or(0, |list| usize::from(list.height));
            let length = screen.rows.len();
            step(&mut screen.position, command, length, height);
        }
    }
}

/// The next group; while a change is looked into, the next change.
pub(super) fn jump(state: &mut State, step: isize, effects: &mut Vec<Effect>) {
    let layout = state.difference_layout();
    let height = layout.list.map_or(0, |list| usize::from(list.height));
    let screen = &mut state.difference;
    let target = if screen.open.is_some() {
        screen.change_from(step)
    } else {
        screen.group_from(step)
    };
    let Some(row) = target else {
        let words = match (screen.open.is_some(), step > 0) {
            (true, true) => "this is the last change",
            (true, false) => "this is the first change",
            (false, true) => "this is the last group",
            (false, false) => "this is the first group",
        };
        return say(state, NoticeLevel::Hint, words);
    };
    let length = screen.rows.len();
    screen.position.move_to(row, length, height);
    if screen.open.is_some()
        && let Some(DifferenceRow::Change(change)) = screen.selected()
    {
        look_into(state, change, effects);
    }
}

pub(super) fn family(state: &mut State, family: FamilyCode) {
    let filter = &mut state.difference.filter;
    filter.family = (filter.family != Some(family)).then_some(family);
    narrowed(state);
}

pub(super) fn show(state: &mut State, show: Show) {
    let filter = &mut state.difference.filter;
    filter.show = if filter.show == show { Show::All } else { show };
    narrowed(state);
}

fn narrowed(state: &mut State) {
    state.difference.open = None;
    state.jobs.pair = None;
    state.difference.refresh_rows();
}

/// Positions that fit the size.
pub(super) fn settle(state: &mut State) {
    let layout = state.difference_layout();
    let inside = layout.inside();
    let screen = &mut state.difference;
    if let Some(list) = layout.list {
        screen
            .position
            .fit(screen.rows.len(), usize::from(list.height));
        // The head of the first group is worth its line.
        if screen.position.cursor == 1 && usize::from(list.height) > 1 {
            screen.position.top = 0;
        }
    }
    if inside.width > 0 {
        screen.refresh_open(inside.width, inside.height);
    }
}

pub(super) fn progressed(state: &mut State, job: JobId, servers: u64) {
    if state.jobs.compare == Some(job) {
        state.difference.comparison = ComparisonState::Loading(servers);
    }
}

pub(super) fn compared(state: &mut State, job: JobId, comparison: Arc<Comparison>) {
    if state.jobs.compare == Some(job) {
        state.jobs.compare = None;
        let loaded = ComparisonState::Loaded(comparison);
        state.difference.set_comparison(loaded);
    }
}

pub(super) fn pair_loaded(state: &mut State, job: JobId, pair: Arc<FindingPair>) {
    if state.jobs.pair == Some(job) {
        state.jobs.pair = None;
        if let Some(open) = &mut state.difference.open {
            open.set_findings(PairState::Loaded(pair));
        }
    }
}

/// Something could not be done; whether anybody waited for it.
pub(super) fn failed(state: &mut State, job: JobId, title: &str, detail: &str) -> bool {
    let why = neutral_lines(&format!("{title}: {detail}"));
    if state.jobs.compare == Some(job) {
        state.jobs.compare = None;
        state
            .difference
            .set_comparison(ComparisonState::Failed(why));
    } else if state.jobs.pair == Some(job) {
        state.jobs.pair = None;
        if let Some(open) = &mut state.difference.open {
            open.set_findings(PairState::Failed(why));
        }
    } else {
        return false;
    }
    true
}
