//! What Azure Policy says: which policies are assigned to a subscription, and the state of each server under them.

mod assigned;
mod rows;

use jiff::SignedDuration;
use serde_json::{Value, json};

pub(in crate::simulator) use self::assigned::{Assigned, Assignment};
use self::assigned::{PREVIEW, Policy, Profile};
pub(in crate::simulator) use self::rows::Rows;
use super::{diagnostics, exemptions, in_turn};
use crate::simulator::fleet::{Fleet, guid};
use crate::simulator::plant;
use crate::simulator::render::zulu;
use crate::simulator::server::{Network, Server, Spelling};

/// The state of one resource under one policy of one assignment.
#[derive(Debug)]
pub(in crate::simulator) struct State {
    assignment: &'static Assignment,
    assigned: &'static Assigned,
    state: &'static str,
    /// What the policy's rule says of the server as it was planted.
    by_rule: bool,
    /// Whether the state is not what the rule says: old, or wrong.
    stale: bool,
    hours_ago: u8,
}

/// How the policies of a subscription are planted. Where the caller may read nothing but servers, nothing shows.
fn profile(fleet: &Fleet, subscription: u32) -> Profile {
    const PROFILES: [Profile; 6] = [
        Profile::Broad,
        Profile::Preview,
        Profile::OthersOnly,
        Profile::Benchmark,
        Profile::Silent,
        Profile::Direct,
    ];
    if fleet.subscriptions[subscription as usize].children_denied {
        return Profile::Silent;
    }
    let start = (fleet.options.seed % PROFILES.len() as u64) as usize + PROFILES.len() - 1;
    in_turn(&PROFILES, start + subscription as usize)
}

/// The assignments whose states show for a subscription.
pub(in crate::simulator) fn assignments(
    fleet: &Fleet,
    subscription: u32,
) -> &'static [&'static Assignment] {
    profile(fleet, subscription).assignments()
}

/// The assignment that management groups carry.
pub(in crate::simulator) fn preview() -> &'static Assignment {
    &PREVIEW
}

/// Whether any state shows for a subscription, of whatever resource.
pub(in crate::simulator) fn shows(fleet: &Fleet, subscription: u32) -> bool {
    profile(fleet, subscription) != Profile::Silent
}

/// What was planted about a subscription: which states show there.
pub(in crate::simulator) fn visible(fleet: &Fleet, subscription: u32) -> &'static str {
    match profile(fleet, subscription) {
        Profile::Silent => "none",
        Profile::OthersOnly => "otherTypesOnly",
        _ => "servers",
    }
}

/// The states of a server that show.
pub(in crate::simulator) fn states(fleet: &Fleet, server: &Server) -> Vec<State> {
    let mut states = Vec::new();
    let assignments = assignments(fleet, server.subscription);
    if assignments.is_empty() {
        return states;
    }
    let exemptions = exemptions::covering(fleet, server);
    for assignment in assignments {
        for assigned in assignment.policies {
            let purpose = format!("state {} {}", assignment.name, assigned.reference);
            let mut dice = plant::dice(fleet.options.seed, &purpose, u64::from(server.number));
            let (roll, hours_ago) = (dice.u8(..100), dice.u8(1..30));
            // Not every server was evaluated yet.
            if roll < 8 {
                continue;
            }
            let by_rule = complies(fleet, server, assigned.policy);
            let stale = (8..15).contains(&roll);
            let exempt = exemptions
                .iter()
                .any(|it| it.in_force(fleet) && it.frees(assignment, assigned));
            let state = match roll {
                15 => "Unknown",
                16 => "Conflict",
                _ if exempt => "Exempt",
                _ if by_rule != stale => "Compliant",
                _ => "NonCompliant",
            };
            states.push(State {
                assignment,
                assigned,
                state,
                by_rule,
                stale: stale && !exempt,
                hours_ago,
            });
        }
    }
    states
}

/// The rule of a policy, over what was planted.
fn complies(fleet: &Fleet, server: &Server, policy: Policy) -> bool {
    match policy {
        Policy::EntraOnly => server
            .parameter("aad_auth_only")
            .is_some_and(|it| it.value == "ON"),
        Policy::ThreatProtection => server.threat_protection,
        Policy::PublicAccess => match server.network {
            Network::Public { public_access, .. } => !public_access,
            Network::Integrated { .. } => true,
        },
        Policy::AuditLogs => diagnostics::of(fleet, server).satisfies_policy(),
        Policy::ZoneResilient => server.high_availability.mode != "Disabled",
        Policy::CostCenter => server.tags.iter().any(|(name, _)| *name == "costCenter"),
    }
}

impl State {
    fn id(&self, fleet: &Fleet, server: &Server) -> String {
        let purpose = format!(
            "state id {} {}",
            self.assignment.name, self.assigned.reference
        );
        let hash = guid(fleet.options.seed, &purpose, u64::from(server.number)).replace('-', "");
        format!(
            "{}/providers/Microsoft.PolicyInsights/policyStates/{hash}",
            fleet.id(server)
        )
    }

    fn properties(&self, fleet: &Fleet, server: &Server) -> Value {
        let id = spelled(server, fleet.id(server));
        let mut body = self
            .assignment
            .properties(fleet, server.subscription, self.assigned);
        let time = fleet.options.now - SignedDuration::from_hours(i64::from(self.hours_ago));
        body["resourceId"] = id.into();
        body["resourceType"] = match server.spelling {
            Spelling::OldProvider => "Microsoft.DBForMySql/flexibleServers".into(),
            _ => "Microsoft.DBforMySQL/flexibleServers".into(),
        };
        body["resourceLocation"] = server.region.name.into();
        body["resourceGroup"] = fleet.group(server).name.to_lowercase().into();
        body["complianceState"] = self.state.into();
        body["stateWeight"] = weight(self.state).into();
        body["timestamp"] = zulu(time).into();
        body
    }

    /// What was planted.
    pub(in crate::simulator) fn manifest(&self, fleet: &Fleet, server: &Server) -> Value {
        let subscription = server.subscription;
        json!({
            "policyAssignmentId": self.assignment.id(fleet, subscription),
            "policySetDefinitionId": self.assignment.set_id(),
            "policyDefinitionId": self.assigned.policy.definition(fleet, subscription),
            "policyDefinitionReferenceId": self.assigned.reference,
            "complianceState": self.state,
            "byRule": if self.by_rule { "Compliant" } else { "NonCompliant" },
            "stale": self.stale,
        })
    }
}

/// The id of a server, as states spell it: whoever wrote it first decides.
fn spelled(server: &Server, id: String) -> String {
    match server.spelling {
        Spelling::Canonical => id,
        Spelling::LowerGroups => id.to_lowercase(),
        Spelling::OldProvider => id.replace("/Microsoft.DBforMySQL/", "/Microsoft.DBForMySql/"),
    }
}

/// How Resource Graph ranks states.
fn weight(state: &str) -> u16 {
    match state {
        "NonCompliant" => 300,
        "Compliant" => 200,
        "Conflict" => 100,
        "Exempt" => 50,
        _ => 0,
    }
}
