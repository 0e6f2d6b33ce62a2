//! The two ways in, the matrix, groups and columns: keys pressed one after the other, and what comes of them.

use flexposture::app::{
    Column, ControlSort, Effect, Message, Mode, Pane, RosterRow, Screen, Show, State, TreeNode,
    update,
};
use flexposture::baseline::{FamilyCode, FeatureId};
use flexposture::posture::VerdictWord;
use flexposture::query::{GroupBy, SortKey};

use super::fixture::{
    names, opened, press, scanning, selected, send, servers, subscriptions, summary,
};

/// The names of the servers of the control that is looked at.
fn listed(state: &State) -> Vec<String> {
    (0..state.control_servers.len())
        .filter_map(|row| state.control_server(row))
        .map(|server| server.name.to_string())
        .collect()
}

fn here(state: &State) -> Option<String> {
    state.server_here().map(|server| server.name.to_string())
}

/// Every row of the list in short: a group with how many servers, or a server.
fn rows(state: &State) -> Vec<String> {
    (0..state.roster.rows())
        .filter_map(|row| state.roster.at(row))
        .map(|row| match row {
            RosterRow::Group(group) => format!("{}: {}", group.name, group.servers.len()),
            RosterRow::Server(server) => server.name.to_string(),
        })
        .collect()
}

fn failing(state: &State, feature: FeatureId) -> usize {
    let survey = state.survey().expect("counts");
    let standing = survey.standing(TreeNode::Feature(feature)).unwrap();
    standing.tally.get(VerdictWord::Fail)
}

#[test]
fn tab_turns_a_list_into_the_other_list_and_back() {
    let mut state = opened(120, 40);
    press(&mut state, "j");
    let server = selected(&state);
    press(&mut state, "<Tab>");
    assert_eq!(state.screen(), Screen::Controls);
    let worst = state.control_list.feature().unwrap();
    let cell = state.roster.selected().unwrap().cell(worst);
    assert_eq!(cell.verdict, VerdictWord::Fail);
    assert_eq!(state.control_list.node, TreeNode::Feature(worst));
    press(&mut state, "6jj<Tab>");
    assert_eq!((state.screen(), selected(&state)), (Screen::Fleet, server));
    press(&mut state, "<BackTab>");
    let feature = FeatureId::DefenderOffering;
    assert_eq!(
        state.control_list.node,
        TreeNode::Feature(feature),
        "what was looked at last on the same server"
    );
    press(&mut state, "<Tab>j<Tab>");
    assert_ne!(
        state.control_list.node,
        TreeNode::Feature(feature),
        "another server"
    );
}

#[test]
fn tab_turns_a_server_at_a_feature_into_the_servers_of_that_feature_and_back() {
    let mut state = opened(120, 40);
    press(&mut state, "jl6jjjj");
    let server = here(&state);
    let node = state.server.as_ref().unwrap().node;
    assert_eq!(node, TreeNode::Feature(FeatureId::ResourceLogs));
    press(&mut state, "<Tab>");
    assert_eq!(state.screen(), Screen::ControlServers);
    assert_eq!(state.control_servers.feature, FeatureId::ResourceLogs);
    assert_eq!((here(&state), listed(&state).len()), (server.clone(), 8));
    press(&mut state, "<Tab>");
    assert_eq!(
        (state.screen(), here(&state)),
        (Screen::Server, server.clone())
    );
    assert_eq!(state.server.as_ref().unwrap().node, node);
    press(&mut state, "<Esc>");
    assert_eq!((state.screen(), selected(&state)), (Screen::Fleet, server));
    press(&mut state, "l1<Tab>");
    assert_eq!(state.screen(), Screen::Controls);
    assert_eq!(state.control_list.node, TreeNode::Family(FamilyCode::Ns));
}

#[test]
fn the_servers_of_a_feature_stand_worst_first_and_their_neighbours_are_each_other() {
    let mut state = opened(120, 40);
    press(&mut state, "<Tab>1jjjjjjl");
    assert_eq!(
        state.control_servers.feature,
        FeatureId::PublicNetworkAccess
    );
    let all = listed(&state);
    let verdicts: Vec<_> = (0..8)
        .filter_map(|row| state.control_server(row))
        .map(|server| {
            let cell = server.cell(FeatureId::PublicNetworkAccess);
            (cell.verdict, cell.severity.is_none(), cell.severity)
        })
        .collect();
    assert!(verdicts.is_sorted(), "{verdicts:?}");
    press(&mut state, "jl");
    assert_eq!(
        (state.screen(), here(&state)),
        (Screen::Server, Some(all[1].clone()))
    );
    let screen = state.server.as_ref().unwrap();
    let node = TreeNode::Feature(FeatureId::PublicNetworkAccess);
    assert_eq!((screen.node, screen.focus), (node, Pane::Controls));
    press(&mut state, "JJ");
    assert_eq!(here(&state), Some(all[3].clone()));
    press(&mut state, "K");
    assert_eq!(here(&state), Some(all[2].clone()));
    press(&mut state, "<Esc>");
    assert_eq!(state.screen(), Screen::ControlServers);
    assert_eq!(here(&state), Some(all[2].clone()));
    press(&mut state, "Gl");
    press(&mut state, "J");
    assert!(state.notice.as_ref().unwrap().text.contains("last server"));
    press(&mut state, "<Esc><Esc><Esc>");
    assert_eq!(state.screen(), Screen::Fleet);
}

#[test]
fn controls_and_their_servers_are_narrowed_by_what_fails_and_by_the_filter_in_force() {
    let mut state = opened(120, 40);
    press(&mut state, "<Tab>");
    assert_eq!(state.survey().unwrap().servers, 8);
    assert_eq!(state.control_list.rows.len(), 8 + 28 + 33);
    press(&mut state, "f");
    let rows = state.control_list.rows.len();
    assert!(rows < 60);
    press(&mut state, "<Tab>/\"mysql-lake\"<Enter><Tab>f");
    assert_eq!(state.survey().unwrap().servers, 2);
    assert!(state.control_list.rows.len() < rows);
    press(&mut state, "<Esc>");
    assert_eq!(state.control_list.show, Show::All);
    press(&mut state, "sf");
    assert_eq!(state.control_list.sort, ControlSort::Failing);
    let counts: Vec<_> = state.control_list.rows[..25]
        .iter()
        .map(|row| match row.node {
            TreeNode::Feature(feature) => failing(&state, feature),
            node => panic!("{node:?}"),
        })
        .collect();
    assert!(counts.iter().rev().is_sorted(), "{counts:?}");
    press(&mut state, "sb6jjjjl");
    assert_eq!(listed(&state).len(), 2);
    press(&mut state, "u");
    let unknown = listed(&state).len();
    assert!(unknown < 2, "{unknown}");
    press(&mut state, "<Esc>");
    assert_eq!(
        (state.screen(), listed(&state).len()),
        (Screen::ControlServers, 2)
    );
}

#[test]
fn guidance_is_read_over_the_servers_of_a_control() {
    let mut state = opened(120, 40);
    press(&mut state, "<Tab>6jjjjli");
    assert!(matches!(
        state.mode(),
        Mode::Guidance(FeatureId::ResourceLogs, 0)
    ));
    press(&mut state, "j<Esc>");
    assert!(matches!(state.mode(), Mode::Screen(Screen::ControlServers)));
    let copied = press(&mut state, "yf");
    let [Effect::Copy(text)] = copied.as_slice() else {
        panic!("{copied:?}");
    };
    assert!(text.starts_with("LT-4 Azure Resource Logs: "), "{text}");
    assert!(text.contains("/flexibleServers/mysql-"), "{text}");
}

#[test]
fn a_server_of_a_control_is_marked_for_what_is_done_with_many() {
    let mut state = opened(120, 40);
    press(&mut state, "<Tab>6jjjjl");
    let all = listed(&state);
    press(&mut state, "  k ");
    assert_eq!(state.roster.marked(), 1);
    assert!(state.is_control_server_marked(0) && !state.is_control_server_marked(1));
    let copied = press(&mut state, "yn");
    assert_eq!(copied, [Effect::Copy(all[0].clone())]);
    press(&mut state, "k ");
    assert_eq!(
        state.roster.marked(),
        2,
        "the second again, the first still"
    );
}

#[test]
fn one_count_is_on_its_way_at_a_time_and_the_last_one_is_of_what_is_in_view() {
    let mut state = scanning(120, 40);
    let asked = update(&mut state, Message::Key("Tab".parse().unwrap()));
    let [counting] = asked.as_slice() else {
        panic!("{asked:?}");
    };
    assert!(state.is_counting() && state.survey().is_none());
    let all: Vec<_> = servers().iter().map(summary).collect();
    let grew = Message::FleetGrew {
        job: flexposture::app::JobId(1),
        subscriptions: subscriptions(),
        servers: all,
    };
    let effects = update(&mut state, grew);
    assert!(
        !effects.iter().any(|effect| effect.count().is_some()),
        "the first is still on its way"
    );
    send(&mut state, counting.count().unwrap());
    assert!(!state.is_counting());
    assert_eq!(state.survey().unwrap().servers, 8);
}

#[test]
fn the_matrix_has_a_cursor_of_two_dimensions_and_shares_the_list() {
    let mut state = opened(120, 40);
    press(&mut state, "snjjm");
    let server = selected(&state);
    assert_eq!(state.screen(), Screen::Matrix);
    press(&mut state, "4l");
    assert_eq!(state.matrix.feature(), FeatureId::DataLossPrevention);
    press(&mut state, "H");
    assert_eq!(state.matrix.feature().control(), "DP-1");
    press(&mut state, "HL");
    assert_eq!(state.matrix.feature().control(), "DP-1");
    press(&mut state, "<End>");
    assert_eq!(state.matrix.feature(), FeatureId::ReplicaParity);
    press(&mut state, "<Home>hhl");
    assert_eq!(state.matrix.feature(), FeatureId::NetworkSecurityGroup);
    assert_eq!(
        (state.screen(), selected(&state)),
        (Screen::Matrix, server.clone())
    );
    press(&mut state, "6l<Enter>");
    assert_eq!((state.screen(), here(&state)), (Screen::Server, server));
    let node = state.server.as_ref().unwrap().node;
    assert_eq!(node, TreeNode::Feature(FeatureId::ResourceLogs));
    press(&mut state, "<Esc>");
    assert_eq!(state.screen(), Screen::Matrix);
    press(&mut state, "j<Tab>");
    assert_eq!(state.screen(), Screen::ControlServers);
    assert_eq!(here(&state), selected(&state));
    press(&mut state, "<Esc><Esc>");
    assert_eq!(state.screen(), Screen::Fleet);
    assert_eq!(state.roster.sort().key, SortKey::Name);
}

#[test]
fn groups_have_heads_that_fold_and_the_selected_server_stays() {
    let mut state = opened(120, 40);
    press(&mut state, "sn");
    let by_name = names(&state);
    press(&mut state, "jj");
    let server = selected(&state);
    press(&mut state, "zr");
    assert_eq!(selected(&state), server);
    assert_eq!(state.roster.len(), 8);
    assert_eq!(state.roster.rows(), 8 + 3);
    let heads: Vec<_> = rows(&state)
        .into_iter()
        .filter(|row| row.contains(": "))
        .collect();
    assert!(heads[0].starts_with("westeurope: 3"), "{heads:?}");
    press(&mut state, "h");
    assert!(selected(&state).is_none() && state.roster.group().unwrap().folded);
    assert!(state.roster.rows() < 8 + 3);
    press(&mut state, "l");
    assert!(!state.roster.group().unwrap().folded);
    press(&mut state, "l");
    assert!(selected(&state).is_some());
    press(&mut state, "zM");
    assert_eq!(state.roster.rows(), 3);
    press(&mut state, "zRG");
    let last = selected(&state);
    press(&mut state, "zn");
    assert_eq!((names(&state), selected(&state)), (by_name, last));
}

#[test]
fn grouping_shows_the_head_of_the_group_that_the_cursor_is_in() {
    for size in [(120, 40), (80, 24), (40, 12)] {
        let mut state = opened(size.0, size.1);
        press(&mut state, "zr");
        let position = state.roster.position();
        assert!(selected(&state).is_some());
        assert_eq!((position.top, position.cursor), (0, 1), "{size:?}");
    }
}

#[test]
fn the_next_server_is_found_in_a_folded_group_too() {
    let mut state = opened(120, 40);
    press(&mut state, "zszM");
    let order: Vec<_> = {
        let fleet = state.roster.fleet();
        let places = state.roster.places().iter();
        places
            .map(|place| fleet.servers[*place as usize].name.to_string())
            .collect()
    };
    press(&mut state, "ggzajl");
    assert_eq!(here(&state), Some(order[0].clone()));
    for expected in &order[1..] {
        press(&mut state, "J");
        assert_eq!(here(&state).as_ref(), Some(expected));
    }
    press(&mut state, "J");
    assert!(state.notice.as_ref().unwrap().text.contains("last server"));
}

#[test]
fn a_tag_to_group_by_is_named_with_help_and_remembered() {
    let mut state = opened(120, 40);
    press(&mut state, "ztOW<Tab>");
    let Mode::Tag(tag) = state.mode() else {
        panic!("{:?}", state.mode());
    };
    assert_eq!(tag.prompt.text(), "owner");
    press(&mut state, "<Esc>");
    assert_eq!(state.roster.grouping(), &GroupBy::Nothing);
    press(&mut state, "zten<Enter>");
    assert_eq!(state.roster.grouping(), &GroupBy::Tag("env".to_owned()));
    let heads = rows(&state);
    assert!(heads.contains(&"env=prod: 7".to_owned()), "{heads:?}");
    assert!(heads.contains(&"env=test: 1".to_owned()), "{heads:?}");
    press(&mut state, "znzt<Enter>");
    assert_eq!(state.roster.grouping(), &GroupBy::Tag("env".to_owned()));
    press(&mut state, "ztx<Enter>");
    assert!(matches!(state.mode(), Mode::Tag(_)), "no server has it");
    press(&mut state, "<Esc>");
    assert_eq!(state.roster.grouping(), &GroupBy::Tag("env".to_owned()));
}

#[test]
fn columns_are_chosen_moved_and_given_back_to_the_width() {
    let mut state = opened(120, 40);
    press(&mut state, "c");
    assert!(matches!(state.mode(), Mode::Columns(_)));
    press(&mut state, "G ");
    let shown = state.columns.shown.clone().unwrap();
    let last = *shown.last().unwrap();
    assert_eq!(last, Column::Beyond);
    press(&mut state, "K");
    let shown = state.columns.shown.clone().unwrap();
    assert_eq!(shown[shown.len() - 2], Column::Beyond);
    press(&mut state, " ");
    assert!(
        !state
            .columns
            .shown
            .as_ref()
            .unwrap()
            .contains(&Column::Beyond)
    );
    press(&mut state, "a<Esc>");
    assert_eq!(state.columns.shown, None);
    assert!(matches!(state.mode(), Mode::Screen(Screen::Fleet)));
}

#[test]
fn a_filter_of_the_controls_shows_controls_and_leaves_the_servers_alone() {
    let mut state = opened(120, 40);
    let servers = names(&state);
    press(&mut state, "<Tab>/lt-4");
    let features = |state: &State| -> Vec<FeatureId> {
        let rows = state.control_list.rows.iter();
        rows.filter_map(|row| match row.node {
            TreeNode::Feature(feature) => Some(feature),
            _ => None,
        })
        .collect()
    };
    let shown = features(&state);
    assert!(!shown.is_empty() && shown.iter().all(|it| it.control() == "LT-4"));
    assert_eq!(state.control_list.node, TreeNode::Feature(shown[0]));
    assert_eq!((names(&state), state.filter_text()), (servers.clone(), ""));
    // Kept, it survives going in and coming back; Esc takes it away before it leaves the screen.
    press(&mut state, "<Enter><Enter>");
    assert_eq!(state.screen(), Screen::ControlServers);
    assert_eq!(names(&state), servers);
    press(&mut state, "<Esc>");
    assert_eq!(
        (state.screen(), features(&state)),
        (Screen::Controls, shown)
    );
    press(&mut state, "<Esc>");
    assert_eq!(state.screen(), Screen::Controls);
    assert_eq!(features(&state).len(), FeatureId::COUNT);
    // Every word has to stand somewhere; what was written is undone by Esc.
    press(&mut state, "/network nothing-like-it");
    assert_eq!(features(&state), []);
    press(&mut state, "<Esc>");
    assert_eq!(features(&state).len(), FeatureId::COUNT);
    // The other way in shows what is looked at, whatever the filter says.
    press(&mut state, "/backup<Enter><Tab><Tab>");
    assert_eq!(features(&state).len(), FeatureId::COUNT);
}
