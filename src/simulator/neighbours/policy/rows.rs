//! The rows of Resource Graph's table of policies: states and exemptions, in the order of their ids.

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::super::exemptions::{self, Exemption};
use super::{shows, spelled, states, weight};
use crate::simulator::fleet::{Fleet, guid};
use crate::simulator::graph::Level;
use crate::simulator::render::zulu;

/// All rows, made when they are first asked for.
#[derive(Debug)]
pub(in crate::simulator) struct Rows {
    rows: Vec<Row>,
    exemptions: Vec<Exemption>,
    /// Where the rows of each subscription are.
    within: HashMap<u32, Vec<u32>>,
    /// Where those are that stand above subscriptions.
    above: Vec<u32>,
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub(in crate::simulator) enum Row {
    /// A state of the server at this place, by its turn among the server's states.
    Server(u32, u8),
    /// A state of something else in a subscription.
    Other(u32, u8),
    Exemption(u32),
}

/// What else has states in a subscription: where it is, its type, the policy, and how it stands.
const OTHERS: [(&str, &str, &str, &str); 3] = [
    (
        "",
        "Microsoft.Resources/subscriptions",
        "0a9fbe0d-c5c4-4da8-87d8-f4fd77338835",
        "NonCompliant",
    ),
    (
        "/resourceGroups/rg-observability/providers/Microsoft.Storage/storageAccounts/stauditarchive",
        "Microsoft.Storage/storageAccounts",
        "404c3081-a854-4457-ae30-26a93ef643f9",
        "Compliant",
    ),
    (
        "/resourceGroups/rg-observability/providers/Microsoft.DBforMySQL/servers/mysql-retired",
        "Microsoft.DBforMySQL/servers",
        "e802a67a-daf5-4436-9ea6-f6d821dd0c5d",
        "Compliant",
    ),
];

const STATES: &str = "microsoft.policyinsights/policystates";

impl Rows {
    pub(in crate::simulator) fn new(fleet: &Fleet) -> Self {
        let exemptions = exemptions::all(fleet);
        let mut subjects: Vec<(String, Vec<Row>)> = Vec::new();
        for place in &fleet.in_order {
            let server = &fleet.servers[*place as usize];
            let mut found: Vec<(String, u8)> = states(fleet, server)
                .iter()
                .enumerate()
                .map(|(turn, state)| (state.id(fleet, server), turn as u8))
                .collect();
            found.sort();
            let rows = found.into_iter().map(|(_, turn)| Row::Server(*place, turn));
            let key = format!("{}/providers/{STATES}/", fleet.id(server)).to_lowercase();
            subjects.push((key, rows.collect()));
        }
        for subscription in 0..fleet.subscriptions.len() as u32 {
            if shows(fleet, subscription) {
                for turn in 0..OTHERS.len() as u8 {
                    let row = Row::Other(subscription, turn);
                    let key = other_id(fleet, subscription, turn).to_lowercase();
                    subjects.push((key, vec![row]));
                }
            }
        }
        for (place, exemption) in exemptions.iter().enumerate() {
            let row = Row::Exemption(place as u32);
            subjects.push((exemption.id(fleet).to_lowercase(), vec![row]));
        }
        subjects.sort_by(|(a, _), (b, _)| a.cmp(b));
        let rows: Vec<Row> = subjects.into_iter().flat_map(|(_, rows)| rows).collect();
        let mut within: HashMap<u32, Vec<u32>> = HashMap::new();
        let mut above = Vec::new();
        for (place, row) in rows.iter().enumerate() {
            let subscription = match row {
                Row::Server(server, _) => Some(fleet.servers[*server as usize].subscription),
                Row::Other(subscription, _) => Some(*subscription),
                Row::Exemption(exemption) => exemptions[*exemption as usize].subscription(),
            };
            match subscription {
                Some(it) => within.entry(it).or_default().push(place as u32),
                None => above.push(place as u32),
            }
        }
        Self {
            rows,
            exemptions,
            within,
            above,
        }
    }

    /// The rows of some subscriptions and those that stand above any, in order.
    pub(in crate::simulator) fn within(
        &self,
        subscriptions: impl Iterator<Item = u32>,
    ) -> Vec<usize> {
        let within = subscriptions.filter_map(|it| self.within.get(&it));
        let mut rows: Vec<usize> = within
            .chain([&self.above])
            .flatten()
            .map(|place| *place as usize)
            .collect();
        rows.sort_unstable();
        rows
    }

    pub(in crate::simulator) fn len(&self) -> usize {
        self.rows.len()
    }

    /// How many states show in a subscription.
    pub(in crate::simulator) fn states_in(&self, fleet: &Fleet, subscription: u32) -> usize {
        self.rows
            .iter()
            .filter(|it| match it {
                Row::Server(place, _) => {
                    fleet.servers[*place as usize].subscription == subscription
                }
                Row::Other(within, _) => *within == subscription,
                Row::Exemption(_) => false,
            })
            .count()
    }

    /// A text that conditions compare, where it can be told without writing the whole row.
    pub(in crate::simulator) fn text<'a>(
        &'a self,
        fleet: &'a Fleet,
        row: usize,
        column: &str,
    ) -> Option<Cow<'a, str>> {
        let row = self.rows[row];
        let subscription = |place: u32| fleet.subscriptions[place as usize].id.as_str().into();
        match (column, row) {
            ("type", Row::Server(..) | Row::Other(..)) => Some(STATES.into()),
            ("type", Row::Exemption(_)) => Some(exemptions::TYPE.into()),
            ("subscriptionid", Row::Server(place, _)) => {
                Some(subscription(fleet.servers[place as usize].subscription))
            }
            ("subscriptionid", Row::Other(place, _)) => Some(subscription(place)),
            ("properties.resourcetype", Row::Server(..)) => {
                Some("Microsoft.DBforMySQL/flexibleServers".into())
            }
            ("properties.resourceid", Row::Server(place, _)) => {
                let server = &fleet.servers[place as usize];
                Some(spelled(server, fleet.id(server)).into())
            }
            _ => None,
        }
    }

    pub(in crate::simulator) fn column(&self, fleet: &Fleet, row: usize, column: &str) -> Value {
        let text = self.text(fleet, row, column);
        if let Some(text) = text {
            return text.into_owned().into();
        }
        match self.rows[row] {
            Row::Exemption(place) => self.exemptions[place as usize].column(fleet, column),
            Row::Server(place, turn) => {
                let server = &fleet.servers[place as usize];
                let states = states(fleet, server);
                let Some(state) = states.get(usize::from(turn)) else {
                    return Value::Null;
                };
                let id = state.id(fleet, server);
                match column {
                    "name" => id.rsplit('/').next().into(),
                    "id" => id.into(),
                    "properties" => state.properties(fleet, server),
                    "tenantid" => fleet.subscription(server).tenant.as_str().into(),
                    "resourcegroup" => fleet.group(server).name.to_lowercase().into(),
                    "kind" | "location" | "managedby" => "".into(),
                    _ => Value::Null,
                }
            }
            Row::Other(subscription, turn) => {
                let id = other_id(fleet, subscription, turn);
                match column {
                    "name" => id.rsplit('/').next().into(),
                    "id" => id.into(),
                    "properties" => other(fleet, subscription, turn),
                    "tenantid" => fleet.subscriptions[subscription as usize]
                        .tenant
                        .as_str()
                        .into(),
                    "kind" | "location" | "managedby" | "resourcegroup" => "".into(),
                    _ => Value::Null,
                }
            }
        }
    }

    pub(in crate::simulator) fn level(&self, row: usize) -> Level {
        match self.rows[row] {
            Row::Other(_, 0) => Level::At,
            Row::Exemption(place) => self.exemptions[place as usize].level(),
            _ => Level::Below,
        }
    }

    /// The subscriptions that a row above subscriptions has to do with.
    pub(in crate::simulator) fn reaches(
        &self,
        fleet: &Fleet,
        row: usize,
        subscription: u32,
    ) -> bool {
        match self.rows[row] {
            Row::Exemption(place) => self.exemptions[place as usize].reaches(fleet, subscription),
            _ => false,
        }
    }
}

fn other_id(fleet: &Fleet, subscription: u32, turn: u8) -> String {
    let (place, ..) = OTHERS[usize::from(turn)];
    let hash = guid(
        fleet.options.seed,
        "other state",
        u64::from(subscription) * 16 + u64::from(turn),
    );
    format!(
        "/subscriptions/{}{place}/providers/Microsoft.PolicyInsights/policyStates/{}",
        fleet.subscriptions[subscription as usize].id,
        hash.replace('-', "")
    )
}

fn other(fleet: &Fleet, subscription: u32, turn: u8) -> Value {
    let (place, kind, policy, state) = OTHERS[usize::from(turn)];
    let id = &fleet.subscriptions[subscription as usize].id;
    json!({
        "resourceId": format!("/subscriptions/{id}{place}"),
        "resourceType": kind,
        "resourceLocation": "westeurope",
        "resourceGroup": place.split('/').nth(2).unwrap_or_default(),
        "policyAssignmentId":
            format!("/subscriptions/{id}/providers/Microsoft.Authorization/policyAssignments/SecurityCenterBuiltIn"),
        "policyAssignmentName": "SecurityCenterBuiltIn",
        "policyAssignmentScope": format!("/subscriptions/{id}"),
        "policyDefinitionId": format!("/providers/Microsoft.Authorization/policyDefinitions/{policy}"),
        "policyDefinitionName": policy,
        "policyDefinitionAction": "audit",
        "policyDefinitionReferenceId": "",
        "policyDefinitionGroupNames": [],
        "policySetDefinitionId": "",
        "policySetDefinitionName": "",
        "complianceState": state,
        "stateWeight": weight(state),
        "timestamp": zulu(fleet.options.now - SignedDuration::from_hours(9)),
        "subscriptionId": id,
        "isDeleted": false,
    })
}
