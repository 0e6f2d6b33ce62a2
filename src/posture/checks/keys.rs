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
use crate::documents::{Cause, DocumentKind, Fact, KeyUri, ResourceId};
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
    if let Some(place) = types.iter().position(|kind| is(*kind, "rotate")) {
        let kind = side.in_key(&format!("{ACTIONS}/{place}/action/type"));
        return Outcome::new(Judgement::Met, side.evidence(&kind, EXPECTED));
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
    if outcome.judgement != Judgement::Unmet {
        return outcome;
    }
    let rules = side.in_vault("/properties/networkAcls");
    let action = side.in_vault("/properties/networkAcls/defaultAction");
    outcome.evidence.push(side.evidence(&action, "Deny"));
    outcome.judgement = match action.fact.text() {
        Fact::Known(word) if word.eq_ignore_ascii_case("deny") => Judgement::Met,
        Fact::Known(word) if word.eq_ignore_ascii_case("allow") => Judgement::Unmet,
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
