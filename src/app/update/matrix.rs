//! Servers by features. The rows move as the list of servers does.

use crate::app::{Command, Effect, NoticeLevel, RosterRow, State, TreeNode};
use crate::baseline::{FamilyCode, FeatureId};

use super::{groups, motion, navigate, say};

/// The screen comes up.
pub(super) const fn enter(_state: &mut State, _effects: &mut Vec<Effect>) {}

/// Into the server under the cursor, at the feature under it; a group opens or goes in.
pub(super) fn open(state: &mut State, effects: &mut Vec<Effect>) {
    let cursor = state.roster.position().cursor;
    let node = TreeNode::Feature(state.matrix.feature());
    match state.roster.at(cursor) {
        Some(RosterRow::Server(server)) => {
            let server = server.clone();
            navigate::open_at(state, server, node, effects);
        }
        Some(RosterRow::Group(_)) => groups::go_in(state),
        None => say(state, NoticeLevel::Hint, "there is no server in the list"),
    }
}

/// One step back within the screen; whether there was one.
pub(super) const fn back(_state: &mut State, _effects: &mut Vec<Effect>) -> bool {
    false
}

/// Moves the cursor over the rows.
pub(super) fn go(state: &mut State, command: Command) {
    state
        .roster
        .go(|position, length, height| motion::step(position, command, length, height));
}

/// Moves the cursor over the columns.
pub(super) fn across(state: &mut State, command: Command) {
    let last = FeatureId::COUNT - 1;
    let column = state.matrix.column;
    state.matrix.column = match command {
        Command::Left => column.saturating_sub(1),
        Command::Right => (column + 1).min(last),
        Command::FirstColumn => 0,
        Command::LastColumn => last,
        Command::NextFamily => {
            let place = state.matrix.feature().family().index() + 1;
            let next = FamilyCode::ALL.get(place);
            next.map_or(last, |family| first_of(*family))
        }
        Command::PreviousFamily => {
            let family = state.matrix.feature().family();
            let first = first_of(family);
            let before = family.index().checked_sub(1);
            match before.and_then(|place| FamilyCode::ALL.get(place)) {
                Some(before) if column == first => first_of(*before),
                _ => first,
            }
        }
        _ => column,
    };
}

/// Goes to a family's first column.
pub(super) fn family(state: &mut State, family: FamilyCode) {
    state.matrix.column = first_of(family);
}

fn first_of(family: FamilyCode) -> usize {
    let first = FeatureId::ALL
        .into_iter()
        .position(|feature| feature.family() == family);
    first.unwrap_or(0)
}

/// Positions that fit the size.
pub(super) fn settle(state: &mut State) {
    let layout = state.matrix_layout();
    state.roster.set_height(usize::from(layout.rows.height));
    state.matrix.fit(&layout);
}
