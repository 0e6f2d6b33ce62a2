//! What can follow after the first keys of a chord: every key with the title of its command, in columns.

use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

use crate::app::{Area, Scope, State, chord_title};
use crate::look::{Look, Role};

use super::widget::{Line, clear, frame};

pub fn draw(buffer: &mut Buffer, body: Area, state: &State, look: &Look) {
    if state.pending.0.is_empty() || body.height < 3 {
        return;
    }
    let continuations = state
        .keymap
        .continuations(Scope::of(state), &state.pending.0);
    let mut entries: Vec<(String, &str, bool)> = continuations
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
    // Where there is no room for all of them, the last place says how many are missing.
    let room = columns * usize::from(body.height - 2);
    let missing = match entries.len().saturating_sub(room) {
        0 => 0,
        over => over + 1,
    };
    entries.truncate(entries.len() - missing);
    let places = entries.len() + usize::from(missing > 0);
    let height = u16::try_from(places.div_ceil(columns) + 2).unwrap_or(u16::MAX);
    let (_, area) = body.bottom(height);
    clear(buffer, area);
    frame(buffer, area, &chord_title(state), true, look);
    let inside = area.inside();
    for row in 0..inside.height {
        let mut line = Line::new(look);
        let first = usize::from(row) * columns;
        for place in first..(first + columns).min(places) {
            line.pad_to((place - first) * column);
            match entries.get(place) {
                Some((keys, title, can)) => {
                    line.put(Role::Key, format!(" {keys}"));
                    let role = if *can { Role::Hint } else { Role::Disabled };
                    line.put(role, format!(" {title}"));
                }
                None => {
                    line.put(Role::Dim, format!(" and {missing} more"));
                }
            }
        }
        line.draw(buffer, inside, row);
    }
}
