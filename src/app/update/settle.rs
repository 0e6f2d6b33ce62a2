//! After every message: positions that fit the size, and pages that fit what is selected.

use crate::app::{HelpMode, Mode, State, Tab, overlay_lines, page};

pub(super) fn settle(state: &mut State) {
    let height = state.fleet_layout().rows.height;
    state.roster.set_height(usize::from(height));
    let layout = state.server_layout();
    let now = state.now;
    if let Some(server) = &mut state.server {
        let height = usize::from(layout.inside(layout.controls).height);
        server.tree.fit(server.rows.len(), height);
        let area = layout.feature_parts().2;
        if area.width > 0 {
            let another = page::refresh(server, area.width, now);
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
    let area = state.overlay_inside();
    if let Some(mode @ (Mode::Help(_) | Mode::Errors(_) | Mode::Progress(_))) = state.modes.last() {
        let length = overlay_lines(state, mode, area.width).len();
        let last = length.saturating_sub(usize::from(area.height));
        if let Some(
            Mode::Help(HelpMode { scroll, .. }) | Mode::Errors(scroll) | Mode::Progress(scroll),
        ) = state.modes.last_mut()
        {
            *scroll = (*scroll).min(last);
        }
    }
}
