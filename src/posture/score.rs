//! The score: how much of what can be decided is proven to be met.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{Condition, Finding, Judgement, Severity, VerdictWord};

/// How the score is made, for people.
pub const SCORE_FORMULA: &str = "score = 100 × met ÷ (met + unmet), rounded down, over the deciding conditions of \
features that count; critical weighs 10, high 5, medium 2, low 1. What could not be read counts as unmet: not proven \
is not secure. A fact that decides several features counts once. Manual, not applicable, platform, unsupported and \
waived features do not count, nor does any condition that an exemption covers. Family X, what lies beyond the baseline, \
has a score of its own by the same formula and is never part of the baseline's.";

/// What a condition weighs.
const fn weight(severity: Severity) -> u32 {
    match severity {
        Severity::Critical => 10,
        Severity::High => 5,
        Severity::Medium => 2,
        Severity::Low => 1,
    }
}

/// The weights behind a score. Scores of several servers add up by adding their weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// The weight of what is met.
    pub met: u32,
    /// The weight of what is unmet or unread.
    pub unmet: u32,
}

impl Score {
    /// The score of some findings of one server; see [`Score::baseline`] and [`Score::beyond`].
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
            let counts = |c: &&Condition| c.decides() && c.waiver.is_none();
            for condition in finding.conditions.iter().filter(counts) {
                let target = match condition.judgement {
                    Judgement::Met => &mut score.met,
                    Judgement::Unmet | Judgement::Unread(_) => &mut score.unmet,
                    Judgement::Manual(_) | Judgement::NotApplicable(_) => continue,
                };
                if condition
                    .shared_fact
                    .is_none_or(|fact| counted.insert(fact))
                {
                    *target += weight(condition.severity);
                }
            }
        }
        score
    }

    /// The score of the baseline's features among the findings of one server.
    #[must_use]
    pub fn baseline(findings: &[Finding]) -> Self {
        Self::of(findings.iter().filter(|it| it.feature.is_baseline()))
    }

    /// The score of what lies beyond the baseline, never mixed with the other.
    #[must_use]
    pub fn beyond(findings: &[Finding]) -> Self {
        Self::of(findings.iter().filter(|it| !it.feature.is_baseline()))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::posture::fixtures::Fixture;
    use crate::posture::{Exemptions, Ruleset, judge};

    #[test]
    fn the_formula_for_people_names_every_weight() {
        for severity in Severity::ALL {
            let verb = if severity == Severity::Critical {
                "weighs "
            } else {
                ""
            };
            let words = format!("{severity} {verb}{}", weight(severity));
            let end = SCORE_FORMULA
                .split(&words)
                .nth(1)
                .and_then(|rest| rest.chars().next());
            assert!(
                matches!(end, Some(',' | '.')),
                "{words:?} in {SCORE_FORMULA}"
            );
        }
        assert!(
            SCORE_FORMULA.contains("an exemption covers") && SCORE_FORMULA.contains("Family X")
        );
    }

    #[test]
    fn what_an_exemption_covers_leaves_the_score() {
        let documents = Fixture::new()
            .parameters(&[
                ("require_secure_transport", json!({"value": "OFF"})),
                ("tls_version", json!({"value": "TLSv1.2"})),
            ])
            .documents();
        let mut findings = judge(&documents, &Ruleset::default());
        let before = Score::baseline(&findings);
        let exemptions = Exemptions::parse(
            "[[exemption]]\nserver = \"db\"\ncondition = \"require-tls\"\nreason = \"r\"\nowner = \"o\"\nuntil = 2027-01-01\n",
        )
        .unwrap();
        exemptions.apply(documents.id(), &mut findings, "2027-01-01".parse().unwrap());
        let after = Score::baseline(&findings);
        // The feature is waived as a whole, so that what it met (5) no longer counts either.
        assert_eq!((after.met, after.unmet), (before.met - 5, before.unmet - 5));
    }

    #[test]
    fn what_is_unread_counts_as_unmet() {
        let read = Fixture::new()
            .parameters(&[
                ("require_secure_transport", json!({"value": "ON"})),
                ("tls_version", json!({"value": "TLSv1.2"})),
                ("aad_auth_only", json!({"value": "OFF"})),
            ])
            .documents();
        let findings = judge(&read, &Ruleset::default());
        let score = Score::of(&findings);
        // Met: require-tls 5 and tls-min 5; everything else that counts is unread or unmet.
        assert_eq!(score.met, 10);
        let nothing = Score::of(&judge(&Fixture::new().documents(), &Ruleset::default()));
        assert_eq!(nothing.met, 0);
        assert_eq!(nothing.percent(), Some(0));
        assert_eq!(nothing.met + nothing.unmet, score.met + score.unmet);
        assert_eq!(Score::default().percent(), None);
    }
}
