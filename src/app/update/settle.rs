//! After every message: positions that fit the size, and pages that fit what is selected.

use crate::app::{Mode, Screen, State, Tab, overlay_lines, page};

use super::{palette, screens};

pub(super) fn settle(state: &mut State) {
    if state.screen() != Screen::Matrix {
        let height = state.fleet_layout().rows.height;
        state.roster.set_height(usize::from(height));
    }
    let layout = state.server_layout();
    let (now, zone) = (state.now, state.zone.clone());
    if let Some(server) = &mut state.server {
        let height = usize::from(layout.inside(layout.controls).height);
        server.tree.fit(server.rows.len(), height);
        let area = layout.feature_parts().2;
        if area.width > 0 {
            let another = page::refresh(server, area.width, now, &zone);
            if another {
                // The raw document opens at the value that was judged.
                server.scroll = match server.page.first_mark() {
                    Some(line) if server.tab == Tab::Raw => line.saturating_sub(3),
                    _ => 0,
                };
            }
            let last = server
                .page
                .lines
                .len()
                .saturating_sub(usize::from(area.height));
            server.scroll = server.scroll.min(last);
        }
    }
    screens::settle(state);
    let height = usize::from(state.overlay_inside().height);
    let searches = state.saved.list.len();
    match state.modes.last_mut() {
        Some(Mode::Find(mode)) => mode.position.fit(mode.rows.len(), height),
        Some(Mode::Saved(mode)) => mode.position.fit(searches, height),
        _ => {}
    }
    show_policy(state);
    palette::settle(state);
    let area = state.overlay_inside();
    if let Some(mode) = state.modes.last().filter(|mode| mode.scroll().is_some()) {
        let lines = overlay_lines(state, mode, area.width);
        let height = usize::from(area.height);
        let last = lines.len().saturating_sub(height);
        // Where one of several things is chosen, all of it is on the screen when it fits.
        let chosen = matches!(mode, Mode::Links(_));
        let first = lines.iter().position(|line| chosen && line.marked);
        let end = lines.iter().rposition(|line| chosen && line.marked);
        if let Some(scroll) = state.modes.last_mut().and_then(Mode::scroll_mut) {
            if let (Some(first), Some(end)) = (first, end) {
                let low = (end + 1).saturating_sub(height);
                *scroll = (*scroll).max(low).min(first.saturating_sub(1).max(low));
            }
            *scroll = (*scroll).min(last);
        }
    }
}

/// Once the policies are there, their page goes to the one that was asked for.
fn show_policy(state: &mut State) {
    if state.sought_policy.is_none() || state.is_policy_shown || state.reports.loaded().is_none() {
        return;
    }
    let width = state.overlay_inside().width;
    let Some(mode @ Mode::Policies(_)) = state.modes.last() else {
        return;
    };
    let lines = overlay_lines(state, mode, width);
    if let Some(line) = lines.iter().position(|line| line.marked)
        && let Some(scroll) = state.modes.last_mut().and_then(Mode::scroll_mut)
    {
        *scroll = line;
        state.is_policy_shown = true;
    }
}
