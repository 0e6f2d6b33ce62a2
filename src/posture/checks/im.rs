//! IM, identity management: who can sign in.

use serde_json::Value;

use crate::documents::text::neutral;
use crate::documents::{Cause, DocumentKind, Fact};
use crate::posture::{Condition, Judgement, Severity};

use super::look::{Look, Rule, unknown_value};

/// The fact behind every condition about the Entra administrator.
const ENTRA_ADMINISTRATOR: &str = "entra-administrator";
/// The fact behind every condition about `aad_auth_only`.
pub const ENTRA_ONLY_PARAMETER: &str = "aad_auth_only";

const ENTRA_ADMIN: Rule = Rule {
    id: "entra-admin",
    statement: "the server has a Microsoft Entra administrator",
    severity: Severity::High,
};
const CONDITIONAL_ACCESS: Rule = Rule {
    id: "conditional-access",
    statement: "conditional access decides who signs in, from where and how",
    severity: Severity::Medium,
};
const ENTRA_ONLY: Rule = Rule {
    id: "entra-only",
    statement: "only Microsoft Entra identities can sign in (aad_auth_only is ON)",
    severity: Severity::Medium,
};

/// The condition of IM-1 Azure AD Authentication Required for Data Plane Access.
pub const AUTHENTICATION_RULES: [Rule; 1] = [ENTRA_ADMIN];
/// The condition of IM-1 Local Authentication Methods for Data Plane Access.
pub const LOCAL_RULES: [Rule; 1] = [ENTRA_ONLY];
/// The conditions of IM-7 Conditional Access for Data Plane.
pub const CONDITIONAL_RULES: [Rule; 2] = [ENTRA_ADMIN, CONDITIONAL_ACCESS];

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

/// What a person has to look at where Resource Manager shows nothing.
const CHECKLIST: &str = "look in Microsoft Entra: a policy covers the users and groups that sign in here, and the \
    application that gives out tokens for this service; it is on, not in report-only mode; it asks for a second factor \
    or a compliant device; only emergency accounts are left out";

/// IM-7 Conditional Access for Data Plane: `entra-admin`, without which there is nobody to whom it could apply, and
/// `conditional-access`, which Resource Manager does not show.
pub fn conditional_access(look: &Look<'_>) -> Vec<Condition> {
    let admin = entra_admin(look);
    let bypass = entra_only(look);
    let judgement = match &admin.judgement {
        Judgement::Met => Judgement::Manual(CHECKLIST.to_owned()),
        Judgement::Unmet => Judgement::NotApplicable(
            "without an Entra administrator nobody signs in by Microsoft Entra".to_owned(),
        ),
        open => open.clone(),
    };
    let evidence = [&admin.evidence, &bypass.evidence].into_iter().flatten();
    let mut policies = CONDITIONAL_ACCESS.decides(judgement, evidence.cloned().collect());
    // Unread it is for the administrators alone, which count already.
    policies.shared_fact = Some(ENTRA_ADMINISTRATOR);
    policies.note = Some(match bypass.judgement {
        Judgement::Met => "local logins are off, so nobody signs in past it".to_owned(),
        Judgement::Unmet => {
            "local logins are on: whoever has the password of one signs in past every policy"
                .to_owned()
        }
        _ => "whether local logins can sign in past it is not known".to_owned(),
    });
    vec![admin, policies]
}

/// IM-3 Managed Identities, which nothing judges: the identities that are attached, and which of them the
/// customer-managed key uses.
pub fn attached_identities(look: &Look<'_>) -> Vec<String> {
    let attached = match look.member("/identity/userAssignedIdentities").fact {
        Fact::Known(Value::Object(identities)) => identities,
        Fact::Known(_) => {
            return vec!["the attached identities could not be understood".to_owned()];
        }
        Fact::Absent => return vec!["no identity is attached".to_owned()],
        Fact::Unread(cause) => {
            return vec![format!(
                "which identities are attached is unread: {}",
                words(&cause)
            )];
        }
    };
    if attached.is_empty() {
        return vec!["no identity is attached".to_owned()];
    }
    let uses = |member| match look.member_text(member).fact {
        Fact::Known(id) => Some(id),
        Fact::Absent | Fact::Unread(_) => None,
    };
    let of_key = uses("/properties/dataEncryption/primaryUserAssignedIdentityId");
    let of_geo_key = uses("/properties/dataEncryption/geoBackupUserAssignedIdentityId");
    attached
        .keys()
        .map(|id| {
            let is = |other: &Option<String>| {
                other
                    .as_ref()
                    .is_some_and(|other| other.eq_ignore_ascii_case(id))
            };
            let role = match (is(&of_key), is(&of_geo_key)) {
                (true, true) => {
                    ", used by the customer-managed key and by that of geo-redundant backup"
                }
                (true, false) => ", used by the customer-managed key",
                (false, true) => ", used by the key of geo-redundant backup",
                (false, false) => "",
            };
            format!("attached: {}{role}", neutral(id))
        })
        .collect()
}

/// IM-3 Service Principals, which nothing judges: whether an Entra administrator exists, without whom none can sign in.
pub fn principals_can_sign_in(look: &Look<'_>) -> String {
    match entra_admin(look).judgement {
        Judgement::Met => {
            "an Entra administrator exists, who can let service principals in".to_owned()
        }
        Judgement::Unmet => {
            "no Entra administrator exists, without whom no service principal can sign in"
                .to_owned()
        }
        Judgement::Unread(cause) => format!(
            "whether an Entra administrator exists, without whom no service principal can sign in, is unread: {}",
            words(&cause)
        ),
        Judgement::Manual(why) | Judgement::NotApplicable(why) => why,
    }
}

fn words(cause: &Cause) -> String {
    neutral(&cause.to_string()).into_owned()
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

    #[test]
    fn attached_identities_are_shown_with_the_key_that_uses_them() {
        let notes = |fixture: Fixture| {
            let documents = fixture.documents();
            attached_identities(&Look {
                documents: &documents,
                ruleset: &Ruleset::default(),
            })
        };
        let server = |identity: Value| {
            Fixture::new().read(
                DocumentKind::Server,
                json!({"identity": identity, "properties": {"dataEncryption": {
                    "type": "AzureKeyVault", "primaryUserAssignedIdentityId": "/subscriptions/S/ID/one"
                }}}),
            )
        };
        let both = json!({"userAssignedIdentities": {"/subscriptions/s/id/one": {}, "/subscriptions/s/id/two": {}}});
        let shown = notes(server(both));
        assert_eq!(shown.len(), 2);
        assert!(
            shown[0].contains("one, used by the customer-managed key"),
            "{shown:?}"
        );
        assert!(shown[1].ends_with("two"), "{shown:?}");
        assert_eq!(notes(server(json!(null))), ["no identity is attached"]);
        let unread = Fixture::new().unread(DocumentKind::Server, Cause::TimedOut);
        assert!(notes(unread)[0].contains("unread"));
    }
}
