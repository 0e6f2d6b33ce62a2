//! A page of text: the lines on the screen, and how far one has read.

use std::ops::Range;

use ratatui::buffer::Buffer;

use crate::app::{Area, PageLine, Sought, Span, Tone};
use crate::look::{Glyph, Look, Role};
use crate::query::literal_ranges;

use super::{Line, severity_role, verdict_glyph, verdict_role};

/// Draws the lines from `scroll` on, what is searched highlighted. Where more stands above or below, the last column
/// says so.
pub fn page(
    buffer: &mut Buffer,
    area: Area,
    lines: &[PageLine],
    scroll: usize,
    sought: &Sought<'_>,
    look: &Look,
) {
    let height = usize::from(area.height);
    for (row, (place, line)) in (0..area.height).zip(lines.iter().enumerate().skip(scroll)) {
        let mut drawn = Line::new(look);
        let found = match sought.text {
            "" => Vec::new(),
            text => literal_ranges(text, &line.text()),
        };
        let here = sought.at.filter(|(line, _)| *line == place);
        let mut start = 0;
        for span in &line.spans {
            match span {
                Span::Text(text, tone) => {
                    let role = role(*tone, line.marked);
                    highlighted(
                        &mut drawn,
                        role,
                        text,
                        start,
                        &found,
                        here.map(|(_, at)| at),
                    );
                    start += text.len();
                }
                Span::Symbol(verdict) => {
                    drawn.glyph(verdict_role(*verdict), verdict_glyph(*verdict));
                    start += 1;
                }
                Span::Bar { percent, width } => {
                    drawn.bar(*percent, *width);
                    start += usize::from(*width);
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

/// Adds text that begins at this byte of its line, with what was found in the line; the hit that is looked at stands
/// out.
fn highlighted(
    line: &mut Line<'_>,
    role: Role,
    text: &str,
    start: usize,
    found: &[Range<usize>],
    here: Option<usize>,
) {
    let mut at = 0;
    for range in found {
        let from = range.start.max(start).saturating_sub(start).max(at);
        let to = range.end.saturating_sub(start).min(text.len());
        if let (Some(before), Some(inside)) = (text.get(at..from), text.get(from..to))
            && !inside.is_empty()
        {
            let hit = if here == Some(range.start) {
                Role::Selected
            } else {
                Role::Match
            };
            line.put(role, before.to_owned());
            line.put(hit, inside.to_owned());
            at = to;
        }
    }
    line.put(role, text.get(at..).unwrap_or_default().to_owned());
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
