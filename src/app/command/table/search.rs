//! Searching: the filter, what it completes, and finding anything.

use super::super::write::{hinted, record};
use super::super::{Command, CommandRecord, Scope};

use Scope::{Fleet, Prompt};

pub(super) const COMMANDS: &[CommandRecord] = &[
    hinted(record(
        Command::Filter,
        "filter",
        "Show only servers that match every word: in name, resource group, subscription, region, version, state or \
         tags. \"words in quotes\" match as they stand, !word must not be there. Fields such as sev:high tag:env=prod \
         ask for one thing; they are listed below under Fields.",
        &["/"],
        &[Fleet],
    )),
    record(
        Command::Complete(1),
        "complete",
        "Show the fields and values that may follow; again to take one, and again for the next.",
        &["Tab"],
        &[Prompt],
    ),
    record(
        Command::Complete(-1),
        "complete backwards",
        "The one before of what may follow.",
        &["BackTab"],
        &[Prompt],
    ),
];
