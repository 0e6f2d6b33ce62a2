//! Screens in lines of words.

use flexposture::app::{Message, State};
use flexposture::view::plain;

use super::fixture::{opened, press, scanning, send, started};

fn told(state: &State, width: Option<u16>) -> String {
    let mut out = Vec::new();
    plain::write(&mut out, state, width).unwrap();
    String::from_utf8(out).unwrap()
}

/// What must not stand in words: frames, signs that only look like something, escapes.
fn check_words(text: &str) {
    for c in text.chars() {
        let drawn = ('\u{2500}'..='\u{27ff}').contains(&c) || (c.is_control() && c != '\n');
        assert!(!drawn, "{c:?} in\n{text}");
    }
}

/// Goes to a state by keys and compares its words with what was read and kept.
fn picture(name: &str, script: &str) {
    let mut state = opened(120, 40);
    press(&mut state, script);
    let words = told(&state, None);
    check_words(&words);
    insta::assert_snapshot!(format!("plain-{name}"), words);
}

#[test]
fn the_list_in_words() {
    picture("fleet", "");
}

#[test]
fn a_filtered_list_in_words() {
    picture("fleet-filtered", "f/prod<Enter>");
}

#[test]
fn a_server_in_words() {
    picture("server", "l");
}

#[test]
fn every_tab_in_words() {
    for (place, name) in ["finding", "guidance", "policies", "fix", "history", "raw"]
        .iter()
        .enumerate()
    {
        picture(
            &format!("feature-{name}"),
            &format!("ll{}", "}".repeat(place)),
        );
    }
}

#[test]
fn what_is_told_of_all_servers_in_words() {
    picture("policies", "gp");
    picture("permissions", "ga");
    picture("exemptions", "ge");
    picture("errors", "gl");
}

#[test]
fn the_help_in_words_has_every_key_and_every_word() {
    let mut state = opened(120, 40);
    press(&mut state, "?");
    let words = told(&state, None);
    check_words(&words);
    assert!(words.contains("\n/: Show only servers"), "{words}");
    assert!(words.contains("\nFail, a condition that decides was read and does not hold\n"));
}

#[test]
fn every_row_is_told_whatever_the_size_of_the_screen() {
    let mut state = opened(120, 40);
    let all = told(&state, None);
    send(
        &mut state,
        Message::Resize {
            columns: 20,
            rows: 5,
        },
    );
    press(&mut state, "G");
    assert_eq!(told(&state, None), all);
    assert_eq!(all.matches("\nserver: ").count(), state.roster.len());
}

#[test]
fn a_width_breaks_lines_and_loses_nothing() {
    let mut state = opened(120, 40);
    for script in ["", "l", "l", "gp"] {
        press(&mut state, script);
        let narrow = told(&state, Some(40));
        check_words(&narrow);
        for line in narrow.lines() {
            assert!(line.chars().count() <= 42, "{line:?}");
        }
        let joined = |text: &str| text.split_whitespace().collect::<String>();
        if script.is_empty() {
            assert_eq!(joined(&narrow), joined(&told(&state, None)));
        }
    }
}

#[test]
fn there_are_words_for_every_place() {
    let mut state = opened(120, 40);
    for script in ["gc", "gm", "gt", "gs", "gd", ":", "<Esc>/pr", "<Esc>e"] {
        press(&mut state, script);
        check_words(&told(&state, None));
    }
    let mut running = scanning(120, 40);
    press(&mut running, "P");
    check_words(&told(&running, None));
    let (welcome, _) = started(80, 24, flexposture::app::Opening::Welcome);
    assert!(told(&welcome, None).contains("No scan is open."));
}

#[test]
fn kept_scans_and_their_trend_in_words() {
    for (name, state) in [
        ("scans", super::kept::scans(120, 40)),
        ("trend", super::kept::trend(120, 40)),
    ] {
        let words = told(&state, None);
        check_words(&words);
        insta::assert_snapshot!(format!("plain-{name}"), words);
    }
}
