//! Styles as SGR sequences: the shortest that leads from one to the next.
//!
//! Colours are written as the theme gave them: this file turns them into bytes and chooses none. Underline
//! colours are left out: a terminal that does not know them takes their numbers for blinking.

use std::io::Write;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier, Style};

/// The part of a cell that is not its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Pen {
    foreground: Color,
    background: Color,
    modifier: Modifier,
}

impl From<&Cell> for Pen {
    fn from(cell: &Cell) -> Self {
        Self {
            foreground: cell.fg,
            background: cell.bg,
            modifier: cell.modifier,
        }
    }
}

impl From<Style> for Pen {
    fn from(style: Style) -> Self {
        Self {
            foreground: style.fg.unwrap_or_default(),
            background: style.bg.unwrap_or_default(),
            modifier: style.add_modifier,
        }
    }
}

/// A text in a style, as bytes for a terminal; the style ends with it. Without anything to say about its looks it is
/// the text alone.
#[must_use]
pub fn styled(text: &str, style: Style) -> String {
    let (plain, pen) = (Pen::default(), Pen::from(style));
    let mut bytes = Vec::new();
    plain.change(pen, &mut bytes);
    bytes.extend_from_slice(text.as_bytes());
    pen.change(plain, &mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Pen {
    /// Whether a space looks the same under both: its foreground shows only where something is drawn on it.
    pub(super) fn same_space(self, other: Self) -> bool {
        let visible = Modifier::REVERSED | Modifier::UNDERLINED | Modifier::CROSSED_OUT;
        let drawn = (self.modifier | other.modifier) & visible;
        self.background == other.background
            && (self.modifier & visible) == (other.modifier & visible)
            && (drawn.is_empty() || self.foreground == other.foreground)
    }

    /// Writes what turns this style into the next.
    pub(super) fn change(self, next: Self, bytes: &mut Vec<u8>) {
        if self == next {
            return;
        }
        let step = difference(self, next);
        let mut afresh = difference(Self::default(), next);
        afresh.insert(0, 0);
        let shorter = if length(&afresh) <= length(&step) {
            afresh
        } else {
            step
        };
        bytes.extend_from_slice(b"\x1b[");
        // A lone reset needs no number.
        if shorter != [0] {
            for (index, number) in shorter.iter().enumerate() {
                let separator = if index == 0 { "" } else { ";" };
                // Writing to memory does not fail.
                let _ = write!(bytes, "{separator}{number}");
            }
        }
        bytes.push(b'm');
    }
}

/// The SGR numbers that lead from one style to another.
fn difference(from: Pen, to: Pen) -> Vec<u16> {
    let mut numbers = Vec::new();
    let off = from.modifier - to.modifier;
    let mut on = to.modifier - from.modifier;
    let weight = Modifier::BOLD | Modifier::DIM;
    if off.intersects(weight) {
        // One number ends both.
        numbers.push(22);
        on |= to.modifier & weight;
    }
    let blink = Modifier::SLOW_BLINK | Modifier::RAPID_BLINK;
    if off.intersects(blink) {
        numbers.push(25);
        on |= to.modifier & blink;
    }
    for (modifier, ends, begins) in [
        (Modifier::BOLD, None, 1),
        (Modifier::DIM, None, 2),
        (Modifier::ITALIC, Some(23), 3),
        (Modifier::UNDERLINED, Some(24), 4),
        (Modifier::SLOW_BLINK, None, 5),
        (Modifier::RAPID_BLINK, None, 6),
        (Modifier::REVERSED, Some(27), 7),
        (Modifier::HIDDEN, Some(28), 8),
        (Modifier::CROSSED_OUT, Some(29), 9),
    ] {
        if off.contains(modifier) {
            numbers.extend(ends);
        }
        if on.contains(modifier) {
            numbers.push(begins);
        }
    }
    if from.foreground != to.foreground {
        colour(&mut numbers, to.foreground, 30);
    }
    if from.background != to.background {
        colour(&mut numbers, to.background, 40);
    }
    numbers
}

/// The SGR numbers of a colour; `base` is 30 for the foreground and 40 for the background.
fn colour(numbers: &mut Vec<u16>, colour: Color, base: u16) {
    let named = match colour {
        Color::Reset => 9,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 60,
        Color::LightRed => 61,
        Color::LightGreen => 62,
        Color::LightYellow => 63,
        Color::LightBlue => 64,
        Color::LightMagenta => 65,
        Color::LightCyan => 66,
        Color::White => 67,
        Color::Indexed(index) => {
            numbers.extend([base + 8, 5, u16::from(index)]);
            return;
        }
        Color::Rgb(red, green, blue) => {
            numbers.extend([base + 8, 2]);
            numbers.extend([red, green, blue].map(u16::from));
            return;
        }
    };
    numbers.push(base + named);
}

/// Digits and separators of SGR numbers.
fn length(numbers: &[u16]) -> usize {
    let digits: usize = numbers
        .iter()
        .map(|number| match number {
            0..=9 => 1,
            10..=99 => 2,
            _ => 3,
        })
        .sum();
    if numbers == [0] {
        0
    } else {
        digits + numbers.len().saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_styled_text_ends_as_it_began_and_a_plain_one_is_itself() {
        let style = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
        assert_eq!(styled("fail", style), "\u{1b}[1;31mfail\u{1b}[m");
        assert_eq!(styled("text", Style::new()), "text");
    }
}
