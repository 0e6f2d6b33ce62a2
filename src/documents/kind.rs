//! The kinds of document that a scan reads about a server and about what stands around it.

use serde::{Deserialize, Serialize};

/// What a document is. The order is the order of display.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentKind {
    /// The server's row in the inventory: the poorer list form, in which a missing member means nothing.
    Inventory,
    /// The server itself, in the full form of a single read.
    Server,
    /// All server parameters.
    Configurations,
    /// The firewall rules of public access.
    FirewallRules,
    /// The Microsoft Entra administrators.
    Administrators,
    /// The private endpoint connections, when the server itself does not list them.
    PrivateEndpointConnections,
    /// The automatic and on-demand backups.
    Backups,
    /// Microsoft Defender's setting of this server (advanced threat protection).
    ThreatProtection,
    /// Where the server's resource logs go.
    DiagnosticSettings,
    /// What Azure Policy says about the server: the rows of Resource Graph that name it.
    PolicyStates,
    /// The exemptions of Azure Policy whose scope covers the server, from Resource Graph.
    PolicyExemptions,
    /// The delegated subnet of an integrated server.
    Subnet,
    /// The network security group of that subnet.
    NetworkSecurityGroup,
    /// The vault, or managed HSM, of the customer-managed key.
    KeyVault,
    /// The customer-managed key, at the version that the server names when it names one.
    EncryptionKey,
    /// The vault, or managed HSM, of the key of geo-redundant backup.
    GeoKeyVault,
    /// The key of geo-redundant backup, likewise.
    GeoEncryptionKey,
    /// The locks that act on the server: those of its subscription, or, where that list is refused, its own.
    Locks,
    /// The subscription's Microsoft Defender plan for open-source relational databases.
    DefenderPlan,
    /// How many states of Azure Policy are visible in the subscription, whatever they are about.
    PolicyVisibility,
    /// Whether the tenant has opted in to Customer Lockbox.
    CustomerLockbox,
}

/// How a kind of document is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// One resource.
    Object,
    /// A list with pages.
    List,
    /// Rows of an answer of Resource Graph, which speak of many servers at once.
    Graph,
}

struct Row {
    kind: DocumentKind,
    slug: &'static str,
    title: &'static str,
    child_path: Option<&'static str>,
    reading: Reading,
    action: &'static str,
}

/// The kinds with all that is fixed about them, in order. Actions are those of Microsoft's permission references;
/// for `Microsoft.CustomerLockbox` none is documented, and the name follows from the resource type.
const TABLE: [Row; 21] = {
    use DocumentKind as K;
    use Reading::{Graph, List, Object};
    const fn row(
        kind: DocumentKind,
        slug: &'static str,
        title: &'static str,
        child_path: Option<&'static str>,
        reading: Reading,
        action: &'static str,
    ) -> Row {
        Row {
            kind,
            slug,
            title,
            child_path,
            reading,
            action,
        }
    }
    [
        row(
            K::Inventory,
            "inventory",
            "inventory row",
            None,
            Graph,
            "Microsoft.DBforMySQL/flexibleServers/read",
        ),
        row(
            K::Server,
            "server",
            "server",
            Some(""),
            Object,
            "Microsoft.DBforMySQL/flexibleServers/read",
        ),
        row(
            K::Configurations,
            "configurations",
            "server parameters",
            Some("/configurations"),
            List,
            "Microsoft.DBforMySQL/flexibleServers/configurations/read",
        ),
        row(
            K::FirewallRules,
            "firewall-rules",
            "firewall rules",
            Some("/firewallRules"),
            List,
            "Microsoft.DBforMySQL/flexibleServers/firewallRules/read",
        ),
        row(
            K::Administrators,
            "administrators",
            "Entra administrators",
            Some("/administrators"),
            List,
            "Microsoft.DBforMySQL/flexibleServers/administrators/read",
        ),
        row(
            K::PrivateEndpointConnections,
            "private-endpoint-connections",
            "private endpoint connections",
            Some("/privateEndpointConnections"),
            List,
            "Microsoft.DBforMySQL/flexibleServers/privateEndpointConnections/read",
        ),
        row(
            K::Backups,
            "backups",
            "backups",
            Some("/backups"),
            List,
            "Microsoft.DBforMySQL/flexibleServers/backups/read",
        ),
        row(
            K::ThreatProtection,
            "threat-protection",
            "threat protection",
            Some("/advancedThreatProtectionSettings/Default"),
            Object,
            "Microsoft.DBforMySQL/flexibleServers/advancedThreatProtectionSettings/read",
        ),
        row(
            K::DiagnosticSettings,
            "diagnostic-settings",
            "diagnostic settings",
            Some("/providers/microsoft.insights/diagnosticSettings"),
            List,
            "Microsoft.Insights/diagnosticSettings/read",
        ),
        row(
            K::PolicyStates,
            "policy-states",
            "policy states",
            None,
            Graph,
            "Microsoft.PolicyInsights/policyStates/queryResults/read",
        ),
        row(
            K::PolicyExemptions,
            "policy-exemptions",
            "policy exemptions",
            None,
            Graph,
            "Microsoft.Authorization/policyExemptions/read",
        ),
        row(
            K::Subnet,
            "subnet",
            "delegated subnet",
            None,
            Object,
            "Microsoft.Network/virtualNetworks/subnets/read",
        ),
        row(
            K::NetworkSecurityGroup,
            "network-security-group",
            "network security group",
            None,
            Object,
            "Microsoft.Network/networkSecurityGroups/read",
        ),
        row(
            K::KeyVault,
            "key-vault",
            "key vault",
            None,
            Object,
            "Microsoft.KeyVault/vaults/read",
        ),
        row(
            K::EncryptionKey,
            "encryption-key",
            "encryption key",
            None,
            Object,
            "Microsoft.KeyVault/vaults/keys/read",
        ),
        row(
            K::GeoKeyVault,
            "geo-key-vault",
            "key vault of geo-redundant backup",
            None,
            Object,
            "Microsoft.KeyVault/vaults/read",
        ),
        row(
            K::GeoEncryptionKey,
            "geo-encryption-key",
            "encryption key of geo-redundant backup",
            None,
            Object,
            "Microsoft.KeyVault/vaults/keys/read",
        ),
        row(
            K::Locks,
            "locks",
            "locks",
            None,
            List,
            "Microsoft.Authorization/locks/read",
        ),
        row(
            K::DefenderPlan,
            "defender-plan",
            "Defender plan",
            None,
            Object,
            "Microsoft.Security/pricings/read",
        ),
        row(
            K::PolicyVisibility,
            "policy-visibility",
            "visible policy states",
            None,
            Graph,
            "Microsoft.PolicyInsights/policyStates/queryResults/read",
        ),
        row(
            K::CustomerLockbox,
            "customer-lockbox",
            "Customer Lockbox",
            None,
            Object,
            "Microsoft.CustomerLockbox/tenantOptedIn/read",
        ),
    ]
};

impl DocumentKind {
    /// Every kind, in order.
    pub const ALL: [Self; TABLE.len()] = {
        let mut all = [Self::Inventory; TABLE.len()];
        let mut place = 0;
        while place < all.len() {
            all[place] = TABLE[place].kind;
            place += 1;
        }
        all
    };

    const fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// The stable word that stands for the kind on disk.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        self.row().slug
    }

    /// The kind for a word of [`DocumentKind::slug`].
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.slug() == slug)
    }

    /// The name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.row().title
    }

    /// What follows the server's id in the path of the read, empty for the server itself; `None` for what is not read
    /// below the server.
    #[must_use]
    pub const fn child_path(self) -> Option<&'static str> {
        self.row().child_path
    }

    /// How it is read.
    #[must_use]
    pub const fn reading(self) -> Reading {
        self.row().reading
    }

    /// Whether a list of this kind leaves out, without a word, what the caller may not see: what is missing from it is
    /// not proven to be absent.
    #[must_use]
    pub const fn is_silent(self) -> bool {
        matches!(self.reading(), Reading::Graph)
    }

    /// The role-based access control action that the read needs, as Microsoft's permission references list it. Azure's
    /// own wording in a refusal goes before this.
    #[must_use]
    pub const fn action(self) -> &'static str {
        self.row().action
    }

    /// The action that a read of this kind needs at a path: keys at a version, and whatever lies in a managed HSM, have
    /// actions of their own.
    #[must_use]
    pub fn action_at(self, path: &str) -> &'static str {
        let path = path.to_ascii_lowercase();
        let managed_hsm = path.contains("/microsoft.keyvault/managedhsms/");
        let version = path.contains("/versions/");
        match (self, managed_hsm, version) {
            (Self::KeyVault | Self::GeoKeyVault, true, _) => "Microsoft.KeyVault/managedHSMs/read",
            (Self::EncryptionKey | Self::GeoEncryptionKey, true, false) => {
                "Microsoft.KeyVault/managedHSMs/keys/read"
            }
            (Self::EncryptionKey | Self::GeoEncryptionKey, true, true) => {
                "Microsoft.KeyVault/managedHSMs/keys/versions/read"
            }
            (Self::EncryptionKey | Self::GeoEncryptionKey, false, true) => {
                "Microsoft.KeyVault/vaults/keys/versions/read"
            }
            _ => self.action(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_at_a_version_and_in_a_managed_hsm_need_actions_of_their_own() {
        let vault = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v";
        let hsm = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/managedHSMs/h";
        for (kind, path, action) in [
            (DocumentKind::KeyVault, vault.to_owned(), "vaults/read"),
            (
                DocumentKind::GeoKeyVault,
                hsm.to_owned(),
                "managedHSMs/read",
            ),
            (
                DocumentKind::EncryptionKey,
                format!("{vault}/keys/k"),
                "vaults/keys/read",
            ),
            (
                DocumentKind::EncryptionKey,
                format!("{vault}/keys/k/versions/1"),
                "vaults/keys/versions/read",
            ),
            (
                DocumentKind::GeoEncryptionKey,
                format!("{hsm}/keys/k/versions/1"),
                "managedHSMs/keys/versions/read",
            ),
        ] {
            assert_eq!(
                kind.action_at(&path),
                format!("Microsoft.KeyVault/{action}")
            );
        }
    }

    #[test]
    fn every_kind_stands_at_its_own_place_and_has_a_word_of_its_own() {
        for (place, kind) in DocumentKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, place, "{kind:?}");
            assert_eq!(DocumentKind::from_slug(kind.slug()), Some(kind));
            assert_eq!(
                serde_json::to_value(kind).unwrap(),
                kind.slug(),
                "the word on disk and in reports is one"
            );
        }
        assert_eq!(DocumentKind::from_slug("nothing"), None);
    }
}
