//! Reading again.

use super::super::enabled::{can_read_again, can_read_server_again, there_is_news};
use super::super::write::{SCAN, at, hinted, record, when};
use super::super::{Command, CommandRecord, Scope};

use Scope::{ControlServers, Controls, Feature, Fleet, Matrix};

pub(super) const COMMANDS: &[CommandRecord] = &[
    when(
        hinted(record(
            Command::Refresh,
            "refresh",
            "Read again: the server in the list; within a server the family under the cursor. A few calls, into a scan of their own.",
            &["r"],
            SCAN,
        )),
        can_read_server_again,
    ),
    when(
        record(
            Command::RefreshServer,
            "refresh server",
            "Read all of this server again.",
            &["Ctrl-r"],
            at(&[Controls, Feature]),
        ),
        can_read_server_again,
    ),
    when(
        record(
            Command::RefreshShown,
            "refresh what is shown",
            "Read again the marked servers; without marks the group whose head is under the cursor, else all that the \
             filter shows. More than ten only after a question.",
            &["Ctrl-r"],
            at(&[Fleet, ControlServers, Matrix]),
        ),
        can_read_again,
    ),
    when(
        record(
            Command::RefreshFleet,
            "refresh the fleet",
            "Read everything again that this scan covers. The list stays, and its rows are replaced as they come.",
            &["R"],
            SCAN,
        ),
        can_read_again,
    ),
    when(
        record(
            Command::DismissChanges,
            "dismiss changes",
            "Take away the words that servers have changed.",
            &["D"],
            at(&[Fleet]),
        ),
        there_is_news,
    ),
];
