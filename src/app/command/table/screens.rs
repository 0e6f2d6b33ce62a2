//! From anywhere to a screen, and what lies over one.

use super::super::write::{PLACES, SCREENS, at, record, screen};
use super::super::{Command, CommandRecord, Scope, Scopes};
use crate::app::Screen;

use Scope::{ControlList, ControlServers, Controls, Difference, Feature, Fleet, Matrix};

/// Where the scan that is compared is the open one.
const HERE: Scopes = at(&[
    Fleet,
    Controls,
    Feature,
    ControlList,
    ControlServers,
    Matrix,
    Difference,
]);

pub(super) const COMMANDS: &[CommandRecord] = &[
    record(
        Command::Policies,
        "policies",
        "Every policy over all servers: what it can evaluate, where it is assigned, what Azure says and what was read; \
         and where no policy looks.",
        &["g p", "p"],
        PLACES,
    ),
    record(
        Command::Exemptions,
        "exemptions",
        "Our exemptions with what is left of them and what they cover, and those of Azure Policy.",
        &["g e", "w"],
        PLACES,
    ),
    record(
        Command::Permissions,
        "permissions",
        "Which permissions would turn what is unknown into answers, and the role that grants them.",
        &["g a"],
        PLACES,
    ),
    screen(
        Screen::Controls,
        "controls",
        "Every feature of the baseline over all servers, and from there the servers of each.",
        &["g c"],
        PLACES,
    ),
    screen(
        Screen::Matrix,
        "matrix",
        "All servers by all features, as a map.",
        &["g m", "m"],
        PLACES,
    ),
    screen(
        Screen::Difference,
        "difference",
        "What has changed since an earlier scan.",
        &["g d"],
        PLACES,
    ),
    screen(
        Screen::Difference,
        "difference",
        "What has changed since an earlier scan.",
        &["d"],
        HERE,
    ),
    screen(
        Screen::Trend,
        "trend",
        "Scores and counts over the scans that are kept.",
        &["g t"],
        PLACES,
    ),
    screen(
        Screen::Scans,
        "scans",
        "The scans that are kept on this machine.",
        &["g s"],
        SCREENS,
    ),
];
