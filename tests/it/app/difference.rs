//! The difference of two scans and the history of a finding: keys, effects, and what comes of them.

use std::sync::Arc;

use flexposture::app::{
    Comparison, ComparisonState, Completeness, DifferenceGroup, DifferenceRow, Effect, History,
    HistoryState, JobId, Key, Message, Opening, ScanChoice, Screen, State, Tab, update,
};
use flexposture::baseline::{FamilyCode, FeatureId};
use flexposture::posture::difference::ChangeKind;

use super::fixture::{comparison, opened, press, send, started};

fn key(state: &mut State, name: &str) -> Vec<Effect> {
    let key: Key = name.parse().unwrap();
    update(state, Message::Key(key))
}

/// What a group lists: server and feature.
fn listed(state: &State, kind: ChangeKind) -> Vec<(String, FeatureId)> {
    let rows = state.difference.rows.iter();
    rows.filter_map(|row| match row {
        DifferenceRow::Change(place) => state.difference.change(*place),
        _ => None,
    })
    .filter(|(change, _)| change.kind == kind)
    .map(|(change, server)| (server.name.to_string(), change.feature))
    .collect()
}

fn groups(state: &State) -> Vec<DifferenceGroup> {
    let rows = state.difference.rows.iter();
    rows.filter_map(|row| match row {
        DifferenceRow::Group(group, _) => Some(*group),
        _ => None,
    })
    .collect()
}

fn selected_kind(state: &State) -> ChangeKind {
    let Some(DifferenceRow::Change(place)) = state.difference.selected() else {
        panic!("{:?}", state.difference.selected());
    };
    state.difference.change(place).unwrap().0.kind
}

#[test]
fn d_compares_with_the_usual_earlier_scan_and_lists_what_turned() {
    let mut state = opened(120, 40);
    let effects = key(&mut state, "d");
    let [
        Effect::Compare {
            job,
            from: None,
            to,
        },
    ] = &effects[..]
    else {
        panic!("{effects:?}");
    };
    assert_eq!(
        *to,
        ScanChoice::Named("20261123T140200Z-demo.flexscan".to_owned())
    );
    assert_eq!(state.screen(), Screen::Difference);
    let (job, servers) = (*job, 500);
    send(&mut state, Message::CompareProgress { job, servers });
    assert!(matches!(
        state.difference.comparison,
        ComparisonState::Loading(500)
    ));
    let comparison = Arc::new(comparison());
    send(&mut state, Message::Compared { job, comparison });
    assert_eq!(
        listed(&state, ChangeKind::Regressed),
        [("mysql-archive-wus-0001".to_owned(), FeatureId::NativeBackup)]
    );
    assert_eq!(
        listed(&state, ChangeKind::Fixed),
        [(
            "mysql-prod-weu-0422".to_owned(),
            FeatureId::TransitEncryption
        )]
    );
    let unknown = listed(&state, ChangeKind::NewlyUnknown);
    assert!(
        unknown
            .iter()
            .all(|(name, _)| name == "mysql-lake-neu-0900")
    );
    assert!(unknown.len() >= 3, "{unknown:?}");
    let readable = listed(&state, ChangeKind::ReadableAgain);
    assert!(!readable.is_empty());
    assert!(
        readable
            .iter()
            .all(|(name, _)| name == "mysql-dev-neu-0002")
    );
    assert_eq!(
        listed(&state, ChangeKind::EvidenceChanged),
        [("mysql-prod-weu-0007".to_owned(), FeatureId::NativeBackup)]
    );
    let difference = &state.difference.loaded().unwrap().difference;
    assert_eq!((difference.new.len(), difference.gone.len()), (1, 1));
    assert_eq!(selected_kind(&state), ChangeKind::Regressed, "worst first");
}

#[test]
fn groups_and_changes_are_jumped_between() {
    let mut state = opened(120, 40);
    press(&mut state, "d");
    assert_eq!(selected_kind(&state), ChangeKind::Regressed);
    press(&mut state, "n");
    assert_eq!(selected_kind(&state), ChangeKind::Fixed);
    press(&mut state, "n");
    assert_eq!(selected_kind(&state), ChangeKind::NewlyUnknown);
    press(&mut state, "NN");
    assert_eq!(selected_kind(&state), ChangeKind::Regressed);
    press(&mut state, "N");
    assert!(state.notice.as_ref().unwrap().text.contains("first group"));
    // Within a change the next one is looked into.
    press(&mut state, "<Enter>n");
    assert_eq!(selected_kind(&state), ChangeKind::Fixed);
    let open = state.difference.open.as_ref().unwrap();
    let (change, _) = state.difference.change(open.change).unwrap();
    assert_eq!(change.kind, ChangeKind::Fixed);
    press(&mut state, "<Esc>");
    assert!(state.difference.open.is_none());
    assert_eq!(state.screen(), Screen::Difference);
    press(&mut state, "<Esc>");
    assert_eq!(state.screen(), Screen::Fleet);
}

#[test]
fn filters_narrow_what_is_listed_and_esc_takes_them_away_before_the_screen() {
    let mut state = opened(120, 40);
    press(&mut state, "d");
    let all = state.difference.rows.clone();
    press(&mut state, "7");
    assert_eq!(state.difference.filter.family, Some(FamilyCode::Br));
    assert_eq!(
        groups(&state),
        [
            ChangeKind::Regressed,
            ChangeKind::NewlyUnknown,
            ChangeKind::EvidenceChanged
        ]
        .into_iter()
        .filter(|kind| !listed(&state, *kind).is_empty())
        .map(DifferenceGroup::Turned)
        .collect::<Vec<_>>()
    );
    assert!(listed(&state, ChangeKind::Fixed).is_empty());
    press(&mut state, "<Esc>u");
    let of_unknown = [ChangeKind::NewlyUnknown, ChangeKind::ReadableAgain];
    assert_eq!(groups(&state), of_unknown.map(DifferenceGroup::Turned));
    press(&mut state, "<Esc>");
    assert_eq!(state.difference.rows, all);
    press(&mut state, "<Esc>");
    assert_eq!(state.screen(), Screen::Fleet);
}

#[test]
fn a_change_is_looked_into_with_both_findings_and_copied_with_what_was_seen() {
    let mut state = opened(120, 40);
    press(&mut state, "d");
    let effects = key(&mut state, "Enter");
    let [
        Effect::LoadPair {
            job,
            server,
            from,
            to,
        },
    ] = &effects[..]
    else {
        panic!("{effects:?}");
    };
    assert!(server.ends_with("mysql-archive-wus-0001"));
    assert_eq!(from, "20261122T140200Z-demo.flexscan");
    assert_eq!(to, "20261123T140200Z-demo.flexscan");
    let (job, pair) = (*job, super::fixture::pair(server));
    send(
        &mut state,
        Message::PairLoaded {
            job: JobId(999),
            pair: pair.clone(),
        },
    );
    send(&mut state, Message::PairLoaded { job, pair });
    let effects = press(&mut state, "y");
    let [Effect::Copy(text)] = &effects[..] else {
        panic!("{effects:?}");
    };
    for words in [
        "BR-1 Service Native Backup Capability: regressed, pass to FAIL",
        "mysql-archive-wus-0001",
        "retention  met to not met",
        "before    14 days",
        "now       1 day",
        "from scan 20261122T140200Z-demo",
    ] {
        assert!(text.contains(words), "{words:?} in\n{text}");
    }
}

#[test]
fn a_comparison_that_is_left_is_stopped_and_what_it_still_sends_changes_nothing() {
    let mut state = opened(120, 40);
    let effects = key(&mut state, "d");
    let [Effect::Compare { job, .. }] = effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(key(&mut state, "Esc"), [Effect::StopCompare { job }]);
    assert_eq!(state.screen(), Screen::Fleet);
    let comparison = Arc::new(comparison());
    send(&mut state, Message::Compared { job, comparison });
    assert!(matches!(state.difference.comparison, ComparisonState::None));
    let effects = key(&mut state, "d");
    assert!(matches!(effects[..], [Effect::Compare { .. }]), "anew");
    // What is there is not made twice.
    let mut state = opened(120, 40);
    press(&mut state, "d<Esc>");
    assert_eq!(key(&mut state, "d"), []);
    assert!(state.difference.loaded().is_some());
}

#[test]
fn from_a_server_only_that_server_is_compared() {
    let mut state = opened(120, 40);
    press(&mut state, "/archive<Enter>l");
    press(&mut state, "d");
    assert_eq!(
        groups(&state),
        [DifferenceGroup::Turned(ChangeKind::Regressed)]
    );
    press(&mut state, "<Esc>");
    assert_eq!(state.screen(), Screen::Server);
    press(&mut state, "hhd");
    assert!(groups(&state).len() > 4, "from the list it is about all");
}

#[test]
fn two_scans_that_cannot_be_compared_say_why() {
    let mut state = opened(120, 40);
    let effects = key(&mut state, "d");
    let [Effect::Compare { job, .. }] = effects[..] else {
        panic!("{effects:?}");
    };
    let failed = Message::Failed {
        job: Some(job),
        title: "The scans could not be compared".to_owned(),
        detail: "there is no earlier scan".to_owned(),
    };
    send(&mut state, failed);
    let ComparisonState::Failed(why) = &state.difference.comparison else {
        panic!("{:?}", state.difference.comparison);
    };
    assert!(why.contains("no earlier scan"));
    assert_eq!(press(&mut state, "ynNf8<Enter>j").len(), 0);
}

#[test]
fn scans_of_other_scopes_and_scans_that_are_not_whole_are_warned_of() {
    let mut other = comparison();
    assert!(other.warnings().is_empty());
    other.from.scope = "Fabrikam".to_owned();
    other.to.completeness = flexposture::app::Completeness::Partial;
    other.difference.evidence_compared = false;
    let warnings = Comparison::warnings(&other).join("\n");
    for words in [
        "scopes differ",
        "second scan is incomplete",
        "evidence was not compared",
    ] {
        assert!(warnings.contains(words), "{words} in {warnings}");
    }
}

fn history(state: &State) -> &HistoryState {
    &state.server.as_ref().unwrap().history
}

fn page(state: &State) -> String {
    let lines = state.server.as_ref().unwrap().page.lines.iter();
    let text = lines.map(|line| {
        let spans = line.spans.iter().map(|span| match span {
            flexposture::app::Span::Text(text, _) => text.as_str(),
            _ => "*",
        });
        spans.collect::<String>()
    });
    text.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_history_is_read_when_its_tab_is_looked_at_and_once_for_all_features() {
    let mut state = opened(120, 40);
    press(&mut state, "/archive<Enter>l");
    assert!(matches!(history(&state), HistoryState::None));
    let effects = key(&mut state, "Alt-5");
    assert_eq!(state.server.as_ref().unwrap().tab, Tab::History);
    let [Effect::LoadHistory { job, server }] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert!(server.ends_with("mysql-archive-wus-0001"));
    let (job, history) = (*job, super::fixture::history(server));
    send(&mut state, Message::HistoryLoaded { job, history });
    assert!(page(&state).contains("23 Nov 2026 14:02 UTC"));
    assert_eq!(press(&mut state, "hjj"), [], "it is there for all features");
}

#[test]
fn a_history_that_is_left_is_stopped_and_read_anew_for_another_server() {
    let mut state = opened(120, 40);
    press(&mut state, "l");
    let effects = key(&mut state, "Alt-5");
    let [Effect::LoadHistory { job, .. }] = effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(key(&mut state, "Alt-1"), [Effect::StopHistory { job }]);
    let history = Arc::new(History::default());
    send(&mut state, Message::HistoryLoaded { job, history });
    assert!(matches!(self::history(&state), HistoryState::None));
    let effects = key(&mut state, "Alt-5");
    let [Effect::LoadHistory { job, .. }] = effects[..] else {
        panic!("{effects:?}");
    };
    let effects = key(&mut state, "J");
    assert!(
        effects.contains(&Effect::StopHistory { job }),
        "{effects:?}"
    );
    let again = |effect: &Effect| matches!(effect, Effect::LoadHistory { .. });
    assert!(effects.iter().any(again), "{effects:?}");
}

#[test]
fn the_history_tells_only_what_changed_and_what_no_scan_can_tell() {
    let mut state = opened(120, 60);
    press(&mut state, "/archive<Enter>l");
    let screen = state.server.as_ref().unwrap();
    let of = |feature| {
        let node = flexposture::app::TreeNode::Feature(feature);
        screen.rows.iter().position(|row| row.node == node).unwrap()
    };
    let row = of(FeatureId::NativeBackup);
    press(&mut state, &format!("gg{}<Alt-5>", "j".repeat(row)));
    let text = page(&state);
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "23 Nov 2026 14:02 UTC  * FAIL",
        "retention  met to not met",
        "before    14 days",
        "22 Nov 2026 14:02 UTC  * pass",
        "as in the scan before",
        "this scan does not hold the server",
        "incomplete scan",
        "old.flexscan is not a scan",
        "no earlier scan that can be read holds the server",
    ] {
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(joined.contains(&words), "{words:?} in\n{text}");
    }
    assert!(!text.contains("geo-backup"), "only what changed:\n{text}");
}

#[test]
fn a_scan_that_is_opened_or_judged_anew_is_compared_anew() {
    let mut state = opened(120, 40);
    press(&mut state, "d");
    let again = |state: &mut State| {
        let job = JobId(1);
        let scan = super::fixture::scan(super::fixture::fleet(), Completeness::Complete);
        // The job of the opening is long done: a scan of this session is what comes.
        update(state, Message::ScanOpened { job, scan })
    };
    let compares = |effects: &[Effect]| {
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Compare { .. }))
    };
    assert!(!compares(&again(&mut state)), "a dead job changes nothing");
    assert!(state.difference.loaded().is_some());
    press(&mut state, "<Esc>");
    let (mut state, _) = started(120, 40, Opening::Demo);
    assert!(!compares(&again(&mut state)));
    press(&mut state, "d");
    assert!(state.difference.loaded().is_some());
    assert!(compares(&again(&mut state)), "while it is looked at");
    press(&mut state, "<Esc>");
    assert!(!compares(&again(&mut state)), "later, when it is asked for");
    assert!(state.difference.loaded().is_none());
}
