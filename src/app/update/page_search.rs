//! Searching in the page that is read, and going from hit to hit there or in the list.

use crate::app::page_search::{PageSearch, PageSearchMode, hits};
use crate::app::{Mode, NoticeLevel, Pane, Prompt, Screen, State};
use crate::documents::text::neutral;

use super::say;

/// Begins to write what is searched.
pub(super) fn begin(state: &mut State) {
    if state.page_place().is_none() {
        return;
    }
    let mode = PageSearchMode {
        prompt: Prompt::default(),
        before: state.page_search.clone(),
        scroll: scroll(state).map_or(0, |scroll| *scroll),
    };
    state.modes.push(Mode::PageSearch(Box::new(mode)));
}

/// Another text was written: to its first place from where one was.
pub(super) fn set(state: &mut State, text: &str) {
    let Some(Mode::PageSearch(mode)) = state.modes.last() else {
        return;
    };
    let from = mode.scroll;
    state.page_search = PageSearch {
        text: text.to_owned(),
        place: state.page_place(),
        hit: 0,
    };
    let hits = hits(&state.page_lines(), text);
    let next = hits.iter().position(|(line, _)| *line >= from).unwrap_or(0);
    state.page_search.hit = next;
    match hits.get(next) {
        Some((line, _)) => show(state, *line),
        None => put_scroll(state, from),
    }
}

/// Leaves what was written, as it was before.
pub(super) fn undo(state: &mut State) {
    if let Some(Mode::PageSearch(mode)) = state.modes.pop() {
        state.page_search = mode.before;
        put_scroll(state, mode.scroll);
    }
}

/// Keeps what was written and says how much was found.
pub(super) fn keep(state: &mut State) {
    state.modes.pop();
    if !state.page_search.text.is_empty() {
        tell(state, false);
    }
}

/// To the next hit, or the one before.
pub(super) fn step(state: &mut State, step: isize) {
    if state.page_place().is_none() {
        return step_in_list(state, step);
    }
    let search = &state.page_search;
    if search.text.is_empty() || search.place != state.page_place() {
        return say(
            state,
            NoticeLevel::Hint,
            "nothing is searched here: / searches",
        );
    }
    let count = hits(&state.page_lines(), &search.text).len();
    let before = search.hit.min(count.saturating_sub(1));
    let next = (before + count.max(1)).saturating_add_signed(step) % count.max(1);
    let wrapped = (next < before) != (step < 0) && count > 1;
    state.page_search.hit = next;
    tell(state, wrapped);
}

/// Shows the hit that is looked at, and says which it is.
fn tell(state: &mut State, wrapped: bool) {
    let hits = hits(&state.page_lines(), &state.page_search.text);
    let text = neutral(&state.page_search.text).into_owned();
    let Some((line, _)) = hits.get(state.page_search.hit) else {
        return say(
            state,
            NoticeLevel::Hint,
            &format!("{text} is not in this page"),
        );
    };
    show(state, *line);
    let (place, count) = (state.page_search.hit + 1, hits.len());
    let round = if wrapped { ", round the end" } else { "" };
    say(
        state,
        NoticeLevel::Done,
        &format!("{text}: {place} of {count}{round}"),
    );
}

fn step_in_list(state: &mut State, step: isize) {
    if state.screen() != Screen::Fleet {
        return;
    }
    if state.search.query.is_empty() {
        return say(state, NoticeLevel::Hint, "there is no filter: / writes one");
    }
    let count = state.roster.len();
    if count == 0 {
        return say(state, NoticeLevel::Hint, "no server matches");
    }
    // From the head of a group the first hit is that of its first server.
    let (before, on_head) = state.roster.shown_near();
    let step_now = if on_head && step > 0 { step - 1 } else { step };
    let next = (before + count).saturating_add_signed(step_now) % count;
    state.roster.go_to_shown(next);
    let round = if (next < before) != (step < 0) && count > 1 {
        ", round the end"
    } else {
        ""
    };
    say(
        state,
        NoticeLevel::Done,
        &format!("{} of {count}{round}", next + 1),
    );
}

/// Moves the page so that a line is on the screen, if it is not there yet.
fn show(state: &mut State, line: usize) {
    let height = match state.below_prompt() {
        Some(Mode::Screen(_)) => state.server_layout().feature_parts().2.height,
        _ => state.overlay_inside().height,
    };
    let height = usize::from(height);
    let now = scroll(state).map_or(0, |scroll| *scroll);
    if line < now || line >= now + height {
        let last = state.page_lines().len().saturating_sub(height);
        put_scroll(state, line.saturating_sub(height / 3).min(last));
    }
}

fn put_scroll(state: &mut State, to: usize) {
    if let Some(scroll) = scroll(state) {
        *scroll = to;
    }
}

/// The first line on the screen of the page that is read.
fn scroll(state: &mut State) -> Option<&mut usize> {
    let mut modes = state.modes.iter_mut().rev();
    match modes.find(|mode| !matches!(mode, Mode::PageSearch(_)))? {
        Mode::Screen(_) => {
            let server = state.server.as_mut()?;
            (server.focus == Pane::Feature).then_some(&mut server.scroll)
        }
        mode => mode.scroll_mut(),
    }
}
