//! The only room that touches the terminal: taking it over and giving it back, keys, signals, frames, the
//! clipboard.
//!
//! It knows nothing of what the program is for, keeps no state of the explorer and chooses no colour.
//! What it promises:
//!
//! - The terminal is given back after every ending: [`Session`], [`install_panic_hook`], [`Signals`].
//! - A terminal that has gone ends the program at once and costs nothing meanwhile: [`Input`],
//!   [`FrameError::Gone`].
//! - Nothing is written when nothing changed, a frame is one write, and a line that takes no more holds
//!   back frames and never the program: [`Screen`].
//! - The terminal is never asked anything: [`Capability`].

mod capability;
mod clipboard;
mod frame;
mod input;
mod panic;
mod session;
mod signals;
mod tty;

pub use capability::{Background, Capability, ColourDepth, Multiplexer, Wishes};
pub use clipboard::{LONGEST_COPY, Refused, TMUX_LOAD_BUFFER, copy};
pub use frame::{Ceiling, FrameError, LinkedText, Painter, Readiness, Screen, styled};
pub use input::{Decoder, Input, InputEvent};
pub use panic::{PanicReports, install as install_panic_hook};
pub use session::{Restorer, Session};
pub use signals::{Signal, Signals};
pub use tty::{NoTerminal, Outlet, Tty, TtyWriter};
