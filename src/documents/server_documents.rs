//! All that was read about one server and what stands around it, and how a value is found in it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::parameters::ParameterIndex;
use super::text::neutral;
use super::{Cause, Document, DocumentKind, Fact, Outcome, ResourceId};

/// Where the members of a server stand that are its own.
const PROPERTIES: &str = "/properties/";

/// A subscription, as the list of subscriptions gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The subscription's id.
    pub id: String,
    /// The name for people, as Azure wrote it; the id when Azure gave none.
    pub name: String,
    /// The tenant that it belongs to, when Azure said so.
    pub tenant: Option<String>,
    /// Azure's state of it, for example `Enabled`.
    pub state: Option<String>,
    /// Whether it is managed on behalf of another tenant (Azure Lighthouse).
    pub delegated: bool,
}

/// Where in the documents a value stands, or would stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The kind of document.
    pub kind: DocumentKind,
    /// The JSON pointer (RFC 6901) into it.
    pub pointer: String,
}

/// What was asked for a document, neutralised for display. Every look into the document tells it, so it is shared.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The path.
    pub path: Arc<str>,
    /// The version of the API.
    pub api_version: Arc<str>,
}

/// All that was read about one server.
#[derive(Clone, Debug)]
pub struct ServerDocuments {
    id: ResourceId,
    documents: Vec<Arc<Document>>,
    /// Where the document of each kind stands among them: a judge looks for one a hundred times.
    places: [Option<u8>; DocumentKind::ALL.len()],
    /// For each of them what was asked, neutralised for display.
    asked: Vec<Asked>,
    parameters: Option<ParameterIndex>,
    source: Option<Arc<Self>>,
}

impl ServerDocuments {
    /// Puts together what was read about the server `id`. Of two documents of one kind the later one counts.
    #[must_use]
    pub fn new<D: Into<Arc<Document>>>(
        id: ResourceId,
        documents: impl IntoIterator<Item = D>,
    ) -> Self {
        let mut kept: Vec<Arc<Document>> = Vec::new();
        for document in documents {
            let document = document.into();
            kept.retain(|other| other.kind != document.kind);
            kept.push(document);
        }
        kept.sort_by_key(|document| document.kind);
        let parameters = kept
            .iter()
            .find(|document| document.kind == DocumentKind::Configurations)
            .and_then(|document| document.body().ok())
            .map(ParameterIndex::new);
        let mut places = [None; DocumentKind::ALL.len()];
        for (place, document) in (0..).zip(&kept) {
            places[document.kind as usize] = Some(place);
        }
        Self {
            id,
            places,
            asked: kept
                .iter()
                .map(|document| Asked {
                    path: neutral(&document.request.path).into(),
                    api_version: neutral(&document.request.api_version).into(),
                })
                .collect(),
            documents: kept,
            parameters,
            source: None,
        }
    }

    /// What was read later, laid over what was read before. Of each kind that was read again the later document counts;
    /// a kind that was not worth asking for any more, [`Cause::NotAsked`], leaves none.
    #[must_use]
    pub fn laid_over(&self, before: &Self) -> Self {
        let given_up = |document: &&Arc<Document>| {
            !matches!(document.outcome, Outcome::Unread(Cause::NotAsked))
        };
        let earlier = before.iter().filter(|it| self.get(it.kind).is_none());
        let all = earlier.chain(self.iter().filter(given_up));
        Self::new(self.id.clone(), all.cloned())
    }

    /// The same server with what was read, in the same scan, about the server that it replicates.
    #[must_use]
    pub fn with_source(mut self, source: Option<Arc<Self>>) -> Self {
        self.source = source;
        self
    }

    /// What was read about the server that this one replicates; `None` where it is no replica, or where the scan does not
    /// hold its source.
    #[must_use]
    pub fn source(&self) -> Option<&Self> {
        self.source.as_deref()
    }

    /// The id of the server that this one replicates, when it is a replica and Azure names its source.
    #[must_use]
    pub fn source_id(&self) -> Option<ResourceId> {
        let text = |pointer| self.server_member(pointer).0.text().known();
        text("/properties/replicationRole").filter(|role| role.eq_ignore_ascii_case("replica"))?;
        ResourceId::parse(&text("/properties/sourceServerResourceId")?).ok()
    }

    /// The server's id.
    #[must_use]
    pub const fn id(&self) -> &ResourceId {
        &self.id
    }

    /// Every document, by kind.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Document>> {
        self.documents.iter()
    }

    /// The document of a kind, when the scan asked for it.
    #[must_use]
    pub fn get(&self, kind: DocumentKind) -> Option<&Document> {
        let place = self.places[kind as usize]?;
        Some(&self.documents[usize::from(place)])
    }

    /// A document of a kind with what was asked for it, when the scan asked for it.
    #[must_use]
    pub fn asked(&self, kind: DocumentKind) -> Option<(&Document, &Asked)> {
        let place = usize::from(self.places[kind as usize]?);
        Some((&self.documents[place], self.asked.get(place)?))
    }

    /// The body of a kind of document, or why there is none.
    ///
    /// # Errors
    /// The cause for which it is unread; [`Cause::NotAsked`] when the scan did not ask for it.
    pub fn body(&self, kind: DocumentKind) -> Result<&Value, Cause> {
        match self.get(kind) {
            None => Err(Cause::NotAsked),
            Some(document) => document.body().map_err(Clone::clone),
        }
    }

    /// A member of the server itself. The full form decides; when it is unread, a value that the inventory row
    /// carries is taken from there, while a member missing from that row means nothing: then the value is unread for
    /// the reason that the full form is.
    #[must_use]
    pub fn server_member(&self, pointer: &str) -> (Fact<&Value>, Source) {
        let source = |kind| Source {
            kind,
            pointer: pointer.to_owned(),
        };
        match self.body(DocumentKind::Server) {
            Ok(body) => (member(body, pointer), source(DocumentKind::Server)),
            Err(cause) => match self
                .body(DocumentKind::Inventory)
                .map(|row| member(row, pointer))
            {
                Ok(fact @ Fact::Known(_)) => (fact, source(DocumentKind::Inventory)),
                _ => (Fact::Unread(cause), source(DocumentKind::Server)),
            },
        }
    }

    /// A member of another document than the server itself. It is absent where the document was read, has the shape of
    /// one, and lacks the member.
    #[must_use]
    pub fn document_member(&self, kind: DocumentKind, pointer: &str) -> (Fact<&Value>, Source) {
        let source = Source {
            kind,
            pointer: pointer.to_owned(),
        };
        let fact = match self.body(kind) {
            Ok(body) => member(body, pointer),
            Err(cause) => Fact::Unread(cause),
        };
        (fact, source)
    }

    /// The items of a list that was read.
    #[must_use]
    pub fn items(&self, kind: DocumentKind) -> (Fact<&[Value]>, Source) {
        let source = Source {
            kind,
            pointer: "/value".to_owned(),
        };
        let fact = match self.body(kind) {
            Err(cause) => Fact::Unread(cause),
            Ok(body) => match body.get("value") {
                Some(Value::Array(items)) => Fact::Known(items.as_slice()),
                _ => Fact::Unread(Cause::Malformed {
                    detail: "the answer has no list named value".to_owned(),
                }),
            },
        };
        (fact, source)
    }

    /// The server's parameters, indexed by name; `None` when they were not read.
    #[must_use]
    pub const fn parameters(&self) -> Option<&ParameterIndex> {
        self.parameters.as_ref()
    }

    /// The state that Azure reports for the server, for example `Ready` or `Stopped`.
    #[must_use]
    pub fn state(&self) -> Fact<String> {
        self.server_member("/properties/state").0.text()
    }
}

/// A member of a document. It is absent only where everything above it is an object; anything else is not the shape of
/// one, and what such an answer lacks means nothing. The pointers of this program name members of objects, and none of
/// them holds a character that JSON pointers escape.
fn member<'a>(body: &'a Value, pointer: &str) -> Fact<&'a Value> {
    if pointer.starts_with(PROPERTIES) && !body.get("properties").is_some_and(Value::is_object) {
        return malformed("the answer has no object named properties".to_owned());
    }
    let mut here = body;
    let mut above = 0;
    for name in pointer.split('/').skip(1) {
        let Value::Object(members) = here else {
            let what = match above {
                0 => "the answer",
                end => &pointer[..end],
            };
            return malformed(format!("{what} is not an object"));
        };
        here = match members.get(name) {
            None | Some(Value::Null) => return Fact::Absent,
            Some(value) => value,
        };
        above += name.len() + 1;
    }
    Fact::Known(here)
}

fn malformed<T>(detail: String) -> Fact<T> {
    Fact::Unread(Cause::Malformed { detail })
}
