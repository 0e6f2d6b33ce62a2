//! Servers by features, a cell a line: a map has no words, so that each of its rows becomes a heading with its cells.

use std::io::{self, Write};

use super::{Lines, cell_words};
use crate::app::{RosterRow, State, TreeNode};
use crate::baseline::FeatureId;

pub(super) fn write(lines: &mut Lines<'_, impl Write>, state: &State) -> io::Result<()> {
    let roster = &state.roster;
    lines.heading("Matrix")?;
    if roster.is_empty() {
        return lines.line(if state.is_filtered() {
            "No server matches."
        } else {
            "No server was read."
        });
    }
    for row in 0..roster.rows() {
        match roster.at(row) {
            Some(RosterRow::Server(server)) => {
                lines.heading(&format!("Server {}", server.name))?;
                for feature in FeatureId::ALL {
                    let title = TreeNode::Feature(feature).title();
                    let name = format!("{} {title}", feature.control());
                    lines.fact(&name, &cell_words(server.cell(feature)))?;
                }
            }
            Some(RosterRow::Group(group)) => {
                lines.heading(&format!("Group {}", group.name))?;
                lines.fact("servers", &group.servers.len().to_string())?;
            }
            None => {}
        }
    }
    Ok(())
}
