//! What is wrong in a query, and where.

use std::fmt;
use std::ops::Range;

/// What is wrong in a query, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct QueryError {
    /// The wrong part of the text, in bytes; never empty, and its ends lie between characters.
    pub range: Range<usize>,
    /// What is wrong, in a few words.
    pub what: String,
    /// What would be right there, in a few words.
    pub expected: String,
    /// The word that was probably meant.
    pub nearest: Option<String>,
    /// Whether it may only be that the rest is still to be written.
    pub unfinished: bool,
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean {nearest}?"),
            None if self.expected.is_empty() => Ok(()),
            None => write!(f, "; {}", self.expected),
        }
    }
}

/// The known word that is nearest to one that is not known, if one is near: so few letters differ.
pub(super) fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let lower = word.to_lowercase();
    known
        // A pasted page is near to nothing, and comparing it would take the square of its length.
        .filter(|candidate| lower.len() <= 4 * candidate.len())
        .map(|candidate| {
            let known = candidate.to_lowercase();
            (strsim::damerau_levenshtein(&lower, &known), candidate)
        })
        .min_by_key(|(differences, _)| *differences)
        .filter(|(differences, candidate)| {
            let length = word.chars().count();
            *differences <= 1 + length / 3 && *differences < candidate.chars().count().max(2)
        })
        .map(|(_, candidate)| candidate)
}

/// The first of some words as a list for a sentence, with how many there are more.
#[must_use]
pub fn first_words<'w>(words: impl Iterator<Item = &'w str>, most: usize) -> String {
    let words: Vec<&str> = words.collect();
    let mut list = words
        .iter()
        .take(most)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if words.len() > most {
        list += &format!(" and {} more", words.len() - most);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered_and_a_far_one_is_not() {
        let known = || ["critical", "high", "medium", "low"].into_iter();
        assert_eq!(nearest("Critcal", known()), Some("critical"));
        assert_eq!(nearest("hihg", known()), Some("high"));
        assert_eq!(nearest("purple", known()), None);
        assert_eq!(nearest("", known()), None);
    }

    #[test]
    fn a_long_list_says_how_many_there_are_more() {
        let words = || ["a", "b", "c"].into_iter();
        assert_eq!(first_words(words(), 3), "a, b, c");
        assert_eq!(first_words(words(), 2), "a, b and 1 more");
    }
}
