//! What lists need to know of a server, small enough to hold for 100,000 of them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::baseline::FeatureId;
use crate::documents::text::neutral;
use crate::documents::{CauseKind, Fact, ServerDocuments};

use super::{Finding, Score, Severity, Verdict, VerdictWord};

/// A feature's standing in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cell {
    /// What became of it.
    pub verdict: VerdictWord,
    /// The worst open severity.
    pub severity: Option<Severity>,
    /// For Unknown: why.
    pub cause: Option<CauseKind>,
}

impl Default for Cell {
    /// What is not looked at is unknown.
    fn default() -> Self {
        Self {
            verdict: VerdictWord::Unknown,
            severity: None,
            cause: None,
        }
    }
}

/// The tags of a server, by name. Servers with the same ones may share them.
pub type Tags = Arc<[(Arc<str>, Arc<str>)]>;

/// What lists need to know of a server. All text is neutralised for display. What many servers have in common can be one
/// text for all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerSummary {
    /// The server's resource id, as Azure wrote it.
    pub id: Box<str>,
    /// The server's name.
    pub name: Box<str>,
    /// The resource group's name.
    pub resource_group: Arc<str>,
    /// The subscription's id.
    pub subscription: Arc<str>,
    /// The region in one word, for example `westeurope`; empty when unread.
    pub region: Arc<str>,
    /// The MySQL version, the fullest that Azure told; empty when unread.
    pub version: Arc<str>,
    /// Azure's state of the server, for example `Ready`; empty when unread.
    pub state: Arc<str>,
    /// The tags, by name.
    pub tags: Tags,
    /// The standing in each feature, in the order of [`FeatureId::ALL`].
    #[serde(with = "cells")]
    pub cells: [Cell; FeatureId::COUNT],
    /// How many conditions are open, by severity, worst first.
    pub open: [u16; 4],
    /// The weights of the score of the baseline.
    pub score: Score,
    /// The weights of the score of what lies beyond it.
    pub beyond: Score,
}

impl ServerSummary {
    /// Sums up a server. `findings` holds one finding for every feature.
    #[must_use]
    pub fn new(documents: &ServerDocuments, findings: &[Finding]) -> Self {
        let mut cells = [Cell::default(); FeatureId::COUNT];
        let mut open = [0_u16; 4];
        for finding in findings {
            cells[finding.feature.index()] = Cell {
                verdict: finding.verdict.word(),
                severity: finding.severity(),
                cause: match &finding.verdict {
                    Verdict::Unknown(cause) => Some(cause.kind()),
                    _ => None,
                },
            };
            if finding.verdict == Verdict::Fail {
                for condition in finding.conditions.iter().filter(|c| c.is_unmet()) {
                    open[condition.severity as usize] += 1;
                }
            }
        }
        let text = |pointer: &str| -> Arc<str> {
            match documents.server_member(pointer).0.text() {
                Fact::Known(text) => neutral(&text).into(),
                Fact::Absent | Fact::Unread(_) => "".into(),
            }
        };
        let id = documents.id();
        let full_version = text("/properties/fullVersion");
        Self {
            id: id.as_str().into(),
            name: neutral(id.name()).into(),
            resource_group: neutral(id.resource_group().unwrap_or_default()).into(),
            subscription: neutral(id.subscription()).into(),
            region: region(&text("/location")).into(),
            version: if full_version.is_empty() {
                text("/properties/version")
            } else {
                full_version
            },
            state: text("/properties/state"),
            tags: tags(documents),
            cells,
            open,
            score: Score::baseline(findings),
            beyond: Score::beyond(findings),
        }
    }

    /// The standing in one feature.
    #[must_use]
    pub fn cell(&self, feature: FeatureId) -> Cell {
        self.cells[feature.index()]
    }

    /// How many features of the baseline have this verdict.
    #[must_use]
    pub fn count(&self, verdict: VerdictWord) -> usize {
        self.cells[..FeatureId::BASELINE_COUNT]
            .iter()
            .filter(|cell| cell.verdict == verdict)
            .count()
    }

    /// The worst verdict among the features of the baseline.
    #[must_use]
    pub fn worst(&self) -> VerdictWord {
        let cells = self.cells[..FeatureId::BASELINE_COUNT].iter();
        let verdicts = cells.map(|cell| cell.verdict);
        verdicts.min().unwrap_or(VerdictWord::Unknown)
    }

    /// The order of risk: worst open severity first, then how many of it, then the next severity, then the number of
    /// unknown features, then the name.
    #[must_use]
    pub fn risk_order(&self, other: &Self) -> std::cmp::Ordering {
        other
            .open
            .cmp(&self.open)
            .then_with(|| {
                other
                    .count(VerdictWord::Unknown)
                    .cmp(&self.count(VerdictWord::Unknown))
            })
            .then_with(|| self.name.cmp(&other.name))
            .then_with(|| self.id.cmp(&other.id))
    }
}

/// A region in one lower-case word: Azure writes `West Europe` in some answers and `westeurope` in others.
fn region(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

fn tags(documents: &ServerDocuments) -> Tags {
    let Fact::Known(serde_json::Value::Object(tags)) = documents.server_member("/tags").0 else {
        return Tags::default();
    };
    tags.iter()
        .map(|(name, value)| {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            (neutral(name).into(), neutral(&value).into())
        })
        .collect()
}

/// Cells as one list on disk: a serialiser for arrays of this length does not exist in serde.
mod cells {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Cell, FeatureId};

    pub fn serialize<S: Serializer>(
        cells: &[Cell; FeatureId::COUNT],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        cells.as_slice().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<[Cell; FeatureId::COUNT], D::Error> {
        let cells = Vec::<Cell>::deserialize(deserializer)?;
        let found = cells.len();
        cells.try_into().map_err(|_| {
            D::Error::custom(format!(
                "a server's standing in {found} features instead of {}",
                FeatureId::COUNT
            ))
        })
    }
}
