//! A scan of an endpoint on which much goes wrong at once, compared with one on which nothing does.

use std::collections::{BTreeMap, BTreeSet};

use flexposture::documents::{Cause, Document, DocumentKind, Method, ServerDocuments};
use flexposture::simulator::{
    Fault, Faults, Fleet, FleetOptions, Mishap, Options, Quota, Request, Turns,
};
use flexposture::store::Completeness;

use crate::support::{Scanned, TOKEN, findings, scan_all};

/// How often the client tries a request.
const TRIES: usize = 5;

fn share(per_mille: u16, mishap: Mishap) -> Fault {
    Fault {
        path: "*".to_owned(),
        turns: Turns::PerMille(per_mille),
        mishap,
    }
}

/// Of a hundred requests five fail, five are reset, two break off, and one is told to wait; one subscription is refused.
fn much(denied: &str) -> Faults {
    let refusal = Mishap::Answer {
        status: 403,
        headers: Vec::new(),
        body: r#"{"error":{"code":"AuthorizationFailed","message":"no"}}"#.into(),
    };
    Faults::none()
        .and(share(30, Mishap::failing(503)))
        .and(share(20, Mishap::failing(500)))
        .and(share(50, Mishap::Reset))
        .and(share(20, Mishap::Truncate { keep: 40 }))
        .and(share(10, Mishap::throttled(0)))
        .and(Fault::always(format!("/subscriptions/{denied}/*"), refusal))
}

async fn scanned(fleet: Fleet, faults: Faults) -> Scanned {
    let options = Options {
        faults,
        essential_parameters_only: true,
        quota: Quota::Unlimited,
        recorded_requests: 100_000,
        ..Options::new(TOKEN)
    };
    scan_all(fleet, options).await
}

/// How often each path was asked for.
fn tries(requests: &[Request]) -> BTreeMap<String, usize> {
    let mut tries = BTreeMap::new();
    for request in requests {
        let path = request.path_and_query.split('?').next().unwrap_or_default();
        *tries.entry(path.to_lowercase()).or_default() += 1;
    }
    tries
}

fn outcomes(documents: &ServerDocuments) -> Vec<String> {
    findings(documents)
        .into_values()
        .flat_map(|finding| {
            let conditions = finding
                .conditions
                .iter()
                .map(|it| format!("{} {:?}", it.id, it.judgement))
                .collect::<Vec<_>>();
            conditions
                .into_iter()
                .chain([format!("{} {:?}", finding.feature, finding.verdict)])
        })
        .collect()
}

#[tokio::test]
async fn what_can_be_read_is_read_and_everything_else_says_why_it_is_not() {
    let now = jiff::Timestamp::now();
    let make = || {
        Fleet::generate(&FleetOptions {
            servers: 90,
            subscriptions: 5,
            denials: false,
            ..FleetOptions::new(now)
        })
    };
    let manifest = make().manifest();
    let denied = manifest["subscriptions"][1]["id"]
        .as_str()
        .expect("an id")
        .to_lowercase();
    let mut calm = scanned(make(), Faults::none()).await;
    let mut rough = scanned(make(), much(&denied)).await;
    assert_eq!(rough.done.completeness, Completeness::Complete);
    assert_eq!(rough.done.unlisted, Vec::<String>::new());
    let tries = tries(&rough.requests);
    let struck = rough.requests.iter().filter(|it| it.status != 200).count();
    assert!(struck > 100, "{struck} of {}", rough.requests.len());

    let lies_in_denied = |document: &Document| {
        let path = document.request.path.to_lowercase();
        path.starts_with(&format!("/subscriptions/{denied}/"))
    };
    let is_unread = |documents: &ServerDocuments, kind| documents.body(kind).is_err();
    let (before, after) = (calm.servers(), rough.servers());
    assert_eq!(
        before.keys().collect::<Vec<_>>(),
        after.keys().collect::<Vec<_>>()
    );
    let (mut untouched, mut refused, mut lost) = (0, 0, BTreeSet::new());
    for (name, calm) in &before {
        let rough = &after[name];
        let mut is_touched = false;
        for document in calm.iter().filter(|it| it.body().is_ok()) {
            let kind = document.kind;
            let Some(now) = rough.get(kind) else {
                is_touched = true;
                assert!(
                    is_unread(rough, DocumentKind::Server)
                        || is_unread(rough, DocumentKind::Subnet),
                    "{name}: {kind:?} was not asked for"
                );
                continue;
            };
            let Err(cause) = now.body() else {
                // A row of Resource Graph and the answer of Resource Manager differ around the properties.
                match kind {
                    DocumentKind::Subnet | DocumentKind::NetworkSecurityGroup => {
                        let now = now.body().map(|it| &it["properties"]);
                        let before = document.body().map(|it| &it["properties"]);
                        assert_eq!(now, before, "{name} {kind:?}");
                    }
                    _ => assert_eq!(now.body(), document.body(), "{name} {kind:?}"),
                }
                continue;
            };
            is_touched = true;
            if lies_in_denied(now) {
                refused += 1;
                assert!(
                    matches!(cause, Cause::Denied { .. }),
                    "{name} {kind:?} {cause}"
                );
            } else {
                let path = now.request.path.to_lowercase();
                assert!(
                    tries.get(&path).is_some_and(|tries| *tries >= TRIES),
                    "{name} {kind:?} {cause} after {:?} tries",
                    tries.get(&path)
                );
                lost.insert(path);
            }
        }
        let of_touched = rough
            .source()
            .is_some_and(|it| is_unread(it, DocumentKind::Server));
        if !is_touched && !of_touched {
            untouched += 1;
            assert_eq!(outcomes(rough), outcomes(calm), "{name}");
        }
    }
    assert!(untouched > 45, "{untouched} of 90");
    assert!(refused > 50, "{refused}");
    // One read of thirty thousand fails five times in a row.
    assert!(lost.len() <= 2, "{lost:?}");
}

#[tokio::test]
async fn the_next_server_reads_what_timed_out_for_the_first_and_both_are_judged_by_it() {
    let now = jiff::Timestamp::now();
    let make = || {
        Fleet::generate(&FleetOptions {
            servers: 120,
            subscriptions: 1,
            denials: false,
            ..FleetOptions::new(now)
        })
    };
    // As many failures as the client makes tries, then all is well.
    let faults = ["*/providers/Microsoft.Authorization/locks", "*/subnets/*"]
        .into_iter()
        .fold(Faults::none(), |faults, path| {
            faults.and(Fault::first(TRIES as u32, path, Mishap::failing(503)))
        });
    let mut calm = scanned(make(), Faults::none()).await;
    let mut rough = scanned(make(), faults).await;
    let expected = calm.servers();
    let by_lists = rough
        .scan
        .fleet(&judge(), |_| {})
        .expect("a packed list")
        .servers;
    let mut shared_by_several = 0;
    for (name, rough) in rough.servers() {
        let locks = rough.body(DocumentKind::Locks);
        assert!(locks.is_ok(), "{name}: {locks:?}");
        let in_list = by_lists
            .iter()
            .find(|it| *it.name == *name)
            .expect("it is in the list");
        assert_eq!(*in_list, judge().summary(&rough), "{name}");
        if rough.body(DocumentKind::Subnet).is_ok() {
            shared_by_several += 1;
        }
        assert_eq!(
            outcomes(&rough).len(),
            outcomes(&expected[&name]).len(),
            "{name}"
        );
    }
    assert!(shared_by_several > 0);
    let asked = tries(&rough.requests);
    for (path, tries) in asked.iter().filter(|(path, _)| path.contains("/subnets/")) {
        assert!(*tries <= 3 * TRIES, "{path} {tries}");
    }
}

fn judge() -> flexposture::posture::Judge {
    flexposture::posture::Judge::by(flexposture::posture::Ruleset::default())
}

#[tokio::test]
async fn an_answer_about_the_first_ten_thousand_subscriptions_is_none_about_the_others() {
    let limited = Mishap::Header {
        name: "x-ms-tenant-subscription-limit-hit".into(),
        value: "true".into(),
    };
    let graph = "/providers/Microsoft.ResourceGraph/resources";
    let fleet = crate::support::fleet(30);
    let mut limited = scanned(fleet, Faults::none().and(Fault::always(graph, limited))).await;
    assert_eq!(limited.done.servers, 30, "they were listed in another way");
    let notes = &limited.done.notes;
    assert!(
        notes
            .iter()
            .any(|note| note.contains("10,000 subscriptions")),
        "{notes:?}"
    );
    for documents in limited.servers().values() {
        assert!(matches!(
            documents.body(DocumentKind::PolicyStates),
            Err(Cause::Malformed { .. })
        ));
        // What Resource Manager says instead is as good.
        assert!(documents.body(DocumentKind::DefenderPlan).is_ok());
    }
}

#[tokio::test]
async fn the_plan_of_a_subscription_that_the_graph_does_not_show_is_asked_for_where_it_lies() {
    // In the third subscription only the servers themselves may be read; there the graph shows no plan.
    let fleet = Fleet::generate(&FleetOptions::new(jiff::Timestamp::now()));
    let manifest = fleet.manifest();
    let mut scanned = scanned(fleet, Faults::none()).await;
    let (mut shown, mut refused) = (0, 0);
    for documents in scanned.servers().values() {
        let plan = documents.get(DocumentKind::DefenderPlan).expect("asked");
        match plan.body() {
            Ok(body) => {
                shown += 1;
                assert_eq!(plan.request.method, Method::Post);
                let planted = manifest["subscriptions"]
                    .as_array()
                    .expect("a list")
                    .iter()
                    .find(|it| it["id"] == documents.id().subscription())
                    .expect("planted");
                assert_eq!(
                    body["properties"]["pricingTier"],
                    planted["pricing"]["openSourceRelationalDatabases"]
                );
            }
            Err(cause) => {
                refused += 1;
                assert_eq!(plan.request.method, Method::Get);
                assert!(matches!(cause, Cause::Denied { .. }), "{cause}");
            }
        }
    }
    assert!(shown > 0 && refused > 0, "{shown} {refused}");
    let of_plans = |it: &&Request| it.path_and_query.contains("/pricings/");
    assert_eq!(scanned.requests.iter().filter(of_plans).count(), 1);
}
