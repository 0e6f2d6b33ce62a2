//! The palette: opening it, keeping it up to date, and running what is selected.

use crate::app::{Effect, Mode, NoticeLevel, Palette, Prompt, State};

use super::{input, say};

/// The most commands that are remembered as run from the palette.
const MOST_RECENT: usize = 20;

pub(super) fn open(state: &mut State) {
    state.modes.push(Mode::Palette(Palette::default()));
}

/// Writes the name of the selected command.
pub(super) fn complete(state: &mut State) {
    if let Some(Mode::Palette(palette)) = state.modes.last_mut()
        && let Some(entry) = palette.selected()
    {
        palette.prompt = Prompt::new(entry.record.id);
        palette.position.cursor = 0;
    }
}

/// Closes the palette and runs the selected command in the place below it.
pub(super) fn run(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(Mode::Palette(palette)) = state.modes.last() else {
        return;
    };
    let chosen = palette.selected().map(|entry| entry.record.command);
    let text = palette.prompt.text().trim().to_owned();
    state.modes.pop();
    let Some(command) = chosen else {
        if !text.is_empty() {
            say(
                state,
                NoticeLevel::Hint,
                &format!("{text}: no such command"),
            );
        }
        return;
    };
    state.recent.retain(|known| *known != command);
    state.recent.insert(0, command);
    state.recent.truncate(MOST_RECENT);
    input::command(state, command, effects);
}

/// Brings the list up to date: what can run changes with the state below.
pub(super) fn settle(state: &mut State) {
    if !matches!(state.mode(), Mode::Palette(_)) {
        return;
    }
    let height = usize::from(state.overlay_inside().height);
    if let Some(Mode::Palette(mut palette)) = state.modes.pop() {
        palette.refresh(state, height);
        state.modes.push(Mode::Palette(palette));
    }
}
