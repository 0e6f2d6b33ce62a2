//! A file that is there whole or not at all: written beside its place under another name, and put there at the end.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that is being written. Dropped before [`NewFile::finish`] it leaves nothing behind.
#[derive(Debug)]
pub struct NewFile {
    path: PathBuf,
    replace: bool,
    file: NamedTempFile,
}

/// Why a file could not be written. The words name the file.
#[derive(Debug, thiserror::Error)]
pub enum NewFileError {
    /// It is there already, and was left as it is.
    #[error("{} is there already; name another file, or remove it first", .0.display())]
    Exists(PathBuf),
    /// It names a folder.
    #[error("{} is a folder; name a file in it", .0.display())]
    Folder(PathBuf),
    /// There is no folder for it.
    #[error("there is no folder {}; make it first, or name another one", .0.display())]
    NoFolder(PathBuf),
    /// `~` stands for a home, and there is none.
    #[error("there is no home that ~ could stand for; write the whole path")]
    NoHome,
    /// The system refused.
    #[error("{} could not be written: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl NewFile {
    /// Begins a file that its owner alone can read. `~` at the start of the name stands for the home; a name that is not
    /// whole begins at the working directory.
    ///
    /// # Errors
    /// When it is there already and may not be replaced, when there is no folder for it, or when the system refuses.
    pub fn create(name: &str, replace: bool) -> Result<Self, NewFileError> {
        let path = place(name)?;
        if path.is_dir() || name.ends_with('/') {
            return Err(NewFileError::Folder(path));
        }
        if !replace && path.symlink_metadata().is_ok() {
            return Err(NewFileError::Exists(path));
        }
        let folder = path.parent().unwrap_or(Path::new("/"));
        if !folder.is_dir() {
            return Err(NewFileError::NoFolder(folder.to_owned()));
        }
        let made = tempfile::Builder::new()
            .prefix(".flexposture-")
            .suffix(".part")
            .tempfile_in(folder);
        match made {
            Ok(file) => Ok(Self {
                path,
                replace,
                file,
            }),
            Err(source) => Err(NewFileError::Io { path, source }),
        }
    }

    /// The file to write into.
    pub fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Another file beside it, without a name, for what is put together before it is written.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn scratch(&self) -> Result<File, NewFileError> {
        let folder = self.path.parent().unwrap_or(Path::new("/"));
        tempfile::tempfile_in(folder).map_err(|source| self.refused(source))
    }

    /// What the system says of this file.
    #[must_use]
    pub fn refused(&self, source: io::Error) -> NewFileError {
        NewFileError::Io {
            path: self.path.clone(),
            source,
        }
    }

    /// Puts the file in its place. Returns the whole path and how large it is.
    ///
    /// # Errors
    /// When somebody has made one there meanwhile, or the system refuses.
    pub fn finish(self) -> Result<(PathBuf, u64), NewFileError> {
        let path = self.path;
        let io = |source| NewFileError::Io {
            path: path.clone(),
            source,
        };
        let bytes = self.file.as_file().metadata().map_err(io)?.len();
        self.file.as_file().sync_all().map_err(io)?;
        let placed = if self.replace {
            self.file.persist(&path)
        } else {
            self.file.persist_noclobber(&path)
        };
        match placed {
            Ok(_) => Ok((path, bytes)),
            Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => {
                Err(NewFileError::Exists(path))
            }
            Err(refused) => Err(io(refused.error)),
        }
    }
}

/// Makes the folder of a file of this user's, for its owner only, where it lacks.
pub(super) fn private_folder_of(file: &Path) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Replaces a small file of this user's, which its owner alone can read, as a whole or not at all. A link stays a link.
///
/// # Errors
/// When the system refuses; the file is as it was then.
pub fn replace_private(file: &Path, bytes: &[u8]) -> io::Result<()> {
    private_folder_of(file)?;
    let path = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    // Made readable by its owner only.
    let mut new = NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    new.write_all(bytes)?;
    new.as_file().sync_all()?;
    new.persist(&path)?;
    Ok(())
}

/// The whole path of a file that a person names: `~` at the start stands for the home; a name that is not whole begins at
/// the working directory.
pub(super) fn place(name: &str) -> Result<PathBuf, NewFileError> {
    let home = || {
        directories::BaseDirs::new()
            .map(|it| it.home_dir().to_owned())
            .ok_or(NewFileError::NoHome)
    };
    let path = match name.strip_prefix('~') {
        Some("") => home()?,
        Some(rest) if rest.starts_with('/') => home()?.join(rest.trim_start_matches('/')),
        _ => PathBuf::from(name),
    };
    std::path::absolute(&path).map_err(|source| NewFileError::Io { path, source })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn name(path: &Path) -> &str {
        path.to_str().unwrap()
    }

    #[test]
    fn it_is_there_whole_private_and_alone_at_the_end_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        let mut file = NewFile::create(name(&path), false).unwrap();
        file.file().write_all(b"a,b\n").unwrap();
        assert!(!path.exists());
        let (placed, bytes) = file.finish().unwrap();
        assert_eq!((placed.as_path(), bytes), (path.as_path(), 4));
        let mode = path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        drop(NewFile::create(name(&folder.path().join("other")), false).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_there_stays_unless_it_may_be_replaced_also_when_it_comes_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        let mut early = NewFile::create(name(&path), false).unwrap();
        std::fs::write(&path, "mine").unwrap();
        let late = NewFile::create(name(&path), false);
        assert!(matches!(late, Err(NewFileError::Exists(_))));
        early.file().write_all(b"theirs").unwrap();
        assert!(matches!(early.finish(), Err(NewFileError::Exists(_))));
        assert_eq!(std::fs::read(&path).unwrap(), b"mine");
        let mut replacing = NewFile::create(name(&path), true).unwrap();
        replacing.file().write_all(b"new").unwrap();
        replacing.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn places_that_are_none_are_told_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let of = |path: &str| NewFile::create(path, false).unwrap_err().to_string();
        assert!(of(name(folder.path())).contains("is a folder"));
        let nowhere = folder.path().join("no/such/list.csv");
        assert!(of(name(&nowhere)).contains("there is no folder"));
        let home = place("~/x.csv").unwrap();
        assert!(home.is_absolute() && home.ends_with("x.csv") && !home.starts_with("~"));
    }
}
