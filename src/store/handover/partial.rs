//! A file on its way into a folder: under a hidden name until it is whole, then in its place at once.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::store::claim::{Writing, writing};
use crate::store::upkeep::remove;
use crate::store::{StoreError, new_scan_id};

/// What hidden names begin and end with.
const START: &str = ".flexposture-";
const END: &str = ".partial";
/// How long what a killed program left stays. A lock of another machine may not show here, so that it must be old.
const LEFT_FOR: Duration = Duration::from_secs(24 * 60 * 60);

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

/// Removes what killed programs left in a folder a day ago or earlier.
pub fn sweep(folder: &Path) {
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
            .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LEFT_FOR));
        if is_ours && is_old && writing(&path) != Writing::Somebody {
            let _ = remove(&path);
        }
    }
}
