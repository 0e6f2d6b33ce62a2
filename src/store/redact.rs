//! A scan under pseudonyms: what it says of the posture stays, and nothing tells whose it is.
//!
//! What stays is named here; everything else that is text is changed, so that nothing is forgotten. Members of documents
//! that no condition looks at keep their place in the document, under another name. Names of tags stay, because a
//! condition asks for them; their values do not. The key of the pseudonyms is in no file.

mod addresses;
mod members;
mod pseudonyms;
mod words;

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::documents::{
    Cause, Document, DocumentKind, Outcome, Request, ResourceId, ServerDocuments, Subscription,
};
use crate::posture::Ruleset;

use super::schema::ScanHeader;
use addresses::Addresses;
use members::{is_kept_value, is_known_member};
use pseudonyms::{Pseudonyms, is_guid};
use words::{Words, is_plain};

/// The most shared documents that are kept in memory while servers are changed one after the other.
const MOST_SHARED: usize = 4096;
/// What stands where a sentence stood.
const LEFT_OUT: &str = "left out of a redacted scan";
/// The scope of a scan that asked for everything.
const EVERYTHING: &str = "every visible subscription";

/// Puts one scan under pseudonyms.
pub(super) struct Redaction {
    words: Words,
    shared: HashMap<(DocumentKind, Box<str>), Arc<Document>>,
}

impl Redaction {
    /// With pseudonyms that no other file has.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            words: Words {
                pseudonyms: Pseudonyms::new()?,
                addresses: Addresses::new(),
            },
            shared: HashMap::new(),
        })
    }

    /// Looks at a server before anything is changed: ranges of addresses must stay ranges.
    pub(super) fn look_at(&mut self, documents: &ServerDocuments) {
        for document in documents.iter() {
            if let Ok(body) = document.body() {
                self.look_into(body);
            }
        }
    }

    fn look_into(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.look_into(item)),
            Value::Object(members) => {
                let address = |name: &str| -> Option<IpAddr> {
                    members.get(name)?.as_str()?.trim().parse().ok()
                };
                if let (Some(start), Some(end)) =
                    (address("startIpAddress"), address("endIpAddress"))
                {
                    self.words.addresses.note(start, end);
                }
                members.values().for_each(|member| self.look_into(member));
            }
            _ => {}
        }
    }

    /// Looks at the settings that the scan was judged by, likewise.
    pub(super) fn look_at_ruleset(&mut self, ruleset: &Ruleset) {
        for range in &ruleset.thresholds.allowed_public_ranges {
            let (start, end) = (range.start.into(), range.end.into());
            self.words.addresses.note(start, end);
        }
    }

    /// The settings that the scan was judged by: ranges of addresses are under pseudonyms, the rest names nobody.
    pub(super) fn ruleset(&mut self, ruleset: &Ruleset) -> Ruleset {
        let Words {
            pseudonyms,
            addresses,
        } = &mut self.words;
        let mut address = |address: Ipv4Addr| match addresses.address(pseudonyms, address.into()) {
            IpAddr::V4(changed) => changed,
            IpAddr::V6(_) => address,
        };
        let mut changed = ruleset.clone();
        for range in &mut changed.thresholds.allowed_public_ranges {
            range.start = address(range.start);
            range.end = address(range.end);
        }
        changed
    }

    /// The header of the scan, under a new id.
    pub(super) fn header(&mut self, header: &ScanHeader, id: String) -> ScanHeader {
        let count = header
            .scope
            .strip_prefix("demo, ")
            .and_then(|rest| rest.strip_suffix(" simulated servers"));
        let names_nobody =
            header.scope == EVERYTHING || count.is_some_and(|it| it.parse::<u64>().is_ok());
        ScanHeader {
            id,
            scope: if names_nobody {
                header.scope.clone()
            } else {
                "a part of what is visible, redacted".to_owned()
            },
            endpoint: self.words.any(&header.endpoint),
            parent: None,
            ..header.clone()
        }
    }

    /// A subscription.
    pub(super) fn subscription(&mut self, subscription: &Subscription) -> Subscription {
        Subscription {
            id: self.words.any(&subscription.id),
            name: self.words.any(&subscription.name),
            tenant: subscription.tenant.as_deref().map(|it| self.words.any(it)),
            state: subscription.state.clone().filter(|state| is_plain(state)),
            delegated: subscription.delegated,
        }
    }

    /// The id of a subscription.
    pub(super) fn id(&mut self, id: &str) -> String {
        self.words.any(id)
    }

    /// Everything that was read about a server; `None` when its id under pseudonyms were none.
    pub(super) fn server(&mut self, documents: &ServerDocuments) -> Option<ServerDocuments> {
        let id = ResourceId::parse(&self.words.path(documents.id().as_str())).ok()?;
        let changed: Vec<Arc<Document>> = documents.iter().map(|it| self.document(it)).collect();
        Some(ServerDocuments::new(id, changed))
    }

    fn document(&mut self, document: &Arc<Document>) -> Arc<Document> {
        let Some(about) = &document.shared else {
            return Arc::new(self.changed(document));
        };
        let key = (document.kind, about.clone());
        if let Some(known) = self.shared.get(&key) {
            return known.clone();
        }
        let changed = Arc::new(self.changed(document));
        if self.shared.len() >= MOST_SHARED {
            self.shared.clear();
        }
        self.shared.insert(key, changed.clone());
        changed
    }

    fn changed(&mut self, document: &Document) -> Document {
        let is_version = |text: &str| {
            text.len() <= 32
                && text
                    .bytes()
                    .all(|it| it.is_ascii_alphanumeric() || b"-.".contains(&it))
        };
        Document {
            kind: document.kind,
            shared: document.shared.as_deref().map(|about| {
                // A vault that is known by its name alone.
                match about.strip_prefix("vault ") {
                    Some(name) => format!("vault {}", self.words.any(name)),
                    None => self.words.any(about).to_lowercase(),
                }
                .into()
            }),
            request: Request {
                method: document.request.method,
                path: self.words.path(&document.request.path),
                api_version: Some(&document.request.api_version)
                    .filter(|version| is_version(version))
                    .cloned()
                    .unwrap_or_default(),
            },
            fetched_at: document.fetched_at,
            duration_ms: document.duration_ms,
            outcome: match &document.outcome {
                Outcome::Read(body) if document.kind == DocumentKind::Configurations => {
                    Outcome::Read(self.parameters(body))
                }
                Outcome::Read(body) => Outcome::Read(self.value("", "", body)),
                Outcome::Unread(cause) => Outcome::Unread(self.cause(cause)),
            },
        }
    }

    /// A value that stands in the member `name` of one that stands in the member `above`.
    fn value(&mut self, above: &str, name: &str, value: &Value) -> Value {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
            Value::String(text) => Value::String(self.text(above, name, text)),
            Value::Array(items) => items
                .iter()
                .map(|item| self.value(above, name, item))
                .collect(),
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(member, value)| {
                        let changed = self.member(name, member);
                        (changed, self.value(name, member, value))
                    })
                    .collect(),
            ),
        }
    }

    fn text(&mut self, above: &str, name: &str, text: &str) -> String {
        // The values of tags are whatever somebody wrote.
        if above == "tags" || name == "tags" {
            return self.words.pseudonyms.name(text);
        }
        if is_kept_value(above, name) && is_plain(text) {
            return text.to_owned();
        }
        self.words.any(text)
    }

    fn member(&mut self, above: &str, name: &str) -> String {
        let is_tag = above == "tags"
            && name.len() <= 64
            && !is_guid(name)
            && name
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || b" -_".contains(&it));
        if is_tag || is_known_member(name) {
            name.to_owned()
        } else {
            self.words.any(name)
        }
    }

    /// The server parameters: names, and values that MySQL itself gives the choice of, stay. What somebody can write
    /// freely does not, unless it is what Azure wrote there first.
    fn parameters(&mut self, body: &Value) -> Value {
        let Some(items) = body.get("value").and_then(Value::as_array) else {
            return self.value("", "", body);
        };
        let mut changed = match self.value("", "", body) {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        let items = items.iter().map(|item| self.parameter(item)).collect();
        changed.insert("value".to_owned(), Value::Array(items));
        Value::Object(changed)
    }

    fn parameter(&mut self, item: &Value) -> Value {
        let mut changed = self.value("value", "", item);
        let name = item.get("name").and_then(Value::as_str).unwrap_or_default();
        let is_name = !name.is_empty()
            && name.len() <= 80
            && name
                .bytes()
                .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || b"_.".contains(&it));
        if !is_name {
            return changed;
        }
        changed["name"] = Value::from(name);
        let (Some(before), Some(properties)) = (
            item.get("properties").and_then(Value::as_object),
            changed.get_mut("properties").and_then(Value::as_object_mut),
        ) else {
            return changed;
        };
        let text = |member: &str| before.get(member).and_then(Value::as_str);
        let default = text("defaultValue");
        let is_free = text("dataType").is_none_or(|it| it.eq_ignore_ascii_case("string"));
        for member in ["value", "currentValue"] {
            let Some(value) = text(member) else { continue };
            let is_azures = Some(value) == default && value.parse::<IpAddr>().is_err();
            let words = if name.ends_with("_users") {
                self.words.names(value)
            } else if is_azures || (!is_free && is_plain_value(value)) || is_number(value) {
                value.to_owned()
            } else {
                self.words.any(value)
            };
            properties.insert(member.to_owned(), words.into());
        }
        for member in ["defaultValue", "allowedValues"] {
            if let Some(value) = text(member) {
                properties.insert(member.to_owned(), value.into());
            }
        }
        changed
    }

    fn cause(&mut self, cause: &Cause) -> Cause {
        let left_out = || LEFT_OUT.to_owned();
        match cause {
            Cause::Denied { action, scope } => Cause::Denied {
                action: if action.split('/').all(is_plain) && action.contains('/') {
                    action.clone()
                } else {
                    left_out()
                },
                scope: self.words.any(scope),
            },
            Cause::Failed { status, code } => Cause::Failed {
                status: *status,
                code: if code.bytes().all(|it| it.is_ascii_alphabetic()) {
                    code.clone()
                } else {
                    left_out()
                },
            },
            Cause::Malformed { .. } => Cause::Malformed { detail: left_out() },
            Cause::Unreachable { kind, .. } => Cause::Unreachable {
                kind: *kind,
                detail: left_out(),
            },
            Cause::Unsettled { .. } => Cause::Unsettled { what: left_out() },
            Cause::NotHere { .. } => Cause::NotHere { detail: left_out() },
            Cause::NotVisible
            | Cause::ServerStopped
            | Cause::Throttled
            | Cause::TimedOut
            | Cause::NotFound
            | Cause::PendingRestart
            | Cause::Absent
            | Cause::Cancelled
            | Cause::NotAsked => cause.clone(),
        }
    }
}

/// A value of a choice, a set or a number: nothing that could be a name of somebody's.
fn is_plain_value(text: &str) -> bool {
    text.len() <= 500
        && text.parse::<IpAddr>().is_err()
        && text
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || b" _.:+-,*/".contains(&it))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.parse::<f64>().is_ok()
}
