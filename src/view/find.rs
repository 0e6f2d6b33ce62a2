//! Finding anything: what was found, by kind.

use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

use crate::app::{FindMode, FindRow, State};
use crate::documents::text::neutral;
use crate::look::{Glyph, Look, Role};
use crate::query::{FoundItem, match_ranges};

use super::widget::{Line, clear, cut_end, frame};

pub fn draw(buffer: &mut Buffer, state: &State, mode: &FindMode, look: &Look) {
    let area = state.overlay_area();
    clear(buffer, area);
    let inside = state.overlay_inside();
    if inside != area {
        frame(buffer, area, "Find anything", true, look);
    }
    if mode.rows.is_empty() {
        let words = match (mode.has_words(), mode.is_waiting) {
            (false, _) => [
                "Words of a server, control, feature, parameter, policy or of guidance.",
                "Enter goes there, Tab to the next kind.",
            ],
            (true, true) => ["looking ...", ""],
            (true, false) => ["Nothing has these words.", ""],
        };
        for (row, words) in (0..).zip(words) {
            let mut line = Line::new(look);
            let words = cut_end(words, usize::from(inside.width).saturating_sub(1), look);
            line.put(Role::Info, format!(" {words}"));
            line.draw(buffer, inside, row);
        }
        return;
    }
    let window = mode
        .position
        .window(mode.rows.len(), usize::from(inside.height));
    for (row, place) in (0..).zip(window) {
        let mut line = Line::new(look);
        match &mode.rows[place] {
            FindRow::Kind(kind, count) => {
                line.put(Role::Header, kind.title());
                line.put(Role::Dim, format!(" {count}"));
            }
            FindRow::Item(item) => {
                let selected = place == mode.position.cursor;
                draw_item(&mut line, mode, item, selected, inside.width, look);
            }
            FindRow::More(count) => {
                line.put(Role::Dim, format!("   {count} more: another word narrows"));
            }
        }
        line.draw(buffer, inside, row);
    }
}

fn draw_item(
    line: &mut Line<'_>,
    mode: &FindMode,
    item: &FoundItem,
    selected: bool,
    width: u16,
    look: &Look,
) {
    if selected {
        line.glyph(Role::SelectedMarker, Glyph::Marker);
    } else {
        line.put(Role::Text, " ");
    }
    line.put(Role::Text, " ");
    let width = usize::from(width).saturating_sub(2);
    let (text, about) = (neutral(&item.text), neutral(&item.about));
    // What it belongs to is told where its own name leaves room.
    let room = width.saturating_sub(text.width() + 2);
    let least = about.width().min(16).min(width / 3);
    let room = if room < least { least } else { room };
    let text = cut_end(&text, width.saturating_sub(room + 2), look).into_owned();
    let role = if selected { Role::Selected } else { Role::Text };
    let ranges = match_ranges(&mode.query, &text, false);
    line.highlighted(role, &text, &ranges);
    let about = cut_end(&about, room, look).into_owned();
    line.put(Role::Dim, format!("  {about}"));
}
