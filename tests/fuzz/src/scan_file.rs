//! Scan files that somebody, or a bad disk, has changed.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use flexposture::documents::{DocumentKind, ServerDocuments, Subscription};
use flexposture::posture::{Judge, Ruleset};
use flexposture::store::{Completeness, Scan, ScanHeader, StoreError, Writer, compare};
use jiff::Timestamp;
use serde_json::json;
use tempfile::TempDir;

use super::assert_clean;
use super::documents::server_of;

/// A whole file of some servers.
static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("whole.flexscan");
    let header = ScanHeader {
        id: "0a1b2c3d".to_owned(),
        started_at: Timestamp::UNIX_EPOCH,
        program: "test".to_owned(),
        cloud: "public".to_owned(),
        endpoint: "https://management.azure.com".to_owned(),
        scope: "everything".to_owned(),
        parent: None,
    };
    let judge = judge();
    let mut writer = Writer::create(&path, &header).expect("a new file");
    let subscription = Subscription {
        id: "11111111-1111-4111-8111-111111111111".to_owned(),
        name: "shop".to_owned(),
        tenant: None,
        state: None,
        delegated: false,
    };
    writer.subscriptions(&[subscription]).expect("room");
    writer.note("a note").expect("room");
    let servers: Vec<ServerDocuments> = ["one", "two", "three"]
        .into_iter()
        .filter_map(|name| {
            let body = json!({"name": name, "location": "West Europe", "tags": {"env": "prod"}, "properties": {
                "state": "Ready", "version": "8.0.21", "network": {"publicNetworkAccess": "Enabled"}}});
            let rules = json!({"value": [{"name": "all", "properties": {
                "startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}}]});
            let bodies = vec![
                (DocumentKind::Server, body),
                (DocumentKind::FirewallRules, rules),
                (DocumentKind::Configurations, json!(null)),
            ];
            server_of(name, bodies)
        })
        .collect();
    for documents in &servers {
        let standing = judge.standing(documents);
        writer.servers([(documents, &standing)]).expect("room");
    }
    writer
        .finish(
            Completeness::Complete,
            Timestamp::UNIX_EPOCH,
            &judge.ruleset,
        )
        .expect("room");
    std::fs::read(&path).expect("a file")
});

thread_local! {
    static FOLDER: RefCell<Option<TempDir>> = const { RefCell::new(None) };
}

fn judge() -> Judge {
    Judge::by(Ruleset::default())
}

/// A file of this thread with these bytes.
fn file_of(bytes: &[u8]) -> PathBuf {
    FOLDER.with_borrow_mut(|folder| {
        let folder = folder.get_or_insert_with(|| TempDir::new().expect("a folder"));
        let path = folder.path().join("changed.flexscan");
        for beside in ["-wal", "-shm", "-journal"] {
            let _ = std::fs::remove_file(folder.path().join(format!("changed.flexscan{beside}")));
        }
        std::fs::write(&path, bytes).expect("room");
        path
    })
}

/// Edits of the file: three bytes of place, one of content. Without any whole edit the input itself is the file.
pub fn bytes(data: &[u8]) {
    let mut file = WHOLE.clone();
    if data.len() < 4 {
        file = data.to_vec();
    }
    for edit in data.chunks_exact(4) {
        let place = usize::from(edit[0]) << 16 | usize::from(edit[1]) << 8 | usize::from(edit[2]);
        match edit[3] {
            // An end in the middle is the most frequent damage.
            0xff if place % 8 == 0 => file.truncate(place % WHOLE.len()),
            _ if file.is_empty() => {}
            byte => {
                let place = place % file.len();
                file[place] ^= byte;
            }
        }
    }
    read_all(&file_of(&file));
}

/// The first byte chooses what in the file is replaced by the rest.
pub fn columns(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    let path = file_of(&WHOLE);
    let packed = zstd::bulk::compress(rest, 1).expect("memory");
    let text = String::from_utf8_lossy(rest);
    let changed = rusqlite::Connection::open(&path).and_then(|file| match first % 16 {
        0 => file.execute("UPDATE packed SET list = ?1", [&packed]),
        1 => file.execute("UPDATE packed SET list = ?1", [rest]),
        2 => file.execute("UPDATE fingerprints SET list = ?1", [&packed]),
        3 => file.execute("UPDATE document SET body = ?1", [rest]),
        4 => file.execute("UPDATE document SET body = ?1", [&packed]),
        5 => file.execute("UPDATE document SET body = NULL, cause = ?1", [&text]),
        6 => file.execute(
            "UPDATE document SET method = ?1, path = ?1, api_version = ?1",
            [&text],
        ),
        7 => file.execute(
            "UPDATE server SET id = ?1, name = ?1 WHERE ord = 1",
            [&text],
        ),
        8 => file.execute("UPDATE totals SET totals = ?1", [&text]),
        9 => file.execute("UPDATE packed SET settings = ?1, ruleset = ?1", [&text]),
        10 => file.execute(
            "UPDATE scan SET program = ?1, cloud = ?1, scope = ?1, digest = ?1, completeness = ?1",
            [&text],
        ),
        11 => file.execute("UPDATE scan SET id = ?1, parent = ?1", [&text]),
        12 => file.execute(
            "UPDATE subscription SET id = ?1, name = ?1, tenant = ?1",
            [&text],
        ),
        13 => file.execute("UPDATE note SET text = ?1", [&text]),
        14 => file.execute(
            "UPDATE document SET kind = ?1 WHERE kind = 'server'",
            [&text],
        ),
        _ => {
            let number = rest
                .iter()
                .take(8)
                .fold(0_i64, |all, byte| all << 8 | i64::from(*byte));
            file.execute(
                "UPDATE scan SET servers = ?1, finished_at = ?1, started_at = ?1",
                [number],
            )
        }
    });
    // A change that SQLite refuses (the same key twice) is no input.
    if changed.is_ok() {
        read_all(&path);
    }
}

fn read_all(path: &Path) {
    let judge = judge();
    let told = |error: StoreError| assert_clean(&error.to_string());
    match Scan::open(path) {
        Err(error) => told(error),
        Ok(mut scan) => {
            if let Ok(info) = scan.info() {
                for text in [
                    &info.header.id,
                    &info.header.program,
                    &info.header.cloud,
                    &info.header.scope,
                ] {
                    assert_clean(text);
                }
                info.notes.iter().for_each(|note| assert_clean(note));
            }
            let read = scan.for_each(|documents| {
                assert_eq!(
                    judge.findings(&documents).len(),
                    flexposture::baseline::FeatureId::COUNT
                );
            });
            let _ = read.map_err(told);
            let _ = scan.fleet(&judge, |_| {}).map_err(told);
            let _ = scan.assess(&judge, None, |_| true).map_err(told);
            let _ = scan.totals().map_err(told);
            let _ = scan.judged_under().map_err(told);
            let _ = scan.unlisted().map_err(told);
            let _ = scan.verify(|_, _| true).map_err(told);
        }
    }
    let _ = compare(path, path, &judge, None, |_| true).map_err(told);
}
