//! LT, logging and threat detection: Microsoft Defender.

use crate::documents::{Cause, DocumentKind, Fact};
use crate::posture::{Condition, Judgement, Severity};

use super::look::{Look, Rule, Seen, unknown_value};

const DEFENDER: Rule = Rule {
    id: "defender",
    statement: "threat protection by Microsoft Defender is on for the server",
    severity: Severity::High,
};
const DEFENDER_PLAN: Rule = Rule {
    id: "defender-plan",
    statement: "the subscription has the Defender plan for open-source relational databases",
    severity: Severity::Medium,
};

/// The conditions of this file.
pub const RULES: [Rule; 2] = [DEFENDER, DEFENDER_PLAN];

/// LT-1 Microsoft Defender for Service / Product Offering: `defender` and `defender-plan`.
pub fn defender(look: &Look<'_>) -> Vec<Condition> {
    let state = look
        .in_document(DocumentKind::ThreatProtection, "/properties/state")
        .map(Fact::text);
    let plan = look
        .in_document(DocumentKind::DefenderPlan, "/properties/pricingTier")
        .map(Fact::text);
    vec![
        DEFENDER.decides(
            word(&state, "enabled", "disabled"),
            vec![look.evidence(&state, "Enabled")],
        ),
        DEFENDER_PLAN.decides(
            word(&plan, "standard", "free"),
            vec![look.evidence(&plan, "Standard")],
        ),
    ]
}

/// Met by one word, unmet by another, and by any other not judged.
fn word(seen: &Seen<String>, met: &str, unmet: &str) -> Judgement {
    match &seen.fact {
        Fact::Known(value) if value.eq_ignore_ascii_case(met) => Judgement::Met,
        Fact::Known(value) if value.eq_ignore_ascii_case(unmet) => Judgement::Unmet,
        Fact::Known(value) => unknown_value(value),
        Fact::Absent => Judgement::Unread(Cause::Absent),
        Fact::Unread(cause) => Judgement::Unread(cause.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::posture::Ruleset;
    use crate::posture::fixtures::{Fixture, causes};

    fn judged(fixture: Fixture) -> [Judgement; 2] {
        let documents = fixture.documents();
        let conditions = defender(&Look {
            documents: &documents,
            ruleset: &Ruleset::default(),
        });
        assert_eq!(conditions.len(), RULES.len());
        [
            conditions[0].judgement.clone(),
            conditions[1].judgement.clone(),
        ]
    }

    fn says(state: Value, tier: Value) -> Fixture {
        Fixture::new()
            .read(
                DocumentKind::ThreatProtection,
                json!({"properties": {"state": state}}),
            )
            .read(
                DocumentKind::DefenderPlan,
                json!({"properties": {"pricingTier": tier}}),
            )
    }

    #[test]
    fn the_setting_of_the_server_and_the_plan_of_the_subscription_are_two_things() {
        use Judgement::{Met, Unmet};
        for (state, tier, expected) in [
            ("Enabled", "Standard", [Met, Met]),
            ("enabled", "Free", [Met, Unmet]),
            ("Disabled", "standard", [Unmet, Met]),
            ("DISABLED", "free", [Unmet, Unmet]),
        ] {
            assert_eq!(judged(says(json!(state), json!(tier))), expected);
        }
    }

    #[test]
    fn odd_absent_and_unread_values_judge_nothing() {
        for judgement in judged(says(json!("Updating"), json!("Premium"))) {
            assert!(matches!(
                judgement,
                Judgement::Unread(Cause::Malformed { .. })
            ));
        }
        let absent = Judgement::Unread(Cause::Absent);
        assert_eq!(
            judged(says(json!(null), json!(null))),
            [absent.clone(), absent]
        );
        for cause in causes() {
            let unread = Judgement::Unread(cause.clone());
            let fixture = says(json!("Enabled"), json!("Standard"));
            let without_setting = fixture.unread(DocumentKind::ThreatProtection, cause.clone());
            assert_eq!(judged(without_setting), [unread.clone(), Judgement::Met]);
            let fixture = says(json!("Enabled"), json!("Standard"));
            let without_plan = fixture.unread(DocumentKind::DefenderPlan, cause);
            assert_eq!(judged(without_plan), [Judgement::Met, unread]);
        }
        let not_asked = Judgement::Unread(Cause::NotAsked);
        assert_eq!(judged(Fixture::new()), [not_asked.clone(), not_asked]);
    }
}
