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

/// Where a server names its delegated subnet.
pub const SUBNET: &str = "/properties/network/delegatedSubnetResourceId";
/// Where it names its customer-managed key.
pub const KEY: &str = "/properties/dataEncryption/primaryKeyURI";
/// Where it names the key of geo-redundant backup.
pub const GEO_KEY: &str = "/properties/dataEncryption/geoBackupKeyURI";

/// What is read when a server names a subnet.
pub const NETWORK: [DocumentKind; 2] = [DocumentKind::Subnet, DocumentKind::NetworkSecurityGroup];
/// The vault and the key that are read when it names a key.
pub const KEYS: [DocumentKind; 2] = [DocumentKind::KeyVault, DocumentKind::EncryptionKey];
/// Those of geo-redundant backup.
pub const GEO_KEYS: [DocumentKind; 2] = [DocumentKind::GeoKeyVault, DocumentKind::GeoEncryptionKey];
/// What the questions about Azure Policy bring, all of it or nothing.
pub const POLICIES: [DocumentKind; 3] = [
    DocumentKind::PolicyStates,
    DocumentKind::PolicyExemptions,
    DocumentKind::PolicyVisibility,
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

    /// Whether one of these is.
    #[must_use]
    pub fn has_any(&self, kinds: &[DocumentKind]) -> bool {
        kinds.iter().any(|kind| self.has(*kind))
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
    let conditional = [
        DocumentKind::FirewallRules,
        DocumentKind::PrivateEndpointConnections,
    ];
    kinds.extend(
        conditional
            .into_iter()
            .filter(|kind| passed_over(server, *kind).is_none()),
    );
    kinds
}

/// Why a kind of document is not worth reading about a server, in words; `None` when it is.
#[must_use]
pub fn passed_over(server: &ServerDocuments, kind: DocumentKind) -> Option<&'static str> {
    use DocumentKind as K;
    let integrated = || named(server, SUBNET).is_some();
    match kind {
        K::FirewallRules if integrated() => Some(INTEGRATED),
        K::FirewallRules => named(server, "/properties/network/publicNetworkAccess")
            .is_some_and(|access| access.eq_ignore_ascii_case("disabled"))
            .then_some("public access is disabled"),
        K::PrivateEndpointConnections if integrated() => Some(INTEGRATED),
        K::PrivateEndpointConnections => {
            let endpoints = server.server_member("/properties/privateEndpointConnections");
            matches!(endpoints.0, Fact::Known(Value::Array(_))).then_some("the server lists them")
        }
        K::Subnet | K::NetworkSecurityGroup => {
            (!integrated()).then_some("the server is not integrated in a virtual network")
        }
        K::KeyVault | K::EncryptionKey => named(server, KEY)
            .is_none()
            .then_some("the server has no customer-managed key"),
        K::GeoKeyVault | K::GeoEncryptionKey => named(server, GEO_KEY)
            .is_none()
            .then_some("the server has no key for geo-redundant backup"),
        _ => None,
    }
}

const INTEGRATED: &str = "the server is integrated in a virtual network";

/// A member that names something else, when the server says so.
#[must_use]
pub fn named(server: &ServerDocuments, pointer: &str) -> Option<String> {
    match server.server_member(pointer).0.text() {
        Fact::Known(text) if !text.trim().is_empty() => Some(text),
        _ => None,
    }
}

/// What the server names, by the part of it that is known, and would be read for that.
pub fn named_by(server: &ServerDocuments) -> impl Iterator<Item = DocumentKind> {
    [(SUBNET, NETWORK), (KEY, KEYS), (GEO_KEY, GEO_KEYS)]
        .into_iter()
        .filter(|(pointer, _)| named(server, pointer).is_some())
        .flat_map(|(_, kinds)| kinds)
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
