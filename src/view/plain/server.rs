//! One server: its controls with what became of each, or everything about one feature.

use std::io::{self, Write};

use super::{Lines, cell_words, count_words, page, verdict_words};
use crate::app::{Pane, ServerScreen, State, Tab, TreeNode, TreeRow, page_lines};
use crate::baseline::{Responsibility, catalogue};

pub(super) fn write(lines: &mut Lines<'_, impl Write>, state: &State) -> io::Result<()> {
    let Some(server) = &state.server else {
        return Ok(());
    };
    lines.heading(&format!("Server {}", server.summary.name))?;
    match server.focus {
        Pane::Controls => tree(lines, state, server),
        Pane::Feature => feature(lines, state, server),
    }
}

fn tree(lines: &mut Lines<'_, impl Write>, state: &State, server: &ServerScreen) -> io::Result<()> {
    let summary = &server.summary;
    let subscription = state.roster.subscription_name(summary);
    let score = summary.score.percent();
    let score = score.map_or_else(|| "none".to_owned(), |score| format!("{score} of 100"));
    for (name, value) in [
        ("id", summary.id.as_ref()),
        ("region", &summary.region),
        ("version", &summary.version),
        ("state", &summary.state),
        ("subscription", subscription),
        ("posture score", &score),
    ] {
        if !value.is_empty() {
            lines.fact(name, value)?;
        }
    }
    if server.rows.is_empty() {
        return lines.line("Nothing of this kind is on this server.");
    }
    for row in &server.rows {
        match row.node {
            TreeNode::Family(family) => {
                let title = format!("{family} {}: {}", row.node.title(), counts(row));
                lines.heading(&title)?;
            }
            TreeNode::Control(id) => {
                lines.fact(&format!("{id} {}", row.node.title()), &counts(row))?;
            }
            TreeNode::Feature(feature) => {
                let cell = summary.cell(feature);
                lines.fact(row.node.title(), &cell_words(cell))?;
            }
        }
    }
    Ok(())
}

/// How many features of a row have which verdict.
fn counts(row: &TreeRow) -> String {
    count_words(|verdict| row.tally.get(verdict))
}

fn feature(
    lines: &mut Lines<'_, impl Write>,
    state: &State,
    server: &ServerScreen,
) -> io::Result<()> {
    if let TreeNode::Feature(feature) = server.node {
        let control = catalogue().control(feature.control());
        let title = control.map_or("", |control| &control.title);
        lines.fact("control", &format!("{} {title}", feature.control()))?;
        lines.fact("feature", server.node.title())?;
        let cell = server.summary.cell(feature);
        lines.fact("verdict", verdict_words(cell.verdict))?;
        if let Some(without) = server
            .finding()
            .and_then(|finding| finding.without_exemptions.as_ref())
        {
            let word = verdict_words(without.word());
            lines.fact("verdict without exemptions", word)?;
        }
        if let Some(severity) = cell.severity {
            lines.fact("severity", severity.word())?;
        }
        let whose = catalogue().feature(feature).responsibility;
        if whose != Responsibility::NotApplicable {
            lines.fact("responsibility", &whose.as_str().to_lowercase())?;
        }
        lines.heading(server.tab.title())?;
    } else {
        lines.heading(server.node.title())?;
    }
    let width = lines.page_width();
    let told = page_lines(server, width, state.now, &state.zone);
    if matches!((server.node, server.tab), (TreeNode::Feature(_), Tab::Raw)) {
        page::write_as_it_stands(lines, &told)
    } else {
        page::write(lines, &told)
    }
}
