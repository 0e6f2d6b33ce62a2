//! What another ruleset changes: verdicts that were given then beside those of now.

use serde::Serialize;

use crate::baseline::FeatureId;

use super::{Condition, Finding, ServerSummary, VerdictWord, Weight};

/// A condition that judges otherwise under the settings of now than under those of then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConditionChange {
    /// Its name.
    pub id: &'static str,
    /// What became of it under the settings of then; `None` when it was not looked at.
    pub before: Option<&'static str>,
    /// What becomes of it now; `None` when it is no longer looked at.
    pub after: Option<&'static str>,
    /// Whether it decided then; `None` when it was not looked at.
    pub decided: Option<bool>,
    /// Whether it decides now; `None` when it is no longer looked at.
    pub decides: Option<bool>,
}

/// A verdict that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictChange {
    /// The feature.
    pub feature: FeatureId,
    /// What was judged then.
    pub before: VerdictWord,
    /// What is judged now.
    pub after: VerdictWord,
    /// The conditions that judge otherwise for the settings alone.
    pub conditions: Vec<ConditionChange>,
    /// Whether the settings alone do not explain it: the conditions of this version judge otherwise than those of then.
    pub by_conditions: bool,
}

/// The verdicts about one server that differ. `then` is its standing as it was judged then, without exemptions; `again`
/// the findings of this program under the settings of then, when they are known; `now` those under the settings of now.
#[must_use]
pub fn verdict_changes(
    then: &ServerSummary,
    again: Option<&[Finding]>,
    now: &[Finding],
) -> Vec<VerdictChange> {
    now.iter()
        .filter_map(|finding| {
            let before = then.cell(finding.feature).verdict;
            let after = finding.verdict_without_exemptions().word();
            let again = again.and_then(|all| all.iter().find(|it| it.feature == finding.feature));
            (before != after).then(|| VerdictChange {
                feature: finding.feature,
                before,
                after,
                conditions: again.map_or_else(Vec::new, |again| differences(again, finding)),
                by_conditions: again.is_none_or(|again| again.verdict.word() != before),
            })
        })
        .collect()
}

fn differences(before: &Finding, after: &Finding) -> Vec<ConditionChange> {
    let outcome = |finding: &Finding, id| {
        let found = finding.conditions.iter().find(|it| it.id == id);
        found.map(|condition: &Condition| {
            let decides = condition.weight == Weight::Decides;
            (condition.judgement.word(), decides)
        })
    };
    let mut ids: Vec<&'static str> = before.conditions.iter().map(|it| it.id).collect();
    for condition in &after.conditions {
        if !ids.contains(&condition.id) {
            ids.push(condition.id);
        }
    }
    ids.into_iter()
        .filter_map(|id| {
            let (before, after) = (outcome(before, id), outcome(after, id));
            (before != after).then(|| ConditionChange {
                id,
                before: before.map(|(word, _)| word),
                after: after.map(|(word, _)| word),
                decided: before.map(|(_, decides)| decides),
                decides: after.map(|(_, decides)| decides),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::posture::fixtures::Fixture;
    use crate::posture::{Ruleset, Thresholds, judge};

    #[test]
    fn a_changed_threshold_names_the_condition_that_turned() {
        let documents = Fixture::new()
            .server(json!({"backup": {"backupRetentionDays": 7, "geoRedundantBackup": "Enabled"}}))
            .documents();
        let then = Ruleset::default();
        let now = Ruleset {
            thresholds: Thresholds {
                min_backup_retention_days: 14,
                ..Thresholds::default()
            },
            ..Ruleset::default()
        };
        let before = judge(&documents, &then);
        let summary = ServerSummary::new(&documents, &before);
        let after = judge(&documents, &now);
        let changes = verdict_changes(&summary, Some(&before), &after);
        assert_eq!(
            changes,
            [VerdictChange {
                feature: FeatureId::NativeBackup,
                before: VerdictWord::Unknown,
                after: VerdictWord::Fail,
                conditions: vec![ConditionChange {
                    id: "retention",
                    before: Some("Met"),
                    after: Some("Unmet"),
                    decided: Some(true),
                    decides: Some(true),
                }],
                by_conditions: false,
            }]
        );
        assert_eq!(verdict_changes(&summary, Some(&before), &before), []);
    }

    #[test]
    fn a_condition_that_only_informs_from_now_on_says_so() {
        let documents = Fixture::new()
            .server(json!({"network": {"publicNetworkAccess": "Enabled"}}))
            .documents();
        let then = Ruleset::default();
        let now = Ruleset {
            strict_baseline: true,
            ..Ruleset::default()
        };
        let before = judge(&documents, &then);
        let summary = ServerSummary::new(&documents, &before);
        let changes = verdict_changes(&summary, Some(&before), &judge(&documents, &now));
        let public = changes
            .iter()
            .find(|it| it.feature == FeatureId::PublicNetworkAccess)
            .expect("the rules decide in the place of the switch");
        assert_eq!(
            public.conditions[0],
            ConditionChange {
                id: "public-disabled",
                before: Some("Unmet"),
                after: Some("Unmet"),
                decided: Some(true),
                decides: Some(false),
            }
        );
    }

    #[test]
    fn what_the_settings_do_not_explain_is_laid_to_the_conditions() {
        let documents = Fixture::new().documents();
        let now = judge(&documents, &Ruleset::default());
        let mut then = ServerSummary::new(&documents, &now);
        then.cells[FeatureId::NativeBackup.index()].verdict = VerdictWord::Pass;
        for again in [Some(now.as_slice()), None] {
            let changes = verdict_changes(&then, again, &now);
            assert_eq!(changes.len(), 1);
            assert!(changes[0].by_conditions);
            assert_eq!(changes[0].conditions, []);
        }
    }
}
