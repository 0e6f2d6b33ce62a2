//! Marks, and what is done with many servers at once.

use flexposture::app::{
    Column, DifferenceRow, Effect, ExemptionsAdded, FixTarget, Form, Message, Mode, NoticeLevel,
    Question, Screen, State, Written,
};
use flexposture::baseline::FeatureId;
use flexposture::posture::{Covered, Exemption, Exemptions, VerdictWord};
use flexposture::report::{
    Format, Rows, TableWriter, subscription_names, write_findings, write_server,
};

use super::fixture::{
    fleet, judge, names, opened, press, scan, scanning, selected, send, servers, summary,
};

fn form(state: &State) -> &Form {
    match state.mode() {
        Mode::Form(form) => form,
        other => panic!("{other:?} is no form"),
    }
}

fn field<'a>(state: &'a State, label: &str) -> &'a str {
    let mut fields = form(state).fields.iter();
    let field = fields.find(|field| field.label == label);
    field.expect("the field").content()
}

fn notice(state: &State) -> &str {
    &state.notice.as_ref().expect("a notice").text
}

fn marked(state: &State) -> Vec<String> {
    let fleet = state.roster.fleet();
    let name = |place: u32| fleet.servers[place as usize].name.to_string();
    state.roster.marked_places().into_iter().map(name).collect()
}

#[test]
fn space_marks_and_goes_on_and_what_is_copied_is_about_the_marked_servers_in_the_order_of_the_list()
{
    let mut state = opened(120, 40);
    let all = names(&state);
    press(&mut state, " j ");
    assert_eq!(selected(&state).as_ref(), Some(&all[3]));
    assert_eq!(marked(&state), [all[0].clone(), all[2].clone()]);
    let effects = press(&mut state, "yn");
    assert_eq!(effects, [Effect::Copy(format!("{}\n{}", all[0], all[2]))]);
    send(&mut state, Message::Copied("sent".to_owned()));
    assert_eq!(notice(&state), "2 names of marked servers sent");
    press(&mut state, "snS");
    let [Effect::Copy(ids)] = &press(&mut state, "yi")[..] else {
        panic!("nothing was copied")
    };
    let lines: Vec<&str> = ids.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|id| id.starts_with("/subscriptions/")));
    assert!(lines[0] > lines[1] || lines[0].ends_with(&marked(&state)[0]));
    let [Effect::Copy(commands)] = &press(&mut state, "yc")[..] else {
        panic!("nothing was copied")
    };
    assert_eq!(
        commands
            .lines()
            .filter(|it| it.starts_with("flexposture findings /"))
            .count(),
        2
    );
    press(&mut state, "U");
    assert_eq!(notice(&state), "2 marks taken away");
    assert_eq!(press(&mut state, "yn").len(), 1);
    send(&mut state, Message::Copied("sent".to_owned()));
    assert_eq!(notice(&state), "1 name sent");
}

#[test]
fn marks_stay_through_filter_sort_growth_and_another_scan_and_esc_leaves_them() {
    let mut state = opened(120, 40);
    press(&mut state, " ");
    let worst = marked(&state);
    press(&mut state, "/neu<Enter>*f");
    let all = marked(&state);
    assert_eq!((all.len(), state.roster.marked_not_shown() >= 1), (5, true));
    press(&mut state, "M");
    assert!(state.roster.only_marked());
    press(&mut state, "<Esc>");
    assert!(state.filter_text().is_empty());
    press(&mut state, "<Esc>");
    assert!(state.roster.only_marked(), "what is narrower goes first");
    press(&mut state, "<Esc>");
    assert!(!state.roster.only_marked() && !state.is_filtered());
    press(&mut state, "<Esc><Esc>h");
    assert_eq!(marked(&state).len(), 5);
    assert!(marked(&state).contains(&worst[0]));
}

#[test]
fn a_growing_scan_leaves_marks_on_their_servers() {
    let mut state = scanning(120, 40);
    press(&mut state, "j ");
    let before = marked(&state);
    let job = flexposture::app::JobId(1);
    let all = servers();
    send(
        &mut state,
        Message::FleetGrew {
            job,
            subscriptions: Vec::new(),
            servers: all.iter().rev().map(summary).collect(),
        },
    );
    assert_eq!(names(&state).len(), 8);
    assert_eq!(marked(&state), before);
    send(
        &mut state,
        Message::ScanOpened {
            job,
            scan: scan(fleet(), flexposture::app::Completeness::Complete),
        },
    );
    assert_eq!(marked(&state), before);
}

#[test]
fn within_a_server_its_id_is_copied_whatever_is_marked() {
    let mut state = opened(120, 40);
    press(&mut state, "*Gl");
    assert_eq!(state.screen(), Screen::Server);
    let [Effect::Copy(id)] = &press(&mut state, "yi")[..] else {
        panic!("nothing was copied")
    };
    assert_eq!(id, &*state.server.as_ref().unwrap().summary.id);
}

#[test]
fn a_range_needs_a_mark_to_begin_at() {
    let mut state = opened(120, 40);
    press(&mut state, "jjV");
    assert_eq!(state.notice.as_ref().unwrap().level, NoticeLevel::Hint);
    assert_eq!(state.roster.marked(), 0);
    press(&mut state, " jV");
    assert_eq!(state.roster.marked(), 3);
}

#[test]
fn an_export_is_about_what_is_shown_in_its_order_or_about_the_marked_servers() {
    let mut state = opened(120, 40);
    press(&mut state, "sn/neu<Enter>e");
    assert_eq!(field(&state, "file"), "flexposture-servers-2026-11-23.csv");
    let shown = state.roster.places().to_vec();
    let effects = press(&mut state, "<Enter>");
    let [Effect::Export { job, export }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((export.rows, export.format), (Rows::Servers, Format::Csv));
    assert_eq!(export.places[..], shown[..]);
    assert!(!export.replace);
    assert_eq!(export.file, "flexposture-servers-2026-11-23.csv");
    assert_eq!(press(&mut state, "<Enter>"), [], "it works already");
    let written = Written {
        path: "/home/list.csv".to_owned(),
        bytes: 12_345,
        what: "4 rows".to_owned(),
    };
    send(&mut state, Message::Written { job: *job, written });
    assert!(matches!(state.mode(), Mode::Screen(Screen::Fleet)));
    assert_eq!(notice(&state), "4 rows written to /home/list.csv (12 kB)");

    press(&mut state, "<Esc>gg ");
    let effects = press(&mut state, "e<Right><Tab>ll<Enter>");
    let [Effect::Export { export, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(
        (export.rows, export.format),
        (Rows::Findings, Format::Ndjson)
    );
    assert_eq!(export.places.len(), 1);
}

#[test]
fn a_name_that_was_written_stays_when_something_else_is_chosen() {
    let mut state = opened(120, 40);
    press(&mut state, "e<Tab><Right>");
    assert_eq!(field(&state, "file"), "flexposture-servers-2026-11-23.json");
    press(&mut state, "<Tab><Ctrl-u>~/mine q.txt<BackTab><Right>");
    assert_eq!(field(&state, "file"), "~/mine q.txt");
    press(&mut state, "<Tab><Ctrl-u>");
    assert_eq!(press(&mut state, "<Enter>"), []);
    assert_eq!(
        form(&state).problem.as_deref(),
        Some("file: write the name of a file")
    );
}

#[test]
fn a_file_that_is_there_is_replaced_after_a_yes_only() {
    let mut state = opened(120, 40);
    let [Effect::Export { job, .. }] = press(&mut state, "e<Enter>")[..] else {
        panic!("not begun")
    };
    let path = "/home/list.csv".to_owned();
    send(
        &mut state,
        Message::FileExists {
            job,
            path: path.clone(),
        },
    );
    assert!(matches!(state.mode(), Mode::Confirm(Question::Replace)));
    assert_eq!(press(&mut state, "n"), []);
    assert_eq!(
        form(&state).problem.as_deref(),
        Some("/home/list.csv is there already")
    );
    let [Effect::Export { job, .. }] = press(&mut state, "<Enter>")[..] else {
        panic!("not begun again")
    };
    send(&mut state, Message::FileExists { job, path });
    let effects = press(&mut state, "y");
    let [Effect::Export { export, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert!(export.replace);
}

#[test]
fn what_is_stopped_answers_nobody_and_what_fails_can_be_tried_again() {
    let mut state = opened(120, 40);
    let [Effect::Export { job, .. }] = press(&mut state, "e<Enter>")[..] else {
        panic!("not begun")
    };
    send(&mut state, Message::Writing { job, done: 3 });
    assert_eq!(form(&state).working.unwrap().done, 3);
    assert_eq!(press(&mut state, "<Esc>"), [Effect::StopWriting { job }]);
    assert!(form(&state).working.is_none());
    let written = Written {
        path: "x".to_owned(),
        bytes: 1,
        what: "1 row".to_owned(),
    };
    send(&mut state, Message::Written { job, written });
    assert!(matches!(state.mode(), Mode::Form(_)) && state.notice.is_none());
    let [Effect::Export { job, .. }] = press(&mut state, "<Enter>")[..] else {
        panic!("not begun again")
    };
    let failed = Message::Failed {
        job: Some(job),
        title: "Nothing was written".to_owned(),
        detail: "no space".to_owned(),
    };
    send(&mut state, failed);
    assert_eq!(
        form(&state).problem.as_deref(),
        Some("Nothing was written: no space")
    );
    assert_eq!(state.problems.len(), 1);
    press(&mut state, "<Esc>");
    assert!(matches!(state.mode(), Mode::Screen(Screen::Fleet)));
}

#[test]
fn another_scan_closes_a_form_that_is_about_places_in_the_old_one() {
    let mut state = scanning(120, 40);
    let job = flexposture::app::JobId(1);
    press(&mut state, "e");
    let finished = scan(fleet(), flexposture::app::Completeness::Complete);
    send(
        &mut state,
        Message::ScanOpened {
            job,
            scan: finished,
        },
    );
    assert!(matches!(state.mode(), Mode::Screen(Screen::Fleet)));
    assert!(notice(&state).contains("open the form again"));
}

#[test]
fn policies_and_permissions_are_written_from_what_their_screens_show() {
    let mut state = opened(120, 40);
    for (keys, rows) in [("pe", Rows::Policies), ("gae", Rows::Permissions)] {
        press(&mut state, keys);
        let effects = press(&mut state, "<Enter>");
        let [Effect::Export { export, .. }] = &effects[..] else {
            panic!("{effects:?}")
        };
        assert_eq!(export.rows, rows);
        assert!(export.reports.is_some());
        press(&mut state, "<Esc><Esc><Esc>");
    }
    press(&mut state, "ll");
    press(&mut state, "e");
    assert_eq!(
        field(&state, "rows"),
        "findings of Disable Public Network Access"
    );
}

#[test]
fn a_fix_script_is_about_the_family_of_the_list_and_of_what_fails_there() {
    let mut state = opened(120, 40);
    press(&mut state, "1yx");
    assert_eq!(field(&state, "features"), "what fails in NS");
    let effects = press(&mut state, "<Enter>");
    let [Effect::WriteFixes { job, order }] = &effects[..] else {
        panic!("{effects:?}")
    };
    let features = order.features.as_ref().expect("some");
    assert!(features.contains(&FeatureId::PublicNetworkAccess));
    assert!(
        features
            .iter()
            .all(|feature| feature.control().starts_with("NS"))
    );
    assert!(
        order.about.contains("all that are shown"),
        "{}",
        order.about
    );
    let FixTarget::File {
        file,
        replace: false,
    } = &order.target
    else {
        panic!("{:?}", order.target)
    };
    assert_eq!(file, "flexposture-fix-2026-11-23.sh");
    let text = "#!/bin/sh".to_owned();
    let effects = send(
        &mut state,
        Message::ScriptMade {
            job: *job,
            text: text.clone(),
        },
    );
    assert_eq!(effects, [Effect::Copy(text)]);
}

fn entered(entries: &[Exemption]) -> ExemptionsAdded {
    let mut exemptions = judge().exemptions;
    exemptions.entries.extend_from_slice(entries);
    ExemptionsAdded {
        path: "/config/exemptions.toml".to_owned(),
        added: entries.len(),
        already: 0,
        exemptions,
    }
}

#[test]
fn an_exemption_needs_a_reason_an_owner_and_a_day_to_come() {
    let mut state = opened(120, 40);
    press(&mut state, "  W");
    assert_eq!(field(&state, "until"), "2027-02-21");
    assert_eq!(press(&mut state, "<Enter>"), []);
    assert_eq!(
        form(&state).problem.as_deref(),
        Some("reason: say why: somebody will ask")
    );
    press(&mut state, "x<Enter>");
    assert!(form(&state).problem.as_ref().unwrap().starts_with("owner:"));
    press(&mut state, "team<Tab><Tab><Ctrl-u>soon<Enter>");
    assert_eq!(
        form(&state).problem.as_deref(),
        Some("until: write the last day like 2027-03-31")
    );
    press(&mut state, "<Ctrl-u>2026-11-23");
    assert_eq!(
        press(&mut state, "<Enter>").len(),
        1,
        "today is the last day"
    );
}

#[test]
fn marked_servers_are_exempt_by_their_ids_and_the_verdicts_turn_at_once() {
    let mut state = opened(120, 40);
    press(&mut state, "  ");
    let ids: Vec<String> = state.roster.marks();
    press(
        &mut state,
        "W<Tab>moves in spring<Tab>payments<Tab>CHG-7<Tab><Ctrl-u>2026-11-22",
    );
    assert_eq!(press(&mut state, "<Enter>"), []);
    assert_eq!(
        form(&state).problem.as_deref(),
        Some("until: 2026-11-22 is past, and today is 2026-11-23")
    );
    press(&mut state, "<Ctrl-u>2027-03-31");
    let covered = field(&state, "from").to_owned();
    let effects = press(&mut state, "<Enter>");
    let [Effect::AddExemptions { job, entries }] = &effects[..] else {
        panic!("{effects:?}")
    };
    let mut named: Vec<&str> = entries.iter().map(|entry| entry.server.as_str()).collect();
    named.sort_unstable();
    let mut expected: Vec<&str> = ids.iter().map(String::as_str).collect();
    expected.sort_unstable();
    assert_eq!(named, expected);
    let waiver = &entries[0].waiver;
    assert_eq!(
        (&*waiver.reason, &*waiver.owner, waiver.ticket.as_deref()),
        ("moves in spring", "payments", Some("CHG-7"))
    );
    let Covered::Feature(feature) = entries[0].covers else {
        panic!("{:?}", entries[0].covers)
    };
    assert!(covered.starts_with(feature.control()), "{covered}");
    let added = entered(entries);
    let exemptions: Exemptions = added.exemptions.clone();
    let effects = send(&mut state, Message::ExemptionsAdded { job: *job, added });
    let [Effect::JudgeAnew { job }] = effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(
        notice(&state),
        "2 exemptions added to /config/exemptions.toml"
    );
    assert_eq!(*state.exemptions, exemptions);
    let judge = flexposture::posture::Judge {
        exemptions,
        ..judge()
    };
    let mut anew = fleet();
    anew.servers = servers()
        .iter()
        .map(|server| judge.summary(&server.documents()))
        .collect();
    let scan = scan(anew, flexposture::app::Completeness::Complete);
    send(&mut state, Message::ScanOpened { job, scan });
    for id in &ids {
        let server = state.roster.find(id).expect("it is there");
        assert_ne!(server.cell(feature).verdict, VerdictWord::Fail);
    }
    assert_eq!(state.roster.marked(), 2, "the marks stay");
}

#[test]
fn a_finding_can_be_exempt_condition_by_condition() {
    let mut state = opened(120, 40);
    press(&mut state, "llW");
    assert_eq!(field(&state, "from"), "NS-2 Disable Public Network Access");
    press(&mut state, "<Right>");
    let condition = field(&state, "from").split(':').next().unwrap().to_owned();
    press(&mut state, "<Tab>why<Tab>who");
    let effects = press(&mut state, "<Enter>");
    let [Effect::AddExemptions { entries, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].covers, Covered::Condition(condition));
}

/// Read by eye when they change: among the servers are hostile names, tags and states.
#[test]
fn tables_as_a_reader_gets_them() {
    let fleet = fleet();
    let names = subscription_names(&fleet);
    for format in Format::ALL {
        let ids = [
            "server",
            "subscription",
            "state",
            "score",
            "failing",
            "ns",
            "tags",
        ];
        let columns = Rows::Servers.chosen(&ids).unwrap();
        let mut writer = TableWriter::new(Vec::new(), format, &columns).unwrap();
        for server in &fleet.servers {
            let subscription = &names[&server.subscription.to_lowercase()];
            write_server(&mut writer, Rows::Servers, server, subscription).unwrap();
        }
        let text = String::from_utf8(writer.finish().unwrap()).unwrap();
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
        insta::assert_snapshot!(format!("table-{format}"), text);
    }
    let columns = Rows::Findings.columns();
    let judge = judge();
    for format in [Format::Markdown, Format::Plain] {
        let rows = Rows::FindingsOf(FeatureId::PublicNetworkAccess);
        let mut writer = TableWriter::new(Vec::new(), format, &columns).unwrap();
        for server in &servers()[1..6] {
            let documents = server.documents();
            let findings = judge.findings(&documents);
            write_findings(&mut writer, rows, &documents, &findings, "prod").unwrap();
        }
        let text = String::from_utf8(writer.finish().unwrap()).unwrap();
        insta::assert_snapshot!(format!("findings-{format}"), text);
    }
}

#[test]
fn the_servers_of_a_feature_are_marked_written_fixed_and_exempt_there() {
    let mut state = opened(120, 40);
    press(&mut state, "ll<Tab>");
    assert_eq!(state.screen(), Screen::ControlServers);
    let feature = state.control_servers.feature;
    let listed = state.control_servers.places().to_vec();
    press(&mut state, "e");
    let effects = press(&mut state, "<Enter>");
    let [Effect::Export { export, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(export.rows, Rows::ServersOf(feature));
    assert_eq!(export.places[..], listed[..], "in the order of that list");
    press(&mut state, "<Esc><Esc>*");
    assert_eq!(state.roster.marked(), listed.len());
    press(&mut state, "*");
    assert_eq!(state.roster.marked(), 0);
    press(&mut state, "yx");
    assert!(field(&state, "features").starts_with(feature.control()));
    press(&mut state, "<Esc> W");
    assert!(field(&state, "from").starts_with(feature.control()));
    press(&mut state, "<Tab>why<Tab>who");
    let effects = press(&mut state, "<Enter>");
    let [Effect::AddExemptions { entries, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    let first = &state.roster.fleet().servers[listed[0] as usize];
    assert_eq!(entries[0].server.as_str(), &*first.id);
}

#[test]
fn the_columns_of_the_list_are_those_of_the_file() {
    let mut state = opened(120, 40);
    state.columns.shown = Some(vec![Column::Score, Column::Server, Column::Verdicts]);
    press(&mut state, "e");
    let effects = press(&mut state, "<Enter>");
    let [Effect::Export { export, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    let ids: Vec<&str> = export.columns.iter().map(|column| column.id).collect();
    assert_eq!(
        ids,
        [
            "score",
            "server",
            "failing",
            "unknown",
            "passing",
            "server_id"
        ]
    );
}

#[test]
fn what_is_listed_of_a_difference_is_what_is_written_of_it() {
    let mut state = opened(120, 40);
    press(&mut state, "de");
    assert_eq!(field(&state, "rows"), "changes between two scans");
    let effects = press(&mut state, "<Enter>");
    let [Effect::Export { export, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("difference.csv");
    let mut export = (**export).clone();
    export.file = file.to_str().unwrap().to_owned();
    let watch = flexposture::runtime::Watch {
        wanted: &|| true,
        tell: &|_| {},
    };
    flexposture::runtime::export(&export, None, &judge(), &watch).unwrap();
    let mut reader = csv::Reader::from_path(&file).unwrap();
    let read: Vec<String> = reader
        .records()
        .map(|row| row.unwrap()[0].to_owned())
        .collect();
    let listed = state.difference.rows.iter();
    let listed: Vec<String> = listed
        .filter_map(|row| match row {
            DifferenceRow::Group(..) => None,
            DifferenceRow::Change(place) => {
                let (change, _) = state.difference.change(*place)?;
                Some(change.kind.title().to_owned())
            }
            DifferenceRow::New(_) => Some("new server".to_owned()),
            DifferenceRow::Gone(_) => Some("server gone".to_owned()),
        })
        .collect();
    assert!(listed.len() > 2);
    assert_eq!(read, listed);
}

#[test]
fn nobody_waits_for_what_was_stopped_and_no_file_is_left() {
    let mut state = opened(120, 40);
    let effects = press(&mut state, "e<Enter>");
    let [Effect::Export { export, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    let folder = tempfile::tempdir().unwrap();
    let mut export = (**export).clone();
    export.file = folder.path().join("list.csv").to_str().unwrap().to_owned();
    let watch = flexposture::runtime::Watch {
        wanted: &|| false,
        tell: &|_| {},
    };
    let stopped = flexposture::runtime::export(&export, None, &judge(), &watch);
    assert_eq!(stopped.unwrap_err().to_string(), "stopped");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn nothing_is_exempt_while_a_scan_runs() {
    let mut state = scanning(120, 40);
    press(&mut state, "W");
    assert_eq!(notice(&state), "exempt: a scan is running");
}

#[test]
fn on_the_head_of_a_group_space_marks_all_its_servers_folded_or_not() {
    let mut state = opened(120, 40);
    press(&mut state, "zrgg");
    let group = state.roster.group().unwrap().clone();
    assert_eq!(state.roster.position().cursor, group.row);
    press(&mut state, "<Space>");
    assert_eq!(marked(&state).len(), group.servers.len());
    let words = notice(&state).to_owned();
    assert!(words.contains("of the group marked"), "{words}");
    assert_eq!(state.roster.position().cursor, group.row + 1);
    // A server of it loses its mark; the head marks what is missing, and again none.
    press(&mut state, "<Space>gg<Space>");
    assert_eq!(marked(&state).len(), group.servers.len());
    press(&mut state, "ggza<Space>");
    assert_eq!(marked(&state), Vec::<String>::new());
    assert!(notice(&state).contains("no longer marked"));
}
