//! Fleets at the edges, and answers that nobody would send on purpose.

use flexposture::baseline::FeatureId;
use flexposture::documents::{Cause, DocumentKind};
use flexposture::posture::{Judge, Judgement, Ruleset, VerdictWord};
use flexposture::simulator::{Fault, Faults, Mishap};
use flexposture::store::Completeness;
use serde_json::json;

use crate::support::{findings, fleet, judgement, scan_all, unlimited};

fn answer(status: u16, body: impl Into<String>) -> Mishap {
    Mishap::Answer {
        status,
        headers: Vec::new(),
        body: body.into(),
    }
}

#[tokio::test]
async fn no_server_and_no_subscription_are_scans_too() {
    let none = scan_all(fleet(0), unlimited(Faults::none())).await;
    assert_eq!(
        (none.done.servers, none.done.completeness),
        (0, Completeness::Complete)
    );
    let nothing = Faults::none().and(Fault::always(
        "/subscriptions",
        Mishap::Replace {
            pointer: "/value".into(),
            value: json!([]),
        },
    ));
    let mut nothing = scan_all(fleet(3), unlimited(nothing)).await;
    assert_eq!(nothing.done.servers, 0);
    assert!(nothing.done.notes[0].contains("no subscription is visible"));
    let fleet = nothing
        .scan
        .fleet(&Judge::by(Ruleset::default()), |_| {})
        .expect("whole");
    assert_eq!(fleet.score().percent(), None);
}

#[tokio::test]
async fn a_server_that_is_gone_is_unknown_where_only_azure_itself_could_tell() {
    let fleet = fleet(12);
    let gone = fleet.manifest()["servers"][0]["name"]
        .as_str()
        .expect("a name")
        .to_owned();
    let not_found = || {
        answer(
            404,
            r#"{"error":{"code":"ResourceNotFound","message":"gone"}}"#,
        )
    };
    let faults = Faults::none()
        .and(Fault::always(
            format!("*/flexibleServers/{gone}"),
            not_found(),
        ))
        .and(Fault::always(
            format!("*/flexibleServers/{gone}/*"),
            not_found(),
        ));
    let mut scanned = scan_all(fleet, unlimited(faults)).await;
    assert_eq!(scanned.done.servers, 12);
    let servers = scanned.servers();
    for finding in findings(&servers[&gone]).values() {
        for condition in &finding.conditions {
            let on = |wanted: &dyn Fn(DocumentKind) -> bool| {
                condition.evidence.iter().any(|it| wanted(it.document))
            };
            let by_the_row = on(&|kind| kind == DocumentKind::Inventory);
            // What is read below the id of the server is gone with it; what stands around it is not.
            let of_the_server = on(&|kind| kind.child_path().is_some());
            let not_found = matches!(condition.judgement, Judgement::Unread(Cause::NotFound));
            // The ruleset asks for no tags, of whatever server.
            let asked = condition.id != "required-tags";
            assert!(
                by_the_row || !asked || not_found == of_the_server,
                "{}: {:?}",
                condition.id,
                condition.judgement
            );
        }
    }
}

#[tokio::test]
async fn answers_of_no_sane_shape_cost_one_fact_each() {
    let fleet = fleet(30);
    let names: Vec<String> = fleet.manifest()["servers"]
        .as_array()
        .expect("servers")
        .iter()
        .filter(|server| server["state"] == "Ready")
        .map(|server| server["name"].as_str().expect("a name").to_owned())
        .collect();
    let deep = format!("{{\"value\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    let mishaps = [
        answer(200, deep),
        answer(200, "[]"),
        answer(200, "null"),
        answer(200, "{}"),
        answer(200, r#"{"value":null}"#),
        answer(
            200,
            r#"{"error":{"code":"Odd","message":"an error with a status of success"}}"#,
        ),
        answer(200, "\u{feff}{\"value\":[]}"),
        answer(200, "{\"value\":[\"\\ud800\"]}"),
        answer(204, ""),
        answer(
            206,
            r#"{"value":[],"nextLink":"https://management.azure.com/x"}"#,
        ),
        answer(401, "not JSON at all"),
        answer(418, ""),
        answer(302, ""),
    ];
    let mut faults = Faults::none();
    for (name, mishap) in names.iter().zip(&mishaps) {
        for child in ["configurations", "administrators", "backups"] {
            let path = format!("*/flexibleServers/{name}/{child}");
            faults = faults.and(Fault::always(path, mishap.clone()));
        }
    }
    let mut scanned = scan_all(fleet, unlimited(faults)).await;
    assert_eq!(scanned.done.completeness, Completeness::Complete);
    let servers = scanned.servers();
    assert_eq!(servers.len(), 30);
    for (name, mishap) in names.iter().zip(&mishaps) {
        for id in [
            "tls-min",
            "require-tls",
            "entra-only",
            "entra-admin",
            "backup-recent",
        ] {
            assert!(
                matches!(judgement(&servers[name], id), Judgement::Unread(_)),
                "{id} of {name} with {mishap:?}"
            );
        }
        let findings = findings(&servers[name]);
        let of = |feature| findings[&feature].verdict.word();
        assert_ne!(
            of(FeatureId::PublicNetworkAccess),
            VerdictWord::Unknown,
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_full_form_that_is_none_of_a_server_decides_nothing() {
    let fleet = fleet(12);
    let names: Vec<String> = fleet.manifest()["servers"]
        .as_array()
        .expect("servers")
        .iter()
        .map(|server| server["name"].as_str().expect("a name").to_owned())
        .collect();
    let bodies = [
        "{}",
        r#"{"properties":null}"#,
        r#"{"properties":[]}"#,
        r#"{"error":{"code":"Odd","message":"an error with a status of success"}}"#,
        r#"{"value":[]}"#,
    ];
    let mut faults = Faults::none();
    for (name, body) in names.iter().zip(bodies) {
        faults = faults.and(Fault::always(
            format!("*/flexibleServers/{name}"),
            answer(200, body),
        ));
    }
    let mut scanned = scan_all(fleet, unlimited(faults)).await;
    let servers = scanned.servers();
    for (name, body) in names.iter().zip(bodies) {
        // Private endpoints have a list of their own, which was read.
        for id in [
            "private-path",
            "public-disabled",
            "fw-world",
            "cmk",
            "geo-cmk",
            "retention",
            "geo-backup",
        ] {
            assert!(
                matches!(judgement(&servers[name], id), Judgement::Unread(_)),
                "{id} of {name} with {body}"
            );
        }
    }
}
