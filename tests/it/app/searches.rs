//! Searching by keys: fields and what completes them, mistakes, finding anything, hits in pages, saved searches.

use flexposture::app::{
    Completeness, Effect, Message, Mode, NoticeLevel, Pane, Scope, Screen, State, Tab, update,
};
use flexposture::baseline::FeatureId;
use proptest::prelude::*;

use super::fixture::{answer, fleet, keys, names, opened, press, scan, selected, send};

fn line(state: &State) -> String {
    match state.mode() {
        Mode::Filter(mode) => mode.prompt.text().to_owned(),
        mode => panic!("{mode:?}"),
    }
}

fn offered(state: &State) -> Vec<String> {
    let Mode::Filter(mode) = state.mode() else {
        panic!("no filter is written");
    };
    let offered = mode.offered();
    offered.map_or_else(Vec::new, |(_, items, _)| {
        items.iter().map(|item| item.text.clone()).collect()
    })
}

fn notice(state: &State) -> &str {
    state.notice.as_ref().map_or("", |notice| &notice.text)
}

#[test]
fn fields_narrow_the_list_as_they_are_written() {
    let mut state = opened(120, 40);
    press(&mut state, "/sev:c");
    assert_eq!(names(&state), ["mysql-prod-weu-0421"]);
    press(&mut state, "<Ctrl-u>is:stopped");
    assert_eq!(names(&state), ["mysql-batch-neu-0113"]);
    press(&mut state, "<Ctrl-u>cause:denied name:lake !name:0901");
    assert_eq!(names(&state), ["mysql-lake-neu-0900"]);
    press(&mut state, "<Ctrl-u>sub:\"prod-payments\" weu");
    assert_eq!(names(&state).len(), 3);
    press(&mut state, "<Enter>");
    assert_eq!(state.filter_text(), "sub:\"prod-payments\" weu");
}

#[test]
fn while_something_is_wrong_the_last_right_filter_stays_and_enter_does_not_keep_the_mistake() {
    let mut state = opened(120, 40);
    press(&mut state, "/weu sev:h");
    let before = names(&state);
    assert!(before.len() < 8);
    press(&mut state, "xyz");
    assert_eq!(names(&state), before);
    let [error] = state.filter_errors() else {
        panic!("{:?}", state.filter_errors());
    };
    assert_eq!(error.range, 8..12);
    press(&mut state, "<Enter>");
    assert!(matches!(state.mode(), Mode::Filter(_)));
    press(&mut state, "<Backspace><Backspace><Backspace><Enter>");
    assert!(matches!(state.mode(), Mode::Screen(Screen::Fleet)));
    press(&mut state, "/ regoin:x<Esc>");
    assert_eq!((state.filter_text(), names(&state)), ("weu sev:h", before));
    assert!(state.filter_errors().is_empty());
}

#[test]
fn tab_takes_fields_and_values_in_turn_and_no_key_is_blocked() {
    let mut state = opened(120, 40);
    press(&mut state, "/<Tab>");
    assert_eq!((line(&state).as_str(), offered(&state).len()), ("", 15));
    press(&mut state, "re");
    assert_eq!(offered(&state), ["region:"]);
    press(&mut state, "<Tab>");
    assert_eq!(line(&state), "region:");
    assert_eq!(offered(&state), ["northeurope", "westeurope", "westus"]);
    press(&mut state, "<Tab><Tab>");
    assert_eq!(line(&state), "region:westeurope");
    press(&mut state, "<BackTab>");
    assert_eq!(line(&state), "region:northeurope");
    assert_eq!(names(&state).len(), 4);
    press(&mut state, " name:lake");
    assert_eq!(names(&state).len(), 2);
    press(&mut state, "<Down>");
    assert_eq!(state.roster.position().cursor, 1);
    press(&mut state, "<Esc>");
    assert_eq!(names(&state).len(), 8);
}

#[test]
fn values_of_the_servers_are_gathered_once_and_again_only_when_they_changed() {
    let mut state = opened(120, 40);
    let begin = |state: &mut State| update(state, Message::Key("/".parse().unwrap()));
    let first = begin(&mut state);
    assert!(
        matches!(first[..], [Effect::GatherWords { .. }]),
        "{first:?}"
    );
    press(&mut state, "sub:");
    assert!(offered(&state).is_empty(), "they are still being gathered");
    send(&mut state, answer(&first[0]).unwrap());
    assert_eq!(offered(&state).len(), 2);
    press(&mut state, "<Esc>");
    assert_eq!(begin(&mut state), []);
    press(&mut state, "<Esc>");
    let job = flexposture::app::JobId(1);
    let mut smaller = fleet();
    smaller.servers.truncate(2);
    let stale = answer(&first[0]).unwrap();
    send(
        &mut state,
        Message::ScanOpened {
            job,
            scan: scan(smaller, Completeness::Complete),
        },
    );
    assert_eq!(names(&state).len(), 8, "a job that has ended opens nothing");
    send(&mut state, stale);
}

#[test]
fn a_filter_is_gone_through_from_hit_to_hit_and_round_the_end() {
    let mut state = opened(120, 40);
    press(&mut state, "n");
    assert!(notice(&state).contains("no filter"));
    press(&mut state, "/weu<Enter>");
    let all = names(&state);
    assert_eq!(all.len(), 3);
    press(&mut state, "n");
    assert_eq!(
        (selected(&state), notice(&state)),
        (Some(all[1].clone()), "2 of 3")
    );
    press(&mut state, "nn");
    assert_eq!(selected(&state), Some(all[0].clone()));
    assert!(notice(&state).starts_with("1 of 3") && notice(&state).contains("round"));
    press(&mut state, "N");
    assert_eq!(selected(&state), Some(all[2].clone()));
    assert!(notice(&state).contains("round"));
}

#[test]
fn in_groups_every_hit_is_reached_and_heads_are_none() {
    let mut state = opened(120, 40);
    press(&mut state, "/mysql<Enter>zrgg");
    let count = state.roster.len();
    assert!(state.roster.rows() > count + 1, "there are heads");
    let mut reached = std::collections::BTreeSet::new();
    for place in 1..=count {
        press(&mut state, "n");
        let name = selected(&state).expect("a server, not a head");
        let notice = state.notice.as_ref().map(|notice| notice.text.clone());
        assert_eq!(notice, Some(format!("{place} of {count}")), "{name}");
        reached.insert(name);
    }
    assert_eq!(reached.len(), count);
    press(&mut state, "n");
    let notice = state.notice.as_ref().map(|notice| notice.text.clone());
    assert_eq!(notice, Some(format!("1 of {count}, round the end")));
    // In a folded group the hit is unfolded.
    press(&mut state, "zMG");
    press(&mut state, "n");
    assert!(selected(&state).is_some());
}

#[test]
fn a_page_is_searched_as_it_is_written_and_hits_are_gone_through() {
    let mut state = opened(100, 24);
    press(&mut state, "l<Alt-6>gg");
    assert!(Scope::of(&state) == Scope::Feature);
    let before = state.server.as_ref().unwrap().scroll;
    press(&mut state, "n");
    assert!(notice(&state).contains("nothing is searched"));
    press(&mut state, "/PublicNetwork");
    let there = state.server.as_ref().unwrap();
    let lines = &there.page.lines;
    let shown = |scroll: usize, text: &str| {
        lines[scroll..]
            .iter()
            .take(20)
            .any(|line| line.text().to_lowercase().contains(text))
    };
    assert!(shown(there.scroll, "publicnetwork"));
    press(&mut state, "<Esc>");
    assert_eq!(state.server.as_ref().unwrap().scroll, before);
    press(&mut state, "/\"state\"<Enter>");
    assert!(
        notice(&state).starts_with("\"state\": 1 of "),
        "{}",
        notice(&state)
    );
    let count: usize = notice(&state).rsplit(' ').next().unwrap().parse().unwrap();
    assert!(count > 1);
    press(&mut state, "N");
    assert!(notice(&state).contains(&format!("{count} of {count}, round the end")));
    press(&mut state, "n");
    assert!(notice(&state).contains(&format!("1 of {count}, round the end")));
    press(&mut state, "/nowhere to be found<Enter>");
    assert!(notice(&state).contains("is not in this page"));
    press(&mut state, "}n");
    assert!(
        notice(&state).contains("nothing is searched"),
        "another tab is another page"
    );
}

#[test]
fn what_lies_over_a_screen_is_searched_too() {
    for (open, word) in [
        ("p", "differ"),
        ("w", "payments"),
        ("ga", "read"),
        ("L", "ruleset"),
    ] {
        let mut state = opened(80, 24);
        press(&mut state, open);
        press(&mut state, &format!("/{word}<Enter>n"));
        assert!(
            notice(&state).starts_with(&format!("{word}: ")),
            "{open}: {}",
            notice(&state)
        );
        press(&mut state, "<Esc>");
        assert!(
            matches!(state.mode(), Mode::Screen(Screen::Fleet)),
            "{open}"
        );
    }
}

#[test]
fn anything_is_found_by_its_words_and_enter_goes_there() {
    let go = |text: &str, steps: &str| {
        let mut state = opened(120, 40);
        press(&mut state, &format!("gf{text}"));
        assert_eq!(Scope::of(&state), Scope::Find);
        press(&mut state, steps);
        press(&mut state, "<Enter>");
        state
    };
    let listed = |state: &State| (state.screen(), state.control_servers.feature);
    let server = go("lake 0900", "");
    assert_eq!(
        server.server.as_ref().unwrap().summary.name.as_ref(),
        "mysql-lake-neu-0900"
    );
    assert_eq!(selected(&server).as_deref(), Some("mysql-lake-neu-0900"));
    let control = go("dp-3", "");
    assert_eq!(
        listed(&control),
        (Screen::ControlServers, FeatureId::TransitEncryption)
    );
    let parameter = go("local_infile", "");
    assert_eq!(
        listed(&parameter),
        (Screen::ControlServers, FeatureId::RiskyParameters)
    );
    let guidance = go("tls_version", "<Tab>");
    let screen = guidance.server.as_ref().unwrap();
    assert_eq!((screen.tab, screen.focus), (Tab::Guidance, Pane::Feature));
    let policy = go("microsoft entra only", "");
    assert!(
        matches!(policy.mode(), Mode::Policies(scroll) if *scroll > 0),
        "{:?}",
        policy.mode()
    );
    let nothing = go("zzz", "");
    assert_eq!(Scope::of(&nothing), Scope::Find);
}

#[test]
fn what_is_found_too_late_is_dropped() {
    let mut state = opened(120, 40);
    press(&mut state, "gf");
    let late: Vec<Effect> = keys("la")
        .into_iter()
        .flat_map(|key| update(&mut state, Message::Key(key)))
        .collect();
    let [first, second] = &late[..] else {
        panic!("{late:?}")
    };
    let rows = |state: &State| match state.mode() {
        Mode::Find(mode) => mode.rows.len(),
        _ => 0,
    };
    send(&mut state, answer(first).unwrap());
    assert_eq!(rows(&state), 0);
    send(&mut state, answer(second).unwrap());
    assert!(rows(&state) > 0);
    press(&mut state, "<Esc>");
    send(&mut state, answer(second).unwrap());
    assert!(matches!(state.mode(), Mode::Screen(Screen::Fleet)));
}

#[test]
fn the_cursor_of_what_was_found_is_always_on_something_to_go_to() {
    let mut state = opened(80, 24);
    press(&mut state, "gfs");
    for step in [
        "<Down>",
        "<Down>",
        "<Tab>",
        "<Up>",
        "<PageDown>",
        "<Tab>",
        "<Tab>",
        "<BackTab>",
        "<PageUp>",
        "<Up>",
    ] {
        press(&mut state, step);
        let Mode::Find(mode) = state.mode() else {
            panic!()
        };
        assert!(mode.selected().is_some(), "{step}: {:?}", mode.position);
    }
}

#[test]
fn a_filter_gets_a_name_is_called_back_and_is_forgotten() {
    let mut state = opened(120, 40);
    assert_eq!(press(&mut state, "g/"), [Effect::ReadSearches]);
    send(&mut state, Message::SearchesRead(String::new()));
    press(&mut state, "a");
    assert!(notice(&state).contains("no filter"));
    press(&mut state, "<Esc>/sev:critical<Enter>g/");
    send(&mut state, Message::SearchesRead(String::new()));
    press(&mut state, "aworld open");
    let effects = press(&mut state, "<Enter>");
    let [Effect::AddSearch(text)] = &effects[..] else {
        panic!("{effects:?}")
    };
    send(&mut state, Message::SearchesRead(text.clone()));
    assert_eq!(state.saved.list[0].name, "world open");
    press(&mut state, "aworld open<Enter>");
    assert!(notice(&state).contains("there already"));
    press(&mut state, "<Esc><Esc><Esc>");
    assert_eq!(names(&state).len(), 8);
    press(&mut state, "lg/<Enter>");
    assert_eq!(
        (state.filter_text(), names(&state).len()),
        ("sev:critical", 1)
    );
    assert!(matches!(state.mode(), Mode::Screen(Screen::Fleet)));
    press(&mut state, "g/xn");
    assert_eq!(Scope::of(&state), Scope::Saved);
    let effects = press(&mut state, "xy");
    let [Effect::WriteSearches(text)] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert!(!text.contains("world open"));
}

#[test]
fn a_saved_search_that_is_wrong_is_shown_where_it_can_be_mended() {
    let mut state = opened(120, 40);
    press(&mut state, "g/");
    send(
        &mut state,
        Message::SearchesRead("[[search]]\nname=\"x\"\nquery=\"regoin:west\"\n".into()),
    );
    press(&mut state, "<Enter>");
    assert_eq!(line(&state), "regoin:west");
    assert_eq!(state.filter_errors().len(), 1);
    press(&mut state, "<Esc>");
    assert_eq!((state.filter_text(), names(&state).len()), ("", 8));
    press(&mut state, "g/");
    send(&mut state, Message::SearchesRead("[[search]\n".into()));
    assert!(matches!(&state.notice, Some(notice) if notice.level == NoticeLevel::Problem));
    press(&mut state, "<Enter>x");
    assert_eq!(Scope::of(&state), Scope::Saved);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_filter_with_fields_that_is_taken_away_leaves_no_trace(
        query in "([a-z]{1,4} |!|sev:|state:|tag:|sub:|policy:|[a-z\",=é]){0,6}",
        tabs in 0..4_usize,
    ) {
        let mut state = opened(100, 30);
        let before = (names(&state), selected(&state));
        press(&mut state, "/");
        send(&mut state, Message::Paste(query));
        press(&mut state, &"<Tab>".repeat(tabs));
        press(&mut state, "<Esc>");
        prop_assert_eq!((names(&state), selected(&state), state.filter_text()), (before.0, before.1, ""));
    }
}
