//! Writers over findings: what a pipeline or an auditor asks for. Reads no file and no network.

mod difference;
mod finding_text;
mod findings;
mod fleet;
mod permissions;
mod policies;
mod policy_fleet;

pub use difference::{ComparedScan, DifferenceRecord};
pub use finding_text::write_text;
pub use findings::{ConditionRecord, FindingRecord, Judged, WaiverRecord};
pub use fleet::write_table;
pub use permissions::{PermissionsRecord, write_left_out, write_permissions};
pub use policies::{AzureExemptionsRecord, PoliciesRecord, PolicyRecord};
pub use policy_fleet::{PolicyFleetRecord, write_policies};
