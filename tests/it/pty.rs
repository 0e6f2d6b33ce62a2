//! The explorer in a real pseudo-terminal: every ending gives the terminal back, and nothing is drawn for
//! nothing.

mod driver;
mod endings;
mod journeys;
mod live;
mod screens;
mod sessions;

use std::path::PathBuf;
use std::sync::OnceLock;

use driver::ProgramUnderTest;
use flexposture::simulator::{Fleet, FleetOptions, Options};

use crate::difference::TwoScans;
use crate::support::{TOKEN, scan_all};

/// A scan of a simulated fleet, made once for all tests.
fn scan_file() -> PathBuf {
    static FILE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, file) = FILE.get_or_init(|| {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let scanned = runtime.block_on(scan_all(
            Fleet::generate(&FleetOptions::new(jiff::Timestamp::now())),
            Options {
                essential_parameters_only: true,
                ..Options::new(TOKEN)
            },
        ));
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("fleet.flexscan");
        std::fs::copy(&scanned.done.path, &file).expect("a copy");
        (folder, file)
    });
    file.clone()
}

/// The explorer on a scan of its own.
fn explorer() -> ProgramUnderTest {
    ProgramUnderTest {
        program: env!("CARGO_BIN_EXE_flexposture").into(),
        arguments: vec!["explore".into(), "--scan".into(), scan_file().into()],
        environment: Vec::new(),
        ready: "complete",
    }
}

/// A data folder with two scans of one scope, a day apart, and a damaged newer one.
fn two_scans() -> tempfile::TempDir {
    let data = tempfile::tempdir().expect("a folder");
    let folder = data.path().join("flexposture/scans");
    std::fs::create_dir_all(&folder).expect("a folder");
    let newer = folder.join("20261102T080000Z-bbbb2222.flexscan");
    let older = folder.join("20261101T080000Z-aaaa1111.flexscan");
    std::fs::copy(scan_file(), &newer).expect("a copy");
    std::fs::copy(scan_file(), &older).expect("a copy");
    rusqlite::Connection::open(&older)
        .and_then(|connection| {
            connection.execute_batch(
                "UPDATE scan SET id = 'aaaa1111', started_at = started_at - 86400000",
            )
        })
        .expect("an older scan");
    std::fs::write(folder.join("20261103T080000Z-cccc3333.flexscan"), "junk").expect("a file");
    data
}

#[test]
fn a_scan_is_opened_from_the_list_compared_and_come_back_from() {
    let data = two_scans();
    let program = ProgramUnderTest {
        arguments: vec!["explore".into()],
        ..explorer()
    };
    let program = program.with("XDG_DATA_HOME", &data.path().display().to_string());
    screens::from_scan_to_scan(&program, data.path());
}

macro_rules! proven {
    ($($module:ident::$name:ident;)*) => {
        $(#[test]
        fn $name() {
            $module::$name(&explorer());
        })*
    };
}

proven! {
    journeys::servers_open_to_the_world_are_found_and_the_fix_is_copied;
    journeys::why_something_is_unknown_is_told_with_the_role_that_helps;
    journeys::a_control_is_exported_as_it_stands_on_the_screen;
    endings::the_quit_key;
    endings::control_c;
    endings::interrupt;
    endings::terminate;
    endings::hang_up_signal;
    endings::quit_signal;
    endings::suspended_by_key_and_continued;
    endings::suspended_by_signal_and_continued;
    endings::a_line_that_is_hung_up;
    endings::a_line_that_is_hung_up_with_the_signal_ignored;
    endings::a_line_that_is_hung_up_without_a_signal;
    endings::a_panic_on_the_drawing_thread;
    endings::a_panic_in_a_task;
    endings::a_line_that_takes_no_more;
    screens::a_storm_of_sizes;
    screens::without_colour_the_selection_is_still_seen;
    screens::nothing_is_sent_when_idle;
    screens::a_cursor_key_costs_little;
    screens::what_is_told_of_all_servers_is_made_from_the_scan;
    screens::an_auditor_is_shown_a_control_across_the_fleet;
    screens::a_paste_is_no_command;
    screens::the_palette_runs_a_command_by_its_name;
    screens::two_marked_servers_are_written_and_read_back;
    screens::an_exemption_turns_a_verdict_at_once;
    screens::standard_input_may_be_redirected;
    screens::without_a_terminal_it_says_so;
}

#[test]
fn two_scans_are_compared_and_a_finding_has_a_history() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let two = runtime.block_on(TwoScans::make());
    let explorer = ProgramUnderTest {
        arguments: vec!["explore".into(), "--scan".into(), two.to.clone().into()],
        environment: vec![("XDG_DATA_HOME", two.data().display().to_string())],
        ..explorer()
    };
    screens::two_scans(&explorer, &two.regressed);
    journeys::what_regressed_is_shown_with_both_evidences(&explorer, &two.regressed, &two.unread);
}
