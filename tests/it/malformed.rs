//! Answers that are not what they should be: whatever is put in the place of any member that was read, and whichever
//! member is taken away, no condition comes to another answer than "unknown".

use std::collections::BTreeSet;
use std::sync::Arc;

use flexposture::documents::{
    Cause, Document, DocumentKind, Method, Outcome, Request, ResourceId, ServerDocuments,
};
use flexposture::posture::{Judgement, Ruleset, Thresholds, judge};
use flexposture::simulator::{Faults, Fleet, FleetOptions, Lockbox};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::{scan_all, unlimited};

/// Members whose absence from an answer has a meaning of its own.
fn absence_has_a_meaning(kind: DocumentKind, pointer: &str) -> bool {
    let ends = |members: &[&str]| members.iter().any(|member| pointer.ends_with(member));
    match kind {
        DocumentKind::Server => [
            "/properties/dataEncryption",
            "/properties/dataEncryption/geoBackupKeyURI",
            "/properties/network/delegatedSubnetResourceId",
            "/properties/maintenanceWindow/customWindow",
            // Recorded servers without tags have no such member.
            "/tags",
            "/tags/env",
        ]
        .contains(&pointer),
        // In recorded settings the destinations that are not used are null.
        DocumentKind::DiagnosticSettings => ends(&[
            "/workspaceId",
            "/storageAccountId",
            "/eventHubAuthorizationRuleId",
            "/marketplacePartnerId",
        ]),
        DocumentKind::Subnet => pointer == "/properties/networkSecurityGroup",
        DocumentKind::KeyVault | DocumentKind::GeoKeyVault => [
            "/properties/enablePurgeProtection",
            "/properties/enableSoftDelete",
            "/properties/publicNetworkAccess",
            // By Microsoft's documentation a vault without network rules takes every network; a recorded one has none.
            "/properties/networkAcls",
        ]
        .contains(&pointer),
        DocumentKind::EncryptionKey | DocumentKind::GeoEncryptionKey => {
            ["/properties/attributes/exp", "/properties/rotationPolicy"].contains(&pointer)
        }
        DocumentKind::Inventory => ["/tags", "/tags/env"].contains(&pointer),
        // A backup without the time of its end has not ended.
        DocumentKind::Backups => ends(&["/completedTime"]),
        // The older form of a parameter has no value in force, and none has to say that no restart is pending.
        DocumentKind::Configurations => ends(&["/currentValue", "/isConfigPendingRestart"]),
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

/// The parameters that conditions read.
const PARAMETERS: [&str; 8] = [
    "tls_version",
    "aad_auth_only",
    "require_secure_transport",
    "audit_log_enabled",
    "audit_log_events",
    "audit_log_include_users",
    "slow_query_log",
    "local_infile",
];

/// A document without what no condition reads, and with few items where any number says the same.
fn trimmed(document: &Document, server: &ResourceId) -> Document {
    let mut document = document.clone();
    let Outcome::Read(body) = &mut document.outcome else {
        return document;
    };
    if let Some(members) = body.as_object_mut() {
        members.remove("identity");
    }
    let Some(items) = body.get_mut("value").and_then(Value::as_array_mut) else {
        return document;
    };
    match document.kind {
        DocumentKind::Configurations => {
            items.retain(|item| PARAMETERS.contains(&item["name"].as_str().expect("a name")))
        }
        DocumentKind::Locks => {
            let own = server.as_str().to_lowercase();
            items.sort_by_key(|lock| {
                let id = lock["id"].as_str().expect("an id").to_lowercase();
                let scope = id.split("/providers/microsoft.authorization/").next();
                !scope.is_some_and(|scope| own.starts_with(scope))
            });
            items.truncate(2);
        }
        _ => items.truncate(2),
    }
    document
}

/// What to put in the place of a member: nothing that it might really be.
fn junk(kind: DocumentKind, pointer: &str, member: &Value) -> Vec<Value> {
    let object = json!({"odd": 1});
    // An object that lacks what may lack: a backup that has not ended, a window that the platform picks, other tags.
    let may_be = (kind == DocumentKind::Backups && pointer.ends_with("/properties"))
        || pointer == "/properties/maintenanceWindow"
        || pointer == "/tags";
    match member {
        _ if may_be => vec![json!(true)],
        Value::Null => vec![object],
        Value::Bool(_) => vec![json!("perhaps"), object],
        _ => vec![json!(true), object],
    }
}

/// Whether a condition that was out of play may be judged when it is no longer known what put it there: what the audit
/// log would record is told by other parameters than whether it is on.
fn comes_into_play(id: &str, before: &Judgement) -> bool {
    ["audit-events", "audit-users"].contains(&id) && matches!(before, Judgement::NotApplicable(_))
}

/// The servers that show most: each has some outcome of some condition that those before it have not.
fn telling(servers: Vec<ServerDocuments>, ruleset: &Ruleset) -> Vec<ServerDocuments> {
    let mut seen = BTreeSet::new();
    servers
        .into_iter()
        .filter(|documents| {
            let mut tells = false;
            for (id, judgement) in judgements(documents, ruleset) {
                tells |= seen.insert((id, judgement.word()));
            }
            tells
        })
        .collect()
}

#[tokio::test]
async fn nothing_malformed_or_missing_ever_becomes_an_answer() {
    let fleet = Fleet::generate(&FleetOptions {
        seed: 12,
        servers: 150,
        denials: false,
        lockbox: Lockbox::On,
        ..FleetOptions::new(Timestamp::now())
    });
    let mut scanned = scan_all(fleet, unlimited(Faults::none())).await;
    let ruleset = Ruleset {
        thresholds: Thresholds {
            require_cmk: true,
            required_tags: vec!["env".to_owned()],
            ..Thresholds::default()
        },
        ..Ruleset::default()
    };
    let all = scanned.servers().into_values().map(|documents| {
        let trimmed = documents
            .iter()
            .map(|document| trimmed(document, documents.id()));
        ServerDocuments::new(documents.id().clone(), trimmed)
    });
    let telling = telling(all.collect(), &ruleset);
    let users: BTreeSet<&str> = telling
        .iter()
        .flat_map(|documents| judgements(documents, &ruleset))
        .filter(|(id, _)| *id == "audit-users")
        .map(|(_, judgement)| judgement.word())
        .collect();
    assert!(
        users.contains("Unmet"),
        "what is rarest is among them: {users:?}"
    );
    let rows: Vec<ServerDocuments> = telling.iter().take(6).map(by_the_row).collect();
    let mut wrong = Vec::new();
    let (mut tried, mut kinds) = (0, BTreeSet::new());
    for documents in telling.iter().chain(&rows) {
        let before = judgements(documents, &ruleset);
        let name = documents.id().name();
        for document in documents.iter() {
            let Outcome::Read(body) = &document.outcome else {
                continue;
            };
            if document.kind == DocumentKind::Inventory
                && documents.body(DocumentKind::Server).is_ok()
            {
                continue;
            }
            kinds.insert(document.kind);
            let mut with = |what: &str, body: Value| {
                tried += 1;
                let changed = Document {
                    outcome: Outcome::Read(body),
                    ..document.as_ref().clone()
                };
                let others = documents
                    .iter()
                    .filter(|it| it.kind != document.kind)
                    .cloned();
                let changed = others.chain([Arc::new(changed)]);
                let changed = ServerDocuments::new(documents.id().clone(), changed);
                for ((id, before), (_, after)) in before.iter().zip(judgements(&changed, &ruleset))
                {
                    if *before != after
                        && !matches!(after, Judgement::Unread(_))
                        && !comes_into_play(id, before)
                    {
                        wrong.push(format!(
                            "{name} {}{what}: {id} was {}, became {}",
                            document.kind.slug(),
                            before.word(),
                            after.word()
                        ));
                    }
                }
            };
            let mut all = Vec::new();
            pointers(String::new(), body, &mut all);
            for pointer in all {
                let member = body.pointer(&pointer).expect("a pointer that was found");
                for junk in junk(document.kind, &pointer, member) {
                    with(
                        &format!("{pointer} = {junk}"),
                        replaced(body, &pointer, &junk),
                    );
                }
                if absence_has_a_meaning(document.kind, &pointer) {
                    continue;
                }
                if let Some(body) = removed(body, &pointer) {
                    with(&format!("{pointer} = nothing"), body);
                }
                if !pointer.is_empty() && !member.is_null() {
                    with(
                        &format!("{pointer} = null"),
                        replaced(body, &pointer, &Value::Null),
                    );
                }
            }
        }
    }
    println!("{} servers, {tried} tries", telling.len());
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    let never_read = [DocumentKind::Inventory, DocumentKind::PolicyExemptions];
    for kind in DocumentKind::ALL {
        let known = kinds.contains(&kind) || never_read.contains(&kind);
        assert!(
            known || kind == DocumentKind::PrivateEndpointConnections,
            "{kind:?}"
        );
    }
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
        // What the ruleset does not ask for is out of play, whatever the form, and so is parity of what is no replica: the
        // role of a server stood in 2020 where it stands today.
        if ["required-tags", "replica-parity"].contains(&condition) {
            continue;
        }
        assert!(
            matches!(judgement, Judgement::Unread(_)),
            "{condition}: {judgement:?}"
        );
    }
}
