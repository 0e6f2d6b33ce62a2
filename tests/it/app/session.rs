//! A place is left and come back to, in the same program and in a later one.

use flexposture::app::{
    Completeness, Effect, JobId, Message, OpenedScan, Opening, Pane, Place, Resume, ScanChoice,
    Screen, Show, State, Tab, TreeNode, update,
};
use flexposture::baseline::{FamilyCode, FeatureId};
use flexposture::posture::Fleet;
use flexposture::query::SortKey;

use super::fixture::{fleet, names, opened, press, scan, selected, send, started};

/// Starts again at a place, with what is on disk then.
fn again(place: Place, same_scan_only: bool, scan: OpenedScan) -> State {
    // Through text and back, as a file does it.
    let text = serde_json::to_string(&place).unwrap();
    let (mut state, _) = started(120, 40, Opening::Scan(ScanChoice::Newest));
    state.come_back_to(Resume {
        place: serde_json::from_str(&text).unwrap(),
        same_scan_only,
    });
    let job = JobId(1);
    send(&mut state, Message::ScanOpened { job, scan });
    state
}

fn same() -> OpenedScan {
    scan(fleet(), Completeness::Complete)
}

fn notice(state: &State) -> &str {
    state.notice.as_ref().map_or("", |notice| &notice.text)
}

#[test]
fn a_server_is_come_back_to_with_its_feature_and_tab_and_the_list_below_it() {
    let mut state = opened(120, 40);
    press(&mut state, "/prod<Enter>snSj<Enter>fjj}}");
    let (before, name) = (names(&state), selected(&state));
    let place = Place::of(&state).unwrap();
    let mut state = again(place, false, same());
    assert_eq!(state.screen(), Screen::Server);
    assert_eq!(
        notice(&state),
        "continued where you left: Esc goes to the list"
    );
    assert_eq!((names(&state), selected(&state)), (before, name));
    let sort = state.roster.sort();
    assert_eq!((sort.key, sort.inverted), (SortKey::Name, true));
    let server = state.server.as_ref().unwrap();
    assert_eq!(
        (server.tab, server.focus, server.show),
        (Tab::Policies, Pane::Feature, Show::Failing)
    );
    assert!(matches!(server.node, TreeNode::Feature(_)));
    assert!(server.finding().is_some(), "its documents were asked for");
    press(&mut state, "hhh");
    assert_eq!(state.screen(), Screen::Fleet);
    assert_eq!(state.filter_text(), "prod");
}

#[test]
fn what_the_list_shows_and_who_was_chosen_is_kept() {
    let mut state = opened(120, 40);
    press(&mut state, "f4jj");
    let chosen = selected(&state);
    let state = again(Place::of(&state).unwrap(), false, same());
    assert_eq!(state.screen(), Screen::Fleet);
    assert_eq!(
        (state.roster.show(), state.roster.family()),
        (Show::Failing, Some(FamilyCode::Dp))
    );
    assert_eq!(selected(&state), chosen);
    assert_eq!(
        notice(&state),
        "continued where you left: Esc shows all servers again"
    );
}

#[test]
fn a_plain_list_is_nothing_to_speak_of_and_a_cursor_at_the_top_stays_there() {
    let place = Place::of(&opened(120, 40)).unwrap();
    assert_eq!(
        (place.selected.as_deref(), place.server.as_ref()),
        (None, None)
    );
    assert_eq!(again(place, false, same()).notice, None);
    let (state, _) = started(120, 40, Opening::Welcome);
    assert_eq!(Place::of(&state), None);
}

#[test]
fn a_server_that_is_gone_gives_way_to_the_list() {
    let mut state = opened(120, 40);
    press(&mut state, "j<Enter>");
    let name = state.server.as_ref().unwrap().summary.name.clone();
    let place = Place::of(&state).unwrap();
    let mut fewer = fleet();
    fewer.servers.retain(|server| server.name != name);
    let mut another = scan(fewer, Completeness::Complete);
    another.info.id = "another".to_owned();
    let state = again(place.clone(), false, another);
    assert_eq!(
        (state.screen(), state.server.is_none()),
        (Screen::Fleet, true)
    );
    assert_eq!(
        notice(&state),
        format!("continued where you left; {name} is not in this scan (in another scan)")
    );
    let empty = again(place, false, scan(Fleet::default(), Completeness::Complete));
    assert_eq!(empty.screen(), Screen::Fleet);
}

#[test]
fn a_scan_that_was_named_keeps_its_own_place_and_takes_no_other_s() {
    let mut state = opened(120, 40);
    press(&mut state, "/prod<Enter>");
    let place = Place::of(&state).unwrap();
    assert_eq!(again(place.clone(), true, same()).filter_text(), "prod");
    let mut another = same();
    another.info.id = "another".to_owned();
    let state = again(place, true, another);
    assert_eq!((state.filter_text(), state.notice.is_none()), ("", true));
}

#[test]
fn a_place_counts_once() {
    let mut state = opened(120, 40);
    press(&mut state, "/prod<Enter>");
    let mut state = again(Place::of(&state).unwrap(), false, same());
    press(&mut state, "<Esc>");
    assert_eq!(state.filter_text(), "");
    let effects = update(
        &mut state,
        Message::ScanOpened {
            job: JobId(1),
            scan: same(),
        },
    );
    assert_eq!((effects.len(), state.filter_text()), (0, ""));
}

#[test]
fn no_place_that_a_file_can_hold_is_an_error() {
    for text in [
        "{}",
        r#"{"screens": ["Server", "Trend", "?"], "server": {"id": "x"}, "selected": "y", "filter": "a !b \"c"}"#,
    ] {
        let place: Place = serde_json::from_str(text).unwrap();
        let mut state = again(place, false, same());
        press(&mut state, "jjj<Enter><Esc>");
        assert!(!state.roster.fleet().servers.is_empty());
    }
}

#[test]
fn a_control_and_a_family_are_come_back_to_as_well() {
    for node in [
        TreeNode::Family(FamilyCode::Ns),
        TreeNode::Control("NS-2"),
        TreeNode::Feature(FeatureId::PrivateLink),
    ] {
        let mut state = opened(120, 40);
        press(&mut state, "<Enter>gg");
        for _ in 0..40 {
            if state.server.as_ref().unwrap().node == node {
                break;
            }
            press(&mut state, "j");
        }
        let state = again(Place::of(&state).unwrap(), false, same());
        assert_eq!(state.server.as_ref().unwrap().node, node);
    }
}

#[test]
fn the_place_says_nothing_that_the_scan_does_not() {
    let mut state = opened(120, 40);
    press(&mut state, "<Enter>");
    let effects = press(&mut state, "yi");
    assert!(matches!(effects.first(), Some(Effect::Copy(_))));
    let text = serde_json::to_string(&Place::of(&state).unwrap()).unwrap();
    assert!(text.len() < 2_000 && !text.contains('\u{1b}'), "{text}");
}
