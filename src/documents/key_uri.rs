//! The URI of a key in Key Vault or in a managed HSM, as a server names it.

use url::Url;

/// A key, as its URI names it: `https://{vault}.vault.azure.net/keys/{key}/{version}`, where the version may lack.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyUri {
    /// The name of the vault or managed HSM, in lower case. Such names are unique in a cloud.
    pub vault: String,
    /// Whether it lies in a managed HSM and not in a vault, which the host says in every cloud.
    pub managed_hsm: bool,
    /// The key's name.
    pub key: String,
    /// The version, when the URI names one.
    pub version: Option<String>,
}

impl KeyUri {
    /// Reads a URI; `None` for anything that does not name a key.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let uri = Url::parse(text.trim()).ok()?;
        if uri.scheme() != "https" {
            return None;
        }
        let (vault, rest) = uri.host_str()?.split_once('.')?;
        // A vault is looked for by its name alone, so a name of anything else would find a vault that it does not mean.
        let managed_hsm = match rest.split_once('.')?.0 {
            "vault" => false,
            "managedhsm" => true,
            _ => return None,
        };
        let segments: Vec<&str> = uri
            .path_segments()?
            .filter(|segment| !segment.is_empty())
            .collect();
        let (key, version) = match segments.as_slice() {
            [keys, key] if keys.eq_ignore_ascii_case("keys") => (key, None),
            [keys, key, version] if keys.eq_ignore_ascii_case("keys") => {
                (key, Some((*version).to_owned()))
            }
            _ => return None,
        };
        let is_name = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        (is_name(vault) && is_name(key) && version.as_deref().is_none_or(is_name)).then(|| Self {
            vault: vault.to_ascii_lowercase(),
            managed_hsm,
            key: (*key).to_owned(),
            version,
        })
    }

    /// What follows the id of the vault in the path of the key, at its version when it names one.
    #[must_use]
    pub fn path_below_vault(&self) -> String {
        match &self.version {
            Some(version) => format!("/keys/{}/versions/{version}", self.key),
            None => format!("/keys/{}", self.key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_with_and_without_version_in_a_vault_and_in_a_managed_hsm() {
        let key =
            KeyUri::parse("https://KV-Prod.vault.azure.net/keys/mysql/0123456789abcdef").unwrap();
        assert_eq!(
            (
                key.vault.as_str(),
                key.managed_hsm,
                key.key.as_str(),
                key.version.as_deref()
            ),
            ("kv-prod", false, "mysql", Some("0123456789abcdef"))
        );
        assert_eq!(
            key.path_below_vault(),
            "/keys/mysql/versions/0123456789abcdef"
        );
        let key = KeyUri::parse("https://hsm1.managedhsm.azure.net/keys/mysql/").unwrap();
        assert!(key.managed_hsm);
        assert_eq!(key.path_below_vault(), "/keys/mysql");
        let china = KeyUri::parse("https://kv.vault.azure.cn/keys/k").unwrap();
        assert!(!china.managed_hsm);
    }

    #[test]
    fn what_names_no_key_is_none() {
        for text in [
            "",
            "mysql",
            "http://kv.vault.azure.net/keys/k",
            "https://kv.vault.azure.net/secrets/k",
            "https://kv.vault.azure.net/keys",
            "https://kv.vault.azure.net/keys/k/v/more",
            "https://kv.vault.azure.net/keys/k%2F..%2Fx",
            "https://kv/keys/k",
            "https://kv.vault/keys/k",
            "https://kv.example.com/keys/k",
            "https://kv.privatelink.vault.azure.net/keys/k",
        ] {
            assert_eq!(KeyUri::parse(text), None, "{text}");
        }
    }
}
