//! DP-6: the key that encrypts the server, and the vault that holds it. The same for the key of geo-redundant backups,
//! whose conditions carry the prefix `geo-`.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::documents::fact::boolean;
use crate::documents::{DocumentKind, KeyUri, ResourceId};
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

const PORTAL: &str = "the key vault › Objects › Keys › the key";

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

    const fn key_document(self) -> DocumentKind {
        if self.geo {
            DocumentKind::GeoEncryptionKey
        } else {
            DocumentKind::EncryptionKey
        }
    }

    const fn vault_document(self) -> DocumentKind {
        if self.geo {
            DocumentKind::GeoKeyVault
        } else {
            DocumentKind::KeyVault
        }
    }
}

/// The key that the server names. The CLI makes the host of the vault's name, so that no other one is ever asked.
fn named_key(need: &Need<'_>, which: Which) -> Option<KeyUri> {
    KeyUri::parse(&need.text(which.uri()).known()?)
}

/// A command on a key, in the subscription that its vault was found in.
fn on_key(need: &Need<'_>, which: Which, key: &KeyUri, command: &str) -> Draft {
    let option = if key.managed_hsm {
        "--hsm-name"
    } else {
        "--vault-name"
    };
    let found = need.resource(which.key_document());
    Draft::new(&format!("keyvault key {command}"))
        .given(option, &key.vault)
        .given("--name", &key.key)
        .given(
            "--subscription",
            found.as_ref().map_or("", ResourceId::subscription),
        )
}

/// A change of the key's attributes, at the version that the server names when it names one.
fn on_version(need: &Need<'_>, which: Which, key: &KeyUri) -> Draft {
    let draft = on_key(need, which, key, "set-attributes");
    match &key.version {
        Some(version) => draft.given("--version", version),
        None => draft,
    }
}

/// DP-6: the key is enabled, has time left, and is rotated.
pub fn key(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let mut fixes = Vec::new();
    for which in [Which { geo: false }, Which { geo: true }] {
        let ours = |plain: &[&str]| -> Vec<ConditionId> {
            let is_ours = |id: &&ConditionId| {
                let (it, name) = Which::of(id);
                it == which && plain.contains(&name)
            };
            unmet.iter().filter(is_ours).copied().collect()
        };
        let builders: [(Vec<ConditionId>, KeyFix); 3] = [
            (ours(&["key-enabled"]), enable),
            (ours(&["key-expired", "key-expiring"]), more_time),
            (ours(&["key-rotation"]), rotate_by_policy),
        ];
        for (conditions, build) in builders.into_iter().filter(|(ids, _)| !ids.is_empty()) {
            match named_key(need, which) {
                Some(key) => fixes.extend(build(need, which, &key, &conditions)),
                None => fixes.push(Fix::new(&conditions, "Look after the key", PORTAL).first(
                    "Which key it is was not read, or its URI is of another form than Azure's.",
                )),
            }
        }
    }
    fixes
}

/// Builds the fixes for one of the two keys.
type KeyFix = fn(&Need<'_>, Which, &KeyUri, &[ConditionId]) -> Vec<Fix>;

fn enable(need: &Need<'_>, which: Which, key: &KeyUri, conditions: &[ConditionId]) -> Vec<Fix> {
    let attribute = |name: &str| {
        let pointer = format!("/properties/attributes/{name}");
        need.member(which.key_document(), &pointer)
    };
    let start = attribute("nbf")
        .and_then(Value::as_i64)
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    // To switch on what is on changes nothing, and the way back would switch a key off that never was.
    if attribute("enabled").and_then(boolean) == Some(true) {
        let start = start.map_or_else(|| "its start".to_owned(), |start| start.to_string());
        return vec![
            Fix::new(
                conditions,
                "Let the key be used from now on",
                format!("{PORTAL} › the version › Activation date"),
            )
            .first(format!(
                "The key is enabled and cannot be used before {start}. Find out why, then set an earlier activation date, or \
                 give the server another key."
            )),
        ];
    }
    let set = |enabled: &str| on_version(need, which, key).own("--enabled", enabled);
    vec![
        Fix::new(conditions, "Enable the key", PORTAL)
            .first("Find out who disabled it, and why.")
            .breaks("While the key is disabled the server is Inaccessible. It comes back some time after the key.")
            .commands([set("true")])
            .undo(Undo::by([set("false")]).note("It makes the server Inaccessible again.")),
    ]
}

/// A new version where the server takes one up, else a later end of the version that it names.
fn more_time(need: &Need<'_>, which: Which, key: &KeyUri, conditions: &[ConditionId]) -> Vec<Fix> {
    let mut fixes = Vec::new();
    if key.version.is_none() {
        fixes.push(
            Fix::new(conditions, "Rotate the key", format!("{PORTAL} › Rotate now"))
                .first("See that the identity of the server may use every version of the key.")
                .first("The new version gets its end from the key's rotation policy; without one it has no end.")
                .breaks("The server takes up the new version by itself, some time later. Keep the old one enabled until then.")
                .commands([on_key(need, which, key, "rotate")])
                .undo(Undo::None("a new version of a key stays".to_owned())),
        );
    }
    let set = || on_version(need, which, key);
    let old = need
        .member(which.key_document(), "/properties/attributes/exp")
        .and_then(Value::as_i64)
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    let undo = match old {
        Some(old) => {
            Undo::by([set().own("--expires", &old.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())])
                .note("The server becomes Inaccessible when that moment has passed.")
        }
        None => Undo::Unread("the end before the change was not read: note it first".to_owned()),
    };
    let mut later = Fix::new(conditions, "Give the key more time", PORTAL)
        .first("Choose the new end: EXPIRES.")
        .breaks(
            "The same key is used for longer. Once it has expired the server becomes Inaccessible.",
        )
        .commands([set().ask("--expires", EXPIRES)])
        .undo(undo);
    later.alternative = !fixes.is_empty();
    fixes.push(later);
    fixes
}

fn rotate_by_policy(
    need: &Need<'_>,
    which: Which,
    key: &KeyUri,
    conditions: &[ConditionId],
) -> Vec<Fix> {
    let undo = match need.member(which.key_document(), "/properties/rotationPolicy") {
        None | Some(Value::Null) => Undo::None(
            "the key had no policy, and one cannot be taken away, only changed: give it one without the action Rotate"
                .to_owned(),
        ),
        Some(policy) => match written_policy(policy) {
            Some(policy) => Undo::by([on_key(need, which, key, "rotation-policy update").own("--value", &policy)]),
            None => Undo::Unread("the policy before the change is of a form that is not known: note it first".to_owned()),
        },
    };
    vec![
        Fix::new(conditions, "Rotate the key by a policy", format!("{PORTAL} › Rotation policy"))
            .first(
                "Have the server follow the newest version: its key's URI without a version. Else rotation does not reach it.",
            )
            .first("Change the times in the policy to those of your rules: 18 months to the rotation, two years to the end.")
            .breaks("New versions end after two years. It replaces the rotation policy that is there.")
            .commands([on_key(need, which, key, "rotation-policy update").own("--value", ROTATION)])
            .undo(undo),
    ]
}

/// A rotation policy in the form that the CLI takes, made anew of its parts; `None` when a part is not plain.
fn written_policy(policy: &Value) -> Option<String> {
    let plain = |value: &Value| {
        let text = value.as_str()?;
        text.bytes()
            .all(|it| it.is_ascii_alphanumeric())
            .then(|| text.to_owned())
    };
    let mut actions = Vec::new();
    for action in policy
        .get("lifetimeActions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let mut trigger = serde_json::Map::new();
        for name in ["timeAfterCreate", "timeBeforeExpiry"] {
            match action.pointer(&format!("/trigger/{name}")) {
                None | Some(Value::Null) => {}
                Some(time) => {
                    trigger.insert(name.to_owned(), plain(time)?.into());
                }
            }
        }
        let kind = plain(action.pointer("/action/type")?)?;
        actions.push(json!({"trigger": trigger, "action": {"type": kind}}));
    }
    let mut written = json!({"lifetimeActions": actions});
    match policy.pointer("/attributes/expiryTime") {
        None | Some(Value::Null) => {}
        Some(time) => written["attributes"] = json!({"expiryTime": plain(time)?}),
    }
    Some(written.to_string())
}

/// DP-6: the vault keeps deleted keys, and is not open to the world.
pub fn vault(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let fix = |&condition: &ConditionId| {
        let (which, plain) = Which::of(condition);
        let (title, place) = match plain {
            "vault-network" => ("Close the vault to the internet", "Networking"),
            "vault-purge-protection" => ("Protect the vault from purging", "Properties"),
            _ => ("Let the vault keep what is deleted", "Properties"),
        };
        let fix = Fix::new(
            &[condition],
            title,
            format!("the key vault › Settings › {place}"),
        );
        match (need.resource(which.vault_document()), plain) {
            (None, _) => fix.first("Which vault it is was not read."),
            (Some(vault), "vault-network") => close(need, fix, which, &vault),
            (Some(vault), "vault-purge-protection") => {
                keep_deleted(fix, update(&vault).own("--enable-purge-protection", "true"))
            }
            (Some(vault), _) => keep_deleted(
                fix,
                update(&vault).own("--set", "properties.enableSoftDelete=true"),
            ),
        }
    };
    unmet.iter().map(fix).collect()
}

/// `update` of a vault or of a managed HSM.
fn update(vault: &ResourceId) -> Draft {
    if vault
        .as_str()
        .to_ascii_lowercase()
        .contains("/managedhsms/")
    {
        Draft::on("keyvault update-hsm", "--hsm-name", vault)
    } else {
        Draft::on("keyvault update", "--name", vault)
    }
}

fn keep_deleted(fix: Fix, draft: Draft) -> Fix {
    fix.breaks(
        "It cannot be switched off again. What is deleted stays for the retention time, and its name is taken for as long.",
    )
    .commands([draft])
    .undo(Undo::None("Azure does not let it be switched off again".to_owned()))
}

fn close(need: &Need<'_>, fix: Fix, which: Which, vault: &ResourceId) -> Fix {
    let rules = |action: &str, bypass: &str| {
        update(vault)
            .own("--default-action", action)
            .own("--bypass", bypass)
    };
    let acls = need.member(which.vault_document(), "/properties/networkAcls");
    // A vault without rules allows all: so Microsoft describes the absence.
    let text = |name: &str, absent: &'static str| {
        let found = acls
            .and_then(|acls| acls.get(name))
            .and_then(Value::as_str)
            .unwrap_or(absent);
        ["Allow", "Deny", "AzureServices", "None"]
            .into_iter()
            .find(|it| it.eq_ignore_ascii_case(found))
    };
    let undo = match (
        text("defaultAction", "Allow"),
        text("bypass", "AzureServices"),
    ) {
        (Some(action), Some(bypass)) => Undo::by([rules(action, bypass)]),
        _ => Undo::Unread(
            "the vault's rules before the change are of a form that is not known".to_owned(),
        ),
    };
    fix.first(
        "Let the server in: trusted Microsoft services stay allowed by the command. People and pipelines that use the \
         vault need a private endpoint or a rule for their addresses.",
    )
    .breaks(
        "When the server can no longer reach the vault it becomes Inaccessible. Everybody else who uses the vault from \
         outside its rules is cut off.",
    )
    .commands([rules("Deny", "AzureServices")])
    .undo(undo)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_policy_is_written_anew_from_plain_parts_only() {
        let policy = json!({
            "attributes": {"created": 1, "expiryTime": "P2Y"},
            "lifetimeActions": [{"action": {"type": "Notify"}, "trigger": {"timeBeforeExpiry": "P30D", "timeAfterCreate": null}}],
        });
        assert_eq!(
            written_policy(&policy).as_deref(),
            Some(
                r#"{"attributes":{"expiryTime":"P2Y"},"lifetimeActions":[{"action":{"type":"Notify"},"trigger":{"timeBeforeExpiry":"P30D"}}]}"#
            )
        );
        assert_eq!(
            written_policy(&json!({})).as_deref(),
            Some(r#"{"lifetimeActions":[]}"#)
        );
        for broken in [
            json!({"lifetimeActions": [{}]}),
            json!({"lifetimeActions": [{"action": {"type": "No tify"}}]}),
            json!({"attributes": {"expiryTime": 7}}),
        ] {
            assert_eq!(written_policy(&broken), None, "{broken}");
        }
    }
}
