//! The saved searches on disk: one file of this user's that a person may edit, readable by its owner only. What stands
//! in it is the matter of `app`; here it is text.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::app::Message;

use super::new_file::{private_folder_of, replace_private};

/// The name of the file.
const FILE: &str = "searches.toml";
/// The largest file that is read, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// The file with the saved searches.
#[derive(Clone, Debug)]
pub struct SearchFile(PathBuf);

impl SearchFile {
    /// The file in a folder, most often the config folder of the user.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self(folder.join(FILE))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The text of the file; empty when there is none.
    ///
    /// # Errors
    /// When it cannot be read, is no text, or is far too large.
    pub fn read(&self) -> io::Result<String> {
        match fs::metadata(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
            Err(error) => return Err(error),
            Ok(data) if data.len() > LARGEST => {
                return Err(io::Error::other("the file is larger than 1 MiB"));
            }
            Ok(_) => {}
        }
        fs::read_to_string(&self.0)
    }

    /// Adds text at the end; what stands in the file stays.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn append(&self, text: &str) -> io::Result<()> {
        private_folder_of(&self.0)?;
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&self.0)?;
        let before = file.metadata()?.len();
        let written = file
            .write_all(text.as_bytes())
            .and_then(|()| file.sync_all());
        if written.is_err() {
            // Half an entry would make the whole file unreadable.
            file.set_len(before)?;
        }
        written
    }

    /// Replaces the text, as a whole or not at all. A link stays a link.
    ///
    /// # Errors
    /// When it cannot be written; the file is as it was then.
    pub fn replace(&self, text: &str) -> io::Result<()> {
        replace_private(&self.0, text.as_bytes())
    }
}

/// Does something with the file, and tells what stands in it then. Without a file nothing is kept.
pub fn told(
    file: Option<&SearchFile>,
    work: impl FnOnce(&SearchFile) -> io::Result<()>,
) -> Message {
    let Some(file) = file else {
        return Message::SearchesRead(String::new());
    };
    match work(file).and_then(|()| file.read()) {
        Ok(text) => Message::SearchesRead(text),
        Err(error) => Message::Failed {
            job: None,
            title: "The saved searches could not be read or written".to_owned(),
            detail: format!("{}: {error}", file.path().display()),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_file_is_its_owners_alone_and_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = SearchFile::in_folder(&folder.path().join("new"));
        assert_eq!(file.read().unwrap(), "");
        let mode = || fs::metadata(file.path()).unwrap().permissions().mode() & 0o777;
        file.append("a\n").unwrap();
        file.append("b\n").unwrap();
        assert_eq!((file.read().unwrap(), mode()), ("a\nb\n".to_owned(), 0o600));
        file.replace("c\n").unwrap();
        assert_eq!((file.read().unwrap(), mode()), ("c\n".to_owned(), 0o600));
        let real = folder.path().join("real.toml");
        fs::rename(file.path(), &real).unwrap();
        std::os::unix::fs::symlink(&real, file.path()).unwrap();
        file.replace("d\n").unwrap();
        assert!(file.path().is_symlink() && fs::read(&real).unwrap() == b"d\n");
    }
}
