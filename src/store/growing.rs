//! Whether somebody still writes a scan.
//!
//! A database with a write-ahead log, as a scan has while it is written, is locked for reading by each process that has it
//! open, for as long as it has: SQLite's way to know when the last one leaves. The system tells of the locks of others and
//! forgets those of a process that ended, however it ended.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustix::process::{Flock, FlockType, fcntl_getlk};

/// Where SQLite's shared locks lie, and how many bytes they span: part of its file format.
const SHARED: (u64, u64) = (0x4000_0002, 510);
/// Where the header of a database says how it is written, and what stands there when that is a write-ahead log.
const WRITE_VERSION: (u64, u8) = (18, 2);

/// Who writes a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// Another process, or one that only reads it: the two are not told apart.
    Another,
    /// No other process.
    Nobody,
    /// The file system has no write-ahead log, and without one nothing tells.
    NotTold,
}

/// A file that somebody may be writing.
///
/// It is held open until this is dropped: closing a file takes all locks of this process on it away, those of SQLite too.
/// So it is to be dropped only when nobody writes the file any more.
#[derive(Debug)]
pub struct Growing(File);

impl Growing {
    /// Opens a file to see who writes it.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        File::open(path).map(Self)
    }

    /// Who writes it now.
    #[must_use]
    pub fn writing(&self) -> Writing {
        let mut version = [0];
        let has_log = self
            .0
            .read_exact_at(&mut version, WRITE_VERSION.0)
            .is_ok_and(|()| version[0] == WRITE_VERSION.1);
        if !has_log {
            return Writing::NotTold;
        }
        let mut lock = Flock::from(FlockType::WriteLock);
        (lock.start, lock.length) = SHARED;
        match fcntl_getlk(&self.0, &lock) {
            Ok(Some(_)) => Writing::Another,
            Ok(None) => Writing::Nobody,
            Err(_) => Writing::NotTold,
        }
    }
}
