//! Where a feature stands: its family and its control, closed sets that the compiler knows.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::feature_id::FeatureId;

/// A control domain of the benchmark, in the order of the baseline page, and after them the family of what lies
/// beyond the baseline, which is ours and not Microsoft's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum FamilyCode {
    /// Network security.
    Ns,
    /// Identity management.
    Im,
    /// Privileged access.
    Pa,
    /// Data protection.
    Dp,
    /// Asset management.
    Am,
    /// Logging and threat detection.
    Lt,
    /// Backup and recovery.
    Br,
    /// Beyond the baseline.
    X,
}

impl FamilyCode {
    /// Every family, in catalogue order: the baseline's, then `X`.
    pub const ALL: [Self; 8] = [
        Self::Ns,
        Self::Im,
        Self::Pa,
        Self::Dp,
        Self::Am,
        Self::Lt,
        Self::Br,
        Self::X,
    ];

    /// Whether it is one of the baseline's, and not `X`.
    #[must_use]
    pub const fn is_baseline(self) -> bool {
        !matches!(self, Self::X)
    }

    /// The family with this code, written as [`FamilyCode::code`] writes it.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.code() == code)
    }

    /// The two letters that the benchmark uses, such as `NS`, or `X`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ns => "NS",
            Self::Im => "IM",
            Self::Pa => "PA",
            Self::Dp => "DP",
            Self::Am => "AM",
            Self::Lt => "LT",
            Self::Br => "BR",
            Self::X => "X",
        }
    }

    /// The position in [`FamilyCode::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for FamilyCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.code())
    }
}

impl FeatureId {
    /// The family that the feature belongs to.
    #[must_use]
    pub const fn family(self) -> FamilyCode {
        self.place().0
    }

    /// The control that the feature belongs to, such as `NS-2`.
    #[must_use]
    pub const fn control(self) -> &'static str {
        self.place().1
    }

    const fn place(self) -> (FamilyCode, &'static str) {
        match self {
            Self::VirtualNetworkIntegration | Self::NetworkSecurityGroup => {
                (FamilyCode::Ns, "NS-1")
            }
            Self::PrivateLink | Self::PublicNetworkAccess => (FamilyCode::Ns, "NS-2"),
            Self::EntraAuthentication | Self::LocalAuthentication => (FamilyCode::Im, "IM-1"),
            Self::ManagedIdentities | Self::ServicePrincipals => (FamilyCode::Im, "IM-3"),
            Self::ConditionalAccess => (FamilyCode::Im, "IM-7"),
            Self::SecretsInKeyVault => (FamilyCode::Im, "IM-8"),
            Self::LocalAdminAccounts => (FamilyCode::Pa, "PA-1"),
            Self::DataPlaneRbac => (FamilyCode::Pa, "PA-7"),
            Self::CustomerLockbox => (FamilyCode::Pa, "PA-8"),
            Self::DataDiscovery => (FamilyCode::Dp, "DP-1"),
            Self::DataLossPrevention => (FamilyCode::Dp, "DP-2"),
            Self::TransitEncryption => (FamilyCode::Dp, "DP-3"),
            Self::PlatformKeyEncryption => (FamilyCode::Dp, "DP-4"),
            Self::CustomerKeyEncryption => (FamilyCode::Dp, "DP-5"),
            Self::KeyManagement => (FamilyCode::Dp, "DP-6"),
            Self::CertificateManagement => (FamilyCode::Dp, "DP-7"),
            Self::PolicySupport => (FamilyCode::Am, "AM-2"),
            Self::DefenderOffering => (FamilyCode::Lt, "LT-1"),
            Self::ResourceLogs => (FamilyCode::Lt, "LT-4"),
            Self::AzureBackup | Self::NativeBackup => (FamilyCode::Br, "BR-1"),
            Self::SupportedVersion => (FamilyCode::X, "X-1"),
            Self::HighAvailability => (FamilyCode::X, "X-2"),
            Self::StorageAutoGrow => (FamilyCode::X, "X-3"),
            Self::DeleteLock => (FamilyCode::X, "X-4"),
            Self::RiskyParameters => (FamilyCode::X, "X-5"),
            Self::MaintenanceWindow => (FamilyCode::X, "X-6"),
            Self::Tags => (FamilyCode::X, "X-7"),
            Self::ReplicaParity => (FamilyCode::X, "X-8"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_in_order_and_written_as_their_code() {
        for (position, code) in FamilyCode::ALL.into_iter().enumerate() {
            assert_eq!(code.index(), position);
            assert_eq!(serde_json::to_value(code).expect("a code"), code.code());
        }
    }

    #[test]
    fn features_of_a_family_and_of_a_control_stand_together() {
        for id in FeatureId::ALL {
            assert!(id.control().starts_with(id.family().code()), "{id}");
        }
        assert!(FeatureId::ALL.is_sorted_by_key(|id| (id.family(), id.control())));
    }
}
