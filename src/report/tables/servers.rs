//! A row a server, from the list.

use crate::baseline::{FamilyCode, FeatureId};
use crate::posture::{ServerSummary, VerdictWord};

use super::{Column, Value};

pub const COLUMNS: &[Column] = &[
    Column::text("server", "Server"),
    Column::text("server_id", "Resource id"),
    Column::text("resource_group", "Resource group"),
    Column::text("subscription", "Subscription"),
    Column::text("subscription_id", "Subscription id"),
    Column::text("region", "Region"),
    Column::text("version", "Version"),
    Column::text("state", "State"),
    Column::number("score", "Score"),
    Column::number("score_beyond", "Score beyond"),
    Column::text("worst_severity", "Worst severity"),
    Column::number("open_critical", "Open critical"),
    Column::number("open_high", "Open high"),
    Column::number("open_medium", "Open medium"),
    Column::number("open_low", "Open low"),
    Column::number("failing", "Failing"),
    Column::number("unknown", "Unknown"),
    Column::number("manual", "Manual"),
    Column::number("passing", "Passing"),
    Column::number("waived", "Waived"),
    Column::text("ns", "NS"),
    Column::text("im", "IM"),
    Column::text("pa", "PA"),
    Column::text("dp", "DP"),
    Column::text("am", "AM"),
    Column::text("lt", "LT"),
    Column::text("br", "BR"),
    Column::text("x", "X"),
    Column::text("tags", "Tags"),
];

/// What comes before them when the servers are those of a feature.
pub const STANDING: &[Column] = &[
    Column::text("control", "Control"),
    Column::text("feature_id", "Feature id"),
    Column::text("verdict", "Verdict"),
    Column::text("severity", "Severity"),
    Column::text("cause", "Cause"),
];

/// A server, and its verdict in every feature: the columns are the features' ids.
pub fn matrix_columns() -> Vec<Column> {
    let server = ["server", "server_id", "subscription"];
    let server = COLUMNS.iter().filter(|it| server.contains(&it.id)).copied();
    let features = FeatureId::ALL.map(|it| Column::text(it.slug(), super::name(it)));
    server.chain(features).collect()
}

pub fn value(
    id: &str,
    server: &ServerSummary,
    subscription: &str,
    feature: Option<FeatureId>,
) -> Option<Value> {
    let count = |verdict| Value::count(server.count(verdict));
    let open = |place: usize| Value::Number(i64::from(server.open[place]));
    let score = |score: Option<u8>| score.map_or(Value::Nothing, |it| Value::Number(it.into()));
    Some(match id {
        "server" => Value::text(&server.name),
        "server_id" => Value::text(&server.id),
        "resource_group" => Value::text(&server.resource_group),
        "subscription" => Value::text(subscription),
        "subscription_id" => Value::text(&server.subscription),
        "region" => Value::text(&server.region),
        "version" => Value::text(&server.version),
        "state" => Value::text(&server.state),
        "score" => score(server.score.percent()),
        "score_beyond" => score(server.beyond.percent()),
        "worst_severity" => {
            let place = server.open.iter().position(|count| *count > 0);
            let severity = place.and_then(|place| crate::posture::Severity::ALL.get(place));
            severity.map(|it| it.word()).into()
        }
        "open_critical" => open(0),
        "open_high" => open(1),
        "open_medium" => open(2),
        "open_low" => open(3),
        "failing" => count(VerdictWord::Fail),
        "unknown" => count(VerdictWord::Unknown),
        "manual" => count(VerdictWord::Manual),
        "passing" => count(VerdictWord::Pass),
        "waived" => count(VerdictWord::Waived),
        "tags" => Value::text(
            &server
                .tags
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>()
                .join(", "),
        ),
        "control" => Value::text(feature?.control()),
        "feature_id" => Value::text(feature?.slug()),
        "verdict" => Value::text(server.cell(feature?).verdict.word()),
        "severity" => server.cell(feature?).severity.map(|it| it.word()).into(),
        "cause" => server.cell(feature?).cause.map(|it| it.word()).into(),
        id => {
            if let Some(family) = family(id) {
                Value::text(worst(server, family).word())
            } else {
                let feature: FeatureId = id.parse().ok()?;
                Value::text(server.cell(feature).verdict.word())
            }
        }
    })
}

fn family(id: &str) -> Option<FamilyCode> {
    FamilyCode::ALL
        .into_iter()
        .find(|family| family.code().eq_ignore_ascii_case(id))
}

/// The worst verdict of a family.
fn worst(server: &ServerSummary, family: FamilyCode) -> VerdictWord {
    FeatureId::ALL
        .into_iter()
        .filter(|feature| feature.family() == family)
        .map(|feature| server.cell(feature).verdict)
        .min()
        .unwrap_or(VerdictWord::Unsupported)
}
