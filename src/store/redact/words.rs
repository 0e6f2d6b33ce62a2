//! One text under pseudonyms: an id stays an id, a name of a host one of a host, a time the same time.

use jiff::Timestamp;
use url::Url;

use super::addresses::Addresses;
use super::pseudonyms::{Pseudonyms, is_guid};

/// What the names of Azure's own hosts end with. They say which service and which cloud, and nobody's name.
const KNOWN_HOSTS: [&str; 20] = [
    "private.mysql.database.azure.com",
    "privatelink.mysql.database.azure.com",
    "mysql.database.azure.com",
    "mysql.database.chinacloudapi.cn",
    "mysql.database.usgovcloudapi.net",
    "vault.azure.net",
    "vault.azure.cn",
    "vault.usgovcloudapi.net",
    "managedhsm.azure.net",
    "managedhsm.azure.cn",
    "managedhsm.usgovcloudapi.net",
    "blob.core.windows.net",
    "servicebus.windows.net",
    "onmicrosoft.com",
    "management.azure.com",
    "management.chinacloudapi.cn",
    "management.usgovcloudapi.net",
    "database.azure.com",
    "core.windows.net",
    "azure.com",
];

/// Words that say the same about everybody, in lower case.
const PLAIN: [&str; 14] = [
    "",
    "*",
    "true",
    "false",
    "none",
    "null",
    "enabled",
    "disabled",
    "on",
    "off",
    "default",
    "activedirectory",
    "azure_superuser",
    "yes",
];

/// Resources whose names are Azure's and not a customer's, by their type in lower case.
const NAMED_BY_AZURE: [&str; 4] = [
    "configurations",
    "advancedthreatprotectionsettings",
    "pricings",
    "tenantoptedin",
];

/// What texts are changed with.
pub struct Words {
    pub pseudonyms: Pseudonyms,
    pub addresses: Addresses,
}

impl Words {
    /// Any text of which nothing else is known.
    pub fn any(&mut self, text: &str) -> String {
        let trimmed = text.trim();
        if PLAIN.contains(&trimmed.to_ascii_lowercase().as_str()) || is_time(trimmed) {
            return text.to_owned();
        }
        if is_guid(trimmed) {
            return self.pseudonyms.guid(trimmed);
        }
        if is_path(trimmed) {
            return self.path(trimmed);
        }
        if let Some(address) = self.addresses.text(&self.pseudonyms, trimmed) {
            return address;
        }
        if let Some(uri) = self.uri(trimmed) {
            return uri;
        }
        if let Some((user, host)) = trimmed.split_once('@')
            && !user.is_empty()
            && is_host(host)
        {
            return format!("{}@{}", self.pseudonyms.name(user), self.host(host));
        }
        if is_azures_type(trimmed) {
            return text.to_owned();
        }
        if is_host(trimmed) {
            return self.host(trimmed);
        }
        let is_long = (20..=64).contains(&trimmed.len());
        if is_long && trimmed.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return self.pseudonyms.hexadecimal(trimmed);
        }
        self.pseudonyms.name(trimmed)
    }

    /// The id of a resource, or the path of a request: types stay, names do not.
    pub fn path(&mut self, path: &str) -> String {
        let (path, end) = match path.strip_suffix('/') {
            Some(path) => (path, "/"),
            None => (path, ""),
        };
        let mut changed = String::with_capacity(path.len());
        let mut segments = path.split('/').skip(1);
        // What Microsoft defines itself lies below no subscription and no management group.
        let mut is_somebodys = false;
        while let Some(kind) = segments.next() {
            let lower = kind.to_ascii_lowercase();
            changed.push('/');
            changed.push_str(&self.kind(kind));
            let Some(name) = segments.next() else { break };
            changed.push('/');
            is_somebodys |= matches!(
                lower.as_str(),
                "subscriptions" | "managementgroups" | "resourcegroups"
            );
            let stays = match lower.as_str() {
                "providers" => is_azures_type(name),
                "policydefinitions" | "policysetdefinitions" | "roledefinitions" => {
                    !is_somebodys && is_guid(name)
                }
                _ => NAMED_BY_AZURE.contains(&lower.as_str()) && is_plain(name),
            };
            // After the namespace of a provider comes a type, and not a name.
            if stays {
                changed.push_str(name);
            } else {
                changed.push_str(&self.any_name(name));
            }
        }
        changed + end
    }

    fn kind(&mut self, kind: &str) -> String {
        // The types of Azure's resources are letters; those of relative paths too.
        if !kind.is_empty() && kind.len() <= 60 && kind.bytes().all(|it| it.is_ascii_alphabetic()) {
            kind.to_owned()
        } else {
            self.any_name(kind)
        }
    }

    fn any_name(&mut self, name: &str) -> String {
        if is_path(name) {
            return self.pseudonyms.name(name);
        }
        self.any(name)
    }

    /// The name of a host: what Azure calls its own hosts stays, the rest does not.
    pub fn host(&mut self, host: &str) -> String {
        let lower = host.to_ascii_lowercase();
        let known = KNOWN_HOSTS
            .into_iter()
            .find(|known| lower == *known || lower.ends_with(&format!(".{known}")));
        let (own, end) = match known {
            Some(known) => (lower.strip_suffix(known).unwrap_or_default(), known),
            None => (lower.as_str(), "invalid"),
        };
        let own: Vec<String> = own
            .split('.')
            .filter(|label| !label.is_empty())
            .map(|label| match label {
                "privatelink" | "private" | "www" => label.to_owned(),
                label => self.pseudonyms.name(label),
            })
            .collect();
        if own.is_empty() {
            return end.to_owned();
        }
        format!("{}.{end}", own.join("."))
    }

    fn uri(&mut self, text: &str) -> Option<String> {
        if !text.contains("://") {
            return None;
        }
        let uri = Url::parse(text).ok()?;
        let host = match uri.host()? {
            url::Host::Domain(host) => self.host(host),
            url::Host::Ipv4(address) => self
                .addresses
                .address(&self.pseudonyms, address.into())
                .to_string(),
            url::Host::Ipv6(address) => format!(
                "[{}]",
                self.addresses.address(&self.pseudonyms, address.into())
            ),
        };
        let mut changed = format!("{}://{host}", uri.scheme());
        if let Some(port) = uri.port() {
            changed.push_str(&format!(":{port}"));
        }
        for segment in uri.path_segments().into_iter().flatten() {
            changed.push('/');
            if matches!(segment, "" | "keys" | "secrets" | "certificates") {
                changed.push_str(segment);
            } else {
                changed.push_str(&self.any_name(segment));
            }
        }
        // `Url` writes a path where the text has none.
        if text.ends_with('/') == changed.ends_with('/') {
            return Some(changed);
        }
        Some(changed.trim_end_matches('/').to_owned())
    }

    /// Names that stand after each other with commas, such as users of the audit log.
    pub fn names(&mut self, text: &str) -> String {
        let names: Vec<String> = text.split(',').map(|name| self.any(name)).collect();
        names.join(",")
    }
}

/// Whether a text is a time, or a span of time in the form of ISO 8601.
fn is_time(text: &str) -> bool {
    let is_span = text.len() <= 20
        && text.strip_prefix('P').is_some_and(|rest| {
            rest.starts_with(|it: char| it.is_ascii_digit() || it == 'T')
                && rest.ends_with(['Y', 'M', 'W', 'D', 'H', 'S'])
                && rest
                    .bytes()
                    .all(|it| it.is_ascii_digit() || b"YMWDTHS.".contains(&it))
        });
    is_span || (text.len() <= 40 && text.parse::<Timestamp>().is_ok())
}

fn is_path(text: &str) -> bool {
    let begins = |start: &str| {
        text.get(..start.len())
            .is_some_and(|it| it.eq_ignore_ascii_case(start))
    };
    begins("/subscriptions/") || begins("/providers/")
}

/// A host of at least two labels, the last of letters only.
fn is_host(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_')
    };
    labels.len() >= 2
        && labels.iter().all(is_label)
        && labels
            .last()
            .is_some_and(|it| it.len() >= 2 && it.bytes().all(|it| it.is_ascii_alphabetic()))
}

/// A namespace or type of Microsoft's resources, such as `Microsoft.DBforMySQL/flexibleServers`.
fn is_azures_type(text: &str) -> bool {
    let mut segments = text.split('/');
    let namespace = segments.next().unwrap_or_default();
    namespace
        .get(..10)
        .is_some_and(|it| it.eq_ignore_ascii_case("microsoft."))
        && namespace[10..].bytes().all(|it| it.is_ascii_alphabetic())
        && segments.all(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphabetic()))
}

/// Whether a text is a word or a number, as Azure's own values are: no space at either end, nothing of an address or an id.
pub fn is_plain(text: &str) -> bool {
    text.len() <= 120
        && !is_guid(text)
        && text.parse::<std::net::IpAddr>().is_err()
        && text
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || b" _.:+-,*".contains(&it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::{KeyUri, ResourceId};

    fn words() -> Words {
        Words {
            pseudonyms: Pseudonyms::with([3; 32]),
            addresses: Addresses::new(),
        }
    }

    const SERVER: &str = "/subscriptions/6f2e1a9c-0d3b-4b7e-8a55-1c2d3e4f5a6b/resourceGroups/rg-shop/providers/Microsoft.DBforMySQL/flexibleServers/shop-db";

    #[test]
    fn an_id_stays_an_id_of_the_same_kind_whatever_its_casing() {
        let mut words = words();
        let id = words.any(SERVER);
        let parsed = ResourceId::parse(&id).unwrap();
        assert!(is_guid(parsed.subscription()));
        assert_eq!(parsed.name(), words.any("Shop-DB"));
        assert_eq!(parsed.resource_group(), Some(words.any("RG-SHOP").as_str()));
        assert!(id.contains("/providers/Microsoft.DBforMySQL/flexibleServers/"));
        assert_eq!(
            words.any(&SERVER.to_uppercase()).to_lowercase(),
            id.to_lowercase()
        );
        for name in ["shop", "rg-", "6f2e1a9c"] {
            assert!(!id.contains(name), "{id}");
        }
        let parameter = words.any(&format!("{SERVER}/configurations/tls_version"));
        assert_eq!(parameter, format!("{id}/configurations/tls_version"));
    }

    #[test]
    fn what_microsoft_defines_stays_and_what_somebody_defines_does_not() {
        let mut words = words();
        let guid = "1f9d8e3a-0000-4000-a000-0123456789ab";
        let built_in = format!("/providers/Microsoft.Authorization/policyDefinitions/{guid}");
        assert_eq!(words.any(&built_in), built_in);
        let own = format!("/subscriptions/s{built_in}");
        assert!(!words.any(&own).contains(guid));
        let own = format!("/providers/Microsoft.Management/managementGroups/contoso{built_in}");
        let changed = words.any(&own);
        assert!(
            !changed.contains(guid) && !changed.contains("contoso"),
            "{changed}"
        );
        let graph = "/providers/Microsoft.ResourceGraph/resources";
        assert_eq!(words.any(graph), graph);
    }

    #[test]
    fn hosts_keys_and_people_keep_their_form() {
        let mut words = words();
        let server = words.any("shop-db");
        assert_eq!(
            words.any("shop-db.mysql.database.azure.com"),
            format!("{server}.mysql.database.azure.com")
        );
        let key =
            words.any("https://kv-shop.vault.azure.net/keys/cmk/0123456789abcdef0123456789abcdef");
        let key = KeyUri::parse(&key).unwrap();
        assert_eq!(key.vault, words.any("kv-shop"));
        assert_eq!(key.version.map(|it| it.len()), Some(32));
        let person = words.any("Ada.L@contoso.example");
        let (user, host) = person.split_once('@').unwrap();
        assert!(
            !user.contains("Ada") && host.ends_with(".invalid"),
            "{person}"
        );
        assert!(!person.contains("contoso"));
        for same in [
            "2026-11-20T02:00:00Z",
            "P90D",
            "Enabled",
            "Microsoft.Storage",
            "",
        ] {
            assert_eq!(words.any(same), same);
        }
        assert_ne!(
            words.any("a note with contoso in it"),
            "a note with contoso in it"
        );
        assert_eq!(
            words.names("app,azure_superuser"),
            format!("{},azure_superuser", words.any("app"))
        );
    }
}
