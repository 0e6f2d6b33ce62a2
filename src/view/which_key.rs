//! What can follow after the first key of a chord.

use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

use crate::app::{Area, CHORDS, Scope, State};
use crate::look::{Look, Role};

use super::widget::{Line, clear, frame};

pub fn draw(buffer: &mut Buffer, body: Area, state: &State, look: &Look) {
    if state.pending.0.is_empty() || body.height < 3 {
        return;
    }
    let continuations = state
        .keymap
        .continuations(Scope::of(state), &state.pending.0);
    let entries: Vec<(String, &str, bool)> = continuations
        .into_iter()
        .map(|(keys, record)| {
            let can = (record.enabled)(state).is_ok();
            (keys.to_string(), record.title, can)
        })
        .collect();
    let column = entries
        .iter()
        .map(|(keys, title, _)| keys.width() + title.width() + 4)
        .max()
        .unwrap_or(1);
    let columns = (usize::from(body.width.saturating_sub(2)) / column).max(1);
    let rows = entries.len().div_ceil(columns);
    let height = u16::try_from(rows + 2).unwrap_or(u16::MAX);
    let (_, area) = body.bottom(height);
    clear(buffer, area);
    let keys = state.pending.to_string();
    let title = CHORDS
        .iter()
        .find(|(key, _)| *key == keys)
        .map_or(keys.as_str(), |(_, title)| title);
    frame(buffer, area, title, true, look);
    for (row, entries) in (0..).zip(entries.chunks(columns)) {
        let mut line = Line::new(look);
        for (place, (keys, title, can)) in entries.iter().enumerate() {
            line.pad_to(place * column);
            line.put(Role::Key, format!(" {keys}"));
            let role = if *can { Role::Hint } else { Role::Disabled };
            line.put(role, format!(" {title}"));
        }
        line.draw(buffer, area.inside(), row);
    }
}
