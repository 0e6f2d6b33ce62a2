//! A value of a field that text is compared with.

use super::folded;

/// A value as it was written. It matches where a word of the text begins; in quotes, the whole text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    how: How,
}

/// Where a pattern may match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Where a word begins.
    Word,
    /// Where the text begins.
    Start,
    /// The whole text.
    Whole,
}

impl Pattern {
    pub fn new(text: &str, how: How) -> Self {
        Self {
            text: folded(text),
            how,
        }
    }

    /// Whether a folded text matches.
    pub fn matches(&self, text: &str) -> bool {
        match self.how {
            How::Whole => self.text == text,
            How::Start => text.starts_with(&self.text),
            How::Word => begins_a_word(text, &self.text),
        }
    }

    /// Whether every text that matches this pattern matches the other one too.
    pub fn implies(&self, wider: &Self) -> bool {
        match self.how {
            How::Whole => wider.matches(&self.text),
            how => how == wider.how && self.text.starts_with(&wider.text),
        }
    }
}

/// Whether a word of a text begins with a part. What is no letter and no digit divides words.
pub fn begins_a_word(text: &str, part: &str) -> bool {
    let Some(first) = part.chars().next() else {
        return true;
    };
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(part)) {
        let at = from + at;
        let before = text[..at].chars().next_back();
        if !first.is_alphanumeric() || before.is_none_or(|before| !before.is_alphanumeric()) {
            return true;
        }
        from = at + first.len_utf8();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_value_matches_where_a_word_begins() {
        for (text, part, expected) in [
            ("prod-payments", "pay", true),
            ("nonprod-payments", "prod", false),
            ("contoso prod", "prod", true),
            ("xa-a-a", "a-a", true),
            ("westeurope", "europe", false),
            ("mysql-prod-weu-0421", "0421", true),
            ("mysql-prod", "-prod", true),
            ("über", "über", true),
            ("", "a", false),
            ("a", "", true),
        ] {
            assert_eq!(begins_a_word(text, part), expected, "{text} {part}");
        }
        assert!(Pattern::new("Prod", How::Whole).matches("prod"));
        assert!(!Pattern::new("Prod", How::Whole).matches("prod-1"));
        assert!(!Pattern::new("0", How::Start).matches("8.0.37"));
    }

    proptest! {
        #[test]
        fn what_a_narrower_pattern_matches_a_wider_one_matches(
            text in "[ab -]{0,6}",
            (one, other) in ("[ab -]{0,3}", "[ab -]{0,3}"),
            (how, wider) in (0..3_usize, 0..3_usize),
        ) {
            let how_of = |it: usize| [How::Word, How::Start, How::Whole][it];
            let (one, other) = (Pattern::new(&one, how_of(how)), Pattern::new(&other, how_of(wider)));
            if one.implies(&other) && one.matches(&text) {
                prop_assert!(other.matches(&text), "{one:?} {other:?}");
            }
        }
    }
}
