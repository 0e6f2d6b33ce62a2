//! One key that the server names, seen from the server: the documents about it and its vault, and what a look at them
//! comes to.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::documents::text::neutral;
use crate::documents::{Cause, DocumentKind, Fact, KeyUri, ResourceId};
use crate::posture::checks::look::{Look, Rule, Seen};
use crate::posture::{Condition, Evidence, Judgement};

use super::{About, Check};

/// One key that the server names, with the documents about it and its vault.
pub(super) struct KeySide<'a> {
    pub(super) look: Look<'a>,
    pub(super) uri: KeyUri,
    /// Evidence of the URI.
    pub(super) named: Evidence,
    pub(super) key: DocumentKind,
    pub(super) vault: DocumentKind,
}

/// What a look at a key or a vault came to.
pub(super) struct Outcome {
    pub(super) judgement: Judgement,
    pub(super) evidence: Vec<Evidence>,
    pub(super) note: Option<String>,
}

impl Outcome {
    pub(super) fn new(judgement: Judgement, evidence: Evidence) -> Self {
        Self {
            judgement,
            evidence: vec![evidence],
            note: None,
        }
    }

    /// With what an absent member means, where something was made of its absence.
    pub(super) fn noted(mut self, absent: bool, note: &str) -> Self {
        if absent && !matches!(self.judgement, Judgement::Unread(_)) {
            self.note = Some(note.to_owned());
        }
        self
    }
}

impl<'a> KeySide<'a> {
    pub(super) fn condition(&self, rule: Rule, check: &Check) -> Condition {
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

    pub(super) fn in_key(&self, pointer: &str) -> Seen<&'a Value> {
        self.look.in_document(self.key, pointer)
    }

    pub(super) fn in_vault(&self, pointer: &str) -> Seen<&'a Value> {
        self.look.in_document(self.vault, pointer)
    }

    pub(super) fn evidence(&self, seen: &Seen<&Value>, expected: &str) -> Evidence {
        let source = seen.source.clone();
        self.look
            .evidence_of(source, &observed(&seen.fact), expected)
    }

    /// Where the key is kept, when a document about it is unread.
    pub(super) fn place_if_unread(&self, kind: DocumentKind) -> Option<String> {
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
    pub(super) fn managed_hsm(&self) -> bool {
        let says = |text: String| text.eq_ignore_ascii_case("Microsoft.KeyVault/managedHSMs");
        let own_type = self.in_vault("/type").fact.text().known();
        self.uri.managed_hsm || own_type.is_some_and(says)
    }

    /// Whether the answer has the tenant that every vault and every managed HSM has.
    pub(super) fn has_a_tenant(&self) -> bool {
        matches!(self.in_vault("/properties/tenantId").fact, Fact::Known(_))
    }

    /// The judgement for a member that the answer about a vault lacks; for managed HSMs no such meaning is documented.
    pub(super) fn absent_from_vault(&self, meaning: Judgement) -> Judgement {
        if self.has_a_tenant() && !self.managed_hsm() {
            meaning
        } else {
            Judgement::Unread(Cause::Absent)
        }
    }

    /// The judgement for a member that the answer about a key lacks. Every key says whether it is enabled.
    pub(super) fn absent_from_key(&self, meaning: Judgement) -> Judgement {
        match self.in_key("/properties/attributes/enabled").fact.boolean() {
            Fact::Known(_) => meaning,
            Fact::Absent | Fact::Unread(_) => Judgement::Unread(Cause::Absent),
        }
    }

    /// The moment as of which the key is judged.
    pub(super) fn now(&self) -> Timestamp {
        // A key of which nothing was fetched has no member that is compared with it.
        self.look.as_of(self.key).unwrap_or_default()
    }

    /// Evidence of a look at a time, which is readable beside the number of seconds.
    pub(super) fn evidence_of_time(&self, seen: &Seen<&Value>, expected: &str) -> Evidence {
        match (&seen.fact, time(&seen.fact)) {
            (Fact::Known(Value::Number(seconds)), Fact::Known(time)) => {
                let told = format!("{seconds} ({time})");
                self.look.evidence_of(seen.source.clone(), &told, expected)
            }
            _ => self.evidence(seen, expected),
        }
    }

    /// Whether the key is still valid for more than some days after it was read.
    pub(super) fn outlasts(&self, days: i64, expected: &str) -> Outcome {
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
pub(super) fn observed(fact: &Fact<&Value>) -> String {
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
pub(super) fn time(fact: &Fact<&Value>) -> Fact<Timestamp> {
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

pub(super) fn malformed(detail: &str) -> Judgement {
    Judgement::Unread(Cause::Malformed {
        detail: detail.to_owned(),
    })
}

/// The judgement of a member that is to be true, where `absent` stands for one that is not there.
pub(super) fn flag(fact: &Fact<&Value>, absent: impl FnOnce() -> Judgement) -> Judgement {
    match fact.clone().boolean() {
        Fact::Known(set) => Judgement::from_bool(set),
        Fact::Absent => absent(),
        Fact::Unread(cause) => Judgement::Unread(cause),
    }
}
