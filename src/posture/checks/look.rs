//! What every condition needs: the documents, the ruleset, and short ways to look at a value and keep the evidence.

use jiff::Timestamp;
use serde_json::Value;

use crate::documents::{Cause, DocumentKind, Fact, ServerDocuments, Source, parameters};
use crate::posture::{Condition, ConditionId, Evidence, Judgement, Ruleset, Severity, Weight};

/// The documents of one server and the ruleset to judge them by.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// What was read about the server.
    pub documents: &'a ServerDocuments,
    /// What it is judged by.
    pub ruleset: &'a Ruleset,
}

/// A value with the place where it was looked for.
#[derive(Clone, Debug)]
pub struct Seen<T> {
    /// What is known of it.
    pub fact: Fact<T>,
    /// Where it stands or would stand.
    pub source: Source,
}

impl<T> Seen<T> {
    /// The same place with another view of the value.
    pub fn map<U>(self, f: impl FnOnce(Fact<T>) -> Fact<U>) -> Seen<U> {
        Seen {
            fact: f(self.fact),
            source: self.source,
        }
    }
}

impl<'a> Look<'a> {
    /// A member of the server itself, as text.
    pub fn member_text(&self, pointer: &str) -> Seen<String> {
        self.member(pointer).map(Fact::text)
    }

    /// A member of the server itself.
    pub fn member(&self, pointer: &str) -> Seen<&'a Value> {
        let (fact, source) = self.documents.server_member(pointer);
        Seen { fact, source }
    }

    /// A member of another document than the server itself.
    pub fn in_document(&self, kind: DocumentKind, pointer: &str) -> Seen<&'a Value> {
        let (fact, source) = self.documents.document_member(kind, pointer);
        Seen { fact, source }
    }

    /// The moment at which a document was fetched: conditions about time are judged as of it.
    pub fn as_of(&self, kind: DocumentKind) -> Option<Timestamp> {
        self.documents.get(kind).map(|document| document.fetched_at)
    }

    /// The items of a list.
    pub fn items(&self, kind: DocumentKind) -> Seen<&'a [Value]> {
        let (fact, source) = self.documents.items(kind);
        Seen { fact, source }
    }

    /// The value in force of a server parameter. A parameter that is missing from a list that was read, or that has no
    /// value, is unread, because its absence has no meaning.
    pub fn parameter(&self, name: &str) -> Seen<String> {
        let (fact, source) = self.raw_parameter(name);
        let fact = match fact {
            Fact::Absent => Fact::Unread(Cause::Absent),
            Fact::Known(value) if value.trim().is_empty() => Fact::Unread(Cause::Absent),
            fact => fact,
        };
        Seen { fact, source }
    }

    /// The same for a parameter whose absence has a meaning: it is absent where it is missing from a list that was read,
    /// or has no value there; and an empty value is a value.
    pub fn raw_parameter(&self, name: &str) -> (Fact<String>, Source) {
        debug_assert!(parameters::JUDGED.contains(&name), "{name} may not be read");
        let source = |pointer| Source {
            kind: DocumentKind::Configurations,
            pointer,
        };
        let nowhere = || source(format!("/value/[{name}]"));
        let items = match self.items(DocumentKind::Configurations).fact {
            Fact::Known(items) => items,
            Fact::Unread(cause) => return (Fact::Unread(cause), nowhere()),
            Fact::Absent => return (Fact::Unread(Cause::Absent), nowhere()),
        };
        let found = self
            .documents
            .parameters()
            .and_then(|index| index.position(name))
            .and_then(|position| Some((position, items.get(position)?)));
        match found {
            Some((position, item)) => {
                let (fact, pointer) = parameters::in_force(item);
                (fact, source(format!("/value/{position}{pointer}")))
            }
            None => (Fact::Absent, nowhere()),
        }
    }

    /// Evidence of a look that saw text, or why it saw none.
    pub fn evidence(&self, seen: &Seen<String>, expected: &str) -> Evidence {
        let observed = match &seen.fact {
            Fact::Known(text) => text.clone(),
            Fact::Absent => "not present".to_owned(),
            Fact::Unread(cause) => cause.to_string(),
        };
        self.evidence_of(seen.source.clone(), &observed, expected)
    }

    /// Evidence of a look at `source` in words of the caller.
    pub fn evidence_of(&self, source: Source, observed: &str, expected: &str) -> Evidence {
        Evidence::new(self.documents, source, observed, expected)
    }
}

/// The fixed part of a condition.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name in reports.
    pub id: ConditionId,
    /// What it states.
    pub statement: &'static str,
    /// How bad it is when it does not hold.
    pub severity: Severity,
}

impl Rule {
    /// A condition that decides.
    pub const fn decides(self, judgement: Judgement, evidence: Vec<Evidence>) -> Condition {
        self.weighted(Weight::Decides, judgement, evidence)
    }

    /// A condition that informs, or decides when `decides` is set.
    pub const fn weighted(
        self,
        weight: Weight,
        judgement: Judgement,
        evidence: Vec<Evidence>,
    ) -> Condition {
        Condition {
            id: self.id,
            statement: self.statement,
            severity: self.severity,
            weight,
            judgement,
            evidence,
            note: None,
            waiver: None,
            shared_fact: None,
        }
    }
}

/// A value that this program does not know, kept as it is and judged by nobody.
pub fn unknown_value(value: &str) -> Judgement {
    let shown: String = value.chars().take(80).collect();
    Judgement::Unread(Cause::Malformed {
        detail: format!("the value {shown:?} is not one that this version knows"),
    })
}
