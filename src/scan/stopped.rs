//! Telling a read that failed because the server was not running from one that failed for a reason of its own.

use crate::documents::{Cause, Document, DocumentKind, Fact, Outcome, ServerDocuments};

/// The states of a server in which its children may not answer.
const NOT_RUNNING: [&str; 5] = [
    "Stopped",
    "Stopping",
    "Starting",
    "Disabled",
    "Inaccessible",
];

/// Whether a server is known to be stopped or to be changed, so that its children may not answer.
#[must_use]
pub fn is_not_ready(server: &ServerDocuments) -> bool {
    matches!(server.state(), Fact::Known(state) if !state.eq_ignore_ascii_case("Ready"))
}

/// Gives the cause [`Cause::ServerStopped`] to reads of children that failed because the server was not running: a
/// 409 or 503, or any failure of the service while the server's state says so. A refusal stays a refusal, and a
/// server that is not there is not stopped.
#[must_use]
pub fn explain(server: &ServerDocuments, mut documents: Vec<Document>) -> Vec<Document> {
    let not_running = matches!(
        server.state(),
        Fact::Known(state) if NOT_RUNNING.iter().any(|word| state.eq_ignore_ascii_case(word))
    );
    for document in &mut documents {
        let Outcome::Unread(cause) = &document.outcome else {
            continue;
        };
        let stopped = match cause {
            Cause::Failed {
                status: 409 | 503, ..
            } => true,
            Cause::Failed { status, .. } => not_running && *status != 401,
            Cause::TimedOut => not_running,
            _ => false,
        };
        if stopped && document.kind != DocumentKind::Server {
            document.outcome = Outcome::Unread(Cause::ServerStopped);
        }
    }
    documents
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::{Method, Request, ResourceId};
    use serde_json::json;

    fn document(kind: DocumentKind, outcome: Outcome) -> Document {
        Document {
            kind,
            shared: None,
            request: Request {
                method: Method::Get,
                path: String::new(),
                api_version: String::new(),
            },
            fetched_at: jiff::Timestamp::UNIX_EPOCH,
            duration_ms: 0,
            outcome,
        }
    }

    fn explained(state: &str, cause: &Cause) -> Cause {
        let id = ResourceId::parse("/subscriptions/s/x/y").unwrap();
        let server = ServerDocuments::new(
            id,
            [document(
                DocumentKind::Server,
                Outcome::Read(json!({"properties": {"state": state}})),
            )],
        );
        let child = document(DocumentKind::Configurations, Outcome::Unread(cause.clone()));
        match explain(&server, vec![child]).remove(0).outcome {
            Outcome::Unread(cause) => cause,
            Outcome::Read(_) => panic!("read"),
        }
    }

    #[test]
    fn a_conflict_or_a_failure_of_a_server_that_is_not_running_is_the_servers_state() {
        let failed = |status| Cause::Failed {
            status,
            code: "x".into(),
        };
        let denied = Cause::Denied {
            action: "a".into(),
            scope: "s".into(),
        };
        for (state, cause, expected) in [
            ("Ready", failed(409), Cause::ServerStopped),
            ("Ready", failed(503), Cause::ServerStopped),
            ("Ready", failed(500), failed(500)),
            ("Stopped", failed(500), Cause::ServerStopped),
            ("starting", failed(400), Cause::ServerStopped),
            ("Inaccessible", Cause::TimedOut, Cause::ServerStopped),
            ("Ready", Cause::TimedOut, Cause::TimedOut),
            ("Stopped", failed(401), failed(401)),
            ("Stopped", denied.clone(), denied),
            ("Stopped", Cause::NotFound, Cause::NotFound),
            ("Stopped", Cause::Cancelled, Cause::Cancelled),
            ("Stopped", Cause::Throttled, Cause::Throttled),
        ] {
            assert_eq!(explained(state, &cause), expected, "{state} {cause:?}");
        }
    }
}
