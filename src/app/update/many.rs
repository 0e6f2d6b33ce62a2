//! Marks, and what is copied of many servers.

use crate::app::{Command, Effect, NoticeLevel, Screen, State, copy, counted, many};

use super::{control_servers, say};

/// More servers than the clipboard of any terminal takes: their text is not even put together.
const TOO_MANY_TO_COPY: usize = 20_000;

pub(super) fn mark(state: &mut State) {
    if state.screen() == Screen::ControlServers {
        control_servers::toggle_mark(state);
    } else if let Some((count, marked)) = state.roster.mark_group() {
        let servers = counted(count, "server");
        let words = if marked {
            format!("{servers} of the group marked")
        } else {
            format!("{servers} of the group no longer marked")
        };
        say(state, NoticeLevel::Done, &words);
    } else {
        state.roster.toggle_mark();
    }
}

pub(super) fn mark_range(state: &mut State) {
    match state.roster.mark_range() {
        Some(count) => {
            let words = format!("{} marked", counted(count, "row"));
            say(state, NoticeLevel::Done, &words);
        }
        None => say(
            state,
            NoticeLevel::Hint,
            "mark a server that is shown first: the range goes from the last mark to the cursor",
        ),
    }
}

pub(super) fn mark_shown(state: &mut State) {
    if state.screen() == Screen::ControlServers {
        state.roster.mark_places(state.control_servers.places());
    } else {
        state.roster.mark_shown();
    }
}

pub(super) fn unmark(state: &mut State) {
    let count = state.roster.unmark_all();
    let words = format!("{} taken away", counted(count, "mark"));
    say(state, NoticeLevel::Done, &words);
}

pub(super) fn only_marked(state: &mut State) {
    let only = !state.roster.only_marked();
    state.roster.set_only_marked(only);
}

/// Copies something of the marked servers, or of the one under the cursor, one line a server.
pub(super) fn copy(state: &mut State, command: Command, effects: &mut Vec<Effect>) {
    let Some(acting) = many::marked_or_one(state) else {
        return;
    };
    let count = acting.places.len();
    let what = match command {
        Command::CopyServerId => "id",
        Command::CopyServerName => "name",
        _ => "command",
    };
    if count > TOO_MANY_TO_COPY {
        let words = format!("{count} {what}s are more than terminals take: e writes a file");
        return say(state, NoticeLevel::Hint, &words);
    }
    let lines: Vec<String> = acting
        .places
        .iter()
        .filter_map(|place| state.roster.fleet().servers.get(*place as usize))
        .filter_map(|server| copy::of_server(state, command, server))
        .collect();
    state.copying = match acting.why {
        many::Why::Marked => format!("{} of marked servers", counted(count, what)),
        many::Why::Shown | many::Why::Group | many::Why::UnderCursor => counted(count, what),
    };
    effects.push(Effect::Copy(lines.join("\n")));
}

pub(super) fn copied(state: &mut State, how: &str) {
    let what = std::mem::take(&mut state.copying);
    let words = if what.is_empty() {
        how.to_owned()
    } else {
        format!("{what} {how}")
    };
    say(state, NoticeLevel::Done, &words);
}
