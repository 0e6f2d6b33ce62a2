//! A page of text: the lines on the screen, and how far one has read.

use ratatui::buffer::Buffer;

use crate::app::{Area, PageLine, Span, Tone};
use crate::look::{Glyph, Look, Role};

use super::{Line, severity_role, verdict_glyph, verdict_role};

/// Draws the lines from `scroll` on. Where more stands above or below, the last column says so.
pub fn page(buffer: &mut Buffer, area: Area, lines: &[PageLine], scroll: usize, look: &Look) {
    let height = usize::from(area.height);
    for (row, line) in (0..area.height).zip(lines.iter().skip(scroll)) {
        let mut drawn = Line::new(look);
        for span in &line.spans {
            match span {
                Span::Text(text, tone) => {
                    drawn.put(role(*tone, line.marked), text.as_str());
                }
                Span::Symbol(verdict) => {
                    drawn.glyph(verdict_role(*verdict), verdict_glyph(*verdict));
                }
                Span::Bar { percent, width } => {
                    drawn.bar(*percent, *width);
                }
            }
        }
        drawn.draw(buffer, area, row);
        if line.marked {
            let mut mark = Line::new(look);
            mark.glyph(Role::SelectedMarker, Glyph::Marker);
            mark.draw_right(buffer, area, row);
        }
    }
    if lines.len() > height && height > 1 {
        if scroll > 0 {
            let mut up = Line::new(look);
            up.glyph(Role::Scroll, Glyph::Up);
            up.draw_right(buffer, area, 0);
        }
        if scroll + height < lines.len() {
            let mut down = Line::new(look);
            down.glyph(Role::Scroll, Glyph::Down);
            down.draw_right(buffer, area, area.height - 1);
        }
    }
}

const fn role(tone: Tone, marked: bool) -> Role {
    match tone {
        Tone::Code if marked => Role::Selected,
        Tone::Plain => Role::Text,
        Tone::Heading => Role::Title,
        Tone::Muted => Role::Dim,
        Tone::Label => Role::DocumentKey,
        Tone::Code => Role::Code,
        Tone::Verdict(verdict) => verdict_role(verdict),
        Tone::Severity(severity) => severity_role(severity),
        Tone::Warning => Role::Warning,
    }
}
