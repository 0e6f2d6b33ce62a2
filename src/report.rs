//! Writers over findings: what a pipeline or an auditor asks for. Reads no file and no network.

mod difference;
mod document;
mod finding_text;
mod findings;
mod fingerprint;
mod fix_script;
mod fleet;
mod gate;
mod head;
mod html;
mod narrowed;
mod ocsf;
mod order;
mod output;
mod overview;
mod permissions;
mod policies;
mod policy_fleet;
mod pull_request;
mod sarif;
mod selection;
mod table;
mod tables;
mod xlsx;

pub use difference::{ComparedScan, DifferenceRecord};
pub use document::{DocumentKind, document, write_document, write_document_line};
pub use finding_text::write_text;
pub use findings::{ConditionRecord, FindingRecord, Judged, WaiverRecord};
pub use fix_script::{FixCounts, FixHead, FixScript, write_fix_head};
pub use fleet::write_table;
pub use gate::{Gate, GateWord, Stopped};
pub use head::{ListedServer, ReportHead, ReportedServer, ScanRecord};
pub use html::{DifferencePage, Page};
pub use narrowed::narrow;
pub use ocsf::Ocsf;
pub use order::{Order, SortedRows, UnknownOrder};
pub use output::Output;
pub use overview::{Overview, SubscriptionOverview};
pub use permissions::{PermissionsRecord, write_left_out, write_permissions};
pub use policies::{AzureExemptionsRecord, PoliciesRecord, PolicyRecord};
pub use policy_fleet::{PolicyFleetRecord, write_policies};
pub use pull_request::{Comment, LONGEST_COMMENT, PullRequest, usual_columns};
pub use sarif::{MOST_RESULTS_OF_GITHUB, Sarif};
pub use selection::{Selected, Selection};
pub use table::{Column, Format, Kind, TableFrame, TableWriter, Value};
pub use tables::{
    DifferenceEntry, Rows, UnknownColumn, cells_of_controls, cells_of_findings, cells_of_server,
    subscription_names, write_controls, write_difference, write_findings, write_permission_rows,
    write_policy_rows, write_server,
};
pub use xlsx::{Xlsx, XlsxCounts, write_difference_workbook};
