//! The scans that are kept on this machine.

use super::ListPosition;

/// The scans that are kept on this machine.
#[derive(Clone, Debug, Default)]
pub struct ScansScreen {
    /// Where it stands.
    pub position: ListPosition,
}
