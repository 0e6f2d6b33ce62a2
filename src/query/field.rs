//! The fields of the language: one table for parsing, completion and help.

use super::values::{self, Value};

/// A field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The family of a feature.
    Family,
    /// The control of a feature.
    Control,
    /// A feature.
    Feature,
    /// How bad a failing feature is.
    Severity,
    /// What became of a feature.
    State,
    /// Why a feature is unknown.
    Cause,
    /// A policy that is shown with a feature.
    Policy,
    /// The subscription of a server.
    Subscription,
    /// The resource group of a server.
    Group,
    /// The region of a server.
    Region,
    /// The MySQL version of a server.
    Version,
    /// A tag of a server.
    Tag,
    /// The name of a server.
    Name,
    /// Azure's state of a server.
    Is,
    /// The score of a server.
    Score,
}

/// What a field is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// A server's features: one of them has to fit all that is said of features.
    Feature,
    /// A server itself.
    Server,
}

/// Everything about a field.
#[derive(Clone, Copy, Debug)]
pub struct FieldRecord {
    /// The field.
    pub field: Field,
    /// How it is written, without the colon.
    pub name: &'static str,
    /// Other ways to write it.
    pub other_names: &'static [&'static str],
    /// What it is about.
    pub of: Of,
    /// What it takes, with its article: `a severity`.
    pub takes: &'static str,
    /// What it asks for, in a sentence.
    pub doc: &'static str,
    /// Terms with it, ready to be typed.
    pub examples: &'static [&'static str],
}

/// Every field: those about features first.
pub const FIELDS: &[FieldRecord] = &[
    FieldRecord {
        field: Field::Family,
        name: "fam",
        other_names: &["family"],
        of: Of::Feature,
        takes: "a family",
        doc: "A family of controls, by its letters or its title.",
        examples: &["fam:ns", "fam:dp,im"],
    },
    FieldRecord {
        field: Field::Control,
        name: "control",
        other_names: &[],
        of: Of::Feature,
        takes: "a control",
        doc: "A control, by its identifier.",
        examples: &["control:ns-2"],
    },
    FieldRecord {
        field: Field::Feature,
        name: "feature",
        other_names: &[],
        of: Of::Feature,
        takes: "a feature",
        doc: "A feature, by words of its name.",
        examples: &["feature:private-link"],
    },
    FieldRecord {
        field: Field::Severity,
        name: "sev",
        other_names: &["severity"],
        of: Of::Feature,
        takes: "a severity",
        doc: "The worst open severity of a feature that fails; nothing else has one.",
        examples: &["sev:critical,high"],
    },
    FieldRecord {
        field: Field::State,
        name: "state",
        other_names: &["verdict"],
        of: Of::Feature,
        takes: "a verdict",
        doc: "What became of a feature: its verdict.",
        examples: &["state:fail", "!state:unknown"],
    },
    FieldRecord {
        field: Field::Cause,
        name: "cause",
        other_names: &[],
        of: Of::Feature,
        takes: "a cause",
        doc: "Why a feature is unknown.",
        examples: &["cause:denied"],
    },
    FieldRecord {
        field: Field::Policy,
        name: "policy",
        other_names: &[],
        of: Of::Feature,
        takes: "a policy",
        doc: "The features with which a policy is shown, by words of its name or by its identifier.",
        examples: &["policy:entra"],
    },
    FieldRecord {
        field: Field::Subscription,
        name: "sub",
        other_names: &["subscription"],
        of: Of::Server,
        takes: "a subscription",
        doc: "The subscription, by name or id.",
        examples: &["sub:prod", "sub:\"prod payments\""],
    },
    FieldRecord {
        field: Field::Group,
        name: "rg",
        other_names: &["group"],
        of: Of::Server,
        takes: "a resource group",
        doc: "The resource group.",
        examples: &["rg:data"],
    },
    FieldRecord {
        field: Field::Region,
        name: "region",
        other_names: &["location"],
        of: Of::Server,
        takes: "a region",
        doc: "The region, in one word; \"\" where it was not read.",
        examples: &["region:westeurope"],
    },
    FieldRecord {
        field: Field::Version,
        name: "version",
        other_names: &[],
        of: Of::Server,
        takes: "a version",
        doc: "The beginning of the MySQL version; \"\" where it was not read.",
        examples: &["version:8.0"],
    },
    FieldRecord {
        field: Field::Tag,
        name: "tag",
        other_names: &[],
        of: Of::Server,
        takes: "a tag",
        doc: "A tag, by name, or by name and value with = between them.",
        examples: &["tag:env=prod", "!tag:owner"],
    },
    FieldRecord {
        field: Field::Name,
        name: "name",
        other_names: &[],
        of: Of::Server,
        takes: "a name",
        doc: "The server's name, and nothing else of it.",
        examples: &["name:orders"],
    },
    FieldRecord {
        field: Field::Is,
        name: "is",
        other_names: &[],
        of: Of::Server,
        takes: "a state of a server",
        doc: "Azure's state of the server; \"\" where it was not read.",
        examples: &["is:stopped"],
    },
    FieldRecord {
        field: Field::Score,
        name: "score",
        other_names: &[],
        of: Of::Server,
        takes: "a number from 0 to 100",
        doc: "The score: a number, a range, or with < > <= >= before it.",
        examples: &["score:<50", "score:50-70"],
    },
];

impl Field {
    /// The record of the field.
    #[must_use]
    pub fn record(self) -> &'static FieldRecord {
        // The table has the order of the type; a test sees to it.
        &FIELDS[self as usize]
    }
}

impl FieldRecord {
    /// The record of a name, ignoring letter case.
    #[must_use]
    pub fn of_name(name: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|record| {
            let mut names = std::iter::once(&record.name).chain(record.other_names);
            names.any(|known| known.eq_ignore_ascii_case(name))
        })
    }

    /// Everything that the field can be asked for, where that does not depend on the servers: the word, and what it
    /// means. Empty for fields whose values come from the servers.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let known: &'static [Value] = values::known(self.field);
        known
            .iter()
            .map(|value| (value.word.as_str(), value.doc.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Query;

    #[test]
    fn the_table_has_the_order_of_the_type_and_no_name_twice() {
        let mut names = Vec::new();
        for (place, record) in FIELDS.iter().enumerate() {
            assert_eq!(record.field as usize, place);
            assert_eq!(record.field.record().name, record.name);
            names.push(record.name);
            names.extend(record.other_names);
        }
        assert_eq!(Field::Score as usize + 1, FIELDS.len());
        let distinct: std::collections::BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(distinct.len(), names.len(), "{names:?}");
    }

    #[test]
    fn every_example_is_a_query_and_begins_with_its_field() {
        for record in FIELDS {
            assert!(record.doc.ends_with('.') && !record.examples.is_empty());
            for example in record.examples {
                assert!(Query::parse(example).is_ok(), "{example}");
                let name = example.trim_start_matches('!').split(':').next();
                assert_eq!(name, Some(record.name));
            }
        }
    }

    #[test]
    fn every_known_value_is_a_query_of_its_own() {
        for record in FIELDS {
            for (word, doc) in record.values() {
                assert!(!doc.is_empty(), "{word}");
                let query = Query::parse(&format!("{}:\"{word}\"", record.name));
                assert!(query.is_ok(), "{}:{word}: {query:?}", record.name);
            }
        }
    }
}
