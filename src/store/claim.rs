//! Who writes a scan: a file beside it, locked for as long as its writer lives.
//!
//! A scan without an end may still be written, or its writer may have been killed; the file alone cannot tell. The
//! system lets go of the lock when the writer ends, however it ends. The scan file itself is not locked this way:
//! closing it again would take SQLite's own locks from it.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a claim is tried to be taken.
const TRIES: u32 = 5;
/// How long it waits between two tries.
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

/// How often somebody who asks tries, and how long it waits between two tries.
const TRIES_TO_ASK: u32 = 3;
const BETWEEN_ASKING: Duration = Duration::from_millis(1);

/// Who writes a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// A living process, which may be this one.
    Somebody,
    /// No process: its writer ended, or was ended.
    Nobody,
    /// The file system has no locks, and without them nothing tells.
    NotTold,
}

/// The right to write a scan; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Claim {
    path: PathBuf,
    /// Holds the lock, where the file system has locks.
    file: File,
}

impl Claim {
    /// Says that this process writes the scan; to be said before the scan is there, so that nobody finds it without a
    /// writer. `None` when another process writes it, or nothing can be put beside it.
    pub(super) fn take(scan: &Path) -> Option<Self> {
        let path = beside(scan);
        for _ in 0..TRIES {
            let file = OpenOptions::new()
                .create(true)
                .write(true)
                .truncate(false)
                .mode(0o600)
                .open(&path)
                .ok()?;
            match file.try_lock() {
                // Perhaps somebody only asks who writes, which takes no longer than this.
                Err(TryLockError::WouldBlock) => std::thread::sleep(BETWEEN_TRIES),
                // Somebody may have removed the file after it was opened: then another one can be locked there.
                Ok(()) if !is_at(&file, &path) => {}
                // Without locks the file alone stays there as long: it says that nothing tells.
                Ok(()) | Err(TryLockError::Error(_)) => return Some(Self { path, file }),
            }
        }
        None
    }
}

/// Whether a path leads to this file.
fn is_at(file: &File, path: &Path) -> bool {
    let found = (file.metadata(), fs::metadata(path));
    matches!(found, (Ok(ours), Ok(there)) if (ours.dev(), ours.ino()) == (there.dev(), there.ino()))
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Where somebody deleted the scan meanwhile, the next one's may stand there.
        if is_at(&self.file, &self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Who writes the scan now. What a killed writer left beside it is removed.
#[must_use]
pub fn writing(scan: &Path) -> Writing {
    let path = beside(scan);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Writing::Nobody,
        Err(_) => return Writing::NotTold,
    };
    for _ in 0..TRIES_TO_ASK {
        match file.try_lock_shared() {
            // Perhaps somebody else asks, and just removes it.
            Err(TryLockError::WouldBlock) => std::thread::sleep(BETWEEN_ASKING),
            Err(TryLockError::Error(_)) => return Writing::NotTold,
            Ok(()) => {
                // Alone, so that no other one who asks makes room for a writer in between, whose file would go. It stays on
                // media that cannot be written, and does no harm.
                if file.try_lock().is_ok() && is_at(&file, &path) {
                    let _ = fs::remove_file(&path);
                }
                return Writing::Nobody;
            }
        }
    }
    Writing::Somebody
}

/// Whether a living process is known to write the scan.
pub(super) fn is_claimed(scan: &Path) -> bool {
    writing(scan) == Writing::Somebody
}

/// The file that is locked.
#[must_use]
pub fn beside(scan: &Path) -> PathBuf {
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
        assert_eq!(writing(&scan), Writing::Nobody);
        let claim = Claim::take(&scan).unwrap();
        assert_eq!(writing(&scan), Writing::Somebody);
        assert!(Claim::take(&scan).is_none(), "there is one writer");
        assert_eq!(
            writing(&scan),
            Writing::Somebody,
            "asking takes nothing away"
        );
        drop(claim);
        assert_eq!(writing(&scan), Writing::Nobody);
        assert!(!beside(&scan).exists());
    }

    #[test]
    fn a_claim_whose_file_was_removed_takes_nothing_from_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let scan = folder.path().join("s.flexscan");
        let deleted = Claim::take(&scan).unwrap();
        fs::remove_file(beside(&scan)).unwrap();
        let next = Claim::take(&scan).unwrap();
        drop(deleted);
        assert_eq!(writing(&scan), Writing::Somebody);
        drop(next);
        assert_eq!(writing(&scan), Writing::Nobody);
    }

    #[test]
    fn however_many_ask_the_file_of_a_writer_stays() {
        let folder = tempfile::tempdir().unwrap();
        let scan = folder.path().join("s.flexscan");
        let ended = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|threads| {
            for _ in 0..3 {
                threads.spawn(|| {
                    while !ended.load(std::sync::atomic::Ordering::Relaxed) {
                        let _ = writing(&scan);
                    }
                });
            }
            let stays = (0..300).all(|_| {
                // As a killed writer leaves it.
                let _ = fs::write(beside(&scan), "");
                Claim::take(&scan).is_none_or(|claim| is_at(&claim.file, &claim.path))
            });
            ended.store(true, std::sync::atomic::Ordering::Relaxed);
            assert!(stays);
        });
    }

    #[test]
    fn what_a_killed_writer_left_says_nothing_and_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let scan = folder.path().join("s.flexscan");
        fs::write(beside(&scan), "").unwrap();
        assert_eq!(writing(&scan), Writing::Nobody);
        assert!(!beside(&scan).exists());
        assert!(Claim::take(&scan).is_some(), "the next one may write");
    }
}
