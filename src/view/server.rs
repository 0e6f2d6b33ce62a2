//! One server: the servers around it, its controls, and what the selected one holds.

use ratatui::buffer::Buffer;

use crate::app::{Pane, State};
use crate::look::Look;

use super::widget::frame;
use super::{controls, feature, servers};

pub fn draw(buffer: &mut Buffer, state: &State, look: &Look) {
    let Some(server) = &state.server else { return };
    let layout = state.server_layout();
    let title = server.node.title();
    for (area, title, focused) in [
        (layout.servers, servers_title(state), false),
        (layout.controls, "controls", server.focus == Pane::Controls),
        (layout.feature, title, server.focus == Pane::Feature),
    ] {
        if let Some(area) = area.filter(|_| layout.borders) {
            frame(buffer, area, title, focused, look);
        }
    }
    servers::draw(buffer, layout.inside(layout.servers), state, look);
    controls::draw(buffer, layout.inside(layout.controls), server, look);
    feature::draw(buffer, &layout, state, server, look);
}

/// The servers that one goes through from here.
fn servers_title(state: &State) -> &'static str {
    if state.is_in_control_servers() {
        state.control_servers.feature.control()
    } else {
        "servers"
    }
}
