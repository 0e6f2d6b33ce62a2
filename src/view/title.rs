//! The line about the screen: the way here, or the list's order and filter.

use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

use crate::app::{Area, ControlSort, ScansSort, Screen, ServerScreen, Show, State, TreeNode, age};
use crate::documents::text::neutral;
use crate::look::{Glyph, Look, Role};
use crate::posture::Score;

use super::widget::{Line, cut_end};
use super::{in_view, live};

pub fn draw(buffer: &mut Buffer, area: Area, state: &State, look: &Look) {
    match state.screen() {
        Screen::Welcome => {
            let mut line = Line::new(look);
            line.put(Role::Title, " flexposture");
            line.draw(buffer, area, 0);
        }
        Screen::Fleet => fleet(buffer, area, state, look),
        Screen::Scans => scans(buffer, area, state, look),
        Screen::Server => breadcrumbs(buffer, area, state, look),
        Screen::Controls | Screen::ControlServers | Screen::Matrix => {
            by_control(buffer, area, state, look);
        }
        screen => {
            let mut line = Line::new(look);
            line.put(Role::Text, " ")
                .put(Role::BreadcrumbHere, screen.title());
            line.draw(buffer, area, 0);
        }
    }
}

fn fleet(buffer: &mut Buffer, area: Area, state: &State, look: &Look) {
    let mut left = Line::new(look);
    left.put(Role::Text, " ");
    left.put(Role::BreadcrumbHere, "Fleet");
    if area.width >= 60
        && let Some(words) = older(state)
    {
        left.put(Role::Warning, format!("  {words}"));
    }
    let right = in_view::right(state, true, 0, area, look);
    let room = usize::from(area.width).saturating_sub(left.width() + right.width() + 4);
    if let Some(words) = live::doings(state).into_iter().find(|it| it.len() <= room) {
        left.put(Role::Dim, "   ");
        left.put(Role::Info, words);
    }
    if left.width() + right.width() <= usize::from(area.width) {
        left.draw(buffer, area, 0);
    }
    right.draw_right(buffer, area, 0);
}

/// Which scan is open, when it is not the newest one of its scope.
fn older(state: &State) -> Option<String> {
    let (place, of) = state.scan_place()?;
    let scan = state.scan.as_ref().filter(|_| place + 1 < of)?;
    let mut words = format!("scan {} of {of}", place + 1);
    if let Some(now) = state.now {
        words += &format!(", {} old", age(now, scan.started_at));
    }
    Some(words)
}

/// The list of scans: its order and filter.
fn scans(buffer: &mut Buffer, area: Area, state: &State, look: &Look) {
    let scans = &state.scans;
    let mut left = Line::new(look);
    left.put(Role::Text, " ")
        .put(Role::BreadcrumbHere, Screen::Scans.title());
    let mut right = Line::new(look);
    if area.width >= 60 {
        right.put(Role::Dim, "sort: ");
        right.put(Role::Text, scans.sort.word());
        let down = (scans.sort != ScansSort::Score) != scans.inverted;
        right.glyph(Role::Dim, if down { Glyph::Down } else { Glyph::Up });
        right.put(Role::Dim, "   ");
    }
    if !scans.filter.is_empty() && area.width >= 40 {
        right.put(Role::Dim, "filter: ");
        let text = neutral(&scans.filter);
        let room = usize::from(area.width) / 3;
        right.put(Role::Match, cut_end(&text, room, look).into_owned());
        right.put(Role::Dim, "   ");
    }
    let (shown, all) = (scans.rows.len(), scans.entries.len());
    let counts = if scans.filter.is_empty() {
        format!("{all} ")
    } else {
        format!("{shown} of {all} ")
    };
    right.put(Role::Text, counts);
    left.draw(buffer, area, 0);
    right.draw_right(buffer, area, 0);
}

/// The way in by control: the way here, and on the right which servers are counted.
fn by_control(buffer: &mut Buffer, area: Area, state: &State, look: &Look) {
    let mut crumbs = vec!["Controls".to_owned()];
    let mut own = match state.screen() {
        Screen::ControlServers => {
            let feature = state.control_servers.feature;
            crumbs.push(feature.control().to_owned());
            crumbs.push(TreeNode::Feature(feature).title().to_owned());
            narrowed(state.control_servers.show)
        }
        Screen::Matrix => {
            crumbs = vec!["Matrix".to_owned()];
            ""
        }
        _ => narrowed(state.control_list.show),
    }
    .to_owned();
    if state.screen() == Screen::Controls && state.control_list.sort != ControlSort::Catalogue {
        let sort = state.control_list.sort.word();
        own = format!("{own}{}by {sort}", if own.is_empty() { "" } else { ", " });
    }
    let filter = &state.control_list.filter;
    if state.screen() == Screen::Controls && !filter.is_empty() {
        let text = neutral(filter);
        let text = cut_end(&text, usize::from(area.width) / 3, look);
        own = format!("{own}{}only {text}", if own.is_empty() { "" } else { ", " });
    }
    if !own.is_empty() {
        own = format!(" ({own})");
    }
    let whole = usize::from(area.width);
    let width = |crumbs: &[String]| -> usize { crumbs.iter().map(|crumb| crumb.width() + 3).sum() };
    let is_matrix = state.screen() == Screen::Matrix;
    let beside = crumbs.last().map_or(0, |crumb| crumb.width()) + own.width() + 4;
    let right = in_view::right(state, is_matrix, beside.min(whole / 2), area, look);
    let room = whole.saturating_sub(right.width() + own.width());
    let start = (0..crumbs.len())
        .find(|start| width(&crumbs[*start..]) <= room)
        .unwrap_or(crumbs.len() - 1);
    let mut line = way(&crumbs[start..], room, look);
    line.put(Role::Prompt, own);
    if line.width() + right.width() <= whole || whole >= 30 {
        line.draw(buffer, area, 0);
    }
    right.draw_right(buffer, area, 0);
}

const fn narrowed(show: Show) -> &'static str {
    match show {
        Show::All => "",
        Show::Failing => "only failing",
        Show::Unknown => "only unknown",
    }
}

/// The way here, its last step cut to the room that there is.
fn way<'a>(crumbs: &[String], room: usize, look: &'a Look) -> Line<'a> {
    let mut line = Line::new(look);
    line.put(Role::Text, " ");
    for (place, crumb) in crumbs.iter().enumerate() {
        if place + 1 < crumbs.len() {
            line.put(Role::Breadcrumb, crumb.clone())
                .put(Role::Dim, " ");
            line.glyph(Role::Dim, Glyph::BreadcrumbSeparator);
            line.put(Role::Dim, " ");
        } else {
            let room = room.saturating_sub(line.width());
            let crumb = cut_end(crumb, room, look).into_owned();
            line.put(Role::BreadcrumbHere, crumb);
        }
    }
    line
}

fn breadcrumbs(buffer: &mut Buffer, area: Area, state: &State, look: &Look) {
    let Some(server) = &state.server else { return };
    // What narrows the list goes on to narrow the way from server to server.
    let from = if state.is_in_control_servers() {
        format!("{} ", state.control_servers.feature.control())
            + &bracketed(narrowed(state.control_servers.show))
    } else {
        format!("Fleet {}", bracketed(&in_view::only(state)))
    };
    let mut from = from.trim_end().to_owned();
    if let Some(words) = older(state) {
        from = format!("{from}, {words}");
    }
    let mut crumbs = vec![from, server.summary.name.to_string()];
    match server.node {
        TreeNode::Family(family) => crumbs.push(format!("{family} {}", server.node.title())),
        TreeNode::Control(id) => crumbs.push(format!("{id} {}", server.node.title())),
        TreeNode::Feature(feature) => {
            crumbs.push(feature.control().to_owned());
            crumbs.push(server.node.title().to_owned());
        }
    }
    // Where there is little room, the way here gives way to the place.
    let width = |crumbs: &[String]| -> usize { crumbs.iter().map(|crumb| crumb.width() + 3).sum() };
    // The scores stand where they leave the way here whole, or all of it but its first step.
    let whole = usize::from(area.width);
    let score = [(false, 0), (true, 0), (false, 1), (true, 1)]
        .into_iter()
        .map(|(short, start)| (score(server, short, look), start))
        .find(|(score, start)| width(&crumbs[*start..]) + score.width() <= whole);
    let room = whole - score.as_ref().map_or(0, |(score, _)| score.width());
    let mut start = 0;
    while start + 1 < crumbs.len() && width(&crumbs[start..]) > room {
        start += 1;
    }
    let mut line = way(&crumbs[start..], room, look);
    if state.live.reads(&server.summary.id) {
        let room = room.saturating_sub(line.width() + 4);
        if let Some(words) = live::doings(state).into_iter().find(|it| it.len() <= room) {
            line.put(Role::Dim, "   ");
            line.put(Role::Info, words);
        }
    }
    line.draw(buffer, area, 0);
    if let Some((score, _)) = score {
        score.draw_right(buffer, area, 0);
    }
}

fn bracketed(words: &str) -> String {
    if words.is_empty() {
        String::new()
    } else {
        format!("({words})")
    }
}

/// The server's two scores.
fn score<'a>(server: &ServerScreen, short: bool, look: &'a Look) -> Line<'a> {
    let words = |score: Score| {
        let percent = score.percent();
        percent.map_or_else(|| "none".to_owned(), |percent| percent.to_string())
    };
    let mut line = Line::new(look);
    line.put(Role::Dim, if short { "score " } else { "baseline " });
    line.put(Role::Title, words(server.summary.score));
    line.separator();
    line.put(Role::Dim, if short { "X " } else { "beyond " });
    line.put(Role::Text, words(server.summary.beyond));
    line.put(Role::Text, " ");
    line
}
