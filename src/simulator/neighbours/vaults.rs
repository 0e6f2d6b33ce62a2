//! Key vaults and managed HSMs, and the keys in them that servers are encrypted with.

mod keys;
mod vault;

use std::collections::HashMap;

use serde_json::{Value, json};

pub(in crate::simulator) use self::keys::Key;
pub(in crate::simulator) use self::vault::Vault;
use super::{Ground, Home, Read, Whereabouts, in_turn};
use crate::simulator::fleet::Fleet;
use crate::simulator::plant;
use crate::simulator::server::{Replication, Server};

/// How a server names a key.
#[derive(Debug, Clone, Copy)]
struct Named {
    key: u32,
    pin: Pin,
}

/// Which version of a key a URI names.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Pin {
    /// None: whichever is current.
    No,
    Current,
    Old,
}

/// All vaults and keys, and which server uses which.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Vaults {
    vaults: Vec<Vault>,
    keys: Vec<Key>,
    /// By the number of the server: its key and the key of its geo-redundant backup.
    of: HashMap<u32, (Named, Option<Named>)>,
    by_name: HashMap<String, u32>,
}

const WHEREABOUTS: [(Whereabouts, Read); 17] = {
    const OWN: (Whereabouts, Read) = (Whereabouts::Own, Read::Readable);
    const ELSEWHERE: (Whereabouts, Read) = (Whereabouts::Elsewhere, Read::Readable);
    const STRANGER: (Whereabouts, Read) = (Whereabouts::Stranger, Read::NotVisible);
    const DENIED: (Whereabouts, Read) = (Whereabouts::Own, Read::Denied);
    const MISSING: (Whereabouts, Read) = (Whereabouts::Own, Read::Missing);
    [
        OWN, ELSEWHERE, OWN, OWN, STRANGER, OWN, DENIED, OWN, ELSEWHERE, OWN, OWN, MISSING, OWN,
        STRANGER, OWN, DENIED, OWN,
    ]
};

/// Every ninth is a managed HSM.
const HSM: [bool; 9] = [false, false, false, true, false, false, false, false, false];

impl Vaults {
    pub(super) fn plant(ground: &Ground<'_>, servers: &[Server]) -> Self {
        let mut planting = Planting {
            ground,
            turn: ground.start(),
            key_turn: ground.start(),
            known_vaults: HashMap::new(),
            known_keys: HashMap::new(),
            vaults: Self::default(),
        };
        for server in servers {
            let Some(wanted) = server.customer_key else {
                continue;
            };
            let source = match server.replication {
                Replication::Replica { source } => planting.vaults.of.get(&source).copied(),
                _ => None,
            };
            let mut dice = plant::dice(ground.options.seed, "vault", u64::from(server.number));
            let mut pin = || match (wanted.versioned, dice.u8(..3)) {
                (false, _) => Pin::No,
                (true, 0) => Pin::Old,
                (true, _) => Pin::Current,
            };
            let (pin, geo_pin) = (pin(), pin());
            let primary = match source {
                Some((primary, _)) => primary,
                None => Named {
                    key: planting.key(server, false, [dice.u8(..5) > 2, dice.u8(..5) > 2]),
                    pin,
                },
            };
            let geo = wanted.geo_key.then(|| Named {
                key: planting.key(server, true, [dice.u8(..5) > 2, dice.u8(..5) > 2]),
                pin: geo_pin,
            });
            planting.vaults.of.insert(server.number, (primary, geo));
        }
        planting.unused();
        planting.vaults
    }

    /// The key of a server, and that of its geo-redundant backup.
    pub(in crate::simulator) fn of(&self, server: &Server) -> Option<(Used<'_>, Option<Used<'_>>)> {
        let (primary, geo) = self.of.get(&server.number)?;
        let used = |named: &Named| {
            let key = &self.keys[named.key as usize];
            Used {
                vault: &self.vaults[key.vault as usize],
                key,
                pin: named.pin,
            }
        };
        Some((used(primary), geo.as_ref().map(used)))
    }

    /// The vault with this name, which no two share, if it lies in this subscription.
    pub(in crate::simulator) fn find(
        &self,
        fleet: &Fleet,
        subscription: &str,
        group: &str,
        name: &str,
    ) -> Option<(u32, &Vault)> {
        let place = *self.by_name.get(&name.to_ascii_lowercase())?;
        let vault = &self.vaults[place as usize];
        let there = vault.home.id(fleet).eq_ignore_ascii_case(subscription)
            && vault.group().eq_ignore_ascii_case(group);
        there.then_some((place, vault))
    }

    pub(in crate::simulator) fn key(&self, vault: u32, name: &str) -> Option<&Key> {
        self.keys
            .iter()
            .find(|it| it.vault == vault && it.name.eq_ignore_ascii_case(name))
    }

    pub(in crate::simulator) fn get(&self, place: u32) -> &Vault {
        &self.vaults[place as usize]
    }

    /// The places of those that lists of the caller hold.
    pub(in crate::simulator) fn listed(&self, fleet: &Fleet) -> impl Iterator<Item = u32> {
        (0..self.vaults.len() as u32).filter(|it| self.vaults[*it as usize].listed(fleet))
    }
}

/// A key as one server uses it.
#[derive(Debug, Clone, Copy)]
pub(in crate::simulator) struct Used<'a> {
    vault: &'a Vault,
    key: &'a Key,
    pin: Pin,
}

impl Used<'_> {
    fn version(&self) -> Option<&str> {
        match self.pin {
            Pin::No => None,
            Pin::Current => Some(&self.key.version),
            Pin::Old => Some(&self.key.old.version),
        }
    }

    /// The URI that the server names it by.
    pub(in crate::simulator) fn uri(&self) -> String {
        let uri = format!("{}keys/{}", self.vault.uri(), self.key.name);
        match self.version() {
            Some(version) => format!("{uri}/{version}"),
            None => uri,
        }
    }

    /// What was planted: the URI, the vault, the key and, where the URI names a version, that version.
    pub(in crate::simulator) fn manifest(&self, fleet: &Fleet) -> Value {
        let version = match self.pin {
            Pin::No => Value::Null,
            Pin::Current => self.key.version_manifest(),
            Pin::Old => self.key.old.manifest(),
        };
        let mut key = self.key.manifest();
        key["id"] = json!(format!("{}/keys/{}", self.vault.id(fleet), self.key.name));
        json!({
            "uri": self.uri(),
            "vault": self.vault.manifest(fleet),
            "key": key,
            "version": version,
        })
    }
}

struct Planting<'a> {
    ground: &'a Ground<'a>,
    turn: usize,
    key_turn: usize,
    known_vaults: HashMap<(Option<u32>, &'static str, bool, bool), u32>,
    known_keys: HashMap<(u32, bool), u32>,
    vaults: Vaults,
}

impl Planting<'_> {
    fn key(&mut self, server: &Server, geo: bool, [other_vault, other_key]: [bool; 2]) -> u32 {
        // Keys do not cross tenants.
        let owner = self
            .ground
            .stands_for_itself(server.subscription)
            .then_some(server.subscription);
        let code = server.region.code;
        let vault = match self.known_vaults.get(&(owner, code, geo, other_vault)) {
            Some(vault) => *vault,
            None => {
                let vault = self.vault(server, owner, geo, other_vault);
                self.known_vaults
                    .insert((owner, code, geo, other_vault), vault);
                vault
            }
        };
        if let Some(key) = self.known_keys.get(&(vault, other_key)) {
            return *key;
        }
        let name = match (geo, other_key) {
            (false, false) => "mysql",
            (false, true) => "mysql-2",
            (true, false) => "mysql-geo",
            (true, true) => "mysql-geo-2",
        };
        let number = self.vaults.keys.len() as u32;
        let readable = self.vaults.vaults[vault as usize].read;
        if readable == Read::Readable {
            self.key_turn += 1;
        }
        let key = Key::plant(
            self.ground.options,
            (number, vault, name),
            readable,
            self.key_turn,
        );
        self.vaults.keys.push(key);
        self.known_keys.insert((vault, other_key), number);
        number
    }

    fn vault(&mut self, server: &Server, owner: Option<u32>, geo: bool, other: bool) -> u32 {
        self.turn += 1;
        let turn = self.turn;
        let hsm = in_turn(&HSM, turn);
        let mut name = format!(
            "{}-data-{}",
            if hsm { "hsm" } else { "kv" },
            server.region.code
        );
        if geo {
            name.push_str("-geo");
        }
        if other {
            name.push_str("-2");
        }
        if let Some(owner) = owner {
            name = format!("{name}-c{owner}");
        }
        let (whereabouts, planted) = in_turn(&WHEREABOUTS, turn);
        let home = self.ground.home(whereabouts, server.subscription, 1);
        let read = match (self.ground.read(home), planted) {
            (Read::Readable, Read::Denied) if self.ground.options.denials => Read::Denied,
            (Read::Readable, Read::Missing) => Read::Missing,
            (read, _) => read,
        };
        let location = match server.region.pair {
            Some(pair) if geo => pair,
            _ => server.region.name,
        };
        self.put(Vault::plant(name, home, location, hsm, read, turn))
    }

    /// A vault in every subscription that has nothing to do with any server.
    fn unused(&mut self) {
        for (place, _) in self.ground.subscriptions.iter().enumerate() {
            let home = Home::Visible(place as u32);
            let read = self.ground.read(home);
            let name = format!("kv-applications-{place}");
            self.put(Vault::plant(name, home, "westeurope", false, read, place));
        }
    }

    fn put(&mut self, vault: Vault) -> u32 {
        let place = self.vaults.vaults.len() as u32;
        self.vaults.by_name.insert(vault.name.clone(), place);
        self.vaults.vaults.push(vault);
        place
    }
}
