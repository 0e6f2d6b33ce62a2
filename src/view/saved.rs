//! The saved searches.

use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

use crate::app::{SavedMode, State};
use crate::documents::text::neutral;
use crate::look::{Glyph, Look, Role};

use super::widget::{Line, clear, cut_end, frame};

pub fn draw(buffer: &mut Buffer, state: &State, mode: &SavedMode, look: &Look) {
    let area = state.overlay_area();
    clear(buffer, area);
    let inside = state.overlay_inside();
    if inside != area {
        frame(buffer, area, "Saved searches", true, look);
    }
    let width = usize::from(inside.width);
    let searches = &state.saved.list;
    if searches.is_empty() {
        let words = if state.saved.problem.is_some() {
            ["The file could not be read.", "L says what is wrong in it."]
        } else {
            [
                "No search has a name yet.",
                "Write a filter with /, then a names it here.",
            ]
        };
        for (row, words) in (0..).zip(words) {
            let mut line = Line::new(look);
            let words = cut_end(words, width.saturating_sub(1), look);
            line.put(Role::Info, format!(" {words}"));
            line.draw(buffer, inside, row);
        }
        return;
    }
    let names = searches.iter().map(|search| neutral(&search.name).width());
    let column = names.max().unwrap_or(0).min(width / 2).max(8);
    let window = mode
        .position
        .window(searches.len(), usize::from(inside.height));
    for (row, place) in (0..).zip(window) {
        let search = &searches[place];
        let selected = place == mode.position.cursor;
        let mut line = Line::new(look);
        if selected {
            line.glyph(Role::SelectedMarker, Glyph::Marker);
        } else {
            line.put(Role::Text, " ");
        }
        line.put(Role::Text, " ");
        let role = if selected { Role::Selected } else { Role::Text };
        let name = neutral(&search.name);
        line.put(role, cut_end(&name, column, look).into_owned());
        line.pad_to(column + 4);
        let room = width.saturating_sub(line.width());
        let query = neutral(&search.query);
        line.put(Role::Code, cut_end(&query, room, look).into_owned());
        line.draw(buffer, inside, row);
    }
}
