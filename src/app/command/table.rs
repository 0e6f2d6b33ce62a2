//! The table of commands, cut by topic. Help and hints keep the order of the topics, and the order within each.

mod appearance;
mod copy;
mod list;
mod live;
mod many;
mod motion;
mod overlay;
mod program;
mod scan;
mod screens;
mod server;

use super::CommandRecord;

/// Every topic, in the order of help and hints.
const TOPICS: [&[CommandRecord]; 11] = [
    motion::COMMANDS,
    list::COMMANDS,
    server::COMMANDS,
    copy::COMMANDS,
    many::COMMANDS,
    screens::COMMANDS,
    live::COMMANDS,
    scan::COMMANDS,
    overlay::COMMANDS,
    appearance::COMMANDS,
    program::COMMANDS,
];

/// Every command, in the order of help and hints. A command may stand there more than once, with other keys for other
/// places.
pub fn commands() -> impl Iterator<Item = &'static CommandRecord> + Clone {
    TOPICS.into_iter().flatten()
}
