//! The virtual networks that subnets are parts of, as Resource Graph shows them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Networks, Subnet};
use crate::simulator::fleet::{Fleet, guid};
use crate::simulator::neighbours::Read;

/// The type as Resource Graph writes it.
pub(in crate::simulator) const TYPE: &str = "microsoft.network/virtualnetworks";

/// A virtual network.
#[derive(Debug)]
pub(in crate::simulator) struct VirtualNetwork {
    /// The places of its subnets that servers are delegated to; never none.
    subnets: Vec<u32>,
    pub(super) read: Read,
}

impl VirtualNetwork {
    /// The networks of some subnets.
    pub(super) fn around(subnets: &[Subnet]) -> Vec<Self> {
        let mut networks: BTreeMap<_, Self> = BTreeMap::new();
        for (place, subnet) in (0..).zip(subnets) {
            let home = match subnet.home {
                super::Home::Visible(place) => (0, place as usize),
                super::Home::Stranger(place) => (1, place),
            };
            networks
                .entry((home, subnet.region.code))
                .or_insert_with(|| Self {
                    subnets: Vec::new(),
                    read: subnet.read,
                })
                .subnets
                .push(place);
        }
        networks.into_values().collect()
    }

    fn first<'a>(&self, networks: &'a Networks) -> &'a Subnet {
        networks.get(self.subnets[0])
    }

    /// The resource id as the network's provider writes it.
    pub(in crate::simulator) fn id(&self, fleet: &Fleet) -> String {
        let first = self.first(&fleet.neighbours.networks);
        let code = first.region.code;
        format!("{}/virtualNetworks/vnet-data-{code}", first.network(fleet))
    }

    /// A column of its row; the name in lower case.
    pub(in crate::simulator) fn column(
        &self,
        fleet: &Fleet,
        networks: &Networks,
        column: &str,
    ) -> Value {
        let first = self.first(networks);
        let code = first.region.code;
        match column {
            "id" => self.id(fleet).into(),
            "name" => format!("vnet-data-{code}").into(),
            "type" => TYPE.into(),
            "location" => first.region.name.into(),
            "subscriptionid" => first.home.id(fleet).into(),
            "resourcegroup" => format!("rg-network-{code}").into(),
            "kind" | "managedby" => "".into(),
            "properties" => {
                let delegated = self
                    .subnets
                    .iter()
                    .map(|it| networks.get(*it).render(fleet));
                let subnets: Vec<Value> = std::iter::once(self.of_machines(fleet))
                    .chain(delegated)
                    .collect();
                json!({
                    "provisioningState": "Succeeded",
                    "addressSpace": { "addressPrefixes": ["10.0.0.0/8"] },
                    "subnets": subnets,
                    "virtualNetworkPeerings": [],
                    "enableDdosProtection": false,
                })
            }
            _ => Value::Null,
        }
    }

    /// A subnet that no server is in.
    fn of_machines(&self, fleet: &Fleet) -> Value {
        let id = format!("{}/subnets/snet-machines", self.id(fleet));
        let tag = guid(
            fleet.options.seed,
            "subnet of machines",
            u64::from(self.subnets[0]),
        );
        json!({
            "name": "snet-machines",
            "id": id,
            "etag": format!("W/\"{tag}\""),
            "properties": {
                "provisioningState": "Succeeded",
                "addressPrefix": "10.1.0.0/24",
                "delegations": [],
                "privateEndpointNetworkPolicies": "Disabled",
                "privateLinkServiceNetworkPolicies": "Enabled",
            },
            "type": "Microsoft.Network/virtualNetworks/subnets",
        })
    }
}
