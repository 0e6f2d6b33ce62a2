//! From screen to screen, from pane to pane.

use crate::app::roster::open_features;
use crate::app::{
    DetailState, Effect, HistoryState, Mode, NoticeLevel, Pane, RosterRow, Screen, ServerScreen,
    Show, State, Tab, TreeNode,
};
use crate::baseline::FamilyCode;
use crate::posture::ServerSummary;

use super::{
    control_list, control_servers, difference, filter, groups, jobs, matrix, reports, say, scans,
    screens, trend, ways,
};

/// The levels of a document that are left when folding begins; few documents are deeper.
const MOST_LEVELS: usize = 4;

pub(super) fn open(state: &mut State, effects: &mut Vec<Effect>) {
    match state.screen() {
        Screen::Welcome if state.is_scanning() => {
            say(state, NoticeLevel::Hint, "the scan is starting");
        }
        Screen::Welcome if state.welcome < state.welcome_scans().count() => {
            let entry = state.welcome_scans().nth(state.welcome).cloned();
            if let Some(entry) = entry {
                scans::open_entry(state, &entry, effects);
            }
        }
        Screen::Welcome if state.welcome == state.welcome_scans().count() => {
            jobs::start(state, |job| Effect::StartDemo { job }, effects);
        }
        Screen::Welcome => jobs::start(state, |job| Effect::StartScan { job }, effects),
        Screen::Fleet => match state.roster.at(state.roster.position().cursor) {
            Some(RosterRow::Group(_)) => groups::go_in(state),
            _ => open_server(state, effects),
        },
        Screen::Server => {
            if let Some(server) = &mut state.server
                && !server.rows.is_empty()
            {
                server.focus = Pane::Feature;
            }
        }
        screen => screens::open(state, screen, effects),
    }
}

fn open_server(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(summary) = state.roster.selected().cloned() else {
        return say(state, NoticeLevel::Hint, "there is no server in the list");
    };
    state.roster.go(|_, _, _| {});
    let node = first_node(&summary, state.roster.family(), state.roster.show());
    open_at(state, summary, node, effects);
}

/// The row of a server's tree to begin with: its worst open feature of those that are looked at. Where only what fails or
/// what is unknown is looked at, and the family has none of it, any open one.
pub(super) fn first_node(
    server: &ServerSummary,
    family: Option<FamilyCode>,
    show: Show,
) -> TreeNode {
    let of_family = || {
        open_features(server)
            .into_iter()
            .map(|(feature, _)| feature)
            .filter(move |feature| family.is_none_or(|family| feature.family() == family))
    };
    of_family()
        .find(|feature| show.admits(server.cell(*feature).verdict))
        .or_else(|| of_family().next())
        .map_or_else(
            || TreeNode::Family(family.unwrap_or(FamilyCode::Ns)),
            TreeNode::Feature,
        )
}

/// Looks into a server, with this selected. There is one such screen: one further below gives way to it.
pub(super) fn open_at(
    state: &mut State,
    summary: ServerSummary,
    node: TreeNode,
    effects: &mut Vec<Effect>,
) {
    state
        .modes
        .retain(|mode| !matches!(mode, Mode::Screen(Screen::Server)));
    if state
        .roster
        .selected()
        .is_none_or(|selected| selected.id != summary.id)
    {
        state.roster.select(&summary.id);
    }
    state.server = Some(ServerScreen::new(summary, node));
    state.modes.push(Mode::Screen(Screen::Server));
    load(state, effects);
}

/// Asks for the documents of the server that is looked into.
pub(super) fn load(state: &mut State, effects: &mut Vec<Effect>) {
    if let Some(server) = &state.server {
        let job = state.jobs.next();
        state.jobs.detail = Some(job);
        effects.push(Effect::LoadDetail {
            job,
            server: server.summary.id.to_string(),
        });
    }
}

pub(super) fn back(state: &mut State, effects: &mut Vec<Effect>) {
    match (state.screen(), &mut state.server) {
        (Screen::Server, Some(server)) if server.focus == Pane::Feature => {
            server.focus = Pane::Controls;
        }
        (Screen::Server, Some(server)) if server.show != Show::All => {
            server.show = Show::All;
            server.refresh_rows();
        }
        (Screen::Server, _) => leave_server(state),
        (Screen::Fleet, _) => filter::clear(state, effects),
        (Screen::Welcome, _) => {}
        (screen, _) => screens::back(state, screen, effects),
    }
}

pub(super) fn leave_server(state: &mut State) {
    if let Some(TreeNode::Feature(feature)) = state.server.as_ref().map(|server| server.node) {
        ways::remember(state, Some(feature));
    }
    state
        .modes
        .retain(|mode| !matches!(mode, Mode::Screen(Screen::Server)));
    screens::forget_what_is_gone(state);
}

/// Back to the choices, after a scan that has nothing to show.
pub(super) fn to_welcome(state: &mut State, effects: &mut Vec<Effect>) {
    leave_server(state);
    state
        .modes
        .retain(|mode| !matches!(mode, Mode::Filter { .. }) && !mode.shows_reports());
    let mut is_bottom = true;
    state
        .modes
        .retain(|mode| !matches!(mode, Mode::Screen(_)) || std::mem::take(&mut is_bottom));
    for mode in &mut state.modes {
        if let Mode::Screen(screen) = mode {
            *screen = Screen::Welcome;
        }
    }
    filter::set(state, "", effects);
    state.scan = None;
    state.progress = None;
    reports::forget(state, effects);
}

/// Goes to another server of the list and keeps the selected feature.
pub(super) fn step_server(state: &mut State, step: isize, effects: &mut Vec<Effect>) {
    let Some(server) = &state.server else { return };
    let before = server.summary.id.clone();
    let next = if state.is_in_control_servers() {
        control_servers::step(state, &before, step)
    } else {
        let on_it = state
            .roster
            .selected()
            .is_some_and(|selected| selected.id == before);
        // A server that the filter no longer shows gives way to the one in its place.
        state.roster.step(if on_it { step } else { 0 });
        state.roster.selected().cloned()
    };
    let Some(summary) = next.filter(|next| next.id != before) else {
        let words = if step > 0 {
            "this is the last server of the list"
        } else {
            "this is the first server of the list"
        };
        return say(state, NoticeLevel::Hint, words);
    };
    if let Some(server) = &mut state.server {
        server.summary = summary;
        server.set_detail(DetailState::Loading);
        server.set_history(HistoryState::None);
        server.scroll = 0;
        server.refresh_rows();
    }
    load(state, effects);
}

pub(super) fn family(state: &mut State, family: FamilyCode) {
    match (state.screen(), &mut state.server) {
        (Screen::Server, Some(server)) => {
            let row = server
                .rows
                .iter()
                .position(|row| row.node == TreeNode::Family(family));
            match row {
                Some(row) => {
                    server.go_to_row(row);
                    server.focus = Pane::Controls;
                }
                None => {
                    let words = format!("nothing of {family} is shown now");
                    say(state, NoticeLevel::Hint, &words);
                }
            }
        }
        (Screen::Controls, _) => control_list::family(state, family),
        (Screen::Matrix, _) => matrix::family(state, family),
        (Screen::Difference, _) => difference::family(state, family),
        (Screen::Trend, _) => trend::family(state, family),
        (Screen::Fleet, _) => {
            let chosen = (state.roster.family() != Some(family)).then_some(family);
            let show = state.roster.show();
            state.roster.set_show(show, chosen);
        }
        _ => {}
    }
}

pub(super) fn tab(state: &mut State, tab: Tab) {
    if let Some(server) = &mut state.server {
        server.tab = tab;
        server.focus = Pane::Feature;
    }
}

/// One level of the documents more or less.
pub(super) fn fold(state: &mut State, more: bool) {
    if let Some(server) = &mut state.server {
        server.levels = match (server.levels, more) {
            (None, true) => None,
            (None, false) => Some(MOST_LEVELS),
            (Some(levels), true) => Some(levels + 1).filter(|levels| *levels <= MOST_LEVELS),
            (Some(levels), false) => Some(levels.saturating_sub(1).max(1)),
        };
    }
}

pub(super) fn step_tab(state: &mut State, step: isize) {
    if let Some(server) = &state.server {
        let steps = Tab::ALL.len().saturating_add_signed(step);
        let next = server.tab.step(steps);
        tab(state, next);
    }
}
