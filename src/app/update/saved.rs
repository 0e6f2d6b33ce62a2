//! Searches that were given a name: calling one back, naming one, forgetting one.

use crate::app::saved::{SavedMode, SavedSearch};
use crate::app::{Effect, Mode, NoticeLevel, Prompt, Question, Screen, State};
use crate::documents::text::{neutral, neutral_lines};

use super::{filter, problem, say, screens};

/// Opens the list. The file is read each time: a person may have edited it.
pub(super) fn open(state: &mut State, effects: &mut Vec<Effect>) {
    state.modes.push(Mode::Saved(Box::default()));
    effects.push(Effect::ReadSearches);
}

/// The file was read, or written and read again.
pub(super) fn read(state: &mut State, text: &str) {
    state.saved.read(text);
    if let Some(why) = &state.saved.problem {
        let why = neutral_lines(why);
        problem(state, "the saved searches could not be read", &why);
    }
}

/// Shows the servers of the selected search.
pub(super) fn call_back(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(Mode::Saved(mode)) = state.modes.last() else {
        return;
    };
    let Some(search) = state.saved.list.get(mode.position.cursor).cloned() else {
        return;
    };
    state.modes.pop();
    screens::go_to(state, Screen::Fleet, effects);
    filter::set(state, &search.query, effects);
    if state.search.errors.is_empty() {
        let name = neutral(&search.name);
        say(
            state,
            NoticeLevel::Done,
            &format!("{name}: Esc takes it away"),
        );
    } else {
        // What is wrong is shown where it can be mended.
        filter::begin(state, effects);
    }
}

/// Begins to write a name for the filter in force.
pub(super) fn name(state: &mut State) {
    if state.saved.problem.is_some() {
        return say(
            state,
            NoticeLevel::Hint,
            "the file of saved searches has to be mended first",
        );
    }
    if state.search.text.trim().is_empty() {
        return say(
            state,
            NoticeLevel::Hint,
            "there is no filter to be named: / writes one",
        );
    }
    if let Some(Mode::Saved(mode)) = state.modes.last_mut() {
        mode.naming = Some(Prompt::default());
    }
}

/// Keeps the filter under the name that was written.
pub(super) fn keep(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(Mode::Saved(mode)) = state.modes.last_mut() else {
        return;
    };
    let Some(prompt) = mode.naming.take() else {
        return;
    };
    let name = prompt.text().trim().to_owned();
    if name.is_empty() {
        return;
    }
    if state.saved.list.iter().any(|known| known.name == name) {
        let words = format!("{name} is there already: another name, or delete it first");
        mode.naming = Some(prompt);
        return say(state, NoticeLevel::Hint, &words);
    }
    mode.position.cursor = state.saved.list.len();
    let search = SavedSearch {
        name,
        query: state.search.text.trim().to_owned(),
    };
    effects.push(Effect::AddSearch(state.saved.addition(&search)));
}

/// Asks whether the selected search is to be forgotten.
pub(super) fn ask_to_delete(state: &mut State) {
    let selected = |mode: &SavedMode| state.saved.list.get(mode.position.cursor).is_some();
    if matches!(state.mode(), Mode::Saved(mode) if selected(mode)) {
        state.modes.push(Mode::Confirm(Question::DeleteSearch));
    }
}

/// Forgets the selected search.
pub(super) fn delete(state: &mut State, effects: &mut Vec<Effect>) {
    if let Some(Mode::Saved(mode)) = state.modes.last() {
        match state.saved.without(mode.position.cursor) {
            Some(text) => effects.push(Effect::WriteSearches(text)),
            None => say(
                state,
                NoticeLevel::Hint,
                "the file is written in a way of its own: delete it there",
            ),
        }
    }
}
