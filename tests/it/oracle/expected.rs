//! Every feature of a server as it must be found: conditions with severity and weight, verdict, severity, scores.

use flexposture::baseline::FeatureId;

use super::planted::{Became, MANUAL, MET, OUT_OF_PLAY, Planted, UNMET, holds};

/// A condition as it must be found.
#[derive(Clone, Copy)]
pub struct Expected {
    pub id: &'static str,
    pub became: Became,
    /// The first letter of critical, high, medium, low.
    pub severity: char,
    pub decides: bool,
    /// What several conditions tell, and the score counts once.
    pub fact: Option<&'static str>,
}

fn decides(id: &'static str, severity: char, became: Became) -> Expected {
    Expected {
        id,
        became,
        severity,
        decides: true,
        fact: None,
    }
}

fn informs(id: &'static str, severity: char, became: Became) -> Expected {
    Expected {
        decides: false,
        ..decides(id, severity, became)
    }
}

impl Expected {
    fn once(self, fact: &'static str) -> Self {
        Self {
            fact: Some(fact),
            ..self
        }
    }

    fn weight(&self) -> u32 {
        match self.severity {
            'C' => 10,
            'H' => 5,
            'M' => 2,
            'L' => 1,
            other => panic!("what is {other}?"),
        }
    }
}

/// A feature as it must be found.
pub struct Feature {
    pub feature: FeatureId,
    pub conditions: Vec<Expected>,
    /// Where no condition decides.
    fixed: Option<&'static str>,
}

impl Feature {
    fn any(&self, wanted: impl Fn(&Expected) -> bool) -> bool {
        self.conditions.iter().any(|it| it.decides && wanted(it))
    }

    /// The verdict in one word, and for what is unknown the word of its cause.
    pub fn verdict(&self) -> (&'static str, Option<&'static str>) {
        if let Some(fixed) = self.fixed {
            return (fixed, None);
        }
        let cause = self
            .conditions
            .iter()
            .filter(|it| it.decides)
            .filter_map(|it| it.became.strip_prefix("Unknown "))
            .min_by_key(|cause| rank(cause));
        if self.any(|it| it.became == UNMET) {
            ("Fail", None)
        } else if cause.is_some() {
            ("Unknown", cause)
        } else if self.any(|it| it.became == MANUAL) {
            ("Manual", None)
        } else if self.any(|it| it.became == MET) {
            ("Pass", None)
        } else {
            ("NotApplicable", None)
        }
    }

    /// The worst severity of what is open: informing conditions colour a failure too.
    pub fn severity(&self) -> Option<char> {
        let open = |it: &&Expected| match self.verdict().0 {
            "Fail" => it.became == UNMET,
            "Unknown" => it.decides && it.became.starts_with("Unknown"),
            _ => false,
        };
        let open: Vec<char> = self
            .conditions
            .iter()
            .filter(open)
            .map(|it| it.severity)
            .collect();
        "CHML".chars().find(|severity| open.contains(severity))
    }
}

/// Which of several causes is told: what a person can do something about first.
pub fn rank(cause: &str) -> usize {
    let cause = cause.strip_prefix("Unknown ").unwrap_or(cause);
    [
        "Denied",
        "ServerStopped",
        "Malformed",
        "PendingRestart",
        "Unsettled",
        "NotVisible",
        "NotFound",
        "Absent",
        "NotAsked",
    ]
    .iter()
    .position(|known| *known == cause)
    .unwrap_or_else(|| panic!("no place for {cause}"))
}

/// The weights of what is met, and of what is not met or not known, over some features.
pub fn score<'a>(features: impl Iterator<Item = &'a Feature>) -> (u32, u32) {
    let mut counted = Vec::new();
    let (mut met, mut unmet) = (0, 0);
    for feature in features.filter(|it| ["Pass", "Fail", "Unknown"].contains(&it.verdict().0)) {
        for condition in feature.conditions.iter().filter(|it| it.decides) {
            if condition.fact.is_some() && counted.contains(&condition.fact) {
                continue;
            }
            match condition.became {
                MET => met += condition.weight(),
                MANUAL | OUT_OF_PLAY => continue,
                _ => unmet += condition.weight(),
            }
            if condition.fact.is_some() {
                counted.push(condition.fact);
            }
        }
    }
    (met, unmet)
}

/// The conditions of one key, with those that are told with it of its vault; the names of the other key begin with
/// `geo-`.
const KEY_CONDITIONS: [(&str, &str, char, bool); 8] = [
    ("key-enabled", "geo-key-enabled", 'H', true),
    ("key-expired", "geo-key-expired", 'M', true),
    (
        "vault-purge-protection",
        "geo-vault-purge-protection",
        'H',
        true,
    ),
    ("vault-soft-delete", "geo-vault-soft-delete", 'H', true),
    ("key-expiring", "geo-key-expiring", 'M', false),
    ("key-rotation", "geo-key-rotation", 'M', false),
    ("key-unversioned", "geo-key-unversioned", 'L', false),
    ("vault-network", "geo-vault-network", 'M', false),
];

const ENTRA_ADMINISTRATOR: &str = "the Entra administrator";
const ENTRA_ONLY: &str = "aad_auth_only";

/// Every feature of the server, as it must be found.
pub fn features(server: &Planted<'_>) -> Vec<Feature> {
    let strict = server.ruleset.strict_baseline;
    FeatureId::ALL
        .into_iter()
        .map(|feature| {
            let fixed = fixed(feature, strict);
            Feature {
                feature,
                fixed,
                conditions: match fixed {
                    Some(_) => Vec::new(),
                    None => conditions(feature, server),
                },
            }
        })
        .collect()
}

/// The verdicts that no condition decides.
fn fixed(feature: FeatureId, strict: bool) -> Option<&'static str> {
    use FeatureId as F;
    match feature {
        F::ManagedIdentities | F::ServicePrincipals | F::PlatformKeyEncryption => Some("Platform"),
        F::SecretsInKeyVault
        | F::DataPlaneRbac
        | F::DataDiscovery
        | F::DataLossPrevention
        | F::CertificateManagement
        | F::AzureBackup => Some("Unsupported"),
        F::LocalAuthentication | F::LocalAdminAccounts | F::TransitEncryption | F::NativeBackup
            if strict =>
        {
            Some("Platform")
        }
        F::PolicySupport | F::DefenderOffering if strict => Some("Unsupported"),
        _ => None,
    }
}

fn conditions(feature: FeatureId, server: &Planted<'_>) -> Vec<Expected> {
    use FeatureId as F;
    match feature {
        F::VirtualNetworkIntegration => vec![decides("private-path", 'H', server.private_path())],
        F::NetworkSecurityGroup => {
            let [group, narrow] = server.security_group();
            vec![
                decides("subnet-nsg", 'M', group),
                decides("nsg-broad", 'M', narrow),
            ]
        }
        F::PrivateLink => {
            let [approved, pending] = server.private_link();
            vec![
                decides("pe-approved", 'H', approved),
                informs("pe-pending", 'L', pending),
            ]
        }
        F::PublicNetworkAccess => public_network_access(server),
        F::EntraAuthentication => vec![entra_admin(server)],
        F::LocalAuthentication => {
            vec![decides("entra-only", 'M', server.entra_only()).once(ENTRA_ONLY)]
        }
        F::ConditionalAccess => vec![
            entra_admin(server),
            decides("conditional-access", 'M', server.conditional_access())
                .once(ENTRA_ADMINISTRATOR),
        ],
        F::LocalAdminAccounts => vec![
            decides("local-admin", 'M', server.entra_only()).once(ENTRA_ONLY),
            informs("admin-name", 'L', server.admin_name()),
        ],
        F::CustomerLockbox => vec![decides("lockbox", 'M', server.lockbox())],
        F::TransitEncryption => vec![
            decides("require-tls", 'H', server.is_on("require_secure_transport")),
            decides("tls-min", 'H', server.tls()),
        ],
        F::CustomerKeyEncryption => {
            let [own, geo] = server.customer_keys();
            vec![decides("cmk", 'M', own), decides("geo-cmk", 'M', geo)]
        }
        F::KeyManagement => key_management(server),
        F::PolicySupport => vec![decides("policy-reports", 'L', server.policy_reports())],
        F::DefenderOffering => {
            let [own, plan] = server.defender();
            vec![
                decides("defender", 'H', own),
                decides("defender-plan", 'M', plan),
            ]
        }
        F::ResourceLogs => {
            let [on, events, users, exported] = server.audit_log();
            vec![
                decides("audit-on", 'H', on),
                decides("audit-events", 'M', events),
                decides("audit-users", 'M', users),
                decides("audit-exported", 'H', exported),
                informs("slow-exported", 'L', server.slow_log_exported()),
            ]
        }
        F::NativeBackup => vec![
            decides("retention", 'M', server.retention()),
            decides("geo-backup", 'M', server.geo_backup()),
            decides("backup-recent", 'H', server.recent_backup()),
        ],
        F::SupportedVersion => {
            let (became, severity) = server.supported_version();
            vec![decides("supported-version", severity, became)]
        }
        F::HighAvailability => {
            vec![decides(
                "high-availability",
                'M',
                server.high_availability(),
            )]
        }
        F::StorageAutoGrow => vec![decides("auto-grow", 'L', server.auto_grow())],
        F::DeleteLock => vec![decides("delete-lock", 'L', server.delete_lock())],
        F::RiskyParameters => vec![decides("local-infile", 'L', server.local_infile())],
        F::MaintenanceWindow => {
            vec![decides(
                "maintenance-window",
                'L',
                server.maintenance_window(),
            )]
        }
        F::Tags => vec![decides("required-tags", 'L', server.required_tags())],
        F::ReplicaParity => vec![decides("replica-parity", 'M', server.replica_parity())],
        other => panic!("{other} has a fixed verdict"),
    }
}

fn entra_admin(server: &Planted<'_>) -> Expected {
    decides("entra-admin", 'H', server.entra_admin()).once(ENTRA_ADMINISTRATOR)
}

/// By the page alone an open server is judged by its firewall; else the firewall only says how bad it is.
fn public_network_access(server: &Planted<'_>) -> Vec<Expected> {
    let [world, wide, azure] = server.firewall();
    let by_firewall = server.ruleset.strict_baseline && !server.closed();
    let disabled = holds(server.closed());
    let firewall = |id, severity, became| Expected {
        decides: by_firewall,
        ..decides(id, severity, became)
    };
    vec![
        Expected {
            decides: !by_firewall,
            ..decides("public-disabled", 'H', disabled)
        },
        firewall("fw-world", 'C', world),
        firewall("fw-wide", 'H', wide),
        firewall("fw-azure", 'H', azure),
    ]
}

fn key_management(server: &Planted<'_>) -> Vec<Expected> {
    let own = KEY_CONDITIONS
        .iter()
        .zip(server.key("key"))
        .map(|((id, _, severity, decides), became)| (*id, *severity, *decides, became));
    let geo = KEY_CONDITIONS
        .iter()
        .zip(server.key("geoKey"))
        .map(|((_, id, severity, decides), became)| (*id, *severity, *decides, became));
    own.chain(geo)
        .map(|(id, severity, has_a_say, became)| Expected {
            decides: has_a_say,
            ..decides(id, severity, became)
        })
        .collect()
}
