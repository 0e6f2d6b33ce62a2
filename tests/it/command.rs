//! The program itself, in a process of its own: what it leaves behind when it is stopped, killed or out of room, and what
//! reaches the terminal of whoever runs it.

mod handover;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use flexposture::baseline::FeatureId;
use flexposture::posture::{Judge, Ruleset};
use flexposture::simulator::{Fault, Faults, Mishap, Running};
use flexposture::store::{Completeness, Folder, Scan, ScanInfo};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::{TOKEN, fleet, simulate, unlimited};

/// A home of its own for one program.
pub struct Home(tempfile::TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flexposture"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.0.path())
            .env("XDG_DATA_HOME", self.0.path().join("data"))
            .env("FLEXPOSTURE_TOKEN", TOKEN)
            .env("TZ", "UTC")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    pub async fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().await.expect("a program")
    }

    pub fn scans(&self) -> Vec<ScanInfo> {
        Folder::at(self.folder())
            .list(&Judge::by(Ruleset::default()), None)
            .expect("a folder")
            .into_iter()
            .map(|listed| listed.scan.expect("readable").info)
            .collect()
    }

    pub fn folder(&self) -> PathBuf {
        self.0.path().join("data/flexposture/scans")
    }
}

/// An endpoint whose parameters come so slowly that a scan is never over before it is stopped.
async fn slow(servers: usize) -> Running {
    let faults = Faults::none().and(Fault {
        path: "*/configurations".to_owned(),
        turns: flexposture::simulator::Turns::PerMille(500),
        mishap: Mishap::Slow {
            piece: 1_000,
            pause: Duration::from_millis(300),
        },
    });
    simulate(fleet(servers), unlimited(faults)).await
}

/// Waits until a scan of the folder holds a server.
async fn until_something_is_stored(folder: &Path) {
    for _ in 0..600 {
        let stored = Folder::at(folder.to_owned())
            .find(&flexposture::store::ScanChoice::Newest)
            .and_then(|path| Scan::open(&path)?.info())
            .is_ok_and(|info| info.servers > 0);
        if stored {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing was stored within half a minute");
}

fn signal(child: &tokio::process::Child, signal: rustix::process::Signal) {
    let id = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .expect("it runs");
    let id = rustix::process::Pid::from_raw(id).expect("an id");
    rustix::process::kill_process(id, signal).expect("it runs");
}

#[tokio::test]
async fn a_scan_that_is_terminated_keeps_what_was_read_and_one_that_is_killed_opens() {
    for (how, expected, code) in [
        (
            rustix::process::Signal::TERM,
            Completeness::Cancelled,
            Some(130),
        ),
        (
            rustix::process::Signal::KILL,
            Completeness::Unfinished,
            None,
        ),
    ] {
        let running = slow(200).await;
        let home = Home::new();
        let endpoint = running.endpoint();
        let mut child = home
            .command(&["scan", "--arm-endpoint", &endpoint])
            .spawn()
            .expect("a program");
        until_something_is_stored(&home.folder()).await;
        signal(&child, how);
        let status = child.wait().await.expect("an end");
        assert_eq!(status.code(), code);
        let [info] = &home.scans()[..] else {
            panic!("one scan")
        };
        assert_eq!(info.completeness, expected);
        assert!(info.servers > 0);
        let findings = home.run(&["findings", "--all", "--json"]).await;
        assert!(findings.status.success());
        let findings: Value = serde_json::from_slice(&findings.stdout).expect("JSON");
        let servers = findings.as_array().expect("a list").len() / FeatureId::COUNT;
        assert_eq!(servers as u64, info.servers);
    }
}

#[tokio::test]
async fn a_scan_that_cannot_begin_leaves_no_file_behind() {
    let refused = Mishap::Answer {
        status: 401,
        headers: Vec::new(),
        body: json!({"error": {"code": "ExpiredAuthenticationToken", "message": "expired"}})
            .to_string(),
    };
    let faults = Faults::none().and(Fault::always("/subscriptions", refused));
    let running = simulate(fleet(3), unlimited(faults)).await;
    let home = Home::new();
    let output = home
        .run(&["scan", "--arm-endpoint", &running.endpoint()])
        .await;
    assert_eq!(output.status.code(), Some(3));
    let error = String::from_utf8(output.stderr).expect("text");
    assert!(error.contains("ExpiredAuthenticationToken"), "{error}");
    assert!(!error.contains(TOKEN), "{error}");
    assert_eq!(
        std::fs::read_dir(home.folder()).expect("a folder").count(),
        0
    );
}

#[tokio::test]
async fn a_full_disk_and_a_folder_that_refuses_are_told_with_the_file() {
    let running = simulate(fleet(60), unlimited(Faults::none())).await;
    let endpoint = running.endpoint();
    // Room for nothing but the tables, and room for some servers. In blocks of 512 bytes.
    for (blocks, left) in [(50, 0), (420, 1)] {
        let home = Home::new();
        let mut limited = Command::new("/bin/sh");
        limited
            .arg("-c")
            .arg(format!(
                "trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""
            ))
            .arg(env!("CARGO_BIN_EXE_flexposture"))
            .args(["scan", "--arm-endpoint", &endpoint])
            .env_clear()
            .env("HOME", home.0.path())
            .env("XDG_DATA_HOME", home.0.path().join("data"))
            .env("FLEXPOSTURE_TOKEN", TOKEN)
            .stdin(Stdio::null());
        let output = limited.output().await.expect("a shell");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(".flexscan"), "{error}");
        let scans = home.scans();
        assert_eq!(scans.len(), left, "{error}");
        for info in scans {
            assert_eq!(info.completeness, Completeness::Unfinished);
        }
    }

    let home = Home::new();
    let closed = home.0.path().join("closed");
    std::fs::create_dir(&closed).expect("a folder");
    std::fs::set_permissions(&closed, Permissions::from_mode(0o500)).expect("ours");
    // The administrator of a machine is refused nothing.
    if std::fs::write(closed.join("try"), "").is_err() {
        let file = closed.join("x.flexscan");
        let output = home
            .run(&[
                "scan",
                "--arm-endpoint",
                &endpoint,
                "--out",
                &file.to_string_lossy(),
            ])
            .await;
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains("x.flexscan"), "{error}");
    }
}

#[tokio::test]
async fn two_scans_at_once_are_two_files() {
    let running = simulate(fleet(30), unlimited(Faults::none())).await;
    let endpoint = running.endpoint();
    let home = Home::new();
    let arguments = ["scan", "--arm-endpoint", &endpoint];
    let (one, other) = tokio::join!(home.run(&arguments), home.run(&arguments));
    assert!(one.status.success() && other.status.success());
    let scans = home.scans();
    assert_eq!(scans.len(), 2);
    for info in scans {
        assert_eq!(
            (info.completeness, info.servers),
            (Completeness::Complete, 30)
        );
    }
}

/// Text that would clear a screen, colour it, turn it round, hide, or set a title.
const HOSTILE: &str = "a\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\u{202e}b\u{200b}c\r\u{85}";

fn is_clean(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        text.chars()
            .all(|c| c == '\n' || !(c.is_control() || matches!(c, '\u{202e}' | '\u{200b}')))
    })
}

#[tokio::test]
async fn no_text_of_azure_reaches_a_terminal_as_it_is() {
    let fleet = fleet(30);
    let manifest = fleet.manifest();
    let victim = manifest["servers"][0]["name"].as_str().expect("a name");
    let replace = |path: String, pointer: &str, value: Value| {
        Fault::always(
            path,
            Mishap::Replace {
                pointer: pointer.to_owned(),
                value,
            },
        )
    };
    let message =
        format!("does not have authorization to perform action '{HOSTILE}' over scope '{HOSTILE}'");
    let denied = |path: &str| {
        Fault::always(
            path,
            Mishap::Answer {
                status: 403,
                headers: Vec::new(),
                body: json!({"error": {"code": HOSTILE, "message": message}}).to_string(),
            },
        )
    };
    let server = format!("*/flexibleServers/{victim}");
    let subscriptions: Vec<Value> = manifest["subscriptions"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| json!({"subscriptionId": it["id"], "displayName": HOSTILE, "state": HOSTILE}))
        .collect();
    let faults = Faults::none()
        .and(replace("/subscriptions".to_owned(), "/value", json!(subscriptions)))
        .and(denied("/providers/Microsoft.ResourceGraph/resources"))
        .and(denied(&format!(
            "/subscriptions/{}/providers/Microsoft.DBforMySQL/flexibleServers",
            manifest["subscriptions"][1]["id"].as_str().expect("an id")
        )))
        .and(replace(server.clone(), "/properties", json!({
            "network": {"publicNetworkAccess": HOSTILE}, "state": HOSTILE, "fullVersion": HOSTILE,
            "dataEncryption": {"type": HOSTILE}, "replicationRole": HOSTILE,
            "backup": {"backupRetentionDays": HOSTILE, "geoRedundantBackup": "Disabled"},
            "privateEndpointConnections": [],
        })))
        .and(replace(format!("{server}/administrators"), "/value",
            json!([{"properties": {"administratorType": HOSTILE}}])))
        .and(denied(&format!("{server}/configurations")))
        .and(denied("*/backups"));
    let running = simulate(fleet, unlimited(faults)).await;
    let home = Home::new();
    let endpoint = running.endpoint();
    let scanned = home.run(&["scan", "--arm-endpoint", &endpoint]).await;
    assert_eq!(
        scanned.status.code(),
        Some(4),
        "{}",
        String::from_utf8_lossy(&scanned.stderr)
    );
    let file = home.scans()[0].path.to_string_lossy().into_owned();
    let mut outputs = vec![("scan".to_owned(), scanned)];
    for arguments in [
        &["findings", "--all"][..],
        &["findings", "--all", "--json"],
        &["findings", victim, "--scan", &file],
        &["findings", "no\u{1b}[31m such"],
        &["scans"],
        &["scans", "--json"],
        &["doctor", "--arm-endpoint", &endpoint],
        &["doctor", "--json", "--arm-endpoint", &endpoint],
        &["findings", "x", "--scan", "no\u{1b}[31m such"],
    ] {
        outputs.push((arguments.join(" "), home.run(arguments).await));
    }
    for (what, output) in &outputs {
        for bytes in [&output.stdout, &output.stderr] {
            assert!(
                is_clean(bytes),
                "{what}: {:?}",
                String::from_utf8_lossy(bytes)
            );
            let text = String::from_utf8_lossy(bytes);
            assert!(!text.contains(TOKEN), "{what} shows the token");
        }
    }

    // The table of the fleet, which only the demo prints.
    let fleet = Scan::open(Path::new(&file))
        .and_then(|mut scan| {
            let judge = flexposture::posture::Judge::by(flexposture::posture::Ruleset::default());
            scan.fleet(&judge, |_| {})
        })
        .expect("whole");
    let mut table = Vec::new();
    flexposture::report::write_table(&mut table, &fleet).expect("room");
    assert!(is_clean(&table), "{:?}", String::from_utf8_lossy(&table));

    // A file can be made by anyone.
    let made = home.folder().join("made.flexscan");
    std::fs::copy(&file, &made).expect("room");
    let cause = json!({"Denied": {"action": HOSTILE, "scope": HOSTILE}}).to_string();
    let connection = rusqlite::Connection::open(&made).expect("a file");
    connection
        .execute(
            "UPDATE scan SET id = ?1, cloud = ?1, endpoint = ?1, scope = ?1, program = ?1",
            [HOSTILE],
        )
        .expect("a change");
    connection
        .execute("UPDATE note SET text = ?1", [HOSTILE])
        .expect("a change");
    connection
        .execute(
            "UPDATE document SET cause = ?1, body = NULL, path = ?2, api_version = ?2",
            [&cause, HOSTILE],
        )
        .expect("a change");
    drop(connection);
    let made = made.to_string_lossy().into_owned();
    for arguments in [
        &["scans"][..],
        &["scans", "--json"],
        &["findings", "--all", "--scan", &made],
        &["findings", "--all", "--json", "--scan", &made],
        &["policies", "--scan", &made],
        &["permissions", "--scan", &made],
        &["scans", "show", &made],
        &[
            "report", "--format", "plain", "--rows", "findings", "--scan", &made,
        ],
        &["diff", &file, &made],
    ] {
        let output = home.run(arguments).await;
        assert!(output.status.success());
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(is_clean(&output.stdout), "{arguments:?}: {text:?}");
    }

    // A token is in no file either.
    let bytes = std::fs::read(&file).expect("a file");
    assert!(
        !bytes
            .windows(TOKEN.len())
            .any(|window| window == TOKEN.as_bytes())
    );
}
