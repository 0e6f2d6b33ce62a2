//! Two scans and what differs between them, as the runtime hands it over.

use crate::posture::Finding;
use crate::posture::difference::{Difference, ScanFacts, caveats};

use super::{Completeness, ScanInfo};

/// Two scans and what differs between them.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The scan that is compared with.
    pub from: ScanInfo,
    /// The scan that is looked at.
    pub to: ScanInfo,
    /// What differs.
    pub difference: Difference,
}

impl Comparison {
    /// What a reader must know before the numbers: scans of other scopes, scans that are not whole, evidence that could not
    /// be compared.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let [before, after] = [&self.from, &self.to].map(|scan| {
            let complete = scan.completeness == Completeness::Complete;
            ScanFacts {
                scope: &scan.scope,
                started_at: scan.started_at,
                incomplete: (!complete).then(|| scan.completeness.word()),
            }
        });
        caveats(&before, &after, self.difference.evidence_compared)
    }
}

/// The findings about one server in two scans.
#[derive(Clone, Debug)]
pub struct FindingPair {
    /// Those of the scan that is compared with; `None` when it does not hold the server.
    pub before: Option<Vec<Finding>>,
    /// Those of the scan that is looked at; `None` when it does not hold the server.
    pub after: Option<Vec<Finding>>,
}
