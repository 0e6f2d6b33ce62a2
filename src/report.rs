//! Writers over findings: what a pipeline or an auditor asks for. Reads no file and no network.

mod findings;
mod fleet;
mod permissions;
mod policies;
mod policy_fleet;

pub use findings::{ConditionRecord, FindingRecord, WaiverRecord, write_text};
pub use fleet::write_table;
pub use permissions::{PermissionsRecord, write_left_out, write_permissions};
pub use policies::{AzureExemptionsRecord, PoliciesRecord, PolicyRecord};
pub use policy_fleet::{PolicyFleetRecord, write_policies};
