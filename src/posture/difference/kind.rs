//! How a feature of a server turned between two scans.

use serde::Serialize;

use crate::posture::{Cell, VerdictWord};

/// How a feature of a server turned between two scans that were judged alike, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// It fails and did not.
    Regressed,
    /// It failed and fails, and something worse is open than before.
    Worse,
    /// It fails no more.
    Fixed,
    /// It failed and fails, and the worst of what was open holds now.
    Eased,
    /// It was read and is unread.
    NewlyUnknown,
    /// It was unread and is read, whatever that came to.
    ReadableAgain,
    /// Something is open that an exemption covers, and was not.
    Waived,
    /// What an exemption covered is open no more.
    Unwaived,
    /// It has another verdict, and neither fails nor failed.
    Otherwise,
    /// It has the same verdict, and what was seen differs.
    EvidenceChanged,
}

impl ChangeKind {
    /// Every kind, in the order in which they are shown.
    pub const ALL: [Self; 10] = [
        Self::Regressed,
        Self::Worse,
        Self::Fixed,
        Self::Eased,
        Self::NewlyUnknown,
        Self::ReadableAgain,
        Self::Waived,
        Self::Unwaived,
        Self::Otherwise,
        Self::EvidenceChanged,
    ];

    /// How a feature turned; `None` when it did not. `saw_other` says that what was seen differs.
    #[must_use]
    pub fn of(before: Cell, after: Cell, saw_other: bool) -> Option<Self> {
        use VerdictWord as V;
        if before.verdict == after.verdict {
            return match (before.severity, after.severity) {
                (Some(was), Some(is)) if before.verdict == V::Fail && is < was => Some(Self::Worse),
                (Some(was), Some(is)) if before.verdict == V::Fail && is > was => Some(Self::Eased),
                _ => (saw_other || before != after).then_some(Self::EvidenceChanged),
            };
        }
        Some(match (before.verdict, after.verdict) {
            (V::Unknown, _) => Self::ReadableAgain,
            (_, V::Unknown) => Self::NewlyUnknown,
            // The exemptions are the same on both sides: what is covered did not change, what is open did.
            (_, V::Fail) => Self::Regressed,
            (V::Fail, _) => Self::Fixed,
            (_, V::Waived) => Self::Waived,
            (V::Waived, _) => Self::Unwaived,
            _ => Self::Otherwise,
        })
    }

    /// How it turned when the two scans change places.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        match self {
            Self::Regressed => Self::Fixed,
            Self::Worse => Self::Eased,
            Self::Fixed => Self::Regressed,
            Self::Eased => Self::Worse,
            Self::NewlyUnknown => Self::ReadableAgain,
            Self::ReadableAgain => Self::NewlyUnknown,
            Self::Waived => Self::Unwaived,
            Self::Unwaived => Self::Waived,
            Self::Otherwise => Self::Otherwise,
            Self::EvidenceChanged => Self::EvidenceChanged,
        }
    }

    /// It in a word or two, as the title of a group.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Regressed => "regressed",
            Self::Worse => "still failing, worse",
            Self::Fixed => "fixed",
            Self::Eased => "still failing, less severe",
            Self::NewlyUnknown => "newly unknown",
            Self::ReadableAgain => "readable again",
            Self::Waived => "newly exempt",
            Self::Unwaived => "exemption no longer needed",
            Self::Otherwise => "other verdict",
            Self::EvidenceChanged => "evidence changed",
        }
    }
}
