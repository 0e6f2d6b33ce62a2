//! Every feature of one server, judged.

use crate::baseline::FeatureId;
use crate::documents::{Cause, ServerDocuments};

use super::checks::{Look, br, dp, im, ns};
use super::{Condition, Finding, Ruleset, Verdict};

/// Judges a server: one finding for every feature, in the order of [`FeatureId::ALL`].
#[must_use]
pub fn judge(documents: &ServerDocuments, ruleset: &Ruleset) -> Vec<Finding> {
    let look = Look { documents, ruleset };
    FeatureId::ALL
        .into_iter()
        .map(|feature| judge_feature(&look, feature))
        .collect()
}

fn judge_feature(look: &Look<'_>, feature: FeatureId) -> Finding {
    use FeatureId as F;
    let conditions: Vec<Condition> = match feature {
        F::LocalAuthentication | F::LocalAdminAccounts | F::TransitEncryption | F::NativeBackup
            if look.ruleset.strict_baseline =>
        {
            return Finding::fixed(feature, Verdict::Platform);
        }
        F::PolicySupport | F::DefenderOffering if look.ruleset.strict_baseline => {
            return Finding::fixed(feature, Verdict::Unsupported);
        }
        F::VirtualNetworkIntegration => vec![ns::private_path(look)],
        F::PrivateLink => ns::private_link(look),
        F::PublicNetworkAccess => ns::public_network_access(look),
        F::EntraAuthentication => vec![im::entra_admin(look)],
        F::LocalAuthentication => vec![im::entra_only(look)],
        F::TransitEncryption => vec![dp::require_tls(look), dp::tls_minimum(look)],
        F::CustomerKeyEncryption => dp::customer_key(look),
        F::NativeBackup => vec![
            br::retention(look),
            br::geo_backup(look),
            br::backup_recent(look),
        ],
        F::PlatformKeyEncryption => {
            let mut finding = Finding::fixed(feature, Verdict::Platform);
            finding.notes.push(dp::key_in_use(look));
            return finding;
        }
        F::ManagedIdentities => {
            let mut finding = Finding::fixed(feature, Verdict::Platform);
            finding.notes = im::attached_identities(look);
            return finding;
        }
        F::ServicePrincipals => {
            let mut finding = Finding::fixed(feature, Verdict::Platform);
            finding.notes.push(im::principals_can_sign_in(look));
            return finding;
        }
        F::SecretsInKeyVault
        | F::DataPlaneRbac
        | F::DataDiscovery
        | F::DataLossPrevention
        | F::CertificateManagement
        | F::AzureBackup => return Finding::fixed(feature, Verdict::Unsupported),
        F::NetworkSecurityGroup
        | F::ConditionalAccess
        | F::LocalAdminAccounts
        | F::CustomerLockbox
        | F::KeyManagement
        | F::PolicySupport
        | F::DefenderOffering
        | F::ResourceLogs => return Finding::fixed(feature, Verdict::Unknown(Cause::NotAsked)),
    };
    Finding::from_conditions(feature, conditions)
}
