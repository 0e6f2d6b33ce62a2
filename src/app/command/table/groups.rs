//! The list of servers: groups and columns.

use super::super::enabled::there_is_a_way_out;
use super::super::write::{at, close, hinted, record, when};
use super::super::{Command, CommandRecord, GroupKind, Scope};

use Scope::{Columns, Fleet, Matrix, Tag};

const fn group(kind: GroupKind, doc: &'static str, keys: &'static [&'static str]) -> CommandRecord {
    let title = match kind {
        GroupKind::Nothing => "no groups",
        GroupKind::Subscription => "by subscription",
        GroupKind::ResourceGroup => "by resource group",
        GroupKind::Region => "by region",
        GroupKind::Tag => "by tag",
        GroupKind::Version => "by version",
    };
    record(
        Command::GroupBy(kind),
        title,
        doc,
        keys,
        at(&[Fleet, Matrix]),
    )
}

pub(super) const COMMANDS: &[CommandRecord] = &[
    group(
        GroupKind::Subscription,
        "Group the servers by subscription, worst group first.",
        &["z s"],
    ),
    group(
        GroupKind::ResourceGroup,
        "Group them by resource group.",
        &["z g"],
    ),
    group(GroupKind::Region, "Group them by region.", &["z r"]),
    group(
        GroupKind::Tag,
        "Group them by the value of a tag whose name is asked for.",
        &["z t"],
    ),
    group(
        GroupKind::Version,
        "Group them by MySQL version, without its last part.",
        &["z v"],
    ),
    group(GroupKind::Nothing, "No groups.", &["z n"]),
    record(
        Command::Fold,
        "fold",
        "Hide the servers of the group, or show them again.",
        &["z a"],
        at(&[Fleet, Matrix]),
    ),
    record(
        Command::FoldAll,
        "fold all",
        "Hide the servers of every group.",
        &["z M"],
        at(&[Fleet, Matrix]),
    ),
    record(
        Command::UnfoldAll,
        "unfold all",
        "Show the servers of every group.",
        &["z R"],
        at(&[Fleet, Matrix]),
    ),
    when(
        record(
            Command::GoOut,
            "out",
            "Out of the group, which folds; without groups, take filters away.",
            &["h", "Left"],
            at(&[Fleet]),
        ),
        there_is_a_way_out,
    ),
    hinted(record(
        Command::Columns,
        "columns",
        "Choose which columns the list shows, and in which order.",
        &["c"],
        at(&[Fleet]),
    )),
    hinted(record(
        Command::ToggleColumn,
        "show",
        "Show the column, or hide it.",
        &["Space", "Enter", "x"],
        at(&[Columns]),
    )),
    hinted(record(
        Command::ColumnDown,
        "move down",
        "Move the column one place to the right in the list.",
        &["J"],
        at(&[Columns]),
    )),
    hinted(record(
        Command::ColumnUp,
        "move up",
        "Move the column one place to the left in the list.",
        &["K"],
        at(&[Columns]),
    )),
    hinted(record(
        Command::ColumnTag,
        "tag",
        "Choose whose tag's values the column of a tag shows.",
        &["t"],
        at(&[Columns]),
    )),
    hinted(record(
        Command::AutomaticColumns,
        "automatic",
        "As many columns as there is room for, as without a choice.",
        &["a"],
        at(&[Columns]),
    )),
    close(&["c"], at(&[Columns])),
    hinted(record(
        Command::CompleteTag,
        "complete",
        "Write the name that is meant; again for the next one.",
        &["Tab"],
        at(&[Tag]),
    )),
];
