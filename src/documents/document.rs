//! One answer of Azure: what was asked, when, and what came of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Cause, DocumentKind, ResourceId};

/// The methods that reads use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Method {
    /// A plain read.
    Get,
    /// A query of Azure Resource Graph, which takes its question in the body.
    Post,
}

impl Method {
    /// The method as HTTP writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// How it was asked.
    pub method: Method,
    /// The path without origin and query, as it was sent.
    pub path: String,
    /// The version of the API that was asked.
    pub api_version: String,
}

/// What came of a read.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The answer's body. Lists are one body `{"value": […]}` with the items of all pages.
    Read(Value),
    /// No usable answer, and why.
    Unread(Cause),
}

/// One answer of Azure.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// What it is.
    pub kind: DocumentKind,
    /// The id, in lower case, of what it is about, where several servers share it: a subscription, a tenant, a subnet, a
    /// vault. `None` for a document about the server alone.
    pub shared: Option<Box<str>>,
    /// What was asked.
    pub request: Request,
    /// When the answer was complete.
    pub fetched_at: Timestamp,
    /// How long it took, all pages and retries together, in milliseconds.
    pub duration_ms: u32,
    /// What came of it.
    pub outcome: Outcome,
}

impl Document {
    /// The document of a server that was never asked for, and why: in its place, so that nobody takes it for one that says
    /// nothing. `fetched_at` is when that became known.
    #[must_use]
    pub fn never_asked(
        id: &ResourceId,
        kind: DocumentKind,
        fetched_at: Timestamp,
        cause: Cause,
    ) -> Self {
        Self {
            kind,
            shared: None,
            request: Request {
                method: Method::Get,
                path: format!("{id}{}", kind.child_path().unwrap_or_default()),
                api_version: String::new(),
            },
            fetched_at,
            duration_ms: 0,
            outcome: Outcome::Unread(cause),
        }
    }

    /// The body, or why there is none.
    ///
    /// # Errors
    /// The cause for which the document is unread.
    pub fn body(&self) -> Result<&Value, &Cause> {
        match &self.outcome {
            Outcome::Read(body) => Ok(body),
            Outcome::Unread(cause) => Err(cause),
        }
    }
}
