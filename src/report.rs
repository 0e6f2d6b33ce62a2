//! Writers over findings: what a pipeline or an auditor asks for. Reads no file and no network.

mod findings;

pub use findings::{FindingRecord, write_text};
