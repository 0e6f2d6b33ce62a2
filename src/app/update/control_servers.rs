//! The servers of one feature.

use std::sync::Arc;

use crate::app::control_servers::ListedOf;
use crate::app::{Command, Effect, ListPosition, NoticeLevel, Screen, Show, State, TreeNode};
use crate::baseline::FeatureId;
use crate::posture::ServerSummary;

use super::{control_list, motion, navigate, say, screens};

/// Shows the servers of a feature, above the list of controls, with the cursor on one of them.
pub(super) fn show(
    state: &mut State,
    feature: FeatureId,
    server: Option<Box<str>>,
    effects: &mut Vec<Effect>,
) {
    control_list::reveal(state, TreeNode::Feature(feature));
    let screen = &mut state.control_servers;
    if screen.feature != feature || server.is_some() {
        screen.show = Show::All;
    }
    if screen.feature != feature {
        screen.feature = feature;
        screen.selection = None;
        screen.position = ListPosition::default();
    }
    if server.is_some() {
        screen.selection = server;
    }
    screens::go_to(state, Screen::Controls, effects);
    screens::go_to(state, Screen::ControlServers, effects);
    find_selected(state);
}

/// The screen comes up.
pub(super) const fn enter(_state: &mut State, _effects: &mut Vec<Effect>) {}

/// Into the selected server, at the feature.
pub(super) fn open(state: &mut State, effects: &mut Vec<Effect>) {
    let row = state.control_servers.position.cursor;
    let node = TreeNode::Feature(state.control_servers.feature);
    match state.control_server(row).cloned() {
        Some(summary) => {
            state.control_servers.selection = Some(summary.id.clone());
            navigate::open_at(state, summary, node, effects);
        }
        None => say(state, NoticeLevel::Hint, "there is no server in the list"),
    }
}

/// One step back within the screen; whether there was one.
pub(super) fn back(state: &mut State, _effects: &mut Vec<Effect>) -> bool {
    let narrowed = state.control_servers.show != Show::All;
    state.control_servers.show = Show::All;
    narrowed
}

/// Moves the cursor.
pub(super) fn go(state: &mut State, command: Command) {
    let height = usize::from(state.control_servers_layout().rows.height);
    let screen = &mut state.control_servers;
    let length = screen.rows.len();
    motion::step(&mut screen.position, command, length, height);
    choose(state);
}

/// Selects a row.
pub(super) fn select(state: &mut State, row: usize) {
    state.control_servers.position.cursor = row;
    choose(state);
}

/// Marks the server under the cursor, or takes its mark away, and goes one row down.
pub(super) fn toggle_mark(state: &mut State) {
    let row = state.control_servers.position.cursor;
    if let Some(place) = state.control_servers.rows.get(row).copied() {
        let marked = state.roster.is_marked_place(place);
        state.roster.set_mark(place, !marked);
        go(state, Command::Down);
    }
}

/// Goes to the server that stands `step` after the one that is looked into, if there is one.
pub(super) fn step(state: &mut State, before: &str, step: isize) -> Option<ServerSummary> {
    let cursor = state.control_servers.position.cursor;
    let on_it = state
        .control_server(cursor)
        .is_some_and(|server| *server.id == *before);
    // A server that is no longer listed gives way to the one in its place.
    let next = cursor.saturating_add_signed(if on_it { step } else { 0 });
    let there = state.control_server(next);
    let there = there.filter(|server| *server.id != *before).cloned();
    if there.is_some() {
        state.control_servers.position.cursor = next;
        choose(state);
    }
    there
}

/// The server under the cursor is the one that somebody chose.
fn choose(state: &mut State) {
    let row = state.control_servers.position.cursor;
    let id = state.control_server(row).map(|server| server.id.clone());
    if id.is_some() {
        state.control_servers.selection = id;
    }
}

/// Asks for the list where it is of something else, one demand at a time.
pub(super) fn demand(state: &mut State, effects: &mut Vec<Effect>) {
    let screen = &mut state.control_servers;
    let wanted = ListedOf {
        revision: state.roster.revision(),
        epoch: state.roster.epoch(),
        feature: screen.feature,
        show: screen.show,
    };
    // Places of another fleet are other servers; the order of another feature says nothing.
    if screen.made_of.is_some_and(|of| !is_alike(of, wanted)) {
        screen.rows.clear();
        screen.made_of = None;
    }
    if screen.made_of == Some(wanted) || screen.asked.is_some() {
        return;
    }
    screen.generation += 1;
    screen.asked = Some((screen.generation, wanted));
    effects.push(Effect::List {
        generation: screen.generation,
        fleet: Arc::clone(state.roster.fleet()),
        places: Arc::clone(state.roster.places()),
        feature: wanted.feature,
        show: wanted.show,
    });
}

/// Whether one list can stand in for the other until that is made.
fn is_alike(one: ListedOf, other: ListedOf) -> bool {
    (one.epoch, one.feature) == (other.epoch, other.feature)
}

pub(super) fn listed(state: &mut State, generation: u64, places: Vec<u32>) {
    let screen = &mut state.control_servers;
    let Some((_, of)) = screen.asked.filter(|(asked, _)| *asked == generation) else {
        return;
    };
    screen.asked = None;
    if of.feature == screen.feature && of.epoch == state.roster.epoch() {
        screen.rows = places;
        screen.made_of = Some(of);
        find_selected(state);
    }
}

/// Puts the cursor back on the server that somebody chose.
fn find_selected(state: &mut State) {
    let height = usize::from(state.control_servers_layout().rows.height);
    let id = state.control_servers.selection.clone();
    let place = id.and_then(|id| state.roster.place(&id));
    let screen = &mut state.control_servers;
    let row = place.and_then(|place| screen.rows.iter().position(|row| *row == place));
    match row {
        Some(row) => screen.position.keep_at(row, screen.rows.len(), height),
        None => screen.position = ListPosition::default(),
    }
}

/// Positions that fit the size.
pub(super) fn settle(state: &mut State) {
    let height = usize::from(state.control_servers_layout().rows.height);
    let screen = &mut state.control_servers;
    screen.position.fit(screen.rows.len(), height);
}
