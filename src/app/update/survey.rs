//! Counts over the servers in view: asked for when a screen shows them and what is in view has changed, one demand at a
//! time.

use std::sync::Arc;

use crate::app::{Effect, Screen, State, Survey};

use super::{control_servers, screens};

/// Asks for what the screens of the stack need and do not have.
pub(super) fn demand(state: &mut State, effects: &mut Vec<Effect>) {
    let needs = |screen| screens::holds(state, screen);
    let lists = needs(Screen::ControlServers);
    if !(lists || needs(Screen::Controls) || needs(Screen::Matrix)) {
        return;
    }
    let (revision, epoch) = (state.roster.revision(), state.roster.epoch());
    let counts = &mut state.counts;
    if counts.epoch != epoch {
        // The places of the worst servers are those of other servers now.
        counts.made = None;
    }
    let is_new = counts.made.is_none() || counts.revision != revision;
    if is_new && counts.asked.is_none() {
        counts.asked = Some((revision, epoch));
        let groups = state.roster.groups().iter();
        effects.push(Effect::Survey {
            revision,
            fleet: Arc::clone(state.roster.fleet()),
            places: Arc::clone(state.roster.places()),
            groups: groups.map(|group| group.servers.clone()).collect(),
        });
    }
    if lists {
        control_servers::demand(state, effects);
    }
}

pub(super) fn surveyed(state: &mut State, revision: u64, survey: Arc<Survey>) {
    let counts = &mut state.counts;
    let Some((_, epoch)) = counts.asked.filter(|(asked, _)| *asked == revision) else {
        return;
    };
    counts.asked = None;
    if epoch == state.roster.epoch() {
        counts.revision = revision;
        counts.epoch = epoch;
        counts.made = Some(survey);
    }
}
