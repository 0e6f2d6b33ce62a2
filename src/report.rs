//! Writers over findings: what a pipeline or an auditor asks for. Reads no file and no network.

mod findings;
mod fleet;
mod policies;
mod policy_fleet;

pub use findings::{ConditionRecord, FindingRecord, write_text};
pub use fleet::write_table;
pub use policies::{AzureExemptionsRecord, PoliciesRecord, PolicyRecord};
pub use policy_fleet::{PolicyFleetRecord, write_policies};
