//! The folder in which scans are kept.

use std::cmp::Reverse;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use super::StoreError;
use super::schema::ScanHeader;

/// What the name of a scan file ends with.
const EXTENSION: &str = "flexscan";

/// Which scan is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScanChoice {
    /// The newest one of the folder.
    Newest,
    /// The one with this id, the beginning of an id, or this file.
    Named(String),
}

/// Whether a name is one of [`Folder::file_for`]. What a synchroniser made of such a name, where two machines had changed
/// one file, is none.
pub(super) fn is_dated(path: &Path) -> bool {
    let stem = path.file_stem().map(OsStr::as_encoded_bytes);
    let Some((start, id)) = stem.and_then(|stem| stem.split_at_checked(16)) else {
        return false;
    };
    let is_time = start.iter().enumerate().all(|(place, byte)| match place {
        8 => *byte == b'T',
        15 => *byte == b'Z',
        _ => byte.is_ascii_digit(),
    });
    let id = id.strip_prefix(b"-");
    is_time && id.is_some_and(|id| !id.is_empty() && id.iter().all(u8::is_ascii_alphanumeric))
}

/// The folder in which scans are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder of this user: `scans` in the data directory of the platform.
    ///
    /// # Errors
    /// When the environment names no home.
    pub fn of_user() -> Result<Self, StoreError> {
        ProjectDirs::from("", "", "flexposture")
            .map(|directories| Self(directories.data_dir().join("scans")))
            .ok_or(StoreError::NoFolder)
    }

    /// A folder of the caller's choice.
    #[must_use]
    pub const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// The folder that holds a file, also one that is named from the working directory.
    #[must_use]
    pub fn holding(file: &Path) -> Self {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        Self(file.parent().unwrap_or(Path::new("/")).to_owned())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The file for a new scan: its start in UTC and its id.
    #[must_use]
    pub fn file_for(&self, header: &ScanHeader) -> PathBuf {
        let started = header.started_at.strftime("%Y%m%dT%H%M%SZ");
        self.0.join(format!("{started}-{}.{EXTENSION}", header.id))
    }

    /// The scan files of the folder, newest first by the time in their names; those of other names, which a person has put
    /// there, come after them. A folder that does not exist has none.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn files(&self) -> Result<Vec<PathBuf>, StoreError> {
        let io = |source| StoreError::Io {
            path: self.0.clone(),
            source,
        };
        let entries = match std::fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(io(error)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(io)?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == EXTENSION)
            {
                files.push(path);
            }
        }
        files.sort_by_cached_key(|path| {
            let name = path.file_name().map(OsStr::to_os_string);
            let second = is_dated(path).then(|| {
                let bytes = name.as_deref().unwrap_or_default().as_encoded_bytes();
                bytes.get(..16).unwrap_or_default().to_vec()
            });
            // Several scans can start within one second: the one that was written to last is the newest.
            let written = second.as_ref().and_then(|_| {
                let metadata = std::fs::metadata(path).ok()?;
                metadata.modified().ok()
            });
            Reverse((second, written, name))
        });
        Ok(files)
    }

    /// The file that is meant.
    ///
    /// # Errors
    /// When there is none, or several.
    pub fn find(&self, choice: &ScanChoice) -> Result<PathBuf, StoreError> {
        let name = match choice {
            ScanChoice::Newest => return self.newest().map(|newest| newest.path),
            ScanChoice::Named(name) => name,
        };
        let as_path = Path::new(name);
        if as_path.is_file() {
            return Ok(as_path.to_owned());
        }
        if as_path.is_dir() {
            return Err(StoreError::IsFolder {
                path: as_path.to_owned(),
                newest: Self::at(as_path.to_owned()).newest().ok().map(|it| it.path),
            });
        }
        let matches = |path: &PathBuf| {
            let stem = path
                .file_stem()
                .and_then(|stem| stem.to_str())
                .unwrap_or_default();
            let id = stem.rsplit('-').next().unwrap_or_default();
            !name.is_empty() && (stem.starts_with(name.as_str()) || id.starts_with(name.as_str()))
        };
        let mut found: Vec<PathBuf> = self.files()?.into_iter().filter(matches).collect();
        match (found.pop(), found.is_empty()) {
            (None, _) => Err(StoreError::NoSuchScan { name: name.clone() }),
            (Some(only), true) => Ok(only),
            (Some(last), false) => {
                found.push(last);
                Err(StoreError::Ambiguous {
                    name: name.clone(),
                    found: found
                        .iter()
                        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
                        .collect(),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn of_scans_that_started_in_one_second_the_last_written_is_the_newest() {
        let folder = tempfile::tempdir().expect("a folder");
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let names = [
            "20261124T203524Z-ffffffff.flexscan",
            "20261124T203524Z-00000000.flexscan",
            "20261124T203523Z-99999999.flexscan",
            "zz.flexscan",
            "20261124T203524Z-ffffffff (conflicted copy).flexscan",
            "20261124T203524Z-ffffffff-LAPTOP.flexscan",
        ];
        for (name, second) in names.into_iter().zip([1, 2, 3, 4, 5, 6]) {
            let file = File::create(folder.path().join(name)).expect("a file");
            file.set_modified(start + Duration::from_secs(second))
                .expect("a time");
        }
        let files = Folder::at(folder.path().to_owned()).files().expect("files");
        let found: Vec<_> = files.iter().filter_map(|path| path.file_name()).collect();
        // Names that are not the program's own come after them, whenever they were written.
        let own = [names[1], names[0], names[2]];
        assert_eq!(found[..3], own);
        assert_eq!(found.len(), names.len());
    }
}
