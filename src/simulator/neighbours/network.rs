//! The delegated subnets of integrated servers, and the network security groups that guard them.

mod rules;
pub(in crate::simulator) mod virtual_network;

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Value, json};

use self::rules::{CASES, Case, DEFAULTS, Rule};
use self::virtual_network::VirtualNetwork;
use super::{Ground, Home, Read, Whereabouts, in_turn};
use crate::simulator::fleet::{Fleet, guid};
use crate::simulator::plant;
use crate::simulator::region::{REGIONS, Region};
use crate::simulator::server::{Replication, Server};

/// A subnet that servers are delegated to.
#[derive(Debug)]
pub(in crate::simulator) struct Subnet {
    number: u32,
    home: Home,
    region: &'static Region,
    /// Several subnets can serve one region.
    slot: u8,
    prefixes: Vec<String>,
    /// Whether the prefixes are written as a list.
    plural: bool,
    route_table: bool,
    pub(in crate::simulator) read: Read,
    /// None: no network security group is associated.
    pub(in crate::simulator) group: Option<SecurityGroup>,
}

/// A network security group; it lies beside its subnet.
#[derive(Debug)]
pub(in crate::simulator) struct SecurityGroup {
    case: &'static Case,
    pub(in crate::simulator) read: Read,
}

/// All subnets, and which server is in which.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Networks {
    subnets: Vec<Subnet>,
    networks: Vec<VirtualNetwork>,
    of: HashMap<u32, u32>,
}

/// The type of network security groups as Resource Graph writes it.
pub(in crate::simulator) const GROUP_TYPE: &str = "microsoft.network/networksecuritygroups";

const WHEREABOUTS: [Whereabouts; 7] = [
    Whereabouts::Own,
    Whereabouts::Elsewhere,
    Whereabouts::Own,
    Whereabouts::Stranger,
    Whereabouts::Own,
    Whereabouts::Own,
    Whereabouts::Own,
];

impl Networks {
    pub(super) fn plant(ground: &Ground<'_>, servers: &[Server]) -> Self {
        let mut networks = Self::default();
        let mut known = HashMap::new();
        let mut turn = ground.start();
        let mut case = ground.start();
        for server in servers.iter().filter(|it| it.is_integrated()) {
            if let Replication::Replica { source } = server.replication
                && let Some(place) = networks.of.get(&source).copied()
            {
                networks.of.insert(server.number, place);
                continue;
            }
            let mut dice = plant::dice(ground.options.seed, "subnet", u64::from(server.number));
            let slot = [0, 0, 0, 1, 1, 2][dice.usize(..6)];
            turn += 1;
            let home = ground.home(in_turn(&WHEREABOUTS, turn), server.subscription, 0);
            let place = *known
                .entry((home, server.region.code, slot))
                .or_insert_with(|| {
                    let number = networks.subnets.len() as u32;
                    let subnet =
                        Subnet::plant(ground, number, home, server.region, slot, &mut case);
                    networks.subnets.push(subnet);
                    number
                });
            networks.of.insert(server.number, place);
        }
        networks.networks = VirtualNetwork::around(&networks.subnets);
        networks
    }

    /// The places of the virtual networks that Resource Graph shows to the caller.
    pub(in crate::simulator) fn listed(&self) -> impl Iterator<Item = u32> {
        (0..self.networks.len() as u32)
            .filter(|it| self.networks[*it as usize].read == Read::Readable)
    }

    /// The places of the subnets whose network security group it shows.
    pub(in crate::simulator) fn listed_groups(&self) -> impl Iterator<Item = u32> {
        (0..self.subnets.len() as u32).filter(|it| {
            let group = self.subnets[*it as usize].group.as_ref();
            group.is_some_and(|it| it.read == Read::Readable)
        })
    }

    pub(in crate::simulator) fn network(&self, place: u32) -> &VirtualNetwork {
        &self.networks[place as usize]
    }

    pub(in crate::simulator) fn get(&self, place: u32) -> &Subnet {
        &self.subnets[place as usize]
    }

    /// The subnet that a server is delegated to.
    pub(in crate::simulator) fn of(&self, server: &Server) -> Option<&Subnet> {
        Some(&self.subnets[*self.of.get(&server.number)? as usize])
    }

    /// The subnet with this id, in any case.
    pub(in crate::simulator) fn subnet(&self, fleet: &Fleet, id: &str) -> Option<&Subnet> {
        self.subnets
            .iter()
            .find(|it| it.home.holds(fleet, id) && it.id(fleet).eq_ignore_ascii_case(id))
    }

    /// The subnet whose network security group has this id, and the group.
    pub(in crate::simulator) fn group(
        &self,
        fleet: &Fleet,
        id: &str,
    ) -> Option<(&Subnet, &SecurityGroup)> {
        self.subnets.iter().find_map(|subnet| {
            let group = subnet
                .group
                .as_ref()
                .filter(|_| subnet.home.holds(fleet, id))?;
            let found = subnet.group_id(fleet)?.eq_ignore_ascii_case(id);
            found.then_some((subnet, group))
        })
    }
}

impl Subnet {
    fn plant(
        ground: &Ground<'_>,
        number: u32,
        home: Home,
        region: &'static Region,
        slot: u8,
        case: &mut usize,
    ) -> Self {
        let read = ground.read(home);
        let mut dice = plant::dice(ground.options.seed, "subnet shape", u64::from(number));
        let place = REGIONS.iter().position(|it| it == region).unwrap_or(0);
        let second = 32 + place * 8 + usize::from(slot);
        let third = number % 256;
        let halves = dice.u8(..6) == 0;
        let prefixes = if halves {
            vec![
                format!("10.{second}.{third}.0/26"),
                format!("10.{second}.{third}.64/26"),
            ]
        } else {
            vec![format!("10.{second}.{third}.0/24")]
        };
        let planted = if read == Read::Readable {
            *case += 1;
            in_turn(&CASES, *case)
        } else {
            CASES[1]
        };
        let group = (!planted.absent).then_some(SecurityGroup {
            case: planted,
            read: match read {
                Read::Readable if planted.denied && ground.options.denials => Read::Denied,
                read => read,
            },
        });
        Self {
            number,
            home,
            region,
            slot,
            plural: halves || dice.u8(..3) == 0,
            prefixes,
            route_table: dice.bool(),
            read,
            group,
        }
    }

    /// The region, as resources other than servers write it.
    pub(in crate::simulator) fn location(&self) -> &'static str {
        self.region.name
    }

    fn network(&self, fleet: &Fleet) -> String {
        let code = self.region.code;
        format!(
            "/subscriptions/{}/resourceGroups/rg-network-{code}/providers/Microsoft.Network",
            self.home.id(fleet)
        )
    }

    fn name(&self) -> String {
        match self.slot {
            0 => "snet-mysql".to_owned(),
            slot => format!("snet-mysql-{}", slot + 1),
        }
    }

    /// The resource id as the network's provider writes it.
    pub(in crate::simulator) fn id(&self, fleet: &Fleet) -> String {
        format!(
            "{}/virtualNetworks/vnet-data-{}/subnets/{}",
            self.network(fleet),
            self.region.code,
            self.name()
        )
    }

    fn group_name(&self) -> String {
        format!("nsg-{}-{}", self.name(), self.region.code)
    }

    /// The id of its network security group.
    pub(in crate::simulator) fn group_id(&self, fleet: &Fleet) -> Option<String> {
        self.group.as_ref()?;
        Some(format!(
            "{}/networkSecurityGroups/{}",
            self.network(fleet),
            self.group_name()
        ))
    }

    fn etag(&self, fleet: &Fleet) -> String {
        let tag = guid(fleet.options.seed, "subnet etag", u64::from(self.number));
        format!("W/\"{tag}\"")
    }

    /// The subnet as an ARM resource.
    pub(in crate::simulator) fn render(&self, fleet: &Fleet) -> Value {
        let id = self.id(fleet);
        let etag = self.etag(fleet);
        let mut properties = json!({
            "provisioningState": "Succeeded",
            "serviceEndpoints": [],
            "delegations": [{
                "name": "mysql",
                "id": format!("{id}/delegations/mysql"),
                "etag": etag,
                "properties": {
                    "provisioningState": "Succeeded",
                    "serviceName": "Microsoft.DBforMySQL/flexibleServers",
                    "actions": ["Microsoft.Network/virtualNetworks/subnets/join/action"],
                },
                "type": "Microsoft.Network/virtualNetworks/subnets/delegations",
            }],
            "privateEndpointNetworkPolicies": "Disabled",
            "privateLinkServiceNetworkPolicies": "Enabled",
        });
        if self.plural {
            properties["addressPrefixes"] = json!(self.prefixes);
        } else {
            properties["addressPrefix"] = json!(self.prefixes[0]);
        }
        if let Some(group) = self.group_id(fleet) {
            properties["networkSecurityGroup"] = json!({ "id": group });
        }
        if self.route_table {
            properties["routeTable"] = json!({
                "id": format!("{}/routeTables/rt-data-{}", self.network(fleet), self.region.code),
            });
        }
        json!({
            "name": self.name(),
            "id": id,
            "etag": etag,
            "properties": properties,
            "type": "Microsoft.Network/virtualNetworks/subnets",
        })
    }

    /// Its network security group as an ARM resource.
    pub(in crate::simulator) fn render_group(&self, fleet: &Fleet) -> Value {
        let (Some(group), Some(id)) = (&self.group, self.group_id(fleet)) else {
            return Value::Null;
        };
        let etag = self.etag(fleet);
        let written = |rules: &[Rule], kind: &str| -> Vec<Value> {
            rules
                .iter()
                .map(|rule| {
                    json!({
                        "name": rule.name,
                        "id": format!("{id}/{kind}/{}", rule.name),
                        "etag": etag,
                        "type": format!("Microsoft.Network/networkSecurityGroups/{kind}"),
                        "properties": rule.properties(&self.prefixes, &self.network(fleet)),
                    })
                })
                .collect()
        };
        json!({
            "name": self.group_name(),
            "id": id,
            "etag": etag,
            "type": "Microsoft.Network/networkSecurityGroups",
            "location": self.region.name,
            "properties": {
                "provisioningState": "Succeeded",
                "resourceGuid": guid(fleet.options.seed, "security group", u64::from(self.number)),
                "securityRules": written(group.case.rules, "securityRules"),
                "defaultSecurityRules": written(&DEFAULTS, "defaultSecurityRules"),
                "subnets": [{ "id": self.id(fleet) }],
            },
        })
    }

    /// A column of the row of Resource Graph of its network security group; the name in lower case.
    pub(in crate::simulator) fn group_column(&self, fleet: &Fleet, column: &str) -> Value {
        let member = |name: &str| self.render_group(fleet)[name].take();
        match column {
            "type" => GROUP_TYPE.into(),
            "subscriptionid" => self.home.id(fleet).into(),
            "resourcegroup" => format!("rg-network-{}", self.region.code).into(),
            "kind" | "managedby" => "".into(),
            "id" => self.group_id(fleet).into(),
            "name" | "location" | "properties" => member(column),
            _ => Value::Null,
        }
    }

    /// What was planted.
    pub(in crate::simulator) fn manifest(&self, fleet: &Fleet) -> Value {
        let group = self.group.as_ref().map(|group| {
            let rules: Vec<Value> = group
                .case
                .rules
                .iter()
                .chain(&DEFAULTS)
                .map(|rule| json!(Planted::new(rule, &self.prefixes)))
                .collect();
            json!({
                "id": self.group_id(fleet),
                "read": group.read,
                "case": group.case.name,
                "rules": rules,
            })
        });
        json!({
            "id": self.id(fleet),
            "read": self.read,
            "prefixes": self.prefixes,
            "networkSecurityGroup": group,
        })
    }
}

/// A rule as the manifest tells it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Planted<'a> {
    name: &'static str,
    direction: &'static str,
    access: &'static str,
    priority: u16,
    protocol: &'static str,
    sources: &'a [&'static str],
    source_application_security_groups: bool,
    destinations: Vec<&'a str>,
    ports: &'a [&'static str],
}

impl<'a> Planted<'a> {
    fn new(rule: &'a Rule, prefixes: &'a [String]) -> Self {
        Self {
            name: rule.name,
            direction: rule.direction(),
            access: rule.access(),
            priority: rule.priority,
            protocol: rule.protocol,
            sources: rule.sources,
            source_application_security_groups: rule.application_group,
            destinations: rule.destinations(prefixes),
            ports: rule.ports,
        }
    }
}
