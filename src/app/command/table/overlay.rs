//! What lies over a screen, and what is written or asked.

use super::super::write::{OVERLAYS, hinted, record};
use super::super::{Command, CommandRecord, Scope};

use Scope::{Confirm, Errors, Exemptions, Help, HelpPrompt, Policies, Progress, Prompt, Tag};

pub(super) const COMMANDS: &[CommandRecord] = &[
    hinted(record(
        Command::Search,
        "search",
        "Search in the help.",
        &["/"],
        &[Help],
    )),
    hinted(record(
        Command::Close,
        "close",
        "Close this.",
        &["Esc", "q", "h", "Left"],
        OVERLAYS,
    )),
    record(Command::Close, "close", "Close this.", &["?"], &[Help]),
    record(Command::Close, "close", "Close this.", &["L"], &[Errors]),
    record(Command::Close, "close", "Close this.", &["P"], &[Progress]),
    record(
        Command::Close,
        "close",
        "Close this.",
        &["w"],
        &[Exemptions],
    ),
    record(Command::Close, "close", "Close this.", &["p"], &[Policies]),
    hinted(record(
        Command::Accept,
        "keep",
        "Keep what was written.",
        &["Enter"],
        &[Prompt, HelpPrompt, Tag],
    )),
    hinted(record(
        Command::Close,
        "undo",
        "Leave what was written, as it was before.",
        &["Esc"],
        &[Prompt, HelpPrompt, Tag],
    )),
    hinted(record(
        Command::Yes,
        "yes",
        "Yes.",
        &["y", "Enter"],
        &[Confirm],
    )),
    hinted(record(
        Command::No,
        "no",
        "No.",
        &["n", "Esc", "q"],
        &[Confirm],
    )),
];
