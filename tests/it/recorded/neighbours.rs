//! What stands around servers, as it was recorded around other resources: a made-up server beside each recording is
//! judged by what stands in the file.

use flexposture::documents::{
    Document, DocumentKind, Method, Outcome, Request, ResourceId, ServerDocuments,
};
use flexposture::posture::{Ruleset, judge};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::oracle::compare::became;
use crate::oracle::network::narrow;
use crate::oracle::planted::{MET, OUT_OF_PLAY, UNMET, holds};
use crate::support::shared;

/// The bodies of the recordings whose file names begin so, in the order of the names; None without the recordings.
fn bodies(begin: &str) -> Option<Vec<Value>> {
    let folder = shared()?.join("data/arm/real_other");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            let name = path.file_name().expect("a name").to_string_lossy();
            name.starts_with(begin)
        })
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no recording {begin}");
    let body = |path| {
        let text = std::fs::read_to_string(path).expect("a file");
        serde_json::from_str::<Value>(&text).expect("JSON")["body"].take()
    };
    Some(paths.iter().map(body).collect())
}

const SUBNET: &str =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/db";

/// What becomes of a condition of a server in this group, with these documents around it.
fn judged(group: &str, around: &[(DocumentKind, &Value)], id: &str) -> String {
    let path = format!("{group}/providers/Microsoft.DBforMySQL/flexibleServers/db");
    let document = |kind, body: &Value| Document {
        kind,
        shared: None,
        request: Request {
            method: Method::Get,
            path: path.clone(),
            api_version: "2024-12-30".to_owned(),
        },
        fetched_at: Timestamp::UNIX_EPOCH,
        duration_ms: 1,
        outcome: Outcome::Read(body.clone()),
    };
    let server = json!({"properties": {
        "state": "Ready", "network": {"delegatedSubnetResourceId": SUBNET}, "databasePort": 3306,
        "dataEncryption": {"type": "AzureKeyVault", "primaryKeyURI": "https://kv.vault.azure.net/keys/mysql"},
    }});
    let documents = around.iter().map(|(kind, body)| document(*kind, body));
    let documents = ServerDocuments::new(
        ResourceId::parse(&path).expect("an id"),
        documents.chain([document(DocumentKind::Server, &server)]),
    );
    let conditions = judge(&documents, &Ruleset::default())
        .into_iter()
        .flat_map(|finding| finding.conditions);
    let found = conditions
        .filter(|condition| condition.id == id)
        .map(|condition| became(&condition.judgement));
    found.last().expect("a condition of this name")
}

const GROUP: &str = "/subscriptions/ea42f556-5106-4743-99b0-c129bfa71a47/resourceGroups/";

#[test]
fn recorded_locks_act_on_what_lies_below_them_and_on_nothing_else() {
    let Some(lists) = bodies("Microsoft.Authorization_locks") else {
        return;
    };
    let mut seen = [0; 2];
    for list in &lists {
        for group in ["TEST_LOCKED", "test_keyvault", "elsewhere"] {
            let below = list["value"]
                .as_array()
                .expect("a list")
                .iter()
                .any(|lock| {
                    let id = lock["id"].as_str().expect("an id").to_lowercase();
                    let scope = id
                        .split("/providers/microsoft.authorization/locks/")
                        .next()
                        .expect("a scope");
                    assert_eq!(lock["properties"]["level"], "CanNotDelete");
                    scope == format!("{GROUP}{group}").to_lowercase()
                });
            seen[usize::from(below)] += 1;
            let found = judged(
                &format!("{GROUP}{group}"),
                &[(DocumentKind::Locks, list)],
                "delete-lock",
            );
            assert_eq!(found, holds(below), "{group}: {list}");
        }
    }
    assert_eq!(seen[1], 1, "one list holds a lock on a group");
}

#[test]
fn recorded_vaults_are_judged_by_their_members_and_by_what_they_lack() {
    let Some(recordings) = bodies("Microsoft.KeyVault_vaults") else {
        return;
    };
    let mut seen = 0;
    for recording in &recordings {
        let vaults = match recording["value"].as_array() {
            Some(list) => list.clone(),
            None => vec![recording.clone()],
        };
        for vault in &vaults {
            seen += 1;
            let properties = &vault["properties"];
            assert!(properties.get("publicNetworkAccess").is_none());
            let denies = properties["networkAcls"]["defaultAction"] == "Deny";
            for (id, expected) in [
                (
                    "vault-purge-protection",
                    holds(properties["enablePurgeProtection"] == true),
                ),
                (
                    "vault-soft-delete",
                    holds(properties["enableSoftDelete"] != false),
                ),
                ("vault-network", holds(denies)),
            ] {
                let found = judged(&format!("{GROUP}g"), &[(DocumentKind::KeyVault, vault)], id);
                assert_eq!(found, expected, "{id}: {vault}");
            }
        }
    }
    assert!(seen > 2, "only {seen} vaults");
}

#[test]
fn the_recorded_plan_for_databases_is_free() {
    let Some(lists) = bodies("Microsoft.Security_pricings") else {
        return;
    };
    for plan in lists[0]["value"].as_array().expect("a list") {
        let found = judged(
            &format!("{GROUP}g"),
            &[(DocumentKind::DefenderPlan, plan)],
            "defender-plan",
        );
        let standard = plan["properties"]["pricingTier"] == "Standard";
        assert_eq!(found, holds(standard), "{plan}");
        assert!(!standard || plan["name"] != "OpenSourceRelationalDatabases");
    }
}

#[test]
fn recorded_settings_of_other_resources_export_no_audit_log() {
    let Some(lists) = bodies("microsoft.insights_diagnosticSettings") else {
        return;
    };
    assert_eq!(lists.len(), 4);
    for list in &lists {
        let text = list.to_string();
        assert!(!text.contains("MySqlAuditLogs") && !text.contains("allLogs"));
        let found = judged(
            &format!("{GROUP}g"),
            &[(DocumentKind::DiagnosticSettings, list)],
            "audit-exported",
        );
        assert_eq!(found, UNMET, "{list}");
    }
}

/// A recorded rule in the words of a manifest.
fn rule(recorded: &Value) -> Value {
    let properties = &recorded["properties"];
    let several = |plural: &str, singular: &str| match properties[plural].as_array() {
        Some(all) if !all.is_empty() => json!(all),
        _ => json!([properties[singular]]),
    };
    json!({
        "direction": properties["direction"], "access": properties["access"],
        "priority": properties["priority"], "protocol": properties["protocol"],
        "sources": several("sourceAddressPrefixes", "sourceAddressPrefix"),
        "destinations": several("destinationAddressPrefixes", "destinationAddressPrefix"),
        "ports": several("destinationPortRanges", "destinationPortRange"),
    })
}

#[test]
fn recorded_network_security_groups_are_judged_by_their_rules() {
    let Some(lists) = bodies("Microsoft.Network_networkSecurityGroups") else {
        return;
    };
    let mut seen = Vec::new();
    for group in lists
        .iter()
        .flat_map(|list| list["value"].as_array().expect("a list"))
    {
        let subnet = json!({"id": SUBNET, "properties": {
            "addressPrefix": "10.1.2.0/24", "networkSecurityGroup": {"id": group["id"]}
        }});
        let rules: Vec<Value> = ["securityRules", "defaultSecurityRules"]
            .into_iter()
            .flat_map(|kind| group["properties"][kind].as_array().expect("a list"))
            .map(rule)
            .collect();
        let expected = narrow(&json!({
            "prefixes": ["10.1.2.0/24"], "networkSecurityGroup": {"rules": rules}
        }));
        let around = [
            (DocumentKind::Subnet, &subnet),
            (DocumentKind::NetworkSecurityGroup, group),
        ];
        let found = judged(&format!("{GROUP}g"), &around, "nsg-broad");
        assert_eq!(found, expected, "{}", group["name"]);
        assert_eq!(judged(&format!("{GROUP}g"), &around, "subnet-nsg"), MET);
        seen.push(expected);
    }
    assert!(seen.len() > 2, "{seen:?}");
    assert!(!seen.contains(&OUT_OF_PLAY));
}
