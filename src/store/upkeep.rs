//! What is done with whole scan files: copied, deleted, thinned out.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::OpenFlags;

use super::claim::{beside, is_claimed, with_ending};
use super::retention::needed_by_others;
use super::{Completeness, Folder, Scan, ScanInfo, StoreError};

/// Copies a scan to a file that only its owner can read, whole or not at all; one that was broken off with what its journal
/// holds. Returns the size in bytes.
///
/// # Errors
/// When the scan is being written or cannot be read, when there is a file at `to` and `replace` does not say so, or when
/// the copy cannot be written.
pub fn copy(from: &Path, to: &Path, replace: bool) -> Result<u64, StoreError> {
    if is_claimed(from) {
        return Err(StoreError::BeingWritten {
            path: from.to_owned(),
        });
    }
    // What is no scan is not spread.
    let info = Scan::open(from)?.info()?;
    let io = |source| StoreError::Io {
        path: to.to_owned(),
        source,
    };
    if same(from, to) {
        return Err(io(io::Error::other("that is the scan itself")));
    }
    if !replace && fs::symlink_metadata(to).is_ok() {
        return Err(StoreError::Exists {
            path: to.to_owned(),
        });
    }
    let folder = to.parent().filter(|it| !it.as_os_str().is_empty());
    // A temporary file is readable by its owner only, and gone when something goes wrong.
    let mut file = tempfile::Builder::new()
        .prefix(".flexposture-")
        .tempfile_in(folder.unwrap_or_else(|| Path::new(".")))
        .map_err(io)?;
    if info.completeness == Completeness::Unfinished {
        gather(from, file.path())?;
    } else {
        let mut source = fs::File::open(from).map_err(|source| StoreError::Io {
            path: from.to_owned(),
            source,
        })?;
        io::copy(&mut source, &mut file).map_err(io)?;
    }
    file.flush().map_err(io)?;
    file.as_file().sync_all().map_err(io)?;
    let persisted = if replace {
        file.persist(to)
    } else {
        file.persist_noclobber(to)
    };
    match persisted {
        Ok(file) => Ok(file.metadata().map_or(0, |metadata| metadata.len())),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            Err(StoreError::Exists {
                path: to.to_owned(),
            })
        }
        Err(error) => Err(io(error.error)),
    }
}

/// Copies a database with what stands in its journal.
fn gather(from: &Path, to: &Path) -> Result<(), StoreError> {
    let database = |source| StoreError::Database {
        path: from.to_owned(),
        source,
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = rusqlite::Connection::open_with_flags(from, flags).map_err(database)?;
    connection
        .execute("VACUUM INTO ?1", [to.to_string_lossy()])
        .map_err(database)?;
    Ok(())
}

pub(super) fn same(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// Deletes a scan file with what SQLite left beside it. Returns the bytes that are free now.
///
/// # Errors
/// When it is being written, when it is one of `open`, when a scan of its folder is laid over it, or when the file system
/// refuses.
pub fn delete(path: &Path, open: &[PathBuf]) -> Result<u64, StoreError> {
    match refusal(path, open)? {
        Some(refused) => Err(refused),
        None => remove(path),
    }
}

/// Removes a scan file of which somebody knows that no other scan needs it, with what SQLite left beside it. Returns the
/// bytes that are free now.
pub(super) fn remove(path: &Path) -> Result<u64, StoreError> {
    let bytes = fs::metadata(path).map_or(0, |metadata| metadata.len());
    fs::remove_file(path).map_err(|source| StoreError::Io {
        path: path.to_owned(),
        source,
    })?;
    for ending in ["-wal", "-shm", "-journal"] {
        let _ = fs::remove_file(with_ending(path, ending));
    }
    let _ = fs::remove_file(beside(path));
    Ok(bytes)
}

/// Why a scan may not be deleted.
///
/// # Errors
/// When its folder cannot be listed.
pub fn refusal(path: &Path, open: &[PathBuf]) -> Result<Option<StoreError>, StoreError> {
    if let Some(refused) = in_use(path, open) {
        return Ok(Some(refused));
    }
    // A file that cannot be read is nobody's parent, as far as anybody can tell.
    let Ok(info) = Scan::open(path).and_then(|scan| scan.info()) else {
        return Ok(None);
    };
    let children = Folder::holding(path).children(&info.header.id)?;
    Ok(children
        .into_iter()
        .next()
        .map(|child| StoreError::IsParent {
            path: path.to_owned(),
            child: child.header.id,
        }))
}

/// Who uses a scan file now: somebody writes it, or it is one of `open`.
pub(super) fn in_use(path: &Path, open: &[PathBuf]) -> Option<StoreError> {
    let owned = || path.to_owned();
    if is_claimed(path) {
        return Some(StoreError::BeingWritten { path: owned() });
    }
    let is_open = open.iter().any(|open| open == path || same(open, path));
    is_open.then(|| StoreError::StillOpen { path: owned() })
}

/// Which scans a folder is to be thinned out to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The newest ones of each scope.
    Newest(usize),
    /// Those that began at this moment or later.
    Since(Timestamp),
}

/// What becomes of one file when a folder is thinned out.
#[derive(Debug)]
pub struct Fate {
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// What is in it, or why it cannot be read.
    pub scan: Result<ScanInfo, StoreError>,
    /// Why it stays; `None` when it goes.
    pub stays: Option<Stays>,
}

/// Why a file stays when a folder is thinned out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stays {
    /// It is one of those that are kept.
    Wanted,
    /// It has no end: it runs, or what it has read is all that there is.
    Unfinished,
    /// A scan that stays is laid over it.
    Parent,
    /// It cannot be read: it may be of a later version.
    Unreadable,
}

impl Stays {
    /// The reason in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Wanted => "is kept",
            Self::Unfinished => "has no end",
            Self::Parent => "another scan is laid over it",
            Self::Unreadable => "cannot be read",
        }
    }
}

impl Folder {
    /// What would become of each scan of the folder, newest first; nothing is deleted. Unfinished scans, those over which
    /// one lies that stays, and files that cannot be read always stay.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn fates(&self, keep: Keep) -> Result<Vec<Fate>, StoreError> {
        let mut fates: Vec<Fate> = self.files()?.into_iter().map(Fate::unknown).collect();
        let scans: Vec<ScanInfo> = fates
            .iter()
            .filter_map(|fate| fate.scan.as_ref().ok().cloned())
            .collect();
        let mut finished: Vec<&ScanInfo> = scans.iter().filter(|it| is_finished(it)).collect();
        finished.sort_by_key(|it| Reverse(it.header.started_at));
        let wanted = wanted(&finished, keep);
        let may_go: Vec<&ScanInfo> = finished
            .iter()
            .filter(|info| !wanted.contains(info.path.as_path()))
            .copied()
            .collect();
        let needed = needed_by_others(&scans, &may_go);
        for fate in &mut fates {
            fate.stays = match &fate.scan {
                Err(_) => Some(Stays::Unreadable),
                Ok(info) if !is_finished(info) => Some(Stays::Unfinished),
                Ok(info) if wanted.contains(info.path.as_path()) => Some(Stays::Wanted),
                Ok(info) => needed
                    .contains(info.header.id.as_str())
                    .then_some(Stays::Parent),
            };
        }
        Ok(fates)
    }
}

/// What came of thinning a folder out.
#[derive(Debug, Default)]
pub struct Thinned {
    /// How many files are gone.
    pub removed: usize,
    /// Why each other one stayed after all.
    pub refused: Vec<StoreError>,
}

/// Deletes the files that are to go. The folder is looked through once, for scans that came in since [`Folder::fates`],
/// and not once for each file.
///
/// # Errors
/// When the folder cannot be listed.
pub fn thin_out(folder: &Folder, fates: &[Fate]) -> Result<Thinned, StoreError> {
    let goes: HashSet<&Path> = fates
        .iter()
        .filter(|fate| fate.stays.is_none())
        .map(|fate| fate.path.as_path())
        .collect();
    let judged: HashSet<&Path> = fates.iter().map(|fate| fate.path.as_path()).collect();
    // Whose parent stays: what was judged to stay already holds its own, so that only newcomers are asked.
    let mut needed: HashMap<String, String> = HashMap::new();
    for path in folder.files()? {
        if judged.contains(path.as_path()) {
            continue;
        }
        if let Ok(info) = Scan::open(&path).and_then(|scan| scan.info())
            && let Some(parent) = info.header.parent
        {
            needed.insert(parent, info.header.id);
        }
    }
    // The newest first, whatever the files are called: what is laid over another one is younger, and goes before it.
    let mut going: Vec<&Fate> = fates
        .iter()
        .filter(|fate| goes.contains(fate.path.as_path()))
        .collect();
    going.sort_by_key(|fate| Reverse(fate.scan.as_ref().ok().map(|it| it.header.started_at)));
    let mut thinned = Thinned::default();
    for fate in going {
        let header = fate.scan.as_ref().ok().map(|info| &info.header);
        let child = header.and_then(|header| needed.get(&header.id));
        let refused = match child {
            Some(child) => Some(StoreError::IsParent {
                path: fate.path.clone(),
                child: child.clone(),
            }),
            None => in_use(&fate.path, &[]),
        };
        match refused.map_or_else(|| remove(&fate.path), Err) {
            Ok(_) => thinned.removed += 1,
            Err(error) => {
                // What it lies over must stay with it.
                if let Some(header) = header
                    && let Some(parent) = &header.parent
                {
                    needed.insert(parent.clone(), header.id.clone());
                }
                thinned.refused.push(error);
            }
        }
    }
    Ok(thinned)
}

impl Fate {
    /// A file of which nothing is decided yet.
    fn unknown(path: PathBuf) -> Self {
        Self {
            bytes: fs::metadata(&path).map_or(0, |metadata| metadata.len()),
            scan: Scan::open(&path).and_then(|scan| scan.info()),
            path,
            stays: None,
        }
    }
}

fn is_finished(info: &ScanInfo) -> bool {
    info.completeness != Completeness::Unfinished
}

/// Those of the finished scans, which come newest first, that are kept.
fn wanted<'a>(finished: &[&'a ScanInfo], keep: Keep) -> HashSet<&'a Path> {
    let mut of_scope: HashMap<(&str, &str), usize> = HashMap::new();
    let is_wanted = |info: &&'a ScanInfo| match keep {
        Keep::Since(moment) => info.header.started_at >= moment,
        Keep::Newest(count) => {
            let scope = (info.header.scope.as_str(), info.header.endpoint.as_str());
            let place = of_scope.entry(scope).or_default();
            *place += 1;
            *place <= count
        }
    };
    finished
        .iter()
        .copied()
        .filter(is_wanted)
        .map(|info| info.path.as_path())
        .collect()
}
