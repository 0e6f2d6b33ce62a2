//! A row for each feature that turned between two scans, and for each server that only one of them holds.

use crate::posture::Cell;
use crate::posture::difference::{Change, ComparedServer, Difference, OneSided};

use super::{Column, Value, name};

pub const COLUMNS: &[Column] = &[
    Column::text("change", "Change"),
    Column::text("server", "Server"),
    Column::text("server_id", "Resource id"),
    Column::text("subscription_id", "Subscription id"),
    Column::text("control", "Control"),
    Column::text("feature_id", "Feature id"),
    Column::text("feature", "Feature"),
    Column::text("verdict_before", "Before"),
    Column::text("verdict", "After"),
    Column::text("severity_before", "Severity before"),
    Column::text("severity", "Severity after"),
    Column::text("note", "Note"),
];

/// What a row is about.
#[derive(Clone, Copy, Debug)]
pub enum DifferenceEntry<'a> {
    /// A feature that turned.
    Turned(&'a Change),
    /// A server that only the newer scan holds.
    New(&'a OneSided),
    /// A server that only the older scan holds.
    Gone(&'a OneSided),
}

impl<'a> DifferenceEntry<'a> {
    /// Everything that a difference says, each with its server: what turned, then the servers that came, then those that
    /// went.
    pub fn all(
        difference: &'a Difference,
    ) -> impl Iterator<Item = (&'a ComparedServer, DifferenceEntry<'a>)> {
        let turned = difference.changes.iter();
        let turned = turned.map(|it| (it.server, DifferenceEntry::Turned(it)));
        let new = difference.new.iter();
        let new = new.map(|it| (it.server, DifferenceEntry::New(it)));
        let gone = difference.gone.iter();
        let gone = gone.map(|it| (it.server, DifferenceEntry::Gone(it)));
        turned
            .chain(new)
            .chain(gone)
            .filter_map(|(server, entry)| Some((difference.server(server)?, entry)))
    }
}

pub fn value(id: &str, server: &ComparedServer, entry: DifferenceEntry<'_>) -> Option<Value> {
    let change = match entry {
        DifferenceEntry::Turned(change) => Some(change),
        DifferenceEntry::New(_) | DifferenceEntry::Gone(_) => None,
    };
    let severity = |cell: Cell| Value::from(cell.severity.map(|it| it.word()));
    let of = |value: fn(&Change) -> Value| change.map_or(Value::Nothing, value);
    Some(match id {
        "change" => Value::text(match entry {
            DifferenceEntry::Turned(change) => change.kind.title(),
            DifferenceEntry::New(_) => "new server",
            DifferenceEntry::Gone(_) => "server gone",
        }),
        "server" => Value::text(&server.name),
        "server_id" => Value::text(&server.id),
        "subscription_id" => Value::text(&server.subscription),
        "control" => of(|it| Value::text(it.feature.control())),
        "feature_id" => of(|it| Value::text(it.feature.slug())),
        "feature" => of(|it| Value::text(name(it.feature))),
        "verdict_before" => of(|it| Value::text(it.before.verdict.word())),
        "verdict" => of(|it| Value::text(it.after.verdict.word())),
        "severity_before" => change.map_or(Value::Nothing, |it| severity(it.before)),
        "severity" => change.map_or(Value::Nothing, |it| severity(it.after)),
        "note" => match entry {
            DifferenceEntry::Turned(_) => Value::Nothing,
            DifferenceEntry::New(one) | DifferenceEntry::Gone(one) => {
                one.unseen.map(|unseen| unseen.words()).into()
            }
        },
        _ => return None,
    })
}
