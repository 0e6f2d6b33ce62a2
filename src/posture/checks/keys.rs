//! DP-6, key management: the customer-managed keys of a server and the vaults that keep them.
//!
//! What a member means that is missing comes from Microsoft's documentation: for keys from "Key types, algorithms, and
//! operations" (Key Vault, keys; it speaks of vaults and managed HSMs alike), for vaults from the reference of
//! `Microsoft.KeyVault/vaults` 2026-05-15 and from "Configure network security for Azure Key Vault", for managed HSMs
//! from "Managed HSM soft-delete and purge protection". Such a meaning is only believed of an answer that has what every
//! vault and every key has.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::documents::text::neutral;
use crate::documents::{Cause, DocumentKind, Fact, KeyUri, ResourceId, Source};
use crate::posture::{Condition, Evidence, Judgement, Severity, Weight};

use super::dp::{KeyOwner, key_owner};
use super::look::{Look, Rule, Seen, unknown_value};

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

/// One key that the server names, with the documents about it and its vault.
struct KeySide<'a> {
    look: Look<'a>,
    uri: KeyUri,
    /// Evidence of the URI.
    named: Evidence,
    key: DocumentKind,
    vault: DocumentKind,
}

/// What a look at a key or a vault came to.
struct Outcome {
    judgement: Judgement,
    evidence: Vec<Evidence>,
    note: Option<String>,
}

impl Outcome {
    fn new(judgement: Judgement, evidence: Evidence) -> Self {
        Self {
            judgement,
            evidence: vec![evidence],
            note: None,
        }
    }

    /// With what an absent member means, where something was made of its absence.
    fn noted(mut self, absent: bool, note: &str) -> Self {
        if absent && !matches!(self.judgement, Judgement::Unread(_)) {
            self.note = Some(note.to_owned());
        }
        self
    }
}

impl<'a> KeySide<'a> {
    fn condition(&self, rule: Rule, check: &Check) -> Condition {
        let outcome = (check.judge)(self);
        let mut evidence = outcome.evidence;
        if check.about != About::Uri {
            evidence.push(self.named.clone());
        }
        let unread = match check.about {
            About::Key => self.place_if_unread(self.key),
            About::Vault => self.place_if_unread(self.vault),
            About::Uri => None,
        };
        let version = match (&self.uri.version, check.about) {
            (Some(version), About::Key | About::Uri) => {
                Some(format!("the server names version {version} of the key"))
            }
            _ => None,
        };
        let notes: Vec<String> = [outcome.note, unread, version]
            .into_iter()
            .flatten()
            .collect();
        let mut condition = rule.weighted(check.weight, outcome.judgement, evidence);
        condition.note = (!notes.is_empty()).then(|| notes.join("; "));
        condition
    }

    fn in_key(&self, pointer: &str) -> Seen<&'a Value> {
        self.look.in_document(self.key, pointer)
    }

    fn in_vault(&self, pointer: &str) -> Seen<&'a Value> {
        self.look.in_document(self.vault, pointer)
    }

    fn evidence(&self, seen: &Seen<&Value>, expected: &str) -> Evidence {
        let source = seen.source.clone();
        self.look
            .evidence_of(source, &observed(&seen.fact), expected)
    }

    /// Where the key is kept, when a document about it is unread.
    fn place_if_unread(&self, kind: DocumentKind) -> Option<String> {
        self.look.documents.body(kind).err()?;
        let what = if self.uri.managed_hsm {
            "managed HSM"
        } else {
            "vault"
        };
        let path = self.look.documents.get(kind).map(|it| &it.request.path);
        let own = self.look.documents.id().subscription();
        let elsewhere = path
            .and_then(|path| ResourceId::parse(path).ok())
            .filter(|id| !id.subscription().eq_ignore_ascii_case(own))
            .map(|id| format!(", in the subscription {}", neutral(id.subscription())))
            .unwrap_or_default();
        Some(format!(
            "the key is kept in the {what} {}{elsewhere}",
            self.uri.vault
        ))
    }

    /// Whether the key is kept in a managed HSM, by its URI or by what the document says of itself.
    fn managed_hsm(&self) -> bool {
        let says = |text: String| text.eq_ignore_ascii_case("Microsoft.KeyVault/managedHSMs");
        let own_type = self.in_vault("/type").fact.text().known();
        self.uri.managed_hsm || own_type.is_some_and(says)
    }

    /// Whether the answer has the tenant that every vault and every managed HSM has.
    fn has_a_tenant(&self) -> bool {
        matches!(self.in_vault("/properties/tenantId").fact, Fact::Known(_))
    }

    /// The judgement for a member that the answer about a vault lacks; for managed HSMs no such meaning is documented.
    fn absent_from_vault(&self, meaning: Judgement) -> Judgement {
        if self.has_a_tenant() && !self.managed_hsm() {
            meaning
        } else {
            Judgement::Unread(Cause::Absent)
        }
    }

    /// The judgement for a member that the answer about a key lacks. Every key says whether it is enabled.
    fn absent_from_key(&self, meaning: Judgement) -> Judgement {
        match self.in_key("/properties/attributes/enabled").fact.boolean() {
            Fact::Known(_) => meaning,
            Fact::Absent | Fact::Unread(_) => Judgement::Unread(Cause::Absent),
        }
    }

    /// The moment as of which the key is judged.
    fn now(&self) -> Timestamp {
        // A key of which nothing was fetched has no member that is compared with it.
        self.look.as_of(self.key).unwrap_or_default()
    }

    /// Evidence of a look at a time, which is readable beside the number of seconds.
    fn evidence_of_time(&self, seen: &Seen<&Value>, expected: &str) -> Evidence {
        match (&seen.fact, time(&seen.fact)) {
            (Fact::Known(Value::Number(seconds)), Fact::Known(time)) => {
                let told = format!("{seconds} ({time})");
                self.look.evidence_of(seen.source.clone(), &told, expected)
            }
            _ => self.evidence(seen, expected),
        }
    }

    /// Whether the key is still valid for more than some days after it was read.
    fn outlasts(&self, days: i64, expected: &str) -> Outcome {
        let end = self.in_key("/properties/attributes/exp");
        let judgement = match time(&end.fact) {
            Fact::Known(time) => {
                let least = SignedDuration::from_secs(days.max(0).saturating_mul(86_400));
                Judgement::from_bool(time.duration_since(self.now()) > least)
            }
            Fact::Absent => self.absent_from_key(Judgement::Met),
            Fact::Unread(cause) => Judgement::Unread(cause),
        };
        Outcome::new(judgement, self.evidence_of_time(&end, expected)).noted(
            end.fact == Fact::Absent,
            "a key without an end never expires",
        )
    }
}

/// A value as it stands in the document.
fn observed(fact: &Fact<&Value>) -> String {
    match fact {
        Fact::Known(Value::String(text)) => text.clone(),
        Fact::Known(Value::Array(_)) => "a list".to_owned(),
        Fact::Known(Value::Object(_)) => "an object".to_owned(),
        Fact::Known(scalar) => scalar.to_string(),
        Fact::Absent => "not present".to_owned(),
        Fact::Unread(cause) => cause.to_string(),
    }
}

/// A time in seconds since 1970, as the control plane of Key Vault writes it.
fn time(fact: &Fact<&Value>) -> Fact<Timestamp> {
    fact.clone().integer().and_then(|seconds| {
        Timestamp::from_second(seconds).map_or_else(
            |_| {
                let detail = format!("{seconds} is not a time in seconds since 1970");
                Fact::Unread(Cause::Malformed { detail })
            },
            Fact::Known,
        )
    })
}

fn malformed(detail: &str) -> Judgement {
    Judgement::Unread(Cause::Malformed {
        detail: detail.to_owned(),
    })
}

/// The judgement of a member that is to be true, where `absent` stands for one that is not there.
fn flag(fact: &Fact<&Value>, absent: impl FnOnce() -> Judgement) -> Judgement {
    match fact.clone().boolean() {
        Fact::Known(set) => Judgement::from_bool(set),
        Fact::Absent => absent(),
        Fact::Unread(cause) => Judgement::Unread(cause),
    }
}

/// `key-enabled`: nothing can be done with a key that is switched off, nor with one before the time from which it is
/// valid.
fn enabled(side: &KeySide<'_>) -> Outcome {
    let set = side.in_key("/properties/attributes/enabled");
    let start = side.in_key("/properties/attributes/nbf");
    let switched_on = flag(&set.fact, || Judgement::Unread(Cause::Absent));
    let mut outcome = Outcome::new(switched_on, side.evidence(&set, "true"));
    if start.fact == Fact::Absent || side.look.documents.body(side.key).is_err() {
        return outcome;
    }
    let expected = "a time before the key was read";
    outcome
        .evidence
        .push(side.evidence_of_time(&start, expected));
    match time(&start.fact) {
        Fact::Known(time) if time > side.now() => {
            outcome.judgement = Judgement::Unmet;
            outcome.note = Some(format!("the key cannot be used before {time}"));
        }
        Fact::Unread(cause) if outcome.judgement == Judgement::Met => {
            outcome.judgement = Judgement::Unread(cause);
        }
        _ => {}
    }
    outcome
}

/// `key-expired`: a key must not be used from the moment of its end on.
fn expired(side: &KeySide<'_>) -> Outcome {
    side.outlasts(0, "a time after the key was read, or none")
}

/// `key-expiring`.
fn expiring(side: &KeySide<'_>) -> Outcome {
    let days = side.look.ruleset.thresholds.key_expiry_warning_days;
    let expected = format!("more than {days} days after the key was read, or none");
    side.outlasts(days, &expected)
}

/// `key-rotation`. A version is rotated by nothing, and the answer about one carries no policy.
fn rotation(side: &KeySide<'_>) -> Outcome {
    const ACTIONS: &str = "/properties/rotationPolicy/lifetimeActions";
    const EXPECTED: &str = "an action of the type Rotate";
    if side.uri.version.is_some() {
        let why = "the server names one version of the key and stays on it, whatever a policy says";
        return Outcome {
            judgement: Judgement::NotApplicable(why.to_owned()),
            evidence: Vec::new(),
            note: None,
        };
    }
    let policy = side.in_key("/properties/rotationPolicy");
    if policy.fact == Fact::Absent {
        let judgement = side.absent_from_key(Judgement::Unmet);
        return Outcome::new(judgement, side.evidence(&policy, EXPECTED))
            .noted(true, "a key without a policy is rotated by hand only");
    }
    let list = side.in_key(ACTIONS);
    let actions = match list.fact.clone().list() {
        Fact::Known(actions) => actions,
        Fact::Absent => {
            let evidence = side.evidence(&list, EXPECTED);
            return Outcome::new(Judgement::Unread(Cause::Absent), evidence);
        }
        Fact::Unread(cause) => {
            return Outcome::new(Judgement::Unread(cause), side.evidence(&list, EXPECTED));
        }
    };
    let types: Vec<Option<&str>> = actions
        .iter()
        .map(|action| action.pointer("/action/type")?.as_str())
        .collect();
    let is = |kind: Option<&str>, word: &str| kind.is_some_and(|it| it.eq_ignore_ascii_case(word));
    let rotates = types.iter().position(|kind| is(*kind, "rotate"));
    if let Some((place, kind)) = rotates.and_then(|place| Some((place, types[place]?))) {
        let source = Source {
            kind: side.key,
            pointer: format!("{ACTIONS}/{place}/action/type"),
        };
        let evidence = side.look.evidence_of(source, kind, EXPECTED);
        return Outcome::new(Judgement::Met, evidence);
    }
    let judgement = match types.iter().find(|kind| !is(**kind, "notify")) {
        Some(Some(kind)) => unknown_value(kind),
        Some(None) => malformed("an action of the rotation policy has no type"),
        None => Judgement::Unmet,
    };
    let told = match types.into_iter().flatten().collect::<Vec<_>>() {
        none if none.is_empty() => "no action".to_owned(),
        some => format!("actions: {}", some.join(", ")),
    };
    let evidence = side.look.evidence_of(list.source, &told, EXPECTED);
    Outcome::new(judgement, evidence)
}

/// `key-unversioned`.
fn unversioned(side: &KeySide<'_>) -> Outcome {
    let judgement = Judgement::from_bool(side.uri.version.is_none());
    let expected = "the URI of a key without a version".to_owned();
    let evidence = Evidence {
        expected,
        ..side.named.clone()
    };
    Outcome::new(judgement, evidence)
}

/// `vault-purge-protection`: off where a vault does not carry the member, or as null.
fn purge_protection(side: &KeySide<'_>) -> Outcome {
    let seen = side.in_vault("/properties/enablePurgeProtection");
    let judgement = flag(&seen.fact, || side.absent_from_vault(Judgement::Unmet));
    Outcome::new(judgement, side.evidence(&seen, "true")).noted(
        seen.fact == Fact::Absent,
        "a vault that does not carry this member has no purge protection",
    )
}

/// `vault-soft-delete`: on where a vault does not carry the member, and always on in a managed HSM, where it cannot be
/// turned off.
fn soft_delete(side: &KeySide<'_>) -> Outcome {
    let seen = side.in_vault("/properties/enableSoftDelete");
    let in_hsm = side.managed_hsm();
    let judgement = flag(&seen.fact, || {
        if in_hsm && side.has_a_tenant() {
            Judgement::Met
        } else {
            side.absent_from_vault(Judgement::Met)
        }
    });
    let note = if in_hsm {
        "soft delete of a managed HSM cannot be turned off"
    } else {
        "a vault that does not carry this member has soft delete"
    };
    Outcome::new(judgement, side.evidence(&seen, "true, or not present"))
        .noted(seen.fact == Fact::Absent, note)
}

/// `vault-network`: without the members that say otherwise a vault is open to every network.
fn network(side: &KeySide<'_>) -> Outcome {
    let public = side.in_vault("/properties/publicNetworkAccess");
    let closed = match public.fact.clone().text() {
        Fact::Known(word) if word.eq_ignore_ascii_case("disabled") => Judgement::Met,
        Fact::Known(word) if word.eq_ignore_ascii_case("enabled") => Judgement::Unmet,
        Fact::Known(word) => unknown_value(&word),
        Fact::Absent => side.absent_from_vault(Judgement::Unmet),
        Fact::Unread(cause) => Judgement::Unread(cause),
    };
    let mut outcome = Outcome::new(
        closed,
        side.evidence(&public, "Disabled, or rules that deny"),
    );
    let open = match outcome.judgement {
        Judgement::Unmet => Judgement::Unmet,
        // Whichever it is, rules that deny close it.
        Judgement::Unread(Cause::Absent) => Judgement::Unread(Cause::Absent),
        _ => return outcome,
    };
    let rules = side.in_vault("/properties/networkAcls");
    let action = side.in_vault("/properties/networkAcls/defaultAction");
    outcome.evidence.push(side.evidence(&action, "Deny"));
    outcome.judgement = match action.fact.text() {
        Fact::Known(word) if word.eq_ignore_ascii_case("deny") => Judgement::Met,
        Fact::Known(word) if word.eq_ignore_ascii_case("allow") => open,
        Fact::Known(word) => unknown_value(&word),
        Fact::Absent if rules.fact == Fact::Absent => side.absent_from_vault(Judgement::Unmet),
        Fact::Absent => Judgement::Unread(Cause::Absent),
        Fact::Unread(cause) => Judgement::Unread(cause),
    };
    outcome.noted(
        rules.fact == Fact::Absent,
        "a vault without network rules accepts every network",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
        assert_eq!(evidence.path, key);
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
