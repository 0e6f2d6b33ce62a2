//! Reading a person's TOML file: every problem with its line, and the word that was probably meant.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One thing that is wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong, and what is allowed.
    pub message: String,
}

/// A value with its place in the file.
pub type Place<'a> = Spanned<DeValue<'a>>;

/// Collects what is wrong in a file.
pub struct Reader<'a> {
    text: &'a str,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// Reads a file with this text.
    pub const fn new(text: &'a str) -> Self {
        Self {
            text,
            problems: Vec::new(),
        }
    }

    /// The line of a place.
    pub fn line(&self, place: &Range<usize>) -> usize {
        let before = &self.text.as_bytes()[..place.start.min(self.text.len())];
        1 + memchr::memchr_iter(b'\n', before).count()
    }

    /// Keeps a problem.
    pub fn problem(&mut self, place: &Range<usize>, message: String) {
        let line = self.line(place);
        let column = self.column(place);
        self.problems.push(Problem {
            line,
            column,
            message,
        });
    }

    fn column(&self, place: &Range<usize>) -> usize {
        let before = self.text.get(..place.start).unwrap_or(self.text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        1 + line.chars().count()
    }

    /// Keeps a problem for every key that is not known.
    pub fn keys(&mut self, table: &DeTable<'_>, known: &[&str]) {
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let near = nearest(name, known.iter().copied());
                let message = match near {
                    Some(near) => format!("unknown key `{name}`; the nearest is `{near}`"),
                    None => format!("unknown key `{name}`; known are {}", known.join(", ")),
                };
                self.problem(&key.span(), message);
            }
        }
    }

    /// The text of a value under a key, which must not be empty; keeps a problem when it is none.
    pub fn text(&mut self, key: &str, value: &Place<'_>) -> Option<String> {
        let Some(text) = value.get_ref().as_str() else {
            let found = kind(value.get_ref());
            self.problem(
                &value.span(),
                format!("`{key}` is {found}, and text in quotes is needed"),
            );
            return None;
        };
        let text = text.trim();
        if text.is_empty() {
            self.problem(&value.span(), format!("`{key}` is empty"));
            return None;
        }
        Some(text.to_owned())
    }

    /// What was made of the file, or everything that is wrong in it, in the order of its lines.
    ///
    /// # Errors
    /// When anything is wrong.
    pub fn finish<T>(mut self, made: T) -> Result<T, Vec<Problem>> {
        if self.problems.is_empty() {
            return Ok(made);
        }
        self.problems
            .sort_by_key(|problem| (problem.line, problem.column));
        Err(self.problems)
    }
}

/// What a value is, for a message.
pub fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The known word that was probably meant: the one with the fewest differences, when they are few.
pub fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let lower = word.to_lowercase();
    known
        // A page where a word should stand is near to nothing, and comparing it would take time and memory.
        .filter(|candidate| lower.len() <= 4 * candidate.len())
        .map(|candidate| {
            let differences = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
            (differences, candidate)
        })
        .min_by_key(|(differences, _)| *differences)
        .filter(|(differences, _)| *differences <= 1 + word.chars().count() / 3)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_near_is_offered_and_a_far_one_is_not() {
        let known = || ["owner", "reason", "until"].into_iter();
        assert_eq!(nearest("Onwer", known()), Some("owner"));
        assert_eq!(nearest("untill", known()), Some("until"));
        assert_eq!(nearest("description", known()), None);
    }
}
