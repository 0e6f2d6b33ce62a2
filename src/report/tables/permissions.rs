//! A row for each permission that is missing, or possibly is.

use crate::posture::permissions::MissingAction;

use super::{Column, Value};

pub const COLUMNS: &[Column] = &[
    Column::text("action", "Action"),
    Column::text("kind", "Kind"),
    Column::number("things", "Things"),
    Column::number("servers", "Servers"),
    Column::number("subscriptions", "Subscriptions"),
    Column::number("open_conditions", "Open conditions"),
    Column::text("features", "Features"),
    Column::text("conditions", "Conditions"),
    Column::text("example_server", "Example"),
    Column::text("example_scope", "Example scope"),
];

pub fn value(id: &str, kind: &str, missing: &MissingAction) -> Option<Value> {
    Some(match id {
        "action" => Value::text(&missing.action),
        "kind" => Value::text(kind),
        "things" => Value::count(missing.things()),
        "servers" => Value::count(missing.servers),
        "subscriptions" => Value::count(missing.subscriptions()),
        "open_conditions" => Value::count(missing.open_conditions),
        "features" => {
            let features: Vec<&str> = missing.features.iter().map(|it| it.slug()).collect();
            Value::text(&features.join(", "))
        }
        "conditions" => {
            let conditions: Vec<&str> = missing.conditions.iter().copied().collect();
            Value::text(&conditions.join(", "))
        }
        "example_server" => Value::text(&missing.example.server),
        "example_scope" => Value::text(&missing.example.scope),
        _ => return None,
    })
}
