//! What a scan would read, compared with what it then reads.

use std::collections::{BTreeMap, BTreeSet};

use flexposture::documents::DocumentKind;
use flexposture::scan::{Estimate, Progress, look_ahead};
use flexposture::simulator::Faults;
use flexposture::store::Scope;

use crate::home::Home;
use crate::support::{client, fleet, scan, simulate, unlimited};

/// What is planned, and the paths that were asked for after that.
async fn planned_and_read(scope: Scope) -> (Estimate, Vec<String>) {
    let running = simulate(fleet(60), unlimited(Faults::none())).await;
    let plan = look_ahead(&client(&running.endpoint()), &scope)
        .await
        .expect("a plan");
    let before = running.requests().len();
    assert!(before <= 3, "{before} requests for a plan");
    let scanned = scan(running, scope, |_, _| {}).await.expect("a scan");
    let told: Vec<_> = scanned
        .messages
        .iter()
        .filter_map(|it| match it {
            Progress::Planned(plan) => Some(plan.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(told, [plan.estimate.plan()], "the scan tells the same");
    // A list can have more pages, and what does not run is asked again: each path counts once, and each question.
    let mut seen = BTreeSet::new();
    let paths = scanned.requests[before..]
        .iter()
        .map(|it| {
            let path = it.path_and_query.split('?').next().unwrap_or_default();
            (it.method == "POST", path.to_lowercase())
        })
        .filter(|(is_question, path)| *is_question || seen.insert(path.clone()))
        .map(|(_, path)| path)
        .collect();
    (plan.estimate, paths)
}

/// The kind of what lies at a path, in the words of the plan.
fn what(path: &str) -> &'static str {
    use DocumentKind as K;
    let segments: Vec<&str> = path.split('/').collect();
    let of = |kind: K| kind.title();
    match segments[..] {
        ["", "subscriptions"] => "list of subscriptions",
        [.., "flexibleservers", _] => of(K::Server),
        [.., "configurations"] => of(K::Configurations),
        [.., "firewallrules"] => of(K::FirewallRules),
        [.., "administrators"] => of(K::Administrators),
        [.., "privateendpointconnections"] => of(K::PrivateEndpointConnections),
        [.., "backups"] => of(K::Backups),
        [.., "advancedthreatprotectionsettings", _] => of(K::ThreatProtection),
        [.., "diagnosticsettings"] => of(K::DiagnosticSettings),
        [.., "subnets", _] => of(K::Subnet),
        [.., "networksecuritygroups", _] => of(K::NetworkSecurityGroup),
        [.., "locks"] => of(K::Locks),
        [.., "pricings", _] => of(K::DefenderPlan),
        [.., "tenantoptedin", _] => of(K::CustomerLockbox),
        _ => "other",
    }
}

#[tokio::test]
async fn a_scan_reads_what_was_planned() {
    let (plan, paths) = planned_and_read(Scope::default()).await;
    let all = paths.len() as u64;
    let bounds = plan.requests;
    assert!(
        bounds.least <= all && all <= bounds.most,
        "{all}, {bounds:?}"
    );
    let mut read: BTreeMap<&str, u64> = BTreeMap::new();
    for path in &paths {
        *read.entry(what(path)).or_default() += 1;
    }
    let mut planned: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for it in &plan.reads {
        let sum = planned.entry(it.what).or_default();
        *sum = (sum.0 + it.requests.least, sum.1 + it.requests.most);
    }
    let (mut exact, mut open) = (0, Vec::new());
    for (what, (least, most)) in planned {
        if what.contains("key") || what.contains("vault") || what.contains("polic") {
            continue;
        }
        // Questions to Resource Graph all have one path.
        let in_questions = [
            "inventory",
            "Defender plans",
            "subnets and network security groups",
        ];
        if in_questions.contains(&what) {
            continue;
        }
        let read = read.get(what).copied().unwrap_or(0);
        assert!(
            least <= read && read <= most,
            "{what}: {read}, {least} to {most}"
        );
        if least == most {
            exact += 1;
        } else {
            open.push(what);
        }
    }
    assert_eq!(exact, 10);
    // What only an answer can tell: the server lists its endpoints, Resource Graph shows the plan, the subnet and the group
    // that the subnet names.
    assert_eq!(
        open,
        [
            "Defender plan",
            "delegated subnet",
            "network security group",
            "private endpoint connections"
        ]
    );
}

#[tokio::test]
async fn where_nothing_hangs_on_an_answer_the_plan_is_exact() {
    for only in ["LT", "BR-1", "delete-lock", "AM"] {
        let scope = Scope {
            only: vec![only.parse().expect("a check")],
            ..Scope::default()
        };
        let (plan, paths) = planned_and_read(scope).await;
        let (least, read) = (plan.requests.least, paths.len() as u64);
        if only == "AM" || only == "LT" {
            assert!(least <= read && read <= plan.requests.most, "{read}");
        } else {
            assert_eq!((least, read), (plan.requests.most, least), "{only}");
        }
        let network = plan.actions.iter().any(|it| it.contains("Network"));
        assert!(!network, "{only}: {:?}", plan.actions);
    }
}

#[tokio::test]
async fn the_command_prints_a_plan_and_leaves_no_file() {
    let running = simulate(fleet(20), unlimited(Faults::none())).await;
    let home = Home::new();
    let arguments = ["scan", "--arm-endpoint", &running.endpoint(), "--plan"];
    let text = home.run(&arguments).await.fine();
    for words in ["20 servers", "at least", "flexibleServers/read", "Not read"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let json = home
        .run(&[&arguments[..], &["--json"]].concat())
        .await
        .json();
    assert_eq!(json["plan"]["servers"], 20);
    assert_eq!(json["scope"], "every visible subscription");
    assert!(!home.path("data/flexposture/scans").exists());
}
