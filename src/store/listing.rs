//! The scans of a folder as a list shows them: headers and totals, no server.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::posture::{Judge, Totals};

use super::claim::is_claimed;
use super::handover::sweep;
use super::{Cache, Completeness, Folder, Scan, ScanInfo, StoreError};

/// A file of the folder.
#[derive(Debug)]
pub struct Listed {
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// What is in it, or why it cannot be read.
    pub scan: Result<ListedScan, StoreError>,
}

/// What is known of a scan without reading its servers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedScan {
    /// The header.
    #[serde(flatten)]
    pub info: ScanInfo,
    /// The version of the file's form.
    pub format: i64,
    /// Whether a living process writes it now.
    pub running: bool,
    /// The id of the ruleset that judged it when it was finished.
    pub ruleset: Option<String>,
    /// Its totals, where they are known without looking at its servers.
    pub totals: Option<KnownTotals>,
}

/// Totals, and what they were judged by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KnownTotals {
    /// The totals.
    #[serde(flatten)]
    pub totals: Totals,
    /// Whether the judge that was asked for made them; else they are those of the scan's own ruleset, without exemptions.
    pub as_asked: bool,
}

impl ListedScan {
    /// How it ended, in a word: a scan without an end either runs now or was broken off.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self.info.completeness {
            Completeness::Unfinished if self.running => "running",
            Completeness::Unfinished => "broken off",
            ended => ended.word(),
        }
    }
}

impl Folder {
    /// What is known of every scan of the folder, newest first; a file that cannot be read stands there with its error.
    /// What a killed export or import left in the folder is removed.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn list(&self, judge: &Judge, cache: Option<&Cache>) -> Result<Vec<Listed>, StoreError> {
        sweep(self.path());
        let files = self.files()?;
        Ok(files.iter().map(|it| listed(it, judge, cache)).collect())
    }

    /// The newest file of the folder that can be read, and those before it that cannot.
    ///
    /// # Errors
    /// When the folder cannot be listed, holds no scan, or none that can be read.
    pub fn newest(&self) -> Result<Newest, StoreError> {
        let mut passed_over = Vec::new();
        for path in self.files()? {
            match Scan::open(&path).and_then(|scan| scan.info()) {
                Ok(_) => return Ok(Newest { path, passed_over }),
                Err(error) => passed_over.push(error),
            }
        }
        let first = passed_over.into_iter().next();
        Err(first.unwrap_or(StoreError::NoScans))
    }

    /// The newest scan of the folder that has no end or was cancelled; one that runs counts too. A scan that was cancelled
    /// and continued in a file of its own, which bears its start, does not, nor does one that lies over another.
    ///
    /// # Errors
    /// When the folder cannot be listed, or holds no such scan.
    pub fn newest_incomplete(&self) -> Result<PathBuf, StoreError> {
        let infos: Vec<ScanInfo> = self
            .files()?
            .iter()
            .filter_map(|path| Scan::open(path).and_then(|scan| scan.info()).ok())
            .filter(|info| info.header.parent.is_none())
            .collect();
        let is_continued = |scan: &ScanInfo| {
            infos.iter().any(|it| {
                it.completeness == Completeness::Complete
                    && it.header.started_at == scan.header.started_at
                    && it.header.scope == scan.header.scope
                    && it.header.endpoint == scan.header.endpoint
            })
        };
        infos
            .iter()
            .find(|it| it.completeness != Completeness::Complete && !is_continued(it))
            .map(|it| it.path.clone())
            .ok_or_else(|| StoreError::NothingToResume {
                path: self.path().to_owned(),
            })
    }

    /// The files of scans that are laid over the one with this id, whatever their state.
    pub(super) fn children(&self, id: &str) -> Result<Vec<ScanInfo>, StoreError> {
        let infos = self.files()?.into_iter().filter_map(|path| {
            let info = Scan::open(&path).and_then(|scan| scan.info()).ok()?;
            (info.header.parent.as_deref() == Some(id)).then_some(info)
        });
        Ok(infos.collect())
    }
}

/// The newest file that can be read.
#[derive(Debug)]
pub struct Newest {
    /// The file.
    pub path: PathBuf,
    /// Why each newer one cannot be read; the words name the file.
    pub passed_over: Vec<StoreError>,
}

/// What is known of one file.
#[must_use]
pub fn listed(path: &Path, judge: &Judge, cache: Option<&Cache>) -> Listed {
    Listed {
        path: path.to_owned(),
        bytes: std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
        scan: read(path, judge, cache),
    }
}

fn read(path: &Path, judge: &Judge, cache: Option<&Cache>) -> Result<ListedScan, StoreError> {
    let mut scan = Scan::open(path)?;
    let info = scan.info()?;
    let totals = match scan.totals_known(judge, cache)? {
        Some(totals) => Some(KnownTotals {
            totals,
            as_asked: true,
        }),
        None => scan.totals()?.map(|totals| KnownTotals {
            totals,
            as_asked: false,
        }),
    };
    Ok(ListedScan {
        format: scan.format(),
        running: info.completeness == Completeness::Unfinished && is_claimed(path),
        ruleset: scan.judged_under()?.map(|then| then.ruleset),
        totals,
        info,
    })
}
