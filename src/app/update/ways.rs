//! From one way in to the other, with what is selected: by server, by control.

use crate::app::roster::open_features;
use crate::app::{Effect, Mode, Screen, Show, State, TreeNode};
use crate::baseline::FeatureId;

use super::{control_servers, navigate, screens};

/// Turns to the other way. Lists turn into lists, what is inside one into what is inside the other.
pub(super) fn turn(state: &mut State, effects: &mut Vec<Effect>) {
    match state.screen() {
        Screen::Fleet => {
            let node = looked_at_or_worst(state);
            to_controls(state, node, effects);
        }
        Screen::Server => from_server(state, effects),
        Screen::Controls => {
            let feature = state.control_list.feature();
            remember(state, feature);
            to_fleet(state);
        }
        Screen::ControlServers => {
            let row = state.control_servers.position.cursor;
            let feature = state.control_servers.feature;
            let server = state.control_server(row).cloned();
            to_fleet(state);
            if let Some(server) = server {
                navigate::open_at(state, server, TreeNode::Feature(feature), effects);
            }
        }
        Screen::Matrix => {
            let feature = state.matrix.feature();
            let server = state.roster.selected().map(|server| server.id.clone());
            to_fleet(state);
            control_servers::show(state, feature, server, effects);
        }
        Screen::Welcome | Screen::Difference | Screen::Trend | Screen::Scans => {}
    }
}

fn from_server(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(server) = &state.server else { return };
    let (node, id) = (server.node, server.summary.id.clone());
    state.roster.select(&id);
    match node {
        TreeNode::Feature(feature) => {
            remember(state, Some(feature));
            to_fleet(state);
            control_servers::show(state, feature, Some(id), effects);
        }
        node => {
            to_fleet(state);
            to_controls(state, node, effects);
        }
    }
}

/// Down to the list of servers, which lies under everything.
fn to_fleet(state: &mut State) {
    let fleet = |mode: &Mode| matches!(mode, Mode::Screen(Screen::Fleet));
    if let Some(place) = state.modes.iter().position(fleet) {
        state.modes.truncate(place + 1);
        screens::forget_what_is_gone(state);
    }
}

fn to_controls(state: &mut State, node: TreeNode, effects: &mut Vec<Effect>) {
    state.control_list.node = node;
    state.control_list.show = Show::All;
    state.control_list.filter.clear();
    screens::go_to(state, Screen::Controls, effects);
}

/// What was looked at last on the selected server; without that, what is worst on it.
fn looked_at_or_worst(state: &State) -> TreeNode {
    let before = state.control_list.node;
    let Some(server) = state.roster.selected() else {
        return before;
    };
    match &state.control_list.looked_at {
        Some((id, feature)) if *id == server.id => TreeNode::Feature(*feature),
        _ => open_features(server)
            .first()
            .map_or(before, |(feature, _)| TreeNode::Feature(*feature)),
    }
}

/// Remembers which feature is looked at on the selected server.
pub(super) fn remember(state: &mut State, feature: Option<FeatureId>) {
    let server = match &state.server {
        Some(server) => Some(&server.summary.id),
        None => state.roster.selected().map(|server| &server.id),
    };
    if let (Some(feature), Some(id)) = (feature, server) {
        state.control_list.looked_at = Some((id.clone(), feature));
    }
}

/// The page of the baseline about the feature under the cursor, over the screen.
pub(super) fn guidance(state: &mut State) {
    if let Some(feature) = state.feature_here() {
        state.modes.push(Mode::Guidance(feature, 0));
    }
}
