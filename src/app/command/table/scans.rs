//! The scans that are kept: going through them, and looking after their files.

use super::super::enabled::{a_scan_is_open, a_scan_is_selected, no_scan_runs};
use super::super::write::{at, hinted, record, when};
use super::super::{Command, CommandRecord, Scope, Scopes};
use crate::app::{ScansCommand, ScansSort, State};
use crate::baseline::FamilyCode;

use Scope::{ControlList, ControlServers, Controls, Feature, Fleet, Matrix, Scans, Trend, Welcome};

/// Where another scan keeps the place.
const STAYS: Scopes = at(&[
    Fleet,
    Controls,
    Feature,
    ControlList,
    ControlServers,
    Matrix,
]);

const LIST: Scopes = at(&[Scans]);

pub(super) const COMMANDS: &[CommandRecord] = &[
    hinted(when(
        of(
            ScansCommand::OpenNewest,
            "open newest",
            "Open the newest scan that is kept on this machine.",
            &["o"],
            at(&[Welcome]),
        ),
        there_are_scans,
    )),
    when(
        of(
            ScansCommand::Previous,
            "previous scan",
            "The scan of the same scope before this one, at the same place.",
            &["["],
            STAYS,
        ),
        another_can_be_opened,
    ),
    when(
        of(
            ScansCommand::Next,
            "next scan",
            "The scan of the same scope after this one, at the same place.",
            &["]"],
            STAYS,
        ),
        another_can_be_opened,
    ),
    hinted(when(
        of(
            ScansCommand::Compare,
            "compare",
            "Compare with the scan chosen by Space, else with the one before it of the same scope.",
            &["d"],
            LIST,
        ),
        a_scan_is_selected,
    )),
    hinted(when(
        of(
            ScansCommand::Choose,
            "choose",
            "Choose this scan to compare another one with; again, none.",
            &["Space"],
            LIST,
        ),
        a_scan_is_selected,
    )),
    hinted(of(
        ScansCommand::Filter,
        "filter",
        "Show only scans with every word in id, scope, time or state.",
        &["/"],
        LIST,
    )),
    hinted(when(
        of(
            ScansCommand::Resume,
            "go on",
            "Go on with a scan that was broken off or stopped: what it read is kept, and what is missing, unread or older \
             than a day is read.",
            &["r"],
            LIST,
        ),
        a_scan_is_selected,
    )),
    when(
        of(
            ScansCommand::CopyFile,
            "copy file",
            "Copy the file to a path, never over another file without a question.",
            &["e"],
            LIST,
        ),
        a_scan_is_selected,
    ),
    hinted(when(
        of(
            ScansCommand::Delete,
            "delete",
            "Delete the file, after a question; never one that is open, being written, or that another one is laid over.",
            &["x", "D"],
            LIST,
        ),
        a_scan_is_selected,
    )),
    when(
        of(
            ScansCommand::Verify,
            "verify",
            "Look whether the file is still what was written: its documents beside its digest.",
            &["v"],
            LIST,
        ),
        a_scan_is_selected,
    ),
    when(
        of(
            ScansCommand::CopyPath,
            "path",
            "Copy the path of the file to the clipboard.",
            &["y p", "y y"],
            LIST,
        ),
        a_scan_is_selected,
    ),
    when(
        of(
            ScansCommand::CopyId,
            "scan id",
            "Copy the id of the scan to the clipboard.",
            &["y i"],
            LIST,
        ),
        a_scan_is_selected,
    ),
    sort(
        ScansSort::Time,
        "by time",
        "Sort by time, the newest first.",
        &["s t"],
    ),
    sort(
        ScansSort::Size,
        "by size",
        "Sort by the size of the file.",
        &["s b"],
    ),
    sort(
        ScansSort::Servers,
        "by servers",
        "Sort by the number of servers.",
        &["s n"],
    ),
    sort(
        ScansSort::Score,
        "by score",
        "Sort by score, lowest first.",
        &["s s"],
    ),
    of(
        ScansCommand::Invert,
        "invert order",
        "Turn the order round.",
        &["S"],
        LIST,
    ),
    hinted(of(
        ScansCommand::Earlier,
        "earlier",
        "To the scan before.",
        &["h", "Left"],
        at(&[Trend]),
    )),
    hinted(of(
        ScansCommand::Later,
        "later",
        "To the scan after.",
        &["l", "Right"],
        at(&[Trend]),
    )),
    hinted(when(
        of(
            ScansCommand::Compare,
            "compare",
            "Compare the scan under the cursor with the one before it.",
            &["d"],
            at(&[Trend]),
        ),
        a_scan_is_open_or_listed,
    )),
    of(
        ScansCommand::AllFamilies,
        "all families",
        "All families of the baseline together.",
        &["0"],
        at(&[Trend]),
    ),
    family(FamilyCode::Ns, "Network security; again, all.", &["1"]),
    family(FamilyCode::Im, "Identity management, likewise.", &["2"]),
    family(FamilyCode::Pa, "Privileged access, likewise.", &["3"]),
    family(FamilyCode::Dp, "Data protection, likewise.", &["4"]),
    family(FamilyCode::Am, "Asset management, likewise.", &["5"]),
    family(
        FamilyCode::Lt,
        "Logging and threat detection, likewise.",
        &["6"],
    ),
    family(FamilyCode::Br, "Backup and recovery, likewise.", &["7"]),
    family(FamilyCode::X, "Beyond the baseline, likewise.", &["8"]),
];

const fn of(
    command: ScansCommand,
    title: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    scopes: Scopes,
) -> CommandRecord {
    record(Command::Scans(command), title, doc, keys, scopes)
}

const fn sort(
    by: ScansSort,
    title: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
) -> CommandRecord {
    of(ScansCommand::Sort(by), title, doc, keys, LIST)
}

const fn family(
    code: FamilyCode,
    doc: &'static str,
    keys: &'static [&'static str],
) -> CommandRecord {
    record(Command::Family(code), code.code(), doc, keys, at(&[Trend]))
}

fn there_are_scans(state: &State) -> Result<(), &'static str> {
    no_scan_runs(state)?;
    match state.welcome_scans().next() {
        Some(_) => Ok(()),
        None => Err("there is no scan that can be opened"),
    }
}

fn another_can_be_opened(state: &State) -> Result<(), &'static str> {
    a_scan_is_open(state)?;
    no_scan_runs(state)
}

fn a_scan_is_open_or_listed(state: &State) -> Result<(), &'static str> {
    if state.trend.scope.is_some() {
        Ok(())
    } else {
        Err("there is no scan to compare")
    }
}
