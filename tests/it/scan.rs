//! Whole scans over real HTTP, compared with what was planted, and what becomes of them when reads fail.

use std::collections::BTreeMap;
use std::time::Duration;

use flexposture::baseline::FeatureId;
use flexposture::documents::{Cause, DocumentKind, Method, ServerDocuments};
use flexposture::posture::{Judge, Judgement, Ruleset, Verdict};
use flexposture::scan::{Progress, ScanError};
use flexposture::simulator::{Fault, Faults, Fleet, FleetOptions, Mishap, Options, Quota};
use flexposture::store::{Completeness, Scope};
use serde_json::Value;

use crate::support::{Scanned, TOKEN, findings, judgement, scan, scan_all, simulate, verdict};

fn fleet(servers: usize) -> Fleet {
    Fleet::generate(&FleetOptions {
        servers,
        denials: false,
        ..FleetOptions::new(jiff::Timestamp::now())
    })
}

fn options(faults: Faults) -> Options {
    Options {
        faults,
        essential_parameters_only: true,
        ..Options::new(TOKEN)
    }
}

/// The servers that run and have a public endpoint, by what was planted.
fn running_public(manifest: &Value) -> Vec<String> {
    manifest["servers"]
        .as_array()
        .expect("servers")
        .iter()
        .filter(|server| server["state"] == "Ready" && server["network"]["kind"] == "public")
        .map(|server| server["name"].as_str().expect("a name").to_owned())
        .collect()
}

#[tokio::test]
async fn every_server_is_read_kept_and_told() {
    let fleet = Fleet::generate(&FleetOptions::new(jiff::Timestamp::now()));
    let mut scanned = scan_all(fleet, Options::new(TOKEN)).await;
    assert_eq!(scanned.done.completeness, Completeness::Complete);
    assert_eq!(scanned.done.servers, 60);
    let told: usize = scanned
        .messages
        .iter()
        .map(|message| match message {
            Progress::Stored(servers) => servers.len(),
            _ => 0,
        })
        .sum();
    assert_eq!(told, 60);
    let info = scanned.scan.info().unwrap();
    assert_eq!((info.servers, info.subscriptions), (60, 3));
    let packed = scanned
        .scan
        .fleet(&Judge::by(Ruleset::default()), |_| panic!("packed"))
        .unwrap();
    assert_eq!(packed.servers.len(), 60);
    assert_eq!(scanned.servers().len(), 60);
    for request in &scanned.requests {
        let allowed = request.method == "GET"
            || (request.method == "POST"
                && request
                    .path_and_query
                    .starts_with("/providers/Microsoft.ResourceGraph/resources?"));
        assert!(allowed, "{} {}", request.method, request.path_and_query);
    }
}

#[tokio::test]
async fn a_subscription_that_is_not_visible_is_told_and_the_others_are_scanned() {
    let running = simulate(fleet(30), options(Faults::none())).await;
    let wanted = "00000000-1111-2222-3333-444444444444".to_owned();
    let visible = fleet(30).manifest()["subscriptions"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let scope = Scope {
        subscriptions: vec![wanted.clone(), visible],
        ..Scope::default()
    };
    let scanned = scan(running, scope, |_, _| {}).await.unwrap();
    assert_eq!(scanned.scan.info().unwrap().subscriptions, 1);
    assert!(scanned.done.servers > 0);
    assert!(
        scanned
            .done
            .notes
            .iter()
            .any(|note| note.contains(&wanted) && note.contains("not visible")),
        "{:?}",
        scanned.done.notes
    );
    assert_eq!(scanned.scan.info().unwrap().notes, scanned.done.notes);
}

#[tokio::test]
async fn a_subscription_without_a_usable_id_is_told_and_not_left_out_in_silence() {
    let faults = Faults::none().and(Fault::always(
        "/subscriptions",
        Mishap::Replace {
            pointer: "/value/0/subscriptionId".into(),
            value: serde_json::json!(7),
        },
    ));
    let scanned = scan_all(fleet(30), options(faults)).await;
    assert_eq!(scanned.scan.info().unwrap().subscriptions, 2);
    let notes = &scanned.done.notes;
    assert!(
        notes.iter().any(|note| note.contains("no usable id")),
        "{notes:?}"
    );
}

#[tokio::test]
async fn without_resource_graph_the_servers_are_listed_subscription_by_subscription() {
    let denied = Mishap::Answer {
        status: 403,
        headers: Vec::new(),
        body: r#"{"error":{"code":"AuthorizationFailed","message":"no"}}"#.into(),
    };
    let faults = Faults::none().and(Fault::always(
        "/providers/Microsoft.ResourceGraph/resources",
        denied,
    ));
    let mut scanned = scan_all(fleet(60), options(faults)).await;
    assert_eq!(scanned.done.servers, 60);
    assert!(
        scanned
            .done
            .notes
            .iter()
            .any(|note| note.contains("Resource Graph"))
    );
    // What stands around them is read one by one.
    let servers = scanned.servers();
    for kind in [DocumentKind::Subnet, DocumentKind::NetworkSecurityGroup] {
        let read = servers.values().filter(|it| it.body(kind).is_ok()).count();
        assert!(read > 0, "{kind:?}");
    }
}

#[tokio::test]
async fn a_subscription_that_cannot_be_listed_is_not_zero_servers() {
    let denied = || Mishap::Answer {
        status: 403,
        headers: Vec::new(),
        body: r#"{"error":{"code":"AuthorizationFailed","message":"no"}}"#.into(),
    };
    let faults = Faults::none()
        .and(Fault::always(
            "/providers/Microsoft.ResourceGraph/resources",
            denied(),
        ))
        .and(Fault::always(
            "/subscriptions/*/providers/Microsoft.DBforMySQL/flexibleServers",
            denied(),
        ));
    let scanned = scan_all(fleet(30), options(faults)).await;
    assert_eq!(scanned.done.servers, 0);
    assert_eq!(scanned.done.unlisted.len(), 3);
    let not_visible = scanned
        .done
        .notes
        .iter()
        .filter(|note| note.contains("not visible"));
    assert_eq!(not_visible.count(), 3);
}

#[tokio::test]
async fn an_endpoint_that_refuses_the_list_of_subscriptions_is_an_error() {
    let faults = Faults::none().and(Fault::always(
        "/subscriptions",
        Mishap::Answer {
            status: 403,
            headers: Vec::new(),
            body: r#"{"code":"AuthorizationFailed","message":"unwrapped"}"#.into(),
        },
    ));
    let running = simulate(fleet(3), options(faults)).await;
    let Err(error) = scan(running, Scope::default(), |_, _| {}).await else {
        panic!("a scan of nothing");
    };
    assert!(matches!(error, ScanError::Subscriptions(_)));
    assert!(error.to_string().contains("unwrapped"), "{error}");
}

/// The features of which no condition reads the parameters.
fn of_parameters() -> [FeatureId; 2] {
    [FeatureId::LocalAuthentication, FeatureId::TransitEncryption]
}

fn cause(verdict: &Verdict) -> Option<&Cause> {
    match verdict {
        Verdict::Unknown(cause) => Some(cause),
        _ => None,
    }
}

#[tokio::test]
async fn trap_6_a_stopped_server_is_not_four_failures() {
    let fleet = fleet(60);
    let stopped: Vec<String> = fleet.manifest()["servers"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|server| server["state"] == "Stopped")
        .map(|server| server["name"].as_str().unwrap().to_owned())
        .collect();
    assert!(!stopped.is_empty());
    let mut scanned = scan_all(fleet, options(Faults::none())).await;
    let servers = scanned.servers();
    for name in stopped {
        for feature in of_parameters() {
            let verdict = verdict(&servers[&name], feature);
            assert_eq!(
                cause(&verdict),
                Some(&Cause::ServerStopped),
                "{name} {feature}"
            );
        }
        // What does not need the server to run was read all the same.
        let server = servers[&name].get(DocumentKind::Server).unwrap();
        assert!(server.body().is_ok());
        assert!(!matches!(
            verdict(&servers[&name], FeatureId::PublicNetworkAccess),
            Verdict::Unknown(_)
        ));
    }
}

#[tokio::test]
async fn trap_7_a_refused_child_is_neither_a_failure_nor_the_end_of_the_scan() {
    let fleet = fleet(30);
    let victim = running_public(&fleet.manifest()).remove(0);
    let action = "Microsoft.DBforMySQL/flexibleServers/configurations/read";
    let message = format!(
        "The client 'x' with object id 'y' does not have authorization to perform action '{action}' over scope \
         '/subscriptions/s/resourceGroups/g' or the scope is invalid. If access was recently granted, please refresh \
         your credentials."
    );
    let faults = Faults::none().and(Fault::always(
        format!("*/flexibleServers/{victim}/configurations"),
        Mishap::Answer {
            status: 403,
            headers: Vec::new(),
            body: serde_json::json!({"error": {"code": "AuthorizationFailed", "message": message}})
                .to_string(),
        },
    ));
    let mut scanned = scan_all(fleet, options(faults)).await;
    assert_eq!(scanned.done.completeness, Completeness::Complete);
    let servers = scanned.servers();
    assert_eq!(servers.len(), 30);
    for feature in of_parameters() {
        assert_eq!(
            cause(&verdict(&servers[&victim], feature)),
            Some(&Cause::Denied {
                action: action.into(),
                scope: "/subscriptions/s/resourceGroups/g".into()
            })
        );
    }
    for id in ["require-tls", "tls-min", "entra-only"] {
        assert!(
            matches!(judgement(&servers[&victim], id), Judgement::Unread(_)),
            "{id}"
        );
    }
}

/// A copy of a server's findings with the clock taken out, to compare two scans.
fn outcomes(
    servers: &BTreeMap<String, ServerDocuments>,
) -> BTreeMap<(String, &'static str), String> {
    let mut outcomes = BTreeMap::new();
    for (name, documents) in servers {
        for (feature, finding) in findings(documents) {
            outcomes.insert(
                (name.clone(), feature.slug()),
                format!("{:?}", finding.verdict),
            );
            for condition in finding.conditions {
                outcomes.insert(
                    (name.clone(), condition.id),
                    format!("{:?}", condition.judgement),
                );
            }
        }
    }
    outcomes
}

#[tokio::test]
async fn throttled_conflicting_and_refused_reads_cost_their_own_facts_only() {
    let now = jiff::Timestamp::now();
    let make = || {
        Fleet::generate(&FleetOptions {
            servers: 30,
            denials: false,
            ..FleetOptions::new(now)
        })
    };
    let public = running_public(&make().manifest());
    let [refused, conflicting, throttled, ..] = &public[..] else {
        panic!("too few public servers")
    };
    let faults = Faults::none()
        .and(Fault::always(
            format!("*/flexibleServers/{refused}/configurations"),
            Mishap::Answer {
                status: 403,
                headers: Vec::new(),
                body: "Forbidden".into(),
            },
        ))
        .and(Fault::always(
            format!("*/flexibleServers/{conflicting}/configurations"),
            Mishap::Answer {
                status: 409,
                headers: Vec::new(),
                body: r#"{"error":{"code":"ServerIsBusy","message":"busy"}}"#.into(),
            },
        ))
        .and(Fault::first(
            1,
            format!("*/flexibleServers/{throttled}/configurations"),
            Mishap::throttled(1),
        ));
    let mut undisturbed = scan_all(make(), options(Faults::none())).await;
    let mut disturbed = scan_all(make(), options(faults)).await;
    let (expected, found) = (
        outcomes(&undisturbed.servers()),
        outcomes(&disturbed.servers()),
    );
    let servers = disturbed.servers();
    let path = servers[refused]
        .get(DocumentKind::Configurations)
        .unwrap()
        .request
        .path
        .clone();
    assert_eq!(
        judgement(&servers[refused], "tls-min"),
        Judgement::Unread(Cause::Denied {
            action: DocumentKind::Configurations.action().into(),
            scope: path,
        }),
        "a refusal without words names what the read is documented to need"
    );
    assert_eq!(
        judgement(&servers[conflicting], "tls-min"),
        Judgement::Unread(Cause::ServerStopped)
    );
    // What is read from the parameters, and nothing else.
    let facts = [
        "entra-only",
        "local-admin",
        "admin-name",
        "require-tls",
        "tls-min",
        "audit-on",
        "audit-events",
        "audit-users",
        "slow-exported",
        "local-infile",
    ];
    let features = [
        "local-authentication",
        "local-admin-accounts",
        "transit-encryption",
        "resource-logs",
        "risky-parameters",
    ];
    let manifest = make().manifest();
    let source_of = |name: &str| {
        let planted = manifest["servers"]
            .as_array()
            .expect("servers")
            .iter()
            .find(|it| it["name"] == name)
            .expect("it was planted");
        planted["replication"]["source"].as_str().map(str::to_owned)
    };
    let is_hit = |name: &str| name == refused || name == conflicting;
    let mut hits = 0;
    for (key, outcome) in &expected {
        let (server, fact) = key;
        let told = &found[key];
        let unread = told.contains("Unread") || told.contains("Unknown");
        let compared = is_hit(server)
            || source_of(server).is_some_and(|it| it.rsplit('/').next().is_some_and(is_hit));
        if is_hit(server) && facts.contains(fact) {
            hits += 1;
            assert!(unread, "{key:?} {told}");
        } else if is_hit(server) && *fact == "resource-logs" && outcome == "Fail" {
            // Where the log goes is told elsewhere, and may be enough to fail.
            let exported = &found[&(server.clone(), "audit-exported")];
            assert_eq!(unread, exported != "Unmet", "{key:?} {told}");
        } else if is_hit(server) && features.contains(fact) {
            assert!(unread, "{key:?} {told}");
        } else if compared && *fact == "replica-parity" {
            // A replica is compared with a source of which less is known.
            assert!(unread || told == outcome, "{key:?} {told}");
        } else {
            assert_eq!(told, outcome, "{key:?}");
        }
    }
    assert_eq!(hits, 2 * facts.len());
}

#[tokio::test]
async fn nothing_starts_in_a_subscription_while_it_is_told_to_wait() {
    let fleet = Fleet::generate(&FleetOptions {
        servers: 20,
        subscriptions: 1,
        denials: false,
        ..FleetOptions::new(jiff::Timestamp::now())
    });
    let faults = Faults::none().and(Fault::first(1, "*/administrators", Mishap::throttled(1)));
    let scanned = scan_all(fleet, options(faults)).await;
    assert_eq!(scanned.done.servers, 20);
    let told = scanned
        .requests
        .iter()
        .filter(|request| request.status == 429)
        .map(|request| request.started)
        .max()
        .expect("a request was throttled");
    // Requests that were under way when the answer came are let through; the window is judged a little after it.
    let inside = scanned.requests.iter().filter(|request| {
        request.started > told + Duration::from_millis(200)
            && request.started < told + Duration::from_millis(950)
    });
    assert_eq!(inside.count(), 0);
}

#[tokio::test]
async fn trap_13_an_empty_page_with_a_next_link_is_not_the_end() {
    let mut options = options(Faults::none());
    options.page_size = 1;
    options.quota = Quota::Unlimited;
    let mut small = scan_all(fleet(30), options).await;
    assert_eq!(small.servers().len(), 30);
    let mut large = scan_all(fleet(30), self::options(Faults::none())).await;
    let count = |servers: &BTreeMap<String, ServerDocuments>| -> Vec<(String, usize)> {
        servers
            .iter()
            .map(|(name, documents)| {
                let items = |kind| match documents.body(kind) {
                    Ok(body) => body["value"].as_array().map_or(0, Vec::len),
                    Err(_) => 0,
                };
                (
                    name.clone(),
                    items(DocumentKind::FirewallRules)
                        + items(DocumentKind::Administrators)
                        + items(DocumentKind::Backups),
                )
            })
            .collect()
    };
    assert_eq!(count(&small.servers()), count(&large.servers()));
}

#[tokio::test]
async fn a_cancelled_scan_keeps_what_was_read_and_opens() {
    let mut slow = options(Faults::none());
    slow.latency = Duration::from_millis(20);
    let running = simulate(fleet(200), slow).await;
    let mut scanned = scan(running, Scope::default(), |message, cancellation| {
        if matches!(message, Progress::Stored(_)) {
            cancellation.cancel();
        }
    })
    .await
    .unwrap();
    assert_eq!(scanned.done.completeness, Completeness::Cancelled);
    assert_eq!(
        scanned.scan.info().unwrap().completeness,
        Completeness::Cancelled
    );
    let servers = scanned.servers();
    assert_eq!(
        servers.len(),
        200,
        "those that were not read are listed as such"
    );
    let cancelled =
        |documents: &ServerDocuments| documents.body(DocumentKind::Server) == Err(Cause::Cancelled);
    let unread = servers
        .values()
        .filter(|documents| cancelled(documents))
        .count();
    assert!(unread > 0 && unread < 200, "{unread} of 200");
    let (mut named, mut never_asked) = (0, 0);
    for documents in servers.values().filter(|documents| cancelled(documents)) {
        for (pointer, kinds) in [
            (
                "/properties/network/delegatedSubnetResourceId",
                [DocumentKind::Subnet, DocumentKind::NetworkSecurityGroup],
            ),
            (
                "/properties/dataEncryption/primaryKeyURI",
                [DocumentKind::KeyVault, DocumentKind::EncryptionKey],
            ),
        ] {
            if documents.server_member(pointer).0.known().is_some() {
                named += 1;
                for kind in kinds {
                    let is_shown = documents
                        .get(kind)
                        .is_some_and(|it| it.request.method == Method::Post && it.body().is_ok());
                    // What Resource Graph showed before for all is known of this one too.
                    if !is_shown {
                        assert_eq!(documents.body(kind), Err(Cause::Cancelled), "{kind:?}");
                        never_asked += 1;
                    }
                }
            }
        }
        for finding in findings(documents).values() {
            for condition in &finding.conditions {
                let was_read = condition.evidence.iter().any(|evidence| {
                    let document = documents.get(evidence.document);
                    document.is_some_and(|document| document.body().is_ok())
                });
                let decided = matches!(condition.judgement, Judgement::Met | Judgement::Unmet);
                assert!(!decided || was_read, "{}", condition.id);
            }
        }
    }
    assert!(
        named > 0 && never_asked > 0,
        "some are in a subnet or encrypted with a key of their own"
    );
}

#[tokio::test]
async fn broken_answers_are_unread_and_never_a_verdict() {
    let fleet = fleet(30);
    let victims = running_public(&fleet.manifest());
    let wrong = |pointer: &str, value: Value| Mishap::Replace {
        pointer: pointer.into(),
        value,
    };
    let faults = Faults::none()
        .and(Fault::always(
            format!("*/flexibleServers/{}/administrators", victims[0]),
            wrong("/value", serde_json::json!("none")),
        ))
        .and(Fault::always(
            format!("*/flexibleServers/{}/firewallRules", victims[0]),
            Mishap::Answer {
                status: 200,
                headers: Vec::new(),
                body: "<html>".into(),
            },
        ))
        .and(Fault::always(
            format!("*/flexibleServers/{}", victims[1]),
            wrong("/properties/network", serde_json::json!(7)),
        ));
    let mut scanned: Scanned = scan_all(fleet, options(faults)).await;
    let servers = scanned.servers();
    assert!(matches!(
        judgement(&servers[&victims[0]], "entra-admin"),
        Judgement::Unread(Cause::Malformed { .. })
    ));
    assert!(matches!(
        judgement(&servers[&victims[0]], "fw-world"),
        Judgement::Unread(Cause::Malformed { .. })
    ));
    for id in ["public-disabled", "private-path", "pe-approved"] {
        assert!(
            matches!(
                judgement(&servers[&victims[1]], id),
                Judgement::Unread(Cause::Malformed { .. })
            ),
            "{id}"
        );
    }
}
