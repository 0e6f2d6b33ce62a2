//! Moving over rows.

use super::super::write::{PROMPTS, ROWS, ROWS_AND_PROMPT, record};
use super::super::{Command, CommandRecord, Scope};

use Scope::Matrix;

pub(super) const COMMANDS: &[CommandRecord] = &[
    record(Command::Down, "down", "One row down.", &["j"], ROWS),
    record(Command::Up, "up", "One row up.", &["k"], ROWS),
    record(
        Command::Down,
        "down",
        "One row down.",
        &["Down", "Ctrl-n"],
        ROWS_AND_PROMPT,
    ),
    record(Command::Up, "up", "One row up.", &["Up"], ROWS_AND_PROMPT),
    record(Command::Up, "up", "One row up.", &["Ctrl-p"], PROMPTS),
    record(Command::First, "first", "To the first row.", &["g g"], ROWS),
    record(
        Command::First,
        "first",
        "To the first row.",
        &["Home"],
        ROWS.without(&[Matrix]),
    ),
    record(Command::Last, "last", "To the last row.", &["G"], ROWS),
    record(
        Command::Last,
        "last",
        "To the last row.",
        &["End"],
        ROWS.without(&[Matrix]),
    ),
    record(
        Command::HalfPageDown,
        "half a page down",
        "Half a page down.",
        &["Ctrl-d"],
        ROWS,
    ),
    record(
        Command::HalfPageUp,
        "half a page up",
        "Half a page up.",
        &["Ctrl-u"],
        ROWS,
    ),
    record(
        Command::PageDown,
        "page down",
        "A page down.",
        &["PageDown"],
        ROWS_AND_PROMPT,
    ),
    record(
        Command::PageUp,
        "page up",
        "A page up.",
        &["PageUp"],
        ROWS_AND_PROMPT,
    ),
];
