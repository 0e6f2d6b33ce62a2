//! Which documents the conditions of a feature, and of a family, look into beside the server itself: what a scan for them
//! alone, and a look at one family again, have to read.

use crate::baseline::{FamilyCode, FeatureId};
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

/// The documents that the conditions of a feature look into, beside the server itself. For a replica there are more of
/// them in the feature that compares it with its source.
pub fn needs_of(
    feature: FeatureId,
    server: &ServerDocuments,
) -> impl Iterator<Item = DocumentKind> + use<> {
    let is_compared = feature == FeatureId::ReplicaParity && server.source_id().is_some();
    let compared = if is_compared { PARITY } else { &[] };
    always(feature).iter().chain(compared).copied()
}

/// The documents that the conditions of a family look into, beside the server itself, some perhaps several times.
pub fn needs(
    family: FamilyCode,
    server: &ServerDocuments,
) -> impl Iterator<Item = DocumentKind> + use<> {
    let features = FeatureId::ALL.into_iter();
    let kinds: Vec<DocumentKind> = features
        .filter(|feature| feature.family() == family)
        .flat_map(|feature| needs_of(feature, server))
        .collect();
    kinds.into_iter()
}

const fn always(feature: FeatureId) -> &'static [DocumentKind] {
    use DocumentKind as K;
    use FeatureId as F;
    match feature {
        F::NetworkSecurityGroup => &[K::Subnet, K::NetworkSecurityGroup],
        F::PrivateLink => &[K::PrivateEndpointConnections],
        F::PublicNetworkAccess => &[K::FirewallRules, K::PrivateEndpointConnections],
        F::EntraAuthentication | F::LocalAuthentication | F::ConditionalAccess => {
            &[K::Configurations, K::Administrators]
        }
        F::LocalAdminAccounts | F::TransitEncryption | F::RiskyParameters => &[K::Configurations],
        F::CustomerLockbox => &[K::CustomerLockbox],
        F::CustomerKeyEncryption | F::KeyManagement => &[
            K::KeyVault,
            K::EncryptionKey,
            K::GeoKeyVault,
            K::GeoEncryptionKey,
        ],
        F::PolicySupport => &[K::PolicyStates, K::PolicyVisibility],
        F::DefenderOffering => &[K::ThreatProtection, K::DefenderPlan],
        F::ResourceLogs => &[K::Configurations, K::DiagnosticSettings],
        F::NativeBackup => &[K::Backups],
        F::DeleteLock => &[K::Locks],
        F::ReplicaParity => &[K::Configurations],
        F::VirtualNetworkIntegration
        | F::ManagedIdentities
        | F::ServicePrincipals
        | F::SecretsInKeyVault
        | F::DataPlaneRbac
        | F::DataDiscovery
        | F::DataLossPrevention
        | F::PlatformKeyEncryption
        | F::CertificateManagement
        | F::AzureBackup
        | F::SupportedVersion
        | F::HighAvailability
        | F::StorageAutoGrow
        | F::MaintenanceWindow
        | F::Tags => &[],
    }
}
