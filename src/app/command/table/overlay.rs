//! What lies over a screen, and what is written or asked.

use super::super::write::{OVERLAYS, PROMPTS, hinted, record};
use super::super::{Command, CommandRecord, Scope};

use Scope::{Confirm, Errors, Exemptions, Help, HelpPrompt, Policies, Progress, Prompt};

const CLOSE: &str = "Close this; a line that is being written becomes what it was before.";

const fn close(keys: &'static [&'static str], scopes: &'static [Scope]) -> CommandRecord {
    record(Command::Close, "close", CLOSE, keys, scopes)
}

pub(super) const COMMANDS: &[CommandRecord] = &[
    hinted(record(
        Command::Search,
        "search",
        "Search in the help.",
        &["/"],
        &[Help],
    )),
    hinted(close(&["Esc", "q", "h", "Left"], OVERLAYS)),
    close(&["?"], &[Help]),
    close(&["L"], &[Errors]),
    close(&["P"], &[Progress]),
    close(&["w"], &[Exemptions]),
    close(&["p"], &[Policies]),
    hinted(close(&["Esc"], PROMPTS)),
    hinted(record(
        Command::Accept,
        "keep",
        "Keep what was written.",
        &["Enter"],
        &[Prompt, HelpPrompt],
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
