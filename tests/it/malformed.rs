//! Answers that are not what they should be: whatever is put in the place of any member that was read, and whichever
//! member is taken away, no condition comes to another answer than "unknown".

use flexposture::documents::{
    Cause, Document, DocumentKind, Method, Outcome, Request, ResourceId, ServerDocuments,
};
use flexposture::posture::{Judgement, Ruleset, Thresholds, judge};
use flexposture::simulator::{Faults, Fleet, FleetOptions};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::{scan_all, unlimited};

/// Members whose absence from the full form has a meaning of its own.
fn absence_has_a_meaning(kind: DocumentKind, pointer: &str) -> bool {
    match kind {
        DocumentKind::Server => [
            "/properties/dataEncryption",
            "/properties/dataEncryption/geoBackupKeyURI",
            "/properties/network/delegatedSubnetResourceId",
        ]
        .contains(&pointer),
        // A backup without the time of its end has not ended.
        DocumentKind::Backups => pointer.ends_with("/completedTime"),
        // The older form of a parameter has no value in force, and none has to say that no restart is pending.
        DocumentKind::Configurations => {
            pointer.ends_with("/currentValue") || pointer.ends_with("/isConfigPendingRestart")
        }
        // A key without an end never expires; one without a policy is not rotated; one without a start is valid.
        DocumentKind::EncryptionKey | DocumentKind::GeoEncryptionKey => [
            "/properties/attributes/exp",
            "/properties/attributes/nbf",
            "/properties/rotationPolicy",
        ]
        .contains(&pointer),
        // Key Vault's documented defaults.
        DocumentKind::KeyVault | DocumentKind::GeoKeyVault => [
            "/properties/enablePurgeProtection",
            "/properties/enableSoftDelete",
            "/properties/networkAcls",
            "/properties/publicNetworkAccess",
        ]
        .contains(&pointer),
        _ => false,
    }
}

fn pointers(at: String, value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                pointers(format!("{at}/{name}"), member, into);
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                pointers(format!("{at}/{place}"), item, into);
            }
        }
        _ => {}
    }
    into.push(at);
}

/// Whether true is a sound value of a member.
fn is_a_flag(body: &Value, pointer: &str) -> bool {
    body.pointer(pointer).is_some_and(Value::is_boolean)
        || pointer.ends_with("/enablePurgeProtection")
}

/// Takes a member away; the items of lists stay.
fn removed(body: &Value, pointer: &str) -> Option<Value> {
    let (above, name) = pointer.rsplit_once('/')?;
    let mut body = body.clone();
    let name = name.replace("~1", "/").replace("~0", "~");
    body.pointer_mut(above)?.as_object_mut()?.remove(&name)?;
    Some(body)
}

fn replaced(body: &Value, pointer: &str, junk: &Value) -> Value {
    let mut body = body.clone();
    *body.pointer_mut(pointer).expect("a pointer that was found") = junk.clone();
    body
}

fn judgements(documents: &ServerDocuments, ruleset: &Ruleset) -> Vec<(&'static str, Judgement)> {
    judge(documents, ruleset)
        .into_iter()
        .flat_map(|finding| finding.conditions)
        .map(|condition| (condition.id, condition.judgement))
        .collect()
}

/// The same server where nothing but its row in the inventory is known.
fn by_the_row(documents: &ServerDocuments) -> ServerDocuments {
    let row = documents.get(DocumentKind::Inventory).expect("a row");
    let own = Document {
        kind: DocumentKind::Server,
        outcome: Outcome::Unread(Cause::TimedOut),
        ..row.clone()
    };
    ServerDocuments::new(documents.id().clone(), [row.clone(), own])
}

#[tokio::test]
async fn nothing_malformed_or_missing_ever_becomes_an_answer() {
    let fleet = Fleet::generate(&FleetOptions {
        // Among these are a replica, integrated servers, private endpoints, both kinds of pending restart, and a
        // customer-managed key with and without one for geo-redundant backups.
        seed: 12,
        servers: 18,
        denials: false,
        ..FleetOptions::new(Timestamp::now())
    });
    let mut scanned = scan_all(fleet, unlimited(Faults::none())).await;
    let ruleset = Ruleset {
        thresholds: Thresholds {
            require_cmk: true,
            ..Thresholds::default()
        },
        ..Ruleset::default()
    };
    let mut wrong = Vec::new();
    for (name, documents) in scanned
        .servers()
        .into_iter()
        .flat_map(|(name, documents)| [(name.clone(), by_the_row(&documents)), (name, documents)])
    {
        let before = judgements(&documents, &ruleset);
        let with = |kind: DocumentKind, body: Value| {
            let all = documents.iter().map(|document| match document.kind {
                of_kind if of_kind == kind => Document {
                    outcome: Outcome::Read(body.clone()),
                    ..document.as_ref().clone()
                },
                _ => document.as_ref().clone(),
            });
            judgements(&ServerDocuments::new(documents.id().clone(), all), &ruleset)
        };
        for document in documents.iter() {
            let Outcome::Read(mut body) = document.outcome.clone() else {
                continue;
            };
            if document.kind == DocumentKind::Configurations {
                // The others are read by no condition.
                body["value"]
                    .as_array_mut()
                    .expect("a list")
                    .retain(|item| {
                        ["tls_version", "aad_auth_only", "require_secure_transport"]
                            .contains(&item["name"].as_str().expect("a name"))
                    });
            }
            if document.kind == DocumentKind::Backups {
                body["value"].as_array_mut().expect("a list").truncate(2);
            }
            if document.kind == DocumentKind::Inventory
                && documents.body(DocumentKind::Server).is_ok()
            {
                continue;
            }
            for member in ["identity", "tags", "sku"] {
                body.as_object_mut().expect("an object").remove(member);
            }
            let mut all = Vec::new();
            pointers(String::new(), &body, &mut all);
            for pointer in all {
                let mut tried: Vec<(String, Value)> = [json!(true), json!({"odd": 1})]
                    .iter()
                    // An object without the time of its end is a backup that has not ended.
                    .filter(|junk| {
                        document.kind != DocumentKind::Backups
                            || !(junk.is_object() && pointer.ends_with("/properties"))
                    })
                    .filter(|junk| !junk.is_boolean() || !is_a_flag(&body, &pointer))
                    .map(|junk| (format!("{junk}"), replaced(&body, &pointer, junk)))
                    .collect();
                if !absence_has_a_meaning(document.kind, &pointer) {
                    tried.extend(removed(&body, &pointer).map(|body| ("nothing".to_owned(), body)));
                    if !pointer.is_empty() {
                        let null = replaced(&body, &pointer, &Value::Null);
                        tried.push(("null".to_owned(), null));
                    }
                }
                for (junk, body) in tried {
                    for ((id, before), (_, after)) in before.iter().zip(with(document.kind, body)) {
                        if *before != after && !matches!(after, Judgement::Unread(_)) {
                            wrong.push(format!(
                                "{name} {}{pointer} = {junk}: {id} was {}, became {}",
                                document.kind.slug(),
                                before.word(),
                                after.word()
                            ));
                        }
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_form_of_2020_is_not_read_as_that_of_today() {
    let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforMySQL/flexibleServers/old";
    let document = |kind, body| Document {
        kind,
        shared: None,
        request: Request {
            method: Method::Get,
            path: id.to_owned(),
            api_version: "2020-07-01-preview".to_owned(),
        },
        fetched_at: Timestamp::UNIX_EPOCH,
        duration_ms: 1,
        outcome: Outcome::Read(body),
    };
    let old = json!({"id": id, "name": "old", "location": "West Europe", "properties": {
        "administratorLogin": "owner", "publicNetworkAccess": "Disabled", "sslEnforcement": "Enabled",
        "haEnabled": "Disabled", "byokEnforcement": "Disabled", "replicationRole": "None", "state": "Ready",
        "storageProfile": {"backupRetentionDays": 7, "storageMB": 131_072, "storageAutogrow": "Enabled"},
        "delegatedSubnetArguments": {"subnetArmResourceId": format!("{id}/subnets/x")},
    }});
    let documents = ServerDocuments::new(
        ResourceId::parse(id).expect("an id"),
        [
            document(DocumentKind::Server, old),
            document(
                DocumentKind::PrivateEndpointConnections,
                json!({"value": []}),
            ),
            document(DocumentKind::FirewallRules, json!({"value": []})),
        ],
    );
    for (condition, judgement) in judgements(&documents, &Ruleset::default()) {
        // What the ruleset does not ask for is out of play, whatever the form.
        if condition == "required-tags" {
            continue;
        }
        assert!(
            matches!(judgement, Judgement::Unread(_)),
            "{condition}: {judgement:?}"
        );
    }
}
