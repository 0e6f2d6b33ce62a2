//! The palette: every command by its name, what can run first.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::hint::rank;
use super::{CommandRecord, ListPosition, Prompt, Scope, State, commands};

/// What a word that stands in a command's name is worth, against the scores of names with gaps.
const IN_NAME: i64 = 10_000;

/// What a name written out is worth.
const EXACT: i64 = 1_000_000;

/// Whether a command of the palette can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can.
    Here,
    /// It belongs here, and cannot run now; why.
    NotNow(&'static str),
    /// It has no place here; where it has one.
    Elsewhere(String),
}

/// A command of the palette.
#[derive(Clone, Debug)]
pub struct PaletteEntry {
    /// The command.
    pub record: &'static CommandRecord,
    /// Its keys in force; empty when it has none.
    pub keys: String,
    /// Whether it can run.
    pub standing: Standing,
}

/// The palette.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    /// What is written.
    pub prompt: Prompt,
    /// What matches, best first.
    pub entries: Vec<PaletteEntry>,
    /// Where the list stands.
    pub position: ListPosition,
    /// How many rows there are for it.
    pub(super) height: usize,
}

impl Palette {
    /// The selected command.
    #[must_use]
    pub fn selected(&self) -> Option<&PaletteEntry> {
        self.entries.get(self.position.cursor)
    }

    /// Makes the list anew for the state below the palette.
    pub(super) fn refresh(&mut self, below: &State, height: usize) {
        self.entries = entries(below, self.prompt.text());
        self.height = height;
        self.position.fit(self.entries.len(), height);
    }
}

/// The commands that match, best first: one whose name is written out, then what can run, then what cannot run now, then
/// what belongs elsewhere; in each the better match, else the one that was run later, else the more useful one.
fn entries(state: &State, text: &str) -> Vec<PaletteEntry> {
    let scope = Scope::of(state);
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let matcher = SkimMatcherV2::default();
    let mut found = Vec::new();
    for (place, record) in choices(scope).into_iter().enumerate() {
        let Some(score) = score(&matcher, record, &words) else {
            continue;
        };
        let entry = entry(state, scope, record);
        let group = match entry.standing {
            _ if score >= EXACT => 0,
            Standing::Here => 1,
            Standing::NotNow(_) => 2,
            Standing::Elsewhere(_) => 3,
        };
        let recent = state.recent.iter().position(|it| *it == record.command);
        let recent = recent.unwrap_or(usize::MAX);
        let order = (group, -score, recent, rank(record.command), place);
        found.push((order, entry));
    }
    found.sort_by_key(|(order, _)| *order);
    found.into_iter().map(|(_, entry)| entry).collect()
}

/// Every command once, with the record of the place below the palette when it has one there. What is asked for while a
/// line is written or a question stands is left out: it is over when the palette is open.
fn choices(scope: Scope) -> Vec<&'static CommandRecord> {
    let mut choices: Vec<&'static CommandRecord> = Vec::new();
    for record in commands() {
        let fleeting =
            |scope: Scope| scope.writes_text() || matches!(scope, Scope::Confirm | Scope::Form);
        if record.scopes.iter().all(fleeting) || record.command == super::Command::Palette {
            continue;
        }
        match choices
            .iter_mut()
            .find(|known| known.command == record.command)
        {
            Some(known) if known.scopes.contains(scope) => {}
            Some(known) if record.scopes.contains(scope) => *known = record,
            Some(_) => {}
            None => choices.push(record),
        }
    }
    choices
}

fn entry(state: &State, scope: Scope, record: &'static CommandRecord) -> PaletteEntry {
    let here = record.scopes.contains(scope);
    let shown_in = if here {
        Some(scope)
    } else {
        record.scopes.iter().next()
    };
    PaletteEntry {
        record,
        keys: shown_in.map_or_else(String::new, |scope| {
            state.keymap.words(scope, record.command)
        }),
        standing: match (here, (record.enabled)(state)) {
            (false, _) => Standing::Elsewhere(record.places()),
            (true, Ok(())) => Standing::Here,
            (true, Err(why)) => Standing::NotNow(why),
        },
    }
}

/// How well a command matches, higher is better; `None` when it does not. Every word has to be found, in its names with
/// gaps, or in its description as it stands.
fn score(matcher: &SkimMatcherV2, record: &CommandRecord, words: &[String]) -> Option<i64> {
    if let [word] = words
        && (record.id == word || record.aliases.contains(&word.as_str()))
    {
        return Some(EXACT);
    }
    let doc = record.doc.to_lowercase();
    words.iter().try_fold(0, |sum, word| {
        let named = record.id.contains(word.as_str()) || record.title.contains(word.as_str());
        let gaps = matcher
            .fuzzy_match(record.id, word)
            .max(matcher.fuzzy_match(record.title, word));
        let score = match (named, gaps) {
            (true, score) => IN_NAME + score.unwrap_or(0),
            (false, Some(score)) => score,
            (false, None) if doc.contains(word.as_str()) => 0,
            (false, None) => return None,
        };
        Some(sum + score)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_written_out_comes_before_names_with_gaps_before_descriptions() {
        let matcher = SkimMatcherV2::default();
        let score = |id: &str, text: &str| {
            let record = commands().find(|record| record.id == id).unwrap();
            let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            score(&matcher, record, &words)
        };
        assert_eq!(score("quit", "q"), Some(EXACT));
        assert!(score("copy-fix", "fix") > score("copy-fix", "cpfx"));
        assert!(score("copy-fix", "cpfx") > score("copy-fix", "nothing run"));
        assert_eq!(score("copy-fix", "nothing run"), Some(0));
        assert_eq!(score("copy-fix", "fix elephant"), None);
        assert!(score("quit", "") == Some(0));
    }
}
