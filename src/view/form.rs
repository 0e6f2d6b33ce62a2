//! A form: its fields, and below them what it comes to.

use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use unicode_width::UnicodeWidthStr;

use crate::app::{Area, Field, FieldValue, Form, Prompt, Sought, State, form_lines};
use crate::documents::text::neutral;
use crate::look::{Glyph, Look, Role};

use super::widget::{Line, clear, cut_end, frame, page};

/// Draws the form. Returns where the terminal's cursor belongs when a line is being written.
pub fn draw(buffer: &mut Buffer, state: &State, form: &Form, look: &Look) -> Option<Position> {
    let area = state.overlay_area();
    clear(buffer, area);
    let inside = state.overlay_inside();
    if inside != area {
        frame(buffer, area, form.title(), true, look);
    }
    let (rows, rest) = inside.top(form.field_rows(inside.height));
    // Where not all fields have room, those around the one that has the keys are shown.
    let shown = usize::from(rows.height);
    let first = (form.focus + 1).saturating_sub(shown);
    let mut cursor = None;
    for (row, (place, field)) in (0..rows.height).zip(form.fields.iter().enumerate().skip(first)) {
        let focused = place == form.focus && form.working.is_none();
        let at = draw_field(buffer, rows, row, field, focused, look);
        cursor = cursor.or(at);
    }
    let (_, gap) = form.text_rows(inside.height);
    let (_, text) = rest.top(u16::from(gap));
    let lines = form_lines(state, form, text.width);
    page(buffer, text, &lines, form.scroll, &Sought::default(), look);
    cursor
}

fn draw_field(
    buffer: &mut Buffer,
    area: Area,
    row: u16,
    field: &Field,
    focused: bool,
    look: &Look,
) -> Option<Position> {
    let mut line = Line::new(look);
    if focused {
        line.glyph(Role::SelectedMarker, Glyph::Marker);
    } else {
        line.put(Role::Text, " ");
    }
    let label = if area.width >= 40 { 10 } else { 9 };
    line.put(Role::DocumentKey, format!(" {:<label$}", field.label));
    let room = usize::from(area.width).saturating_sub(line.width());
    match &field.value {
        FieldValue::Choice { options, chosen } => {
            let role = if focused { Role::Selected } else { Role::Text };
            let place = format!("  {} of {}", chosen + 1, options.len());
            let (place, left) = match room.checked_sub(place.len()) {
                Some(left) if options.len() > 1 && left >= 12 => (place, left),
                _ => (String::new(), room),
            };
            let text = neutral(options.get(*chosen).map_or("", |it| it));
            let text = cut_end(&text, left, look).into_owned();
            line.put(role, text).put(Role::Dim, place);
            line.draw(buffer, area, row);
            None
        }
        FieldValue::Text(prompt) => {
            let start = line.width();
            let (text, cursor) = window(prompt, room.saturating_sub(1).max(1));
            line.put(if focused { Role::Prompt } else { Role::Text }, text);
            line.draw(buffer, area, row);
            let column = u16::try_from(start + cursor).unwrap_or(u16::MAX);
            let column = column.min(area.width.saturating_sub(1));
            focused.then(|| Position::new(area.x + column, area.y + row))
        }
    }
}

/// The part of a line that has room, and the cursor in it.
fn window(prompt: &Prompt, room: usize) -> (String, usize) {
    let text = neutral(prompt.text());
    let before: String = text.chars().take(prompt.cursor()).collect();
    let mut characters = before.chars();
    let mut skipped = 0;
    while characters.as_str().width() > room {
        characters.next();
        skipped += 1;
    }
    let cursor = characters.as_str().width();
    (text.chars().skip(skipped).collect(), cursor)
}
