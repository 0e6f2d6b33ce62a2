//! When a command can run, and why it cannot.

use crate::app::{Completeness, DetailState, State, Tab, TreeNode};

pub(super) const fn always(_: &State) -> Result<(), &'static str> {
    Ok(())
}

fn unless(reason: Option<&'static str>) -> Result<(), &'static str> {
    reason.map_or(Ok(()), Err)
}

pub(super) fn there_are_servers(state: &State) -> Result<(), &'static str> {
    unless(
        state
            .roster
            .is_empty()
            .then_some("there is no server in the list"),
    )
}

pub(super) fn documents_are_shown(state: &State) -> Result<(), &'static str> {
    on_feature(state)?;
    let raw = state
        .server
        .as_ref()
        .is_some_and(|server| server.tab == Tab::Raw);
    unless((!raw).then_some("only documents fold: the tab Raw"))
}

pub(super) fn there_are_marks(state: &State) -> Result<(), &'static str> {
    unless((!state.roster.has_marks()).then_some("no server is marked"))
}

pub(super) fn exemptions_can_be_added(state: &State) -> Result<(), &'static str> {
    no_scan_runs(state)?;
    unless(state.is_live().then_some("the scan is still being written"))
}

pub(super) fn not_at_the_start(state: &State) -> Result<(), &'static str> {
    unless((state.is_fleet() && !state.is_filtered()).then_some("this is the first screen"))
}

pub(super) fn there_is_a_way_out(state: &State) -> Result<(), &'static str> {
    let in_group = state.roster.group().is_some_and(|group| !group.folded);
    if in_group {
        return Ok(());
    }
    not_at_the_start(state)
}

pub(super) fn on_feature(state: &State) -> Result<(), &'static str> {
    let on_feature = state
        .server
        .as_ref()
        .is_some_and(|server| matches!(server.node, TreeNode::Feature(_)));
    unless((!on_feature).then_some("select a feature first"))
}

pub(super) fn a_feature_is_here(state: &State) -> Result<(), &'static str> {
    unless(
        state
            .feature_here()
            .is_none()
            .then_some("select a feature first"),
    )
}

pub(super) fn finding_is_there(state: &State) -> Result<(), &'static str> {
    on_feature(state)?;
    let loaded = state
        .server
        .as_ref()
        .is_some_and(|server| matches!(server.detail, DetailState::Loaded(_)));
    unless((!loaded).then_some("the server's documents are not there yet"))
}

pub(super) fn fix_is_there(state: &State) -> Result<(), &'static str> {
    finding_is_there(state)?;
    let there = state
        .server
        .as_ref()
        .is_some_and(|server| server.fixes().iter().any(|fix| !fix.commands.is_empty()));
    unless((!there).then_some("no command would change this finding"))
}

pub(super) fn role_is_there(state: &State) -> Result<(), &'static str> {
    let Some(reports) = state.reports.loaded() else {
        return Err("the scan is still being looked through");
    };
    unless(
        reports
            .role
            .is_none()
            .then_some("nothing that a role could grant is missing"),
    )
}

pub(super) fn scan_runs(state: &State) -> Result<(), &'static str> {
    let runs = state.is_scanning() || state.live.refreshing.is_some();
    unless((!runs).then_some("no scan is running"))
}

pub(super) fn can_read_again(state: &State) -> Result<(), &'static str> {
    let why = match (&state.scan, &state.live.refreshing) {
        (None, _) => Some("no scan is open"),
        (_, Some(_)) => Some("something is being read again; x stops that"),
        (Some(_), None) if state.is_scanning() => Some("a scan is running"),
        (Some(_), None) if state.is_live() => Some("the scan that is shown is still written"),
        (Some(_), None) => None,
    };
    unless(why)
}

pub(super) fn can_read_server_again(state: &State) -> Result<(), &'static str> {
    let none = state.server.is_none() && state.roster.is_empty();
    unless(none.then_some("there is no server in the list"))?;
    can_read_again(state)
}

pub(super) fn there_is_news(state: &State) -> Result<(), &'static str> {
    unless((state.live.with_news() == 0).then_some("no server has changed"))
}

pub(super) fn no_scan_runs(state: &State) -> Result<(), &'static str> {
    unless(state.is_scanning().then_some("a scan is running"))
}

pub(super) fn there_is_progress(state: &State) -> Result<(), &'static str> {
    let running = state
        .scan
        .as_ref()
        .is_some_and(|scan| scan.completeness == Completeness::Running);
    unless((state.progress.is_none() && !running).then_some("no scan was run in this session"))
}

pub(super) fn a_row_is_there(state: &State) -> Result<(), &'static str> {
    let nothing = state.difference.selected().is_none();
    unless(nothing.then_some("there is nothing to copy"))
}

pub(super) fn a_scan_is_open(state: &State) -> Result<(), &'static str> {
    unless(state.scan.is_none().then_some("no scan is open"))
}

pub(super) fn a_scan_is_selected(state: &State) -> Result<(), &'static str> {
    let none = state.scans.selected().is_none();
    unless(none.then_some("there is no scan in the list"))
}
