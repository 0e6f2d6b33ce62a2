//! Files that are read while they are written, damaged, or made to do harm.

mod handover;
mod upkeep;

use std::path::Path;

use flexposture::baseline::FeatureId;
use flexposture::documents::{
    Cause, Document, DocumentKind, Method, Outcome, Request, ResourceId, ServerDocuments,
    Subscription,
};
use flexposture::posture::{Judge, Ruleset, Standing, judge};
use flexposture::store::{Completeness, Scan, Writer};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::header;

fn id(name: &str) -> String {
    format!(
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforMySQL/flexibleServers/{name}"
    )
}

fn server(name: &str, kinds: &[(DocumentKind, Value)]) -> ServerDocuments {
    let id = id(name);
    ServerDocuments::new(
        ResourceId::parse(&id).expect("an id"),
        kinds.iter().map(|(kind, body)| Document {
            kind: *kind,
            shared: None,
            request: Request {
                method: Method::Get,
                path: id.clone(),
                api_version: "2024-12-30".into(),
            },
            fetched_at: Timestamp::UNIX_EPOCH,
            duration_ms: 1,
            outcome: Outcome::Read(body.clone()),
        }),
    )
}

fn keep(writer: &mut Writer, documents: &ServerDocuments) {
    let summary = Standing::new(documents, &judge(documents, &Ruleset::default()));
    writer.servers([(documents, &summary)]).expect("room");
}

fn written(path: &Path, servers: usize) -> Writer {
    let mut writer = Writer::create(path, &header()).expect("a new file");
    writer
        .subscriptions(&[Subscription {
            id: "s".into(),
            name: "S".into(),
            tenant: None,
            state: None,
            delegated: false,
        }])
        .expect("room");
    writer.note("a note").expect("room");
    for place in 0..servers {
        let name = format!("server-{place}");
        let server = server(
            &name,
            &[
                (
                    DocumentKind::Server,
                    json!({"properties": {"network": {"publicNetworkAccess": "Enabled"}}}),
                ),
                (DocumentKind::FirewallRules, json!({"value": []})),
            ],
        );
        keep(&mut writer, &server);
    }
    writer
}

fn finish(writer: Writer) {
    writer
        .finish(
            Completeness::Complete,
            Timestamp::now(),
            &Ruleset::default(),
        )
        .expect("a finished file");
}

#[test]
fn a_scan_that_is_explored_while_it_runs_is_finished_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("live.flexscan");
    let writer = written(&path, 3);
    let mut reader = Scan::open(&path).expect("readable while it is written");
    assert!(reader.documents(&id("server-1")).is_ok());
    finish(writer);
    assert!(reader.documents(&id("server-2")).is_ok());
    drop(reader);
    let scan = Scan::open(&path).expect("a finished file");
    assert_eq!(
        scan.info().expect("whole").completeness,
        Completeness::Complete
    );
}

#[test]
fn a_copy_of_a_finished_scan_that_someone_read_is_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("live.flexscan");
    let writer = written(&path, 3);
    let mut reader = Scan::open(&path).expect("readable while it is written");
    assert!(reader.documents(&id("server-1")).is_ok());
    finish(writer);
    let copy = folder.path().join("copy.flexscan");
    std::fs::copy(&path, &copy).expect("a copy");
    assert_eq!(whole(&copy).expect("whole"), 3);
}

#[test]
fn a_server_that_is_written_again_keeps_nothing_of_what_was_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("twice.flexscan");
    let mut writer = written(&path, 1);
    keep(
        &mut writer,
        &server(
            "server-0",
            &[(DocumentKind::Administrators, json!({"value": []}))],
        ),
    );
    finish(writer);
    let documents = Scan::open(&path)
        .and_then(|mut scan| scan.documents(&id("server-0")))
        .expect("whole");
    let kinds: Vec<DocumentKind> = documents.iter().map(|document| document.kind).collect();
    assert_eq!(kinds, [DocumentKind::Administrators]);
}

/// Reads all that a file holds: how many servers, or what is wrong with it.
fn whole(path: &Path) -> Result<u64, flexposture::store::StoreError> {
    let mut scan = Scan::open(path)?;
    let info = scan.info()?;
    scan.fleet(&Judge::by(Ruleset::default()), |_| {})?;
    let judged_anew = Ruleset {
        strict_baseline: true,
        ..Ruleset::default()
    };
    scan.fleet(&Judge::by(judged_anew), |_| {})?;
    scan.for_each(|documents| {
        assert_eq!(
            judge(&documents, &Ruleset::default()).len(),
            FeatureId::COUNT
        );
    })?;
    Ok(info.servers)
}

#[test]
fn a_file_that_was_cut_off_or_changed_is_an_error_or_whole_and_never_a_panic() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scan.flexscan");
    finish(written(&path, 40));
    let bytes = std::fs::read(&path).expect("a file");
    let damaged = folder.path().join("damaged.flexscan");
    let mut random = fastrand::Rng::with_seed(7);
    let mut refused = 0;
    for round in 0..200 {
        let mut bytes = bytes.clone();
        if round % 4 == 0 {
            bytes.truncate(random.usize(..bytes.len()));
        } else {
            for _ in 0..1 << random.u32(..8) {
                let place = random.usize(..bytes.len());
                bytes[place] = random.u8(..);
            }
        }
        std::fs::write(&damaged, &bytes).expect("room");
        if let Err(error) = whole(&damaged) {
            refused += 1;
            let text = error.to_string();
            assert!(text.contains("damaged.flexscan"), "{text}");
        }
    }
    assert!(refused > 50, "only {refused} of 200 were refused");
}

/// A finished scan that was changed by hand.
fn changed(path: &Path, statement: &str) {
    finish(written(path, 2));
    rusqlite::Connection::open(path)
        .and_then(|connection| connection.execute_batch(statement))
        .expect("a statement");
}

#[test]
fn a_file_made_to_do_harm_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let bomb = |size: usize, with: &[u8]| {
        let text: Vec<u8> = with.iter().copied().cycle().take(size).collect();
        zstd_of(&text)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    for (place, (what, statement)) in [
        (
            "a time out of range",
            "UPDATE document SET fetched_at = 9223372036854775807".to_owned(),
        ),
        (
            "a start out of range",
            "UPDATE scan SET started_at = -9223372036854775808".to_owned(),
        ),
        (
            "a list of too many servers",
            format!(
                "UPDATE packed SET list = x'{}'",
                bomb(64 << 20, &[0xff, 0xff, 0xff, 0xff, 0x7f])
            ),
        ),
        (
            "a list that goes on",
            format!("UPDATE packed SET list = x'{}'", bomb(16 << 20, &[0])),
        ),
        (
            "a body of too many values",
            format!(
                "UPDATE document SET body = x'{}' WHERE body IS NOT NULL",
                bomb(64 << 20, b"[[],")
            ),
        ),
        (
            "a body that is too deep",
            format!(
                "UPDATE document SET body = x'{}' WHERE body IS NOT NULL",
                bomb(1 << 20, b"[")
            ),
        ),
        (
            "more than one head",
            "INSERT INTO scan SELECT * FROM scan; UPDATE scan SET dictionary = 7".to_owned(),
        ),
        ("no head", "DELETE FROM scan".to_owned()),
        (
            "an id that is none",
            "UPDATE server SET id = '../../etc'; DELETE FROM packed".to_owned(),
        ),
        (
            "a cause that is none",
            "UPDATE document SET body = NULL, cause = '{\"Gone\":1}'".to_owned(),
        ),
        (
            "neither cause nor body",
            "UPDATE document SET body = NULL, cause = NULL".to_owned(),
        ),
        (
            "a view in place of a table",
            "ALTER TABLE document RENAME TO d; CREATE VIEW document AS \
            SELECT * FROM no_such_table"
                .to_owned(),
        ),
        (
            "a negative count",
            "UPDATE scan SET servers = -1".to_owned(),
        ),
        (
            "a duration that is none",
            "UPDATE document SET duration_ms = -5".to_owned(),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let path = folder.path().join(format!("harm-{place}.flexscan"));
        changed(&path, &statement);
        let error = whole(&path)
            .err()
            .unwrap_or_else(|| panic!("{what} was taken"));
        let text = error.to_string();
        assert!(
            text.contains(&format!("harm-{place}.flexscan")),
            "{what}: {text}"
        );
    }
}

/// Bytes as zstd writes them, with the size in front.
fn zstd_of(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 1).expect("memory")
}

/// A server with one document that others share, read or not, at this second.
fn sharing(name: &str, second: i64, outcome: Outcome) -> ServerDocuments {
    let own = server(name, &[(DocumentKind::Server, json!({"properties": {}}))]);
    let plan = Document {
        kind: DocumentKind::DefenderPlan,
        shared: Some("/subscriptions/s/plan".into()),
        request: Request {
            method: Method::Get,
            path: format!("/read/at/{second}"),
            api_version: "2024-01-01".into(),
        },
        fetched_at: Timestamp::from_second(second).expect("a time"),
        duration_ms: 1,
        outcome,
    };
    ServerDocuments::new(own.id().clone(), own.iter().cloned().chain([plan.into()]))
}

#[test]
fn of_several_answers_about_one_thing_the_better_one_is_kept_and_all_are_judged_by_it() {
    let plan = |tier: &str| Outcome::Read(json!({"properties": {"pricingTier": tier}}));
    let unread = || Outcome::Unread(Cause::TimedOut);
    for (came, kept) in [
        (vec![(1, unread()), (2, plan("Free"))], 2),
        (vec![(1, plan("Free")), (2, unread())], 1),
        (vec![(1, plan("Standard")), (2, plan("Free"))], 2),
        (vec![(2, plan("Free")), (1, plan("Standard"))], 2),
        (vec![(1, unread()), (2, unread())], 2),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("shared.flexscan");
        let mut writer = written(&path, 0);
        for (place, (second, outcome)) in came.into_iter().enumerate() {
            keep(
                &mut writer,
                &sharing(&format!("db-{place}"), second, outcome),
            );
        }
        finish(writer);
        let mut scan = Scan::open(&path).expect("a finished file");
        let judge = Judge::by(Ruleset::default());
        let list = scan.fleet(&judge, |_| {}).expect("whole").servers;
        for (place, in_list) in list.iter().enumerate() {
            let documents = scan.documents(&id(&format!("db-{place}"))).expect("whole");
            let plan = documents.get(DocumentKind::DefenderPlan).expect("kept");
            assert_eq!(plan.request.path, format!("/read/at/{kept}"));
            assert_eq!(*in_list, judge.summary(&documents), "db-{place}");
        }
    }
}
