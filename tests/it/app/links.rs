//! Addresses of what is selected: shown, chosen, copied, and where they stand on the screen.

use flexposture::app::{Effect, Message, Mode, State, Tab, links};
use flexposture::view;

use super::fixture::{opened, press, send};

fn copied(effects: &[Effect]) -> &str {
    match effects {
        [Effect::Copy(text)] => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_server_s_page_in_the_portal_is_one_key_away() {
    let mut state = opened(120, 40);
    let effects = press(&mut state, "yl");
    let id = state.roster.selected().unwrap().id.to_string();
    assert_eq!(
        copied(&effects),
        format!("https://portal.azure.com/#@/resource{id}")
    );
}

#[test]
fn the_list_of_addresses_is_gone_through_and_the_chosen_one_copied() {
    let mut state = opened(80, 24);
    press(&mut state, "<Enter>o");
    assert!(matches!(state.mode(), Mode::Links(_)));
    let all = links(&state);
    assert!(all.len() >= 3, "{all:?}");
    assert!(all.iter().all(|link| link.url.starts_with("https://")));
    for link in &all {
        let effects = press(&mut state, "<Enter>");
        assert_eq!(copied(&effects), link.url);
        press(&mut state, "j");
    }
    press(&mut state, "o");
    assert!(matches!(state.mode(), Mode::Screen(_)));
}

#[test]
fn the_policies_tab_names_the_policies_first() {
    let mut state = opened(120, 40);
    press(&mut state, "<Enter>");
    while state.server.as_ref().unwrap().tab != Tab::Policies {
        press(&mut state, "}");
    }
    let first = &links(&state)[0];
    assert!(first.title.starts_with("policy: "), "{first:?}");
    assert!(first.url.contains("policyDefinitions%2F"), "{first:?}");
}

#[test]
fn a_cloud_without_a_portal_has_no_portal_pages() {
    let mut state = opened(120, 40);
    state.scan.as_mut().unwrap().portal = None;
    assert!(
        links(&state)
            .iter()
            .all(|link| !link.url.contains("portal"))
    );
    press(&mut state, "<Enter>o");
    assert!(matches!(state.mode(), Mode::Links(_)));
}

/// The text of the frame's cells that stand for an address.
fn drawn(state: &State) -> Vec<(String, String)> {
    use ratatui::{Terminal, backend::TestBackend};
    let theme = flexposture::look::Theme::built_in("dark").unwrap();
    let look = flexposture::look::Look::new(&theme, flexposture::look::Colours::None, true);
    let backend = TestBackend::new(state.size.columns, state.size.rows);
    let mut terminal = Terminal::new(backend).unwrap();
    terminal
        .draw(|frame| view::draw(frame, state, &look))
        .unwrap();
    let buffer = terminal.backend().buffer();
    let text = |link: &view::Hyperlink| {
        let cells = link.columns.clone().map(|x| buffer[(x, link.y)].symbol());
        cells.collect::<String>()
    };
    view::links(state)
        .iter()
        .map(|link| (text(link), link.url.to_string()))
        .collect()
}

#[test]
fn an_address_on_the_screen_is_a_link_piece_by_piece_at_every_size() {
    for (columns, rows) in [(120, 40), (80, 24), (40, 12), (20, 5)] {
        let mut state = opened(columns, rows);
        press(&mut state, "<Enter>o");
        for _ in 0..4 {
            let pieces = drawn(&state);
            assert!(!pieces.is_empty(), "{columns}x{rows}");
            for (text, url) in &pieces {
                assert!(
                    !text.trim().is_empty() && url.contains(text.as_str()),
                    "{text:?} {url:?}"
                );
            }
            press(&mut state, "j");
        }
        // What lies over them hides them.
        press(&mut state, "y");
        assert_eq!(view::links(&state), []);
    }
    let mut state = opened(120, 40);
    press(&mut state, "<Enter>}G");
    let pieces: Vec<String> = drawn(&state).into_iter().map(|(text, _)| text).collect();
    let reference = links(&state)[0].url.clone();
    assert_eq!(pieces.concat(), reference);
    send(
        &mut state,
        Message::Resize {
            columns: 20,
            rows: 5,
        },
    );
    assert!(
        drawn(&state)
            .iter()
            .all(|(text, url)| url.contains(text.as_str()))
    );
}
