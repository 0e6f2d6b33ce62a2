//! The features as a type, so that a judge for each can be demanded at compile time.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! features {
    ($($(#[$doc:meta])* $variant:ident = $slug:literal,)*) => {
        /// A feature: those of the baseline in the order in which the page lists them, then our own beyond it.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        #[repr(u8)]
        pub enum FeatureId {
            $($(#[$doc])* #[serde(rename = $slug)] $variant,)*
        }

        impl FeatureId {
            /// Every feature, in order.
            pub const ALL: [Self; [$($slug),*].len()] = [$(Self::$variant),*];

            /// The stable word that stands for the feature in files and in commands.
            #[must_use]
            pub const fn slug(self) -> &'static str {
                match self {
                    $(Self::$variant => $slug,)*
                }
            }
        }
    };
}

features! {
    /// NS-1 Virtual Network Integration.
    VirtualNetworkIntegration = "virtual-network-integration",
    /// NS-1 Network Security Group Support.
    NetworkSecurityGroup = "network-security-group",
    /// NS-2 Azure Private Link.
    PrivateLink = "private-link",
    /// NS-2 Disable Public Network Access.
    PublicNetworkAccess = "public-network-access",
    /// IM-1 Azure AD Authentication Required for Data Plane Access.
    EntraAuthentication = "entra-authentication",
    /// IM-1 Local Authentication Methods for Data Plane Access.
    LocalAuthentication = "local-authentication",
    /// IM-3 Managed Identities.
    ManagedIdentities = "managed-identities",
    /// IM-3 Service Principals.
    ServicePrincipals = "service-principals",
    /// IM-7 Conditional Access for Data Plane.
    ConditionalAccess = "conditional-access",
    /// IM-8 Service Credential and Secrets Support Integration and Storage in Azure Key Vault.
    SecretsInKeyVault = "secrets-in-key-vault",
    /// PA-1 Local Admin Accounts.
    LocalAdminAccounts = "local-admin-accounts",
    /// PA-7 Azure RBAC for Data Plane.
    DataPlaneRbac = "data-plane-rbac",
    /// PA-8 Customer Lockbox.
    CustomerLockbox = "customer-lockbox",
    /// DP-1 Sensitive Data Discovery and Classification.
    DataDiscovery = "data-discovery",
    /// DP-2 Data Leakage/Loss Prevention.
    DataLossPrevention = "data-loss-prevention",
    /// DP-3 Data in Transit Encryption.
    TransitEncryption = "transit-encryption",
    /// DP-4 Data at Rest Encryption Using Platform Keys.
    PlatformKeyEncryption = "platform-key-encryption",
    /// DP-5 Data at Rest Encryption Using CMK.
    CustomerKeyEncryption = "customer-key-encryption",
    /// DP-6 Key Management in Azure Key Vault.
    KeyManagement = "key-management",
    /// DP-7 Certificate Management in Azure Key Vault.
    CertificateManagement = "certificate-management",
    /// AM-2 Azure Policy Support.
    PolicySupport = "policy-support",
    /// LT-1 Microsoft Defender for Service / Product Offering.
    DefenderOffering = "defender-offering",
    /// LT-4 Azure Resource Logs.
    ResourceLogs = "resource-logs",
    /// BR-1 Azure Backup.
    AzureBackup = "azure-backup",
    /// BR-1 Service Native Backup Capability.
    NativeBackup = "native-backup",
    /// X-1 Supported version.
    SupportedVersion = "supported-version",
    /// X-2 High availability.
    HighAvailability = "high-availability",
    /// X-3 Storage auto-grow.
    StorageAutoGrow = "storage-auto-grow",
    /// X-4 Delete lock.
    DeleteLock = "delete-lock",
    /// X-5 Risky parameters.
    RiskyParameters = "risky-parameters",
    /// X-6 Maintenance window.
    MaintenanceWindow = "maintenance-window",
    /// X-7 Tags.
    Tags = "tags",
    /// X-8 Replica parity.
    ReplicaParity = "replica-parity",
}

impl FeatureId {
    /// How many features there are, those beyond the baseline included.
    pub const COUNT: usize = Self::ALL.len();

    /// How many features the baseline has.
    pub const BASELINE_COUNT: usize = Self::SupportedVersion as usize;

    /// The features of the baseline, in order.
    #[must_use]
    pub const fn baseline() -> &'static [Self] {
        Self::ALL.split_at(Self::BASELINE_COUNT).0
    }

    /// Whether it is one of the baseline's, and not one of family X.
    #[must_use]
    pub const fn is_baseline(self) -> bool {
        self.index() < Self::BASELINE_COUNT
    }

    /// The feature's place in [`FeatureId::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for FeatureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

/// Why a word is not a feature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no feature is called {0:?}")]
pub struct UnknownFeature(String);

impl FromStr for FeatureId {
    type Err = UnknownFeature;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|feature| feature.slug() == word)
            .ok_or_else(|| UnknownFeature(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_places_lead_back_to_the_feature() {
        for (place, feature) in FeatureId::ALL.into_iter().enumerate() {
            assert_eq!(feature.index(), place);
            assert_eq!(feature.slug().parse(), Ok(feature));
        }
        assert_eq!((FeatureId::BASELINE_COUNT, FeatureId::COUNT), (25, 33));
        assert_eq!(FeatureId::baseline().len(), 25);
        assert!("nothing".parse::<FeatureId>().is_err());
    }
}
