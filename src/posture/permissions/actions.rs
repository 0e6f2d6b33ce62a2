//! The actions of role-based access control that the program's reads need.

use crate::documents::{DocumentKind, ServerDocuments};

use super::key_of;

/// Reads that belong to no document: the subscriptions, and the questions to Resource Graph.
const OF_NO_DOCUMENT: [&str; 2] = [
    "Microsoft.Resources/subscriptions/read",
    "Microsoft.ResourceGraph/resources/read",
];
/// A vault or key, where the server names a key at a version or in a managed HSM (Microsoft's permission reference of
/// Microsoft.KeyVault).
const VAULT_KEY_VERSION: &str = "Microsoft.KeyVault/vaults/keys/versions/read";
const HSM: &str = "Microsoft.KeyVault/managedHSMs/read";
const HSM_KEY: &str = "Microsoft.KeyVault/managedHSMs/keys/read";
const HSM_KEY_VERSION: &str = "Microsoft.KeyVault/managedHSMs/keys/versions/read";

/// Every action that a scan may need, sorted, each once. Those of the tenant ([`is_tenant_level`]) are among them.
#[must_use]
pub fn all_actions() -> Vec<&'static str> {
    actions_of(DocumentKind::ALL)
}

/// Every action that reading these kinds of document may need, sorted, each once, with those that any scan needs.
#[must_use]
pub fn actions_of(kinds: impl IntoIterator<Item = DocumentKind>) -> Vec<&'static str> {
    let mut actions: Vec<&'static str> = OF_NO_DOCUMENT.to_vec();
    for kind in kinds {
        actions.push(kind.action());
        match kind {
            DocumentKind::KeyVault | DocumentKind::GeoKeyVault => actions.push(HSM),
            DocumentKind::EncryptionKey | DocumentKind::GeoEncryptionKey => {
                actions.extend([VAULT_KEY_VERSION, HSM_KEY, HSM_KEY_VERSION]);
            }
            _ => {}
        }
    }
    actions.sort_unstable_by_key(|action| action.to_lowercase());
    actions.dedup();
    actions
}

/// Whether an action is on the tenant and not on anything in a subscription. A role that is assignable to subscriptions
/// cannot grant it there.
#[must_use]
pub fn is_tenant_level(action: &str) -> bool {
    action
        .split('/')
        .next()
        .is_some_and(|provider| provider.eq_ignore_ascii_case("Microsoft.CustomerLockbox"))
}

/// The action that the read of a document needs, given what the server names.
pub fn of_document(documents: &ServerDocuments, kind: DocumentKind) -> &'static str {
    let Some(key) = key_of(documents, kind) else {
        return kind.action();
    };
    let is_vault = matches!(kind, DocumentKind::KeyVault | DocumentKind::GeoKeyVault);
    match (is_vault, key.managed_hsm, key.version) {
        (true, true, _) => HSM,
        (false, true, None) => HSM_KEY,
        (false, true, Some(_)) => HSM_KEY_VERSION,
        (false, false, Some(_)) => VAULT_KEY_VERSION,
        (true, false, _) | (false, false, None) => kind.action(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_a_read_and_stands_once() {
        let actions = all_actions();
        for action in &actions {
            assert!(action.ends_with("/read"), "{action}");
            assert!(!action.contains('*'), "{action}");
        }
        let mut sorted: Vec<String> = actions.iter().map(|it| it.to_lowercase()).collect();
        sorted.dedup();
        assert_eq!(sorted.len(), actions.len());
        assert!(sorted.is_sorted());
        let tenants: Vec<_> = actions.iter().filter(|it| is_tenant_level(it)).collect();
        assert_eq!(tenants, [&"Microsoft.CustomerLockbox/tenantOptedIn/read"]);
    }
}
