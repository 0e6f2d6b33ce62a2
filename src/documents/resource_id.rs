//! The id of a resource: written in any casing by Azure, compared without it.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

/// An Azure resource id as Azure wrote it. Equality, order and hash ignore case, because Azure answers the same id
/// in different casings.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResourceId(Box<str>);

/// Why a text is not a resource id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a resource id of the form /subscriptions/…: {0:?}")]
pub struct ResourceIdError(String);

impl ResourceId {
    /// Takes a resource id of the form `/subscriptions/{id}/…`.
    ///
    /// # Errors
    /// When the text has another form, or characters that have no place in a path.
    pub fn parse(text: &str) -> Result<Self, ResourceIdError> {
        let is_segment = |segment: &str| !matches!(segment, "" | "." | "..");
        let trimmed = text.trim_end_matches('/');
        let mut segments = trimmed.split('/');
        let well_formed = segments.next() == Some("")
            && segments
                .next()
                .is_some_and(|s| s.eq_ignore_ascii_case("subscriptions"))
            && segments.next().is_some_and(is_segment)
            && segments.all(is_segment)
            && !trimmed
                .chars()
                .any(|c| c.is_control() || matches!(c, '?' | '#' | '%' | '\\'));
        if well_formed {
            Ok(Self(trimmed.into()))
        } else {
            Err(ResourceIdError(text.chars().take(200).collect()))
        }
    }

    /// The id as Azure wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id with its ASCII letters in lower case, the form to compare and to key by: as equality of ids is, and as Azure
    /// writes them. Other letters stay, since some of them become ASCII letters in lower case.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// The subscription's id.
    #[must_use]
    pub fn subscription(&self) -> &str {
        self.segment_after("subscriptions").unwrap_or_default()
    }

    /// The resource group's name, when the resource lies in one.
    #[must_use]
    pub fn resource_group(&self) -> Option<&str> {
        self.segment_after("resourceGroups")
    }

    /// The last segment: the resource's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    fn segment_after(&self, name: &str) -> Option<&str> {
        let mut segments = self.0.split('/').skip(1);
        while let Some(key) = segments.next() {
            let value = segments.next()?;
            if key.eq_ignore_ascii_case(name) {
                return Some(value);
            }
        }
        None
    }
}

impl PartialEq for ResourceId {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for ResourceId {}

impl Hash for ResourceId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.0.bytes() {
            state.write_u8(byte.to_ascii_lowercase());
        }
    }
}

impl PartialOrd for ResourceId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ResourceId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let lower = |byte: u8| byte.to_ascii_lowercase();
        self.0.bytes().map(lower).cmp(other.0.bytes().map(lower))
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ResourceId {
    type Error = ResourceIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<ResourceId> for String {
    fn from(id: ResourceId) -> Self {
        id.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_in_any_casing() {
        let one = ResourceId::parse(
            "/subscriptions/A1/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/Db",
        )
        .unwrap();
        let other = ResourceId::parse(
            "/subscriptions/a1/resourcegroups/RG/providers/microsoft.dbformysql/flexibleservers/db/",
        )
        .unwrap();
        assert_eq!(one, other);
        assert_eq!(one.key(), other.key());
        assert_eq!(other.subscription(), "a1");
        assert_eq!(other.resource_group(), Some("RG"));
        assert_eq!(one.name(), "Db");
    }

    #[test]
    fn ids_are_the_same_by_their_keys_and_by_comparison() {
        // The Kelvin sign is a K to Unicode, and a character of its own to Azure.
        let of = |name: &str| ResourceId::parse(&format!("/subscriptions/s/{name}")).unwrap();
        for (one, other, same) in [("K", "k", true), ("\u{212a}", "k", false)] {
            let (one, other) = (of(one), of(other));
            assert_eq!((one == other, one.key() == other.key()), (same, same));
            assert_eq!(one.cmp(&other).is_eq(), same);
        }
    }

    #[test]
    fn text_that_would_leave_the_path_is_refused() {
        for text in [
            "",
            "/",
            "subscriptions/a",
            "/subscriptions/",
            "/subscriptions/a/../../b",
            "/subscriptions/..",
            "/subscriptions/../providers/Microsoft.DBforMySQL/flexibleServers/db",
            "/subscriptions/./a",
            "/subscriptions/a?x=1",
            "/subscriptions/a#b",
            "/subscriptions/a/%2e%2e/b",
            "/subscriptions/a\u{1b}[31m",
            "//evil.example/subscriptions/a",
        ] {
            assert!(ResourceId::parse(text).is_err(), "{text:?}");
        }
    }
}
