//! Where in a text a query matches: asked for the rows on the screen only.

use std::ops::Range;

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::{Query, fold};

/// The places in `text` to highlight, as ranges of bytes in order, none overlapping. `with_gaps` says that words may
/// match with gaps, as they may in a server's name.
#[must_use]
pub fn match_ranges(query: &Query, text: &str, with_gaps: bool) -> Vec<Range<usize>> {
    if query.words.is_empty() || text.is_empty() {
        return Vec::new();
    }
    let folded: Vec<char> = text.chars().map(fold).collect();
    let mut marked = vec![false; folded.len()];
    for term in query.words.iter().filter(|term| !term.not) {
        let word: Vec<char> = term.text.chars().collect();
        if let Some(start) = folded.windows(word.len()).position(|part| part == word) {
            marked[start..start + word.len()].fill(true);
        } else if with_gaps && !term.exact {
            let text: String = folded.iter().collect();
            if let Some((_, places)) = SkimMatcherV2::default().fuzzy_indices(&text, &term.text) {
                for place in places {
                    if let Some(mark) = marked.get_mut(place) {
                        *mark = true;
                    }
                }
            }
        }
    }
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for ((start, c), marked) in text.char_indices().zip(marked) {
        if !marked {
            continue;
        }
        let end = start + c.len_utf8();
        match ranges.last_mut() {
            Some(last) if last.end == start => last.end = end,
            _ => ranges.push(start..end),
        }
    }
    ranges
}

/// The places in `text` where another text stands as it is, in any case: ranges of bytes in order, none overlapping.
#[must_use]
pub fn literal_ranges(wanted: &str, text: &str) -> Vec<Range<usize>> {
    let word = super::folded(wanted);
    if word.is_empty() {
        return Vec::new();
    }
    let folded = super::folded(text);
    let found = folded.match_indices(&word);
    if folded.len() == text.len() && text.is_ascii() {
        return found.map(|(at, _)| at..at + word.len()).collect();
    }
    // Folding may change how many bytes a character has, never how many characters there are.
    let mut ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    ends.push(text.len());
    let length = word.chars().count();
    found
        .filter_map(|(at, _)| {
            let first = folded.get(..at)?.chars().count();
            Some(*ends.get(first)?..*ends.get(first + length)?)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_gaps_are_found_where_they_stand() {
        let ranges =
            |query: &str, text: &str| match_ranges(&Query::parse(query).unwrap(), text, true);
        assert_eq!(ranges("PROD 04", "mysql-prod-weu-0421"), [6..10, 15..17]);
        assert_eq!(ranges("mpw", "mysql-prod-weu"), [0..1, 6..7, 11..12]);
        assert!(ranges("\"mpw\"", "mysql-prod-weu").is_empty());
        assert!(ranges("!prod", "mysql-prod").is_empty());
        assert_eq!(
            ranges("über BER", "die ÜBERsicht"),
            std::slice::from_ref(&(4..9))
        );
        assert_eq!(ranges("prod rod", "prod"), std::slice::from_ref(&(0..4)));
        assert!(ranges("", "prod").is_empty());
        assert!(match_ranges(&Query::parse("mpw").unwrap(), "mysql-prod-weu", false).is_empty());
    }

    #[test]
    fn a_text_is_found_as_it_stands_however_it_is_written() {
        let ranges = |wanted: &str, text: &str| literal_ranges(wanted, text);
        assert_eq!(ranges("on", "ON, on"), [0..2, 4..6]);
        assert_eq!(
            ranges("\"a\": 1", "x \"A\": 1"),
            std::slice::from_ref(&(2..8))
        );
        assert_eq!(ranges("ber", "ÜBERber İber"), [2..5, 5..8, 11..14]);
        assert!(ranges("", "text").is_empty());
        assert!(ranges("text", "").is_empty());
    }
}
