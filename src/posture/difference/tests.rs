//! Properties of the difference of two scans, and what each turn is called.

use proptest::prelude::*;

use super::*;
use crate::documents::CauseKind;
use crate::posture::{Score, Severity, Tags};

fn cell(verdict: VerdictWord, severity: Option<Severity>) -> Cell {
    Cell {
        verdict,
        severity,
        cause: (verdict == VerdictWord::Unknown).then_some(CauseKind::TimedOut),
    }
}

fn server(name: &str, subscription: &str, verdicts: &[Cell]) -> ServerSummary {
    let mut cells = [cell(VerdictWord::Pass, None); FeatureId::COUNT];
    for (place, given) in cells.iter_mut().zip(verdicts) {
        *place = *given;
    }
    let mut open = [0; 4];
    for severity in cells.iter().filter_map(|it| it.severity) {
        open[severity as usize] += 1;
    }
    ServerSummary {
        id: format!("/subscriptions/{subscription}/x/{name}").into(),
        name: name.into(),
        resource_group: "rg".into(),
        subscription: subscription.into(),
        region: "".into(),
        version: "".into(),
        state: "".into(),
        tags: Tags::default(),
        cells,
        open,
        score: Score::default(),
        beyond: Score::default(),
    }
}

fn subscriptions(ids: &[&str]) -> Vec<Subscription> {
    ids.iter()
        .map(|id| Subscription {
            id: (*id).to_owned(),
            name: (*id).to_owned(),
            tenant: None,
            state: None,
            delegated: false,
        })
        .collect()
}

fn side<'a>(servers: &'a [ServerSummary], subscriptions: &'a [Subscription]) -> Side<'a> {
    Side {
        servers,
        fingerprints: None,
        subscriptions,
        unlisted: &[],
        complete: true,
        narrow: false,
    }
}

fn compared(before: &Side<'_>, after: &Side<'_>) -> Difference {
    difference(before, after, |_| true).unwrap()
}

fn cells() -> impl Strategy<Value = Cell> {
    let verdict = (0..VerdictWord::ALL.len()).prop_map(|it| VerdictWord::ALL[it]);
    let severity = (0..Severity::ALL.len()).prop_map(|it| Severity::ALL[it]);
    (verdict, severity).prop_map(|(verdict, severity)| {
        let open = matches!(verdict, VerdictWord::Fail | VerdictWord::Unknown);
        cell(verdict, open.then_some(severity))
    })
}

fn fleets() -> impl Strategy<Value = Vec<ServerSummary>> {
    let one = (0_u8..12, 0_u8..2, prop::collection::vec(cells(), 0..6));
    prop::collection::vec(one, 0..12).prop_map(|all| {
        let mut servers: Vec<ServerSummary> = Vec::new();
        for (name, upper, cells) in all {
            let name = format!("server-{name}");
            let name = if upper == 1 {
                name.to_uppercase()
            } else {
                name
            };
            if !servers.iter().any(|it| it.name.eq_ignore_ascii_case(&name)) {
                servers.push(server(&name, "s", &cells));
            }
        }
        servers
    })
}

proptest! {
    #[test]
    fn a_scan_does_not_differ_from_itself(servers in fleets(), numbers in prop::collection::vec(any::<u32>(), 12)) {
        let subscriptions = subscriptions(&["s"]);
        let prints: Vec<Fingerprints> = servers.iter().zip(&numbers).map(|(_, it)| Fingerprints([*it; FeatureId::COUNT])).collect();
        let same = Side { fingerprints: Some(&prints), ..side(&servers, &subscriptions) };
        let found = compared(&same, &same);
        prop_assert!(found.is_empty(), "{found:?}");
        prop_assert!(found.servers.is_empty());
    }

    #[test]
    fn changing_places_mirrors_everything(before in fleets(), after in fleets()) {
        let subscriptions = subscriptions(&["s"]);
        let (before, after) = (side(&before, &subscriptions), side(&after, &subscriptions));
        let (there, back) = (compared(&before, &after), compared(&after, &before));
        for kind in ChangeKind::ALL {
            prop_assert_eq!(there.count(kind), back.count(kind.mirrored()), "{:?}", kind);
        }
        prop_assert_eq!(there.new.len(), back.gone.len());
        prop_assert_eq!(there.gone.len(), back.new.len());
        prop_assert_eq!(&there.before, &back.after);
        let key = |it: &Difference, change: &Change| {
            (it.server(change.server).unwrap().id.to_lowercase(), change.feature)
        };
        let mut one: Vec<_> = there.changes.iter().map(|it| (key(&there, it), it.kind)).collect();
        let mut other: Vec<_> = back.changes.iter().map(|it| (key(&back, it), it.kind.mirrored())).collect();
        one.sort();
        other.sort();
        prop_assert_eq!(one, other);
    }

    #[test]
    fn every_server_is_in_one_place_and_unread_is_never_better_or_worse(before in fleets(), after in fleets()) {
        let subscriptions = subscriptions(&["s"]);
        let found = compared(&side(&before, &subscriptions), &side(&after, &subscriptions));
        prop_assert_eq!(before.len() - found.gone.len(), after.len() - found.new.len());
        for change in &found.changes {
            let unread = [change.before, change.after].iter().any(|it| it.verdict == VerdictWord::Unknown);
            let judged = matches!(change.kind, ChangeKind::Regressed | ChangeKind::Fixed | ChangeKind::Worse | ChangeKind::Eased);
            prop_assert!(!(unread && judged), "{change:?}");
            if change.after.verdict == VerdictWord::Fail && change.before.verdict != VerdictWord::Fail && !unread {
                prop_assert_eq!(change.kind, ChangeKind::Regressed);
            }
        }
        let kinds: Vec<ChangeKind> = found.changes.iter().map(|it| it.kind).collect();
        prop_assert!(kinds.is_sorted());
    }
}

#[test]
fn every_turn_has_its_name() {
    use ChangeKind as K;
    use VerdictWord as V;
    let open = |verdict, severity| cell(verdict, Some(severity));
    let plain = |verdict| cell(verdict, None);
    let critical = open(V::Fail, Severity::Critical);
    let low = open(V::Fail, Severity::Low);
    let unread = open(V::Unknown, Severity::High);
    for (before, after, kind) in [
        (plain(V::Pass), low, Some(K::Regressed)),
        (plain(V::NotApplicable), low, Some(K::Regressed)),
        (plain(V::Waived), low, Some(K::Regressed)),
        (low, critical, Some(K::Worse)),
        (critical, low, Some(K::Eased)),
        (low, plain(V::Pass), Some(K::Fixed)),
        (low, unread, Some(K::NewlyUnknown)),
        (plain(V::Pass), unread, Some(K::NewlyUnknown)),
        (unread, low, Some(K::ReadableAgain)),
        (unread, plain(V::Pass), Some(K::ReadableAgain)),
        (plain(V::Pass), plain(V::Waived), Some(K::Waived)),
        (plain(V::Waived), plain(V::Pass), Some(K::Unwaived)),
        (plain(V::Pass), plain(V::NotApplicable), Some(K::Otherwise)),
        (low, low, None),
    ] {
        assert_eq!(
            ChangeKind::of(before, after, false),
            kind,
            "{before:?} {after:?}"
        );
    }
    assert_eq!(ChangeKind::of(low, low, true), Some(K::EvidenceChanged));
    let denied = Cell {
        cause: Some(CauseKind::Denied),
        ..unread
    };
    assert_eq!(
        ChangeKind::of(unread, denied, false),
        Some(K::EvidenceChanged)
    );
}

#[test]
fn the_worst_stands_first_and_evidence_is_compared_only_where_both_keep_it() {
    let fail = |severity| cell(VerdictWord::Fail, Some(severity));
    let before = [server("a", "s", &[]), server("b", "s", &[])];
    let after = [
        server("A", "S", &[fail(Severity::Low)]),
        server("b", "s", &[fail(Severity::Critical)]),
    ];
    let subscriptions = subscriptions(&["s"]);
    let prints = [0, 0].map(|number| Fingerprints([number; FeatureId::COUNT]));
    let mut others = prints;
    others[1].0[FeatureId::Tags.index()] = 7;
    let before = Side {
        fingerprints: Some(&prints),
        ..side(&before, &subscriptions)
    };
    let without = compared(&before, &side(&after, &subscriptions));
    assert!(!without.evidence_compared);
    assert_eq!(without.count(ChangeKind::EvidenceChanged), 0);
    let found = compared(
        &before,
        &Side {
            fingerprints: Some(&others),
            ..side(&after, &subscriptions)
        },
    );
    let names: Vec<&str> = found
        .changes
        .iter()
        .map(|change| &*found.server(change.server).unwrap().name)
        .collect();
    assert_eq!(names, ["b", "A", "b"]);
    assert_eq!(found.changes[2].feature, FeatureId::Tags);
    assert_eq!(found.of_kind(ChangeKind::EvidenceChanged).len(), 1);
    assert_eq!(found.servers.len(), 2);
}

#[test]
fn a_server_that_could_not_have_been_seen_is_not_said_to_be_gone() {
    let before = [
        server("a", "read", &[]),
        server("b", "unlisted", &[]),
        server("c", "unasked", &[]),
    ];
    let asked = subscriptions(&["READ", "unlisted"]);
    let unlisted = ["Unlisted".to_owned()];
    let all = subscriptions(&["read", "unlisted", "unasked"]);
    let empty = Side {
        unlisted: &unlisted,
        ..side(&[], &asked)
    };
    let unseen = |found: &[OneSided]| -> Vec<Option<Unseen>> {
        let mut found = found.to_vec();
        found.sort_by_key(|it| it.server);
        found.iter().map(|it| it.unseen).collect()
    };
    let gone = compared(&side(&before, &all), &empty).gone;
    assert_eq!(
        unseen(&gone),
        [
            None,
            Some(Unseen::SubscriptionNotListed),
            Some(Unseen::SubscriptionNotAsked)
        ]
    );
    let incomplete = Side {
        complete: false,
        ..empty
    };
    let gone = compared(&side(&before[..1], &all), &incomplete).gone;
    assert_eq!(unseen(&gone), [Some(Unseen::ScanIncomplete)]);
    let new = compared(&empty, &side(&before[1..2], &all)).new;
    assert_eq!(unseen(&new), [Some(Unseen::SubscriptionNotListed)]);
}

#[test]
fn nobody_waits_for_a_comparison_that_was_stopped() {
    let servers: Vec<ServerSummary> = (0..5000)
        .map(|number| server(&format!("{number}"), "s", &[]))
        .collect();
    let subscriptions = subscriptions(&["s"]);
    let side = side(&servers, &subscriptions);
    assert_eq!(difference(&side, &side, |_| false), None);
}
