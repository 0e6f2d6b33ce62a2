//! The palette: every command by its name.

use super::super::write::{ROWS, at, hinted, record};
use super::super::{Command, CommandRecord, Scope};

use Scope::Palette;

pub(super) const COMMANDS: &[CommandRecord] = &[
    hinted(record(
        Command::Palette,
        "command",
        "Every command by its name, with its keys; what cannot run now says why.",
        &[":", "Ctrl-p"],
        ROWS,
    )),
    record(
        Command::Run,
        "run",
        "Run the selected command where the palette was opened, as its key would.",
        &["Enter"],
        at(&[Palette]),
    ),
    record(
        Command::Complete,
        "complete",
        "Write the name of the selected command.",
        &["Tab"],
        at(&[Palette]),
    ),
];
