//! Copying to the clipboard.

use super::super::enabled::{finding_is_there, fix_is_there, role_is_there, there_are_servers};
use super::super::write::{SERVER, at, record, when};
use super::super::{Command, CommandRecord, Scope, Scopes};

use Scope::{ControlServers, Controls, Feature, Fleet, Matrix, Permissions};

/// Where a server is shown.
const SERVERS: Scopes = at(&[Fleet, ControlServers, Matrix, Controls, Feature]);

pub(super) const COMMANDS: &[CommandRecord] = &[
    when(
        record(
            Command::CopyServerId,
            "server id",
            "Copy the server's resource id to the clipboard.",
            &["y i", "y y"],
            SERVERS,
        ),
        there_are_servers,
    ),
    when(
        record(
            Command::CopyServerName,
            "server name",
            "Copy the server's name.",
            &["y n"],
            SERVERS,
        ),
        there_are_servers,
    ),
    when(
        record(
            Command::CopyFinding,
            "finding",
            "Copy the finding as text.",
            &["y f"],
            SERVER,
        ),
        finding_is_there,
    ),
    when(
        record(
            Command::CopyFix,
            "fix",
            "Copy the commands that would make the finding hold. Nothing is run.",
            &["y x"],
            SERVER,
        ),
        fix_is_there,
    ),
    when(
        record(
            Command::CopyCommand,
            "command",
            "Copy the command line that prints the server's findings.",
            &["y c"],
            SERVERS,
        ),
        there_are_servers,
    ),
    when(
        record(
            Command::CopyRole,
            "role",
            "Copy the smallest role that grants what is missing, as the file that the Azure CLI takes.",
            &["y r", "y y"],
            at(&[Permissions]),
        ),
        role_is_there,
    ),
];
