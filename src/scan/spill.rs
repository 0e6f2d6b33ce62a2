//! What a scan must remember and not hold in memory: compressed, in a file without a name beside the scan.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// zstd's level: what is put aside is read once or twice, so it is packed quickly.
const LEVEL: i32 = 1;

/// A place to put bytes aside. Its file is gone when the scan ends, however it ends, and nobody else can open it.
#[derive(Debug)]
pub struct Spill {
    folder: PathBuf,
    file: Mutex<Option<End>>,
}

#[derive(Debug)]
struct End {
    file: File,
    /// How much was written, in bytes.
    length: u64,
}

/// Bytes that were put aside.
#[derive(Debug)]
pub enum Aside {
    /// In the file.
    There {
        /// Where they begin, in bytes.
        start: u64,
        /// How many they are, packed.
        length: usize,
    },
    /// In memory, packed, because the file could not be written.
    Here(Box<[u8]>),
}

impl Spill {
    /// A spill whose file, once there is one, lies beside this one.
    pub fn beside(path: &Path) -> Self {
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        Self {
            folder: folder.unwrap_or_else(|| Path::new(".")).to_owned(),
            file: Mutex::default(),
        }
    }

    /// The folder that its file lies in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Puts bytes aside. Where the file cannot be written they stay in memory, packed: the scan's own file, in the same
    /// folder, is what says that the disk is full.
    ///
    /// # Errors
    /// When zstd refuses, which it does only for want of memory.
    pub fn put(&self, bytes: &[u8]) -> io::Result<Aside> {
        let packed = zstd::bulk::compress(bytes, LEVEL)?;
        Ok(self
            .append(&packed)
            .unwrap_or_else(|_| Aside::Here(packed.into())))
    }

    /// The bytes as they were.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn get(&self, aside: &Aside) -> io::Result<Vec<u8>> {
        let mut read;
        let packed = match aside {
            Aside::Here(packed) => packed,
            Aside::There { start, length } => {
                read = vec![0; *length];
                let end = self.file.lock().unwrap_or_else(PoisonError::into_inner);
                let end = end.as_ref().ok_or(io::ErrorKind::NotFound)?;
                end.file.read_exact_at(&mut read, *start)?;
                read.as_slice()
            }
        };
        zstd::decode_all(packed)
    }

    fn append(&self, packed: &[u8]) -> io::Result<Aside> {
        let mut end = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let end = match &mut *end {
            Some(end) => end,
            none => none.insert(End {
                file: tempfile::tempfile_in(&self.folder)?,
                length: 0,
            }),
        };
        let start = end.length;
        end.file.write_all_at(packed, start)?;
        end.length += packed.len() as u64;
        Ok(Aside::There {
            start,
            length: packed.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_aside_comes_back_and_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let spill = Spill::beside(&folder.path().join("scan"));
        let asides: Vec<Aside> = (0..20)
            .map(|it| spill.put(format!("row {it}").as_bytes()).unwrap())
            .collect();
        assert!(matches!(asides[0], Aside::There { .. }));
        for (number, aside) in asides.iter().enumerate().rev() {
            assert_eq!(
                spill.get(aside).unwrap(),
                format!("row {number}").as_bytes()
            );
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn without_a_file_it_stays_in_memory() {
        let spill = Spill::beside(Path::new("/nowhere/at/all/scan"));
        let aside = spill.put(b"row").unwrap();
        assert!(matches!(aside, Aside::Here(_)));
        assert_eq!(spill.get(&aside).unwrap(), b"row");
    }
}
