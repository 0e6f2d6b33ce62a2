//! IM, identity management: who can sign in.

use serde_json::Value;

use crate::documents::{Cause, DocumentKind, Fact};
use crate::posture::{Condition, Judgement, Severity};

use super::look::{Look, Rule, unknown_value};

/// The fact behind every condition about the Entra administrator.
const ENTRA_ADMINISTRATOR: &str = "entra-administrator";
/// The fact behind every condition about `aad_auth_only`.
const ENTRA_ONLY_PARAMETER: &str = "aad_auth_only";

const ENTRA_ADMIN: Rule = Rule {
    id: "entra-admin",
    statement: "the server has a Microsoft Entra administrator",
    severity: Severity::High,
};
const ENTRA_ONLY: Rule = Rule {
    id: "entra-only",
    statement: "only Microsoft Entra identities can sign in (aad_auth_only is ON)",
    severity: Severity::Medium,
};

/// IM-1 Azure AD Authentication Required for Data Plane Access: `entra-admin`.
pub fn entra_admin(look: &Look<'_>) -> Condition {
    let seen = look.items(DocumentKind::Administrators);
    let expected = "at least one administrator of type ActiveDirectory";
    let kind = |item: &Value| -> Option<String> {
        Some(
            item.pointer("/properties/administratorType")?
                .as_str()?
                .to_owned(),
        )
    };
    let (judgement, observed) = match &seen.fact {
        Fact::Unread(cause) => (Judgement::Unread(cause.clone()), cause.to_string()),
        Fact::Absent => (Judgement::Unread(Cause::Absent), "not present".to_owned()),
        Fact::Known(items) => {
            let kinds: Vec<Option<String>> = items.iter().map(kind).collect();
            let found = kinds
                .iter()
                .flatten()
                .filter(|kind| kind.eq_ignore_ascii_case("ActiveDirectory"))
                .count();
            if found > 0 {
                (Judgement::Met, format!("{found} of type ActiveDirectory"))
            } else if kinds.contains(&None) {
                (
                    Judgement::Unread(Cause::Absent),
                    "an administrator without a type".to_owned(),
                )
            } else if let Some(Some(other)) = kinds.first() {
                (unknown_value(other), other.clone())
            } else {
                (Judgement::Unmet, "no administrator".to_owned())
            }
        }
    };
    let evidence = look.evidence_of(seen.source, &observed, expected);
    let mut condition = ENTRA_ADMIN.decides(judgement, vec![evidence]);
    condition.shared_fact = Some(ENTRA_ADMINISTRATOR);
    condition
}

/// IM-1 Local Authentication Methods for Data Plane Access: `entra-only`.
pub fn entra_only(look: &Look<'_>) -> Condition {
    let seen = look.parameter("aad_auth_only");
    let judgement = switch(&seen.fact);
    let evidence = look.evidence(&seen, "ON");
    let mut condition = ENTRA_ONLY.decides(judgement, vec![evidence]);
    condition.shared_fact = Some(ENTRA_ONLY_PARAMETER);
    condition
}

/// A parameter that is to be ON.
pub fn switch(fact: &Fact<String>) -> Judgement {
    match fact {
        Fact::Known(value) => match value.trim() {
            value if value.eq_ignore_ascii_case("on") || value == "1" => Judgement::Met,
            value if value.eq_ignore_ascii_case("off") || value == "0" => Judgement::Unmet,
            value => unknown_value(value),
        },
        Fact::Absent => Judgement::Unread(Cause::Absent),
        Fact::Unread(cause) => Judgement::Unread(cause.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::posture::Ruleset;
    use crate::posture::fixtures::{Fixture, causes};

    fn judge(fixture: Fixture, judge: fn(&Look<'_>) -> Condition) -> Judgement {
        let documents = fixture.documents();
        let ruleset = Ruleset::default();
        judge(&Look {
            documents: &documents,
            ruleset: &ruleset,
        })
        .judgement
    }

    fn administrators(items: Value) -> Fixture {
        Fixture::new().list(DocumentKind::Administrators, items)
    }

    #[test]
    fn an_administrator_of_the_right_type_is_needed() {
        let of = |kind: &str| json!({"properties": {"administratorType": kind, "login": "dba"}});
        for (items, expected) in [
            (json!([of("ActiveDirectory")]), Judgement::Met),
            (json!([of("activedirectory")]), Judgement::Met),
            (json!([of("Other"), of("ActiveDirectory")]), Judgement::Met),
            (json!([]), Judgement::Unmet),
            (
                json!([{"properties": {}}]),
                Judgement::Unread(Cause::Absent),
            ),
            (json!([7]), Judgement::Unread(Cause::Absent)),
        ] {
            assert_eq!(
                judge(administrators(items.clone()), entra_admin),
                expected,
                "{items}"
            );
        }
        assert!(matches!(
            judge(administrators(json!([of("SomethingNew")])), entra_admin),
            Judgement::Unread(Cause::Malformed { .. })
        ));
        for cause in causes() {
            let fixture = Fixture::new().unread(DocumentKind::Administrators, cause.clone());
            assert_eq!(judge(fixture, entra_admin), Judgement::Unread(cause));
        }
        assert_eq!(
            judge(Fixture::new(), entra_admin),
            Judgement::Unread(Cause::NotAsked)
        );
    }

    #[test]
    fn a_list_that_is_no_list_is_malformed() {
        let fixture = Fixture::new().read(DocumentKind::Administrators, json!({"value": {}}));
        assert!(matches!(
            judge(fixture, entra_admin),
            Judgement::Unread(Cause::Malformed { .. })
        ));
    }

    #[test]
    fn entra_only_by_the_value_in_force() {
        let parameter = |properties| Fixture::new().parameters(&[("aad_auth_only", properties)]);
        for (properties, expected) in [
            (json!({"value": "ON"}), Judgement::Met),
            (json!({"value": " on "}), Judgement::Met),
            (json!({"value": "OFF"}), Judgement::Unmet),
            (
                json!({"value": "ON", "currentValue": "OFF"}),
                Judgement::Unmet,
            ),
            (
                json!({"value": "ON", "isConfigPendingRestart": "True"}),
                Judgement::Unread(Cause::PendingRestart),
            ),
            (json!({}), Judgement::Unread(Cause::Absent)),
            (json!({"value": ""}), Judgement::Unread(Cause::Absent)),
        ] {
            assert_eq!(
                judge(parameter(properties.clone()), entra_only),
                expected,
                "{properties}"
            );
        }
        assert!(matches!(
            judge(parameter(json!({"value": "MAYBE"})), entra_only),
            Judgement::Unread(Cause::Malformed { .. })
        ));
        assert!(matches!(
            judge(parameter(json!({"value": 1})), entra_only),
            Judgement::Unread(Cause::Malformed { .. })
        ));
        let complete_without_it =
            Fixture::new().parameters(&[("event_scheduler", json!({"value": "ON"}))]);
        assert_eq!(
            judge(complete_without_it, entra_only),
            Judgement::Unread(Cause::Absent)
        );
        for cause in causes() {
            let fixture = Fixture::new().unread(DocumentKind::Configurations, cause.clone());
            assert_eq!(judge(fixture, entra_only), Judgement::Unread(cause));
        }
    }
}
