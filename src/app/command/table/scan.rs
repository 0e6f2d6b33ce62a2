//! Scans: starting, stopping, looking at them run.

use super::super::enabled::{no_scan_runs, scan_runs, there_is_progress};
use super::super::write::{SCREENS, at, hinted, record, when};
use super::super::{Command, CommandRecord, Scope};

use Scope::{Controls, Feature, Fleet, Matrix, Progress, Welcome};

pub(super) const COMMANDS: &[CommandRecord] = &[
    when(
        hinted(record(
            Command::StartDemo,
            "demo",
            "Scan a simulated fleet: no credentials, nothing leaves this machine.",
            &["d"],
            at(&[Welcome]),
        )),
        no_scan_runs,
    ),
    when(
        hinted(record(
            Command::StartScan,
            "scan",
            "Read every server that your Azure credentials can see. Nothing is changed.",
            &["s"],
            at(&[Welcome]),
        )),
        no_scan_runs,
    ),
    when(
        record(
            Command::CancelScan,
            "stop scan",
            "Stop the running scan, after a question; what has been read is kept.",
            &["x"],
            at(&[Welcome, Fleet, Controls, Feature, Progress]),
        ),
        scan_runs,
    ),
    when(
        record(
            Command::Progress,
            "progress",
            "How far the scan is, by subscription, with pauses and errors.",
            &["P"],
            SCREENS,
        ),
        there_is_progress,
    ),
    record(
        Command::Errors,
        "errors",
        "What went wrong in this session.",
        &["L"],
        SCREENS.without(&[Matrix]),
    ),
    record(
        Command::Errors,
        "errors",
        "What went wrong in this session.",
        &["g l"],
        SCREENS,
    ),
];
