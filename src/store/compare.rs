//! Two files compared, both under one judge.

use std::path::{Path, PathBuf};

use super::{Cache, Completeness, Folder, Scan, ScanInfo, Scope, StoreError};
use crate::posture::Judge;
use crate::posture::difference::{Difference, Side, difference};

/// Two scans and what differs between them.
#[derive(Clone, Debug)]
pub struct ComparedScans {
    /// What is known of the one that is compared with.
    pub from: ScanInfo,
    /// What is known of the one that is looked at.
    pub to: ScanInfo,
    /// What differs.
    pub difference: Difference,
}

/// Compares two scans. `progress` hears how many servers were judged anew or compared and says whether to go on; `None`
/// when it said no.
///
/// # Errors
/// When a file is damaged.
pub fn compare(
    from: &Path,
    to: &Path,
    judge: &Judge,
    cache: Option<&Cache>,
    mut progress: impl FnMut(u64) -> bool,
) -> Result<Option<ComparedScans>, StoreError> {
    let mut done = 0;
    let mut read = |path: &Path, done: &mut u64| {
        let mut scan = Scan::open(path)?;
        let before = *done;
        let assessed = scan.assess(judge, cache, |servers| {
            *done = before + servers;
            progress(*done)
        })?;
        Ok::<_, StoreError>((scan.info()?, scan.unlisted()?, assessed))
    };
    let (from, from_unlisted, Some(before)) = read(from, &mut done)? else {
        return Ok(None);
    };
    let (to, to_unlisted, Some(after)) = read(to, &mut done)? else {
        return Ok(None);
    };
    let before = Side {
        servers: &before.fleet.servers,
        fingerprints: before.fingerprints.as_deref(),
        subscriptions: &before.fleet.subscriptions,
        unlisted: &from_unlisted,
        complete: from.completeness == Completeness::Complete,
        narrow: leaves_out(&from, &to),
    };
    let after = Side {
        servers: &after.fleet.servers,
        fingerprints: after.fingerprints.as_deref(),
        subscriptions: &after.fleet.subscriptions,
        unlisted: &to_unlisted,
        complete: to.completeness == Completeness::Complete,
        narrow: leaves_out(&to, &from),
    };
    let found = difference(&before, &after, |servers| progress(done + servers as u64));
    Ok(found.map(|difference| ComparedScans {
        from,
        to,
        difference,
    }))
}

/// Whether a scan may have left out a server that another holds because it was asked for some servers only. Where both
/// were asked for the same ones it may so only where tags choose them, which a server gains and loses.
fn leaves_out(scan: &ScanInfo, other: &ScanInfo) -> bool {
    let words = &scan.header.scope;
    Scope::parse(words)
        .is_some_and(|it| it.is_narrow() && (*words != other.header.scope || !it.tags.is_empty()))
}

impl Folder {
    /// The newest complete scan of the same cloud and scope that began before this one; `None` when there is none. Files
    /// that cannot be read are passed over.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn earlier(&self, scan: &ScanInfo) -> Result<Option<PathBuf>, StoreError> {
        let of = |path: &PathBuf| Scan::open(path).and_then(|scan| scan.info()).ok();
        let is_earlier = |info: &ScanInfo| {
            info.completeness == Completeness::Complete
                && info.header.parent.is_none()
                && info.header.id != scan.header.id
                && info.header.scope == scan.header.scope
                && info.header.cloud == scan.header.cloud
                && info.header.started_at < scan.header.started_at
        };
        let files = self.files()?;
        let candidates = files.iter().filter_map(of).filter(is_earlier);
        Ok(candidates
            .max_by_key(|info| info.header.started_at)
            .map(|info| info.path))
    }
}
