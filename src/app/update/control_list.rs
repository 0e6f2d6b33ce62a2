//! Every feature of the baseline over all servers: the way in by control.

use crate::app::{
    Command, ControlFilter, ControlSort, Effect, Mode, NoticeLevel, Prompt, Show, State, TreeNode,
};
use crate::baseline::FamilyCode;

use super::{control_servers, motion, say};

/// The screen comes up.
pub(super) const fn enter(_state: &mut State, _effects: &mut Vec<Effect>) {}

/// Into what is selected: the servers of a feature; of a control or a family, those of its first feature.
pub(super) fn open(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(feature) = state.control_list.feature() else {
        return say(state, NoticeLevel::Hint, "there is no feature in the list");
    };
    // A control or a family is gone into by its first feature, which is then what is selected.
    if state.control_list.node != TreeNode::Feature(feature) {
        state.control_list.node = TreeNode::Feature(feature);
        return;
    }
    control_servers::show(state, feature, None, effects);
}

/// One step back within the screen; whether there was one.
pub(super) fn back(state: &mut State, _effects: &mut Vec<Effect>) -> bool {
    let screen = &mut state.control_list;
    if !screen.filter.is_empty() {
        screen.filter.clear();
        return true;
    }
    let narrowed = screen.show != Show::All;
    screen.show = Show::All;
    narrowed
}

/// Begins to write a filter: the one in force.
pub(super) fn begin_filter(state: &mut State) {
    let before = state.control_list.filter.clone();
    state.modes.push(Mode::Controls(ControlFilter {
        prompt: Prompt::new(&before),
        before,
    }));
}

/// Takes another filter.
pub(super) fn filter(state: &mut State, text: &str) {
    text.clone_into(&mut state.control_list.filter);
}

/// The line is given up.
pub(super) fn give_up(state: &mut State) {
    if let Some(Mode::Controls(mode)) = state.modes.pop() {
        state.control_list.filter = mode.before;
    }
}

/// Selects something that the filter may leave out: then it gives way.
pub(super) fn reveal(state: &mut State, node: TreeNode) {
    let screen = &mut state.control_list;
    screen.node = node;
    if !screen.rows.iter().any(|row| row.node == node) {
        screen.filter.clear();
    }
}

/// Moves the cursor.
pub(super) fn go(state: &mut State, command: Command) {
    let height = usize::from(state.fleet_layout().rows.height);
    let screen = &mut state.control_list;
    motion::step(&mut screen.position, command, screen.rows.len(), height);
    screen.select(screen.position.cursor);
}

/// Goes to a family: its row, or its first feature where features stand in another order.
pub(super) fn family(state: &mut State, family: FamilyCode) {
    let screen = &mut state.control_list;
    let head = TreeNode::Family(family);
    let row = screen
        .rows
        .iter()
        .position(|row| row.node == head)
        .or_else(|| {
            let own = |node: TreeNode| node.family() == Some(family);
            screen.rows.iter().position(|row| own(row.node))
        });
    match row {
        Some(row) => screen.select(row),
        None => {
            let words = format!("nothing of {family} is shown now");
            say(state, NoticeLevel::Hint, &words);
        }
    }
}

/// Sorts the features.
pub(super) const fn sort(state: &mut State, sort: ControlSort) {
    state.control_list.sort = sort;
}

/// Positions that fit the size, and rows that fit the counts.
pub(super) fn settle(state: &mut State) {
    let height = usize::from(state.fleet_layout().rows.height);
    let survey = state.counts.made.clone();
    let revision = survey.is_some().then_some(state.counts.revision);
    let screen = &mut state.control_list;
    screen.refresh(survey.as_deref(), revision);
    screen.position.fit(screen.rows.len(), height);
}
