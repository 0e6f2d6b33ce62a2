//! The program itself.

use super::super::write::{EVERYWHERE, ROWS, SCREENS, called, hinted, record};
use super::super::{Command, CommandRecord, Scope};

use Scope::{Help, Links, Saved};

pub(super) const COMMANDS: &[CommandRecord] = &[
    called(
        hinted(record(
            Command::Help,
            "help",
            "Every key, and what the symbols mean.",
            &["?", "F1"],
            ROWS.without(&[Help, Links, Saved]),
        )),
        &["h", "?"],
    ),
    called(
        hinted(record(
            Command::Quit,
            "quit",
            "End the program.",
            &["q"],
            SCREENS,
        )),
        &["q", "qa", "exit"],
    ),
    called(
        record(
            Command::QuitNow,
            "quit now",
            "End the program without a question.",
            &["Ctrl-c"],
            EVERYWHERE,
        ),
        &["q!", "qa!"],
    ),
    record(
        Command::Suspend,
        "suspend",
        "Stop the program and give the terminal back; continue with fg.",
        &["Ctrl-z"],
        EVERYWHERE,
    ),
    record(
        Command::Redraw,
        "redraw",
        "Draw everything anew.",
        &["Ctrl-l"],
        EVERYWHERE,
    ),
];
