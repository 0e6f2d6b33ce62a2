//! The JSON schema of the config file, made from the same tables that read it.

use clap::ValueEnum;
use serde_json::{Map, Value as Json, json};

use crate::app::{CommandRecord, Scope, commands};
use crate::config::ConfigError;
use crate::posture::THRESHOLDS;

use super::super::appearance::Colour;
use super::super::reading_arguments::{LONGEST_OUTAGE, MOST_AT_ONCE, SCAN_TABLE};
use super::super::watch::{MOST_DAYS, MOST_HOURS, WATCH_TABLE};
use crate::cli::store_choice::STORE_NAMES;

use super::{Row, THRESHOLDS_TABLE, defaults};

/// The schema, in JSON Schema 2020-12.
///
/// # Errors
/// Never, but for a default that its own rules refuse.
pub fn schema() -> Result<Json, ConfigError> {
    let mut members = Map::new();
    for (name, row) in defaults()? {
        let mut schema = of_row(name, &row);
        schema["description"] = json!(row.meaning);
        schema["default"] = row.default.json;
        let place = if name.is_empty() {
            &mut members
        } else {
            let of_table = members.entry(name).or_insert_with(|| table(Map::new()));
            match of_table["properties"].as_object_mut() {
                Some(place) => place,
                None => continue,
            }
        };
        place.insert(row.key.to_owned(), schema);
    }
    members.insert("keys".to_owned(), keys());
    let store = json!({
        "type": "string",
        "minLength": 1,
        "description": "the folder in which scans are kept; a relative path is seen from the folder of this file",
    });
    members.insert(STORE_NAMES.key.to_owned(), store);
    let mut all = table(members);
    all["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    all["title"] = json!("config.toml of flexposture");
    Ok(all)
}

fn of_row(table: &str, row: &Row) -> Json {
    let threshold = THRESHOLDS.iter().find(|it| it.key == row.key);
    match (table, row.key, threshold) {
        (THRESHOLDS_TABLE, _, Some(threshold)) => threshold.schema(),
        (WATCH_TABLE, key, _) => {
            let most = if key.ends_with("_hours") {
                MOST_HOURS
            } else {
                MOST_DAYS
            };
            json!({"type": "integer", "minimum": 0, "maximum": most})
        }
        (SCAN_TABLE, key, _) => {
            let most = if key == "concurrency" {
                MOST_AT_ONCE
            } else {
                LONGEST_OUTAGE
            };
            json!({"type": "integer", "minimum": 1, "maximum": most})
        }
        (_, "color", _) => {
            let words: Vec<String> = Colour::value_variants()
                .iter()
                .map(|it| it.word())
                .collect();
            json!({"enum": words})
        }
        _ if row.default.json.is_boolean() => json!({"type": "boolean"}),
        _ => json!({"type": "string"}),
    }
}

/// The table of keys: places, and in each the keys with the command that they run there, or false for nothing.
fn keys() -> Json {
    let place = |is_there: &dyn Fn(&CommandRecord) -> bool| {
        let mut ids: Vec<&str> = commands()
            .filter(|record| is_there(record))
            .map(|record| record.id)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let command = json!({"anyOf": [{"const": false}, {"enum": ids}]});
        json!({"type": "object", "additionalProperties": command})
    };
    let scopes = Scope::ALL.into_iter().map(|scope| {
        let here = place(&|record| record.scopes.contains(scope));
        (scope.id().to_owned(), here)
    });
    let everywhere = ("everywhere".to_owned(), place(&|_| true));
    table(std::iter::once(everywhere).chain(scopes).collect())
}

/// An object that knows these members alone.
fn table(members: Map<String, Json>) -> Json {
    json!({"type": "object", "additionalProperties": false, "properties": members})
}
