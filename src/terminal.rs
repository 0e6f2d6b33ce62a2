//! The only room that touches the terminal: session, input, signals, frames.
