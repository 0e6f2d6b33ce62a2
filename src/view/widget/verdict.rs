//! Verdicts and severities: sign, word and role.

use crate::look::{Glyph, Role};
use crate::posture::{Severity, VerdictWord};

/// The role of a verdict.
pub const fn verdict_role(verdict: VerdictWord) -> Role {
    match verdict {
        VerdictWord::Fail => Role::Fail,
        VerdictWord::Unknown => Role::Unknown,
        VerdictWord::Manual => Role::Manual,
        VerdictWord::Pass => Role::Pass,
        VerdictWord::Waived => Role::Waived,
        VerdictWord::NotApplicable => Role::NotApplicable,
        VerdictWord::Platform => Role::Platform,
        VerdictWord::Unsupported => Role::Unsupported,
    }
}

/// The sign of a verdict.
pub const fn verdict_glyph(verdict: VerdictWord) -> Glyph {
    match verdict {
        VerdictWord::Fail => Glyph::Fail,
        VerdictWord::Unknown => Glyph::Unknown,
        VerdictWord::Manual => Glyph::Manual,
        VerdictWord::Pass => Glyph::Pass,
        VerdictWord::Waived => Glyph::Waived,
        VerdictWord::NotApplicable => Glyph::NotApplicable,
        VerdictWord::Platform => Glyph::Platform,
        VerdictWord::Unsupported => Glyph::Unsupported,
    }
}

/// The word of a verdict where there is room for few letters.
pub const fn verdict_word(verdict: VerdictWord) -> &'static str {
    match verdict {
        VerdictWord::Fail => "FAIL",
        VerdictWord::Unknown => "unknown",
        VerdictWord::Manual => "manual",
        VerdictWord::Pass => "pass",
        VerdictWord::Waived => "waived",
        VerdictWord::NotApplicable => "n/a",
        VerdictWord::Platform => "platform",
        VerdictWord::Unsupported => "unsupported",
    }
}

/// The role of a severity.
pub const fn severity_role(severity: Severity) -> Role {
    match severity {
        Severity::Critical => Role::Critical,
        Severity::High => Role::High,
        Severity::Medium => Role::Medium,
        Severity::Low => Role::Low,
    }
}
