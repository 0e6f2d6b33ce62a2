//! What may follow while a query is being written: names of fields, and their values.

use std::ops::Range;

use super::error::nearest;
use super::parse::has_equals;
use super::pattern::begins_a_word;
use super::tokens::{Body, Piece, tokens};
use super::vocabulary::Frequent;
use super::{FIELDS, Field, FieldRecord, Vocabulary, folded, values};

/// The most that is offered at once.
const MOST: usize = 50;

/// What may follow, and which part of the text it takes the place of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completions {
    /// The part of the text, in bytes.
    pub range: Range<usize>,
    /// What it is about: the field, in a sentence.
    pub about: &'static str,
    /// What may stand there, the likeliest first; never empty.
    pub items: Vec<Completion>,
}

/// Something that may follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The text to write.
    pub text: String,
    /// What it means, in a few words.
    pub doc: String,
}

/// What may stand where the cursor is, given in bytes; `None` when nothing is known that would fit. Where no word is
/// begun, every field may.
#[must_use]
pub fn complete(text: &str, cursor: usize, vocabulary: &Vocabulary) -> Option<Completions> {
    let cursor = (0..=cursor.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    let token = tokens(text, has_equals)
        .into_iter()
        .find(|token| token.range.start < cursor && cursor <= token.range.end);
    let Some(token) = token else {
        let is_free = text[cursor..]
            .chars()
            .next()
            .is_none_or(char::is_whitespace);
        return is_free.then(|| fields("", cursor..cursor)).flatten();
    };
    match token.body {
        Body::Word(piece) if piece.quoted => None,
        Body::Word(piece) if piece.text.start > cursor => None,
        Body::Word(piece) => fields(&text[piece.text.start..cursor], piece.range),
        Body::Field { name, values } => {
            if cursor <= name.end {
                return fields(&text[name.start..cursor], name.start..name.end + 1);
            }
            let record = FieldRecord::of_name(&text[name])?;
            let value = values
                .iter()
                .rev()
                .find(|it| it.first.range.start <= cursor)?;
            match &value.second {
                Some(second) if second.range.start <= cursor => {
                    let tag = &text[value.first.text.clone()];
                    let offered = open(typed(text, second, cursor), vocabulary.of_tag(tag), "");
                    of(record, second, offered)
                }
                second => {
                    let typed = typed(text, &value.first, cursor);
                    let ending = if record.field == Field::Tag && second.is_none() {
                        "="
                    } else {
                        ""
                    };
                    let mut offered = open(typed, vocabulary.of(record.field), ending);
                    offered.extend(closed(record, typed));
                    // What stands there already is not needed twice.
                    let others = values.iter().filter(|other| *other != value);
                    let others: Vec<&str> =
                        others.map(|it| &text[it.first.range.clone()]).collect();
                    offered.retain(|item| !others.contains(&item.text.as_str()));
                    of(record, &value.first, offered)
                }
            }
        }
    }
}

/// What was written of a piece, up to the cursor.
fn typed<'t>(text: &'t str, piece: &Piece, cursor: usize) -> &'t str {
    let end = cursor.clamp(piece.text.start, piece.text.end);
    &text[piece.text.start..end]
}

fn of(record: &'static FieldRecord, piece: &Piece, items: Vec<Completion>) -> Option<Completions> {
    (!items.is_empty()).then(|| Completions {
        range: piece.range.clone(),
        about: record.doc,
        items,
    })
}

/// Names of fields that begin like this, else the one that is nearest.
fn fields(begun: &str, range: Range<usize>) -> Option<Completions> {
    let begun = folded(begun);
    let mut fields: Vec<&FieldRecord> = FIELDS
        .iter()
        .filter(|record| record.name.starts_with(&begun))
        .collect();
    let others = FIELDS.iter().filter(|record| {
        let mut others = record.other_names.iter();
        !record.name.starts_with(&begun) && others.any(|name| name.starts_with(&begun))
    });
    fields.extend(others);
    if fields.is_empty() && begun.len() > 2 && range.len() > begun.len() {
        let near = nearest(&begun, FIELDS.iter().map(|record| record.name));
        fields.extend(near.and_then(FieldRecord::of_name));
    }
    let items: Vec<Completion> = fields
        .into_iter()
        .map(|record| Completion {
            text: format!("{}:", record.name),
            doc: record.doc.to_owned(),
        })
        .collect();
    (!items.is_empty()).then_some(Completions {
        range,
        about: "fields",
        items,
    })
}

/// Values that are known beforehand: those that a text begins a word for.
fn closed(record: &FieldRecord, typed: &str) -> Vec<Completion> {
    let known = values::known(record.field).iter();
    known
        .filter(|value| value.begins_with(typed))
        .filter_map(|value| {
            Some(Completion {
                text: written(&value.word, false)?,
                doc: value.doc.clone(),
            })
        })
        .take(MOST)
        .collect()
}

/// Values of the servers in which a word begins like this; those that begin so themselves go first.
fn open(typed: &str, known: &[Frequent], ending: &str) -> Vec<Completion> {
    let typed = folded(typed);
    let starts = |value: &&Frequent| value.folded.starts_with(&typed);
    let first = known.iter().filter(starts);
    let then = known
        .iter()
        .filter(|value| !starts(value) && begins_a_word(&value.folded, &typed));
    first
        .chain(then)
        .take(MOST)
        .filter_map(|value| {
            // Without quotes it would stand for longer ones too.
            let is_whole = ending.is_empty()
                && known
                    .iter()
                    .any(|other| other != value && begins_a_word(&other.folded, &value.folded));
            let text = written(&value.text, is_whole)? + ending;
            let words = if value.servers == 1 {
                "server"
            } else {
                "servers"
            };
            Some(Completion {
                text,
                doc: format!("{} {words}", value.servers),
            })
        })
        .collect()
}

/// A value as it is written in a query, in quotes where it has to be; `None` for one that cannot be written.
fn written(value: &str, quoted: bool) -> Option<String> {
    let divides = |c: char| c.is_whitespace() || matches!(c, ',' | '=');
    if quoted || value.is_empty() || value.starts_with('"') || value.contains(divides) {
        return (!value.contains('"')).then(|| format!("\"{value}\""));
    }
    Some(value.to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::query::test_support::{fleet, summary};
    use crate::query::{Query, SearchIndex};
    use proptest::prelude::*;

    fn vocabulary() -> Vocabulary {
        let mut fleet = fleet(["one", "two", "three"].map(summary));
        fleet.subscriptions[0].name = "Prod Payments".to_owned();
        for (server, env) in fleet.servers.iter_mut().zip(["prod", "prod", "production"]) {
            server.tags = Arc::new([
                ("Env".into(), env.into()),
                ("cost, center".into(), "7".into()),
            ]);
        }
        fleet.servers[2].region = "northeurope".into();
        let more = [("odd \"one".into(), "".into())];
        let tags = fleet.servers[2].tags.iter().cloned();
        fleet.servers[2].tags = tags.chain(more).collect();
        Vocabulary::new(&SearchIndex::new(&fleet))
    }

    fn offered(text: &str) -> Vec<String> {
        complete(text, text.len(), &vocabulary())
            .map(|it| it.items.into_iter().map(|item| item.text).collect())
            .unwrap_or_default()
    }

    #[test]
    fn names_of_fields_are_offered_where_a_word_begins() {
        assert_eq!(offered("").len(), FIELDS.len());
        assert_eq!(offered("prod ").len(), FIELDS.len());
        assert_eq!(offered("st"), ["state:"]);
        assert_eq!(offered("!st"), ["state:"]);
        assert_eq!(offered("s"), ["sev:", "state:", "sub:", "score:"]);
        assert_eq!(offered("loc"), ["region:"]);
        assert_eq!(offered("mysql-prod"), [""; 0]);
        assert_eq!(offered("\"s"), [""; 0]);
        let within = complete("stxyz sev:h", 2, &Vocabulary::default()).unwrap();
        assert_eq!((within.range, within.items.len()), (0..5, 1));
        let nearest = complete("regoin:west", 6, &Vocabulary::default()).unwrap();
        assert_eq!((nearest.range, &*nearest.items[0].text), (0..7, "region:"));
    }

    #[test]
    fn values_come_from_the_catalogue_and_from_the_servers() {
        assert_eq!(offered("sev:").len(), 4);
        assert_eq!(offered("sev:high,c"), ["critical"]);
        assert_eq!(offered("control:dp-6"), ["DP-6"]);
        assert_eq!(offered("region:"), ["westeurope", "northeurope"]);
        assert_eq!(offered("region:n"), ["northeurope"]);
        assert_eq!(offered("sub:pay"), ["\"Prod Payments\""]);
        assert_eq!(offered("tag:"), ["\"cost, center\"=", "Env="]);
        assert_eq!(offered("score:"), [""; 0]);
        assert_eq!(offered("is:r"), ["Ready"]);
        let policy = &offered("policy:entra")[0];
        assert!(policy.starts_with('"') && policy.ends_with('"'), "{policy}");
    }

    #[test]
    fn a_value_that_begins_another_one_is_written_in_quotes() {
        assert_eq!(offered("tag:env="), ["\"prod\"", "production"]);
        assert_eq!(offered("tag:ENV=\"prod"), ["\"prod\"", "production"]);
    }

    #[test]
    fn the_place_of_what_is_replaced_is_the_value_under_the_cursor() {
        let text = "x sev:hi,low y";
        let found = complete(text, 8, &Vocabulary::default()).unwrap();
        assert_eq!((found.range, &*found.items[0].text), (6..8, "high"));
        let found = complete(text, 10, &Vocabulary::default()).unwrap();
        assert_eq!((found.range, &*found.items[0].text), (9..12, "low"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_offered_can_be_written_and_never_makes_a_query_wrong(
            text in "([a-z]{1,3} |!|sev:|tag:|sub:|policy:|[a-z\",=é]){0,6}",
            cursor in 0..40_usize,
        ) {
            let vocabulary = vocabulary();
            let before = Query::parse(&text).err().map_or(0, |errors| errors.len());
            if let Some(completions) = complete(&text, cursor, &vocabulary) {
                let before_text = text.len();
                for item in &completions.items {
                    let mut text = text.clone();
                    text.replace_range(completions.range.clone(), &item.text);
                    let errors = Query::parse(&text).err().unwrap_or_default();
                    let finished = errors.iter().filter(|error| !error.unfinished).count();
                    prop_assert!(finished <= before || cursor < before_text, "{text}: {errors:?}");
                }
            }
        }
    }
}
