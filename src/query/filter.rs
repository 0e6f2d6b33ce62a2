//! Applying a query to the text of all servers.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use memchr::memmem::Finder;

use super::checks::Checks;
use super::terms::Word;
use super::{Query, SearchIndex};

/// So many servers with the words as they stand are enough to leave out gaps.
const ENOUGH: usize = 200;

/// How many servers are looked at between two questions whether to go on.
const CHUNK: usize = 2_000;

/// So many servers that match with gaps are ranked; more than that nobody reads in the order of their rank.
const RANKED: usize = 2_000;

/// What a word that stands in the name is worth, against the scores of names with gaps.
const IN_NAME: i64 = 10_000;

/// What a word that stands elsewhere is worth.
const ELSEWHERE: i64 = 1_000;

/// The servers that match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// Their places in the fleet, ascending.
    pub rows: Vec<u32>,
    /// How well each one matches, higher is better; empty when they are not ranked.
    pub scores: Vec<i64>,
    /// Whether names with gaps were looked for too.
    pub with_gaps: bool,
}

/// Applies a query to all servers, or to the hits of a query that it [narrows](Query::narrows). `keep_going` is asked
/// now and then; once it says no the answer is `None`.
#[must_use]
pub fn filter(
    index: &SearchIndex,
    query: &Query,
    within: Option<&Hits>,
    keep_going: &dyn Fn() -> bool,
) -> Option<Hits> {
    let all = || -> Vec<u32> { (0..u32::try_from(index.len()).unwrap_or(u32::MAX)).collect() };
    if query.is_empty() {
        return Some(Hits {
            rows: all(),
            ..Hits::default()
        });
    }
    let words: Vec<Sought<'_>> = query.words.iter().map(Sought::new).collect();
    let checks = Checks::new(index, query);
    let candidates = within.map_or_else(all, |hits| hits.rows.clone());
    let mut rows = Vec::new();
    for chunk in candidates.chunks(CHUNK) {
        if !keep_going() {
            return None;
        }
        rows.extend(chunk.iter().filter(|&&row| {
            checks.fit(row)
                && (words.is_empty() || {
                    let text = index.text(row);
                    words.iter().all(|it| it.stands_in(text) != it.word.not)
                })
        }));
    }
    if rows.len() >= ENOUGH || !query.is_fuzzy() {
        return Some(Hits {
            rows,
            ..Hits::default()
        });
    }
    // Hits of words as they stand do not hold what only gaps would have found.
    let candidates = match within {
        Some(hits) if hits.with_gaps => candidates,
        _ => all(),
    };
    with_gaps(index, &words, &checks, &candidates, keep_going)
}

/// Finds with gaps, and ranks what it finds unless that is too much to be looked through.
fn with_gaps(
    index: &SearchIndex,
    words: &[Sought<'_>],
    checks: &Checks<'_>,
    candidates: &[u32],
    keep_going: &dyn Fn() -> bool,
) -> Option<Hits> {
    let mut hits = Hits {
        with_gaps: true,
        ..Hits::default()
    };
    for chunk in candidates.chunks(CHUNK) {
        if !keep_going() {
            return None;
        }
        hits.rows.extend(chunk.iter().filter(|&&row| {
            let (name, text) = (index.name(row), index.text(row));
            checks.fit(row) && words.iter().all(|word| word.matches(name, text))
        }));
    }
    if hits.rows.len() > RANKED {
        return Some(hits);
    }
    let matcher = SkimMatcherV2::default();
    for chunk in hits.rows.chunks(CHUNK) {
        if !keep_going() {
            return None;
        }
        hits.scores.extend(chunk.iter().map(|&row| -> i64 {
            let (name, text) = (index.name(row), index.text(row));
            words
                .iter()
                .map(|word| word.score(&matcher, name, text))
                .sum()
        }));
    }
    Some(hits)
}

/// A word with what makes finding it fast.
struct Sought<'a> {
    word: &'a Word,
    finder: Finder<'a>,
}

impl<'a> Sought<'a> {
    fn new(word: &'a Word) -> Self {
        Self {
            word,
            finder: Finder::new(word.text.as_bytes()),
        }
    }

    fn stands_in(&self, text: &str) -> bool {
        self.finder.find(text.as_bytes()).is_some()
    }

    /// Whether it matches, with gaps if it may.
    fn matches(&self, name: &str, text: &str) -> bool {
        if self.stands_in(text) {
            return !self.word.not;
        }
        self.word.not || !self.word.exact && has_in_order(name, &self.word.text)
    }

    /// How well it matches, when it does.
    fn score(&self, matcher: &SkimMatcherV2, name: &str, text: &str) -> i64 {
        if self.word.not {
            0
        } else if self.stands_in(name) {
            IN_NAME
        } else if self.stands_in(text) {
            ELSEWHERE
        } else {
            let score = matcher.fuzzy_match(name, &self.word.text);
            score.map_or(0, |score| score.min(ELSEWHERE - 1))
        }
    }
}

/// Whether a name has the characters of a word in their order.
fn has_in_order(name: &str, word: &str) -> bool {
    let mut name = name.chars();
    word.chars().all(|wanted| name.any(|c| c == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posture::Fleet;
    use crate::query::test_support::{fleet, summary};

    fn hits(index: &SearchIndex, query: &str) -> Hits {
        filter(index, &Query::parse(query).unwrap(), None, &|| true).unwrap()
    }

    fn large() -> Fleet {
        fleet((0..5_000).map(|number| {
            let kind = ["prod", "dev", "test"][number % 3];
            summary(&format!("mysql-{kind}-weu-{number:04}"))
        }))
    }

    #[test]
    fn every_word_must_match_in_any_order_and_any_field() {
        let mut fleet = fleet(["mysql-prod-weu-0421", "mysql-dev-weu-0007"].map(summary));
        fleet.servers[0].tags = [("Env".into(), "Prod".into())].into();
        fleet.subscriptions[0].name = "Payments".into();
        let index = SearchIndex::new(&fleet);
        for (query, rows) in [
            ("weu prod", vec![0]),
            ("PROD weu", vec![0]),
            ("payments 0007", vec![1]),
            ("env=prod", vec![0]),
            ("weu !prod", vec![1]),
            ("!weu", vec![]),
            ("mpw0421", vec![0]),
            ("\"mpw\"", vec![]),
            ("nothing", vec![]),
            ("prodpayments", vec![]),
        ] {
            assert_eq!(hits(&index, query).rows, rows, "{query}");
        }
        let found = hits(&index, "weu 4");
        assert_eq!((found.rows.len(), found.with_gaps), (1, true));
    }

    #[test]
    fn gaps_are_looked_for_only_when_few_match_as_they_stand() {
        let index = SearchIndex::new(&large());
        let many = hits(&index, "prod");
        assert_eq!((many.rows.len(), many.with_gaps), (1_667, false));
        let few = hits(&index, "mprd49");
        assert!(few.with_gaps && few.rows.len() > 10 && few.scores.len() == few.rows.len());
    }

    #[test]
    fn narrowing_finds_what_a_full_search_finds() {
        let index = SearchIndex::new(&large());
        let mut within: Option<(Query, Hits)> = None;
        for end in 1..="mysqlprd 42 !9".len() {
            let query = Query::parse(&"mysqlprd 42 !9"[..end]).unwrap();
            let narrowed = within
                .as_ref()
                .filter(|(wider, _)| query.narrows(wider))
                .map(|(_, hits)| hits);
            let found = filter(&index, &query, narrowed, &|| true).unwrap();
            assert_eq!(
                found,
                filter(&index, &query, None, &|| true).unwrap(),
                "{query:?}"
            );
            within = Some((query, found));
        }
    }

    #[test]
    fn a_search_that_nobody_waits_for_ends() {
        let index = SearchIndex::new(&large());
        for query in ["prod", "mprd49"] {
            assert_eq!(
                filter(&index, &Query::parse(query).unwrap(), None, &|| false),
                None
            );
        }
    }

    #[test]
    fn a_server_that_changes_is_found_by_what_it_is_now() {
        let mut fleet = fleet(["one", "two"].map(summary));
        let mut index = SearchIndex::new(&fleet);
        fleet.servers[0] = summary("three");
        fleet.servers.push(summary("four"));
        index.update(&fleet, &[0, 2]);
        assert_eq!(index.len(), 3);
        assert_eq!(hits(&index, "\"three\"").rows, [0]);
        assert_eq!(hits(&index, "\"four\"").rows, [2]);
        assert_eq!(hits(&index, "\"one\"").rows, [0_u32; 0]);
    }
}
