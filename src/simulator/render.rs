//! How a server and its children are written in answers. Shapes follow recorded answers where there are any,
//! else Azure's published examples.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::fleet::Fleet;
use super::server::{Child, MaintenanceWindow, Network, Replication, Server, Spelling};

/// The member set of an answer about a server: a list says less than a GET of the one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// GET of one server.
    Full,
    /// The list of a resource group, which alone among the lists carries the maintenance window.
    GroupList,
    /// The list of a subscription and the list of replicas.
    List,
}

/// A server as an ARM resource.
pub(super) fn server(fleet: &Fleet, server: &Server, form: Form) -> Value {
    let mut body = json!({
        "sku": { "name": server.sku, "tier": server.tier.as_str() },
        "systemData": { "createdAt": zulu(server.created) },
        "properties": properties(fleet, server, form),
        "location": server.region.display,
        "id": fleet.id(server),
        "name": server.name,
        "type": "Microsoft.DBforMySQL/flexibleServers",
    });
    if let Some(identity) = identity(fleet, server) {
        body["identity"] = identity;
    }
    if !server.tags.is_empty() {
        body["tags"] = tags(server);
    }
    body
}

/// One column of a Resource Graph row. Types and locations are in lower case there, and ids are spelled as
/// whoever wrote them first happened to.
pub(super) fn column(fleet: &Fleet, it: &Server, name: &str) -> Value {
    match name.to_ascii_lowercase().as_str() {
        "id" => spelled(fleet, it).into(),
        "name" => json!(it.name),
        "type" => "microsoft.dbformysql/flexibleservers".into(),
        "location" => it.region.name.into(),
        "resourcegroup" => fleet.group(it).name.to_lowercase().into(),
        "subscriptionid" => fleet.subscription(it).id.as_str().into(),
        "tenantid" => fleet.tenant.as_str().into(),
        "sku" => json!({ "name": it.sku, "tier": it.tier.as_str() }),
        "identity" => identity(fleet, it).unwrap_or_default(),
        "tags" if !it.tags.is_empty() => tags(it),
        "properties" => properties(fleet, it, Form::List),
        "systemdata" => json!({ "createdAt": zulu(it.created) }),
        "kind" | "managedby" => "".into(),
        _ => Value::Null,
    }
}

fn spelled(fleet: &Fleet, server: &Server) -> String {
    let id = fleet.id(server);
    match server.spelling {
        Spelling::Canonical => id,
        Spelling::LowerGroups => id.replace("/resourceGroups/", "/resourcegroups/"),
        Spelling::OldProvider => id.replace("/Microsoft.DBforMySQL/", "/Microsoft.DBForMySql/"),
    }
}

fn tags(server: &Server) -> Value {
    server
        .tags
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect::<Map<_, _>>()
        .into()
}

fn properties(fleet: &Fleet, server: &Server, form: Form) -> Value {
    let full = form == Form::Full;
    let mut storage = json!({
        "storageSizeGB": server.storage.size_gb,
        "iops": 300 + server.storage.size_gb * 3,
        "autoGrow": enabled(server.storage.auto_grow),
        "storageSku": "Premium_LRS",
    });
    let mut backup = json!({
        "backupRetentionDays": server.backup.retention_days,
        "geoRedundantBackup": enabled(server.backup.geo_redundant),
        "earliestRestoreDate": offset(earliest_restore(fleet, server)),
    });
    let availability = server.high_availability;
    let replicates = matches!(server.replication, Replication::Replica { .. });
    let mut properties = json!({
        "administratorLogin": server.administrator_login,
        "version": server.version.as_str(),
        "state": server.state.as_str(),
        "fullyQualifiedDomainName": format!("{}.mysql.database.azure.com", server.name),
        "availabilityZone": zone(server.availability_zone),
        "replicationRole": server.replication.role(),
        "replicaCapacity": if replicates { 0 } else { 10 },
        "network": network(fleet, server),
        "highAvailability": {
            "mode": availability.mode,
            "state": availability.state,
            "standbyAvailabilityZone": zone(availability.standby_zone),
        },
    });
    if let Replication::Replica { source } = server.replication {
        properties["sourceServerResourceId"] = spelled(fleet, fleet.numbered(source)).into();
    }
    if let Some(encryption) = data_encryption(fleet, server) {
        properties["dataEncryption"] = encryption;
    }
    if form != Form::List {
        properties["maintenanceWindow"] = maintenance_window(server, full);
    }
    if full {
        storage["autoIoScaling"] = enabled(server.storage.auto_io_scaling).into();
        storage["logOnDisk"] = enabled(server.storage.log_on_disk).into();
        storage["storageRedundancy"] = if server.high_availability.mode == "ZoneRedundant" {
            "ZoneRedundancy".into()
        } else {
            "LocalRedundancy".into()
        };
        backup["backupIntervalHours"] = 24.into();
        properties["fullVersion"] = server.version.full().into();
        properties["privateEndpointConnections"] =
            private_endpoint_connections(fleet, server).into();
        properties["maintenancePolicy"] = json!({ "patchStrategy": server.patch_strategy });
        properties["databasePort"] = 3306.into();
    }
    properties["storage"] = storage;
    properties["backup"] = backup;
    properties
}

fn maintenance_window(server: &Server, full: bool) -> Value {
    let (custom, window) = match server.maintenance_window {
        Some(window) => ("Enabled", window),
        None => (
            "Disabled",
            MaintenanceWindow {
                day_of_week: 0,
                start_hour: 0,
                start_minute: 0,
            },
        ),
    };
    let mut body = json!({
        "customWindow": custom,
        "dayOfWeek": window.day_of_week,
        "startHour": window.start_hour,
        "startMinute": window.start_minute,
    });
    if full {
        body["batchOfMaintenance"] = server.maintenance_batch.into();
    }
    body
}

fn network(fleet: &Fleet, server: &Server) -> Value {
    match &server.network {
        Network::Public { public_access, .. } => {
            json!({ "publicNetworkAccess": enabled(*public_access) })
        }
        Network::Integrated {
            says_public_access,
            dns_zone,
        } => {
            let subscription = &fleet.subscription(server).id;
            let code = server.region.code;
            let network = format!(
                "/subscriptions/{subscription}/resourceGroups/rg-network-{code}/providers/Microsoft.Network"
            );
            let mut body = json!({
                "delegatedSubnetResourceId":
                    format!("{network}/virtualNetworks/vnet-data-{code}/subnets/snet-mysql"),
            });
            if *says_public_access {
                body["publicNetworkAccess"] = "Disabled".into();
            }
            if *dns_zone {
                body["privateDnsZoneResourceId"] = format!(
                    "{network}/privateDnsZones/{}.private.mysql.database.azure.com",
                    server.name
                )
                .into();
            }
            body
        }
    }
}

/// Where the group and the identity of customer-managed keys and of Entra administrators live.
fn identity_id(fleet: &Fleet, server: &Server, purpose: &str) -> String {
    format!(
        "/subscriptions/{}/resourcegroups/{}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-{purpose}-{}",
        fleet.subscription(server).id,
        fleet.group(server).name,
        server.region.code
    )
}

/// The identities that the server needs, with the inner `tenantId` that Azure sends and its own description
/// of the service does not have. Keys spell `resourcegroups` in lower case.
fn identity(fleet: &Fleet, server: &Server) -> Option<Value> {
    let mut purposes = Vec::new();
    if let Some(key) = server.customer_key {
        purposes.push("mysql-key");
        if key.geo_key {
            purposes.push("mysql-geo-key");
        }
    }
    if server.entra_administrator.is_some() {
        purposes.push("mysql-directory");
    }
    if purposes.is_empty() {
        return None;
    }
    let attached: Map<_, _> = purposes
        .into_iter()
        .map(|purpose| {
            let principal = json!({
                "principalId": fleet.guid(purpose, server),
                "tenantId": fleet.tenant,
            });
            (identity_id(fleet, server, purpose), principal)
        })
        .collect();
    const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
    Some(json!({
        "userAssignedIdentities": attached,
        "principalId": NOBODY,
        "type": "UserAssigned",
        "tenantId": NOBODY,
    }))
}

fn data_encryption(fleet: &Fleet, server: &Server) -> Option<Value> {
    let key = server.customer_key?;
    let uri = |vault: &str, name: &str| {
        let mut uri = format!("https://{vault}.vault.azure.net/keys/{name}");
        if key.versioned {
            uri = format!("{uri}/{}", fleet.guid(name, server).replace('-', ""));
        }
        uri
    };
    let code = server.region.code;
    let mut body = json!({
        "primaryUserAssignedIdentityId": identity_id(fleet, server, "mysql-key"),
        "primaryKeyURI": uri(&format!("kv-data-{code}"), "mysql"),
        "type": "AzureKeyVault",
    });
    if key.geo_key {
        body["geoBackupUserAssignedIdentityId"] =
            identity_id(fleet, server, "mysql-geo-key").into();
        body["geoBackupKeyURI"] = uri(&format!("kv-data-{code}-geo"), "mysql-geo").into();
    }
    Some(body)
}

/// The resources of one kind under a server. Configurations have their own writer: see `parameters`.
pub(super) fn children(fleet: &Fleet, server: &Server, child: Child) -> Vec<Value> {
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
            .map(|it| self::server(fleet, it, Form::List))
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
        "tenantId": fleet.tenant,
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

fn earliest_restore(fleet: &Fleet, server: &Server) -> Timestamp {
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

fn private_endpoint_connections(fleet: &Fleet, server: &Server) -> Vec<Value> {
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

fn enabled(on: bool) -> &'static str {
    if on { "Enabled" } else { "Disabled" }
}

/// A server without a zone has an empty string, not a missing member.
fn zone(zone: Option<u8>) -> String {
    zone.map(|it| it.to_string()).unwrap_or_default()
}

fn seven_digits(time: Timestamp) -> String {
    format!("{}.{:07}", zoneless(time), time.subsec_nanosecond() / 100)
}

/// `2025-10-31T10:09:31.6560907Z`
fn zulu(time: Timestamp) -> String {
    seven_digits(time) + "Z"
}

/// `2025-10-31T10:19:31.6560907+00:00`
fn offset(time: Timestamp) -> String {
    seven_digits(time) + "+00:00"
}

/// `2023-12-11T05:00:00`
fn zoneless(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
