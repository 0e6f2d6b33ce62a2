//! What lies over the body and is read: help, errors, progress, and what is told of all servers together.

use ratatui::buffer::Buffer;

use crate::app::{Mode, State, overlay_lines, overlay_title};
use crate::look::Look;

use super::columns;
use super::widget::{clear, frame, page};
use super::{find, saved};

pub fn draw(buffer: &mut Buffer, state: &State, mode: &Mode, look: &Look) {
    match mode {
        Mode::Find(mode) => return find::draw(buffer, state, mode, look),
        Mode::Saved(mode) => return saved::draw(buffer, state, mode, look),
        Mode::Columns(position) => return columns::draw(buffer, position, state, look),
        _ => {}
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
    let sought = state.sought_over(mode, &lines);
    page(buffer, inside, &lines, scroll, &sought, look);
}
