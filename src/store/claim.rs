//! Who writes a scan: a file beside it, locked for as long as its writer lives.
//!
//! A scan without an end may still be written, or its writer may have been killed; the file alone cannot tell. The
//! system lets go of the lock when the writer ends, however it ends. The scan file itself is not locked this way:
//! closing it again would take SQLite's own locks from it.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The right to write a scan; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Claim {
    path: PathBuf,
    /// Holds the lock.
    _file: File,
}

impl Claim {
    /// Says that this process writes the scan. `None` where the file system has no locks: then nobody can tell, and the
    /// scan is written all the same.
    pub(super) fn take(scan: &Path) -> Option<Self> {
        let path = beside(scan);
        let file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .ok()?;
        if file.try_lock().is_err() {
            return None;
        }
        Some(Self { path, _file: file })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether a living process writes the scan.
pub(super) fn is_claimed(scan: &Path) -> bool {
    File::open(beside(scan))
        .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// The file that is locked.
pub(super) fn beside(scan: &Path) -> PathBuf {
    with_ending(scan, ".writing")
}

/// A file's path with more at its end.
pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_is_claimed_while_its_writer_lives_and_nothing_is_left_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let scan = folder.path().join("s.flexscan");
        assert!(!is_claimed(&scan));
        let claim = Claim::take(&scan).unwrap();
        assert!(is_claimed(&scan));
        assert!(Claim::take(&scan).is_none(), "there is one writer");
        assert!(is_claimed(&scan), "asking takes nothing away");
        drop(claim);
        assert!(!is_claimed(&scan) && !beside(&scan).exists());
        // What a killed writer leaves says nothing.
        fs::write(beside(&scan), "").unwrap();
        assert!(!is_claimed(&scan));
    }
}
