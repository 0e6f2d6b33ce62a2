//! The tree of controls with what became of each.

use ratatui::buffer::Buffer;

use crate::app::{Area, Pane, ServerScreen, Show, TreeNode, TreeRow};
use crate::look::{Glyph, Look, Role};
use crate::posture::VerdictWord;

use super::widget::{Line, cut_end, severity_role, verdict_glyph, verdict_role, verdict_word};

pub fn draw(buffer: &mut Buffer, area: Area, server: &ServerScreen, look: &Look) {
    if server.rows.is_empty() {
        let mut line = Line::new(look);
        let words = match server.show {
            Show::Failing => "nothing fails here",
            Show::Unknown | Show::All => "nothing is unknown here",
        };
        line.put(Role::Info, format!(" {words}"));
        return line.draw(buffer, area, 0);
    }
    let height = usize::from(area.height);
    let window = server.tree.window(server.rows.len(), height);
    for (line, row) in (0_u16..).zip(window) {
        let selected = row == server.tree.cursor;
        draw_row(&server.rows[row], area, server, selected, look).draw(buffer, area, line);
    }
}

fn draw_row<'a>(
    row: &TreeRow,
    area: Area,
    server: &ServerScreen,
    selected: bool,
    look: &'a Look,
) -> Line<'a> {
    let mut line = Line::new(look);
    if selected {
        line.glyph(Role::SelectedMarker, Glyph::Marker);
    } else {
        line.put(Role::Text, " ");
    }
    let width = usize::from(area.width);
    let indent = if width >= 36 {
        row.depth * 2
    } else {
        row.depth
    };
    line.put(Role::Text, " ".repeat(indent));
    let verdict = verdict(row, server, width, look);
    let role = match (selected, server.focus, row.node) {
        (true, Pane::Controls, _) => Role::Selected,
        (true, Pane::Feature, _) => Role::SelectedElsewhere,
        (false, _, TreeNode::Family(_)) => Role::Title,
        (false, _, TreeNode::Control(_)) => Role::Dim,
        (false, _, TreeNode::Feature(_)) => Role::Text,
    };
    let title = match row.node {
        TreeNode::Family(family) => format!("{family} {}", row.node.title()),
        TreeNode::Control(id) => format!("{id} {}", row.node.title()),
        TreeNode::Feature(_) => row.node.title().to_owned(),
    };
    let room = width.saturating_sub(line.width() + verdict.width() + 1);
    line.put(role, cut_end(&title, room, look).into_owned());
    line.pad_to(width.saturating_sub(verdict.width()));
    line.append(verdict);
    line
}

/// What stands at the right side: for a feature sign, severity and word, for what holds several their worst.
fn verdict<'a>(row: &TreeRow, server: &ServerScreen, width: usize, look: &'a Look) -> Line<'a> {
    let mut line = Line::new(look);
    let worst = row.tally.worst().unwrap_or(VerdictWord::Unknown);
    let role = verdict_role(worst);
    line.glyph(role, verdict_glyph(worst));
    match row.node {
        TreeNode::Feature(feature) => {
            match server.summary.cell(feature).severity {
                Some(severity) => line.put(severity_role(severity), severity.letter()),
                None => line.put(Role::Text, " "),
            };
            if width >= 40 {
                line.put(role, format!(" {:<11}", verdict_word(worst)));
            }
        }
        TreeNode::Family(_) | TreeNode::Control(_) => {
            let count = match worst {
                VerdictWord::Fail | VerdictWord::Unknown => row.tally.get(worst).to_string(),
                _ => String::new(),
            };
            let width = if width >= 40 { 13 } else { 1 };
            line.put(role, format!("{count:<width$}"));
        }
    }
    line
}
