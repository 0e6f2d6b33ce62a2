//! Scans of a part of what is visible, and for some checks only.

use std::collections::BTreeSet;

use flexposture::baseline::{FeatureId, Selector};
use flexposture::documents::{Cause, DocumentKind};
use flexposture::posture::difference::Unseen;
use flexposture::posture::{Judge, Judgement, Ruleset, Verdict};
use flexposture::scan::ScanError;
use flexposture::simulator::{Fault, Faults, Mishap};
use flexposture::store::{Scope, compare};
use serde_json::Value;

use crate::home::Home;
use crate::support::{findings, fleet, scan, simulate, unlimited};

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|it| (*it).to_owned()).collect()
}

/// What of the planted servers fits, by name.
fn planted(manifest: &Value, fits: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    let servers = manifest["servers"].as_array().expect("servers");
    let visible = servers.iter().filter(|it| it["hidden"] != true);
    visible
        .filter(|it| fits(it))
        .map(|it| it["name"].as_str().expect("a name").to_owned())
        .collect()
}

fn no_graph() -> Faults {
    let denied = Mishap::Answer {
        status: 403,
        headers: Vec::new(),
        body: r#"{"error":{"code":"AuthorizationFailed","message":"no"}}"#.into(),
    };
    Faults::none().and(Fault::always(
        "/providers/Microsoft.ResourceGraph/resources",
        denied,
    ))
}

/// The names of the servers that a scan of a scope holds.
async fn scanned(scope: Scope, faults: Faults) -> Result<BTreeSet<String>, ScanError> {
    let running = simulate(fleet(60), unlimited(faults)).await;
    let mut scanned = scan(running, scope, |_, _| {}).await?;
    assert_eq!(scanned.done.unlisted, Vec::<String>::new());
    Ok(scanned.servers().into_keys().collect())
}

/// Whether Resource Graph answers or only the lists of Resource Manager, the same servers are scanned: those that were
/// planted so.
#[tokio::test]
async fn the_servers_that_fit_are_scanned_whoever_lists_them() {
    let manifest = fleet(60).manifest();
    let groups: BTreeSet<&str> = manifest["servers"]
        .as_array()
        .expect("servers")
        .iter()
        .filter_map(|it| it["group"].as_str())
        .collect();
    let group = *groups.first().expect("a group");
    let tagged = manifest["servers"]
        .as_array()
        .expect("servers")
        .iter()
        .find_map(|it| it["tags"].as_array()?.first())
        .map(|tag| [&tag[0], &tag[1]].map(|it| it.as_str().expect("text").to_owned()))
        .expect("a tag");
    let has_tag = |it: &Value, value: Option<&str>| {
        it["tags"].as_array().expect("tags").iter().any(|tag| {
            let name = tag[0].as_str().expect("text");
            name.eq_ignore_ascii_case(&tagged[0]) && value.is_none_or(|it| tag[1] == it)
        })
    };
    let one = planted(&manifest, |_| true)
        .first()
        .expect("a server")
        .clone();
    let cases = [
        (
            Scope {
                resource_groups: vec![group.to_uppercase()],
                ..Scope::default()
            },
            planted(&manifest, |it| it["group"] == group),
        ),
        (
            Scope {
                tags: vec![tagged[0].to_uppercase().parse().expect("a tag")],
                ..Scope::default()
            },
            planted(&manifest, |it| has_tag(it, None)),
        ),
        (
            Scope {
                tags: vec![
                    format!("{}={}", tagged[0], tagged[1])
                        .parse()
                        .expect("a tag"),
                ],
                servers: texts(&["mysql-*"]),
                ..Scope::default()
            },
            planted(&manifest, |it| {
                has_tag(it, Some(&tagged[1]))
                    && it["name"]
                        .as_str()
                        .is_some_and(|name| name.starts_with("mysql-"))
            }),
        ),
        (
            Scope {
                servers: vec![one.to_uppercase(), "no' or 'x' =~ 'x".to_owned()],
                ..Scope::default()
            },
            BTreeSet::from([one]),
        ),
    ];
    for (scope, expected) in cases {
        assert!(!expected.is_empty() && expected.len() < 60, "{scope:?}");
        let by_graph = scanned(scope.clone(), Faults::none()).await;
        assert_eq!(by_graph.expect("a scan"), expected, "{scope:?}");
        let by_list = scanned(scope.clone(), no_graph()).await;
        assert_eq!(by_list.expect("a scan"), expected, "{scope:?}, by list");
    }
}

#[tokio::test]
async fn the_subscriptions_below_a_management_group_are_scanned() {
    let manifest = fleet(60).manifest();
    let below: BTreeSet<&str> = manifest["subscriptions"]
        .as_array()
        .expect("subscriptions")
        .iter()
        .filter(|it| {
            let groups = it["managementGroups"].as_array().expect("groups");
            groups.iter().any(|group| group == "mg-production")
        })
        .filter_map(|it| it["id"].as_str())
        .collect();
    let expected = planted(&manifest, |it| {
        it["subscription"]
            .as_str()
            .is_some_and(|id| below.contains(id))
    });
    let scope = |group: &str| Scope {
        management_groups: texts(&[group]),
        ..Scope::default()
    };
    let found = scanned(scope("MG-Production"), Faults::none()).await;
    assert_eq!(found.expect("a scan"), expected);
    assert!(!expected.is_empty() && expected.len() < 60);
    let Err(error) = scanned(scope("mg-produktion"), Faults::none()).await else {
        panic!("a group that is not there")
    };
    let words = error.to_string();
    assert!(
        words.contains("mg-produktion") && words.contains("mg-production"),
        "{words}"
    );
    // Without an answer about the groups nothing is scanned, and not everything.
    let unanswered = scanned(scope("mg-production"), no_graph()).await;
    assert!(
        matches!(unanswered, Err(ScanError::ManagementGroups(_))),
        "{unanswered:?}"
    );
}

#[tokio::test]
async fn what_fits_nothing_is_told_with_near_names_and_leaves_no_file() {
    let running = simulate(fleet(20), unlimited(Faults::none())).await;
    let home = Home::new();
    let name = planted(&fleet(20).manifest(), |_| true)
        .first()
        .expect("a server")
        .clone();
    let typo = format!("{name}x");
    let told = home
        .run(&[
            "scan",
            "--arm-endpoint",
            &running.endpoint(),
            "--server",
            &typo,
        ])
        .await;
    assert_eq!(told.code, 2, "{told:?}");
    assert!(
        told.err.contains(&typo) && told.err.contains(&format!("there is {name}")),
        "{told:?}"
    );
    let told = home
        .run(&[
            "scan",
            "--arm-endpoint",
            &running.endpoint(),
            "--server",
            &typo,
            "--server",
            &name,
        ])
        .await;
    assert_eq!(told.code, 0, "{told:?}");
    assert!(told.err.contains(&typo), "{told:?}");
    let list = home.run(&["scans", "list"]).await.fine();
    assert!(list.contains(&format!("server {name}, {typo}")), "{list}");
    let files = std::fs::read_dir(home.path("data/flexposture/scans")).expect("a folder");
    assert_eq!(files.count(), 1);
}

/// What was not asked for is unread, and what was read for a check is judged as by a scan of everything.
#[tokio::test]
async fn a_scan_for_some_checks_reads_what_they_need_and_judges_them_alike() {
    let mut whole = scan(
        simulate(fleet(40), unlimited(Faults::none())).await,
        Scope::default(),
        |_, _| {},
    )
    .await
    .expect("a scan");
    let whole_servers = whole.servers();
    for words in ["NS", "dp-3", "defender-offering", "X-8"] {
        let only: Selector = words.parse().expect("a check");
        let scope = Scope {
            only: vec![only],
            ..Scope::default()
        };
        let mut part = scan(
            simulate(fleet(40), unlimited(Faults::none())).await,
            scope,
            |_, _| {},
        )
        .await
        .expect("a scan");
        assert!(part.requests.len() < whole.requests.len());
        for (name, documents) in part.servers() {
            let (all, some) = (findings(&whole_servers[&name]), findings(&documents));
            for feature in FeatureId::ALL {
                if only.means(feature) {
                    assert_eq!(
                        some[&feature].verdict, all[&feature].verdict,
                        "{words}: {feature} of {name}"
                    );
                }
                for condition in &some[&feature].conditions {
                    // Never a verdict without the document that it would stand in.
                    if matches!(condition.judgement, Judgement::Met | Judgement::Unmet) {
                        let read = condition.evidence.iter().any(|it| {
                            documents
                                .get(it.document)
                                .is_some_and(|it| it.body().is_ok())
                        });
                        assert!(read, "{words}: {} of {name}", condition.id);
                    }
                }
            }
            if words == "dp-3" {
                let asked = documents.body(DocumentKind::Backups);
                assert_eq!(asked.err(), Some(Cause::NotAsked));
                let backup = &some[&FeatureId::NativeBackup].verdict;
                assert!(!matches!(backup, Verdict::Pass), "{backup:?}");
            }
        }
    }
}

/// A scan of a part says nothing about the servers that it was not asked for.
#[tokio::test]
async fn servers_outside_of_a_scope_are_not_gone() {
    let home = Home::new();
    let running = simulate(fleet(20), unlimited(Faults::none())).await;
    let endpoint = running.endpoint();
    let name = planted(&fleet(20).manifest(), |_| true)
        .first()
        .expect("a server")
        .clone();
    let (all, one) = (home.name("all.flexscan"), home.name("one.flexscan"));
    for arguments in [
        &["--out", &all][..],
        &["--out", &one, "--server", &name][..],
    ] {
        let told = home
            .run(&[&["scan", "--arm-endpoint", &endpoint][..], arguments].concat())
            .await;
        assert_eq!(told.code, 0, "{told:?}");
    }
    let judge = Judge::by(Ruleset::default());
    let compared = compare(all.as_ref(), one.as_ref(), &judge, None, |_| true)
        .expect("two scans")
        .expect("not stopped");
    let gone = &compared.difference.gone;
    assert!(!gone.is_empty());
    for server in gone {
        assert!(
            matches!(
                server.unseen,
                Some(Unseen::OutOfScope | Unseen::SubscriptionNotAsked)
            ),
            "{server:?}"
        );
    }
    let back = compare(one.as_ref(), all.as_ref(), &judge, None, |_| true)
        .expect("two scans")
        .expect("not stopped");
    assert_eq!(back.difference.new.len(), gone.len());
    assert!(back.difference.new.iter().all(|it| it.unseen.is_some()));
    let same = compare(one.as_ref(), one.as_ref(), &judge, None, |_| true)
        .expect("two scans")
        .expect("not stopped");
    assert!(same.difference.is_empty());
}
