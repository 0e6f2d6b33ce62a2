//! A whole fleet made from a seed: pure, deterministic, and small enough in memory for 100,000 servers.

use std::collections::HashMap;
use std::sync::OnceLock;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::drift::Change;
use super::neighbours::{Neighbours, policy, subscription};
use super::server::{Child, Replication, Server};
use super::{manifest, plant};

/// What a fleet is made from. The same options give the same fleet, to the byte.
#[derive(Debug, Clone)]
pub struct FleetOptions {
    /// Everything random follows from it.
    pub seed: u64,
    /// How many servers the caller can see.
    pub servers: usize,
    /// How many subscriptions they are spread over; at least one is made.
    pub subscriptions: usize,
    /// How many further servers exist that the caller may not read: missing from every list without a word.
    pub hidden: usize,
    /// Whether some reads are denied: single child resources and neighbours here and there, and, where there are
    /// three subscriptions or more, everything but the servers themselves in the third.
    pub denials: bool,
    /// Whether some servers use subnets and key vaults in subscriptions that the caller does not see, or
    /// replicate from a server that the caller may not read. None: as `denials` says.
    pub strangers: Option<bool>,
    /// What is to be read about Customer Lockbox.
    pub lockbox: Lockbox,
    /// The time at which the fleet is taken to be; backups and creation dates lie before it.
    pub now: Timestamp,
}

/// What a fleet answers about Customer Lockbox. Where there is a second tenant, which a delegated subscription
/// brings, it has set the opposite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lockbox {
    /// The caller's tenant opted in.
    On,
    /// It did not.
    Off,
    /// The caller may not know, as ordinary callers may not.
    Denied,
}

impl FleetOptions {
    /// The fleet of the demo: 60 servers in 3 subscriptions, some reads denied, no server hidden.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            seed: 1,
            servers: 60,
            subscriptions: 3,
            hidden: 0,
            denials: true,
            strangers: None,
            lockbox: Lockbox::Denied,
            now,
        }
    }

    pub(super) fn has_strangers(&self) -> bool {
        self.strangers.unwrap_or(self.denials)
    }
}

/// A simulated estate: subscriptions, resource groups and servers.
#[derive(Debug)]
pub struct Fleet {
    pub(super) options: FleetOptions,
    pub(super) tenant: String,
    /// The object id that error messages name as the caller.
    pub(super) caller: String,
    pub(super) subscriptions: Vec<Subscription>,
    /// Subscriptions that the caller does not see: one for networks, one for keys.
    pub(super) strangers: [String; 2],
    pub(super) groups: Vec<Group>,
    /// In the order of their numbers: number 1 is at place 0.
    pub(super) servers: Vec<Server>,
    by_name: HashMap<Box<str>, u32>,
    /// Places of the servers that the caller can see, in the order of their ids without case.
    pub(super) in_order: Vec<u32>,
    pub(super) neighbours: Neighbours,
    /// What Resource Graph's table of resources holds, in the order of the ids without case.
    pub(super) resources: Vec<Resource>,
    policy_rows: OnceLock<policy::Rows>,
    /// The Defender plans that Resource Graph shows, in the order of their ids: the subscription and the name of each.
    plan_rows: OnceLock<Vec<(u32, &'static str)>>,
    /// What people changed since it was made.
    pub(super) changes: Vec<Change>,
}

/// A row of Resource Graph's table of resources.
#[derive(Debug, Clone, Copy)]
pub(super) enum Resource {
    /// Place of a server.
    Server(u32),
    /// Place of a key vault.
    Vault(u32),
    /// Place of a virtual network.
    Network(u32),
    /// Place of the subnet that a network security group guards.
    SecurityGroup(u32),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Subscription {
    pub(super) id: String,
    pub(super) display_name: String,
    pub(super) environment: &'static str,
    pub(super) children_denied: bool,
    /// A customer's, who lets the caller's tenant manage it (Azure Lighthouse).
    pub(super) delegated: bool,
    /// The tenant that it belongs to.
    pub(super) tenant: String,
}

#[derive(Debug)]
pub(super) struct Group {
    pub(super) subscription: u32,
    pub(super) name: String,
}

impl Fleet {
    /// Makes the fleet.
    #[must_use]
    pub fn generate(options: &FleetOptions) -> Self {
        let mut fleet = Self {
            options: options.clone(),
            tenant: guid(options.seed, "tenant", 0),
            caller: guid(options.seed, "caller", 0),
            subscriptions: subscriptions(options),
            strangers: [0, 1].map(|place| guid(options.seed, "stranger", place)),
            groups: Vec::new(),
            servers: Vec::with_capacity(options.servers + options.hidden),
            by_name: HashMap::new(),
            in_order: Vec::new(),
            neighbours: Neighbours::default(),
            resources: Vec::new(),
            policy_rows: OnceLock::new(),
            plan_rows: OnceLock::new(),
            changes: Vec::new(),
        };
        let mut groups = HashMap::new();
        for place in 0..options.servers + options.hidden {
            let planted = plant::server(options, &fleet.subscriptions, &fleet.servers, place);
            let mut server = planted.server;
            if let Some(name) = planted.group {
                let subscription = server.subscription;
                server.group = *groups
                    .entry((subscription, name.to_ascii_lowercase()))
                    .or_insert_with(|| {
                        fleet.groups.push(Group { subscription, name });
                        fleet.groups.len() as u32 - 1
                    });
            }
            if let Replication::Replica { source } = server.replication {
                fleet.servers[source as usize - 1].replication = Replication::Source;
            }
            fleet.by_name.insert(server.name.clone(), place as u32);
            fleet.servers.push(server);
        }
        for server in &mut fleet.servers {
            plant::oddities(options, server);
        }
        fleet.neighbours = Neighbours::plant(options, &fleet.subscriptions, &fleet.servers);
        let servers = (0..fleet.servers.len() as u32)
            .filter(|place| !fleet.servers[*place as usize].hidden)
            .map(Resource::Server);
        let vaults = fleet.neighbours.vaults.listed(&fleet).map(Resource::Vault);
        let networks = fleet.neighbours.networks.listed().map(Resource::Network);
        let groups = fleet.neighbours.networks.listed_groups();
        let groups = groups.map(Resource::SecurityGroup);
        let around = vaults.chain(networks).chain(groups);
        let mut resources: Vec<Resource> = servers.chain(around).collect();
        resources.sort_by_cached_key(|it| {
            let networks = &fleet.neighbours.networks;
            let id = match it {
                Resource::Server(place) => fleet.id(&fleet.servers[*place as usize]),
                Resource::Vault(place) => fleet.neighbours.vaults.get(*place).id(&fleet),
                Resource::Network(place) => networks.network(*place).id(&fleet),
                Resource::SecurityGroup(place) => {
                    networks.get(*place).group_id(&fleet).unwrap_or_default()
                }
            };
            id.to_ascii_lowercase()
        });
        fleet.in_order = resources
            .iter()
            .filter_map(|it| match it {
                Resource::Server(place) => Some(*place),
                _ => None,
            })
            .collect();
        fleet.resources = resources;
        fleet
    }

    /// How many servers there are, hidden ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.servers.len()
    }

    /// Whether there is no server at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.servers.is_empty()
    }

    /// What was planted where, and not what follows from it. Its members are described in the documentation of
    /// the simulator.
    #[must_use]
    pub fn manifest(&self) -> Value {
        manifest::write(self)
    }

    pub(super) fn policy_rows(&self) -> &policy::Rows {
        self.policy_rows.get_or_init(|| policy::Rows::new(self))
    }

    pub(super) fn plan_rows(&self) -> &[(u32, &'static str)] {
        self.plan_rows
            .get_or_init(|| subscription::plans_shown(self))
    }

    pub(super) fn forget_policy_rows(&mut self) {
        self.policy_rows = OnceLock::new();
    }

    /// The management groups above a subscription, the nearest first; the last is the root of its tenant.
    pub(super) fn management_groups(&self, subscription: u32) -> Vec<String> {
        let it = &self.subscriptions[subscription as usize];
        let nearest = match it.environment {
            _ if it.delegated => None,
            "prod" | "dr" => Some("mg-production".to_owned()),
            _ => Some("mg-nonproduction".to_owned()),
        };
        nearest.into_iter().chain([it.tenant.clone()]).collect()
    }

    /// The id of what a server replicates from.
    pub(super) fn source_id(&self, server: &Server) -> Option<String> {
        match server.replication {
            Replication::Replica { source } => Some(self.id(self.numbered(source))),
            Replication::OfHidden => Some(format!("{}-primary", self.id(server))),
            Replication::None | Replication::Source => None,
        }
    }

    /// Whether what a server replicates from is out of the caller's sight.
    pub(super) fn source_is_hidden(&self, server: &Server) -> bool {
        match server.replication {
            Replication::Replica { source } => self.numbered(source).hidden,
            Replication::OfHidden => true,
            Replication::None | Replication::Source => false,
        }
    }

    /// Whether this path without its first slash names a server that stands behind a replica, and nowhere else.
    pub(super) fn hides(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or_default();
        let replica = name.to_ascii_lowercase();
        let replica = replica
            .strip_suffix("-primary")
            .and_then(|name| self.by_name.get(name))
            .map(|place| &self.servers[*place as usize])
            .filter(|it| it.replication == Replication::OfHidden);
        replica
            .and_then(|it| self.source_id(it))
            .is_some_and(|id| id[1..].eq_ignore_ascii_case(path))
    }

    /// The tenants that manage a subscription of another one, as Azure writes them.
    pub(super) fn managing_tenants(&self, subscription: &Subscription) -> Vec<Value> {
        subscription
            .delegated
            .then(|| serde_json::json!({ "tenantId": self.tenant }))
            .into_iter()
            .collect()
    }

    pub(super) fn subscription(&self, server: &Server) -> &Subscription {
        &self.subscriptions[server.subscription as usize]
    }

    pub(super) fn group(&self, server: &Server) -> &Group {
        &self.groups[server.group as usize]
    }

    /// The server with this number.
    pub(super) fn numbered(&self, number: u32) -> &Server {
        &self.servers[number as usize - 1]
    }

    /// The resource id as the resource provider writes it.
    pub(super) fn id(&self, server: &Server) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.DBforMySQL/flexibleServers/{}",
            self.subscription(server).id,
            self.group(server).name,
            server.name
        )
    }

    pub(super) fn find_subscription(&self, id: &str) -> Option<u32> {
        let place = self
            .subscriptions
            .iter()
            .position(|it| it.id.eq_ignore_ascii_case(id))?;
        Some(place as u32)
    }

    pub(super) fn has_group(&self, subscription: u32, name: &str) -> bool {
        self.groups
            .iter()
            .any(|it| it.subscription == subscription && it.name.eq_ignore_ascii_case(name))
    }

    pub(super) fn find(&self, subscription: u32, group: &str, name: &str) -> Option<&Server> {
        let place = self.by_name.get(name.to_ascii_lowercase().as_str())?;
        let server = &self.servers[*place as usize];
        let there = server.subscription == subscription
            && self.group(server).name.eq_ignore_ascii_case(group);
        there.then_some(server)
    }

    /// The servers that the caller can see, in the order of their ids.
    pub(super) fn visible(&self) -> impl Iterator<Item = &Server> {
        self.in_order
            .iter()
            .map(|place| &self.servers[*place as usize])
    }

    pub(super) fn replicas_of(&self, source: &Server) -> impl Iterator<Item = &Server> {
        let of = Replication::Replica {
            source: source.number,
        };
        // Replicas are made soon after their source: see `plant`.
        self.servers
            .iter()
            .skip(source.number as usize)
            .take(plant::REACH)
            .filter(move |it| it.replication == of)
    }

    /// A stable id of the thing of this kind that belongs to this server.
    pub(super) fn guid(&self, kind: &str, server: &Server) -> String {
        guid(self.options.seed, kind, u64::from(server.number))
    }

    pub(super) fn may_read(&self, server: &Server, child: Child) -> bool {
        !server.denied.contains(child)
    }
}

fn subscriptions(options: &FleetOptions) -> Vec<Subscription> {
    const NAMES: [(&str, &str); 12] = [
        ("Retail Production", "prod"),
        ("Retail Non-Production", "dev"),
        ("Acquired Business (inventory only)", "prod"),
        ("Payments Production", "prod"),
        ("Payments Non-Production", "test"),
        ("Data Platform Production", "prod"),
        ("Data Platform Non-Production", "stage"),
        ("Shared Services", "prod"),
        ("Customer Care", "prod"),
        ("Logistics", "prod"),
        ("Sandbox", "dev"),
        ("Disaster Recovery", "dr"),
    ];
    (0..options.subscriptions.max(1))
        .map(|place| {
            let (name, environment) = NAMES[place % NAMES.len()];
            let round = place / NAMES.len();
            let delegated = place % 7 == 3;
            Subscription {
                id: guid(options.seed, "subscription", place as u64),
                display_name: if round == 0 {
                    name.to_owned()
                } else {
                    format!("{name} {}", round + 1)
                },
                environment,
                children_denied: options.denials && place == plant::RESTRICTED,
                delegated,
                tenant: if delegated {
                    guid(options.seed, "customer", place as u64)
                } else {
                    guid(options.seed, "tenant", 0)
                },
            }
        })
        .collect()
}

/// A GUID that follows from the seed, the kind of thing and its number.
pub(super) fn guid(seed: u64, kind: &str, number: u64) -> String {
    let mut random = plant::dice(seed, kind, number);
    let (a, b) = (random.u64(..), random.u64(..));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 48 & 0x3fff | 0x8000,
        b & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::super::server::{Network, State, Tier, Version};
    use super::*;
    use std::collections::HashSet;
    use std::net::Ipv4Addr;

    fn fleets() -> impl Iterator<Item = Fleet> {
        [1, 2, 7, 4711, u64::MAX].into_iter().map(|seed| {
            Fleet::generate(&FleetOptions {
                seed,
                servers: 1_000,
                subscriptions: 5,
                hidden: 10,
                ..FleetOptions::new("2026-11-23T18:00:00Z".parse().unwrap())
            })
        })
    }

    fn servers(check: impl Fn(&Fleet, &Server)) {
        for fleet in fleets() {
            for server in &fleet.servers {
                check(&fleet, server);
            }
        }
    }

    #[test]
    fn the_same_options_make_the_same_fleet_and_another_seed_another() {
        let pairs = || fleets().map(|it| it.manifest().to_string());
        let (once, again): (Vec<_>, Vec<_>) = (pairs().collect(), pairs().collect());
        assert_eq!(once, again);
        assert_eq!(once.iter().collect::<HashSet<_>>().len(), once.len());
    }

    #[test]
    fn ids_are_unique_without_case_and_names_are_what_azure_accepts() {
        for fleet in fleets() {
            let ids: HashSet<_> = fleet
                .servers
                .iter()
                .map(|it| fleet.id(it).to_ascii_lowercase())
                .collect();
            assert_eq!(ids.len(), fleet.len());
            assert_eq!(fleet.visible().count(), fleet.len() - 10);
        }
        servers(|_, server| {
            let name = &server.name;
            assert!((3..=63).contains(&name.len()), "{name}");
            assert!(
                name.bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            );
            assert!(!name.starts_with('-') && !name.ends_with('-'), "{name}");
        });
    }

    #[test]
    fn tls_before_1_2_is_found_on_5_7_only() {
        let old = |text: &str| {
            text.split(',').any(|token| {
                ["tlsv1", "tlsv1.1"].contains(&token.trim().to_ascii_lowercase().as_str())
            })
        };
        let mut found = 0;
        for fleet in fleets() {
            for server in &fleet.servers {
                let Some(tls) = server.parameter("tls_version") else {
                    continue;
                };
                if old(tls.value) || tls.in_force.is_some_and(old) {
                    assert_eq!(server.version, Version::V57, "{}", server.name);
                    found += 1;
                }
            }
        }
        assert!(found > 50, "only {found} servers accept an old TLS");
    }

    #[test]
    fn administrators_have_names_that_azure_allows() {
        const RESERVED: [&str; 8] = [
            "azure_superuser",
            "azure_pg_admin",
            "admin",
            "administrator",
            "root",
            "guest",
            "public",
            "sa",
        ];
        servers(|_, server| {
            assert!(
                !RESERVED.contains(&server.administrator_login),
                "{}",
                server.administrator_login
            );
        });
    }

    #[test]
    fn entra_only_sign_in_needs_an_entra_administrator() {
        servers(|_, server| {
            if server
                .parameter("aad_auth_only")
                .is_some_and(|it| it.value == "ON")
            {
                assert!(server.entra_administrator.is_some(), "{}", server.name);
            }
        });
    }

    #[test]
    fn integrated_servers_have_neither_firewall_rules_nor_private_endpoints() {
        servers(|_, server| {
            if server.is_integrated() {
                assert!(server.firewall_rules().is_empty() && server.endpoints().is_empty());
            }
        });
    }

    #[test]
    fn high_availability_replicas_and_stops_keep_to_the_rules_of_the_service() {
        servers(|fleet, server| {
            let available = server.high_availability.mode != "Disabled";
            if server.tier == Tier::Burstable {
                assert!(!available && server.replication == Replication::None);
                assert!(server.maintenance_window.is_none());
            }
            if server.state == State::Stopped {
                assert!(!available && server.replication == Replication::None);
            }
            if server.state == State::Disabled {
                assert!(server.customer_key.is_some());
            }
            if server.high_availability.mode == "ZoneRedundant" {
                assert!(server.region.zones);
            }
            assert!((1..=35).contains(&server.backup.retention_days));
            if server.backup.geo_redundant {
                assert!(server.region.pair.is_some());
                assert!(!server.replication.is_replica());
            }
            if let Some(key) = server.customer_key {
                assert!(!key.geo_key || server.backup.geo_redundant);
            }
            if let Replication::Replica { source } = server.replication {
                let source = fleet.numbered(source);
                assert_eq!(source.replication, Replication::Source);
                assert_eq!(source.version, server.version);
                assert_eq!(source.is_integrated(), server.is_integrated());
                assert_eq!(source.customer_key.is_some(), server.customer_key.is_some());
                assert_eq!(source.entra_administrator, server.entra_administrator);
                assert!(!available && source.state == State::Ready);
            }
            if server.replication == Replication::Source {
                assert!(
                    fleet.replicas_of(server).next().is_some(),
                    "{}",
                    server.name
                );
            }
        });
    }

    #[test]
    fn a_fleet_of_sixty_already_shows_every_kind_of_posture() {
        for seed in 1..=20 {
            let fleet = Fleet::generate(&FleetOptions {
                seed,
                ..FleetOptions::new("2026-11-23T18:00:00Z".parse().unwrap())
            });
            assert_eq!((fleet.len(), fleet.subscriptions.len()), (60, 3));
            let any = |what: &str, check: &dyn Fn(&Server) -> bool| {
                assert!(fleet.servers.iter().any(check), "seed {seed}: {what}");
            };
            any("stopped", &|it| it.state == State::Stopped);
            any("integrated", &|it| it.is_integrated());
            any("integrated without the member", &|it| {
                matches!(
                    it.network,
                    Network::Integrated {
                        says_public_access: false,
                        ..
                    }
                )
            });
            any("endpoint", &|it| !it.endpoints().is_empty());
            any("customer key", &|it| it.customer_key.is_some());
            any("geo key", &|it| {
                it.customer_key.is_some_and(|key| key.geo_key)
            });
            any("replica", &|it| {
                matches!(it.replication, Replication::Replica { .. })
            });
            any("denied configurations", &|it| {
                it.denied == super::super::server::Children::of(&[Child::Configurations])
            });
            any("all denied", &|it| {
                it.denied == super::super::server::Children::all()
            });
            any("pending restart", &|it| {
                it.parameters.iter().any(|it| it.in_force.is_some())
            });
            any("no backup", &|it| it.backup.newest_hours_ago.is_none());
            any("open firewall", &|it| {
                it.firewall_rules()
                    .iter()
                    .any(|rule| rule.end == Ipv4Addr::BROADCAST)
            });
            any("sneaky firewall", &|it| {
                it.firewall_rules()
                    .iter()
                    .any(|rule| rule.start == Ipv4Addr::new(1, 0, 0, 0))
            });
            any("events with a space", &|it| {
                it.parameter("audit_log_events")
                    .is_some_and(|it| it.value == "DDL, CONNECTION")
            });
            any("hostile tag", &|it| {
                it.tags.iter().any(|(_, value)| value.contains('\u{1b}'))
            });
            any("empty first page", &|it| it.empty_first_page);
            any("an unlisted version", &|it| it.version == Version::V93);
            let restricted = fleet
                .servers
                .iter()
                .filter(|it| it.subscription == 2)
                .count();
            assert!(
                (1..=20).contains(&restricted),
                "seed {seed}: {restricted} restricted"
            );
        }
    }

    #[test]
    fn without_denials_the_caller_may_read_everything() {
        let fleet = Fleet::generate(&FleetOptions {
            denials: false,
            ..FleetOptions::new("2026-11-23T18:00:00Z".parse().unwrap())
        });
        for server in &fleet.servers {
            assert!(
                Child::ALL
                    .iter()
                    .all(|child| fleet.may_read(server, *child)),
                "{}",
                server.name
            );
        }
    }
}
