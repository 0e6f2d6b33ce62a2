//! DP-5: data at rest under a key of the customer's own, geo-redundant backups under another.

use crate::documents::ResourceId;
use crate::posture::ConditionId;

use super::identity::IDENTITY_ID;
use super::need::Need;
use super::shell::{Draft, Variable};
use super::{Fix, Undo};

const KEY_URI: Variable =
    Variable::new("KEY_URI", "set it to the URI of the key without a version");
const BACKUP_KEY_URI: Variable = Variable::new(
    "BACKUP_KEY_URI",
    "set it to the URI of the key for geo-redundant backups without a version",
);
const BACKUP_IDENTITY_ID: Variable = Variable::new(
    "BACKUP_IDENTITY_ID",
    "set it to the resource id of the managed identity for the backup key",
);

const KEY_FIRST: &str = "Have an RSA key in a vault of the server's region, with soft delete and purge protection: KEY_URI \
                         is its URI. Have a user-assigned managed identity with get, wrapKey and unwrapKey on it (the role \
                         Key Vault Crypto Service Encryption User): IDENTITY_ID is its resource id.";
/// What the key for geo-redundant backups needs.
pub const GEO_KEY_FIRST: &str = "Have the same in the paired region for the geo-redundant backups: BACKUP_KEY_URI and \
                                 BACKUP_IDENTITY_ID.";
const BREAKS: &str = "From then on the server lives by the key: when it is disabled, expired, deleted or out of reach, the \
                      server becomes Inaccessible.";
const PORTAL: &str = "the server › Security › Data encryption";

const ENCRYPTION: &str = "/properties/dataEncryption";

/// Where a key and its identity come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// As the server has them.
    Observed,
    /// As the server has them, but for the version in the key's URI.
    Unversioned,
    /// Only the reader knows.
    Asked,
}

/// Adds the server's key and, with it, that of its geo-redundant backups: the CLI takes a key only with its identity,
/// and on a server with geo-redundant backups only both keys.
pub fn with_keys(draft: Draft, need: &Need<'_>, own: Key, geo: Option<Key>) -> Draft {
    let observed = |member: &str| {
        need.text(&format!("{ENCRYPTION}/{member}"))
            .known()
            .unwrap_or_default()
    };
    let draft = match own {
        Key::Asked => draft.ask("--key", KEY_URI).ask("--identity", IDENTITY_ID),
        Key::Observed | Key::Unversioned => draft
            .given("--key", &uri(&observed("primaryKeyURI"), own))
            .given("--identity", &observed("primaryUserAssignedIdentityId")),
    };
    match geo {
        None => draft,
        Some(Key::Asked) => draft
            .ask("--backup-key", BACKUP_KEY_URI)
            .ask("--backup-identity", BACKUP_IDENTITY_ID),
        Some(kind) => draft
            .given("--backup-key", &uri(&observed("geoBackupKeyURI"), kind))
            .given(
                "--backup-identity",
                &observed("geoBackupUserAssignedIdentityId"),
            ),
    }
}

fn uri(observed: &str, kind: Key) -> String {
    if kind == Key::Unversioned {
        without_version(observed).to_owned()
    } else {
        observed.to_owned()
    }
}

/// `https://{vault}/keys/{key}` of a key's URI, whatever follows.
fn without_version(uri: &str) -> &str {
    let end = uri.find("/keys/").and_then(|keys| {
        let name = keys + "/keys/".len();
        Some(name + uri.get(name..)?.find('/')?)
    });
    end.and_then(|end| uri.get(..end)).unwrap_or(uri)
}

/// The start of a fix on the server that Azure takes encryption from.
fn start(need: &Need<'_>, unmet: &[ConditionId], title: &str) -> (Fix, Option<ResourceId>) {
    let primary = need.primary();
    let mut fix = Fix::new(unmet, title, PORTAL);
    fix.first.extend(primary.words);
    (fix, primary.id)
}

fn has_geo_backup(need: &Need<'_>) -> bool {
    need.is("/properties/backup/geoRedundantBackup", "Enabled")
}

/// DP-5: a key of the customer's own.
pub fn customer_key(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let (fix, server) = start(need, unmet, "Encrypt with a key of your own");
    let fix = fix.first(KEY_FIRST).breaks(BREAKS);
    let geo = has_geo_backup(need);
    let fix = if geo { fix.first(GEO_KEY_FIRST) } else { fix };
    let Some(server) = server else {
        return vec![fix];
    };
    let update = || Need::on(&server, "update");
    vec![
        fix.commands([with_keys(update(), need, Key::Asked, geo.then_some(Key::Asked))])
            .undo(
                Undo::by([update().own("--disable-data-encryption", "true")])
                    .note("Back to the service's own key. Backups made under your key need it for as long as they are kept."),
            ),
    ]
}

/// DP-5: a key for the geo-redundant backups, beside the one that is in use.
pub fn geo_key(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let (fix, server) = start(need, unmet, "Give geo-redundant backups a key of their own");
    let fix = fix.first(GEO_KEY_FIRST).breaks(BREAKS);
    let Some(server) = server else {
        return vec![fix];
    };
    vec![
        fix.commands([with_keys(Need::on(&server, "update"), need, Key::Observed, Some(Key::Asked))])
            .undo(Undo::None(
                "a server with geo-redundant backups and a key of yours needs this key: the Azure CLI refuses to take it \
                 away alone"
                    .to_owned(),
            )),
    ]
}

/// DP-6: the key's URI without a version, so that a rotated key is taken up.
pub fn unversioned(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let (fix, server) = start(need, unmet, "Follow the key's newest version");
    let fix = fix
        .first("Let the identity read and use every version of the key, not this one alone.")
        .breaks("The server takes up a new version of the key by itself: a version that it cannot use makes it Inaccessible.");
    let Some(server) = server else {
        return vec![fix];
    };
    let geo = !matches!(
        need.text(&format!("{ENCRYPTION}/geoBackupKeyURI"))
            .known()
            .as_deref(),
        None | Some("")
    );
    let kind = |id: ConditionId| {
        if unmet.contains(&id) {
            Key::Unversioned
        } else {
            Key::Observed
        }
    };
    let geo_kind = match (geo, has_geo_backup(need)) {
        (true, _) => Some(kind("geo-key-unversioned")),
        (false, true) => Some(Key::Asked),
        (false, false) => None,
    };
    let update = || Need::on(&server, "update");
    let fix = if geo_kind == Some(Key::Asked) {
        fix.first(GEO_KEY_FIRST)
    } else {
        fix
    };
    vec![
        fix.commands([with_keys(update(), need, kind("key-unversioned"), geo_kind)])
            .undo(Undo::by([with_keys(
                update(),
                need,
                Key::Observed,
                geo_kind.map(|kind| {
                    if kind == Key::Asked {
                        kind
                    } else {
                        Key::Observed
                    }
                }),
            )])),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_version_is_taken_from_a_uri() {
        for (uri, expected) in [
            (
                "https://v.vault.azure.net/keys/k/0123",
                "https://v.vault.azure.net/keys/k",
            ),
            (
                "https://v.vault.azure.net/keys/k",
                "https://v.vault.azure.net/keys/k",
            ),
            (
                "https://v.vault.azure.net/keys/k/",
                "https://v.vault.azure.net/keys/k",
            ),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(without_version(uri), expected);
        }
    }
}
