//! Resource Graph's table of policies: states and exemptions, counted, scoped and paged.

use std::collections::{BTreeMap, BTreeSet};

use flexposture::simulator::{Fleet, FleetOptions, Options};
use serde_json::{Value, json};

use super::around::rows;
use super::{Site, fleet_options, options, site_with};

const STATES: &str = "policyresources\n| where type =~ 'microsoft.policyinsights/policystates'\n\
                      | where tostring(properties.resourceType) =~ 'microsoft.dbformysql/flexibleservers'\n\
                      | project id, subscriptionId, properties\n| order by id asc";
const COUNTS: &str = "policyresources | where type =~ 'microsoft.policyinsights/policystates' \
                      | summarize states = count() by subscriptionId | order by subscriptionId asc";
const EXEMPTIONS: &str = "policyresources | where type =~ 'microsoft.authorization/policyexemptions' \
                          | project id, name, subscriptionId, properties | order by id asc";

/// The policies that are for the retired single server.
const RETIRED: [&str; 4] = ["7595c971", "e802a67a", "83cef61d", "82339799"];

fn options_of_fleet(seed: u64) -> FleetOptions {
    FleetOptions {
        seed,
        servers: 400,
        subscriptions: 6,
        hidden: 4,
        ..fleet_options()
    }
}

async fn large() -> Site {
    let options = Options {
        page_size: 90,
        ..options()
    };
    site_with(options_of_fleet(1), options).await
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no text at {pointer} of {value}"))
}

fn all(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

#[tokio::test]
async fn states_are_told_as_they_were_planted() {
    let site = large().await;
    let found = rows(&site, STATES, &json!({})).await;
    let ids: Vec<String> = found
        .iter()
        .map(|it| text(it, "/id").to_lowercase())
        .collect();
    assert!(ids.is_sorted(), "rows come in the order of their ids");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut spelled = BTreeSet::new();
    for row in &found {
        let it = &row["properties"];
        for member in [
            "policyAssignmentName",
            "policyAssignmentScope",
            "policyDefinitionName",
            "policyDefinitionAction",
            "resourceGroup",
            "subscriptionId",
        ] {
            assert!(!text(it, &format!("/{member}")).is_empty(), "{member}");
        }
        assert!(it["isDeleted"] == false && it["stateWeight"].is_u64());
        assert!(it["policyDefinitionGroupNames"].is_array());
        let fraction = text(it, "/timestamp").split_once('.').unwrap().1;
        assert_eq!(fraction.len(), "1234567Z".len());
        assert_eq!(it["subscriptionId"], row["subscriptionId"]);
        let policy = text(it, "/policyDefinitionName");
        assert!(
            !RETIRED.iter().any(|it| policy.starts_with(it)),
            "{policy} is not for flexible servers"
        );
        let id = text(it, "/resourceId");
        spelled.insert(id == id.to_lowercase());
        let facts = [
            "policyAssignmentId",
            "policyDefinitionId",
            "policyDefinitionReferenceId",
            "complianceState",
        ];
        let facts = facts.map(|member| text(it, &format!("/{member}")));
        told.entry(id.to_lowercase())
            .or_default()
            .push(facts.join(" "));
    }
    assert_eq!(spelled.len(), 2, "ids are spelled in more than one case");
    for server in site.planted(|_| true) {
        let mut planted: Vec<String> = all(&server["policyStates"])
            .iter()
            .map(|it| {
                format!(
                    "{} {} {} {}",
                    text(it, "/policyAssignmentId"),
                    text(it, "/policyDefinitionId"),
                    text(it, "/policyDefinitionReferenceId"),
                    text(it, "/complianceState")
                )
            })
            .collect();
        planted.sort();
        let mut found = told
            .remove(&text(server, "/id").to_lowercase())
            .unwrap_or_default();
        found.sort();
        assert_eq!(found, planted, "{}", server["name"]);
    }
    assert!(told.is_empty(), "states of nobody: {told:?}");
}

#[tokio::test]
async fn states_are_counted_by_subscription_and_only_where_some_show() {
    let site = large().await;
    let reply = site.query(&json!({ "query": COUNTS })).await;
    let planted: BTreeMap<&str, &Value> = all(&site.manifest["subscriptions"])
        .iter()
        .filter(|it| it["policyStates"] != 0)
        .map(|it| (text(it, "/id"), &it["policyStates"]))
        .collect();
    let expected: Vec<Value> = planted
        .iter()
        .map(|(id, count)| json!({ "subscriptionId": id, "states": count }))
        .collect();
    assert_eq!(reply.body["data"], json!(expected));
    assert!(reply.body.get("$skipToken").is_none());
    for subscription in all(&site.manifest["subscriptions"]) {
        let visible = text(subscription, "/policyStatesVisible");
        assert_eq!(
            visible == "none",
            !planted.contains_key(text(subscription, "/id"))
        );
        let states = site
            .planted(|it| it["subscription"] == subscription["id"])
            .flat_map(|it| all(&it["policyStates"]));
        assert_eq!(visible == "servers", states.count() > 0, "{visible}");
    }
    let scoped = site
        .query(&json!({ "query": COUNTS, "subscriptions": [planted.keys().next().unwrap()] }))
        .await;
    assert_eq!(scoped.body["count"], 1);
}

#[tokio::test]
async fn exemptions_above_subscriptions_come_only_when_they_are_asked_for() {
    let site = large().await;
    let with = |filter: &str| json!({ "authorizationScopeFilter": filter });
    let ids = |found: &[Value]| -> BTreeSet<String> {
        found.iter().map(|it| text(it, "/id").to_owned()).collect()
    };
    let below = rows(&site, EXEMPTIONS, &json!({})).await;
    assert!(below.iter().all(|it| it["subscriptionId"] != ""));
    assert_eq!(
        ids(&below),
        ids(&rows(&site, EXEMPTIONS, &with("AtScopeAndBelow")).await)
    );
    let everywhere = rows(&site, EXEMPTIONS, &with("atScopeAboveAndBelow")).await;
    let above: Vec<&Value> = everywhere
        .iter()
        .filter(|it| it["subscriptionId"] == "")
        .collect();
    assert!(!above.is_empty());
    assert_eq!(everywhere.len(), below.len() + above.len());
    for row in above {
        let start = "/providers/Microsoft.Management/managementGroups/";
        assert!(text(row, "/id").starts_with(start), "{row}");
    }
    let exact = rows(&site, EXEMPTIONS, &with("AtScopeExact")).await;
    assert!(exact.iter().all(|it| {
        text(it, "/id").split('/').nth(3) == Some("providers") && it["subscriptionId"] != ""
    }));
    let upward = rows(&site, EXEMPTIONS, &with("AtScopeAndAbove")).await;
    assert_eq!(
        upward.len(),
        exact.len() + everywhere.len() - below.len(),
        "at and above"
    );
    let refused = site
        .query(&json!({ "query": EXEMPTIONS, "options": with("Everywhere") }))
        .await;
    assert_eq!((refused.status, refused.code()), (400, "BadRequest"));

    // Only the management groups above the subscriptions that are asked about.
    let delegated = all(&site.manifest["subscriptions"])
        .iter()
        .find(|it| it["delegated"] == true)
        .unwrap();
    let mut body = json!({ "query": EXEMPTIONS, "subscriptions": [delegated["id"]] });
    body["options"] = with("AtScopeAboveAndBelow");
    let reply = site.query(&body).await;
    for row in all(&reply.body["data"]) {
        let id = text(row, "/id");
        let own = text(delegated, "/tenant");
        assert!(
            row["subscriptionId"] == delegated["id"] || id.contains(own),
            "{id}"
        );
    }

    let told = ids(&everywhere);
    let mut covering = BTreeSet::new();
    for server in site.planted(|it| it["hidden"] == false) {
        for exemption in all(&server["policyExemptions"]) {
            let id = text(exemption, "/id");
            assert!(told.contains(id), "{id}");
            let row = everywhere.iter().find(|it| it["id"] == id).unwrap();
            let it = &row["properties"];
            assert_eq!(it["exemptionCategory"], exemption["category"]);
            assert_eq!(it["policyAssignmentId"], exemption["policyAssignmentId"]);
            assert_eq!(
                it["policyDefinitionReferenceIds"],
                exemption["policyDefinitionReferenceIds"]
            );
            assert_eq!(
                it.get("expiresOn").is_none(),
                exemption["expires"].is_null()
            );
            let scope = text(exemption, "/scopeId");
            let group = scope.rsplit('/').next().unwrap();
            let within = match text(exemption, "/scope") {
                "managementGroup" => {
                    let subscription = all(&site.manifest["subscriptions"])
                        .iter()
                        .find(|it| it["id"] == server["subscription"])
                        .unwrap();
                    all(&subscription["managementGroups"]).contains(&json!(group))
                }
                "server" => text(server, "/id") == scope,
                _ => text(server, "/id").starts_with(&format!("{scope}/")),
            };
            assert!(within, "{scope} does not cover {}", server["id"]);
            covering.insert(id.to_owned());
        }
    }
    assert!(
        told.difference(&covering).count() > 0,
        "some exemptions are of unrelated resources"
    );
}

#[test]
fn every_kind_of_state_and_exemption_occurs() {
    let mut found = BTreeSet::new();
    for seed in 1..=6 {
        let manifest = Fleet::generate(&options_of_fleet(seed)).manifest();
        for subscription in all(&manifest["subscriptions"]) {
            found.insert(format!("visible {}", subscription["policyStatesVisible"]));
        }
        for server in all(&manifest["servers"]) {
            let mut policies: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
            let states = all(&server["policyStates"]);
            for state in states {
                let policy = text(state, "/policyDefinitionId")
                    .rsplit('/')
                    .next()
                    .unwrap();
                let word = text(state, "/complianceState");
                policies.entry(policy).or_default().insert(word);
                found.insert(format!("policy {}", policy.get(..8).unwrap()));
                found.insert(format!("state {word}"));
                found.insert(format!("stale {}", state["stale"]));
                if ["Compliant", "NonCompliant"].contains(&word) {
                    assert_eq!(word == text(state, "/byRule"), state["stale"] == false);
                }
                let by_rule = state["byRule"] == "Compliant";
                match policy.get(..8).unwrap() {
                    "3bc8a0d5" => assert_eq!(server["threatProtection"], by_rule),
                    "c9299215" => assert_eq!(server["network"]["publicAccess"] != true, by_rule),
                    "493c215d" => {
                        assert_eq!(server["highAvailability"]["mode"] != "Disabled", by_rule);
                    }
                    "40e85574" => {
                        let on = json!({ "name": "aad_auth_only", "value": "ON" });
                        assert_eq!(all(&server["parameters"]).contains(&on), by_rule);
                    }
                    "7860f3fe" => assert_eq!(
                        server["diagnosticSettings"]["case"] == "auditGroup",
                        by_rule
                    ),
                    _ => {}
                }
            }
            if policies.values().any(|it| it.len() > 1) {
                found.insert("two states that differ".to_owned());
            }
            if states.len() > policies.len() {
                found.insert("two states".to_owned());
            }
            let subscription = all(&manifest["subscriptions"])
                .iter()
                .find(|it| it["id"] == server["subscription"])
                .unwrap();
            if states.is_empty() && subscription["policyStatesVisible"] == "servers" {
                found.insert("no state where others have some".to_owned());
            }
            for exemption in all(&server["policyExemptions"]) {
                found.insert(format!("exemption {}", exemption["scope"]));
                found.insert(format!("exemption {}", exemption["category"]));
                let expires = exemption["expires"].as_str();
                let past = expires.map(|it| it < text(&manifest, "/now"));
                found.insert(format!("exemption past {past:?}"));
                let references = all(&exemption["policyDefinitionReferenceIds"]).len();
                found.insert(format!("exemption of all {}", references == 0));
            }
        }
    }
    let expected: BTreeSet<String> = [
        "visible \"none\"",
        "visible \"otherTypesOnly\"",
        "visible \"servers\"",
        "policy 40e85574",
        "policy 3bc8a0d5",
        "policy c9299215",
        "policy 7860f3fe",
        "policy 493c215d",
        "policy require-",
        "state Compliant",
        "state NonCompliant",
        "state Exempt",
        "state Conflict",
        "state Unknown",
        "stale true",
        "stale false",
        "two states",
        "two states that differ",
        "no state where others have some",
        "exemption \"managementGroup\"",
        "exemption \"subscription\"",
        "exemption \"resourceGroup\"",
        "exemption \"server\"",
        "exemption \"Waiver\"",
        "exemption \"Mitigated\"",
        "exemption past None",
        "exemption past Some(true)",
        "exemption past Some(false)",
        "exemption of all true",
        "exemption of all false",
    ]
    .map(str::to_owned)
    .into();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn queries_are_understood_however_they_are_spaced_and_refused_when_they_are_others() {
    let site = large().await;
    let unordered = STATES.replace("\n| order by id asc", "");
    let spaced = STATES.replace('\n', " ").replace(" | ", "|");
    let first = |reply: super::Reply| reply.body["data"][0]["id"].clone();
    let expected = first(site.query(&json!({ "query": STATES })).await);
    for query in [unordered, spaced] {
        assert_eq!(
            first(site.query(&json!({ "query": query })).await),
            expected
        );
    }
    for query in [
        COUNTS.replace("count()", "dcount(subscriptionId)"),
        STATES.replace("tostring", "tolower"),
        format!("{COUNTS} | project subscriptionId"),
        EXEMPTIONS.replace("policyresources", "authorizationresources"),
    ] {
        let reply = site.query(&json!({ "query": query })).await;
        assert_eq!(reply.status, 400, "{query}");
        assert_eq!(reply.body["error"]["details"][0]["code"], "InvalidQuery");
    }
}
