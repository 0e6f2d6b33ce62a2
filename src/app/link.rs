//! Addresses that belong to what is selected. Each is one of the catalogue's, or is put together here: no text that
//! Azure sent is ever taken as an address.

use std::fmt::Write as _;

use crate::baseline::{Policy, catalogue};
use crate::documents::ResourceId;
use crate::documents::text::neutral;

use super::page::{Tone, Writer};
use super::{Screen, State, Tab, TreeNode};

/// The page of the baseline.
const BASELINE: &str =
    "https://learn.microsoft.com/en-us/security/benchmark/azure/baselines/mysql-security-baseline";

/// An address with what it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it leads to, in a few words.
    pub title: String,
    /// The address: `https`, of printable ASCII.
    pub url: String,
}

/// The addresses of what is selected, the nearest first; the page of the baseline is always among them.
#[must_use]
pub fn links(state: &State) -> Vec<Link> {
    let portal = state.scan.as_ref().and_then(|scan| scan.portal.as_deref());
    let server = match (state.screen(), &state.server) {
        (Screen::Server, Some(server)) => Some(&server.summary),
        (Screen::Fleet, _) => state.roster.selected(),
        _ => None,
    };
    let in_portal = server.and_then(|server| {
        Some(Link {
            title: format!("{} in the portal", neutral(&server.name)),
            url: resource(portal?, &server.id)?,
        })
    });
    let page = Link {
        title: "the page of the baseline".to_owned(),
        url: BASELINE.to_owned(),
    };
    let Some((tab, node)) = state
        .server
        .as_ref()
        .filter(|_| state.screen() == Screen::Server)
        .map(|server| (server.tab, server.node))
    else {
        return in_portal.into_iter().chain([page]).collect();
    };
    let TreeNode::Feature(feature) = node else {
        return [page].into_iter().chain(in_portal).collect();
    };
    let catalogue = catalogue();
    let reference = catalogue.feature(feature).reference.as_ref();
    let reference = reference.and_then(|reference| {
        Some(Link {
            title: reference.title.clone(),
            url: reference.url.clone()?,
        })
    });
    let policies = catalogue.policies_of_feature(feature);
    let policies = policies.filter_map(|policy| definition(portal?, policy));
    let all: Vec<Link> = match tab {
        Tab::Policies => policies
            .chain(reference)
            .chain([page])
            .chain(in_portal)
            .collect(),
        Tab::Fix | Tab::Raw => in_portal
            .into_iter()
            .chain(reference)
            .chain([page])
            .collect(),
        _ => reference
            .into_iter()
            .chain([page])
            .chain(in_portal)
            .collect(),
    };
    all.into_iter()
        .filter(|link| is_address(&link.url))
        .collect()
}

/// A resource's page in the portal. The id is Azure's word for it: it must be an id, and what has no place in an address
/// is written in percents.
fn resource(portal: &str, id: &str) -> Option<String> {
    ResourceId::parse(id).ok()?;
    let url = format!("{portal}/#@/resource{}", percent(id, b"/"));
    is_address(&url).then_some(url)
}

/// The page of a built-in policy in the portal, as the lists of built-in policies in the documentation link it.
fn definition(portal: &str, policy: &Policy) -> Option<Link> {
    let id = format!(
        "/providers/Microsoft.Authorization/policyDefinitions/{}",
        policy.guid
    );
    let url = format!(
        "{portal}/#blade/Microsoft_Azure_Policy/PolicyDetailBlade/definitionId/{}",
        percent(&id, b"")
    );
    is_address(&url).then(|| Link {
        title: format!("policy: {}", policy.name),
        url,
    })
}

/// Percent-encodes what is not unreserved (RFC 3986, 2.3) nor among `kept`.
fn percent(text: &str, kept: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to memory does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Whether a text can be an address on the screen and in a terminal's link.
fn is_address(url: &str) -> bool {
    url.starts_with("https://") && url.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Writes the addresses, with the chosen one marked.
pub(super) fn write(writer: &mut Writer, state: &State, chosen: usize) {
    for (place, link) in links(state).iter().enumerate() {
        writer.blank();
        writer.text(Tone::Plain, &link.title);
        writer.link(&link.url, place == chosen);
    }
    let has_portal = state
        .scan
        .as_ref()
        .is_some_and(|scan| scan.portal.is_some());
    if !has_portal {
        writer.blank();
        writer.text(
            Tone::Muted,
            "This scan is of a cloud whose portal is not known.",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg (a)/providers/Microsoft.DBforMySQL/flexibleServers/one";

    #[test]
    fn a_resource_is_found_in_its_cloud_s_portal() {
        assert_eq!(
            resource("https://portal.azure.us", ID).unwrap(),
            "https://portal.azure.us/#@/resource/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/\
             rg%20%28a%29/providers/Microsoft.DBforMySQL/flexibleServers/one"
        );
    }

    #[test]
    fn what_is_no_id_is_no_address() {
        assert_eq!(
            resource("https://portal.azure.com", "https://evil.example"),
            None
        );
        let escape = format!("{ID}\u{1b}]8;;https://evil.example\u{1b}\\");
        let told = resource("https://portal.azure.com", &escape);
        assert!(told.is_none_or(|url| is_address(&url) && !url.contains("://evil")));
        assert!(!is_address("javascript:alert(1)") && !is_address("https://a b"));
    }

    #[test]
    fn a_policy_is_found_by_its_definition() {
        let policy = catalogue()
            .policies_of_feature(crate::baseline::FeatureId::PrivateLink)
            .next()
            .unwrap();
        let link = definition("https://portal.azure.com", policy).unwrap();
        let end = format!(
            "%2Fproviders%2FMicrosoft.Authorization%2FpolicyDefinitions%2F{}",
            policy.guid
        );
        assert!(link.url.ends_with(&end), "{}", link.url);
    }
}
