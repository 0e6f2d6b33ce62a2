//! Above a difference: the two scans, what must be known before the numbers, and the numbers of both sides.

use ratatui::buffer::Buffer;

use crate::app::{Area, Comparison, Completeness, ScanInfo, Show, State, moment};
use crate::baseline::FamilyCode;
use crate::documents::text::neutral;
use crate::look::{Glyph, Look, Role};
use crate::posture::Totals;
use crate::posture::difference::ChangeKind;

use crate::view::widget::{Line, cut_end};

pub fn draw(buffer: &mut Buffer, area: Area, state: &State, look: &Look) {
    let Some(comparison) = state.difference.loaded() else {
        return;
    };
    let warnings = comparison.warnings();
    if area.height == 1 {
        let mut line = Line::new(look);
        match warnings.first() {
            Some(warning) => warn(&mut line, warning, area, look),
            None => summary(&mut line, comparison),
        }
        return line.draw(buffer, area, 0);
    }
    let sides = [
        ("from", &comparison.from, &comparison.difference.before),
        ("to  ", &comparison.to, &comparison.difference.after),
    ];
    for (row, (word, scan, totals)) in (0..).zip(sides) {
        side(buffer, area, row, word, scan, totals, state, look);
    }
    let mut line = Line::new(look);
    narrowed(&mut line, state);
    families(&mut line, comparison, area);
    line.draw(buffer, area, 2);
    for (row, warning) in (3..area.height).zip(&warnings) {
        let mut line = Line::new(look);
        warn(&mut line, warning, area, look);
        line.draw(buffer, area, row);
    }
}

fn warn(line: &mut Line<'_>, warning: &str, area: Area, look: &Look) {
    let room = usize::from(area.width.saturating_sub(2));
    line.put(Role::Warning, " ");
    line.put(Role::Warning, cut_end(warning, room, look).into_owned());
}

fn summary(line: &mut Line<'_>, comparison: &Comparison) {
    let difference = &comparison.difference;
    let count = |kind| difference.count(kind);
    line.put(
        Role::Fail,
        format!(" {} regressed", count(ChangeKind::Regressed)),
    );
    line.separator();
    line.put(Role::Pass, format!("{} fixed", count(ChangeKind::Fixed)));
    line.separator();
    line.put(
        Role::Unknown,
        format!("{} newly unknown", count(ChangeKind::NewlyUnknown)),
    );
}

#[expect(
    clippy::too_many_arguments,
    reason = "a line of two, each with all of its facts"
)]
fn side(
    buffer: &mut Buffer,
    area: Area,
    row: u16,
    word: &'static str,
    scan: &ScanInfo,
    totals: &Totals,
    state: &State,
    look: &Look,
) {
    let mut line = Line::new(look);
    line.put(Role::Header, format!(" {word} "));
    let at = scan.finished_at.unwrap_or(scan.started_at);
    line.put(Role::Text, moment(at, &state.zone));
    line.separator();
    let role = match scan.completeness {
        Completeness::Complete => Role::Text,
        Completeness::Partial | Completeness::Running => Role::Warning,
    };
    line.put(role, scan.completeness.word());
    line.separator();
    line.put(Role::Text, format!("{} servers", totals.servers));
    line.separator();
    let score = totals.score.percent();
    let score = score.map_or_else(|| "none".to_owned(), |score| score.to_string());
    line.put(Role::Text, format!("posture {score}"));
    let ruleset = format!("ruleset {}", scan.ruleset);
    for more in [neutral(&scan.scope).into_owned(), ruleset] {
        if line.width() + 3 + more.len() <= usize::from(area.width) {
            line.separator();
            line.put(Role::Dim, more);
        }
    }
    line.draw(buffer, area, row);
}

/// What is listed, when it is not everything.
fn narrowed(line: &mut Line<'_>, state: &State) {
    let filter = &state.difference.filter;
    if !filter.is_narrow() {
        return;
    }
    line.put(Role::Dim, " only ");
    match filter.show {
        Show::All => {}
        Show::Failing => {
            line.put(Role::Prompt, "failing ");
        }
        Show::Unknown => {
            line.put(Role::Prompt, "unknown ");
        }
    }
    if let Some(family) = filter.family {
        line.put(Role::Prompt, format!("{family} "));
    }
    if let Some((_, name)) = &filter.server {
        line.put(Role::Prompt, name.to_string());
    }
    line.put(Role::Text, "  ");
}

/// How many features fail in each family, before and now, as many families as there is room for.
fn families(line: &mut Line<'_>, comparison: &Comparison, area: Area) {
    line.put(Role::Dim, " failing ");
    for family in FamilyCode::ALL {
        let (before, after) = (
            comparison.difference.before.family(family).fail,
            comparison.difference.after.family(family).fail,
        );
        let needed = 12 + before.to_string().len();
        if line.width() + needed > usize::from(area.width) {
            break;
        }
        line.put(Role::Header, format!(" {family} "));
        if before == after {
            line.put(Role::Dim, format!("{after} "));
            continue;
        }
        line.put(Role::Text, before.to_string());
        line.glyph(Role::Dim, Glyph::Arrow);
        let role = if after > before {
            Role::Fail
        } else {
            Role::Pass
        };
        line.put(role, format!("{after} "));
    }
}
