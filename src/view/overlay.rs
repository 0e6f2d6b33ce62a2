//! What lies over the body and is read: help, errors, progress, and what is told of all servers together.

use ratatui::buffer::Buffer;

use crate::app::{Mode, State, overlay_lines, overlay_title};
use crate::look::Look;

use super::columns;
use super::widget::{clear, frame, page};

pub fn draw(buffer: &mut Buffer, state: &State, mode: &Mode, look: &Look) {
    if let Mode::Columns(position) = mode {
        return columns::draw(buffer, position, state, look);
    }
    let Some(scroll) = mode.scroll() else { return };
    let area = state.overlay_area();
    clear(buffer, area);
    let title = match mode {
        Mode::Help(help) if !help.search.text().is_empty() => {
            format!("Help: {}", help.search.text())
        }
        mode => overlay_title(mode).to_owned(),
    };
    let inside = state.overlay_inside();
    if inside != area {
        frame(buffer, area, &title, true, look);
    }
    let lines = overlay_lines(state, mode, inside.width);
    page(buffer, inside, &lines, scroll, look);
}
