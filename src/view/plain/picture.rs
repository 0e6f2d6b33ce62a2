//! A screen that has no words of its own yet: its picture without frames, as far as it reaches.

use std::io::{self, Write};

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::Lines;
use crate::app::State;
use crate::look::{Colours, Look, Theme};

/// Writes the lines of the picture that is drawn at the state's size.
pub(super) fn write(lines: &mut Lines<'_, impl Write>, state: &State) -> io::Result<()> {
    let theme = Theme::built_in("dark").map_err(io::Error::other)?;
    let look = Look::new(&theme, Colours::None, false);
    let (columns, rows) = (state.size.columns, state.size.rows);
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).map_err(io::Error::other)?;
    let drawn = terminal
        .draw(|frame| crate::view::draw(frame, state, &look))
        .map_err(io::Error::other)?;
    let body = state.chrome().body;
    for row in body.y..body.y.saturating_add(body.height) {
        let line: String = (0..columns)
            .filter_map(|column| drawn.buffer.cell((column, row)))
            .map(ratatui::buffer::Cell::symbol)
            .collect();
        let line = line.replace(['|', '+'], " ").replace("--", "");
        let words: Vec<&str> = line.split_whitespace().collect();
        if !words.is_empty() {
            lines.line(&words.join(" "))?;
        }
    }
    Ok(())
}
