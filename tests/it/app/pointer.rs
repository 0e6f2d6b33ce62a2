//! The mouse: what is drawn at a place is what is hit there.

use flexposture::app::{
    Effect, Hit, Message, Mode, Pane, Pointer, PointerAct, Screen, State, Tab, TreeNode,
};
use flexposture::baseline::FeatureId;
use flexposture::look::{Colours, Look, Theme};
use flexposture::view;
use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::fixture::{opened, press, selected, send};
use super::kept::{scans, trend};

/// The rows of the screen as text, one cell a character.
fn rows(state: &State) -> Vec<String> {
    let look = Look::new(&Theme::built_in("dark").unwrap(), Colours::None, false);
    let (columns, rows) = (state.size.columns, state.size.rows);
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal
        .draw(|frame| view::draw(frame, state, &look))
        .unwrap();
    let buffer = terminal.backend().buffer();
    let cells = buffer.content().chunks(usize::from(columns));
    cells
        .map(|row| row.iter().map(|cell| cell.symbol()).collect())
        .collect()
}

/// Where a text stands on the screen, in its middle.
fn place(state: &State, text: &str) -> (u16, u16) {
    let found = rows(state).into_iter().enumerate().find_map(|(y, row)| {
        let x = row.find(text)? + text.len() / 2;
        Some((u16::try_from(x).unwrap(), u16::try_from(y).unwrap()))
    });
    found.unwrap_or_else(|| panic!("no {text:?} on\n{}", rows(state).join("\n")))
}

fn act(state: &mut State, (x, y): (u16, u16), act: PointerAct) -> Vec<Effect> {
    send(state, Message::Pointer(Pointer { x, y, act }))
}

fn click(state: &mut State, text: &str) {
    let at = place(state, text);
    act(state, at, PointerAct::Press);
}

fn at(state: &mut State, milliseconds: i64) {
    let time = Timestamp::from_millisecond(1_790_000_000_000 + milliseconds).unwrap();
    send(state, Message::Clock(time));
}

#[test]
fn a_press_selects_a_server_and_a_second_one_soon_opens_it() {
    for (columns, rows) in [(160, 40), (120, 40), (80, 24), (40, 12)] {
        let mut state = opened(columns, rows);
        let third = state.roster.row(2).unwrap().name.to_string();
        let end = &third[third.len() - 4..];
        // Once it is selected its name stands in the preview too.
        let third_row = place(&state, end);
        at(&mut state, 0);
        act(&mut state, third_row, PointerAct::Press);
        assert_eq!(selected(&state).unwrap(), third, "{columns}x{rows}");
        assert_eq!(state.screen(), Screen::Fleet);
        at(&mut state, 401);
        act(&mut state, third_row, PointerAct::Press);
        assert_eq!(state.screen(), Screen::Fleet, "too late to be a double one");
        at(&mut state, 700);
        act(&mut state, third_row, PointerAct::Press);
        assert_eq!(state.screen(), Screen::Server, "{columns}x{rows}");
        assert_eq!(state.server.as_ref().unwrap().summary.name.as_ref(), third);
    }
}

#[test]
fn the_head_of_a_group_is_a_row_and_no_server_to_go_to() {
    let mut state = opened(120, 40);
    press(&mut state, "zr");
    let rows = state.roster.rows();
    assert!(rows > state.roster.len(), "groups have heads");
    let last = state.roster.groups().last().unwrap();
    let (row, name) = (last.row, last.name.clone());
    let layout = state.fleet_layout().rows;
    let head = (3, layout.y + u16::try_from(row).unwrap());
    assert_eq!(Hit::at(&state, head.0, head.1), Hit::Server(row));
    act(&mut state, head, PointerAct::Press);
    assert_eq!(state.roster.group().unwrap().name, name);
    // Beside a server, the head above it is passed over and a server is gone to.
    press(&mut state, "j<Enter>");
    let here = state.server.as_ref().unwrap().summary.name.clone();
    let servers = state.server_layout().inside(state.server_layout().servers);
    act(&mut state, (servers.x, servers.y), PointerAct::Press);
    assert_eq!(state.server.as_ref().unwrap().summary.name, here);
    act(&mut state, (servers.x, servers.y + 1), PointerAct::Press);
    let first = state.roster.groups()[0].servers.start;
    let first = state.roster.fleet().servers[state.roster.places()[first] as usize]
        .name
        .clone();
    assert_eq!(state.server.as_ref().unwrap().summary.name, first);
}

#[test]
fn every_tab_is_hit_where_it_is_drawn() {
    for (columns, rows) in [(160, 40), (120, 40)] {
        let mut state = opened(columns, rows);
        press(&mut state, "<Enter>");
        for tab in [
            Tab::Policies,
            Tab::Raw,
            Tab::Guidance,
            Tab::Fix,
            Tab::Finding,
        ] {
            click(&mut state, tab.title());
            let server = state.server.as_ref().unwrap();
            assert_eq!(
                (server.tab, server.focus),
                (tab, Pane::Feature),
                "{columns}x{rows}"
            );
        }
    }
}

#[test]
fn a_row_of_the_tree_and_a_server_beside_it_are_hit_where_they_are_drawn() {
    let mut state = opened(120, 40);
    press(&mut state, "<Enter>l");
    click(&mut state, "DP-3 ");
    let server = state.server.as_ref().unwrap();
    assert_eq!(server.node, flexposture::app::TreeNode::Control("DP-3"));
    assert_eq!(server.focus, Pane::Controls);
    let fifth = state.roster.row(4).unwrap().name.to_string();
    let end = fifth[fifth.len() - 8..].to_owned();
    click(&mut state, &end);
    assert_eq!(state.server.as_ref().unwrap().summary.name.as_ref(), fifth);
}

#[test]
fn the_wheel_moves_what_lies_under_it_and_leaves_the_keys_where_they_are() {
    let mut state = opened(120, 12);
    press(&mut state, "<Enter>");
    let tree = state.server.as_ref().unwrap().tree.cursor;
    let page = place(&state, "responsibility");
    act(&mut state, page, PointerAct::WheelDown);
    let server = state.server.as_ref().unwrap();
    assert_eq!((server.scroll, server.focus), (3, Pane::Controls));
    assert_eq!(server.tree.cursor, tree);
    act(&mut state, page, PointerAct::WheelUp);
    assert_eq!(state.server.as_ref().unwrap().scroll, 0);
    press(&mut state, "?");
    act(&mut state, (60, 6), PointerAct::WheelDown);
    assert_eq!(state.mode().scroll(), Some(3));
}

#[test]
fn a_question_and_a_line_that_is_written_are_not_clicked_away() {
    let mut state = opened(120, 40);
    let second = state.roster.row(1).unwrap().name.to_string();
    let at = place(&state, &second[second.len() - 4..]);
    press(&mut state, "/");
    act(&mut state, at, PointerAct::Press);
    assert!(matches!(state.mode(), Mode::Filter { .. }));
    assert_ne!(selected(&state).unwrap(), second);
    assert_eq!(Hit::at(&state, 500, 500), Hit::Nothing);
}

#[test]
fn a_press_selects_a_row_of_every_list_and_a_second_one_goes_in() {
    for (columns, rows) in [(160, 40), (120, 40), (80, 24), (40, 12)] {
        let mut state = opened(columns, rows);
        press(&mut state, "<Tab>gg");
        let area = state.fleet_layout().rows;
        let third = (area.x + 6, area.y + 2);
        at(&mut state, 0);
        act(&mut state, third, PointerAct::Press);
        let feature = state.control_list.feature().unwrap();
        assert_eq!(state.control_list.position.cursor, 2);
        assert_eq!(state.control_list.node, TreeNode::Feature(feature));
        at(&mut state, 100);
        act(&mut state, third, PointerAct::Press);
        assert_eq!(state.screen(), Screen::ControlServers, "{columns}x{rows}");
        assert_eq!(state.control_servers.feature, feature);
        let area = state.control_servers_layout().rows;
        act(&mut state, (area.x + 6, area.y + 1), PointerAct::Press);
        let wanted = state.control_server(1).unwrap().id.clone();
        assert_eq!(state.server_here().unwrap().id, wanted);
        // Below the last row there is nothing to select.
        let below = area.y + u16::try_from(state.control_servers.len()).unwrap();
        if below < area.y + area.height {
            act(&mut state, (area.x, below), PointerAct::Press);
            assert_eq!(state.control_servers.position.cursor, 1);
        }
    }
}

#[test]
fn a_press_on_the_matrix_takes_the_row_and_the_column_that_are_drawn_there() {
    for (columns, rows) in [(160, 40), (80, 24), (40, 12)] {
        let mut state = opened(columns, rows);
        press(&mut state, "m");
        let layout = state.matrix_layout();
        for column in state.matrix.columns(&layout) {
            let start = layout.names + layout.start(state.matrix.left, column);
            let x = layout.rows.x + u16::try_from(start).unwrap();
            let wanted = Hit::Cell(1, Some(column));
            assert_eq!(
                Hit::at(&state, x, layout.rows.y + 1),
                wanted,
                "{columns}x{rows}"
            );
        }
        let column = state.matrix.columns(&layout).end - 1;
        let start = layout.names + layout.start(state.matrix.left, column);
        let x = layout.rows.x + u16::try_from(start).unwrap();
        let cell = (x, layout.rows.y + 1);
        at(&mut state, 0);
        act(&mut state, cell, PointerAct::Press);
        let name = state.roster.row(1).unwrap().name.to_string();
        assert_eq!(
            (selected(&state), state.matrix.column),
            (Some(name), column)
        );
        // A name moves the row alone.
        act(&mut state, (1, layout.rows.y), PointerAct::Press);
        assert_eq!(
            (state.roster.position().cursor, state.matrix.column),
            (0, column)
        );
        at(&mut state, 100);
        act(&mut state, (1, layout.rows.y), PointerAct::Press);
        let node = state.server.as_ref().unwrap().node;
        assert_eq!(node, TreeNode::Feature(FeatureId::ALL[column]));
    }
}

#[test]
fn a_press_selects_a_scan_and_a_family_of_the_trend() {
    let mut state = scans(120, 40);
    let area = state.scans_layout().rows;
    act(&mut state, (area.x + 4, area.y + 1), PointerAct::Press);
    assert_eq!(state.scans.position.cursor, 1);
    let mut state = trend(120, 40);
    let area = state.trend_layout().rows;
    act(&mut state, (area.x + 4, area.y + 3), PointerAct::Press);
    assert_eq!(state.trend.position.cursor, 3);
}
