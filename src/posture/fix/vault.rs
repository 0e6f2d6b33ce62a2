//! DP-6: the key that encrypts the server, and the vault that holds it. The same for the key of geo-redundant backups,
//! whose conditions carry the prefix `geo-`.

use jiff::Timestamp;
use serde_json::Value;

use crate::documents::ResourceId;
use crate::posture::ConditionId;

use super::need::Need;
use super::shell::{Draft, Variable};
use super::{Fix, Undo};

const EXPIRES: Variable = Variable::new(
    "EXPIRES",
    "set it to the new end of the key in UTC, such as 2028-01-31T00:00:00Z",
);

/// A key is rotated 18 months after its creation and ends after two years.
const ROTATION: &str = r#"{"lifetimeActions":[{"trigger":{"timeAfterCreate":"P18M"},"action":{"type":"Rotate"}}],"attributes":{"expiryTime":"P2Y"}}"#;

/// Conditions of keys.
pub const KEY: &[ConditionId] = &[
    "key-enabled",
    "key-expired",
    "key-expiring",
    "key-rotation",
    "geo-key-enabled",
    "geo-key-expired",
    "geo-key-expiring",
    "geo-key-rotation",
];

/// Conditions of vaults.
pub const VAULT: &[ConditionId] = &[
    "vault-purge-protection",
    "vault-soft-delete",
    "vault-network",
    "geo-vault-purge-protection",
    "geo-vault-soft-delete",
    "geo-vault-network",
];

/// Which of the two keys a condition is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Which {
    geo: bool,
}

impl Which {
    fn of(condition: ConditionId) -> (Self, &'static str) {
        condition
            .strip_prefix("geo-")
            .map_or((Self { geo: false }, condition), |rest| {
                (Self { geo: true }, rest)
            })
    }

    const fn uri(self) -> &'static str {
        if self.geo {
            "/properties/dataEncryption/geoBackupKeyURI"
        } else {
            "/properties/dataEncryption/primaryKeyURI"
        }
    }

    const fn key_document(self) -> &'static str {
        if self.geo {
            "geo-encryption-key"
        } else {
            "encryption-key"
        }
    }

    const fn vault_document(self) -> &'static str {
        if self.geo {
            "geo-key-vault"
        } else {
            "key-vault"
        }
    }
}

/// A key by what its URI says: the CLI makes the vault's address of its name, so that no other host is ever asked.
struct KeyName {
    vault: String,
    is_hsm: bool,
    name: String,
    version: Option<String>,
}

impl KeyName {
    fn parse(uri: &str) -> Option<Self> {
        let rest = uri.strip_prefix("https://")?;
        let (host, path) = rest.split_once('/')?;
        let (vault, suffix) = host.split_once('.')?;
        let mut segments = path.split('/');
        let keys = segments.next()?.eq_ignore_ascii_case("keys");
        let name = segments.next()?;
        let version = segments.next().filter(|it| !it.is_empty());
        let plain = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|it| it.is_ascii_alphanumeric() || it == b'-')
        };
        (keys && plain(vault) && plain(name) && version.is_none_or(plain)).then(|| Self {
            vault: vault.to_owned(),
            is_hsm: suffix.to_ascii_lowercase().starts_with("managedhsm."),
            name: name.to_owned(),
            version: version.map(str::to_owned),
        })
    }

    /// A command on the key, in the subscription that its vault was found in.
    fn draft(&self, need: &Need<'_>, which: Which, command: &str) -> Draft {
        let option = if self.is_hsm {
            "--hsm-name"
        } else {
            "--vault-name"
        };
        let draft = Draft::new(&format!("keyvault key {command}"))
            .given(option, &self.vault)
            .given("--name", &self.name);
        match need.resource(which.vault_document()) {
            Some(vault) => draft.given("--subscription", vault.subscription()),
            None => draft,
        }
    }

    fn set(&self, need: &Need<'_>, which: Which) -> Draft {
        let draft = self.draft(need, which, "set-attributes");
        match &self.version {
            Some(version) => draft.given("--version", version),
            None => draft,
        }
    }
}

/// DP-6: the key is enabled, has time left, and is rotated.
pub fn key(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let mut fixes: Vec<Fix> = Vec::new();
    for &condition in unmet {
        let (which, plain) = Which::of(condition);
        // An expired key is also one that expires soon: one fix answers both.
        let merged = fixes.iter_mut().find(|fix| {
            plain == "key-expiring"
                && fix
                    .conditions
                    .iter()
                    .any(|id| Which::of(id) == (which, "key-expired"))
        });
        if let Some(fix) = merged {
            fix.conditions.push(condition);
            continue;
        }
        let portal = "the key vault › Objects › Keys › the key";
        let name = need
            .text(which.uri())
            .known()
            .and_then(|uri| KeyName::parse(&uri));
        let fix = match plain {
            "key-enabled" => Fix::new(&[condition], "Enable the key", portal)
                .first("Find out who disabled it, and why.")
                .breaks("While the key is disabled the server is Inaccessible; it comes back within an hour or so."),
            "key-rotation" => Fix::new(&[condition], "Rotate the key by a policy", format!("{portal} › Rotation policy"))
                .first("Have the server follow the newest version: its key's URI without a version. Else rotation does not reach it.")
                .first("Change the times in the policy to those of your rules: 18 months to the rotation, two years to the end.")
                .breaks("New versions end after two years. It replaces the rotation policy that is there."),
            _ => Fix::new(&[condition], "Give the key more time", portal)
                .first("Better, rotate the key: a new version with a new end, which the server takes up when its key's URI has no version.")
                .first("Choose the new end: EXPIRES.")
                .breaks("The same key material is used for longer. Once a key has expired the server becomes Inaccessible."),
        };
        let Some(name) = name else {
            fixes.push(fix.first(
                "Which key it is was not read, or its URI is of another form than Azure's.",
            ));
            continue;
        };
        let fix = match plain {
            "key-enabled" => fix
                .commands([name.set(need, which).own("--enabled", "true")])
                .undo(
                    Undo::by([name.set(need, which).own("--enabled", "false")])
                        .note("It makes the server Inaccessible again."),
                ),
            "key-rotation" => fix
                .commands([name
                    .draft(need, which, "rotation-policy update")
                    .own("--value", ROTATION)])
                .undo(Undo::Unread(
                    "the policy before the change is in the raw document of the key: note it first"
                        .to_owned(),
                )),
            _ => {
                let old = need
                    .member_of(which.key_document(), "/properties/attributes/exp")
                    .and_then(Value::as_i64)
                    .and_then(|seconds| Timestamp::from_second(seconds).ok());
                let undo = old.map_or_else(
                    || {
                        Undo::Unread(
                            "the end before the change was not read: note it first".to_owned(),
                        )
                    },
                    |old| {
                        let old = old.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
                        Undo::by([name.set(need, which).own("--expires", &old)])
                            .note("The server becomes Inaccessible when that moment has passed.")
                    },
                );
                fix.commands([name.set(need, which).ask("--expires", EXPIRES)])
                    .undo(undo)
            }
        };
        fixes.push(fix);
    }
    fixes
}

/// DP-6: the vault keeps deleted keys, and is not open to the world.
pub fn vault(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    unmet
        .iter()
        .map(|&condition| {
            let (which, plain) = Which::of(condition);
            let vault = need.resource(which.vault_document());
            match plain {
                "vault-network" => close_vault(need, condition, which, vault),
                "vault-purge-protection" => protect(
                    condition,
                    "Protect the vault from purging",
                    vault,
                    |draft| draft.own("--enable-purge-protection", "true"),
                ),
                _ => protect(
                    condition,
                    "Let the vault keep what is deleted",
                    vault,
                    |draft| draft.own("--set", "properties.enableSoftDelete=true"),
                ),
            }
        })
        .collect()
}

fn protect(
    condition: ConditionId,
    title: &str,
    vault: Option<ResourceId>,
    change: impl Fn(Draft) -> Draft,
) -> Fix {
    let fix = Fix::new(&[condition], title, "the key vault › Settings › Properties").breaks(
        "It cannot be switched off again. What is deleted stays for the retention time, and its name is taken for as long.",
    );
    match vault {
        None => fix.first("Which vault it is was not read."),
        Some(vault) => fix
            .commands([change(Draft::on("keyvault update", "--name", &vault))])
            .undo(Undo::None(
                "Azure does not let it be switched off again".to_owned(),
            )),
    }
}

fn close_vault(
    need: &Need<'_>,
    condition: ConditionId,
    which: Which,
    vault: Option<ResourceId>,
) -> Fix {
    let fix = Fix::new(
        &[condition],
        "Close the vault to the internet",
        "the key vault › Settings › Networking › Firewalls and virtual networks",
    )
    .first(
        "Let the server in: trusted Microsoft services stay allowed by the command. People and pipelines that use the \
         vault need a private endpoint or a rule for their addresses.",
    )
    .breaks(
        "When the server can no longer reach the vault it becomes Inaccessible. Everybody else who uses the vault from \
         outside its rules is cut off.",
    );
    let Some(vault) = vault else {
        return fix.first("Which vault it is was not read.");
    };
    let update = |action: &str, bypass: &str| {
        Draft::on("keyvault update", "--name", &vault)
            .given("--default-action", action)
            .given("--bypass", bypass)
    };
    let rules = need.member_of(which.vault_document(), "/properties/networkAcls");
    let text = |name: &str, absent: &'static str| {
        let found = rules
            .and_then(|rules| rules.get(name))
            .and_then(Value::as_str);
        one_of(
            found.unwrap_or(absent),
            &["Allow", "Deny", "AzureServices", "None"],
        )
    };
    // A vault without rules allows all: so Microsoft describes the absence.
    let undo = match (
        text("defaultAction", "Allow"),
        text("bypass", "AzureServices"),
    ) {
        (Some(action), Some(bypass)) => Undo::by([update(action, bypass)]),
        _ => Undo::Unread(
            "the vault's rules before the change are of a form that is not known".to_owned(),
        ),
    };
    fix.commands([update("Deny", "AzureServices")]).undo(undo)
}

/// The known spelling of a value.
fn one_of(found: &str, known: &[&'static str]) -> Option<&'static str> {
    known
        .iter()
        .copied()
        .find(|it| it.eq_ignore_ascii_case(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_by_its_uri_and_only_by_a_plain_one() {
        let key = KeyName::parse("https://v-1.vault.azure.net/keys/k-1/0123").unwrap();
        assert_eq!(
            (
                key.vault.as_str(),
                key.name.as_str(),
                key.version.as_deref(),
                key.is_hsm
            ),
            ("v-1", "k-1", Some("0123"), false)
        );
        let key = KeyName::parse("https://h.managedhsm.azure.net/keys/k/").unwrap();
        assert_eq!((key.is_hsm, key.version), (true, None));
        for uri in [
            "",
            "http://v.vault.azure.net/keys/k",
            "https://v.vault.azure.net/secrets/k",
            "https://v$(x).vault.azure.net/keys/k",
            "https://v.vault.azure.net/keys/k k",
            "https://v.vault.azure.net/keys/",
            "https://v/keys/k",
        ] {
            assert!(KeyName::parse(uri).is_none(), "{uri}");
        }
    }
}
