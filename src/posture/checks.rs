//! The conditions, by family. Each is one small function: from a server's documents to a judgement with evidence.

pub mod am;
pub mod audit;
pub mod beyond;
pub mod br;
pub mod dp;
mod firewall;
pub mod im;
pub mod keys;
mod look;
pub mod lt;
pub mod ns;
pub mod nsg;
pub mod pa;
pub mod parity;
pub mod version;

pub use firewall::{WORLD_RULE, WORLD_UNION};
pub use look::{Look, Rule};

use crate::baseline::FeatureId;

/// The fixed parts of the conditions of a feature, in the order in which they are judged; none for a feature that no
/// condition judges.
#[must_use]
pub const fn rules_of(feature: FeatureId) -> &'static [Rule] {
    use FeatureId as F;
    match feature {
        F::VirtualNetworkIntegration => &ns::INTEGRATION_RULES,
        F::NetworkSecurityGroup => &nsg::RULES,
        F::PrivateLink => &ns::PRIVATE_LINK_RULES,
        F::PublicNetworkAccess => &ns::PUBLIC_ACCESS_RULES,
        F::EntraAuthentication => &im::AUTHENTICATION_RULES,
        F::LocalAuthentication => &im::LOCAL_RULES,
        F::ConditionalAccess => &im::CONDITIONAL_RULES,
        F::LocalAdminAccounts => &pa::LOCAL_ADMIN_RULES,
        F::CustomerLockbox => &pa::LOCKBOX_RULES,
        F::TransitEncryption => &dp::TRANSIT_RULES,
        F::CustomerKeyEncryption => &dp::CUSTOMER_KEY_RULES,
        F::KeyManagement => &keys::RULES,
        F::PolicySupport => &am::RULES,
        F::DefenderOffering => &lt::RULES,
        F::ResourceLogs => &audit::RULES,
        F::NativeBackup => &br::RULES,
        F::SupportedVersion => &[version::SUPPORTED_VERSION],
        F::HighAvailability => &[beyond::HIGH_AVAILABILITY],
        F::StorageAutoGrow => &[beyond::AUTO_GROW],
        F::DeleteLock => &[beyond::DELETE_LOCK],
        F::RiskyParameters => &[beyond::LOCAL_INFILE],
        F::MaintenanceWindow => &[beyond::MAINTENANCE_WINDOW],
        F::Tags => &[beyond::REQUIRED_TAGS],
        F::ReplicaParity => &[parity::REPLICA_PARITY],
        F::ManagedIdentities
        | F::ServicePrincipals
        | F::SecretsInKeyVault
        | F::DataPlaneRbac
        | F::DataDiscovery
        | F::DataLossPrevention
        | F::PlatformKeyEncryption
        | F::CertificateManagement
        | F::AzureBackup => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posture::fixtures::Fixture;
    use crate::posture::{Ruleset, judge};

    #[test]
    fn every_finding_has_the_conditions_that_its_feature_says() {
        for finding in judge(&Fixture::new().documents(), &Ruleset::default()) {
            let ids: Vec<&str> = finding.conditions.iter().map(|it| it.id).collect();
            let expected: Vec<&str> = rules_of(finding.feature).iter().map(|it| it.id).collect();
            assert_eq!(ids, expected, "{}", finding.feature);
        }
    }
}
