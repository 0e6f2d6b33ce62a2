//! A server's standing in families, in the few words that a list has room for.

use crate::baseline::{FamilyCode, FeatureId};
use crate::posture::{Cell, ServerSummary, VerdictWord};

use super::Show;

/// A server's standing in one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FamilyCell {
    /// The worst verdict of its features.
    pub verdict: VerdictWord,
    /// How many features have it.
    pub count: usize,
}

/// A server's standing in one family: the worst verdict, and how many features have it.
#[must_use]
pub fn family_cell(server: &ServerSummary, family: FamilyCode) -> FamilyCell {
    let mut cell = FamilyCell {
        verdict: VerdictWord::Unsupported,
        count: 0,
    };
    for feature in FeatureId::ALL {
        if feature.family() != family {
            continue;
        }
        let verdict = server.cell(feature).verdict;
        match verdict.cmp(&cell.verdict) {
            std::cmp::Ordering::Less => cell = FamilyCell { verdict, count: 1 },
            std::cmp::Ordering::Equal => cell.count += 1,
            std::cmp::Ordering::Greater => {}
        }
    }
    cell
}

/// What is open on a server: failing features, worst first, then unknown ones, those first whose cause a person can act on.
#[must_use]
pub fn open_features(server: &ServerSummary) -> Vec<(FeatureId, Cell)> {
    let mut open: Vec<(FeatureId, Cell)> = FeatureId::ALL
        .into_iter()
        .map(|feature| (feature, server.cell(feature)))
        .filter(|(_, cell)| matches!(cell.verdict, VerdictWord::Fail | VerdictWord::Unknown))
        .collect();
    open.sort_by_key(|(_, cell)| {
        (
            cell.verdict,
            cell.severity.is_none(),
            cell.severity,
            cell.cause,
        )
    });
    open
}

/// Whether a server passes the filters by verdict. A family alone shows what is open in it.
pub(super) fn admits(server: &ServerSummary, show: Show, family: Option<FamilyCode>) -> bool {
    FeatureId::ALL.into_iter().any(|feature| {
        let verdict = server.cell(feature).verdict;
        family.is_none_or(|family| feature.family() == family)
            && match show {
                Show::All => matches!(verdict, VerdictWord::Fail | VerdictWord::Unknown),
                show => show.admits(verdict),
            }
    })
}
