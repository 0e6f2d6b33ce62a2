//! DP, data protection: encryption on the way and at rest.

use crate::documents::{Cause, Fact, parameters};
use crate::posture::{Condition, Judgement, Severity};

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
enum KeyOwner {
    Customer,
    Service,
    Open(Judgement),
}

fn key_owner(look: &Look<'_>) -> (KeyOwner, Seen<String>) {
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
        Fact::Absent => Seen {
            fact: Fact::Absent,
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
            Fact::Unread(cause) => format!("which key is in use is unread: {cause}"),
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
    let mut cmk = CUSTOMER_KEY.decides(own, vec![evidence]);
    if matches!((&owner, &seen.fact), (KeyOwner::Service, Fact::Absent)) {
        cmk.note = Some(
            "the full form of a server leaves dataEncryption out when the key is the service's own"
                .to_owned(),
        );
    }
    vec![cmk, geo_customer_key(look, &owner)]
}

fn geo_customer_key(look: &Look<'_>, owner: &KeyOwner) -> Condition {
    match owner {
        KeyOwner::Service => {
            return GEO_CUSTOMER_KEY.decides(
                Judgement::NotApplicable("no customer-managed key is in use".to_owned()),
                Vec::new(),
            );
        }
        KeyOwner::Open(judgement) => {
            return GEO_CUSTOMER_KEY.decides(judgement.clone(), Vec::new());
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
