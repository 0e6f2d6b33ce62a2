//! A row a feature, with counts over servers.

use crate::baseline::FeatureId;
use crate::posture::{ServerSummary, VerdictWord};

use super::{Column, Value, name};

pub const COLUMNS: &[Column] = &[
    Column::text("family", "Family"),
    Column::text("control", "Control"),
    Column::text("feature_id", "Feature id"),
    Column::text("feature", "Feature"),
    Column::number("servers", "Servers"),
    Column::number("failing", "Failing"),
    Column::number("unknown", "Unknown"),
    Column::number("manual", "Manual"),
    Column::number("passing", "Passing"),
    Column::number("waived", "Waived"),
    Column::number("not_applicable", "Not applicable"),
    Column::number("platform", "Platform"),
    Column::number("unsupported", "Unsupported"),
];

/// How many servers have which verdict in which feature.
pub struct Counts {
    servers: usize,
    counts: [[usize; VerdictWord::ALL.len()]; FeatureId::COUNT],
}

impl Counts {
    /// Counts in one pass.
    pub fn of<'a>(servers: impl Iterator<Item = &'a ServerSummary>) -> Self {
        let mut counts = Self {
            servers: 0,
            counts: [[0; VerdictWord::ALL.len()]; FeatureId::COUNT],
        };
        for server in servers {
            counts.servers += 1;
            for (cell, count) in server.cells.iter().zip(&mut counts.counts) {
                count[cell.verdict as usize] += 1;
            }
        }
        counts
    }
}

pub fn value(id: &str, feature: FeatureId, counts: &Counts) -> Option<Value> {
    let count =
        |verdict: VerdictWord| Value::count(counts.counts[feature.index()][verdict as usize]);
    Some(match id {
        "family" => Value::text(feature.family().code()),
        "control" => Value::text(feature.control()),
        "feature_id" => Value::text(feature.slug()),
        "feature" => Value::text(name(feature)),
        "servers" => Value::count(counts.servers),
        "failing" => count(VerdictWord::Fail),
        "unknown" => count(VerdictWord::Unknown),
        "manual" => count(VerdictWord::Manual),
        "passing" => count(VerdictWord::Pass),
        "waived" => count(VerdictWord::Waived),
        "not_applicable" => count(VerdictWord::NotApplicable),
        "platform" => count(VerdictWord::Platform),
        "unsupported" => count(VerdictWord::Unsupported),
        _ => return None,
    })
}
