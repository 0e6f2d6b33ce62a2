//! The servers of one feature.

use super::ListPosition;

/// The servers of one feature.
#[derive(Clone, Debug, Default)]
pub struct ControlServersScreen {
    /// Where it stands.
    pub position: ListPosition,
}
