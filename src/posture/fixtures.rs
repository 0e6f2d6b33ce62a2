//! Servers made up for the tests of this room.

use serde_json::{Value, json};

use crate::documents::{
    Cause, Document, DocumentKind, Method, Outcome, Request, ResourceId, ServerDocuments,
};

/// When every document of these tests was fetched.
pub const FETCHED: &str = "2026-11-20T12:00:00Z";
const ID: &str =
    "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/db";

/// A server put together document by document.
pub struct Fixture(Vec<Document>);

impl Fixture {
    /// A server of which nothing was read.
    pub fn new() -> Self {
        Self(Vec::new())
    }

    /// A document that was read.
    pub fn read(self, kind: DocumentKind, body: Value) -> Self {
        self.outcome(kind, Outcome::Read(body))
    }

    /// A document that could not be read.
    pub fn unread(self, kind: DocumentKind, cause: Cause) -> Self {
        self.outcome(kind, Outcome::Unread(cause))
    }

    /// The server in full form with these `properties`.
    pub fn server(self, properties: Value) -> Self {
        self.read(
            DocumentKind::Server,
            json!({"id": ID, "name": "db", "location": "West Europe", "properties": properties}),
        )
    }

    /// A list of items.
    pub fn list(self, kind: DocumentKind, items: Value) -> Self {
        self.read(kind, json!({ "value": items }))
    }

    /// The parameters, by name and `properties`.
    pub fn parameters(self, parameters: &[(&str, Value)]) -> Self {
        let items: Vec<Value> = parameters
            .iter()
            .map(|(name, properties)| json!({"name": name, "properties": properties}))
            .collect();
        self.list(DocumentKind::Configurations, Value::Array(items))
    }

    fn outcome(mut self, kind: DocumentKind, outcome: Outcome) -> Self {
        self.0.push(Document {
            kind,
            shared: None,
            request: Request {
                method: Method::Get,
                path: format!("{ID}{}", kind.child_path().unwrap_or_default()),
                api_version: "2024-12-30".to_owned(),
            },
            fetched_at: FETCHED.parse().expect("a time"),
            duration_ms: 1,
            outcome,
        });
        self
    }

    /// The documents.
    pub fn documents(self) -> ServerDocuments {
        ServerDocuments::new(ResourceId::parse(ID).expect("an id"), self.0)
    }
}

/// Every cause that a read can end with.
pub fn causes() -> Vec<Cause> {
    use crate::documents::Unreachable;
    vec![
        Cause::Denied {
            action: "a".into(),
            scope: "s".into(),
        },
        Cause::NotVisible,
        Cause::ServerStopped,
        Cause::Throttled,
        Cause::TimedOut,
        Cause::NotFound,
        Cause::Malformed { detail: "d".into() },
        Cause::Failed {
            status: 500,
            code: "c".into(),
        },
        Cause::Unreachable {
            kind: Unreachable::Tls,
            detail: "d".into(),
        },
        Cause::Cancelled,
        Cause::NotAsked,
        Cause::Unsettled { what: "w".into() },
        Cause::NotHere { detail: "d".into() },
    ]
}
