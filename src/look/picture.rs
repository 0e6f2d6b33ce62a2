//! A screen as a picture: SVG that any browser shows, without scripts, fonts or anything else from outside.
//!
//! Text stays text. A piece of it says how wide it is, so that columns line up in whatever monospaced font there is;
//! every sign beyond ASCII is a piece of its own, because a font that lacks it lends one of another width. Frames,
//! underlines and backgrounds are drawn, so that lines meet.

use std::fmt::{self, Write};

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use super::depth::{NAMED, palette};

/// Width of a cell, in the picture's units: three fifths of the font's size, as in most monospaced fonts.
const WIDTH: usize = 9;
/// Height of a cell.
const HEIGHT: usize = 18;
/// From the top of a cell to the line that letters stand on.
const BASE: usize = 13;
/// Empty space around the screen.
const MARGIN: usize = 12;

/// What a picture is painted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// Light text on a dark ground.
    Dark,
    /// Dark text on a light ground.
    Light,
}

/// The colours of text without one, of the ground, and of the sixteen names.
struct Paints {
    text: u32,
    ground: u32,
    named: [u32; 16],
}

const DARK: Paints = Paints {
    text: 0xd6_da_e0,
    ground: 0x15_18_1d,
    named: [
        0x3a_40_49, 0xf0_6c_6c, 0x6c_c0_77, 0xd9_b4_4a, 0x6f_a3_f5, 0xcf_86_e0, 0x4f_c1_cf,
        0xb8_be_c7, 0x8a_92_9d, 0xff_8a_80, 0x8f_dd_98, 0xf2_d3_6b, 0x95_bd_ff, 0xe3_a8_f0,
        0x7f_dd_e8, 0xf4_f6_f8,
    ],
};

const LIGHT: Paints = Paints {
    text: 0x24_29_2f,
    ground: 0xff_ff_ff,
    named: [
        0x1b_1f_24, 0xb4_23_2c, 0x1a_6e_31, 0x7d_56_00, 0x0b_55_b8, 0x83_37_a8, 0x0b_68_72,
        0x57_60_6a, 0x6a_73_7d, 0xcb_2f_2f, 0x1d_79_37, 0x8a_60_00, 0x1f_66_cf, 0x93_45_ba,
        0x0f_72_7d, 0xe6_e9_ec,
    ],
};

impl Paints {
    /// The colours of a cell's text and ground.
    fn colours(&self, cell: &Cell) -> (u32, u32) {
        let text = self.hex(cell.fg, self.text);
        let ground = self.hex(cell.bg, self.ground);
        let (text, ground) = if cell.modifier.contains(Modifier::REVERSED) {
            (ground, text)
        } else {
            (text, ground)
        };
        if cell.modifier.contains(Modifier::DIM) {
            (mixed(text, ground), ground)
        } else {
            (text, ground)
        }
    }

    fn hex(&self, colour: Color, default: u32) -> u32 {
        match colour {
            Color::Reset => default,
            Color::Rgb(red, green, blue) => u32::from_be_bytes([0, red, green, blue]),
            Color::Indexed(index) => match self.named.get(usize::from(index)) {
                Some(named) => *named,
                None => {
                    let [red, green, blue] = palette(index);
                    u32::from_be_bytes([0, red, green, blue])
                }
            },
            named => NAMED
                .iter()
                .position(|known| *known == named)
                .map_or(default, |place| self.named[place]),
        }
    }
}

/// How the text of a cell is painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ink {
    colour: u32,
    bold: bool,
    italic: bool,
}

/// A line of a frame, or under text. Lengths are half units, so that middles are whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    colour: u32,
    upright: bool,
    /// The side that does not change: the height of a level line.
    at: usize,
    from: usize,
    to: usize,
}

/// Draws the screen in `buffer` as an SVG document.
#[must_use]
pub fn svg(buffer: &Buffer, ground: Ground) -> String {
    let paints = match ground {
        Ground::Dark => &DARK,
        Ground::Light => &LIGHT,
    };
    let mut picture = Picture {
        paints,
        backgrounds: String::new(),
        lines: Vec::new(),
        inks: Vec::new(),
        texts: String::new(),
    };
    let columns = usize::from(buffer.area.width);
    let rows = usize::from(buffer.area.height);
    for (row, cells) in buffer.content.chunks(columns.max(1)).enumerate() {
        picture.row(row, cells);
    }
    picture.document(columns, rows)
}

struct Picture<'a> {
    paints: &'a Paints,
    backgrounds: String,
    lines: Vec<Line>,
    inks: Vec<Ink>,
    texts: String,
}

impl Picture<'_> {
    fn row(&mut self, row: usize, cells: &[Cell]) {
        self.row_backgrounds(row, cells);
        let mut piece = String::new();
        let (mut start, mut ink) = (0, None);
        let mut column = 0;
        while let Some(cell) = cells.get(column) {
            let symbol = cell.symbol();
            let width = symbol.width().max(1);
            let own = self.ink(cell);
            self.rules(row, column, width, cell, own);
            let arms = arms(symbol);
            let blank = arms.is_some()
                || symbol.trim().is_empty()
                || cell.modifier.contains(Modifier::HIDDEN);
            let alone = blank || !symbol.is_ascii();
            // One space between words does not part them; XML would swallow a second one.
            let between = symbol == " " && !piece.is_empty() && !piece.ends_with(' ');
            if ink != Some(own) || alone && !between {
                self.text(row, start, &mut piece, ink);
            }
            if let Some(arms) = arms {
                self.frame(row, column, arms, own.colour);
            } else if !blank {
                if piece.is_empty() {
                    start = column;
                }
                piece.push_str(symbol);
                if alone {
                    self.text(row, start, &mut piece, Some(own));
                }
            } else if !piece.is_empty() {
                piece.push(' ');
            }
            ink = Some(own);
            column += width;
        }
        self.text(row, start, &mut piece, ink);
    }

    /// Rectangles where the background is not the picture's own.
    fn row_backgrounds(&mut self, row: usize, cells: &[Cell]) {
        let mut column = 0;
        let paints = self.paints;
        let ground = |cell: &Cell| paints.colours(cell).1;
        for run in cells.chunk_by(|one, other| ground(one) == ground(other)) {
            let colour = run.first().map_or(paints.ground, ground);
            if colour != paints.ground {
                put(
                    &mut self.backgrounds,
                    format_args!(
                        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{HEIGHT}\" fill=\"#{colour:06x}\"/>\n",
                        x(column),
                        y(row),
                        run.len() * WIDTH,
                    ),
                );
            }
            column += run.len();
        }
    }

    /// A piece of text, which is empty afterwards.
    fn text(&mut self, row: usize, column: usize, piece: &mut String, ink: Option<Ink>) {
        let words = piece.trim_end();
        if let Some(ink) = ink.filter(|_| !words.is_empty()) {
            let known = self.inks.iter().position(|known| *known == ink);
            let class = known.unwrap_or_else(|| {
                self.inks.push(ink);
                self.inks.len() - 1
            });
            put(
                &mut self.texts,
                format_args!(
                    "<text class=\"i{class}\" x=\"{}\" y=\"{}\" textLength=\"{}\">{}</text>\n",
                    x(column),
                    y(row) + BASE,
                    words.width() * WIDTH,
                    Escaped(words),
                ),
            );
        }
        piece.clear();
    }

    /// Lines under and through a cell.
    fn rules(&mut self, row: usize, column: usize, width: usize, cell: &Cell, ink: Ink) {
        let under = self.paints.hex(cell.underline_color, ink.colour);
        for (modifier, height, colour) in [
            (Modifier::UNDERLINED, BASE + 3, under),
            (Modifier::CROSSED_OUT, BASE - 4, ink.colour),
        ] {
            if cell.modifier.contains(modifier) {
                self.line(Line {
                    colour,
                    upright: false,
                    at: 2 * (y(row) + height),
                    from: 2 * x(column),
                    to: 2 * x(column + width),
                });
            }
        }
    }

    /// A part of a frame: lines from the middle of the cell to the sides that it reaches.
    fn frame(&mut self, row: usize, column: usize, arms: [bool; 4], colour: u32) {
        let [left, right, up, down] = arms;
        let (middle, centre) = (2 * x(column) + WIDTH, 2 * y(row) + HEIGHT);
        if left || right {
            self.line(Line {
                colour,
                upright: false,
                at: centre,
                from: if left { 2 * x(column) } else { middle },
                to: if right { 2 * x(column + 1) } else { middle },
            });
        }
        if up || down {
            self.line(Line {
                colour,
                upright: true,
                at: middle,
                from: if up { 2 * y(row) } else { centre },
                to: if down { 2 * y(row + 1) } else { centre },
            });
        }
    }

    /// Adds a line, or lengthens the one that it goes on from.
    fn line(&mut self, line: Line) {
        let goes_on = |known: &&mut Line| {
            known.to == line.from
                && (known.colour, known.upright, known.at) == (line.colour, line.upright, line.at)
        };
        match self.lines.iter_mut().rev().find(goes_on) {
            Some(known) => known.to = line.to,
            None => self.lines.push(line),
        }
    }

    fn ink(&self, cell: &Cell) -> Ink {
        Ink {
            colour: self.paints.colours(cell).0,
            bold: cell.modifier.contains(Modifier::BOLD),
            italic: cell.modifier.contains(Modifier::ITALIC),
        }
    }

    fn document(&self, columns: usize, rows: usize) -> String {
        let width = columns * WIDTH + 2 * MARGIN;
        let height = rows * HEIGHT + 2 * MARGIN;
        let mut out = String::new();
        put(
            &mut out,
            format_args!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
                 height=\"{height}\">\n<style>\ntext{{font:{}px ui-monospace,\"DejaVu Sans Mono\",Menlo,Consolas,monospace}}\n",
                WIDTH * 5 / 3
            ),
        );
        for (class, ink) in self.inks.iter().enumerate() {
            let Ink {
                colour,
                bold,
                italic,
            } = ink;
            put(
                &mut out,
                format_args!(
                    ".i{class}{{fill:#{colour:06x}{}{}}}\n",
                    if *bold { ";font-weight:bold" } else { "" },
                    if *italic { ";font-style:italic" } else { "" },
                ),
            );
        }
        put(
            &mut out,
            format_args!(
                "</style>\n<rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#{:06x}\"/>\n{}",
                self.paints.ground, self.backgrounds
            ),
        );
        for line in &self.lines {
            let (at, from, to) = (Half(line.at), Half(line.from), Half(line.to));
            let colour = line.colour;
            let (start, end) = if line.upright {
                ((at, from), ('V', to))
            } else {
                ((from, at), ('H', to))
            };
            put(
                &mut out,
                format_args!(
                    "<path stroke=\"#{colour:06x}\" d=\"M{} {}{}{}\"/>\n",
                    start.0, start.1, end.0, end.1
                ),
            );
        }
        out.push_str(&self.texts);
        out.push_str("</svg>\n");
        out
    }
}

/// Adds to a text, which cannot fail.
fn put(out: &mut String, words: fmt::Arguments<'_>) {
    let _ = out.write_fmt(words);
}

/// The left side of a column.
const fn x(column: usize) -> usize {
    MARGIN + column * WIDTH
}

/// The upper side of a row.
const fn y(row: usize) -> usize {
    MARGIN + row * HEIGHT
}

/// Three fifths of a colour on another one.
fn mixed(colour: u32, on: u32) -> u32 {
    let (colour, on) = (colour.to_be_bytes(), on.to_be_bytes());
    let mut mixed = [0; 4];
    for (channel, (one, other)) in mixed.iter_mut().zip(colour.into_iter().zip(on)) {
        let sum = 3 * u16::from(one) + 2 * u16::from(other);
        *channel = u8::try_from(sum / 5).unwrap_or(u8::MAX);
    }
    u32::from_be_bytes(mixed)
}

/// Which sides a line of a frame reaches: left, right, up, down. `None` for what is no line.
fn arms(symbol: &str) -> Option<[bool; 4]> {
    Some(match symbol {
        "─" => [true, true, false, false],
        "│" => [false, false, true, true],
        "┌" | "╭" => [false, true, false, true],
        "┐" | "╮" => [true, false, false, true],
        "└" | "╰" => [false, true, true, false],
        "┘" | "╯" => [true, false, true, false],
        "├" => [false, true, true, true],
        "┤" => [true, false, true, true],
        "┬" => [true, true, false, true],
        "┴" => [true, true, true, false],
        "┼" => [true; 4],
        _ => return None,
    })
}

/// A number of half units.
#[derive(Clone, Copy)]
struct Half(usize);

impl fmt::Display for Half {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0 / 2)?;
        if self.0 % 2 == 1 {
            f.write_str(".5")?;
        }
        Ok(())
    }
}

/// Text as XML takes it; what XML cannot hold is replaced.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                    f.write_char(char::REPLACEMENT_CHARACTER)?;
                }
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    fn buffer(lines: &[(&str, Style)]) -> Buffer {
        let rows = u16::try_from(lines.len()).unwrap();
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, rows));
        for (row, (text, style)) in (0..).zip(lines) {
            buffer.set_string(0, row, text, *style);
        }
        buffer
    }

    #[test]
    fn words_stand_at_their_columns_with_their_width() {
        let picture = svg(&buffer(&[("ab  cde", Style::new())]), Ground::Dark);
        assert!(
            picture.contains("x=\"12\" y=\"25\" textLength=\"18\">ab</text>"),
            "{picture}"
        );
        assert!(
            picture.contains("x=\"48\" y=\"25\" textLength=\"27\">cde</text>"),
            "{picture}"
        );
    }

    #[test]
    fn markup_is_escaped_and_nothing_unprintable_is_left() {
        let mut buffer = buffer(&[("a<b>&\"c'", Style::new())]);
        buffer[(12, 0)].set_symbol("\u{7}");
        buffer[(13, 0)].set_symbol("\u{ffff}");
        let picture = svg(&buffer, Ground::Dark);
        assert!(
            picture.contains(">a&lt;b&gt;&amp;&quot;c'</text>"),
            "{picture}"
        );
        assert!(
            picture
                .chars()
                .all(|c| c == '\n' || !c.is_control() && c != '\u{ffff}')
        );
    }

    #[test]
    fn a_wide_sign_takes_two_columns_and_what_follows_keeps_its_place() {
        let picture = svg(&buffer(&[("名a", Style::new())]), Ground::Dark);
        assert!(
            picture.contains("x=\"12\" y=\"25\" textLength=\"18\">名</text>"),
            "{picture}"
        );
        assert!(
            picture.contains("x=\"30\" y=\"25\" textLength=\"9\">a</text>"),
            "{picture}"
        );
    }

    #[test]
    fn reversed_text_gets_a_background_and_the_ground_s_colour() {
        let reversed = Style::new().add_modifier(Modifier::REVERSED);
        let picture = svg(&buffer(&[("abc", reversed)]), Ground::Dark);
        assert!(
            picture.contains("width=\"27\" height=\"18\" fill=\"#d6dae0\"/>"),
            "{picture}"
        );
        assert!(picture.contains("{fill:#15181d}"), "{picture}");
    }

    #[test]
    fn weight_dimness_and_underline_are_honoured() {
        let style = Style::new().fg(Color::Rgb(200, 100, 50));
        let bold = style.add_modifier(Modifier::BOLD);
        let dim = style.add_modifier(Modifier::DIM);
        let underlined = style.add_modifier(Modifier::UNDERLINED);
        let picture = svg(
            &buffer(&[("a", bold), ("b", dim), ("c d", underlined)]),
            Ground::Light,
        );
        assert!(
            picture.contains("{fill:#c86432;font-weight:bold}"),
            "{picture}"
        );
        assert!(picture.contains("{fill:#dea284}"), "{picture}");
        assert!(
            picture.contains("stroke=\"#c86432\" d=\"M12 64H39\""),
            "{picture}"
        );
    }

    #[test]
    fn frames_are_lines_that_meet() {
        let picture = svg(
            &buffer(&[
                ("┌──┐", Style::new()),
                ("│  │", Style::new()),
                ("└──┘", Style::new()),
            ]),
            Ground::Dark,
        );
        assert!(!picture.contains("<text"), "{picture}");
        // From the middle of one corner to the middle of the other.
        assert!(picture.contains("M16.5 21H43.5"), "{picture}");
        assert!(picture.contains("M16.5 21V57"), "{picture}");
    }

    #[test]
    fn every_named_colour_can_be_read_on_its_ground() {
        let channel = |value: u8| {
            let part = f64::from(value) / 255.0;
            if part <= 0.040_45 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        let luminance = |colour: u32| {
            let [_, red, green, blue] = colour.to_be_bytes();
            0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue)
        };
        for (paints, ground_s_own) in [(&DARK, 0), (&LIGHT, 15)] {
            let ground = luminance(paints.ground);
            for (place, colour) in paints.named.iter().enumerate() {
                let one = luminance(*colour);
                let contrast = (one.max(ground) + 0.05) / (one.min(ground) + 0.05);
                assert!(
                    contrast >= 4.5 || place == ground_s_own,
                    "{:?} as {colour:06x} has {contrast:.1}",
                    NAMED[place]
                );
            }
        }
    }

    #[test]
    fn an_empty_screen_is_a_picture_too() {
        let picture = svg(&Buffer::empty(Rect::new(0, 0, 0, 0)), Ground::Light);
        assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
    }
}
