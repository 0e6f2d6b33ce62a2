//! Scores and counts over the kept scans: asking for what is not known, moving, opening.

use crate::app::scans::ScansState;
use crate::app::trend::{Counted, TrendRow};
use crate::app::{
    Command, Effect, Mode, NoticeLevel, ScanEntry, ScanScope, ScansWork, Screen, State,
};
use crate::baseline::FamilyCode;

use super::motion::step;
use super::{say, scans};

/// The screen comes up: from a server's screen about that server alone.
pub(super) fn enter(state: &mut State, effects: &mut Vec<Effect>) {
    let mut below = state.modes.iter().rev().filter_map(|mode| match mode {
        Mode::Screen(screen) => Some(*screen),
        _ => None,
    });
    let from_server = below.nth(1) == Some(Screen::Server);
    let server = state.server.as_ref().filter(|_| from_server);
    let server = server.map(|it| (it.summary.id.to_string(), it.summary.name.to_string()));
    let file = state.scan.as_ref().map(|scan| scan.file.clone());
    if server != state.trend.server {
        state.trend.counted.clear();
        state.trend.server = server;
    }
    state.trend.scope = scope(state);
    state.trend.at = file;
    scans::list(state, effects);
    if state.scans.state == ScansState::Loaded {
        count(state, effects);
    }
}

/// That of the open scan, else of the one selected in the list of scans.
fn scope(state: &State) -> Option<ScanScope> {
    if let Some(scan) = &state.scan {
        return Some(state.scans.scope_of(scan));
    }
    let selected = state.scans.selected().and_then(ScanEntry::readable);
    let newest = || state.scans.entries.iter().find_map(ScanEntry::readable);
    let scan = selected.or_else(newest)?;
    Some(ScanScope {
        scope: scan.scope.clone(),
        endpoint: Some(scan.endpoint.clone()),
    })
}

/// The list of scans is there: it may have more of them.
pub(super) fn listed(state: &mut State, effects: &mut Vec<Effect>) {
    if super::screens::holds(state, Screen::Trend) {
        state.trend.scope = scope(state);
        count(state, effects);
    }
}

/// Asks for what is not known yet, the newest first.
fn count(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(scope) = &state.trend.scope else {
        return;
    };
    let mut files = Vec::new();
    let mut known = Vec::new();
    for (entry, scan) in state.scans.series(scope).0.into_iter().rev() {
        match scan.totals_now() {
            Some(totals) if state.trend.server.is_none() => {
                known.push((entry.file.clone(), Counted::Totals(totals.clone())));
            }
            _ if matches!(
                state.trend.counted.get(&entry.file),
                Some(Counted::Totals(_) | Counted::Absent | Counted::Failed(_))
            ) => {}
            _ => files.push(entry.file.clone()),
        }
    }
    state.trend.counted.extend(known);
    if files.is_empty() {
        return stop(state, effects);
    }
    state.trend.last += 1;
    let generation = state.trend.last;
    state.trend.generation = Some(generation);
    effects.push(Effect::Scans(ScansWork::Count {
        generation,
        server: state.trend.server.as_ref().map(|(id, _)| id.clone()),
        files,
    }));
}

fn stop(state: &mut State, effects: &mut Vec<Effect>) {
    if state.trend.generation.take().is_some() {
        effects.push(Effect::Scans(ScansWork::StopCount));
    }
}

pub(super) fn counted(state: &mut State, generation: u64, file: String, counted: Counted) {
    if state.trend.generation == Some(generation) {
        state.trend.counted.insert(file, counted);
    }
}

/// Into what is selected: that scan.
pub(super) fn open(state: &mut State, effects: &mut Vec<Effect>) {
    let points = state.trend_points();
    let entry = points.get(state.trend_cursor(&points));
    let entry = entry
        .and_then(|point| state.scans.entry(&point.file))
        .cloned();
    match entry {
        Some(entry) => scans::open_entry(state, &entry, effects),
        None => say(state, NoticeLevel::Hint, "there is no scan to open"),
    }
}

/// Compares the scan under the cursor with the one before it.
pub(super) fn compare(state: &mut State, effects: &mut Vec<Effect>) {
    let points = state.trend_points();
    let cursor = state.trend_cursor(&points);
    match (
        cursor.checked_sub(1).and_then(|it| points.get(it)),
        points.get(cursor),
    ) {
        (Some(before), Some(here)) => scans::compare(state, &before.file, &here.file, effects),
        _ => say(state, NoticeLevel::Hint, "there is no scan before this one"),
    }
}

/// To another scan.
pub(super) fn step_point(state: &mut State, step: isize) {
    let points = state.trend_points();
    let cursor = state.trend_cursor(&points);
    match cursor
        .checked_add_signed(step)
        .and_then(|it| points.get(it))
    {
        Some(point) => state.trend.at = Some(point.file.clone()),
        None if step < 0 => say(state, NoticeLevel::Hint, "this is the oldest scan"),
        None => say(state, NoticeLevel::Hint, "this is the newest scan"),
    }
}

/// To the row of a family; again, to all of them.
pub(super) fn family(state: &mut State, family: FamilyCode) {
    let place = TrendRow::all().position(|row| row == TrendRow::Family(family));
    let place = place.filter(|place| *place != state.trend.position.cursor);
    state.trend.position.cursor = place.unwrap_or(0);
}

/// One step back within the screen; whether there was one.
pub(super) fn back(state: &mut State, effects: &mut Vec<Effect>) -> bool {
    stop(state, effects);
    false
}

/// Moves the cursor over the families.
pub(super) fn go(state: &mut State, command: Command) {
    let height = usize::from(state.trend_layout().rows.height);
    step(&mut state.trend.position, command, TrendRow::COUNT, height);
}

/// Positions that fit the size.
pub(super) fn settle(state: &mut State) {
    let height = usize::from(state.trend_layout().rows.height);
    state.trend.position.fit(TrendRow::COUNT, height);
}
