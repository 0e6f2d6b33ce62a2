//! The session: which modes of the terminal are on because of us, and their undoing, exactly once.
//!
//! Every way out passes through [`Restorer::restore`]: `Drop`, the panic hook, signals, suspension. It
//! sets the line discipline back first and independently of everything else, because that needs no
//! working output, then undoes the modes in one write that cannot block for long, then throws away input
//! that nobody has read, so that a key pressed too late does not end up on the shell's command line.

use std::io;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::queue;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};
use rustix::process::{Signal as Process, kill_current_process_group};
use rustix::termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};

use super::signals::Signals;
use super::tty::{Tty, TtyWriter};

const SCREEN: u8 = 1;
const CURSOR: u8 = 1 << 1;
const PASTE: u8 = 1 << 2;
const MOUSE: u8 = 1 << 3;

/// Buttons and wheel in the SGR form; no movement, which floods a slow line.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1000l";
/// Ends a string or a frame that was cut off in the middle, and resets the style.
const AFTER_ANYTHING: &[u8] = b"\x1b\\\x1b[?2026l\x1b[0m";

/// How long a terminal that takes no output may hold up entering, and leaving it.
const ENTER_PATIENCE: Duration = Duration::from_secs(5);
const LEAVE_PATIENCE: Duration = Duration::from_millis(300);
/// How long to wait for the stop to be over. The clock that counts does not run while the process is
/// stopped; it only matters where stopping is impossible, as for the first process of a container.
const STOP_PATIENCE: Duration = Duration::from_millis(200);

/// The terminal in our hands: raw, on the alternate screen, cursor hidden, pastes bracketed. Dropping it
/// gives the terminal back.
#[derive(Debug)]
pub struct Session {
    restorer: Restorer,
}

/// Gives the terminal back from anywhere, as for a panic hook. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Restorer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    tty: Tty,
    /// Modes that we want on while the session is entered.
    wanted: AtomicU8,
    /// Modes that we turned on and have not undone.
    on: AtomicU8,
    /// The line discipline as it was before us; present while it is ours.
    before: Mutex<Option<Termios>>,
}

impl Session {
    /// Takes the terminal over. Reports of the mouse only if asked for: they keep people from selecting
    /// text.
    ///
    /// Listen to [`Signals`] first: a signal between the two would otherwise end the process in raw mode.
    ///
    /// # Errors
    ///
    /// When the terminal refuses raw mode or takes no output; it is then as it was before.
    pub fn enter(tty: Tty, mouse: bool) -> io::Result<Self> {
        // With NO_COLOR set, crossterm 0.29 would replace colours by a reset of every attribute. Which
        // colours there are is decided in the theme, not there.
        crossterm::style::force_color_output(true);
        let wanted = SCREEN | CURSOR | PASTE | if mouse { MOUSE } else { 0 };
        let session = Self {
            restorer: Restorer {
                shared: Arc::new(Shared {
                    tty,
                    wanted: AtomicU8::new(wanted),
                    on: AtomicU8::new(0),
                    before: Mutex::new(None),
                }),
            },
        };
        session.resume()?;
        Ok(session)
    }

    /// Takes the terminal over again, after [`Session::restore`] or after somebody else has used it. The
    /// screen is then empty: draw everything.
    ///
    /// # Errors
    ///
    /// As [`Session::enter`].
    pub fn resume(&self) -> io::Result<()> {
        let shared = &self.restorer.shared;
        let entered = shared.make_raw().and_then(|()| {
            let modes = shared.wanted.load(Ordering::SeqCst);
            // Noted before the write: half a write may have turned some of them on.
            shared.on.store(modes, Ordering::SeqCst);
            shared.tty.write_within(&entering(modes), ENTER_PATIENCE)
        });
        if entered.is_err() {
            self.restore();
        }
        entered
    }

    /// Gives the terminal back, as before [`Session::enter`]. Once: another call does nothing.
    pub fn restore(&self) {
        self.restorer.restore();
    }

    /// For code that must give the terminal back without owning the session.
    #[must_use]
    pub fn restorer(&self) -> Restorer {
        self.restorer.clone()
    }

    /// The size in columns and rows.
    ///
    /// # Errors
    ///
    /// When the terminal has gone.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        self.restorer.shared.tty.size()
    }

    /// A writer for frames.
    #[must_use]
    pub fn writer(&self) -> TtyWriter {
        self.restorer.shared.tty.writer()
    }

    /// Gives the terminal back, stops the process group as Ctrl-Z does to other programs, and takes the
    /// terminal over again when somebody continues it. The screen is then empty, and its size may be
    /// another.
    ///
    /// # Errors
    ///
    /// When the group cannot be stopped, or as [`Session::enter`] afterwards.
    pub async fn suspend(&self, signals: &mut Signals) -> io::Result<()> {
        self.restore();
        signals.forget_continue().await;
        let stopped = kill_current_process_group(Process::STOP);
        if stopped.is_ok() {
            // The stop may reach this thread a moment after the call returns: taking the terminal back
            // before the continuation would leave the shell in raw mode.
            signals.continued(STOP_PATIENCE).await;
        }
        self.resume()?;
        Ok(stopped?)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.restore();
    }
}

impl Restorer {
    /// Gives the terminal back. Once: another call does nothing until the session is entered again.
    pub fn restore(&self) {
        self.shared.restore();
    }

    /// Whether the terminal is in our hands.
    #[must_use]
    pub fn is_entered(&self) -> bool {
        self.shared.on.load(Ordering::SeqCst) != 0 || self.shared.before().is_some()
    }
}

impl Shared {
    fn before(&self) -> MutexGuard<'_, Option<Termios>> {
        self.before.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make_raw(&self) -> io::Result<()> {
        let mut before = self.before();
        let cooked = match before.as_ref() {
            Some(cooked) => cooked.clone(),
            None => tcgetattr(self.tty.input())?,
        };
        let mut raw = cooked.clone();
        raw.make_raw();
        set(&self.tty, &raw)?;
        *before = Some(cooked);
        Ok(())
    }

    fn restore(&self) {
        let cooked = self.before().take();
        if let Some(cooked) = &cooked {
            // An error means that the terminal has gone: there is nothing left to give back.
            let _ = set(&self.tty, cooked);
        }
        let modes = self.on.swap(0, Ordering::SeqCst);
        if modes != 0 {
            self.leave(&leaving(modes));
        }
        if cooked.is_some() {
            let _ = tcflush(self.tty.input(), QueueSelector::IFlush);
        }
    }

    /// Writes the way out; where the terminal takes nothing, drops what is queued before it and tries
    /// once more.
    fn leave(&self, bytes: &[u8]) {
        if self.tty.write_within(bytes, LEAVE_PATIENCE).is_err() {
            let _ = tcflush(self.tty.output(), QueueSelector::OFlush);
            let _ = self.tty.write_within(bytes, LEAVE_PATIENCE);
        }
    }
}

/// Sets the line discipline at once: waiting for the output to drain could wait for ever.
fn set(tty: &Tty, termios: &Termios) -> io::Result<()> {
    let set = || tcsetattr(tty.input(), OptionalActions::Now, termios);
    Ok(rustix::io::retry_on_intr(set)?)
}

fn entering(modes: u8) -> Vec<u8> {
    let mut bytes = AFTER_ANYTHING.to_vec();
    // Writing to memory does not fail.
    if modes & SCREEN != 0 {
        let _ = queue!(bytes, EnterAlternateScreen);
    }
    if modes & CURSOR != 0 {
        let _ = queue!(bytes, Hide);
    }
    if modes & PASTE != 0 {
        let _ = queue!(bytes, EnableBracketedPaste);
    }
    if modes & MOUSE != 0 {
        bytes.extend_from_slice(MOUSE_ON);
    }
    bytes
}

fn leaving(modes: u8) -> Vec<u8> {
    let mut bytes = AFTER_ANYTHING.to_vec();
    if modes & MOUSE != 0 {
        bytes.extend_from_slice(MOUSE_OFF);
    }
    if modes & PASTE != 0 {
        let _ = queue!(bytes, DisableBracketedPaste);
    }
    if modes & CURSOR != 0 {
        let _ = queue!(bytes, Show);
    }
    if modes & SCREEN != 0 {
        let _ = queue!(bytes, LeaveAlternateScreen);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).replace('\x1b', "^")
    }

    #[test]
    fn leaving_undoes_what_entering_did_in_reverse() {
        let all = SCREEN | CURSOR | PASTE | MOUSE;
        assert_eq!(
            shown(&entering(all)),
            "^\\^[?2026l^[0m^[?1049h^[?25l^[?2004h^[?1000h^[?1006h"
        );
        assert_eq!(
            shown(&leaving(all)),
            "^\\^[?2026l^[0m^[?1006l^[?1000l^[?2004l^[?25h^[?1049l"
        );
    }

    #[test]
    fn only_what_was_turned_on_is_turned_off() {
        assert_eq!(shown(&leaving(CURSOR)), "^\\^[?2026l^[0m^[?25h");
        let screen = shown(&leaving(SCREEN | CURSOR | PASTE));
        assert!(!screen.contains("1000"), "{screen}");
    }

    #[test]
    fn a_half_drawn_frame_or_string_does_not_swallow_the_way_out() {
        for torn in ["\x1b[38;2;1", "\x1b]52;c;AAAA", "\x1b[?2026h\x1b[31mtext"] {
            let mut parser = vt100::Parser::new(
                std::num::NonZeroU16::new(4).unwrap(),
                std::num::NonZeroU16::new(20).unwrap(),
                0,
            );
            parser.process(&entering(SCREEN | CURSOR | PASTE));
            assert!(parser.screen().alternate_screen());
            parser.process(torn.as_bytes());
            parser.process(&leaving(SCREEN | CURSOR | PASTE));
            let screen = parser.screen();
            assert!(
                !screen.alternate_screen() && !screen.hide_cursor(),
                "{torn:?}"
            );
            assert!(!screen.bracketed_paste(), "{torn:?}");
            assert_eq!(screen.fgcolor(), vt100::Color::Default, "{torn:?}");
            assert_eq!(screen.contents(), "", "{torn:?}");
        }
    }
}
