//! What `doctor` says of this machine: the terminal, language and time, and the folder of scans.

use std::path::{Path, PathBuf};

use crate::cli::store_choice;
use crate::store::{Completeness, Scan, Writing, writing};
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

/// What the environment says of the language and the time of this place.
#[must_use]
pub fn locale() -> Section {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let language = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| Some(format!("{} ({name})", variable(name)?)))
        .unwrap_or_else(|| "not set: characters beyond ASCII are not drawn".to_owned());
    let zone = jiff::tz::TimeZone::system();
    let zone = zone
        .iana_name()
        .unwrap_or("not known by name; times are shown with their distance from UTC");
    Section {
        title: "locale",
        facts: vec![
            ("language".to_owned(), language),
            ("time zone".to_owned(), zone.to_owned()),
        ],
    }
}

/// Where scans are kept, how many there are, and whether they can be read and written.
#[must_use]
pub fn scans() -> Section {
    let facts = match store_choice::folder() {
        Err(error) => vec![("folder", error.to_string())],
        Ok(folder) => {
            let mut facts = vec![("folder", folder.path().display().to_string())];
            match folder.files() {
                Err(error) => facts.push(("kept", error.to_string())),
                Ok(files) => facts.extend(kept(&files)),
            }
            facts.push(("room", room(folder.path())));
            facts
        }
    };
    let facts = facts.into_iter();
    Section {
        title: "scans",
        facts: facts.map(|(name, fact)| (name.to_owned(), fact)).collect(),
    }
}

/// How many scans there are, and what is wrong with those that are not whole.
fn kept(files: &[PathBuf]) -> Vec<(&'static str, String)> {
    let mut bytes = 0;
    let mut facts = Vec::new();
    for path in files {
        bytes += std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        match Scan::open(path).and_then(|scan| scan.info()) {
            Err(error) => facts.push(("cannot be read", error.to_string())),
            Ok(info) if info.completeness == Completeness::Unfinished => {
                let word = match writing(path) {
                    Writing::Somebody => "being written",
                    Writing::Nobody => "broken off",
                    Writing::NotTold => "without an end",
                };
                facts.push((word, path.display().to_string()));
            }
            Ok(_) => {}
        }
    }
    let newest = files.first().and_then(|path| path.file_name());
    if let Some(newest) = newest {
        facts.insert(0, ("newest", newest.to_string_lossy().into_owned()));
    }
    facts.insert(0, ("kept", format!("{}, {bytes} bytes", files.len())));
    facts
}

/// What is free where the folder is or would be.
fn room(folder: &Path) -> String {
    let Some(there) = folder.ancestors().find(|it| it.exists()) else {
        return "nothing above the folder is there".to_owned();
    };
    match rustix::fs::statvfs(there) {
        Ok(system) => {
            let free = system.f_bavail.saturating_mul(system.f_frsize) >> 20;
            let read_only = system
                .f_flag
                .contains(rustix::fs::StatVfsMountFlags::RDONLY);
            let only = if read_only { ", read-only" } else { "" };
            format!("{free} MiB free{only}")
        }
        Err(error) => format!("not told: {error}"),
    }
}
