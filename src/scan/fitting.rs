//! Answers that are too large for a scan file are unread, and that is said before anything is judged by them.

use std::sync::Arc;

use serde_json::Value;

use crate::documents::{Cause, Document, Outcome, ServerDocuments};
use crate::store;

/// What was read about a server, with a cause in the place of each body that no file keeps.
#[must_use]
pub fn fitting(documents: ServerDocuments) -> ServerDocuments {
    fitting_by(documents, store::can_be_kept)
}

fn fitting_by(documents: ServerDocuments, fits: impl Fn(&Value) -> bool) -> ServerDocuments {
    let is_too_large = |document: &Document| document.body().is_ok_and(|body| !fits(body));
    if !documents.iter().any(|it| is_too_large(it)) {
        return documents;
    }
    let kept = documents.iter().map(|document| {
        if !is_too_large(document) {
            return document.clone();
        }
        let detail = "the answer is larger than a scan keeps".to_owned();
        Arc::new(Document {
            kind: document.kind,
            shared: document.shared.clone(),
            request: document.request.clone(),
            fetched_at: document.fetched_at,
            duration_ms: document.duration_ms,
            outcome: Outcome::Unread(Cause::Malformed { detail }),
        })
    });
    ServerDocuments::new(documents.id().clone(), kept)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::documents::{DocumentKind, ResourceId};

    #[test]
    fn what_is_too_large_is_unread_and_the_rest_is_as_it_was() {
        let id = ResourceId::parse("/subscriptions/s/x/y").unwrap();
        let document = |kind, body| {
            let now = jiff::Timestamp::UNIX_EPOCH;
            let never = Document::never_asked(&id, kind, now, Cause::NotAsked);
            Document {
                outcome: Outcome::Read(body),
                ..never
            }
        };
        let documents = ServerDocuments::new(
            id.clone(),
            [
                document(DocumentKind::Server, json!("small")),
                document(DocumentKind::Backups, json!("much larger")),
            ],
        );
        let fits = |body: &Value| body.to_string().len() < 10;
        let kept = fitting_by(documents.clone(), fits);
        assert_eq!(kept.body(DocumentKind::Server), Ok(&json!("small")));
        let Err(Cause::Malformed { detail }) = kept.body(DocumentKind::Backups) else {
            panic!("it is unread");
        };
        assert!(detail.contains("larger than a scan keeps"));
        let all = fitting_by(documents, |_| true);
        assert_eq!(all.body(DocumentKind::Backups), Ok(&json!("much larger")));
    }
}
