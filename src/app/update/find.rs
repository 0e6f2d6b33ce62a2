//! Finding anything, and going there.

use std::sync::Arc;

use crate::app::{
    Effect, Mode, NoticeLevel, Pane, Screen, ServerScreen, Show, State, Tab, TreeNode,
};
use crate::baseline::{FeatureId, catalogue};
use crate::query::{Found, Query, Target};

use super::{control_servers, navigate, reports, say, screens};

/// Begins to write what is looked for.
pub(super) fn begin(state: &mut State) {
    state.modes.push(Mode::Find(Box::default()));
}

/// Demands what has the words that were written.
pub(super) fn ask(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(Mode::Find(mode)) = state.modes.last_mut() else {
        return;
    };
    let text = mode.prompt.text().to_owned();
    mode.is_waiting = true;
    let search = &mut state.search;
    search.generation += 1;
    search.finding = search.generation;
    effects.push(Effect::Find {
        generation: search.generation,
        index: search.index.clone().unwrap_or_default(),
        text,
    });
}

/// The servers to search in have changed.
pub(super) fn index_changed(state: &mut State, effects: &mut Vec<Effect>) {
    if matches!(state.mode(), Mode::Find(_)) {
        ask(state, effects);
    }
}

pub(super) fn found(state: &mut State, generation: u64, mut found: Found) {
    if state.search.finding != generation {
        return;
    }
    let Some(Mode::Find(mode)) = state.modes.last_mut() else {
        return;
    };
    for item in found.groups.iter_mut().flat_map(|group| &mut group.best) {
        if let Target::Server(place) = item.target
            && let Some(server) = state.roster.fleet().servers.get(place as usize)
        {
            item.text = server.name.to_string();
            let subscription = state.roster.subscription_name(server);
            item.about = format!("{subscription}, {}", server.resource_group);
        }
    }
    let query = Query::of_words(mode.prompt.text());
    mode.set_found(query, found);
}

/// To the next kind, or the one before.
pub(super) fn step_kind(state: &mut State, step: isize) {
    if let Some(Mode::Find(mode)) = state.modes.last_mut() {
        mode.step_kind(step);
    }
}

/// Goes to what is selected.
pub(super) fn open(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(Mode::Find(mode)) = state.modes.last() else {
        return;
    };
    let Some(target) = mode.selected().map(|item| item.target) else {
        return;
    };
    state.modes.pop();
    match target {
        Target::Server(place) => {
            let fleet = Arc::clone(state.roster.fleet());
            if let Some(server) = fleet.servers.get(place as usize) {
                state.roster.choose(&server.id);
                look_into(
                    state,
                    ServerScreen::new(
                        server.clone(),
                        navigate::first_node(server, None, Show::All),
                    ),
                    effects,
                );
            }
        }
        Target::Control(id) => {
            let first = catalogue().features_of_control(id).next();
            if let Some(feature) = first {
                control_servers::show(state, feature.id, None, effects);
            }
        }
        Target::Feature(feature) => {
            control_servers::show(state, feature, None, effects);
        }
        Target::Guidance(feature) => to_guidance(state, feature, effects),
        Target::Policy(guid) => {
            state.sought_policy = Some(guid);
            state.is_policy_shown = false;
            reports::open(state, Mode::Policies(0), effects);
        }
    }
}

/// The guidance of a feature, on the server that is looked into, else on the one that is selected in the list.
fn to_guidance(state: &mut State, feature: FeatureId, effects: &mut Vec<Effect>) {
    let summary = match &state.server {
        Some(server) => Some(server.summary.clone()),
        None => state.roster.selected().cloned(),
    };
    let Some(summary) = summary else {
        return say(state, NoticeLevel::Hint, "there is no server in the list");
    };
    let mut screen = ServerScreen::new(summary, TreeNode::Feature(feature));
    screen.tab = Tab::Guidance;
    screen.focus = Pane::Feature;
    look_into(state, screen, effects);
}

fn look_into(state: &mut State, server: ServerScreen, effects: &mut Vec<Effect>) {
    screens::go_to(state, Screen::Server, effects);
    state.server = Some(server);
    navigate::load(state, effects);
}
