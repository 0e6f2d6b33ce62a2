//! The ways in: by server and by control, and what is told of a feature without leaving.

use super::super::enabled::{a_feature_is_here, there_are_servers};
use super::super::write::{at, close, hinted, record, when};
use super::super::{Command, CommandRecord, Scope};
use crate::app::ControlSort;

use Scope::{ControlList, ControlServers, Controls, Feature, Fleet, Guidance, Matrix};

const fn sort(
    sort: ControlSort,
    doc: &'static str,
    keys: &'static [&'static str],
) -> CommandRecord {
    let title = match sort {
        ControlSort::Catalogue => "as the baseline",
        ControlSort::Failing => "by failing",
        ControlSort::Unknown => "by unknown",
        ControlSort::Name => "by name",
    };
    record(
        Command::SortControls(sort),
        title,
        doc,
        keys,
        at(&[ControlList]),
    )
}

pub(super) const COMMANDS: &[CommandRecord] = &[
    hinted(record(
        Command::Turn,
        "other way in",
        "Turn from servers to controls, or back, and keep what is selected: the list of servers becomes that of controls, \
         a server at a feature becomes the servers of that feature.",
        &["Tab", "BackTab"],
        at(&[
            Fleet,
            Controls,
            Feature,
            ControlList,
            ControlServers,
            Matrix,
        ]),
    )),
    hinted(when(
        record(
            Command::Guidance,
            "guidance",
            "What the baseline says of the feature, what it means, what to do and what that may break.",
            &["i", "Alt-2"],
            at(&[ControlList, ControlServers, Matrix]),
        ),
        a_feature_is_here,
    )),
    close(&["i"], at(&[Guidance])),
    sort(
        ControlSort::Catalogue,
        "In the order of the baseline, as a tree.",
        &["s b"],
    ),
    sort(
        ControlSort::Failing,
        "Those first that most servers fail.",
        &["s f"],
    ),
    sort(
        ControlSort::Unknown,
        "Those first that are unknown of most servers.",
        &["s u"],
    ),
    sort(ControlSort::Name, "Sort by name.", &["s n"]),
    when(
        record(
            Command::CopyStanding,
            "standing",
            "Copy how the server stands in the feature: control, feature, verdict, severity, and the server's id.",
            &["y f"],
            at(&[ControlServers, Matrix]),
        ),
        there_are_servers,
    ),
];
