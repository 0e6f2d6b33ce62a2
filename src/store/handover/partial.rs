//! A file on its way into a folder: under a hidden name until it is whole, then in its place at once.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::store::claim::{Writing, writing};
use crate::store::media::shares_memory;
use crate::store::upkeep::remove;
use crate::store::{StoreError, new_scan_id};

/// What hidden names begin and end with.
const START: &str = ".flexposture-";
const END: &str = ".partial";
/// How long what a killed program left stays where this machine holds the files, and every lock shows: longer than a file
/// is without a lock between its end and its place.
const LEFT_FOR: Duration = Duration::from_secs(60);
/// How long it stays elsewhere, where a lock of another machine may not show.
const LEFT_FOR_ELSEWHERE: Duration = Duration::from_secs(24 * 60 * 60);

/// A file on its way; gone when it is dropped before its time.
pub struct Partial {
    path: PathBuf,
    kept: bool,
}

impl Partial {
    /// One that will stand at `to`. Nothing is made yet.
    pub fn beside(to: &Path) -> Self {
        let folder = to.parent().filter(|it| !it.as_os_str().is_empty());
        let mut name = OsString::from(START);
        name.push(new_scan_id());
        name.push(END);
        Self {
            path: folder.unwrap_or(Path::new(".")).join(name),
            kept: false,
        }
    }

    /// Where it is meanwhile.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Moves it to its place.
    ///
    /// # Errors
    /// When there is a file and `replace` does not say so, or when the file system refuses.
    pub fn keep(mut self, to: &Path, replace: bool) -> Result<u64, StoreError> {
        let io = |source: io::Error| match source.kind() {
            io::ErrorKind::AlreadyExists => StoreError::Exists {
                path: to.to_owned(),
            },
            _ => StoreError::Io {
                path: to.to_owned(),
                source,
            },
        };
        File::open(&self.path)
            .and_then(|file| file.sync_all())
            .map_err(io)?;
        let temporary = tempfile::TempPath::try_from_path(&self.path).map_err(io)?;
        let moved = if replace {
            temporary.persist(to)
        } else {
            temporary.persist_noclobber(to)
        };
        moved.map_err(|error| io(error.error))?;
        self.kept = true;
        // The name too is to outlive a loss of power; not every file system has a way to say so.
        if let Some(folder) = to.parent().filter(|it| !it.as_os_str().is_empty()) {
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(fs::metadata(to).map_or(0, |metadata| metadata.len()))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.kept {
            let _ = remove(&self.path);
        }
    }
}

/// Removes what killed programs left in a folder.
pub fn sweep(folder: &Path) {
    let left_for = if shares_memory(folder) {
        LEFT_FOR
    } else {
        LEFT_FOR_ELSEWHERE
    };
    sweep_older_than(folder, left_for);
}

fn sweep_older_than(folder: &Path, left_for: Duration) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let is_ours = path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with(START) && name.ends_with(END));
        let is_old = fs::metadata(&path)
            .and_then(|metadata| metadata.modified())
            .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > left_for));
        if is_ours && is_old && writing(&path) != Writing::Somebody {
            let _ = remove(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::store::claim::Claim;

    #[test]
    fn what_a_killed_program_left_goes_and_what_somebody_writes_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, age: Duration| {
            let path = folder.path().join(name);
            let file = File::create(&path).unwrap();
            file.set_modified(SystemTime::now() - age).unwrap();
            path
        };
        let minutes = |count: u64| Duration::from_secs(60 * count);
        let left = file(".flexposture-a.partial", minutes(10));
        let log = file(".flexposture-a.partial-wal", minutes(10));
        let written = file(".flexposture-b.partial", minutes(10));
        let claim = Claim::take(&written).unwrap();
        let on_its_way = file(".flexposture-c.partial", Duration::ZERO);
        let other = file("a.partial", minutes(10));
        sweep_older_than(folder.path(), LEFT_FOR_ELSEWHERE);
        assert!(left.exists(), "elsewhere its lock may not show");
        sweep_older_than(folder.path(), LEFT_FOR);
        assert!(!left.exists() && !log.exists());
        assert!(written.exists() && on_its_way.exists() && other.exists());
        drop(claim);
        sweep_older_than(folder.path(), LEFT_FOR);
        assert!(!written.exists());
    }
}
