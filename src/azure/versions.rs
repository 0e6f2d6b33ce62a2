//! The versions of Azure's APIs: one constant an API, the version to ask first, then older ones for clouds that do not
//! know it yet.

/// An API and its versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Api {
    versions: &'static [&'static str],
}

/// `Microsoft.DBforMySQL/flexibleServers`. 2024-12-30 is the newest stable version; 2021-05-01 was still answered in
/// late 2025.
pub const MYSQL: Api = Api {
    versions: &["2024-12-30", "2023-12-30", "2021-05-01"],
};

/// `Microsoft.ResourceGraph/resources`. Versions before 2021-06-01-preview do not know `authorizationScopeFilter`, and
/// would leave out without a word what lies at management groups.
pub const RESOURCE_GRAPH: Api = Api {
    versions: &["2024-04-01", "2022-10-01"],
};

/// The list of subscriptions.
pub const SUBSCRIPTIONS: Api = Api {
    versions: &["2022-12-01", "2020-01-01"],
};

/// `microsoft.insights/diagnosticSettings`, which never had a stable version in this form.
pub const DIAGNOSTIC_SETTINGS: Api = Api {
    versions: &["2021-05-01-preview", "2017-05-01-preview"],
};

/// `Microsoft.Network`: some two years old, so that sovereign clouds have it too.
pub const NETWORK: Api = Api {
    versions: &["2024-05-01", "2023-09-01", "2020-11-01"],
};

/// `Microsoft.KeyVault`, likewise.
pub const KEY_VAULT: Api = Api {
    versions: &["2023-07-01", "2022-07-01"],
};

/// `Microsoft.Authorization/locks`.
pub const LOCKS: Api = Api {
    versions: &["2020-05-01", "2016-09-01"],
};

/// `Microsoft.Authorization/permissions`: what the roles of the caller grant.
pub const PERMISSIONS: Api = Api {
    versions: &["2022-04-01", "2015-07-01"],
};

/// `Microsoft.Security/pricings`: the plans of Microsoft Defender.
pub const DEFENDER_PLANS: Api = Api {
    versions: &["2024-01-01", "2023-01-01", "2018-06-01"],
};

/// `Microsoft.CustomerLockbox/tenantOptedIn`, of which there is a preview only.
pub const CUSTOMER_LOCKBOX: Api = Api {
    versions: &["2018-02-28-preview"],
};

impl Api {
    /// The version that is asked first.
    #[must_use]
    pub const fn newest(self) -> &'static str {
        self.versions[0]
    }

    pub(super) fn at(self, position: usize) -> &'static str {
        self.versions
            .get(position)
            .copied()
            .unwrap_or(self.newest())
    }

    /// The position of the version to ask after the one at `position` was refused: of the older ones the first that the
    /// refusal lists as supported, else the next one.
    pub(super) fn after(self, position: usize, refusal: &str) -> Option<usize> {
        let mut older = (position + 1)..self.versions.len();
        older
            .clone()
            .find(|&position| lists(refusal, self.versions[position]))
            .or_else(|| older.next())
    }
}

/// Whether Azure's error code says that it does not know the version.
pub(super) fn is_version_refusal(code: &str) -> bool {
    [
        "InvalidApiVersionParameter",
        "NoRegisteredProviderFound",
        "InvalidResourceType",
        "UnsupportedApiVersion",
        "InvalidApiVersion",
    ]
    .iter()
    .any(|known| known.eq_ignore_ascii_case(code))
}

/// Whether the refusal lists this very version, and not merely its preview.
fn lists(refusal: &str, version: &str) -> bool {
    refusal
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .any(|word| word == version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_older_version_that_is_supported_is_asked() {
        let refusal = "No registered resource provider found for location 'x' and API version '2024-12-30' for type \
                       'flexibleServers'. The supported api-versions are '2020-07-01-preview, 2021-05-01'.";
        assert_eq!(MYSQL.after(0, refusal), Some(2));
        assert_eq!(MYSQL.after(0, "no list"), Some(1));
        assert_eq!(MYSQL.after(0, "supported: 2021-05-01-preview"), Some(1));
        assert_eq!(MYSQL.after(2, refusal), None);
    }

    #[test]
    fn only_codes_about_the_version_lead_to_another_one() {
        assert!(is_version_refusal("invalidapiversionparameter"));
        assert!(!is_version_refusal("ResourceNotFound"));
        assert!(!is_version_refusal(""));
    }
}
