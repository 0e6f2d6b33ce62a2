//! One line of the screen, put together piece by piece.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::text::{Line as Text, Span};
use unicode_width::UnicodeWidthStr;

use crate::app::Area;
use crate::look::{Glyph, Look, Role};

use super::in_reach;

/// One line of the screen, put together piece by piece.
pub struct Line<'a> {
    look: &'a Look,
    spans: Vec<Span<'a>>,
    width: usize,
}

impl<'a> Line<'a> {
    /// An empty line.
    pub const fn new(look: &'a Look) -> Self {
        Self {
            look,
            spans: Vec::new(),
            width: 0,
        }
    }

    /// How many columns it has so far.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Adds text.
    pub fn put(&mut self, role: Role, text: impl Into<Cow<'a, str>>) -> &mut Self {
        let text = in_reach(text.into(), self.look);
        let span = Span::styled(text, self.look.style(role));
        self.width += span.content.width();
        self.spans.push(span);
        self
    }

    /// Adds a sign.
    pub fn glyph(&mut self, role: Role, glyph: Glyph) -> &mut Self {
        self.put(role, self.look.glyph(glyph))
    }

    /// Adds a separator between two facts.
    pub fn separator(&mut self) -> &mut Self {
        self.put(Role::Dim, " ").glyph(Role::Dim, Glyph::Separator);
        self.put(Role::Dim, " ")
    }

    /// Adds spaces up to a column.
    pub fn pad_to(&mut self, column: usize) -> &mut Self {
        let missing = column.saturating_sub(self.width);
        if missing > 0 {
            self.put(Role::Text, " ".repeat(missing));
        }
        self
    }

    /// Adds text in which some ranges of bytes are highlighted.
    pub fn highlighted(
        &mut self,
        role: Role,
        text: &str,
        ranges: &[std::ops::Range<usize>],
    ) -> &mut Self {
        let mut at = 0;
        for range in ranges {
            let (start, end) = (range.start.max(at), range.end.min(text.len()));
            if let (Some(before), Some(inside)) = (text.get(at..start), text.get(start..end)) {
                self.put(role, before.to_owned());
                self.put(Role::Match, inside.to_owned());
                at = end;
            }
        }
        self.put(role, text.get(at..).unwrap_or_default().to_owned())
    }

    /// Adds another line's pieces.
    pub fn append(&mut self, other: Self) {
        self.width += other.width;
        self.spans.extend(other.spans);
    }

    /// Adds a bar that is full to this part of a hundred.
    pub fn bar(&mut self, percent: u8, width: u16) -> &mut Self {
        let full = usize::from(width) * usize::from(percent.min(100)) / 100;
        let rest = usize::from(width) - full;
        self.put(Role::Progress, self.look.glyph(Glyph::BarFull).repeat(full));
        self.put(
            Role::ProgressTrack,
            self.look.glyph(Glyph::BarEmpty).repeat(rest),
        )
    }

    /// Draws it on a row of an area, counted from its top.
    pub fn draw(self, buffer: &mut Buffer, area: Area, row: u16) {
        self.draw_at(buffer, area, row, 0);
    }

    /// Draws it on a row of an area, against its right side.
    pub fn draw_right(self, buffer: &mut Buffer, area: Area, row: u16) {
        let width = u16::try_from(self.width).unwrap_or(u16::MAX);
        self.draw_at(buffer, area, row, area.width.saturating_sub(width));
    }

    fn draw_at(self, buffer: &mut Buffer, area: Area, row: u16, column: u16) {
        if row >= area.height || column >= area.width {
            return;
        }
        let (x, y) = (area.x + column, area.y + row);
        let bounds = buffer.area;
        if x >= bounds.right() || y >= bounds.bottom() {
            return;
        }
        buffer.set_line(x, y, &Text::from(self.spans), area.width - column);
    }
}
