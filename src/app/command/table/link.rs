//! Addresses of what is selected.

use super::super::write::{SCAN, at, close, hinted, record};
use super::super::{Command, CommandRecord, Scope};

use Scope::{Controls, Feature, Fleet, Links};

pub(super) const COMMANDS: &[CommandRecord] = &[
    record(
        Command::Links,
        "links",
        "Addresses of what is selected: what the baseline refers to, its page, policies, and the server in the portal.",
        &["o"],
        SCAN,
    ),
    record(
        Command::CopyLink,
        "link",
        "Copy the nearest address of what is selected, or the chosen one of the list.",
        &["y l"],
        at(&[Fleet, Controls, Feature, Links]),
    ),
    hinted(record(
        Command::CopyLink,
        "link",
        "Copy the nearest address of what is selected, or the chosen one of the list.",
        &["Enter", "y y"],
        at(&[Links]),
    )),
    close(&["o"], at(&[Links])),
];
