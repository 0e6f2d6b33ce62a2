//! Network security groups from the simulator to the finding: every case that is planted is judged as its rules say.

use std::collections::{BTreeMap, BTreeSet};

use flexposture::azure::read_at;
use flexposture::baseline::FeatureId;
use flexposture::documents::{DocumentKind, Method, ServerDocuments};
use flexposture::posture::Judgement;
use flexposture::simulator::{Faults, Fleet, FleetOptions};
use jiff::Timestamp;
use serde_json::Value;

use crate::support::{client, findings, scan_all, simulate, unlimited};

/// What the rules of a planted case come to, worked out by hand from the rules.
const CASES: [(&str, &str); 29] = [
    ("tight", "Met"),
    ("open", "Unmet"),
    ("unreadable", "Unmet"),
    ("deniedBefore", "Met"),
    ("internetTag", "Unmet"),
    ("defaultsOnly", "Met"),
    ("anyInList", "Unmet"),
    ("unknownTag", "Unknown Malformed"),
    ("halvesOfEight", "Unmet"),
    ("azureTag", "Unmet"),
    ("partlyDenied", "Unmet"),
    ("otherPorts", "Met"),
    ("portInRange", "Unmet"),
    ("udpOnly", "Met"),
    ("elsewhere", "Met"),
    ("applicationGroup", "Met"),
    ("toVirtualNetwork", "Unmet"),
    ("serviceTag", "Unknown Malformed"),
    ("anyOfIpv6", "Unmet"),
    ("toSubnet", "Unmet"),
    ("wholeEight", "Unmet"),
    ("smallPublic", "Met"),
    ("listOfPorts", "Unmet"),
    ("deniedInPieces", "Unmet"),
    ("outboundOnly", "Met"),
    ("otherProtocolDenied", "Unmet"),
    ("internetDenied", "Met"),
    ("deniedAfter", "Unmet"),
    ("otherPortDenied", "Unmet"),
];

fn became(judgement: &Judgement) -> String {
    match judgement {
        Judgement::Unread(cause) => format!("Unknown {}", cause.word()),
        other => other.word().to_owned(),
    }
}

fn unread(how: &Value) -> &'static str {
    match how.as_str() {
        Some("missing") => "Unknown NotFound",
        _ => "Unknown Denied",
    }
}

/// What the two conditions of a server are to become.
fn expected(server: &Value) -> [&'static str; 2] {
    let subnet = &server["subnet"];
    let group = &subnet["networkSecurityGroup"];
    if subnet.is_null() {
        ["NotApplicable"; 2]
    } else if subnet["read"] != "readable" {
        [unread(&subnet["read"]); 2]
    } else if group.is_null() {
        ["Unmet", "NotApplicable"]
    } else if group["read"] != "readable" {
        ["Met", unread(&group["read"])]
    } else {
        let cases: BTreeMap<&str, &str> = CASES.into_iter().collect();
        ["Met", cases[group["case"].as_str().expect("a case")]]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_planted_network_security_group_is_judged_as_its_rules_say() {
    let fleet = Fleet::generate(&FleetOptions {
        servers: 300,
        ..FleetOptions::new(Timestamp::now())
    });
    let manifest = fleet.manifest();
    let mut scanned = scan_all(fleet, unlimited(Faults::none())).await;
    let documents = scanned.servers();
    let mut cases = BTreeSet::new();
    let mut compared = 0;
    for server in manifest["servers"].as_array().expect("a list") {
        let name = server["name"].as_str().expect("a name");
        let Some(documents) = documents.get(name) else {
            continue;
        };
        let finding = &findings(documents)[&FeatureId::NetworkSecurityGroup];
        let found: Vec<String> = finding
            .conditions
            .iter()
            .map(|condition| became(&condition.judgement))
            .collect();
        let case = &server["subnet"]["networkSecurityGroup"]["case"];
        assert_eq!(found, expected(server), "{name} {case}");
        cases.extend(case.as_str());
        compared += 1;
    }
    assert!(compared > 200, "only {compared} servers were compared");
    assert!(cases.len() > 15, "only {cases:?} were planted");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_resource_graph_shows_of_networks_is_not_read_again_and_says_the_same() {
    let fleet = || {
        Fleet::generate(&FleetOptions {
            servers: 300,
            ..FleetOptions::new(Timestamp::UNIX_EPOCH)
        })
    };
    let mut scanned = scan_all(fleet(), unlimited(Faults::none())).await;
    let documents = scanned.servers();
    let around = simulate(fleet(), unlimited(Faults::none())).await;
    let client = client(&around.endpoint());
    let (mut rows, mut alone) = (BTreeSet::new(), BTreeSet::new());
    for document in documents.values().flat_map(ServerDocuments::iter) {
        if !matches!(
            document.kind,
            DocumentKind::Subnet | DocumentKind::NetworkSecurityGroup
        ) {
            continue;
        }
        let Some(about) = document.shared.as_deref() else {
            continue;
        };
        if document.request.method == Method::Get {
            alone.insert(about.to_owned());
        } else if rows.insert(about.to_owned()) {
            let row = document.body().expect("a row");
            let id = row["id"].as_str().expect("an id").to_owned();
            let read = read_at(&client, document.kind, id).await;
            let read = read.body().expect("it can be read");
            assert_eq!(row["properties"], read["properties"], "{about}");
            assert_eq!(row["name"], read["name"], "{about}");
        }
    }
    assert!(rows.len() > 20, "{rows:?}");
    let read: BTreeSet<String> = scanned
        .requests
        .iter()
        .filter_map(|it| it.path_and_query.split('?').next())
        .map(str::to_lowercase)
        .filter(|it| it.contains("/microsoft.network/"))
        .collect();
    // In subscriptions that are not seen, or may not be read, or hold no server that is.
    assert!(!alone.is_empty());
    assert_eq!(read, alone);
    assert!(rows.is_disjoint(&read));
}
