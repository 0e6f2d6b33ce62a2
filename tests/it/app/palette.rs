//! The palette: what it lists, in which order, and what it runs.

use std::sync::Arc;

use flexposture::app::{
    Command, Effect, Keymap, Message, Mode, Palette, Screen, Standing, State, Tab,
};
use flexposture::look::{Colours, Look, Theme};
use flexposture::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::fixture::{opened, press, scanning, send, started};

/// The last line of the screen.
pub fn last_line(state: &State) -> String {
    let look = Look::new(&Theme::built_in("dark").unwrap(), Colours::None, false);
    let (columns, rows) = (state.size.columns, state.size.rows);
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal
        .draw(|frame| view::draw(frame, state, &look))
        .unwrap();
    let buffer = terminal.backend().buffer();
    (0..columns)
        .map(|column| buffer[(column, rows - 1)].symbol().to_owned())
        .collect()
}

fn palette(state: &State) -> &Palette {
    match state.mode() {
        Mode::Palette(palette) => palette,
        mode => panic!("{mode:?}"),
    }
}

fn ids(state: &State) -> Vec<&'static str> {
    let entries = palette(state).entries.iter();
    entries.map(|entry| entry.record.id).collect()
}

#[test]
fn what_can_run_here_comes_first_and_the_rest_says_why_it_cannot() {
    let mut state = opened(120, 40);
    press(&mut state, ":");
    let entries = &palette(&state).entries;
    let groups: Vec<u8> = entries
        .iter()
        .map(|entry| match entry.standing {
            Standing::Here => 0,
            Standing::NotNow(_) => 1,
            Standing::Elsewhere(_) => 2,
        })
        .collect();
    assert!(groups.is_sorted());
    let entry = |id: &str| {
        let entry = entries.iter().find(|entry| entry.record.id == id);
        entry.unwrap_or_else(|| panic!("{id} is not listed"))
    };
    assert_eq!(entry("filter").keys, "/");
    assert_eq!(entry("open").standing, Standing::Here);
    assert_eq!(
        entry("stop-scan").standing,
        Standing::NotNow("no scan is running")
    );
    assert_eq!(
        entry("tab-raw").standing,
        Standing::Elsewhere("only in a server's controls, feature".to_owned())
    );
    // What is asked for while a line is written or a question stands is over by now.
    for id in ["yes", "no", "keep", "run", "palette"] {
        assert!(!ids(&state).contains(&id), "{id}");
    }
}

#[test]
fn enter_runs_the_selected_command_where_the_palette_was_opened() {
    let mut state = opened(120, 40);
    press(&mut state, ":sort-by-name<Enter>");
    assert_eq!(state.roster.sort().key.word(), "name");
    assert!(matches!(state.mode(), Mode::Screen(Screen::Fleet)));
    press(&mut state, "ll<Ctrl-p>raw<Enter>");
    assert_eq!(state.server.as_ref().unwrap().tab, Tab::Raw);
    // Over something that lies over the screen it is about that.
    press(&mut state, "ga:close<Enter>");
    assert!(matches!(state.mode(), Mode::Screen(Screen::Server)));
    let effects = press(&mut state, ":q<Enter>");
    assert_eq!(effects, [Effect::Quit]);
}

#[test]
fn what_cannot_run_says_why_and_nothing_happens() {
    let mut state = opened(120, 40);
    assert_eq!(press(&mut state, ":stop-scan<Enter>"), []);
    assert!(matches!(state.mode(), Mode::Screen(Screen::Fleet)));
    let words = |state: &State| state.notice.as_ref().unwrap().text.clone();
    assert_eq!(words(&state), "stop scan: no scan is running");
    press(&mut state, ":tab-raw<Enter>");
    assert_eq!(
        words(&state),
        "tab-raw: only in a server's controls, feature"
    );
    press(&mut state, ":zzzzzz<Enter>");
    assert_eq!(words(&state), "zzzzzz: no such command");
}

#[test]
fn a_name_written_out_is_first_even_where_it_cannot_run() {
    let mut state = opened(120, 40);
    press(&mut state, ":stop-scan");
    assert_eq!(ids(&state)[0], "stop-scan");
    press(&mut state, "<Esc>:srtname");
    assert_eq!(ids(&state)[0], "sort-by-name");
    // Words of the description are found as they stand.
    press(&mut state, "<Esc>:clipboard");
    assert_eq!(ids(&state)[0], "copy-server-id");
}

#[test]
fn tab_completes_the_selected_name_and_arrows_choose() {
    let mut state = opened(120, 40);
    press(&mut state, ":sort");
    let second = ids(&state)[1];
    press(&mut state, "<Down><Tab>");
    assert_eq!(palette(&state).prompt.text(), second);
    assert_eq!(ids(&state)[0], second);
    press(&mut state, "<Ctrl-n><Ctrl-p>");
    assert_eq!(palette(&state).position.cursor, 0);
}

#[test]
fn what_was_run_lately_stands_first_and_what_was_not_run_from_it_does_not() {
    let mut state = opened(120, 40);
    press(
        &mut state,
        ":sort-by-region<Enter>:only-failing<Enter>:sort-by-region<Enter>sv:",
    );
    assert_eq!(ids(&state)[..2], ["sort-by-region", "only-failing"]);
}

#[test]
fn the_list_follows_what_happens_below_it() {
    let mut state = scanning(120, 40);
    press(&mut state, ":stop-scan");
    let standing = |state: &State| palette(state).entries[0].standing.clone();
    assert_eq!(standing(&state), Standing::Here);
    let job = flexposture::app::JobId(1);
    let mut state = state;
    send(
        &mut state,
        Message::Failed {
            job: Some(job),
            title: "The scan failed".to_owned(),
            detail: String::new(),
        },
    );
    assert_eq!(standing(&state), Standing::NotNow("no scan is running"));
}

#[test]
fn the_palette_shows_the_keys_in_force() {
    let mut state = opened(120, 40);
    let text = "[keys.fleet]\n\"Z\" = \"filter\"\n\"/\" = false\n";
    state.keymap = Arc::new(keymap(text));
    press(&mut state, ":filter");
    assert_eq!(palette(&state).entries[0].keys, "Z");
    press(&mut state, "<Esc>");
    assert!(last_line(&state).contains("Z filter"));
    press(&mut state, "?");
    let help = flexposture::app::overlay_lines(&state, state.mode(), 80);
    let text: Vec<String> = help.iter().map(|line| format!("{line:?}")).collect();
    assert!(text.iter().any(|line| line.contains("\"Z ")), "{text:?}");
}

/// The keys of a config file.
fn keymap(text: &str) -> Keymap {
    let table = toml::de::DeTable::parse(text).unwrap();
    Keymap::from_config(table.get_ref().get("keys").unwrap()).unwrap()
}

#[test]
fn a_chord_of_the_config_file_tells_what_can_follow_at_every_step() {
    let mut state = opened(80, 24);
    state.keymap = Arc::new(keymap(
        "[keys.fleet]\n\"x\" = false\n\"X a b\" = \"matrix\"\n\"X a c\" = \"trend\"\n\"X d\" = \"filter\"\n",
    ));
    press(&mut state, "X");
    let of = |state: &State| -> Vec<String> {
        let scope = flexposture::app::Scope::of(state);
        let all = state.keymap.continuations(scope, &state.pending.0);
        all.into_iter()
            .map(|(keys, record)| format!("{keys} {}", record.id))
            .collect()
    };
    let mut first = of(&state);
    first.sort();
    assert_eq!(first, ["a b matrix", "a c trend", "d filter"]);
    press(&mut state, "a");
    let mut second = of(&state);
    second.sort();
    assert_eq!(second, ["b matrix", "c trend"]);
    assert!(last_line(&state).contains("X a"));
    press(&mut state, "b");
    assert_eq!(state.screen(), Screen::Matrix);
}

#[test]
fn a_command_by_its_name_does_what_its_key_does() {
    let mut state = opened(120, 40);
    send(&mut state, Message::Command(Command::Open));
    assert_eq!(state.screen(), Screen::Server);
    let (mut state, _) = started(80, 24, flexposture::app::Opening::Welcome);
    send(&mut state, Message::Command(Command::Policies));
    let notice = state.notice.unwrap().text;
    assert!(
        notice.starts_with("policies: only in servers, "),
        "{notice}"
    );
}
