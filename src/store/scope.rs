//! What a scan was asked for, as data and in the words under which it stands in lists and headers.
//!
//! The words are the one place where a file keeps it. They say everything, so that a scan can be continued and read again
//! with the scope that it had, and two scans are of one scope when their words are the same.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use crate::baseline::{FeatureId, Selector};
use crate::documents::text::neutral;

/// The words for a scope without subscriptions or management groups.
const EVERYTHING: &str = "every visible subscription";

const MANAGEMENT_GROUP: &str = "management group ";
const RESOURCE_GROUP: &str = "resource group ";
const TAG: &str = "tag ";
const SERVER: &str = "server ";
const ONLY: &str = "only ";

/// A tag that a server must bear.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagFilter {
    /// Its name, of which Azure keeps the case and does not mind it.
    pub name: String,
    /// Its value, in which case matters; any when there is none.
    pub value: Option<String>,
}

impl fmt::Display for TagFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.value {
            Some(value) => write!(f, "={value}"),
            None => Ok(()),
        }
    }
}

/// A text that is no tag to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a tag is NAME or NAME=VALUE, and its name is not empty")]
pub struct NoTag;

impl FromStr for TagFilter {
    type Err = NoTag;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text, None),
        };
        if name.trim().is_empty() {
            return Err(NoTag);
        }
        Ok(Self {
            name: name.to_owned(),
            value,
        })
    }
}

/// Which part of what is visible is scanned, and what of it is read. Of each list any member may fit, and of all lists
/// that are not empty one must.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Ids or names of subscriptions.
    pub subscriptions: Vec<String>,
    /// Ids or names of management groups, for the subscriptions below them.
    pub management_groups: Vec<String>,
    /// Names of resource groups.
    pub resource_groups: Vec<String>,
    /// Tags of servers.
    pub tags: Vec<TagFilter>,
    /// Ids or names of servers; `*` and `?` in a name stand for other characters.
    pub servers: Vec<String>,
    /// The checks for which is read; all when there is none.
    pub only: Vec<Selector>,
}

impl Scope {
    /// The scope in words. [`Scope::parse`] leads back; the order and repetitions in the lists are lost.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = if self.subscriptions.is_empty() {
            if self.management_groups.is_empty() {
                EVERYTHING.to_owned()
            } else {
                String::new()
            }
        } else {
            list(self.subscriptions.iter())
        };
        let mut part = |name: &str, values: String| {
            if !values.is_empty() {
                let between = if words.is_empty() { "" } else { "; " };
                // Writing to a String does not fail.
                let _ = write!(words, "{between}{name}{values}");
            }
        };
        part(MANAGEMENT_GROUP, list(self.management_groups.iter()));
        part(RESOURCE_GROUP, list(self.resource_groups.iter()));
        part(TAG, list(self.tags.iter()));
        part(SERVER, list(self.servers.iter()));
        part(ONLY, list(self.only.iter()));
        words
    }

    /// The scope that [`Scope::words`] tells; `None` for other words, such as those of a demo.
    #[must_use]
    pub fn parse(words: &str) -> Option<Self> {
        let mut scope = Self::default();
        for (place, part) in parts(words)?.into_iter().enumerate() {
            let (kind, first) = [MANAGEMENT_GROUP, RESOURCE_GROUP, TAG, SERVER, ONLY]
                .into_iter()
                .find_map(|kind| Some((kind, part.first()?.bare()?.strip_prefix(kind)?)))
                .map_or(("", None), |(kind, rest)| (kind, Some(rest.to_owned())));
            if place == 0
                && kind.is_empty()
                && matches!(&part[..], [only] if only.bare() == Some(EVERYTHING))
            {
                continue;
            }
            let mut values = Vec::with_capacity(part.len());
            for (place, value) in part.into_iter().enumerate() {
                values.push(match &first {
                    Some(rest) if place == 0 => Value::read(rest)?.text,
                    _ => value.text,
                });
            }
            match kind {
                MANAGEMENT_GROUP => scope.management_groups = values,
                RESOURCE_GROUP => scope.resource_groups = values,
                TAG => scope.tags = all(&values)?,
                SERVER => scope.servers = values,
                ONLY => scope.only = all(&values)?,
                _ if place == 0 => scope.subscriptions = values,
                _ => return None,
            }
        }
        // What other words happen to look like is not taken for a scope.
        (scope.words() == words).then_some(scope)
    }

    /// Whether only some of the servers of its subscriptions are scanned.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        self.parts() > 0
    }

    /// How many of the lists that choose servers are not empty.
    #[must_use]
    pub fn parts(&self) -> usize {
        [
            self.resource_groups.is_empty(),
            self.tags.is_empty(),
            self.servers.is_empty(),
        ]
        .iter()
        .filter(|is_empty| !**is_empty)
        .count()
    }

    /// Whether a feature is among those for which is read.
    #[must_use]
    pub fn reads_for(&self, feature: FeatureId) -> bool {
        self.only.is_empty() || self.only.iter().any(|it| it.means(feature))
    }
}

fn all<T: FromStr>(values: &[String]) -> Option<Vec<T>> {
    values.iter().map(|it| it.parse().ok()).collect()
}

/// The values with commas between them, in order and each once.
fn list<T: fmt::Display>(values: impl Iterator<Item = T>) -> String {
    let mut values: Vec<String> = values.map(|it| it.to_string()).collect();
    values.sort();
    values.dedup();
    let quoted: Vec<String> = values.iter().map(|it| quote(it)).collect();
    quoted.join(", ")
}

/// A value as it stands in a list: in quotes where it would be taken for something else, or would not be shown as it is.
fn quote(value: &str) -> String {
    let is_kind = [MANAGEMENT_GROUP, RESOURCE_GROUP, TAG, SERVER, ONLY]
        .iter()
        .any(|kind| value.starts_with(kind));
    let is_plain = !value.is_empty()
        && value.trim() == value
        && !value.contains([',', ';', '"', '\\'])
        && neutral(value) == value
        && value != EVERYTHING
        && !is_kind;
    if is_plain {
        return value.to_owned();
    }
    let mut quoted = String::from('"');
    for c in value.chars() {
        let mut buffer = [0; 4];
        let alone: &str = c.encode_utf8(&mut buffer);
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            _ if neutral(alone) == alone => quoted.push(c),
            _ => quoted.extend(c.escape_unicode()),
        }
    }
    quoted.push('"');
    quoted
}

/// A value that was read from words.
struct Value {
    text: String,
    /// Whether it stood there without quotes, which is what the words of a kind do.
    is_bare: bool,
}

impl Value {
    fn bare(&self) -> Option<&str> {
        self.is_bare.then_some(self.text.as_str())
    }

    /// One value, in quotes or not.
    fn read(text: &str) -> Option<Self> {
        let Some(inside) = text.strip_prefix('"') else {
            return Some(Self {
                text: text.to_owned(),
                is_bare: true,
            });
        };
        let mut value = String::new();
        let mut rest = inside.strip_suffix('"')?.chars();
        while let Some(c) = rest.next() {
            value.push(match c {
                '\\' => match rest.next()? {
                    'u' => {
                        let (digits, after) = rest.as_str().strip_prefix('{')?.split_once('}')?;
                        rest = after.chars();
                        char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
                    }
                    escaped => escaped,
                },
                c => c,
            });
        }
        Some(Self {
            text: value,
            is_bare: false,
        })
    }
}

/// The lists between semicolons, and their values between commas; `None` where quotes are left open. A value whose kind
/// stands before its quotes is still as it was written.
fn parts(words: &str) -> Option<Vec<Vec<Value>>> {
    let mut parts = vec![Vec::new()];
    let mut start = 0;
    let (mut in_quotes, mut escaped) = (false, false);
    let ends = words.char_indices().chain([(words.len(), ';')]);
    for (place, c) in ends {
        if in_quotes {
            in_quotes = place < words.len() && (escaped || c != '"');
            escaped = !escaped && c == '\\';
            if place == words.len() {
                return None;
            }
            continue;
        }
        match c {
            '"' => in_quotes = true,
            ',' | ';' => {
                let text = words.get(start..place)?;
                let text = text.strip_prefix(' ').unwrap_or(text);
                parts.last_mut()?.push(Value::read(text)?);
                if c == ';' && place < words.len() {
                    parts.push(Vec::new());
                }
                start = place + 1;
            }
            _ => {}
        }
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(all: &[&str]) -> Vec<String> {
        all.iter().map(|it| (*it).to_owned()).collect()
    }

    #[test]
    fn the_words_say_everything_in_one_order() {
        assert_eq!(Scope::default().words(), "every visible subscription");
        let scope = Scope {
            subscriptions: texts(&["test", "prod", "test"]),
            management_groups: texts(&["corp"]),
            resource_groups: texts(&["rg-1"]),
            tags: vec!["env=prod".parse().unwrap(), "team".parse().unwrap()],
            servers: texts(&["mysql-*"]),
            only: vec!["ns".parse().unwrap(), "DP-3".parse().unwrap()],
        };
        assert_eq!(
            scope.words(),
            "prod, test; management group corp; resource group rg-1; tag env=prod, team; server mysql-*; only DP-3, NS"
        );
        let below = Scope {
            management_groups: texts(&["corp"]),
            ..Scope::default()
        };
        assert_eq!(below.words(), "management group corp");
    }

    #[test]
    fn other_words_are_no_scope() {
        for words in [
            "demo, 60 simulated servers",
            "",
            "a;",
            "a; b",
            "b, a",
            "\"open",
            "x; tag =1",
            "x; only moon",
            "prod, refreshed once; ",
        ] {
            assert_eq!(Scope::parse(words), None, "{words:?}");
        }
    }

    #[test]
    fn a_tag_has_a_name() {
        let tag = |text: &str| text.parse::<TagFilter>();
        assert_eq!(tag("a=b=c").unwrap().value.as_deref(), Some("b=c"));
        assert_eq!(tag("a=").unwrap().value.as_deref(), Some(""));
        assert_eq!(tag("a").unwrap().value, None);
        assert!(tag("").is_err() && tag("=x").is_err());
    }

    fn value() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z0-9*]{1,8}",
            "[a-c,;\"\\\\ ={}u]{0,6}",
            Just(EVERYTHING.to_owned()),
            Just("tag a".to_owned()),
            any::<String>(),
        ]
    }

    proptest! {
        #[test]
        fn words_lead_back_whatever_the_names_are(
            subscriptions in prop::collection::vec(value(), 0..3),
            management_groups in prop::collection::vec(value(), 0..2),
            resource_groups in prop::collection::vec(value(), 0..2),
            tags in prop::collection::vec((value(), prop::option::of(value())), 0..3),
            servers in prop::collection::vec(value(), 0..3),
        ) {
            let tags = tags
                .into_iter()
                .filter_map(|(name, value)| match value {
                    Some(value) => format!("{name}={value}").parse().ok(),
                    None => name.parse().ok(),
                })
                .collect();
            let scope = Scope {
                subscriptions, management_groups, resource_groups, tags, servers,
                only: vec![Selector::Family(crate::baseline::FamilyCode::Ns)],
            };
            let words = scope.words();
            prop_assert_eq!(neutral(&words), words.as_str());
            let read = Scope::parse(&words);
            prop_assert!(read.is_some(), "{}", words);
            prop_assert_eq!(read.map(|it| it.words()), Some(words));
        }
    }
}
