//! What to read about a server, given what its own document says of its set-up.

use serde_json::Value;

use crate::documents::{DocumentKind, Fact, ServerDocuments};

/// What is read around every server, wherever it stands.
pub const AROUND: [DocumentKind; 6] = [
    DocumentKind::PolicyStates,
    DocumentKind::PolicyExemptions,
    DocumentKind::Locks,
    DocumentKind::DefenderPlan,
    DocumentKind::PolicyVisibility,
    DocumentKind::CustomerLockbox,
];

/// Which kinds of document are read about a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All that are worth reading.
    Everything,
    /// Of those only these, and the server itself.
    Only(Vec<DocumentKind>),
}

impl Wanted {
    /// Whether a kind is among them.
    #[must_use]
    pub fn has(&self, kind: DocumentKind) -> bool {
        match self {
            Self::Everything => true,
            Self::Only(kinds) => kinds.contains(&kind),
        }
    }

    /// The same without some kinds.
    #[must_use]
    pub fn without(&self, kinds: &[DocumentKind]) -> Self {
        let left = DocumentKind::ALL.into_iter();
        Self::Only(
            left.filter(|kind| self.has(*kind) && !kinds.contains(kind))
                .collect(),
        )
    }
}

/// The children of a server that are worth reading. Where the server itself could not be read, everything that might
/// matter is asked for.
#[must_use]
pub fn children(server: &ServerDocuments) -> Vec<DocumentKind> {
    let mut kinds = vec![
        DocumentKind::Configurations,
        DocumentKind::Administrators,
        DocumentKind::Backups,
        DocumentKind::ThreatProtection,
        DocumentKind::DiagnosticSettings,
    ];
    let integrated = matches!(
        member(server, "/properties/network/delegatedSubnetResourceId"),
        Fact::Known(id) if !id.trim().is_empty()
    );
    let public_disabled = matches!(
        member(server, "/properties/network/publicNetworkAccess"),
        Fact::Known(access) if access.eq_ignore_ascii_case("disabled")
    );
    if !integrated && !public_disabled {
        kinds.push(DocumentKind::FirewallRules);
    }
    let lists_endpoints = matches!(
        server
            .server_member("/properties/privateEndpointConnections")
            .0,
        Fact::Known(Value::Array(_))
    );
    if !integrated && !lists_endpoints {
        kinds.push(DocumentKind::PrivateEndpointConnections);
    }
    kinds
}

fn member(server: &ServerDocuments, pointer: &str) -> Fact<String> {
    server.server_member(pointer).0.text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::{Cause, Document, Method, Outcome, Request, ResourceId};
    use serde_json::json;

    fn plan(outcome: Outcome) -> Vec<DocumentKind> {
        let id = ResourceId::parse("/subscriptions/s/resourceGroups/g/x/y").unwrap();
        children(&ServerDocuments::new(
            id,
            [Document {
                kind: DocumentKind::Server,
                shared: None,
                request: Request {
                    method: Method::Get,
                    path: String::new(),
                    api_version: String::new(),
                },
                fetched_at: jiff::Timestamp::UNIX_EPOCH,
                duration_ms: 0,
                outcome,
            }],
        ))
    }

    #[test]
    fn only_what_the_set_up_makes_worth_reading_is_read() {
        use DocumentKind::{FirewallRules, PrivateEndpointConnections};
        let asks = |network: Value, endpoints: Value| {
            let kinds = plan(Outcome::Read(json!({"properties": {
                "network": network, "privateEndpointConnections": endpoints
            }})));
            (
                kinds.contains(&FirewallRules),
                kinds.contains(&PrivateEndpointConnections),
            )
        };
        let public = json!({"publicNetworkAccess": "Enabled"});
        assert_eq!(asks(public.clone(), json!([])), (true, false));
        assert_eq!(asks(public, json!(null)), (true, true));
        let closed = json!({"publicNetworkAccess": "Disabled"});
        assert_eq!(asks(closed, json!(null)), (false, true));
        let integrated = json!({"delegatedSubnetResourceId": "/subscriptions/s/x"});
        assert_eq!(asks(integrated, json!(null)), (false, false));
    }

    #[test]
    fn of_an_unread_server_everything_is_asked() {
        assert_eq!(plan(Outcome::Unread(Cause::TimedOut)).len(), 7);
    }
}
