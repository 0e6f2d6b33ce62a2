//! Writers over findings: what a pipeline or an auditor asks for. Reads no file and no network.

mod difference;
mod finding_text;
mod findings;
mod fix_script;
mod fleet;
mod permissions;
mod policies;
mod policy_fleet;
mod table;
mod tables;

pub use difference::{ComparedScan, DifferenceRecord};
pub use finding_text::write_text;
pub use findings::{ConditionRecord, FindingRecord, Judged, WaiverRecord};
pub use fix_script::{FixCounts, FixHead, FixScript, write_fix_head};
pub use fleet::write_table;
pub use permissions::{PermissionsRecord, write_left_out, write_permissions};
pub use policies::{AzureExemptionsRecord, PoliciesRecord, PolicyRecord};
pub use policy_fleet::{PolicyFleetRecord, write_policies};
pub use table::{Column, Format, Kind, TableWriter, Value};
pub use tables::{
    DifferenceEntry, Rows, UnknownColumn, subscription_names, write_controls, write_difference,
    write_findings, write_permission_rows, write_policy_rows, write_server,
};
