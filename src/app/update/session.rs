//! Back to the place of the last session, once its scan is open.

use crate::app::{
    Effect, Mode, NoticeLevel, Pane, Place, Resume, Screen, ServerPlace, ServerScreen, Show, State,
    counted,
};
use crate::query::GroupBy;

use super::{filter, navigate, say, screens};

/// Goes back to the place, as far as it is still there.
pub(super) fn resume(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(Resume {
        place,
        same_scan_only,
    }) = state.resume.take()
    else {
        return;
    };
    let scan = state.scan.as_ref();
    let same = scan.is_some_and(|scan| scan.id == place.scan);
    if !same && same_scan_only {
        return;
    }
    state.roster.restore_marks(place.marks.iter().cloned());
    let gone = go_to(state, &place, effects);
    let deeper = state.screen() != Screen::Fleet;
    let words = match gone {
        Some(name) => format!("continued where you left; {name} is not in this scan"),
        None if deeper => "continued where you left: Esc goes to the list".to_owned(),
        None if state.is_filtered() => {
            "continued where you left: Esc shows all servers again".to_owned()
        }
        None if state.roster.marked() > 0 => {
            let marked = counted(state.roster.marked(), "server");
            format!("continued where you left: {marked} marked")
        }
        None => return,
    };
    let words = if same {
        words
    } else {
        format!("{words} (in another scan)")
    };
    // That a scan was judged anew matters more.
    if state.notice.is_none() {
        say(state, NoticeLevel::Hint, &words);
    }
}

/// Goes to a place of the open scan, and says when a server of it is not there.
pub(super) fn visit(state: &mut State, place: &Place, effects: &mut Vec<Effect>) {
    if state.scan.is_none() {
        return;
    }
    if let Some(name) = go_to(state, place, effects) {
        let words = format!("{name} is not in this scan");
        say(state, NoticeLevel::Hint, &words);
    }
}

fn go_to(state: &mut State, place: &Place, effects: &mut Vec<Effect>) -> Option<String> {
    let (show, family) = place.show();
    state.roster.set_sort(place.sort());
    state.roster.set_show(show, family);
    filter::set_if_right(state, &place.filter, effects);
    restore(state, place, effects)
}

/// Selection and screens. The name of a server that is gone, when one was looked into.
fn restore(state: &mut State, place: &Place, effects: &mut Vec<Effect>) -> Option<String> {
    state.columns = place.columns.clone();
    if let GroupBy::Tag(name) = &place.grouping {
        state.group_tag = Some(name.clone());
    }
    if place.grouping != GroupBy::Nothing {
        state.roster.set_grouping(place.grouping.clone());
    }
    if let Some(selected) = &place.selected {
        state.roster.choose(selected);
    }
    for screen in place.screens() {
        if screen != Screen::Server {
            screens::go_to(state, screen, effects);
            continue;
        }
        let Some(server) = &place.server else {
            continue;
        };
        if !open(state, server, effects) {
            // What lies above a server is about it.
            return Some(server.name.clone());
        }
    }
    None
}

fn open(state: &mut State, place: &ServerPlace, effects: &mut Vec<Effect>) -> bool {
    let Some(summary) = state.roster.find(&place.id).cloned() else {
        return false;
    };
    let node = place.node();
    let node = node.unwrap_or_else(|| navigate::first_node(&summary, None, Show::All));
    let mut server = ServerScreen::new(summary, node);
    server.show = place.show();
    server.tab = place.tab();
    if place.in_feature {
        server.focus = Pane::Feature;
    }
    server.refresh_rows();
    state.server = Some(server);
    state.modes.push(Mode::Screen(Screen::Server));
    navigate::load(state, effects);
    true
}
