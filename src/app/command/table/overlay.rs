//! What lies over a screen, and what is written or asked.

use super::super::write::{OVERLAYS, PROMPTS, accept, close, hinted, record};
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
    hinted(close(&["Esc", "q", "h", "Left"], OVERLAYS)),
    close(&["?"], &[Help]),
    close(&["L"], &[Errors]),
    close(&["P"], &[Progress]),
    close(&["w"], &[Exemptions]),
    close(&["p"], &[Policies]),
    hinted(close(&["Esc"], PROMPTS)),
    hinted(accept(&["Enter"], &[Prompt, HelpPrompt, Tag])),
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
