//! Handing scans over: one whole file out of a folder, and one file of somebody else into it.
//!
//! Either way the scan is written once more by our own writer. What goes out needs no other file; what comes in brings
//! nothing with it but documents, which are judged here.

mod admit;
mod partial;
mod rewrite;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::claim::is_claimed;
use super::folder::is_dated;
use super::redact::Redaction;
use super::schema::{ScanHeader, ScanInfo, new_scan_id};
use super::upkeep::same;
use super::{Folder, Scan, StoreError};
use admit::{admit, most_unpacked};
use partial::Partial;
use rewrite::{Rewrite, Rewritten, same_content};

pub(super) use partial::sweep;

/// How a scan goes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Export {
    /// Under pseudonyms.
    pub redact: bool,
    /// Over a file that is there.
    pub replace: bool,
    /// What can be read of a damaged file, the rest unread.
    pub salvage: bool,
}

/// A scan that went out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The id in the new file: that of the scan, or a new one where it was changed.
    pub id: String,
    /// How many servers it holds.
    pub servers: u64,
    /// The size of the file in bytes.
    pub bytes: u64,
    /// What was lost of a damaged file, in words.
    pub damage: Vec<String>,
}

/// Writes a scan, with all that lies below it, to one file that needs no other, whole or not at all. `progress` hears how
/// many servers of how many are done.
///
/// # Errors
/// When the scan is being written or cannot be read, when there is a file at `to` and [`Export::replace`] does not say so,
/// or when the file cannot be written.
pub fn export(
    from: &Path,
    to: &Path,
    how: Export,
    progress: impl FnMut(u64, u64),
) -> Result<Exported, StoreError> {
    let io = |source| StoreError::Io {
        path: to.to_owned(),
        source,
    };
    if is_claimed(from) {
        return Err(StoreError::BeingWritten {
            path: from.to_owned(),
        });
    }
    let scan = Scan::open(from)?;
    let info = scan.info()?;
    if same(from, to) {
        return Err(io(io::Error::other("that is the scan itself")));
    }
    if to.is_dir() {
        return Err(io(io::Error::other("is a folder: name a file in it")));
    }
    if !how.replace && fs::symlink_metadata(to).is_ok() {
        return Err(StoreError::Exists {
            path: to.to_owned(),
        });
    }
    let mut redaction = how.redact.then(Redaction::new).transpose().map_err(io)?;
    // What does not say the same as the scan is another scan.
    let id = if how.redact || how.salvage {
        new_scan_id()
    } else {
        info.header.id.clone()
    };
    let header = ScanHeader {
        id: id.clone(),
        parent: None,
        ..info.header.clone()
    };
    let header = match &mut redaction {
        Some(redaction) => redaction.header(&header, id.clone()),
        None => header,
    };
    sweep(Folder::holding(to).path());
    let partial = Partial::beside(to);
    let rewrite = Rewrite {
        scan,
        header,
        redaction,
        salvage: how.salvage,
        most_unpacked: u64::MAX,
    };
    let Rewritten { servers, damage } = rewrite.to(partial.path(), progress)?;
    let bytes = partial.keep(to, how.replace)?;
    Ok(Exported {
        id,
        servers,
        bytes,
        damage,
    })
}

/// What became of a file that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    /// It is a scan of the folder now.
    New {
        /// The new file.
        path: PathBuf,
        /// What is known of it.
        info: Box<ScanInfo>,
    },
    /// The folder has the scan already, in this file.
    Known(PathBuf),
}

/// Takes a file into a folder, after all that can be checked was, whole or not at all. `new_id` gives it an id of its own.
/// `progress` hears how many servers of how many are done.
///
/// # Errors
/// When the file is not as our own are, was damaged or changed, or cannot be read; when a scan of the folder has the same
/// id and says something else; when the folder cannot be written.
pub fn import(
    file: &Path,
    folder: &Folder,
    new_id: bool,
    now: Timestamp,
    progress: impl FnMut(u64, u64),
) -> Result<Imported, StoreError> {
    if is_claimed(file) {
        return Err(StoreError::BeingWritten {
            path: file.to_owned(),
        });
    }
    sweep(folder.path());
    let mut scan = Scan::open(file)?;
    let header = admit(&mut scan, now)?;
    let header = ScanHeader {
        id: if new_id {
            new_scan_id()
        } else {
            header.id.clone()
        },
        ..header
    };
    for path in with_id(folder, &header.id)? {
        let known = Scan::open(&path).and_then(|mut known| same_content(&mut known, &mut scan));
        match known {
            Ok(true) => return Ok(Imported::Known(path)),
            // A damaged file of this id is no reason not to take a whole one; its name decides below.
            Err(_) => {}
            Ok(false) => {
                let id = header.id;
                return Err(StoreError::OtherContent { path, id });
            }
        }
    }
    let to = folder.file_for(&header);
    if !is_dated(&to) {
        return Err(StoreError::NotAdmitted {
            path: file.to_owned(),
            detail: "its beginning is no time that a scan can have".to_owned(),
        });
    }
    let partial = Partial::beside(&to);
    let rewrite = Rewrite {
        scan,
        header,
        redaction: None,
        salvage: false,
        most_unpacked: most_unpacked(file),
    };
    rewrite.to(partial.path(), progress)?;
    partial.keep(&to, false)?;
    let info = Box::new(Scan::open(&to)?.info()?);
    Ok(Imported::New { path: to, info })
}

/// The files of a folder that have this id, by their name or inside.
fn with_id(folder: &Folder, id: &str) -> Result<Vec<PathBuf>, StoreError> {
    let ends = format!("-{id}");
    let has_id = |path: &PathBuf| {
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        stem.is_some_and(|stem| stem.ends_with(&ends))
            || (!is_dated(path)
                && Scan::open(path)
                    .and_then(|scan| scan.info())
                    .is_ok_and(|info| info.header.id == id))
    };
    Ok(folder.files()?.into_iter().filter(has_id).collect())
}
