//! What lies over the screen: opening, closing, answering.

use crate::app::{Effect, Mode, Prompt, Question, State};

use super::{control_list, filter, form, groups, live, page_search, reports, saved, scans};

pub(super) fn open(state: &mut State, mode: Mode) {
    state.modes.push(mode);
}

pub(super) fn ask(state: &mut State, question: Question) {
    state.modes.push(Mode::Confirm(question));
}

pub(super) fn search(state: &mut State) {
    if let Some(Mode::Help(help)) = state.modes.last_mut() {
        help.searching = true;
    }
}

/// Closes what has the keys; what was written in it is undone.
pub(super) fn close(state: &mut State, effects: &mut Vec<Effect>) {
    match state.modes.last_mut() {
        Some(Mode::Filter(mode)) => {
            let before = std::mem::take(&mut mode.before);
            state.modes.pop();
            filter::set(state, &before, effects);
        }
        Some(Mode::Scans(_)) => scans::give_up(state),
        Some(Mode::Controls(_)) => control_list::give_up(state),
        Some(Mode::Help(help)) if help.searching || !help.search.text().is_empty() => {
            help.searching = false;
            help.search = Prompt::default();
        }
        Some(Mode::PageSearch(_)) => page_search::undo(state),
        Some(Mode::Saved(mode)) if mode.naming.is_some() => mode.naming = None,
        Some(Mode::Form(_)) => form::close(state, effects),
        Some(mode) if mode.shows_reports() => {
            state.modes.pop();
            reports::stop(state, effects);
        }
        Some(Mode::Screen(_) | Mode::Confirm(_)) | None => {}
        Some(_) => {
            state.modes.pop();
        }
    }
}

/// Closes what has the keys and keeps what was written.
pub(super) fn accept(state: &mut State, effects: &mut Vec<Effect>) {
    match state.modes.last_mut() {
        // What is wrong stays to be mended; Esc leaves it.
        Some(Mode::Filter(_)) if !state.search.errors.is_empty() => {}
        Some(Mode::Filter(_) | Mode::Controls(_)) => {
            state.modes.pop();
        }
        Some(Mode::Scans(_)) => scans::accept(state, effects),
        Some(Mode::PageSearch(_)) => page_search::keep(state),
        Some(Mode::Saved(_)) => saved::keep(state, effects),
        Some(Mode::Tag(_)) => groups::accept(state),
        Some(Mode::Help(help)) => help.searching = false,
        Some(Mode::Form(_)) => form::accept(state, false, effects),
        _ => {}
    }
}

pub(super) fn answer(state: &mut State, yes: bool, effects: &mut Vec<Effect>) {
    let Some(Mode::Confirm(question)) = state.modes.last() else {
        return;
    };
    let question = *question;
    state.modes.pop();
    if yes {
        match question {
            Question::CancelScan => {
                effects.extend(state.jobs.scanning.map(|job| Effect::CancelScan { job }));
            }
            Question::Quit => effects.push(Effect::Quit),
            Question::DeleteScan | Question::ReplaceFile => {
                scans::confirmed(state, question, effects);
            }
            Question::Refresh => live::refresh_asked(state, effects),
            Question::DeleteSearch => saved::delete(state, effects),
            Question::Replace => form::accept(state, true, effects),
        }
    }
}
