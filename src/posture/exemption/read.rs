//! The exemptions file. Everything that is wrong in it is told at once, each with its line.
//!
//! ```toml
//! [[exemption]]
//! server = "mysql-prod-*"                # a name or a resource id; * and ? stand for any text and one character
//! feature = "customer-key-encryption"    # or its name on the baseline page; or instead: condition = "fw-azure"
//! reason = "why"
//! owner = "who answers for it"
//! ticket = "CHG-123"                     # may be left out
//! until = 2027-03-31                     # the last day on which it holds
//! ```

use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;
use toml::de::{DeTable, DeValue};

use super::{Covered, Exemption, Exemptions, ServerPattern};
use crate::baseline::{Feature, catalogue};
use crate::nesting::{TOO_DEEP, too_deep};
use crate::posture::reading::{Place, Problem, Reader, kind, nearest};
use crate::posture::{Waiver, conditions};

const KEYS: [&str; 7] = [
    "server",
    "feature",
    "condition",
    "reason",
    "owner",
    "ticket",
    "until",
];

/// The most places that are told where a text is no TOML: each is looked for in the text, and nobody reads more.
const MOST_MISTAKES: usize = 100;

impl Exemptions {
    /// Reads the text of an exemptions file.
    ///
    /// # Errors
    /// Everything that is wrong in it, each with its line: what is no TOML, unknown keys, missing ones, wrong types,
    /// unknown features and conditions, empty texts. Of what is no TOML, the first hundred places.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader::new(text);
        if let Some(place) = too_deep(text) {
            reader.problem(&place, TOO_DEEP.to_owned());
            return reader.finish(Self::default());
        }
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors.iter().take(MOST_MISTAKES) {
            reader.problem(
                &error.span().unwrap_or_default(),
                error.message().to_owned(),
            );
        }
        if !errors.is_empty() {
            // What lies behind a broken line may be read as something else than it was meant.
            return reader.finish(Self::default());
        }
        let table = table.get_ref();
        reader.keys(table, &["exemption"]);
        let mut exemptions = Self::default();
        if let Some(list) = table.get("exemption") {
            let tables = list.get_ref().as_array().filter(|items| {
                let is_table = |item: &Place<'_>| item.get_ref().is_table();
                items.iter().all(is_table)
            });
            match tables {
                Some(items) => exemptions
                    .entries
                    .extend(items.iter().filter_map(|item| entry(&mut reader, item))),
                None => reader.problem(
                    &list.span(),
                    "every exemption is a table of its own that begins with [[exemption]]"
                        .to_owned(),
                ),
            }
        }
        exemptions.entries.sort_by_key(|entry| entry.line);
        reader.finish(exemptions)
    }
}

/// Reads an entry; nothing when anything in it is wrong.
fn entry(reader: &mut Reader<'_>, item: &Place<'_>) -> Option<Exemption> {
    let place = item.span();
    let table = item.get_ref().as_table()?;
    reader.keys(table, &KEYS);
    let server = text(reader, table, "server", &place);
    let covers = covered(reader, table, &place);
    let reason = text(reader, table, "reason", &place);
    let owner = text(reader, table, "owner", &place);
    let ticket = match table.get("ticket") {
        Some(value) => reader.text("ticket", value).map(Some),
        None => Some(None),
    };
    let until = match table.get("until") {
        Some(value) => date(reader, value),
        None => missing(reader, &place, "until"),
    };
    Some(Exemption {
        server: ServerPattern::from(server?.as_str()),
        covers: covers?,
        waiver: Arc::new(Waiver {
            reason: reason?,
            owner: owner?,
            ticket: ticket?,
            until: until?,
        }),
        line: reader.line(&place),
    })
}

fn missing<T>(reader: &mut Reader<'_>, place: &Range<usize>, key: &str) -> Option<T> {
    reader.problem(place, format!("this exemption lacks `{key}`"));
    None
}

fn text(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    key: &str,
    place: &Range<usize>,
) -> Option<String> {
    match table.get(key) {
        Some(value) => reader.text(key, value),
        None => missing(reader, place, key),
    }
}

fn covered(reader: &mut Reader<'_>, table: &DeTable<'_>, place: &Range<usize>) -> Option<Covered> {
    match (table.get("feature"), table.get("condition")) {
        (Some(value), None) => {
            let name = reader.text("feature", value)?;
            known(reader, value, Covered::feature(&name))
        }
        (None, Some(value)) => {
            let name = reader.text("condition", value)?;
            known(reader, value, Covered::condition(&name))
        }
        (Some(_), Some(second)) => {
            let message = "an exemption covers a `feature` or a `condition`, not both";
            reader.problem(&second.span(), message.to_owned());
            None
        }
        (None, None) => {
            let message = "this exemption says neither `feature` nor `condition`";
            reader.problem(place, message.to_owned());
            None
        }
    }
}

fn known(
    reader: &mut Reader<'_>,
    value: &Place<'_>,
    covered: Result<Covered, UnknownName>,
) -> Option<Covered> {
    covered
        .map_err(|error| reader.problem(&value.span(), error.to_string()))
        .ok()
}

/// Why a name is that of no feature or condition, with what was probably meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no {what} is called {name:?}; {instead}")]
pub struct UnknownName {
    what: &'static str,
    name: String,
    instead: String,
}

impl Covered {
    /// The feature that a person means: by its short word, its name on the page, or its control and that name.
    ///
    /// # Errors
    /// When no feature has the name.
    pub fn feature(name: &str) -> Result<Self, UnknownName> {
        let names = |feature: &Feature| {
            [
                feature.id.slug().to_owned(),
                feature.name.clone(),
                format!("{} {}", feature.id.control(), feature.name),
            ]
        };
        let features = catalogue().features();
        let found = features.iter().find(|feature| {
            let mut names = names(feature).into_iter();
            names.any(|other| other.eq_ignore_ascii_case(name))
        });
        if let Some(feature) = found {
            return Ok(Self::Feature(feature.id));
        }
        let all: Vec<String> = features.iter().flat_map(names).collect();
        Err(UnknownName {
            what: "feature",
            name: name.to_owned(),
            instead: match nearest(name, all.iter().map(String::as_str)) {
                Some(near) => format!("the nearest is {near:?}"),
                None => "`flexposture baseline list` names them".to_owned(),
            },
        })
    }

    /// The condition that a person means, by its name.
    ///
    /// # Errors
    /// When no condition has the name.
    pub fn condition(name: &str) -> Result<Self, UnknownName> {
        let all = conditions();
        if let Some(found) = all.iter().find(|id| id.eq_ignore_ascii_case(name)) {
            return Ok(Self::Condition((*found).to_owned()));
        }
        Err(UnknownName {
            what: "condition",
            name: name.to_owned(),
            instead: match nearest(name, all.iter().copied()) {
                Some(near) => format!("the nearest is {near:?}"),
                None => "`flexposture findings` shows their names".to_owned(),
            },
        })
    }
}

fn date(reader: &mut Reader<'_>, value: &Place<'_>) -> Option<Date> {
    let date = match value.get_ref() {
        DeValue::Datetime(moment) if moment.time.is_none() => moment.date,
        _ => None,
    };
    let date = date.and_then(|date| {
        let year = i16::try_from(date.year).ok()?;
        let (month, day) = (i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
        Date::new(year, month, day).ok()
    });
    if date.is_none() {
        let found = kind(value.get_ref());
        let message =
            format!("`until` is {found}, and a date is needed, without quotes: 2027-03-31");
        reader.problem(&value.span(), message);
    }
    date
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::FeatureId;

    fn problems(text: &str) -> Vec<String> {
        Exemptions::parse(text)
            .unwrap_err()
            .into_iter()
            .map(|problem| format!("{}: {}", problem.line, problem.message))
            .collect()
    }

    /// An entry in which one line is replaced, or left out when the replacement is empty.
    fn with(key: &str, instead: &str) -> String {
        let lines = [
            "[[exemption]]",
            "server = \"mysql-prod-*\"",
            "feature = \"customer-key-encryption\"",
            "reason = \"why\"",
            "owner = \"who\"",
            "ticket = \"CHG-1\"",
            "until = 2027-03-31",
        ];
        let replaced = lines.map(|line| if line.starts_with(key) { instead } else { line });
        replaced.join("\n")
    }

    #[test]
    fn an_entry_is_read_with_everything_in_it() {
        let text = format!(
            "# ours\n\n{}\n\n{}\n",
            with("#", ""),
            with("feature", "condition = \"FW-azure\"")
        );
        let read = Exemptions::parse(&text).unwrap().entries;
        assert_eq!(read.len(), 2);
        assert_eq!((read[0].line, read[1].line), (3, 11));
        assert_eq!(read[0].server.as_str(), "mysql-prod-*");
        assert_eq!(
            read[0].covers,
            Covered::Feature(FeatureId::CustomerKeyEncryption)
        );
        assert_eq!(read[1].covers, Covered::Condition("fw-azure".to_owned()));
        let waiver = Waiver {
            reason: "why".into(),
            owner: "who".into(),
            ticket: Some("CHG-1".into()),
            until: "2027-03-31".parse().unwrap(),
        };
        assert_eq!(*read[0].waiver, waiver);
        let without = Exemptions::parse(&with("ticket", "")).unwrap();
        assert_eq!(without.entries[0].waiver.ticket, None);
        assert_eq!(Exemptions::parse("# none yet\n"), Ok(Exemptions::default()));
    }

    #[test]
    fn a_feature_is_found_by_its_word_its_name_and_its_control_with_the_name() {
        for feature in catalogue().features() {
            for name in [
                feature.id.slug().to_owned(),
                feature.name.clone(),
                format!("{} {}", feature.id.control(), feature.name).to_uppercase(),
            ] {
                let quoted = toml::Value::from(name.as_str());
                let text = with("feature", &format!("feature = {quoted}"));
                let read = Exemptions::parse(&text).unwrap();
                assert_eq!(
                    read.entries[0].covers,
                    Covered::Feature(feature.id),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn every_kind_of_mistake_is_told_with_its_line() {
        for (key, instead, expected) in [
            (
                "reason",
                "raeson = \"why\"",
                "4: unknown key `raeson`; the nearest is `reason`|1: this exemption lacks `reason`",
            ),
            (
                "ticket",
                "colour = 3",
                "6: unknown key `colour`; known are server, feature, condition, reason, owner, ticket, until",
            ),
            ("server", "", "1: this exemption lacks `server`"),
            ("owner", "", "1: this exemption lacks `owner`"),
            ("until", "", "1: this exemption lacks `until`"),
            ("server", "server = \" \"", "2: `server` is empty"),
            ("reason", "reason = \"\"", "4: `reason` is empty"),
            ("owner", "owner = \"\"", "5: `owner` is empty"),
            ("ticket", "ticket = \"\"", "6: `ticket` is empty"),
            (
                "ticket",
                "ticket = 123",
                "6: `ticket` is a whole number, and text in quotes is needed",
            ),
            (
                "server",
                "server = [\"a\"]",
                "2: `server` is a list, and text in quotes is needed",
            ),
            (
                "feature",
                "",
                "1: this exemption says neither `feature` nor `condition`",
            ),
            (
                "feature",
                "feature = \"tags\"\ncondition = \"cmk\"",
                "4: an exemption covers a `feature` or a `condition`, not both",
            ),
            (
                "feature",
                "feature = \"customer-key-encription\"",
                "3: no feature is called \"customer-key-encription\"; the nearest is \"customer-key-encryption\"",
            ),
            (
                "feature",
                "feature = \"DP-5 Data at Rest Encryption Using CKM\"",
                "3: no feature is called \"DP-5 Data at Rest Encryption Using CKM\"; the nearest is \"DP-5 Data at Rest Encryption Using CMK\"",
            ),
            (
                "feature",
                "feature = \"everything\"",
                "3: no feature is called \"everything\"; `flexposture baseline list` names them",
            ),
            (
                "feature",
                "condition = \"fw-azur\"",
                "3: no condition is called \"fw-azur\"; the nearest is \"fw-azure\"",
            ),
            (
                "feature",
                "condition = \"everything\"",
                "3: no condition is called \"everything\"; `flexposture findings` shows their names",
            ),
            (
                "until",
                "until = \"2027-03-31\"",
                "7: `until` is text, and a date is needed, without quotes: 2027-03-31",
            ),
            (
                "until",
                "until = 2027-03-31T12:00:00",
                "7: `until` is a date or time, and a date is needed, without quotes: 2027-03-31",
            ),
            (
                "until",
                "until = 2027",
                "7: `until` is a whole number, and a date is needed, without quotes: 2027-03-31",
            ),
        ] {
            let mut expected: Vec<&str> = expected.split('|').collect();
            expected.sort_unstable();
            assert_eq!(problems(&with(key, instead)), expected, "{instead}");
        }
        let no_list = "every exemption is a table of its own that begins with [[exemption]]";
        assert_eq!(
            problems("[exemption]\nserver = \"a\"\n"),
            [format!("1: {no_list}")]
        );
        assert_eq!(problems("exemption = [1]\n"), [format!("1: {no_list}")]);
        assert_eq!(
            problems("[[exemptions]]\n"),
            ["1: unknown key `exemptions`; the nearest is `exemption`"]
        );
    }

    #[test]
    fn all_mistakes_of_a_file_are_told_and_not_only_the_first() {
        let text = format!(
            "{}\n{}\n{}\n",
            with("owner", "owner = \"\"").replace("\"CHG-1\"", "1"),
            with("feature", "condition = \"nothing\"\nlines = 1"),
            with("until", "until = 1")
        );
        let lines: Vec<_> = problems(&text)
            .iter()
            .map(|it| it.split(':').next().unwrap().to_owned())
            .collect();
        assert_eq!(lines, ["5", "6", "10", "11", "22"]);
    }

    #[test]
    fn what_is_no_toml_is_told_with_every_line() {
        let found = problems(
            "[[exemption]]\nserver = \n\nowner = \"who\"\nowner = \"who\"\nuntil = 2027-02-30\n",
        );
        let lines: Vec<&str> = found.iter().filter_map(|it| it.split(':').next()).collect();
        assert_eq!(lines, ["2", "5", "6"], "{found:?}");
    }
}
