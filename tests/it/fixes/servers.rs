//! Servers that fail one condition each, and the finding that says so.

use std::sync::Arc;

use flexposture::baseline::FeatureId;
use flexposture::documents::{
    Document, DocumentKind, Method, Outcome, Request, ResourceId, ServerDocuments, Source,
};
use flexposture::posture::{
    Condition, ConditionId, Evidence, Finding, Judgement, Ruleset, Severity, Weight, judge,
};
use serde_json::{Value, json};

pub const SUBSCRIPTION: &str = "11111111-2222-3333-4444-555555555555";
pub const GROUP: &str = "data-rg";
pub const NAME: &str = "orders-db";
pub const SOURCE: &str = "orders-main";

/// The id of a flexible server.
pub fn server_id(group: &str, name: &str) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.DBforMySQL/flexibleServers/{name}"
    )
}

fn identity(name: &str) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourcegroups/{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
    )
}

/// Every condition that a fix answers for.
pub const CONDITIONS: &[ConditionId] = &[
    "private-path",
    "subnet-nsg",
    "nsg-broad",
    "pe-approved",
    "pe-pending",
    "public-disabled",
    "fw-world",
    "fw-wide",
    "fw-azure",
    "entra-admin",
    "entra-only",
    "local-admin",
    "admin-name",
    "lockbox",
    "require-tls",
    "tls-min",
    "cmk",
    "geo-cmk",
    "key-enabled",
    "key-expired",
    "key-expiring",
    "key-rotation",
    "key-unversioned",
    "vault-purge-protection",
    "vault-soft-delete",
    "vault-network",
    "geo-key-enabled",
    "geo-key-expired",
    "geo-key-expiring",
    "geo-key-rotation",
    "geo-key-unversioned",
    "geo-vault-purge-protection",
    "geo-vault-soft-delete",
    "geo-vault-network",
    "policy-reports",
    "defender",
    "defender-plan",
    "audit-on",
    "audit-events",
    "audit-users",
    "audit-exported",
    "slow-exported",
    "retention",
    "geo-backup",
    "backup-recent",
    "supported-version",
    "high-availability",
    "auto-grow",
    "delete-lock",
    "local-infile",
    "maintenance-window",
    "required-tags",
    "replica-parity",
];

/// Conditions that no command can make hold.
pub const WORDS_ONLY: &[ConditionId] = &["admin-name", "replica-parity"];

/// A server and what it is judged by.
#[derive(Clone)]
pub struct Server {
    pub id: String,
    pub ruleset: Ruleset,
    pub body: Value,
    documents: Vec<(DocumentKind, String, Value)>,
    /// The server that it replicates, where the scan holds it.
    pub source: Option<Box<Self>>,
    /// Where the evidence of a condition points, for conditions that are not judged yet.
    evidence: Option<(DocumentKind, String)>,
}

impl Server {
    /// A server in good order.
    pub fn new() -> Self {
        Self::named(GROUP, NAME)
    }

    /// The same under another name.
    pub fn named(group: &str, name: &str) -> Self {
        let id = server_id(group, name);
        let body = json!({
            "id": id, "name": name, "location": "West Europe", "tags": {"env": "prod"},
            "sku": {"name": "Standard_D4ads_v5", "tier": "GeneralPurpose"},
            "systemData": {"createdAt": "2024-01-01T00:00:00Z"},
            "properties": {
                "administratorLogin": "orders_owner", "version": "8.4", "state": "Ready",
                "availabilityZone": "1", "databasePort": 3306,
                "network": {"publicNetworkAccess": "Disabled"},
                "privateEndpointConnections": [connection("pe-1", "Approved")],
                "backup": {"backupRetentionDays": 14, "geoRedundantBackup": "Enabled"},
                "highAvailability": {"mode": "SameZone", "state": "Healthy"},
                "storage": {"autoGrow": "Enabled"},
                "maintenanceWindow": {"customWindow": "Enabled", "dayOfWeek": 0, "startHour": 2, "startMinute": 0},
                "replicationRole": "None",
            },
        });
        let mut server = Self {
            id,
            ruleset: Ruleset::default(),
            body,
            documents: Vec::new(),
            evidence: None,
            source: None,
        };
        server.list(
            DocumentKind::Configurations,
            json!([
                parameter("require_secure_transport", "ON", "True"),
                parameter("tls_version", "TLSv1.2,TLSv1.3", "False"),
                parameter("aad_auth_only", "ON", "True"),
                parameter("audit_log_enabled", "ON", "True"),
                parameter("audit_log_events", "CONNECTION", "True"),
                parameter("audit_log_include_users", "", "True"),
                parameter("slow_query_log", "ON", "True"),
                parameter("local_infile", "OFF", "True"),
            ]),
        );
        server.list(DocumentKind::FirewallRules, json!([]));
        server.list(DocumentKind::Administrators, json!([administrator()]));
        server.list(
            DocumentKind::Backups,
            json!([backup("2026-11-24T02:00:00Z")]),
        );
        server.list(
            DocumentKind::DiagnosticSettings,
            json!([{"name": "all", "properties": {"workspaceId": "w", "logs": [{"categoryGroup": "allLogs", "enabled": true}]}}]),
        );
        let subscription = format!("/subscriptions/{SUBSCRIPTION}");
        for (kind, path, body) in [
            (
                DocumentKind::ThreatProtection,
                format!("{}/advancedThreatProtectionSettings/Default", server.id),
                json!({"properties": {"state": "Enabled"}}),
            ),
            (
                DocumentKind::DefenderPlan,
                format!(
                    "{subscription}/providers/Microsoft.Security/pricings/OpenSourceRelationalDatabases"
                ),
                json!({"properties": {"pricingTier": "Standard"}}),
            ),
            (
                DocumentKind::Locks,
                format!("{subscription}/providers/Microsoft.Authorization/locks"),
                json!({"value": [{
                    "id": format!("{}/providers/Microsoft.Authorization/locks/keep", server.id), "name": "keep",
                    "properties": {"level": "CanNotDelete"},
                }]}),
            ),
            (
                DocumentKind::CustomerLockbox,
                "/providers/Microsoft.CustomerLockbox/tenantOptedIn/t".to_owned(),
                json!({"isOptedIn": true}),
            ),
        ] {
            server.document(kind, path, body);
        }
        server
    }

    /// Replaces a member of the server.
    pub fn set(&mut self, pointer: &str, value: impl Into<Value>) -> &mut Self {
        let (above, name) = pointer.rsplit_once('/').expect("a pointer");
        self.body.pointer_mut(above).expect("the member above")[name] = value.into();
        self
    }

    /// Replaces a list.
    pub fn list(&mut self, kind: DocumentKind, items: Value) -> &mut Self {
        let path = format!(
            "{}{}",
            self.id,
            kind.child_path().expect("read below the server")
        );
        self.document(kind, path, json!({"value": items}))
    }

    /// Replaces a document.
    pub fn document(&mut self, kind: DocumentKind, path: String, body: Value) -> &mut Self {
        self.documents.retain(|(other, ..)| *other != kind);
        self.documents.push((kind, path, body));
        self
    }

    /// Replaces a parameter.
    pub fn parameter(&mut self, parameter: Value) -> &mut Self {
        let list = self
            .documents
            .iter_mut()
            .find(|(kind, ..)| *kind == DocumentKind::Configurations)
            .and_then(|(_, _, body)| body["value"].as_array_mut())
            .expect("the parameters");
        list.retain(|other| other["name"] != parameter["name"]);
        list.push(parameter);
        self
    }

    /// A key of the customer's own, and one for geo-redundant backups, with what follows their names in the URIs.
    pub fn with_keys(&mut self, version: &str) -> &mut Self {
        self.with_keys_at("vault", "vaults", version)
    }

    /// The same in managed HSMs.
    pub fn with_keys_in_hsm(&mut self) -> &mut Self {
        self.with_keys_at("managedhsm", "managedHSMs", "")
    }

    fn with_keys_at(&mut self, host: &str, kind: &str, version: &str) -> &mut Self {
        let key = |vault: &str| format!("https://{vault}.{host}.azure.net/keys/disk-key{version}");
        let encryption = json!({
            "type": "AzureKeyVault",
            "primaryKeyURI": key("orders-kv"), "primaryUserAssignedIdentityId": identity("orders-id"),
            "geoBackupKeyURI": key("orders-geo-kv"), "geoBackupUserAssignedIdentityId": identity("orders-geo-id"),
        });
        self.set("/properties/dataEncryption", encryption);
        for (name, vault, key) in [
            (
                "orders-kv",
                DocumentKind::KeyVault,
                DocumentKind::EncryptionKey,
            ),
            (
                "orders-geo-kv",
                DocumentKind::GeoKeyVault,
                DocumentKind::GeoEncryptionKey,
            ),
        ] {
            let id = format!(
                "/subscriptions/{SUBSCRIPTION}/resourceGroups/keys-rg/providers/Microsoft.KeyVault/{kind}/{name}"
            );
            self.document(
                vault,
                id.clone(),
                json!({"id": id, "name": name, "type": format!("Microsoft.KeyVault/{kind}"), "properties": {
                    "enableSoftDelete": true, "enablePurgeProtection": true, "publicNetworkAccess": "Disabled",
                    "networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices"},
                }}),
            );
            let rotation = json!({"lifetimeActions": [
                {"action": {"type": "Rotate"}, "trigger": {"timeAfterCreate": "P18M"}},
            ]});
            self.document(
                key,
                format!("{id}/keys/disk-key"),
                json!({"properties": {
                    "attributes": {"enabled": true, "exp": 1_900_000_000}, "rotationPolicy": rotation,
                }}),
            );
        }
        self
    }

    /// Changes a member of a document.
    pub fn change(
        &mut self,
        kind: DocumentKind,
        pointer: &str,
        value: impl Into<Value>,
    ) -> &mut Self {
        let (above, name) = pointer.rsplit_once('/').expect("a pointer");
        let (_, _, body) = self
            .documents
            .iter_mut()
            .find(|(it, ..)| *it == kind)
            .expect("the document");
        body.pointer_mut(above).expect("the member above")[name] = value.into();
        self
    }

    /// Makes it a replica of another server in the same group.
    pub fn replica(&mut self) -> &mut Self {
        self.set("/properties/replicationRole", "Replica");
        self.set(
            "/properties/sourceServerResourceId",
            server_id(GROUP, SOURCE),
        )
    }

    /// What was read about it.
    pub fn documents(&self) -> ServerDocuments {
        let server = (DocumentKind::Server, self.id.clone(), self.body.clone());
        let documents = self
            .documents
            .iter()
            .cloned()
            .chain([server])
            .map(|(kind, path, body)| Document {
                kind,
                shared: None,
                request: Request {
                    method: Method::Get,
                    path,
                    api_version: "2024-12-30".to_owned(),
                },
                fetched_at: "2026-11-24T12:00:00Z".parse().expect("a time"),
                duration_ms: 1,
                outcome: Outcome::Read(body),
            });
        let source = self
            .source
            .as_ref()
            .map(|source| Arc::new(source.documents()));
        ServerDocuments::new(ResourceId::parse(&self.id).expect("an id"), documents)
            .with_source(source)
    }

    /// The finding in which a condition is unmet: as it is judged, or made up where it is not judged yet. `None` when the
    /// condition holds, or is out of play, for this server.
    pub fn finding(&self, id: ConditionId) -> Option<Finding> {
        let documents = self.documents();
        let judged = judge(&documents, &self.ruleset);
        let has = |finding: &&Finding| {
            finding
                .conditions
                .iter()
                .any(|condition| condition.id == id)
        };
        match judged.iter().find(has) {
            Some(finding) => finding
                .conditions
                .iter()
                .any(|condition| condition.id == id && condition.is_unmet())
                .then(|| finding.clone()),
            None => Some(Finding::from_conditions(
                FeatureId::ResourceLogs,
                vec![self.made_up(id, &documents)],
            )),
        }
    }

    fn made_up(&self, id: ConditionId, documents: &ServerDocuments) -> Condition {
        let evidence = self.evidence.iter().map(|(kind, pointer)| {
            let source = Source {
                kind: *kind,
                pointer: pointer.clone(),
            };
            Evidence::new(documents, source, "", "")
        });
        Condition {
            id,
            statement: "",
            severity: Severity::Medium,
            weight: Weight::Decides,
            judgement: Judgement::Unmet,
            evidence: evidence.collect(),
            note: None,
            waiver: None,
            shared_fact: None,
        }
    }

    /// Spoils it so that the condition does not hold.
    pub fn fail(&mut self, id: ConditionId) -> &mut Self {
        let (key, vault) = if id.starts_with("geo-") {
            (DocumentKind::GeoEncryptionKey, DocumentKind::GeoKeyVault)
        } else {
            (DocumentKind::EncryptionKey, DocumentKind::KeyVault)
        };
        let public = "/properties/network/publicNetworkAccess";
        match id {
            "private-path" => self
                .set("/properties/privateEndpointConnections", json!([]))
                .set(public, "Enabled"),
            "pe-approved" => self.set("/properties/privateEndpointConnections", json!([])),
            "pe-pending" => self.set(
                "/properties/privateEndpointConnections",
                json!([
                    connection("pe-1", "Approved"),
                    connection("pe-2.7f", "Pending")
                ]),
            ),
            "public-disabled" => self.set(public, "Enabled"),
            "fw-world" | "fw-wide" | "fw-azure" => {
                self.set(public, "Enabled");
                self.list(
                    DocumentKind::FirewallRules,
                    json!([
                        rule("office", "198.51.100.1", "198.51.100.9"),
                        rule(
                            "AllowAllAzureServicesAndResourcesWithinAzureIps_2024-1-1_0-0-0",
                            "0.0.0.0",
                            "0.0.0.0"
                        ),
                        rule("AllowAll_2024-1-1_0-0-0", "0.0.0.0", "255.255.255.255"),
                        rule("half.open", "1.0.0.0", "100.0.0.0"),
                    ]),
                )
            }
            "subnet-nsg" | "nsg-broad" => self.integrate(id),
            "entra-admin" => self.list(DocumentKind::Administrators, json!([])),
            "entra-only" | "local-admin" => {
                self.parameter(parameter("aad_auth_only", "OFF", "True"))
            }
            "admin-name" => self
                .parameter(parameter("aad_auth_only", "OFF", "True"))
                .set("/properties/administratorLogin", "azureuser"),
            "require-tls" => self.parameter(parameter("require_secure_transport", "OFF", "True")),
            "tls-min" => self.parameter(parameter("tls_version", "TLSv1,TLSv1.2", "False")),
            "audit-on" => self.parameter(parameter("audit_log_enabled", "OFF", "True")),
            "audit-events" => self.parameter(parameter("audit_log_events", "DDL,DCL", "True")),
            "audit-users" => {
                self.parameter(parameter("audit_log_include_users", "app,report", "True"))
            }
            "local-infile" => self.parameter(parameter("local_infile", "ON", "True")),
            "cmk" => {
                self.ruleset.thresholds.require_cmk = true;
                self
            }
            "geo-cmk" => {
                self.with_keys("");
                self.set("/properties/dataEncryption/geoBackupKeyURI", Value::Null)
            }
            "key-unversioned" | "geo-key-unversioned" => self.with_keys("/0123456789abcdef"),
            "retention" => self.set("/properties/backup/backupRetentionDays", 1),
            "geo-backup" => self.set("/properties/backup/geoRedundantBackup", "Disabled"),
            "backup-recent" => self.list(
                DocumentKind::Backups,
                json!([backup("2026-11-01T02:00:00Z")]),
            ),
            "supported-version" => self.set("/properties/version", "5.7"),
            "high-availability" => self
                .set(
                    "/properties/highAvailability",
                    json!({"mode": "Disabled", "state": "NotEnabled"}),
                )
                .set("/properties/storage/autoGrow", "Disabled"),
            "auto-grow" => self.set("/properties/storage/autoGrow", "Disabled"),
            "defender" => self.change(
                DocumentKind::ThreatProtection,
                "/properties/state",
                "Disabled",
            ),
            "defender-plan" => self.change(
                DocumentKind::DefenderPlan,
                "/properties/pricingTier",
                "Free",
            ),
            "policy-reports" => {
                let graph = "/providers/Microsoft.ResourceGraph/resources";
                let (states, visible) = (json!({"value": []}), json!({"states": 4}));
                self.document(DocumentKind::PolicyStates, graph.to_owned(), states)
                    .document(DocumentKind::PolicyVisibility, graph.to_owned(), visible)
            }
            "lockbox" => self.change(DocumentKind::CustomerLockbox, "/isOptedIn", false),
            "delete-lock" => self.change(DocumentKind::Locks, "/value", json!([])),
            "audit-exported" | "slow-exported" => self.list(
                DocumentKind::DiagnosticSettings,
                json!([{"name": "MySQL-Logs", "properties": {"workspaceId": "w", "logs": []}}]),
            ),
            "replica-parity" => {
                self.source = Some(Box::new(Self::named(GROUP, SOURCE)));
                self.replica()
                    .parameter(parameter("require_secure_transport", "OFF", "True"))
            }
            "required-tags" => {
                self.ruleset.thresholds.required_tags =
                    vec!["owner".to_owned(), "cost centre".to_owned()];
                self
            }
            "maintenance-window" => {
                self.set("/properties/maintenanceWindow/customWindow", "Disabled")
            }
            _ => {
                let about_keys = id.contains("key-") || id.contains("vault-");
                if about_keys && self.body.pointer("/properties/dataEncryption").is_none() {
                    self.with_keys("");
                }
                match id.strip_prefix("geo-").unwrap_or(id) {
                    "key-enabled" => self.change(key, "/properties/attributes/enabled", false),
                    "key-expired" => self.change(key, "/properties/attributes/exp", 1_700_000_000),
                    "key-expiring" => self.change(key, "/properties/attributes/exp", 1_795_500_000),
                    "key-rotation" => self.change(key, "/properties/rotationPolicy", Value::Null),
                    "vault-purge-protection" => {
                        self.change(vault, "/properties/enablePurgeProtection", false)
                    }
                    "vault-soft-delete" => {
                        self.change(vault, "/properties/enableSoftDelete", false)
                    }
                    "vault-network" => self
                        .change(vault, "/properties/publicNetworkAccess", "Enabled")
                        .change(vault, "/properties/networkAcls/defaultAction", "Allow"),
                    _ => self,
                }
            }
        }
    }

    fn integrate(&mut self, id: ConditionId) -> &mut Self {
        let network = format!(
            "/subscriptions/{SUBSCRIPTION}/resourceGroups/net-rg/providers/Microsoft.Network"
        );
        let subnet = format!("{network}/virtualNetworks/hub/subnets/mysql");
        let group = format!("{network}/networkSecurityGroups/mysql-nsg");
        self.set(
            "/properties/network",
            json!({"delegatedSubnetResourceId": subnet, "publicNetworkAccess": "Disabled"}),
        );
        let attached = if id == "nsg-broad" {
            json!({"id": group})
        } else {
            Value::Null
        };
        let body = json!({"id": subnet, "properties": {
            "addressPrefix": "10.0.0.0/24", "networkSecurityGroup": attached,
        }});
        self.document(DocumentKind::Subnet, subnet, body);
        let rule = json!({"name": "allow any", "properties": {
            "access": "Allow", "direction": "Inbound", "priority": 100, "protocol": "Tcp",
            "sourceAddressPrefix": "*", "sourcePortRange": "*",
            "destinationAddressPrefix": "*", "destinationPortRange": "3306",
        }});
        let body = json!({"id": group, "properties": {"securityRules": [rule], "defaultSecurityRules": []}});
        self.document(DocumentKind::NetworkSecurityGroup, group, body);
        self.evidence = Some((
            DocumentKind::NetworkSecurityGroup,
            "/properties/securityRules/0".to_owned(),
        ));
        self
    }
}

/// A parameter that somebody chose.
pub fn parameter(name: &str, value: &str, dynamic: &str) -> Value {
    json!({"name": name, "properties": {
        "value": value, "currentValue": value, "defaultValue": "", "source": "user-override",
        "isReadOnly": "False", "isDynamicConfig": dynamic, "isConfigPendingRestart": "False",
    }})
}

fn connection(name: &str, status: &str) -> Value {
    json!({"name": name, "properties": {
        "privateEndpoint": {"id": format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/net-rg/providers/Microsoft.Network/privateEndpoints/{name}")},
        "privateLinkServiceConnectionState": {"status": status},
    }})
}

/// A firewall rule.
pub fn rule(name: &str, start: &str, end: &str) -> Value {
    json!({"name": name, "properties": {"startIpAddress": start, "endIpAddress": end}})
}

fn administrator() -> Value {
    json!({"name": "ActiveDirectory", "properties": {"administratorType": "ActiveDirectory", "login": "dba"}})
}

fn backup(completed: &str) -> Value {
    json!({"name": "daily", "properties": {"backupType": "FULL", "completedTime": completed, "source": "Automatic"}})
}
