//! Which servers are listed, and in which order.

use std::sync::Arc;

use super::find;
use crate::app::{Effect, FilterMode, Mode, Screen, Show, State};
use crate::query::{Hits, Query, SearchIndex, Vocabulary};
use crate::query::{Sort, SortKey};

/// Begins to write a filter: the one in force.
pub(super) fn begin(state: &mut State, effects: &mut Vec<Effect>) {
    let search = &state.search;
    let mode = FilterMode::new(&search.text, &search.right_text);
    state.modes.push(Mode::Filter(Box::new(mode)));
    know_words(state, effects);
}

/// Demands the words that completion offers, when the servers have changed since they were gathered.
fn know_words(state: &mut State, effects: &mut Vec<Effect>) {
    let search = &mut state.search;
    if let Some(index) = &search.index
        && search.known_words != search.state_of_index
    {
        effects.push(Effect::GatherWords {
            generation: search.state_of_index,
            index: Arc::clone(index),
        });
    }
}

/// The words that completion offers are there.
pub(super) fn words_gathered(state: &mut State, generation: u64, words: Arc<Vocabulary>) {
    let search = &mut state.search;
    // Older ones are better than none, newer ones better than older.
    if generation > search.known_words && generation <= search.state_of_index {
        search.known_words = generation;
        search.vocabulary = words;
        if let Some(Mode::Filter(mode)) = state.modes.last_mut() {
            mode.refresh(&state.search.vocabulary);
        }
    }
}

/// Takes what completion offers.
pub(super) fn complete(state: &mut State, step: isize, effects: &mut Vec<Effect>) {
    if let Some(Mode::Filter(mode)) = state.modes.last_mut()
        && mode.take(step, &state.search.vocabulary)
    {
        let text = mode.prompt.text().to_owned();
        set(state, &text, effects);
    }
}

/// Takes another filter text. While something is wrong in it the last one that was right stays in force; a term that is
/// only begun says nothing yet.
pub(super) fn set(state: &mut State, text: &str, effects: &mut Vec<Effect>) {
    text.clone_into(&mut state.search.text);
    match Query::parse_begun(text) {
        Ok((query, errors)) => {
            if errors.is_empty() {
                text.clone_into(&mut state.search.right_text);
            }
            state.search.errors = errors;
            if query != state.search.query {
                state.search.query = query;
                apply(state, true, effects);
            }
        }
        Err(errors) => state.search.errors = errors,
    }
}

/// Takes a filter that was kept; one that is wrong by now is left out.
pub(super) fn set_if_right(state: &mut State, text: &str, effects: &mut Vec<Effect>) {
    set(state, text, effects);
    if !state.search.errors.is_empty() {
        set(state, "", effects);
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
    search.state_of_index += 1;
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
        if matches!(state.mode(), Mode::Filter(_)) {
            know_words(state, effects);
        }
        find::index_changed(state, effects);
    }
}

/// Brings the text to search in up to date with servers that a scan added or changed.
pub(super) fn grown(state: &mut State, places: &[u32], effects: &mut Vec<Effect>) {
    match &mut state.search.index {
        Some(index) => {
            Arc::make_mut(index).update(state.roster.fleet(), places);
            state.search.state_of_index += 1;
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
        (Screen::Controls, _) => {
            let screen = &mut state.control_list;
            screen.show = toggled(screen.show);
        }
        (Screen::ControlServers, _) => {
            let screen = &mut state.control_servers;
            screen.show = toggled(screen.show);
        }
        (Screen::Fleet | Screen::Matrix, _) => {
            let (now, family) = (state.roster.show(), state.roster.family());
            state.roster.set_show(toggled(now), family);
        }
        _ => {}
    }
}
