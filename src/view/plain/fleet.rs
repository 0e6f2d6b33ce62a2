//! The list of servers, one line each.

use std::io::{self, Write};

use super::{Lines, verdict_words};
use crate::app::{RosterRow, State, family_cell, open_features};
use crate::baseline::{FamilyCode, catalogue};
use crate::posture::{ServerSummary, VerdictWord};

pub(super) fn write(lines: &mut Lines<'_, impl Write>, state: &State) -> io::Result<()> {
    let roster = &state.roster;
    lines.heading("Servers")?;
    let sort = roster.sort();
    let order = if sort.inverted { ", turned round" } else { "" };
    lines.fact("sorted by", &format!("{}{order}", sort.key.word()))?;
    if roster.is_empty() {
        let words = if state.is_filtered() {
            "No server matches."
        } else {
            "This scan holds no server."
        };
        return lines.line(words);
    }
    for row in 0..roster.rows() {
        match roster.at(row) {
            Some(RosterRow::Server(server)) => {
                lines.facts(&facts(server, roster.subscription_name(server)))?;
            }
            Some(RosterRow::Group(group)) => {
                let folded = if group.folded { "yes" } else { "no" };
                lines.facts(&[
                    ("group", group.name.clone()),
                    ("servers", group.servers.len().to_string()),
                    ("folded", folded.to_owned()),
                ])?;
            }
            None => {}
        }
    }
    Ok(())
}

fn facts<'a>(server: &ServerSummary, subscription: &str) -> Vec<(&'a str, String)> {
    let count = |verdict| server.count(verdict).to_string();
    let score = server.score.percent();
    let mut facts = vec![
        ("server", server.name.to_string()),
        ("fail", count(VerdictWord::Fail)),
        ("unknown", count(VerdictWord::Unknown)),
        ("pass", count(VerdictWord::Pass)),
        (
            "score",
            score.map_or_else(|| "none".to_owned(), |score| score.to_string()),
        ),
    ];
    if let Some((feature, cell)) = open_features(server).first() {
        let severity = cell.severity.map(|severity| format!(", {severity}"));
        let name = &catalogue().feature(*feature).name;
        facts.push((
            "worst",
            format!(
                "{name}, {}{}",
                verdict_words(cell.verdict),
                severity.unwrap_or_default()
            ),
        ));
    }
    for family in FamilyCode::ALL {
        let cell = family_cell(server, family);
        let word = verdict_words(cell.verdict);
        let words = match cell.verdict {
            VerdictWord::Fail | VerdictWord::Unknown => format!("{} {word}", cell.count),
            _ => word.to_owned(),
        };
        facts.push((&catalogue().family(family).title, words));
    }
    facts.extend([
        ("region", server.region.to_string()),
        ("version", server.version.to_string()),
        ("state", server.state.to_string()),
        ("subscription", subscription.to_owned()),
        ("resource group", server.resource_group.to_string()),
    ]);
    facts
}
