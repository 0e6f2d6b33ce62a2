//! Which servers are in view, in a title: the order, the filters, the counts.

use crate::app::{Area, Completeness, Roster, Show, State};
use crate::documents::text::neutral;
use crate::look::{Glyph, Look, Role};
use crate::query::{GroupBy, SortKey};

use super::widget::{Line, cut_end};

/// The filter by verdict and family in words: `only failing NS`; empty without one.
pub fn only(state: &State) -> String {
    let verdicts = match state.roster.show() {
        Show::All => None,
        Show::Failing => Some("failing"),
        Show::Unknown => Some("unknown"),
    };
    let family = state.roster.family().map(|family| family.code());
    let marked = state.roster.only_marked().then_some("marked");
    let words: Vec<&str> = marked.into_iter().chain(verdicts).chain(family).collect();
    if words.is_empty() {
        String::new()
    } else {
        format!("only {}", words.join(" "))
    }
}

/// What stands at the right side of a title: filters, order where `sorted`, and how many servers are in view. It gives
/// way piece by piece to what has to fit beside it.
pub fn right<'a>(
    state: &State,
    sorted: bool,
    beside: usize,
    area: Area,
    look: &'a Look,
) -> Line<'a> {
    let roster = &state.roster;
    let width = usize::from(area.width);
    let mut right = Line::new(look);
    let only = only(state);
    if let Some(words) = only.strip_prefix("only ") {
        right.put(Role::Dim, "only ");
        right.put(Role::Prompt, words.to_owned());
        right.put(Role::Dim, "   ");
    }
    if sorted && area.width >= 60 {
        if area.width >= 80 && roster.grouping() != &GroupBy::Nothing {
            right.put(Role::Dim, "by ");
            right.put(Role::Text, roster.grouping().words());
            right.put(Role::Dim, "   ");
        }
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
        let room = width / 3;
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
    let marks = marks(roster);
    let longest = marks.first().map_or(0, String::len);
    if beside + right.width() + longest + counts.len() > width {
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
    right
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
