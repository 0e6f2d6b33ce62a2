//! Scores and counts over the kept scans: two charts, a row a family, and the scan under the cursor.

mod chart;

use ratatui::buffer::Buffer;

use crate::app::{
    Area, Counted, Ended, ScansState, State, TrendPoint, TrendRow, age, counted, moment, wrap,
};
use crate::baseline::{FamilyCode, catalogue};
use crate::documents::text::neutral;
use crate::look::{Glyph, Look, Role};

use super::widget::{Line, cut_end, sparkline};

/// The most scans that a sparkline shows.
const SPARK: usize = 16;

pub fn draw(buffer: &mut Buffer, state: &State, look: &Look) {
    let layout = state.trend_layout();
    let points = state.trend_points();
    if points.is_empty() {
        return empty(buffer, state.chrome().body, state, look);
    }
    let cursor = state.trend_cursor(&points);
    if let Some(area) = layout.head {
        head(buffer, area, state, &points, look);
    }
    let row = TrendRow::at(state.trend.position.cursor);
    // Where there is room for one chart it is of what the selected row has: families have no score of their own.
    let is_family = matches!(row, TrendRow::Family(family) if family.is_baseline());
    let (score, failing) = match layout.failing {
        None if is_family => (None, layout.score),
        failing => (layout.score, failing),
    };
    if let Some(area) = score {
        let (row, title) = match row {
            TrendRow::Family(FamilyCode::X) => (row, "score of what lies beyond the baseline"),
            _ => (TrendRow::Baseline, "score of the baseline"),
        };
        let values = values(&points, |point| point.score(row));
        chart::draw(buffer, area, title, &values, cursor, state, look);
    }
    if let Some(area) = failing {
        let title = match row {
            TrendRow::Baseline => "failing features, counted on each server".to_owned(),
            TrendRow::Family(family) => format!("failing features of {family}"),
        };
        let values = values(&points, |point| point.failing(row));
        chart::draw(buffer, area, &title, &values, cursor, state, look);
    }
    if let Some(area) = layout.titles {
        titles(buffer, area, look);
    }
    let height = usize::from(layout.rows.height);
    let window = state.trend.position.window(TrendRow::COUNT, height);
    for (line, place) in (0_u16..).zip(window) {
        let selected = place == state.trend.position.cursor;
        draw_row(TrendRow::at(place), selected, layout.rows, &points, look).draw(
            buffer,
            layout.rows,
            line,
        );
    }
    if let (Some(area), Some(point)) = (layout.here, points.get(cursor)) {
        here(buffer, area, state, &points, point, cursor, row, look);
    }
}

fn values(points: &[TrendPoint], value: impl Fn(&TrendPoint) -> Option<u64>) -> Vec<chart::Value> {
    points
        .iter()
        .map(|point| chart::Value {
            at: point.at,
            value: value(point),
            is_whole: point.is_complete,
        })
        .collect()
}

/// What is compared under which ruleset, and how far it is.
fn head(buffer: &mut Buffer, area: Area, state: &State, points: &[TrendPoint], look: &Look) {
    let done = points
        .iter()
        .filter(|it| !matches!(it.counted, None | Some(Counted::Looking(_))));
    let (done, all) = (done.count(), points.len());
    let mut right = Line::new(look);
    if done < all {
        let looking = points.iter().find_map(|it| match it.counted {
            Some(Counted::Looking(servers)) => Some(servers),
            _ => None,
        });
        let servers = looking.map_or_else(String::new, |it| format!(", {it} servers"));
        right.put(Role::Info, format!("counting {done} of {all}{servers} "));
    } else if let Some((first, last)) = ends(points, |it| it.score(TrendRow::Baseline)) {
        right.put(Role::Dim, "score ");
        from_to(&mut right, first, last, true);
        right.put(Role::Text, " ");
    }
    let mut left = Line::new(look);
    let what = match (&state.trend.server, &state.trend.scope) {
        (Some((_, name)), _) => neutral(name).into_owned(),
        (None, Some(scope)) => neutral(&scope.scope).into_owned(),
        (None, None) => String::new(),
    };
    let mut words = format!("{what}, {}", counted(all, "scan"));
    if let Some(scan) = &state.scan {
        words += &format!(", all judged under {}", neutral(&scan.ruleset));
    } else {
        words += ", all judged under one ruleset";
    }
    let room = usize::from(area.width).saturating_sub(right.width() + 2);
    left.put(Role::Text, " ")
        .put(Role::Dim, cut_end(&words, room, look).into_owned());
    left.draw(buffer, area, 0);
    right.draw_right(buffer, area, 0);
}

/// The first and the last known value of complete scans; of any where none is complete.
fn ends(points: &[TrendPoint], value: impl Fn(&TrendPoint) -> Option<u64>) -> Option<(u64, u64)> {
    let known = |whole: bool| -> Vec<u64> {
        let points = points.iter().filter(|it| it.is_complete || !whole);
        points.filter_map(&value).collect()
    };
    let of_complete = known(true);
    let values = if of_complete.is_empty() {
        known(false)
    } else {
        of_complete
    };
    Some((*values.first()?, *values.last()?))
}

/// `62 > 71 +9`, coloured by whether that is better.
fn from_to(line: &mut Line<'_>, first: u64, last: u64, more_is_better: bool) {
    line.put(Role::Text, format!("{first} "));
    line.glyph(Role::Dim, Glyph::Arrow);
    line.put(Role::Text, format!(" {last} "));
    change(line, first, last, more_is_better);
}

fn change(line: &mut Line<'_>, first: u64, last: u64, more_is_better: bool) {
    let role = match (last == first, (last > first) == more_is_better) {
        (true, _) => Role::Dim,
        (false, true) => Role::Fixed,
        (false, false) => Role::Regressed,
    };
    line.put(role, signed(first, last));
}

fn signed(first: u64, last: u64) -> String {
    if last >= first {
        format!("+{}", last - first)
    } else {
        format!("-{}", first - last)
    }
}

/// Where the parts of a row begin.
struct Parts {
    failing: usize,
    spark: Option<usize>,
    unknown: Option<usize>,
}

impl Parts {
    const fn new(width: u16) -> Self {
        match width {
            0..=29 => Self {
                failing: 5,
                spark: None,
                unknown: None,
            },
            30..=59 => Self {
                failing: 5,
                spark: Some(27),
                unknown: None,
            },
            60..=99 => Self {
                failing: 5,
                spark: Some(29),
                unknown: Some(48),
            },
            _ => Self {
                failing: 38,
                spark: Some(62),
                unknown: Some(82),
            },
        }
    }
}

fn titles(buffer: &mut Buffer, area: Area, look: &Look) {
    let parts = Parts::new(area.width);
    let mut line = Line::new(look);
    line.pad_to(parts.failing);
    line.put(Role::Header, "FAILING first, last");
    if let Some(column) = parts.unknown {
        line.pad_to(column);
        line.put(Role::Header, "UNKNOWN first, last");
    }
    line.draw(buffer, area, 0);
}

fn draw_row<'a>(
    row: TrendRow,
    selected: bool,
    area: Area,
    points: &[TrendPoint],
    look: &'a Look,
) -> Line<'a> {
    let parts = Parts::new(area.width);
    let mut line = Line::new(look);
    if selected {
        line.glyph(Role::SelectedMarker, Glyph::Marker);
    } else {
        line.put(Role::Text, " ");
    }
    let role = if selected { Role::Selected } else { Role::Text };
    let (code, name) = match row {
        TrendRow::Baseline => ("all", "of the baseline"),
        TrendRow::Family(family) => (family.code(), catalogue().family(family).title.as_str()),
    };
    line.put(role, format!("{code:<3}"));
    if parts.failing > 12 {
        line.put(Role::Text, " ");
        let room = parts.failing - line.width() - 1;
        line.put(role, cut_end(name, room, look).into_owned());
    }
    line.pad_to(parts.failing);
    match ends(points, |it| it.failing(row)) {
        Some((first, last)) => from_to(&mut line, first, last, false),
        None => {
            line.put(Role::Dim, "not counted");
        }
    }
    if let Some(column) = parts.spark {
        line.pad_to(column);
        let values: Vec<(Option<u64>, bool)> = points
            .iter()
            .map(|it| (it.failing(row), it.is_complete))
            .collect();
        let skipped = values.len().saturating_sub(SPARK);
        sparkline(&mut line, &values[skipped..], look);
    }
    if let Some(column) = parts.unknown
        && let Some((first, last)) = ends(points, |it| it.unknown(row))
    {
        line.pad_to(column);
        from_to(&mut line, first, last, false);
    }
    line
}

/// The scan under the cursor: its values, and how they differ from those of the scan before.
#[expect(clippy::too_many_arguments, reason = "what is drawn and where")]
fn here(
    buffer: &mut Buffer,
    area: Area,
    state: &State,
    points: &[TrendPoint],
    point: &TrendPoint,
    cursor: usize,
    row: TrendRow,
    look: &Look,
) {
    let before = cursor.checked_sub(1).and_then(|place| points.get(place));
    let mut first = Line::new(look);
    first.put(Role::Text, " ");
    first.put(Role::BreadcrumbHere, moment(point.at, &state.zone));
    if let Some(now) = state.now {
        first.put(Role::Dim, format!(", {} old", age(now, point.at)));
    }
    let role = if point.is_complete {
        Role::Dim
    } else {
        Role::Warning
    };
    first.put(Role::Dim, ", ").put(role, point.ended.words());
    if state
        .scan
        .as_ref()
        .is_some_and(|scan| scan.file == point.file)
    {
        first.put(Role::Info, ", open");
    }
    first.put(Role::Dim, format!("  {} of {}", cursor + 1, points.len()));
    first.draw(buffer, area, 0);
    let mut second = Line::new(look);
    second.put(Role::Text, " ");
    match &point.counted {
        None => {
            second.put(Role::Info, "waits to be counted");
        }
        Some(Counted::Looking(servers)) => {
            second.put(
                Role::Info,
                format!("is being counted, {servers} servers so far"),
            );
        }
        Some(Counted::Absent) => {
            second.put(Role::Warning, "the server is not in this scan");
        }
        Some(Counted::Failed(why)) => {
            let room = usize::from(area.width).saturating_sub(2);
            second.put(Role::Error, cut_end(why, room, look).into_owned());
        }
        Some(Counted::Totals(totals)) => {
            let mut value = |name: &str, of: &dyn Fn(&TrendPoint) -> Option<u64>, better: bool| {
                let Some(value) = of(point) else { return };
                second.put(Role::Dim, format!("{name} "));
                second.put(Role::Title, value.to_string());
                if let Some(then) = before.and_then(of) {
                    second.put(Role::Text, " ");
                    change(&mut second, then, value, better);
                }
                second.put(Role::Text, "  ");
            };
            value("score", &|it| it.score(row), true);
            value("failing", &|it| it.failing(row), false);
            value("unknown", &|it| it.unknown(row), false);
            if state.trend.server.is_none() {
                let servers = usize::try_from(totals.servers).unwrap_or(usize::MAX);
                second.put(Role::Dim, format!("on {}", counted(servers, "server")));
            }
        }
    }
    second.draw(buffer, area, 1);
    let partial = points.iter().any(|it| it.ended != Ended::Complete);
    if area.height >= 3 {
        let mut third = Line::new(look);
        third.put(Role::Dim, " changes against the scan before");
        if partial {
            third.put(Role::Dim, "; ");
            third.glyph(Role::Warning, Glyph::ChartPartial);
            third.put(Role::Dim, " is a scan that was not complete");
        }
        third.draw(buffer, area, 2);
    }
}

fn empty(buffer: &mut Buffer, area: Area, state: &State, look: &Look) {
    let words = match &state.scans.state {
        ScansState::None | ScansState::Loading => {
            "The folder of scans is being read ...".to_owned()
        }
        ScansState::Failed(why) => format!("The scans cannot be listed: {why}"),
        ScansState::Loaded => {
            "No finished scan of this scope is kept on this machine: a trend needs two. \
             `flexposture scan` makes one and keeps it."
                .to_owned()
        }
    };
    for (row, words) in (0..).zip(wrap(
        &words,
        usize::from(area.width.saturating_sub(2).max(1)),
    )) {
        let mut line = Line::new(look);
        line.put(Role::Info, format!(" {words}"));
        line.draw(buffer, area, row);
    }
}
