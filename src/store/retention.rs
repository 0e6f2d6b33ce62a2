//! Which scans of watch mode are kept. Scans that a person started are never in question.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::schema::{Completeness, ScanInfo};
use super::upkeep::{in_use, remove};
use super::{Folder, Scan, StoreError};

/// How long scans of watch mode are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// All of them for so many hours.
    pub all_hours: u32,
    /// After that the last one of each scope and day, in UTC, for so many days.
    pub daily_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            all_hours: 24,
            daily_days: 30,
        }
    }
}

impl Retention {
    /// The scans that may go, newest first. Only finished scans of watch mode are among them; never the newest scan, never
    /// one over which a scan that stays lies, and never one of those in `spared`, or of somebody else.
    fn superfluous<'a>(
        &self,
        scans: &'a [ScanInfo],
        spared: &[PathBuf],
        is_own: impl Fn(&Path) -> bool,
        now: Timestamp,
    ) -> Vec<&'a ScanInfo> {
        let hours = |count: u32| SignedDuration::from_hours(i64::from(count));
        let mut newest_first: Vec<&ScanInfo> = scans.iter().collect();
        newest_first.sort_by_key(|scan| std::cmp::Reverse(scan.header.started_at));
        let mut days = HashSet::new();
        let mut may_go = Vec::new();
        for (place, scan) in newest_first.iter().enumerate() {
            let age = now.duration_since(scan.header.started_at);
            let in_question = scan.header.is_of_watch()
                && scan.completeness != Completeness::Unfinished
                && !spared.contains(&scan.path)
                && is_own(&scan.path);
            if place == 0 || !in_question || age <= hours(self.all_hours) {
                continue;
            }
            let day = scan
                .header
                .started_at
                .to_zoned_datetime(TimeZone::UTC)
                .date();
            // Of each scope one: a scan of some servers says nothing about the others.
            let is_last_of_day = days.insert((day, &scan.header.scope, &scan.header.endpoint));
            if is_last_of_day && age <= hours(self.daily_days.saturating_mul(24)) {
                continue;
            }
            may_go.push(*scan);
        }
        let needed = needed_by_others(scans, &may_go);
        may_go
            .into_iter()
            .filter(|scan| !needed.contains(scan.header.id.as_str()))
            .collect()
    }

    /// Removes what may go from a folder, and says how many scans that were. A file that cannot be read stays, and so does
    /// one that belongs to another user of the system: in the folder of a team everybody's watch mode thins out its own.
    ///
    /// # Errors
    /// When the folder cannot be listed, or a file not removed: then it stays with those that it lies over, the others go,
    /// and the first error is told.
    pub fn prune(
        &self,
        folder: &Folder,
        spared: &[PathBuf],
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        self.prune_those(folder, spared, is_own, now)
    }

    fn prune_those(
        &self,
        folder: &Folder,
        spared: &[PathBuf],
        is_own: impl Fn(&Path) -> bool,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let scans: Vec<ScanInfo> = folder
            .files()?
            .iter()
            .filter_map(|path| Scan::open(path).and_then(|scan| scan.info()).ok())
            .collect();
        let (mut removed, mut first) = (0, None);
        let mut held = HashSet::new();
        // Newest first: a scan that lies over another goes before it.
        for scan in self.superfluous(&scans, spared, is_own, now) {
            if !held.contains(scan.header.id.as_str()) {
                let refused = in_use(&scan.path, spared);
                match refused.map_or_else(|| remove(&scan.path), Err) {
                    Ok(_) => {
                        removed += 1;
                        continue;
                    }
                    Err(error) => first = first.or(Some(error)),
                }
            }
            held.extend(scan.header.parent.as_deref());
        }
        first.map_or(Ok(removed), Err)
    }
}

/// Whether a file belongs to the user of this process. Where a file system gives all its files to one user, they are one's.
fn is_own(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|it| it.uid() == rustix::process::geteuid().as_raw())
}

/// The ids of all scans over which one lies that is not to go.
pub(super) fn needed_by_others<'a>(
    scans: &'a [ScanInfo],
    may_go: &[&ScanInfo],
) -> HashSet<&'a str> {
    let parents: HashMap<&str, &str> = scans
        .iter()
        .filter_map(|scan| Some((scan.header.id.as_str(), scan.header.parent.as_deref()?)))
        .collect();
    let mut needed = HashSet::new();
    for scan in scans {
        if may_go.iter().any(|it| it.path == scan.path) {
            continue;
        }
        let mut id = scan.header.id.as_str();
        while let Some(parent) = parents.get(id)
            && needed.insert(*parent)
        {
            id = parent;
        }
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posture::Ruleset;
    use crate::store::Writer;
    use crate::store::schema::ScanHeader;

    const NOW: &str = "2026-11-24T12:00:00Z";

    fn scan(id: &str, started: &str, program: &str) -> ScanInfo {
        ScanInfo {
            path: format!("{id}.flexscan").into(),
            header: ScanHeader {
                id: id.into(),
                started_at: started.parse().unwrap(),
                program: program.into(),
                cloud: "public".into(),
                endpoint: "https://management.azure.com".into(),
                scope: "everything".into(),
                parent: None,
            },
            finished_at: None,
            completeness: Completeness::Complete,
            servers: 1,
            subscriptions: 1,
            notes: Vec::new(),
            bytes: 1,
        }
    }

    fn watched(id: &str, started: &str) -> ScanInfo {
        scan(id, started, "0.1.0 watch")
    }

    fn superfluous(scans: &[ScanInfo]) -> Vec<String> {
        let now = NOW.parse().unwrap();
        Retention::default()
            .superfluous(scans, &["spared.flexscan".into()], |_| true, now)
            .into_iter()
            .rev()
            .map(|scan| scan.path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn all_of_a_day_then_one_a_day_then_none() {
        let scans = [
            watched("newest", "2026-11-24T11:00:00Z"),
            watched("today", "2026-11-24T00:10:00Z"),
            watched("within-24-hours", "2026-11-23T12:30:00Z"),
            watched("last-of-its-day", "2026-11-22T23:50:00Z"),
            watched("same-day", "2026-11-22T12:00:00Z"),
            watched("same-day-too", "2026-11-22T08:00:00Z"),
            watched("day-before", "2026-11-21T08:00:00Z"),
            watched("too-old", "2026-10-01T08:00:00Z"),
        ];
        assert_eq!(superfluous(&scans), ["too-old", "same-day-too", "same-day"]);
    }

    #[test]
    fn of_each_scope_one_a_day_stays() {
        let mut narrow = watched("narrow", "2026-11-22T23:50:00Z");
        narrow.header.scope = "s; server one".into();
        let scans = [
            watched("newest", "2026-11-24T11:00:00Z"),
            narrow,
            watched("same-day", "2026-11-22T12:00:00Z"),
            watched("same-day-too", "2026-11-22T08:00:00Z"),
        ];
        assert_eq!(superfluous(&scans), ["same-day-too"]);
    }

    #[test]
    fn what_a_person_started_and_what_is_unfinished_stays_however_old() {
        let mut unfinished = watched("unfinished", "2026-01-01T00:00:00Z");
        unfinished.completeness = Completeness::Unfinished;
        let scans = [
            watched("newest", "2026-11-24T11:00:00Z"),
            scan("by-hand", "2026-01-01T00:00:00Z", "0.1.0"),
            scan("by-hand-too", "2026-01-01T01:00:00Z", "0.1.0"),
            watched("spared", "2026-01-01T00:00:00Z"),
            unfinished,
        ];
        assert_eq!(superfluous(&scans), [""; 0]);
        assert_eq!(
            superfluous(&[watched("only", "2025-01-01T00:00:00Z")]),
            [""; 0]
        );
    }

    #[test]
    fn what_lies_below_a_scan_that_stays_stays() {
        let mut refresh = scan("by-hand", "2026-11-24T11:00:00Z", "0.1.0");
        refresh.header.parent = Some("below".into());
        let mut below = watched("below", "2026-01-02T00:00:00Z");
        below.header.parent = Some("lowest".into());
        let scans = [
            refresh,
            below,
            watched("lowest", "2026-01-02T00:00:00Z"),
            watched("other", "2026-01-01T00:00:00Z"),
        ];
        assert_eq!(superfluous(&scans), ["other"]);
    }

    #[test]
    fn a_circle_of_scans_is_no_endless_work() {
        let mut one = watched("one", "2026-01-01T00:00:00Z");
        one.header.parent = Some("two".into());
        let mut two = scan("two", "2026-01-01T00:00:00Z", "0.1.0");
        two.header.parent = Some("one".into());
        assert_eq!(superfluous(&[two, one]), [""; 0]);
    }

    #[test]
    fn in_the_folder_of_a_team_the_scans_of_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let file = |id: &str, started: &str| {
            let mut header = watched(id, started).header;
            header.id = id.to_owned();
            let path = folder.path().join(format!("{id}.flexscan"));
            let writer = Writer::create(&path, &header).unwrap();
            let ended = header.started_at;
            writer
                .finish(Completeness::Complete, ended, &Ruleset::default())
                .unwrap()
        };
        let newest = file("newest", "2026-11-24T11:00:00Z");
        let own = file("own", "2026-01-01T00:00:00Z");
        let theirs = file("theirs", "2026-01-01T00:00:00Z");
        assert!(is_own(&own), "it was made by this process");
        assert!(!is_own(&folder.path().join("none")));
        let removed = Retention::default().prune_those(
            &Folder::at(folder.path().to_owned()),
            &[],
            |path| path != theirs,
            NOW.parse().unwrap(),
        );
        assert_eq!(removed.unwrap(), 1);
        assert!(newest.exists() && theirs.exists() && !own.exists());
    }
}
