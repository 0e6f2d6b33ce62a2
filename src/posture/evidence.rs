//! Where a fact was read, what was seen and what was expected.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use crate::documents::text::neutral;
use crate::documents::{DocumentKind, ServerDocuments, Source};

/// One look at one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The kind of document that holds the value.
    pub document: DocumentKind,
    /// `GET` or `POST`; empty when the scan did not ask for the document.
    pub method: &'static str,
    /// The path that was asked, empty when the scan did not ask.
    pub path: Arc<str>,
    /// The version of the API that answered.
    pub api_version: Arc<str>,
    /// The JSON pointer (RFC 6901) to the value in the document.
    pub pointer: String,
    /// What was seen there, neutralised for display.
    pub observed: String,
    /// What the condition expects to see.
    pub expected: String,
    /// When the document was fetched; `None` when the scan did not ask for it.
    pub fetched_at: Option<Timestamp>,
    /// Whether the value moves by itself while nobody changes anything, as the time of the newest backup does: two scans
    /// are not told apart by it.
    #[serde(skip)]
    pub moves: bool,
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
        let found = documents.asked(source.kind);
        let nothing: fn() -> Arc<str> = || "".into();
        Self {
            document: source.kind,
            method: found.map_or("", |(document, _)| document.request.method.as_str()),
            path: found.map_or_else(nothing, |(_, asked)| asked.path.clone()),
            api_version: found.map_or_else(nothing, |(_, asked)| asked.api_version.clone()),
            pointer: source.pointer,
            observed: neutral(observed).into_owned(),
            expected: expected.into(),
            fetched_at: found.map(|(document, _)| document.fetched_at),
            moves: false,
        }
    }

    /// The same look at a value that moves by itself.
    #[must_use]
    pub fn moving(mut self) -> Self {
        self.moves = true;
        self
    }
}
