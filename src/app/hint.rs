//! The hints of the last line: what is worth a key, the most useful first.

use super::{CHORDS, Command, Key, Lookup, Scope, State};

/// A key with what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The key as it is in force, or the first key of a chord.
    pub key: String,
    /// What it does, in a word or two.
    pub title: &'static str,
    /// Whether it stands there whatever the width: the way to the help and the way out.
    pub always: bool,
}

/// How useful a hint is, 0 the most; also the order of the palette.
pub(super) const fn rank(command: Command) -> u8 {
    match command {
        Command::Open
        | Command::StartDemo
        | Command::StartScan
        | Command::Search
        | Command::Accept
        | Command::Yes
        | Command::No
        | Command::NextTab => 0,
        Command::Filter => 1,
        Command::Back => 2,
        Command::SortBy(_) => 3,
        Command::Policies
        | Command::Exemptions
        | Command::Permissions
        | Command::Screen(_)
        | Command::Palette => 4,
        Command::Down
        | Command::Up
        | Command::First
        | Command::Last
        | Command::HalfPageDown
        | Command::HalfPageUp
        | Command::PageDown
        | Command::PageUp
        | Command::Redraw
        | Command::Suspend => 9,
        Command::Theme(_) => 6,
        Command::Help => 7,
        Command::Close | Command::Quit | Command::QuitNow => 8,
        _ => 5,
    }
}

/// The hints for what has the keys, the most useful first, the way to the help and the way out last. A command that
/// cannot run now has none, and a chord stands once.
#[must_use]
pub fn hints(state: &State) -> Vec<Hint> {
    let scope = Scope::of(state);
    let mut hints: Vec<(u8, Hint)> = Vec::new();
    let mut hint = |command, key: String, title, always| {
        if !hints.iter().any(|(_, known)| known.key == key) {
            hints.push((rank(command), Hint { key, title, always }));
        }
    };
    let mut said: Vec<Command> = Vec::new();
    for binding in state.keymap.bindings(scope) {
        let record = binding.record;
        // The first keys of a command are the ones to show.
        if said.contains(&record.command) {
            continue;
        }
        said.push(record.command);
        if let [first, _, ..] = binding.keys.0.as_slice()
            && let Some((key, title)) = chord(*first)
        {
            hint(record.command, key.to_owned(), title, false);
        } else if record.hint && (record.enabled)(state).is_ok() {
            let always = matches!(
                record.command,
                Command::Help | Command::Quit | Command::Close
            );
            hint(
                record.command,
                binding.keys.to_string(),
                record.title,
                always,
            );
        }
    }
    hints.sort_by_key(|(rank, _)| *rank);
    hints.into_iter().map(|(_, hint)| hint).collect()
}

/// The chord that a key begins.
fn chord(first: Key) -> Option<(&'static str, &'static str)> {
    CHORDS
        .iter()
        .find(|(key, _)| key.parse() == Ok(first))
        .copied()
}

/// What keys are about that begin a chord: the chord's title, else the keys themselves.
#[must_use]
pub fn chord_title(state: &State) -> String {
    let keys = &state.pending;
    let pending = matches!(
        state.keymap.look_up(Scope::of(state), &keys.0),
        Lookup::Pending
    );
    match keys.0.as_slice() {
        [first] if pending => {
            chord(*first).map_or_else(|| keys.to_string(), |(_, title)| title.to_owned())
        }
        _ => keys.to_string(),
    }
}
