//! Scans that are broken off in whatever way, and gone on with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use flexposture::posture::{Ruleset, judge};
use flexposture::simulator::{Fault, Faults, Mishap, Options, Running};
use flexposture::store::{Completeness, Folder, Scan, Scope, Verification, Writer};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;

use crate::home::Home;
use crate::support::{fleet, simulate, unlimited};

const SERVERS: usize = 8;

/// A home with one whole scan of an endpoint, and all that a scan of it says.
struct Estate {
    home: Home,
    running: Running,
    endpoint: String,
    whole: PathBuf,
    said: BTreeMap<String, Vec<String>>,
    /// How many requests a scan makes.
    requests: usize,
}

impl Estate {
    async fn new() -> Self {
        let options = Options {
            latency: Duration::from_millis(2),
            recorded_requests: 100_000,
            ..unlimited(slow_servers())
        };
        let running = simulate(fleet(SERVERS), options).await;
        let (home, endpoint) = (Home::new(), running.endpoint());
        let told = home.run(&["scan", "--arm-endpoint", &endpoint]).await;
        assert_eq!(told.code, 0, "{told:?}");
        let mut estate = Self {
            requests: running.requests().len(),
            home,
            running,
            endpoint,
            whole: PathBuf::new(),
            said: BTreeMap::new(),
        };
        estate.whole = estate.others().remove(0);
        estate.said = said(&estate.whole);
        assert_eq!(estate.said.len(), SERVERS);
        estate
    }

    /// The scans beside the whole one.
    fn others(&self) -> Vec<PathBuf> {
        let folder = Folder::at(self.home.path("data/flexposture/scans"));
        let mut files = folder.files().expect("a folder");
        files.retain(|it| *it != self.whole);
        files
    }

    fn scan(&self) -> Child {
        self.home.start(&["scan", "--arm-endpoint", &self.endpoint])
    }

    /// Waits until the endpoint has got so many more requests, or the scan has ended.
    async fn until(&self, child: &mut Child, requests: usize) {
        let wanted = self.running.requests().len() + requests;
        while self.running.requests().len() < wanted && child.try_wait().expect("a child").is_none()
        {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Waits until the file holds so many servers, or the scan has ended.
    async fn until_held(&self, child: &mut Child, servers: usize) {
        let held = || {
            let file = self.others().first()?.clone();
            Some(Scan::open(&file).ok()?.own_ids().ok()?.len())
        };
        while held().unwrap_or(0) < servers && child.try_wait().expect("a child").is_none() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Goes on, and returns how many requests that took.
    async fn resume(&self, more: &[&str]) -> usize {
        let before = self.running.requests().len();
        let arguments = [
            &["scan", "--arm-endpoint", self.endpoint.as_str(), "--resume"][..],
            more,
        ];
        let told = self.home.run(&arguments.concat()).await;
        assert_eq!(told.code, 0, "{told:?}");
        self.running.requests().len() - before
    }

    fn assert_whole(&self, scan: &Path) {
        let file = Scan::open(scan).expect("a scan");
        let info = file.info().expect("a scan");
        assert_eq!(info.completeness, Completeness::Complete);
        assert_eq!(said(scan), self.said);
        assert_intact(scan);
    }
}

fn assert_intact(scan: &Path) {
    let file = Scan::open(scan).expect("a scan");
    let verified = file.verify(|_, _| true).expect("a scan");
    assert_eq!(verified, Some(Verification::Intact), "{}", scan.display());
}

/// Three servers of which something takes long, so that the others are held before them.
fn slow_servers() -> Faults {
    let manifest = fleet(SERVERS).manifest();
    let names = manifest["servers"]
        .as_array()
        .expect("servers")
        .iter()
        .take(3);
    names.fold(Faults::none(), |faults, server| {
        let name = server["name"].as_str().expect("a name");
        let slow = Mishap::Slow {
            piece: 1 << 20,
            pause: Duration::from_millis(250),
        };
        faults.and(Fault::always(
            format!("*/flexibleServers/{name}/backups"),
            slow,
        ))
    })
}

/// All that is said of every server, by name.
fn said(scan: &Path) -> BTreeMap<String, Vec<String>> {
    let mut said = BTreeMap::new();
    let mut scan = Scan::open(scan).expect("a scan");
    scan.for_each(|documents| {
        let words = judge(&documents, &Ruleset::default())
            .iter()
            .flat_map(|finding| {
                let verdict = format!("{} {:?}", finding.feature, finding.verdict);
                let conditions = finding.conditions.iter();
                conditions
                    .map(|it| format!("{} {:?}", it.id, it.judgement))
                    .chain([verdict])
                    .collect::<Vec<_>>()
            })
            .collect();
        said.insert(documents.id().name().to_owned(), words);
    })
    .expect("a whole file");
    said
}

/// At twenty moments, told by the requests that were made or the servers that are held.
#[tokio::test]
async fn a_killed_scan_opens_harms_nothing_and_goes_on_to_the_same_findings() {
    let estate = Estate::new().await;
    let mut random = fastrand::Rng::with_seed(7);
    let (mut broken_off, mut spared) = (0, 0);
    for round in 0..20 {
        let mut child = estate.scan();
        if round % 2 == 0 {
            let requests = random.usize(1..=estate.requests);
            estate.until(&mut child, requests).await;
        } else {
            let servers = random.usize(1..=SERVERS - 3);
            estate.until_held(&mut child, servers).await;
        }
        child.kill().await.expect("it is killed");
        let killed = estate.others().remove(0);
        let info = Scan::open(&killed)
            .and_then(|scan| scan.info())
            .expect("a killed scan opens");
        assert_intact(&estate.whole);
        if info.completeness == Completeness::Unfinished {
            broken_off += 1;
            let requests = estate.resume(&[]).await;
            assert_eq!(
                estate.others(),
                std::slice::from_ref(&killed),
                "it goes on in its file"
            );
            assert!(requests <= estate.requests + 1, "{requests}");
            spared += usize::from(requests < estate.requests);
        }
        estate.assert_whole(&killed);
        std::fs::remove_file(&killed).expect("a file");
    }
    assert!(broken_off > 10, "{broken_off} of 20 scans were broken off");
    assert!(spared > 0, "what was read is never read again");
}

#[tokio::test]
async fn a_cancelled_scan_stays_as_it_is_and_goes_on_in_another_file() {
    let estate = Estate::new().await;
    let mut child = estate.scan();
    estate.until(&mut child, estate.requests / 2).await;
    let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    kill_process(pid.expect("a process"), Signal::TERM).expect("a signal");
    let ended = child.wait().await.expect("an end");
    assert_eq!(ended.code(), Some(130));
    let cancelled = estate.others().remove(0);
    let bytes = std::fs::read(&cancelled).expect("a file");
    let info = Scan::open(&cancelled)
        .and_then(|scan| scan.info())
        .expect("a scan");
    assert_eq!(info.completeness, Completeness::Cancelled);
    let requests = estate.resume(&[]).await;
    assert!(requests < estate.requests, "{requests}");
    let others = estate.others();
    assert_eq!(others.len(), 2);
    let resumed = others.iter().find(|it| **it != cancelled).expect("another");
    estate.assert_whole(resumed);
    assert_eq!(std::fs::read(&cancelled).expect("a file"), bytes);
    let again = estate
        .home
        .run(&["scan", "--arm-endpoint", &estate.endpoint, "--resume"])
        .await;
    assert_eq!(again.code, 2, "{again:?}");
    assert!(again.err.contains("nothing to resume"), "{again:?}");
}

#[tokio::test]
async fn what_is_old_is_read_again_and_nothing_else() {
    let estate = Estate::new().await;
    let whole = estate.whole.to_str().expect("a name");
    // The subscriptions, and the servers.
    assert_eq!(estate.resume(&[whole]).await, 2);
    let all = estate.resume(&[whole, "--stale-after", "1ms"]).await;
    assert_eq!(all, estate.requests);
    for other in estate.others() {
        estate.assert_whole(&other);
    }
}

#[tokio::test]
async fn of_two_that_would_go_on_one_does_and_the_other_says_so() {
    let estate = Estate::new().await;
    let mut child = estate.scan();
    estate.until(&mut child, 5).await;
    child.kill().await.expect("it is killed");
    let file = estate.others().remove(0);
    let writer = Writer::reopen(&file).expect("the first");
    let told = estate
        .home
        .run(&["scan", "--arm-endpoint", &estate.endpoint, "--resume"])
        .await;
    assert_eq!(told.code, 2, "{told:?}");
    assert!(told.err.contains("by another process"), "{told:?}");
    drop(writer);
    estate.resume(&[]).await;
    estate.assert_whole(&file);
}

#[tokio::test]
async fn two_processes_scan_into_one_folder_at_once() {
    let estate = Estate::new().await;
    let (mut first, mut second) = (estate.scan(), estate.scan());
    let ended = (first.wait().await, second.wait().await);
    assert!(ended.0.expect("an end").success() && ended.1.expect("an end").success());
    let others = estate.others();
    assert_eq!(others.len(), 2);
    for other in others {
        estate.assert_whole(&other);
    }
}

/// What a scan says of its servers, its notes, and the ids of subscriptions whose servers were not listed.
fn held(scan: &Path) -> (BTreeMap<String, Vec<String>>, Vec<String>, Vec<String>) {
    let file = Scan::open(scan).expect("a scan");
    let notes = file.info().expect("a scan").notes;
    (said(scan), notes, file.unlisted().expect("a scan"))
}

/// A scan of some servers that was broken off, with a note and a subscription that was not listed.
async fn broken_off(estate: &Estate) -> PathBuf {
    let mut child = estate.scan();
    estate.until_held(&mut child, 2).await;
    child.kill().await.expect("it is killed");
    let file = estate.others().remove(0);
    let subscription = Scan::open(&file)
        .and_then(|scan| scan.subscriptions())
        .expect("a scan")
        .remove(0);
    let connection = rusqlite::Connection::open(&file).expect("a database");
    connection
        .execute("INSERT INTO note (text) VALUES ('what was known')", [])
        .expect("a note");
    connection
        .execute(
            "UPDATE subscription SET unlisted = 1 WHERE id = ?1",
            [&subscription.id],
        )
        .expect("a subscription");
    file
}

#[tokio::test]
async fn going_on_that_cannot_begin_leaves_all_that_was_read_and_known() {
    let estate = Estate::new().await;
    let file = broken_off(&estate).await;
    let before = held(&file);
    assert!(before.0.len() >= 2, "{before:?}");
    assert_eq!(before.1, ["what was known"]);
    assert_eq!(before.2.len(), 1);
    let arguments = ["scan", "--arm-endpoint", &estate.endpoint, "--resume"];

    let refused = [("FLEXPOSTURE_TOKEN", "another")];
    let told = estate.home.run_with(&arguments, &refused).await;
    assert_eq!(told.code, 3, "{told:?}");
    assert_eq!(held(&file), before, "the credential was refused");

    estate.running.take_network_away();
    let told = estate
        .home
        .run(&[&arguments[..], &["--timeout", "300ms"]].concat())
        .await;
    assert_eq!(told.code, 3, "{told:?}");
    assert_eq!(held(&file), before, "the endpoint is gone");
    estate.running.give_network_back();

    assert_eq!(estate.others(), std::slice::from_ref(&file));
    estate.resume(&[]).await;
    estate.assert_whole(&file);
    let (_, notes, unlisted) = held(&file);
    assert_eq!((notes.len(), unlisted.len()), (1, 0), "{notes:?}");
    assert!(notes[0].contains("resumed at"), "{notes:?}");
}

/// The scope of a scan fits servers that are gone when it goes on: what was read of them stays.
#[tokio::test]
async fn going_on_where_nothing_fits_any_more_loses_nothing() {
    let estate = Estate::new().await;
    let mut child = estate.scan();
    estate.until_held(&mut child, 2).await;
    child.kill().await.expect("it is killed");
    let file = estate.others().remove(0);
    let before = said(&file);
    assert!(before.len() >= 2);
    let scope = Scope {
        servers: vec!["no-such-server".to_owned()],
        ..Scope::default()
    };
    rusqlite::Connection::open(&file)
        .and_then(|it| it.execute("UPDATE scan SET scope = ?1", [scope.words()]))
        .expect("a database");
    estate.resume(&[]).await;
    let after = said(&file);
    assert_eq!(
        after.keys().collect::<Vec<_>>(),
        before.keys().collect::<Vec<_>>()
    );
    assert_intact(&file);

    // And where nothing had been read, the file stays as the sign that it was tried.
    rusqlite::Connection::open(&file)
        .and_then(|it| {
            it.execute_batch(
                "DELETE FROM document; DELETE FROM server_shared; DELETE FROM shared_document; DELETE FROM server;
                 UPDATE scan SET completeness = NULL, finished_at = NULL, servers = NULL, digest = NULL;
                 DELETE FROM packed; DELETE FROM totals; DELETE FROM fingerprints;",
            )
        })
        .expect("a database");
    let told = estate
        .home
        .run(&["scan", "--arm-endpoint", &estate.endpoint, "--resume"])
        .await;
    assert_eq!(told.code, 2, "{told:?}");
    assert!(told.err.contains("nothing fits"), "{told:?}");
    assert!(file.exists());
}
