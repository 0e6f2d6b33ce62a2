//! A server's standing in one feature: the verdict and everything that led to it.

use std::sync::Arc;

use serde::Serialize;

use crate::baseline::FeatureId;
use crate::documents::Cause;

use super::{Condition, Judgement, Severity, Verdict, Waiver};

/// A server's standing in one feature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The feature.
    pub feature: FeatureId,
    /// What became of it.
    pub verdict: Verdict,
    /// What would have become of it without exemptions; `None` where no exemption touches it.
    pub without_exemptions: Option<Verdict>,
    /// The conditions, in the order in which they are shown.
    pub conditions: Vec<Condition>,
    /// What was read that helps a reader, in words; for features that no condition judges.
    pub notes: Vec<String>,
}

impl Finding {
    /// A finding that conditions decide: Fail before Unknown before Manual before Pass before NotApplicable.
    #[must_use]
    pub fn from_conditions(feature: FeatureId, conditions: Vec<Condition>) -> Self {
        let verdict = decide(&conditions);
        Self {
            feature,
            verdict,
            without_exemptions: None,
            conditions,
            notes: Vec::new(),
        }
    }

    /// A finding that no condition decides.
    #[must_use]
    pub const fn fixed(feature: FeatureId, verdict: Verdict) -> Self {
        Self {
            feature,
            verdict,
            without_exemptions: None,
            conditions: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Takes conditions out of the verdict: those that are open and for which `waiver` finds an exemption.
    pub fn waive(&mut self, waiver: impl Fn(&Condition) -> Option<Arc<Waiver>>) {
        for condition in self.conditions.iter_mut().filter(|c| c.is_open()) {
            condition.waiver = waiver(condition);
        }
        if self.conditions.iter().any(|c| c.waiver.is_some()) {
            let verdict = decide(&self.conditions);
            self.without_exemptions = Some(std::mem::replace(&mut self.verdict, verdict));
        }
    }

    /// What became of it before any exemption.
    #[must_use]
    pub const fn verdict_without_exemptions(&self) -> &Verdict {
        match &self.without_exemptions {
            Some(verdict) => verdict,
            None => &self.verdict,
        }
    }

    /// The worst severity that is open: of what does not hold when the feature fails, of what is unread when it is
    /// unknown.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        let open = |condition: &&Condition| match self.verdict {
            Verdict::Fail => condition.is_unmet(),
            Verdict::Unknown(_) => {
                condition.decides()
                    && condition.waiver.is_none()
                    && matches!(condition.judgement, Judgement::Unread(_))
            }
            _ => false,
        };
        self.conditions
            .iter()
            .filter(open)
            .map(|condition| condition.severity)
            .min()
    }
}

fn decide(conditions: &[Condition]) -> Verdict {
    let deciding = || {
        conditions
            .iter()
            .filter(|condition| condition.decides() && condition.waiver.is_none())
    };
    if deciding().any(Condition::is_unmet) {
        return Verdict::Fail;
    }
    let unread: Option<&Cause> = deciding()
        .filter_map(|condition| match &condition.judgement {
            Judgement::Unread(cause) => Some(cause),
            _ => None,
        })
        .min_by_key(|cause| cause.rank());
    if let Some(cause) = unread {
        return Verdict::Unknown(cause.clone());
    }
    if deciding().any(|condition| matches!(condition.judgement, Judgement::Manual(_))) {
        return Verdict::Manual;
    }
    let waived = conditions
        .iter()
        .filter(|condition| condition.decides())
        .filter_map(|condition| condition.waiver.as_ref())
        .map(|waiver| waiver.until)
        .min();
    if let Some(until) = waived {
        return Verdict::Waived(until);
    }
    if deciding().any(|condition| condition.judgement == Judgement::Met) {
        return Verdict::Pass;
    }
    let why = deciding().find_map(|condition| match &condition.judgement {
        Judgement::NotApplicable(why) => Some(why.clone()),
        _ => None,
    });
    Verdict::NotApplicable(why.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posture::Weight;

    fn condition(judgement: Judgement, severity: Severity, weight: Weight) -> Condition {
        Condition {
            id: "test",
            statement: "",
            severity,
            weight,
            judgement,
            evidence: Vec::new(),
            note: None,
            waiver: None,
            shared_fact: None,
        }
    }

    fn verdict(judgements: &[Judgement]) -> Verdict {
        let conditions = judgements
            .iter()
            .map(|judgement| condition(judgement.clone(), Severity::High, Weight::Decides))
            .collect();
        Finding::from_conditions(FeatureId::TransitEncryption, conditions).verdict
    }

    #[test]
    fn fail_goes_before_unknown_before_manual_before_pass_before_not_applicable() {
        let ladder = [
            Judgement::NotApplicable("why".into()),
            Judgement::Met,
            Judgement::Manual("what".into()),
            Judgement::Unread(Cause::TimedOut),
            Judgement::Unmet,
        ];
        let expected = [
            Verdict::NotApplicable("why".into()),
            Verdict::Pass,
            Verdict::Manual,
            Verdict::Unknown(Cause::TimedOut),
            Verdict::Fail,
        ];
        for (upto, expected) in expected.iter().enumerate() {
            assert_eq!(verdict(&ladder[..=upto]), *expected);
            let reversed: Vec<_> = ladder[..=upto].iter().rev().cloned().collect();
            assert_eq!(verdict(&reversed), *expected);
        }
    }

    #[test]
    fn of_several_causes_the_one_that_a_person_can_act_on_is_shown() {
        let denied = Cause::Denied {
            action: "a".into(),
            scope: "s".into(),
        };
        assert_eq!(
            verdict(&[
                Judgement::Unread(Cause::NotAsked),
                Judgement::Unread(denied.clone())
            ]),
            Verdict::Unknown(denied)
        );
    }

    #[test]
    fn exemptions_take_out_what_is_open_and_the_real_verdict_stays_visible() {
        let waiver = |until: &str| {
            Arc::new(Waiver {
                reason: "r".into(),
                owner: "o".into(),
                ticket: None,
                until: until.parse().unwrap(),
            })
        };
        let finding = |judgements: &[Judgement]| {
            Finding::from_conditions(
                FeatureId::TransitEncryption,
                judgements
                    .iter()
                    .map(|j| condition(j.clone(), Severity::High, Weight::Decides))
                    .collect(),
            )
        };
        let mut all = finding(&[Judgement::Unmet, Judgement::Met]);
        all.waive(|_| Some(waiver("2027-01-31")));
        assert_eq!(all.verdict, Verdict::Waived("2027-01-31".parse().unwrap()));
        assert_eq!(all.without_exemptions, Some(Verdict::Fail));
        assert_eq!(all.severity(), None);
        assert!(all.conditions[1].waiver.is_none(), "what holds needs none");

        let mut unread_stays = finding(&[Judgement::Unmet, Judgement::Unread(Cause::TimedOut)]);
        unread_stays.waive(|c| (c.judgement == Judgement::Unmet).then(|| waiver("2027-01-31")));
        assert_eq!(unread_stays.verdict, Verdict::Unknown(Cause::TimedOut));

        let mut nothing_open = finding(&[Judgement::Met]);
        nothing_open.waive(|_| Some(waiver("2027-01-31")));
        assert_eq!(
            (nothing_open.verdict, nothing_open.without_exemptions),
            (Verdict::Pass, None)
        );
    }

    #[test]
    fn informing_conditions_never_set_the_verdict_but_colour_a_failing_one() {
        let finding = Finding::from_conditions(
            FeatureId::PublicNetworkAccess,
            vec![
                condition(Judgement::Met, Severity::High, Weight::Decides),
                condition(Judgement::Unmet, Severity::Critical, Weight::Informs),
            ],
        );
        assert_eq!(
            (&finding.verdict, finding.severity()),
            (&Verdict::Pass, None)
        );
        let finding = Finding::from_conditions(
            FeatureId::PublicNetworkAccess,
            vec![
                condition(Judgement::Unmet, Severity::High, Weight::Decides),
                condition(Judgement::Unmet, Severity::Critical, Weight::Informs),
            ],
        );
        assert_eq!(finding.severity(), Some(Severity::Critical));
    }
}
