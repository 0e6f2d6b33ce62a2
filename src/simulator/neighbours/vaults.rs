//! Key vaults and managed HSMs, and the keys in them that servers are encrypted with.

mod keys;

use std::collections::HashMap;

use jiff::SignedDuration;
use serde_json::{Value, json};

pub(in crate::simulator) use self::keys::Key;
use super::{Ground, Home, Read, Whereabouts, in_turn};
use crate::simulator::fleet::Fleet;
use crate::simulator::plant;
use crate::simulator::render::zulu;
use crate::simulator::server::{Replication, Server};

/// A key vault, or a managed HSM.
#[derive(Debug)]
pub(in crate::simulator) struct Vault {
    pub(in crate::simulator) name: String,
    home: Home,
    location: &'static str,
    pub(in crate::simulator) hsm: bool,
    pub(in crate::simulator) read: Read,
    /// None: the member is missing, as on vaults made before it existed.
    soft_delete: Option<bool>,
    purge_protection: Purge,
    rbac: bool,
    public_access: Option<&'static str>,
    rules: Option<NetworkRules>,
    created_days_ago: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Purge {
    Absent,
    Null,
    On,
}

#[derive(Debug, Clone, Copy)]
struct NetworkRules {
    default_action: &'static str,
    bypass: &'static str,
    addresses: &'static [&'static str],
}

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

const WHEREABOUTS: [(Whereabouts, Read); 11] = [
    (Whereabouts::Own, Read::Readable),
    (Whereabouts::Elsewhere, Read::Readable),
    (Whereabouts::Own, Read::Readable),
    (Whereabouts::Own, Read::Readable),
    (Whereabouts::Stranger, Read::NotVisible),
    (Whereabouts::Own, Read::Readable),
    (Whereabouts::Own, Read::Denied),
    (Whereabouts::Own, Read::Readable),
    (Whereabouts::Elsewhere, Read::Readable),
    (Whereabouts::Own, Read::Missing),
    (Whereabouts::Own, Read::Readable),
];

const PURGE: [Purge; 5] = [Purge::On, Purge::Absent, Purge::On, Purge::Null, Purge::On];

const SOFT_DELETE: [Option<bool>; 7] = [
    Some(true),
    None,
    Some(true),
    Some(true),
    None,
    Some(true),
    Some(false),
];

const fn rules(default_action: &'static str, bypass: &'static str) -> Option<NetworkRules> {
    Some(NetworkRules {
        default_action,
        bypass,
        addresses: &[],
    })
}

const NETWORKS: [(Option<&str>, Option<NetworkRules>); 8] = [
    (None, None),
    (Some("Disabled"), rules("Deny", "AzureServices")),
    (Some("Enabled"), rules("Allow", "AzureServices")),
    (
        Some("Enabled"),
        Some(NetworkRules {
            default_action: "Deny",
            bypass: "AzureServices",
            addresses: &["203.0.113.0/24", "198.51.100.17/32"],
        }),
    ),
    (Some("Disabled"), None),
    (None, rules("Deny", "None")),
    (Some("Enabled"), None),
    (Some("Disabled"), rules("Allow", "None")),
];

/// Every ninth is a managed HSM.
const HSM: [bool; 9] = [false, false, false, true, false, false, false, false, false];

impl Vaults {
    pub(super) fn plant(ground: &Ground<'_>, servers: &[Server]) -> Self {
        let mut planting = Planting {
            ground,
            turn: ground.start("vaults"),
            key_turn: ground.start("keys"),
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

impl Vault {
    fn plant(
        name: String,
        home: Home,
        location: &'static str,
        hsm: bool,
        read: Read,
        turn: usize,
    ) -> Self {
        let soft_delete = in_turn(&SOFT_DELETE, turn);
        let (public_access, rules) = in_turn(&NETWORKS, turn);
        Self {
            name,
            home,
            location,
            hsm,
            read,
            // An HSM always keeps what is deleted.
            soft_delete: if hsm { Some(true) } else { soft_delete },
            // Purge protection needs soft delete.
            purge_protection: match soft_delete {
                Some(false) if !hsm => Purge::Absent,
                _ => in_turn(&PURGE, turn),
            },
            rbac: !turn.is_multiple_of(3),
            public_access,
            rules,
            created_days_ago: 40 + (turn % 900) as u32,
        }
    }

    fn group(&self) -> &'static str {
        "rg-keys"
    }

    fn kind(&self) -> &'static str {
        if self.hsm {
            "Microsoft.KeyVault/managedHSMs"
        } else {
            "Microsoft.KeyVault/vaults"
        }
    }

    /// The resource id as the provider of vaults writes it.
    pub(in crate::simulator) fn id(&self, fleet: &Fleet) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/{}/providers/{}/{}",
            self.home.id(fleet),
            self.group(),
            self.kind(),
            self.name
        )
    }

    /// Where the keys are served, with a slash at the end.
    fn uri(&self) -> String {
        let domain = if self.hsm {
            "managedhsm.azure.net"
        } else {
            "vault.azure.net"
        };
        format!("https://{}.{domain}/", self.name)
    }

    pub(in crate::simulator) fn subscription<'a>(&self, fleet: &'a Fleet) -> &'a str {
        self.home.id(fleet)
    }

    /// Whether lists of the caller hold it: one that may not be read can still be listed, except where the
    /// caller may read servers and nothing else.
    fn listed(&self, fleet: &Fleet) -> bool {
        match (self.read, self.home) {
            (Read::Readable, _) => true,
            (Read::Denied, Home::Visible(place)) => {
                !fleet.subscriptions[place as usize].children_denied
            }
            _ => false,
        }
    }

    /// A column of a Resource Graph row.
    pub(in crate::simulator) fn column(&self, fleet: &Fleet, name: &str) -> Value {
        match name.to_ascii_lowercase().as_str() {
            "id" => self.id(fleet).into(),
            "name" => self.name.as_str().into(),
            "type" => self.kind().to_ascii_lowercase().into(),
            "location" => self.location.into(),
            "resourcegroup" => self.group().into(),
            "subscriptionid" => self.home.id(fleet).into(),
            "tenantid" => self.tenant(fleet).into(),
            "properties" => self.properties(fleet),
            "kind" | "managedby" => "".into(),
            _ => Value::Null,
        }
    }

    fn tenant<'a>(&self, fleet: &'a Fleet) -> &'a str {
        match self.home {
            Home::Visible(place) => &fleet.subscriptions[place as usize].tenant,
            Home::Stranger(_) => &fleet.tenant,
        }
    }

    fn properties(&self, fleet: &Fleet) -> Value {
        let mut body = json!({
            "tenantId": self.tenant(fleet),
            "provisioningState": "Succeeded",
        });
        if self.hsm {
            body["hsmUri"] = self.uri().into();
            body["statusMessage"] = "The Managed HSM is provisioned and ready to use.".into();
        } else {
            body["sku"] = json!({ "family": "A", "name": "standard" });
            body["accessPolicies"] = json!([]);
            body["enabledForDeployment"] = false.into();
            body["enabledForDiskEncryption"] = false.into();
            body["enabledForTemplateDeployment"] = false.into();
            body["enableRbacAuthorization"] = self.rbac.into();
            body["vaultUri"] = self.uri().into();
        }
        if let Some(on) = self.soft_delete {
            body["enableSoftDelete"] = on.into();
            body["softDeleteRetentionInDays"] = 90.into();
        }
        match self.purge_protection {
            Purge::Absent => {}
            Purge::Null => body["enablePurgeProtection"] = Value::Null,
            Purge::On => body["enablePurgeProtection"] = true.into(),
        }
        if let Some(access) = self.public_access {
            body["publicNetworkAccess"] = access.into();
        }
        if let Some(rules) = self.rules {
            let addresses: Vec<Value> = rules
                .addresses
                .iter()
                .map(|it| json!({ "value": it }))
                .collect();
            body["networkAcls"] = json!({
                "bypass": rules.bypass,
                "defaultAction": rules.default_action,
                "ipRules": addresses,
                "virtualNetworkRules": [],
            });
        }
        body
    }

    /// The vault as an ARM resource.
    pub(in crate::simulator) fn render(&self, fleet: &Fleet) -> Value {
        let created =
            fleet.options.now - SignedDuration::from_hours(24 * i64::from(self.created_days_ago));
        let mut body = json!({
            "id": self.id(fleet),
            "name": self.name,
            "type": self.kind(),
            "location": self.location,
            "tags": {},
            "systemData": {
                "createdByType": "Application",
                "createdAt": zulu(created),
                "lastModifiedByType": "Application",
                "lastModifiedAt": zulu(created),
            },
            "properties": self.properties(fleet),
        });
        if self.hsm {
            body["sku"] = json!({ "family": "B", "name": "Standard_B1" });
        }
        body
    }

    /// One of its keys as an ARM resource.
    pub(in crate::simulator) fn render_key(&self, fleet: &Fleet, key: &Key) -> Value {
        key.render(
            &format!("{}/keys/{}", self.id(fleet), key.name),
            &format!("{}/keys", self.kind()),
            self.location,
            &self.uri(),
        )
    }

    /// One version of one of its keys, if there is such a version.
    pub(in crate::simulator) fn render_version(
        &self,
        fleet: &Fleet,
        key: &Key,
        version: &str,
    ) -> Option<Value> {
        key.render_version(
            version,
            &format!("{}/keys/{}", self.id(fleet), key.name),
            &format!("{}/keys/versions", self.kind()),
            self.location,
            &self.uri(),
        )
    }

    fn manifest(&self, fleet: &Fleet) -> Value {
        json!({
            "id": self.id(fleet),
            "name": self.name,
            "type": self.kind(),
            "subscription": self.home.id(fleet),
            "read": self.read,
            "listed": self.listed(fleet),
            "enableSoftDelete": self.soft_delete,
            "enablePurgeProtection": match self.purge_protection {
                Purge::Absent => "absent",
                Purge::Null => "null",
                Purge::On => "true",
            },
            "publicNetworkAccess": self.public_access,
            "networkAclsDefaultAction": self.rules.map(|it| it.default_action),
        })
    }
}
