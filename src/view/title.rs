//! The line about the screen: the way here, or the list's order and filter.

use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

use crate::app::{
    Area, Completeness, Roster, Screen, ServerScreen, Show, SortKey, State, TreeNode,
};
use crate::documents::text::neutral;
use crate::look::{Glyph, Look, Role};
use crate::posture::Score;

use super::live;
use super::widget::{Line, cut_end};

pub fn draw(buffer: &mut Buffer, area: Area, state: &State, look: &Look) {
    match state.screen() {
        Screen::Welcome => {
            let mut line = Line::new(look);
            line.put(Role::Title, " flexposture");
            line.draw(buffer, area, 0);
        }
        Screen::Fleet => fleet(buffer, area, state, look),
        Screen::Server => breadcrumbs(buffer, area, state, look),
        screen => {
            let mut line = Line::new(look);
            line.put(Role::Text, " ")
                .put(Role::BreadcrumbHere, screen.title());
            line.draw(buffer, area, 0);
        }
    }
}

fn fleet(buffer: &mut Buffer, area: Area, state: &State, look: &Look) {
    let roster = &state.roster;
    let mut left = Line::new(look);
    left.put(Role::Text, " ");
    left.put(Role::BreadcrumbHere, "Fleet");
    let mut right = Line::new(look);
    let verdicts = match roster.show() {
        Show::All => "",
        Show::Failing => "failing ",
        Show::Unknown => "unknown ",
    };
    if !verdicts.is_empty() || roster.family().is_some() || roster.only_marked() {
        right.put(Role::Dim, "only ");
        if roster.only_marked() {
            right.put(Role::Prompt, "marked ");
        }
        right.put(Role::Prompt, verdicts);
        if let Some(family) = roster.family() {
            right.put(Role::Prompt, format!("{family} "));
        }
        right.put(Role::Dim, "  ");
    }
    if area.width >= 60 {
        let sort = roster.sort();
        right.put(Role::Dim, "sort: ");
        right.put(Role::Text, sort.key.word());
        // Risk and match begin with the most of it, everything else with the least.
        let down = matches!(sort.key, SortKey::Risk | SortKey::Match) != sort.inverted;
        right.glyph(Role::Dim, if down { Glyph::Down } else { Glyph::Up });
        right.put(Role::Dim, "   ");
    }
    if !state.filter_text().is_empty() && area.width >= 40 {
        right.put(Role::Dim, "filter: ");
        let text = neutral(state.filter_text());
        let room = usize::from(area.width) / 3;
        right.put(Role::Match, cut_end(&text, room, look).into_owned());
        right.put(Role::Dim, "   ");
    }
    if state.is_filter_waiting() {
        right.put(Role::Warning, "searching ");
    }
    let (shown, all) = (roster.len(), roster.fleet().servers.len());
    let counts = if state.is_filtered() {
        format!("{shown} of {all} ")
    } else {
        format!("{all} ")
    };
    let width = usize::from(area.width);
    let marks = marks(roster);
    let longest = marks.first().map_or(0, String::len);
    if right.width() + longest + counts.len() > width {
        right = Line::new(look);
    }
    let fits = |words: &&String| right.width() + words.len() + counts.len() <= width;
    if let Some(words) = marks.iter().find(fits) {
        right.put(Role::Marked, words.clone());
    }
    // Where there is no room for the line about the scan, this one says that it is not whole.
    if state.chrome().header.is_none()
        && let Some(scan) = &state.scan
        && scan.completeness != Completeness::Complete
    {
        let word = format!("{} ", scan.completeness.word());
        if right.width() + counts.len() + word.len() > width {
            right = Line::new(look);
        }
        if counts.len() + word.len() <= width {
            right.put(Role::Warning, word);
        }
    }
    right.put(Role::Text, counts);
    let room = width.saturating_sub(left.width() + right.width() + 4);
    if let Some(words) = live::doings(state).into_iter().find(|it| it.len() <= room) {
        left.put(Role::Dim, "   ");
        left.put(Role::Info, words);
    }
    if left.width() + right.width() <= width {
        left.draw(buffer, area, 0);
    }
    right.draw_right(buffer, area, 0);
}

/// How many servers are marked, from long to short; empty where none is.
fn marks(roster: &Roster) -> Vec<String> {
    match (roster.marked(), roster.marked_not_shown()) {
        (0, _) => Vec::new(),
        (all, 0) => vec![format!("{all} marked   "), format!("{all} marked ")],
        (all, hidden) => vec![
            format!("{all} marked, {hidden} not shown   "),
            format!("{all} marked "),
        ],
    }
}

fn breadcrumbs(buffer: &mut Buffer, area: Area, state: &State, look: &Look) {
    let Some(server) = &state.server else { return };
    let mut crumbs = vec!["Fleet".to_owned(), server.summary.name.to_string()];
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
    let mut line = Line::new(look);
    line.put(Role::Text, " ");
    let shown = &crumbs[start..];
    for (place, crumb) in shown.iter().enumerate() {
        if place + 1 < shown.len() {
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
