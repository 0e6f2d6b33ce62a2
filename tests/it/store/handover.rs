//! Scans handed over: out of a folder, under pseudonyms, and into another.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use flexposture::documents::{DocumentKind, ResourceId};
use flexposture::posture::{Judge, Ruleset};
use flexposture::simulator::{Faults, Fleet, FleetOptions, Options};
use flexposture::store::{
    Completeness, Export, Folder, Imported, Scan, StoreError, Verification, Writer, export, import,
};
use jiff::Timestamp;
use serde_json::Value;

use super::{finish, keep, server, whole, written};
use crate::support::{header, scan_all, unlimited};

const QUIET: fn(u64, u64) = |_, _| {};

fn out(from: &Path, to: &Path) {
    export(from, to, Export::default(), QUIET).expect("an export");
}

fn into(file: &Path, folder: &Folder) -> Result<Imported, StoreError> {
    import(file, folder, false, Timestamp::now(), QUIET)
}

fn folder() -> (tempfile::TempDir, Folder) {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::at(place.path().join("scans"));
    (place, folder)
}

fn list(path: &Path) -> flexposture::posture::Fleet {
    Scan::open(path)
        .and_then(|mut scan| scan.fleet(&Judge::by(Ruleset::default()), |_| {}))
        .expect("whole")
}

#[test]
fn a_scan_goes_out_and_comes_in_as_it_was_and_once() {
    let (place, folder) = folder();
    let (from, to) = (
        place.path().join("a.flexscan"),
        place.path().join("b.flexscan"),
    );
    finish(written(&from, 450));
    out(&from, &to);
    assert_eq!(list(&from), list(&to));
    assert_eq!(
        Scan::open(&to).unwrap().verify(|_, _| true).unwrap(),
        Some(Verification::Intact)
    );
    assert!(matches!(
        export(&from, &to, Export::default(), QUIET),
        Err(StoreError::Exists { .. })
    ));
    let Imported::New { path, info } = into(&to, &folder).expect("taken in") else {
        panic!("it is new");
    };
    assert_eq!(path, folder.file_for(&info.header));
    assert_eq!(info.header.id, header().id);
    assert_eq!(info.notes, ["a note"]);
    assert_eq!(list(&path), list(&from));
    assert_eq!(into(&from, &folder).expect("known"), Imported::Known(path));
    assert_eq!(folder.files().expect("a folder").len(), 1);
    let beside = fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(beside, 1, "nothing is left beside it");
}

#[test]
fn another_scan_with_the_same_id_is_refused_or_gets_its_own() {
    let (place, folder) = folder();
    let (one, other) = (
        place.path().join("a.flexscan"),
        place.path().join("b.flexscan"),
    );
    finish(written(&one, 2));
    finish(written(&other, 3));
    into(&one, &folder).expect("taken in");
    let error = into(&other, &folder).expect_err("the id is taken");
    assert!(matches!(error, StoreError::OtherContent { .. }), "{error}");
    let imported = import(&other, &folder, true, Timestamp::now(), QUIET).expect("taken in");
    let Imported::New { info, .. } = imported else {
        panic!("it is new");
    };
    assert_ne!(info.header.id, header().id);
    assert_eq!(info.servers, 3);
}

#[test]
fn what_lies_over_another_scan_goes_out_as_one_whole() {
    let (place, folder) = folder();
    let below = place.path().join("below.flexscan");
    finish(written(&below, 3));
    let above = place.path().join("above.flexscan");
    let own = flexposture::store::ScanHeader {
        id: "0badcafe".into(),
        ..header()
    };
    let mut writer = Writer::over(&above, &own, Scan::open(&below).expect("whole")).expect("room");
    let firewall = serde_json::json!({"value": [{"id": "x", "name": "all", "properties":
        {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}}]});
    keep(
        &mut writer,
        &server("server-1", &[(DocumentKind::FirewallRules, firewall)]),
    );
    finish(writer);
    let to = place.path().join("one.flexscan");
    out(&above, &to);
    assert_eq!(list(&to), list(&above));
    let scan = Scan::open(&to).expect("whole");
    assert_eq!(scan.info().expect("whole").header.parent, None);
    // Where both are at hand, it is the same scan.
    into(&below, &folder).expect("taken in");
    let Imported::New { path, .. } = into(&above, &folder).expect("taken in") else {
        panic!("it is new");
    };
    assert_eq!(list(&path), list(&above));
    assert_eq!(into(&to, &folder).expect("known"), Imported::Known(path));
}

#[test]
fn a_broken_off_scan_goes_out_with_an_end_that_says_so() {
    let (place, folder) = folder();
    let from = place.path().join("a.flexscan");
    drop(written(&from, 3));
    let to = place.path().join("b.flexscan");
    out(&from, &to);
    let info = Scan::open(&to).and_then(|scan| scan.info()).expect("whole");
    assert_eq!(info.completeness, Completeness::Cancelled);
    assert_eq!(info.servers, 3);
    assert!(
        info.notes.iter().any(|note| note.contains("broken off")),
        "{:?}",
        info.notes
    );
    assert!(matches!(into(&from, &folder), Ok(Imported::New { .. })));
    let running = place.path().join("running.flexscan");
    let _writer = written(&running, 1);
    assert!(matches!(
        into(&running, &folder),
        Err(StoreError::BeingWritten { .. })
    ));
}

#[test]
fn a_scan_of_watch_mode_that_was_handed_over_is_no_longer_one() {
    let (place, folder) = folder();
    let from = place.path().join("a.flexscan");
    let writer = Writer::create(&from, &header().of_watch()).expect("room");
    finish(writer);
    let Ok(Imported::New { info, .. }) = into(&from, &folder) else {
        panic!("it is new");
    };
    assert!(!info.header.is_of_watch());
}

/// Files made to do harm: what is wrong with each, and how it is made of a good one.
fn hostile(folder: &Path) -> Vec<(&'static str, PathBuf)> {
    let statements = [
        ("a trigger", "CREATE TRIGGER t AFTER INSERT ON note BEGIN DELETE FROM server; END"),
        ("a view", "ALTER TABLE note RENAME TO n; CREATE VIEW note AS SELECT * FROM n"),
        ("another view", "CREATE VIEW more AS SELECT load_extension('x')"),
        ("a virtual table", "CREATE VIRTUAL TABLE f USING fts5(x)"),
        ("a table", "CREATE TABLE more (x)"),
        ("an index", "CREATE INDEX i ON server (name)"),
        ("a column", "ALTER TABLE note ADD COLUMN more TEXT"),
        ("a column that is computed", "ALTER TABLE note ADD COLUMN more TEXT AS (upper(text))"),
        ("an id that is a path", "UPDATE scan SET id = '../../../x'"),
        ("an id that is too long", "UPDATE scan SET id = '0123456789'"),
        ("a start that is yet to come", "UPDATE scan SET started_at = 32503680000000"),
        ("a start that is no time", "UPDATE scan SET started_at = 9223372036854775807"),
        ("a start before our time", "UPDATE scan SET started_at = -99999999999999"),
        ("two heads", "INSERT INTO scan SELECT * FROM scan"),
        ("no head", "DELETE FROM scan"),
        ("a dictionary of nobody", "UPDATE scan SET dictionary = 99"),
        ("a name of another server", "UPDATE server SET key = 'x' WHERE ord = 1"),
        ("an id that is none", "UPDATE server SET id = 'x', key = 'x' WHERE ord = 1"),
        ("a body of another size", "UPDATE document SET body = x'28b52ffda0ffffff7f0000' WHERE server = 1; UPDATE scan SET digest = NULL"),
        ("text that is no UTF-8", "UPDATE note SET text = CAST(x'fffefd' AS TEXT)"),
        ("a long text", "UPDATE note SET text = printf('%*c', 100000, 'x')"),
        ("another digest", "UPDATE scan SET digest = 'x'"),
        ("a later format", "PRAGMA user_version = 99"),
        ("another program's file", "PRAGMA application_id = 1"),
        (
            "servers twice",
            "PRAGMA foreign_keys = OFF; CREATE TABLE s AS SELECT * FROM server; DROP TABLE server; ALTER TABLE s RENAME TO server;
             INSERT INTO server SELECT * FROM server; UPDATE scan SET digest = NULL",
        ),
        (
            "numbers that are text",
            "PRAGMA foreign_keys = OFF; CREATE TABLE s AS SELECT * FROM document; DROP TABLE document; ALTER TABLE s RENAME TO document;
             UPDATE document SET fetched_at = 'soon'; UPDATE scan SET digest = NULL",
        ),
    ];
    let good = folder.join("good.flexscan");
    finish(written(&good, 3));
    let mut files = Vec::new();
    for (place, (what, statement)) in statements.into_iter().enumerate() {
        let path = folder.join(format!("hostile-{place}.flexscan"));
        fs::copy(&good, &path).expect("room");
        rusqlite::Connection::open(&path)
            .and_then(|connection| connection.execute_batch(statement))
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        files.push((what, path));
    }
    let bytes = fs::read(&good).expect("a file");
    let mut made = |what: &'static str, bytes: &[u8]| {
        let path = folder.join(format!("made-{}.flexscan", files.len()));
        fs::write(&path, bytes).expect("room");
        files.push((what, path));
    };
    made("nothing", b"");
    made("text", b"hello, this is no database at all");
    made("half of it", &bytes[..bytes.len() / 2]);
    made("a head alone", &bytes[..100]);
    let mut pages = bytes.clone();
    pages[28..32].copy_from_slice(&u32::MAX.to_be_bytes());
    pages.truncate(bytes.len() / 3);
    made("a claim of four thousand million pages", &pages);
    let mut zeros = bytes.clone();
    let middle = zeros.len() / 2;
    zeros[middle..].fill(0);
    made("zeros", &zeros);
    files
}

#[test]
fn files_made_to_do_harm_are_errors_in_words_and_change_nothing() {
    let (place, folder) = folder();
    for (what, file) in hostile(place.path()) {
        let error = match into(&file, &folder) {
            Err(error) => error.to_string(),
            Ok(imported) => panic!("{what} was taken in: {imported:?}"),
        };
        let name = file
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        assert!(error.contains(&name), "{what}: {error}");
        assert!(
            !error.contains('\u{fffd}') && error.len() < 2_000,
            "{what}: {error}"
        );
        let left = fs::read_dir(folder.path()).map_or(0, Iterator::count);
        assert_eq!(left, 0, "{what} left something");
        // Opened as it is, it may be read or not; it brings nothing down.
        let _ = whole(&file);
        let _ = Scan::open(&file).and_then(|scan| scan.verify(|_, _| true));
        let to = place.path().join("salvaged.flexscan");
        let how = Export {
            salvage: true,
            replace: true,
            ..Export::default()
        };
        let _ = export(&file, &to, how, QUIET);
    }
}

/// All texts of a file, in lower case: of every column and of every document.
fn texts(path: &Path) -> String {
    let mut texts = String::new();
    let connection = rusqlite::Connection::open(path).expect("a database");
    let tables: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .expect("tables");
    for table in tables {
        let mut statement = connection
            .prepare(&format!("SELECT * FROM {table}"))
            .expect("a table");
        let columns = statement.column_count();
        let mut rows = statement.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            for column in 0..columns {
                match row.get_ref(column).expect("a value") {
                    rusqlite::types::ValueRef::Text(bytes) => {
                        texts.push_str(&String::from_utf8_lossy(bytes));
                        texts.push('\n');
                    }
                    rusqlite::types::ValueRef::Blob(bytes) => {
                        texts.push_str(&String::from_utf8_lossy(bytes));
                        if let Ok(plain) = zstd::decode_all(bytes) {
                            texts.push_str(&String::from_utf8_lossy(&plain));
                        }
                        texts.push('\n');
                    }
                    _ => {}
                }
            }
        }
    }
    let mut scan = Scan::open(path).expect("whole");
    scan.for_each(|documents| {
        for document in documents.iter() {
            if let Ok(body) = document.body() {
                texts.push_str(&body.to_string());
                texts.push('\n');
            }
        }
    })
    .expect("whole");
    texts.to_lowercase()
}

/// What tells whose a fleet is: names, ids, addresses, logins, tenants, values of tags.
fn names(path: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut scan = Scan::open(path).expect("whole");
    for subscription in scan.subscriptions().expect("whole") {
        names.extend([subscription.id, subscription.name]);
        names.extend(subscription.tenant);
    }
    scan.for_each(|documents| {
        for document in documents.iter() {
            id_names(&document.request.path, &mut names);
            if let Ok(body) = document.body() {
                value_names("", body, &mut names);
            }
        }
    })
    .expect("whole");
    // What is too short to be looked for, or a plain word that stands in the names of Azure's own settings too.
    names.retain(|name| name.len() > 4 && !name.bytes().all(|it| it.is_ascii_alphabetic()));
    names.remove("00000000-0000-0000-0000-000000000000");
    names
}

fn id_names(id: &str, names: &mut BTreeSet<String>) {
    let Ok(id) = ResourceId::parse(id) else {
        return;
    };
    names.insert(id.subscription().to_owned());
    names.extend(id.resource_group().map(str::to_owned));
    for kind in [
        "flexibleservers",
        "vaults",
        "managedhsms",
        "virtualnetworks",
        "subnets",
        "networksecuritygroups",
        "workspaces",
        "storageaccounts",
        "userassignedidentities",
        "privateendpoints",
        "policyassignments",
        "policyexemptions",
        "firewallrules",
        "keys",
        "locks",
        "diagnosticsettings",
    ] {
        let lower = id.as_str().to_lowercase();
        if let Some((_, rest)) = lower.split_once(&format!("/{kind}/")) {
            names.insert(rest.split('/').next().unwrap_or_default().to_owned());
        }
    }
}

fn value_names(member: &str, value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items
            .iter()
            .for_each(|item| value_names(member, item, names)),
        Value::Object(members) => {
            for (name, value) in members {
                id_names(name, names);
                if name == "tags" {
                    let values = value.as_object().into_iter().flat_map(|tags| tags.values());
                    names.extend(values.filter_map(|it| Some(it.as_str()?.to_owned())));
                } else {
                    value_names(name, value, names);
                }
            }
        }
        Value::String(text) => {
            id_names(text, names);
            let is_name = matches!(
                member,
                "administratorLogin"
                    | "login"
                    | "sid"
                    | "tenantId"
                    | "principalId"
                    | "clientId"
                    | "displayName"
                    | "createdBy"
                    | "lastModifiedBy"
                    | "primaryKeyURI"
                    | "geoBackupKeyURI"
                    | "fullyQualifiedDomainName"
                    | "notes"
                    | "vaultUri"
                    | "keyUri"
                    | "keyUriWithVersion"
                    | "objectId"
                    | "uniqueId"
                    | "resourceGuid"
            );
            if is_name {
                names.insert(text.clone());
            }
        }
        _ => {}
    }
}

/// Every address that stands as a text of its own.
fn addresses(path: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    fn look(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| look(item, found)),
            Value::Object(members) => members.values().for_each(|member| look(member, found)),
            Value::String(text) if text.parse::<std::net::IpAddr>().is_ok() => {
                found.insert(text.clone());
            }
            _ => {}
        }
    }
    Scan::open(path)
        .expect("whole")
        .for_each(|documents| {
            for document in documents.iter() {
                if let Ok(body) = document.body() {
                    look(body, &mut found);
                }
            }
        })
        .expect("whole");
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redacted_fleet_is_judged_alike_and_nothing_tells_whose_it_is() {
    let place = tempfile::tempdir().expect("a folder");
    let fleet = Fleet::generate(&FleetOptions {
        servers: 40,
        ..FleetOptions::new(Timestamp::now())
    });
    let options = Options {
        essential_parameters_only: false,
        ..unlimited(Faults::none())
    };
    let scanned = scan_all(fleet, options).await;
    let from = scanned.scan.path().to_owned();
    let to = place.path().join("redacted.flexscan");
    let how = Export {
        redact: true,
        ..Export::default()
    };
    export(&from, &to, how, QUIET).expect("an export");
    assert_eq!(
        Scan::open(&to).unwrap().verify(|_, _| true).unwrap(),
        Some(Verification::Intact)
    );

    let (before, after) = (list(&from), list(&to));
    assert_eq!(before.servers.len(), after.servers.len());
    assert!(before.servers.len() >= 40);
    for (one, other) in before.servers.iter().zip(&after.servers) {
        for feature in flexposture::baseline::FeatureId::ALL {
            let (then, now) = (one.cell(feature).verdict, other.cell(feature).verdict);
            assert_eq!(then, now, "{feature:?} of {} and {}", one.id, other.id);
        }
        assert_eq!(one.region, other.region);
        assert_eq!(one.version, other.version);
    }

    let text = texts(&to);
    let secret = names(&from);
    assert!(secret.len() > 100, "{}", secret.len());
    let told: Vec<&String> = secret
        .iter()
        .filter(|name| text.contains(&name.to_lowercase()))
        .collect();
    assert!(told.is_empty(), "{told:?}");

    // Where one address stood another stands, except where it means the same everywhere.
    let (then, now) = (addresses(&from), addresses(&to));
    assert_eq!(then.len(), now.len());
    assert!(
        then.intersection(&now).count() < then.len() / 2,
        "{then:?} {now:?}"
    );

    // The next redaction of the same scan has nothing in common with this one.
    let again = place.path().join("again.flexscan");
    export(&from, &again, how, QUIET).expect("an export");
    let ids = |path: &Path| -> BTreeSet<String> {
        list(path)
            .servers
            .iter()
            .map(|it| it.id.to_string())
            .collect()
    };
    assert!(ids(&to).is_disjoint(&ids(&again)));
    for id in ids(&to) {
        ResourceId::parse(&id).expect("an id stays one");
    }
    let (_place, folder) = folder();
    assert!(
        matches!(into(&to, &folder), Ok(Imported::New { .. })),
        "it can be handed on"
    );
}

#[test]
fn of_a_damaged_scan_what_can_be_read_is_kept_and_the_rest_is_named_and_unread() {
    let place = tempfile::tempdir().expect("a folder");
    let from = place.path().join("a.flexscan");
    finish(written(&from, 300));
    let good = fs::read(&from).expect("a file");
    let mut lossy = 0;
    // A page in the middle at a time, as a bad sector leaves it, and an end that is gone.
    let pages = good.len() / 4096;
    let damages = (pages / 3..pages).step_by((pages / 12).max(1)).map(|page| {
        let mut bytes = good.clone();
        bytes[page * 4096..(page + 1) * 4096].fill(0xa5);
        bytes
    });
    let cut = good[..good.len() / 4096 * 3 / 4 * 4096].to_vec();
    for bytes in damages.chain([cut]) {
        let damaged = place.path().join("damaged.flexscan");
        fs::write(&damaged, &bytes).expect("room");
        let found = Scan::open(&damaged).and_then(|scan| scan.verify(|_, _| true));
        assert!(
            !matches!(found, Ok(Some(Verification::Intact))),
            "damage is found"
        );
        let to = place.path().join("salvaged.flexscan");
        let how = Export {
            salvage: true,
            replace: true,
            ..Export::default()
        };
        let exported = match export(&damaged, &to, how, QUIET) {
            Ok(exported) => exported,
            // The head of the file can be what is damaged: then there is nothing to go by, and that is said.
            Err(error) => {
                assert!(error.to_string().contains("damaged.flexscan"), "{error}");
                continue;
            }
        };
        lossy += usize::from(!exported.damage.is_empty());
        let mut scan = Scan::open(&to).expect("what was salvaged is whole");
        assert_eq!(
            scan.verify(|_, _| true).expect("whole"),
            Some(Verification::Intact)
        );
        let info = scan.info().expect("whole");
        assert!(
            info.notes.iter().any(|note| note.contains("salvaged")),
            "{:?}",
            info.notes
        );
        let mut original = Scan::open(&from).expect("whole");
        scan.for_each(|documents| {
            let before = original
                .documents(documents.id().as_str())
                .expect("it was there");
            for document in documents.iter() {
                // Nothing is invented: a document is the one that was written, or it is unread.
                match document.body() {
                    Ok(_) => assert_eq!(
                        Some(document.body()),
                        before.get(document.kind).map(|it| it.body())
                    ),
                    Err(cause) => assert!(cause.to_string().contains("damaged"), "{cause}"),
                }
            }
        })
        .expect("whole");
    }
    assert!(lossy > 0, "some damage costs something");
}

#[test]
fn a_changed_byte_of_a_document_names_its_server() {
    let place = tempfile::tempdir().expect("a folder");
    let from = place.path().join("a.flexscan");
    finish(written(&from, 3));
    rusqlite::Connection::open(&from)
        .and_then(|connection| {
            let (ord, mut body): (i64, Vec<u8>) = connection.query_row(
                "SELECT server, body FROM document WHERE server = 2 AND kind = 'server'",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            let last = body.len() - 6;
            body[last] ^= 1;
            connection.execute(
                "UPDATE document SET body = ?1 WHERE server = ?2 AND kind = 'server'",
                rusqlite::params![body, ord],
            )
        })
        .expect("a change");
    let found = Scan::open(&from)
        .and_then(|scan| scan.verify(|_, _| true))
        .expect("readable");
    let Some(Verification::Changed(what)) = found else {
        panic!("{found:?}");
    };
    assert!(what.contains("server-1 (1 document)"), "{what}");
}

#[test]
fn a_file_of_every_earlier_format_comes_in_as_one_of_the_newest() {
    let to_2 =
        "DROP TABLE totals; DROP TABLE fingerprints; ALTER TABLE server DROP COLUMN fingerprints;
                ALTER TABLE subscription DROP COLUMN unlisted; PRAGMA user_version = 2;";
    let to_1 = "DROP TABLE server_shared; DROP TABLE shared_document; ALTER TABLE packed DROP COLUMN settings;
                ALTER TABLE server DROP COLUMN source; PRAGMA user_version = 1;";
    for (format, statements) in [(2, to_2.to_owned()), (1, format!("{to_2}{to_1}"))] {
        let (place, folder) = folder();
        let from = place.path().join("a.flexscan");
        finish(written(&from, 3));
        let expected = list(&from);
        rusqlite::Connection::open(&from)
            .and_then(|connection| {
                connection.execute_batch(&statements)?;
                if format == 1 {
                    // The digest of the first format is that of the documents of the servers alone.
                    connection.execute("UPDATE scan SET digest = NULL", [])?;
                }
                Ok(())
            })
            .expect("an older file");
        if format == 2 {
            let found = Scan::open(&from).and_then(|scan| scan.verify(|_, _| true));
            assert_eq!(found.expect("readable"), Some(Verification::Intact));
        }
        let Imported::New { path, .. } = into(&from, &folder).expect("taken in") else {
            panic!("it is new");
        };
        assert_eq!(
            Scan::open(&path).expect("whole").format(),
            flexposture::store::FORMAT
        );
        assert_eq!(list(&path), expected, "format {format}");
    }
}
