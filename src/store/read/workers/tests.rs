//! Scans of more servers than one worker takes at once, with more workers than this machine may have cores.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::json;

use super::*;
use crate::documents::{Document, DocumentKind, Method, Outcome, Request, ResourceId};
use crate::posture::{Ruleset, Standing, judge};
use crate::store::{Completeness, ScanHeader, Writer};

const SERVERS: usize = 5 * TAKEN_AT_ONCE + 3;
const WORKERS: usize = 4;

fn scan(folder: &Path) -> PathBuf {
    let header = ScanHeader {
        id: "0a1b2c3d".into(),
        started_at: Timestamp::UNIX_EPOCH,
        program: "test".into(),
        cloud: "public".into(),
        endpoint: "https://management.azure.com".into(),
        scope: "everything".into(),
        parent: None,
    };
    let ruleset = Ruleset::default();
    let mut writer = Writer::create(&folder.join("s.flexscan"), &header).unwrap();
    for number in 0..SERVERS {
        let id = format!(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforMySQL/flexibleServers/m{number}"
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
            outcome: Outcome::Read(json!({"properties": {"state": number.to_string()}})),
        };
        let documents = ServerDocuments::new(ResourceId::parse(&id).unwrap(), [document]);
        let standing = Standing::new(&documents, &judge(&documents, &ruleset));
        writer.servers([(&documents, &standing)]).unwrap();
    }
    writer
        .finish(Completeness::Complete, Timestamp::UNIX_EPOCH, &ruleset)
        .unwrap()
}

/// What is handed over, up to so many.
fn told(path: &Path, workers: usize, most: usize) -> (Vec<String>, Result<bool, StoreError>) {
    let mut scan = Scan::open(path).unwrap();
    let places = scan.ids().unwrap();
    let mut told = Vec::new();
    let whole = scan.work_with(
        workers,
        &places,
        |place, documents| {
            assert_eq!(documents.id().name(), format!("m{place}"));
            documents.state().known().unwrap()
        },
        |state| {
            told.push(state);
            told.len() < most
        },
    );
    (told, whole)
}

fn numbers(count: usize) -> Vec<String> {
    (0..count).map(|number| number.to_string()).collect()
}

#[test]
fn every_server_is_told_once_in_the_order_of_the_inventory() {
    let folder = tempfile::tempdir().unwrap();
    let path = scan(folder.path());
    for workers in [1, 2, WORKERS, 100] {
        let (found, whole) = told(&path, workers, usize::MAX);
        assert_eq!(found, numbers(SERVERS), "{workers}");
        assert!(whole.unwrap());
    }
}

#[test]
fn it_ends_where_nobody_wants_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = scan(folder.path());
    for workers in [1, WORKERS] {
        let (found, whole) = told(&path, workers, TAKEN_AT_ONCE + 1);
        assert_eq!(found, numbers(TAKEN_AT_ONCE + 1));
        assert!(!whole.unwrap());
    }
}

#[test]
fn the_first_damage_is_told_after_all_that_comes_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = scan(folder.path());
    // The numbers of servers in a file begin at one.
    Connection::open(&path)
        .unwrap()
        .execute_batch("UPDATE document SET body = x'00' WHERE server IN (71, 72, 140)")
        .unwrap();
    for workers in [1, WORKERS] {
        let (found, whole) = told(&path, workers, usize::MAX);
        assert_eq!(found, numbers(70));
        let error = whole.unwrap_err().to_string();
        assert!(error.contains("flexibleServers/m70"), "{error}");
    }
}

#[test]
fn work_is_done_by_several_threads_and_what_stands_there_by_now_is_not_taken_for_the_scan() {
    let folder = tempfile::tempdir().unwrap();
    let path = scan(folder.path());
    let mut open = Scan::open(&path).unwrap();
    let places = open.ids().unwrap();
    let met = std::sync::Barrier::new(2);
    let threads = Mutex::new(std::collections::HashSet::new());
    let work = |place: usize, _: &ServerDocuments| {
        // The first server of each of two workers waits for the other.
        if place == 0 || place == TAKEN_AT_ONCE {
            met.wait();
        }
        threads.lock().unwrap().insert(thread::current().id());
    };
    assert!(open.work_with(2, &places, work, |()| true).unwrap());
    assert_eq!(threads.lock().unwrap().len(), 2);

    assert!(open.again().is_some());
    std::fs::remove_file(&path).unwrap();
    assert!(open.again().is_none());
    let other = folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::rename(scan(&other), &path).unwrap();
    Connection::open(&path)
        .unwrap()
        .execute_batch("UPDATE scan SET id = 'another'")
        .unwrap();
    assert!(open.again().is_none());
}

#[test]
#[should_panic(expected = "of its own words")]
fn a_worker_that_panics_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    let path = scan(folder.path());
    let mut scan = Scan::open(&path).unwrap();
    let places = scan.ids().unwrap();
    let work = |place: usize, _: &ServerDocuments| assert!(place != 40, "of its own words");
    let _ = scan.work_with(WORKERS, &places, work, |()| true);
}

#[test]
fn what_is_read_for_the_judge_is_judged_as_what_is_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = scan(folder.path());
    let parameter = |name: &str, value: &str| {
        let flag = "False";
        json!({"id": "i", "name": name, "properties": {"value": value, "isConfigPendingRestart": flag}})
    };
    let judged = crate::documents::parameters::JUDGED;
    let all = |value: &str| -> Vec<_> { judged.iter().map(|it| parameter(it, value)).collect() };
    let among = |mut list: Vec<serde_json::Value>, more: &[serde_json::Value]| {
        list.extend_from_slice(more);
        list.rotate_right(more.len());
        list
    };
    let others = [
        parameter("autocommit", "ON"),
        parameter("wait_timeout", "8"),
    ];
    let without_users = all("ON")
        .into_iter()
        .filter(|it| it["name"] != "audit_log_include_users")
        .collect::<Vec<_>>();
    let lists = [
        among(all("ON"), &others),
        among(all("OFF"), &others),
        among(all(""), &others),
        among(without_users.clone(), &others),
        among(
            without_users.clone(),
            &[json!({"properties": {}}), json!(null)],
        ),
        among(
            without_users.clone(),
            &[json!({"name": 7}), others[0].clone()],
        ),
        among(
            without_users.clone(),
            &[others[0].clone(), others[0].clone()],
        ),
        among(
            without_users,
            &[
                json!({"name": "AUDIT_LOG_INCLUDE_USERS", "properties": {}}),
                json!({"name": "audit_log_include_users",
                    "properties": {"isConfigPendingRestart": "False"}}),
            ],
        ),
    ];
    let mut bodies = crate::store::bodies::Bodies::new(1).unwrap().unwrap();
    let database = Connection::open(&path).unwrap();
    for (number, list) in (1_i64..).zip(&lists) {
        let body = bodies.pack(&json!({ "value": list })).unwrap();
        database
            .execute(
                "INSERT INTO document (server, kind, method, path, api_version, fetched_at, duration_ms, body)
                 VALUES (?1, 'configurations', 'GET', '/c', '2024-12-30', 0, 1, ?2)",
                (number, body),
            )
            .unwrap();
    }
    let judge = crate::posture::Judge::by(Ruleset::default());
    let mut scan = Scan::open(&path).unwrap();
    let mut whole = Vec::new();
    let mut lengths = Vec::new();
    let length = |documents: &ServerDocuments| {
        let body = documents.body(DocumentKind::Configurations);
        body.map_or(0, |body| body.to_string().len())
    };
    scan.for_each(|documents| {
        whole.push(judge.findings(&documents));
        lengths.push(length(&documents));
    })
    .unwrap();
    let mut place = 0;
    let mut shorter = 0;
    scan.work_through(
        |_, documents| (judge.findings(documents), length(documents)),
        |(findings, length)| {
            assert_eq!(findings, whole[place], "{place}");
            shorter += usize::from(length < lengths[place]);
            place += 1;
            true
        },
    )
    .unwrap();
    assert_eq!((place, whole.len()), (SERVERS, SERVERS));
    assert!(shorter > 3, "{shorter}");
    // Whoever reads after that reads everything.
    let mut again = Vec::new();
    scan.for_each(|documents| again.push(length(&documents)))
        .unwrap();
    assert_eq!(again, lengths);
}
