//! The manifest of a fleet: what was planted where, and nothing that follows from it. Its members are described in
//! the documentation of the simulator.

use serde_json::{Value, json};

use super::fleet::Fleet;
use super::neighbours::{diagnostics, exemptions, locks, policy, subscription};
use super::server::Server;

pub(super) fn write(fleet: &Fleet) -> Value {
    let servers: Vec<Value> = fleet.servers.iter().map(|it| server(fleet, it)).collect();
    let subscriptions: Vec<Value> = (0..fleet.subscriptions.len() as u32)
        .map(|it| of_subscription(fleet, it))
        .collect();
    json!({
        "seed": fleet.options.seed,
        "now": fleet.options.now.to_string(),
        "tenant": fleet.tenant,
        "tenants": subscription::tenants_manifest(fleet),
        "subscriptions": subscriptions,
        "servers": servers,
        "changes": fleet.changes,
    })
}

fn of_subscription(fleet: &Fleet, place: u32) -> Value {
    let mut body = json!(fleet.subscriptions[place as usize]);
    body["managementGroups"] = json!(fleet.management_groups(place));
    body["pricing"] = subscription::pricing_manifest(fleet, place);
    body["locks"] = json!({
        "read": locks::access(fleet, place),
        "planted": locks::manifest(fleet, place),
    });
    body["policyStatesVisible"] = policy::visible(fleet, place).into();
    body["policyStates"] = fleet.policy_rows().states_in(fleet, place).into();
    body
}

fn server(fleet: &Fleet, server: &Server) -> Value {
    let mut planted = json!(server);
    planted["id"] = json!(fleet.id(server));
    planted["subscription"] = json!(fleet.subscription(server).id);
    planted["group"] = json!(fleet.group(server).name);
    planted["replication"] = json!({ "role": server.replication.role() });
    if let Some(source) = fleet.source_id(server) {
        planted["replication"]["source"] = source.into();
        planted["replication"]["sourceHidden"] = fleet.source_is_hidden(server).into();
    }
    if diagnostics::denied(fleet, server)
        && let Some(denied) = planted["denied"].as_array_mut()
    {
        denied.push("diagnosticSettings".into());
    }
    planted["subnet"] = match fleet.neighbours.networks.of(server) {
        Some(subnet) => subnet.manifest(fleet),
        None => Value::Null,
    };
    let keys = fleet.neighbours.vaults.of(server);
    planted["key"] = match &keys {
        Some((key, _)) => key.manifest(fleet),
        None => Value::Null,
    };
    planted["geoKey"] = match &keys {
        Some((_, Some(key))) => key.manifest(fleet),
        _ => Value::Null,
    };
    planted["diagnosticSettings"] =
        diagnostics::of(fleet, server).manifest(diagnostics::denied(fleet, server));
    planted["locks"] = json!({
        "read": locks::access(fleet, server.subscription),
        "planted": locks::of_server(fleet, server),
    });
    // What the caller cannot see is in no table.
    let states = if server.hidden {
        Vec::new()
    } else {
        policy::states(fleet, server)
    };
    planted["policyStates"] = states.iter().map(|it| it.manifest(fleet, server)).collect();
    planted["policyExemptions"] = exemptions::covering(fleet, server)
        .iter()
        .filter(|_| !server.hidden)
        .map(|it| it.manifest(fleet))
        .collect();
    planted
}
