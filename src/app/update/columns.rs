//! Choosing the columns of the list of servers.

use crate::app::{Column, Command, ListPosition, Mode, State};

use super::motion;

/// Opens the choice.
pub(super) fn choose(state: &mut State) {
    state.modes.push(Mode::Columns(ListPosition::default()));
}

/// Moves over the columns, keeping in sight what there is room for.
pub(super) fn go(state: &mut State, command: Command) {
    let height = usize::from(state.columns_area().inside().height);
    let length = rows(state).len();
    if let Some(Mode::Columns(position)) = state.modes.last_mut() {
        motion::step(position, command, length, height);
    }
}

/// Shows the column under the cursor, or hides it.
pub(super) fn toggle(state: &mut State) {
    if let Some(column) = selected(state) {
        let width = state.fleet_layout().rows.width;
        state.columns.toggle(column, width);
        follow(state, column);
    }
}

/// Moves the column under the cursor one place down, or up.
pub(super) fn shift(state: &mut State, down: bool) {
    if let Some(column) = selected(state) {
        let width = state.fleet_layout().rows.width;
        if state.columns.shift(column, down, width) {
            follow(state, column);
        }
    }
}

/// As many columns as there is room for, as without a choice.
pub(super) fn automatic(state: &mut State) {
    state.columns.shown = None;
}

fn rows(state: &State) -> Vec<(Column, bool)> {
    state.columns.rows(state.fleet_layout().rows.width)
}

fn selected(state: &State) -> Option<Column> {
    let Some(Mode::Columns(position)) = state.modes.last() else {
        return None;
    };
    rows(state).get(position.cursor).map(|(column, _)| *column)
}

/// The cursor stays on its column.
fn follow(state: &mut State, column: Column) {
    let height = usize::from(state.columns_area().inside().height);
    let rows = rows(state);
    let place = rows.iter().position(|(known, _)| *known == column);
    if let (Some(Mode::Columns(position)), Some(place)) = (state.modes.last_mut(), place) {
        position.move_to(place, rows.len(), height);
    }
}
