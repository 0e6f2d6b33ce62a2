//! One testable statement inside a feature, and what became of it.

use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;

use crate::documents::Cause;

use super::{Evidence, Severity};

/// The name of a condition, as it stands in reports: `tls-min`.
pub type ConditionId = &'static str;

/// Whether a condition has a say in the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// It decides.
    Decides,
    /// It only informs.
    Informs,
}

/// What became of a condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Judgement {
    /// It was read and holds.
    Met,
    /// It was read and does not hold.
    Unmet,
    /// It could not be read.
    Unread(Cause),
    /// Only a person can decide; the text says what about.
    Manual(String),
    /// The server's own set-up takes it out of play; the text says which.
    NotApplicable(String),
}

impl Judgement {
    /// The judgement in one word, as it stands in reports and in `findings --json`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Met => "Met",
            Self::Unmet => "Unmet",
            Self::Unread(_) => "Unknown",
            Self::Manual(_) => "Manual",
            Self::NotApplicable(_) => "NotApplicable",
        }
    }

    /// Met when `holds`, else unmet.
    #[must_use]
    pub const fn from_bool(holds: bool) -> Self {
        if holds { Self::Met } else { Self::Unmet }
    }
}

/// The exemption that takes a condition out of the verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiver {
    /// Why it was granted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Where it was agreed, when somebody said so.
    pub ticket: Option<String>,
    /// The last day on which it holds.
    pub until: Date,
}

/// A condition with its judgement and the looks that led to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// Its name.
    pub id: ConditionId,
    /// What it states, in words: `every TLS version offered is 1.2 or newer`.
    pub statement: &'static str,
    /// How bad it is when it does not hold.
    pub severity: Severity,
    /// Whether it has a say in the verdict.
    pub weight: Weight,
    /// What became of it.
    pub judgement: Judgement,
    /// Where it was read.
    pub evidence: Vec<Evidence>,
    /// What a reader should know beside the evidence, for example which private path holds.
    pub note: Option<String>,
    /// The exemption that takes it out of the verdict; its judgement stays visible.
    pub waiver: Option<Arc<Waiver>>,
    /// The fact behind it, when one fact decides several features; the score counts it once.
    #[serde(skip)]
    pub shared_fact: Option<&'static str>,
}

impl Condition {
    /// Whether it was read and does not hold, and no exemption takes it out.
    #[must_use]
    pub const fn is_unmet(&self) -> bool {
        matches!(self.judgement, Judgement::Unmet) && self.waiver.is_none()
    }

    /// Whether an exemption could take it out: it does not hold, is unread, or waits for a person's decision.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(
            self.judgement,
            Judgement::Unmet | Judgement::Unread(_) | Judgement::Manual(_)
        )
    }

    /// Whether it has a say in the verdict.
    #[must_use]
    pub fn decides(&self) -> bool {
        self.weight == Weight::Decides
    }
}
