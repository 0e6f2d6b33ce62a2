//! The table of commands, cut by topic. Help and hints keep the order of the topics, and the order within each.

mod appearance;
mod copy;
mod difference;
mod groups;
mod link;
mod list;
mod live;
mod many;
mod matrix;
mod motion;
mod overlay;
mod palette;
mod program;
mod scan;
mod scans;
mod screens;
mod search;
mod server;
mod ways;

use super::CommandRecord;

/// Every topic with its title, in the order of help and hints.
pub const TOPICS: &[(&str, &[CommandRecord])] = &[
    ("moving", motion::COMMANDS),
    ("list", list::COMMANDS),
    ("two ways", ways::COMMANDS),
    ("groups and columns", groups::COMMANDS),
    ("matrix", matrix::COMMANDS),
    ("tabs and neighbours", server::COMMANDS),
    ("two scans compared", difference::COMMANDS),
    ("copying", copy::COMMANDS),
    ("addresses", link::COMMANDS),
    ("many at once", many::COMMANDS),
    ("screens", screens::COMMANDS),
    ("reading again", live::COMMANDS),
    ("searching", search::COMMANDS),
    ("scanning", scan::COMMANDS),
    ("kept scans", scans::COMMANDS),
    ("closing and answering", overlay::COMMANDS),
    ("commands", palette::COMMANDS),
    ("looks", appearance::COMMANDS),
    ("program", program::COMMANDS),
];

/// Every command, in the order of help and hints. A command may stand there more than once, with other keys for other
/// places.
pub fn commands() -> impl Iterator<Item = &'static CommandRecord> + Clone {
    TOPICS.iter().flat_map(|(_, records)| records.iter())
}
