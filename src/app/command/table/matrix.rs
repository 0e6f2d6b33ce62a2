//! The matrix: its columns.

use super::super::write::{at, hinted, record};
use super::super::{Command, CommandRecord, Scope};

use Scope::Matrix;

pub(super) const COMMANDS: &[CommandRecord] = &[
    record(
        Command::Left,
        "left",
        "One column to the left.",
        &["h", "Left"],
        at(&[Matrix]),
    ),
    record(
        Command::Right,
        "right",
        "One column to the right.",
        &["l", "Right"],
        at(&[Matrix]),
    ),
    record(
        Command::NextFamily,
        "next family",
        "To the first feature of the next family.",
        &["L"],
        at(&[Matrix]),
    ),
    record(
        Command::PreviousFamily,
        "previous family",
        "To the first feature of the family, then of the one before.",
        &["H"],
        at(&[Matrix]),
    ),
    record(
        Command::FirstColumn,
        "first column",
        "To the first feature.",
        &["Home", "0"],
        at(&[Matrix]),
    ),
    record(
        Command::LastColumn,
        "last column",
        "To the last feature.",
        &["End", "$"],
        at(&[Matrix]),
    ),
    hinted(record(
        Command::Summary,
        "summary",
        "One row a group with counts of failing servers, by subscription where nothing is grouped; again for all rows.",
        &["v"],
        at(&[Matrix]),
    )),
];
