//! Every feature of one server, judged.

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::baseline::FeatureId;
use crate::documents::ServerDocuments;

use super::checks::{Look, am, audit, beyond, br, dp, im, keys, lt, ns, nsg, pa, parity, version};
use super::{Condition, Exemptions, Finding, Ruleset, ServerSummary, Standing, Verdict};

/// All that findings are made with: the ruleset, and the exemptions with the day on which they are looked at.
#[derive(Clone, Debug)]
pub struct Judge {
    /// What documents are judged by.
    pub ruleset: Ruleset,
    /// What takes open conditions out of verdicts.
    pub exemptions: Exemptions,
    /// The day on which exemptions are looked at. Nothing else depends on it: conditions about time are judged as of
    /// the moment at which their document was fetched.
    pub today: Date,
}

impl Judge {
    /// Judges by a ruleset alone, without exemptions.
    #[must_use]
    pub fn by(ruleset: Ruleset) -> Self {
        Self {
            ruleset,
            exemptions: Exemptions::default(),
            today: Date::MIN,
        }
    }

    /// The id of all that has a say: the id of the ruleset, and after it a digest of the exemptions that hold on this day
    /// where there are any. Two judges with one id give every document the same verdicts.
    #[must_use]
    pub fn id(&self) -> String {
        let ruleset = self.ruleset.id();
        if !self.exemptions.any_on(self.today) {
            return ruleset;
        }
        let mut digest = Sha256::new();
        let in_force = self.exemptions.entries.iter();
        for entry in in_force.filter(|entry| entry.holds_on(self.today)) {
            let (server, covers) = (entry.server.as_str(), &entry.covers);
            digest.update(format!("{server:?} {covers:?} {}\n", entry.waiver.until));
        }
        let digest = digest.finalize();
        let short: String = digest[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{ruleset}-{short}")
    }

    /// The findings about a server, exemptions applied.
    #[must_use]
    pub fn findings(&self, documents: &ServerDocuments) -> Vec<Finding> {
        let mut findings = judge(documents, &self.ruleset);
        self.exemptions
            .apply(documents.id(), &mut findings, self.today);
        findings
    }

    /// What is kept of a server, exemptions applied.
    #[must_use]
    pub fn standing(&self, documents: &ServerDocuments) -> Standing {
        Standing::new(documents, &self.findings(documents))
    }

    /// What lists need to know of a server, exemptions applied.
    #[must_use]
    pub fn summary(&self, documents: &ServerDocuments) -> ServerSummary {
        ServerSummary::new(documents, &self.findings(documents))
    }
}

/// Judges a server: one finding for every feature, in the order of [`FeatureId::ALL`].
#[must_use]
pub fn judge(documents: &ServerDocuments, ruleset: &Ruleset) -> Vec<Finding> {
    let look = Look { documents, ruleset };
    FeatureId::ALL
        .into_iter()
        .map(|feature| judge_feature(&look, feature))
        .collect()
}

pub(super) fn judge_feature(look: &Look<'_>, feature: FeatureId) -> Finding {
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
        F::NetworkSecurityGroup => nsg::network_security_group(look),
        F::PrivateLink => ns::private_link(look),
        F::PublicNetworkAccess => ns::public_network_access(look),
        F::EntraAuthentication => vec![im::entra_admin(look)],
        F::LocalAuthentication => vec![im::entra_only(look)],
        F::TransitEncryption => vec![dp::require_tls(look), dp::tls_minimum(look)],
        F::CustomerKeyEncryption => dp::customer_key(look),
        F::PolicySupport => vec![am::policy_reports(look)],
        F::KeyManagement => keys::key_management(look),
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
        F::ConditionalAccess => im::conditional_access(look),
        F::LocalAdminAccounts => pa::local_admin_accounts(look),
        F::CustomerLockbox => vec![pa::customer_lockbox(look)],
        F::DefenderOffering => lt::defender(look),
        F::ResourceLogs => audit::resource_logs(look),
        F::SupportedVersion => {
            let conditions = vec![version::supported_version(look)];
            let mut finding = Finding::from_conditions(feature, conditions);
            finding.notes.push(version::age_of_the_dates());
            return finding;
        }
        F::HighAvailability => vec![beyond::high_availability(look)],
        F::StorageAutoGrow => vec![beyond::auto_grow(look)],
        F::DeleteLock => vec![beyond::delete_lock(look)],
        F::RiskyParameters => {
            let conditions = vec![beyond::local_infile(look)];
            let mut finding = Finding::from_conditions(feature, conditions);
            finding.notes = beyond::shown_parameters(look);
            return finding;
        }
        F::MaintenanceWindow => vec![beyond::maintenance_window(look)],
        F::Tags => vec![beyond::required_tags(look)],
        F::ReplicaParity => vec![parity::replica_parity(look)],
    };
    Finding::from_conditions(feature, conditions)
}
