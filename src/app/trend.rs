//! Scores and counts over the cached scans.

use super::ListPosition;

/// Scores and counts over the cached scans.
#[derive(Clone, Debug, Default)]
pub struct TrendScreen {
    /// Where it stands.
    pub position: ListPosition,
}
