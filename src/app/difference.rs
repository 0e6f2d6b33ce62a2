//! Two scans compared.

use super::ListPosition;

/// Two scans compared.
#[derive(Clone, Debug, Default)]
pub struct DifferenceScreen {
    /// Where it stands.
    pub position: ListPosition,
}
