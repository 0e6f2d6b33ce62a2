//! The score: how much of what can be decided is proven to be met.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{Finding, Judgement, Severity, VerdictWord};

/// How the score is made, for people.
pub const SCORE_FORMULA: &str = "score = 100 × met ÷ (met + unmet), rounded down, over the deciding conditions of \
features that count; critical weighs 10, high 5, medium 2, low 1. What could not be read counts as unmet: not proven \
is not secure. A fact that decides several features counts once. Manual, not applicable, platform, unsupported and \
waived features do not count.";

/// The weights behind a score. Scores of several servers add up by adding their weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// The weight of what is met.
    pub met: u32,
    /// The weight of what is unmet or unread.
    pub unmet: u32,
}

impl Score {
    /// The score of some findings of one server.
    #[must_use]
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut counted = HashSet::new();
        let mut score = Self::default();
        for finding in findings {
            if !matches!(
                finding.verdict.word(),
                VerdictWord::Pass | VerdictWord::Fail | VerdictWord::Unknown
            ) {
                continue;
            }
            for condition in finding.conditions.iter().filter(|c| c.decides()) {
                let weight = match condition.severity {
                    Severity::Critical => 10,
                    Severity::High => 5,
                    Severity::Medium => 2,
                    Severity::Low => 1,
                };
                let target = match condition.judgement {
                    Judgement::Met => &mut score.met,
                    Judgement::Unmet | Judgement::Unread(_) => &mut score.unmet,
                    Judgement::Manual(_) | Judgement::NotApplicable(_) => continue,
                };
                if condition
                    .shared_fact
                    .is_none_or(|fact| counted.insert(fact))
                {
                    *target += weight;
                }
            }
        }
        score
    }

    /// The score from 0 to 100; `None` when nothing counts.
    #[must_use]
    pub fn percent(self) -> Option<u8> {
        let total = u64::from(self.met) + u64::from(self.unmet);
        (total > 0).then(|| u8::try_from(u64::from(self.met) * 100 / total).unwrap_or(100))
    }
}

impl std::ops::AddAssign for Score {
    fn add_assign(&mut self, other: Self) {
        self.met = self.met.saturating_add(other.met);
        self.unmet = self.unmet.saturating_add(other.unmet);
    }
}
