//! Two scans compared.

use super::super::enabled::a_row_is_there;
use super::super::write::{hinted, record, when};
use super::super::{Command, CommandRecord, Scope};
use crate::baseline::FamilyCode;

use Scope::Difference;

const HERE: &[Scope] = &[Difference];

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
    hinted(record(
        Command::OnlyFailing,
        "failing",
        "Only what fails, of two scans in one of them; again for all.",
        &["f"],
        HERE,
    )),
    hinted(record(
        Command::OnlyUnknown,
        "unknown",
        "Only what is unknown, of two scans in one of them; again for all.",
        &["u"],
        HERE,
    )),
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
    of(
        FamilyCode::Ns,
        "Network security: servers where it is open, or the tree's place.",
        &["1"],
    ),
    of(
        FamilyCode::Im,
        "Identity management: servers where it is open, or the tree's place.",
        &["2"],
    ),
    of(
        FamilyCode::Pa,
        "Privileged access: servers where it is open, or the tree's place.",
        &["3"],
    ),
    of(
        FamilyCode::Dp,
        "Data protection: servers where it is open, or the tree's place.",
        &["4"],
    ),
    of(
        FamilyCode::Am,
        "Asset management: servers where it is open, or the tree's place.",
        &["5"],
    ),
    of(
        FamilyCode::Lt,
        "Logging and threat detection: servers where it is open, or the tree's place.",
        &["6"],
    ),
    of(
        FamilyCode::Br,
        "Backup and recovery: servers where it is open, or the tree's place.",
        &["7"],
    ),
    of(
        FamilyCode::X,
        "Beyond the baseline: servers where it is open, or the tree's place.",
        &["8"],
    ),
];

const fn of(family: FamilyCode, doc: &'static str, keys: &'static [&'static str]) -> CommandRecord {
    record(Command::Family(family), family.code(), doc, keys, HERE)
}
