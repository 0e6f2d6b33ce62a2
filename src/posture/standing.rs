//! What is kept of a server once it is judged.

use crate::documents::ServerDocuments;

use super::{Finding, Fingerprints, ServerSummary};

/// What is kept of a server once it is judged: what lists need, and what a difference of two scans needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What lists need.
    pub summary: ServerSummary,
    /// What was seen, to be compared with another scan.
    pub fingerprints: Fingerprints,
}

impl Standing {
    /// Sums up a server. `findings` holds one finding for every feature.
    #[must_use]
    pub fn new(documents: &ServerDocuments, findings: &[Finding]) -> Self {
        Self {
            summary: ServerSummary::new(documents, findings),
            fingerprints: Fingerprints::of(findings),
        }
    }
}
