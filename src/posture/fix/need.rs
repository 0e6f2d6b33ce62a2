//! What fixes are built from: what was read about the server, and the resources around it by their ids.

use serde_json::Value;

use crate::documents::text::neutral;
use crate::documents::{DocumentKind, Fact, ResourceId, ServerDocuments, parameters};
use crate::posture::{Condition, ConditionId, Finding, Ruleset};

use super::shell::Draft;

/// The commands on flexible servers start with this.
const SERVER: &str = "mysql flexible-server";

/// The finding to fix, and everything that was read about its server.
#[derive(Clone, Copy, Debug)]
pub struct Need<'a> {
    pub documents: &'a ServerDocuments,
    pub ruleset: &'a Ruleset,
    pub finding: &'a Finding,
}

/// The server that a change is to be made on, where Azure takes it from a replica's source only.
pub struct Primary {
    /// The server itself, or its source; `None` when it is a replica whose source was not read.
    pub id: Option<ResourceId>,
    /// What to say about it first.
    pub words: Option<String>,
}

/// A server parameter as the list gives it.
#[derive(Clone, Copy, Debug)]
pub struct Parameter<'a>(&'a Value);

impl<'a> Need<'a> {
    /// The server.
    pub const fn server(&self) -> &'a ResourceId {
        self.documents.id()
    }

    /// `update` of a server, or another command in which the server is `--name`.
    pub fn on(id: &ResourceId, command: &str) -> Draft {
        Draft::on(&format!("{SERVER} {command}"), "--name", id)
    }

    /// A command in which the server is `--server-name`.
    pub fn on_named(id: &ResourceId, command: &str) -> Draft {
        Draft::on(&format!("{SERVER} {command}"), "--server-name", id)
    }

    /// A member of the server, as text.
    pub fn text(&self, pointer: &str) -> Fact<String> {
        self.documents.server_member(pointer).0.text()
    }

    /// Whether a member of the server was read and is `value`, in any casing.
    pub fn is(&self, pointer: &str, value: &str) -> bool {
        self.text(pointer)
            .known()
            .is_some_and(|text| text.eq_ignore_ascii_case(value))
    }

    /// A member of a document that was read.
    pub fn member(&self, kind: DocumentKind, pointer: &str) -> Option<&'a Value> {
        self.documents.get(kind)?.body().ok()?.pointer(pointer)
    }

    /// The items of a list that was read.
    pub fn items(&self, kind: DocumentKind) -> &'a [Value] {
        self.documents.items(kind).0.known().unwrap_or_default()
    }

    /// A server parameter, when the list of them was read and has it.
    pub fn parameter(&self, name: &str) -> Option<Parameter<'a>> {
        let position = self.documents.parameters()?.position(name)?;
        self.items(DocumentKind::Configurations)
            .get(position)
            .map(Parameter)
    }

    /// The resource that a document describes, when it was read: what was asked is its id.
    pub fn resource(&self, kind: DocumentKind) -> Option<ResourceId> {
        let document = self.documents.get(kind)?;
        document.body().ok()?;
        ResourceId::parse(&document.request.path).ok()
    }

    /// Whether the server is a replica; `None` when that was not read.
    pub fn is_replica(&self) -> Option<bool> {
        match self.text("/properties/replicationRole") {
            Fact::Known(role) => Some(role.eq_ignore_ascii_case("Replica")),
            Fact::Absent | Fact::Unread(_) => None,
        }
    }

    /// Where to change what Azure keeps the same on a source and its replicas: Entra administrators, encryption.
    pub fn primary(&self) -> Primary {
        match self.is_replica() {
            Some(false) => Primary {
                id: Some(self.server().clone()),
                words: None,
            },
            None => Primary {
                id: Some(self.server().clone()),
                words: Some(
                    "Whether this server is a replica was not read. Azure refuses this change on a replica; there, use \
                     its source."
                        .to_owned(),
                ),
            },
            Some(true) => {
                let source = self.documents.source_id();
                let words = source.as_ref().map_or_else(
                    || {
                        "This server is a replica and Azure refuses this change on one. Which server is its source was \
                         not read: make the change there."
                            .to_owned()
                    },
                    |source| {
                        format!(
                            "This server is a replica and Azure refuses this change on one. The commands are for its \
                             source, {}, which passes the change on to its replicas.",
                            neutral(source.name())
                        )
                    },
                );
                Primary {
                    id: source,
                    words: Some(words),
                }
            }
        }
    }

    /// The same need, looking at the server that [`Need::primary`] names; `None` when that is a source which the scan does
    /// not hold.
    pub fn at_primary(&self) -> Option<Self> {
        let documents = if self.is_replica() == Some(true) {
            self.documents.source()?
        } else {
            self.documents
        };
        Some(Self { documents, ..*self })
    }

    /// The condition of the finding with this id.
    pub fn condition(&self, id: ConditionId) -> Option<&'a Condition> {
        self.finding
            .conditions
            .iter()
            .find(|condition| condition.id == id)
    }
}

impl Parameter<'_> {
    fn member(self, name: &str) -> Option<String> {
        let text = self.0.get("properties")?.get(name)?.as_str()?;
        Some(text.to_owned())
    }

    fn is(self, name: &str, value: &str) -> bool {
        self.member(name)
            .is_some_and(|text| text.eq_ignore_ascii_case(value))
    }

    /// The value in force.
    pub fn in_force(self) -> Option<String> {
        parameters::in_force(self.0).0.known()
    }

    /// The value that was asked for, which waits when a restart is pending.
    pub fn requested(self) -> Option<String> {
        self.member("value")
    }

    /// The values that Azure allows.
    pub fn allowed(self) -> Option<String> {
        self.member("allowedValues")
    }

    /// Whether the value is Azure's default and nobody's choice.
    pub fn is_default(self) -> bool {
        self.is("source", "system-default")
    }

    /// Whether Azure refuses to change it for now.
    pub fn is_read_only(self) -> bool {
        self.is("isReadOnly", "True")
    }

    /// Whether a change needs a restart; `None` when Azure did not say.
    pub fn needs_restart(self) -> Option<bool> {
        match self
            .member("isDynamicConfig")?
            .to_ascii_lowercase()
            .as_str()
        {
            "true" => Some(false),
            "false" => Some(true),
            _ => None,
        }
    }

    /// Whether a change waits for a restart.
    pub fn waits(self) -> bool {
        self.is("isConfigPendingRestart", "True")
    }
}
