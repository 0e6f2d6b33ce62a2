//! DP-6, key management: the customer-managed keys of a server and the vaults that keep them.
//!
//! What a member means that is missing comes from Microsoft's documentation: for keys from "Key types, algorithms, and
//! operations" (Key Vault, keys; it speaks of vaults and managed HSMs alike), for vaults from the reference of
//! `Microsoft.KeyVault/vaults` 2026-05-15 and from "Configure network security for Azure Key Vault", for managed HSMs
//! from "Managed HSM soft-delete and purge protection". Such a meaning is only believed of an answer that has what every
//! vault and every key has.

mod conditions;
mod side;

use crate::documents::{Cause, DocumentKind, Fact, KeyUri};
use crate::posture::{Condition, Evidence, Judgement, Severity, Weight};

use super::dp::{KeyOwner, key_owner};
use super::look::{Look, Rule};
use conditions::{
    enabled, expired, expiring, network, purge_protection, rotation, soft_delete, unversioned,
};
use side::{KeySide, Outcome, malformed};

/// The conditions of DP-6 Key Management in Azure Key Vault: those of the key of the data, then the same of the key of
/// geo-redundant backup.
pub const RULES: [Rule; 16] = {
    use Severity::{High, Low, Medium};
    const fn rule(id: &'static str, severity: Severity, statement: &'static str) -> Rule {
        Rule {
            id,
            statement,
            severity,
        }
    }
    [
        rule("key-enabled", High, "the key is enabled and valid by now"),
        rule("key-expired", Medium, "the key has not expired"),
        rule(
            "vault-purge-protection",
            High,
            "the vault of the key is protected from purging",
        ),
        rule(
            "vault-soft-delete",
            High,
            "the vault of the key keeps what is deleted for a while (soft delete)",
        ),
        rule("key-expiring", Medium, "the key does not expire soon"),
        rule(
            "key-rotation",
            Medium,
            "the key is rotated by a policy of its own",
        ),
        rule(
            "key-unversioned",
            Low,
            "the server names the key without a version, and so follows its rotation",
        ),
        rule(
            "vault-network",
            Medium,
            "the vault of the key is closed to public networks",
        ),
        rule(
            "geo-key-enabled",
            High,
            "the key of geo-redundant backup is enabled and valid by now",
        ),
        rule(
            "geo-key-expired",
            Medium,
            "the key of geo-redundant backup has not expired",
        ),
        rule(
            "geo-vault-purge-protection",
            High,
            "the vault of the key of geo-redundant backup is protected from purging",
        ),
        rule(
            "geo-vault-soft-delete",
            High,
            "the vault of the key of geo-redundant backup keeps what is deleted for a while (soft delete)",
        ),
        rule(
            "geo-key-expiring",
            Medium,
            "the key of geo-redundant backup does not expire soon",
        ),
        rule(
            "geo-key-rotation",
            Medium,
            "the key of geo-redundant backup is rotated by a policy of its own",
        ),
        rule(
            "geo-key-unversioned",
            Low,
            "the server names the key of geo-redundant backup without a version, and so follows its rotation",
        ),
        rule(
            "geo-vault-network",
            Medium,
            "the vault of the key of geo-redundant backup is closed to public networks",
        ),
    ]
};

/// What a condition looks at, which a note speaks of when it is unread.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Key,
    Vault,
    Uri,
}

struct Check {
    weight: Weight,
    about: About,
    judge: fn(&KeySide<'_>) -> Outcome,
}

/// What is judged of each key, in the order of [`RULES`].
const CHECKS: [Check; 8] = {
    use About::{Key, Uri, Vault};
    use Weight::{Decides, Informs};
    const fn check(weight: Weight, about: About, judge: fn(&KeySide<'_>) -> Outcome) -> Check {
        Check {
            weight,
            about,
            judge,
        }
    }
    [
        check(Decides, Key, enabled),
        check(Decides, Key, expired),
        check(Decides, Vault, purge_protection),
        check(Decides, Vault, soft_delete),
        check(Informs, Key, expiring),
        check(Informs, Key, rotation),
        check(Informs, Uri, unversioned),
        check(Informs, Vault, network),
    ]
};

/// One of the keys that a server can name, and where it and its vault are described.
struct NamedKey {
    uri: &'static str,
    key: DocumentKind,
    vault: DocumentKind,
    /// What it means that the server names none; `None` where a server with a customer-managed key has to.
    none: Option<&'static str>,
}

const KEYS: [NamedKey; 2] = [
    NamedKey {
        uri: "/properties/dataEncryption/primaryKeyURI",
        key: DocumentKind::EncryptionKey,
        vault: DocumentKind::KeyVault,
        none: None,
    },
    NamedKey {
        uri: "/properties/dataEncryption/geoBackupKeyURI",
        key: DocumentKind::GeoEncryptionKey,
        vault: DocumentKind::GeoKeyVault,
        none: Some("no key of geo-redundant backup is set"),
    },
];

/// DP-6 Key Management in Azure Key Vault: always all of [`RULES`].
pub fn key_management(look: &Look<'_>) -> Vec<Condition> {
    let (owner, seen) = key_owner(look);
    let judgement = match owner {
        KeyOwner::Customer => {
            return KEYS
                .iter()
                .zip(RULES.chunks_exact(CHECKS.len()))
                .flat_map(|(key, rules)| key.conditions(look, rules))
                .collect();
        }
        KeyOwner::Service => {
            Judgement::NotApplicable("no customer-managed key is in use".to_owned())
        }
        KeyOwner::Open(judgement) => judgement,
    };
    all(&RULES, &judgement, &look.evidence(&seen, "AzureKeyVault"))
}

/// One judgement for all of `rules`.
fn all(rules: &[Rule], judgement: &Judgement, evidence: &Evidence) -> Vec<Condition> {
    rules
        .iter()
        .zip(CHECKS.iter().cycle())
        .map(|(rule, check)| rule.weighted(check.weight, judgement.clone(), vec![evidence.clone()]))
        .collect()
}

impl NamedKey {
    fn conditions(&self, look: &Look<'_>, rules: &[Rule]) -> Vec<Condition> {
        let uri = look.member_text(self.uri);
        let named = look.evidence(&uri, "the URI of a key");
        let judgement = match (&uri.fact, self.none) {
            (Fact::Unread(cause), _) => Judgement::Unread(cause.clone()),
            (Fact::Known(text), _) if !text.trim().is_empty() => match KeyUri::parse(text) {
                Some(uri) => {
                    let side = KeySide {
                        look: *look,
                        uri,
                        named,
                        key: self.key,
                        vault: self.vault,
                    };
                    let both = rules.iter().zip(&CHECKS);
                    return both
                        .map(|(rule, check)| side.condition(*rule, check))
                        .collect();
                }
                None => malformed("the URI that the server names is not that of a key"),
            },
            (_, Some(why)) => Judgement::NotApplicable(why.to_owned()),
            (_, None) => Judgement::Unread(Cause::Absent),
        };
        all(rules, &judgement, &named)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::{Value, json};

    use super::*;
    use crate::documents::{Document, Method, Outcome as Answer, Request, ServerDocuments};
    use crate::posture::fixtures::{FETCHED, Fixture, causes};
    use crate::posture::{Ruleset, Thresholds};

    const SAME_SUBSCRIPTION: &str =
        "/subscriptions/S1/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/kv";
    const PRIMARY: &str = "https://KV.vault.azure.net/keys/mysql";
    const GEO: &str = "https://kv-geo.vault.azure.net/keys/mysql-geo";
    const HSM: &str = "https://hsm.managedhsm.azure.net/keys/mysql";

    fn read(kind: DocumentKind, path: &str, body: Value) -> Document {
        answered(kind, path, Answer::Read(body))
    }

    fn unread(kind: DocumentKind, path: &str, cause: &Cause) -> Document {
        answered(kind, path, Answer::Unread(cause.clone()))
    }

    fn answered(kind: DocumentKind, path: &str, outcome: Answer) -> Document {
        Document {
            kind,
            shared: Some(path.to_lowercase().into()),
            request: Request {
                method: Method::Get,
                path: path.to_owned(),
                api_version: "2026-05-15".to_owned(),
            },
            fetched_at: FETCHED.parse().unwrap(),
            duration_ms: 1,
            outcome,
        }
    }

    /// A server that names `primary` and perhaps `geo`, with the other documents.
    fn server(primary: &str, geo: Option<&str>, others: Vec<Document>) -> ServerDocuments {
        let mut encryption = json!({"type": "AzureKeyVault", "primaryKeyURI": primary});
        if let Some(geo) = geo {
            encryption["geoBackupKeyURI"] = geo.into();
        }
        let server = Fixture::new()
            .server(json!({ "dataEncryption": encryption }))
            .documents();
        let own = server.iter().map(|document| document.as_ref().clone());
        ServerDocuments::new(server.id().clone(), own.chain(others))
    }

    fn key_of(properties: Value) -> Document {
        let path = format!("{SAME_SUBSCRIPTION}/keys/mysql");
        let body = json!({ "name": "mysql", "properties": properties });
        read(DocumentKind::EncryptionKey, &path, body)
    }

    fn vault_of(kind: &str, mut properties: Value) -> Document {
        properties["tenantId"] = "t1".into();
        let body = json!({ "type": kind, "name": "kv", "properties": properties });
        read(DocumentKind::KeyVault, SAME_SUBSCRIPTION, body)
    }

    fn judge_by(documents: &ServerDocuments, ruleset: &Ruleset) -> Vec<Condition> {
        let conditions = key_management(&Look { documents, ruleset });
        let ids: Vec<&str> = conditions.iter().map(|condition| condition.id).collect();
        assert_eq!(ids, RULES.map(|rule| rule.id), "always all, in this order");
        conditions
    }

    fn judge(documents: &ServerDocuments) -> Vec<Condition> {
        judge_by(documents, &Ruleset::default())
    }

    fn find(conditions: Vec<Condition>, id: &str) -> Condition {
        conditions.into_iter().find(|it| it.id == id).unwrap()
    }

    /// The condition `id` about a key with these properties.
    fn of_key(id: &str, properties: Value) -> Condition {
        find(judge(&server(PRIMARY, None, vec![key_of(properties)])), id)
    }

    /// The condition `id` about a key with these attributes beside that it is enabled.
    fn of_attributes(id: &str, mut attributes: Value) -> Condition {
        attributes["enabled"] = true.into();
        of_key(id, json!({ "attributes": attributes }))
    }

    /// The condition `id` about a vault with these properties.
    fn of_vault(id: &str, properties: Value) -> Condition {
        let vault = vault_of("Microsoft.KeyVault/vaults", properties);
        find(judge(&server(PRIMARY, None, vec![vault])), id)
    }

    /// The same about a managed HSM.
    fn of_hsm(id: &str, properties: Value) -> Condition {
        let vault = vault_of("Microsoft.KeyVault/managedHSMs", properties);
        find(judge(&server(HSM, None, vec![vault])), id)
    }

    /// Seconds since 1970 at some seconds after the documents were fetched.
    fn at(seconds: i64) -> i64 {
        FETCHED.parse::<Timestamp>().unwrap().as_second() + seconds
    }

    const DAY: i64 = 86_400;
    const ABSENT: Judgement = Judgement::Unread(Cause::Absent);

    fn is_malformed(judgement: &Judgement) -> bool {
        matches!(judgement, Judgement::Unread(Cause::Malformed { .. }))
    }

    fn note(condition: &Condition) -> &str {
        condition.note.as_deref().unwrap_or_default()
    }

    #[test]
    fn a_key_has_to_be_enabled() {
        for (enabled, expected) in [
            (json!(true), Judgement::Met),
            (json!("True"), Judgement::Met),
            (json!(false), Judgement::Unmet),
            (json!("false"), Judgement::Unmet),
            (json!(null), ABSENT),
        ] {
            let condition = of_key("key-enabled", json!({"attributes": {"enabled": enabled}}));
            assert_eq!(condition.judgement, expected, "{enabled}");
        }
        assert_eq!(
            of_key("key-enabled", json!({"attributes": {}})).judgement,
            ABSENT
        );
        assert_eq!(of_key("key-enabled", json!({})).judgement, ABSENT);
        for attributes in [json!({"enabled": "yes"}), json!({"enabled": 1}), json!([])] {
            let condition = of_key("key-enabled", json!({ "attributes": attributes }));
            assert!(is_malformed(&condition.judgement), "{attributes}");
        }
    }

    #[test]
    fn a_key_that_is_not_valid_yet_counts_as_not_enabled() {
        for (start, expected) in [
            (json!(at(-1)), Judgement::Met),
            (json!(at(0)), Judgement::Met),
            (json!(at(1)), Judgement::Unmet),
            (json!(at(1).to_string()), Judgement::Unmet),
            (json!(null), Judgement::Met),
        ] {
            let condition = of_attributes("key-enabled", json!({"nbf": start}));
            assert_eq!(condition.judgement, expected, "{start}");
            let told = note(&condition).contains("cannot be used before 2026-11-20T12:00:01Z");
            assert_eq!(told, expected == Judgement::Unmet, "{start}");
        }
        for start in [json!("soon"), json!(1.5), json!({}), json!(i64::MAX)] {
            let condition = of_attributes("key-enabled", json!({"nbf": start}));
            assert!(is_malformed(&condition.judgement), "{start}");
            let attributes = json!({"enabled": false, "nbf": start});
            let off = of_key("key-enabled", json!({ "attributes": attributes }));
            assert_eq!(off.judgement, Judgement::Unmet, "off is off, {start}");
        }
    }

    #[test]
    fn a_key_expires_at_its_end_as_of_the_moment_at_which_it_was_read() {
        for (end, expected) in [
            (json!(at(1)), Judgement::Met),
            (json!(at(1).to_string()), Judgement::Met),
            (json!(at(0)), Judgement::Unmet),
            (json!(at(-1)), Judgement::Unmet),
            (json!(0), Judgement::Unmet),
            (json!(null), Judgement::Met),
        ] {
            let condition = of_attributes("key-expired", json!({"exp": end}));
            assert_eq!(condition.judgement, expected, "{end}");
            assert_eq!(condition.weight, Weight::Decides);
        }
        for end in [
            json!("2027-01-01"),
            json!(""),
            json!(12.5),
            json!(true),
            json!([]),
        ] {
            let judgement = of_attributes("key-expired", json!({"exp": end})).judgement;
            assert!(is_malformed(&judgement), "{end}");
        }
        let far = of_attributes("key-expired", json!({"exp": 999_999_999_999_i64}));
        assert!(is_malformed(&far.judgement), "no such year");
    }

    #[test]
    fn a_key_without_an_end_never_expires_but_an_answer_that_is_none_of_a_key_says_nothing() {
        for id in ["key-expired", "key-expiring"] {
            let condition = of_attributes(id, json!({}));
            assert_eq!(condition.judgement, Judgement::Met);
            assert!(note(&condition).contains("never expires"), "{id}");
            for properties in [json!({}), json!({"attributes": {"odd": 1}})] {
                let condition = of_key(id, properties);
                assert_eq!(condition.judgement, ABSENT);
                assert_eq!(condition.note, None);
            }
            let condition = of_key(id, json!({"attributes": "odd"}));
            assert!(is_malformed(&condition.judgement), "{id}");
        }
    }

    #[test]
    fn a_key_expires_soon_by_the_threshold() {
        let judged = |days: i64, end: i64| {
            let properties = json!({"attributes": {"enabled": true, "exp": end}});
            let ruleset = Ruleset {
                thresholds: Thresholds {
                    key_expiry_warning_days: days,
                    ..Thresholds::default()
                },
                ..Ruleset::default()
            };
            let documents = server(PRIMARY, None, vec![key_of(properties)]);
            find(judge_by(&documents, &ruleset), "key-expiring")
        };
        for (days, end, expected) in [
            (30, at(30 * DAY + 1), Judgement::Met),
            (30, at(30 * DAY), Judgement::Unmet),
            (30, at(-DAY), Judgement::Unmet),
            (7, at(8 * DAY), Judgement::Met),
            (7, at(7 * DAY), Judgement::Unmet),
            (0, at(1), Judgement::Met),
            (0, at(0), Judgement::Unmet),
            (-9, at(-DAY), Judgement::Unmet),
            (i64::MAX, at(DAY), Judgement::Unmet),
        ] {
            let condition = judged(days, end);
            assert_eq!(condition.judgement, expected, "{days} {end}");
            assert_eq!(condition.weight, Weight::Informs);
        }
        let expected = &judged(7, at(0)).evidence[0].expected;
        assert!(expected.starts_with("more than 7 days"), "{expected}");
        let default = Ruleset::default().thresholds.key_expiry_warning_days;
        assert_eq!(default, 30);
    }

    fn policy(actions: Value) -> Condition {
        let properties = json!({
            "attributes": {"enabled": true},
            "rotationPolicy": {"lifetimeActions": actions},
        });
        of_key("key-rotation", properties)
    }

    #[test]
    fn a_key_rotates_by_an_action_of_its_policy_in_any_case() {
        let action = |kind: &str| json!({"trigger": {}, "action": {"type": kind}});
        for (actions, place) in [
            (json!([action("Rotate")]), 0),
            (json!([action("notify"), action("rotate")]), 1),
            (json!([{"odd": 1}, action("ROTATE")]), 1),
        ] {
            let condition = policy(actions.clone());
            assert_eq!(condition.judgement, Judgement::Met, "{actions}");
            let pointer = format!("/properties/rotationPolicy/lifetimeActions/{place}/action/type");
            assert_eq!(condition.evidence[0].pointer, pointer);
            let told = actions[place]["action"]["type"].as_str().unwrap();
            assert_eq!(condition.evidence[0].observed, told);
        }
        for actions in [json!([]), json!([action("Notify")])] {
            assert_eq!(policy(actions.clone()).judgement, Judgement::Unmet);
        }
        for actions in [
            json!([action("Revolve")]),
            json!([{"action": {}}]),
            json!([true]),
            json!({"odd": 1}),
        ] {
            let judgement = policy(actions.clone()).judgement;
            assert!(is_malformed(&judgement), "{actions}");
        }
        assert_eq!(policy(json!(null)).judgement, ABSENT);
    }

    #[test]
    fn a_key_without_a_policy_does_not_rotate() {
        let condition = of_attributes("key-rotation", json!({}));
        assert_eq!(condition.judgement, Judgement::Unmet);
        assert_eq!(condition.evidence[0].observed, "not present");
        assert_eq!(of_key("key-rotation", json!({})).judgement, ABSENT);
        let odd = json!({"attributes": {"enabled": true}, "rotationPolicy": 7});
        assert!(is_malformed(&of_key("key-rotation", odd).judgement));
    }

    #[test]
    fn a_version_is_judged_itself_and_does_not_rotate() {
        let uri = format!("{PRIMARY}/0123abcd");
        let rotating = json!({
            "attributes": {"enabled": true, "exp": at(-1)},
            "rotationPolicy": {"lifetimeActions": [{"action": {"type": "Rotate"}}]},
        });
        let conditions = judge(&server(&uri, None, vec![key_of(rotating)]));
        for (id, expected) in [
            ("key-enabled", Judgement::Met),
            ("key-expired", Judgement::Unmet),
            ("key-expiring", Judgement::Unmet),
            ("key-unversioned", Judgement::Unmet),
        ] {
            let condition = find(conditions.clone(), id);
            assert_eq!(condition.judgement, expected, "{id}");
            assert!(note(&condition).contains("version 0123abcd"), "{id}");
        }
        let rotation = find(conditions.clone(), "key-rotation");
        assert!(matches!(rotation.judgement, Judgement::NotApplicable(_)));
        assert_eq!(rotation.evidence[0].observed, uri);
        let vault = find(conditions, "vault-soft-delete");
        assert!(!note(&vault).contains("version"));
        let none = find(judge(&server(PRIMARY, None, Vec::new())), "key-unversioned");
        assert_eq!(
            (&none.judgement, &none.note),
            (&Judgement::Met, &None),
            "the URI alone says so"
        );
    }

    #[test]
    fn a_vault_is_protected_from_purging_only_where_it_says_so() {
        for (properties, expected) in [
            (json!({"enablePurgeProtection": true}), Judgement::Met),
            (json!({"enablePurgeProtection": "true"}), Judgement::Met),
            (json!({"enablePurgeProtection": false}), Judgement::Unmet),
            (json!({"enablePurgeProtection": null}), Judgement::Unmet),
            (json!({}), Judgement::Unmet),
        ] {
            let condition = of_vault("vault-purge-protection", properties.clone());
            assert_eq!(condition.judgement, expected, "{properties}");
        }
        let odd = of_vault(
            "vault-purge-protection",
            json!({"enablePurgeProtection": 1}),
        );
        assert!(is_malformed(&odd.judgement));
    }

    #[test]
    fn a_vault_has_soft_delete_unless_it_says_otherwise() {
        for (properties, expected) in [
            (json!({"enableSoftDelete": true}), Judgement::Met),
            (json!({"enableSoftDelete": null}), Judgement::Met),
            (json!({}), Judgement::Met),
            (json!({"enableSoftDelete": false}), Judgement::Unmet),
            (json!({"enableSoftDelete": "False"}), Judgement::Unmet),
        ] {
            let condition = of_vault("vault-soft-delete", properties.clone());
            assert_eq!(condition.judgement, expected, "{properties}");
        }
        let odd = of_vault("vault-soft-delete", json!({"enableSoftDelete": "on"}));
        assert!(is_malformed(&odd.judgement));
    }

    #[test]
    fn a_vault_is_closed_by_its_switch_or_by_rules_that_deny() {
        let acls = |action: Value| json!({ "defaultAction": action });
        for (properties, expected) in [
            (json!({"publicNetworkAccess": "disabled"}), Judgement::Met),
            (
                json!({"publicNetworkAccess": "Disabled", "networkAcls": acls(json!("Allow"))}),
                Judgement::Met,
            ),
            (
                json!({"publicNetworkAccess": "Enabled", "networkAcls": acls(json!("deny"))}),
                Judgement::Met,
            ),
            (json!({"networkAcls": acls(json!("Deny"))}), Judgement::Met),
            (
                json!({"publicNetworkAccess": "Enabled", "networkAcls": acls(json!("Allow"))}),
                Judgement::Unmet,
            ),
            (json!({"publicNetworkAccess": "Enabled"}), Judgement::Unmet),
            (
                json!({"publicNetworkAccess": null, "networkAcls": null}),
                Judgement::Unmet,
            ),
            (json!({}), Judgement::Unmet),
            (json!({"networkAcls": {"ipRules": []}}), ABSENT),
        ] {
            let condition = of_vault("vault-network", properties.clone());
            assert_eq!(condition.judgement, expected, "{properties}");
            assert_eq!(condition.weight, Weight::Informs);
        }
        for properties in [
            json!({"publicNetworkAccess": "SecuredByPerimeter", "networkAcls": acls(json!("Deny"))}),
            json!({"publicNetworkAccess": true, "networkAcls": acls(json!("Deny"))}),
            json!({"networkAcls": acls(json!("Perhaps"))}),
            json!({"networkAcls": acls(json!(false))}),
            json!({"networkAcls": []}),
        ] {
            let condition = of_vault("vault-network", properties.clone());
            assert!(is_malformed(&condition.judgement), "{properties}");
        }
    }

    #[test]
    fn an_answer_that_is_none_of_a_vault_says_nothing_by_what_it_lacks() {
        for (id, properties) in RULES[..8]
            .iter()
            .filter(|rule| rule.id.starts_with("vault-"))
            .flat_map(|rule| [(rule.id, json!({})), (rule.id, json!({"odd": 1}))])
        {
            let body = json!({ "properties": properties });
            let vault = read(DocumentKind::KeyVault, SAME_SUBSCRIPTION, body);
            let condition = find(judge(&server(PRIMARY, None, vec![vault])), id);
            assert_eq!(condition.judgement, ABSENT, "{id}");
            let vault = read(DocumentKind::KeyVault, SAME_SUBSCRIPTION, json!([]));
            let condition = find(judge(&server(PRIMARY, None, vec![vault])), id);
            assert!(is_malformed(&condition.judgement), "{id}");
        }
    }

    #[test]
    fn a_managed_hsm_is_judged_by_what_it_says_and_always_has_soft_delete() {
        for (id, properties, expected) in [
            (
                "vault-purge-protection",
                json!({"enablePurgeProtection": true}),
                Judgement::Met,
            ),
            (
                "vault-purge-protection",
                json!({"enablePurgeProtection": false}),
                Judgement::Unmet,
            ),
            ("vault-purge-protection", json!({}), ABSENT),
            ("vault-soft-delete", json!({}), Judgement::Met),
            (
                "vault-soft-delete",
                json!({"enableSoftDelete": false}),
                Judgement::Unmet,
            ),
            (
                "vault-network",
                json!({"publicNetworkAccess": "Disabled"}),
                Judgement::Met,
            ),
            (
                "vault-network",
                json!({"publicNetworkAccess": "Enabled"}),
                ABSENT,
            ),
            (
                "vault-network",
                json!({"networkAcls": {"defaultAction": "Deny"}}),
                Judgement::Met,
            ),
            (
                "vault-network",
                json!({"networkAcls": {"defaultAction": "Allow"}}),
                ABSENT,
            ),
            ("vault-network", json!({}), ABSENT),
        ] {
            let condition = of_hsm(id, properties.clone());
            assert_eq!(condition.judgement, expected, "{id} {properties}");
        }
        let condition = of_hsm("vault-soft-delete", json!({}));
        assert!(note(&condition).contains("managed HSM"));
        let says_so = vault_of("microsoft.keyvault/managedhsms", json!({}));
        let conditions = judge(&server(PRIMARY, None, vec![says_so]));
        let condition = find(conditions, "vault-purge-protection");
        assert_eq!(condition.judgement, ABSENT, "by the document's own type");
    }

    #[test]
    fn without_a_customer_managed_key_nothing_applies() {
        for properties in [
            json!({"network": {}}),
            json!({"dataEncryption": {"type": "SystemManaged"}}),
        ] {
            let documents = Fixture::new().server(properties).documents();
            for condition in judge(&documents) {
                assert_eq!(
                    condition.judgement,
                    Judgement::NotApplicable("no customer-managed key is in use".to_owned())
                );
                assert_eq!(condition.evidence.len(), 1);
            }
        }
    }

    #[test]
    fn while_it_is_not_known_whose_key_is_in_use_nothing_is_judged() {
        for cause in causes() {
            let documents = Fixture::new()
                .unread(DocumentKind::Server, cause.clone())
                .documents();
            for condition in judge(&documents) {
                assert_eq!(condition.judgement, Judgement::Unread(cause.clone()));
            }
        }
        let odd = json!({"dataEncryption": {"type": "Shared"}});
        for condition in judge(&Fixture::new().server(odd).documents()) {
            assert!(is_malformed(&condition.judgement), "{}", condition.id);
        }
    }

    #[test]
    fn a_uri_that_names_no_key_judges_nothing() {
        for (uri, malformed) in [
            (json!("mysql"), true),
            (json!("https://kv.vault.azure.net/secrets/mysql"), true),
            (json!(7), true),
            (json!(" "), false),
            (json!(null), false),
        ] {
            let encryption = json!({"type": "AzureKeyVault", "primaryKeyURI": uri});
            let documents = Fixture::new()
                .server(json!({ "dataEncryption": encryption }))
                .documents();
            for condition in &judge(&documents)[..8] {
                let judgement = &condition.judgement;
                assert_eq!(is_malformed(judgement), malformed, "{uri}");
                assert_eq!(*judgement == ABSENT, !malformed, "{uri}");
            }
        }
    }

    #[test]
    fn without_a_key_of_geo_redundant_backup_its_conditions_do_not_apply() {
        let documents = |geo: Option<&str>| server(PRIMARY, geo, Vec::new());
        for documents in [documents(None), documents(Some("")), documents(Some(" "))] {
            for condition in &judge(&documents)[8..] {
                let why = "no key of geo-redundant backup is set".to_owned();
                assert_eq!(condition.judgement, Judgement::NotApplicable(why));
            }
        }
        for condition in &judge(&documents(Some("geo")))[8..] {
            assert!(is_malformed(&condition.judgement), "{}", condition.id);
        }
    }

    #[test]
    fn the_key_of_geo_redundant_backup_is_judged_by_its_own_vault() {
        let elsewhere =
            "/subscriptions/s2/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/kv-geo";
        let geo_vault = json!({"properties": {"tenantId": "t1", "enablePurgeProtection": true,
            "publicNetworkAccess": "Disabled"}});
        let geo_key = json!({"properties": {"attributes": {"enabled": false, "exp": at(DAY)}}});
        let key = format!("{elsewhere}/keys/mysql-geo");
        let documents = server(
            PRIMARY,
            Some(&format!("{GEO}/v1")),
            vec![
                key_of(json!({"attributes": {"enabled": true}})),
                vault_of("Microsoft.KeyVault/vaults", json!({})),
                read(DocumentKind::GeoKeyVault, elsewhere, geo_vault),
                read(DocumentKind::GeoEncryptionKey, &key, geo_key),
            ],
        );
        let conditions = judge(&documents);
        for (id, expected) in [
            ("key-enabled", Judgement::Met),
            ("geo-key-enabled", Judgement::Unmet),
            ("key-expired", Judgement::Met),
            ("geo-key-expired", Judgement::Met),
            ("vault-purge-protection", Judgement::Unmet),
            ("geo-vault-purge-protection", Judgement::Met),
            ("vault-soft-delete", Judgement::Met),
            ("geo-vault-soft-delete", Judgement::Met),
            ("key-expiring", Judgement::Met),
            ("geo-key-expiring", Judgement::Unmet),
            ("key-rotation", Judgement::Unmet),
            ("key-unversioned", Judgement::Met),
            ("geo-key-unversioned", Judgement::Unmet),
            ("vault-network", Judgement::Unmet),
            ("geo-vault-network", Judgement::Met),
        ] {
            let condition = find(conditions.clone(), id);
            assert_eq!(condition.judgement, expected, "{id}");
        }
        let rotation = find(conditions.clone(), "geo-key-rotation");
        assert!(matches!(rotation.judgement, Judgement::NotApplicable(_)));
        let evidence = &find(conditions, "geo-key-expired").evidence[0];
        assert_eq!(evidence.document, DocumentKind::GeoEncryptionKey);
        assert_eq!(*evidence.path, *key);
    }

    #[test]
    fn what_cannot_be_read_judges_nothing_and_the_note_says_where_it_lies() {
        let elsewhere =
            "/subscriptions/s2/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/kv";
        let graph = "/providers/Microsoft.ResourceGraph/resources";
        for cause in causes() {
            for (path, place) in [
                (SAME_SUBSCRIPTION, "the key is kept in the vault kv"),
                (graph, "the key is kept in the vault kv"),
                (
                    elsewhere,
                    "the key is kept in the vault kv, in the subscription s2",
                ),
            ] {
                let documents = server(
                    PRIMARY,
                    None,
                    vec![
                        unread(DocumentKind::EncryptionKey, path, &cause),
                        unread(DocumentKind::KeyVault, path, &cause),
                    ],
                );
                for condition in &judge(&documents)[..8] {
                    if condition.id == "key-unversioned" {
                        assert_eq!(condition.judgement, Judgement::Met);
                        continue;
                    }
                    let about = format!("{} {cause}", condition.id);
                    assert_eq!(
                        condition.judgement,
                        Judgement::Unread(cause.clone()),
                        "{about}"
                    );
                    assert_eq!(note(condition), place, "{about}");
                    assert_eq!(condition.evidence[0].observed, cause.to_string());
                    assert_eq!(condition.evidence.len(), 2, "{about}");
                }
            }
        }
        let asked_nothing = server(HSM, None, Vec::new());
        let condition = find(judge(&asked_nothing), "key-enabled");
        assert_eq!(condition.judgement, Judgement::Unread(Cause::NotAsked));
        assert_eq!(note(&condition), "the key is kept in the managed HSM hsm");
    }

    #[test]
    fn a_key_and_its_vault_are_read_apart() {
        let denied = causes().remove(0);
        let path = format!("{SAME_SUBSCRIPTION}/keys/mysql");
        let documents = server(
            PRIMARY,
            None,
            vec![
                unread(DocumentKind::EncryptionKey, &path, &denied),
                vault_of(
                    "Microsoft.KeyVault/vaults",
                    json!({"enablePurgeProtection": true}),
                ),
            ],
        );
        let conditions = judge(&documents);
        let key = find(conditions.clone(), "key-expired");
        assert_eq!(key.judgement, Judgement::Unread(denied));
        let vault = find(conditions, "vault-purge-protection");
        assert_eq!((vault.judgement, vault.note), (Judgement::Met, None));
    }

    #[test]
    fn evidence_shows_the_member_as_it_stands_and_the_uri_that_led_there() {
        let condition = of_attributes("key-expired", json!({"exp": 1_798_761_600}));
        let [exp, uri] = condition.evidence.as_slice() else {
            panic!("{:?}", condition.evidence);
        };
        assert_eq!(exp.document, DocumentKind::EncryptionKey);
        assert_eq!(exp.pointer, "/properties/attributes/exp");
        assert_eq!(exp.observed, "1798761600 (2027-01-01T00:00:00Z)");
        assert_eq!(uri.document, DocumentKind::Server);
        assert_eq!(uri.pointer, "/properties/dataEncryption/primaryKeyURI");
        assert_eq!(uri.observed, PRIMARY);
        let text = of_attributes("key-expired", json!({"exp": "1798761600"}));
        assert_eq!(text.evidence[0].observed, "1798761600");
        let flag = of_vault("vault-soft-delete", json!({"enableSoftDelete": false}));
        assert_eq!(flag.evidence[0].observed, "false");
        let null = of_vault(
            "vault-purge-protection",
            json!({"enablePurgeProtection": null}),
        );
        assert_eq!(null.evidence[0].observed, "not present");
    }

    #[test]
    fn both_keys_have_the_same_conditions_with_the_same_severity() {
        for (own, geo) in RULES[..8].iter().zip(&RULES[8..]) {
            assert_eq!(format!("geo-{}", own.id), geo.id);
            assert_eq!(own.severity, geo.severity, "{}", own.id);
        }
    }
}
