//! Addresses of what is selected.

use super::super::enabled::link_is_there;
use super::super::write::{SCAN, at, close, hinted, record, when};
use super::super::{Command, CommandRecord, Scope};

use Scope::{Controls, Feature, Fleet, Links};

pub(super) const COMMANDS: &[CommandRecord] = &[
    when(
        record(
            Command::Links,
            "links",
            "Addresses of what is selected: what the baseline refers to, its page, policies, and the server in the portal.",
            &["o"],
            SCAN,
        ),
        link_is_there,
    ),
    when(
        record(
            Command::CopyLink,
            "link",
            "Copy the nearest address of what is selected, or the chosen one of the list.",
            &["y l"],
            at(&[Fleet, Controls, Feature, Links]),
        ),
        link_is_there,
    ),
    when(
        hinted(record(
            Command::CopyLink,
            "link",
            "Copy the nearest address of what is selected, or the chosen one of the list.",
            &["Enter", "y y"],
            at(&[Links]),
        )),
        link_is_there,
    ),
    close(&["o"], at(&[Links])),
];
