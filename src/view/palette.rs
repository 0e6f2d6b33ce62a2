//! The palette: every command that matches what is written, with its keys; what cannot run is dimmed and says why.

use ratatui::buffer::Buffer;

use crate::app::{Palette, PaletteEntry, Standing, State, overlay_title};
use crate::look::{Glyph, Look, Role};

use super::widget::{Line, clear, cut_end, frame};

/// Columns of the names, and of the keys after them.
const NAMES: usize = 26;
const KEYS: usize = 14;

pub fn draw(buffer: &mut Buffer, state: &State, palette: &Palette, look: &Look) {
    let area = state.overlay_area();
    clear(buffer, area);
    let inside = state.overlay_inside();
    if inside != area {
        let can = |entry: &&PaletteEntry| entry.standing == Standing::Here;
        let here = palette.entries.iter().filter(can).count();
        let title = format!("{}: {here} here", overlay_title(state.mode()));
        frame(buffer, area, &title, true, look);
    }
    if palette.entries.is_empty() {
        let mut line = Line::new(look);
        line.put(Role::Dim, " No command has these letters.");
        return line.draw(buffer, inside, 0);
    }
    let width = usize::from(inside.width);
    let window = palette
        .position
        .window(palette.entries.len(), usize::from(inside.height));
    for (row, place) in (0_u16..).zip(window) {
        let Some(entry) = palette.entries.get(place) else {
            continue;
        };
        let selected = place == palette.position.cursor;
        draw_row(entry, width, selected, look).draw(buffer, inside, row);
    }
}

fn draw_row<'a>(entry: &PaletteEntry, width: usize, selected: bool, look: &'a Look) -> Line<'a> {
    let mut line = Line::new(look);
    if selected {
        line.glyph(Role::SelectedMarker, Glyph::Marker);
    } else {
        line.put(Role::Text, " ");
    }
    let can = entry.standing == Standing::Here;
    let role = |role: Role| if can { role } else { Role::Disabled };
    let name = if selected && can {
        Role::Selected
    } else {
        role(Role::Text)
    };
    line.put(
        name,
        cut_end(entry.record.id, width.saturating_sub(1), look).into_owned(),
    );
    if width > NAMES + 4 {
        line.pad_to(NAMES + 2);
        let room = width.saturating_sub(line.width()).min(KEYS);
        line.put(
            role(Role::Key),
            cut_end(&entry.keys, room, look).into_owned(),
        );
    }
    if width > NAMES + KEYS + 10 {
        line.pad_to(NAMES + KEYS + 3);
        let room = width.saturating_sub(line.width() + 1);
        let words = match &entry.standing {
            Standing::Here => entry.record.doc,
            Standing::NotNow(why) => why,
            Standing::Elsewhere(places) => places,
        };
        line.put(role(Role::Hint), cut_end(words, room, look).into_owned());
    }
    line
}
