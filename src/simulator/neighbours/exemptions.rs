//! Exemptions from Azure Policy, at every scope.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use super::policy::{self, Assignment};
use crate::simulator::fleet::Fleet;
use crate::simulator::graph::Level;
use crate::simulator::plant;
use crate::simulator::render::zulu;
use crate::simulator::server::Server;

/// The type as Resource Graph writes it.
pub(in crate::simulator) const TYPE: &str = "microsoft.authorization/policyexemptions";

/// An exemption from one assignment.
#[derive(Debug)]
pub(in crate::simulator) struct Exemption {
    scope: Scope,
    name: &'static str,
    category: &'static str,
    expires: Option<Timestamp>,
    assignment: &'static Assignment,
    /// The subscription in whose name the assignment's id is written.
    subscription: u32,
    /// Empty: every policy of the assignment.
    references: Vec<&'static str>,
    description: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq)]
enum Scope {
    ManagementGroup(String),
    Subscription,
    Group(u32),
    Server(u32),
    /// A resource that is no server, by the rest of its id.
    Other(String),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    ManagementGroup,
    Subscription,
    ResourceGroup,
    Server,
}

fn days(fleet: &Fleet, count: i64) -> Timestamp {
    fleet.options.now + SignedDuration::from_hours(24 * count)
}

fn start(fleet: &Fleet) -> usize {
    plant::dice(fleet.options.seed, "exemptions", 0).usize(..1_000)
}

fn first_reference(assignment: &Assignment) -> Vec<&'static str> {
    let first = assignment.policies.first().map(|it| it.reference);
    first.into_iter().filter(|it| !it.is_empty()).collect()
}

/// On management groups: the exemptions there, seen from a subscription below.
fn above(fleet: &Fleet, subscription: u32) -> Vec<Exemption> {
    let assignment = policy::preview();
    let groups = fleet.management_groups(subscription);
    let exemption = |place: usize, group: &String| {
        let (name, category, expires, references) = if place == 0 {
            let over = group != "mg-production";
            (
                "platform-exception",
                "Mitigated",
                Some(days(fleet, if over { -5 } else { 30 })),
                vec!["PublicAccessMySQLFlexibleServers"],
            )
        } else {
            ("onboarding", "Waiver", Some(days(fleet, -90)), Vec::new())
        };
        Exemption {
            scope: Scope::ManagementGroup(group.clone()),
            name,
            category,
            expires,
            assignment,
            subscription,
            references,
            description: Some("Granted by the platform team."),
        }
    };
    groups
        .iter()
        .enumerate()
        .map(|(place, group)| exemption(place, group))
        .collect()
}

fn on_subscription(fleet: &Fleet, subscription: u32) -> Option<Exemption> {
    let assignment = *policy::assignments(fleet, subscription).first()?;
    let chosen = (start(fleet) + subscription as usize).is_multiple_of(3);
    chosen.then(|| Exemption {
        scope: Scope::Subscription,
        name: "accepted-risk",
        category: "Waiver",
        expires: None,
        assignment,
        subscription,
        references: first_reference(assignment),
        description: None,
    })
}

fn on_group(fleet: &Fleet, group: u32) -> Option<Exemption> {
    let subscription = fleet.groups[group as usize].subscription;
    let assignment = *policy::assignments(fleet, subscription).last()?;
    let chosen = plant::dice(fleet.options.seed, "exemption of group", group.into()).u8(..9) == 0;
    chosen.then(|| Exemption {
        scope: Scope::Group(group),
        name: "migration",
        category: "Mitigated",
        expires: Some(days(fleet, 200)),
        assignment,
        subscription,
        references: Vec::new(),
        description: Some("Until the applications have moved."),
    })
}

fn on_server(fleet: &Fleet, server: &Server) -> Option<Exemption> {
    let assignments = policy::assignments(fleet, server.subscription);
    let (first, last) = (*assignments.first()?, *assignments.last()?);
    let exemption = |name, category, expires, assignment, references| {
        Some(Exemption {
            scope: Scope::Server(server.number),
            name,
            category,
            expires,
            assignment,
            subscription: server.subscription,
            references,
            description: None,
        })
    };
    match (start(fleet) + server.number as usize) % 13 {
        0 => exemption(
            "waived-for-now",
            "Waiver",
            Some(days(fleet, 60)),
            first,
            Vec::new(),
        ),
        5 => exemption(
            "was-mitigated",
            "Mitigated",
            Some(days(fleet, -10)),
            first,
            Vec::new(),
        ),
        9 => exemption(
            "mitigated-elsewhere",
            "Mitigated",
            None,
            last,
            first_reference(last),
        ),
        _ => None,
    }
}

fn on_other(fleet: &Fleet, subscription: u32) -> Option<Exemption> {
    let assignment = *policy::assignments(fleet, subscription).first()?;
    Some(Exemption {
        scope: Scope::Other(format!(
            "/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-applications-{subscription}"
        )),
        name: "vault-exception",
        category: "Waiver",
        expires: None,
        assignment,
        subscription,
        references: Vec::new(),
        description: None,
    })
}

/// Every exemption that the caller can see.
pub(in crate::simulator) fn all(fleet: &Fleet) -> Vec<Exemption> {
    let mut found: Vec<Exemption> = Vec::new();
    for subscription in 0..fleet.subscriptions.len() as u32 {
        for exemption in above(fleet, subscription) {
            if !found.iter().any(|it| it.scope == exemption.scope) {
                found.push(exemption);
            }
        }
    }
    for subscription in 0..fleet.subscriptions.len() as u32 {
        found.extend(on_subscription(fleet, subscription));
        found.extend(on_other(fleet, subscription));
    }
    let groups = 0..fleet.groups.len() as u32;
    found.extend(groups.filter_map(|group| on_group(fleet, group)));
    found.extend(fleet.visible().filter_map(|it| on_server(fleet, it)));
    found
}

/// The exemptions whose scope is the server or above it, whether or not they name an assignment that it is under.
pub(in crate::simulator) fn covering(fleet: &Fleet, server: &Server) -> Vec<Exemption> {
    let mut found = above(fleet, server.subscription);
    found.extend(on_subscription(fleet, server.subscription));
    found.extend(on_group(fleet, server.group));
    found.extend(on_server(fleet, server));
    found
}

impl Exemption {
    fn scope_id(&self, fleet: &Fleet) -> String {
        let subscription = format!(
            "/subscriptions/{}",
            fleet.subscriptions[self.subscription as usize].id
        );
        match &self.scope {
            Scope::ManagementGroup(name) => {
                format!("/providers/Microsoft.Management/managementGroups/{name}")
            }
            Scope::Subscription => subscription,
            Scope::Group(group) => format!(
                "{subscription}/resourceGroups/{}",
                fleet.groups[*group as usize].name
            ),
            Scope::Server(number) => fleet.id(fleet.numbered(*number)),
            Scope::Other(rest) => subscription + rest,
        }
    }

    pub(super) fn id(&self, fleet: &Fleet) -> String {
        format!(
            "{}/providers/Microsoft.Authorization/policyExemptions/{}",
            self.scope_id(fleet),
            self.name
        )
    }

    /// Whether it has not expired.
    pub(super) fn in_force(&self, fleet: &Fleet) -> bool {
        self.expires.is_none_or(|it| it > fleet.options.now)
    }

    /// Whether it speaks of this policy of this assignment.
    pub(super) fn frees(&self, assignment: &Assignment, assigned: &policy::Assigned) -> bool {
        self.assignment.name == assignment.name
            && (self.references.is_empty() || self.references.contains(&assigned.reference))
    }

    /// The subscription that it is at or in; None above subscriptions.
    pub(super) fn subscription(&self) -> Option<u32> {
        (self.level() != Level::Above).then_some(self.subscription)
    }

    pub(super) fn level(&self) -> Level {
        match self.scope {
            Scope::ManagementGroup(_) => Level::Above,
            Scope::Subscription => Level::At,
            _ => Level::Below,
        }
    }

    pub(super) fn reaches(&self, fleet: &Fleet, subscription: u32) -> bool {
        match &self.scope {
            Scope::ManagementGroup(name) => fleet.management_groups(subscription).contains(name),
            _ => false,
        }
    }

    pub(super) fn column(&self, fleet: &Fleet, column: &str) -> Value {
        let within = match self.scope {
            Scope::ManagementGroup(_) => "",
            _ => fleet.subscriptions[self.subscription as usize].id.as_str(),
        };
        match column {
            "id" => self.id(fleet).into(),
            "name" => self.name.into(),
            "subscriptionid" => within.into(),
            "tenantid" => fleet.subscriptions[self.subscription as usize]
                .tenant
                .as_str()
                .into(),
            "properties" => self.properties(fleet),
            "kind" | "location" | "managedby" | "resourcegroup" => "".into(),
            _ => Value::Null,
        }
    }

    /// An exemption on a management group speaks of the assignment there.
    fn assignment_id(&self, fleet: &Fleet) -> String {
        match self.scope {
            Scope::ManagementGroup(_) => format!(
                "{}/providers/Microsoft.Authorization/policyAssignments/{}",
                self.scope_id(fleet),
                self.assignment.name
            ),
            _ => self.assignment.id(fleet, self.subscription),
        }
    }

    fn properties(&self, fleet: &Fleet) -> Value {
        let mut body = json!({
            "policyAssignmentId": self.assignment_id(fleet),
            "policyDefinitionReferenceIds": self.references,
            "exemptionCategory": self.category,
            "displayName": self.name.replace('-', " "),
            "assignmentScopeValidation": "Default",
            "metadata": {},
        });
        if let Some(description) = self.description {
            body["description"] = description.into();
        }
        if let Some(time) = self.expires {
            body["expiresOn"] = zulu(time).into();
        }
        body
    }

    /// What was planted.
    pub(in crate::simulator) fn manifest(&self, fleet: &Fleet) -> Value {
        let scope = match self.scope {
            Scope::ManagementGroup(_) => json!(Kind::ManagementGroup),
            Scope::Subscription => json!(Kind::Subscription),
            Scope::Group(_) => json!(Kind::ResourceGroup),
            Scope::Server(_) => json!(Kind::Server),
            Scope::Other(_) => Value::Null,
        };
        json!({
            "id": self.id(fleet),
            "scope": scope,
            "scopeId": self.scope_id(fleet),
            "category": self.category,
            "expires": self.expires.map(|it| it.to_string()),
            "policyAssignmentId": self.assignment_id(fleet),
            "policyDefinitionReferenceIds": self.references,
        })
    }
}
