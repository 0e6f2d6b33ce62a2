//! Judging: documents in, findings with evidence out.
//!
//! Pure: no clock, no file, no network. What is unread is never met and never unmet; every condition says where it
//! looked, what it saw and what it expected. A condition about time is judged as of the moment at which its document
//! was fetched.

mod address_set;
mod checks;
mod condition;
mod conditions;
pub mod difference;
mod evidence;
mod exemption;
mod finding;
mod fingerprint;
mod fix;
#[cfg(test)]
pub(crate) mod fixtures;
mod fleet;
mod judge;
mod lapsed;
mod needs;
pub mod permissions;
pub mod policy;
mod ranges;
pub(crate) mod reading;
mod rejudged;
mod ruleset;
mod score;
mod standing;
mod summary;
mod thresholds;
mod time;
mod totals;
mod verdict;

pub use checks::{Rule, rules_of};
pub use condition::{Condition, ConditionId, Judgement, Waiver, Weight};
pub use conditions::conditions;
pub use evidence::Evidence;
pub use exemption::{
    Covered, EXPIRES_SOON_DAYS, Exemption, ExemptionState, ExemptionUse, Exemptions, ServerPattern,
    UnknownName,
};
pub use finding::Finding;
pub use fingerprint::Fingerprints;
pub use fix::{Command, Fix, Undo, Variable, Word, fixes, script};
pub use fleet::{Fleet, Tally};
pub use judge::{Judge, judge};
pub use lapsed::lapsed;
pub use needs::{needs, needs_of};
pub use ranges::{AddressRange, NotARange};
pub use reading::Problem;
pub use rejudged::{ConditionChange, VerdictChange, verdict_changes};
pub use ruleset::{Ruleset, STRICT_BASELINE, SettingChange, conditions_version};
pub use score::{SCORE_FORMULA, Score};
pub use standing::Standing;
pub use summary::{Cell, ServerSummary, Tags};
pub use thresholds::{THRESHOLDS, Threshold, Thresholds, Value};
pub use time::parse_time;
pub use totals::{FamilyTotals, Totals};
pub use verdict::{Severity, Verdict, VerdictWord};
