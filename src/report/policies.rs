//! How a server stands in the policies of a feature, as a record with names a reader knows, and as text.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use crate::baseline::{FeatureId, catalogue};
use crate::documents::text::neutral;
use crate::documents::{Cause, Fact, ServerDocuments};
use crate::posture::Evidence;
use crate::posture::policy::{
    Agreement, Assigned, Assignment, AzureExemption, Evaluates, PolicyStanding, Reading,
    blind_spot_words, exemptions_of_azure, policies,
};

/// The policies of a feature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PoliciesRecord {
    /// In the catalogue's order.
    pub policies: Vec<PolicyRecord>,
    /// Whether no built-in policy can evaluate the feature on a flexible server.
    pub policy_blind_spot: bool,
    /// Why none can, in words.
    pub policy_blind_spot_reason: Option<&'static str>,
}

/// How a server stands in one policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyRecord {
    /// The GUID of the definition.
    pub guid: &'static str,
    /// Its display name.
    pub name: &'static str,
    /// Whether the baseline page itself names it.
    pub named_by_baseline_page: bool,
    /// What it evaluates: `flexible servers`, `never a flexible server` or `the subscription, not the server`.
    pub evaluates: &'static str,
    /// Why it never evaluates a flexible server.
    pub evaluates_reason: Option<String>,
    /// Whether states show that it is assigned: `yes`, `not seen` or `unread`.
    pub assigned: &'static str,
    /// What `not seen` can mean, or why the states are unread.
    pub assigned_reason: Option<String>,
    /// The assignments that states show.
    pub assignments: Vec<AssignmentRecord>,
    /// What Azure says, in its word; over several assignments the state that wins in Azure's own order.
    pub azure_state: Option<String>,
    /// When Azure last evaluated it so.
    pub azure_time: Option<Timestamp>,
    /// What its rule comes to over the documents: `Compliant`, `NonCompliant`, `Open` or `DoesNotApply`.
    pub ours: &'static str,
    /// What led to that.
    pub ours_reason: String,
    /// For Open: the cause in one word, when an unread document is the reason.
    pub ours_cause: Option<&'static str>,
    /// `agree`, `differ`, `only-azure`, `only-us` or `neither`.
    pub agreement: Agreement,
    /// Where our reading looked.
    pub evidence: Vec<Evidence>,
}

/// An assignment that a state shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AssignmentRecord {
    /// The assignment's id.
    pub id: String,
    /// The assignment's name.
    pub name: String,
    /// The id of the initiative, where the policy is assigned through one.
    pub initiative: Option<String>,
    /// The policy's reference id within the initiative.
    pub reference: Option<String>,
    /// The effect that Azure names, in its spelling.
    pub effect: Option<String>,
    /// The version of the definition, where Azure names it.
    pub version: Option<String>,
    /// The state under this assignment.
    pub state: String,
    /// When it was evaluated.
    pub time: Option<Timestamp>,
}

impl PoliciesRecord {
    /// The policies of a feature for the server of `documents`.
    #[must_use]
    pub fn new(documents: &ServerDocuments, feature: FeatureId) -> Self {
        let catalogue = catalogue();
        let coverage = catalogue.feature(feature).policy_coverage(catalogue);
        Self {
            policies: policies(documents, feature)
                .into_iter()
                .map(PolicyRecord::new)
                .collect(),
            policy_blind_spot: coverage.is_blind_spot(),
            policy_blind_spot_reason: blind_spot_words(coverage),
        }
    }

    pub(super) fn write_text(&self, out: &mut impl Write) -> io::Result<()> {
        for policy in &self.policies {
            policy.write_text(out)?;
        }
        if let Some(why) = self.policy_blind_spot_reason {
            writeln!(out, "      policy blind spot: {why}")?;
        }
        Ok(())
    }
}

impl PolicyRecord {
    fn new(standing: PolicyStanding) -> Self {
        let (assigned, assigned_reason) = match &standing.assigned {
            Assigned::Yes(_) => ("yes", None),
            Assigned::NotSeen(why) => ("not seen", Some(why.clone())),
            Assigned::Unread(cause) => ("unread", Some(words(cause))),
        };
        Self {
            guid: &standing.policy.guid,
            name: &standing.policy.name,
            named_by_baseline_page: standing.policy.is_named_by_the_page(),
            evaluates: standing.evaluates.words(),
            evaluates_reason: match &standing.evaluates {
                Evaluates::Never(why) => Some(why.clone()),
                Evaluates::FlexibleServer | Evaluates::Subscription => None,
            },
            assigned,
            assigned_reason,
            assignments: standing
                .assigned
                .assignments()
                .iter()
                .map(AssignmentRecord::new)
                .collect(),
            azure_state: standing
                .azure
                .as_ref()
                .map(|azure| azure.state.word().to_owned()),
            azure_time: standing.azure.as_ref().and_then(|azure| azure.at),
            ours: standing.ours.word(),
            ours_reason: standing.ours.why().to_owned(),
            ours_cause: match &standing.ours {
                Reading::Open { cause, .. } => cause.as_ref().map(Cause::word),
                _ => None,
            },
            agreement: standing.agreement,
            evidence: standing.evidence,
        }
    }

    /// Two lines: which policy, and who says what. A policy that never evaluates a flexible server has the first only.
    fn write_text(&self, out: &mut impl Write) -> io::Result<()> {
        let guid = self.guid.get(..8).unwrap_or(self.guid);
        write!(out, "      policy {guid} {}", self.name)?;
        if self.named_by_baseline_page {
            write!(out, ", named by the baseline page")?;
        }
        if let Some(why) = &self.evaluates_reason {
            return writeln!(out, ": {}, {why}", self.evaluates);
        }
        writeln!(out)?;
        write!(out, "                    Azure: ")?;
        match (&self.azure_state, &self.assigned_reason) {
            (Some(state), _) => {
                write!(out, "{state}")?;
                if let Some(at) = self.azure_time {
                    write!(out, " ({at})")?;
                }
            }
            (None, Some(why)) if self.assigned == "unread" => write!(out, "unread, {why}")?,
            (None, why) => write!(out, "{}", why.as_deref().unwrap_or("no state"))?,
        }
        writeln!(
            out,
            "; its rule over what was read: {}, {}; {}",
            self.ours,
            self.ours_reason,
            self.agreement.words()
        )
    }
}

impl AssignmentRecord {
    fn new(assignment: &Assignment) -> Self {
        Self {
            id: assignment.id.clone(),
            name: assignment.name.clone(),
            initiative: assignment.initiative.clone(),
            reference: assignment.reference.clone(),
            effect: assignment.effect.clone(),
            version: assignment.version.clone(),
            state: assignment.state.state.word().to_owned(),
            time: assignment.state.at,
        }
    }
}

/// The exemptions of Azure Policy that cover a server, or why they are unread. The list leaves out, without a word, what
/// the caller may not see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AzureExemptionsRecord {
    /// Why they are unread; `None` where they were read.
    pub unread: Option<String>,
    /// Those that were seen.
    pub seen: Vec<AzureExemptionRecord>,
}

/// An exemption of Azure Policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AzureExemptionRecord {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub display_name: Option<String>,
    /// `Waiver` or `Mitigated`.
    pub category: Option<String>,
    /// When it ends; `None` where it has no end, or an end that could not be understood.
    pub expires: Option<Timestamp>,
    /// Whether it had ended when it was read; `None` where its end could not be understood.
    pub expired: Option<bool>,
    /// Where it holds, in words.
    pub scope: String,
    /// The assignment that it exempts from.
    pub assignment: Option<String>,
    /// The reference ids within the initiative; empty where it is about all policies of the assignment.
    pub references: Vec<String>,
    /// The GUIDs of the catalogue's policies that it covers on this server; `None` where the states are unread.
    pub covers: Option<Vec<&'static str>>,
}

impl AzureExemptionsRecord {
    /// The exemptions, for the feature that is about Azure Policy.
    #[must_use]
    pub fn of_feature(documents: &ServerDocuments, feature: FeatureId) -> Option<Self> {
        if feature != FeatureId::PolicySupport {
            return None;
        }
        let (unread, seen) = match exemptions_of_azure(documents) {
            Fact::Known(exemptions) => (None, exemptions),
            Fact::Absent => (Some(words(&Cause::Absent)), Vec::new()),
            Fact::Unread(cause) => (Some(words(&cause)), Vec::new()),
        };
        Some(Self {
            unread,
            seen: seen.into_iter().map(AzureExemptionRecord::new).collect(),
        })
    }

    pub(super) fn write_text(&self, out: &mut impl Write) -> io::Result<()> {
        if let Some(why) = &self.unread {
            writeln!(out, "      exemptions of Azure Policy: unread, {why}")?;
        }
        for exemption in &self.seen {
            writeln!(
                out,
                "      exemption of Azure Policy {}",
                exemption.in_words()
            )?;
        }
        Ok(())
    }
}

impl AzureExemptionRecord {
    pub(super) fn new(exemption: AzureExemption) -> Self {
        Self {
            id: exemption.id,
            name: exemption.name,
            display_name: exemption.display_name,
            category: exemption.category,
            expires: exemption.expires.known(),
            expired: exemption.expired,
            scope: exemption.scope,
            assignment: exemption.assignment,
            references: exemption.references,
            covers: exemption
                .covers
                .known()
                .map(|policies| policies.iter().map(|policy| policy.guid.as_str()).collect()),
        }
    }

    pub(super) fn in_words(&self) -> String {
        let end = match (self.expires, self.expired) {
            (Some(at), Some(true)) => format!("EXPIRED {at}"),
            (Some(at), _) => format!("until {at}"),
            (None, Some(_)) => "without end".to_owned(),
            (None, None) => "with an end that could not be understood".to_owned(),
        };
        let of_what = match self.references.len() {
            0 => String::new(),
            _ => format!(" (only {})", self.references.join(", ")),
        };
        format!(
            "{} ({}), {end}, on {}, from {}{of_what}",
            self.display_name.as_deref().unwrap_or(&self.name),
            self.category.as_deref().unwrap_or("no category"),
            self.scope,
            self.assignment
                .as_deref()
                .unwrap_or("an assignment that is not told"),
        )
    }
}

fn words(cause: &Cause) -> String {
    neutral(&cause.to_string()).into_owned()
}
