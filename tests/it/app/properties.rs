//! What holds for every sequence of messages and every size.

use std::sync::Arc;

use flexposture::app::{
    Completeness, Counted, ExemptionsAdded, Finished, JobId, Key, KeyCode, Message, Opening,
    Progress, ScanChoice, ScansNews, Screen, State, Written, update,
};
use flexposture::documents::Cause;
use flexposture::look::{Colours, Look, Theme};
use flexposture::posture::Fleet;
use flexposture::view;
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use super::fixture::{
    answer, fleet, names, opened, press, reports, scan, selected, send, servers, started,
    subscriptions, summary,
};
use super::kept;

fn look() -> Look {
    Look::new(&Theme::built_in("dark").unwrap(), Colours::Sixteen, true)
}

/// Draws into a terminal of the state's size, or of a size that memory allows.
fn draw(state: &State) -> Buffer {
    let (columns, rows) = (state.size.columns, state.size.rows);
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    let look = look();
    terminal
        .draw(|frame| view::draw(frame, state, &look))
        .unwrap();
    terminal.backend().buffer().clone()
}

fn key() -> impl Strategy<Value = Key> {
    let code = prop_oneof![
        8 => proptest::sample::select("jkhldDngGsSyfu012345678/nrvimcdot[]{}?:LPxqJKwpeaztv0$H !\"  **VMUeeWW-+".chars().collect::<Vec<_>>())
            .prop_map(KeyCode::Character),
        1 => any::<char>().prop_map(KeyCode::Character),
        3 => proptest::sample::select(vec![
            KeyCode::Enter, KeyCode::Escape, KeyCode::Backspace, KeyCode::Delete, KeyCode::Tab,
            KeyCode::Up, KeyCode::Down, KeyCode::Left, KeyCode::Right, KeyCode::Home, KeyCode::End,
            KeyCode::PageUp, KeyCode::PageDown, KeyCode::Function(1), KeyCode::BackTab, KeyCode::Insert,
        ]),
    ];
    (
        code,
        prop_oneof![9 => Just((false, false, false)), 1 => any::<(bool, bool, bool)>()],
    )
        .prop_map(|(code, (control, alt, shift))| Key {
            code,
            control,
            alt,
            shift,
        })
}

fn message() -> impl Strategy<Value = Message> {
    let job = || (0_u64..6).prop_map(JobId);
    let size = prop_oneof![0..30_u16, 30..140_u16];
    let completeness = || {
        proptest::sample::select(vec![
            Completeness::Complete,
            Completeness::Partial,
            Completeness::Running,
        ])
    };
    let some = || proptest::sample::subsequence((0..8_usize).collect::<Vec<_>>(), 0..=8);
    prop_oneof![
        24 => key().prop_map(Message::Key),
        1 => any::<String>().prop_map(Message::Paste),
        2 => (size.clone(), 0..50_u16).prop_map(|(columns, rows)| Message::Resize { columns, rows }),
        1 => (-1_000_000_000_i64..4_000_000_000).prop_map(|at| {
            Message::Clock(jiff::Timestamp::from_second(at).unwrap())
        }),
        2 => (job(), some(), completeness()).prop_map(|(job, places, completeness)| {
            let mut fleet = fleet();
            let all = std::mem::take(&mut fleet.servers);
            fleet.servers = places.into_iter().map(|place| all[place].clone()).collect();
            Message::ScanOpened { job, scan: scan(fleet, completeness) }
        }),
        2 => (job(), some()).prop_map(|(job, places)| Message::FleetGrew {
            job,
            subscriptions: subscriptions(),
            servers: {
                let all = servers();
                places.into_iter().map(|place| summary(&all[place])).collect()
            },
        }),
        1 => (job(), any::<bool>(), 0..20_usize, 0..20_usize).prop_map(|(job, ended, found, done)| {
            Message::Progress {
                job,
                progress: Progress {
                    servers_found: found,
                    servers_done: done,
                    waiting: vec!["a\u{1b}[1m: limit".to_owned()],
                    finished: ended.then(|| Finished {
                        completeness: Completeness::Partial,
                        words: "stopped".to_owned(),
                    }),
                    ..Progress::default()
                },
            }
        }),
        1 => (job(), any::<String>()).prop_map(|(job, detail)| Message::Failed {
            job: Some(job),
            title: "failed \u{1b}]".to_owned(),
            detail,
        }),
        1 => (job(), 0..20_usize).prop_map(|(job, servers)| Message::ReportsProgress { job, servers }),
        1 => job().prop_map(|job| Message::ReportsMade { job, reports: Arc::new(reports()) }),
        1 => (0..4_u64, any::<bool>()).prop_map(|(generation, good)| Message::Scans(ScansNews::Listed {
            generation,
            entries: if good { Ok(kept::entries()) } else { Err("no \u{1b}[1m".to_owned()) },
        })),
        1 => (0..4_u64, 0..5_u64).prop_map(|(generation, at)| Message::Scans(ScansNews::Counted {
            generation,
            file: format!("/scans/{at}.flexscan"),
            counted: Counted::Looking(at),
        })),
        1 => (0..6_u64).prop_map(|at| Message::Scans(ScansNews::Deleted {
            file: format!("/scans/{at}.flexscan"),
            bytes: at,
        })),
        1 => (0..6_u64, any::<String>()).prop_map(|(at, to)| Message::Scans(ScansNews::IsThere {
            file: format!("/scans/{at}.flexscan"),
            to,
        })),
        1 => (0..4_u64).prop_map(|generation| Message::Due { generation }),
        1 => any::<String>().prop_map(Message::TaskPanicked),
        1 => any::<String>().prop_map(Message::CopyFailed),
        1 => (job(), 0..20_usize).prop_map(|(job, done)| Message::Writing { job, done }),
        1 => (job(), any::<String>()).prop_map(|(job, path)| Message::FileExists { job, path }),
        1 => (job(), any::<String>()).prop_map(|(job, path)| Message::Written {
            job,
            written: Written { path, bytes: 12, what: "1 row".to_owned() },
        }),
        1 => (job(), 0..2_usize).prop_map(|(job, added)| Message::ExemptionsAdded {
            job,
            added: ExemptionsAdded {
                path: "exemptions.toml".to_owned(),
                added,
                already: 1,
                exemptions: super::fixture::judge().exemptions,
            },
        }),
    ]
}

fn holds(state: &State) -> Result<(), TestCaseError> {
    let position = state.roster.position();
    let shown = state.roster.rows();
    prop_assert!(position.cursor < shown.max(1));
    prop_assert_eq!(state.roster.at(position.cursor).is_some(), shown > 0);
    prop_assert_eq!(state.roster.is_empty(), shown == 0);
    let height = usize::from(match state.screen() {
        Screen::Matrix => state.matrix_layout().rows.height,
        _ => state.fleet_layout().rows.height,
    });
    if height > 0 && shown > 0 {
        prop_assert!(position.window(shown, height).contains(&position.cursor));
    }
    let (scans, place) = (&state.scans, state.scans.position);
    prop_assert!(place.cursor < scans.rows.len().max(1));
    prop_assert!(scans.rows.iter().all(|row| *row < scans.entries.len()));
    let places = state.roster.places().iter();
    let marked = places
        .filter(|place| state.roster.is_marked_place(**place))
        .count();
    prop_assert_eq!(
        state.roster.marked() - state.roster.marked_not_shown(),
        marked
    );
    prop_assert!(state.screen() != Screen::Server || state.server.is_some());
    groups_hold(state)?;
    let controls = &state.control_list;
    prop_assert!(controls.position.cursor < controls.rows.len().max(1));
    if state.screen() == Screen::Controls && !controls.rows.is_empty() {
        prop_assert_eq!(controls.rows[controls.position.cursor].node, controls.node);
    }
    let listed = &state.control_servers;
    prop_assert!(listed.position.cursor < listed.len().max(1));
    if state.screen() == Screen::ControlServers {
        for row in 0..listed.len() {
            prop_assert!(state.control_server(row).is_some());
        }
    }
    if state.screen() == Screen::Matrix {
        let layout = state.matrix_layout();
        prop_assert!(state.matrix.columns(&layout).contains(&state.matrix.column));
    }
    let difference = &state.difference;
    prop_assert!(difference.position.cursor < difference.rows.len().max(1));
    let mut rows: Vec<_> = names(state);
    rows.sort();
    let distinct = rows.len();
    rows.dedup();
    prop_assert_eq!(rows.len(), distinct);
    Ok(())
}

/// Heads and servers are the rows, every server once, each below the head of its group.
fn groups_hold(state: &State) -> Result<(), TestCaseError> {
    let mut rows = 0;
    let mut servers = 0;
    for group in state.roster.groups() {
        prop_assert_eq!(group.row, rows);
        prop_assert_eq!(group.servers.start, servers);
        prop_assert!(!group.servers.is_empty());
        rows += 1;
        if !group.folded {
            rows += group.servers.len();
        }
        servers = group.servers.end;
    }
    if !state.roster.groups().is_empty() {
        prop_assert_eq!((rows, servers), (state.roster.rows(), state.roster.len()));
    }
    Ok(())
}

fn printable(buffer: &Buffer) -> Result<(), TestCaseError> {
    for cell in buffer.content() {
        let hostile = |c: char| {
            c.is_control()
                || ('\u{200e}'..='\u{200f}').contains(&c)
                || ('\u{202a}'..='\u{202e}').contains(&c)
        };
        prop_assert!(!cell.symbol().chars().any(hostile), "{:?}", cell.symbol());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_messages_panics_and_every_frame_is_a_function_of_the_state(
        open: bool,
        answers: bool,
        messages in proptest::collection::vec(message(), 0..40),
    ) {
        let opening = if open { Opening::Scan(ScanChoice::Newest) } else { Opening::Demo };
        let (mut state, _) = started(80, 24, opening);
        let fleet = if open { fleet() } else { Fleet::default() };
        let scan = scan(fleet, if open { Completeness::Complete } else { Completeness::Running });
        send(&mut state, Message::ScanOpened { job: JobId(1), scan });
        for message in messages {
            if answers {
                send(&mut state, message);
            } else {
                let _ = update(&mut state, message);
            }
            holds(&state)?;
            let drawn = draw(&state);
            prop_assert_eq!(&drawn, &draw(&state));
            printable(&drawn)?;
        }
    }

    #[test]
    fn the_selected_server_survives_whatever_leaves_it_in_the_list(
        down in 0..8_usize,
        script in proptest::sample::subsequence(
            vec!["sn", "S", "ss", "sv", "su", "sg", "sm", "sr", "f", "f", "u", "u", "3", "3", "/prod<Enter>", "<Esc>", "<Esc>", "zs", "zr", "zv", "ztenv<Enter>", "zn", "zMzR"],
            0..12,
        ),
    ) {
        let mut state = opened(100, 30);
        press(&mut state, &"j".repeat(down));
        let chosen = selected(&state).unwrap();
        for keys in script {
            press(&mut state, keys);
            if names(&state).contains(&chosen) {
                prop_assert_eq!(selected(&state), Some(chosen.clone()));
            }
        }
    }

    #[test]
    fn a_filter_that_is_taken_away_leaves_no_trace(
        down in 0..8_usize,
        query in "[a-z0-9 !\"]{1,12}",
    ) {
        let mut state = opened(100, 30);
        press(&mut state, &"j".repeat(down));
        let before = (names(&state), selected(&state));
        press(&mut state, "/");
        send(&mut state, Message::Paste(query));
        press(&mut state, "<Esc>");
        prop_assert_eq!((names(&state), selected(&state)), before);
    }

    #[test]
    fn sorting_is_a_permutation_and_twice_is_once(
        key in proptest::sample::select(vec!["sn", "ss", "sv", "su", "sg", "sm", "sr"]),
        inverted: bool,
    ) {
        let mut state = opened(100, 30);
        let mut all = names(&state);
        press(&mut state, key);
        if inverted {
            press(&mut state, "S");
        }
        let once = names(&state);
        if inverted {
            press(&mut state, "SS");
        } else {
            press(&mut state, key);
        }
        prop_assert_eq!(&names(&state), &once);
        let mut sorted = once;
        sorted.sort();
        all.sort();
        prop_assert_eq!(sorted, all);
    }
}

#[test]
fn no_size_panics() {
    let mut state = opened(80, 24);
    for script in [
        "",
        "l",
        "}}}",
        "?",
        "<Esc>/lake",
        "<Enter>hh",
        "s",
        "<Esc>P",
        "<Esc>L",
        "<Esc>p",
        "<Esc>w",
        "<Esc>ga",
        "/read<Enter>n",
        "<Esc>gf",
        "tls",
        "<Esc>g/",
        "<Esc>/sev:",
        "<Tab>",
        "xyz fam:q",
        "<Esc>",
        "G",
        "<Esc><Tab>",
        "l",
        "<Esc><Esc>mzs$",
        "<Esc>c",
        "<Esc>  e",
        "<Tab><Tab>xyz",
        "<Esc>W",
        "<Tab>why<Tab>who",
        "<Esc>yx",
        "<Esc>M",
        ":sort",
        "<Esc>:zzz",
    ] {
        press(&mut state, script);
        for columns in (0..30).chain([59, 60, 99, 100, 159, 160, 300]) {
            for rows in (0..20).chain([28, 60]) {
                send(&mut state, Message::Resize { columns, rows });
                draw(&state);
            }
        }
        for (columns, rows) in [(u16::MAX, 1), (1, u16::MAX), (0, u16::MAX)] {
            send(&mut state, Message::Resize { columns, rows });
            draw(&state);
        }
    }
}

#[test]
fn a_terminal_smaller_than_the_state_believes_is_drawn_as_far_as_it_goes() {
    let mut state = opened(120, 40);
    for script in ["", "l", "?", "<Esc>/a", "<Esc>s"] {
        press(&mut state, script);
        for (columns, rows) in [(0, 0), (1, 1), (40, 12), (120, 39)] {
            let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
            let look = look();
            terminal
                .draw(|frame| view::draw(frame, &state, &look))
                .unwrap();
        }
    }
}

#[test]
fn a_detail_of_another_server_is_not_shown() {
    let mut state = opened(120, 40);
    let effects = update(&mut state, Message::Key("l".parse().unwrap()));
    let [effect] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    let Some(Message::DetailLoaded { job, detail }) = answer(effect) else {
        panic!("no detail");
    };
    let mut other = (*detail).clone();
    let id = flexposture::documents::ResourceId::parse("/subscriptions/a/b/c").unwrap();
    other.documents = flexposture::documents::ServerDocuments::new(
        id,
        Vec::<flexposture::documents::Document>::new(),
    );
    send(
        &mut state,
        Message::DetailLoaded {
            job,
            detail: Arc::new(other),
        },
    );
    assert!(state.server.as_ref().unwrap().finding().is_none());
    assert_ne!(Cause::NotAsked.to_string(), "");
}
