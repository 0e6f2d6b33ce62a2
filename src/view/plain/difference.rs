//! Two scans compared: both sides, what turned, and the change that is looked into.

use std::io::{self, Write};

use super::{Lines, cell_words, page};
use crate::app::{
    Comparison, ComparisonState, DifferenceRow, DifferenceScreen, ScanInfo, State, counted, moment,
};
use crate::baseline::catalogue;
use crate::posture::difference::{Change, ComparedServer, OneSided};
use crate::posture::{Severity, Totals};

pub(super) fn write(lines: &mut Lines<'_, impl Write>, state: &State) -> io::Result<()> {
    let screen = &state.difference;
    match &screen.comparison {
        ComparisonState::None => return lines.line("No two scans were compared."),
        ComparisonState::Loading(_) => return lines.line("The two scans are being compared."),
        ComparisonState::Failed(why) => {
            return why.lines().try_for_each(|line| lines.line(line));
        }
        ComparisonState::Loaded(comparison) => sides(lines, state, comparison)?,
    }
    if let Some(open) = &screen.open {
        lines.heading("Change")?;
        if let Some((change, server)) = screen.change(open.change) {
            lines.facts(&changed(change, server))?;
        }
        return page::write(lines, &open.lines);
    }
    if screen.rows.is_empty() {
        return lines.line(if screen.filter.is_narrow() {
            "Nothing of what is shown differs."
        } else {
            "The two scans say the same."
        });
    }
    screen
        .rows
        .iter()
        .try_for_each(|row| self::row(lines, screen, *row))
}

fn sides(
    lines: &mut Lines<'_, impl Write>,
    state: &State,
    comparison: &Comparison,
) -> io::Result<()> {
    let difference = &comparison.difference;
    let mut side = |word: &str, scan: &ScanInfo, totals: &Totals| {
        let at = scan.finished_at.unwrap_or(scan.started_at);
        let score = totals.score.percent();
        lines.facts(&[
            (word, moment(at, &state.zone)),
            ("completeness", scan.completeness.word().to_owned()),
            ("servers", totals.servers.to_string()),
            (
                "posture score",
                score.map_or_else(|| "none".to_owned(), |score| score.to_string()),
            ),
            ("scope", scan.scope.clone()),
            ("ruleset", scan.ruleset.clone()),
        ])
    };
    side("from", &comparison.from, &difference.before)?;
    side("to", &comparison.to, &difference.after)?;
    comparison
        .warnings()
        .iter()
        .try_for_each(|warning| lines.fact("note", warning))
}

fn row(
    lines: &mut Lines<'_, impl Write>,
    screen: &DifferenceScreen,
    row: DifferenceRow,
) -> io::Result<()> {
    let Some(comparison) = screen.loaded() else {
        return Ok(());
    };
    let difference = &comparison.difference;
    match row {
        DifferenceRow::Group(group, count) => lines.heading(&format!("{}: {count}", group.title())),
        DifferenceRow::Change(place) => screen.change(place).map_or(Ok(()), |(change, server)| {
            lines.facts(&changed(change, server))
        }),
        DifferenceRow::New(place) => one_sided(lines, screen, difference.new.get(place as usize)),
        DifferenceRow::Gone(place) => one_sided(lines, screen, difference.gone.get(place as usize)),
    }
}

fn changed<'a>(change: &Change, server: &ComparedServer) -> [(&'a str, String); 5] {
    let feature = &catalogue().feature(change.feature).name;
    [
        ("server", server.name.to_string()),
        ("control", change.feature.control().to_owned()),
        ("feature", feature.clone()),
        ("before", cell_words(change.before)),
        ("after", cell_words(change.after)),
    ]
}

fn one_sided(
    lines: &mut Lines<'_, impl Write>,
    screen: &DifferenceScreen,
    one: Option<&OneSided>,
) -> io::Result<()> {
    let (Some(one), Some(comparison)) = (one, screen.loaded()) else {
        return Ok(());
    };
    let Some(server) = comparison.difference.server(one.server) else {
        return Ok(());
    };
    let open: Vec<String> = Severity::ALL
        .into_iter()
        .zip(one.open)
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("{count} {severity}"))
        .collect();
    let unknown = match one.unknown {
        0 => String::new(),
        unknown => counted(unknown.into(), "feature"),
    };
    let open = if open.is_empty() {
        "nothing".to_owned()
    } else {
        open.join(", ")
    };
    lines.facts(&[
        ("server", server.name.to_string()),
        ("open", open),
        ("unknown", unknown),
    ])
}
