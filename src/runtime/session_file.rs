//! The place of the last session on disk: one small file of this user's, readable by its owner only.
//!
//! It is replaced as a whole or not at all. One that cannot be read, or was written by another version, is as none.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use serde::{Deserialize, Serialize};

use crate::app::{Opening, Place, ScanChoice, State};
use crate::store::Folder;

use super::new_file::replace_private;

/// The form of the file.
const VERSION: u32 = 1;
/// The name of the file.
const FILE: &str = "session.json";
/// The largest file that is read, in bytes; a place takes one or two thousand, and some hundred for each mark.
const LARGEST: u64 = 256 * 1024;

/// The file with the place of the last session.
#[derive(Clone, Debug)]
pub struct SessionFile(PathBuf);

/// A place as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedPlace {
    version: u32,
    /// Whether its scan was the newest one then. A newer one takes its place.
    pub was_newest: bool,
    /// The place.
    pub place: Place,
}

impl SessionFile {
    /// The file of this user, in the state folder of the platform; `None` when the environment names no home.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        let folders = ProjectDirs::from("", "", "flexposture")?;
        let folder = folders
            .state_dir()
            .unwrap_or_else(|| folders.data_local_dir());
        Some(Self(folder.join(FILE)))
    }

    /// What is kept in it; `None` when there is nothing that can be used.
    #[must_use]
    pub fn load(&self) -> Option<SavedPlace> {
        if fs::metadata(&self.0).ok()?.len() > LARGEST {
            return None;
        }
        let text = fs::read_to_string(&self.0).ok()?;
        let saved: SavedPlace = serde_json::from_str(&text).ok()?;
        (saved.version == VERSION).then_some(saved)
    }

    /// Keeps a place.
    ///
    /// # Errors
    /// When the file cannot be written; it is as it was then.
    pub fn save(&self, place: Place, was_newest: bool) -> io::Result<()> {
        let saved = SavedPlace {
            version: VERSION,
            was_newest,
            place,
        };
        replace_private(&self.0, &serde_json::to_vec(&saved)?)
    }
}

/// What keeps the place at the end, for the scans that will still be there then.
pub struct Keeper {
    file: Option<SessionFile>,
    folder: Option<Folder>,
    /// The scan that was asked for, which may lie elsewhere.
    named: Option<String>,
}

impl Keeper {
    /// Keeps places in `file`, if anywhere.
    pub fn new(file: Option<SessionFile>, opening: &Opening, folder: Option<Folder>) -> Self {
        let named = match opening {
            Opening::Scan(ScanChoice::Named(name)) => Some(name.clone()),
            _ => None,
        };
        Self {
            file,
            folder,
            named,
        }
    }

    /// Keeps where one is. A failure is not told: the terminal is about to be given back, and nothing but comfort is
    /// lost.
    pub fn keep(&self, state: &State) {
        let (Some(file), Some(place)) = (&self.file, Place::of(state)) else {
            return;
        };
        let scan = Path::new(&place.file);
        let in_folder = self
            .folder
            .as_ref()
            .is_some_and(|folder| scan.parent() == Some(folder.path()));
        // The simulated fleet's file is gone when the program is.
        if !in_folder && self.named.as_deref() != Some(place.file.as_str()) {
            return;
        }
        let newest = self.folder.as_ref().and_then(|it| it.newest().ok());
        let is_newest = newest.is_some_and(|newest| newest.path == scan);
        let _ = file.save(place, is_newest);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn place() -> Place {
        Place {
            scan: "a".to_owned(),
            filter: "prod".to_owned(),
            ..Place::default()
        }
    }

    #[test]
    fn a_place_is_kept_for_its_owner_alone_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = SessionFile(folder.path().join("state/session.json"));
        assert_eq!(file.load(), None);
        file.save(place(), true).unwrap();
        file.save(place(), false).unwrap();
        let saved = file.load().unwrap();
        assert_eq!((saved.place, saved.was_newest), (place(), false));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file.0), 0o600);
        assert_eq!(mode(file.0.parent().unwrap()), 0o700);
        // Nothing is left beside it.
        assert_eq!(
            fs::read_dir(folder.path().join("state")).unwrap().count(),
            1
        );
    }

    #[test]
    fn a_file_that_is_broken_or_of_another_version_is_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = SessionFile(folder.path().join("session.json"));
        file.save(place(), true).unwrap();
        let text = fs::read_to_string(&file.0).unwrap();
        for wrong in [
            String::new(),
            text[..text.len() / 2].to_owned(),
            text.replace("\"version\":1", "\"version\":2"),
            "x".repeat(2_000_000),
        ] {
            fs::write(&file.0, wrong).unwrap();
            assert_eq!(file.load(), None);
        }
    }
}
