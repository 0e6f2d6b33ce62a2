//! Totals and fingerprints through a file, files of older formats, and the cache.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::json;

use super::*;
use crate::baseline::FeatureId;
use crate::documents::{
    Document, DocumentKind, Method, Outcome, Request, ServerDocuments, Subscription,
};
use crate::posture::{Exemptions, Ruleset, Standing, VerdictWord, judge};
use crate::store::{Completeness, ScanHeader, Writer};

fn server(name: &str, public: &str) -> ServerDocuments {
    let id = format!(
        "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/{name}"
    );
    let document = Document {
        kind: DocumentKind::Server,
        shared: None,
        request: Request {
            method: Method::Get,
            path: id.clone(),
            api_version: "2024-12-30".into(),
        },
        fetched_at: Timestamp::UNIX_EPOCH,
        duration_ms: 1,
        outcome: Outcome::Read(json!({"properties": {"network": {"publicNetworkAccess": public}}})),
    };
    ServerDocuments::new(ResourceId::parse(&id).unwrap(), [document])
}

fn ruleset(strict_baseline: bool) -> Ruleset {
    Ruleset {
        strict_baseline,
        ..Ruleset::default()
    }
}

/// Three servers, two of which are open to the public, judged under a ruleset.
fn begun(path: &Path, ruleset: &Ruleset) -> Writer {
    let header = ScanHeader {
        id: "0a1b2c3d".into(),
        started_at: Timestamp::UNIX_EPOCH,
        program: "test".into(),
        cloud: "public".into(),
        endpoint: "https://management.azure.com".into(),
        scope: "everything".into(),
        parent: None,
    };
    let mut writer = Writer::create(path, &header).unwrap();
    let subscription = |id: &str| Subscription {
        id: id.into(),
        name: id.into(),
        tenant: None,
        state: None,
        delegated: false,
    };
    writer
        .subscriptions(&[subscription("s1"), subscription("s2")])
        .unwrap();
    writer.unlisted(&["s2".to_owned()]).unwrap();
    for (name, public) in [("a", "Enabled"), ("b", "Disabled"), ("c", "Enabled")] {
        let documents = server(name, public);
        let standing = Standing::new(&documents, &judge(&documents, ruleset));
        writer.servers([(&documents, &standing)]).unwrap();
    }
    writer
}

fn finished(folder: &Path, ruleset: &Ruleset) -> PathBuf {
    begun(&folder.join("s.flexscan"), ruleset)
        .finish(Completeness::Complete, Timestamp::UNIX_EPOCH, ruleset)
        .unwrap()
}

/// As a file of format 2 was: without any of the tables and columns that came with format 3.
fn as_format_2(path: &Path) {
    Connection::open(path)
        .unwrap()
        .execute_batch(
            "DROP TABLE totals; DROP TABLE fingerprints; ALTER TABLE server DROP COLUMN fingerprints;
             ALTER TABLE subscription DROP COLUMN unlisted; PRAGMA user_version = 2",
        )
        .unwrap();
}

fn without_documents(path: &Path) {
    Connection::open(path)
        .unwrap()
        .execute_batch("DELETE FROM document")
        .unwrap();
}

fn public(totals: &Totals) -> (usize, usize) {
    let tally = totals.feature(FeatureId::PublicNetworkAccess);
    (tally.get(VerdictWord::Fail), tally.get(VerdictWord::Pass))
}

#[test]
fn the_totals_and_fingerprints_of_a_finished_scan_are_those_of_its_servers() {
    let folder = tempfile::tempdir().unwrap();
    let judge = Judge::by(ruleset(false));
    let path = finished(folder.path(), &judge.ruleset);
    without_documents(&path);
    let mut scan = Scan::open(&path).unwrap();
    let totals = scan.totals().unwrap().unwrap();
    assert_eq!((totals.servers, public(&totals).0), (3, 2));
    assert_eq!(
        scan.totals_under(&judge, None, |_| panic!("no document is read"))
            .unwrap(),
        Some(totals.clone())
    );
    let assessed = scan
        .assess(&judge, None, |_| panic!("no document is read"))
        .unwrap()
        .unwrap();
    assert_eq!(Totals::of(&assessed.fleet.servers), totals);
    let expected: Vec<Fingerprints> = [("a", "Enabled"), ("b", "Disabled"), ("c", "Enabled")]
        .map(|(name, public)| judge.standing(&server(name, public)).fingerprints)
        .to_vec();
    assert_eq!(assessed.fingerprints, Some(expected));
    assert_eq!(scan.unlisted().unwrap(), ["s2"]);
}

#[test]
fn a_file_of_format_2_has_its_totals_from_the_list_and_no_fingerprints() {
    let folder = tempfile::tempdir().unwrap();
    let judge = Judge::by(ruleset(false));
    let path = finished(folder.path(), &judge.ruleset);
    as_format_2(&path);
    let mut scan = Scan::open(&path).unwrap();
    assert_eq!(scan.totals().unwrap(), None);
    let totals = scan.totals_under(&judge, None, |_| panic!("no document is read"));
    assert_eq!(totals.unwrap().unwrap().servers, 3);
    let assessed = scan.assess(&judge, None, |_| true).unwrap().unwrap();
    assert_eq!(assessed.fingerprints, None);
    assert_eq!(assessed.fleet.servers.len(), 3);
    assert!(scan.unlisted().unwrap().is_empty());
    assert!(scan.documents(&server("a", "").id().to_string()).is_ok());
    // Judged anew, what was seen is known again.
    let anew = Judge::by(ruleset(true));
    let assessed = scan.assess(&anew, None, |_| true).unwrap().unwrap();
    assert_eq!(assessed.fingerprints.map(|it| it.len()), Some(3));
}

#[test]
fn a_file_of_format_1_has_its_totals_from_its_documents() {
    let folder = tempfile::tempdir().unwrap();
    let judge = Judge::by(ruleset(false));
    let path = finished(folder.path(), &judge.ruleset);
    as_format_2(&path);
    Connection::open(&path)
        .unwrap()
        .execute_batch(
            "DROP TABLE server_shared; DROP TABLE shared_document; ALTER TABLE packed DROP COLUMN settings;
             ALTER TABLE server DROP COLUMN source; UPDATE packed SET ruleset = 'old'; PRAGMA user_version = 1",
        )
        .unwrap();
    let mut scan = Scan::open(&path).unwrap();
    assert_eq!(scan.totals().unwrap(), None);
    let totals = scan.totals_under(&judge, None, |_| true).unwrap().unwrap();
    assert_eq!((totals.servers, public(&totals).0), (3, 2));
}

#[test]
fn another_ruleset_is_judged_once_and_comes_from_the_cache_after_that() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path().join("cache"));
    let path = finished(folder.path(), &ruleset(false));
    let anew = Judge::by(ruleset(true));
    let mut scan = Scan::open(&path).unwrap();
    let mut heard = Vec::new();
    let first = scan.assess(&anew, Some(&cache), |done| {
        heard.push(done);
        true
    });
    assert_eq!(heard, [1, 2, 3]);
    let first = first.unwrap().unwrap();
    let again = scan.assess(&anew, Some(&cache), |_| panic!("it is in the cache"));
    assert_eq!(again.unwrap().unwrap(), first);
    let totals = scan.totals_under(&anew, Some(&cache), |_| panic!("it is in the cache"));
    let totals = totals.unwrap().unwrap();
    assert_eq!(totals, Totals::of(&first.fleet.servers));
    assert_eq!(
        scan.totals_under(&anew, Some(&cache), |_| false).unwrap(),
        Some(totals.clone())
    );
    // What is damaged is judged anew, and is whole after that.
    for file in std::fs::read_dir(folder.path().join("cache")).unwrap() {
        std::fs::write(file.unwrap().path(), b"flexposture judged 2\nno").unwrap();
    }
    let mut heard = 0;
    let repaired = scan.totals_under(&anew, Some(&cache), |done| {
        heard = done;
        true
    });
    assert_eq!((repaired.unwrap(), heard), (Some(totals.clone()), 3));
    Connection::open(&path)
        .unwrap()
        .execute_batch("UPDATE scan SET digest = 'of other documents'")
        .unwrap();
    let mut heard = 0;
    Scan::open(&path)
        .unwrap()
        .totals_under(&anew, Some(&cache), |done| {
            heard = done;
            true
        })
        .unwrap();
    assert_eq!(heard, 3, "other documents have another place in the cache");
}

#[test]
fn exemptions_are_part_of_the_totals_and_of_their_place_in_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path().join("cache"));
    let plain = Judge::by(ruleset(false));
    let path = finished(folder.path(), &plain.ruleset);
    let exempted = Judge {
        exemptions: Exemptions::parse(
            "[[exemption]]\nserver = \"a\"\nfeature = \"public-network-access\"\nreason = \"r\"\nowner = \"o\"\nuntil = 2027-01-01\n",
        )
        .unwrap(),
        today: "2026-11-24".parse().unwrap(),
        ..plain.clone()
    };
    assert_ne!(exempted.id(), plain.id());
    let later = Judge {
        today: "2027-01-02".parse().unwrap(),
        ..exempted.clone()
    };
    assert_eq!(later.id(), plain.id(), "none holds any more");
    let mut scan = Scan::open(&path).unwrap();
    let totals = scan.totals_under(&exempted, Some(&cache), |_| true);
    let totals = totals.unwrap().unwrap();
    let waived = totals
        .feature(FeatureId::PublicNetworkAccess)
        .get(VerdictWord::Waived);
    assert_eq!((waived, public(&totals).0), (1, 1));
    let other = scan.totals_under(&plain, Some(&cache), |_| true).unwrap();
    assert_eq!(public(&other.unwrap()).0, 2);
    let both = [&exempted, &plain].map(|judge| {
        let assessed = scan.assess(judge, Some(&cache), |_| true).unwrap();
        assessed.unwrap().fingerprints.unwrap()
    });
    assert_eq!(both[0], both[1]);
}

#[test]
fn a_judging_that_is_stopped_leaves_nothing_in_the_cache_and_an_unfinished_scan_never_does() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path().join("cache"));
    let path = finished(folder.path(), &ruleset(false));
    let anew = Judge::by(ruleset(true));
    let mut scan = Scan::open(&path).unwrap();
    let stopped = scan.totals_under(&anew, Some(&cache), |done| done < 2);
    assert_eq!(stopped.unwrap(), None);
    let running = begun(&folder.path().join("running.flexscan"), &ruleset(false));
    let mut scan = Scan::open(running.path()).unwrap();
    assert_eq!(scan.totals().unwrap(), None);
    let assessed = scan.assess(&anew, Some(&cache), |_| true).unwrap().unwrap();
    assert_eq!(assessed.fleet.servers.len(), 3);
    assert!(!folder.path().join("cache").exists());
}

#[test]
fn a_cache_that_cannot_be_written_costs_time_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let in_the_way = folder.path().join("file");
    std::fs::write(&in_the_way, "not a folder").unwrap();
    let path = finished(folder.path(), &ruleset(false));
    let mut scan = Scan::open(&path).unwrap();
    let totals = scan.totals_under(
        &Judge::by(ruleset(true)),
        Some(&Cache::at(in_the_way)),
        |_| true,
    );
    assert_eq!(totals.unwrap().unwrap().servers, 3);
}
