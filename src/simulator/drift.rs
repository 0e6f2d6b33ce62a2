//! A fleet that changes between two looks at it, as people change servers: rules opened for an afternoon and closed
//! again, parameters set back, settings made good.

use std::net::Ipv4Addr;

use fastrand::Rng;
use serde::Serialize;

use super::fleet::Fleet;
use super::plant::dice;
use super::server::{FirewallRule, Network, Parameter, Server};

/// The rule that somebody makes in a hurry.
const OPENED: &str = "temporary";

/// Something that a person changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Change {
    /// Which look it came before: 1 is the second list of subscriptions.
    round: u64,
    /// The id of the server.
    server: String,
    /// What was changed: a label.
    what: &'static str,
    /// The value after it.
    to: &'static str,
}

impl Fleet {
    /// Changes some servers, no one twice in a round. The same rounds of the same fleet bring the same changes.
    pub(super) fn drift(&mut self, round: u64, servers: usize) {
        let mut dice = dice(self.options.seed, "drift", round);
        let mut places: Vec<u32> = self.in_order.clone();
        dice.shuffle(&mut places);
        places.truncate(servers);
        for place in places {
            let server = &mut self.servers[place as usize];
            let (what, to) = change(server, &mut dice);
            let server = self.id(&self.servers[place as usize]);
            self.changes.push(Change {
                round,
                server,
                what,
                to,
            });
        }
        // What policies say follows from what is set.
        self.forget_policy_rows();
    }
}

fn change(server: &mut Server, dice: &mut Rng) -> (&'static str, &'static str) {
    match dice.u8(..6) {
        0 | 1 => {
            if let Network::Public {
                public_access: true,
                firewall_rules,
                ..
            } = &mut server.network
            {
                return ("firewallRule", open_or_close(firewall_rules));
            }
            switch(server, "require_secure_transport", "ON")
        }
        2 => switch(server, "require_secure_transport", "ON"),
        3 => switch(server, "local_infile", "OFF"),
        4 => {
            server.storage.auto_grow = !server.storage.auto_grow;
            ("autoGrow", on_off(server.storage.auto_grow))
        }
        _ => {
            let long = server.backup.retention_days < 30;
            server.backup.retention_days = if long { 35 } else { 1 };
            ("backupRetentionDays", if long { "35" } else { "1" })
        }
    }
}

fn open_or_close(rules: &mut Vec<FirewallRule>) -> &'static str {
    let before = rules.len();
    rules.retain(|rule| &*rule.name != OPENED);
    if rules.len() < before {
        return "removed";
    }
    rules.push(FirewallRule {
        name: OPENED.into(),
        start: Ipv4Addr::UNSPECIFIED,
        end: Ipv4Addr::BROADCAST,
    });
    "added"
}

/// Turns a parameter to the other of its two values; `good` is the one that counts when nobody set it.
fn switch(
    server: &mut Server,
    name: &'static str,
    good: &'static str,
) -> (&'static str, &'static str) {
    let bad = if good == "ON" { "OFF" } else { "ON" };
    let is_good = server.parameter(name).is_none_or(|it| it.value == good);
    let value = if is_good { bad } else { good };
    server.parameters.retain(|it| it.name != name);
    server.parameters.push(Parameter {
        name,
        value,
        in_force: None,
    });
    (name, value)
}

const fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

#[cfg(test)]
mod tests {
    use super::super::fleet::FleetOptions;
    use super::*;

    fn fleet() -> Fleet {
        Fleet::generate(&FleetOptions::new("2026-11-23T18:00:00Z".parse().unwrap()))
    }

    #[test]
    fn a_round_changes_so_many_servers_and_tells_of_each() {
        let (before, mut after) = (fleet(), fleet());
        after.drift(1, 7);
        let differ: Vec<String> = before
            .servers
            .iter()
            .zip(&after.servers)
            .filter(|(before, after)| before != after)
            .map(|(_, server)| after.id(server))
            .collect();
        let mut told: Vec<String> = after.changes.iter().map(|it| it.server.clone()).collect();
        told.sort();
        let mut sorted = differ.clone();
        sorted.sort();
        assert_eq!(differ.len(), 7);
        assert_eq!(sorted, told);
        assert_eq!(after.manifest()["changes"].as_array().unwrap().len(), 7);
        assert_ne!(before.manifest()["servers"], after.manifest()["servers"]);
        let mut again = fleet();
        again.drift(1, 7);
        assert_eq!(again.manifest(), after.manifest());
    }

    #[test]
    fn what_is_opened_is_closed_again() {
        let mut rules = Vec::new();
        assert_eq!(open_or_close(&mut rules), "added");
        assert_eq!(open_or_close(&mut rules), "removed");
        assert!(rules.is_empty());
    }
}
