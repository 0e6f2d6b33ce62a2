//! The scans that are kept on this machine.

use ratatui::buffer::Buffer;

use crate::app::{
    Area, Checked, Ended, KeptScan, ScanEntry, ScansState, State, age, bytes, counted, moment, wrap,
};
use crate::look::{Glyph, Look, Role};
use crate::posture::VerdictWord;

use super::widget::{Line, cut_end, cut_start};

/// A column of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Started,
    Age,
    Scope,
    Servers,
    Subscriptions,
    State,
    Score,
    Failing,
    Unknown,
    Size,
}

use Column::{
    Age, Failing, Scope, Score, Servers, Size, Started, State as How, Subscriptions, Unknown,
};

/// In which order columns come with width.
const WANTED: [Column; 10] = [
    Started,
    How,
    Score,
    Servers,
    Scope,
    Failing,
    Age,
    Size,
    Unknown,
    Subscriptions,
];
/// In which order they stand.
const ORDER: [Column; 10] = [
    Started,
    Age,
    Scope,
    Subscriptions,
    Servers,
    How,
    Score,
    Failing,
    Unknown,
    Size,
];

impl Column {
    const fn title(self) -> &'static str {
        match self {
            Started => "STARTED",
            Age => "AGE",
            Scope => "SCOPE",
            Servers => "SERVERS",
            Subscriptions => "SUBS",
            How => "STATE",
            Score => "SCORE",
            Failing => "FAILING",
            Unknown => "UNKNOWN",
            Size => "SIZE",
        }
    }

    const fn width(self, roomy: bool) -> usize {
        match self {
            Started if roomy => 22,
            Started => 12,
            Age => 11,
            Scope => 14,
            Servers | Failing | Unknown => 7,
            Subscriptions => 4,
            How => 13,
            Score => 5,
            Size => 8,
        }
    }

    const fn is_number(self) -> bool {
        matches!(
            self,
            Servers | Subscriptions | Score | Failing | Unknown | Size
        )
    }
}

/// The columns that there is room for, with their widths; the scope takes what is left.
fn columns(width: u16) -> Vec<(Column, usize)> {
    // The marker, the mark, and the space after them.
    let room = usize::from(width).saturating_sub(3);
    let roomy = width >= 76;
    let mut shown = Vec::new();
    let mut used = 0;
    for column in WANTED {
        let needed = column.width(roomy) + 1;
        if used + needed > room && !shown.is_empty() {
            break;
        }
        used += needed;
        shown.push(column);
    }
    let spare = room.saturating_sub(used);
    let order = ORDER.into_iter().filter(|column| shown.contains(column));
    let with_width = order.map(|column| match column {
        Scope => (column, column.width(roomy) + spare.min(40)),
        column => (column, column.width(roomy)),
    });
    with_width.collect()
}

pub fn draw(buffer: &mut Buffer, state: &State, look: &Look) {
    let layout = state.scans_layout();
    let scans = &state.scans;
    let columns = columns(layout.rows.width);
    if scans.rows.is_empty() {
        return empty(buffer, layout.rows, state, look);
    }
    if let Some(area) = layout.titles {
        let mut line = Line::new(look);
        line.put(Role::Header, "   ");
        for (column, width) in &columns {
            put(
                &mut line,
                *column,
                *width,
                Role::Header,
                column.title(),
                look,
            );
        }
        line.draw(buffer, area, 0);
    }
    let height = usize::from(layout.rows.height);
    let window = scans.position.window(scans.rows.len(), height);
    for (line, row) in (0_u16..).zip(window) {
        if let Some(entry) = scans.rows.get(row).and_then(|it| scans.entries.get(*it)) {
            let selected = row == scans.position.cursor;
            draw_row(entry, &columns, selected, layout.rows, state, look).draw(
                buffer,
                layout.rows,
                line,
            );
        }
    }
    if let (Some(area), Some(entry)) = (layout.detail, scans.selected()) {
        detail(buffer, area, entry, state, look);
    }
}

fn put(line: &mut Line<'_>, column: Column, width: usize, role: Role, text: &str, look: &Look) {
    let start = line.width();
    let text = cut_end(text, width, look).into_owned();
    if column.is_number() {
        let count = text.chars().count();
        line.pad_to(start + width.saturating_sub(count));
    }
    line.put(role, text);
    line.pad_to(start + width + 1);
}

fn draw_row<'a>(
    entry: &ScanEntry,
    columns: &[(Column, usize)],
    selected: bool,
    area: Area,
    state: &State,
    look: &'a Look,
) -> Line<'a> {
    let mut line = Line::new(look);
    if selected {
        line.glyph(Role::SelectedMarker, Glyph::Marker);
    } else {
        line.put(Role::Text, " ");
    }
    if state.scans.chosen.as_ref() == Some(&entry.file) {
        line.glyph(Role::Marked, Glyph::Mark);
    } else {
        line.put(Role::Text, " ");
    }
    line.put(Role::Text, " ");
    let first = if selected { Role::Selected } else { Role::Text };
    let scan = match &entry.scan {
        Ok(scan) => scan,
        Err(why) => {
            let room = usize::from(area.width).saturating_sub(line.width());
            let name = cut_end(&entry.name(), room / 2, look).into_owned();
            line.put(first, name).put(Role::Text, "  ");
            let room = usize::from(area.width).saturating_sub(line.width());
            line.put(Role::Error, cut_end(why, room, look).into_owned());
            return line;
        }
    };
    for (column, width) in columns {
        let (role, text) = cell(*column, *width, scan, entry, state);
        let role = if *column == Started { first } else { role };
        put(&mut line, *column, *width, role, &text, look);
    }
    line
}

/// Whether another scan of the list began in the same minute.
fn has_twin(scan: &KeptScan, state: &State) -> bool {
    let minute = |it: &KeptScan| it.started_at.as_second().div_euclid(60);
    let entries = state.scans.entries.iter();
    let of_minute = entries
        .filter_map(ScanEntry::readable)
        .filter(|it| minute(it) == minute(scan));
    of_minute.count() > 1
}

fn cell(
    column: Column,
    width: usize,
    scan: &KeptScan,
    entry: &ScanEntry,
    state: &State,
) -> (Role, String) {
    let totals = scan.totals.as_ref();
    // What another ruleset has judged is not compared with the rest.
    let numbers = if scan.judged_now {
        Role::Text
    } else {
        Role::Dim
    };
    let or_none = |number: Option<String>| number.unwrap_or_else(|| "-".to_owned());
    match column {
        Started => {
            let words = moment(scan.started_at, &state.zone);
            let of = |form| {
                let local = state.zone.to_datetime(scan.started_at);
                local.strftime(form).to_string()
            };
            let words = match (has_twin(scan, state), words.len() <= width) {
                // The seconds tell scans of one minute apart; the date has no room beside them everywhere.
                (true, _) if width >= 15 => of("%d %b %H:%M:%S"),
                (true, _) => of("%d. %H:%M:%S"),
                (false, true) => words,
                (false, false) => of("%d %b %H:%M"),
            };
            (Role::Text, words)
        }
        Age => {
            let age = state.now.map(|now| age(now, scan.started_at));
            (Role::Dim, or_none(age))
        }
        Scope => {
            let words = match &scan.parent {
                Some(parent) => format!("{}, laid over {parent}", scan.scope),
                None => scan.scope.clone(),
            };
            (Role::Text, words)
        }
        Servers => (Role::Text, scan.servers.to_string()),
        Subscriptions => (Role::Text, scan.subscriptions.to_string()),
        How => {
            let role = match scan.ended {
                Ended::Complete => Role::Text,
                Ended::Running => Role::Info,
                Ended::Stopped | Ended::BrokenOff => Role::Warning,
            };
            let open = state
                .scan
                .as_ref()
                .is_some_and(|open| open.file == entry.file);
            let words = if open && scan.ended == Ended::Complete {
                "open".to_owned()
            } else {
                scan.ended.words().to_owned()
            };
            (role, words)
        }
        Score => {
            let score = totals.map(|totals| {
                let percent = totals.score.percent();
                percent.map_or_else(|| "none".to_owned(), |percent| percent.to_string())
            });
            (numbers, or_none(score))
        }
        Failing => (
            numbers,
            or_none(totals.map(|it| it.count(VerdictWord::Fail).to_string())),
        ),
        Unknown => (
            numbers,
            or_none(totals.map(|it| it.count(VerdictWord::Unknown).to_string())),
        ),
        Size => (Role::Dim, bytes(entry.bytes)),
    }
}

/// More about the selected file, the most important first.
fn detail(buffer: &mut Buffer, area: Area, entry: &ScanEntry, state: &State, look: &Look) {
    let width = usize::from(area.width.saturating_sub(2));
    let mut lines: Vec<(Role, String)> = Vec::new();
    if let Some((file, checked)) = &state.scans.checked
        && *file == entry.file
    {
        lines.push(match checked {
            Checked::Running(done, all) => (
                Role::Info,
                format!("looking whether it is what was written: {done} of {all} servers"),
            ),
            Checked::Intact => (Role::Success, "it is what was written".to_owned()),
            Checked::Unfinished => (
                Role::Info,
                "it has no end: nothing to compare with".to_owned(),
            ),
            Checked::Changed(what) => (Role::Error, format!("it is not what was written: {what}")),
        });
    }
    match &entry.scan {
        Err(why) => lines.push((Role::Error, format!("It cannot be read: {why}."))),
        Ok(scan) => describe(&mut lines, scan, state),
    }
    let (path, _) = cut_start(&entry.file, width, look);
    lines.push((
        Role::Dim,
        crate::documents::text::neutral(&path).into_owned(),
    ));
    let mut row = 0;
    for (role, words) in lines {
        for words in wrap(&words, width.max(1)) {
            let mut line = Line::new(look);
            line.put(role, format!(" {words}"));
            line.draw(buffer, area, row);
            row += 1;
        }
    }
}

fn describe(lines: &mut Vec<(Role, String)>, scan: &KeptScan, state: &State) {
    let mut words = format!(
        "{} {}, {} in {}",
        scan.id,
        scan.ended.words(),
        counted(
            usize::try_from(scan.servers).unwrap_or(usize::MAX),
            "server"
        ),
        counted(
            usize::try_from(scan.subscriptions).unwrap_or(usize::MAX),
            "subscription"
        ),
    );
    if let Some(parent) = &scan.parent {
        words += &format!(", laid over {parent}");
    }
    if let Some(ended) = scan.finished_at {
        words += &format!(", ended {}", moment(ended, &state.zone));
    }
    lines.push((Role::Text, words));
    if let Some(ruleset) = &scan.other_ruleset {
        let words = if scan.judged_now {
            format!("made under the ruleset {ruleset}, counted under that of now")
        } else {
            format!(
                "counted under the ruleset {ruleset}, without exemptions: the trend counts it as now"
            )
        };
        lines.push((Role::Warning, words));
    } else if scan.totals.is_none() && scan.finished_at.is_some() {
        lines.push((Role::Dim, "not counted yet: the trend counts it".to_owned()));
    } else if scan.totals.is_some() && !scan.judged_now {
        lines.push((
            Role::Warning,
            "counted without exemptions: the trend counts it as now".to_owned(),
        ));
    }
    if let Some(format) = scan.older_format {
        lines.push((Role::Dim, format!("a file of the older format {format}")));
    }
}

fn empty(buffer: &mut Buffer, area: Area, state: &State, look: &Look) {
    let words = match &state.scans.state {
        ScansState::None | ScansState::Loading => "The folder is being read ...".to_owned(),
        ScansState::Failed(why) => format!("The scans cannot be listed: {why}"),
        ScansState::Loaded if state.scans.filter.is_empty() => {
            "No scan is kept on this machine yet: `flexposture scan` makes one.".to_owned()
        }
        ScansState::Loaded => "No scan matches. Esc takes the filter away.".to_owned(),
    };
    let role = match &state.scans.state {
        ScansState::Failed(_) => Role::Error,
        _ => Role::Info,
    };
    for (row, words) in (0..).zip(wrap(
        &words,
        usize::from(area.width.saturating_sub(2).max(1)),
    )) {
        let mut line = Line::new(look);
        line.put(role, format!(" {words}"));
        line.draw(buffer, area, row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fit_and_come_with_width() {
        let mut before = 0;
        for width in 0..300 {
            let columns = columns(width);
            let used: usize = 3 + columns.iter().map(|(_, width)| width + 1).sum::<usize>();
            assert!(
                width < 16 || used <= usize::from(width) + 1,
                "{width}: {used}"
            );
            // The longer form of the time may cost the last column.
            assert!(columns.len() + 2 >= before, "{width}");
            before = columns.len();
        }
        assert_eq!(columns(120).len(), 10);
    }
}
