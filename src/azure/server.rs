//! What is read about one server: itself, and the lists under it.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use crate::documents::{Cause, Document, DocumentKind, Method, Outcome, Request, ResourceId};

use super::arm::ArmClient;
use super::versions::MYSQL;

/// Members of a server parameter that say the same for every server, and make up nine tenths of the answer.
const SAME_EVERYWHERE: [&str; 3] = ["description", "documentationLink", "allowedValues"];

/// Reads one kind of document about a server. It always yields a document: what could not be read is one that says why.
///
/// A row of the inventory cannot be read for one server; asked for one, the document says [`Cause::NotAsked`].
pub async fn read_document(client: &ArmClient, id: &ResourceId, kind: DocumentKind) -> Document {
    let path = format!("{id}{}", kind.child_path());
    let started = Instant::now();
    let (api_version, outcome) = if kind == DocumentKind::Inventory {
        ("", Outcome::Unread(Cause::NotAsked))
    } else {
        let read = if kind.is_list() {
            client.list(&path, MYSQL, kind.action()).await
        } else {
            client.get(&path, MYSQL, kind.action()).await
        };
        match read {
            Ok(mut answer) => {
                if kind == DocumentKind::Configurations {
                    strip(&mut answer.body);
                }
                (answer.api_version, Outcome::Read(answer.body))
            }
            Err(error) => (error.api_version, Outcome::Unread(error.cause)),
        }
    };
    Document {
        kind,
        request: Request {
            method: Method::Get,
            path,
            api_version: match api_version {
                "" => MYSQL.newest(),
                version => version,
            }
            .to_owned(),
        },
        fetched_at: Timestamp::now(),
        duration_ms: milliseconds(started.elapsed()),
        outcome,
    }
}

fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

/// Drops from parameters what says the same for every server.
fn strip(list: &mut Value) {
    let items = list.get_mut("value").and_then(Value::as_array_mut);
    for item in items.into_iter().flatten() {
        if let Some(properties) = item.get_mut("properties").and_then(Value::as_object_mut) {
            for member in SAME_EVERYWHERE {
                properties.remove(member);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parameters_keep_their_values_and_lose_their_prose() {
        let mut list = json!({"value": [
            {"name": "a", "properties": {
                "value": "1", "defaultValue": "0", "description": "…", "documentationLink": "…", "allowedValues": "0,1"
            }},
            {"name": "b"}, 7, {"properties": "odd"}
        ]});
        strip(&mut list);
        assert_eq!(
            list,
            json!({"value": [
                {"name": "a", "properties": {"value": "1", "defaultValue": "0"}},
                {"name": "b"}, 7, {"properties": "odd"}
            ]})
        );
        let mut odd = json!({"value": 7});
        strip(&mut odd);
        assert_eq!(odd, json!({"value": 7}));
    }
}
