//! The kept scans and their trend, one line each.

use std::io::{self, Write};

use super::Lines;
use crate::app::{Counted, ScanEntry, ScansState, State, TrendPoint, TrendRow, age, bytes, moment};
use crate::baseline::FamilyCode;
use crate::posture::VerdictWord;

pub(super) fn write(lines: &mut Lines<'_, impl Write>, state: &State) -> io::Result<()> {
    let scans = &state.scans;
    match &scans.state {
        ScansState::None | ScansState::Loading => return lines.line("The folder is being read."),
        ScansState::Failed(why) => {
            return lines.line(&format!("The scans cannot be listed: {why}"));
        }
        ScansState::Loaded => {}
    }
    let order = if scans.inverted { ", turned round" } else { "" };
    lines.fact("sorted by", &format!("{}{order}", scans.sort.word()))?;
    if !scans.filter.is_empty() {
        lines.fact("filter", &scans.filter)?;
    }
    let rows = scans.rows.iter().filter_map(|row| scans.entries.get(*row));
    for entry in rows {
        lines.facts(&facts(entry, state))?;
    }
    if scans.rows.is_empty() {
        lines.line("No scan is listed.")?;
    }
    Ok(())
}

fn facts(entry: &ScanEntry, state: &State) -> Vec<(&'static str, String)> {
    let scan = match &entry.scan {
        Ok(scan) => scan,
        Err(why) => return vec![("file", entry.name()), ("cannot be read", why.clone())],
    };
    let totals = scan.totals.as_ref();
    let count = |verdict| totals.map_or_else(String::new, |it| it.count(verdict).to_string());
    let counted = match (totals.is_some(), scan.judged_now) {
        (true, false) => "by its own ruleset, without exemptions",
        (true, true) => "",
        (false, _) => "not yet",
    };
    let is_open = state
        .scan
        .as_ref()
        .is_some_and(|open| open.file == entry.file);
    let is_chosen = state.scans.chosen.as_ref() == Some(&entry.file);
    vec![
        ("scan", scan.id.clone()),
        ("started", moment(scan.started_at, &state.zone)),
        (
            "age",
            state
                .now
                .map_or_else(String::new, |now| age(now, scan.started_at)),
        ),
        ("scope", scan.scope.clone()),
        ("laid over", scan.parent.clone().unwrap_or_default()),
        ("state", scan.ended.words().to_owned()),
        ("servers", scan.servers.to_string()),
        ("subscriptions", scan.subscriptions.to_string()),
        (
            "score",
            scan.score()
                .map_or_else(String::new, |score| score.to_string()),
        ),
        ("fail", count(VerdictWord::Fail)),
        ("unknown", count(VerdictWord::Unknown)),
        ("counted", counted.to_owned()),
        ("size", bytes(entry.bytes)),
        ("is open", if is_open { "yes" } else { "" }.to_owned()),
        (
            "chosen to compare",
            if is_chosen { "yes" } else { "" }.to_owned(),
        ),
    ]
}

pub(super) fn trend(lines: &mut Lines<'_, impl Write>, state: &State) -> io::Result<()> {
    if let Some((_, name)) = &state.trend.server {
        lines.fact("of the server", name)?;
    }
    if let Some(scope) = &state.trend.scope {
        lines.fact("scope", &scope.scope)?;
    }
    if let Some(scan) = &state.scan {
        lines.fact("all judged under", &scan.ruleset)?;
    }
    let points = state.trend_points();
    if points.is_empty() {
        return lines.line("No finished scan of this scope is kept on this machine.");
    }
    for point in &points {
        lines.facts(&values(point, state))?;
    }
    Ok(())
}

fn values(point: &TrendPoint, state: &State) -> Vec<(&'static str, String)> {
    let number = |value: Option<u64>| value.map_or_else(String::new, |it| it.to_string());
    let mut values = vec![
        ("scan", point.id.clone()),
        ("started", moment(point.at, &state.zone)),
        ("state", point.ended.words().to_owned()),
        ("score", number(point.score(TrendRow::Baseline))),
        ("fail", number(point.failing(TrendRow::Baseline))),
        ("unknown", number(point.unknown(TrendRow::Baseline))),
    ];
    for family in FamilyCode::ALL {
        let row = TrendRow::Family(family);
        if let (Some(fail), Some(unknown)) = (point.failing(row), point.unknown(row)) {
            values.push((family.code(), format!("fail {fail}, unknown {unknown}")));
        }
    }
    let counted = match &point.counted {
        None | Some(Counted::Looking(_)) => "not yet",
        Some(Counted::Absent) => "the server is not in it",
        Some(Counted::Failed(why)) => why,
        Some(Counted::Totals(_)) => "",
    };
    values.push(("counted", counted.to_owned()));
    values
}

/// The newest kept scans, on the welcome.
pub(super) fn newest(lines: &mut Lines<'_, impl Write>, state: &State) -> io::Result<()> {
    for entry in state.welcome_scans() {
        lines.facts(&facts(entry, state))?;
    }
    Ok(())
}
