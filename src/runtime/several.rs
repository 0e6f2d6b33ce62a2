//! Work over several scan files: comparing two, a server of two, a server over all that are kept. Everything blocks.

use std::path::Path;

use crate::app::{
    self, Comparison, Completeness, FindingPair, History, HistoryEntry, MOST_SCANS, Past,
};
use crate::posture::{Finding, Judge};
use crate::store::{self, Cache, Folder, Scan, ScanChoice, ScanInfo, StoreError};

use super::live::{completeness, running};

/// The file of a choice; a file is found also where there is no folder.
///
/// # Errors
/// When there is none, or several.
pub fn find(
    folder: Option<&Folder>,
    choice: &app::ScanChoice,
) -> Result<std::path::PathBuf, StoreError> {
    match (folder, choice) {
        (Some(folder), app::ScanChoice::Newest) => folder.find(&ScanChoice::Newest),
        (Some(folder), app::ScanChoice::Named(name)) => {
            folder.find(&ScanChoice::Named(name.clone()))
        }
        (None, app::ScanChoice::Named(name)) => Ok(name.into()),
        (None, app::ScanChoice::Newest) => Err(StoreError::NoFolder),
    }
}

/// Compares two scans; with `from` left open, the newest complete one of the same scope before the other. `None` when
/// `progress` stopped it.
///
/// # Errors
/// What is wrong, in words: a file, or that there is nothing to compare with.
pub fn compare(
    folder: Option<&Folder>,
    from: Option<&app::ScanChoice>,
    to: &app::ScanChoice,
    judge: &Judge,
    cache: Option<&Cache>,
    progress: impl FnMut(u64) -> bool,
) -> anyhow::Result<Option<Comparison>> {
    let to = find(folder, to)?;
    let from = match from {
        Some(choice) => find(folder, choice)?,
        None => {
            let scan = Scan::open(&to)?.info()?;
            let earlier = match folder {
                Some(folder) => folder.earlier(&scan)?,
                None => None,
            };
            earlier.ok_or_else(|| {
                anyhow::anyhow!(
                    "there is no earlier complete scan of the same scope ({}): scan once more, or choose two scans",
                    scan.header.scope
                )
            })?
        }
    };
    let compared = store::compare(&from, &to, judge, cache, progress)?;
    Ok(compared.map(|compared| Comparison {
        from: info(&from, compared.from, judge),
        to: info(&to, compared.to, judge),
        difference: compared.difference,
    }))
}

fn info(path: &Path, info: ScanInfo, judge: &Judge) -> app::ScanInfo {
    app::ScanInfo {
        finished_at: info.finished_at,
        completeness: completeness(info.completeness),
        notes: info.notes,
        ..running(path, &info.header, judge)
    }
}

/// The findings about a server in two scans.
///
/// # Errors
/// When a file is damaged.
pub fn pair(
    server: &str,
    from: &Path,
    to: &Path,
    judge: &Judge,
) -> Result<FindingPair, StoreError> {
    Ok(FindingPair {
        before: findings(&mut Scan::open(from)?, server, judge)?,
        after: findings(&mut Scan::open(to)?, server, judge)?,
    })
}

fn findings(
    scan: &mut Scan,
    server: &str,
    judge: &Judge,
) -> Result<Option<Vec<Finding>>, StoreError> {
    match scan.documents(server) {
        Ok(documents) => Ok(Some(judge.findings(&documents))),
        Err(StoreError::NoSuchServer { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A server over the newest scans that are kept, and over the open one where it is kept elsewhere. `None` when `wanted`
/// says no.
///
/// # Errors
/// When the folder cannot be listed. A file that cannot be read is an entry of its own.
pub fn history(
    folder: Option<&Folder>,
    open: Option<&Path>,
    server: &str,
    judge: &Judge,
    wanted: impl Fn() -> bool,
) -> Result<Option<History>, StoreError> {
    let mut files = folder.map_or_else(|| Ok(Vec::new()), Folder::files)?;
    if let Some(open) = open
        && !files.iter().any(|file| is_same(file, open))
    {
        files.insert(0, open.to_owned());
    }
    let left_out = files.len().saturating_sub(MOST_SCANS);
    files.truncate(MOST_SCANS);
    let mut entries = Vec::with_capacity(files.len());
    for file in files {
        if !wanted() {
            return Ok(None);
        }
        entries.push(entry(&file, server, judge));
    }
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    Ok(Some(History { entries, left_out }))
}

fn is_same(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    whole(one) == whole(other)
}

fn entry(file: &Path, server: &str, judge: &Judge) -> HistoryEntry {
    let read = || -> Result<HistoryEntry, StoreError> {
        let mut scan = Scan::open(file)?;
        let info = scan.info()?;
        Ok(HistoryEntry {
            at: Some(info.finished_at.unwrap_or(info.header.started_at)),
            completeness: completeness(info.completeness),
            past: findings(&mut scan, server, judge)?.map_or(Past::NotHeld, Past::Judged),
            id: info.header.id,
        })
    };
    read().unwrap_or_else(|error| HistoryEntry {
        id: file
            .file_stem()
            .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()),
        at: None,
        completeness: Completeness::Partial,
        past: Past::Unreadable(error.to_string()),
    })
}
