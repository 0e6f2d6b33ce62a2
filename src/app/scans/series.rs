//! Scans of one scope in the order of time.

use super::{KeptScan, ScanEntry, ScansScreen};
use crate::app::ScanInfo;

/// What makes scans comparable: the same words for what was asked for, at the same endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanScope {
    /// What was asked for, in words.
    pub scope: String,
    /// The origin that was asked; `None` when it is not known.
    pub endpoint: Option<String>,
}

impl ScanScope {
    fn holds(&self, scan: &KeptScan) -> bool {
        let endpoint = self.endpoint.as_ref();
        self.scope == scan.scope && endpoint.is_none_or(|it| *it == scan.endpoint)
    }
}

/// Scans of one scope in the order of time, the oldest first. A scan that is laid over another one is no moment of its
/// own, and one that runs has no end yet.
#[derive(Clone, Debug)]
pub struct Series<'a>(pub Vec<(&'a ScanEntry, &'a KeptScan)>);

impl Series<'_> {
    /// The place of a file.
    #[must_use]
    pub fn place(&self, file: &str) -> Option<usize> {
        self.0.iter().position(|(entry, _)| entry.file == file)
    }
}

impl ScansScreen {
    /// The scope of an open scan.
    #[must_use]
    pub fn scope_of(&self, scan: &ScanInfo) -> ScanScope {
        let known = self.entry(&scan.file).and_then(ScanEntry::readable);
        ScanScope {
            scope: crate::documents::text::neutral(&scan.scope).into_owned(),
            endpoint: known.map(|known| known.endpoint.clone()),
        }
    }

    /// The scans of a scope.
    #[must_use]
    pub fn series(&self, scope: &ScanScope) -> Series<'_> {
        let scans = self.entries.iter().filter_map(|entry| {
            let scan = entry.readable()?;
            let counts = scan.parent.is_none() && scan.ended != super::Ended::Running;
            (counts && scope.holds(scan)).then_some((entry, scan))
        });
        let mut scans: Vec<_> = scans.collect();
        scans.sort_by_key(|(_, scan)| scan.started_at);
        Series(scans)
    }
}
