//! One vault: what it was planted as, and how it is written.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::super::{Home, Read, in_turn};
use super::Key;
use crate::simulator::fleet::Fleet;
use crate::simulator::render::zulu;

/// A key vault, or a managed HSM.
#[derive(Debug)]
pub(in crate::simulator) struct Vault {
    pub(in crate::simulator) name: String,
    pub(super) home: Home,
    pub(in crate::simulator) location: &'static str,
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

impl Vault {
    pub(super) fn plant(
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

    pub(super) fn group(&self) -> &'static str {
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
    pub(super) fn uri(&self) -> String {
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
    pub(super) fn listed(&self, fleet: &Fleet) -> bool {
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

    pub(super) fn manifest(&self, fleet: &Fleet) -> Value {
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
