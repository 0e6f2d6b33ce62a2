//! Changes of files as values: the system tells of them, nothing is looked at again and again.
//!
//! The folder of each file is watched and not the file itself: editors put another file in its place, and a database
//! has a log beside it that comes and goes.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

/// What happened to the files since the last notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileNotice {
    /// One was made, written, replaced, or removed.
    pub changed: bool,
    /// Somebody who could have written one let go of it. Not every system tells this.
    pub closed: bool,
}

impl FileNotice {
    const fn and(self, other: Self) -> Self {
        Self {
            changed: self.changed || other.changed,
            closed: self.closed || other.closed,
        }
    }
}

/// Files that are watched until this is dropped.
#[derive(Debug)]
pub struct FileNotices {
    _watcher: RecommendedWatcher,
    events: mpsc::UnboundedReceiver<FileNotice>,
    gathering: Duration,
}

impl FileNotices {
    /// Watches files. They need not be there yet, but their folders must. What happens within `gathering` after a first
    /// change is told together with it.
    ///
    /// # Errors
    /// When the system cannot watch one of the folders.
    pub fn of(files: &[PathBuf], gathering: Duration) -> io::Result<Self> {
        let mut folders = HashSet::new();
        let mut names: HashSet<OsString> = HashSet::new();
        for file in files {
            let file = std::path::absolute(file)?;
            names.extend(file.file_name().map(OsString::from));
            folders.extend(file.parent().map(Path::to_owned));
        }
        let (sender, events) = mpsc::unbounded_channel();
        // Names are enough: the same name in the folder of another file costs one look too many.
        let ours = move |path: &PathBuf| path.file_name().is_some_and(|name| names.contains(name));
        let mut watcher =
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                let notice = match event {
                    Ok(event) if event.need_rescan() => Some(FileNotice {
                        changed: true,
                        closed: true,
                    }),
                    Ok(event) if event.paths.iter().any(&ours) => notice(event.kind),
                    Ok(_) | Err(_) => None,
                };
                if let Some(notice) = notice {
                    // Nobody listens any more when the files are no longer watched.
                    let _ = sender.send(notice);
                }
            })
            .map_err(io::Error::other)?;
        for folder in folders {
            watcher
                .watch(&folder, RecursiveMode::NonRecursive)
                .map_err(io::Error::other)?;
        }
        Ok(Self {
            _watcher: watcher,
            events,
            gathering,
        })
    }

    /// Waits for the next change, however long it takes, and gathers what comes with it. It may be given up and called
    /// again.
    pub async fn next(&mut self) -> FileNotice {
        let Some(mut notice) = self.events.recv().await else {
            // The watcher lives as long as this does, so its end of the channel is there.
            return std::future::pending().await;
        };
        let until = Instant::now() + self.gathering;
        while let Ok(Some(more)) = timeout_at(until, self.events.recv()).await {
            notice = notice.and(more);
        }
        notice
    }
}

/// What an event says, when it is one that says something: that a file was opened or read changes nothing.
const fn notice(kind: EventKind) -> Option<FileNotice> {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Some(FileNotice {
            changed: false,
            closed: true,
        }),
        EventKind::Access(_) => None,
        _ => Some(FileNotice {
            changed: true,
            closed: false,
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    const GATHERING: Duration = Duration::from_millis(20);

    fn watched(file: &Path) -> FileNotices {
        FileNotices::of(&[file.to_owned()], GATHERING).unwrap()
    }

    async fn soon(notices: &mut FileNotices) -> FileNotice {
        let next = notices.next();
        tokio::time::timeout(Duration::from_secs(20), next)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_file_that_comes_changes_and_goes_is_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("theme.toml");
        let mut notices = watched(&file);
        fs::write(&file, "one").unwrap();
        assert!(soon(&mut notices).await.changed);
        // As editors do it.
        let other = folder.path().join("theme.toml~");
        fs::write(&other, "two").unwrap();
        fs::rename(&other, &file).unwrap();
        assert!(soon(&mut notices).await.changed);
        fs::remove_file(&file).unwrap();
        assert!(soon(&mut notices).await.changed);
    }

    #[tokio::test]
    async fn many_changes_at_once_are_one_notice_and_other_files_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("scan");
        let mut notices =
            FileNotices::of(std::slice::from_ref(&file), Duration::from_millis(300)).unwrap();
        fs::write(folder.path().join("other"), "x").unwrap();
        let mut open = fs::File::create(&file).unwrap();
        for _ in 0..100 {
            open.write_all(b"x").unwrap();
        }
        assert!(soon(&mut notices).await.changed);
        assert!(notices.events.try_recv().is_err(), "told twice");
        fs::write(folder.path().join("other"), "y").unwrap();
        fs::read(&file).unwrap();
        assert!(notices.events.try_recv().is_err(), "nothing happened to it");
        drop(open);
        if cfg!(target_os = "linux") {
            let closed = FileNotice {
                changed: false,
                closed: true,
            };
            assert_eq!(soon(&mut notices).await, closed);
        }
    }

    #[tokio::test]
    async fn a_folder_that_is_not_there_cannot_be_watched() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("no/such");
        assert!(FileNotices::of(&[file], GATHERING).is_err());
    }
}
