//! The choice of columns.

use ratatui::buffer::Buffer;

use crate::app::{Column, ListPosition, State};
use crate::documents::text::neutral;
use crate::look::{Glyph, Look, Role};

use super::widget::{Line, clear, cut_end, frame};

pub fn draw(buffer: &mut Buffer, position: &ListPosition, state: &State, look: &Look) {
    let area = state.columns_area();
    clear(buffer, area);
    let title = if state.columns.shown.is_some() {
        "Columns"
    } else {
        "Columns, as there is room"
    };
    frame(buffer, area, title, true, look);
    let inside = area.inside();
    let rows = state.columns.rows(state.fleet_layout().rows.width);
    let window = position.window(rows.len(), usize::from(inside.height));
    for (line, row) in (0_u16..).zip(window) {
        let (column, shown) = rows[row];
        let selected = row == position.cursor;
        let mut drawn = Line::new(look);
        if selected {
            drawn.glyph(Role::SelectedMarker, Glyph::Marker);
        } else {
            drawn.put(Role::Text, " ");
        }
        drawn.put(Role::Key, if shown { "[x] " } else { "[ ] " });
        let role = if selected { Role::Selected } else { Role::Text };
        let name = match (column, column.record().title) {
            (Column::Families, _) => "FAMILIES",
            (_, title) => title,
        };
        drawn.put(role, name);
        drawn.pad_to(21);
        let mut doc = column.record().doc.to_owned();
        if column == Column::Tag {
            doc = match &state.columns.tag {
                Some(tag) => format!("the tag {} (t: another)", neutral(tag)),
                None => "the value of a tag (t: which)".to_owned(),
            };
        }
        let room = usize::from(inside.width).saturating_sub(drawn.width());
        drawn.put(Role::Dim, cut_end(&doc, room, look).into_owned());
        drawn.draw(buffer, inside, line);
    }
}
