//! The tables of Resource Graph over a made fleet.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::{Value, json};

use super::fleet::{Fleet, Resource};
use super::graph::{Inventory, Level};
use super::neighbours::network::{self, virtual_network};
use super::neighbours::subscription;
use super::query::Table;
use super::render;
use super::rows::tostring;

impl Inventory for Fleet {
    fn rows(&self, table: Table) -> usize {
        match table {
            Table::Resources => self.resources.len(),
            Table::ResourceContainers => self.subscriptions.len(),
            Table::PolicyResources => self.policy_rows().len(),
            Table::SecurityResources => self.plan_rows().len(),
        }
    }

    fn text<'a>(&'a self, table: Table, row: usize, column: &str) -> Cow<'a, str> {
        let lower = column.to_ascii_lowercase();
        match table {
            Table::Resources => {
                let is_type = lower == "type";
                match self.resources[row] {
                    Resource::Network(_) if is_type => return virtual_network::TYPE.into(),
                    Resource::SecurityGroup(_) if is_type => return network::GROUP_TYPE.into(),
                    _ => {}
                }
                if let Resource::Server(place) = self.resources[row] {
                    let server = &self.servers[place as usize];
                    match lower.as_str() {
                        "type" => return "microsoft.dbformysql/flexibleservers".into(),
                        "subscriptionid" => return self.subscription(server).id.as_str().into(),
                        "name" => return (&*server.name).into(),
                        "location" => return server.region.name.into(),
                        _ => {}
                    }
                }
            }
            Table::PolicyResources => {
                if let Some(text) = self.policy_rows().text(self, row, &lower) {
                    return text;
                }
            }
            Table::ResourceContainers | Table::SecurityResources => {}
        }
        let mut path = column.split('.');
        let whole = self.column(table, row, path.next().unwrap_or_default());
        match path.try_fold(&whole, |value, name| value.get(name)) {
            Some(value) => tostring(value).into_owned().into(),
            None => Cow::Borrowed(""),
        }
    }

    fn column(&self, table: Table, row: usize, column: &str) -> Value {
        let lower = column.to_ascii_lowercase();
        match table {
            Table::Resources => match self.resources[row] {
                Resource::Server(place) => {
                    render::column(self, &self.servers[place as usize], column)
                }
                Resource::Vault(place) => self.neighbours.vaults.get(place).column(self, column),
                Resource::Network(place) => {
                    let network = self.neighbours.networks.network(place);
                    network.column(self, &self.neighbours.networks, &lower)
                }
                Resource::SecurityGroup(place) => {
                    let subnet = self.neighbours.networks.get(place);
                    subnet.group_column(self, &lower)
                }
            },
            Table::PolicyResources => self.policy_rows().column(self, row, &lower),
            Table::ResourceContainers => self.container(row, &lower),
            Table::SecurityResources => subscription::plan_column(self, row, &lower),
        }
    }

    fn candidates(&self, table: Table, subscriptions: Option<&HashSet<String>>) -> Vec<usize> {
        match (table, subscriptions) {
            (Table::PolicyResources, Some(subscriptions)) => {
                let places = (0..self.subscriptions.len() as u32)
                    .filter(|it| subscriptions.contains(&self.subscriptions[*it as usize].id));
                self.policy_rows().within(places)
            }
            _ => (0..self.rows(table)).collect(),
        }
    }

    fn level(&self, table: Table, row: usize) -> Level {
        match table {
            Table::Resources => Level::Below,
            Table::ResourceContainers | Table::SecurityResources => Level::At,
            Table::PolicyResources => self.policy_rows().level(row),
        }
    }

    fn is_above(&self, table: Table, row: usize, subscriptions: Option<&HashSet<String>>) -> bool {
        table == Table::PolicyResources
            && (0..self.subscriptions.len() as u32).any(|place| {
                let id = &self.subscriptions[place as usize].id;
                subscriptions.is_none_or(|it| it.contains(id))
                    && self.policy_rows().reaches(self, row, place)
            })
    }
}

impl Fleet {
    fn container(&self, row: usize, column: &str) -> Value {
        let it = &self.subscriptions[row];
        let above: Vec<Value> = self
            .management_groups(row as u32)
            .into_iter()
            .map(|name| {
                let root = name == it.tenant;
                let shown = if root { "Tenant Root Group" } else { &name };
                json!({ "name": name, "displayName": shown })
            })
            .collect();
        match column {
            "id" => format!("/subscriptions/{}", it.id).into(),
            "name" => it.display_name.as_str().into(),
            "type" => "microsoft.resources/subscriptions".into(),
            "subscriptionid" => it.id.as_str().into(),
            "tenantid" => it.tenant.as_str().into(),
            "tags" => json!({ "environment": it.environment }),
            "location" | "resourcegroup" | "kind" | "managedby" => "".into(),
            "properties" => json!({
                "state": "Enabled",
                "managedByTenants": self.managing_tenants(it),
                "managementGroupAncestorsChain": above,
                "subscriptionPolicies": { "quotaId": "EnterpriseAgreement_2014-09-01" },
            }),
            _ => Value::Null,
        }
    }
}
