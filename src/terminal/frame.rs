//! Frames: one write each, inside synchronized output, of what has changed; never more than the line takes.

mod budget;
mod hyperlink;
mod painter;
mod pen;

use std::io;
use std::time::{Duration, Instant};

use ratatui::layout::Rect;
use ratatui::{Frame, Terminal};

pub use budget::Ceiling;
pub use hyperlink::LinkedText;
pub use painter::Painter;
pub use pen::styled;

use super::tty::Outlet;
use budget::Budget;

/// Synchronized output (DEC private mode 2026): the terminal shows the frame as a whole. Terminals that
/// do not know the mode ignore it.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Why a frame did not go out.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// There is no terminal any more; the program has nobody to draw for.
    #[error("the terminal has gone")]
    Gone,
    /// The terminal could not be written to for another reason.
    #[error("cannot write to the terminal: {0}")]
    Write(#[source] io::Error),
}

impl From<io::Error> for FrameError {
    fn from(error: io::Error) -> Self {
        let gone = matches!(
            error
                .raw_os_error()
                .map(rustix::io::Errno::from_raw_os_error),
            Some(rustix::io::Errno::IO | rustix::io::Errno::PIPE | rustix::io::Errno::NXIO)
        );
        if gone || error.kind() == io::ErrorKind::BrokenPipe {
            Self::Gone
        } else {
            Self::Write(error)
        }
    }
}

/// When the next frame may be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// Now.
    Now,
    /// After so long: the ceiling is used up. Draw the newest state then.
    After(Duration),
    /// When the terminal has taken the frame before: see [`Screen::drain`].
    Behind,
}

/// The screen as last drawn, and the way to change it. Generic over where the bytes go.
#[derive(Debug)]
pub struct Screen<O: Outlet> {
    terminal: Terminal<Painter>,
    outlet: O,
    /// Bytes of a frame that the terminal has not taken yet.
    waiting: Vec<u8>,
    budget: Budget,
    synchronized: bool,
    written: u64,
}

impl<O: Outlet> Screen<O> {
    /// An empty screen of so many columns and rows.
    ///
    /// # Errors
    ///
    /// None in practice: nothing is written yet.
    pub fn new(
        outlet: O,
        (columns, rows): (u16, u16),
        ceiling: Ceiling,
        synchronized: bool,
    ) -> io::Result<Self> {
        Ok(Self {
            terminal: Terminal::new(Painter::new(columns, rows))?,
            outlet,
            waiting: Vec::new(),
            budget: Budget::new(ceiling),
            synchronized,
            written: 0,
        })
    }

    /// When the next frame may be drawn. Frames in between are never made, the last one always is: keep the
    /// wish to draw until this says [`Readiness::Now`].
    #[must_use]
    pub fn readiness(&self, now: Instant) -> Readiness {
        if self.is_behind() {
            return Readiness::Behind;
        }
        match self.budget.ready_in(now) {
            Duration::ZERO => Readiness::Now,
            wait => Readiness::After(wait),
        }
    }

    /// Whether the terminal still has to take a part of the last frame.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Says where the text of the next frame stands for addresses: OSC 8. A terminal that does not know them shows the
    /// text.
    pub fn link(&mut self, links: &[LinkedText]) {
        self.terminal.backend_mut().set_links(links);
    }

    /// Draws a frame and sends what has changed; the number of bytes, zero when nothing has. Never
    /// blocks: what the terminal does not take waits for [`Screen::drain`]. A screen without a cell is
    /// not drawn.
    ///
    /// # Errors
    ///
    /// [`FrameError::Gone`] when there is no terminal any more.
    pub fn draw(
        &mut self,
        now: Instant,
        render: impl FnOnce(&mut Frame<'_>),
    ) -> Result<usize, FrameError> {
        if self.terminal.size()?.area() == 0 {
            return Ok(0);
        }
        self.terminal.draw(render)?;
        let frame = self.terminal.backend().bytes();
        if frame.is_empty() {
            return Ok(0);
        }
        let before = self.waiting.len();
        if self.synchronized {
            self.waiting.extend_from_slice(BEGIN);
            self.waiting.extend_from_slice(frame);
            self.waiting.extend_from_slice(END);
        } else {
            self.waiting.extend_from_slice(frame);
        }
        self.terminal.backend_mut().begin();
        let count = self.waiting.len() - before;
        self.budget.spend(count, now);
        self.send()?;
        Ok(count)
    }

    /// Sends bytes that are no part of the picture, such as a copy to the clipboard, between two frames.
    ///
    /// # Errors
    ///
    /// As [`Screen::draw`].
    pub fn pass(&mut self, bytes: &[u8], now: Instant) -> Result<(), FrameError> {
        self.waiting.extend_from_slice(bytes);
        self.budget.spend(bytes.len(), now);
        self.send()
    }

    /// Waits until the terminal has taken everything. Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// As [`Screen::draw`].
    pub async fn drain(&mut self) -> Result<(), FrameError> {
        while self.is_behind() {
            self.outlet.writable().await?;
            self.send()?;
        }
        Ok(())
    }

    /// The terminal has another size: the next frame draws everything.
    ///
    /// # Errors
    ///
    /// None in practice: nothing is written yet.
    pub fn resize(&mut self, columns: u16, rows: u16) -> io::Result<()> {
        let cursor = self.terminal.backend().cursor_is_shown();
        self.start_over(columns, rows, cursor)
    }

    /// The screen no longer shows what was drawn (after a resume, or when somebody else wrote on it):
    /// what has not been sent is dropped and the next frame draws everything. The cursor counts as
    /// hidden.
    ///
    /// # Errors
    ///
    /// None in practice: nothing is written yet.
    pub fn redraw(&mut self, columns: u16, rows: u16) -> io::Result<()> {
        self.waiting.clear();
        self.start_over(columns, rows, false)
    }

    /// Bytes that the terminal has taken so far.
    #[must_use]
    pub const fn bytes_written(&self) -> u64 {
        self.written
    }

    fn start_over(&mut self, columns: u16, rows: u16, cursor: bool) -> io::Result<()> {
        self.terminal
            .backend_mut()
            .start_over(columns, rows, cursor);
        // Clears in memory: unlike `Terminal::clear` it asks the terminal nothing.
        self.terminal.resize(Rect::new(0, 0, columns, rows))
    }

    fn send(&mut self) -> Result<(), FrameError> {
        let mut sent = 0;
        let outcome = loop {
            if sent == self.waiting.len() {
                break Ok(());
            }
            match self.outlet.write(&self.waiting[sent..]) {
                Ok(0) => break Err(FrameError::Gone),
                Ok(count) => sent += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break Ok(()),
                Err(error) => break Err(error.into()),
            }
        };
        self.written += sent as u64;
        self.waiting.drain(..sent);
        outcome
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::num::NonZeroU16;

    use proptest::prelude::*;
    use ratatui::buffer::Buffer;
    use ratatui::style::{Color, Modifier, Style};

    use super::*;

    const NOW: fn() -> Instant = Instant::now;

    fn screen(columns: u16, rows: u16) -> Screen<Vec<u8>> {
        Screen::new(Vec::new(), (columns, rows), Ceiling::LOCAL, true).unwrap()
    }

    fn shown(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).replace('\x1b', "^")
    }

    #[test]
    fn a_frame_is_the_change_between_two_markers_and_no_change_is_nothing() {
        let mut screen = screen(20, 3);
        let draw = |screen: &mut Screen<Vec<u8>>, text: &'static str| {
            screen
                .draw(NOW(), |frame| {
                    frame.render_widget(text, frame.area());
                })
                .unwrap()
        };
        assert!(draw(&mut screen, "servers: 12") > 0);
        assert_eq!(shown(&screen.outlet), "^[?2026h^[Hservers: 12^[?2026l");
        assert_eq!(draw(&mut screen, "servers: 12"), 0);
        screen.outlet.clear();
        let count = draw(&mut screen, "servers: 13");
        assert_eq!(shown(&screen.outlet), "^[?2026h^[1;11H3^[?2026l");
        assert_eq!(count, screen.outlet.len());
    }

    #[test]
    fn an_address_is_written_once_for_a_run_and_again_only_where_it_changes() {
        let mut screen = screen(20, 2);
        let link = |columns: std::ops::Range<u16>, url: &str| LinkedText {
            y: 0,
            columns,
            url: url.into(),
        };
        let draw = |screen: &mut Screen<Vec<u8>>, links: &[LinkedText], text: &'static str| {
            screen.outlet.clear();
            screen.link(links);
            let render = |frame: &mut Frame<'_>| frame.render_widget(text, frame.area());
            screen.draw(NOW(), render).unwrap();
            let text = shown(&screen.outlet);
            text.replace("^[?2026h", "").replace("^[?2026l", "")
        };
        let one = [link(3..7, "https://a.example/")];
        let opened = "^]8;id=f;https://a.example/^\\";
        let closed = "^]8;;^\\";
        assert_eq!(
            draw(&mut screen, &one, "to page now"),
            format!("^[Hto {opened}page^[C{closed}now")
        );
        assert_eq!(draw(&mut screen, &one, "to page now"), "");
        assert_eq!(
            draw(&mut screen, &one, "to page new"),
            "^[1;10He",
            "what stays costs nothing"
        );
        // The same letters stand for another address, for two of them, and for none.
        let other = [link(3..5, "https://b.example/")];
        assert_eq!(
            draw(&mut screen, &other, "to page new"),
            format!("^[1;4H^]8;id=f;https://b.example/^\\pa{closed}ge")
        );
        assert_eq!(draw(&mut screen, &[], "to page new"), "^[1;4Hpa");
        for bad in ["javascript:x", "https://a b", "https://a\u{1b}\\"] {
            assert_eq!(draw(&mut screen, &[link(0..2, bad)], "to page new"), "");
        }
        let beyond = [
            link(18..30, "https://a.example/"),
            LinkedText {
                y: 9,
                ..one[0].clone()
            },
        ];
        assert_eq!(
            draw(&mut screen, &beyond, "to page new"),
            format!("^[13C{opened}  {closed}")
        );
    }

    #[test]
    fn a_redraw_clears_and_sends_everything_and_asks_nothing() {
        let mut screen = screen(10, 2);
        let render = |frame: &mut Frame<'_>| frame.render_widget("text", frame.area());
        screen.draw(NOW(), render).unwrap();
        screen.outlet.clear();
        screen.redraw(10, 2).unwrap();
        screen.draw(NOW(), render).unwrap();
        assert_eq!(shown(&screen.outlet), "^[?2026h^[2J^[Htext^[?2026l");
    }

    #[test]
    fn the_cursor_is_shown_once_and_hidden_once() {
        let mut screen = screen(10, 2);
        let typing = |frame: &mut Frame<'_>| frame.set_cursor_position((3, 1));
        screen.draw(NOW(), typing).unwrap();
        assert_eq!(shown(&screen.outlet), "^[?2026h^[?25h^[2;4H^[?2026l");
        assert_eq!(screen.draw(NOW(), typing).unwrap(), 0);
        screen.outlet.clear();
        screen.draw(NOW(), |_| {}).unwrap();
        assert_eq!(shown(&screen.outlet), "^[?2026h^[?25l^[?2026l");
    }

    /// Takes a number of bytes, then refuses.
    #[derive(Default)]
    struct Line {
        taken: Vec<u8>,
        room: usize,
        gone: bool,
    }

    impl Write for Line {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.gone {
                return Err(rustix::io::Errno::IO.into());
            }
            let count = bytes.len().min(self.room);
            if count == 0 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.room -= count;
            self.taken.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Outlet for Line {
        async fn writable(&self) -> io::Result<()> {
            if self.room == 0 && !self.gone {
                std::future::pending::<()>().await;
            }
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_line_that_takes_no_more_holds_back_the_next_frame_and_loses_nothing() {
        let line = Line {
            room: 10,
            ..Line::default()
        };
        let mut screen = Screen::new(line, (20, 2), Ceiling::LOCAL, true).unwrap();
        let render = |frame: &mut Frame<'_>| frame.render_widget("posture", frame.area());
        screen.draw(NOW(), render).unwrap();
        assert_eq!(screen.readiness(NOW()), Readiness::Behind);
        assert_eq!(screen.bytes_written(), 10);
        screen.outlet.room = 1000;
        screen.drain().await.unwrap();
        assert_eq!(screen.readiness(NOW()), Readiness::Now);
        assert_eq!(shown(&screen.outlet.taken), "^[?2026h^[Hposture^[?2026l");
    }

    #[test]
    fn a_terminal_that_has_gone_is_said_to_be_gone() {
        let line = Line {
            gone: true,
            ..Line::default()
        };
        let mut screen = Screen::new(line, (20, 2), Ceiling::LOCAL, true).unwrap();
        let drawn = screen.draw(NOW(), |frame| frame.render_widget("x", frame.area()));
        assert!(matches!(drawn, Err(FrameError::Gone)));
    }

    #[test]
    fn the_ceiling_delays_the_next_frame() {
        let ceiling = Ceiling {
            bytes_per_second: 100,
            burst: 10,
        };
        let mut screen = Screen::new(Vec::new(), (20, 2), ceiling, false).unwrap();
        let start = Instant::now();
        assert_eq!(screen.readiness(start), Readiness::Now);
        screen.pass(&[b'x'; 60], start).unwrap();
        assert_eq!(
            screen.readiness(start),
            Readiness::After(Duration::from_millis(500))
        );
        let later = start + Duration::from_millis(500);
        assert_eq!(screen.readiness(later), Readiness::Now);
    }

    fn style() -> impl Strategy<Value = Style> {
        let colour = prop_oneof![
            Just(Color::Reset),
            Just(Color::Red),
            Just(Color::LightCyan),
            any::<u8>()
                .prop_filter("named form", |index| *index > 15)
                .prop_map(Color::Indexed),
            any::<(u8, u8, u8)>().prop_map(|(r, g, b)| Color::Rgb(r, g, b)),
        ];
        let modifier = (0_u8..32).prop_map(|bits| {
            [
                Modifier::ITALIC,
                Modifier::UNDERLINED,
                Modifier::REVERSED,
                Modifier::BOLD,
                Modifier::DIM,
            ]
            .into_iter()
            .enumerate()
            .filter(|(bit, _)| bits & (1 << bit) != 0)
            .fold(Modifier::empty(), |all, (_, modifier)| all | modifier)
        });
        (colour.clone(), colour, modifier).prop_map(|(foreground, background, modifier)| {
            Style::new()
                .fg(foreground)
                .bg(background)
                .add_modifier(modifier)
        })
    }

    fn picture() -> impl Strategy<Value = Vec<(u16, u16, &'static str, Style)>> {
        let text = prop_oneof![
            Just("a"),
            Just("server"),
            Just("✓ pass"),
            Just("漢字"),
            Just("…"),
            Just("│─┐"),
            Just("e\u{301}x"),
            Just("  "),
        ];
        proptest::collection::vec((0_u16..12, 0_u16..4, text, style()), 0..12)
    }

    fn put(buffer: &mut Buffer, picture: &[(u16, u16, &'static str, Style)]) {
        for (x, y, text, style) in picture {
            buffer.set_string(*x, *y, text, *style);
        }
        // The terminal of the test knows bold or dim, not both.
        for cell in &mut buffer.content {
            if cell.modifier.contains(Modifier::BOLD) {
                cell.modifier.remove(Modifier::DIM);
            }
        }
    }

    fn expected(colour: Color) -> vt100::Color {
        match colour {
            Color::Red => vt100::Color::Idx(1),
            Color::LightCyan => vt100::Color::Idx(14),
            Color::Indexed(index) => vt100::Color::Idx(index),
            Color::Rgb(red, green, blue) => vt100::Color::Rgb(red, green, blue),
            _ => vt100::Color::Default,
        }
    }

    proptest! {
        /// Whatever was drawn before, a terminal shows the cells of the newest frame.
        #[test]
        fn a_terminal_shows_what_was_drawn(pictures in proptest::collection::vec(picture(), 1..4)) {
            let (columns, rows) = (14, 4);
            let mut screen = screen(columns, rows);
            let mut last = Buffer::default();
            for picture in &pictures {
                screen.draw(NOW(), |frame| {
                    put(frame.buffer_mut(), picture);
                    last = frame.buffer_mut().clone();
                }).unwrap();
            }
            let mut terminal = vt100::Parser::new(
                NonZeroU16::new(rows).unwrap(),
                NonZeroU16::new(columns).unwrap(),
                0,
            );
            terminal.process(&screen.outlet);
            for y in 0..rows {
                let mut x = 0;
                while x < columns {
                    let cell = &last[(x, y)];
                    let got = terminal.screen().cell(y, x).unwrap();
                    let text = if got.has_contents() { got.contents() } else { " " };
                    prop_assert_eq!(text, cell.symbol(), "at {},{}", x, y);
                    prop_assert_eq!(got.bgcolor(), expected(cell.bg));
                    prop_assert_eq!(got.inverse(), cell.modifier.contains(Modifier::REVERSED));
                    prop_assert_eq!(
                        got.underline(),
                        cell.modifier.contains(Modifier::UNDERLINED)
                    );
                    // The weight and the colour of an empty place are not seen.
                    if text != " " || got.inverse() || got.underline() {
                        prop_assert_eq!(got.fgcolor(), expected(cell.fg));
                    }
                    if text != " " {
                        prop_assert_eq!(got.bold(), cell.modifier.contains(Modifier::BOLD));
                        prop_assert_eq!(got.dim(), cell.modifier.contains(Modifier::DIM));
                        prop_assert_eq!(got.italic(), cell.modifier.contains(Modifier::ITALIC));
                    }
                    x += if got.is_wide() { 2 } else { 1 };
                }
            }
        }

        /// No size panics, and no frame is left open.
        #[test]
        fn any_size_draws(sizes in proptest::collection::vec((0_u16..40, 0_u16..20), 1..6)) {
            let mut screen = screen(80, 24);
            for (columns, rows) in sizes {
                screen.resize(columns, rows).unwrap();
                screen.draw(NOW(), |frame| frame.render_widget("posture", frame.area())).unwrap();
            }
            let text = shown(&screen.outlet);
            prop_assert_eq!(text.matches("^[?2026h").count(), text.matches("^[?2026l").count());
        }
    }
}
