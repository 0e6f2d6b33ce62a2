//! How the explorer looks.

use super::super::write::{SCREENS, record};
use super::super::{Command, CommandRecord};
use crate::app::ThemeChange;

pub(super) const COMMANDS: &[CommandRecord] = &[
    record(
        Command::Theme(ThemeChange::Next),
        "next theme",
        "The next theme, one of your own too.",
        &["Ctrl-t"],
        SCREENS,
    ),
    record(
        Command::Theme(ThemeChange::Previous),
        "previous theme",
        "The theme before.",
        &["Alt-t"],
        SCREENS,
    ),
    record(
        Command::Theme(ThemeChange::Reload),
        "reload theme",
        "Read the file of the theme anew; one that is wrong is not taken. A file that changes is read by itself.",
        &["g r"],
        SCREENS,
    ),
];
