//! The tab Raw: documents fold by levels, and what was judged stays in sight.

use flexposture::app::{Span, State, TreeNode};
use flexposture::baseline::FeatureId;

use super::fixture::{opened, press};

fn lines(state: &State) -> Vec<(String, bool)> {
    let page = &state.server.as_ref().unwrap().page;
    let text = |span: &Span| match span {
        Span::Text(text, _) => text.clone(),
        Span::Symbol(_) | Span::Bar { .. } => String::new(),
    };
    page.lines
        .iter()
        .map(|line| (line.spans.iter().map(text).collect(), line.marked))
        .collect()
}

fn has(state: &State, words: &str) -> bool {
    lines(state).iter().any(|(line, _)| line.contains(words))
}

fn judged(state: &State) -> Vec<String> {
    let marked = lines(state).into_iter().filter(|(_, marked)| *marked);
    marked.map(|(line, _)| line).collect()
}

#[test]
fn documents_fold_level_by_level_and_what_was_judged_stays_open() {
    let mut state = opened(120, 40);
    press(&mut state, "/prod-weu-0421<Enter>lgg");
    let row = state
        .server
        .as_ref()
        .unwrap()
        .rows
        .iter()
        .position(|row| row.node == TreeNode::Feature(FeatureId::PublicNetworkAccess));
    press(&mut state, &format!("{}l<Alt-6>", "j".repeat(row.unwrap())));
    let (whole, marks) = (lines(&state), judged(&state));
    assert!(has(&state, "\"backupRetentionDays\": 14"));
    assert!(
        marks
            .iter()
            .any(|line| line.contains("publicNetworkAccess"))
    );
    press(&mut state, "----");
    // One level is left: the members of the server, and of them only what leads to the judged value is open.
    assert!(!has(&state, "\"backupRetentionDays\": 14"));
    assert!(has(&state, "\"backup\": { 2 members }"));
    assert!(has(&state, "\"sku\": { 2 members }"));
    assert_eq!(judged(&state), marks);
    press(&mut state, "---");
    assert_eq!(judged(&state), marks);
    press(&mut state, "++++");
    assert_eq!(lines(&state), whole);
}

#[test]
fn other_tabs_say_that_they_do_not_fold() {
    let mut state = opened(120, 40);
    press(&mut state, "/prod-weu-0421<Enter>lll");
    press(&mut state, "<Alt-1>-");
    let notice = state.notice.as_ref().map(|notice| notice.text.as_str());
    assert_eq!(
        notice,
        Some("fold a level: only documents fold: the tab Raw")
    );
    assert_eq!(state.server.as_ref().unwrap().levels, None);
}
