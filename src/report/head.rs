//! What every form of a report says of itself: which scan, judged by what, narrowed to what.

use jiff::Timestamp;
use serde::Serialize;

use crate::documents::Cause;
use crate::documents::ServerDocuments;
use crate::documents::text::neutral;
use crate::posture::{Finding, ServerSummary, Verdict};

/// What a report says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportHead {
    /// The program that wrote it, with its version.
    pub program: String,
    /// When it was written.
    pub written_at: Timestamp,
    /// The scan.
    pub scan: ScanRecord,
    /// The id of the ruleset by which the findings are judged.
    pub ruleset: String,
    /// The filter, as it was written; `None` when there was none.
    pub filter: Option<String>,
    /// What the servers are grouped by, in words; `None` when they are not.
    pub group: Option<String>,
    /// Which servers somebody chose by hand, in words; `None` where the filter alone chose them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}

/// The scan that a report is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScanRecord {
    /// Its id.
    pub id: String,
    /// What was scanned, in words.
    pub scope: String,
    /// The cloud.
    pub cloud: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; `None` when it did not.
    pub finished_at: Option<Timestamp>,
    /// How it ended, in a word.
    pub completeness: String,
    /// How many servers it holds.
    pub servers: u64,
    /// What a reader must know, for example what was not visible.
    pub notes: Vec<String>,
}

/// A server with what is reported of it.
#[derive(Clone, Copy, Debug)]
pub struct ReportedServer<'a> {
    /// Its line in lists.
    pub summary: &'a ServerSummary,
    /// What was read of it.
    pub documents: &'a ServerDocuments,
    /// Its findings, those alone that the report is about.
    pub findings: &'a [Finding],
    /// Its subscription's name.
    pub subscription: &'a str,
}

/// A server as a list has it.
#[derive(Clone, Copy, Debug)]
pub struct ListedServer<'a> {
    /// Its line in lists.
    pub summary: &'a ServerSummary,
    /// Its subscription's name.
    pub subscription: &'a str,
}

/// Why a verdict is what it is, where a sentence says it: the cause of Unknown, or why the feature does not apply.
pub fn reason(finding: &Finding) -> Option<String> {
    match &finding.verdict {
        Verdict::Unknown(cause) => Some(neutral(&Cause::to_string(cause)).into_owned()),
        Verdict::NotApplicable(why) if !why.is_empty() => Some(why.clone()),
        Verdict::Waived(until) => Some(format!("everything that is open is exempt until {until}")),
        _ => None,
    }
}
