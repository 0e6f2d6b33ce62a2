//! Pictures of the screens: the text, and after it which style every piece has.

use std::cell::Cell;
use std::fmt::Write as _;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use flexposture::app::{
    Completeness, Effect, JobId, Message, Opening, Planned, PlannedKind, Progress, ProgressError,
    ReportsFold, State, SubscriptionProgress, TreeNode, update,
};
use flexposture::baseline::FeatureId;
use flexposture::look::{Colours, Look, Role, Theme};
use flexposture::posture::difference::Unseen;
use flexposture::posture::{Judge, Ruleset, VerdictWord};
use flexposture::view;
use ratatui::backend::CrosstermBackend;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::{Terminal, TerminalOptions, Viewport};

use super::fixture::{comparison, opened, press, scanning, send, started};
use super::kept;

const SIZES: [(u16, u16); 4] = [(120, 40), (80, 24), (40, 12), (20, 5)];

fn draw(state: &State, look: &Look) -> Buffer {
    let mut terminal =
        Terminal::new(TestBackend::new(state.size.columns, state.size.rows)).unwrap();
    terminal
        .draw(|frame| view::draw(frame, state, look))
        .unwrap();
    terminal.backend().buffer().clone()
}

/// The text of a frame, line by line.
fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let mut text = String::new();
    for row in buffer.content().chunks(width) {
        let line: String = row.iter().map(|cell| cell.symbol()).collect();
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// Which roles the pieces of every line have: `12..20 fail`. Roles that look alike are told by the first of them.
fn styles(buffer: &Buffer, look: &Look) -> String {
    let name = |style: Style| -> Option<&'static str> {
        let resolved = Style::new().patch(style);
        Role::ALL
            .iter()
            .find(|role| {
                let base = Style::reset().patch(look.style(**role));
                (base.fg, base.bg, base.add_modifier)
                    == (resolved.fg, resolved.bg, resolved.add_modifier)
            })
            .map(|role| role.name())
    };
    let mut text = String::new();
    for (row, cells) in buffer
        .content()
        .chunks(usize::from(buffer.area.width))
        .enumerate()
    {
        let mut runs: Vec<(usize, usize, &str)> = Vec::new();
        for (column, cell) in cells.iter().enumerate() {
            let role = name(cell.style()).unwrap_or("unnamed");
            match runs.last_mut() {
                Some((_, end, last)) if *last == role && *end == column => *end = column + 1,
                _ => runs.push((column, column + 1, role)),
            }
        }
        runs.retain(|(_, _, role)| *role != "text");
        if !runs.is_empty() {
            let runs: Vec<String> = runs
                .iter()
                .map(|(start, end, role)| format!("{start}..{end} {role}"))
                .collect();
            let _ = writeln!(text, "{row:>2}: {}", runs.join(", "));
        }
    }
    text
}

/// Compares a screen at every size with its pictures: text and styles with all signs, the text in ASCII.
pub(super) fn pictures(name: &str, state: &mut State) {
    let theme = Theme::built_in("dark").unwrap();
    let look = Look::new(&theme, Colours::Sixteen, true);
    let ascii = Look::new(&theme, Colours::None, false);
    for (columns, rows) in SIZES {
        send(state, Message::Resize { columns, rows });
        let drawn = draw(state, &look);
        let mut picture = text(&drawn);
        if (columns, rows) == SIZES[0] {
            let _ = write!(picture, "styles\n{}", styles(&drawn, &look));
        }
        insta::assert_snapshot!(format!("{name}-{columns}x{rows}"), picture);
        let plain = text(&draw(state, &ascii));
        assert!(plain.is_ascii(), "{name} {columns}x{rows}:\n{plain}");
        insta::assert_snapshot!(format!("{name}-{columns}x{rows}-ascii"), plain);
    }
}

/// Goes to a feature of the server whose name holds this.
fn at(state: &mut State, server: &str, feature: FeatureId) {
    press(state, &format!("/{server}<Enter>lgg"));
    let screen = state.server.as_ref().unwrap();
    let row = screen
        .rows
        .iter()
        .position(|row| row.node == TreeNode::Feature(feature));
    press(state, &format!("{}l", "j".repeat(row.unwrap())));
}

#[test]
fn welcome() {
    let (mut state, effects) = started(80, 24, Opening::Welcome);
    kept::listed(&mut state, &effects, Vec::new());
    pictures("welcome", &mut state);
}

#[test]
fn welcome_with_kept_scans() {
    let (mut state, effects) = started(80, 24, Opening::Welcome);
    kept::listed(&mut state, &effects, kept::entries());
    pictures("welcome-scans", &mut state);
}

#[test]
fn fleet_list() {
    pictures("fleet", &mut opened(120, 40));
}

#[test]
fn fleet_filtered() {
    let mut state = opened(120, 40);
    press(&mut state, "fsn/weu 04");
    pictures("fleet-filtered", &mut state);
}

#[test]
fn fleet_without_a_match() {
    let mut state = opened(120, 40);
    press(&mut state, "/nowhere<Enter>");
    pictures("fleet-empty", &mut state);
}

#[test]
fn fleet_with_marks() {
    let mut state = opened(120, 40);
    press(&mut state, " j j /neu<Enter>");
    pictures("fleet-marked", &mut state);
}

#[test]
fn form_of_an_export() {
    let mut state = opened(120, 40);
    press(&mut state, "  e<Tab>ll<Tab>");
    pictures("form-export", &mut state);
}

#[test]
fn form_of_an_export_that_works() {
    let mut state = opened(120, 40);
    let effects = press(&mut state, "*el<Enter>");
    let [Effect::Export { job, .. }] = effects[..] else {
        panic!("{effects:?}");
    };
    send(&mut state, Message::Writing { job, done: 3 });
    pictures("form-export-works", &mut state);
}

#[test]
fn form_of_a_fix_script() {
    let mut state = opened(120, 40);
    press(&mut state, "1yx");
    pictures("form-fixes", &mut state);
}

#[test]
fn form_of_an_exemption() {
    let mut state = opened(120, 40);
    press(&mut state, "  W<Tab>moves in spring<Tab>payments");
    pictures("form-exempt", &mut state);
}

#[test]
fn form_of_an_exemption_that_lacks_a_reason() {
    let mut state = opened(120, 40);
    press(&mut state, "llW<Enter>");
    pictures("form-exempt-refused", &mut state);
}

#[test]
fn palette() {
    let mut state = opened(120, 40);
    press(&mut state, ":");
    pictures("palette", &mut state);
}

#[test]
fn palette_with_words() {
    let mut state = opened(120, 40);
    press(&mut state, "l:copy<Down>");
    pictures("palette-words", &mut state);
}

#[test]
fn controls_of_a_server() {
    let mut state = opened(120, 40);
    press(&mut state, "l1");
    pictures("server-controls", &mut state);
}

#[test]
fn tab_finding() {
    let mut state = opened(120, 40);
    press(&mut state, "ll");
    pictures("server-finding", &mut state);
}

#[test]
fn tab_finding_of_what_is_unread() {
    let mut state = opened(120, 40);
    press(&mut state, "/0900<Enter>l4jjjjjjl");
    pictures("server-unread", &mut state);
}

#[test]
fn tab_guidance() {
    let mut state = opened(120, 40);
    press(&mut state, "l<Alt-2>");
    pictures("server-guidance", &mut state);
}

#[test]
fn tab_policies() {
    let mut state = opened(120, 40);
    press(&mut state, "l<Alt-3>");
    pictures("server-policies", &mut state);
}

#[test]
fn tab_policies_where_azure_and_the_documents_differ() {
    let mut state = opened(120, 40);
    at(&mut state, "0421", FeatureId::LocalAuthentication);
    press(&mut state, "<Alt-3>");
    pictures("server-policies-differ", &mut state);
}

#[test]
fn tab_policies_with_the_exemptions_of_azure() {
    let mut state = opened(120, 40);
    at(&mut state, "0421", FeatureId::PolicySupport);
    press(&mut state, "<Alt-3>");
    pictures("server-policies-exemptions", &mut state);
}

#[test]
fn tab_finding_of_what_is_exempt() {
    let mut state = opened(120, 40);
    at(&mut state, "archive", FeatureId::LocalAuthentication);
    pictures("server-exempt", &mut state);
}

#[test]
fn tab_finding_where_an_exemption_has_ended() {
    let mut state = opened(120, 40);
    at(&mut state, "0421", FeatureId::TransitEncryption);
    pictures("server-exemption-ended", &mut state);
}

#[test]
fn tab_finding_of_what_has_lapsed_since_it_was_read() {
    let mut state = opened(120, 40);
    at(&mut state, "dev-neu-0002", FeatureId::NativeBackup);
    pictures("server-lapsed", &mut state);
}

#[test]
fn overview_of_what_lies_beyond_the_baseline() {
    let mut state = opened(120, 40);
    press(&mut state, "l8");
    pictures("server-beyond", &mut state);
}

#[test]
fn exemptions_of_a_scan() {
    let mut state = opened(120, 40);
    press(&mut state, "w");
    pictures("exemptions", &mut state);
}

#[test]
fn exemptions_beside_a_server() {
    let mut state = opened(120, 40);
    press(&mut state, "lgeG");
    pictures("exemptions-server", &mut state);
}

#[test]
fn permissions() {
    let mut state = opened(120, 40);
    press(&mut state, "ga");
    pictures("permissions", &mut state);
}

#[test]
fn the_role_at_the_end_of_permissions() {
    let mut state = opened(120, 40);
    press(&mut state, "gaG");
    pictures("permissions-role", &mut state);
}

#[test]
fn policies_of_a_scan() {
    let mut state = opened(120, 40);
    press(&mut state, "p");
    pictures("policies", &mut state);
}

#[test]
fn policies_of_a_scan_without_a_server_yet_say_that_nothing_was_looked_at() {
    let mut state = opened(120, 40);
    let asked = update(&mut state, Message::Key("p".parse().unwrap()));
    let [Effect::MakeReports { job }] = asked[..] else {
        panic!("{asked:?}");
    };
    let judge = Judge::by(Ruleset::default());
    let reports = Arc::new(ReportsFold::new(&judge).finish());
    send(&mut state, Message::ReportsMade { job, reports });
    let look = Look::new(&Theme::built_in("dark").unwrap(), Colours::None, false);
    let shown = text(&draw(&state, &look));
    assert!(shown.contains("none looked at yet"), "{shown}");
    assert!(!shown.contains("no state shows it assigned"), "{shown}");
}

#[test]
fn the_score_stays_in_a_line_of_80_columns_under_a_long_scope() {
    let mut state = opened(80, 24);
    state.scan.as_mut().unwrap().scope = "every visible subscription".to_owned();
    let look = Look::new(&Theme::built_in("dark").unwrap(), Colours::None, false);
    let shown = text(&draw(&state, &look));
    let top = shown.lines().next().unwrap();
    assert!(top.contains("complete   posture "), "{top}");
}

#[test]
fn which_key_of_go_to() {
    let mut state = opened(120, 40);
    press(&mut state, "g");
    pictures("which-key-go", &mut state);
}

#[test]
fn reports_while_the_scan_is_looked_through() {
    let mut state = opened(120, 40);
    let asked = update(&mut state, Message::Key("p".parse().unwrap()));
    let [Effect::MakeReports { job }] = asked[..] else {
        panic!("{asked:?}");
    };
    let progress = Message::ReportsProgress { job, servers: 5 };
    assert_eq!(update(&mut state, progress), []);
    pictures("policies-loading", &mut state);
}

#[test]
fn difference_of_two_scans() {
    let mut state = opened(120, 40);
    press(&mut state, "d");
    pictures("difference", &mut state);
}

#[test]
fn difference_of_scans_that_are_not_alike() {
    let mut state = opened(120, 40);
    let asked = update(&mut state, Message::Key("d".parse().unwrap()));
    let [Effect::Compare { job, .. }] = asked[..] else {
        panic!("{asked:?}");
    };
    let mut comparison = comparison();
    comparison.from.scope = "Fabrikam".to_owned();
    comparison.to.completeness = Completeness::Partial;
    comparison.difference.evidence_compared = false;
    comparison.difference.gone[0].unseen = Some(Unseen::SubscriptionNotListed);
    let comparison = Arc::new(comparison);
    send(&mut state, Message::Compared { job, comparison });
    press(&mut state, "nnnnnnnnn");
    pictures("difference-unlike", &mut state);
}

#[test]
fn difference_looked_into() {
    let mut state = opened(120, 40);
    press(&mut state, "d<Enter>");
    pictures("difference-change", &mut state);
}

#[test]
fn difference_while_it_is_made() {
    let mut state = opened(120, 40);
    let asked = update(&mut state, Message::Key("d".parse().unwrap()));
    let [Effect::Compare { job, .. }] = asked[..] else {
        panic!("{asked:?}");
    };
    let servers = 1500;
    send(&mut state, Message::CompareProgress { job, servers });
    pictures("difference-loading", &mut state);
}

#[test]
fn tab_history() {
    let mut state = opened(120, 40);
    at(&mut state, "archive", FeatureId::NativeBackup);
    press(&mut state, "<Alt-5>");
    pictures("server-history", &mut state);
}

#[test]
fn tab_raw() {
    let mut state = opened(120, 40);
    press(&mut state, "l<Alt-6>");
    pictures("server-raw", &mut state);
}

#[test]
fn tab_fix() {
    let mut state = opened(120, 40);
    press(&mut state, "l<Alt-4>");
    pictures("server-fix", &mut state);
}

#[test]
fn help() {
    let mut state = opened(120, 40);
    press(&mut state, "?");
    pictures("help", &mut state);
}

#[test]
fn which_key() {
    let mut state = opened(120, 40);
    press(&mut state, "s");
    pictures("which-key", &mut state);
}

#[test]
fn errors() {
    let mut state = opened(120, 40);
    send(
        &mut state,
        Message::Failed {
            job: None,
            title: "the scan's file is damaged".to_owned(),
            detail: "page 7 cannot be read\ncopy it again from where it came".to_owned(),
        },
    );
    press(&mut state, "L");
    pictures("errors", &mut state);
}

fn busy() -> State {
    let mut state = scanning(120, 40);
    let subscription = |name: &str, found, done| SubscriptionProgress {
        name: name.to_owned(),
        found,
        done,
        granted: (done == 0).then(|| "117 left, 25/s".to_owned()),
    };
    let kind = |what: &str, done, least, most| PlannedKind {
        what: what.to_owned(),
        done,
        least,
        most,
    };
    let progress = Progress {
        servers_found: 8,
        servers_done: 4,
        requests: 37,
        unread: 3,
        waiting: vec![
            "waiting 12 s for prod-payments: request limit reached".to_owned(),
            "gave up on backups in analytics: all reads failed, trying again in 5 s".to_owned(),
        ],
        errors: vec![ProgressError {
            kind: "access denied".to_owned(),
            count: 2,
            example: "mysql-lake-neu-0900: needs Microsoft.DBforMySQL/flexibleServers/configurations/read"
                .to_owned(),
        }],
        subscriptions: vec![
            subscription("prod-payments", 5, 4),
            subscription("analytics", 3, 0),
        ],
        planned: Some(Planned {
            least: 71,
            most: 93,
            reads: 36,
            kinds: vec![
                kind("Backups", Some(4), 8, 8),
                kind("Network security group", Some(1), 0, 3),
                kind("policy states", None, 1, 1),
            ],
        }),
        time_left: "about 4 min left".to_owned(),
        time_is_known: true,
        finished: None,
    };
    let job = JobId(1);
    send(&mut state, Message::Progress { job, progress });
    state
}

#[test]
fn fleet_while_a_scan_runs() {
    pictures("fleet-scanning", &mut busy());
}

/// A fleet that is read again, one server worse and one better so far.
fn read_again() -> State {
    let mut state = opened(120, 40);
    let effects = press(&mut state, "R");
    let [Effect::RefreshFleet { job, .. }] = effects[..] else {
        panic!("{effects:?}");
    };
    let turned = [VerdictWord::Pass, VerdictWord::Fail];
    let servers = (0..2)
        .map(|row| {
            let mut server = state.roster.row(row).unwrap().clone();
            let cell = &mut server.cells[FeatureId::PublicNetworkAccess.index()];
            cell.verdict = turned[usize::from(cell.verdict == VerdictWord::Pass)];
            server
        })
        .collect();
    let progress = Progress {
        servers_found: 8,
        servers_done: 2,
        ..Progress::default()
    };
    send(
        &mut state,
        Message::FleetGrew {
            job,
            subscriptions: Vec::new(),
            servers,
        },
    );
    send(&mut state, Message::Progress { job, progress });
    state
}

#[test]
fn fleet_that_is_read_again() {
    pictures("fleet-read-again", &mut read_again());
}

#[test]
fn server_that_is_read_again() {
    let mut state = opened(120, 40);
    press(&mut state, "<Enter>r");
    pictures("server-read-again", &mut state);
}

#[test]
fn fleet_that_is_watched() {
    let mut state = opened(120, 40);
    state.watch(900, "its scans are kept".to_owned());
    let scan = super::fixture::scan(super::fixture::fleet(), Completeness::Complete);
    let job = match &press(&mut state, "R")[..] {
        [Effect::RefreshFleet { job, .. }] => *job,
        other => panic!("{other:?}"),
    };
    send(&mut state, Message::ScanOpened { job, scan });
    pictures("fleet-watched", &mut state);
}

#[test]
fn progress() {
    let mut state = busy();
    press(&mut state, "P");
    pictures("progress", &mut state);
}

#[test]
fn question() {
    let mut state = busy();
    press(&mut state, "x");
    pictures("question", &mut state);
}

#[test]
fn controls_over_all_servers() {
    let mut state = opened(120, 40);
    press(&mut state, "<Tab>");
    pictures("controls", &mut state);
}

#[test]
fn controls_by_failing_of_what_a_filter_leaves() {
    let mut state = opened(120, 40);
    press(&mut state, "/prod<Enter><Tab>sfggj");
    pictures("controls-failing", &mut state);
}

#[test]
fn servers_of_a_control() {
    let mut state = opened(120, 40);
    press(&mut state, "<Tab>6jjjjl");
    pictures("control-servers", &mut state);
}

#[test]
fn guidance_over_the_servers_of_a_control() {
    let mut state = opened(120, 40);
    press(&mut state, "<Tab>li");
    pictures("control-guidance", &mut state);
}

#[test]
fn matrix() {
    let mut state = opened(120, 40);
    press(&mut state, "mj4ll");
    pictures("matrix", &mut state);
}

#[test]
fn matrix_of_groups() {
    let mut state = opened(120, 40);
    press(&mut state, "mvzajj6l");
    pictures("matrix-groups", &mut state);
}

#[test]
fn fleet_in_groups() {
    let mut state = opened(120, 40);
    press(&mut state, "zsGzaggjj");
    pictures("fleet-groups", &mut state);
}

#[test]
fn which_key_of_groups() {
    let mut state = opened(120, 40);
    press(&mut state, "z");
    pictures("which-key-groups", &mut state);
}

#[test]
fn naming_a_tag_to_group_by() {
    let mut state = opened(120, 40);
    press(&mut state, "zte");
    pictures("group-tag", &mut state);
}

#[test]
fn choosing_columns() {
    let mut state = opened(120, 40);
    press(&mut state, "cjjj tenv<Enter>");
    pictures("columns", &mut state);
}

#[test]
fn fleet_with_chosen_columns() {
    let mut state = opened(120, 40);
    press(&mut state, "cjj Gk tenv<Enter>Gk <Esc>");
    pictures("fleet-columns", &mut state);
}

/// A terminal that counts.
struct Counter(Rc<Cell<usize>>);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The bytes that go to the terminal for the last of some keys.
fn bytes(state: &mut State, before: &str, key: &str) -> usize {
    let look = Look::new(&Theme::built_in("dark").unwrap(), Colours::Sixteen, true);
    let area = ratatui::layout::Rect::new(0, 0, state.size.columns, state.size.rows);
    let count = Rc::new(Cell::new(0));
    let mut terminal = Terminal::with_options(
        CrosstermBackend::new(Counter(Rc::clone(&count))),
        TerminalOptions {
            viewport: Viewport::Fixed(area),
        },
    )
    .unwrap();
    press(state, before);
    terminal
        .draw(|frame| view::draw(frame, state, &look))
        .unwrap();
    let drawn = count.get();
    press(state, key);
    terminal
        .draw(|frame| view::draw(frame, state, &look))
        .unwrap();
    count.get() - drawn
}

#[test]
fn moving_the_cursor_costs_few_bytes() {
    let alone = bytes(&mut opened(80, 24), "jj", "j");
    assert!(alone <= 450, "{alone} bytes without the preview");
    let with_preview = bytes(&mut opened(120, 40), "", "j");
    assert!(
        with_preview <= 1_600,
        "{with_preview} bytes with the preview"
    );
    let in_tree = bytes(&mut opened(40, 12), "l", "k");
    assert!(in_tree <= 450, "{in_tree} bytes in the tree");
}

#[test]
fn a_scan_that_failed_says_why_on_the_first_screen() {
    let (mut state, _) = started(80, 24, Opening::NewScan);
    let effects = send(
        &mut state,
        Message::Failed {
            job: Some(JobId(1)),
            title: "The scan failed".to_owned(),
            detail: "there is no token for Azure: az not found on PATH: install the Azure CLI, or choose another \
                     credential with --auth"
                .to_owned(),
        },
    );
    kept::listed(&mut state, &effects, Vec::new());
    pictures("welcome-failed", &mut state);
}

#[test]
fn what_is_not_whole_says_so_at_every_size() {
    let mut state = opened(120, 40);
    if let Some(scan) = &mut state.scan {
        scan.completeness = Completeness::Partial;
    }
    let theme = Theme::built_in("dark").unwrap();
    let look = Look::new(&theme, Colours::Sixteen, true);
    for (columns, rows) in SIZES.into_iter().chain([(60, 16), (24, 16), (250, 80)]) {
        send(&mut state, Message::Resize { columns, rows });
        let text = text(&draw(&state, &look));
        assert!(text.contains("incomplete"), "{columns}x{rows}\n{text}");
        if columns >= 80 {
            assert!(text.contains(" old "), "{columns}x{rows}\n{text}");
        }
    }
}

#[test]
fn a_question_says_how_to_answer_at_every_size() {
    let theme = Theme::built_in("dark").unwrap();
    let look = Look::new(&theme, Colours::Sixteen, true);
    for key in ["q", "x"] {
        let mut state = scanning(120, 40);
        press(&mut state, key);
        for (columns, rows) in SIZES.into_iter().chain([(50, 10), (24, 3)]) {
            send(&mut state, Message::Resize { columns, rows });
            let text = text(&draw(&state, &look));
            let last = text.lines().last().unwrap_or_default();
            assert!(
                last.contains('?') && (last.contains("y yes  n no") || last.contains("(y/n)")),
                "{columns}x{rows}: {last}"
            );
        }
    }
}

#[test]
fn kept_scans() {
    pictures("scans", &mut kept::scans(120, 40));
}

#[test]
fn kept_scans_with_a_damaged_one_selected_and_one_to_delete() {
    let mut state = kept::scans(120, 40);
    press(&mut state, "jj jj");
    pictures("scans-chosen", &mut state);
    press(&mut state, "x");
    pictures("scans-delete", &mut state);
}

#[test]
fn trend_of_all_servers() {
    pictures("trend", &mut kept::trend(120, 40));
}

#[test]
fn trend_of_a_family_at_an_incomplete_scan() {
    let mut state = kept::trend(120, 40);
    press(&mut state, "1hh");
    pictures("trend-family", &mut state);
}
