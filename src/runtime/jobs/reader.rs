//! The file whose servers are looked into.

use std::path::PathBuf;

use crate::documents::ServerDocuments;
use crate::store::{Completeness, Scan, StoreError};

/// A file, opened when its first server is asked for, and kept open once it is finished.
#[derive(Default)]
pub(super) struct Reader {
    pub path: Option<PathBuf>,
    scan: Option<Scan>,
    /// The file of a scan that reads everything again, while it does.
    pub newer: Option<PathBuf>,
}

impl Reader {
    /// Looks into this file.
    pub fn of(path: Option<PathBuf>) -> Self {
        Self {
            path,
            ..Self::default()
        }
    }

    /// The documents of a server.
    ///
    /// # Errors
    /// When no file holds it, or one is damaged.
    pub fn documents(&mut self, server: &str) -> Result<ServerDocuments, StoreError> {
        if let Some(newer) = &self.newer
            && let Ok(documents) = Scan::open(newer).and_then(|mut it| it.documents(server))
        {
            return Ok(documents);
        }
        let path = self.path.as_ref().ok_or(StoreError::NoScans)?;
        let mut scan = match self.scan.take() {
            Some(scan) => scan,
            None => Scan::open(path)?,
        };
        let documents = scan.documents(server);
        // A scan that is still written is not held open: its writer needs the file for itself at the end.
        let finished = scan
            .info()
            .is_ok_and(|info| info.completeness != Completeness::Unfinished);
        self.scan = finished.then_some(scan);
        documents
    }
}
