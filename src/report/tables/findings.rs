//! The long form: a row for each server and feature, with what was seen and where it was read.

use crate::documents::{Cause, ServerDocuments};
use crate::posture::{Condition, Finding, Judgement, Verdict};

use super::{Column, Value, name};

pub const COLUMNS: &[Column] = &[
    Column::text("server", "Server"),
    Column::text("server_id", "Resource id"),
    Column::text("resource_group", "Resource group"),
    Column::text("subscription", "Subscription"),
    Column::text("family", "Family"),
    Column::text("control", "Control"),
    Column::text("feature_id", "Feature id"),
    Column::text("feature", "Feature"),
    Column::text("verdict", "Verdict"),
    Column::text("without_exemptions", "Without exemptions"),
    Column::text("severity", "Severity"),
    Column::text("cause", "Cause"),
    Column::text("reason", "Reason"),
    Column::text("conditions", "Conditions"),
    Column::text("evidence", "Evidence"),
    Column::text("exemptions", "Exemptions"),
];

pub fn value(
    id: &str,
    documents: &ServerDocuments,
    finding: &Finding,
    subscription: &str,
) -> Option<Value> {
    let server = documents.id();
    let feature = finding.feature;
    Some(match id {
        "server" => Value::text(server.name()),
        "server_id" => Value::text(server.as_str()),
        "resource_group" => server.resource_group().into(),
        "subscription" => Value::text(subscription),
        "family" => Value::text(feature.family().code()),
        "control" => Value::text(feature.control()),
        "feature_id" => Value::text(feature.slug()),
        "feature" => Value::text(name(feature)),
        "verdict" => Value::text(finding.verdict.word().word()),
        "without_exemptions" => {
            let without = finding.without_exemptions.as_ref();
            without.map(|verdict| verdict.word().word()).into()
        }
        "severity" => finding.severity().map(|it| it.word()).into(),
        "cause" => match &finding.verdict {
            Verdict::Unknown(cause) => Value::text(cause.word()),
            _ => Value::Nothing,
        },
        "reason" => match &finding.verdict {
            Verdict::Unknown(cause) => Value::text(&cause.to_string()),
            Verdict::NotApplicable(why) => Value::text(why),
            _ => Value::Nothing,
        },
        "conditions" => lines(finding, |condition| vec![condition_words(condition)]),
        "evidence" => lines(finding, evidence_words),
        "exemptions" => lines(finding, |condition| {
            let waiver = condition.waiver.as_deref();
            let words = waiver.map(super::super::WaiverRecord::from);
            let words = words.map(|it| format!("{}: {it}", condition.id));
            words.into_iter().collect()
        }),
        _ => return None,
    })
}

fn lines(finding: &Finding, words: impl Fn(&Condition) -> Vec<String>) -> Value {
    let lines: Vec<String> = finding.conditions.iter().flat_map(words).collect();
    Value::lines(&lines.join("\n"))
}

fn condition_words(condition: &Condition) -> String {
    let mut words = format!(
        "{} {} {}: {}",
        condition.judgement.word(),
        condition.severity.word(),
        condition.id,
        condition.statement
    );
    let cause: Option<String> = match &condition.judgement {
        Judgement::Unread(cause) => Some(Cause::to_string(cause)),
        Judgement::Manual(why) | Judgement::NotApplicable(why) => Some(why.clone()),
        Judgement::Met | Judgement::Unmet => None,
    };
    if let Some(cause) = cause.filter(|it| !it.is_empty()) {
        words += &format!(" ({})", cause.replace('\n', " "));
    }
    words
}

fn evidence_words(condition: &Condition) -> Vec<String> {
    condition
        .evidence
        .iter()
        .map(|it| {
            let mut words = format!(
                "{}: saw {}; expected {}",
                condition.id, it.observed, it.expected
            );
            if !it.path.is_empty() {
                words += &format!(
                    " [{} {} {} api-version {}",
                    it.method, it.path, it.pointer, it.api_version
                );
                if let Some(at) = it.fetched_at {
                    words += &format!(" at {at:.0}");
                }
                words += "]";
            }
            words
        })
        .collect()
}
