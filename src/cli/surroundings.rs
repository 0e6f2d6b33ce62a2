//! What `doctor` says of this machine: the terminal, and the folder of scans.

use crate::cli::store_choice;
use crate::terminal::{Background, Capability, ColourDepth, Multiplexer, Tty, Wishes};

use super::doctor::Section;

/// What this terminal can show, as the explorer would take it.
#[must_use]
pub fn terminal() -> Section {
    let capability = Capability::detect(Wishes::default());
    let explorer = match Tty::open(&capability) {
        Ok(tty) => tty.size().map_or_else(
            |error| format!("can be drawn, but its size is not told: {error}"),
            |(columns, rows)| format!("can be drawn, {columns} columns by {rows} rows"),
        ),
        Err(error) => format!("cannot be drawn: {error}"),
    };
    let colours = match capability.colours {
        ColourDepth::None => "none; bold, underlined and reversed text only",
        ColourDepth::Sixteen => "16",
        ColourDepth::TwoFiftySix => "256",
        ColourDepth::TrueColour => "24 bits",
    };
    let background = match capability.background {
        Some(Background::Dark) => "dark",
        Some(Background::Light) => "light",
        None => "not told (COLORFGBG is not set); the 16 colours of the terminal suit both",
    };
    let between = match capability.multiplexer {
        Some(Multiplexer::Tmux) => "tmux",
        Some(Multiplexer::Screen) => "GNU screen",
        None => "nothing",
    };
    let yes_or_no = |yes| if yes { "yes" } else { "no" };
    let facts = [
        ("explorer", explorer),
        (
            "type",
            std::env::var("TERM").unwrap_or_else(|_| "TERM is not set".to_owned()),
        ),
        ("colours", colours.to_owned()),
        ("background", background.to_owned()),
        ("beyond ASCII", yes_or_no(capability.unicode).to_owned()),
        ("in between", between.to_owned()),
        ("over SSH", yes_or_no(capability.ssh).to_owned()),
        (
            "clipboard by OSC 52",
            yes_or_no(capability.clipboard).to_owned(),
        ),
        ("links by OSC 8", yes_or_no(capability.links).to_owned()),
    ];
    Section {
        title: "terminal",
        facts: facts.map(|(name, value)| (name.to_owned(), value)).into(),
    }
}

/// Where scans are kept, and how many there are.
#[must_use]
pub fn scans() -> Section {
    let (folder, scans) = match store_choice::folder() {
        Ok(folder) => {
            let scans = match folder.files() {
                Ok(files) => files.len().to_string(),
                Err(error) => error.to_string(),
            };
            (folder.path().display().to_string(), scans)
        }
        Err(error) => (error.to_string(), "0".to_owned()),
    };
    Section {
        title: "scans",
        facts: vec![("folder".to_owned(), folder), ("kept".to_owned(), scans)],
    }
}
