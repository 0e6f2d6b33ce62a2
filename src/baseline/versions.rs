//! How long Azure supports which MySQL version, as data with its sources. Knows no server and no today.

use std::sync::LazyLock;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

const FILE: &str = include_str!("../../assets/baseline/versions.toml");

static TABLE: LazyLock<VersionTable> = LazyLock::new(|| {
    parse(FILE).unwrap_or_else(|error| panic!("the built-in table of versions is damaged: {error}"))
});

/// The MySQL versions of a flexible server whose support is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionTable {
    /// Where the dates were read.
    pub source: String,
    /// The newest reading of the source is not older than this day. What Azure published later is not in here.
    pub seen: Date,
    /// The versions, oldest first.
    #[serde(rename(deserialize = "version"))]
    pub versions: Vec<VersionSupport>,
}

/// How long one MySQL version is supported. A date that is `None` is unknown, which is not "never".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionSupport {
    /// The first two numbers, such as `8.0`.
    pub version: String,
    /// Whether it is an Innovation release, which Azure offers for trying things out only.
    pub innovation: bool,
    /// The last day on which the MySQL community supports it.
    pub community_end: Option<Date>,
    /// The last day of Azure's standard support; paid extended support begins on the next one.
    pub standard_end: Option<Date>,
    /// The last day of Azure's extended support.
    pub extended_end: Option<Date>,
    /// What else there is to know, such as where sources differ.
    pub note: Option<String>,
    /// Where the facts of this version were read.
    pub source: String,
}

/// The table that is built into the program, parsed on first use.
///
/// # Panics
///
/// When the embedded file does not parse. It is the same in every run of a build, and a test parses it, so a build
/// whose tests pass never does.
#[must_use]
pub fn version_table() -> &'static VersionTable {
    &TABLE
}

/// The support of a version as the server names it, such as `8.0.21`, by its first two numbers. `None` when the table
/// does not have the version, or when the text is not one.
///
/// # Panics
///
/// As [`version_table`].
#[must_use]
pub fn version_support(version: &str) -> Option<&'static VersionSupport> {
    let asked = release(version)?;
    version_table()
        .versions
        .iter()
        .find(|known| release(&known.version) == Some(asked))
}

/// The first two numbers of a version; what follows them after a dot does not matter.
fn release(version: &str) -> Option<(u16, u16)> {
    let mut parts = version.split('.');
    Some((number(parts.next()?)?, number(parts.next()?)?))
}

/// Digits only: a sign, which `parse` would take, is no part of a version.
fn number(text: &str) -> Option<u16> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

fn parse(text: &str) -> Result<VersionTable, String> {
    let table: VersionTable = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut before = None;
    for entry in &table.versions {
        let name = &entry.version;
        let Some(own) = release(name).filter(|(major, minor)| format!("{major}.{minor}") == *name)
        else {
            return Err(format!(
                "`{name}` is not the first two numbers of a version"
            ));
        };
        if before.is_some_and(|before| before >= own) {
            return Err(format!("{name} is given twice or is out of order"));
        }
        before = Some(own);
        let ends = [entry.community_end, entry.standard_end, entry.extended_end];
        if !ends.iter().flatten().is_sorted() {
            return Err(format!(
                "{name}: community, standard and extended support do not end in this order"
            ));
        }
        if entry.innovation && (entry.standard_end.is_some() || entry.extended_end.is_some()) {
            return Err(format!(
                "{name}: Azure gives an Innovation release neither standard nor extended support"
            ));
        }
        let texts = [
            Some(&table.source),
            Some(&entry.source),
            entry.note.as_ref(),
        ];
        if texts
            .into_iter()
            .flatten()
            .any(|text| text.trim().is_empty())
        {
            return Err(format!("{name}: a text must not be empty"));
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_embedded_table_parses_and_its_support_ends_in_order() {
        let table = parse(FILE).unwrap_or_else(|error| panic!("{error}"));
        assert!(table.seen >= date(2026, 9, 5));
        for entry in &table.versions {
            let ends = [entry.community_end, entry.standard_end, entry.extended_end];
            assert!(ends.iter().flatten().is_sorted(), "{}", entry.version);
        }
        let innovation = |entry: &&VersionSupport| entry.innovation;
        assert!(
            table
                .versions
                .iter()
                .filter(innovation)
                .all(|entry| entry.version.starts_with("9."))
        );
    }

    #[test]
    fn the_dates_are_those_of_the_newest_reading() {
        let ends = |version| {
            version_support(version)
                .map(|found| (found.community_end, found.standard_end, found.extended_end))
        };
        assert_eq!(
            ends("5.7"),
            Some((
                Some(date(2023, 10, 31)),
                Some(date(2026, 9, 30)),
                Some(date(2029, 3, 31))
            ))
        );
        assert_eq!(
            ends("8.0.21"),
            Some((
                Some(date(2026, 4, 30)),
                Some(date(2027, 1, 31)),
                Some(date(2029, 5, 31))
            ))
        );
        assert_eq!(ends("8.4"), Some((Some(date(2032, 4, 30)), None, None)));
    }

    #[test]
    fn a_version_is_found_by_its_first_two_numbers() {
        let found = |text| version_support(text).map(|known| known.version.as_str());
        for (text, expected) in [
            ("8.0", Some("8.0")),
            ("8.0.21", Some("8.0")),
            ("8.0.45-azure", Some("8.0")),
            ("8.4.5", Some("8.4")),
            ("5.7.44", Some("5.7")),
            ("9.3", Some("9.3")),
            ("8.40", None),
            ("80.0", None),
            ("8.1", None),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_version_is_not_found() {
        for text in [
            "",
            ".",
            "..",
            "8",
            "8.",
            ".0",
            "8,0",
            "v8.0",
            "8.0-azure",
            " 8.0",
            "+8.0",
            "-8.0",
            "8.+0",
            "8.99999999",
            "\u{0668}.\u{0660}",
            "MySQL 8.0",
        ] {
            assert_eq!(version_support(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_long_term_release_is_not_taken_for_an_innovation_because_of_its_first_number() {
        let innovation = |text| version_support(text).map(|known| known.innovation);
        assert_eq!(innovation("9.3.0"), Some(true));
        assert_eq!(innovation("9.7.0"), Some(false));
    }

    #[test]
    fn a_damaged_table_is_refused() {
        let refused = |from: &str, to: &str| {
            assert!(FILE.contains(from), "{from}");
            parse(&FILE.replacen(from, to, 1)).expect_err(to)
        };
        refused("seen = ", "read = ");
        refused("community_end = \"2023-10-31\"", "retired = \"2023-10-31\"");
        refused("2026-09-30", "2026-09-31");
        assert!(refused("2026-09-30", "2023-10-30").contains("5.7"));
        assert!(refused("2029-05-31", "2027-01-30").contains("8.0"));
        assert!(refused("version = \"8.0\"", "version = \"5.7\"").contains("twice"));
        assert!(refused("version = \"8.0\"", "version = \"8\"").contains("`8`"));
        assert!(refused("version = \"8.0\"", "version = \"8.0.21\"").contains("8.0.21"));
        assert!(refused("innovation = false", "innovation = true").contains("Innovation release"));
    }
}
