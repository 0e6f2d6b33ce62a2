//! Which servers are listed, and in which order.

use std::sync::Arc;

use crate::app::search::{Hits, Query, SearchIndex};
use crate::app::{Effect, Mode, Prompt, Screen, Show, Sort, SortKey, State};

pub(super) fn begin(state: &mut State) {
    let before = state.search.text.clone();
    state.modes.push(Mode::Filter {
        prompt: Prompt::new(&before),
        before,
    });
}

/// Takes another filter text.
pub(super) fn set(state: &mut State, text: &str, effects: &mut Vec<Effect>) {
    text.clone_into(&mut state.search.text);
    let query = Query::parse(text);
    if query != state.search.query {
        state.search.query = query;
        apply(state, true, effects);
    }
}

/// Takes every filter away, the written one first.
pub(super) fn clear(state: &mut State, effects: &mut Vec<Effect>) {
    if state.search.text.is_empty() {
        let roster = &mut state.roster;
        if roster.show() == Show::All && roster.family().is_none() {
            roster.set_only_marked(false);
        } else {
            roster.set_show(Show::All, None);
        }
    } else {
        set(state, "", effects);
    }
}

/// Demands the hits of the filter in force. `narrow` allows to look only where the last one hit.
pub(super) fn apply(state: &mut State, narrow: bool, effects: &mut Vec<Effect>) {
    let search = &mut state.search;
    if search.query.is_empty() {
        search.filtering = None;
        state.roster.set_hits(Query::default(), None);
        return;
    }
    // Without an index the demand waits for it.
    let Some(index) = &search.index else { return };
    search.generation += 1;
    search.filtering = Some(search.generation);
    let within = state
        .roster
        .hits()
        .filter(|_| narrow && search.query.narrows(state.roster.query()))
        .cloned();
    effects.push(Effect::Filter {
        generation: search.generation,
        query: search.query.clone(),
        index: Arc::clone(index),
        within,
    });
}

pub(super) fn filtered(state: &mut State, generation: u64, hits: Hits) {
    if state.search.filtering == Some(generation) {
        state.search.filtering = None;
        let query = state.search.query.clone();
        state.roster.set_hits(query, Some(Arc::new(hits)));
    }
}

/// Demands the text to search in for the fleet of the list.
pub(super) fn index(state: &mut State, effects: &mut Vec<Effect>) {
    let search = &mut state.search;
    search.index = None;
    search.filtering = None;
    search.generation += 1;
    search.indexing = Some(search.generation);
    effects.push(Effect::Index {
        generation: search.generation,
        fleet: Arc::clone(state.roster.fleet()),
    });
}

pub(super) fn indexed(
    state: &mut State,
    generation: u64,
    index: Arc<SearchIndex>,
    effects: &mut Vec<Effect>,
) {
    if state.search.indexing == Some(generation) {
        state.search.indexing = None;
        state.search.index = Some(index);
        apply(state, false, effects);
    }
}

/// Brings the text to search in up to date with servers that a scan added or changed.
pub(super) fn grown(state: &mut State, places: &[u32], effects: &mut Vec<Effect>) {
    match &mut state.search.index {
        Some(index) => {
            Arc::make_mut(index).update(state.roster.fleet(), places);
            apply(state, false, effects);
        }
        None => self::index(state, effects),
    }
}

pub(super) fn sort_by(state: &mut State, key: SortKey) {
    state.roster.set_sort(Sort {
        key,
        inverted: false,
    });
}

pub(super) fn invert(state: &mut State) {
    let sort = state.roster.sort();
    state.roster.set_sort(Sort {
        inverted: !sort.inverted,
        ..sort
    });
}

/// Shows only some verdicts; asked again, all of them.
pub(super) fn show(state: &mut State, show: Show) {
    let toggled = |now: Show| if now == show { Show::All } else { show };
    match (state.screen(), &mut state.server) {
        (Screen::Server, Some(server)) => {
            server.show = toggled(server.show);
            server.refresh_rows();
        }
        (Screen::Difference, _) => super::difference::show(state, show),
        (Screen::Fleet, _) => {
            let (now, family) = (state.roster.show(), state.roster.family());
            state.roster.set_show(toggled(now), family);
        }
        _ => {}
    }
}
