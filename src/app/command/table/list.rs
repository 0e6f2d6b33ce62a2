//! The lists: what is shown, in which order, and into it and out again.

use crate::baseline::FamilyCode;

use super::super::enabled::not_at_the_start;
use super::super::write::{NARROWED, PLACES, at, family, hinted, record, sort, when};
use super::super::{Command, CommandRecord, Scope};
use crate::query::SortKey;

use Scope::{
    ControlList, ControlServers, Controls, Difference, Feature, Fleet, Matrix, Scans, Trend,
    Welcome,
};

pub(super) const COMMANDS: &[CommandRecord] = &[
    hinted(record(
        Command::Filter,
        "filter",
        "Show only servers that match every word: in name, resource group, subscription, region, version, state or \
         tags. \"words in quotes\" match as they stand, !word must not be there. Fields such as sev:high tag:env=prod \
         ask for one thing; they are listed below under Fields.",
        &["/"],
        at(&[Fleet, ControlServers, Matrix]),
    )),
    hinted(record(
        Command::FilterControls,
        "filter",
        "Show only features with every word in control, family or name: LT-4, logging. Servers are filtered in their list.",
        &["/"],
        at(&[ControlList]),
    )),
    hinted(record(
        Command::Open,
        "open",
        "Into what is selected.",
        &["Enter", "l", "Right"],
        at(&[
            Welcome,
            Fleet,
            Controls,
            ControlList,
            ControlServers,
            Difference,
            Scans,
        ]),
    )),
    hinted(record(
        Command::Open,
        "open",
        "Into what is selected.",
        &["Enter"],
        at(&[Matrix, Trend]),
    )),
    hinted(when(
        record(
            Command::Back,
            "back",
            "Back to where you came from; in the list of servers, take filters away.",
            &["Esc", "Backspace"],
            PLACES,
        ),
        not_at_the_start,
    )),
    record(
        Command::Back,
        "back",
        "Back to where you came from; in the list of servers, take filters away.",
        &["h", "Left"],
        at(&[
            Controls,
            Feature,
            ControlList,
            ControlServers,
            Difference,
            Scans,
        ]),
    ),
    sort(
        SortKey::Risk,
        "Sort by risk: worst open severity first, then how many, then unknown features.",
        &["s r"],
    ),
    sort(
        SortKey::Match,
        "Sort by how well the filter matches.",
        &["s m"],
    ),
    sort(SortKey::Name, "Sort by name.", &["s n"]),
    sort(SortKey::Score, "Sort by score, lowest first.", &["s s"]),
    sort(SortKey::Region, "Sort by region.", &["s g"]),
    sort(
        SortKey::Version,
        "Sort by MySQL version, oldest first.",
        &["s v"],
    ),
    sort(SortKey::Subscription, "Sort by subscription.", &["s u"]),
    record(
        Command::InvertSort,
        "invert order",
        "Turn the order round.",
        &["S"],
        at(&[Fleet, Matrix]),
    ),
    hinted(record(
        Command::OnlyFailing,
        "failing",
        "Only what fails; again for all.",
        &["f"],
        NARROWED,
    )),
    hinted(record(
        Command::OnlyUnknown,
        "unknown",
        "Only what is unknown; again for all.",
        &["u"],
        NARROWED,
    )),
    family(
        FamilyCode::Ns,
        "Network security: servers where it is open, or the tree's place.",
        &["1"],
    ),
    family(
        FamilyCode::Im,
        "Identity management: servers where it is open, or the tree's place.",
        &["2"],
    ),
    family(
        FamilyCode::Pa,
        "Privileged access: servers where it is open, or the tree's place.",
        &["3"],
    ),
    family(
        FamilyCode::Dp,
        "Data protection: servers where it is open, or the tree's place.",
        &["4"],
    ),
    family(
        FamilyCode::Am,
        "Asset management: servers where it is open, or the tree's place.",
        &["5"],
    ),
    family(
        FamilyCode::Lt,
        "Logging and threat detection: servers where it is open, or the tree's place.",
        &["6"],
    ),
    family(
        FamilyCode::Br,
        "Backup and recovery: servers where it is open, or the tree's place.",
        &["7"],
    ),
    family(
        FamilyCode::X,
        "Beyond the baseline: servers where it is open, or the tree's place.",
        &["8"],
    ),
];
