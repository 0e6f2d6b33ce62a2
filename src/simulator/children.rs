//! How the child resources of a server are written in answers.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::fleet::Fleet;
use super::render::{self, Form, enabled, identity_id, offset, zoneless, zulu};
use super::server::{Child, Server};

/// The resources of one kind under a server. Configurations have their own writer: see `parameters`.
pub(super) fn all(fleet: &Fleet, server: &Server, child: Child) -> Vec<Value> {
    match child {
        Child::Administrators => administrators(fleet, server),
        Child::ThreatProtection => vec![threat_protection(fleet, server)],
        Child::Backups | Child::BackupsV2 => backups(fleet, server, child),
        Child::FirewallRules => firewall_rules(fleet, server),
        Child::Maintenances => maintenances(fleet, server),
        Child::PrivateEndpointConnections => private_endpoint_connections(fleet, server),
        Child::PrivateLinkResources => private_link_resources(fleet, server),
        Child::Replicas => fleet
            .replicas_of(server)
            .filter(|it| !it.hidden)
            .map(|it| render::server(fleet, it, Form::List))
            .collect(),
        Child::Configurations => Vec::new(),
    }
}

fn resource(fleet: &Fleet, server: &Server, child: Child, name: &str, properties: Value) -> Value {
    let segment = child.segment();
    json!({
        "properties": properties,
        "id": format!("{}/{segment}/{name}", fleet.id(server)),
        "name": name,
        "type": format!("Microsoft.DBforMySQL/flexibleServers/{segment}"),
    })
}

fn administrators(fleet: &Fleet, server: &Server) -> Vec<Value> {
    let Some(login) = server.entra_administrator else {
        return Vec::new();
    };
    let properties = json!({
        "administratorType": "ActiveDirectory",
        "identityResourceId": identity_id(fleet, server, "mysql-directory"),
        "login": login,
        "sid": fleet.guid(login, server),
        "tenantId": fleet.subscription(server).tenant,
    });
    vec![resource(
        fleet,
        server,
        Child::Administrators,
        "ActiveDirectory",
        properties,
    )]
}

fn threat_protection(fleet: &Fleet, server: &Server) -> Value {
    let properties = json!({
        "state": enabled(server.threat_protection),
        "creationTime": zulu(server.created + SignedDuration::from_mins(7)),
        "provisioningState": "Succeeded",
    });
    resource(
        fleet,
        server,
        Child::ThreatProtection,
        "Default",
        properties,
    )
}

fn newest_backup(fleet: &Fleet, server: &Server) -> Option<Timestamp> {
    let hours = server.backup.newest_hours_ago?;
    Some(
        fleet.options.now
            - SignedDuration::from_mins(i64::from(hours) * 60 + i64::from(server.number % 60)),
    )
}

fn backup_times(fleet: &Fleet, server: &Server) -> Vec<Timestamp> {
    let Some(newest) = newest_backup(fleet, server) else {
        return Vec::new();
    };
    (0..i64::from(server.backup.retention_days))
        .map(|days| newest - SignedDuration::from_hours(24 * days))
        .filter(|time| days_between(server.created, *time) >= 0)
        .collect()
}

fn days_between(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_secs().div_euclid(86_400)
}

pub(super) fn earliest_restore(fleet: &Fleet, server: &Server) -> Timestamp {
    backup_times(fleet, server)
        .last()
        .copied()
        .unwrap_or(server.created + SignedDuration::from_mins(10))
}

fn backups(fleet: &Fleet, server: &Server, child: Child) -> Vec<Value> {
    backup_times(fleet, server)
        .into_iter()
        .map(|time| {
            let mut properties = json!({
                "backupType": "FULL",
                "completedTime": offset(time),
                "source": "Automatic",
            });
            if child == Child::BackupsV2 {
                properties["provisioningState"] = "Succeeded".into();
            }
            let name = time.strftime("daily_%Y%m%dT%H%M%S").to_string();
            resource(fleet, server, child, &name, properties)
        })
        .collect()
}

fn firewall_rules(fleet: &Fleet, server: &Server) -> Vec<Value> {
    server
        .firewall_rules()
        .iter()
        .map(|rule| {
            let properties = json!({ "startIpAddress": rule.start, "endIpAddress": rule.end });
            resource(fleet, server, Child::FirewallRules, &rule.name, properties)
        })
        .collect()
}

pub(super) fn private_endpoint_connections(fleet: &Fleet, server: &Server) -> Vec<Value> {
    let mut connections = Vec::new();
    for (place, endpoint) in server.endpoints().iter().enumerate() {
        let name = format!("pe-{}-{}", server.name, place + 1);
        let subscription = &fleet.subscription(server).id;
        let code = server.region.code;
        let properties = json!({
            "groupIds": ["mysqlServer"],
            "privateEndpoint": {
                "id": format!(
                    "/subscriptions/{subscription}/resourceGroups/rg-network-{code}/providers/Microsoft.Network/privateEndpoints/{name}"
                ),
            },
            "privateLinkServiceConnectionState": {
                "status": endpoint.as_str(),
                "description": match endpoint.as_str() {
                    "Approved" => "Auto-Approved",
                    "Rejected" => "Rejected by the owner of the server",
                    _ => "Please approve",
                },
                "actionsRequired": "None",
            },
            "provisioningState": "Succeeded",
        });
        let name = format!("{name}.{}", fleet.guid(&name, server));
        connections.push(resource(
            fleet,
            server,
            Child::PrivateEndpointConnections,
            &name,
            properties,
        ));
    }
    connections
}

fn private_link_resources(fleet: &Fleet, server: &Server) -> Vec<Value> {
    let properties = json!({
        "groupId": "mysqlServer",
        "requiredMembers": ["mysqlServer"],
        "requiredZoneNames": ["privatelink.mysql.database.azure.com"],
    });
    vec![resource(
        fleet,
        server,
        Child::PrivateLinkResources,
        "mysqlServer",
        properties,
    )]
}

/// The last maintenance and the one to come; times carry no zone.
fn maintenances(fleet: &Fleet, server: &Server) -> Vec<Value> {
    let days = |count: u32| SignedDuration::from_hours(24 * i64::from(count));
    let past = fleet.options.now - days(20 + server.number % 9);
    let coming = fleet.options.now + days(8 + server.number % 13);
    let hour = SignedDuration::from_hours(1);
    let done = json!({
        "maintenanceType": "RoutineMaintenance",
        "maintenanceState": "Completed",
        "maintenanceStartTime": zoneless(past),
        "maintenanceEndTime": zoneless(past + hour),
        "maintenanceExecutionStartTime": zoneless(past + hour / 20),
        "maintenanceExecutionEndTime": zoneless(past + hour / 3),
        "maintenanceTitle": "Routine Maintenance: Completed",
        "maintenanceDescription": "The server runs on the upgraded version.",
    });
    let planned = json!({
        "maintenanceType": "RoutineMaintenance",
        "maintenanceState": "Scheduled",
        "maintenanceStartTime": zoneless(coming),
        "maintenanceEndTime": zoneless(coming + hour),
        "maintenanceAvailableScheduleMinTime": zoneless(coming - days(7)),
        "maintenanceAvailableScheduleMaxTime": zoneless(coming + days(14)),
        "maintenanceTitle": "Routine Maintenance: Scheduled",
        "maintenanceDescription": "The server may be interrupted for a short time.",
    });
    let name = |salt: &str| {
        let id = fleet.guid(salt, server).to_ascii_uppercase();
        format!("_{}-{}", &id[..4], &id[4..8])
    };
    vec![
        resource(fleet, server, Child::Maintenances, &name("past"), done),
        resource(fleet, server, Child::Maintenances, &name("coming"), planned),
    ]
}
