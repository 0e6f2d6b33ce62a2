//! Servers by features as a map: a cell is the sign of the verdict in its colour and the letter of the worst open
//! severity. Only the cells on the screen are made.

use ratatui::buffer::Buffer;

use crate::app::{Area, Group, GroupCell, MatrixLayout, RosterRow, State, TreeNode};
use crate::baseline::FeatureId;
use crate::look::{Glyph, Look, Role};
use crate::posture::{Cell, ServerSummary, VerdictWord};

use super::widget::{
    Line, cut_end, cut_start, severity_role, verdict_glyph, verdict_role, verdict_word,
};

pub fn draw(buffer: &mut Buffer, _body: Area, state: &State, look: &Look) {
    let layout = state.matrix_layout();
    heads(buffer, &layout, state, look);
    let roster = &state.roster;
    if roster.is_empty() {
        let mut line = Line::new(look);
        let words = if state.is_filtered() {
            "  No server matches."
        } else {
            "  No server was read."
        };
        line.put(Role::Info, words);
        return line.draw(buffer, layout.rows, 0);
    }
    let position = roster.position();
    let height = usize::from(layout.rows.height);
    for (line, row) in (0_u16..).zip(position.window(roster.rows(), height)) {
        let selected = row == position.cursor;
        let drawn = match roster.at(row) {
            Some(RosterRow::Server(server)) => server_row(server, &layout, state, selected, look),
            Some(RosterRow::Group(group)) => group_row(group, &layout, state, selected, look),
            None => continue,
        };
        drawn.draw(buffer, layout.rows, line);
    }
    words(buffer, &layout, state, look);
}

/// The families above their columns, and below them the number of each feature's control.
fn heads(buffer: &mut Buffer, layout: &MatrixLayout, state: &State, look: &Look) {
    let matrix = &state.matrix;
    let columns = matrix.columns(layout);
    let here = matrix.feature();
    if let Some(area) = layout.families {
        let mut line = Line::new(look);
        for column in columns.clone() {
            let family = FeatureId::ALL[column].family();
            let first = column == columns.start || FeatureId::ALL[column - 1].family() != family;
            if first {
                line.pad_to(layout.names + layout.start(matrix.left, column));
                let role = if family == here.family() {
                    Role::Prompt
                } else {
                    Role::Header
                };
                line.put(role, family.code());
            }
        }
        line.draw(buffer, area, 0);
    }
    if let Some(area) = layout.controls {
        let mut line = Line::new(look);
        line.put(Role::Header, "  SERVER");
        for column in columns {
            let number = FeatureId::ALL[column].control();
            let number = number.split_once('-').map_or("", |(_, number)| number);
            line.pad_to(layout.names + layout.start(matrix.left, column));
            let role = if column == matrix.column {
                Role::Selected
            } else {
                Role::Header
            };
            line.put(role, number);
        }
        line.draw(buffer, area, 0);
    }
}

/// The marker and the name.
fn head<'a>(
    layout: &MatrixLayout,
    selected: bool,
    role: Role,
    sign: Option<Glyph>,
    name: &str,
    look: &'a Look,
) -> Line<'a> {
    let mut line = Line::new(look);
    if selected {
        line.glyph(Role::SelectedMarker, Glyph::Marker);
    } else {
        line.put(Role::Text, " ");
    }
    if let Some(sign) = sign {
        line.glyph(Role::Dim, sign);
    }
    let role = if selected { Role::Selected } else { role };
    let room = layout.names.saturating_sub(line.width() + 1);
    let name = if sign.is_some() {
        cut_end(name, room, look)
    } else {
        cut_start(name, room, look).0
    };
    line.put(role, name.into_owned());
    line
}

fn server_row<'a>(
    server: &ServerSummary,
    layout: &MatrixLayout,
    state: &State,
    selected: bool,
    look: &'a Look,
) -> Line<'a> {
    let mut line = head(layout, selected, Role::Text, None, &server.name, look);
    for column in state.matrix.columns(layout) {
        line.pad_to(layout.names + layout.start(state.matrix.left, column));
        let cell = server.cell(FeatureId::ALL[column]);
        let here = selected && column == state.matrix.column;
        let role = verdict_role(cell.verdict);
        line.glyph(
            if here { Role::Selected } else { role },
            verdict_glyph(cell.verdict),
        );
        if let Some(severity) = cell.severity {
            line.put(severity_role(severity), severity.letter());
        }
    }
    line
}

/// A group's row: how many of its servers fail, or else the sign of the worst that there is.
fn group_row<'a>(
    group: &Group,
    layout: &MatrixLayout,
    state: &State,
    selected: bool,
    look: &'a Look,
) -> Line<'a> {
    let sign = if group.folded {
        Glyph::Folded
    } else {
        Glyph::Unfolded
    };
    let name = format!("{} {}", group.servers.len(), group.name);
    let mut line = head(layout, selected, Role::Title, Some(sign), &name, look);
    let place = place_of(group, state);
    for column in state.matrix.columns(layout) {
        line.pad_to(layout.names + layout.start(state.matrix.left, column));
        let here = selected && column == state.matrix.column;
        let cell = match (state.survey(), place) {
            (Some(survey), Some(place)) if !state.is_counting() => {
                survey.group(place, FeatureId::ALL[column])
            }
            _ => {
                line.put(if here { Role::Selected } else { Role::Dim }, ".");
                continue;
            }
        };
        group_cell(&mut line, cell, here);
    }
    line
}

fn place_of(group: &Group, state: &State) -> Option<usize> {
    let groups = state.roster.groups();
    groups
        .binary_search_by_key(&group.row, |group| group.row)
        .ok()
}

fn group_cell(line: &mut Line<'_>, cell: GroupCell, here: bool) {
    let verdict = cell.verdict();
    let role = match (here, verdict) {
        (true, _) => Role::Selected,
        (false, Some(verdict)) => verdict_role(verdict),
        (false, None) => Role::Dim,
    };
    match verdict {
        Some(VerdictWord::Fail) => line.put(role, cell.failing.to_string()),
        Some(verdict) => line.glyph(role, verdict_glyph(verdict)),
        None => line.glyph(role, Glyph::NotApplicable),
    };
}

/// The cell under the cursor in words; then what its row and its column count.
fn words(buffer: &mut Buffer, layout: &MatrixLayout, state: &State, look: &Look) {
    let area = layout.words;
    let feature = state.matrix.feature();
    let width = usize::from(area.width);
    let row = state.roster.at(state.roster.position().cursor);
    let name = TreeNode::Feature(feature).title();
    let place = format!("{} {name}", feature.control());
    let mut cell = Line::new(look);
    cell.put(Role::Text, " ");
    match row {
        Some(RosterRow::Server(server)) => cell_words(&mut cell, server.cell(feature), width),
        Some(RosterRow::Group(group)) => group_words(&mut cell, group, feature, state),
        None => {}
    }
    if area.height <= 1 {
        // The verdict first, then as much of the place as there is room for.
        cell.put(Role::Text, " ");
        let room = width.saturating_sub(cell.width());
        cell.put(Role::Dim, cut_end(&place, room, look).into_owned());
        return cell.draw(buffer, area, 0);
    }
    let mut line = Line::new(look);
    line.put(Role::Text, " ");
    line.put(
        Role::Title,
        cut_end(&place, width.saturating_sub(2), look).into_owned(),
    );
    let server = match row {
        Some(RosterRow::Server(server)) => &*server.name,
        Some(RosterRow::Group(group)) => &group.name,
        None => "",
    };
    let room = width.saturating_sub(line.width() + 4);
    if room >= 8 {
        line.separator();
        line.put(Role::Text, cut_start(server, room, look).0.into_owned());
    }
    line.draw(buffer, area, 0);
    cell.draw(buffer, area, 1);
    if area.height >= 3 {
        counts(row, feature, state, look).draw(buffer, area, 2);
    }
}

fn cell_words(line: &mut Line<'_>, cell: Cell, width: usize) {
    let role = verdict_role(cell.verdict);
    line.glyph(role, verdict_glyph(cell.verdict));
    line.put(role, format!(" {}", verdict_word(cell.verdict)));
    if let Some(severity) = cell.severity {
        line.put(Role::Text, " ");
        line.put(severity_role(severity), severity.word());
    }
    if let Some(cause) = cell.cause.filter(|_| width >= 40) {
        line.put(Role::Dim, format!(": {}", cause.short()));
    }
}

fn group_words(line: &mut Line<'_>, group: &Group, feature: FeatureId, state: &State) {
    let place = place_of(group, state);
    let cell = match (state.survey(), place) {
        (Some(survey), Some(place)) if !state.is_counting() => survey.group(place, feature),
        _ => {
            line.put(Role::Dim, "counting ...");
            return;
        }
    };
    for (verdict, count) in [
        (VerdictWord::Fail, cell.failing),
        (VerdictWord::Unknown, cell.unknown),
        (VerdictWord::Pass, cell.passing),
    ] {
        let role = verdict_role(verdict);
        line.glyph(role, verdict_glyph(verdict));
        line.put(role, format!("{count} "));
    }
    line.put(Role::Dim, format!("of {}", group.servers.len()));
}

/// What the row and the column count.
fn counts<'a>(
    row: Option<RosterRow<'_>>,
    feature: FeatureId,
    state: &State,
    look: &'a Look,
) -> Line<'a> {
    let mut line = Line::new(look);
    if let Some(RosterRow::Server(server)) = row {
        line.put(Role::Dim, " server ");
        three(&mut line, |verdict| server.count(verdict));
    } else if let Some(RosterRow::Group(group)) = row {
        line.put(Role::Dim, " servers by their worst ");
        three(&mut line, |verdict| group.tally.get(verdict));
    }
    line.put(Role::Dim, "  feature ");
    let node = TreeNode::Feature(feature);
    match state.survey().and_then(|survey| survey.standing(node)) {
        Some(standing) if !state.is_counting() => {
            three(&mut line, |verdict| standing.tally.get(verdict));
        }
        _ => {
            line.put(Role::Dim, "counting ...");
        }
    }
    line
}

fn three(line: &mut Line<'_>, count: impl Fn(VerdictWord) -> usize) {
    for verdict in [VerdictWord::Fail, VerdictWord::Unknown, VerdictWord::Pass] {
        let role = verdict_role(verdict);
        line.glyph(role, verdict_glyph(verdict));
        line.put(role, format!("{} ", count(verdict)));
    }
}
