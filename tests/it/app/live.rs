//! Reading again: what is asked for, what becomes of the list meanwhile, and what is said.

use flexposture::app::{
    Completeness, Effect, Finished, JobId, Message, Mode, News, OpenedScan, Part, Progress,
    Question, ScanChoice, Screen, State,
};
use flexposture::baseline::{FamilyCode, FeatureId};
use flexposture::posture::{Fleet, ServerSummary, VerdictWord};
use jiff::Timestamp;

use super::fixture::{
    fleet, names, opened, press, scan, scanning, selected, send, servers, summary,
};

const FEATURE: FeatureId = FeatureId::PublicNetworkAccess;

/// The fleet with another verdict for one server.
fn changed(name: &str, to: VerdictWord) -> Fleet {
    let mut fleet = fleet();
    let server = fleet.servers.iter_mut().find(|it| &*it.name == name);
    server.expect("there").cells[FEATURE.index()].verdict = to;
    fleet
}

fn newer(fleet: Fleet, completeness: Completeness) -> OpenedScan {
    let mut scan = scan(fleet, completeness);
    scan.info.id = "newer".to_owned();
    scan.info.file = "newer.flexscan".to_owned();
    scan
}

fn notice(state: &State) -> String {
    state.notice.clone().expect("a notice").text
}

/// The job of a refresh that was asked for.
fn asked(effects: &[Effect]) -> JobId {
    match effects {
        [Effect::RefreshServers { job, .. } | Effect::RefreshFleet { job, .. }] => *job,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_selected_server_is_read_again_and_what_changed_is_said() {
    let mut state = opened(120, 40);
    press(&mut state, "sn");
    let (name, list) = (selected(&state).unwrap(), names(&state));
    let id = state.roster.selected().unwrap().id.to_string();
    let before = state.roster.selected().unwrap().cell(FEATURE).verdict;
    let to = if before == VerdictWord::Fail {
        VerdictWord::Pass
    } else {
        VerdictWord::Fail
    };
    let effects = press(&mut state, "r");
    let job = asked(&effects);
    let file = state.scan.as_ref().unwrap().file.clone();
    assert_eq!(
        effects,
        [Effect::RefreshServers {
            job,
            scan: file,
            servers: vec![id.clone()],
            part: Part::Server
        }]
    );
    assert!(state.live.reads(&id));
    // A second one has to wait.
    assert_eq!(press(&mut state, "r"), []);
    assert!(
        notice(&state).contains("x stops that"),
        "{}",
        notice(&state)
    );
    let scan = newer(changed(&name, to), Completeness::Complete);
    send(&mut state, Message::ScanOpened { job, scan });
    assert_eq!(
        notice(&state),
        format!(
            "{name} was read again: 1 verdict changed: NS-2 from {} to {}",
            before.word(),
            to.word()
        )
    );
    assert_eq!(state.scan.as_ref().unwrap().id, "newer");
    assert_eq!(names(&state), list);
    assert_eq!(selected(&state), Some(name));
    assert!(state.live.refreshing.is_none());
    assert!(state.live.news_of(&id).is_some());
    // Looking at it is enough.
    press(&mut state, "<Enter>");
    assert!(state.live.news_of(&id).is_none());
}

#[test]
fn within_a_server_the_family_under_the_cursor_is_read_again_or_all_of_it() {
    let mut state = opened(120, 40);
    press(&mut state, "<Enter>");
    for (keys, part) in [
        ("r", Part::Family(FamilyCode::Ns)),
        ("4r", Part::Family(FamilyCode::Dp)),
        ("4jr", Part::Family(FamilyCode::Dp)),
        ("7lr", Part::Family(FamilyCode::Br)),
        ("<Ctrl-r>", Part::Server),
    ] {
        let effects: Vec<Effect> = press(&mut state, keys)
            .into_iter()
            .filter(|it| matches!(it, Effect::RefreshServers { .. }))
            .collect();
        let [
            Effect::RefreshServers {
                job, part: asked, ..
            },
        ] = effects[..]
        else {
            panic!("{keys}: {effects:?}");
        };
        assert_eq!(asked, part, "{keys}");
        let failed = Message::Failed {
            job: Some(job),
            title: "it stays as it was".to_owned(),
            detail: "why".to_owned(),
        };
        send(&mut state, failed);
        assert!(notice(&state).contains("could not be read again"));
        assert_eq!(state.screen(), Screen::Server);
    }
}

#[test]
fn the_fleet_is_read_again_under_the_list_that_stays() {
    let mut state = opened(120, 40);
    press(&mut state, "/weu<Enter>j");
    let (name, list) = (selected(&state).unwrap(), names(&state));
    let job = asked(&press(&mut state, "R"));
    let running = newer(Fleet::default(), Completeness::Running);
    send(&mut state, Message::ScanOpened { job, scan: running });
    assert_eq!(names(&state), list, "the list stays");
    let mut one = state.roster.selected().unwrap().clone();
    let worse = one.cell(FEATURE).verdict != VerdictWord::Fail;
    one.cells[FEATURE.index()].verdict = if worse {
        VerdictWord::Fail
    } else {
        VerdictWord::Pass
    };
    send(
        &mut state,
        Message::FleetGrew {
            job,
            subscriptions: Vec::new(),
            servers: vec![one.clone()],
        },
    );
    let expected = if worse { News::Worse } else { News::Better };
    assert_eq!(state.live.news_of(&one.id), Some(expected));
    assert_eq!(
        (selected(&state), names(&state)),
        (Some(name.clone()), list.clone())
    );
    let mut after = fleet();
    let place = after.servers.iter().position(|it| it.id == one.id).unwrap();
    after.servers[place] = one;
    after.servers.pop();
    let progress = Progress {
        finished: Some(Finished {
            completeness: Completeness::Complete,
            words: String::new(),
        }),
        ..Progress::default()
    };
    send(&mut state, Message::Progress { job, progress });
    let scan = newer(after, Completeness::Complete);
    send(&mut state, Message::ScanOpened { job, scan });
    let what = if worse { "1 regressed" } else { "1 fixed" };
    assert_eq!(
        notice(&state),
        format!("the fleet was read again: {what}, 1 server gone")
    );
    assert_eq!(selected(&state), Some(name));
    assert!(!state.is_scanning());
    assert_eq!(press(&mut state, "D"), []);
    assert_eq!(state.live.with_news(), 0);
}

#[test]
fn reading_the_fleet_again_can_be_stopped_and_the_scan_before_is_shown() {
    let mut state = opened(120, 40);
    let before = state.scan.clone().unwrap();
    let job = asked(&press(&mut state, "R"));
    assert_eq!(press(&mut state, "x"), [Effect::CancelScan { job }]);
    // What the scan writes of those that it did not come to is not taken for news.
    let servers: Vec<_> = servers().iter().map(summary).collect();
    send(
        &mut state,
        Message::FleetGrew {
            job,
            subscriptions: Vec::new(),
            servers,
        },
    );
    assert_eq!(state.live.with_news(), 0);
    let scan = newer(Fleet::default(), Completeness::Partial);
    let effects = send(&mut state, Message::ScanOpened { job, scan });
    let choice = ScanChoice::Named(before.file.clone());
    assert!(
        matches!(&effects[..], [Effect::OpenScan { choice: it, .. }] if *it == choice),
        "{effects:?}"
    );
    assert_eq!(state.scan, Some(before));
    assert!(notice(&state).contains("newer"), "{}", notice(&state));
}

#[test]
fn a_scan_that_is_explored_while_it_runs_is_not_read_again() {
    let mut state = scanning(120, 40);
    for key in ["r", "R"] {
        assert_eq!(press(&mut state, key), []);
        assert!(notice(&state).contains("a scan is running"));
    }
}

fn at(state: &mut State, time: &str) {
    let now: Timestamp = time.parse().unwrap();
    send(state, Message::Clock(now));
}

/// A state that watches, its scan just opened.
fn watching() -> (State, u64) {
    use super::fixture::started;
    let (mut state, effects) = started(120, 40, flexposture::app::Opening::Demo);
    state.watch(60, "kept for a day".to_owned());
    assert_eq!(effects, [Effect::StartDemo { job: JobId(1) }]);
    let mut whole = scan(fleet(), Completeness::Complete);
    whole.info.finished_at = state.now;
    let mut effects = send(
        &mut state,
        Message::ScanOpened {
            job: JobId(1),
            scan: whole,
        },
    );
    // The list of kept scans has one more now.
    effects.retain(|effect| !matches!(effect, Effect::Scans(_)));
    assert_eq!(
        effects,
        [Effect::Wait {
            generation: 1,
            seconds: 60
        }]
    );
    assert_eq!(notice(&state), "watching: kept for a day");
    (state, 1)
}

#[test]
fn watch_mode_scans_a_while_after_the_end_of_each_scan_and_after_failures_too() {
    let (mut state, generation) = watching();
    let effects = send(&mut state, Message::Due { generation });
    let [
        Effect::RefreshFleet {
            job,
            by_watch: true,
            ..
        },
    ] = effects[..]
    else {
        panic!("{effects:?}");
    };
    let failed = Message::Failed {
        job: Some(job),
        title: "The scan failed".to_owned(),
        detail: "no network".to_owned(),
    };
    let effects = send(&mut state, failed);
    assert_eq!(
        effects,
        [Effect::Wait {
            generation: 2,
            seconds: 60
        }]
    );
    let problem = state.problems.last().expect("a problem");
    assert!(problem.detail.contains("no network"), "{}", problem.detail);
    assert!(
        problem.detail.contains("tried at 14:09"),
        "{}",
        problem.detail
    );
    // A timer of the past changes nothing.
    assert_eq!(send(&mut state, Message::Due { generation: 1 }), []);
    let effects = send(&mut state, Message::Due { generation: 2 });
    let job = asked(&effects);
    let name = "mysql-prod-weu-0421";
    let scan = newer(changed(name, VerdictWord::Pass), Completeness::Complete);
    let mut effects = send(&mut state, Message::ScanOpened { job, scan });
    effects.retain(|effect| !matches!(effect, Effect::Scans(_)));
    assert_eq!(
        effects,
        [Effect::Wait {
            generation: 3,
            seconds: 60
        }]
    );
    assert_eq!(state.live.with_news(), 1);
}

#[test]
fn who_comes_back_hears_what_changed_and_the_key_still_works() {
    let (mut state, generation) = watching();
    press(&mut state, "k");
    let job = asked(&send(&mut state, Message::Due { generation }));
    let scan = newer(
        changed("mysql-prod-weu-0421", VerdictWord::Pass),
        Completeness::Complete,
    );
    at(&mut state, "2026-11-23T14:10:00Z");
    send(&mut state, Message::ScanOpened { job, scan });
    at(&mut state, "2026-11-23T15:00:00Z");
    press(&mut state, "<Enter>");
    assert_eq!(state.screen(), Screen::Server);
    assert!(
        notice(&state).starts_with("while you were away: 1 fixed"),
        "{}",
        notice(&state)
    );
    press(&mut state, "k");
    assert_eq!(state.notice, None, "said once");
}

#[test]
fn a_scan_that_another_process_writes_grows_until_it_ends() {
    use super::fixture::started;
    let (mut state, _) = started(120, 40, flexposture::app::Opening::Scan(ScanChoice::Newest));
    let job = JobId(1);
    let mut half = fleet();
    let rest = half.servers.split_off(4);
    let scan = scan(half, Completeness::Running);
    send(&mut state, Message::ScanOpened { job, scan });
    assert!(state.is_live() && !state.is_scanning());
    send(
        &mut state,
        Message::FleetGrew {
            job,
            subscriptions: Vec::new(),
            servers: rest,
        },
    );
    assert_eq!(names(&state).len(), 8);
    assert_eq!(state.live.with_news(), 0, "what comes in is not news");
    let whole = super::fixture::scan(fleet(), Completeness::Complete);
    send(&mut state, Message::ScanOpened { job, scan: whole });
    assert!(!state.is_live());
    assert_eq!(
        state.scan.as_ref().unwrap().completeness,
        Completeness::Complete
    );
}

#[test]
fn what_a_row_said_before_its_scan_was_whole_is_neither_counted_nor_marked() {
    let mut state = opened(120, 40);
    let job = asked(&press(&mut state, "R"));
    let running = newer(Fleet::default(), Completeness::Running);
    send(&mut state, Message::ScanOpened { job, scan: running });
    let is_read = |it: &&ServerSummary| it.cell(FEATURE).verdict != VerdictWord::Unknown;
    let mut unread = fleet().servers.iter().find(is_read).unwrap().clone();
    // As a replica comes whose source is not read yet.
    unread.cells[FEATURE.index()].verdict = VerdictWord::Unknown;
    let id = unread.id.clone();
    send(
        &mut state,
        Message::FleetGrew {
            job,
            subscriptions: Vec::new(),
            servers: vec![unread],
        },
    );
    assert_eq!(state.live.news_of(&id), Some(News::Changed));
    let scan = newer(fleet(), Completeness::Complete);
    send(&mut state, Message::ScanOpened { job, scan });
    assert_eq!(notice(&state), "the fleet was read again: nothing changed");
    assert_eq!(state.live.news_of(&id), None);
}

#[test]
fn what_is_shown_is_read_again_after_a_question_where_it_is_much() {
    let mut state = opened(120, 40);
    // Few need no question: those that the filter leaves.
    press(&mut state, "/weu<Enter>");
    let shown = names(&state);
    let effects = press(&mut state, "<Ctrl-r>");
    let [
        Effect::RefreshServers {
            job, servers, part, ..
        },
    ] = &effects[..]
    else {
        panic!("{effects:?}");
    };
    assert_eq!((servers.len(), *part), (shown.len(), Part::Server));
    assert!(servers.iter().all(|id| state.live.reads(id)));
    let job = *job;
    send(&mut state, Message::Reread { job, servers: 1 });
    assert_eq!(state.live.refreshing.as_ref().unwrap().read, 1);
    let scan = newer(fleet(), Completeness::Complete);
    send(&mut state, Message::ScanOpened { job, scan });
    assert!(
        notice(&state).ends_with("shown servers were read again: nothing changed"),
        "{}",
        notice(&state)
    );
    // Marks go before what is shown, and are told when it was stopped.
    press(&mut state, "<Space><Esc>");
    let effects = press(&mut state, "<Ctrl-r>");
    let [Effect::RefreshServers { job, servers, .. }] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(servers.len(), 1);
    let job = *job;
    press(&mut state, "x");
    let scan = newer(fleet(), Completeness::Partial);
    send(&mut state, Message::ScanOpened { job, scan });
    let words = notice(&state);
    assert!(
        words.starts_with("stopped: 0 servers of 1 were read again"),
        "{words}"
    );
}

#[test]
fn many_servers_are_read_again_only_after_yes_and_of_a_group_those_of_its_head() {
    let mut state = opened(120, 40);
    let mut large = fleet();
    let one = large.servers[0].clone();
    for number in 0..30 {
        let mut server = one.clone();
        server.id = format!("{}-{number}", one.id).into();
        large.servers.push(server);
    }
    let count = large.servers.len();
    let effects = press(&mut state, "R");
    let job = asked(&effects);
    let scan = newer(large, Completeness::Complete);
    send(&mut state, Message::ScanOpened { job, scan });
    assert_eq!(press(&mut state, "<Ctrl-r>"), []);
    assert!(matches!(state.mode(), Mode::Confirm(Question::Refresh)));
    let [words, ..] = state.question_words(Question::Refresh);
    assert!(
        words.contains(&format!("{count} shown servers")) && words.contains("400 requests"),
        "{words}"
    );
    assert_eq!(press(&mut state, "n"), []);
    assert!(state.live.refreshing.is_none());
    press(&mut state, "zrgg");
    let group = state.roster.group().unwrap().servers.len();
    press(&mut state, "<Ctrl-r>");
    let effects = if group > 10 {
        press(&mut state, "y")
    } else {
        vec![]
    };
    if group > 10 {
        let [Effect::RefreshServers { servers, .. }] = &effects[..] else {
            panic!("{effects:?}");
        };
        assert_eq!(servers.len(), group);
    }
    assert!(state.live.refreshing.is_some());
}
