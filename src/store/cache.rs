//! Scans judged under another ruleset than the one they were made with, kept so that they are judged once.
//!
//! Small files in the user's cache folder. Nothing depends on them: one that is damaged, or was cut off, is as good as
//! none, and is made anew. Each is written beside its place and moved there, so that two programs may write one at once.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use directories::ProjectDirs;
use sha2::{Digest, Sha256};

/// What a file begins with: the form of this module and of what it keeps.
const HEAD: &[u8] = b"flexposture judged 2\n";
/// The length of the digest that follows, in bytes.
const DIGEST: usize = 32;
/// The most that the folder holds, in bytes: what was written first goes first.
const MOST: u64 = 256 << 20;

/// The folder of scans judged under other rulesets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    folder: PathBuf,
    most: u64,
}

impl Cache {
    /// The folder of this user: `judged` in the cache directory of the platform; `None` when the environment names no
    /// home, and nothing is kept then.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        ProjectDirs::from("", "", "flexposture")
            .map(|directories| Self::at(directories.cache_dir().join("judged")))
    }

    /// A folder of the caller's choice.
    #[must_use]
    pub const fn at(folder: PathBuf) -> Self {
        Self { folder, most: MOST }
    }

    /// What was kept under this key; `None` when there is nothing, or nothing whole.
    pub(super) fn get(&self, key: &str) -> Option<Vec<u8>> {
        let bytes = fs::read(self.file(key)).ok()?;
        let rest = bytes.strip_prefix(HEAD)?;
        let (digest, kept) = rest.split_at_checked(DIGEST)?;
        (Sha256::digest(kept).as_slice() == digest).then(|| kept.to_vec())
    }

    /// Keeps something under this key.
    ///
    /// # Errors
    /// When the folder cannot be written; whoever calls has lost nothing but time.
    pub(super) fn put(&self, key: &str, kept: &[u8]) -> io::Result<()> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)?;
        // A new temporary file is readable by its owner only.
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(HEAD)?;
        file.write_all(&Sha256::digest(kept))?;
        file.write_all(kept)?;
        file.persist(self.file(key)).map_err(|error| error.error)?;
        self.prune()
    }

    /// The file for a key. A key may hold text of a foreign file, so that no part of it is part of the name.
    fn file(&self, key: &str) -> PathBuf {
        let digest = Sha256::digest(key.as_bytes());
        let name: String = digest[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        self.folder.join(name)
    }

    fn prune(&self) -> io::Result<()> {
        let mut files: Vec<(SystemTime, u64, PathBuf)> = fs::read_dir(&self.folder)?
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let metadata = entry.metadata().ok().filter(fs::Metadata::is_file)?;
                Some((metadata.modified().ok()?, metadata.len(), entry.path()))
            })
            .collect();
        let mut total: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        files.sort();
        for (_, bytes, path) in files {
            if total <= self.most {
                break;
            }
            // Another program may have removed it.
            let _ = fs::remove_file(path);
            total -= bytes;
        }
        Ok(())
    }
}

/// A key that no other scan has: the file with its length, the digest of its documents, and who judged them.
pub(super) fn key(what: &str, path: &Path, digest: &str, judge: &str) -> String {
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let bytes = fs::metadata(path).map_or(0, |metadata| metadata.len());
    format!("{what}\n{}\n{bytes}\n{digest}\n{judge}", place.display())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_kept_comes_back_privately_and_damage_is_as_good_as_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().join("a/b"));
        assert_eq!(cache.get("key"), None);
        cache.put("key", b"one").unwrap();
        cache.put("../../other", b"two").unwrap();
        assert_eq!(cache.get("key").unwrap(), b"one");
        cache.put("key", b"three").unwrap();
        assert_eq!(cache.get("key").unwrap(), b"three");
        let files: Vec<PathBuf> = fs::read_dir(folder.path().join("a/b"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        assert_eq!(files.len(), 2, "nothing is left beside, nothing elsewhere");
        for file in files {
            let mode = fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            let whole = fs::read(&file).unwrap();
            for damaged in [&whole[..whole.len() - 1], &whole[1..], b""] {
                fs::write(&file, damaged).unwrap();
                assert!(cache.get("key").is_none() || cache.get("../../other").is_none());
            }
        }
        assert_eq!((cache.get("key"), cache.get("../../other")), (None, None));
    }

    #[test]
    fn the_folder_does_not_grow_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache {
            folder: folder.path().to_owned(),
            most: 1000,
        };
        for place in 0..20_u8 {
            cache.put(&place.to_string(), &[place; 200]).unwrap();
        }
        let kept = fs::read_dir(folder.path()).unwrap().count();
        assert!((1..=4).contains(&kept), "{kept}");
    }

    #[test]
    fn two_writers_of_one_key_leave_one_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().to_owned());
        std::thread::scope(|threads| {
            for byte in [b'a', b'b'] {
                let cache = &cache;
                threads.spawn(move || {
                    for _ in 0..50 {
                        cache.put("key", &[byte; 10_000]).unwrap();
                        let found = cache.get("key").unwrap();
                        assert!(found.iter().all(|it| *it == found[0]), "mixed");
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
