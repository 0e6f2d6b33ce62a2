//! The JSON documents that the program writes, each with its published schema.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{ReportHead, Rows};
use crate::documents::text::neutral_lines;

/// A kind of JSON document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// `report --format json`, and the JSON that the explorer exports.
    Report,
    /// `findings --json`.
    Findings,
    /// `diff --format json`.
    Difference,
    /// `policies --json`.
    Policies,
    /// `permissions --json`, of a scan.
    Permissions,
    /// `permissions --all --json`.
    AllPermissions,
    /// `scans --json`.
    Scans,
    /// `scans show --json`.
    Scan,
    /// `rejudge --json`.
    Rejudged,
    /// `exemptions list --json`.
    Exemptions,
    /// `config show --json`.
    Settings,
    /// `keys --json`.
    Keys,
    /// `doctor --json`.
    Doctor,
    /// `scan --plan --json`.
    Plan,
    /// A line of `scan --progress json`.
    Progress,
    /// `baseline export`.
    Baseline,
    /// `baseline export --reference`.
    Reference,
    /// `baseline references --json` and `baseline import --json`.
    References,
    /// `baseline search --json`.
    BaselineSearch,
    /// `baseline compare --json`.
    BaselineComparison,
}

/// A kind as it is published.
struct Published {
    word: &'static str,
    written_by: &'static str,
    schema: &'static str,
}

/// The facts of a kind, with the file of its schema.
macro_rules! published {
    ($word:literal, $written_by:literal) => {
        Published {
            word: $word,
            written_by: $written_by,
            schema: include_str!(concat!("../../assets/schema/", $word, ".schema.json")),
        }
    };
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 20] = [
        Self::Report,
        Self::Findings,
        Self::Difference,
        Self::Policies,
        Self::Permissions,
        Self::AllPermissions,
        Self::Scans,
        Self::Scan,
        Self::Rejudged,
        Self::Exemptions,
        Self::Settings,
        Self::Keys,
        Self::Doctor,
        Self::Plan,
        Self::Progress,
        Self::Baseline,
        Self::Reference,
        Self::References,
        Self::BaselineSearch,
        Self::BaselineComparison,
    ];

    const fn published(self) -> Published {
        match self {
            Self::Report => published!("report", "flexposture report --format json"),
            Self::Findings => published!("findings", "flexposture findings --json"),
            Self::Difference => published!("diff", "flexposture diff --format json"),
            Self::Policies => published!("policies", "flexposture policies --json"),
            Self::Permissions => published!("permissions", "flexposture permissions --json"),
            Self::AllPermissions => {
                published!("permissions-all", "flexposture permissions --all --json")
            }
            Self::Scans => published!("scans-list", "flexposture scans --json"),
            Self::Scan => published!("scans-show", "flexposture scans show --json"),
            Self::Rejudged => published!("rejudge", "flexposture rejudge --json"),
            Self::Exemptions => published!("exemptions-list", "flexposture exemptions list --json"),
            Self::Settings => published!("config-show", "flexposture config show --json"),
            Self::Keys => published!("keys", "flexposture keys --json"),
            Self::Doctor => published!("doctor", "flexposture doctor --json"),
            Self::Plan => published!("scan-plan", "flexposture scan --plan --json"),
            Self::Progress => published!("scan-progress", "flexposture scan --progress json"),
            Self::Baseline => published!("baseline-export", "flexposture baseline export"),
            Self::Reference => published!(
                "baseline-export-reference",
                "flexposture baseline export --reference NAME"
            ),
            Self::References => published!(
                "baseline-references",
                "flexposture baseline references --json"
            ),
            Self::BaselineSearch => {
                published!("baseline-search", "flexposture baseline search --json")
            }
            Self::BaselineComparison => {
                published!("baseline-compare", "flexposture baseline compare --json")
            }
        }
    }

    /// The word for it in commands.
    #[must_use]
    pub const fn word(self) -> &'static str {
        self.published().word
    }

    /// The command that writes it.
    #[must_use]
    pub const fn written_by(self) -> &'static str {
        self.published().written_by
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
        self.published().schema
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

/// Writes a document, indented, with a line break at its end: an object begins with `$schema` and `schema_version`, and in
/// a list each object has its `schema_version`. All text is neutralised here: JSON escapes only some of what deceives
/// whoever reads a terminal.
///
/// # Errors
/// When the body is none that JSON can hold, or when `out` refuses.
pub fn write_document(
    out: &mut impl Write,
    kind: DocumentKind,
    body: &impl Serialize,
) -> io::Result<()> {
    let whole = match neutralised(serde_json::to_value(body)?) {
        Value::Object(body) => {
            let mut members = kind.opening();
            members.extend(body);
            Value::Object(members)
        }
        Value::Array(items) => items
            .into_iter()
            .map(|item| versioned(kind, item))
            .collect(),
        other => other,
    };
    serde_json::to_writer_pretty(&mut *out, &whole)?;
    writeln!(out)
}

/// The same as one line: an object of a list that is written as it grows.
///
/// # Errors
/// When `out` refuses.
pub fn write_document_line(
    out: &mut impl Write,
    kind: DocumentKind,
    body: Value,
) -> io::Result<()> {
    // In one piece: nobody else's words get into the line.
    let line = format!("{}\n", versioned(kind, neutralised(body)));
    out.write_all(line.as_bytes())
}

fn versioned(kind: DocumentKind, mut item: Value) -> Value {
    if let Value::Object(members) = &mut item {
        members.insert("schema_version".to_owned(), kind.version().into());
    }
    item
}

fn neutralised(value: Value) -> Value {
    match value {
        Value::String(text) => neutral_lines(&text).into(),
        Value::Array(items) => items.into_iter().map(neutralised).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (neutral_lines(&name), neutralised(value)))
            .collect(),
        plain => plain,
    }
}
