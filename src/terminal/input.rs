//! Keys, pastes and hang-ups, read on a thread of their own.
//!
//! The thread waits in `poll(2)` without a time limit, so that an idle program is never woken. It ends as
//! soon as `poll` says that the terminal has gone: crossterm 0.29 does not see that and would read an
//! ended terminal for ever, which is why its own reader is not used at all.

mod decode;

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossterm::event::Event;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use tokio::sync::mpsc;

use super::tty::Tty;
pub use decode::Decoder;

/// Events that may wait for the runtime. When it is full the thread stops reading and the terminal's own
/// queue fills.
const WAITING: usize = 1024;
const PIECE: usize = 4096;

/// What came from the terminal.
#[derive(Debug)]
pub enum InputEvent {
    /// A key, a paste, or a report of the mouse or the focus. Never a resize: that is
    /// [`Signal::Resized`](super::Signal::Resized).
    Terminal(Event),
    /// The terminal has gone. Nothing follows.
    HangUp,
    /// The terminal cannot be read. Nothing follows.
    Failed(io::Error),
}

/// The reading thread. Dropping it ends the thread.
#[derive(Debug)]
pub struct Input {
    events: mpsc::Receiver<InputEvent>,
    control: Arc<Control>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Control {
    wake: PipeWriter,
    /// Held by the thread while it reads, so that a pause is certain once it has been called for.
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    Paused,
    Ended,
}

impl Input {
    /// Starts reading.
    ///
    /// # Errors
    ///
    /// When the system refuses a pipe or a thread.
    pub fn start(tty: &Tty) -> io::Result<Self> {
        let (woken, wake) = io::pipe()?;
        let (sender, events) = mpsc::channel(WAITING);
        let control = Arc::new(Control {
            wake,
            state: Mutex::new(State::Reading),
        });
        let reader = Reader {
            tty: tty.clone(),
            woken,
            control: Arc::clone(&control),
            sender,
        };
        let thread = thread::Builder::new()
            .name("input".to_owned())
            .spawn(move || reader.run())?;
        Ok(Self {
            events,
            control,
            thread: Some(thread),
        })
    }

    /// The next event; `None` after the last one. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<InputEvent> {
        self.events.recv().await
    }

    /// An event that is already there.
    pub fn try_next(&mut self) -> Option<InputEvent> {
        self.events.try_recv().ok()
    }

    /// Leaves the keys to somebody else, such as a program that asks for a password. When this returns,
    /// nothing more is read; a hang-up is still noticed.
    pub fn pause(&self) {
        self.control.set(State::Paused);
    }

    /// Reads again.
    pub fn resume(&self) {
        self.control.set(State::Reading);
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.control.set(State::Ended);
        // A thread that waits for room in the channel is freed by its closing.
        self.events.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Control {
    fn set(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        // One byte in the pipe is enough; it cannot be full for long, since the thread empties it.
        let _ = (&self.wake).write(&[0]);
    }

    fn get(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Reader {
    tty: Tty,
    woken: PipeReader,
    control: Arc<Control>,
    sender: mpsc::Sender<InputEvent>,
}

/// What `poll` said.
struct Ready {
    keys: bool,
    gone: bool,
    woken: bool,
}

impl Reader {
    fn run(mut self) {
        let last = match self.read_until_end() {
            Ok(true) => InputEvent::HangUp,
            Ok(false) => return,
            Err(error) => InputEvent::Failed(error),
        };
        let _ = self.sender.blocking_send(last);
    }

    /// Reads until the terminal has gone (`true`) or nobody listens any more (`false`).
    fn read_until_end(&mut self) -> io::Result<bool> {
        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        let mut piece = [0; PIECE];
        loop {
            let state = self.control.get();
            if state == State::Ended {
                return Ok(false);
            }
            let ready = self.wait(state == State::Reading, decoder.patience())?;
            if ready.woken {
                // Wakes only; what is wanted stands in the state.
                let _ = self.woken.read(&mut piece)?;
            } else if ready.gone {
                return Ok(true);
            } else if ready.keys {
                match self.read(&mut piece)? {
                    Some(0) => return Ok(true),
                    Some(count) => decoder.push(&piece[..count], &mut events),
                    None => {}
                }
            } else {
                decoder.give_up(&mut events);
            }
            for event in events.drain(..) {
                if self
                    .sender
                    .blocking_send(InputEvent::Terminal(event))
                    .is_err()
                {
                    return Ok(false);
                }
            }
        }
    }

    /// Waits for the terminal or a wake-up. Without interest in keys, the end of the terminal is still
    /// told.
    fn wait(&self, keys: bool, patience: Option<Duration>) -> io::Result<Ready> {
        let wanted = if keys {
            PollFlags::IN
        } else {
            PollFlags::empty()
        };
        let mut descriptors = [
            PollFd::from_borrowed_fd(self.tty.input(), wanted),
            PollFd::from_borrowed_fd(self.woken.as_fd(), PollFlags::IN),
        ];
        let timeout = patience
            .filter(|_| keys)
            .and_then(|patience| Timespec::try_from(patience).ok());
        rustix::io::retry_on_intr(|| rustix::event::poll(&mut descriptors, timeout.as_ref()))?;
        let terminal = descriptors[0].revents();
        Ok(Ready {
            keys: terminal.contains(PollFlags::IN),
            gone: terminal.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL),
            woken: !descriptors[1].revents().is_empty(),
        })
    }

    /// Reads what is there. `None`: somebody was faster, or a pause was called for meanwhile.
    fn read(&self, piece: &mut [u8]) -> io::Result<Option<usize>> {
        let state = self
            .control
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if *state != State::Reading {
            return Ok(None);
        }
        match rustix::io::read(self.tty.input(), piece) {
            Ok(count) => Ok(Some(count)),
            Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            Err(Errno::IO) => Ok(Some(0)),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use super::*;

    fn connected() -> (Input, PipeWriter) {
        let (input, typed) = io::pipe().unwrap();
        let (_, output) = io::pipe().unwrap();
        (Input::start(&Tty::over(input, output)).unwrap(), typed)
    }

    fn key(event: Option<InputEvent>) -> KeyEvent {
        match event {
            Some(InputEvent::Terminal(Event::Key(key))) => key,
            other => panic!("no key: {other:?}"),
        }
    }

    #[tokio::test]
    async fn keys_arrive_and_a_lone_escape_does_so_by_itself() {
        let (mut input, mut typed) = connected();
        typed.write_all(b"j\x1b").unwrap();
        assert_eq!(key(input.next().await).code, KeyCode::Char('j'));
        let escape = key(input.next().await);
        assert_eq!(
            (escape.code, escape.modifiers),
            (KeyCode::Esc, KeyModifiers::NONE)
        );
    }

    #[tokio::test]
    async fn the_end_of_the_terminal_is_told_once_even_while_paused() {
        let (mut input, typed) = connected();
        input.pause();
        drop(typed);
        assert!(matches!(input.next().await, Some(InputEvent::HangUp)));
        assert!(input.next().await.is_none());
    }

    #[tokio::test]
    async fn a_pause_leaves_the_keys_to_others() {
        let (input, mut typed) = io::pipe().unwrap();
        let (_, output) = io::pipe().unwrap();
        let mut other = input.try_clone().unwrap();
        let mut keys = Input::start(&Tty::over(input, output)).unwrap();
        keys.pause();
        typed.write_all(b"secret").unwrap();
        let mut read = [0; 6];
        other.read_exact(&mut read).unwrap();
        assert_eq!(&read, b"secret");
        keys.resume();
        typed.write_all(b"k").unwrap();
        assert_eq!(key(keys.next().await).code, KeyCode::Char('k'));
    }

    #[test]
    fn a_full_channel_does_not_keep_the_thread_from_ending() {
        let (input, mut typed) = connected();
        typed.write_all(&[b'j'; WAITING * 2]).unwrap();
        drop(input);
    }
}
