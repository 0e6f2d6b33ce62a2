//! Signals as values. Every one that ends a program by default is caught, so that the terminal is given
//! back first; those of job control are caught, so that it is given back and taken over again.

use std::io;
use std::time::Duration;

use rustix::process::Signal as Process;
use tokio::signal::unix::{self, SignalKind};
use tokio::time::timeout;

/// What somebody outside asks of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// `SIGINT`.
    Interrupt,
    /// `SIGTERM`.
    Terminate,
    /// `SIGHUP`: the line was hung up.
    HangUp,
    /// `SIGQUIT`.
    Quit,
    /// `SIGTSTP`: stop and give the terminal back; see [`Session::suspend`](super::Session::suspend).
    Suspend,
    /// `SIGCONT` without a suspension of our own: somebody else may have used the terminal; see
    /// [`Session::resume`](super::Session::resume).
    Continue,
    /// `SIGWINCH`: the size is another.
    Resized,
}

impl Signal {
    /// The exit code of a program that ends because of this signal: 128 and the signal's number. `None` for
    /// signals that end nothing.
    #[must_use]
    pub const fn exit_code(self) -> Option<u8> {
        match self {
            Self::HangUp => Some(129),
            Self::Interrupt => Some(130),
            Self::Quit => Some(131),
            Self::Terminate => Some(143),
            Self::Suspend | Self::Continue | Self::Resized => None,
        }
    }
}

/// The signals of this process from [`Signals::listen`] on.
#[derive(Debug)]
pub struct Signals {
    interrupt: unix::Signal,
    terminate: unix::Signal,
    hang_up: unix::Signal,
    quit: unix::Signal,
    suspend: unix::Signal,
    cont: unix::Signal,
    resized: unix::Signal,
}

impl Signals {
    /// Catches the signals from now on, even those that were ignored when the program was started:
    /// whoever ignores a hang-up does not want a program that goes on drawing on a terminal that is no
    /// longer there. Must be called inside the tokio runtime.
    ///
    /// # Errors
    ///
    /// When the system refuses a handler.
    pub fn listen() -> io::Result<Self> {
        let named = |signal: Process| unix::signal(SignalKind::from_raw(signal.as_raw()));
        Ok(Self {
            interrupt: unix::signal(SignalKind::interrupt())?,
            terminate: unix::signal(SignalKind::terminate())?,
            hang_up: unix::signal(SignalKind::hangup())?,
            quit: unix::signal(SignalKind::quit())?,
            suspend: named(Process::TSTP)?,
            cont: named(Process::CONT)?,
            resized: unix::signal(SignalKind::window_change())?,
        })
    }

    /// The next signal. Dropping the future loses none; several of one kind may be told as one.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            biased;
            Some(()) = self.terminate.recv() => Signal::Terminate,
            Some(()) = self.hang_up.recv() => Signal::HangUp,
            Some(()) = self.interrupt.recv() => Signal::Interrupt,
            Some(()) = self.quit.recv() => Signal::Quit,
            Some(()) = self.suspend.recv() => Signal::Suspend,
            Some(()) = self.cont.recv() => Signal::Continue,
            Some(()) = self.resized.recv() => Signal::Resized,
            else => std::future::pending().await,
        }
    }

    /// Forgets a `SIGCONT` that has been delivered already.
    pub(super) async fn forget_continue(&mut self) {
        self.continued(Duration::ZERO).await;
    }

    /// Waits for `SIGCONT`, at most `patience` of running time.
    pub(super) async fn continued(&mut self, patience: Duration) {
        let _ = timeout(patience, self.cont.recv()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_have_the_codes_of_a_shell() {
        assert_eq!(Signal::Interrupt.exit_code(), Some(130));
        assert_eq!(Signal::Terminate.exit_code(), Some(143));
        assert_eq!(Signal::HangUp.exit_code(), Some(129));
        assert_eq!(Signal::Quit.exit_code(), Some(131));
        assert_eq!(Signal::Suspend.exit_code(), None);
        assert_eq!(Signal::Resized.exit_code(), None);
    }

    #[tokio::test]
    async fn delivered_signals_arrive_as_values() {
        let mut signals = Signals::listen().unwrap();
        let own = rustix::process::getpid();
        rustix::process::kill_process(own, Process::WINCH).unwrap();
        assert_eq!(signals.next().await, Signal::Resized);
        rustix::process::kill_process(own, Process::TERM).unwrap();
        assert_eq!(signals.next().await, Signal::Terminate);
    }
}
