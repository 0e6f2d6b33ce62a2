//! The mouse: a press selects what lies under it, a second one in the same place opens it, the wheel moves what lies
//! under it.

use jiff::SignedDuration;

use crate::app::{Command, Effect, Hit, Mode, Pane, Pointer, PointerAct, Screen, State};

use super::{motion, navigate, screens};

/// Two presses within this time are a double one.
const DOUBLE: SignedDuration = SignedDuration::from_millis(400);
/// Rows that one step of the wheel moves.
const WHEEL: usize = 3;

pub(super) fn act(state: &mut State, pointer: Pointer, effects: &mut Vec<Effect>) {
    state.notice = None;
    // A chord is of keys.
    state.pending = crate::app::KeySequence::default();
    let hit = Hit::at(state, pointer.x, pointer.y);
    match pointer.act {
        PointerAct::Press => {
            let double = is_double(state, pointer);
            press(state, hit, double, effects);
        }
        PointerAct::WheelDown => wheel(state, hit, Command::Down),
        PointerAct::WheelUp => wheel(state, hit, Command::Up),
    }
}

/// Whether this is the second press in one place. A third one is a first again.
fn is_double(state: &mut State, pointer: Pointer) -> bool {
    let Some(now) = state.now else { return false };
    let place = (pointer.x, pointer.y);
    let soon = |then: jiff::Timestamp| {
        let apart = now.duration_since(then);
        (SignedDuration::ZERO..=DOUBLE).contains(&apart)
    };
    let double = matches!(state.pressed, Some((at, then)) if at == place && soon(then));
    state.pressed = (!double).then_some((place, now));
    double
}

fn press(state: &mut State, hit: Hit, double: bool, effects: &mut Vec<Effect>) {
    // While a line is written or a question stands, the keys are its own.
    if !matches!(state.mode(), Mode::Screen(_)) {
        return;
    }
    match hit {
        Hit::Server(row) => {
            let go = |position: &mut crate::app::ListPosition, length, height| {
                position.move_to(row, length, height);
            };
            state.roster.go(go);
            if double {
                navigate::open(state, effects);
            }
        }
        Hit::Neighbour(row) => {
            // The head of a group is no server to go to.
            let places = if state.is_in_control_servers() {
                Some((state.control_servers.position.cursor, row))
            } else {
                let here = state.roster.position().cursor;
                state.roster.shown_at(here).zip(state.roster.shown_at(row))
            };
            let step = places.map_or(0, |(here, there)| there.cast_signed() - here.cast_signed());
            if step != 0 {
                navigate::step_server(state, step, effects);
            }
        }
        Hit::Tree(row) => {
            if let Some(server) = &mut state.server {
                server.focus = Pane::Controls;
                server.go_to_row(row);
            }
            if double {
                navigate::open(state, effects);
            }
        }
        Hit::Row(row) => {
            screens::select(state, row);
            if double {
                navigate::open(state, effects);
            }
        }
        Hit::Cell(row, column) => {
            let go = |position: &mut crate::app::ListPosition, length, height| {
                position.move_to(row, length, height);
            };
            state.roster.go(go);
            if let Some(column) = column {
                state.matrix.column = column;
            }
            if double {
                navigate::open(state, effects);
            }
        }
        Hit::Tab(tab) => navigate::tab(state, tab),
        Hit::TreePane | Hit::Page => {
            if let (Some(server), Some(pane)) = (&mut state.server, hit.pane()) {
                server.focus = pane;
            }
        }
        Hit::Over | Hit::Body | Hit::Nothing => {}
    }
}

fn wheel(state: &mut State, hit: Hit, command: Command) {
    if hit == Hit::Nothing {
        return;
    }
    let on_server = matches!(state.mode(), Mode::Screen(Screen::Server));
    let focus = state.server.as_ref().map(|server| server.focus);
    if on_server {
        let (Some(server), Some(pane)) = (&mut state.server, hit.pane()) else {
            return;
        };
        // What lies under the pointer moves; the keys stay where they are.
        server.focus = pane;
    }
    for _ in 0..WHEEL {
        motion::go(state, command);
    }
    if let (true, Some(server), Some(focus)) = (on_server, &mut state.server, focus) {
        server.focus = focus;
    }
}
