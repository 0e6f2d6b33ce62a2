//! A row a policy of Azure that the catalogue shows with a feature.

use crate::posture::policy::{Agreement, PolicyRow};

use super::super::policy_fleet::PolicyRowRecord;
use super::{Column, Value};

pub const COLUMNS: &[Column] = &[
    Column::text("policy", "Policy"),
    Column::text("guid", "Definition"),
    Column::text("evaluates", "Evaluates"),
    Column::text("features", "Features"),
    Column::number("counted", "Counted"),
    Column::number("assignments", "Assignments"),
    Column::text("azure", "Azure says"),
    Column::number("not_seen", "No state seen"),
    Column::number("unread", "States unread"),
    Column::number("ours_compliant", "We read compliant"),
    Column::number("ours_non_compliant", "We read non-compliant"),
    Column::text("agreement", "Agreement"),
];

pub fn value(id: &str, row: &PolicyRow) -> Option<Value> {
    Some(match id {
        "policy" => Value::text(&row.policy.name),
        "guid" => Value::text(&row.policy.guid),
        "evaluates" => Value::text(PolicyRowRecord::new(row).evaluates),
        "features" => {
            let features: Vec<&str> = row.features.iter().map(|it| it.slug()).collect();
            Value::text(&features.join(", "))
        }
        "counted" => Value::count(row.counted),
        "assignments" => Value::count(row.assignments.len()),
        "azure" => {
            let states = PolicyRowRecord::new(row).azure;
            let states = states
                .iter()
                .map(|(state, count)| format!("{state} {count}"));
            Value::text(&states.collect::<Vec<_>>().join(", "))
        }
        "not_seen" => Value::count(row.not_seen),
        "unread" => Value::count(row.unread.values().sum()),
        "ours_compliant" => Value::count(row.ours.compliant),
        "ours_non_compliant" => Value::count(row.ours.non_compliant),
        "agreement" => {
            let counts = Agreement::ALL
                .into_iter()
                .map(|kind| (kind, row.agreement.get(kind)))
                .filter(|(_, count)| *count > 0)
                .map(|(kind, count)| format!("{} {count}", kind.words()));
            Value::text(&counts.collect::<Vec<_>>().join(", "))
        }
        _ => return None,
    })
}
