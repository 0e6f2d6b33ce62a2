//! How a server is written in answers. Shapes follow recorded answers where there are any,
//! else Azure's published examples.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::children::{earliest_restore, private_endpoint_connections};
use super::fleet::Fleet;
use super::server::{MaintenanceWindow, Network, Replication, Server, Spelling};

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
        "id" => spelled(fleet.id(it), it.spelling).into(),
        "name" => json!(it.name),
        "type" => "microsoft.dbformysql/flexibleservers".into(),
        "location" => it.region.name.into(),
        "resourcegroup" => fleet.group(it).name.to_lowercase().into(),
        "subscriptionid" => fleet.subscription(it).id.as_str().into(),
        "tenantid" => fleet.subscription(it).tenant.as_str().into(),
        "sku" => json!({ "name": it.sku, "tier": it.tier.as_str() }),
        "identity" => identity(fleet, it).unwrap_or_default(),
        "tags" if !it.tags.is_empty() => tags(it),
        "properties" => properties(fleet, it, Form::List),
        "systemdata" => json!({ "createdAt": zulu(it.created) }),
        "kind" | "managedby" => "".into(),
        _ => Value::Null,
    }
}

fn spelled(id: String, spelling: Spelling) -> String {
    match spelling {
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
    let replicates = server.replication.is_replica();
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
    if let Some(source) = fleet.source_id(server) {
        let spelling = match server.replication {
            Replication::Replica { source } => fleet.numbered(source).spelling,
            _ => server.spelling,
        };
        properties["sourceServerResourceId"] = spelled(source, spelling).into();
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
            let subnet = fleet.neighbours.networks.of(server).map(|it| it.id(fleet));
            let mut body = json!({ "delegatedSubnetResourceId": subnet });
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
pub(super) fn identity_id(fleet: &Fleet, server: &Server, purpose: &str) -> String {
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
                "tenantId": fleet.subscription(server).tenant,
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
    let (key, geo_key) = fleet.neighbours.vaults.of(server)?;
    let mut body = json!({
        "primaryUserAssignedIdentityId": identity_id(fleet, server, "mysql-key"),
        "primaryKeyURI": key.uri(),
        "type": "AzureKeyVault",
    });
    if let Some(geo_key) = geo_key {
        body["geoBackupUserAssignedIdentityId"] =
            identity_id(fleet, server, "mysql-geo-key").into();
        body["geoBackupKeyURI"] = geo_key.uri().into();
    }
    Some(body)
}

pub(super) fn enabled(on: bool) -> &'static str {
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
pub(super) fn zulu(time: Timestamp) -> String {
    seven_digits(time) + "Z"
}

/// `2025-10-31T10:19:31.6560907+00:00`
pub(super) fn offset(time: Timestamp) -> String {
    seven_digits(time) + "+00:00"
}

/// `2023-12-11T05:00:00`
pub(super) fn zoneless(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
