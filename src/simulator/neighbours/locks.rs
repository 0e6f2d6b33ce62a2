//! Management locks: on subscriptions, resource groups, servers, what lies below servers, and other resources.

use serde::Serialize;
use serde_json::{Value, json};

use super::in_turn;
use crate::simulator::fleet::Fleet;
use crate::simulator::plant;
use crate::simulator::server::Server;

/// A lock.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::simulator) struct Lock {
    id: String,
    /// The id of what it is on.
    scope_id: String,
    scope: Scope,
    level: &'static str,
    #[serde(skip)]
    name: &'static str,
    #[serde(skip)]
    notes: Option<&'static str>,
}

/// What a lock is on, as seen from a server.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Scope {
    Subscription,
    ResourceGroup,
    Server,
    /// Something below the server.
    Child,
    OtherResource,
}

/// Where the caller may list locks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::simulator) enum Access {
    Readable,
    /// Not for a whole subscription, but for each server.
    PerServer,
    Denied,
}

/// Where the locks of a subscription can be listed.
pub(in crate::simulator) fn access(fleet: &Fleet, subscription: u32) -> Access {
    if !fleet.options.denials {
        Access::Readable
    } else if fleet.subscriptions[subscription as usize].children_denied {
        Access::Denied
    } else if subscription % 4 == 1 {
        Access::PerServer
    } else {
        Access::Readable
    }
}

fn lock(
    scope: Scope,
    scope_id: String,
    name: &'static str,
    level: &'static str,
    notes: Option<&'static str>,
) -> Lock {
    // The service spells resource groups in lower case.
    let spelled = scope_id.replace("/resourceGroups/", "/resourcegroups/");
    Lock {
        id: format!("{spelled}/providers/Microsoft.Authorization/locks/{name}"),
        scope_id,
        scope,
        level,
        name,
        notes,
    }
}

fn start(fleet: &Fleet) -> usize {
    plant::dice(fleet.options.seed, "locks", 0).usize(..1_000)
}

/// The lock on a whole subscription.
fn on_subscription(fleet: &Fleet, subscription: u32) -> Option<Lock> {
    let it = &fleet.subscriptions[subscription as usize];
    let level = in_turn(
        &[None, None, None, Some("CanNotDelete"), None],
        start(fleet) + subscription as usize,
    )?;
    let id = format!("/subscriptions/{}", it.id);
    Some(lock(
        Scope::Subscription,
        id,
        "landing-zone",
        level,
        Some("Everything here stays."),
    ))
}

fn on_group(fleet: &Fleet, group: u32) -> Option<Lock> {
    let mut dice = plant::dice(fleet.options.seed, "lock on group", group.into());
    let level = [
        Some("CanNotDelete"),
        Some("ReadOnly"),
        None,
        None,
        None,
        None,
        None,
        None,
        None,
    ][dice.usize(..9)]?;
    let it = &fleet.groups[group as usize];
    let id = format!(
        "/subscriptions/{}/resourceGroups/{}",
        fleet.subscriptions[it.subscription as usize].id, it.name
    );
    Some(lock(Scope::ResourceGroup, id, "keep-group", level, None))
}

/// Locks on a server and below it.
fn on_server(fleet: &Fleet, server: &Server) -> Option<Lock> {
    let turn = start(fleet) + server.number as usize;
    let id = fleet.id(server);
    match turn % 19 {
        0 => Some(lock(
            Scope::Server,
            id,
            "do-not-delete",
            "CanNotDelete",
            Some("Ask the owners first."),
        )),
        5 => Some(lock(Scope::Server, id, "frozen", "ReadOnly", None)),
        8 | 14 => Some(lock(
            Scope::Child,
            format!("{id}/databases/app"),
            "keep-database",
            "CanNotDelete",
            None,
        )),
        11 if server.number.is_multiple_of(3) => {
            Some(lock(Scope::Server, id, "old-lock", "NotSpecified", None))
        }
        _ => None,
    }
}

fn on_others(fleet: &Fleet, subscription: u32) -> Vec<Lock> {
    let id = &fleet.subscriptions[subscription as usize].id;
    vec![
        lock(
            Scope::OtherResource,
            format!(
                "/subscriptions/{id}/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-applications-{subscription}"
            ),
            "keep-vault",
            "CanNotDelete",
            None,
        ),
        lock(
            Scope::OtherResource,
            format!("/subscriptions/{id}/resourceGroups/rg-observability"),
            "keep-logs",
            "ReadOnly",
            Some("Logs are evidence."),
        ),
    ]
}

/// What a list at a server holds: the locks above it, on it and below it.
pub(in crate::simulator) fn of_server(fleet: &Fleet, server: &Server) -> Vec<Lock> {
    on_subscription(fleet, server.subscription)
        .into_iter()
        .chain(on_group(fleet, server.group))
        .chain(on_server(fleet, server))
        .collect()
}

/// What a list at a subscription holds: the locks on it and on anything in it, seen or not.
pub(in crate::simulator) fn of_subscription(
    fleet: &Fleet,
    subscription: u32,
) -> impl Iterator<Item = Lock> {
    let groups = fleet
        .groups
        .iter()
        .enumerate()
        .filter(move |(_, it)| it.subscription == subscription)
        .filter_map(|(group, _)| on_group(fleet, group as u32));
    let servers = fleet
        .servers
        .iter()
        .filter(move |it| it.subscription == subscription)
        .filter_map(|it| on_server(fleet, it));
    on_subscription(fleet, subscription)
        .into_iter()
        .chain(on_others(fleet, subscription))
        .chain(groups)
        .chain(servers)
}

/// The locks of a subscription that are on no server and on no group of servers.
pub(in crate::simulator) fn manifest(fleet: &Fleet, subscription: u32) -> Vec<Lock> {
    on_subscription(fleet, subscription)
        .into_iter()
        .chain(on_others(fleet, subscription))
        .collect()
}

impl Lock {
    /// The lock as an ARM resource.
    pub(in crate::simulator) fn render(&self) -> Value {
        let mut properties = json!({ "level": self.level });
        if let Some(notes) = self.notes {
            properties["notes"] = notes.into();
        }
        json!({
            "properties": properties,
            "id": self.id,
            "type": "Microsoft.Authorization/locks",
            "name": self.name,
        })
    }
}
