//! Writers over findings: what a pipeline or an auditor asks for. Reads no file and no network.

mod findings;
mod fleet;

pub use findings::{ConditionRecord, FindingRecord, WaiverRecord, write_text};
pub use fleet::write_table;
