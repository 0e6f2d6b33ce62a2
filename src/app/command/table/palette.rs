//! The palette: every command by its name.

use super::super::write::{SCREENS_AND_OVERLAYS, hinted, record};
use super::super::{Command, CommandRecord, Scope};

use Scope::Palette;

pub(super) const COMMANDS: &[CommandRecord] = &[
    hinted(record(
        Command::Palette,
        "command",
        "Every command by its name, with its keys; what cannot run now says why.",
        &[":", "Ctrl-p"],
        SCREENS_AND_OVERLAYS,
    )),
    record(
        Command::Run,
        "run",
        "Run the selected command where the palette was opened, as its key would.",
        &["Enter"],
        &[Palette],
    ),
    record(
        Command::Complete,
        "complete",
        "Write the name of the selected command.",
        &["Tab"],
        &[Palette],
    ),
];
