//! The JSON documents that the program writes, each with its published schema.

use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value};

use super::{ReportHead, Rows};

/// A kind of JSON document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// `report --format json`.
    Report,
    /// `findings --json`.
    Findings,
    /// `diff --format json`.
    Difference,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Report, Self::Findings, Self::Difference];

    /// The word for it in commands.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Findings => "findings",
            Self::Difference => "diff",
        }
    }

    /// The version of its form. It grows when a member is taken away or means something else; members may be added
    /// without.
    #[must_use]
    pub const fn version(self) -> u32 {
        1
    }

    /// What names its schema: the `$id` of the schema and the `$schema` of a document.
    #[must_use]
    pub fn schema_id(self) -> String {
        format!("urn:flexposture:schema:{}:{}", self.word(), self.version())
    }

    /// Its schema (JSON Schema, draft 2020-12).
    #[must_use]
    pub const fn schema(self) -> &'static str {
        match self {
            Self::Report => include_str!("../../assets/schema/report.schema.json"),
            Self::Findings => include_str!("../../assets/schema/findings.schema.json"),
            Self::Difference => include_str!("../../assets/schema/diff.schema.json"),
        }
    }

    /// The members with which a document of this kind begins.
    #[must_use]
    pub fn opening(self) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert("$schema".to_owned(), self.schema_id().into());
        members.insert("schema_version".to_owned(), self.version().into());
        members
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for DocumentKind {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|kind| kind.word() == word);
        known.ok_or_else(|| format!("no document is called {word:?}"))
    }
}

/// The members of a report before its rows.
#[must_use]
pub fn document(head: &ReportHead, rows: Rows) -> Map<String, Value> {
    let mut members = DocumentKind::Report.opening();
    let kind = match rows {
        Rows::ServersOf(_) => "servers-of-feature",
        Rows::FindingsOf(_) => "findings",
        rows => rows.word(),
    };
    members.insert("kind".to_owned(), kind.into());
    if let Ok(Value::Object(head)) = serde_json::to_value(head) {
        members.extend(head);
    }
    members
}
