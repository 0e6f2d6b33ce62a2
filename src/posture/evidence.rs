//! Where a fact was read, what was seen and what was expected.

use jiff::Timestamp;
use serde::Serialize;

use crate::documents::text::neutral;
use crate::documents::{Document, DocumentKind, ServerDocuments, Source};

/// One look at one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The kind of document that holds the value.
    pub document: DocumentKind,
    /// `GET` or `POST`; empty when the scan did not ask for the document.
    pub method: &'static str,
    /// The path that was asked, empty when the scan did not ask.
    pub path: String,
    /// The version of the API that answered.
    pub api_version: String,
    /// The JSON pointer (RFC 6901) to the value in the document.
    pub pointer: String,
    /// What was seen there, neutralised for display.
    pub observed: String,
    /// What the condition expects to see.
    pub expected: String,
    /// When the document was fetched; `None` when the scan did not ask for it.
    pub fetched_at: Option<Timestamp>,
}

impl Evidence {
    /// Describes a look at `source`.
    #[must_use]
    pub fn new(
        documents: &ServerDocuments,
        source: Source,
        observed: &str,
        expected: impl Into<String>,
    ) -> Self {
        let document: Option<&Document> = documents.get(source.kind);
        Self {
            document: source.kind,
            method: document.map_or("", |d| d.request.method.as_str()),
            path: document.map_or_else(String::new, |d| neutral(&d.request.path).into_owned()),
            api_version: document.map_or_else(String::new, |d| {
                neutral(&d.request.api_version).into_owned()
            }),
            pointer: source.pointer,
            observed: neutral(observed).into_owned(),
            expected: expected.into(),
            fetched_at: document.map(|d| d.fetched_at),
        }
    }
}
