//! One finding beside the same finding of another scan: which conditions turned, and what was seen of each.

use crate::posture::{Condition, Evidence, Finding, Judgement};

/// A value that was seen differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueDifference {
    /// What was seen before; `None` when nobody looked.
    pub before: Option<String>,
    /// What is seen now; `None` when nobody looks.
    pub after: Option<String>,
    /// Whether it moves by itself, as the time of the newest backup does.
    pub moves: bool,
}

/// A condition that turned, or of which another value was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionDifference {
    /// Its name.
    pub id: &'static str,
    /// What it states.
    pub statement: &'static str,
    /// What became of it before; `None` when it was not looked at.
    pub before: Option<Judgement>,
    /// What became of it now; `None` when it is not looked at.
    pub after: Option<Judgement>,
    /// The values that differ, in the order of the looks.
    pub values: Vec<ValueDifference>,
}

impl ConditionDifference {
    /// Whether it came to something else.
    #[must_use]
    pub fn turned(&self) -> bool {
        self.before != self.after
    }
}

/// The conditions of a feature that differ between two findings about it, in the order in which they are shown.
#[must_use]
pub fn condition_differences(before: &Finding, after: &Finding) -> Vec<ConditionDifference> {
    let find = |finding: &Finding, id| -> Option<usize> {
        finding.conditions.iter().position(|it| it.id == id)
    };
    let gone = before
        .conditions
        .iter()
        .filter(|it| find(after, it.id).is_none())
        .map(|was| compare(Some(was), None));
    after
        .conditions
        .iter()
        .map(|is| {
            compare(
                find(before, is.id).map(|it| &before.conditions[it]),
                Some(is),
            )
        })
        .chain(gone)
        .flatten()
        .collect()
}

fn compare(before: Option<&Condition>, after: Option<&Condition>) -> Option<ConditionDifference> {
    let any = after.or(before)?;
    let difference = ConditionDifference {
        id: any.id,
        statement: any.statement,
        before: before.map(|it| it.judgement.clone()),
        after: after.map(|it| it.judgement.clone()),
        values: values(looks(before), looks(after)),
    };
    let moved_only = difference.values.iter().all(|value| value.moves);
    (difference.turned() || !moved_only).then_some(difference)
}

fn looks(condition: Option<&Condition>) -> Vec<&Evidence> {
    condition.map_or_else(Vec::new, |it| it.evidence.iter().collect())
}

/// The looks of both sides in pairs: those at one place of one document first, the others in their order.
fn values(mut before: Vec<&Evidence>, after: Vec<&Evidence>) -> Vec<ValueDifference> {
    let mut values = Vec::new();
    for is in after {
        let same_place =
            |was: &&Evidence| (was.document, &was.pointer) == (is.document, &is.pointer);
        let same_value =
            |was: &&Evidence| was.document == is.document && was.observed == is.observed;
        let place = before
            .iter()
            .position(same_value)
            .or_else(|| before.iter().position(same_place));
        let was = place.map(|place| before.remove(place));
        if was.map(|was| &was.observed) != Some(&is.observed) {
            values.push(ValueDifference {
                before: was.map(|was| was.observed.clone()),
                after: Some(is.observed.clone()),
                moves: is.moves && was.is_some_and(|was| was.moves),
            });
        }
    }
    values.extend(before.into_iter().map(|was| ValueDifference {
        before: Some(was.observed.clone()),
        after: None,
        moves: false,
    }));
    values
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::baseline::FeatureId;
    use crate::documents::DocumentKind;
    use crate::posture::fixtures::Fixture;
    use crate::posture::{Judge, Ruleset};

    fn finding(fixture: Fixture, feature: FeatureId) -> Finding {
        let all = Judge::by(Ruleset::default()).findings(&fixture.documents());
        all.into_iter().find(|it| it.feature == feature).unwrap()
    }

    fn backup(days: u8, completed: &str) -> Finding {
        let list: Value = json!([{"properties": {"completedTime": completed}}]);
        let server =
            json!({"backup": {"backupRetentionDays": days, "geoRedundantBackup": "Enabled"}});
        finding(
            Fixture::new()
                .server(server)
                .list(DocumentKind::Backups, list),
            FeatureId::NativeBackup,
        )
    }

    #[test]
    fn a_condition_that_turned_says_what_it_saw_before_and_now() {
        let (was, is) = (
            backup(7, "2026-11-19T20:00:00Z"),
            backup(2, "2026-11-20T01:00:00Z"),
        );
        let found = condition_differences(&was, &is);
        assert_eq!(found.len(), 1, "a newer backup is no difference: {found:?}");
        assert_eq!(found[0].id, "retention");
        assert_eq!(found[0].before, Some(Judgement::Met));
        assert_eq!(found[0].after, Some(Judgement::Unmet));
        let value = &found[0].values[0];
        assert_eq!(
            (value.before.as_deref(), value.after.as_deref()),
            (Some("7 days"), Some("2 days"))
        );
        assert_eq!(condition_differences(&is, &is), []);
    }

    #[test]
    fn a_value_that_differs_under_the_same_judgement_is_told_without_a_turn() {
        let time = "2026-11-20T01:00:00Z";
        let found = condition_differences(&backup(7, time), &backup(30, time));
        assert_eq!(found.len(), 1);
        assert!(!found[0].turned());
        assert_eq!(found[0].values[0].after.as_deref(), Some("30 days"));
    }
}
