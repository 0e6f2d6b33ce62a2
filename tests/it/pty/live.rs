//! Reading again and following, from the keys to the screen and back.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use flexposture::simulator::{
    Fleet, FleetOptions, Options, Quota, Running as Simulated, Simulator,
};
use flexposture::store::{Completeness, Scan, beside};

use super::driver::{ProgramUnderTest, Running};
use crate::support::TOKEN;

fn program(arguments: &[&str], ready: &'static str) -> ProgramUnderTest {
    ProgramUnderTest {
        program: env!("CARGO_BIN_EXE_flexposture").into(),
        arguments: arguments.iter().map(Into::into).collect(),
        environment: Vec::new(),
        ready,
    }
}

#[test]
fn a_server_of_the_demo_is_read_again_and_what_changed_is_said() {
    // Everybody is changed before the second look.
    let demo = program(&["demo", "--servers", "12", "--drift", "12"], "complete");
    let mut running = Running::ready(&demo, 120, 40);
    running.send("sn");
    running.send("r");
    running.wait_text("was read again:");
    running.wait_text("refreshed once");
    running.send("R");
    running.wait_text("the fleet was read again:");
    // Rows that changed say so.
    running.wait_for("a marked row", |running| {
        ["!worse", "+better", "~changed"]
            .iter()
            .any(|word| running.text().contains(word))
    });
    running.send("q");
    assert_eq!(running.wait_exit().code, 0);
}

#[test]
fn watch_mode_marks_what_changes_by_itself() {
    let demo = program(
        &["demo", "--servers", "12", "--drift", "12", "--watch", "1s"],
        "complete",
    );
    let mut running = Running::ready(&demo, 120, 40);
    running.wait_for("a marked row", |running| {
        ["!worse", "+better", "~changed"]
            .iter()
            .any(|word| running.text().contains(word))
    });
    running.send("\x03");
    running.wait_exit();
}

/// An endpoint and a process that scans it into a file.
struct Scanning {
    child: Child,
    file: PathBuf,
    folder: tempfile::TempDir,
    simulator: Simulated,
    _runtime: tokio::runtime::Runtime,
}

impl Scanning {
    fn start(servers: usize) -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let fleet = Fleet::generate(&FleetOptions {
            servers,
            ..FleetOptions::new(jiff::Timestamp::now())
        });
        let options = Options {
            latency: std::time::Duration::from_millis(50),
            quota: Quota::Unlimited,
            essential_parameters_only: true,
            ..Options::new(TOKEN)
        };
        let simulator = runtime
            .block_on(Simulator::start(fleet, options, ([127, 0, 0, 1], 0).into()))
            .expect("a free port");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("growing.flexscan");
        let child = Command::new(env!("CARGO_BIN_EXE_flexposture"))
            .args(["scan", "--arm-endpoint", &simulator.endpoint(), "--out"])
            .arg(&file)
            .env("FLEXPOSTURE_TOKEN", TOKEN)
            .env("HOME", folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let scanning = Self {
            child,
            file,
            folder,
            simulator,
            _runtime: runtime,
        };
        scanning.wait_for_servers();
        scanning
    }

    fn wait_for_servers(&self) {
        let some = |file: &Path| {
            let info = Scan::open(file).and_then(|scan| scan.info());
            info.is_ok_and(|info| info.servers > 0)
        };
        let since = std::time::Instant::now();
        while !some(&self.file) {
            assert!(since.elapsed().as_secs() < 60, "no server came");
            std::thread::yield_now();
        }
    }

    fn explorer(&self) -> Running {
        let file = self.file.to_str().expect("a name");
        Running::ready(&program(&["explore", "--scan", file], "running"), 120, 40)
    }
}

impl Drop for Scanning {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_scan_that_another_process_writes_is_followed_to_its_end() {
    let mut scanning = Scanning::start(100);
    let mut running = scanning.explorer();
    running.wait_text("complete");
    running.wait_text("100 servers");
    assert!(scanning.child.wait().expect("an end").code().is_some());
    assert!(!beside(&scanning.file).exists(), "it leaves no lock");
    running.send("q");
    assert_eq!(running.wait_exit().code, 0);
}

#[test]
fn a_scan_whose_writer_was_killed_is_said_to_grow_no_longer_and_can_be_explored() {
    let mut scanning = Scanning::start(600);
    let mut running = scanning.explorer();
    scanning.child.kill().expect("killed");
    running.wait_text("no longer growing");
    running.wait_text("incomplete");
    running.send("\r");
    running.wait_text("Network Security");
    running.send("q");
    assert_eq!(running.wait_exit().code, 0);
    // What the lock of the killed writer was is cleared away.
    assert!(!beside(&scanning.file).exists());
    // Whoever comes later is told the same.
    let file = scanning.file.to_str().expect("a name").to_owned();
    let explore = program(&["explore", "--scan", &file], "incomplete");
    let mut later = Running::ready(&explore, 120, 40);
    later.send("q");
    assert_eq!(later.wait_exit().code, 0);
}

#[test]
fn a_scan_that_was_broken_off_is_gone_on_with_from_the_list_of_scans() {
    let mut scanning = Scanning::start(200);
    scanning.child.kill().expect("killed");
    scanning.child.wait().expect("an end");
    let held = Scan::open(&scanning.file).and_then(|scan| scan.info());
    assert!(held.expect("a scan").servers < 200, "it came to its end");
    let (file, folder) = (scanning.file.clone(), scanning.folder.path().to_owned());
    let words = |path: &Path| path.to_str().expect("a name").to_owned();
    let endpoint = scanning.simulator.endpoint();
    let explore = program(
        &[
            "--store",
            &words(&folder),
            "explore",
            "--scan",
            &words(&file),
            "--arm-endpoint",
            &endpoint,
        ],
        "incomplete",
    )
    .with("FLEXPOSTURE_TOKEN", TOKEN);
    let mut running = Running::ready(&explore, 120, 40);
    running.send("gs");
    running.wait_text("broken off");
    running.send("r");
    running.wait_text("Progress");
    running.wait_text("Ended, complete");
    running.send("\x1b");
    running.wait_for("the list", |it| !it.text().contains("Ended, complete"));
    running.wait_text("200 servers");
    // What is complete has nothing to go on with.
    running.send("gs");
    running.wait_text("Scans");
    running.send("r");
    running.wait_text("this scan is complete");
    running.send("q");
    assert_eq!(running.wait_exit().code, 0);
    let info = Scan::open(&file).and_then(|scan| scan.info());
    let info = info.expect("a scan");
    assert_eq!(
        (info.servers, info.completeness),
        (200, Completeness::Complete)
    );
}
