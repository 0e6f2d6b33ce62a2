//! The table of commands, cut by topic. Help and hints keep the order of the topics, and the order within each.

mod appearance;
mod copy;
mod difference;
mod list;
mod motion;
mod overlay;
mod program;
mod scan;
mod scans;
mod screens;
mod server;

use super::CommandRecord;

/// Every topic, in the order of help and hints.
const TOPICS: [&[CommandRecord]; 11] = [
    motion::COMMANDS,
    list::COMMANDS,
    server::COMMANDS,
    difference::COMMANDS,
    copy::COMMANDS,
    screens::COMMANDS,
    scan::COMMANDS,
    scans::COMMANDS,
    overlay::COMMANDS,
    appearance::COMMANDS,
    program::COMMANDS,
];

/// Every command, in the order of help and hints. A command may stand there more than once, with other keys for other
/// places.
pub fn commands() -> impl Iterator<Item = &'static CommandRecord> + Clone {
    TOPICS.into_iter().flatten()
}
