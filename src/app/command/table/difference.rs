//! Two scans compared.

use super::super::enabled::a_row_is_there;
use super::super::write::{at, hinted, record, when};
use super::super::{Command, CommandRecord, Scope, Scopes};

use Scope::Difference;

const HERE: Scopes = at(&[Difference]);

pub(super) const COMMANDS: &[CommandRecord] = &[
    hinted(record(
        Command::NextChange,
        "next",
        "The next group; while a change is looked into, the next change.",
        &["n"],
        HERE,
    )),
    record(
        Command::PreviousChange,
        "previous",
        "The group before; while a change is looked into, the change before.",
        &["N"],
        HERE,
    ),
    hinted(when(
        record(
            Command::CopyChange,
            "copy",
            "Copy the change as text, with what was seen while it is looked into.",
            &["y"],
            HERE,
        ),
        a_row_is_there,
    )),
];
