//! Every feature of the baseline over all servers: the way in by control.

use super::ListPosition;

/// Every feature of the baseline over all servers: the way in by control.
#[derive(Clone, Debug, Default)]
pub struct ControlListScreen {
    /// Where it stands.
    pub position: ListPosition,
}
