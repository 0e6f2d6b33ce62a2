//! The kinds of document that a scan reads about a server.

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
}

impl DocumentKind {
    /// Every kind, in order.
    pub const ALL: [Self; 7] = [
        Self::Inventory,
        Self::Server,
        Self::Configurations,
        Self::FirewallRules,
        Self::Administrators,
        Self::PrivateEndpointConnections,
        Self::Backups,
    ];

    /// The stable word that stands for the kind on disk.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Inventory => "inventory",
            Self::Server => "server",
            Self::Configurations => "configurations",
            Self::FirewallRules => "firewall-rules",
            Self::Administrators => "administrators",
            Self::PrivateEndpointConnections => "private-endpoint-connections",
            Self::Backups => "backups",
        }
    }

    /// The kind for a word of [`DocumentKind::slug`].
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.slug() == slug)
    }

    /// The name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Inventory => "inventory row",
            Self::Server => "server",
            Self::Configurations => "server parameters",
            Self::FirewallRules => "firewall rules",
            Self::Administrators => "Entra administrators",
            Self::PrivateEndpointConnections => "private endpoint connections",
            Self::Backups => "backups",
        }
    }

    /// What follows the server's id in the path of the read, empty for the server itself.
    #[must_use]
    pub const fn child_path(self) -> &'static str {
        match self {
            Self::Inventory | Self::Server => "",
            Self::Configurations => "/configurations",
            Self::FirewallRules => "/firewallRules",
            Self::Administrators => "/administrators",
            Self::PrivateEndpointConnections => "/privateEndpointConnections",
            Self::Backups => "/backups",
        }
    }

    /// Whether the answer is a list with pages.
    #[must_use]
    pub const fn is_list(self) -> bool {
        !matches!(self, Self::Inventory | Self::Server)
    }

    /// The role-based access control action that the read needs, as Microsoft's permission reference for
    /// `Microsoft.DBforMySQL` lists it. Azure's own wording in a refusal goes before this.
    #[must_use]
    pub const fn action(self) -> &'static str {
        match self {
            Self::Inventory | Self::Server => "Microsoft.DBforMySQL/flexibleServers/read",
            Self::Configurations => "Microsoft.DBforMySQL/flexibleServers/configurations/read",
            Self::FirewallRules => "Microsoft.DBforMySQL/flexibleServers/firewallRules/read",
            Self::Administrators => "Microsoft.DBforMySQL/flexibleServers/administrators/read",
            Self::PrivateEndpointConnections => {
                "Microsoft.DBforMySQL/flexibleServers/privateEndpointConnections/read"
            }
            Self::Backups => "Microsoft.DBforMySQL/flexibleServers/backups/read",
        }
    }
}
