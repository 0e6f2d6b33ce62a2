//! Servers by features, as a map.

use super::ListPosition;

/// Servers by features, as a map.
#[derive(Clone, Debug, Default)]
pub struct MatrixScreen {
    /// Where it stands.
    pub position: ListPosition,
}
