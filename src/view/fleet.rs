//! The list of servers. Moving the cursor changes the marker and the name, not the whole row: over a slow line the
//! difference is felt.

mod columns;

use ratatui::buffer::Buffer;

use crate::app::{Area, Roster, State, family_cell};
use crate::baseline::FamilyCode;
use crate::documents::text::neutral;
use crate::look::{Glyph, Look, Role};
use crate::posture::{ServerSummary, VerdictWord};
use crate::query::match_ranges;

use super::live;
use super::preview;
use super::widget::{Line, cut_end, cut_start, verdict_glyph, verdict_role};
use columns::{Column, Columns};

pub fn draw(buffer: &mut Buffer, state: &State, look: &Look) {
    let layout = state.fleet_layout();
    let columns = Columns::new(layout.rows.width);
    if let Some(area) = layout.titles {
        titles(buffer, area, &columns, &state.roster, look);
    }
    let roster = &state.roster;
    if roster.is_empty() {
        empty(buffer, layout.rows, state, look);
    }
    let height = usize::from(layout.rows.height);
    let position = roster.position();
    for (line, row) in (0_u16..).zip(position.window(roster.len(), height)) {
        if let Some(server) = roster.row(row) {
            let selected = row == position.cursor;
            let marked = roster.is_marked(row);
            let news = live::news(state, server);
            let row = draw_row(server, &columns, roster, (selected, marked, news), look);
            row.draw(buffer, layout.rows, line);
        }
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

fn titles(buffer: &mut Buffer, area: Area, columns: &Columns, roster: &Roster, look: &Look) {
    let mut line = Line::new(look);
    line.put(Role::Header, "  ");
    for (column, width) in columns.iter() {
        let start = line.width();
        match column {
            Column::Families => {
                for family in FamilyCode::ALL {
                    let role = if roster.family() == Some(family) {
                        Role::Prompt
                    } else {
                        Role::Header
                    };
                    line.pad_to(start + family.index() * 4);
                    line.put(role, family.code());
                }
            }
            column => {
                let title = cut_end(column.title(), width, look).into_owned();
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
    roster: &Roster,
    (selected, marked, news): (bool, bool, Option<(Role, &'static str)>),
    look: &'a Look,
) -> Line<'a> {
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
                let worst = VerdictWord::ALL
                    .into_iter()
                    .find(|verdict| server.count(*verdict) > 0)
                    .unwrap_or(VerdictWord::Unknown);
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
            Column::Region => text(&mut line, roster, &server.region, width, look),
            Column::Version => text(&mut line, roster, &server.version, width, look),
            Column::Subscription => {
                let subscription = roster.subscription_name(server);
                text(&mut line, roster, &neutral(subscription), width, look);
            }
            Column::Score => {
                let score = server.score.percent();
                let score = score.map_or_else(|| "-".to_owned(), |score| score.to_string());
                line.put(Role::Text, format!("{score:>width$}"));
            }
        }
        line.pad_to(start + width + 1);
    }
    line
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
