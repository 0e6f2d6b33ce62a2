//! The terminal itself: one descriptor to read from, one to write to, both opened for this program alone.
//!
//! The descriptors are opened anew by name, so that making them non-blocking does not reach the shell,
//! which shares its standard input and output with us. A frame for a line that has stalled therefore
//! never stops the program: a write that would block says so.

use std::fmt;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::stdio::{stdin, stdout};
use rustix::termios::{isatty, tcgetwinsize, ttyname};
use tokio::net::unix::pipe;

use super::capability::Capability;

const CONTROLLING_TERMINAL: &str = "/dev/tty";

/// Why there is no terminal to draw on. Each message says what is missing; the caller adds what to use
/// instead.
#[derive(Debug, thiserror::Error)]
pub enum NoTerminal {
    /// Standard output goes to a file or a pipe.
    #[error("standard output is not a terminal")]
    OutputRedirected,
    /// Standard input is redirected and the process has no terminal of its own to read keys from.
    #[error("there is no terminal to read keys from (standard input is redirected): {0}")]
    NoKeys(#[source] io::Error),
    /// `TERM` is unset or `dumb`.
    #[error(
        "TERM is {0}: this terminal cannot place text (set TERM to its type, such as xterm-256color)"
    )]
    Dumb(String),
}

/// The terminal's two descriptors. Cheap to clone; both close with the last clone.
#[derive(Debug, Clone)]
pub struct Tty {
    input: Arc<OwnedFd>,
    output: Arc<OwnedFd>,
}

impl Tty {
    /// Opens the terminal of this process. When standard input is redirected, keys are read from the
    /// controlling terminal.
    ///
    /// # Errors
    ///
    /// [`NoTerminal`] when standard output is no terminal, when there is none to read keys from, or
    /// when the terminal cannot place text.
    pub fn open(capability: &Capability) -> Result<Self, NoTerminal> {
        if !isatty(stdout()) {
            return Err(NoTerminal::OutputRedirected);
        }
        if capability.dumb {
            let name = std::env::var("TERM").unwrap_or_default();
            let shown = if name.is_empty() {
                "not set".to_owned()
            } else {
                name.escape_default().to_string()
            };
            return Err(NoTerminal::Dumb(shown));
        }
        let output = reopen(stdout()).map_err(|_| NoTerminal::OutputRedirected)?;
        let input = if isatty(stdin()) {
            reopen(stdin())
        } else {
            open(CONTROLLING_TERMINAL)
        };
        Ok(Self {
            input: Arc::new(input.map_err(NoTerminal::NoKeys)?),
            output: Arc::new(output),
        })
    }

    /// A pair of descriptors that only stands for a terminal.
    #[cfg(test)]
    pub(super) fn over(input: impl Into<OwnedFd>, output: impl Into<OwnedFd>) -> Self {
        Self {
            input: Arc::new(input.into()),
            output: Arc::new(output.into()),
        }
    }

    /// The size in columns and rows.
    ///
    /// # Errors
    ///
    /// When the terminal has gone.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = tcgetwinsize(&self.output)?;
        Ok((size.ws_col, size.ws_row))
    }

    /// A writer for frames.
    #[must_use]
    pub fn writer(&self) -> TtyWriter {
        TtyWriter {
            output: Arc::clone(&self.output),
        }
    }

    pub(super) fn input(&self) -> BorrowedFd<'_> {
        self.input.as_fd()
    }

    pub(super) fn output(&self) -> BorrowedFd<'_> {
        self.output.as_fd()
    }

    /// Writes everything, waiting at most `patience` for a terminal that does not take it.
    pub(super) fn write_within(&self, mut bytes: &[u8], patience: Duration) -> io::Result<()> {
        let deadline = Instant::now() + patience;
        while !bytes.is_empty() {
            match rustix::io::write(&self.output, bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() || !writable_within(self.output(), left)? {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

fn writable_within(output: BorrowedFd<'_>, patience: Duration) -> io::Result<bool> {
    let timeout = Timespec::try_from(patience).ok();
    let mut descriptors = [PollFd::from_borrowed_fd(output, PollFlags::OUT)];
    match rustix::event::poll(&mut descriptors, timeout.as_ref()) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::INTR) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Opens the terminal behind a descriptor once more. By its own name first (right when it is not the
/// controlling one), then as the controlling terminal (after `su` the name may be forbidden, in a container
/// it may be unknown), at last the descriptor itself, which then blocks.
fn reopen(descriptor: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    ttyname(descriptor, Vec::new())
        .map_err(io::Error::from)
        .and_then(|name| open(name.as_c_str()))
        .or_else(|_| open(CONTROLLING_TERMINAL))
        .or_else(|_| Ok(rustix::io::fcntl_dupfd_cloexec(descriptor, 3)?))
}

fn open(path: impl rustix::path::Arg) -> io::Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

/// Where frames go: a writer that may refuse with [`io::ErrorKind::WouldBlock`] and then tells when to
/// try again.
pub trait Outlet: Write {
    /// Resolves when a write may succeed again. Dropping it loses nothing.
    fn writable(&self) -> impl Future<Output = io::Result<()>>;
}

/// Takes everything at once; for tests and for frames as text.
impl Outlet for Vec<u8> {
    async fn writable(&self) -> io::Result<()> {
        Ok(())
    }
}

/// The terminal's output side.
#[derive(Debug, Clone)]
pub struct TtyWriter {
    output: Arc<OwnedFd>,
}

impl Write for TtyWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(&self.output, bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Outlet for TtyWriter {
    async fn writable(&self) -> io::Result<()> {
        // Registered only while a frame waits: stalled lines are rare, and an idle one costs nothing.
        // Tokio's type for pipes is the one that watches a descriptor without `unsafe`; here it is only
        // waited on.
        let watched = pipe::Sender::from_owned_fd_unchecked(self.output.try_clone()?)?;
        watched.writable().await
    }
}

impl fmt::Display for Tty {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match ttyname(&*self.output, Vec::new()) {
            Ok(name) => formatter.write_str(&name.to_string_lossy()),
            Err(_) => formatter.write_str(CONTROLLING_TERMINAL),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_stalled_terminal_costs_the_patience_and_no_more() {
        let (mut read, write) = io::pipe().unwrap();
        rustix::fs::fcntl_setfl(&write, OFlags::NONBLOCK).unwrap();
        let tty = Tty::over(read.try_clone().unwrap(), write);
        let bytes = vec![b'x'; 1 << 20];
        let error = tty
            .write_within(&bytes, Duration::from_millis(20))
            .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let mut piece = vec![0; 1 << 16];
        let taken = read.read(&mut piece).unwrap();
        assert!(taken > 0);
        tty.write_within(b"short", Duration::from_millis(20))
            .unwrap();
    }

    #[test]
    fn a_terminal_that_has_gone_is_an_error() {
        let (read, write) = io::pipe().unwrap();
        let tty = Tty::over(read.try_clone().unwrap(), write);
        drop(read);
        let (other, _kept) = io::pipe().unwrap();
        let gone = Tty::over(other, tty.output.try_clone().unwrap());
        drop(tty);
        let error = gone.write_within(b"x", Duration::from_secs(1)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}
