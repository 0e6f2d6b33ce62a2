//! DP, data protection: encryption on the way and at rest.

use crate::documents::text::neutral;
use crate::documents::{Cause, Fact, parameters};
use crate::posture::{Condition, Evidence, Judgement, Severity};

use super::im::switch;
use super::look::{Look, Rule, Seen, unknown_value};

const REQUIRE_TLS: Rule = Rule {
    id: "require-tls",
    statement: "connections without TLS are refused (require_secure_transport is ON)",
    severity: Severity::High,
};
const TLS_MINIMUM: Rule = Rule {
    id: "tls-min",
    statement: "every TLS version that the server offers is 1.2 or newer",
    severity: Severity::High,
};
const CUSTOMER_KEY: Rule = Rule {
    id: "cmk",
    statement: "data at rest is encrypted with a customer-managed key",
    severity: Severity::Medium,
};
const GEO_CUSTOMER_KEY: Rule = Rule {
    id: "geo-cmk",
    statement: "geo-redundant backups have a customer-managed key of their own",
    severity: Severity::Medium,
};

/// The conditions of DP-3 Data in Transit Encryption.
pub const TRANSIT_RULES: [Rule; 2] = [REQUIRE_TLS, TLS_MINIMUM];
/// The conditions of DP-5 Data at Rest Encryption Using CMK.
pub const CUSTOMER_KEY_RULES: [Rule; 2] = [CUSTOMER_KEY, GEO_CUSTOMER_KEY];

/// DP-3 Data in Transit Encryption: `require-tls`.
pub fn require_tls(look: &Look<'_>) -> Condition {
    let seen = look.parameter("require_secure_transport");
    let judgement = switch(&seen.fact);
    let evidence = look.evidence(&seen, "ON");
    REQUIRE_TLS.decides(judgement, vec![evidence])
}

/// DP-3 Data in Transit Encryption: `tls-min`. One weak version in the set is enough to fail; a version that is not
/// known is not judged.
pub fn tls_minimum(look: &Look<'_>) -> Condition {
    let seen = look.parameter("tls_version");
    let judgement = match &seen.fact {
        Fact::Known(value) => tls_versions(value),
        Fact::Absent => Judgement::Unread(Cause::Absent),
        Fact::Unread(cause) => Judgement::Unread(cause.clone()),
    };
    let evidence = look.evidence(&seen, "only TLSv1.2 and newer");
    TLS_MINIMUM.decides(judgement, vec![evidence])
}

fn tls_versions(value: &str) -> Judgement {
    let mut strange = None;
    let mut any = false;
    for token in parameters::set(value) {
        any = true;
        match token.to_ascii_lowercase().as_str() {
            "tlsv1" | "tlsv1.0" | "tlsv1.1" | "sslv3" | "sslv2" => return Judgement::Unmet,
            "tlsv1.2" | "tlsv1.3" => {}
            _ => strange = Some(token),
        }
    }
    match (any, strange) {
        (_, Some(token)) => unknown_value(token),
        (true, None) => Judgement::Met,
        (false, None) => Judgement::Unread(Cause::Absent),
    }
}

/// Whether data at rest is encrypted with a customer-managed key.
pub(super) enum KeyOwner {
    /// It is.
    Customer,
    /// The service's own key is in use.
    Service,
    /// It is not known; the judgement says why.
    Open(Judgement),
}

/// Whose key encrypts data at rest, and where that was read.
pub(super) fn key_owner(look: &Look<'_>) -> (KeyOwner, Seen<String>) {
    // An object without a type is not the absence that means a service-managed key.
    let object = look.member("/properties/dataEncryption");
    let seen = match object.fact {
        Fact::Known(_) => {
            look.member_text("/properties/dataEncryption/type")
                .map(|fact| match fact {
                    Fact::Absent => Fact::Unread(Cause::Absent),
                    fact => fact,
                })
        }
        // Forms of the API that are older than the object say nothing about the key; they have no network object either.
        Fact::Absent => Seen {
            fact: match look.member("/properties/network").fact {
                Fact::Known(_) => Fact::Absent,
                Fact::Absent => Fact::Unread(Cause::Absent),
                Fact::Unread(cause) => Fact::Unread(cause),
            },
            source: object.source,
        },
        Fact::Unread(cause) => Seen {
            fact: Fact::Unread(cause),
            source: object.source,
        },
    };
    let owner = match &seen.fact {
        Fact::Known(value) if value.eq_ignore_ascii_case("AzureKeyVault") => KeyOwner::Customer,
        Fact::Known(value) if value.eq_ignore_ascii_case("SystemManaged") => KeyOwner::Service,
        Fact::Known(value) => KeyOwner::Open(unknown_value(value)),
        Fact::Absent => KeyOwner::Service,
        Fact::Unread(cause) => KeyOwner::Open(Judgement::Unread(cause.clone())),
    };
    (owner, seen)
}

/// Which key encrypts data at rest, in words.
pub fn key_in_use(look: &Look<'_>) -> String {
    match key_owner(look) {
        (KeyOwner::Customer, _) => {
            "a customer-managed key wraps the platform's encryption".to_owned()
        }
        (KeyOwner::Service, _) => "the platform's own key is in use".to_owned(),
        (KeyOwner::Open(_), seen) => match seen.fact {
            Fact::Unread(cause) => {
                let cause = cause.to_string();
                format!("which key is in use is unread: {}", neutral(&cause))
            }
            _ => "which key is in use is not known".to_owned(),
        },
    }
}

/// DP-5 Data at Rest Encryption Using CMK: `cmk` and `geo-cmk`.
pub fn customer_key(look: &Look<'_>) -> Vec<Condition> {
    let (owner, seen) = key_owner(look);
    let evidence = look.evidence(&seen, "AzureKeyVault");
    let own = match &owner {
        KeyOwner::Customer => Judgement::Met,
        KeyOwner::Open(judgement) => judgement.clone(),
        KeyOwner::Service if look.ruleset.thresholds.require_cmk => Judgement::Unmet,
        KeyOwner::Service => Judgement::Manual(
            "the service's own key is in use; whether a customer-managed key is required is the customer's decision"
                .to_owned(),
        ),
    };
    let mut cmk = CUSTOMER_KEY.decides(own, vec![evidence.clone()]);
    if matches!((&owner, &seen.fact), (KeyOwner::Service, Fact::Absent)) {
        cmk.note = Some(
            "the full form of a server leaves dataEncryption out when the key is the service's own"
                .to_owned(),
        );
    }
    vec![cmk, geo_customer_key(look, &owner, evidence)]
}

fn geo_customer_key(look: &Look<'_>, owner: &KeyOwner, own_key: Evidence) -> Condition {
    match owner {
        KeyOwner::Service => {
            return GEO_CUSTOMER_KEY.decides(
                Judgement::NotApplicable("no customer-managed key is in use".to_owned()),
                vec![own_key],
            );
        }
        KeyOwner::Open(judgement) => {
            return GEO_CUSTOMER_KEY.decides(judgement.clone(), vec![own_key]);
        }
        KeyOwner::Customer => {}
    }
    let geo = look.member_text("/properties/backup/geoRedundantBackup");
    let key = look.member_text("/properties/dataEncryption/geoBackupKeyURI");
    let mut evidence = vec![look.evidence(&geo, "Enabled asks for a geo backup key")];
    let judgement = match &geo.fact {
        Fact::Known(value) if value.eq_ignore_ascii_case("disabled") => {
            Judgement::NotApplicable("geo-redundant backup is off".to_owned())
        }
        Fact::Known(value) if value.eq_ignore_ascii_case("enabled") => {
            evidence.push(look.evidence(&key, "the URI of a key"));
            match &key.fact {
                Fact::Known(uri) => Judgement::from_bool(!uri.trim().is_empty()),
                Fact::Absent => Judgement::Unmet,
                Fact::Unread(cause) => Judgement::Unread(cause.clone()),
            }
        }
        Fact::Known(value) => unknown_value(value),
        Fact::Absent => Judgement::Unread(Cause::Absent),
        Fact::Unread(cause) => Judgement::Unread(cause.clone()),
    };
    GEO_CUSTOMER_KEY.decides(judgement, evidence)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::documents::DocumentKind;
    use crate::posture::fixtures::{Fixture, causes};
    use crate::posture::{Ruleset, Thresholds};

    fn tls(value: &str) -> Judgement {
        let documents = Fixture::new()
            .parameters(&[("tls_version", json!({"value": value}))])
            .documents();
        tls_minimum(&Look {
            documents: &documents,
            ruleset: &Ruleset::default(),
        })
        .judgement
    }

    #[test]
    fn trap_1_an_old_tls_version_beside_a_new_one_fails() {
        for value in [
            "TLSv1,TLSv1.2",
            "TLSv1.2,TLSv1",
            "TLSV1.1",
            "tlsv1.2 , tlsv1.1",
            "TLSv1",
            "TLSv1.9,TLSv1",
        ] {
            assert_eq!(tls(value), Judgement::Unmet, "{value}");
        }
    }

    #[test]
    fn trap_2_new_tls_versions_pass_in_any_order_and_case() {
        for value in [
            "TLSv1.3",
            "TLSv1.2",
            "TLSv1.3,TLSv1.2",
            "tlsv1.2, TLSV1.3",
            " TLSv1.2 ",
        ] {
            assert_eq!(tls(value), Judgement::Met, "{value}");
        }
    }

    #[test]
    fn an_unknown_or_empty_tls_version_is_not_judged() {
        for value in ["TLSv1.4", "TLSv1.2,DTLS", "any"] {
            assert!(
                matches!(tls(value), Judgement::Unread(Cause::Malformed { .. })),
                "{value}"
            );
        }
        for value in ["", " ", ","] {
            assert_eq!(tls(value), Judgement::Unread(Cause::Absent), "{value:?}");
        }
    }

    #[test]
    fn parameters_that_cannot_be_read_judge_nothing() {
        for cause in causes() {
            let documents = Fixture::new()
                .unread(DocumentKind::Configurations, cause.clone())
                .documents();
            let ruleset = Ruleset::default();
            let look = Look {
                documents: &documents,
                ruleset: &ruleset,
            };
            for condition in [require_tls(&look), tls_minimum(&look)] {
                assert_eq!(
                    condition.judgement,
                    Judgement::Unread(cause.clone()),
                    "{}",
                    condition.id
                );
            }
        }
    }

    #[test]
    fn secure_transport_must_be_on() {
        for (value, expected) in [("ON", Judgement::Met), ("OFF", Judgement::Unmet)] {
            let documents = Fixture::new()
                .parameters(&[("REQUIRE_SECURE_TRANSPORT", json!({"value": value}))])
                .documents();
            let judged = require_tls(&Look {
                documents: &documents,
                ruleset: &Ruleset::default(),
            });
            assert_eq!(judged.judgement, expected, "{value}");
        }
    }

    fn key(properties: Value, require_cmk: bool) -> [Judgement; 2] {
        let documents = Fixture::new().server(properties).documents();
        let ruleset = Ruleset {
            thresholds: Thresholds {
                require_cmk,
                ..Thresholds::default()
            },
            ..Ruleset::default()
        };
        let conditions = customer_key(&Look {
            documents: &documents,
            ruleset: &ruleset,
        });
        [
            conditions[0].judgement.clone(),
            conditions[1].judgement.clone(),
        ]
    }

    #[test]
    fn no_data_encryption_is_a_service_managed_key_and_the_customers_decision() {
        for properties in [
            json!({"network": {"publicNetworkAccess": "Enabled"}}),
            json!({"dataEncryption": {"type": "SystemManaged"}}),
        ] {
            let [own, geo] = key(properties.clone(), false);
            assert!(matches!(own, Judgement::Manual(_)), "{properties}");
            assert!(matches!(geo, Judgement::NotApplicable(_)));
            let [own, _] = key(properties, true);
            assert_eq!(own, Judgement::Unmet);
        }
    }

    #[test]
    fn a_geo_backup_key_is_asked_for_only_with_geo_redundant_backup() {
        let cmk = |geo: &str, geo_key: Option<&str>| {
            let mut encryption = json!({"type": "azurekeyvault", "primaryKeyURI": "https://v.vault.azure.net/keys/k"});
            if let Some(uri) = geo_key {
                encryption["geoBackupKeyURI"] = json!(uri);
            }
            key(
                json!({"dataEncryption": encryption, "backup": {"geoRedundantBackup": geo}}),
                false,
            )
        };
        assert!(matches!(
            cmk("Disabled", None),
            [Judgement::Met, Judgement::NotApplicable(_)]
        ));
        assert_eq!(cmk("Enabled", None), [Judgement::Met, Judgement::Unmet]);
        assert_eq!(cmk("Enabled", Some("")), [Judgement::Met, Judgement::Unmet]);
        assert_eq!(
            cmk("Enabled", Some("https://v.vault.azure.net/keys/g")),
            [Judgement::Met, Judgement::Met]
        );
    }

    #[test]
    fn encryption_that_cannot_be_told_is_not_judged() {
        assert!(matches!(
            key(json!({"dataEncryption": {"type": "Quantum"}}), false),
            [
                Judgement::Unread(Cause::Malformed { .. }),
                Judgement::Unread(_)
            ]
        ));
        // Without a network object the answer is of a form that knew no dataEncryption.
        assert_eq!(
            key(json!({"sslEnforcement": "Enabled"}), true)[0],
            Judgement::Unread(Cause::Absent)
        );
        assert_eq!(
            key(json!({"dataEncryption": {}}), true),
            [
                Judgement::Unread(Cause::Absent),
                Judgement::Unread(Cause::Absent)
            ]
        );
        assert!(matches!(
            key(json!({"dataEncryption": {"type": "AzureKeyVault"}}), false),
            [Judgement::Met, Judgement::Unread(Cause::Absent)]
        ));
        for cause in causes() {
            let documents = Fixture::new()
                .unread(DocumentKind::Server, cause.clone())
                .documents();
            for condition in customer_key(&Look {
                documents: &documents,
                ruleset: &Ruleset::default(),
            }) {
                assert_eq!(condition.judgement, Judgement::Unread(cause.clone()));
            }
        }
    }
}
