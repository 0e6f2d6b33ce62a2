//! Azure's states and our readings over all servers of a scan: a fold, so that no more than one server is held at a time.

use std::collections::{BTreeMap, BTreeSet};

use crate::baseline::{Catalogue, FeatureId, Policy};
use crate::documents::{CauseKind, Fact, ServerDocuments};

use super::{
    Agreement, Assigned, AzureExemption, Evaluates, PolicyStanding, Reading, exemptions_of_azure,
    policy_standing,
};

/// How often each reading occurs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadingCounts {
    /// The rule holds.
    pub compliant: usize,
    /// The rule is broken.
    pub non_compliant: usize,
    /// It cannot be told.
    pub open: usize,
    /// The policy does not evaluate flexible servers.
    pub does_not_apply: usize,
}

/// How often Azure and our reading agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgreementCounts([usize; Agreement::ALL.len()]);

impl AgreementCounts {
    /// How often this kind occurs.
    #[must_use]
    pub const fn get(&self, agreement: Agreement) -> usize {
        self.0[agreement as usize]
    }
}

/// An assignment that states of the scan show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentInFleet {
    /// The assignment's id, as it was written first.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of the initiative, where the policy is assigned through one.
    pub initiative: Option<String>,
    /// On how many servers a state shows it.
    pub servers: usize,
}

/// A policy over all servers of a scan.
#[derive(Clone, Debug)]
pub struct PolicyRow {
    /// The policy.
    pub policy: &'static Policy,
    /// What it evaluates.
    pub evaluates: Evaluates,
    /// The features that it is shown with.
    pub features: Vec<FeatureId>,
    /// What was counted: servers, or subscriptions where the policy evaluates those.
    pub counted: usize,
    /// The assignments that states show, by their id in lower case.
    pub assignments: BTreeMap<String, AssignmentInFleet>,
    /// How often Azure says what.
    pub azure: BTreeMap<super::ComplianceState, usize>,
    /// How often no state of it shows.
    pub not_seen: usize,
    /// How often the states could not be read, by cause.
    pub unread: BTreeMap<CauseKind, usize>,
    /// How often our reading says what.
    pub ours: ReadingCounts,
    /// How often the two agree.
    pub agreement: AgreementCounts,
}

/// An exemption of Azure Policy that covers servers of the scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExemptionInFleet {
    /// The exemption, as the first server shows it.
    pub exemption: AzureExemption,
    /// How many servers lie in its scope.
    pub servers: usize,
    /// The policies of the catalogue that it covers on any of them, by the states that show.
    pub covers: Vec<&'static Policy>,
}

/// The policies of the catalogue over all servers of a scan.
#[derive(Clone, Debug)]
pub struct PolicyFleet {
    /// How many servers were added.
    pub servers: usize,
    /// The policies that the catalogue shows with a feature, in its order.
    pub policies: Vec<PolicyRow>,
    /// The exemptions, by their id in lower case.
    pub exemptions: BTreeMap<String, ExemptionInFleet>,
    /// On how many servers the exemptions could not be read, by cause.
    pub exemptions_unread: BTreeMap<CauseKind, usize>,
    subscriptions: BTreeSet<String>,
}

impl PolicyFleet {
    /// The policies of a catalogue, over no server yet.
    #[must_use]
    pub fn new(catalogue: &'static Catalogue) -> Self {
        let policies = catalogue
            .policies()
            .iter()
            .map(|policy| PolicyRow {
                policy,
                evaluates: Evaluates::of(policy),
                features: catalogue
                    .features_of_policy(&policy.guid)
                    .map(|feature| feature.id)
                    .collect(),
                counted: 0,
                assignments: BTreeMap::new(),
                azure: BTreeMap::new(),
                not_seen: 0,
                unread: BTreeMap::new(),
                ours: ReadingCounts::default(),
                agreement: AgreementCounts::default(),
            })
            .filter(|row| !row.features.is_empty())
            .collect();
        Self {
            servers: 0,
            policies,
            exemptions: BTreeMap::new(),
            exemptions_unread: BTreeMap::new(),
            subscriptions: BTreeSet::new(),
        }
    }

    /// How many subscriptions the servers lie in.
    #[must_use]
    pub fn subscriptions(&self) -> usize {
        self.subscriptions.len()
    }

    /// Adds a server. What is about its subscription is counted once a subscription.
    pub fn add(&mut self, documents: &ServerDocuments) {
        self.servers += 1;
        let new = self
            .subscriptions
            .insert(documents.id().subscription().to_lowercase());
        for row in &mut self.policies {
            if new || row.evaluates != Evaluates::Subscription {
                row.add(&policy_standing(documents, row.policy));
            }
        }
        match exemptions_of_azure(documents) {
            Fact::Known(exemptions) => {
                for exemption in exemptions {
                    self.add_exemption(exemption);
                }
            }
            Fact::Absent => {}
            Fact::Unread(cause) => {
                *self.exemptions_unread.entry(cause.kind()).or_default() += 1;
            }
        }
    }

    fn add_exemption(&mut self, exemption: AzureExemption) {
        let covers = exemption.covers.clone().known().unwrap_or_default();
        let found = self
            .exemptions
            .entry(exemption.id.to_lowercase())
            .or_insert_with(|| ExemptionInFleet {
                exemption,
                servers: 0,
                covers: Vec::new(),
            });
        found.servers += 1;
        for policy in covers {
            if !found.covers.contains(&policy) {
                found.covers.push(policy);
            }
        }
    }
}

impl PolicyRow {
    fn add(&mut self, standing: &PolicyStanding) {
        self.counted += 1;
        match &standing.assigned {
            Assigned::Yes(assignments) => {
                for assignment in assignments {
                    self.assignments
                        .entry(assignment.id.to_lowercase())
                        .or_insert_with(|| AssignmentInFleet {
                            id: assignment.id.clone(),
                            name: assignment.name.clone(),
                            initiative: assignment.initiative.clone(),
                            servers: 0,
                        })
                        .servers += 1;
                }
            }
            Assigned::NotSeen(_) => self.not_seen += 1,
            Assigned::Unread(cause) => *self.unread.entry(cause.kind()).or_default() += 1,
        }
        if let Some(azure) = &standing.azure {
            *self.azure.entry(azure.state.clone()).or_default() += 1;
        }
        match standing.ours {
            Reading::Compliant(_) => self.ours.compliant += 1,
            Reading::NonCompliant(_) => self.ours.non_compliant += 1,
            Reading::Open { .. } => self.ours.open += 1,
            Reading::DoesNotApply(_) => self.ours.does_not_apply += 1,
        }
        self.agreement.0[standing.agreement as usize] += 1;
    }
}
