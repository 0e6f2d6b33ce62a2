//! Keys pressed one after the other, and what comes of them.

use flexposture::app::{
    Completeness, DetailState, Effect, Finished, JobId, JudgedUnder, Message, Mode, NoticeLevel,
    Opening, Pane, Progress, ReportsState, ScanChoice, ScansWork, Scope, Screen, Show, Tab,
    TreeNode,
};
use flexposture::baseline::{FamilyCode, FeatureId};
use flexposture::posture::{Fleet, VerdictWord};
use flexposture::query::SortKey;

use super::fixture::{
    fleet, names, opened, press, scan, scanning, selected, send, servers, started, subscriptions,
    summary,
};

#[test]
fn the_worst_server_stands_first_and_its_worst_feature_opens() {
    let mut state = opened(120, 40);
    assert_eq!(selected(&state).unwrap(), "mysql-prod-weu-0421");
    assert_eq!(names(&state).len(), 8);
    press(&mut state, "<Enter>");
    assert_eq!(state.screen(), Screen::Server);
    let server = state.server.as_ref().unwrap();
    assert_eq!(
        server.node,
        TreeNode::Feature(FeatureId::PublicNetworkAccess)
    );
    assert!(matches!(server.detail, DetailState::Loaded(_)));
    assert!(server.finding().is_some());
}

#[test]
fn a_scan_that_is_judged_anew_says_under_what_and_how_many_verdicts_differ() {
    for (differ, words) in [
        (Some(0), "no verdict differs"),
        (Some(1), "1 verdict differs"),
        (Some(12), "12 verdicts differ"),
        (None, "what differs is not known"),
    ] {
        let (mut state, _) = started(120, 40, Opening::Scan(ScanChoice::Newest));
        let mut scan = scan(fleet(), Completeness::Complete);
        scan.info.ruleset = "new-1".to_owned();
        scan.info.judged_under = Some(JudgedUnder {
            ruleset: "old-1".to_owned(),
            differ,
        });
        let job = JobId(1);
        send(&mut state, Message::ScanOpened { job, scan });
        let notice = state.notice.expect("a notice");
        assert_eq!(notice.level, NoticeLevel::Hint);
        assert_eq!(
            notice.text,
            format!("judged anew under new-1 (was old-1): {words}")
        );
    }
    assert_eq!(opened(120, 40).notice, None);
}

#[test]
fn back_after_enter_restores_the_list() {
    let mut state = opened(80, 24);
    press(&mut state, "jjj");
    let before = (selected(&state), names(&state), state.roster.position());
    press(&mut state, "lljjj}hh");
    assert_eq!(state.screen(), Screen::Fleet);
    assert_eq!(
        (selected(&state), names(&state), state.roster.position()),
        before
    );
}

#[test]
fn a_filter_takes_effect_as_it_is_written_and_esc_undoes_it() {
    let mut state = opened(120, 40);
    let all = names(&state);
    press(&mut state, "G");
    let last = selected(&state);
    press(&mut state, "/prod weu");
    assert_eq!(
        names(&state),
        [
            "mysql-prod-weu-0421",
            "mysql-prod-weu-0007",
            "mysql-prod-weu-0422"
        ]
    );
    press(&mut state, " 0422");
    assert_eq!(names(&state), ["mysql-prod-weu-0422"]);
    press(&mut state, "<Esc>");
    assert_eq!(
        (names(&state), selected(&state)),
        (all.clone(), last.clone())
    );
    press(&mut state, "/neu<Enter>");
    assert_eq!(names(&state).len(), 4);
    assert!(matches!(state.mode(), Mode::Screen(Screen::Fleet)));
    press(&mut state, "<Esc>");
    assert_eq!((names(&state), selected(&state)), (all, last));
}

#[test]
fn every_letter_is_searched_on_a_worker_and_stale_answers_are_dropped() {
    let mut state = opened(120, 40);
    flexposture::app::update(&mut state, Message::Key("/".parse().unwrap())).clear();
    let first = flexposture::app::update(&mut state, Message::Key("d".parse().unwrap()));
    let second = flexposture::app::update(&mut state, Message::Key("e".parse().unwrap()));
    let answers: Vec<_> = [first, second]
        .into_iter()
        .flatten()
        .map(|effect| super::fixture::answer(&effect).unwrap())
        .collect();
    assert_eq!(answers.len(), 2);
    assert!(state.is_filtering());
    let mut answers = answers.into_iter();
    send(&mut state, answers.next().unwrap());
    assert!(state.is_filtering() && names(&state).len() == 8);
    send(&mut state, answers.next().unwrap());
    assert!(!state.is_filtering() && names(&state).len() < 8);
}

#[test]
fn sorting_keeps_the_selected_server() {
    let mut state = opened(120, 40);
    press(&mut state, "jj");
    let chosen = selected(&state);
    for (script, key) in [
        ("sn", SortKey::Name),
        ("S", SortKey::Name),
        ("sv", SortKey::Version),
        ("ss", SortKey::Score),
        ("su", SortKey::Subscription),
        ("sg", SortKey::Region),
        ("sm", SortKey::Match),
        ("sr", SortKey::Risk),
    ] {
        press(&mut state, script);
        assert_eq!(state.roster.sort().key, key, "{script}");
        assert_eq!(selected(&state), chosen, "{script}");
    }
    press(&mut state, "sn");
    let by_name = names(&state);
    assert!(by_name.is_sorted());
    press(&mut state, "S");
    assert!(names(&state).iter().rev().eq(by_name.iter()));
    press(&mut state, "sv");
    assert_eq!(names(&state)[0], "mysql-archive-wus-0001");
}

#[test]
fn families_and_verdicts_narrow_the_list_and_the_tree() {
    let mut state = opened(120, 40);
    press(&mut state, "f");
    assert_eq!(state.roster.show(), Show::Failing);
    let failing = names(&state);
    assert!(failing.len() < 8 && failing.contains(&"mysql-prod-weu-0421".to_owned()));
    press(&mut state, "1");
    assert_eq!(state.roster.family(), Some(FamilyCode::Ns));
    assert!(names(&state).len() <= failing.len());
    press(&mut state, "<Esc>");
    assert_eq!((state.roster.show(), names(&state).len()), (Show::All, 8));
    press(&mut state, "l");
    let rows = state.server.as_ref().unwrap().rows.len();
    assert_eq!(rows, 8 + 28 + 33);
    press(&mut state, "f");
    let server = state.server.as_ref().unwrap();
    assert!(server.rows.len() < rows && server.rows.iter().any(|row| row.node == server.node));
    press(&mut state, "f4");
    assert_eq!(
        state.server.as_ref().unwrap().node,
        TreeNode::Family(FamilyCode::Dp)
    );
}

#[test]
fn tabs_are_reached_by_step_and_by_number() {
    let mut state = opened(120, 40);
    press(&mut state, "l}");
    let tab = |state: &flexposture::app::State| state.server.as_ref().unwrap().tab;
    assert_eq!(tab(&state), Tab::Guidance);
    press(&mut state, "{{");
    assert_eq!(tab(&state), Tab::Raw);
    press(&mut state, "<Alt-3>");
    assert_eq!(tab(&state), Tab::Policies);
    press(&mut state, "hgg}");
    assert_eq!(tab(&state), Tab::Policies);
    let notice = state.notice.as_ref().expect("a family has no tabs");
    assert!(notice.text.contains("select a feature first"));
    press(&mut state, "<Alt-1>");
    assert_eq!(tab(&state), Tab::Policies);
    let notice = state.notice.as_ref().unwrap();
    assert_eq!(notice.level, NoticeLevel::Hint);
    assert!(notice.text.contains("select a feature first"));
}

#[test]
fn exemptions_permissions_and_policies_open_from_everywhere_in_a_scan_and_close() {
    for way in ["", "l", "ll"] {
        for (keys, closes) in [
            ("w", "w"),
            ("ge", "q"),
            ("ga", "<Esc>"),
            ("gp", "p"),
            ("p", "h"),
        ] {
            let mut state = opened(100, 30);
            press(&mut state, way);
            let before = Scope::of(&state);
            assert_eq!(press(&mut state, keys), []);
            assert!(state.mode().shows_reports(), "{keys}");
            assert!(matches!(state.reports, ReportsState::Loaded(_)), "{keys}");
            assert_eq!(press(&mut state, closes), []);
            assert_eq!(Scope::of(&state), before, "{keys} {closes}");
        }
    }
    let (mut state, _) = started(100, 30, Opening::Welcome);
    press(&mut state, "wpgegagp");
    assert!(matches!(state.mode(), Mode::Screen(Screen::Welcome)));
}

#[test]
fn reports_are_made_once_for_a_scan() {
    let mut state = opened(100, 30);
    let key = |state: &mut flexposture::app::State, key: &str| {
        flexposture::app::update(state, Message::Key(key.parse().unwrap()))
    };
    let first = key(&mut state, "p");
    let [Effect::MakeReports { job }] = first[..] else {
        panic!("{first:?}");
    };
    send(&mut state, super::fixture::answer(&first[0]).unwrap());
    key(&mut state, "q");
    assert_eq!(key(&mut state, "w"), [], "they are there");
    let demo = scan(fleet(), Completeness::Complete);
    let late = Message::ScanOpened { job, scan: demo };
    assert_eq!(
        flexposture::app::update(&mut state, late),
        [],
        "a job of reports opens no scan"
    );
    assert!(state.reports.loaded().is_some());
}

#[test]
fn reports_that_nobody_waits_for_any_more_are_stopped_and_their_answer_is_dropped() {
    let mut state = opened(100, 30);
    let key = |state: &mut flexposture::app::State, key: &str| {
        flexposture::app::update(state, Message::Key(key.parse().unwrap()))
    };
    let asked = key(&mut state, "w");
    let [Effect::MakeReports { job }] = asked[..] else {
        panic!("{asked:?}");
    };
    send(&mut state, Message::ReportsProgress { job, servers: 3 });
    assert!(matches!(state.reports, ReportsState::Loading(3)));
    assert_eq!(key(&mut state, "q"), [Effect::StopReports { job }]);
    send(&mut state, super::fixture::answer(&asked[0]).unwrap());
    send(&mut state, Message::ReportsProgress { job, servers: 8 });
    assert!(matches!(state.reports, ReportsState::None));
    let again = key(&mut state, "w");
    let [Effect::MakeReports { job: next }] = again[..] else {
        panic!("{again:?}");
    };
    assert_ne!(next, job);
    send(
        &mut state,
        Message::Failed {
            job: Some(next),
            title: "no".to_owned(),
            detail: "the file is damaged".to_owned(),
        },
    );
    assert!(matches!(&state.reports, ReportsState::Failed(why) if why.contains("damaged")));
}

#[test]
fn reports_of_a_scan_that_goes_on_are_made_anew() {
    let mut state = scanning(100, 30);
    press(&mut state, "p");
    assert!(state.reports.loaded().is_some());
    let whole = scan(fleet(), Completeness::Complete);
    let job = JobId(1);
    let effects = flexposture::app::update(&mut state, Message::ScanOpened { job, scan: whole });
    let asked = effects
        .iter()
        .any(|effect| matches!(effect, Effect::MakeReports { .. }));
    assert!(asked, "{effects:?}");
    assert!(matches!(state.reports, ReportsState::Loading(0)));
}

#[test]
fn the_role_is_copied_from_the_permissions_and_only_there() {
    let mut state = opened(100, 30);
    let copied = press(&mut state, "gayr");
    let [Effect::Copy(role)] = &copied[..] else {
        panic!("{copied:?}");
    };
    let role: serde_json::Value = serde_json::from_str(role).unwrap();
    let actions = role["Actions"].as_array().unwrap();
    let wanted = "Microsoft.DBforMySQL/flexibleServers/configurations/read";
    assert!(actions.iter().any(|action| action == wanted), "{actions:?}");
    press(&mut state, "q");
    assert_eq!(press(&mut state, "yr"), []);
}

#[test]
fn an_exempt_finding_shows_the_exemption_and_the_verdict_without_it() {
    let mut state = opened(120, 40);
    press(&mut state, "/archive<Enter>l");
    let server = state.server.as_ref().unwrap();
    let DetailState::Loaded(detail) = &server.detail else {
        panic!("no detail");
    };
    let waived: Vec<_> = detail
        .findings
        .iter()
        .filter(|it| it.without_exemptions.is_some())
        .map(|it| {
            (
                it.feature,
                it.verdict.word(),
                it.verdict_without_exemptions().word(),
            )
        })
        .collect();
    assert_eq!(
        waived,
        [(
            FeatureId::LocalAuthentication,
            VerdictWord::Waived,
            VerdictWord::Fail
        )]
    );
}

#[test]
fn raw_opens_at_the_value_that_was_judged() {
    let mut state = opened(120, 40);
    press(&mut state, "l<Alt-6>");
    let server = state.server.as_ref().unwrap();
    let mark = server.page.first_mark().unwrap();
    assert!((server.scroll..server.scroll + 20).contains(&mark));
    let marked: String = format!("{:?}", server.page.lines[mark]);
    assert!(marked.contains("publicNetworkAccess"), "{marked}");
}

#[test]
fn the_next_server_keeps_the_feature() {
    let mut state = opened(120, 40);
    press(&mut state, "l}J");
    let server = state.server.as_ref().unwrap();
    assert_eq!(&*server.summary.name, "mysql-prod-weu-0007");
    assert_eq!(
        (server.node, server.tab, server.focus),
        (
            TreeNode::Feature(FeatureId::PublicNetworkAccess),
            Tab::Guidance,
            Pane::Feature
        )
    );
    press(&mut state, "KK");
    assert_eq!(
        &*state.server.as_ref().unwrap().summary.name,
        "mysql-prod-weu-0421"
    );
    assert!(state.notice.as_ref().unwrap().text.contains("first server"));
    press(&mut state, "Jhh");
    assert_eq!(selected(&state).unwrap(), "mysql-prod-weu-0007");
}

#[test]
fn the_commands_of_a_fix_are_copied_and_nothing_is_where_nothing_fails() {
    let mut state = opened(120, 40);
    let effects = press(&mut state, "lyx");
    let copied = effects.iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text.clone()),
        _ => None,
    });
    let copied = copied.expect("a script").to_string();
    let run: Vec<&str> = copied
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert!(
        !run.is_empty() && run.iter().all(|line| line.starts_with("az ")),
        "{copied}"
    );
    assert!(copied.contains("--name mysql-prod-weu-0421"), "{copied}");
    // A family is selected: there is no finding to fix.
    press(&mut state, "ggyx");
    assert!(
        state
            .notice
            .as_ref()
            .unwrap()
            .text
            .contains("select a feature first")
    );
}

#[test]
fn copies_are_chords_and_say_what_they_need() {
    let mut state = opened(120, 40);
    let id = state.roster.selected().unwrap().id.to_string();
    assert_eq!(press(&mut state, "yy"), [Effect::Copy(id.clone())]);
    assert_eq!(
        press(&mut state, "yn"),
        [Effect::Copy("mysql-prod-weu-0421".to_owned())]
    );
    assert_eq!(
        press(&mut state, "yc"),
        [Effect::Copy(format!(
            "flexposture findings {id} --scan 20261123T140200Z-demo.flexscan"
        ))]
    );
    let effects = press(&mut state, "lyf");
    let [Effect::Copy(text)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert!(text.starts_with("NS-2 Disable Public Network Access: Fail (critical)\n"));
    assert!(text.contains("fw-world") && text.contains("GET /subscriptions/"));
    assert_eq!(press(&mut state, "y<Esc>"), []);
    assert!(state.pending.0.is_empty());
    press(&mut state, "yq");
    assert!(state.notice.as_ref().unwrap().text.contains("y q"));
    send(
        &mut state,
        Message::CopyFailed("no way to a clipboard".to_owned()),
    );
    assert_eq!(state.notice.as_ref().unwrap().level, NoticeLevel::Problem);
    assert_eq!(state.problems.len(), 1);
}

#[test]
fn the_welcome_offers_demo_and_scan() {
    let (mut state, effects) = started(80, 24, Opening::Welcome);
    assert_eq!(effects, [Effect::Scans(ScansWork::List { generation: 1 })]);
    assert_eq!(
        press(&mut state, "jk<Enter>"),
        [Effect::StartDemo { job: JobId(1) }]
    );
    assert_eq!(press(&mut state, "s"), []);
    assert!(
        state
            .notice
            .as_ref()
            .unwrap()
            .text
            .contains("a scan is running")
    );
    send(
        &mut state,
        Message::Failed {
            job: Some(JobId(1)),
            title: "the scan could not start".to_owned(),
            detail: "no credential\u{1b}[2J".to_owned(),
        },
    );
    assert!(!state.is_scanning());
    assert_eq!(state.problems[0].detail, "no credential?[2J");
    assert_eq!(
        press(&mut state, "s"),
        [Effect::StartScan { job: JobId(2) }]
    );
}

#[test]
fn a_growing_scan_keeps_a_chosen_server_and_an_untouched_list_at_its_top() {
    let mut state = scanning(120, 40);
    assert_eq!(selected(&state).unwrap(), "mysql-prod-weu-0421");
    press(&mut state, "j");
    let chosen = selected(&state);
    let rest: Vec<_> = servers().iter().skip(4).map(summary).collect();
    let grew = |servers| Message::FleetGrew {
        job: JobId(1),
        subscriptions: subscriptions(),
        servers,
    };
    send(&mut state, grew(rest));
    assert_eq!((selected(&state), names(&state).len()), (chosen.clone(), 8));
    assert_eq!(state.roster.fleet().subscriptions.len(), 2);
    // A server that is seen again replaces its summary.
    let mut again = summary(&servers()[0]);
    again.id = again.id.to_uppercase().into();
    again.open = [9, 0, 0, 0];
    send(&mut state, grew(vec![again]));
    assert_eq!((selected(&state), names(&state).len()), (chosen, 8));
    assert_eq!(names(&state)[0], "mysql-prod-weu-0422");
    press(&mut state, "/0901");
    assert_eq!(names(&state), ["mysql-lake-neu-0901"]);
}

#[test]
fn servers_that_come_in_are_found_by_the_filter_in_force() {
    let mut state = scanning(120, 40);
    press(&mut state, "/lake<Enter>");
    assert_eq!(names(&state), [""; 0]);
    let rest = servers().iter().skip(4).map(summary).collect();
    send(
        &mut state,
        Message::FleetGrew {
            job: JobId(1),
            subscriptions: Vec::new(),
            servers: rest,
        },
    );
    assert_eq!(names(&state).len(), 4);
    press(&mut state, "/neu<Enter>");
    assert_eq!(names(&state).len(), 2);
}

#[test]
fn a_scan_is_stopped_after_a_question_and_its_end_is_said() {
    let mut state = scanning(120, 40);
    assert_eq!(press(&mut state, "xn"), []);
    assert_eq!(
        press(&mut state, "xy"),
        [Effect::CancelScan { job: JobId(1) }]
    );
    let progress = Progress {
        servers_found: 8,
        servers_done: 4,
        finished: Some(Finished {
            completeness: Completeness::Partial,
            words: "stopped by you after 4 of 8 servers".to_owned(),
        }),
        ..Progress::default()
    };
    let job = JobId(1);
    send(&mut state, Message::Progress { job, progress });
    assert!(!state.is_scanning());
    assert!(state.notice.as_ref().unwrap().text.contains("4 of 8"));
    assert_eq!(
        state.scan.as_ref().unwrap().completeness,
        Completeness::Partial
    );
    let part = scan(fleet(), Completeness::Partial);
    send(&mut state, Message::ScanOpened { job, scan: part });
    assert_eq!(names(&state).len(), 8);
    press(&mut state, "x");
    assert!(
        state
            .notice
            .as_ref()
            .unwrap()
            .text
            .contains("no scan is running")
    );
    assert_eq!(press(&mut state, "q"), [Effect::Quit]);
}

#[test]
fn quitting_asks_while_a_scan_runs_and_control_c_does_not() {
    let mut state = scanning(120, 40);
    assert_eq!(press(&mut state, "q<Esc>"), []);
    assert_eq!(press(&mut state, "qy"), [Effect::Quit]);
    assert_eq!(press(&mut state, "/ab<Ctrl-c>"), [Effect::Quit]);
    assert_eq!(
        press(&mut state, "<Ctrl-z><Ctrl-l>"),
        [Effect::Suspend, Effect::Redraw]
    );
}

#[test]
fn a_refresh_keeps_the_server_that_is_looked_into_and_leaves_one_that_is_gone() {
    let mut state = scanning(120, 40);
    press(&mut state, "jl");
    let looked_into = state.server.as_ref().unwrap().summary.id.clone();
    let job = JobId(1);
    let whole = scan(fleet(), Completeness::Complete);
    send(&mut state, Message::ScanOpened { job, scan: whole });
    assert_eq!(state.server.as_ref().unwrap().summary.id, looked_into);
    let mut without = fleet();
    without.servers.retain(|server| server.id != looked_into);
    let without = scan(without, Completeness::Complete);
    send(&mut state, Message::ScanOpened { job, scan: without });
    assert_eq!(
        (state.screen(), state.server.is_none()),
        (Screen::Fleet, true)
    );
    assert!(
        state
            .notice
            .as_ref()
            .unwrap()
            .text
            .contains("not in this scan")
    );
}

#[test]
fn messages_of_dead_jobs_change_nothing() {
    let mut state = opened(120, 40);
    press(&mut state, "jl");
    let job = JobId(99);
    let before = format!("{state:?}");
    for message in [
        Message::ScanOpened {
            job,
            scan: scan(fleet(), Completeness::Partial),
        },
        Message::FleetGrew {
            job,
            subscriptions: Vec::new(),
            servers: vec![summary(&servers()[0])],
        },
        Message::Progress {
            job,
            progress: Progress::default(),
        },
        Message::Failed {
            job: Some(job),
            title: "late".to_owned(),
            detail: "late".to_owned(),
        },
        Message::Filtered {
            generation: 99,
            hits: Default::default(),
        },
    ] {
        assert_eq!(send(&mut state, message), []);
    }
    assert_eq!(format!("{state:?}"), before);
}

#[test]
fn a_scan_that_cannot_be_opened_leaves_the_welcome_and_a_reason() {
    let choice = ScanChoice::Named("yesterday".to_owned());
    let (mut state, _) = started(80, 24, Opening::Scan(choice));
    assert!(state.is_opening());
    send(
        &mut state,
        Message::Failed {
            job: Some(JobId(1)),
            title: "no scan is called yesterday".to_owned(),
            detail: "flexposture scans lists them".to_owned(),
        },
    );
    assert_eq!(
        (state.screen(), state.is_opening()),
        (Screen::Welcome, false)
    );
    press(&mut state, "L");
    assert!(matches!(state.mode(), Mode::Errors(_)));
    press(&mut state, "<Esc>");
    assert!(matches!(state.mode(), Mode::Screen(Screen::Welcome)));
}

#[test]
fn help_is_searched_and_closed_step_by_step() {
    let mut state = opened(80, 24);
    press(&mut state, "?/server resource clipboard");
    let Mode::Help(help) = state.mode() else {
        panic!("no help");
    };
    assert_eq!(
        (help.search.text(), help.searching),
        ("server resource clipboard", true)
    );
    let lines = flexposture::app::overlay_lines(&state, state.mode(), 60);
    assert!(lines.len() < 6, "{lines:?}");
    press(&mut state, "<Enter>q");
    assert!(matches!(state.mode(), Mode::Help(help) if help.search.text().is_empty()));
    press(&mut state, "G");
    assert!(matches!(state.mode(), Mode::Help(help) if help.scroll > 0));
    press(&mut state, "q");
    assert!(matches!(state.mode(), Mode::Screen(Screen::Fleet)));
}

#[test]
fn a_scan_that_fails_before_any_server_leads_back_to_the_choices() {
    let (mut state, _) = started(80, 24, Opening::NewScan);
    let job = JobId(1);
    let empty = scan(Fleet::default(), Completeness::Running);
    send(&mut state, Message::ScanOpened { job, scan: empty });
    press(&mut state, "/prod");
    send(
        &mut state,
        Message::Failed {
            job: Some(job),
            title: "The scan failed".to_owned(),
            detail: "az not found on PATH".to_owned(),
        },
    );
    assert!(matches!(state.mode(), Mode::Screen(Screen::Welcome)));
    assert!(state.scan.is_none() && !state.is_filtered());
    let again = press(&mut state, "s");
    assert!(matches!(again[..], [Effect::StartScan { .. }]), "{again:?}");
}

#[test]
fn a_filter_waits_for_the_text_to_search_in() {
    let mut state = scanning(120, 40);
    let whole = scan(fleet(), Completeness::Complete);
    let job = JobId(1);
    let index =
        flexposture::app::update(&mut state, Message::ScanOpened { job, scan: whole }).remove(0);
    press(&mut state, "/lake<Enter>");
    assert!(state.is_filter_waiting() && state.is_filtering());
    send(&mut state, super::fixture::answer(&index).unwrap());
    assert!(!state.is_filter_waiting() && names(&state).len() == 4);
}

#[test]
fn a_chord_that_was_begun_keeps_nobody_from_ending_or_stopping_the_program() {
    let mut state = opened(120, 40);
    assert_eq!(press(&mut state, "y<Ctrl-z>"), [Effect::Suspend]);
    assert_eq!(press(&mut state, "s<Ctrl-c>"), [Effect::Quit]);
    assert_eq!(press(&mut state, "sn"), []);
    assert_eq!(state.roster.sort().key, SortKey::Name);
}

#[test]
fn a_scan_that_is_started_while_another_is_opened_takes_its_place() {
    let (mut state, _) = started(80, 24, Opening::Scan(ScanChoice::Newest));
    let demo = press(&mut state, "d");
    assert_eq!(demo, [Effect::StartDemo { job: JobId(2) }]);
    let late = scan(fleet(), Completeness::Complete);
    let job = JobId(1);
    send(&mut state, Message::ScanOpened { job, scan: late });
    assert!(state.scan.is_none() && state.roster.fleet().servers.is_empty());
}
