//! What lies over a screen, and what is written or asked.

use super::super::write::{OVERLAYS, PROMPTS, accept, at, close, hinted, record};
use super::super::{Command, CommandRecord, Scope};

use Scope::{Confirm, Errors, Exemptions, Help, HelpPrompt, Policies, Progress, Prompt, Tag};

pub(super) const COMMANDS: &[CommandRecord] = &[
    hinted(record(
        Command::Search,
        "search",
        "Search in the help.",
        &["/"],
        at(&[Help]),
    )),
    hinted(close(&["Esc", "q", "h", "Left"], OVERLAYS)),
    close(&["?"], at(&[Help])),
    close(&["L"], at(&[Errors])),
    close(&["P"], at(&[Progress])),
    close(&["w"], at(&[Exemptions])),
    close(&["p"], at(&[Policies])),
    hinted(close(&["Esc"], PROMPTS)),
    hinted(accept(&["Enter"], at(&[Prompt, HelpPrompt, Tag]))),
    hinted(record(
        Command::Yes,
        "yes",
        "Yes.",
        &["y", "Enter"],
        at(&[Confirm]),
    )),
    hinted(record(
        Command::No,
        "no",
        "No.",
        &["n", "Esc", "q"],
        at(&[Confirm]),
    )),
];
