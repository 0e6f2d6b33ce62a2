//! The way by control: every feature over all servers, and the servers of one feature.

use std::io::{self, Write};

use super::{Lines, cell_words, count_words};
use crate::app::{Show, State, TreeNode};
use crate::posture::VerdictWord;

pub(super) fn write_list(lines: &mut Lines<'_, impl Write>, state: &State) -> io::Result<()> {
    let screen = &state.control_list;
    lines.heading("Controls")?;
    lines.fact("sorted by", screen.sort.word())?;
    shown(lines, screen.show)?;
    if !screen.filter.is_empty() {
        lines.fact("filter", &screen.filter)?;
    }
    let Some(survey) = state.survey() else {
        return lines.line("The servers are still being counted.");
    };
    lines.fact("servers counted", &survey.servers.to_string())?;
    for row in &screen.rows {
        let Some(standing) = survey.standing(row.node) else {
            continue;
        };
        let count = |verdict| standing.tally.get(verdict);
        match row.node {
            TreeNode::Family(family) => {
                lines.heading(&format!("{family} {}", row.node.title()))?;
            }
            TreeNode::Control(id) => lines.line(&format!("{id} {}", row.node.title()))?,
            TreeNode::Feature(feature) => {
                let severity = standing.severity();
                lines.facts(&[
                    ("feature", row.node.title().to_owned()),
                    ("control", feature.control().to_owned()),
                    ("servers", count_words(count)),
                    (
                        "worst severity",
                        severity.map_or_else(String::new, |it| it.word().to_owned()),
                    ),
                ])?;
            }
        }
    }
    Ok(())
}

pub(super) fn write_servers(lines: &mut Lines<'_, impl Write>, state: &State) -> io::Result<()> {
    let screen = &state.control_servers;
    let node = TreeNode::Feature(screen.feature);
    lines.heading(&format!(
        "Servers of {} {}",
        screen.feature.control(),
        node.title()
    ))?;
    shown(lines, screen.show)?;
    if let Some(standing) = state.survey().and_then(|survey| survey.standing(node)) {
        lines.fact(
            "servers",
            &count_words(|verdict: VerdictWord| standing.tally.get(verdict)),
        )?;
    }
    if screen.is_listing() {
        return lines.line("The servers are still being listed.");
    }
    if screen.is_empty() {
        return lines.line("No such server is in view.");
    }
    for server in (0..screen.len()).filter_map(|row| state.control_server(row)) {
        lines.facts(&[
            ("server", server.name.to_string()),
            ("verdict", cell_words(server.cell(screen.feature))),
            ("region", server.region.to_string()),
            (
                "subscription",
                state.roster.subscription_name(server).to_owned(),
            ),
        ])?;
    }
    Ok(())
}

fn shown(lines: &mut Lines<'_, impl Write>, show: Show) -> io::Result<()> {
    match show {
        Show::All => Ok(()),
        Show::Failing => lines.fact("only", "what fails"),
        Show::Unknown => lines.fact("only", "what is unknown"),
    }
}
