//! Moving the cursor, or the text where there is no cursor.

use crate::app::{Command, ListPosition, Mode, Pane, Screen, State, links};

use super::{columns, screens};

/// How many rows the welcome has beside those of kept scans.
const WELCOME_CHOICES: usize = 2;

pub(super) fn go(state: &mut State, command: Command) {
    match state.modes.last_mut() {
        Some(Mode::Screen(Screen::Welcome)) => {
            let mut position = ListPosition {
                cursor: state.welcome,
                top: 0,
            };
            let rows = WELCOME_CHOICES + state.welcome_scans().count();
            step(&mut position, command, rows, rows);
            state.welcome = position.cursor;
        }
        Some(Mode::Find(_)) => {
            let height = usize::from(state.overlay_inside().height);
            if let Some(Mode::Find(mode)) = state.modes.last_mut() {
                let before = mode.position.cursor;
                step(&mut mode.position, command, mode.rows.len(), height);
                mode.settle_on_item(mode.position.cursor >= before);
            }
        }
        Some(Mode::Saved(_)) => {
            let (length, height) = (
                state.saved.list.len(),
                usize::from(state.overlay_inside().height),
            );
            if let Some(Mode::Saved(mode)) = state.modes.last_mut() {
                step(&mut mode.position, command, length, height);
            }
        }
        // While a filter is written, the list below it is moved over.
        Some(Mode::Screen(_) | Mode::Filter(_)) => match state.screen() {
            Screen::Fleet => state
                .roster
                .go(|position, length, height| step(position, command, length, height)),
            Screen::Server => server(state, command),
            screen => screens::go(state, screen, command),
        },
        Some(Mode::Controls(_)) => screens::go(state, Screen::Controls, command),
        Some(Mode::Scans(_)) => screens::go(state, Screen::Scans, command),
        Some(Mode::Palette(palette)) => {
            let length = palette.entries.len();
            step(&mut palette.position, command, length, palette.height);
        }
        Some(Mode::Columns(_)) => columns::go(state, command),
        Some(Mode::Form(_)) => super::form::scroll(state, command),
        Some(_) => over(state, command),
        None => {}
    }
}

fn server(state: &mut State, command: Command) {
    let layout = state.server_layout();
    let Some(server) = &mut state.server else {
        return;
    };
    match server.focus {
        Pane::Controls => {
            let height = usize::from(layout.inside(layout.controls).height);
            let mut position = server.tree;
            step(&mut position, command, server.rows.len(), height);
            server.tree = position;
            server.go_to_row(position.cursor);
        }
        Pane::Feature => {
            let height = usize::from(layout.feature_parts().2.height);
            server.scroll = scroll(server.scroll, command, server.page.lines.len(), height);
        }
    }
}

/// Chooses another address.
fn choose_link(state: &mut State, command: Command) {
    let length = links(state).len();
    if let Some(Mode::Links(mode)) = state.modes.last_mut() {
        let mut position = ListPosition {
            cursor: mode.chosen,
            top: 0,
        };
        step(&mut position, command, length, length);
        mode.chosen = position.cursor;
    }
}

fn over(state: &mut State, command: Command) {
    if matches!(state.modes.last(), Some(Mode::Links(_))) {
        return choose_link(state, command);
    }
    let height = usize::from(state.overlay_inside().height);
    // Its lines are made once a message: whoever settles the state holds the place to the last page.
    if let Some(at) = state.modes.last_mut().and_then(Mode::scroll_mut) {
        *at = scroll(*at, command, usize::MAX, height);
    }
}

/// Moves a cursor.
pub(super) fn step(position: &mut ListPosition, command: Command, length: usize, height: usize) {
    let page = isize::try_from(height.max(1)).unwrap_or(isize::MAX);
    match command {
        Command::Down => position.move_by(1, length, height),
        Command::Up => position.move_by(-1, length, height),
        Command::First => position.move_to(0, length, height),
        Command::Last => position.move_to(usize::MAX, length, height),
        Command::HalfPageDown => position.page_by((page / 2).max(1), length, height),
        Command::HalfPageUp => position.page_by(-(page / 2).max(1), length, height),
        Command::PageDown => position.page_by(page, length, height),
        Command::PageUp => position.page_by(-page, length, height),
        _ => {}
    }
}

/// Moves a text, never beyond its last page.
pub(super) fn scroll(at: usize, command: Command, length: usize, height: usize) -> usize {
    let page = isize::try_from(height.max(1)).unwrap_or(isize::MAX);
    let at = match command {
        Command::Down => at.saturating_add(1),
        Command::Up => at.saturating_sub(1),
        Command::First => 0,
        Command::Last => usize::MAX,
        Command::HalfPageDown => at.saturating_add_signed((page / 2).max(1)),
        Command::HalfPageUp => at.saturating_add_signed(-(page / 2).max(1)),
        Command::PageDown => at.saturating_add_signed(page),
        Command::PageUp => at.saturating_add_signed(-page),
        _ => at,
    };
    at.min(length.saturating_sub(height))
}
