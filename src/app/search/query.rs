//! What to look for, as it was typed.

use super::fold;

/// One word to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// The word, folded.
    pub text: String,
    /// Whether it stood in quotes: then it matches only as it stands.
    pub exact: bool,
    /// Whether it must not be there.
    pub not: bool,
}

/// What to look for: words, all of which must match. `"two words"` matches as it stands, `!word` must not be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub(super) terms: Vec<Term>,
}

impl Query {
    /// Reads a query. Every text is one: a quote that is not closed reaches to the end.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut terms = Vec::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let not = rest.starts_with('!');
            if not {
                rest = &rest[1..];
            }
            let (word, exact, after) = match rest.strip_prefix('"') {
                Some(quoted) => match quoted.split_once('"') {
                    Some((word, after)) => (word, true, after),
                    None => (quoted, true, ""),
                },
                None => {
                    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                    (&rest[..end], false, &rest[end..])
                }
            };
            if !word.is_empty() {
                terms.push(Term {
                    text: word.chars().map(fold).collect(),
                    exact,
                    not,
                });
            }
            rest = after.trim_start();
        }
        Self { terms }
    }

    /// Whether there is nothing to look for.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether everything that this query finds is among what `wider` finds.
    #[must_use]
    pub fn narrows(&self, wider: &Self) -> bool {
        wider.terms.iter().all(|old| {
            self.terms.iter().any(|new| {
                new.not == old.not
                    && if old.not {
                        old.text.contains(&new.text)
                    } else {
                        new.text.contains(&old.text) && (new.exact || !old.exact)
                    }
            })
        })
    }

    /// Whether words may match with gaps.
    pub(super) fn is_fuzzy(&self) -> bool {
        self.terms.iter().any(|term| !term.exact && !term.not)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_quotes_and_not() {
        let query = Query::parse("  Prod \"West Europe\" !DEV !\"a b\" ! \"");
        let terms: Vec<_> = query
            .terms
            .iter()
            .map(|term| (term.text.as_str(), term.exact, term.not))
            .collect();
        assert_eq!(
            terms,
            [
                ("prod", false, false),
                ("west europe", true, false),
                ("dev", false, true),
                ("a b", true, true),
            ]
        );
        assert!(Query::parse(" ! \"\" ").is_empty());
        assert_eq!(Query::parse("\"open").terms[0].text, "open");
    }

    #[test]
    fn a_longer_word_narrows_and_a_longer_not_widens() {
        let narrows = |new: &str, old: &str| Query::parse(new).narrows(&Query::parse(old));
        assert!(narrows("prod", "pro"));
        assert!(narrows("prod weu", "prod"));
        assert!(narrows("prod", ""));
        assert!(!narrows("pro", "prod"));
        assert!(!narrows("!prod", "!pro"));
        assert!(narrows("!pro", "!prod"));
        assert!(!narrows("prod", "\"pro\""));
    }
}
