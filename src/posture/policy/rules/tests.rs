//! The rules over servers made up for the purpose; what they are to come to was read in the definitions.

use serde_json::{Value, json};

use crate::baseline::catalogue;
use crate::documents::{Cause, DocumentKind, ServerDocuments};
use crate::posture::fixtures::{Fixture, causes};
use crate::posture::policy::{Reading, policy_standing};

const PUBLIC_ACCESS: &str = "c9299215-ae47-4f50-9c54-8a392f68a052";
const ENTRA_ONLY: &str = "40e85574-ef33-47e8-a854-7a65c7500560";
const DEFENDER: [&str; 2] = [
    "3bc8a0d5-38e0-4a3d-a657-2cb64468fc34",
    "3d5ed4c2-5e50-4c76-932b-8982691b68ae",
];
const ZONES: &str = "493c215d-2554-5976-bc81-57d2c04fc8c1";
const EVENT_HUB: &str = "be3ddb6b-c328-4ecd-91e8-c2804868ea9c";
const LOG_ANALYTICS: &str = "7860f3fe-0db3-42d4-bf3d-7042ea5e5787";
const STORAGE: &str = "95f9d29c-defd-4387-b73b-5cdb4a982bf0";
const PLAN: [&str; 2] = [
    "0a9fbe0d-c5c4-4da8-87d8-f4fd77338835",
    "44433aa3-7ec2-4002-93ea-65c65ff0310a",
];

fn reading(documents: &ServerDocuments, guid: &str) -> Reading {
    let policy = catalogue().policy(guid).expect("a policy of the catalogue");
    policy_standing(documents, policy).ours
}

fn word(fixture: Fixture, guid: &str) -> &'static str {
    reading(&fixture.documents(), guid).word()
}

#[test]
fn public_access_branches_on_the_create_mode() {
    let cases = [
        (
            json!({"network": {"publicNetworkAccess": "Enabled"}}),
            "NonCompliant",
        ),
        (
            json!({"network": {"publicNetworkAccess": "disabled"}}),
            "Compliant",
        ),
        (
            json!({"network": {"publicNetworkAccess": "Perhaps"}}),
            "NonCompliant",
        ),
        // Without a create mode, as on a server that exists, a missing value is no breach; with a known one it is.
        (json!({"network": {}}), "Compliant"),
        (
            json!({"network": {"publicNetworkAccess": null}}),
            "Compliant",
        ),
        (
            json!({"createMode": "default", "network": {}}),
            "NonCompliant",
        ),
        (
            json!({"createMode": "Create", "network": {}}),
            "NonCompliant",
        ),
        (
            json!({"createMode": "PointInTimeRestore", "network": {}}),
            "NonCompliant",
        ),
        (
            json!({"createMode": "GeoRestore", "network": {}}),
            "NonCompliant",
        ),
        (
            json!({"createMode": "Replica", "network": {}}),
            "NonCompliant",
        ),
        (json!({"createMode": "Update", "network": {}}), "Compliant"),
        (
            json!({"createMode": "Update", "network": {"publicNetworkAccess": "Enabled"}}),
            "NonCompliant",
        ),
        (
            json!({"createMode": "Default", "network": {"publicNetworkAccess": "DISABLED"}}),
            "Compliant",
        ),
    ];
    for (properties, expected) in cases {
        assert_eq!(
            word(Fixture::new().server(properties.clone()), PUBLIC_ACCESS),
            expected,
            "{properties}"
        );
    }
}

#[test]
fn a_subnet_or_a_dns_zone_that_is_present_ends_the_rule_about_public_access() {
    for member in ["delegatedSubnetResourceId", "privateDnsZoneResourceId"] {
        let with = |value: Value| {
            let mut network = json!({"publicNetworkAccess": "Enabled"});
            network[member] = value;
            word(
                Fixture::new().server(json!({"network": network, "createMode": "Default"})),
                PUBLIC_ACCESS,
            )
        };
        assert_eq!(with(json!("/subscriptions/s/x")), "Compliant", "{member}");
        assert_eq!(with(json!("")), "Compliant", "{member}: even an empty text");
        assert_eq!(with(json!(null)), "NonCompliant", "{member}");
    }
}

#[test]
fn a_row_of_the_inventory_tells_only_what_it_holds() {
    let row = |properties: Value| {
        Fixture::new()
            .read(DocumentKind::Inventory, json!({"properties": properties}))
            .unread(DocumentKind::Server, Cause::TimedOut)
    };
    assert_eq!(
        word(
            row(json!({"network": {"publicNetworkAccess": "Disabled"}})),
            PUBLIC_ACCESS
        ),
        "Compliant",
        "whatever the members are that the row lacks"
    );
    let open = row(json!({"network": {"publicNetworkAccess": "Enabled"}}));
    assert_eq!(
        reading(&open.documents(), PUBLIC_ACCESS),
        Reading::Open {
            why: Cause::TimedOut.to_string(),
            cause: Some(Cause::TimedOut)
        }
    );
    assert_eq!(
        word(
            row(json!({"highAvailability": {"mode": "SameZone"}})),
            ZONES
        ),
        "Compliant"
    );
    assert_eq!(word(row(json!({})), ZONES), "Open");
}

#[test]
fn entra_only_reads_what_was_asked_for_and_not_what_is_in_force() {
    let with = |properties: Value| {
        word(
            Fixture::new().parameters(&[
                ("audit_log_enabled", json!({"value": "ON"})),
                ("AAD_auth_only", properties),
            ]),
            ENTRA_ONLY,
        )
    };
    assert_eq!(
        with(json!({"value": "on", "currentValue": "OFF"})),
        "Compliant"
    );
    assert_eq!(
        with(json!({"value": "OFF", "currentValue": "ON"})),
        "NonCompliant"
    );
    assert_eq!(with(json!({"currentValue": "ON"})), "NonCompliant");
    assert_eq!(with(json!({"value": 1})), "Open");
    let without = Fixture::new().parameters(&[("tls_version", json!({"value": "TLSv1.2"}))]);
    assert_eq!(word(without, ENTRA_ONLY), "Open");
}

#[test]
fn threat_protection_and_the_plan_are_compared_without_case() {
    let cases: [(DocumentKind, &str, &str, [&str; 2]); 2] = [
        (DocumentKind::ThreatProtection, "state", "enabled", DEFENDER),
        (DocumentKind::DefenderPlan, "pricingTier", "STANDARD", PLAN),
    ];
    for (kind, member, good, guids) in cases {
        for guid in guids {
            let with = |properties: Value| {
                word(
                    Fixture::new().read(kind, json!({ "properties": properties })),
                    guid,
                )
            };
            assert_eq!(with(json!({ member: good })), "Compliant", "{guid}");
            assert_eq!(
                with(json!({ member: "Disabled" })),
                "NonCompliant",
                "{guid}"
            );
            assert_eq!(with(json!({})), "NonCompliant", "{guid}: equals nothing");
            assert_eq!(with(json!({ member: true })), "Open", "{guid}");
            assert_eq!(word(Fixture::new().read(kind, json!([])), guid), "Open");
        }
    }
}

#[test]
fn zones_are_read_with_the_default_of_the_parameter() {
    for (mode, expected) in [
        (json!("ZoneRedundant"), "Compliant"),
        (json!("samezone"), "Compliant"),
        (json!("Disabled"), "NonCompliant"),
        (json!(null), "NonCompliant"),
        (json!(["SameZone"]), "Open"),
    ] {
        let server = Fixture::new().server(json!({"highAvailability": {"mode": mode}}));
        assert_eq!(word(server, ZONES), expected, "{mode}");
    }
}

fn setting(logs: Value, destination: &str) -> Value {
    let mut setting = json!({"name": "to-law", "properties": {"logs": logs}});
    setting["properties"][destination] = json!("/subscriptions/s/x");
    setting
}

fn entry(group: &str, enabled: Value) -> Value {
    json!({"category": null, "categoryGroup": group, "enabled": enabled})
}

#[test]
fn a_diagnostic_setting_needs_both_groups_with_opposite_switches() {
    let destinations = [
        (LOG_ANALYTICS, "workspaceId"),
        (STORAGE, "storageAccountId"),
        (EVENT_HUB, "eventHubAuthorizationRuleId"),
    ];
    let (on, off) = (json!(true), json!("False"));
    for (guid, destination) in destinations {
        let with = |logs: Value| {
            word(
                Fixture::new().list(
                    DocumentKind::DiagnosticSettings,
                    json!([setting(json!([]), destination), setting(logs, destination)]),
                ),
                guid,
            )
        };
        // Could comply; whether it does depends on parameters that are not read.
        for logs in [
            json!([entry("audit", on.clone()), entry("AllLogs", off.clone())]),
            json!([entry("allLogs", on.clone()), entry("audit", off.clone())]),
            json!([
                entry("audit", on.clone()),
                entry("audit", off.clone()),
                entry("allLogs", off.clone())
            ]),
        ] {
            assert_eq!(with(logs.clone()), "Open", "{guid} {logs}");
        }
        for logs in [
            json!([]),
            json!(null),
            json!([entry("allLogs", on.clone())]),
            json!([{"category": "MySqlAuditLogs", "enabled": true}]),
            json!([entry("audit", on.clone()), entry("allLogs", on.clone())]),
            json!([entry("audit", off.clone()), entry("allLogs", off.clone())]),
            json!([
                entry("audit", on.clone()),
                entry("audit", on.clone()),
                entry("allLogs", off.clone())
            ]),
            json!([entry("audit", on.clone()), {"categoryGroup": "allLogs"}]),
        ] {
            assert_eq!(with(logs.clone()), "NonCompliant", "{guid} {logs}");
        }
        for logs in [
            json!("none"),
            json!([
                entry("audit", json!("perhaps")),
                entry("allLogs", off.clone())
            ]),
            json!([{"categoryGroup": 7, "enabled": true}, entry("allLogs", off.clone())]),
        ] {
            assert_eq!(with(logs.clone()), "Open", "{guid} {logs}");
        }
    }
}

#[test]
fn a_diagnostic_setting_has_to_go_where_the_policy_sends_logs() {
    let logs = json!([entry("audit", json!(true)), entry("allLogs", json!(false))]);
    let to_storage = || {
        Fixture::new().list(
            DocumentKind::DiagnosticSettings,
            json!([setting(logs.clone(), "storageAccountId")]),
        )
    };
    assert!(matches!(
        reading(&to_storage().documents(), STORAGE),
        Reading::Open { cause: None, .. }
    ));
    assert_eq!(word(to_storage(), LOG_ANALYTICS), "NonCompliant");
    assert_eq!(word(to_storage(), EVENT_HUB), "NonCompliant");
    let none = Fixture::new().list(DocumentKind::DiagnosticSettings, json!([]));
    assert_eq!(word(none, STORAGE), "NonCompliant");
    let odd = Fixture::new().list(DocumentKind::DiagnosticSettings, json!([7]));
    assert_eq!(word(odd, STORAGE), "Open");
}

#[test]
fn a_policy_for_single_servers_never_applies_whatever_was_read() {
    for policy in catalogue().policies() {
        let ours = reading(
            &Fixture::new()
                .server(json!({"network": {"publicNetworkAccess": "Enabled"}}))
                .documents(),
            &policy.guid,
        );
        let applies = !matches!(ours, Reading::DoesNotApply(_));
        assert_eq!(
            applies,
            !policy
                .target_type
                .eq_ignore_ascii_case("Microsoft.DBforMySQL/servers"),
            "{}",
            policy.name
        );
    }
}

#[test]
fn every_policy_that_applies_is_known_and_stays_open_while_unread() {
    let applying = || {
        catalogue()
            .policies()
            .iter()
            .filter(|policy| policy.target_type != "Microsoft.DBforMySQL/servers")
            .filter(|policy| policy.target_type != "microsoft.dbformysql/servers")
    };
    assert_eq!(applying().count(), 10);
    for cause in causes() {
        let unread = DocumentKind::ALL
            .into_iter()
            .fold(Fixture::new(), |fixture, kind| {
                fixture.unread(kind, cause.clone())
            })
            .documents();
        for policy in applying() {
            let standing = policy_standing(&unread, policy);
            assert_eq!(
                standing.ours,
                Reading::Open {
                    why: cause.to_string(),
                    cause: Some(cause.clone())
                },
                "{}",
                policy.name
            );
            assert!(!standing.evidence.is_empty(), "{}", policy.name);
        }
    }
}
