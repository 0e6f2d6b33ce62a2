//! The list of servers. Moving the cursor changes the marker and the name, not the whole row: over a slow line the
//! difference is felt.

use ratatui::buffer::Buffer;

use crate::app::{
    Area, Column, ColumnChoice, Columns, Group, Roster, RosterRow, State, counted, family_cell,
};
use crate::baseline::FamilyCode;
use crate::documents::text::neutral;
use crate::look::{Glyph, Look, Role};
use crate::posture::{ServerSummary, Severity, VerdictWord};
use crate::query::match_ranges;

use super::live;
use super::preview;
use super::widget::{Line, cut_end, cut_start, severity_role, verdict_glyph, verdict_role};

pub fn draw(buffer: &mut Buffer, state: &State, look: &Look) {
    let layout = state.fleet_layout();
    let columns = Columns::new(layout.rows.width, &state.columns);
    if let Some(area) = layout.titles {
        titles(buffer, area, &columns, state, look);
    }
    let roster = &state.roster;
    if roster.is_empty() {
        empty(buffer, layout.rows, state, look);
    }
    let height = usize::from(layout.rows.height);
    let position = roster.position();
    for (line, row) in (0_u16..).zip(position.window(roster.rows(), height)) {
        let selected = row == position.cursor;
        let marked = roster.is_marked(row);
        let row = match roster.at(row) {
            Some(RosterRow::Server(server)) => {
                let news = live::news(state, server);
                draw_row(server, &columns, state, (selected, marked, news), look)
            }
            Some(RosterRow::Group(group)) => {
                draw_head(group, usize::from(layout.rows.width), selected, look)
            }
            None => continue,
        };
        row.draw(buffer, layout.rows, line);
    }
    if let Some(area) = layout.preview {
        preview::draw(buffer, area, state, look);
    }
}

fn empty(buffer: &mut Buffer, area: Area, state: &State, look: &Look) {
    let words = if state.is_filtered() {
        ["No server matches.", "Esc takes the filter away."]
    } else if state.is_live() {
        [
            "No server was read yet.",
            "They are listed as they come in.",
        ]
    } else {
        [
            "This scan holds no server.",
            "L says what could not be seen.",
        ]
    };
    for (row, words) in (0..).zip(words) {
        let mut line = Line::new(look);
        line.put(Role::Info, format!("  {words}"));
        line.draw(buffer, area, row);
    }
}

fn titles(buffer: &mut Buffer, area: Area, columns: &Columns, state: &State, look: &Look) {
    let mut line = Line::new(look);
    line.put(Role::Header, "  ");
    for (column, width) in columns.iter() {
        let start = line.width();
        match column {
            Column::Families => {
                for family in FamilyCode::ALL {
                    let role = if state.roster.family() == Some(family) {
                        Role::Prompt
                    } else {
                        Role::Header
                    };
                    line.pad_to(start + family.index() * 4);
                    line.put(role, family.code());
                }
            }
            Column::Tag => {
                let tag = state.columns.tag.as_deref().unwrap_or("tag");
                let title = neutral(tag).to_uppercase();
                line.put(Role::Header, cut_end(&title, width, look).into_owned());
            }
            column => {
                let title = cut_end(column.record().title, width, look).into_owned();
                line.put(Role::Header, title);
            }
        }
        line.pad_to(start + width + 1);
    }
    line.draw(buffer, area, 0);
}

fn draw_row<'a>(
    server: &ServerSummary,
    columns: &Columns,
    state: &State,
    (selected, marked, news): (bool, bool, Option<(Role, &'static str)>),
    look: &'a Look,
) -> Line<'a> {
    let roster = &state.roster;
    let mut line = Line::new(look);
    if selected {
        line.glyph(Role::SelectedMarker, Glyph::Marker);
    } else {
        line.put(Role::Text, " ");
    }
    if marked {
        line.glyph(Role::Marked, Glyph::Mark);
    } else {
        line.put(Role::Text, " ");
    }
    for (column, width) in columns.iter() {
        let start = line.width();
        match column {
            Column::Worst => {
                let worst = server.worst();
                count(&mut line, worst, server.count(worst));
            }
            Column::Verdicts => {
                for (place, verdict) in [VerdictWord::Fail, VerdictWord::Unknown, VerdictWord::Pass]
                    .into_iter()
                    .enumerate()
                {
                    line.pad_to(start + place * 4);
                    count(&mut line, verdict, server.count(verdict));
                }
            }
            Column::Server => {
                // The word behind the name is worth its start.
                let room = news.map_or(width, |(_, word)| width.saturating_sub(word.len() + 1));
                name(&mut line, server, roster, selected, room, look);
                if let Some((role, word)) = news {
                    line.pad_to(start + width.saturating_sub(word.len()));
                    line.put(role, word);
                }
            }
            Column::Families => {
                for family in FamilyCode::ALL {
                    line.pad_to(start + family.index() * 4);
                    let cell = family_cell(server, family);
                    let role = verdict_role(cell.verdict);
                    line.glyph(role, verdict_glyph(cell.verdict));
                    if matches!(cell.verdict, VerdictWord::Fail | VerdictWord::Unknown) {
                        line.put(role, cell.count.to_string());
                    }
                }
            }
            column => plain(&mut line, column, server, state, width, look),
        }
        line.pad_to(start + width + 1);
    }
    line
}

/// The head of a group: its name, how many servers, how they stand by their worst verdict, what is open, the score.
fn draw_head<'a>(group: &Group, width: usize, selected: bool, look: &'a Look) -> Line<'a> {
    let mut line = Line::new(look);
    if selected {
        line.glyph(Role::SelectedMarker, Glyph::Marker);
    } else {
        line.put(Role::Text, " ");
    }
    let sign = if group.folded {
        Glyph::Folded
    } else {
        Glyph::Unfolded
    };
    line.glyph(Role::Dim, sign);
    let mut facts = Line::new(look);
    facts.put(
        Role::Dim,
        format!("  {}", counted(group.servers.len(), "server")),
    );
    let mut more = Line::new(look);
    for verdict in [VerdictWord::Fail, VerdictWord::Unknown, VerdictWord::Pass] {
        let count = group.tally.get(verdict);
        if count > 0 {
            more.put(Role::Text, "  ");
            more.glyph(verdict_role(verdict), verdict_glyph(verdict));
            more.put(verdict_role(verdict), format!(" {count}"));
        }
    }
    let mut open = Line::new(look);
    for (severity, count) in Severity::ALL.into_iter().zip(group.open) {
        if count > 0 {
            open.put(Role::Text, "  ");
            open.put(
                severity_role(severity),
                format!("{}{count}", severity.letter()),
            );
        }
    }
    if let Some(score) = group.score.percent() {
        open.put(Role::Dim, "  score ");
        open.put(Role::Text, score.to_string());
    }
    let least = 12;
    for part in [more, open] {
        if line.width() + least + facts.width() + part.width() <= width {
            facts.append(part);
        }
    }
    let room = width.saturating_sub(line.width());
    let fits = room >= facts.width() + least;
    let room = if fits { room - facts.width() } else { room };
    let role = if selected {
        Role::Selected
    } else {
        Role::Title
    };
    line.put(role, cut_end(&group.name, room, look).into_owned());
    if fits {
        line.append(facts);
    }
    line
}

fn plain(
    line: &mut Line<'_>,
    column: Column,
    server: &ServerSummary,
    state: &State,
    width: usize,
    look: &Look,
) {
    let choice: &ColumnChoice = &state.columns;
    let words = column
        .text(server, &state.roster, choice)
        .unwrap_or_default();
    match (column, server.open.iter().position(|count| *count > 0)) {
        (column, _) if column.is_number() => {
            line.put(Role::Text, format!("{words:>width$}"));
        }
        (Column::Severity, Some(worst)) => {
            let words = cut_end(&words, width, look).into_owned();
            line.put(severity_role(Severity::ALL[worst]), words);
        }
        _ => text(line, &state.roster, &words, width, look),
    }
}

fn count(line: &mut Line<'_>, verdict: VerdictWord, count: usize) {
    let role = if count == 0 {
        Role::Dim
    } else {
        verdict_role(verdict)
    };
    line.glyph(role, verdict_glyph(verdict));
    line.put(role, format!("{count:>2}"));
}

/// The end of a name tells servers apart, so a name that is too long loses its start.
fn name(
    line: &mut Line<'_>,
    server: &ServerSummary,
    roster: &Roster,
    selected: bool,
    width: usize,
    look: &Look,
) {
    let role = if selected { Role::Selected } else { Role::Text };
    let (shown, cut) = cut_start(&server.name, width, look);
    let sign = if cut == 0 {
        0
    } else {
        look.glyph(Glyph::Ellipsis).len()
    };
    let with_gaps = roster.hits().is_some_and(|hits| hits.with_gaps);
    let ranges: Vec<_> = match_ranges(roster.query(), &server.name, with_gaps)
        .into_iter()
        .filter(|range| range.end > cut)
        .map(|range| range.start.max(cut) - cut + sign..range.end - cut + sign)
        .collect();
    line.highlighted(role, &shown, &ranges);
}

fn text(line: &mut Line<'_>, roster: &Roster, text: &str, width: usize, look: &Look) {
    let shown = cut_end(text, width, look);
    let ranges = match_ranges(roster.query(), &shown, false);
    line.highlighted(Role::Text, &shown, &ranges);
}
