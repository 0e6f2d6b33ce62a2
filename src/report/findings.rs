//! A finding as a record with names a reader knows.

use std::fmt;

use jiff::civil::Date;
use serde::Serialize;

use crate::baseline::catalogue;
use crate::documents::text::neutral;
use crate::documents::{Cause, ServerDocuments};
use crate::posture::{Evidence, Finding, Fix, Judgement, Ruleset, Verdict, Waiver, Weight, fixes};

use super::DocumentKind;
use super::policies::{AzureExemptionsRecord, PoliciesRecord};

/// A finding with names a reader knows: what `findings --json` writes, one object each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingRecord<'a> {
    /// The version of the form of the record.
    pub schema_version: u32,
    /// The server's name.
    pub server: String,
    /// The server's resource id.
    pub server_id: String,
    /// The family's code.
    pub family: &'static str,
    /// The control's id.
    pub control: &'static str,
    /// The feature, named exactly as the baseline names it.
    pub feature: &'a str,
    /// The word that stands for the feature in commands and in exemptions.
    pub feature_id: &'static str,
    /// The id of the ruleset by which it was judged.
    pub ruleset: &'a str,
    /// The verdict: `Pass`, `Fail`, `Unknown`, `Manual`, `NotApplicable`, `Platform`, `Unsupported` or `Waived`.
    pub verdict: &'static str,
    /// The verdict as it would be without exemptions, where one touches it.
    pub without_exemptions: Option<&'static str>,
    /// The worst open severity.
    pub severity: Option<&'static str>,
    /// For Unknown: the cause in one word.
    pub cause: Option<&'static str>,
    /// For Unknown: the cause in words that a person can act on. For NotApplicable: why. For Waived: until
    /// when.
    pub reason: Option<String>,
    /// For Unknown for want of a permission: the missing action.
    pub missing_action: Option<String>,
    /// For Unknown for want of a permission: the scope of the missing action.
    pub missing_scope: Option<String>,
    /// The conditions behind the verdict.
    pub conditions: Vec<ConditionRecord<'a>>,
    /// What was read that helps a reader.
    pub notes: &'a [String],
    /// What would make the conditions that do not hold hold, in the order in which it is to be done.
    pub fixes: Vec<Fix>,
    /// The policies that the catalogue shows with the feature: Azure's state, our reading, and whether they agree; and
    /// whether the feature is a policy blind spot.
    #[serde(flatten)]
    pub policies: PoliciesRecord,
    /// With the feature about Azure Policy: the exemptions of Azure Policy that cover the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub azure_exemptions: Option<AzureExemptionsRecord>,
}

/// What a finding was judged by.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// The ruleset.
    pub ruleset: &'a Ruleset,
    /// Its id, worked out once.
    pub id: &'a str,
}

/// A condition with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConditionRecord<'a> {
    /// Its name.
    pub id: &'static str,
    /// What it states.
    pub statement: &'static str,
    /// How bad it is when it does not hold.
    pub severity: &'static str,
    /// Whether it has a say in the verdict.
    pub decides: bool,
    /// What became of it: `Met`, `Unmet`, `Unknown`, `Manual` or `NotApplicable`.
    pub outcome: &'static str,
    /// For Unknown: the cause in one word.
    pub cause: Option<&'static str>,
    /// The cause, or why it is manual or does not apply, in words.
    pub reason: Option<String>,
    /// What a reader should know beside the evidence.
    pub note: Option<&'a str>,
    /// The exemption that takes it out of the verdict.
    pub waiver: Option<WaiverRecord>,
    /// Where it was read.
    pub evidence: &'a [Evidence],
}

/// The exemption that takes a condition out of a verdict. Text is neutralised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaiverRecord {
    /// Why it was granted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Where it was agreed.
    pub ticket: Option<String>,
    /// The last day on which it holds.
    pub until: Date,
}

impl From<&Waiver> for WaiverRecord {
    fn from(waiver: &Waiver) -> Self {
        let plain = |text: &String| neutral(text).into_owned();
        Self {
            reason: plain(&waiver.reason),
            owner: plain(&waiver.owner),
            ticket: waiver.ticket.as_ref().map(plain),
            until: waiver.until,
        }
    }
}

impl fmt::Display for WaiverRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "until {} by {}: {}", self.until, self.owner, self.reason)?;
        match &self.ticket {
            Some(ticket) => write!(f, " ({ticket})"),
            None => Ok(()),
        }
    }
}

impl<'a> FindingRecord<'a> {
    /// The record of a finding about the server of `documents`.
    #[must_use]
    pub fn new(documents: &ServerDocuments, finding: &'a Finding, judged: Judged<'a>) -> Self {
        let id = documents.id();
        let (cause, reason) = match &finding.verdict {
            Verdict::Unknown(cause) => (Some(cause), Some(words(cause))),
            Verdict::NotApplicable(why) => (None, Some(why.clone())),
            Verdict::Waived(until) => (
                None,
                Some(format!("everything that is open is exempt until {until}")),
            ),
            _ => (None, None),
        };
        let (missing_action, missing_scope) = match cause {
            Some(Cause::Denied { action, scope }) => (
                Some(neutral(action).into_owned()),
                Some(neutral(scope).into_owned()),
            ),
            _ => (None, None),
        };
        Self {
            schema_version: DocumentKind::Findings.version(),
            server: neutral(id.name()).into_owned(),
            server_id: neutral(id.as_str()).into_owned(),
            family: finding.feature.family().code(),
            control: finding.feature.control(),
            feature: &catalogue().feature(finding.feature).name,
            feature_id: finding.feature.slug(),
            ruleset: judged.id,
            verdict: finding.verdict.word().word(),
            without_exemptions: finding
                .without_exemptions
                .as_ref()
                .map(|verdict| verdict.word().word()),
            severity: finding.severity().map(|severity| severity.word()),
            cause: cause.map(Cause::word),
            reason,
            missing_action,
            missing_scope,
            conditions: condition_records(finding),
            notes: &finding.notes,
            fixes: fixes(documents, judged.ruleset, finding),
            policies: PoliciesRecord::new(documents, finding.feature),
            azure_exemptions: AzureExemptionsRecord::of_feature(documents, finding.feature),
        }
    }
}

/// The conditions of a finding as records.
pub(super) fn condition_records(finding: &Finding) -> Vec<ConditionRecord<'_>> {
    finding
        .conditions
        .iter()
        .map(|condition| {
            let (cause, reason) = match &condition.judgement {
                Judgement::Unread(cause) => (Some(cause.word()), Some(words(cause))),
                Judgement::Manual(why) | Judgement::NotApplicable(why) => (None, Some(why.clone())),
                Judgement::Met | Judgement::Unmet => (None, None),
            };
            ConditionRecord {
                id: condition.id,
                statement: condition.statement,
                severity: condition.severity.word(),
                decides: condition.weight == Weight::Decides,
                outcome: condition.judgement.word(),
                cause,
                reason,
                note: condition.note.as_deref(),
                waiver: condition.waiver.as_deref().map(WaiverRecord::from),
                evidence: &condition.evidence,
            }
        })
        .collect()
}

fn words(cause: &Cause) -> String {
    neutral(&cause.to_string()).into_owned()
}
