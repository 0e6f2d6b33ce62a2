//! The kept scans and their trend: keys pressed one after the other, and what comes of them.

use std::sync::Arc;

use flexposture::app::{
    Checked, Completeness, Counted, Effect, Ended, JobId, KeptScan, Message, Mode, Opening, Pane,
    ScanChoice, ScanEntry, ScansNews, ScansWork, Screen, State, Tab, update,
};
use flexposture::posture::{Fleet, Totals};
use jiff::Timestamp;

use super::fixture::{fleet, names, opened, press, scan, selected, send, started};

/// The file of the scan that the fixture opens.
fn open_file() -> String {
    scan(fleet(), Completeness::Complete).info.file
}

/// The first servers of the fleet, summed up.
fn totals(servers: usize) -> Arc<Totals> {
    Arc::new(Totals::of(fleet().servers.iter().take(servers)))
}

fn kept(file: &str, started: &str, ended: Ended, servers: usize) -> ScanEntry {
    let started_at: Timestamp = started.parse().unwrap();
    let info = scan(fleet(), Completeness::Complete).info;
    ScanEntry {
        file: file.to_owned(),
        bytes: 40_000 + servers as u64 * 1_000,
        scan: Ok(KeptScan {
            id: format!("{:08x}", servers * 257),
            scope: info.scope,
            endpoint: "https://management.azure.com".to_owned(),
            started_at,
            finished_at: (ended != Ended::Running).then_some(started_at),
            ended,
            servers: servers as u64,
            subscriptions: 2,
            older_format: None,
            other_ruleset: None,
            parent: None,
            totals: (ended != Ended::Running).then(|| totals(servers)),
            judged_now: true,
        }),
    }
}

/// Newest first: the open scan, one that another one is laid over, a damaged one, one that was stopped, one of another
/// ruleset that is not counted as now, one of another scope.
pub fn entries() -> Vec<ScanEntry> {
    let mut child = kept(
        "/scans/5.flexscan",
        "2026-11-22T10:00:00Z",
        Ended::Complete,
        3,
    );
    let parent = kept(
        "/scans/4.flexscan",
        "2026-11-21T14:02:00Z",
        Ended::Complete,
        7,
    );
    let (Ok(scan), Ok(over)) = (&mut child.scan, &parent.scan) else {
        panic!("readable");
    };
    scan.parent = Some(over.id.clone());
    let mut old = kept(
        "/scans/1.flexscan",
        "2026-10-01T08:00:00Z",
        Ended::Complete,
        5,
    );
    if let Ok(scan) = &mut old.scan {
        scan.other_ruleset = Some("older-1".to_owned());
        scan.older_format = Some(2);
        scan.judged_now = false;
    }
    let mut elsewhere = kept(
        "/scans/0.flexscan",
        "2026-09-30T08:00:00Z",
        Ended::BrokenOff,
        1,
    );
    if let Ok(scan) = &mut elsewhere.scan {
        scan.scope = "elsewhere".to_owned();
        scan.totals = None;
        scan.finished_at = None;
    }
    vec![
        kept(&open_file(), "2026-11-23T14:02:00Z", Ended::Complete, 8),
        child,
        parent,
        ScanEntry {
            file: "/scans/3.flexscan".to_owned(),
            bytes: 12,
            scan: Err("not a scan of flexposture, or damaged".to_owned()),
        },
        kept(
            "/scans/2.flexscan",
            "2026-11-01T08:00:00Z",
            Ended::Stopped,
            4,
        ),
        old,
        elsewhere,
    ]
}

/// Answers the last demand for the list.
pub fn listed(state: &mut State, effects: &[Effect], entries: Vec<ScanEntry>) -> Vec<Effect> {
    let generation = effects.iter().rev().find_map(|effect| match effect {
        Effect::Scans(ScansWork::List { generation }) => Some(*generation),
        _ => None,
    });
    let news = ScansNews::Listed {
        generation: generation.expect("a demand for the list"),
        entries: Ok(entries),
    };
    send(state, Message::Scans(news))
}

/// On the screen of scans, with the fleet of the newest one open.
pub fn scans(columns: u16, rows: u16) -> State {
    let mut state = opened(columns, rows);
    let effects = press(&mut state, "gs");
    listed(&mut state, &effects, entries());
    state
}

/// On the screen of the trend, with everything counted.
pub fn trend(columns: u16, rows: u16) -> State {
    let mut state = scans(columns, rows);
    press(&mut state, "<Esc>");
    let effects = press(&mut state, "gt");
    let count = effects.iter().find_map(|effect| match effect {
        Effect::Scans(ScansWork::Count {
            generation, files, ..
        }) => Some((*generation, files.clone())),
        _ => None,
    });
    let (generation, files) = count.expect("one scan is not known as it is judged now");
    assert_eq!(files, ["/scans/1.flexscan"]);
    let file = files[0].clone();
    let counted = Counted::Totals(totals(5));
    for news in [
        ScansNews::Counted {
            generation,
            file,
            counted,
        },
        ScansNews::CountEnded { generation },
    ] {
        send(&mut state, Message::Scans(news));
    }
    state
}

/// What one key asks for, before anybody answers.
fn asked(state: &mut State, key: &str) -> Vec<Effect> {
    let mut keys = super::fixture::keys(key);
    let last = keys.pop().expect("a key");
    for key in keys {
        send(state, Message::Key(key));
    }
    update(state, Message::Key(last))
}

fn here(state: &State) -> String {
    let entry = state.scans.selected().expect("a selected scan");
    entry.file.clone()
}

fn opens(effects: &[Effect]) -> Option<(JobId, String)> {
    effects.iter().find_map(|effect| match effect {
        Effect::OpenScan {
            job,
            choice: ScanChoice::Named(file),
        } => Some((*job, file.clone())),
        _ => None,
    })
}

/// Answers the demand for a scan with some of the fleet.
fn open(state: &mut State, effects: &[Effect], fleet: Fleet) {
    let (job, file) = opens(effects).expect("a scan to be opened");
    let at = state.scans.entry(&file).and_then(ScanEntry::readable);
    let at = at.expect("a readable scan").started_at;
    let mut scan = scan(fleet, Completeness::Complete);
    scan.info.file = file;
    scan.info.started_at = at;
    send(state, Message::ScanOpened { job, scan });
}

fn notice(state: &State) -> &str {
    state.notice.as_ref().map_or("", |notice| &notice.text)
}

#[test]
fn the_list_is_filtered_and_sorted_and_the_cursor_stays_on_its_file() {
    let mut state = scans(120, 40);
    assert_eq!(here(&state), open_file());
    press(&mut state, "jj");
    assert_eq!(here(&state), "/scans/4.flexscan");
    press(&mut state, "sn");
    assert_eq!(here(&state), "/scans/4.flexscan");
    press(&mut state, "gg");
    assert_eq!(here(&state), open_file(), "the most servers stand first");
    press(&mut state, "SG");
    assert_eq!(here(&state), open_file(), "and last when turned round");
    press(&mut state, "st/stopped");
    assert_eq!(state.scans.rows.len(), 1);
    assert_eq!(here(&state), "/scans/2.flexscan");
    press(&mut state, "<Esc>");
    assert_eq!(state.scans.rows.len(), 7);
    press(&mut state, "/damaged<Enter>");
    assert_eq!(here(&state), "/scans/3.flexscan");
    press(&mut state, "<Esc>");
    assert_eq!((state.screen(), state.scans.rows.len()), (Screen::Scans, 7));
    press(&mut state, "<Esc>");
    assert_eq!(state.screen(), Screen::Fleet);
}

#[test]
fn a_scan_is_opened_from_the_list_and_one_that_cannot_be_says_why() {
    let mut state = scans(120, 40);
    press(&mut state, "<Enter>");
    assert_eq!(
        state.screen(),
        Screen::Fleet,
        "the open one is only gone back to"
    );
    press(&mut state, "gsjjj");
    assert_eq!(opens(&press(&mut state, "<Enter>")), None);
    assert!(notice(&state).contains("damaged"), "{}", notice(&state));
    let effects = press(&mut state, "j<Enter>");
    assert_eq!(opens(&effects).unwrap().1, "/scans/2.flexscan");
    assert_eq!(state.screen(), Screen::Scans, "until it is there");
    open(&mut state, &effects, fleet());
    assert_eq!(state.screen(), Screen::Fleet);
    assert!(
        notice(&state).contains("scan of 01 Nov 2026 08:00 UTC"),
        "{}",
        notice(&state)
    );
}

#[test]
fn two_scans_are_compared_the_older_one_first() {
    let compared = |keys: &str| {
        let mut state = scans(120, 40);
        let effects = asked(&mut state, keys);
        let files = effects.iter().find_map(|effect| match effect {
            Effect::Compare {
                from: Some(ScanChoice::Named(from)),
                to: ScanChoice::Named(to),
                ..
            } => Some((from.clone(), to.clone())),
            _ => None,
        });
        (state.screen(), files)
    };
    let pair = |from: &str, to: &str| Some((from.to_owned(), to.to_owned()));
    let both = pair("/scans/2.flexscan", "/scans/4.flexscan");
    assert_eq!(compared("jj jjd"), (Screen::Difference, both.clone()));
    assert_eq!(compared("jjjj kkd"), (Screen::Difference, both));
    // Without a chosen one, the one before it: what is laid over another one is none.
    let before = pair("/scans/4.flexscan", &open_file());
    assert_eq!(compared("d"), (Screen::Difference, before));
    assert_eq!(compared("Gd"), (Screen::Scans, None));
}

#[test]
fn a_file_is_deleted_after_a_question_that_names_it_and_never_one_that_is_needed() {
    let mut state = scans(120, 40);
    for (keys, why) in [("x", "it is open"), ("jjD", "is laid over it")] {
        assert_eq!(press(&mut state, keys), []);
        assert!(notice(&state).contains(why), "{}", notice(&state));
        assert!(matches!(state.mode(), Mode::Screen(Screen::Scans)));
    }
    press(&mut state, "jjx");
    let Mode::Confirm(question) = state.mode() else {
        panic!("no question");
    };
    let words = state.question_words(*question)[0];
    assert!(
        words.contains("00000404") && words.contains("KiB"),
        "{words}"
    );
    assert_eq!(press(&mut state, "n"), []);
    let effects = press(&mut state, "xy");
    let expected = ScansWork::Delete {
        file: "/scans/2.flexscan".to_owned(),
        open: Some(open_file()),
    };
    assert_eq!(effects, [Effect::Scans(expected)]);
    let news = ScansNews::Deleted {
        file: "/scans/2.flexscan".to_owned(),
        bytes: 44_000,
    };
    let effects = send(&mut state, Message::Scans(news));
    assert!(matches!(
        effects[..],
        [Effect::Scans(ScansWork::List { .. })]
    ));
    assert_eq!(state.scans.rows.len(), 6);
    assert!(
        notice(&state).contains("deleted 2 (43 KiB)"),
        "{}",
        notice(&state)
    );
}

#[test]
fn a_file_is_copied_where_one_says_and_over_another_one_only_when_one_says_so() {
    let mut state = scans(120, 40);
    press(&mut state, "jje");
    let effects = press(&mut state, "<Ctrl-u>/mnt/x.flexscan<Enter>");
    let copy = |replace| {
        Effect::Scans(ScansWork::Copy {
            file: "/scans/4.flexscan".to_owned(),
            to: "/mnt/x.flexscan".to_owned(),
            replace,
        })
    };
    assert_eq!(effects, [copy(false)]);
    let news = ScansNews::IsThere {
        file: "/scans/4.flexscan".to_owned(),
        to: "/mnt/x.flexscan".to_owned(),
    };
    send(&mut state, Message::Scans(news.clone()));
    assert_eq!(press(&mut state, "n"), []);
    send(&mut state, Message::Scans(news));
    assert_eq!(press(&mut state, "y"), [copy(true)]);
    press(&mut state, "e<Esc>");
    assert!(matches!(state.mode(), Mode::Screen(Screen::Scans)));
    assert_eq!(
        press(&mut state, "yy"),
        [Effect::Copy("/scans/4.flexscan".to_owned())]
    );
}

#[test]
fn a_file_that_is_not_what_was_written_is_told_and_kept_among_the_errors() {
    let mut state = scans(120, 40);
    let file = here(&state);
    let effects = press(&mut state, "v");
    assert_eq!(
        effects,
        [Effect::Scans(ScansWork::Verify { file: file.clone() })]
    );
    assert_eq!(press(&mut state, "jv"), [], "one at a time");
    for checked in [
        Checked::Running(500, 900),
        Checked::Changed("its documents differ".to_owned()),
    ] {
        let file = file.clone();
        send(
            &mut state,
            Message::Scans(ScansNews::Checked { file, checked }),
        );
    }
    assert_eq!(state.problems.len(), 1);
    assert!(state.problems[0].title.contains("is not what was written"));
}

#[test]
fn the_scan_before_keeps_server_feature_tab_and_filter() {
    let mut state = scans(120, 40);
    press(&mut state, "<Esc>/prod<Enter>jl}l");
    let shown = names(&state);
    let (before, tab) = (
        state.server.clone().unwrap(),
        state.server.as_ref().unwrap().tab,
    );
    assert_eq!((tab, before.focus), (Tab::Guidance, Pane::Feature));
    let effects = press(&mut state, "[");
    assert_eq!(opens(&effects).unwrap().1, "/scans/4.flexscan");
    open(&mut state, &effects, fleet());
    let after = state.server.as_ref().unwrap();
    assert_eq!(state.screen(), Screen::Server);
    assert_eq!(
        (&after.summary.id, after.node, after.tab, after.focus),
        (&before.summary.id, before.node, before.tab, before.focus)
    );
    assert_eq!(state.filter_text(), "prod");
    assert!(notice(&state).contains("3 of 4"), "{}", notice(&state));
    let effects = press(&mut state, "]");
    assert_eq!(opens(&effects).unwrap().1, open_file());
    open(&mut state, &effects, fleet());
    assert_eq!(press(&mut state, "]"), []);
    assert!(notice(&state).contains("newest scan of its scope"));
    press(&mut state, "<Esc><Esc>");
    assert_eq!((state.screen(), names(&state)), (Screen::Fleet, shown));
    assert_eq!(selected(&state).as_deref(), Some(&*before.summary.name));
}

#[test]
fn while_a_scan_runs_no_other_one_takes_its_place() {
    let mut state = super::fixture::scanning(120, 40);
    let effects = press(&mut state, "gs");
    listed(&mut state, &effects, entries());
    assert_eq!(opens(&press(&mut state, "jj<Enter>")), None);
    assert!(notice(&state).contains("a scan is running"));
    assert_eq!(opens(&press(&mut state, "<Esc>[")), None);
    assert!(notice(&state).contains("a scan is running"));
}

#[test]
fn an_old_answer_changes_nothing() {
    let mut state = scans(120, 40);
    let before = state.scans.entries.clone();
    let news = ScansNews::Listed {
        generation: 0,
        entries: Ok(Vec::new()),
    };
    assert_eq!(update(&mut state, Message::Scans(news)), []);
    assert_eq!(state.scans.entries, before);
}

#[test]
fn the_welcome_lists_the_newest_scans_that_can_be_opened() {
    let (mut state, effects) = started(80, 24, Opening::Welcome);
    listed(&mut state, &effects, entries());
    let files: Vec<_> = state.welcome_scans().map(|it| it.file.clone()).collect();
    assert_eq!(files.len(), 4);
    assert!(!files.contains(&"/scans/3.flexscan".to_owned()));
    assert_eq!(opens(&press(&mut state, "o")).unwrap().1, open_file());
    let (mut state, effects) = started(80, 24, Opening::Welcome);
    listed(&mut state, &effects, entries());
    let effects = press(&mut state, "j<Enter>");
    assert_eq!(opens(&effects).unwrap().1, "/scans/5.flexscan");
    open(&mut state, &effects, fleet());
    assert_eq!(state.screen(), Screen::Fleet);
    // Who has gone to a choice before the list came stays on it.
    let (mut state, effects) = started(80, 24, Opening::Welcome);
    press(&mut state, "j");
    listed(&mut state, &effects, entries());
    assert!(matches!(
        press(&mut state, "<Enter>")[..],
        [Effect::StartScan { .. }]
    ));
}

#[test]
fn the_trend_is_of_one_scope_and_leads_to_a_scan_and_to_a_difference() {
    let mut state = trend(120, 40);
    let points = state.trend_points();
    let files: Vec<&str> = points.iter().map(|it| it.file.as_str()).collect();
    let newest = open_file();
    assert_eq!(
        files,
        [
            "/scans/1.flexscan",
            "/scans/2.flexscan",
            "/scans/4.flexscan",
            &newest
        ]
    );
    assert!(points.iter().all(|it| it.totals().is_some()));
    assert_eq!(state.trend_cursor(&points), 3);
    press(&mut state, "hh");
    assert_eq!(state.trend.at.as_deref(), Some("/scans/2.flexscan"));
    let effects = asked(&mut state, "d");
    assert!(effects.iter().any(|effect| matches!(
        effect,
        Effect::Compare { from: Some(ScanChoice::Named(from)), to: ScanChoice::Named(to), .. }
            if from == "/scans/1.flexscan" && to == "/scans/2.flexscan"
    )));
    press(&mut state, "<Esc>");
    assert_eq!(state.screen(), Screen::Trend);
    press(&mut state, "4");
    assert_eq!(state.trend.position.cursor, 4);
    press(&mut state, "4");
    assert_eq!(state.trend.position.cursor, 0);
    let effects = press(&mut state, "<Enter>");
    assert_eq!(opens(&effects).unwrap().1, "/scans/2.flexscan");
    open(&mut state, &effects, fleet());
    assert_eq!(state.screen(), Screen::Fleet);
}

#[test]
fn the_trend_from_a_server_is_about_that_server() {
    let mut state = scans(120, 40);
    press(&mut state, "<Esc>l");
    let id = state.server.as_ref().unwrap().summary.id.to_string();
    let effects = press(&mut state, "gt");
    let count = effects.iter().find_map(|effect| match effect {
        Effect::Scans(ScansWork::Count { server, files, .. }) => {
            Some((server.clone(), files.len()))
        }
        _ => None,
    });
    assert_eq!(count, Some((Some(id), 4)));
    let stopped = press(&mut state, "<Esc>");
    assert_eq!(stopped, [Effect::Scans(ScansWork::StopCount)]);
    assert_eq!(state.screen(), Screen::Server);
}

#[test]
fn a_scan_that_did_not_end_is_gone_on_with_under_the_progress_and_then_shown() {
    let mut state = scans(120, 40);
    let row = |state: &mut State, ended: Ended| {
        let place = state.scans.rows.iter().position(|place| {
            let scan = state.scans.entries[*place].readable();
            scan.is_some_and(|scan| scan.ended == ended)
        });
        state.scans.position.cursor = place.expect("such a scan");
        state.scans.selected().unwrap().file.clone()
    };
    let notice = |state: &State| state.notice.clone().expect("a notice").text;
    row(&mut state, Ended::Complete);
    assert_eq!(press(&mut state, "r"), []);
    assert!(notice(&state).contains("this scan is complete"));
    let file = row(&mut state, Ended::Stopped);
    let effects = press(&mut state, "r");
    let [Effect::ResumeScan { job, scan: asked }] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(*asked, file);
    let job = *job;
    assert!(matches!(state.mode(), Mode::Progress(0)));
    assert_eq!(state.screen(), Screen::Fleet);
    // Not two at once.
    press(&mut state, "<Esc>gs");
    assert_eq!(press(&mut state, "r"), []);
    assert!(notice(&state).contains("a scan is running"));
    press(&mut state, "<Esc>");
    let mut opened = scan(fleet(), Completeness::Complete);
    opened.info.file = file;
    opened.info.id = "gone-on".to_owned();
    send(&mut state, Message::ScanOpened { job, scan: opened });
    assert_eq!(state.scan.as_ref().unwrap().id, "gone-on");
    assert_eq!(names(&state).len(), 8);
}

#[test]
fn what_cannot_be_gone_on_with_leaves_no_empty_progress() {
    let mut state = scans(120, 40);
    let mut entries = entries();
    for (entry, why) in [
        (
            kept(
                "/scans/9.flexscan",
                "2026-11-24T08:00:00Z",
                Ended::Running,
                1,
            ),
            "another process writes this scan",
        ),
        (
            {
                let mut child = kept(
                    "/scans/8.flexscan",
                    "2026-11-24T07:00:00Z",
                    Ended::BrokenOff,
                    1,
                );
                if let Ok(scan) = &mut child.scan {
                    scan.parent = Some("over".to_owned());
                }
                child
            },
            "a refresh of another scan",
        ),
    ] {
        entries.insert(0, entry);
        let effects = press(&mut state, "<Esc>gs");
        listed(&mut state, &effects, entries.clone());
        press(&mut state, "gg");
        assert_eq!(press(&mut state, "r"), []);
        let told = state.notice.clone().expect("a notice").text;
        assert!(told.contains(why), "{told}");
    }
    let place = state.scans.rows.iter().position(|place| {
        let scan = state.scans.entries[*place].readable();
        scan.is_some_and(|it| it.ended == Ended::BrokenOff && it.parent.is_none())
    });
    state.scans.position.cursor = place.expect("such a scan");
    let effects = press(&mut state, "r");
    let [Effect::ResumeScan { job, .. }] = effects[..] else {
        panic!("{effects:?}");
    };
    let failed = Message::Failed {
        job: Some(job),
        title: "The scan could not start".to_owned(),
        detail: "why".to_owned(),
    };
    send(&mut state, failed);
    assert!(matches!(state.mode(), Mode::Screen(Screen::Fleet)));
    assert_eq!(names(&state).len(), 8, "the open scan stays");
}
