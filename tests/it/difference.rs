//! Two scans of one simulated fleet, between which something was planted: what was planted is found, and nothing else.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use flexposture::baseline::FeatureId;
use flexposture::posture::difference::ChangeKind;
use flexposture::posture::{Judge, Ruleset, VerdictWord};
use flexposture::simulator::{Fault, Faults, Fleet, FleetOptions, Mishap, Turns};
use flexposture::store::{Cache, ComparedScans, Folder, Scan, compare};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::{scan_all, unlimited};

/// A folder with two scans, the newer one of a fleet in which one server keeps its backups for a day, and the parameters
/// of another one may not be read any more.
pub struct TwoScans {
    home: tempfile::TempDir,
    /// The older file.
    pub from: PathBuf,
    /// The newer file.
    pub to: PathBuf,
    /// The name of the server that keeps its backups for a day.
    pub regressed: String,
    /// The name of the server whose parameters may not be read.
    pub unread: String,
}

impl TwoScans {
    /// What `XDG_DATA_HOME` is to be.
    pub fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// Scans twice.
    pub async fn make() -> Self {
        let now = Timestamp::now();
        let fleet = || {
            Fleet::generate(&FleetOptions {
                servers: 24,
                denials: false,
                ..FleetOptions::new(now)
            })
        };
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("data/flexposture/scans");
        std::fs::create_dir_all(&folder).expect("a folder");
        let mut first = scan_all(fleet(), unlimited(Faults::none())).await;
        let from = keep(
            &first.done.path,
            &folder,
            "00000001",
            now - SignedDuration::from_hours(1),
        );
        let judge = Judge::by(Ruleset::default());
        let list = first.scan.fleet(&judge, |_| {}).expect("whole");
        let passing = |feature: FeatureId| {
            let mut found = list.servers.iter().filter(move |server| {
                server.cell(feature).verdict == VerdictWord::Pass
                    && server.cell(FeatureId::ReplicaParity).verdict == VerdictWord::NotApplicable
            });
            move || found.next().expect("a server").name.to_string()
        };
        let regressed = passing(FeatureId::NativeBackup)();
        let mut others = passing(FeatureId::TransitEncryption);
        let unread = std::iter::from_fn(|| Some(others()))
            .find(|name| *name != regressed)
            .expect("another server");
        let always = |path: String, mishap| Fault {
            path,
            turns: Turns::Always,
            mishap,
        };
        let faults = Faults::none()
            .and(always(
                format!("*/flexibleServers/{regressed}"),
                Mishap::Replace {
                    pointer: "/properties/backup/backupRetentionDays".to_owned(),
                    value: json!(1),
                },
            ))
            .and(always(
                format!("*/flexibleServers/{unread}/configurations"),
                Mishap::Answer {
                    status: 403,
                    headers: Vec::new(),
                    body: json!({"error": {"code": "AuthorizationFailed", "message": "no"}})
                        .to_string(),
                },
            ));
        let second = scan_all(fleet(), unlimited(faults)).await;
        let to = keep(&second.done.path, &folder, "00000002", now);
        Self {
            home,
            from,
            to,
            regressed,
            unread,
        }
    }
}

/// Keeps a scan under an id and a start of its own.
fn keep(file: &Path, folder: &Path, id: &str, started: Timestamp) -> PathBuf {
    let name = started.strftime("%Y%m%dT%H%M%SZ");
    let path = folder.join(format!("{name}-{id}.flexscan"));
    std::fs::copy(file, &path).expect("room");
    rusqlite::Connection::open(&path)
        .expect("a database")
        .execute(
            "UPDATE scan SET id = ?1, started_at = ?2, finished_at = ?2",
            rusqlite::params![id, started.as_millisecond()],
        )
        .expect("room");
    path
}

fn compared(two: &TwoScans, judge: &Judge, cache: Option<&Cache>) -> ComparedScans {
    compare(&two.from, &two.to, judge, cache, |_| true)
        .expect("whole")
        .expect("nobody stopped it")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_planted_between_two_scans_is_what_differs_and_nothing_else() {
    let two = TwoScans::make().await;
    let judge = Judge::by(Ruleset::default());
    let found = compared(&two, &judge, None).difference;
    assert!(found.evidence_compared);
    assert!(found.new.is_empty() && found.gone.is_empty());
    let of = |kind: ChangeKind| -> Vec<(String, FeatureId)> {
        let name = |server| found.server(server).expect("a server").name.to_string();
        let changes = found.of_kind(kind).iter();
        changes.map(|it| (name(it.server), it.feature)).collect()
    };
    assert_eq!(
        of(ChangeKind::Regressed),
        [(two.regressed.clone(), FeatureId::NativeBackup)]
    );
    let unknown = of(ChangeKind::NewlyUnknown);
    assert!(unknown.contains(&(two.unread.clone(), FeatureId::TransitEncryption)));
    for kind in ChangeKind::ALL {
        let all = of(kind);
        match kind {
            ChangeKind::Regressed => {}
            // A feature that fails for another reason fails on, and its evidence says what is unread now.
            ChangeKind::NewlyUnknown | ChangeKind::EvidenceChanged => {
                assert!(
                    all.iter().all(|(name, _)| *name == two.unread),
                    "{kind:?}: {all:?}"
                );
            }
            _ => {
                // What fails because of a parameter is unread now, and so not fixed.
                assert!(all.is_empty(), "{kind:?}: {all:?}");
            }
        }
    }
    // Under another ruleset both are judged anew, once, and what was planted is found all the same.
    let folder = tempfile::tempdir().expect("a folder");
    let cache = Cache::at(folder.path().to_owned());
    let mut stricter = Ruleset::default();
    stricter.thresholds.min_backup_retention_days = 2;
    let judge = Judge::by(stricter);
    let first = compared(&two, &judge, Some(&cache)).difference;
    assert_eq!(first.count(ChangeKind::Regressed), 1);
    let again = compare(&two.from, &two.to, &judge, Some(&cache), |_| {
        panic!("both are in the cache")
    });
    assert_eq!(
        again.expect("whole").expect("a difference").difference,
        first
    );
    // The usual scan to compare with is the earlier one, and there is none before that.
    let folder = Folder::at(two.data().join("flexposture/scans"));
    let info = |path: &Path| {
        Scan::open(path)
            .and_then(|scan| scan.info())
            .expect("whole")
    };
    let earlier = |path: &Path| folder.earlier(&info(path)).expect("a folder");
    assert_eq!(earlier(&two.to), Some(two.from.clone()));
    assert_eq!(earlier(&two.from), None);

    let run = async |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_flexposture"))
            .args(arguments)
            .env_clear()
            .env("HOME", two.data())
            .env("XDG_DATA_HOME", two.data())
            .stdin(Stdio::null())
            .output()
            .await
            .expect("a program");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    let text = run(&["diff", "00000001", "00000002"]).await;
    let line = format!(
        "{:30} BR-1 Service Native Backup Capability: Pass → Fail",
        two.regressed
    );
    assert!(
        text.contains("regressed (1)") && text.contains(&line),
        "{text}"
    );
    assert!(
        !text.contains("fixed (") && !text.contains("careful"),
        "{text}"
    );
    let json: Value =
        serde_json::from_str(&run(&["diff", "00000001", "--json"]).await).expect("JSON");
    assert_eq!(json["from"]["scan"], "00000001");
    assert_eq!(json["to"]["scan"], "00000002", "the newest one");
    let regressed: Vec<&Value> = json["changes"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|it| it["kind"] == "regressed")
        .collect();
    assert_eq!(regressed.len(), 1);
    assert_eq!(regressed[0]["server"], two.regressed.as_str());
    assert_eq!(regressed[0]["before"]["verdict"], "Pass");
    let markdown = run(&["diff", "00000001", "00000002", "--markdown"]).await;
    assert!(markdown.contains("## Regressed (1)"), "{markdown}");
    // The other way round everything is mirrored, and the order is warned of.
    let text = run(&["diff", "00000002", "00000001"]).await;
    assert!(
        text.contains("fixed (1)") && text.contains("readable again ("),
        "{text}"
    );
    assert!(
        text.contains("careful  the first scan is the newer one"),
        "{text}"
    );
}
