//! PA, privileged access: the account that the server was made with, and who at Microsoft may be let in.

use crate::documents::{Cause, DocumentKind, Fact};
use crate::posture::{Condition, Judgement, Severity, Weight};

use super::im::{ENTRA_ONLY_PARAMETER, switch};
use super::look::{Look, Rule, unknown_value};

const LOCAL_ADMIN: Rule = Rule {
    id: "local-admin",
    statement: "the local administrator cannot sign in, because only Microsoft Entra identities can (aad_auth_only is ON)",
    severity: Severity::Medium,
};
const ADMIN_NAME: Rule = Rule {
    id: "admin-name",
    statement: "the local administrator has no name that attackers try first",
    severity: Severity::Low,
};
const LOCKBOX: Rule = Rule {
    id: "lockbox",
    statement: "the tenant has opted in to Customer Lockbox: Microsoft's support asks before it looks at data",
    severity: Severity::Medium,
};

/// The conditions of PA-1 Local Admin Accounts.
pub const LOCAL_ADMIN_RULES: [Rule; 2] = [LOCAL_ADMIN, ADMIN_NAME];
/// The condition of PA-8 Customer Lockbox.
pub const LOCKBOX_RULES: [Rule; 1] = [LOCKBOX];

/// Logins that stand in quick starts, templates and tutorials of this and sibling services.
const WELL_KNOWN: [&str; 10] = [
    "azureuser",
    "mysqladmin",
    "mysqluser",
    "myadmin",
    "mydemouser",
    "dbadmin",
    "sqladmin",
    "adminuser",
    "superadmin",
    "cloudsa",
];

/// PA-1 Local Admin Accounts: `local-admin` and `admin-name`.
pub fn local_admin_accounts(look: &Look<'_>) -> Vec<Condition> {
    let seen = look.parameter("aad_auth_only");
    let judgement = switch(&seen.fact);
    let evidence = look.evidence(&seen, "ON");
    let mut local_admin = LOCAL_ADMIN.decides(judgement.clone(), vec![evidence.clone()]);
    local_admin.shared_fact = Some(ENTRA_ONLY_PARAMETER);
    let out_of_play = match judgement {
        Judgement::Unmet => return vec![local_admin, admin_name(look)],
        Judgement::Met => Judgement::NotApplicable("nobody can sign in with it".to_owned()),
        // Whether the name matters is as open as whether it can be used.
        open => open,
    };
    let name = ADMIN_NAME.weighted(Weight::Informs, out_of_play, vec![evidence]);
    vec![local_admin, name]
}

fn admin_name(look: &Look<'_>) -> Condition {
    let seen = look.member_text("/properties/administratorLogin");
    let judgement = match &seen.fact {
        Fact::Known(login) => Judgement::from_bool(
            !WELL_KNOWN
                .iter()
                .any(|known| known.eq_ignore_ascii_case(login.trim())),
        ),
        Fact::Absent => Judgement::Unread(Cause::Absent),
        Fact::Unread(cause) => Judgement::Unread(cause.clone()),
    };
    let evidence = look.evidence(&seen, "none of the names that stand in every tutorial");
    ADMIN_NAME.weighted(Weight::Informs, judgement, vec![evidence])
}

/// PA-8 Customer Lockbox: `lockbox`. One fact a tenant, which every server of the tenant shares.
pub fn customer_lockbox(look: &Look<'_>) -> Condition {
    let seen = look.in_document(DocumentKind::CustomerLockbox, "/isOptedIn");
    let seen = seen.map(Fact::word);
    let judgement = match &seen.fact {
        Fact::Known(word) => match word.as_str() {
            "true" => Judgement::Met,
            "false" => Judgement::Unmet,
            other => unknown_value(other),
        },
        Fact::Absent => Judgement::Unread(Cause::Absent),
        Fact::Unread(cause) => Judgement::Unread(cause.clone()),
    };
    let evidence = look.evidence(&seen, "true");
    let mut condition = LOCKBOX.decides(judgement, vec![evidence]);
    condition.note = Some("one fact for the whole tenant".to_owned());
    condition
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::posture::Ruleset;
    use crate::posture::fixtures::{Fixture, causes};

    fn judged(fixture: Fixture) -> [Judgement; 2] {
        let documents = fixture.documents();
        let conditions = local_admin_accounts(&Look {
            documents: &documents,
            ruleset: &Ruleset::default(),
        });
        assert_eq!(
            conditions.iter().map(|c| c.id).collect::<Vec<_>>(),
            ["local-admin", "admin-name"]
        );
        [
            conditions[0].judgement.clone(),
            conditions[1].judgement.clone(),
        ]
    }

    fn server(login: Value, entra_only: Value) -> Fixture {
        Fixture::new()
            .server(json!({ "administratorLogin": login }))
            .parameters(&[("aad_auth_only", entra_only)])
    }

    #[test]
    fn the_local_administrator_is_out_of_use_where_only_entra_identities_sign_in() {
        let off = || json!({"value": "OFF"});
        assert!(matches!(
            judged(server(json!("dbadmin"), json!({"value": "ON"}))),
            [Judgement::Met, Judgement::NotApplicable(_)]
        ));
        for (login, expected) in [
            (json!("owner_of_orders"), Judgement::Met),
            (json!("MySqlAdmin"), Judgement::Unmet),
            (json!(" azureuser "), Judgement::Unmet),
            (json!(null), Judgement::Unread(Cause::Absent)),
        ] {
            let [local_admin, name] = judged(server(login.clone(), off()));
            assert_eq!((local_admin, name), (Judgement::Unmet, expected), "{login}");
        }
        assert!(matches!(
            judged(server(json!(7), off()))[1],
            Judgement::Unread(Cause::Malformed { .. })
        ));
    }

    #[test]
    fn what_is_unread_is_neither_good_nor_bad() {
        for cause in causes() {
            let unread = Judgement::Unread(cause.clone());
            let fixture = Fixture::new()
                .unread(DocumentKind::Configurations, cause.clone())
                .server(json!({"administratorLogin": "azureuser"}));
            assert_eq!(judged(fixture), [unread.clone(), unread.clone()]);
            let fixture = Fixture::new()
                .unread(DocumentKind::Server, cause)
                .parameters(&[("aad_auth_only", json!({"value": "OFF"}))]);
            assert_eq!(judged(fixture), [Judgement::Unmet, unread]);
        }
    }

    #[test]
    fn lockbox_is_what_the_tenant_says() {
        let lockbox = |fixture: Fixture| {
            let documents = fixture.documents();
            customer_lockbox(&Look {
                documents: &documents,
                ruleset: &Ruleset::default(),
            })
            .judgement
        };
        let says = |value: Value| {
            Fixture::new().read(DocumentKind::CustomerLockbox, json!({ "isOptedIn": value }))
        };
        for (value, expected) in [
            (json!(true), Judgement::Met),
            (json!("True"), Judgement::Met),
            (json!(false), Judgement::Unmet),
            (json!(null), Judgement::Unread(Cause::Absent)),
        ] {
            assert_eq!(lockbox(says(value.clone())), expected, "{value}");
        }
        for odd in [json!("perhaps"), json!(1), json!([])] {
            assert!(
                matches!(
                    lockbox(says(odd.clone())),
                    Judgement::Unread(Cause::Malformed { .. })
                ),
                "{odd}"
            );
        }
        for cause in causes() {
            let fixture = Fixture::new().unread(DocumentKind::CustomerLockbox, cause.clone());
            assert_eq!(lockbox(fixture), Judgement::Unread(cause));
        }
        assert_eq!(lockbox(Fixture::new()), Judgement::Unread(Cause::NotAsked));
    }
}
