//! Scan files as a whole: found, listed, verified, copied, deleted, thinned out.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use flexposture::posture::{Judge, Ruleset, Totals};
use flexposture::store::{
    Completeness, Folder, Keep, Retention, Scan, ScanChoice, ScanHeader, Stays, StoreError,
    Verification, Writer, Writing, beside, copy, delete, refusal, writing,
};
use jiff::Timestamp;

use super::{finish, whole, written};
use crate::support::header;

/// A finished scan of three servers that began on this day of November.
fn scan_of(folder: &Path, day: u32, id: &str, parent: Option<&str>, end: bool) -> PathBuf {
    let header = ScanHeader {
        id: id.into(),
        started_at: format!("2026-11-{day:02}T08:00:00Z").parse().unwrap(),
        parent: parent.map(str::to_owned),
        ..header()
    };
    let path = Folder::at(folder.to_owned()).file_for(&header);
    let writer = Writer::create(&path, &header).unwrap();
    if end {
        finish(writer);
    } else {
        // As a killed writer leaves it.
        drop(writer);
    }
    path
}

fn verified(path: &Path) -> Result<Option<Verification>, StoreError> {
    Scan::open(path)?.verify(|_, _| true)
}

#[test]
fn a_finished_scan_is_intact_and_one_without_an_end_has_nothing_to_compare_with() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.flexscan");
    let writer = written(&path, 3);
    assert_eq!(verified(&path).unwrap(), Some(Verification::Unfinished));
    finish(writer);
    let mut heard = Vec::new();
    let scan = Scan::open(&path).unwrap();
    let found = scan.verify(|done, all| {
        heard.push((done, all));
        true
    });
    assert_eq!(found.unwrap(), Some(Verification::Intact));
    assert_eq!(
        heard,
        [(0, 3), (1, 3), (2, 3), (3, 3), (1, 3), (2, 3), (3, 3)][..heard.len()]
    );
    assert!(heard.len() >= 4);
    assert_eq!(scan.verify(|done, _| done < 2).unwrap(), None);
}

#[test]
fn verifying_finds_a_changed_document_list_or_total() {
    for statement in [
        "UPDATE document SET fetched_at = fetched_at + 1 WHERE server = 2 AND kind = 'server'",
        "UPDATE document SET body = (SELECT body FROM document WHERE kind = 'firewall-rules' LIMIT 1) WHERE kind = 'server'",
        "DELETE FROM document WHERE server = 1 AND kind = 'server'",
        "UPDATE server SET summary = (SELECT summary FROM server WHERE ord = 1) WHERE ord = 2",
        "UPDATE totals SET totals = replace(totals, '\"servers\":3', '\"servers\":4')",
        "UPDATE scan SET digest = 'f' || substr(digest, 2) || 'x'",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.flexscan");
        finish(written(&path, 3));
        rusqlite::Connection::open(&path)
            .and_then(|connection| connection.execute_batch(statement))
            .unwrap();
        let found = verified(&path);
        assert!(
            matches!(found, Ok(Some(Verification::Changed(_)))),
            "{statement}: {found:?}"
        );
    }
}

#[test]
fn verifying_finds_one_changed_byte_of_any_document() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.flexscan");
    finish(written(&path, 3));
    let bytes = fs::read(&path).unwrap();
    let bodies: Vec<Vec<u8>> = rusqlite::Connection::open(&path)
        .and_then(|connection| {
            let mut statement =
                connection.prepare("SELECT body FROM document WHERE body IS NOT NULL")?;
            let bodies = statement.query_map([], |row| row.get(0))?;
            bodies.collect()
        })
        .unwrap();
    assert_eq!(bodies.len(), 6);
    let other = folder.path().join("other.flexscan");
    for body in bodies {
        let start = bytes
            .windows(body.len())
            .position(|window| window == body)
            .unwrap();
        for place in start..start + body.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1;
            fs::write(&other, damaged).unwrap();
            assert!(
                matches!(verified(&other), Ok(Some(Verification::Changed(_)))),
                "byte {place}"
            );
        }
    }
}

#[test]
fn the_newest_scan_that_can_be_read_is_meant_and_a_damaged_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let scans = Folder::at(folder.path().to_owned());
    let good = scan_of(folder.path(), 1, "aa110000", None, true);
    let bad = scan_of(folder.path(), 2, "bb220000", None, true);
    fs::write(&bad, "junk").unwrap();
    let newest = scans.newest().unwrap();
    assert_eq!(newest.path, good);
    assert_eq!(newest.passed_over.len(), 1);
    let words = newest.passed_over[0].to_string();
    assert!(words.contains("bb220000"), "{words}");
    assert_eq!(scans.find(&ScanChoice::Newest).unwrap(), good);
    // Nothing that can be read is an error that names what is there.
    fs::write(&good, "junk").unwrap();
    assert!(matches!(scans.newest(), Err(StoreError::NotAScan { .. })));
    let named = ScanChoice::Named(folder.path().to_str().unwrap().into());
    let words = scans.find(&named).unwrap_err().to_string();
    assert!(words.contains("is a folder"), "{words}");
}

#[test]
fn a_list_says_what_runs_what_was_broken_off_and_what_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let judge = Judge::by(Ruleset::default());
    finish(written(
        &folder.path().join("20261101T000000Z-1.flexscan"),
        3,
    ));
    scan_of(folder.path(), 2, "bb220000", None, false);
    let writer = written(&folder.path().join("20261103T000000Z-3.flexscan"), 2);
    fs::write(folder.path().join("20261104T000000Z-4.flexscan"), "junk").unwrap();
    let scans = Folder::at(folder.path().to_owned());
    let words = || -> Vec<String> {
        let listed = scans.list(&judge, None).unwrap();
        let word = |it: flexposture::store::Listed| match it.scan {
            Ok(scan) => format!("{} {}", scan.word(), scan.info.servers),
            Err(error) => error.to_string(),
        };
        listed.into_iter().map(word).collect()
    };
    let said = words();
    assert!(said[0].contains("is not a scan"), "{said:?}");
    assert_eq!(said[1..], ["running 2", "broken off 0", "complete 3"]);
    drop(writer);
    assert_eq!(words()[1], "broken off 2");
    let listed = scans.list(&judge, None).unwrap();
    let totals = listed[3].scan.as_ref().unwrap().totals.as_ref().unwrap();
    assert!(totals.as_asked);
    assert_eq!(totals.totals.servers, 3);
    assert_ne!(totals.totals, Totals::default());
    let other = Judge::by(Ruleset {
        strict_baseline: true,
        ..Ruleset::default()
    });
    let listed = scans.list(&other, None).unwrap();
    let totals = listed[3].scan.as_ref().unwrap().totals.as_ref().unwrap();
    assert!(!totals.as_asked, "another ruleset made them");
}

#[test]
fn whatever_is_written_says_so_until_its_writer_lets_go_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let below = scan_of(folder.path(), 1, "aa110000", None, true);
    let path = folder.path().join("child.flexscan");
    let child = || Writer::over(&path, &header(), Scan::open(&below).unwrap());
    let writer = child().unwrap();
    assert_eq!(writing(&path), Writing::Somebody);
    assert!(child().is_err(), "it is there already");
    assert_eq!(writing(&path), Writing::Somebody, "the first one goes on");
    drop(writer);
    assert_eq!(writing(&path), Writing::Nobody);
    fs::remove_file(&path).unwrap();
    finish(child().unwrap());
    let given_up = folder.path().join("none.flexscan");
    let writer = Writer::create(&given_up, &header()).unwrap();
    assert_eq!(writing(&given_up), Writing::Somebody);
    writer.discard().unwrap();
    assert!(
        [&below, &path, &given_up]
            .iter()
            .all(|it| !beside(it).exists())
    );
}

#[test]
fn a_copy_is_private_whole_and_never_written_over_something_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.flexscan");
    let to = folder.path().join("copy.flexscan");
    let writer = written(&path, 3);
    assert!(matches!(
        copy(&path, &to, false),
        Err(StoreError::BeingWritten { .. })
    ));
    // Broken off, with all of it still in the journal.
    drop(writer);
    copy(&path, &to, false).unwrap();
    assert_eq!(whole(&to).unwrap(), 3);
    let info = Scan::open(&to).unwrap().info().unwrap();
    assert_eq!(info.completeness, Completeness::Unfinished);
    let mode = fs::metadata(&to).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let finished = folder.path().join("finished.flexscan");
    finish(written(&finished, 2));
    assert!(matches!(
        copy(&finished, &to, false),
        Err(StoreError::Exists { .. })
    ));
    assert_eq!(whole(&to).unwrap(), 3, "nothing was touched");
    let bytes = copy(&finished, &to, true).unwrap();
    assert_eq!(fs::read(&to).unwrap(), fs::read(&finished).unwrap());
    assert_eq!(bytes, fs::metadata(&finished).unwrap().len());
    assert!(copy(&finished, &finished, true).is_err(), "onto itself");
    assert_eq!(whole(&finished).unwrap(), 2);
    let nowhere = folder.path().join("no/such/folder/c.flexscan");
    assert!(matches!(
        copy(&finished, &nowhere, false),
        Err(StoreError::Io { .. })
    ));
    let junk = folder.path().join("junk.flexscan");
    fs::write(&junk, "junk").unwrap();
    assert!(copy(&junk, &folder.path().join("j.flexscan"), false).is_err());
    let left = fs::read_dir(folder.path()).unwrap();
    let left = left.filter(|it| {
        let name = it.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with('.')
    });
    assert_eq!(left.count(), 0, "no temporary file stays");
}

#[test]
fn what_is_written_open_or_laid_under_another_scan_is_not_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let parent = scan_of(folder.path(), 1, "aa110000", None, true);
    let child = scan_of(folder.path(), 2, "bb220000", Some("aa110000"), true);
    let running = folder.path().join("20261103T000000Z-3.flexscan");
    let writer = written(&running, 1);
    assert!(matches!(
        delete(&running, &[]),
        Err(StoreError::BeingWritten { .. })
    ));
    assert!(matches!(
        delete(&parent, &[]),
        Err(StoreError::IsParent { child, .. }) if child == "bb220000"
    ));
    assert!(matches!(
        delete(&child, std::slice::from_ref(&child)),
        Err(StoreError::StillOpen { .. })
    ));
    assert!(parent.exists() && child.exists() && running.exists());
    delete(&child, std::slice::from_ref(&parent)).unwrap();
    assert!(refusal(&parent, &[]).unwrap().is_none());
    delete(&parent, &[]).unwrap();
    drop(writer);
    delete(&running, &[]).unwrap();
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(matches!(delete(&parent, &[]), Err(StoreError::Io { .. })));
}

#[test]
fn thinning_out_takes_neither_parents_nor_what_has_no_end_nor_what_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    scan_of(at, 1, "01000000", None, true);
    scan_of(at, 2, "02000000", None, true);
    scan_of(at, 3, "03000000", None, false);
    let junk = scan_of(at, 4, "04000000", None, true);
    fs::write(junk, "junk").unwrap();
    scan_of(at, 5, "05000000", None, true);
    scan_of(at, 6, "06000000", Some("02000000"), true);
    let scans = Folder::at(at.to_owned());
    let fates = |keep| -> Vec<Option<Stays>> {
        let fates = scans.fates(keep).unwrap();
        fates.into_iter().map(|fate| fate.stays).collect()
    };
    use Stays::{Parent, Unfinished, Unreadable, Wanted};
    let expected = [
        Some(Wanted),
        Some(Wanted),
        Some(Unreadable),
        Some(Unfinished),
        Some(Parent),
        None,
    ];
    assert_eq!(fates(Keep::Newest(2)), expected);
    let since: Timestamp = "2026-11-05T00:00:00Z".parse().unwrap();
    assert_eq!(fates(Keep::Since(since)), expected);
    // The scan that lies over the second one goes itself, so nothing holds that one.
    let none = fates(Keep::Newest(0));
    let expected = [None, None, Some(Unreadable), Some(Unfinished), None, None];
    assert_eq!(none, expected);
}

#[test]
fn of_a_chain_whose_uppermost_scan_stays_all_stays_and_else_all_goes() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    scan_of(at, 1, "01000000", None, true);
    scan_of(at, 2, "02000000", Some("01000000"), true);
    scan_of(at, 3, "03000000", Some("02000000"), true);
    scan_of(at, 4, "04000000", None, true);
    let scans = Folder::at(at.to_owned());
    let fates = |keep| -> Vec<Option<Stays>> {
        let fates = scans.fates(keep).unwrap();
        fates.into_iter().map(|fate| fate.stays).collect()
    };
    use Stays::{Parent, Wanted};
    assert_eq!(
        fates(Keep::Newest(2)),
        [Some(Wanted), Some(Wanted), Some(Parent), Some(Parent)]
    );
    assert_eq!(fates(Keep::Newest(1)), [Some(Wanted), None, None, None]);
}

/// Scans of watch mode, each of which lies over the one before.
fn watched(folder: &Path, ids: &[&str]) -> Vec<PathBuf> {
    let mut parent = None;
    let mut day = 0;
    let mut files = Vec::new();
    for id in ids {
        day += 1;
        let header = ScanHeader {
            id: (*id).to_owned(),
            started_at: format!("2026-01-{day:02}T08:00:00Z").parse().unwrap(),
            parent: parent.map(str::to_owned),
            ..header()
        }
        .of_watch();
        let path = Folder::at(folder.to_owned()).file_for(&header);
        finish(Writer::create(&path, &header).unwrap());
        files.push(path);
        parent = Some(*id);
    }
    files
}

#[test]
fn watch_mode_goes_on_after_a_scan_that_cannot_be_removed_and_keeps_what_that_lies_over() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let chain = watched(at, &["01000000", "02000000", "03000000"]);
    scan_of(at, 1, "99000000", None, true);
    let other = {
        let header = ScanHeader {
            id: "04000000".into(),
            started_at: "2025-12-01T08:00:00Z".parse().unwrap(),
            ..header()
        }
        .of_watch();
        let path = Folder::at(at.to_owned()).file_for(&header);
        finish(Writer::create(&path, &header).unwrap());
        path
    };
    // Somebody writes the uppermost one, as far as can be told.
    let claim = fs::File::create(beside(&chain[2])).unwrap();
    claim.lock().unwrap();
    let prune = || {
        Retention::default().prune(
            &Folder::at(at.to_owned()),
            &[],
            "2026-11-24T12:00:00Z".parse().unwrap(),
        )
    };
    let error = prune().unwrap_err();
    assert!(matches!(error, StoreError::BeingWritten { path } if path == chain[2]));
    assert!(chain.iter().all(|it| it.exists()));
    assert!(!other.exists(), "it is in nobody's way");
    drop(claim);
    assert_eq!(prune().unwrap(), 3);
    assert!(!chain.iter().any(|it| it.exists()));
}
