//! Which permissions would turn what is unknown into answers: a fold over servers, with their documents and findings.
//!
//! Three things are kept apart. *Denied*: Azure refused a read and named the action, or the read is documented to need
//! it. *Possibly missing*: an answer that leaves out, without a word, what the caller may not see came back empty, or
//! without what was looked for; whether there is nothing or no permission cannot be told. *Other causes*: no permission
//! would have helped.

mod actions;
mod other;
mod role;

use std::collections::{BTreeMap, BTreeSet};

use crate::baseline::FeatureId;
use crate::documents::text::neutral;
use crate::documents::{
    Cause, CauseKind, Document, DocumentKind, Fact, KeyUri, Outcome, ResourceId, ServerDocuments,
};

use super::policy::{Visible, visible};
use super::{Condition, ConditionId, Finding, Judgement, Verdict};

pub use actions::{actions_of, all_actions, is_tenant_level};
pub use other::{OtherCause, advice};
pub use role::{LeftOut, Role, RoleProposal, role_of_everything};

/// An action that is missing, or possibly is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingAction {
    /// The action, as Azure named it or as the read is documented to need it; neutralised.
    pub action: String,
    /// Where it is missing: subscription by subscription.
    pub places: Vec<Place>,
    /// On how many servers something is unread for want of it.
    pub servers: usize,
    /// The features in which something is unread for want of it.
    pub features: BTreeSet<FeatureId>,
    /// The conditions that it would answer, or help to answer where they need more than one action.
    pub conditions: BTreeSet<ConditionId>,
    /// How many of those are open, over all servers.
    pub open_conditions: usize,
    /// The first that was met.
    pub example: Example,
}

impl MissingAction {
    /// How many different things it is missing on: each server, subnet, vault, subscription or tenant counts once,
    /// however many servers share it.
    #[must_use]
    pub fn things(&self) -> usize {
        self.places.iter().map(|place| place.things).sum()
    }

    /// How many subscriptions it is missing in.
    #[must_use]
    pub fn subscriptions(&self) -> usize {
        let known = |place: &&Place| place.subscription.is_some();
        self.places.iter().filter(known).count()
    }
}

/// Where an action is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The subscription; `None` where the scope lies in none, as a tenant's setting does.
    pub subscription: Option<String>,
    /// How many different things there.
    pub things: usize,
    /// How many servers need it there.
    pub servers: usize,
}

/// Something that an action would answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The server.
    pub server: String,
    /// What the action is asked on.
    pub scope: String,
    /// What was to be read, in words.
    pub document: &'static str,
}

/// What became of the fold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionReport {
    /// How many servers were looked at.
    pub servers: usize,
    /// Actions that were refused, in order.
    pub denied: Vec<MissingAction>,
    /// Actions that are possibly missing, in order.
    pub possibly: Vec<MissingAction>,
    /// What is no matter of permission.
    pub others: Vec<OtherCause>,
}

impl PermissionReport {
    /// The smallest role that holds what is missing and what possibly is, with what cannot be in it.
    #[must_use]
    pub fn role(&self) -> RoleProposal {
        role::propose(self.denied.iter().chain(&self.possibly))
    }
}

/// The fold.
#[derive(Clone, Debug, Default)]
pub struct Permissions {
    servers: usize,
    denied: BTreeMap<String, Gathering>,
    possibly: BTreeMap<String, Gathering>,
    others: BTreeMap<CauseKind, OtherCause>,
    /// Actions, in lower case, and subscriptions for which an answer that may leave things out showed something.
    shown: BTreeSet<(String, String)>,
    /// The same for those that showed nothing so far.
    silent: BTreeMap<(String, String), Gathering>,
}

#[derive(Clone, Debug, Default)]
struct Gathering {
    action: String,
    places: BTreeMap<Option<String>, PlaceGathering>,
    servers: usize,
    features: BTreeSet<FeatureId>,
    conditions: BTreeSet<ConditionId>,
    open_conditions: usize,
    example: Option<Example>,
}

#[derive(Clone, Debug, Default)]
struct PlaceGathering {
    /// Things that several servers may share.
    shared: BTreeSet<String>,
    /// Things of one server alone.
    own: usize,
    servers: usize,
}

/// Something that one server lacks.
struct Lack {
    certainty: Certainty,
    action: String,
    scope: String,
    subscription: Option<String>,
    /// The kinds of document that are unread for want of it.
    kinds: BTreeSet<DocumentKind>,
    /// The conditions that would be answered.
    conditions: Vec<(FeatureId, ConditionId)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Certainty {
    Denied,
    /// Something was looked for and not shown.
    NotShown,
    /// An answer that may leave things out was empty.
    Silent,
}

impl Permissions {
    /// Adds a server with its findings.
    pub fn add(&mut self, documents: &ServerDocuments, findings: &[Finding]) {
        self.servers += 1;
        let mut lacks: Vec<Lack> = Vec::new();
        let mut other: BTreeSet<CauseKind> = BTreeSet::new();
        for document in documents.iter() {
            match &document.outcome {
                Outcome::Unread(Cause::Denied { action, scope }) => {
                    denied(
                        &mut lacks,
                        documents.id(),
                        action,
                        scope,
                        Some(document.kind),
                    );
                }
                Outcome::Unread(Cause::NotVisible) => not_shown(&mut lacks, documents, document),
                Outcome::Unread(cause) => {
                    other.insert(cause.kind());
                }
                Outcome::Read(_) if document.kind.is_silent() => {
                    self.listen(&mut lacks, documents, document);
                }
                Outcome::Read(_) => {}
            }
        }
        for finding in findings {
            if let (Verdict::Unknown(cause), true) =
                (&finding.verdict, finding.conditions.is_empty())
            {
                other.insert(cause.kind());
                self.other(cause.kind()).features.insert(finding.feature);
            }
            for condition in &finding.conditions {
                let Judgement::Unread(cause) = &condition.judgement else {
                    continue;
                };
                match cause {
                    Cause::Denied { action, scope } => {
                        denied(&mut lacks, documents.id(), action, scope, None);
                    }
                    Cause::NotVisible => {}
                    cause => {
                        other.insert(cause.kind());
                        let entry = self.other(cause.kind());
                        entry.open_conditions += 1;
                        entry.conditions.insert(condition.id);
                        entry.features.insert(finding.feature);
                    }
                }
                for lack in &mut lacks {
                    if lack.would_help(condition, cause) {
                        lack.conditions.push((finding.feature, condition.id));
                    }
                }
            }
        }
        for kind in other {
            let server = neutral(documents.id().as_str()).into_owned();
            let entry = self.other(kind);
            entry.servers += 1;
            entry.example.get_or_insert(server);
        }
        self.keep(documents, lacks);
    }

    /// What an answer that may leave things out told: something, or nothing.
    fn listen(&mut self, lacks: &mut Vec<Lack>, documents: &ServerDocuments, document: &Document) {
        let kind = document.kind;
        let shows = match kind {
            DocumentKind::Inventory => return,
            DocumentKind::PolicyVisibility => match visible(documents) {
                Visible::Yes => true,
                Visible::No => false,
                Visible::Unread(_) => return,
            },
            kind => match documents.items(kind).0 {
                Fact::Known(items) => !items.is_empty(),
                Fact::Absent | Fact::Unread(_) => return,
            },
        };
        let subscription = documents.id().subscription().to_lowercase();
        if shows {
            let key = (kind.action().to_lowercase(), subscription);
            self.shown.insert(key);
        } else {
            add_lack(
                lacks,
                Lack {
                    certainty: Certainty::Silent,
                    action: kind.action().to_owned(),
                    scope: format!("/subscriptions/{subscription}"),
                    subscription: Some(subscription),
                    kinds: BTreeSet::from([kind]),
                    conditions: Vec::new(),
                },
            );
        }
    }

    fn other(&mut self, kind: CauseKind) -> &mut OtherCause {
        self.others
            .entry(kind)
            .or_insert_with(|| OtherCause::new(kind))
    }

    fn keep(&mut self, documents: &ServerDocuments, lacks: Vec<Lack>) {
        // A server counts once for an action, also where it lacks it on several things.
        let mut counted: BTreeSet<(u8, String)> = BTreeSet::new();
        let mut in_place: BTreeSet<(u8, String, Option<String>)> = BTreeSet::new();
        for lack in lacks {
            let key = lack.action.to_lowercase();
            let gathering = match lack.certainty {
                Certainty::Denied => self.denied.entry(key.clone()).or_default(),
                Certainty::NotShown => self.possibly.entry(key.clone()).or_default(),
                Certainty::Silent => {
                    let subscription = lack.subscription.clone().unwrap_or_default();
                    self.silent.entry((key.clone(), subscription)).or_default()
                }
            };
            let which = lack.certainty as u8;
            if gathering.action.is_empty() {
                gathering.action = neutral(&lack.action).into_owned();
            }
            let place = gathering
                .places
                .entry(lack.subscription.clone())
                .or_default();
            let scope = lack.scope.to_lowercase();
            let below = scope.strip_prefix(&documents.id().key());
            if below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
                place.own += 1;
            } else {
                place.shared.insert(scope);
            }
            if in_place.insert((which, key.clone(), lack.subscription.clone())) {
                place.servers += 1;
            }
            if counted.insert((which, key)) {
                gathering.servers += 1;
            }
            gathering.open_conditions += lack.conditions.len();
            for (feature, condition) in &lack.conditions {
                gathering.features.insert(*feature);
                gathering.conditions.insert(condition);
            }
            gathering.example.get_or_insert_with(|| Example {
                server: neutral(documents.id().as_str()).into_owned(),
                scope: neutral(&lack.scope).into_owned(),
                document: lack.kinds.first().map_or("", |kind| kind.title()),
            });
        }
    }

    /// What came of it.
    #[must_use]
    pub fn finish(mut self) -> PermissionReport {
        for ((action, subscription), gathering) in self.silent {
            if !self.shown.contains(&(action.clone(), subscription)) {
                self.possibly.entry(action).or_default().merge(gathering);
            }
        }
        let in_order = |gathered: BTreeMap<String, Gathering>| {
            gathered
                .into_values()
                .filter_map(Gathering::finish)
                .collect()
        };
        PermissionReport {
            servers: self.servers,
            denied: in_order(self.denied),
            possibly: in_order(self.possibly),
            others: self.others.into_values().collect(),
        }
    }
}

impl Gathering {
    fn merge(&mut self, other: Self) {
        if self.action.is_empty() {
            self.action = other.action;
        }
        for (subscription, place) in other.places {
            let own = self.places.entry(subscription).or_default();
            own.shared.extend(place.shared);
            own.own += place.own;
            own.servers += place.servers;
        }
        self.servers += other.servers;
        self.features.extend(other.features);
        self.conditions.extend(other.conditions);
        self.open_conditions += other.open_conditions;
        self.example = self.example.take().or(other.example);
    }

    fn finish(self) -> Option<MissingAction> {
        Some(MissingAction {
            action: self.action,
            places: self
                .places
                .into_iter()
                .map(|(subscription, place)| Place {
                    subscription,
                    things: place.own + place.shared.len(),
                    servers: place.servers,
                })
                .collect(),
            servers: self.servers,
            features: self.features,
            conditions: self.conditions,
            open_conditions: self.open_conditions,
            example: self.example?,
        })
    }
}

impl Lack {
    /// Whether a condition that is unread for this cause would be answered by it, or at least come nearer to an answer.
    fn would_help(&self, condition: &Condition, cause: &Cause) -> bool {
        let looked_there = || {
            condition
                .evidence
                .iter()
                .any(|evidence| self.kinds.contains(&evidence.document))
        };
        match (self.certainty, cause) {
            (Certainty::Denied, Cause::Denied { action, scope })
                if self.is_about(action, scope) =>
            {
                true
            }
            (Certainty::Denied, _) => looked_there(),
            (Certainty::NotShown | Certainty::Silent, cause) => {
                *cause == Cause::NotVisible && looked_there()
            }
        }
    }

    fn is_about(&self, action: &str, scope: &str) -> bool {
        self.action.eq_ignore_ascii_case(action) && self.scope.eq_ignore_ascii_case(scope)
    }
}

/// Joins what is lacked for the same reason.
fn add_lack(lacks: &mut Vec<Lack>, lack: Lack) {
    let same = lacks.iter_mut().find(|other| {
        other.certainty == lack.certainty && other.is_about(&lack.action, &lack.scope)
    });
    match same {
        Some(other) => other.kinds.extend(lack.kinds),
        None => lacks.push(lack),
    }
}

fn denied(
    lacks: &mut Vec<Lack>,
    server: &ResourceId,
    action: &str,
    scope: &str,
    kind: Option<DocumentKind>,
) {
    let subscription = if is_tenant_level(action) {
        None
    } else {
        let named = ResourceId::parse(scope).ok();
        let subscription = named.as_ref().unwrap_or(server).subscription();
        Some(subscription.to_lowercase())
    };
    add_lack(
        lacks,
        Lack {
            certainty: Certainty::Denied,
            action: action.to_owned(),
            scope: scope.to_owned(),
            subscription,
            kinds: kind.into_iter().collect(),
            conditions: Vec::new(),
        },
    );
}

/// What was looked for in an answer that may leave things out. Where it lies is not known; it is counted with the
/// subscription of the server.
fn not_shown(lacks: &mut Vec<Lack>, documents: &ServerDocuments, document: &Document) {
    let subscription = documents.id().subscription().to_lowercase();
    add_lack(
        lacks,
        Lack {
            certainty: Certainty::NotShown,
            action: actions::of_document(documents, document.kind).to_owned(),
            scope: document
                .shared
                .as_deref()
                .unwrap_or_else(|| documents.id().as_str())
                .to_owned(),
            subscription: Some(subscription),
            kinds: BTreeSet::from([document.kind]),
            conditions: Vec::new(),
        },
    );
}

/// The key that a server names for a kind of document about a vault or a key.
fn key_of(documents: &ServerDocuments, kind: DocumentKind) -> Option<KeyUri> {
    let pointer = match kind {
        DocumentKind::KeyVault | DocumentKind::EncryptionKey => {
            "/properties/dataEncryption/primaryKeyURI"
        }
        DocumentKind::GeoKeyVault | DocumentKind::GeoEncryptionKey => {
            "/properties/dataEncryption/geoBackupKeyURI"
        }
        _ => return None,
    };
    KeyUri::parse(&documents.server_member(pointer).0.text().known()?)
}
