//! The policies that the catalogue shows with a feature, for one server: whether Azure shows a state of them, what that
//! state is, what their own rule comes to over the documents that were read, and whether the two agree.
//!
//! Our reading follows the rule of the policy and not our conditions, so that the two can differ: a sound setting may
//! break a policy, and a policy may hold while a condition does not. Assignment parameters are not read. An assignment
//! whose effect is `Disabled` therefore looks like one that was never evaluated, and a rule that compares with a
//! parameter is left open unless no value of the parameter could change the outcome.
//!
//! No exemption of Azure Policy enters here or any verdict; they are told beside it.

mod exemptions;
mod fleet;
mod rules;
mod states;
mod truth;

use serde::Serialize;

use crate::baseline::{Catalogue, FeatureId, Policy, PolicyCoverage, PolicyTarget, catalogue};
use crate::documents::{Cause, ServerDocuments};

use super::Evidence;

pub use exemptions::{AzureExemption, exemptions_of_azure};
pub use fleet::{
    AgreementCounts, AssignmentInFleet, ExemptionInFleet, PolicyFleet, PolicyRow, ReadingCounts,
};
pub use states::{Assigned, Assignment, AzureState, ComplianceState, Visible};

pub(super) use states::{StateRow, state_rows, visible};

/// What a policy evaluates, as far as a flexible server is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evaluates {
    /// Flexible servers.
    FlexibleServer,
    /// Never a flexible server; the text says why.
    Never(String),
    /// The subscription of the server, not the server.
    Subscription,
}

impl Evaluates {
    /// What a policy of the catalogue evaluates.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        match policy.target {
            PolicyTarget::FlexibleServer => Self::FlexibleServer,
            PolicyTarget::Subscription => Self::Subscription,
            PolicyTarget::SingleServer => Self::Never(format!(
                "its rule is about the type {}, the single server that was retired on 2024-09-16",
                policy.target_type
            )),
        }
    }

    /// What it evaluates, in words.
    #[must_use]
    pub const fn words(&self) -> &'static str {
        match self {
            Self::FlexibleServer => "flexible servers",
            Self::Never(_) => "never a flexible server",
            Self::Subscription => "the subscription, not the server",
        }
    }
}

/// What the rule of a policy comes to over the documents that were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The rule holds; the text says by what.
    Compliant(String),
    /// The rule is broken; the text says by what.
    NonCompliant(String),
    /// It cannot be told.
    Open {
        /// Why, in words.
        why: String,
        /// Why the document that would tell is unread; `None` where everything was read and the parameters of the
        /// assignment decide.
        cause: Option<Cause>,
    },
    /// The policy does not evaluate flexible servers; the text says why.
    DoesNotApply(String),
}

impl Reading {
    /// The reading in one word, as it stands in reports.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Compliant(_) => "Compliant",
            Self::NonCompliant(_) => "NonCompliant",
            Self::Open { .. } => "Open",
            Self::DoesNotApply(_) => "DoesNotApply",
        }
    }

    /// What led to it, in words.
    #[must_use]
    pub fn why(&self) -> &str {
        match self {
            Self::Compliant(why)
            | Self::NonCompliant(why)
            | Self::Open { why, .. }
            | Self::DoesNotApply(why) => why,
        }
    }
}

/// Whether Azure's state and our reading of the rule agree. Only the words Compliant and NonCompliant are compared: an
/// exempted server was not evaluated, and Conflict, Error, Unknown and words that this program does not know are no
/// statement about the rule, so each counts as no answer of Azure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agreement {
    /// Both say the same.
    Agree,
    /// One says Compliant and the other NonCompliant.
    Differ,
    /// Azure has an answer and our reading has none.
    OnlyAzure,
    /// Our reading has an answer and Azure has none.
    OnlyUs,
    /// Neither has an answer.
    Neither,
}

impl Agreement {
    /// Every kind, in the order of display.
    pub const ALL: [Self; 5] = [
        Self::Agree,
        Self::Differ,
        Self::OnlyAzure,
        Self::OnlyUs,
        Self::Neither,
    ];

    fn of(azure: Option<&AzureState>, ours: &Reading) -> Self {
        let azure = azure.and_then(|azure| match azure.state {
            ComplianceState::Compliant => Some(true),
            ComplianceState::NonCompliant => Some(false),
            _ => None,
        });
        let ours = match ours {
            Reading::Compliant(_) => Some(true),
            Reading::NonCompliant(_) => Some(false),
            Reading::Open { .. } | Reading::DoesNotApply(_) => None,
        };
        match (azure, ours) {
            (Some(azure), Some(ours)) if azure == ours => Self::Agree,
            (Some(_), Some(_)) => Self::Differ,
            (Some(_), None) => Self::OnlyAzure,
            (None, Some(_)) => Self::OnlyUs,
            (None, None) => Self::Neither,
        }
    }

    /// The agreement in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Agree => "agree",
            Self::Differ => "differ",
            Self::OnlyAzure => "only Azure",
            Self::OnlyUs => "only us",
            Self::Neither => "neither",
        }
    }
}

/// How a server stands in one policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyStanding {
    /// The policy.
    pub policy: &'static Policy,
    /// What it evaluates.
    pub evaluates: Evaluates,
    /// Whether states show that it is assigned.
    pub assigned: Assigned,
    /// What Azure says: over several assignments the state that ranks first in Azure's own order, with its newest time.
    pub azure: Option<AzureState>,
    /// What its rule comes to over the documents.
    pub ours: Reading,
    /// Whether the two agree.
    pub agreement: Agreement,
    /// Where our reading looked.
    pub evidence: Vec<Evidence>,
}

/// How a server stands in the policies that the catalogue shows with a feature, in the catalogue's order.
#[must_use]
pub fn policies(documents: &ServerDocuments, feature: FeatureId) -> Vec<PolicyStanding> {
    catalogue()
        .policies_of_feature(feature)
        .map(|policy| policy_standing(documents, policy))
        .collect()
}

/// How a server stands in one policy.
#[must_use]
pub fn policy_standing(documents: &ServerDocuments, policy: &'static Policy) -> PolicyStanding {
    let evaluates = Evaluates::of(policy);
    let (assigned, azure) = states::of_policy(documents, policy, &evaluates);
    let (ours, evidence) = rules::read(documents, policy, &evaluates);
    PolicyStanding {
        policy,
        agreement: Agreement::of(azure.as_ref(), &ours),
        evaluates,
        assigned,
        azure,
        ours,
        evidence,
    }
}

/// The features that no policy of the catalogue can evaluate on a flexible server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlindSpots {
    /// Of the baseline, in order, with what there is instead.
    pub baseline: Vec<(FeatureId, PolicyCoverage)>,
    /// Of family X, likewise.
    pub beyond: Vec<(FeatureId, PolicyCoverage)>,
}

/// The features that no policy of a catalogue can evaluate on a flexible server.
#[must_use]
pub fn blind_spots(catalogue: &Catalogue) -> BlindSpots {
    let (baseline, beyond) = catalogue
        .features()
        .iter()
        .map(|feature| (feature.id, feature.policy_coverage(catalogue)))
        .filter(|(_, coverage)| coverage.is_blind_spot())
        .partition(|(feature, _)| feature.is_baseline());
    BlindSpots { baseline, beyond }
}

/// In words, why no policy can evaluate a feature on a flexible server; `None` where one can.
#[must_use]
pub const fn blind_spot_words(coverage: PolicyCoverage) -> Option<&'static str> {
    match coverage {
        PolicyCoverage::FlexibleServer => None,
        PolicyCoverage::SubscriptionOnly => {
            Some("the policies look at the subscription, never at a server")
        }
        PolicyCoverage::RetiredOnly => {
            Some("the policies look at the retired single server and never evaluate a flexible one")
        }
        PolicyCoverage::None => Some("no built-in policy looks at this"),
    }
}
