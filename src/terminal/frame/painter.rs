//! Changed cells into as few bytes as possible. Bytes are what a frame costs over SSH, so this is our own
//! backend for ratatui instead of the one for crossterm: it collects a frame in memory, knows the size
//! without asking the system, writes short forms of styles and moves, writes over a small gap instead of
//! jumping it, erases a blank end of a line at once, and writes nothing at all when nothing changed. It
//! never asks the terminal anything.

use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Cell, CellWidth};
use ratatui::layout::{Position, Size};
use unicode_width::UnicodeWidthChar;

use super::hyperlink::{LinkedText, Links};
use super::pen::Pen;

/// Cells that are cheaper to write again than to jump: a jump of two to nine columns takes four bytes.
const SMALL_GAP: u16 = 3;
/// Blank cells at the end of a line that are cheaper to erase than to write.
const LONG_BLANK: usize = 4;

static BLANK: Cell = Cell::EMPTY;

/// A frame in the making.
#[derive(Debug)]
pub struct Painter {
    bytes: Vec<u8>,
    size: Size,
    /// What the terminal shows, row by row, after everything sent so far.
    shown: Vec<Cell>,
    /// Where the cursor is known to be (one past the last column: waiting there); `None` where terminals
    /// differ.
    cursor: Option<Position>,
    cursor_shown: bool,
    pen: Pen,
    links: Links,
}

impl Painter {
    pub(super) fn new(columns: u16, rows: u16) -> Self {
        let mut painter = Self {
            bytes: Vec::with_capacity(16 * 1024),
            size: Size::default(),
            shown: Vec::new(),
            cursor: None,
            cursor_shown: false,
            pen: Pen::default(),
            links: Links::default(),
        };
        painter.start_over(columns, rows, false);
        painter
    }

    /// The screen has another size or was taken over anew: what was known of it no longer holds, and what
    /// is in the making is dropped. The caller clears the screen.
    pub(super) fn start_over(&mut self, columns: u16, rows: u16, cursor_shown: bool) {
        self.bytes.clear();
        self.size = Size::new(columns, rows);
        self.shown.clear();
        self.shown
            .resize(usize::from(columns) * usize::from(rows), Cell::default());
        self.cursor = None;
        self.cursor_shown = cursor_shown;
        self.pen = Pen::default();
        self.links.start_over(self.shown.len());
    }

    /// Where the text of the next frame stands for addresses.
    pub(super) fn set_links(&mut self, links: &[LinkedText]) {
        self.links.set(links, self.size.width);
    }

    /// Whether the cursor is shown, as far as this frame goes.
    pub(super) const fn cursor_is_shown(&self) -> bool {
        self.cursor_shown
    }

    /// The bytes of the frame so far.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Begins the next frame.
    pub(super) fn begin(&mut self) {
        self.bytes.clear();
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to memory does not fail.
        let _ = self.bytes.write_fmt(text);
    }

    fn index(&self, at: Position) -> usize {
        usize::from(at.y) * usize::from(self.size.width) + usize::from(at.x)
    }

    fn move_to(&mut self, to: Position) {
        match self.cursor {
            Some(at) if at == to => {}
            Some(at) if at.y == to.y && at.x < to.x => self.move_right(at, to.x - at.x),
            Some(at) if to.x == 0 && at.y.checked_add(1) == Some(to.y) => {
                self.put(format_args!("\r\n"));
            }
            _ if to.x == 0 && to.y == 0 => self.put(format_args!("\x1b[H")),
            _ if to.x == 0 => self.put(format_args!("\x1b[{}H", u32::from(to.y) + 1)),
            _ => self.put(format_args!(
                "\x1b[{};{}H",
                u32::from(to.y) + 1,
                u32::from(to.x) + 1
            )),
        }
        self.cursor = Some(to);
    }

    fn move_right(&mut self, at: Position, columns: u16) {
        if columns <= SMALL_GAP {
            let from = self.index(at);
            let places = from..from + usize::from(columns);
            let linked = places.clone().any(|place| !self.links.is_open_as(place));
            let gap = self.shown.get(places).filter(|_| !linked);
            let gap = gap.filter(|gap| gap.iter().all(|cell| writes_itself(cell, self.pen)));
            if let Some(gap) = gap {
                for cell in gap {
                    self.bytes.extend_from_slice(cell.symbol().as_bytes());
                }
                return;
            }
        }
        if columns == 1 {
            self.put(format_args!("\x1b[C"));
        } else {
            self.put(format_args!("\x1b[{columns}C"));
        }
    }

    fn change_pen(&mut self, next: Pen) {
        self.pen.change(next, &mut self.bytes);
        self.pen = next;
    }

    fn print(&mut self, at: Position, cell: &Cell) {
        self.move_to(at);
        let place = self.index(at);
        self.links.open(place, &mut self.bytes);
        self.change_pen(Pen::from(cell));
        self.bytes.extend_from_slice(cell.symbol().as_bytes());
        self.cursor = certainly_one_column(cell.symbol())
            .then(|| Position::new(at.x.saturating_add(1), at.y));
    }

    /// Notes that a cell is shown; the column after it.
    fn show(&mut self, x: u16, y: u16, cell: &Cell) -> u16 {
        let index = self.index(Position::new(x, y));
        let columns = cell.cell_width().max(1);
        for covered in index + 1..index + usize::from(columns) {
            if let Some(covered) = self.shown.get_mut(covered) {
                covered.set_symbol("");
            }
        }
        if let Some(shown) = self.shown.get_mut(index) {
            shown.clone_from(cell);
        }
        x.saturating_add(columns)
    }

    /// Whether a place shows the second half of a wide character.
    fn is_covered(&self, x: u16, y: u16) -> bool {
        let shown = self.shown.get(self.index(Position::new(x, y)));
        x < self.size.width && shown.is_some_and(|cell| cell.symbol().is_empty())
    }

    /// Draws the changes of one row, which are all shown already in `self.shown`.
    fn row(&mut self, changes: &[(u16, u16, &Cell)]) {
        let Some((_, y, _)) = changes.first() else {
            return;
        };
        let start = self.index(Position::new(0, *y));
        let row = self
            .shown
            .get(start..start + usize::from(self.size.width))
            .unwrap_or_default();
        let blank = row.iter().rev().take_while(|cell| is_blank(cell)).count();
        let written = row.len() - blank;
        let erased = changes
            .iter()
            .position(|(x, _, _)| usize::from(*x) >= written)
            .filter(|first| changes.len() - first >= LONG_BLANK)
            .unwrap_or(changes.len());
        let (drawn, rest) = changes.split_at(erased);
        for (x, y, cell) in drawn {
            self.print(Position::new(*x, *y), cell);
        }
        if let Some((x, y, _)) = rest.first() {
            self.move_to(Position::new(*x, *y));
            // An erasure takes the background of the pen along.
            self.change_pen(Pen::default());
            self.links.close(&mut self.bytes);
            self.put(format_args!("\x1b[K"));
        }
    }
}

/// Whether a shown cell can be written again with this pen as the one byte that it is.
fn writes_itself(cell: &Cell, pen: Pen) -> bool {
    match cell.symbol() {
        " " => Pen::from(cell).same_space(pen),
        symbol => {
            symbol.len() == 1 && symbol.as_bytes()[0].is_ascii_graphic() && Pen::from(cell) == pen
        }
    }
}

fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " " && Pen::from(cell).same_space(Pen::default())
}

/// Whether every terminal moves the cursor by one column after this symbol. Characters whose width
/// depends on the terminal (East Asian ambiguous) do not count, except lines and blocks, of which a
/// screen has too many.
fn certainly_one_column(symbol: &str) -> bool {
    let mut characters = symbol.chars();
    let (Some(character), None) = (characters.next(), characters.next()) else {
        return false;
    };
    let drawing = ('\u{2500}'..='\u{259f}').contains(&character);
    (drawing || character.width_cjk() == Some(1)) && character.width() == Some(1)
}

impl Backend for Painter {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut changes: Vec<(u16, u16, &Cell)> = Vec::new();
        let mut content = content.peekable();
        while let Some((x, y, cell)) = content.next() {
            changes.push((x, y, cell));
            let end = self.show(x, y, cell);
            if self.is_covered(end, y) && !matches!(content.peek(), Some((x, ..)) if *x == end) {
                // The first half of a wide character was overwritten: what the terminal makes of its second
                // half has the style of the moment.
                changes.push((end, y, &BLANK));
                self.show(end, y, &BLANK);
            }
        }
        // Text that stays and stands for another address now, or for none any more, is written again.
        let again: Vec<(u16, u16, Cell)> = self
            .links
            .changed()
            .filter(|place| {
                !changes
                    .iter()
                    .any(|(x, y, _)| self.index(Position::new(*x, *y)) == *place)
            })
            .filter_map(|place| {
                let cell = self
                    .shown
                    .get(place)
                    .filter(|cell| !cell.symbol().is_empty())?;
                let width = usize::from(self.size.width.max(1));
                let x = u16::try_from(place % width).ok()?;
                Some((x, u16::try_from(place / width).ok()?, cell.clone()))
            })
            .collect();
        if !again.is_empty() {
            changes.extend(again.iter().map(|(x, y, cell)| (*x, *y, cell)));
            changes.sort_by_key(|(x, y, _)| (*y, *x));
        }
        for row in changes.chunk_by(|one, next| one.1 == next.1) {
            self.row(row);
        }
        // What comes next may be somebody else's text, or an erasure that takes the background along.
        self.links.close(&mut self.bytes);
        self.links.settle();
        self.change_pen(Pen::default());
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.cursor_shown, false) {
            self.put(format_args!("\x1b[?25l"));
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if !std::mem::replace(&mut self.cursor_shown, true) {
            self.put(format_args!("\x1b[?25h"));
        }
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        // Asking would block until the terminal answers.
        Ok(self.cursor.unwrap_or(Position::ORIGIN))
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.move_to(position.into());
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        // Only a whole screen is ever cleared: what is left after less would have to be worked out.
        if region == ClearType::All {
            self.shown.fill(Cell::default());
        }
        let sequence = match region {
            ClearType::All => "\x1b[2J",
            ClearType::AfterCursor => "\x1b[J",
            ClearType::BeforeCursor => "\x1b[1J",
            ClearType::CurrentLine => "\x1b[2K",
            ClearType::UntilNewLine => "\x1b[K",
        };
        self.put(format_args!("{sequence}"));
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.size,
            pixels: Size::default(),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::{Color, Modifier, Style};

    use super::*;

    fn painted(size: (u16, u16), cells: &[(u16, u16, &str, Style)]) -> String {
        let mut painter = Painter::new(size.0, size.1);
        painter.cursor = Some(Position::ORIGIN);
        let cells: Vec<(u16, u16, Cell)> = cells
            .iter()
            .map(|(x, y, symbol, style)| {
                let mut cell = Cell::default();
                cell.set_symbol(symbol).set_style(*style);
                (*x, *y, cell)
            })
            .collect();
        painter
            .draw(cells.iter().map(|(x, y, cell)| (*x, *y, cell)))
            .unwrap();
        String::from_utf8(painter.bytes)
            .unwrap()
            .replace('\x1b', "^")
    }

    #[test]
    fn moves_are_short() {
        let plain = Style::new();
        assert_eq!(
            painted(
                (80, 24),
                &[
                    (0, 0, "a", plain),
                    (1, 0, "b", plain),
                    (3, 0, "c", plain),
                    (9, 0, "d", plain),
                    (0, 1, "e", plain),
                    (0, 4, "f", plain),
                    (5, 9, "g", plain),
                ]
            ),
            "ab c^[5Cd\r\ne^[5Hf^[10;6Hg"
        );
    }

    #[test]
    fn a_blank_end_of_a_line_is_erased_and_small_gaps_are_written_over() {
        let mut painter = Painter::new(20, 2);
        let mut draw = |text: &str| {
            let mut next = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 20, 2));
            next.set_string(0, 0, text, Style::new());
            painter.begin();
            let mut before = ratatui::buffer::Buffer::empty(next.area);
            before.content.clone_from(&painter.shown);
            painter.draw(before.diff_iter(&next)).unwrap();
            String::from_utf8(painter.bytes.clone())
                .unwrap()
                .replace('\x1b', "^")
        };
        assert_eq!(draw("mysql-prod-weu-0421"), "^[Hmysql-prod-weu-0421");
        assert_eq!(draw("mysql-prod-neu-0007"), "^[1;12Hn^[4C007");
        assert_eq!(draw("mysql"), "^[1;6H^[K");
    }

    #[test]
    fn after_the_last_column_only_certain_moves() {
        let plain = Style::new();
        assert_eq!(
            painted((3, 3), &[(2, 0, "x", plain), (0, 1, "y", plain)]),
            "  x\r\ny"
        );
        assert_eq!(
            painted((3, 3), &[(2, 0, "x", plain), (1, 1, "y", plain)]),
            "  x^[2;2Hy"
        );
    }

    #[test]
    fn what_may_be_wide_is_followed_by_an_absolute_move() {
        let plain = Style::new();
        assert_eq!(
            painted((9, 1), &[(0, 0, "…", plain), (1, 0, "x", plain)]),
            "…^[1;2Hx"
        );
        assert_eq!(
            painted(
                (9, 1),
                &[(0, 0, "─", plain), (1, 0, "✓", plain), (2, 0, "x", plain)]
            ),
            "─✓x"
        );
        assert_eq!(
            painted((9, 1), &[(0, 0, "漢", plain), (2, 0, "x", plain)]),
            "漢^[1;3Hx"
        );
    }

    #[test]
    fn styles_take_the_shorter_way() {
        let red = Style::new().fg(Color::Red);
        let bold = red.add_modifier(Modifier::BOLD);
        let reversed = Style::new().add_modifier(Modifier::REVERSED);
        assert_eq!(
            painted(
                (9, 1),
                &[
                    (0, 0, "a", red),
                    (1, 0, "b", bold),
                    (2, 0, "c", red),
                    (3, 0, "d", reversed),
                    (4, 0, "e", Style::new()),
                ]
            ),
            "^[31ma^[1mb^[22mc^[0;7md^[me"
        );
        assert_eq!(
            painted(
                (9, 1),
                &[
                    (
                        0,
                        0,
                        "a",
                        Style::new().fg(Color::LightRed).bg(Color::Indexed(17))
                    ),
                    (1, 0, "b", Style::new().fg(Color::Rgb(1, 2, 3))),
                ]
            ),
            "^[91;48;5;17ma^[0;38;2;1;2;3mb^[m"
        );
        let dim = Style::new().add_modifier(Modifier::DIM);
        let both = dim
            .add_modifier(Modifier::BOLD)
            .fg(Color::Rgb(100, 100, 100));
        assert_eq!(
            painted(
                (9, 1),
                &[
                    (0, 0, "a", both),
                    (1, 0, "b", both.remove_modifier(Modifier::DIM))
                ]
            ),
            "^[1;2;38;2;100;100;100ma^[22;1mb^[m"
        );
    }
}
