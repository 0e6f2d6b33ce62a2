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
/// What to say where it was not read whether the server has geo-redundant backups.
const GEO_UNREAD: &str = "Whether the server of the command has geo-redundant backups was not read. If it has, the Azure \
                          CLI asks for --backup-key and --backup-identity as well.";
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

/// What to say where a command would have to repeat keys that were not read.
const SOURCE_UNREAD: &str = "The scan does not hold that source, so its keys were not read: a command with those of the \
                             replica could give it other keys than it has. Scan it too, or use the portal.";

/// The server that Azure takes encryption from, and what is known of it.
struct Encrypted<'a> {
    /// `None` when it is a source whose name was not read.
    id: Option<ResourceId>,
    /// Whether what is known of it was read from itself.
    read: bool,
    /// What was read about it; about the replica, where the scan does not hold its source.
    need: Need<'a>,
    /// Whether it has geo-redundant backups; `None` when that was not read.
    geo_backup: Option<bool>,
}

impl<'a> Encrypted<'a> {
    /// The fix begun, and the server that it is for.
    fn start(need: &Need<'a>, unmet: &[ConditionId], title: &str) -> (Fix, Self) {
        let primary = need.primary();
        let found = need.at_primary();
        let geo_backup =
            found.and_then(|it| it.text("/properties/backup/geoRedundantBackup").known());
        let mut fix = Fix::new(unmet, title, PORTAL);
        fix.first.extend(primary.words);
        let encrypted = Self {
            id: primary.id,
            read: found.is_some(),
            need: found.unwrap_or(*need),
            geo_backup: geo_backup.map(|it| it.eq_ignore_ascii_case("Enabled")),
        };
        (fix, encrypted)
    }

    /// Whether it has a key for geo-redundant backups.
    fn has_geo_key(&self) -> bool {
        let key = self
            .need
            .text(&format!("{ENCRYPTION}/geoBackupKeyURI"))
            .known();
        key.is_some_and(|key| !key.trim().is_empty())
    }
}

/// DP-5: a key of the customer's own.
pub fn customer_key(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let (fix, server) = Encrypted::start(need, unmet, "Encrypt with a key of your own");
    let fix = fix.first(KEY_FIRST).breaks(BREAKS);
    let (fix, geo) = match server.geo_backup {
        Some(true) => (fix.first(GEO_KEY_FIRST), Some(Key::Asked)),
        Some(false) => (fix, None),
        None => (fix.first(GEO_UNREAD), None),
    };
    let Some(id) = &server.id else {
        return vec![fix];
    };
    let update = || Need::on(id, "update");
    vec![
        fix.commands([with_keys(update(), &server.need, Key::Asked, geo)]).undo(
            Undo::by([update().own("--disable-data-encryption", "true")]).note(
                "Back to the service's own key. Backups made under your key need it for as long as they are kept.",
            ),
        ),
    ]
}

/// DP-5: a key for the geo-redundant backups, beside the one that is in use.
pub fn geo_key(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let title = "Give geo-redundant backups a key of their own";
    let (fix, server) = Encrypted::start(need, unmet, title);
    let fix = fix.first(GEO_KEY_FIRST).breaks(BREAKS);
    let Some(id) = &server.id else {
        return vec![fix];
    };
    if !server.read {
        return vec![fix.first(SOURCE_UNREAD)];
    }
    let update = Need::on(id, "update");
    vec![
        fix.commands([with_keys(update, &server.need, Key::Observed, Some(Key::Asked))])
            .undo(Undo::None(
                "a server with geo-redundant backups and a key of yours needs this key: the Azure CLI refuses to take it \
                 away alone"
                    .to_owned(),
            )),
    ]
}

/// DP-6: the key's URI without a version, so that a rotated key is taken up.
pub fn unversioned(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let (fix, server) = Encrypted::start(need, unmet, "Follow the key's newest version");
    let fix = fix
        .first("Let the identity read and use every version of the key, not this one alone.")
        .breaks(
            "The server takes up a new version of the key by itself: a version that it cannot use makes it Inaccessible.",
        );
    if !server.read {
        return vec![fix.first(SOURCE_UNREAD)];
    }
    let kind = |id: ConditionId| {
        if unmet.contains(&id) {
            Key::Unversioned
        } else {
            Key::Observed
        }
    };
    let (fix, geo, old_geo) = match (server.has_geo_key(), server.geo_backup) {
        (true, _) => (fix, Some(kind("geo-key-unversioned")), Some(Key::Observed)),
        (false, Some(true)) => (fix.first(GEO_KEY_FIRST), Some(Key::Asked), Some(Key::Asked)),
        (false, Some(false)) => (fix, None, None),
        (false, None) => (fix.first(GEO_UNREAD), None, None),
    };
    let Some(id) = &server.id else {
        return vec![fix];
    };
    let with = |own, geo| with_keys(Need::on(id, "update"), &server.need, own, geo);
    vec![
        fix.commands([with(kind("key-unversioned"), geo)])
            .undo(Undo::by([with(Key::Observed, old_geo)])),
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
