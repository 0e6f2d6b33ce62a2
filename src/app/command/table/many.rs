//! Many servers at once: marks, files, fixes, exemptions; and the forms that ask about them.

use super::super::enabled::{always, exemptions_can_be_added, there_are_marks, there_are_servers};
use super::super::write::{accept, at, close, hinted, record, when};
use super::super::{Command, CommandRecord, Scope, Scopes};

use Scope::{
    ControlList, ControlServers, Controls, Difference, Feature, Fleet, Form, FormText, Matrix,
    Permissions, Policies,
};

const MARKED: Scopes = at(&[Fleet]);
/// Where servers are listed.
const LISTS: Scopes = at(&[Fleet, ControlServers]);
const SHOWN: Scopes = at(&[
    Fleet,
    Controls,
    Feature,
    ControlList,
    ControlServers,
    Matrix,
    Difference,
    Policies,
    Permissions,
]);
const FORM: Scopes = at(&[Form, FormText]);

pub(super) const COMMANDS: &[CommandRecord] = &[
    hinted(when(
        record(
            Command::Mark,
            "mark",
            "Mark the server, or take its mark away, and go one row down; on the head of a group, all its servers. Copying, files, fix scripts and exemptions are \
             about the marked servers then, shown or not. Esc takes filters away and leaves the marks.",
            &["Space"],
            LISTS,
        ),
        there_are_servers,
    )),
    when(
        record(
            Command::MarkRange,
            "mark range",
            "Mark every row from the last mark to the cursor.",
            &["V"],
            MARKED,
        ),
        there_are_servers,
    ),
    when(
        record(
            Command::MarkShown,
            "mark all shown",
            "Mark every server that is shown; when all of them are marked, none.",
            &["*"],
            LISTS,
        ),
        there_are_servers,
    ),
    when(
        record(
            Command::OnlyMarked,
            "only marked",
            "Only marked servers; again for all.",
            &["M"],
            MARKED,
        ),
        there_are_marks,
    ),
    when(
        record(
            Command::Unmark,
            "unmark all",
            "Take all marks away, also those of servers that are not shown.",
            &["U"],
            LISTS,
        ),
        there_are_marks,
    ),
    hinted(when(
        record(
            Command::Export,
            "export",
            "Write what is shown to a file: CSV, JSON, Markdown or text; with marks, the marked servers only.",
            &["e"],
            SHOWN,
        ),
        always,
    )),
    when(
        record(
            Command::FixScript,
            "fix script",
            "One script with the commands for the marked servers, or for all that are shown: to be read, never run here.",
            &["y x"],
            LISTS,
        ),
        there_are_servers,
    ),
    when(
        record(
            Command::Exempt,
            "exempt",
            "Exempt the server, or all marked ones: why, who answers for it, until when; written to the file of \
             exemptions.",
            &["W"],
            at(&[Fleet, ControlServers, Controls, Feature]),
        ),
        exemptions_can_be_added,
    ),
    hinted(accept(&["Enter"], FORM)),
    hinted(close(&["Esc"], FORM)),
    hinted(record(
        Command::NextField,
        "next field",
        "The next field.",
        &["Tab", "Down"],
        FORM,
    )),
    record(
        Command::PreviousField,
        "previous field",
        "The previous field.",
        &["BackTab", "Up"],
        FORM,
    ),
    hinted(record(
        Command::NextChoice,
        "next choice",
        "The next choice.",
        &["Right", "l", "Space"],
        at(&[Form]),
    )),
    record(
        Command::PageDown,
        "page down",
        "The rest of the text.",
        &["PageDown", "Ctrl-d"],
        FORM,
    ),
    record(
        Command::PageUp,
        "page up",
        "Back to the start of the text.",
        &["PageUp"],
        FORM,
    ),
    record(
        Command::PreviousChoice,
        "previous choice",
        "The previous choice.",
        &["Left", "h"],
        at(&[Form]),
    ),
    record(
        Command::NextField,
        "next field",
        "The next field.",
        &["j"],
        at(&[Form]),
    ),
    record(
        Command::PreviousField,
        "previous field",
        "The previous field.",
        &["k"],
        at(&[Form]),
    ),
];
