//! What is done with whole scan files: copied, deleted, thinned out.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::OpenFlags;

use super::claim::{beside, is_claimed, with_ending};
use super::listing::listed;
use super::{Completeness, Folder, Listed, Scan, ScanInfo, StoreError};
use crate::posture::{Judge, Ruleset};

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

fn same(one: &Path, other: &Path) -> bool {
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
    if let Some(refused) = refusal(path, open)? {
        return Err(refused);
    }
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
    let owned = || path.to_owned();
    if is_claimed(path) {
        return Ok(Some(StoreError::BeingWritten { path: owned() }));
    }
    if open.iter().any(|open| open == path || same(open, path)) {
        return Ok(Some(StoreError::StillOpen { path: owned() }));
    }
    // A file that cannot be read is nobody's parent, as far as anybody can tell.
    let Ok(info) = Scan::open(path).and_then(|scan| scan.info()) else {
        return Ok(None);
    };
    let folder = Folder::at(path.parent().unwrap_or_else(|| Path::new(".")).to_owned());
    let child = folder.children(&info.header.id)?.into_iter().next();
    Ok(child.map(|child| StoreError::IsParent {
        path: owned(),
        child: child.header.id,
    }))
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
    pub listed: Listed,
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
    /// A scan is laid over it.
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
    /// What would become of each scan of the folder, newest first; nothing is deleted. Unfinished scans, those that another
    /// one is laid over, and files that cannot be read always stay.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn fates(&self, keep: Keep) -> Result<Vec<Fate>, StoreError> {
        let judge = Judge::by(Ruleset::default());
        let all: Vec<Listed> = self
            .files()?
            .iter()
            .map(|it| listed(it, &judge, None))
            .collect();
        let infos = || all.iter().filter_map(|it| it.scan.as_ref().ok());
        let parents: Vec<String> = infos()
            .filter_map(|scan| scan.info.header.parent.clone())
            .collect();
        let mut newest: Vec<ScanInfo> = infos().map(|scan| scan.info.clone()).collect();
        newest.sort_by_key(|info| std::cmp::Reverse(info.header.started_at));
        let place = |info: &ScanInfo| {
            let of_scope = |it: &&ScanInfo| {
                it.header.scope == info.header.scope
                    && it.header.endpoint == info.header.endpoint
                    && it.completeness != Completeness::Unfinished
            };
            newest
                .iter()
                .filter(of_scope)
                .position(|it| it.path == info.path)
        };
        let stays = |listed: &Listed| {
            let Ok(scan) = &listed.scan else {
                return Some(Stays::Unreadable);
            };
            if scan.info.completeness == Completeness::Unfinished {
                return Some(Stays::Unfinished);
            }
            let wanted = match keep {
                Keep::Newest(count) => place(&scan.info).is_none_or(|place| place < count),
                Keep::Since(moment) => scan.info.header.started_at >= moment,
            };
            if wanted {
                Some(Stays::Wanted)
            } else if parents.contains(&scan.info.header.id) {
                Some(Stays::Parent)
            } else {
                None
            }
        };
        let stays: Vec<Option<Stays>> = all.iter().map(stays).collect();
        let fates = all.into_iter().zip(stays);
        Ok(fates
            .map(|(listed, stays)| Fate { listed, stays })
            .collect())
    }
}
