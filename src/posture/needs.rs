//! Which documents the conditions of a family look into, beside the server itself: what a look at one family again has to
//! read.

use crate::baseline::FamilyCode;
use crate::documents::{DocumentKind, ServerDocuments};

/// What a replica is compared with its source in.
const PARITY: &[DocumentKind] = {
    use DocumentKind as K;
    &[
        K::FirewallRules,
        K::Administrators,
        K::ThreatProtection,
        K::DefenderPlan,
        K::DiagnosticSettings,
    ]
};

/// The documents that the conditions of a family look into, beside the server itself. For a replica there are more of
/// them in the family X, which compares it with its source.
pub fn needs(
    family: FamilyCode,
    server: &ServerDocuments,
) -> impl Iterator<Item = DocumentKind> + use<> {
    use DocumentKind as K;
    let always: &[DocumentKind] = match family {
        FamilyCode::Ns => &[
            K::FirewallRules,
            K::PrivateEndpointConnections,
            K::Subnet,
            K::NetworkSecurityGroup,
        ],
        FamilyCode::Im => &[K::Configurations, K::Administrators],
        FamilyCode::Pa => &[K::Configurations, K::CustomerLockbox],
        FamilyCode::Dp => &[
            K::Configurations,
            K::KeyVault,
            K::EncryptionKey,
            K::GeoKeyVault,
            K::GeoEncryptionKey,
        ],
        FamilyCode::Am => &[K::PolicyStates, K::PolicyVisibility],
        FamilyCode::Lt => &[
            K::Configurations,
            K::ThreatProtection,
            K::DiagnosticSettings,
            K::DefenderPlan,
        ],
        FamilyCode::Br => &[K::Backups],
        FamilyCode::X => &[K::Configurations, K::Locks],
    };
    let is_replica = family == FamilyCode::X && server.source_id().is_some();
    let compared = if is_replica { PARITY } else { &[] };
    always.iter().chain(compared).copied()
}
