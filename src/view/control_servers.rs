//! The servers of one feature, worst first.

use ratatui::buffer::Buffer;

use crate::app::{Area, Column, ColumnChoice, Show, State, TreeNode};
use crate::look::{Glyph, Look, Role};
use crate::posture::{ServerSummary, VerdictWord};
use crate::query::match_ranges;

use super::widget::{
    Line, cut_end, cut_start, severity_role, verdict_glyph, verdict_role, verdict_word,
};

pub fn draw(buffer: &mut Buffer, _body: Area, state: &State, look: &Look) {
    let layout = state.control_servers_layout();
    let screen = &state.control_servers;
    let columns = Columns::new(layout.rows.width);
    if let Some(area) = layout.heading {
        heading(buffer, area, state, look);
    }
    if let Some(area) = layout.titles {
        titles(buffer, area, &columns, look);
    }
    if screen.is_empty() {
        let words = if screen.is_listing() {
            "listing the servers ..."
        } else if screen.show == Show::All {
            "No server is in view."
        } else {
            "No such server here. Esc shows all."
        };
        let mut line = Line::new(look);
        line.put(Role::Info, format!("  {words}"));
        line.draw(buffer, layout.rows, 0);
    }
    let height = usize::from(layout.rows.height);
    for (line, row) in (0_u16..).zip(screen.position.window(screen.len(), height)) {
        if let Some(server) = state.control_server(row) {
            let selected = row == screen.position.cursor;
            let marked = state.is_control_server_marked(row);
            let row = draw_row(server, &columns, state, (selected, marked), look);
            row.draw(buffer, layout.rows, line);
        }
    }
}

/// How all servers in view stand in the feature.
fn heading(buffer: &mut Buffer, area: Area, state: &State, look: &Look) {
    let node = TreeNode::Feature(state.control_servers.feature);
    let mut line = Line::new(look);
    line.put(Role::Text, " ");
    match state.survey().and_then(|survey| survey.standing(node)) {
        None => {
            line.put(Role::Dim, "counting ...");
        }
        Some(standing) => {
            for verdict in VerdictWord::ALL {
                let count = standing.tally.get(verdict);
                if count == 0 {
                    continue;
                }
                let role = verdict_role(verdict);
                line.glyph(role, verdict_glyph(verdict));
                let word = if area.width >= 40 {
                    verdict_word(verdict)
                } else {
                    ""
                };
                line.put(role, format!(" {count} {word}"));
                line.put(Role::Text, "  ");
            }
        }
    }
    line.draw(buffer, area, 0);
}

/// Which columns there is room for.
struct Columns {
    /// Whether the verdict is written as a word.
    word: bool,
    /// The room of the severity's word and the cause of what is unknown.
    why: usize,
    name: usize,
    others: Vec<(Column, usize)>,
}

impl Columns {
    fn new(width: u16) -> Self {
        // The marker and the space after it, the sign and the letter.
        let mut room = usize::from(width).saturating_sub(4);
        let mut name = room.min(20);
        room -= name;
        let mut take = |wanted: usize| {
            let fits = room > wanted;
            if fits {
                room -= wanted + 1;
            }
            fits
        };
        let word = take(11);
        let why = if take(20) { 20 } else { 0 };
        let wanted = [
            (Column::Score, 5),
            (Column::Region, 13),
            (Column::Subscription, 16),
            (Column::Version, 8),
        ];
        let others = wanted.into_iter().take_while(|(_, width)| take(*width));
        let mut others: Vec<_> = others.collect();
        // The score stands last.
        let last = 1.min(others.len());
        others.rotate_left(last);
        name += room.min(24);
        Self {
            word,
            why,
            name,
            others,
        }
    }
}

fn titles(buffer: &mut Buffer, area: Area, columns: &Columns, look: &Look) {
    let mut line = Line::new(look);
    line.put(Role::Header, "  ");
    if columns.word {
        line.put(Role::Header, "VERDICT");
        line.pad_to(16);
    } else {
        line.pad_to(4);
    }
    line.put(Role::Header, "SERVER");
    let mut at = columns.start() + columns.name + 1;
    if columns.why > 0 {
        line.pad_to(at);
        line.put(Role::Header, "WHY");
        at += columns.why + 1;
    }
    for (column, width) in &columns.others {
        line.pad_to(at);
        line.put(Role::Header, column.record().title);
        at += width + 1;
    }
    line.draw(buffer, area, 0);
}

impl Columns {
    /// Where the name begins.
    const fn start(&self) -> usize {
        if self.word { 16 } else { 4 }
    }
}

fn draw_row<'a>(
    server: &ServerSummary,
    columns: &Columns,
    state: &State,
    (selected, marked): (bool, bool),
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
    let cell = server.cell(state.control_servers.feature);
    let role = verdict_role(cell.verdict);
    line.glyph(role, verdict_glyph(cell.verdict));
    match cell.severity {
        Some(severity) => line.put(severity_role(severity), severity.letter()),
        None => line.put(Role::Text, " "),
    };
    if columns.word {
        line.put(role, format!(" {:<11}", verdict_word(cell.verdict)));
    }
    line.pad_to(columns.start());
    let role = if selected { Role::Selected } else { Role::Text };
    let name = cut_start(&server.name, columns.name, look).0;
    let with_gaps = state.roster.hits().is_some_and(|hits| hits.with_gaps);
    let ranges = match_ranges(state.roster.query(), &name, with_gaps);
    line.highlighted(role, &name, &ranges);
    line.pad_to(columns.start() + columns.name + 1);
    if columns.why > 0 {
        let start = line.width();
        match (cell.cause, cell.severity) {
            (Some(cause), _) => {
                let words = cut_end(cause.short(), columns.why, look).into_owned();
                line.put(Role::Unknown, words);
            }
            (None, Some(severity)) => {
                line.put(severity_role(severity), severity.word());
            }
            (None, None) => {}
        }
        line.pad_to(start + columns.why + 1);
    }
    let choice = ColumnChoice::default();
    for (column, width) in &columns.others {
        let start = line.width();
        let text = column
            .text(server, &state.roster, &choice)
            .unwrap_or_default();
        let text = cut_end(&text, *width, look);
        if column.is_number() {
            line.put(Role::Text, format!("{text:>width$}"));
        } else {
            line.put(Role::Text, text.into_owned());
        }
        line.pad_to(start + width + 1);
    }
    line
}
