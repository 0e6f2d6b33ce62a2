//! Servers by features, as a map.

use crate::app::{Command, Effect, State};

/// The screen comes up.
pub(super) const fn enter(_state: &mut State, _effects: &mut Vec<Effect>) {}

/// Into what is selected.
pub(super) const fn open(_state: &mut State, _effects: &mut Vec<Effect>) {}

/// One step back within the screen; whether there was one.
pub(super) const fn back(_state: &mut State, _effects: &mut Vec<Effect>) -> bool {
    false
}

/// Moves the cursor.
pub(super) const fn go(_state: &mut State, _command: Command) {}

/// Positions that fit the size.
pub(super) const fn settle(_state: &mut State) {}
