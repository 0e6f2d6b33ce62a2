//! The subscriptions that the account can see.

use std::collections::HashSet;

use serde_json::Value;

use crate::documents::Subscription;

use super::arm::ArmClient;
use super::error::ReadError;
use super::versions::SUBSCRIPTIONS;

/// The role-based access control action that the list needs.
const ACTION: &str = "Microsoft.Resources/subscriptions/read";

/// The subscriptions that were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visible {
    /// Every subscription once, by id.
    pub subscriptions: Vec<Subscription>,
    /// How many entries of the list have no id that is one: nothing can be asked about them.
    pub rejected: usize,
}

/// Lists the subscriptions that the account can see.
///
/// # Errors
/// Why the list is not there, or not whole.
pub async fn subscriptions(client: &ArmClient) -> Result<Visible, ReadError> {
    let answer = client.list("/subscriptions", SUBSCRIPTIONS, ACTION).await?;
    let items = answer.body["value"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let mut seen = HashSet::new();
    let mut visible = Visible::default();
    for item in items {
        match subscription(item) {
            None => visible.rejected += 1,
            Some(subscription) => {
                if seen.insert(subscription.id.to_ascii_lowercase()) {
                    visible.subscriptions.push(subscription);
                }
            }
        }
    }
    visible
        .subscriptions
        .sort_by(|one, other| one.id.cmp(&other.id));
    Ok(visible)
}

fn subscription(item: &Value) -> Option<Subscription> {
    let text = |member: &str| {
        item.get(member)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let id = text("subscriptionId").filter(|id| is_id(id))?;
    let tenant = text("tenantId");
    // The list of managing tenants can name the subscription's own one, which delegates nothing.
    let delegated = item
        .get("managedByTenants")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|managing| managing.get("tenantId")?.as_str())
        .any(|managing| {
            tenant
                .as_deref()
                .is_none_or(|own| !own.eq_ignore_ascii_case(managing))
        });
    Some(Subscription {
        name: text("displayName").unwrap_or_else(|| id.clone()),
        id,
        tenant,
        state: text("state"),
        delegated,
    })
}

/// Whether a text can stand in a path as a subscription's id.
pub(super) fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_subscription_is_delegated_when_another_tenant_manages_it() {
        let of = |managing: Value| {
            subscription(&json!({
                "subscriptionId": "a1", "tenantId": "t1", "managedByTenants": managing
            }))
            .unwrap()
        };
        assert!(!of(json!([])).delegated);
        assert!(!of(json!([{"tenantId": "T1"}])).delegated);
        assert!(of(json!([{"tenantId": "t1"}, {"tenantId": "t2"}])).delegated);
        assert!(!of(json!("odd")).delegated);
    }

    #[test]
    fn what_is_missing_has_a_stand_in_and_hostile_ids_are_left_out() {
        let bare = subscription(&json!({"subscriptionId": "a1"})).unwrap();
        assert_eq!(
            (bare.name.as_str(), bare.tenant, bare.state),
            ("a1", None, None)
        );
        for id in [
            json!(null),
            json!(""),
            json!("../x"),
            json!("a b"),
            json!(7),
        ] {
            assert!(subscription(&json!({"subscriptionId": id})).is_none());
        }
    }
}
