//! What is read about one server and around it: itself, what lies under it, and single resources elsewhere.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use crate::documents::{
    Cause, Document, DocumentKind, Method, Outcome, Reading, Request, ResourceId,
};

use super::arm::ArmClient;
use super::versions::{self, Api};

/// Members of a server parameter that say the same for every server, and make up nine tenths of the answer.
const SAME_EVERYWHERE: [&str; 3] = ["description", "documentationLink", "allowedValues"];

/// Reads one kind of document that lies at or under a server. It always yields a document: what could not be read is
/// one that says why.
///
/// What does not lie there cannot be read for one server; asked for it, the document says [`Cause::NotAsked`].
pub async fn read_document(client: &ArmClient, id: &ResourceId, kind: DocumentKind) -> Document {
    match kind.child_path() {
        Some(child) => read_at(client, kind, format!("{id}{child}")).await,
        None => Document::never_asked(id, kind, Timestamp::now(), Cause::NotAsked),
    }
}

/// Reads the document of a kind at a path of Resource Manager. It always yields a document, which belongs to one server
/// until the caller says that several share it.
pub async fn read_at(client: &ArmClient, kind: DocumentKind, path: String) -> Document {
    let started = Instant::now();
    let api = api_of(kind);
    let action = kind.action_at(&path);
    let read = match kind.reading() {
        Reading::List => client.list(&path, api, action).await,
        Reading::Object | Reading::Graph => client.get(&path, api, action).await,
    };
    let (api_version, outcome) = match read {
        Ok(mut answer) => {
            if kind == DocumentKind::Configurations {
                strip(&mut answer.body);
            }
            (answer.api_version, Outcome::Read(answer.body))
        }
        Err(error) => (error.api_version, Outcome::Unread(error.cause)),
    };
    Document {
        kind,
        shared: None,
        request: Request {
            method: Method::Get,
            path,
            api_version: match api_version {
                "" => api.newest(),
                version => version,
            }
            .to_owned(),
        },
        fetched_at: Timestamp::now(),
        duration_ms: milliseconds(started.elapsed()),
        outcome,
    }
}

/// The API that answers for a kind of document.
const fn api_of(kind: DocumentKind) -> Api {
    use DocumentKind as K;
    match kind {
        K::Inventory
        | K::Server
        | K::Configurations
        | K::FirewallRules
        | K::Administrators
        | K::PrivateEndpointConnections
        | K::Backups
        | K::ThreatProtection => versions::MYSQL,
        K::DiagnosticSettings => versions::DIAGNOSTIC_SETTINGS,
        K::PolicyStates | K::PolicyExemptions | K::PolicyVisibility => versions::RESOURCE_GRAPH,
        K::Subnet | K::NetworkSecurityGroup => versions::NETWORK,
        K::KeyVault | K::EncryptionKey | K::GeoKeyVault | K::GeoEncryptionKey => {
            versions::KEY_VAULT
        }
        K::Locks => versions::LOCKS,
        K::DefenderPlan => versions::DEFENDER_PLANS,
        K::CustomerLockbox => versions::CUSTOMER_LOCKBOX,
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
