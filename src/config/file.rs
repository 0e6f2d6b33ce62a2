//! A config file: its text, and the table in it with the places of everything.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{ConfigError, Origin, Problem};
use crate::nesting::{TOO_DEEP, too_deep};

/// The most places that are told where a text is no TOML: each is looked for in the text, and nobody reads more.
const MOST_MISTAKES: usize = 100;

/// A config file.
#[derive(Debug)]
pub struct File {
    path: PathBuf,
    text: String,
}

/// The text of a file; `None` when it is missing and need not be there.
///
/// # Errors
/// When it cannot be read, or is missing and must be there.
pub fn read_text(path: &Path, must_exist: bool) -> Result<Option<String>, ConfigError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_exist => Ok(None),
        Err(source) => Err(ConfigError::Io {
            path: path.to_owned(),
            source,
        }),
    }
}

impl File {
    /// Parses a text into a table.
    ///
    /// # Errors
    /// When it is no TOML: what is wrong, with the lines, in up to a hundred places.
    pub fn parse(path: &Path, text: String) -> Result<Self, ConfigError> {
        let problem = |place: Range<usize>, message: &str| Problem {
            file: path.to_owned(),
            line: line(&text, &place),
            column: column(&text, &place),
            message: message.to_owned(),
        };
        let problems: Vec<Problem> = match too_deep(&text) {
            Some(place) => vec![problem(place, TOO_DEEP)],
            None => DeTable::parse_recoverable(&text)
                .1
                .iter()
                .take(MOST_MISTAKES)
                .map(|error| problem(error.span().unwrap_or_default(), error.message()))
                .collect(),
        };
        if problems.is_empty() {
            Ok(Self {
                path: path.to_owned(),
                text,
            })
        } else {
            Err(ConfigError::Wrong(problems))
        }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its text, in which all places lie.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What stands at its top. The file is small: it is parsed again instead of kept twice.
    #[must_use]
    pub fn table(&self) -> DeTable<'_> {
        DeTable::parse_recoverable(&self.text).0.into_inner()
    }

    /// A value at its top.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Spanned<DeValue<'_>>> {
        self.table().remove(key)
    }

    /// A place as the origin of a setting.
    #[must_use]
    pub fn origin(&self, place: &Range<usize>) -> Origin {
        Origin::File {
            file: self.path.clone(),
            line: line(&self.text, place),
        }
    }

    /// A problem at a place.
    #[must_use]
    pub fn problem(&self, place: &Range<usize>, message: String) -> Problem {
        Problem {
            file: self.path.clone(),
            line: line(&self.text, place),
            column: column(&self.text, place),
            message,
        }
    }

    /// The keys at its top that are not among `known`, each as a problem.
    #[must_use]
    pub fn unknown_keys(&self, known: &[&str]) -> Vec<Problem> {
        let mut unknown: Vec<Problem> = self
            .table()
            .keys()
            .filter(|key| !known.contains(&key.get_ref().as_ref()))
            .map(|key| {
                let name = key.get_ref();
                let message = match nearest(name, known) {
                    Some(near) => format!("unknown key `{name}`; the nearest is `{near}`"),
                    None => format!("unknown key `{name}`; known are {}", known.join(", ")),
                };
                self.problem(&key.span(), message)
            })
            .collect();
        unknown.sort_by_key(|problem| problem.line);
        unknown
    }
}

fn line(text: &str, place: &Range<usize>) -> usize {
    let before = &text.as_bytes()[..place.start.min(text.len())];
    1 + memchr::memchr_iter(b'\n', before).count()
}

fn column(text: &str, place: &Range<usize>) -> usize {
    let before = text.get(..place.start).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    1 + line.chars().count()
}

/// The known key that was probably meant: the one with the fewest differences, when they are few.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        // A page where a word should stand is near to nothing, and comparing it would take time and memory.
        .filter(|candidate| name.len() <= 4 * candidate.len())
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), *candidate))
        .min_by_key(|(differences, _)| *differences)
        .filter(|(differences, _)| *differences <= 1 + name.chars().count() / 3)
        .map(|(_, candidate)| candidate)
}
