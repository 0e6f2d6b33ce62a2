//! What can go wrong with a file, in words that name the file.

use std::io::ErrorKind;
use std::path::PathBuf;

use rusqlite::ErrorCode;

use crate::documents::text::neutral;

/// Why a scan could not be stored or opened. What a file says of itself is neutralised: it may be anyone's.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refused.
    #[error("{}: {source}{}", path.display(), advice(source.kind()))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is a file where a scan was to be made.
    #[error("{} is there already, and a scan is never written over: give another name", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// SQLite refused.
    #[error("{}: {}{}", path.display(), neutral(&source.to_string()), advice(kind_of(source)))]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file is something else.
    #[error("{} is not a scan of flexposture", path.display())]
    NotAScan {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by a later version of the program.
    #[error("{} has the format {found}, and this version reads up to {known}: update flexposture", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format of the file.
        found: i64,
        /// The newest format that this version knows.
        known: i64,
    },
    /// The file is damaged.
    #[error("{} is damaged: {}", path.display(), neutral(detail))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// Another scan of the folder has the id.
    #[error(
        "{} has the id {id} too, and says something else: import with --new-id to have both",
        path.display()
    )]
    OtherContent {
        /// The file in the folder.
        path: PathBuf,
        /// The id of both.
        id: String,
    },
    /// A file is not taken in, because it is not as our own are.
    #[error("{} is not taken in: {detail}", path.display())]
    NotAdmitted {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// The scan is being written.
    #[error("{} is being written by another process", path.display())]
    BeingWritten {
        /// The file.
        path: PathBuf,
    },
    /// The scan has an end, or a form in which this version does not write.
    #[error("{} is not written any more", path.display())]
    NotToBeWritten {
        /// The file.
        path: PathBuf,
    },
    /// No scan of the folder was broken off or cancelled.
    #[error("no scan in {} was broken off or cancelled: there is nothing to resume", path.display())]
    NothingToResume {
        /// The folder.
        path: PathBuf,
    },
    /// The scan is open.
    #[error("{} is open", path.display())]
    StillOpen {
        /// The file.
        path: PathBuf,
    },
    /// Another scan is laid over this one, and says nothing without it.
    #[error("{} stays: the scan {} is laid over it", path.display(), neutral(child))]
    IsParent {
        /// The file.
        path: PathBuf,
        /// The id of the other scan.
        child: String,
    },
    /// A folder was named instead of a scan.
    #[error(
        "{} is a folder, and a scan is one file{}",
        path.display(),
        newest.as_ref().map_or_else(String::new, |newest| format!(": for example {}", newest.display()))
    )]
    IsFolder {
        /// The folder.
        path: PathBuf,
        /// The newest scan in it.
        newest: Option<PathBuf>,
    },
    /// No scan has the name.
    #[error("no scan is called {name:?}; `flexposture scans` lists them")]
    NoSuchScan {
        /// What was asked for.
        name: String,
    },
    /// Several scans have the name.
    #[error("{name:?} is the beginning of several scans ({}): give more of the name", found.join(", "))]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// What it could be.
        found: Vec<String>,
    },
    /// There is no scan yet.
    #[error(
        "there is no scan yet: run `flexposture scan`, or `flexposture demo` to look around first"
    )]
    NoScans,
    /// So many refreshes lie over each other that another one would make reading slow.
    #[error(
        "{} lies over too many others: refresh the whole fleet first, which makes a scan of its own",
        path.display()
    )]
    TooManyLayers {
        /// The scan that would be refreshed.
        path: PathBuf,
    },
    /// There is no home folder to keep scans in.
    #[error(
        "no folder for scans: neither HOME nor XDG_DATA_HOME is set; name one by --store, or the file by --out or --scan"
    )]
    NoFolder,
    /// What says where scans are kept is wrong.
    #[error("{0}")]
    WrongSetting(String),
    /// The server is not in the scan.
    #[error("{} holds no server {}", path.display(), neutral(id))]
    NoSuchServer {
        /// The file.
        path: PathBuf,
        /// The server's id or name.
        id: String,
    },
}

/// What to do where the system refuses, after what it said; empty where that says it.
const fn advice(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            ": allow this account to read and write there, or name another place (--store for the folder, --out for a file)"
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            ": make room there, or name another place (--store for the folder, --out for a file)"
        }
        // Only where a folder is made: a scan that is there is an error of its own.
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            ": a part of this path is a file, name another place"
        }
        _ => "",
    }
}

/// What the system said to SQLite.
fn kind_of(error: &rusqlite::Error) -> ErrorKind {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => ErrorKind::StorageFull,
        Some(ErrorCode::PermissionDenied) => ErrorKind::PermissionDenied,
        Some(ErrorCode::ReadOnly) => ErrorKind::ReadOnlyFilesystem,
        _ => ErrorKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_refuses_names_the_file_and_what_to_do() {
        let io = |kind: ErrorKind| StoreError::Io {
            path: "/a/b".into(),
            source: kind.into(),
        };
        let database = |code| StoreError::Database {
            path: "/a/b".into(),
            source: rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None),
        };
        for (error, what_to_do) in [
            (io(ErrorKind::PermissionDenied), "--store"),
            (io(ErrorKind::ReadOnlyFilesystem), "--out"),
            (io(ErrorKind::StorageFull), "make room"),
            (io(ErrorKind::NotADirectory), "name another place"),
            (database(rusqlite::ffi::SQLITE_FULL), "make room"),
            (database(rusqlite::ffi::SQLITE_READONLY), "--store"),
        ] {
            let words = error.to_string();
            assert!(
                words.starts_with("/a/b: ") && words.contains(what_to_do),
                "{words}"
            );
        }
        assert!(!io(ErrorKind::NotFound).to_string().contains("--out"));
    }
}
