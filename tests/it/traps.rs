//! The traps that tools of this kind are known to fall into, each from an answer over HTTP through a scan and its file
//! to the verdict.

use flexposture::baseline::FeatureId;
use flexposture::documents::{Cause, DocumentKind, ServerDocuments};
use flexposture::posture::policy::{Agreement, Reading, policies};
use flexposture::posture::{Judgement, Ruleset, Severity, Verdict, judge};
use flexposture::simulator::{Fault, Faults, Fleet, FleetOptions, Lockbox, Mishap};
use flexposture::store::Completeness;
use serde_json::{Value, json};

use crate::support::{Scanned, findings, fleet, judgement, scan_all, unlimited, verdict};

fn answer(status: u16, body: &Value) -> Mishap {
    Mishap::Answer {
        status,
        headers: Vec::new(),
        body: body.to_string(),
    }
}

fn read(body: &Value) -> Mishap {
    answer(200, body)
}

/// What is answered about one server in place of what the simulator would say: what follows its id in the path, and
/// the answer.
type Answers = Vec<(&'static str, Mishap)>;

/// Servers about which these answers come, scanned.
async fn scanned(each: Vec<Answers>, common: Faults) -> (Scanned, Vec<ServerDocuments>) {
    let fleet = fleet(each.len());
    let names: Vec<String> = fleet.manifest()["servers"]
        .as_array()
        .expect("servers")
        .iter()
        .map(|server| server["name"].as_str().expect("a name").to_owned())
        .collect();
    let mut faults = common;
    for (name, answers) in names.iter().zip(each) {
        for (below, mishap) in answers {
            let path = format!("*/flexibleServers/{name}{below}");
            faults = faults.and(Fault::always(path, mishap));
        }
    }
    let mut scanned = scan_all(fleet, unlimited(faults)).await;
    assert_eq!(scanned.done.completeness, Completeness::Complete);
    let mut servers = scanned.servers();
    let ordered = names
        .iter()
        .map(|name| servers.remove(name).expect("every server is scanned"))
        .collect();
    (scanned, ordered)
}

async fn servers(each: Vec<Answers>) -> Vec<ServerDocuments> {
    scanned(each, Faults::none()).await.1
}

/// The full form of an ordinary server, with some of its properties otherwise.
fn server(otherwise: &Value) -> (&'static str, Mishap) {
    let mut properties = json!({
        "administratorLogin": "flexowner", "version": "8.4", "state": "Ready", "replicationRole": "None",
        "network": {"publicNetworkAccess": "Enabled"}, "privateEndpointConnections": [],
        "backup": {"backupRetentionDays": 7, "geoRedundantBackup": "Enabled"},
        "highAvailability": {"mode": "Disabled", "state": "NotEnabled"},
        "storage": {"autoGrow": "Enabled"}, "maintenanceWindow": {"customWindow": "Disabled"}, "databasePort": 3306,
    });
    for (name, value) in otherwise.as_object().expect("properties") {
        properties[name] = value.clone();
    }
    let body = json!({
        "name": "db", "location": "West Europe", "properties": properties,
        "sku": {"name": "Standard_D2ds_v4", "tier": "GeneralPurpose"},
    });
    ("", read(&body))
}

/// A list of parameters, as names and values.
fn parameters(values: &[(&str, &str)]) -> (&'static str, Mishap) {
    let items: Vec<Value> = values
        .iter()
        .map(|(name, value)| {
            json!({"name": name, "properties": {"value": value, "isConfigPendingRestart": "False"}})
        })
        .collect();
    ("/configurations", read(&json!({ "value": items })))
}

fn is_out_of_play(judgement: &Judgement) -> bool {
    matches!(judgement, Judgement::NotApplicable(_))
}

#[tokio::test]
async fn trap_1_an_old_tls_version_beside_a_new_one_fails() {
    let offered = [
        "TLSv1,TLSv1.2",
        "TLSv1.2,TLSv1.1",
        "TLSV1.1",
        "TLSv1.3, TLSv1",
    ];
    let each = offered.map(|value| {
        vec![parameters(&[
            ("require_secure_transport", "ON"),
            ("tls_version", value),
        ])]
    });
    for (value, server) in offered.iter().zip(servers(each.into()).await) {
        assert_eq!(judgement(&server, "require-tls"), Judgement::Met, "{value}");
        assert_eq!(judgement(&server, "tls-min"), Judgement::Unmet, "{value}");
        let verdict = verdict(&server, FeatureId::TransitEncryption);
        assert_eq!(verdict, Verdict::Fail, "{value}");
    }
}

#[tokio::test]
async fn trap_2_new_tls_versions_pass_in_any_number_order_and_case() {
    let offered = ["TLSv1.3", "TLSv1.3,TLSv1.2", "tlsv1.2, TLSV1.3", "TLSv1.2"];
    let each = offered.map(|value| {
        vec![parameters(&[
            ("require_secure_transport", "ON"),
            ("tls_version", value),
        ])]
    });
    for (value, server) in offered.iter().zip(servers(each.into()).await) {
        let verdict = verdict(&server, FeatureId::TransitEncryption);
        assert_eq!(verdict, Verdict::Pass, "{value}");
    }
}

#[tokio::test]
async fn trap_3_an_event_behind_a_space_is_an_event() {
    let recorded = ["DDL, CONNECTION", "CONNECTION", "ddl ,connection_v2", "DDL"];
    let each = recorded.map(|events| {
        vec![parameters(&[
            ("audit_log_enabled", "ON"),
            ("audit_log_events", events),
            ("audit_log_include_users", ""),
        ])]
    });
    let judged: Vec<Judgement> = servers(each.into())
        .await
        .iter()
        .map(|server| judgement(server, "audit-events"))
        .collect();
    let met = Judgement::Met;
    assert_eq!(judged, [met.clone(), met.clone(), met, Judgement::Unmet]);
}

#[tokio::test]
async fn trap_4_events_and_users_are_not_judged_while_the_audit_log_is_off() {
    let each = vec![vec![parameters(&[
        ("audit_log_enabled", "OFF"),
        ("audit_log_events", "DDL"),
        ("audit_log_include_users", "orders_app"),
    ])]];
    let server = &servers(each).await[0];
    assert_eq!(judgement(server, "audit-on"), Judgement::Unmet);
    assert!(is_out_of_play(&judgement(server, "audit-events")));
    assert!(is_out_of_play(&judgement(server, "audit-users")));
    assert_eq!(verdict(server, FeatureId::ResourceLogs), Verdict::Fail);
}

#[tokio::test]
async fn trap_5_an_integrated_server_without_the_member_is_closed() {
    let subnet =
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s";
    let each = vec![
        vec![server(
            &json!({"network": {"delegatedSubnetResourceId": subnet}}),
        )],
        // Without a subnet the same says nothing.
        vec![server(&json!({"network": {}}))],
    ];
    let [integrated, silent] = &servers(each).await[..] else {
        panic!("two servers")
    };
    let public = FeatureId::PublicNetworkAccess;
    assert_eq!(verdict(integrated, public), Verdict::Pass);
    assert_eq!(judgement(integrated, "private-path"), Judgement::Met);
    assert!(is_out_of_play(&judgement(integrated, "fw-world")));
    assert!(is_out_of_play(&judgement(integrated, "pe-approved")));
    assert_eq!(verdict(silent, public), Verdict::Unknown(Cause::Absent));
}

#[tokio::test]
async fn trap_6_a_stopped_server_is_no_failure_of_what_it_could_not_tell() {
    let conflict = answer(
        409,
        &json!({"error": {"code": "ServerIsStopped", "message": "not while it is stopped"}}),
    );
    let each = vec![vec![
        server(&json!({"state": "Stopped"})),
        ("/configurations", conflict),
    ]];
    let server = &servers(each).await[0];
    let mut told = 0;
    for finding in findings(server).values() {
        for condition in &finding.conditions {
            let from_parameters = condition
                .evidence
                .iter()
                .all(|it| it.document == DocumentKind::Configurations);
            if from_parameters {
                told += 1;
                let stopped = Judgement::Unread(Cause::ServerStopped);
                assert_eq!(condition.judgement, stopped, "{}", condition.id);
            }
        }
    }
    assert!(told >= 8, "only {told}");
    for feature in [FeatureId::LocalAuthentication, FeatureId::TransitEncryption] {
        assert_eq!(
            verdict(server, feature),
            Verdict::Unknown(Cause::ServerStopped)
        );
    }
    // The rest was read all the same.
    assert_eq!(judgement(server, "public-disabled"), Judgement::Unmet);
    assert_eq!(judgement(server, "retention"), Judgement::Met);
}

#[tokio::test]
async fn trap_7_a_refused_child_costs_its_own_facts_and_names_the_action() {
    let action = "Microsoft.DBforMySQL/flexibleServers/administrators/read";
    let message = format!(
        "The client 'x' with object id 'y' does not have authorization to perform action '{action}' over scope \
         '/subscriptions/s' or the scope is invalid."
    );
    let refused = answer(
        403,
        &json!({"error": {"code": "AuthorizationFailed", "message": message}}),
    );
    let ordinary = || {
        vec![
            server(&json!({})),
            parameters(&[
                ("require_secure_transport", "ON"),
                ("tls_version", "TLSv1.3"),
            ]),
        ]
    };
    let mut first = ordinary();
    first.push(("/administrators", refused));
    let [refused, other] = &servers(vec![first, ordinary()]).await[..] else {
        panic!("two servers")
    };
    let denied = Cause::Denied {
        action: action.to_owned(),
        scope: "/subscriptions/s".to_owned(),
    };
    for feature in [FeatureId::EntraAuthentication, FeatureId::ConditionalAccess] {
        assert_eq!(verdict(refused, feature), Verdict::Unknown(denied.clone()));
        assert!(!matches!(verdict(other, feature), Verdict::Unknown(_)));
    }
    for server in [refused, other] {
        let tls = verdict(server, FeatureId::TransitEncryption);
        assert_eq!(tls, Verdict::Pass);
        let public = verdict(server, FeatureId::PublicNetworkAccess);
        assert_eq!(public, Verdict::Fail);
    }
}

#[tokio::test]
async fn trap_8_a_standby_is_healthy_and_not_enabled() {
    let states = [
        ("ZoneRedundant", "Healthy"),
        ("SameZone", "healthy"),
        ("Disabled", "NotEnabled"),
        ("ZoneRedundant", "Enabled"),
    ];
    let each = states.map(|(mode, state)| {
        vec![server(
            &json!({"highAvailability": {"mode": mode, "state": state}}),
        )]
    });
    let judged: Vec<Judgement> = servers(each.into())
        .await
        .iter()
        .map(|server| judgement(server, "high-availability"))
        .collect();
    let met = Judgement::Met;
    assert_eq!(judged[..3], [met.clone(), met, Judgement::Unmet]);
    // A state that no document of Azure knows is not taken for either.
    assert!(matches!(judged[3], Judgement::Unread(_)), "{:?}", judged[3]);
}

#[tokio::test]
async fn trap_9_a_private_endpoint_that_waits_for_approval_does_not_count() {
    let connection = |status: &str| {
        json!([{"name": "pe", "properties": {
            "privateLinkServiceConnectionState": {"status": status}, "provisioningState": "Succeeded"
        }}])
    };
    let closed = |status: &str| {
        vec![server(&json!({
            "network": {"publicNetworkAccess": "Disabled"}, "privateEndpointConnections": connection(status)
        }))]
    };
    let [pending, approved] = &servers(vec![closed("Pending"), closed("Approved")]).await[..]
    else {
        panic!("two servers")
    };
    for id in ["pe-approved", "pe-pending", "private-path"] {
        assert_eq!(judgement(pending, id), Judgement::Unmet, "{id}");
        assert_eq!(judgement(approved, id), Judgement::Met, "{id}");
    }
    assert_eq!(verdict(pending, FeatureId::PrivateLink), Verdict::Fail);
    assert_eq!(verdict(approved, FeatureId::PrivateLink), Verdict::Pass);
}

#[tokio::test]
async fn trap_10_a_rule_for_nearly_the_whole_internet_is_seen_whatever_its_name() {
    let rule = |start: &str, end: &str| {
        let properties = json!({"startIpAddress": start, "endIpAddress": end});
        let rules = json!({"value": [{"name": "vpn-only", "properties": properties}]});
        vec![server(&json!({})), ("/firewallRules", read(&rules))]
    };
    let each = vec![
        rule("1.0.0.0", "255.255.255.255"),
        rule("203.0.113.7", "203.0.113.7"),
    ];
    let [open, narrow] = &servers(each).await[..] else {
        panic!("two servers")
    };
    let public = FeatureId::PublicNetworkAccess;
    assert_eq!(judgement(open, "fw-world"), Judgement::Unmet);
    assert_eq!(judgement(open, "fw-wide"), Judgement::Unmet);
    assert_eq!(judgement(open, "fw-azure"), Judgement::Met);
    assert_eq!(findings(open)[&public].severity(), Some(Severity::Critical));
    assert_eq!(judgement(narrow, "fw-world"), Judgement::Met);
    assert_eq!(findings(narrow)[&public].severity(), Some(Severity::High));
    // The page alone accepts a filter, and this is none.
    let strict = Ruleset {
        strict_baseline: true,
        ..Ruleset::default()
    };
    let by_the_page = |server: &ServerDocuments| {
        judge(server, &strict)
            .into_iter()
            .find(|finding| finding.feature == public)
            .expect("every feature has a finding")
            .verdict
    };
    assert_eq!(by_the_page(open), Verdict::Fail);
    assert_eq!(by_the_page(narrow), Verdict::Pass);
}

#[tokio::test]
async fn trap_11_a_key_for_geo_backups_is_asked_for_only_where_there_are_such() {
    let encrypted = |geo: &str| {
        vec![server(&json!({
            "backup": {"backupRetentionDays": 7, "geoRedundantBackup": geo},
            "dataEncryption": {
                "type": "AzureKeyVault", "primaryKeyURI": "https://kv-nowhere.vault.azure.net/keys/mysql"
            },
        }))]
    };
    let [local, geo] = &servers(vec![encrypted("Disabled"), encrypted("Enabled")]).await[..] else {
        panic!("two servers")
    };
    let feature = FeatureId::CustomerKeyEncryption;
    assert!(is_out_of_play(&judgement(local, "geo-cmk")));
    assert_eq!(verdict(local, feature), Verdict::Pass);
    assert_eq!(judgement(geo, "geo-cmk"), Judgement::Unmet);
    assert_eq!(verdict(geo, feature), Verdict::Fail);
    // Nor is a key that is not there judged.
    for condition in &findings(local)[&FeatureId::KeyManagement].conditions {
        let of_geo = condition.id.starts_with("geo-");
        assert_eq!(
            is_out_of_play(&condition.judgement),
            of_geo,
            "{}",
            condition.id
        );
    }
}

/// The policy of the retired single server about encrypted connections.
const OF_THE_SINGLE_SERVER: &str = "e802a67a-daf5-4436-9ea6-f6d821dd0c5d";

#[tokio::test]
async fn trap_12_a_policy_of_the_single_server_is_not_shown_as_if_it_applied() {
    // Every state that Azure tells of a flexible server says to be of that policy.
    let definition =
        format!("/providers/Microsoft.Authorization/policyDefinitions/{OF_THE_SINGLE_SERVER}");
    let forged = Mishap::Replace {
        pointer: "/data/0/properties/policyDefinitionId".into(),
        value: json!(definition),
    };
    let resource_graph = "/providers/Microsoft.ResourceGraph/resources";
    let faults = Faults::none().and(Fault::always(resource_graph, forged));
    let mut options = unlimited(faults);
    options.page_size = 1;
    let fleet = fleet(12);
    let manifest = fleet.manifest();
    let with_states = manifest["servers"]
        .as_array()
        .expect("servers")
        .iter()
        .filter(|server| server["policyStates"] != json!([]));
    let names: Vec<&str> = with_states
        .map(|server| server["name"].as_str().expect("a name"))
        .collect();
    assert!(names.len() > 3, "{names:?}");
    let mut scanned = scan_all(fleet, options).await;
    let servers = scanned.servers();
    for name in names {
        let server = &servers[name];
        let rows = server.body(DocumentKind::PolicyStates).expect("read");
        let rows = rows["value"].as_array().expect("a list");
        assert!(!rows.is_empty());
        for row in rows {
            assert_eq!(row["properties"]["policyDefinitionId"], definition.as_str());
        }
        assert_eq!(
            judgement(server, "policy-reports"),
            Judgement::Unmet,
            "{name}"
        );
        let standings = policies(server, FeatureId::TransitEncryption);
        let standing = standings
            .iter()
            .find(|it| it.policy.guid == OF_THE_SINGLE_SERVER)
            .expect("the page maps it");
        assert!(matches!(standing.ours, Reading::DoesNotApply(_)), "{name}");
        assert!(
            !matches!(standing.agreement, Agreement::Agree | Agreement::Differ),
            "{name}"
        );
    }
}

#[tokio::test]
async fn trap_13_an_empty_page_with_a_next_link_is_not_the_end() {
    let fleet = fleet(30);
    let manifest = fleet.manifest();
    let behind: Vec<&str> = manifest["servers"]
        .as_array()
        .expect("servers")
        .iter()
        .filter(|it| it["emptyFirstPage"] == true && it["entraAdministrator"].is_string())
        .map(|it| it["name"].as_str().expect("a name"))
        .collect();
    assert!(!behind.is_empty());
    let mut scanned = scan_all(fleet, unlimited(Faults::none())).await;
    let pages = scanned
        .requests
        .iter()
        .filter(|it| it.path_and_query.contains("/administrators?"))
        .count();
    assert!(pages > 30, "{pages} pages of 30 lists");
    let servers = scanned.servers();
    for name in behind {
        assert_eq!(judgement(&servers[name], "entra-admin"), Judgement::Met);
    }
}

#[tokio::test]
async fn trap_14_flags_written_as_words_are_flags() {
    let pending = |flag: &str| {
        let properties = json!({"value": "ON", "isConfigPendingRestart": flag});
        let list = json!({"value": [{"name": "aad_auth_only", "properties": properties}]});
        ("/configurations", read(&list))
    };
    let exported = |flag: &str| {
        let log = json!({"category": "MySqlAuditLogs", "enabled": flag});
        let list = json!({"value": [{"properties": {"workspaceId": "/w", "logs": [log]}}]});
        (
            "/providers/microsoft.insights/diagnosticSettings",
            read(&list),
        )
    };
    for (opted_in, lockbox) in [("False", Judgement::Unmet), ("True", Judgement::Met)] {
        let common = Faults::none().and(Fault::always(
            "/providers/Microsoft.CustomerLockbox/*",
            read(&json!({"isOptedIn": opted_in})),
        ));
        let each = vec![
            vec![pending("False"), exported("False")],
            vec![pending("True"), exported("True")],
        ];
        let (_, servers) = scanned(each, common).await;
        let [no, yes] = &servers[..] else {
            panic!("two servers")
        };
        assert_eq!(judgement(no, "entra-only"), Judgement::Met);
        assert_eq!(
            judgement(yes, "entra-only"),
            Judgement::Unread(Cause::PendingRestart)
        );
        assert_eq!(judgement(no, "audit-exported"), Judgement::Unmet);
        assert_eq!(judgement(yes, "audit-exported"), Judgement::Met);
        assert_eq!(judgement(no, "lockbox"), lockbox);
    }
}

#[tokio::test]
async fn trap_15_what_the_list_form_leaves_out_is_not_off() {
    // Only the rows of the inventory can be read.
    let fleet = Fleet::generate(&FleetOptions {
        servers: 40,
        denials: false,
        lockbox: Lockbox::On,
        ..FleetOptions::new(jiff::Timestamp::now())
    });
    let manifest = fleet.manifest();
    let refused = answer(
        403,
        &json!({"error": {"code": "AuthorizationFailed", "message": "no"}}),
    );
    let mut faults = Faults::none();
    for server in manifest["servers"].as_array().expect("servers") {
        let name = server["name"].as_str().expect("a name");
        faults = faults.and(Fault::always(
            format!("*/flexibleServers/{name}"),
            refused.clone(),
        ));
    }
    let mut scanned = scan_all(fleet, unlimited(faults)).await;
    let servers = scanned.servers();
    let mut left_out = [0; 4];
    for planted in manifest["servers"].as_array().expect("servers") {
        let server = &servers[planted["name"].as_str().expect("a name")];
        let row = server.body(DocumentKind::Inventory).expect("a row");
        let has = |pointer: &str| row.pointer(pointer).is_some_and(|it| !it.is_null());
        let burstable = planted["tier"] == "Burstable";
        for (place, (pointer, id)) in [
            ("/properties/maintenanceWindow", "maintenance-window"),
            ("/properties/dataEncryption", "cmk"),
            (
                "/properties/network/delegatedSubnetResourceId",
                "subnet-nsg",
            ),
            ("/properties/dataEncryption", "key-enabled"),
        ]
        .into_iter()
        .enumerate()
        {
            if has(pointer) || (burstable && id == "maintenance-window") {
                continue;
            }
            left_out[place] += 1;
            let judged = judgement(server, id);
            let denied = matches!(judged, Judgement::Unread(Cause::Denied { .. }));
            assert!(denied, "{id}: {judged:?}");
        }
        // What the row says is believed.
        let grows = planted["storage"]["autoGrow"] == true;
        assert_eq!(judgement(server, "auto-grow"), Judgement::from_bool(grows));
    }
    assert!(left_out.iter().all(|count| *count > 5), "{left_out:?}");
}
