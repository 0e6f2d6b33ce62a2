//! Which actions the account may do in a subscription, as Azure itself says it.

use serde_json::Value;
use wildmatch::WildMatch;

use super::arm::ArmClient;
use super::error::ReadError;
use super::subscriptions::is_id;
use super::versions::PERMISSIONS;

/// The role-based access control action that the list needs.
const ACTION: &str = "Microsoft.Authorization/permissions/read";

/// What the roles of an account grant in a subscription. What is granted below it, on one server alone for example, is not
/// in it, and neither are deny assignments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Granted(Vec<Grant>);

/// What one role grants: its actions without its not-actions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Grant {
    actions: Vec<String>,
    not_actions: Vec<String>,
}

impl Granted {
    /// Whether one of the roles grants an action.
    #[must_use]
    pub fn has(&self, action: &str) -> bool {
        let among = |patterns: &[String]| {
            patterns
                .iter()
                .any(|pattern| WildMatch::new_case_insensitive(pattern).matches(action))
        };
        self.0
            .iter()
            .any(|grant| among(&grant.actions) && !among(&grant.not_actions))
    }

    /// What the answer of `permissions` (`Microsoft.Authorization`, api-version 2022-04-01) says. An entry that is not of
    /// its shape grants nothing.
    fn of_answer(body: &Value) -> Self {
        let texts = |entry: &Value, member: &str| -> Vec<String> {
            let texts = entry.get(member).and_then(Value::as_array);
            texts
                .into_iter()
                .flatten()
                .filter_map(|text| text.as_str().map(str::to_owned))
                .collect()
        };
        let entries = body["value"].as_array().into_iter().flatten();
        Self(
            entries
                .map(|entry| Grant {
                    actions: texts(entry, "actions"),
                    not_actions: texts(entry, "notActions"),
                })
                .collect(),
        )
    }
}

/// Reads what the account may do in a subscription.
///
/// # Errors
/// Why the list is not there, or not whole.
pub async fn granted(client: &ArmClient, subscription: &str) -> Result<Granted, ReadError> {
    if !is_id(subscription) {
        return Err(ReadError::malformed("this is not the id of a subscription"));
    }
    let path =
        format!("/subscriptions/{subscription}/providers/Microsoft.Authorization/permissions");
    let answer = client.list(&path, PERMISSIONS, ACTION).await?;
    Ok(Granted::of_answer(&answer.body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_role_grants_its_actions_without_its_not_actions_and_roles_add_up() {
        let reader = json!({"actions": ["*/read"], "notActions": []});
        let without_locks = json!({
            "actions": ["*/Read", 7], "notActions": ["microsoft.authorization/locks/*"]
        });
        let servers = json!({"actions": ["Microsoft.DBforMySQL/flexibleServers/read"]});
        let of = |roles: &[&Value]| Granted::of_answer(&json!({"value": roles}));
        let locks = "Microsoft.Authorization/locks/read";
        let server = "microsoft.dbformysql/flexibleservers/read";
        assert!(of(&[&reader]).has(locks) && of(&[&reader]).has(server));
        assert!(!of(&[&reader]).has("Microsoft.DBforMySQL/flexibleServers/write"));
        assert!(!of(&[&without_locks]).has(locks) && of(&[&without_locks]).has(server));
        // What one role leaves out another may grant.
        assert!(of(&[&without_locks, &reader]).has(locks));
        assert!(of(&[&servers]).has(server) && !of(&[&servers]).has(locks));
        for odd in [json!({}), json!({"value": 7}), json!({"value": [7, {}]})] {
            assert!(!Granted::of_answer(&odd).has(server));
        }
    }
}
