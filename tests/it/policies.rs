//! What Azure Policy says, what its rules come to, and how the two are told.

use flexposture::baseline::{FeatureId, Policy, PolicyCoverage, catalogue};
use flexposture::documents::{Cause, DocumentKind, Fact, ServerDocuments};
use flexposture::posture::policy::{
    Agreement, Assigned, ComplianceState, PolicyFleet, PolicyStanding, Reading, blind_spots,
    exemptions_of_azure, policies, policy_standing,
};
use flexposture::posture::{Judgement, Ruleset, judge};
use flexposture::report::{FindingRecord, Judged, PolicyFleetRecord, write_policies, write_text};
use flexposture::simulator::{Faults, Fleet, FleetOptions};
use serde_json::{Value, json};

use crate::made_up::{MadeUp, id};
use crate::support::{scan_all, unlimited};

const PUBLIC_ACCESS: &str = "c9299215-ae47-4f50-9c54-8a392f68a052";
const ENTRA_ONLY: &str = "40e85574-ef33-47e8-a854-7a65c7500560";
const LOG_ANALYTICS: &str = "7860f3fe-0db3-42d4-bf3d-7042ea5e5787";
const PLAN: &str = "0a9fbe0d-c5c4-4da8-87d8-f4fd77338835";
const MCSB: &str =
    "/providers/Microsoft.Authorization/policySetDefinitions/1f3afdf9-d0c9-4c3d-847f-89da613e70a8";

fn assignment(name: &str) -> String {
    format!("/subscriptions/s1/providers/Microsoft.Authorization/policyAssignments/{name}")
}

/// A row of Azure's states.
fn state(guid: &str, name: &str, state: &str, time: &str) -> Value {
    json!({"properties": {
        "resourceId": id("s1", "db"),
        "policyDefinitionId": format!("/providers/Microsoft.Authorization/policyDefinitions/{guid}"),
        "policyAssignmentId": assignment(name),
        "policyAssignmentName": name,
        "policySetDefinitionId": MCSB,
        "policyDefinitionReferenceId": format!("reference-{name}"),
        "policyDefinitionAction": "audit",
        "complianceState": state,
        "timestamp": time
    }})
}

fn with_states(rows: Value) -> MadeUp {
    MadeUp::new("s1", "db")
        .server(json!({"network": {"publicNetworkAccess": "Enabled"}}))
        .list(DocumentKind::PolicyStates, rows)
        .read(DocumentKind::PolicyVisibility, json!({"states": 9}))
}

fn standing(documents: &ServerDocuments, guid: &str) -> PolicyStanding {
    policy_standing(documents, catalogue().policy(guid).expect("a policy"))
}

#[test]
fn of_several_assignments_the_state_that_wins_in_azures_order_is_told_with_its_newest_time() {
    let upper = PUBLIC_ACCESS.to_uppercase();
    let documents = with_states(json!([
        state(&upper, "a", "Compliant", "2026-11-19T00:00:00Z"),
        state(PUBLIC_ACCESS, "b", "noncompliant", "2026-11-17T00:00:00Z"),
        state(
            PUBLIC_ACCESS,
            "c",
            "NonCompliant",
            "2026-11-18T00:00:00.1234567Z"
        ),
        state(PUBLIC_ACCESS, "d", "Exempt", "2026-11-20T00:00:00Z"),
        state(ENTRA_ONLY, "a", "Compliant", "2026-11-19T00:00:00Z"),
    ]))
    .documents();
    let public = standing(&documents, PUBLIC_ACCESS);
    let names: Vec<&str> = public
        .assigned
        .assignments()
        .iter()
        .map(|assignment| assignment.name.as_str())
        .collect();
    assert_eq!(names, ["a", "b", "c", "d"]);
    assert_eq!(
        public.assigned.assignments()[0].initiative.as_deref(),
        Some(MCSB)
    );
    let azure = public.azure.expect("a state");
    assert_eq!(azure.state, ComplianceState::NonCompliant);
    assert_eq!(
        azure.at,
        Some("2026-11-18T00:00:00.1234567Z".parse().unwrap())
    );
    assert_eq!(public.agreement, Agreement::Agree);

    let ranks = [
        "NonCompliant",
        "Compliant",
        "Error",
        "Conflict",
        "Protected",
        "Exempt",
        "Unknown",
    ];
    for (place, better) in ranks.iter().enumerate() {
        for worse in &ranks[place..] {
            let documents = with_states(json!([
                state(ENTRA_ONLY, "a", worse, ""),
                state(ENTRA_ONLY, "b", better, "no time"),
            ]))
            .documents();
            let azure = standing(&documents, ENTRA_ONLY).azure.expect("a state");
            assert_eq!(azure.state.word(), *better, "over {worse}");
            assert_eq!(azure.at, None);
        }
    }
}

#[test]
fn only_compliant_and_noncompliant_are_compared() {
    use Agreement::{Agree, Differ, Neither, OnlyAzure, OnlyUs};
    let open = |rows| with_states(rows);
    let closed = |rows| {
        MadeUp::new("s1", "db")
            .server(json!({"network": {"publicNetworkAccess": "Disabled"}}))
            .list(DocumentKind::PolicyStates, rows)
    };
    let unread = |rows| {
        MadeUp::new("s1", "db")
            .unread(DocumentKind::Server, Cause::TimedOut)
            .list(DocumentKind::PolicyStates, rows)
    };
    for (word, when_broken, when_held, when_open) in [
        (Some("Compliant"), Differ, Agree, OnlyAzure),
        (Some("NonCompliant"), Agree, Differ, OnlyAzure),
        (Some("Exempt"), OnlyUs, OnlyUs, Neither),
        (Some("Conflict"), OnlyUs, OnlyUs, Neither),
        (Some("Unknown"), OnlyUs, OnlyUs, Neither),
        (Some("Whatever"), OnlyUs, OnlyUs, Neither),
        (None, OnlyUs, OnlyUs, Neither),
    ] {
        let rows = || match word {
            Some(word) => json!([state(PUBLIC_ACCESS, "a", word, "")]),
            None => json!([]),
        };
        let agreement = |made_up: MadeUp| standing(&made_up.documents(), PUBLIC_ACCESS).agreement;
        assert_eq!(agreement(open(rows())), when_broken, "{word:?}, broken");
        assert_eq!(agreement(closed(rows())), when_held, "{word:?}, held");
        assert_eq!(agreement(unread(rows())), when_open, "{word:?}, open");
    }
}

#[test]
fn a_policy_without_a_state_is_never_said_to_be_unassigned() {
    let not_seen = |made_up: MadeUp| match standing(&made_up.documents(), PUBLIC_ACCESS).assigned {
        Assigned::NotSeen(why) => why,
        other => panic!("{other:?}"),
    };
    let visible = with_states(json!([]));
    assert!(not_seen(visible).contains("not assigned, or not evaluated yet"));
    let other_row = MadeUp::new("s1", "db")
        .list(
            DocumentKind::PolicyStates,
            json!([state(ENTRA_ONLY, "a", "Exempt", "")]),
        )
        .read(DocumentKind::PolicyVisibility, json!({"states": 0}));
    assert!(not_seen(other_row).contains("not assigned, or not evaluated yet"));
    let invisible = MadeUp::new("s1", "db")
        .list(DocumentKind::PolicyStates, json!([]))
        .read(DocumentKind::PolicyVisibility, json!({"states": 0}));
    let why = not_seen(invisible);
    assert!(
        why.contains("not visible") && why.contains("Microsoft.PolicyInsights"),
        "{why}"
    );
    let unknown = MadeUp::new("s1", "db").list(DocumentKind::PolicyStates, json!([]));
    assert!(not_seen(unknown).contains("unread"));

    let unread = MadeUp::new("s1", "db").unread(DocumentKind::PolicyStates, Cause::Throttled);
    assert_eq!(
        standing(&unread.documents(), PUBLIC_ACCESS).assigned,
        Assigned::Unread(Cause::Throttled)
    );
    // A row that names no definition could be of any policy.
    let odd = with_states(json!([{"properties": {"complianceState": "Compliant"}}]));
    assert!(matches!(
        standing(&odd.documents(), PUBLIC_ACCESS).assigned,
        Assigned::Unread(Cause::Malformed { .. })
    ));
}

#[test]
fn trap_12_a_policy_of_the_single_server_is_never_shown_as_if_it_applied() {
    let documents = with_states(json!([])).documents();
    let of_the_page = [
        ("7595c971", FeatureId::PrivateLink),
        ("e802a67a", FeatureId::TransitEncryption),
        ("83cef61d", FeatureId::CustomerKeyEncryption),
        ("82339799", FeatureId::NativeBackup),
    ];
    for (guid, feature) in of_the_page {
        let standings = policies(&documents, feature);
        let standing = standings
            .iter()
            .find(|standing| standing.policy.guid.starts_with(guid))
            .unwrap_or_else(|| panic!("{guid} is shown with {feature}"));
        let Reading::DoesNotApply(why) = &standing.ours else {
            panic!("{guid}: {:?}", standing.ours);
        };
        assert!(why.contains("Microsoft.DBforMySQL/servers"), "{why}");
        assert_eq!(standing.agreement, Agreement::Neither);
        assert!(matches!(standing.assigned, Assigned::NotSeen(_)));
    }
}

#[test]
fn blind_spots_are_the_features_that_no_policy_for_flexible_servers_is_shown_with() {
    let spots = blind_spots(catalogue());
    let seeing = [
        FeatureId::PublicNetworkAccess,
        FeatureId::LocalAuthentication,
        FeatureId::LocalAdminAccounts,
        FeatureId::PolicySupport,
        FeatureId::DefenderOffering,
        FeatureId::ResourceLogs,
    ];
    let blind: Vec<FeatureId> = spots.baseline.iter().map(|(feature, _)| *feature).collect();
    let expected: Vec<FeatureId> = FeatureId::baseline()
        .iter()
        .copied()
        .filter(|feature| !seeing.contains(feature))
        .collect();
    assert_eq!(blind, expected);
    assert!(
        spots
            .baseline
            .contains(&(FeatureId::TransitEncryption, PolicyCoverage::RetiredOnly))
    );
    assert!(
        spots
            .baseline
            .contains(&(FeatureId::CustomerLockbox, PolicyCoverage::None))
    );
    assert!(
        spots
            .beyond
            .iter()
            .all(|(feature, _)| *feature != FeatureId::HighAvailability)
    );
    assert_eq!(spots.beyond.len(), 7);
}

fn exemption(scope: &str, name: &str, expires: Value, references: Value) -> Value {
    json!({
        "id": format!("{scope}/providers/Microsoft.Authorization/policyExemptions/{name}"),
        "name": name,
        "properties": {
            "displayName": "Kept \u{1b}[31mopen",
            "exemptionCategory": "Waiver",
            "expiresOn": expires,
            "policyAssignmentId": assignment("A"),
            "policyDefinitionReferenceIds": references
        }
    })
}

fn with_exemptions() -> MadeUp {
    let group = "/providers/Microsoft.Management/managementGroups/Root";
    with_states(json!([
        state(PUBLIC_ACCESS, "a", "Exempt", ""),
        state(ENTRA_ONLY, "b", "Compliant", ""),
    ]))
    .list(
        DocumentKind::PolicyExemptions,
        json!([
            exemption(
                &id("s1", "DB"),
                "of-server",
                json!("2026-11-20T12:00:00Z"),
                json!([])
            ),
            exemption(
                "/subscriptions/s1/resourceGroups/RG",
                "of-group",
                json!("2026-11-20T12:00:01Z"),
                json!(["REFERENCE-A"])
            ),
            exemption(
                "/subscriptions/s1",
                "of-subscription",
                json!(null),
                json!(["other"])
            ),
            exemption(group, "of-group-above", json!("soon"), json!([])),
        ]),
    )
}

#[test]
fn exemptions_of_azure_are_told_as_of_when_they_were_read() {
    let Fact::Known(exemptions) = exemptions_of_azure(&with_exemptions().documents()) else {
        panic!("read");
    };
    let told: Vec<(&str, Option<bool>, usize)> = exemptions
        .iter()
        .map(|it| {
            let covers = it.covers.clone().known().expect("states were read");
            (it.scope.as_str(), it.expired, covers.len())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("the server itself", Some(true), 1),
            ("the resource group RG", Some(false), 1),
            ("the subscription s1", Some(false), 0),
            ("the management group Root", None, 1),
        ]
    );
    let covered = exemptions[0].covers.clone().known().expect("read");
    assert_eq!(covered[0].guid, PUBLIC_ACCESS);
    let shown = exemptions[0].display_name.as_deref().expect("a name");
    assert!(
        !shown.contains('\u{1b}') && shown.contains("open"),
        "{shown:?}"
    );
    assert_eq!(exemptions[2].expires, Fact::Absent);
    assert!(matches!(
        exemptions[3].expires,
        Fact::Unread(Cause::Malformed { .. })
    ));
}

#[test]
fn what_an_exemption_covers_is_open_while_the_states_are_unread() {
    let documents = MadeUp::new("s1", "db")
        .unread(DocumentKind::PolicyStates, Cause::Throttled)
        .list(
            DocumentKind::PolicyExemptions,
            json!([exemption("/subscriptions/s1", "e", json!(null), json!([]))]),
        )
        .documents();
    let exemptions = exemptions_of_azure(&documents).known().expect("read");
    assert_eq!(exemptions[0].covers, Fact::Unread(Cause::Throttled));
    let unread = MadeUp::new("s1", "db").unread(DocumentKind::PolicyExemptions, Cause::TimedOut);
    assert_eq!(
        exemptions_of_azure(&unread.documents()),
        Fact::Unread(Cause::TimedOut)
    );
}

#[test]
fn an_exemption_of_azure_changes_no_verdict_of_ours() {
    let verdicts = |documents: &ServerDocuments| {
        judge(documents, &Ruleset::default())
            .into_iter()
            .map(|finding| finding.verdict)
            .collect::<Vec<_>>()
    };
    let without = with_states(json!([
        state(PUBLIC_ACCESS, "a", "Exempt", ""),
        state(ENTRA_ONLY, "b", "Compliant", ""),
    ]));
    assert_eq!(
        verdicts(&with_exemptions().documents()),
        verdicts(&without.documents())
    );
}

#[test]
fn a_fleet_counts_every_server_once_and_a_subscription_once() {
    let mut fleet = PolicyFleet::new(catalogue());
    for (subscription, name) in [("s1", "a"), ("S1", "b"), ("s2", "c")] {
        let rows = match name {
            "a" => json!([state(PUBLIC_ACCESS, "x", "NonCompliant", "")]),
            "b" => json!([state(PUBLIC_ACCESS, "X", "Compliant", "")]),
            _ => json!([]),
        };
        fleet.add(
            &MadeUp::new(subscription, name)
                .server(json!({"network": {"publicNetworkAccess": "Enabled"}}))
                .list(DocumentKind::PolicyStates, rows)
                .read(
                    DocumentKind::DefenderPlan,
                    json!({"properties": {"pricingTier": "Free"}}),
                )
                .list(
                    DocumentKind::PolicyExemptions,
                    json!([exemption(
                        "/subscriptions/s1",
                        "e",
                        json!("2026-01-01T00:00:00Z"),
                        json!([])
                    )]),
                )
                .documents(),
        );
    }
    assert_eq!((fleet.servers, fleet.subscriptions()), (3, 2));
    let row = |guid: &str| {
        fleet
            .policies
            .iter()
            .find(|row| row.policy.guid == guid)
            .expect("a mapped policy")
    };
    let public = row(PUBLIC_ACCESS);
    assert_eq!(public.counted, 3);
    assert_eq!(public.ours.non_compliant, 3);
    assert_eq!(public.azure[&ComplianceState::NonCompliant], 1);
    assert_eq!(public.azure[&ComplianceState::Compliant], 1);
    assert_eq!(public.not_seen, 1);
    let counts = [Agreement::Agree, Agreement::Differ, Agreement::OnlyUs];
    assert_eq!(counts.map(|it| public.agreement.get(it)), [1, 1, 1]);
    let assignments: Vec<usize> = public.assignments.values().map(|it| it.servers).collect();
    assert_eq!(assignments, [2], "one assignment in two casings");
    let plan = row(PLAN);
    assert_eq!((plan.counted, plan.ours.non_compliant), (2, 2));
    for row in &fleet.policies {
        let ours = row.ours;
        let all = ours.compliant + ours.non_compliant + ours.open + ours.does_not_apply;
        let agreed: usize = Agreement::ALL.iter().map(|it| row.agreement.get(*it)).sum();
        assert_eq!(
            (all, agreed),
            (row.counted, row.counted),
            "{}",
            row.policy.name
        );
    }
    let exemptions: Vec<(usize, Option<bool>)> = fleet
        .exemptions
        .values()
        .map(|it| (it.servers, it.exemption.expired))
        .collect();
    assert_eq!(exemptions, [(3, Some(true))]);

    let record = PolicyFleetRecord::new(&fleet);
    let mut text = Vec::new();
    write_policies(&mut text, &record).unwrap();
    let text = String::from_utf8(text).unwrap();
    for words in [
        "Azure Policy over 3 servers and 2 subscriptions",
        "Azure says   Compliant 1, NonCompliant 1, no state 1",
        "agreement    agree 1, differ 1, only us 1",
        "evaluates    the subscription, not the server: 2 subscriptions",
        "EXPIRED 2026-01-01T00:00:00Z",
        "DP-3  Data in Transit Encryption: the policies look at the retired single server",
    ] {
        assert!(text.contains(words), "{words:?} in\n{text}");
    }
}

#[test]
fn a_record_of_a_finding_holds_its_policies_and_the_blind_spot() {
    let documents = with_exemptions().documents();
    let findings = judge(&documents, &Ruleset::default());
    let ruleset = Ruleset::default();
    let judged = Judged {
        ruleset: &ruleset,
        id: &ruleset.id(),
    };
    let record = |feature: FeatureId| {
        let finding = &findings[feature.index()];
        serde_json::to_value(FindingRecord::new(&documents, finding, judged)).expect("JSON")
    };
    let public = record(FeatureId::PublicNetworkAccess);
    assert_eq!(public["policy_blind_spot"], false);
    let first = &public["policies"][0];
    assert_eq!(first["guid"], PUBLIC_ACCESS);
    assert_eq!(first["assigned"], "yes");
    assert_eq!(first["azure_state"], "Exempt");
    assert_eq!(first["ours"], "NonCompliant");
    assert_eq!(first["agreement"], "only-us");
    assert_eq!(first["assignments"][0]["effect"], "audit");
    assert!(public.get("azure_exemptions").is_none());
    let retired = &public["policies"][1];
    assert_eq!(retired["evaluates"], "never a flexible server");
    assert_eq!(retired["ours"], "DoesNotApply");

    let tls = record(FeatureId::TransitEncryption);
    assert_eq!(tls["policy_blind_spot"], true);
    let about_policy = record(FeatureId::PolicySupport);
    assert_eq!(about_policy["policies"].as_array().map(Vec::len), Some(8));
    assert_eq!(
        about_policy["azure_exemptions"]["seen"]
            .as_array()
            .map(Vec::len),
        Some(4)
    );
    assert_eq!(
        about_policy["azure_exemptions"]["seen"][0]["covers"],
        json!([PUBLIC_ACCESS])
    );
    let logs = record(FeatureId::ResourceLogs);
    let law = logs["policies"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|policy| policy["guid"] == LOG_ANALYTICS)
        .expect("shown with the logs");
    assert_eq!(
        (law["ours"].as_str(), law["ours_cause"].as_str()),
        (Some("Open"), Some("NotAsked"))
    );

    let mut text = Vec::new();
    write_text(&mut text, &documents, &findings, judged).unwrap();
    let text = String::from_utf8(text).unwrap();
    for words in [
        "policy c9299215 Public network access should be disabled for MySQL flexible servers",
        "Azure: Exempt; its rule over what was read: NonCompliant",
        "policy blind spot: the policies look at the retired single server",
        "exemption of Azure Policy",
        "EXPIRED 2026-11-20T12:00:00Z",
    ] {
        assert!(text.contains(words), "{words:?} in\n{text}");
    }
    assert!(!text.contains('\u{1b}'));
}

#[tokio::test]
async fn a_scan_tells_the_states_of_the_simulator_and_reads_its_rules_as_they_were_planted() {
    let fleet = Fleet::generate(&FleetOptions {
        seed: 5,
        servers: 90,
        subscriptions: 6,
        denials: false,
        ..FleetOptions::new(jiff::Timestamp::now())
    });
    let manifest = fleet.manifest();
    let mut scanned = scan_all(fleet, unlimited(Faults::default())).await;
    let servers = scanned.servers();
    let (mut told, mut differ, mut silent) = (0, 0, 0);
    for planted in manifest["servers"].as_array().into_iter().flatten() {
        let Some(documents) = servers.get(planted["name"].as_str().expect("a name")) else {
            continue;
        };
        let states = planted["policyStates"].as_array().expect("states");
        let about = |policy: &Policy| {
            states
                .iter()
                .filter(|state| {
                    let id = state["policyDefinitionId"].as_str().expect("an id");
                    id.to_lowercase().ends_with(&policy.guid)
                })
                .collect::<Vec<_>>()
        };
        let mut any = false;
        for policy in catalogue().policies() {
            let standing = policy_standing(documents, policy);
            let states = about(policy);
            assert_eq!(
                standing.assigned.assignments().len(),
                states.len(),
                "{} {}",
                planted["name"],
                policy.name
            );
            any |= policy.targets_flexible && !states.is_empty();
            let Some(first) = states.first() else {
                assert_eq!(standing.azure, None);
                continue;
            };
            let azure = standing.azure.as_ref().expect("a state");
            let words: Vec<&str> = states
                .iter()
                .map(|state| state["complianceState"].as_str().expect("a word"))
                .collect();
            assert!(words.contains(&azure.state.word()), "{words:?}");
            if words.contains(&"NonCompliant") {
                assert_eq!(azure.state, ComplianceState::NonCompliant);
            }
            assert!(azure.at.is_some());
            told += 1;
            let by_rule = first["byRule"].as_str().expect("a word");
            match &standing.ours {
                // A stopped server does not tell its parameters.
                Reading::Open {
                    cause: Some(cause), ..
                } => {
                    let look = standing.evidence.first().expect("a look");
                    assert_eq!(documents.body(look.document).err().as_ref(), Some(cause));
                }
                // The rule about diagnostic settings depends on parameters that are not read.
                Reading::Open { cause: None, .. } => assert_eq!(policy.guid, LOG_ANALYTICS),
                ours => assert_eq!(ours.word(), by_rule, "{} {}", planted["name"], policy.name),
            }
            differ += usize::from(standing.agreement == Agreement::Differ);
        }
        let judged = crate::support::judgement(documents, "policy-reports");
        let visible = documents
            .body(DocumentKind::PolicyVisibility)
            .expect("read")["states"]
            .as_u64()
            .expect("a number");
        let expected = match (any, states.is_empty(), visible) {
            (true, ..) => Judgement::Met,
            (false, true, 0) => Judgement::Unread(Cause::NotVisible),
            _ => Judgement::Unmet,
        };
        silent += usize::from(visible == 0);
        assert_eq!(judged, expected, "{}", planted["name"]);
        let exemptions = exemptions_of_azure(documents).known().expect("read");
        assert_eq!(
            Some(exemptions.len()),
            planted["policyExemptions"].as_array().map(Vec::len),
            "{}",
            planted["name"]
        );
    }
    assert!(
        told > 100 && differ > 5 && silent > 0,
        "{told} {differ} {silent}"
    );
}
