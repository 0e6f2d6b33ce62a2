//! Servers put together document by document, for tests that need an answer which the simulator does not give.

use flexposture::documents::{
    Cause, Document, DocumentKind, Method, Outcome, Request, ResourceId, ServerDocuments,
};
use serde_json::{Value, json};

/// When every document was fetched.
pub const FETCHED: &str = "2026-11-20T12:00:00Z";

/// A server of which nothing was read yet.
pub struct MadeUp {
    id: ResourceId,
    documents: Vec<Document>,
}

/// The id of a server.
pub fn id(subscription: &str, name: &str) -> String {
    format!(
        "/subscriptions/{subscription}/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/{name}"
    )
}

impl MadeUp {
    pub fn new(subscription: &str, name: &str) -> Self {
        Self {
            id: ResourceId::parse(&id(subscription, name)).expect("an id"),
            documents: Vec::new(),
        }
    }

    /// The server itself, with these `properties`.
    pub fn server(self, properties: Value) -> Self {
        let body =
            json!({"id": self.id.as_str(), "name": self.id.name(), "properties": properties});
        self.read(DocumentKind::Server, body)
    }

    pub fn read(self, kind: DocumentKind, body: Value) -> Self {
        self.with(kind, None, Outcome::Read(body))
    }

    pub fn list(self, kind: DocumentKind, items: Value) -> Self {
        self.read(kind, json!({ "value": items }))
    }

    pub fn unread(self, kind: DocumentKind, cause: Cause) -> Self {
        self.with(kind, None, Outcome::Unread(cause))
    }

    /// A read that was refused, on something that other servers may share.
    pub fn denied(self, kind: DocumentKind, scope: &str) -> Self {
        let cause = Cause::Denied {
            action: kind.action().to_owned(),
            scope: scope.to_owned(),
        };
        self.with(kind, Some(scope), Outcome::Unread(cause))
    }

    pub fn with(mut self, kind: DocumentKind, shared: Option<&str>, outcome: Outcome) -> Self {
        self.documents.push(Document {
            kind,
            shared: shared.map(|about| about.to_lowercase().into()),
            request: Request {
                method: Method::Get,
                path: format!("{}{}", self.id, kind.child_path().unwrap_or_default()),
                api_version: "2024-12-30".to_owned(),
            },
            fetched_at: FETCHED.parse().expect("a time"),
            duration_ms: 1,
            outcome,
        });
        self
    }

    pub fn documents(self) -> ServerDocuments {
        ServerDocuments::new(self.id, self.documents)
    }
}
