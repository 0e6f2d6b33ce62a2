//! The words for what became of a feature, and how bad it is.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::documents::Cause;

/// How bad an unmet condition is, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// Anyone on the internet may reach the data.
    Critical,
    /// A protection that the baseline counts on is missing.
    High,
    /// A second line is missing.
    Medium,
    /// Good practice is missing.
    Low,
}

impl Severity {
    /// Every severity, worst first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// The severity in one word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    /// The severity as one letter.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Critical => "C",
            Self::High => "H",
            Self::Medium => "M",
            Self::Low => "L",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What became of a feature, in one word: the form that lists and counts need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum VerdictWord {
    /// At least one deciding condition was read and does not hold.
    Fail,
    /// None fails, but a deciding one could not be read.
    Unknown,
    /// Only a person can decide.
    Manual,
    /// Every deciding condition that applies was read and holds.
    Pass,
    /// An exemption covers it.
    Waived,
    /// The server's own set-up takes the feature out of play.
    NotApplicable,
    /// Microsoft's part, on by default, nothing to configure.
    Platform,
    /// The baseline says that the service does not offer it.
    Unsupported,
}

impl VerdictWord {
    /// Every word, worst first.
    pub const ALL: [Self; 8] = [
        Self::Fail,
        Self::Unknown,
        Self::Manual,
        Self::Pass,
        Self::Waived,
        Self::NotApplicable,
        Self::Platform,
        Self::Unsupported,
    ];

    /// The word, as it stands in reports and in `findings --json`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fail => "Fail",
            Self::Unknown => "Unknown",
            Self::Manual => "Manual",
            Self::Pass => "Pass",
            Self::Waived => "Waived",
            Self::NotApplicable => "NotApplicable",
            Self::Platform => "Platform",
            Self::Unsupported => "Unsupported",
        }
    }

    /// What it means, in a sentence without its end.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Fail => "a condition that decides was read and does not hold",
            Self::Unknown => "nothing fails, but something that decides could not be read",
            Self::Manual => "only a person can decide",
            Self::Pass => "every condition that decides was read and holds",
            Self::Waived => "an exemption covers it",
            Self::NotApplicable => "the server's own set-up takes it out of play",
            Self::Platform => "Microsoft's part, nothing to configure",
            Self::Unsupported => "the baseline says that the service does not offer it",
        }
    }
}

impl fmt::Display for VerdictWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What became of a feature, with its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Every deciding condition that applies was read and holds.
    Pass,
    /// At least one deciding condition was read and does not hold.
    Fail,
    /// None fails, but a deciding one could not be read.
    Unknown(Cause),
    /// Only a person can decide.
    Manual,
    /// The server's own set-up takes the feature out of play; the text says which.
    NotApplicable(String),
    /// Microsoft's part, on by default, nothing to configure.
    Platform,
    /// The baseline says that the service does not offer it.
    Unsupported,
    /// Exemptions cover everything that is open. The first of them ends after this day, and something is open again.
    Waived(Date),
}

impl Verdict {
    /// The verdict in one word.
    #[must_use]
    pub const fn word(&self) -> VerdictWord {
        match self {
            Self::Pass => VerdictWord::Pass,
            Self::Fail => VerdictWord::Fail,
            Self::Unknown(_) => VerdictWord::Unknown,
            Self::Manual => VerdictWord::Manual,
            Self::NotApplicable(_) => VerdictWord::NotApplicable,
            Self::Platform => VerdictWord::Platform,
            Self::Unsupported => VerdictWord::Unsupported,
            Self::Waived(_) => VerdictWord::Waived,
        }
    }
}
