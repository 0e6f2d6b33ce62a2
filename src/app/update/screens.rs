//! The stack of screens: going to one, coming back, and handing on to the screen that is on top.

use crate::app::{Command, Effect, Mode, Screen, State};

use super::{control_list, control_servers, difference, matrix, scans, trend};

/// Goes to a screen. One that is in the stack already is come back to, so that the stack never holds one twice.
pub(super) fn go_to(state: &mut State, screen: Screen, effects: &mut Vec<Effect>) {
    if state.screen() == screen {
        return;
    }
    let there = state
        .modes
        .iter()
        .position(|mode| matches!(mode, Mode::Screen(known) if *known == screen));
    match there {
        Some(place) => {
            state.modes.truncate(place + 1);
            forget_what_is_gone(state);
        }
        None => state.modes.push(Mode::Screen(screen)),
    }
    enter(state, screen, effects);
}

/// Leaves the screen on top for the one below it.
pub(super) fn leave(state: &mut State) {
    let screens = state
        .modes
        .iter()
        .filter(|mode| matches!(mode, Mode::Screen(_)));
    if screens.count() > 1 {
        while let Some(mode) = state.modes.pop() {
            if matches!(mode, Mode::Screen(_)) {
                break;
            }
        }
    }
    forget_what_is_gone(state);
}

/// Whether a screen is in the stack.
pub(super) fn holds(state: &State, screen: Screen) -> bool {
    state
        .modes
        .iter()
        .any(|mode| matches!(mode, Mode::Screen(known) if *known == screen))
}

/// A server is held only while its screen is in the stack.
pub(super) fn forget_what_is_gone(state: &mut State) {
    if !holds(state, Screen::Server) {
        state.server = None;
        state.jobs.detail = None;
    }
}

fn enter(state: &mut State, screen: Screen, effects: &mut Vec<Effect>) {
    match screen {
        Screen::Welcome | Screen::Fleet | Screen::Server => {}
        Screen::Controls => control_list::enter(state, effects),
        Screen::ControlServers => control_servers::enter(state, effects),
        Screen::Matrix => matrix::enter(state, effects),
        Screen::Difference => difference::enter(state, effects),
        Screen::Trend => trend::enter(state, effects),
        Screen::Scans => scans::enter(state, effects),
    }
}

/// Into what is selected on a screen of its own.
pub(super) fn open(state: &mut State, screen: Screen, effects: &mut Vec<Effect>) {
    match screen {
        Screen::Welcome | Screen::Fleet | Screen::Server => {}
        Screen::Controls => control_list::open(state, effects),
        Screen::ControlServers => control_servers::open(state, effects),
        Screen::Matrix => matrix::open(state, effects),
        Screen::Difference => difference::open(state, effects),
        Screen::Trend => trend::open(state, effects),
        Screen::Scans => scans::open(state, effects),
    }
}

/// One step back within a screen, else to the one below it.
pub(super) fn back(state: &mut State, screen: Screen, effects: &mut Vec<Effect>) {
    let stepped = match screen {
        Screen::Welcome | Screen::Fleet | Screen::Server => true,
        Screen::Controls => control_list::back(state, effects),
        Screen::ControlServers => control_servers::back(state, effects),
        Screen::Matrix => matrix::back(state, effects),
        Screen::Difference => difference::back(state, effects),
        Screen::Trend => trend::back(state, effects),
        Screen::Scans => scans::back(state, effects),
    };
    if !stepped {
        leave(state);
    }
}

/// Moves the cursor of a screen.
pub(super) fn go(state: &mut State, screen: Screen, command: Command) {
    match screen {
        Screen::Welcome | Screen::Fleet | Screen::Server => {}
        Screen::Controls => control_list::go(state, command),
        Screen::ControlServers => control_servers::go(state, command),
        Screen::Matrix => matrix::go(state, command),
        Screen::Difference => difference::go(state, command),
        Screen::Trend => trend::go(state, command),
        Screen::Scans => scans::go(state, command),
    }
}

/// Selects a row of a screen with a list of its own.
pub(super) fn select(state: &mut State, row: usize) {
    let position = match state.screen() {
        Screen::Controls => return state.control_list.select(row),
        Screen::ControlServers => return control_servers::select(state, row),
        Screen::Difference => &mut state.difference.position,
        Screen::Trend => &mut state.trend.position,
        Screen::Scans => &mut state.scans.position,
        Screen::Welcome | Screen::Fleet | Screen::Server | Screen::Matrix => return,
    };
    position.cursor = row;
}

/// Positions that fit the size, of the screen that is shown.
pub(super) fn settle(state: &mut State) {
    match state.screen() {
        Screen::Welcome | Screen::Fleet | Screen::Server => {}
        Screen::Controls => control_list::settle(state),
        Screen::ControlServers => control_servers::settle(state),
        Screen::Matrix => matrix::settle(state),
        Screen::Difference => difference::settle(state),
        Screen::Trend => trend::settle(state),
        Screen::Scans => scans::settle(state),
    }
}
