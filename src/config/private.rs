//! Writing a file that is its owner's alone.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use super::ConfigError;

/// Adds text at the end of a file; what stands in it stays byte for byte. A missing file is made, readable by its owner
/// only, and so is the folder above it.
///
/// # Errors
/// When the file cannot be written; it is left as it was then.
pub fn append(path: &Path, text: &str) -> Result<(), ConfigError> {
    let failed = |path: &Path, source| ConfigError::Io {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|source| failed(folder, source))?;
    }
    let write = || {
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)?;
        let before = file.metadata()?.len();
        let written = file
            .write_all(text.as_bytes())
            .and_then(|()| file.sync_all());
        if written.is_err() {
            // Half an entry would make the whole file unreadable.
            file.set_len(before)?;
        }
        written
    };
    write().map_err(|source| failed(path, source))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_made_private_and_what_stands_in_it_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/file.toml");
        append(&path, "a\r\n").unwrap();
        append(&path, "b\n").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"a\r\nb\n");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        let error = append(folder.path(), "x").unwrap_err();
        assert!(matches!(error, ConfigError::Io { .. }));
    }
}
