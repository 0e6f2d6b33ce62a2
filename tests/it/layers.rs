//! Scans that lie over others: what is read again, what is not, and what becomes of it when a scan is missing.

use std::path::{Path, PathBuf};

use flexposture::baseline::FeatureId;
use flexposture::documents::{Cause, DocumentKind, Outcome, ServerDocuments, Subscription};
use flexposture::posture::{
    Judge, Ruleset, ServerSummary, Standing, Thresholds, Totals, VerdictWord, judge,
};
use flexposture::store::{Completeness, Folder, Scan, ScanChoice, ScanHeader, Writer};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::made_up::{MadeUp, id};
use crate::support::header;

const SUBSCRIPTION: &str = "s1";

/// A folder in which every scan is younger than the one before.
struct Scans {
    folder: tempfile::TempDir,
    next: Timestamp,
}

impl Scans {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            next: "2026-11-23T14:00:00Z".parse().expect("a time"),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn header(&mut self, id: &str) -> (PathBuf, ScanHeader) {
        self.next += SignedDuration::from_mins(1);
        let header = ScanHeader {
            id: id.to_owned(),
            started_at: self.next,
            ..header()
        };
        let path = Folder::at(self.path().to_owned()).file_for(&header);
        (path, header)
    }

    /// A whole scan.
    fn whole(&mut self, id: &str, servers: &[ServerDocuments]) -> PathBuf {
        let (path, header) = self.header(id);
        let mut writer = Writer::create(&path, &header).expect("a new file");
        writer
            .subscriptions(&[Subscription {
                id: SUBSCRIPTION.into(),
                name: "Contoso".into(),
                tenant: None,
                state: None,
                delegated: false,
            }])
            .expect("room");
        keep(&mut writer, servers);
        finish(writer)
    }

    /// A scan over another.
    fn over(&mut self, below: &Path, id: &str, servers: &[ServerDocuments]) -> PathBuf {
        finish(self.unfinished_over(below, id, servers))
    }

    fn unfinished_over(&mut self, below: &Path, id: &str, servers: &[ServerDocuments]) -> Writer {
        let (path, header) = self.header(id);
        let mut below = Scan::open(below).expect("a scan");
        let judged: Vec<ServerDocuments> = servers
            .iter()
            .map(|read| match below.documents(read.id().as_str()) {
                Ok(before) => read.laid_over(&before),
                Err(_) => read.clone(),
            })
            .collect();
        let mut writer = Writer::over(&path, &header, below).expect("a new file");
        for (read, judged) in servers.iter().zip(&judged) {
            let standing = standing(judged);
            writer.servers([(read, &standing)]).expect("room");
        }
        writer
    }
}

fn standing(documents: &ServerDocuments) -> Standing {
    Standing::new(documents, &judge(documents, &Ruleset::default()))
}

fn keep(writer: &mut Writer, servers: &[ServerDocuments]) {
    for server in servers {
        let standing = standing(server);
        writer.servers([(server, &standing)]).expect("room");
    }
}

fn finish(writer: Writer) -> PathBuf {
    writer
        .finish(
            Completeness::Complete,
            Timestamp::now(),
            &Ruleset::default(),
        )
        .expect("a finished file")
}

fn access(name: &str, access: &str) -> MadeUp {
    MadeUp::new(SUBSCRIPTION, name).server(json!({"network": {"publicNetworkAccess": access}}))
}

fn parameters(server: MadeUp, local_infile: &str) -> MadeUp {
    server.list(
        DocumentKind::Configurations,
        json!([{"name": "local_infile", "properties": {"value": local_infile, "currentValue": local_infile}}]),
    )
}

fn open(path: &Path) -> Scan {
    Scan::open(path).expect("a scan")
}

fn body(documents: &ServerDocuments, kind: DocumentKind) -> Result<&Value, Cause> {
    documents.body(kind)
}

fn network(documents: &ServerDocuments) -> String {
    let body = body(documents, DocumentKind::Server).expect("read");
    body["properties"]["network"]["publicNetworkAccess"]
        .as_str()
        .expect("text")
        .to_owned()
}

/// The verdict of each server about local_infile and public access, in the order of the list.
fn list(scan: &mut Scan, judge: &Judge) -> Vec<(String, VerdictWord, VerdictWord)> {
    let fleet = scan.fleet(judge, |_| {}).expect("a list");
    let cell = |server: &ServerSummary, feature| server.cell(feature).verdict;
    fleet
        .servers
        .iter()
        .map(|server| {
            (
                server.name.to_string(),
                cell(server, FeatureId::RiskyParameters),
                cell(server, FeatureId::PublicNetworkAccess),
            )
        })
        .collect()
}

/// Judged anew, so that documents are read.
fn anew() -> Judge {
    Judge::by(Ruleset {
        thresholds: Thresholds {
            required_tags: vec!["owner".to_owned()],
            ..Thresholds::default()
        },
        ..Ruleset::default()
    })
}

fn three() -> [ServerDocuments; 3] {
    ["a", "b", "c"].map(|name| parameters(access(name, "Enabled"), "ON").documents())
}

#[test]
fn what_was_read_again_counts_and_the_rest_comes_from_below() {
    use VerdictWord::{Fail, Pass};
    let mut scans = Scans::new();
    let parent = scans.whole("aaaaaaaa", &three());
    let again = access("b", "Disabled").documents();
    let child = scans.over(&parent, "bbbbbbbb", &[again]);
    let newest = Folder::at(scans.path().to_owned()).find(&ScanChoice::Newest);
    assert_eq!(newest.expect("a scan"), child);
    let mut scan = open(&child);
    let info = scan.info().expect("whole");
    assert_eq!(info.header.parent.as_deref(), Some("aaaaaaaa"));
    assert_eq!((info.servers, info.subscriptions), (3, 1));
    let expected: Vec<_> = [("a", Fail, Fail), ("b", Fail, Pass), ("c", Fail, Fail)]
        .map(|(name, infile, access)| (name.to_owned(), infile, access))
        .into();
    let packed = Judge::by(Ruleset::default());
    let told = scan.judged(&packed, None, |_| panic!("the list is there"));
    assert!(told.expect("whole").expect("a list").anew.is_none());
    assert_eq!(list(&mut scan, &packed), expected);
    assert_eq!(list(&mut scan, &anew()), expected);
    let mut seen = Vec::new();
    scan.for_each(|documents| {
        assert!(body(&documents, DocumentKind::Configurations).is_ok());
        seen.push((documents.id().name().to_owned(), network(&documents)));
    })
    .expect("whole");
    let told = [("a", "Enabled"), ("b", "Disabled"), ("c", "Enabled")];
    assert_eq!(seen, told.map(|(a, b)| (a.to_owned(), b.to_owned())));
    assert_eq!(scan.missing().expect("whole"), None);
    // What trends and differences read is that of all servers as they are now.
    let assessed = scan.assess(&packed, None, |_| panic!("it is all there"));
    let assessed = assessed.expect("whole").expect("to the end");
    let mut anew = Vec::new();
    scan.for_each(|documents| anew.push(packed.standing(&documents)))
        .expect("whole");
    let (summaries, fingerprints): (Vec<_>, Vec<_>) = anew
        .into_iter()
        .map(|it| (it.summary, it.fingerprints))
        .unzip();
    assert_eq!(assessed.fleet.servers, summaries);
    assert_eq!(assessed.fingerprints, Some(fingerprints));
    assert_eq!(scan.totals().expect("whole"), Some(Totals::of(&summaries)));
    // The scan below is as it was.
    let b = open(&parent).documents(&id(SUBSCRIPTION, "b"));
    assert_eq!(network(&b.expect("there")), "Enabled");
}

#[test]
fn a_document_that_is_not_worth_asking_for_any_more_is_gone() {
    let mut scans = Scans::new();
    let with_rules = access("a", "Enabled")
        .list(DocumentKind::FirewallRules, json!([]))
        .documents();
    let parent = scans.whole("aaaaaaaa", &[with_rules]);
    let again = access("a", "Disabled")
        .unread(DocumentKind::FirewallRules, Cause::NotAsked)
        .documents();
    let child = scans.over(&parent, "bbbbbbbb", &[again]);
    let documents = open(&child)
        .documents(&id(SUBSCRIPTION, "a"))
        .expect("there");
    assert!(documents.get(DocumentKind::FirewallRules).is_none());
}

#[test]
fn of_several_layers_the_uppermost_that_read_a_document_counts() {
    let mut scans = Scans::new();
    let first = scans.whole("aaaaaaaa", &three());
    let second = scans.over(&first, "bbbbbbbb", &[access("b", "Disabled").documents()]);
    let off = parameters(access("c", "Enabled"), "OFF").documents();
    let third = scans.over(&second, "cccccccc", &[off]);
    let mut scan = open(&third);
    assert_eq!(scan.layers().expect("whole"), 2);
    let judged = list(&mut scan, &anew());
    assert_eq!(judged, list(&mut scan, &Judge::by(Ruleset::default())));
    use VerdictWord::{Fail, Pass};
    let words: Vec<_> = judged
        .iter()
        .map(|(_, infile, access)| (*infile, *access))
        .collect();
    assert_eq!(words, [(Fail, Fail), (Fail, Pass), (Pass, Fail)]);
}

#[test]
fn documents_that_servers_share_are_the_newer_ones_for_who_was_read_again_only() {
    let mut scans = Scans::new();
    let with_plan = |name: &str, tier: &str| {
        let plan = Outcome::Read(json!({"properties": {"pricingTier": tier}}));
        access(name, "Enabled")
            .with(DocumentKind::DefenderPlan, Some("plan of s1"), plan)
            .documents()
    };
    let both = [with_plan("a", "Free"), with_plan("b", "Free")];
    let parent = scans.whole("aaaaaaaa", &both);
    let child = scans.over(&parent, "bbbbbbbb", &[with_plan("b", "Standard")]);
    let grandchild = scans.over(&child, "cccccccc", &[access("a", "Disabled").documents()]);
    for path in [child, grandchild] {
        let mut scan = open(&path);
        let mut tier = |name: &str| {
            let documents = scan.documents(&id(SUBSCRIPTION, name)).expect("there");
            let plan = body(&documents, DocumentKind::DefenderPlan).expect("read");
            plan["properties"]["pricingTier"]
                .as_str()
                .map(str::to_owned)
        };
        assert_eq!(tier("a").as_deref(), Some("Free"));
        assert_eq!(tier("b").as_deref(), Some("Standard"));
    }
}

#[test]
fn a_scan_whose_parent_is_missing_knows_what_it_read_and_makes_up_nothing() {
    let mut scans = Scans::new();
    let parent = scans.whole("aaaaaaaa", &three());
    let child = scans.over(&parent, "bbbbbbbb", &[access("b", "Disabled").documents()]);
    std::fs::remove_file(&parent).expect("removed");
    let mut scan = open(&child);
    let why = scan
        .missing()
        .expect("readable")
        .expect("something is missing");
    assert!(
        why.contains("aaaaaaaa") && why.contains("not in the same folder"),
        "{why}"
    );
    // The list was judged while everything was there.
    let judge = Judge::by(Ruleset::default());
    assert_eq!(list(&mut scan, &judge)[0].2, VerdictWord::Fail);
    use VerdictWord::{Pass, Unknown};
    let words: Vec<_> = list(&mut scan, &anew())
        .into_iter()
        .map(|(_, infile, access)| (infile, access))
        .collect();
    assert_eq!(
        words,
        [(Unknown, Unknown), (Unknown, Pass), (Unknown, Unknown)]
    );
    let a = scan.documents(&id(SUBSCRIPTION, "a")).expect("on the list");
    for kind in DocumentKind::ALL {
        assert_eq!(
            body(&a, kind),
            Err(Cause::NotHere {
                detail: why.clone()
            }),
            "{kind:?}"
        );
    }
    assert!(scan.documents(&id(SUBSCRIPTION, "nobody")).is_err());
}

#[test]
fn scans_that_lie_over_each_other_in_a_circle_are_no_endless_work() {
    let mut scans = Scans::new();
    let mut circle = |own: &str, parent: &str| {
        let (path, header) = scans.header(own);
        let header = ScanHeader {
            parent: Some(parent.to_owned()),
            // Neither is younger than the other.
            started_at: "2026-11-23T14:00:00Z".parse().expect("a time"),
            ..header
        };
        let mut writer = Writer::create(&path, &header).expect("a new file");
        keep(&mut writer, &[access(own, "Enabled").documents()]);
        finish(writer)
    };
    let path = circle("aaaaaaaa", "bbbbbbbb");
    circle("bbbbbbbb", "aaaaaaaa");
    let itself = circle("cccccccc", "cccccccc");
    for path in [path, itself] {
        let mut scan = open(&path);
        let why = scan.missing().expect("readable").expect("a circle");
        assert!(why.contains("lies over this one itself"), "{why}");
        assert!(scan.fleet(&anew(), |_| {}).is_ok());
    }
}

#[test]
fn a_scan_of_another_endpoint_with_the_same_id_is_not_the_one_that_is_meant() {
    let mut scans = Scans::new();
    let parent = scans.whole("aaaaaaaa", &three());
    let child = scans.over(&parent, "bbbbbbbb", &[access("b", "Disabled").documents()]);
    std::fs::remove_file(&parent).expect("removed");
    let header = ScanHeader {
        id: "aaaaaaaa".into(),
        endpoint: "http://127.0.0.2".into(),
        ..header()
    };
    let mut writer = Writer::create(&parent, &header).expect("a new file");
    keep(&mut writer, &three());
    finish(writer);
    let mut scan = open(&child);
    let why = scan.missing().expect("readable").expect("a stranger");
    assert!(why.contains("another endpoint"), "{why}");
    let a = scan.documents(&id(SUBSCRIPTION, "a")).expect("on the list");
    assert!(matches!(
        body(&a, DocumentKind::Server),
        Err(Cause::NotHere { .. })
    ));
}

#[test]
fn a_parent_that_somebody_gave_another_name_is_found() {
    let mut scans = Scans::new();
    let parent = scans.whole("aaaaaaaa", &three());
    let child = scans.over(&parent, "bbbbbbbb", &[access("b", "Disabled").documents()]);
    std::fs::rename(&parent, scans.path().join("before the audit.flexscan")).expect("renamed");
    let mut scan = open(&child);
    assert_eq!(scan.missing().expect("readable"), None);
    assert!(
        body(
            &scan.documents(&id(SUBSCRIPTION, "a")).expect("there"),
            DocumentKind::Server
        )
        .is_ok()
    );
}

#[test]
fn a_refresh_that_was_killed_shows_what_it_read_over_what_was_known() {
    let mut scans = Scans::new();
    let parent = scans.whole("aaaaaaaa", &three());
    let writer = scans.unfinished_over(&parent, "bbbbbbbb", &[access("b", "Disabled").documents()]);
    let path = writer.path().to_owned();
    drop(writer);
    let mut scan = open(&path);
    assert_eq!(
        scan.info().expect("readable").completeness,
        Completeness::Unfinished
    );
    use VerdictWord::{Fail, Pass};
    let words: Vec<_> = list(&mut scan, &Judge::by(Ruleset::default()))
        .into_iter()
        .map(|(_, _, access)| access)
        .collect();
    assert_eq!(words, [Fail, Pass, Fail]);
}

#[test]
fn a_scan_of_the_first_format_can_lie_below() {
    let mut scans = Scans::new();
    let parent = scans.whole("aaaaaaaa", &three());
    rusqlite::Connection::open(&parent)
        .expect("a database")
        .execute_batch(
            "DROP TABLE totals; DROP TABLE fingerprints; ALTER TABLE server DROP COLUMN fingerprints;
             ALTER TABLE subscription DROP COLUMN unlisted; DROP TABLE server_shared; DROP TABLE shared_document; ALTER TABLE packed DROP COLUMN settings;
             ALTER TABLE server DROP COLUMN source; UPDATE packed SET ruleset = 'old'; PRAGMA user_version = 1",
        )
        .expect("made old");
    let child = scans.over(&parent, "bbbbbbbb", &[access("b", "Disabled").documents()]);
    let mut scan = open(&child);
    let packed = list(&mut scan, &Judge::by(Ruleset::default()));
    assert_eq!(packed.len(), 3);
    assert_eq!(packed, list(&mut scan, &anew()));
    assert_eq!(packed[1].2, VerdictWord::Pass);
    assert_eq!(scan.totals().expect("whole").map(|it| it.servers), Some(3));
    // The old list had to be judged anew for the new one, and what was seen with it.
    let packed = Judge::by(Ruleset::default());
    let assessed = scan.assess(&packed, None, |_| panic!("it is all there"));
    let fingerprints = assessed.expect("whole").expect("to the end").fingerprints;
    assert_eq!(fingerprints.map(|it| it.len()), Some(3));
}

#[test]
fn a_replica_is_judged_again_when_its_source_was_read_again() {
    let mut scans = Scans::new();
    let of = |role: &str, access: &str| {
        MadeUp::new(SUBSCRIPTION, role)
            .server(json!({
                "replicationRole": if role == "replica" { "Replica" } else { "Source" },
                "sourceServerResourceId": id(SUBSCRIPTION, "source"),
                "network": {"publicNetworkAccess": access},
            }))
            .documents()
    };
    let before = [of("replica", "Enabled"), of("source", "Enabled")];
    let parent = scans.whole("aaaaaaaa", &before);
    let closed = [of("source", "Disabled")];
    let child = scans.over(&parent, "bbbbbbbb", &closed);
    let parity = |path: &Path, judge: &Judge| {
        let fleet = open(path).fleet(judge, |_| {}).expect("a list");
        let replica = fleet.servers.iter().find(|it| &*it.name == "replica");
        replica
            .expect("there")
            .cell(FeatureId::ReplicaParity)
            .verdict
    };
    let packed = Judge::by(Ruleset::default());
    assert_ne!(parity(&parent, &packed), VerdictWord::Fail);
    assert_eq!(parity(&child, &packed), VerdictWord::Fail);
    assert_eq!(parity(&child, &anew()), VerdictWord::Fail);
    let replica = open(&child)
        .documents(&id(SUBSCRIPTION, "replica"))
        .expect("there");
    assert_eq!(network(replica.source().expect("its source")), "Disabled");
}

#[test]
fn only_so_many_scans_lie_over_each_other() {
    let mut scans = Scans::new();
    let mut newest = scans.whole("00000000", &three());
    let mut refused = None;
    for place in 1..100 {
        let (path, header) = scans.header(&format!("{place:08x}"));
        match Writer::over(&path, &header, open(&newest)) {
            Ok(writer) => newest = finish(writer),
            Err(error) => {
                refused = Some((place, error.to_string()));
                break;
            }
        }
    }
    let (place, words) = refused.expect("a bound");
    assert_eq!(place, 64);
    assert!(words.contains("refresh the whole fleet"), "{words}");
    let a = open(&newest)
        .documents(&id(SUBSCRIPTION, "a"))
        .expect("found through all of them");
    assert_eq!(network(&a), "Enabled");
}
