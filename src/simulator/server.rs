//! One simulated server: what was planted, and nothing that could be worked out from it.

use std::net::Ipv4Addr;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::region::Region;

/// A server as it was planted. Answers are written from it on demand; the manifest is its serial form.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Server {
    pub(super) name: Box<str>,
    /// Counts from 1; no two servers of a fleet share it.
    pub(super) number: u32,
    /// Place in the fleet's list of subscriptions.
    pub(super) subscription: u32,
    /// Place in the fleet's list of resource groups.
    pub(super) group: u32,
    pub(super) character: Character,
    #[serde(serialize_with = "region_name")]
    pub(super) region: &'static Region,
    pub(super) sku: &'static str,
    pub(super) tier: Tier,
    pub(super) version: Version,
    pub(super) state: State,
    #[serde(serialize_with = "as_text")]
    pub(super) created: Timestamp,
    pub(super) administrator_login: &'static str,
    /// None is written as an empty string.
    pub(super) availability_zone: Option<u8>,
    pub(super) network: Network,
    /// None: the service manages the key, and no answer has a `dataEncryption` object.
    pub(super) customer_key: Option<CustomerKey>,
    /// Login of the one Microsoft Entra administrator.
    pub(super) entra_administrator: Option<&'static str>,
    pub(super) backup: Backup,
    pub(super) high_availability: HighAvailability,
    pub(super) storage: Storage,
    /// None: the platform picks the time.
    pub(super) maintenance_window: Option<MaintenanceWindow>,
    pub(super) maintenance_batch: &'static str,
    pub(super) patch_strategy: &'static str,
    pub(super) replication: Replication,
    pub(super) threat_protection: bool,
    /// Parameters whose value a person changed.
    pub(super) parameters: Vec<Parameter>,
    /// Whether configurations carry `currentValue`.
    pub(super) shows_current_values: bool,
    pub(super) tags: Vec<(&'static str, &'static str)>,
    /// Children that the caller may not read.
    pub(super) denied: Children,
    /// Whether the server itself is out of the caller's sight.
    pub(super) hidden: bool,
    /// How Resource Graph spells the id.
    pub(super) spelling: Spelling,
    /// Whether the lists of its children start with an empty page and a next link.
    pub(super) empty_first_page: bool,
}

impl Server {
    /// What was planted for a parameter, if anything.
    pub(super) fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|it| it.name == name)
    }

    pub(super) fn is_integrated(&self) -> bool {
        matches!(self.network, Network::Integrated { .. })
    }

    pub(super) fn endpoints(&self) -> &[PrivateEndpoint] {
        match &self.network {
            Network::Public { endpoints, .. } => endpoints,
            Network::Integrated { .. } => &[],
        }
    }

    pub(super) fn firewall_rules(&self) -> &[FirewallRule] {
        match &self.network {
            Network::Public { firewall_rules, .. } => firewall_rules,
            Network::Integrated { .. } => &[],
        }
    }
}

fn as_text<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}

fn region_name<S: Serializer>(region: &&'static Region, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(region.name)
}

/// How well a server is looked after: it decides how the dice fall for everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Character {
    Careful,
    Ordinary,
    Careless,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Tier {
    Burstable,
    GeneralPurpose,
    MemoryOptimized,
}

impl Tier {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Burstable => "Burstable",
            Self::GeneralPurpose => "GeneralPurpose",
            Self::MemoryOptimized => "MemoryOptimized",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Version {
    #[serde(rename = "5.7")]
    V57,
    #[serde(rename = "8.0.21")]
    V80,
    #[serde(rename = "8.4")]
    V84,
    #[serde(rename = "9.3")]
    V93,
    #[serde(rename = "9.9")]
    V99,
    /// What nobody has heard of.
    #[serde(rename = "10.0")]
    V100,
}

impl Version {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::V57 => "5.7",
            Self::V80 => "8.0.21",
            Self::V84 => "8.4",
            Self::V93 => "9.3",
            Self::V99 => "9.9",
            Self::V100 => "10.0",
        }
    }

    pub(super) fn full(self) -> &'static str {
        match self {
            Self::V57 => "5.7.44",
            Self::V80 => "8.0.42",
            Self::V84 => "8.4.5",
            Self::V93 => "9.3.0",
            Self::V99 => "9.9.0",
            Self::V100 => "10.0.1",
        }
    }

    /// The letter that stands for the version in the table of parameters.
    pub(super) fn letter(self) -> char {
        match self {
            Self::V57 => '5',
            Self::V80 => '8',
            Self::V84 => '4',
            Self::V93 | Self::V99 | Self::V100 => '9',
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum State {
    Ready,
    Stopped,
    Updating,
    Disabled,
}

impl State {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Stopped => "Stopped",
            Self::Updating => "Updating",
            Self::Disabled => "Disabled",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    tag = "kind"
)]
pub(super) enum Network {
    Public {
        public_access: bool,
        firewall_rules: Vec<FirewallRule>,
        endpoints: Vec<PrivateEndpoint>,
    },
    Integrated {
        /// Whether answers carry `publicNetworkAccess` at all.
        says_public_access: bool,
        dns_zone: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct FirewallRule {
    pub(super) name: Box<str>,
    pub(super) start: Ipv4Addr,
    pub(super) end: Ipv4Addr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum PrivateEndpoint {
    Approved,
    Pending,
    Rejected,
}

impl PrivateEndpoint {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "Approved",
            Self::Pending => "Pending",
            Self::Rejected => "Rejected",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CustomerKey {
    pub(super) versioned: bool,
    pub(super) geo_key: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Backup {
    pub(super) retention_days: u8,
    pub(super) geo_redundant: bool,
    /// Age of the newest completed backup when the fleet was made; None when there is no backup.
    pub(super) newest_hours_ago: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HighAvailability {
    pub(super) mode: &'static str,
    pub(super) state: &'static str,
    pub(super) standby_zone: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Storage {
    pub(super) size_gb: u32,
    pub(super) auto_grow: bool,
    pub(super) auto_io_scaling: bool,
    pub(super) log_on_disk: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MaintenanceWindow {
    pub(super) day_of_week: u8,
    pub(super) start_hour: u8,
    pub(super) start_minute: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "role")]
pub(super) enum Replication {
    None,
    Source,
    /// `source` is the number of the source server.
    Replica {
        source: u32,
    },
    /// A replica of a server that the caller may not read, and that is in no list.
    OfHidden,
}

impl Replication {
    pub(super) fn role(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Source => "Source",
            Self::Replica { .. } | Self::OfHidden => "Replica",
        }
    }

    pub(super) fn is_replica(self) -> bool {
        matches!(self, Self::Replica { .. } | Self::OfHidden)
    }
}

/// A parameter that a person set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) value: &'static str,
    /// The old value, while the new one waits for a restart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) in_force: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Spelling {
    /// As the resource provider writes it.
    Canonical,
    /// `resourcegroups` in lower case.
    LowerGroups,
    /// `Microsoft.DBForMySql`.
    OldProvider,
}

/// The kinds of child resource that are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Child {
    Administrators,
    ThreatProtection,
    Backups,
    BackupsV2,
    Configurations,
    FirewallRules,
    Maintenances,
    PrivateEndpointConnections,
    PrivateLinkResources,
    Replicas,
}

impl Child {
    pub(super) const ALL: [Self; 10] = [
        Self::Administrators,
        Self::ThreatProtection,
        Self::Backups,
        Self::BackupsV2,
        Self::Configurations,
        Self::FirewallRules,
        Self::Maintenances,
        Self::PrivateEndpointConnections,
        Self::PrivateLinkResources,
        Self::Replicas,
    ];

    /// The segment of the path, which is also the middle of the action's name.
    pub(super) fn segment(self) -> &'static str {
        match self {
            Self::Administrators => "administrators",
            Self::ThreatProtection => "advancedThreatProtectionSettings",
            Self::Backups => "backups",
            Self::BackupsV2 => "backupsV2",
            Self::Configurations => "configurations",
            Self::FirewallRules => "firewallRules",
            Self::Maintenances => "maintenances",
            Self::PrivateEndpointConnections => "privateEndpointConnections",
            Self::PrivateLinkResources => "privateLinkResources",
            Self::Replicas => "replicas",
        }
    }

    pub(super) fn from_segment(segment: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|child| child.segment().eq_ignore_ascii_case(segment))
    }
}

/// A set of kinds of child resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Children(u16);

impl Children {
    pub(super) fn all() -> Self {
        Self::of(&Child::ALL)
    }

    pub(super) fn of(children: &[Child]) -> Self {
        Self(
            children
                .iter()
                .fold(0, |set, child| set | 1 << *child as u16),
        )
    }

    pub(super) fn contains(self, child: Child) -> bool {
        self.0 & (1 << child as u16) != 0
    }
}

impl Serialize for Children {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            Child::ALL
                .into_iter()
                .filter(|child| self.contains(*child))
                .map(Child::segment),
        )
    }
}
