//! Server parameters: which value is in force.
//!
//! Azure writes the booleans around a parameter as the text `True` or `False`. Older versions of the API have no
//! `currentValue`; `value` is then what was asked for, which is in force unless a restart is pending.

use std::collections::HashMap;

use serde_json::Value;

use super::fact::boolean;
use super::{Cause, Fact, at};

/// Whether a change waits for a restart.
const PENDING: &str = "/properties/isConfigPendingRestart";

/// The parameters that conditions look at, in lower case: whoever reads documents for the judge alone needs no other.
pub const JUDGED: [&str; 12] = [
    "aad_auth_only",
    "audit_log_enabled",
    "audit_log_events",
    "audit_log_exclude_users",
    "audit_log_include_users",
    "local_infile",
    "log_bin_trust_function_creators",
    "require_secure_transport",
    "slow_query_log",
    "tls_version",
    "validate_password_length",
    "validate_password_policy",
];

/// Where each parameter stands in the list of parameters, by its name in lower case.
#[derive(Clone, Debug, Default)]
pub struct ParameterIndex(HashMap<Box<str>, usize>);

impl ParameterIndex {
    /// Indexes the body of a list of parameters.
    #[must_use]
    pub fn new(body: &Value) -> Self {
        let items = body
            .get("value")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default();
        Self(
            items
                .iter()
                .enumerate()
                .filter_map(|(position, item)| {
                    let name = item.get("name")?.as_str()?;
                    Some((name.to_lowercase().into_boxed_str(), position))
                })
                .collect(),
        )
    }

    /// Whether each of so many entries has a name of its own.
    #[must_use]
    pub fn names_each_of(&self, entries: usize) -> bool {
        self.0.len() == entries
    }

    /// The position of the parameter in the list.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.0.get(name).copied()
    }
}

/// The value of a parameter that is in force, and the pointer to where it was found below the parameter.
///
/// `currentValue` goes first; else `value`, unless a restart is pending. A parameter with neither is absent.
#[must_use]
pub fn in_force(parameter: &Value) -> (Fact<String>, &'static str) {
    let text = |member: &str| match at(parameter, member) {
        None | Some(Value::Null) => Fact::Absent,
        Some(value) => Fact::Known(value).text(),
    };
    match text("/properties/currentValue") {
        Fact::Absent => {}
        fact => return (fact, "/properties/currentValue"),
    }
    let value = text("/properties/value");
    let flag = match at(parameter, PENDING) {
        None | Some(Value::Null) => Some(false),
        Some(flag) => boolean(flag),
    };
    match (&value, flag) {
        (Fact::Known(_), Some(true)) => (Fact::Unread(Cause::PendingRestart), PENDING),
        (Fact::Known(_), None) => {
            let detail = "whether a restart is pending is neither true nor false".to_owned();
            (Fact::Unread(Cause::Malformed { detail }), PENDING)
        }
        _ => (value, "/properties/value"),
    }
}

/// The members of a parameter that is a set: split at commas, trimmed, empty ones dropped.
pub fn set(value: &str) -> impl Iterator<Item = &str> {
    value
        .split(',')
        .map(str::trim)
        .filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parameter(properties: Value) -> Value {
        json!({"name": "tls_version", "properties": properties})
    }

    #[test]
    fn current_value_goes_before_value() {
        let (fact, pointer) = in_force(&parameter(json!({
            "value": "TLSv1.2", "currentValue": "TLSv1", "isConfigPendingRestart": "True"
        })));
        assert_eq!(fact, Fact::Known("TLSv1".to_owned()));
        assert_eq!(pointer, "/properties/currentValue");
    }

    #[test]
    fn without_current_value_a_pending_restart_hides_what_is_in_force() {
        let (fact, _) = in_force(&parameter(
            json!({"value": "TLSv1.2", "isConfigPendingRestart": "True"}),
        ));
        assert_eq!(fact, Fact::Unread(Cause::PendingRestart));
        let (fact, _) = in_force(&parameter(
            json!({"value": "TLSv1.2", "isConfigPendingRestart": "False"}),
        ));
        assert_eq!(fact, Fact::Known("TLSv1.2".to_owned()));
    }

    #[test]
    fn a_parameter_with_neither_value_is_absent() {
        assert_eq!(in_force(&parameter(json!({}))).0, Fact::Absent);
        assert_eq!(in_force(&parameter(json!({"value": null}))).0, Fact::Absent);
    }

    #[test]
    fn names_are_found_without_case() {
        let index =
            ParameterIndex::new(&json!({"value": [{"name": "Require_Secure_Transport"}, 7]}));
        assert_eq!(index.position("require_secure_transport"), Some(0));
        assert_eq!(index.position("tls_version"), None);
    }

    #[test]
    fn sets_are_split_and_trimmed() {
        assert_eq!(
            set("DDL, CONNECTION ,,").collect::<Vec<_>>(),
            ["DDL", "CONNECTION"]
        );
    }
}
