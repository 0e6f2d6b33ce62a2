//! Conditions of Azure Policy over facts, of which some may be unread: true, false, or open with the cause.
//!
//! As Azure compares: text without case, a missing field equals nothing, so `notEquals` holds for it; `exists` means
//! present and not null, also when empty.

use serde_json::Value;

use crate::documents::{Cause, DocumentKind, Fact, ServerDocuments, Source, at};
use crate::posture::Evidence;

/// The outcome of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    True,
    False,
    Open(Cause),
}

impl Truth {
    pub fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            open => open,
        }
    }

    /// `allOf`: false as soon as one is false, whatever the others are.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut open = None;
        for part in parts {
            match part {
                Self::False => return Self::False,
                Self::True => {}
                Self::Open(cause) => open = open.or(Some(cause)),
            }
        }
        open.map_or(Self::True, Self::Open)
    }

    /// `anyOf`: true as soon as one is true, whatever the others are.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::all(parts.into_iter().map(Self::not)).not()
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

/// A field that a rule looks at.
#[derive(Clone, Debug)]
pub struct Field(Fact<Value>);

impl Field {
    /// A member of a body that was read.
    pub fn of(body: &Value, pointer: &str) -> Self {
        match at(body, pointer) {
            None | Some(Value::Null) => Self(Fact::Absent),
            Some(value) => Self(Fact::Known(value.clone())),
        }
    }

    /// Whether it is present and not null.
    pub fn exists(&self) -> Truth {
        match &self.0 {
            Fact::Known(_) => Truth::True,
            Fact::Absent => Truth::False,
            Fact::Unread(cause) => Truth::Open(cause.clone()),
        }
    }

    pub fn equals(&self, expected: &str) -> Truth {
        match self.text() {
            Fact::Known(text) => text.eq_ignore_ascii_case(expected).into(),
            Fact::Absent => Truth::False,
            Fact::Unread(cause) => Truth::Open(cause),
        }
    }

    pub fn not_equals(&self, expected: &str) -> Truth {
        self.equals(expected).not()
    }

    pub fn text(&self) -> Fact<String> {
        match &self.0 {
            Fact::Known(value) => Fact::Known(value).text(),
            Fact::Absent => Fact::Absent,
            Fact::Unread(cause) => Fact::Unread(cause.clone()),
        }
    }

    /// What was seen, in words.
    pub fn seen(&self) -> String {
        match &self.0 {
            Fact::Known(Value::String(text)) => text.clone(),
            Fact::Known(value) => value.to_string(),
            Fact::Absent => "not present".to_owned(),
            Fact::Unread(cause) => cause.to_string(),
        }
    }
}

/// The documents of a server, and the looks that a rule took at them.
pub struct Trace<'a> {
    pub documents: &'a ServerDocuments,
    pub evidence: Vec<Evidence>,
}

impl<'a> Trace<'a> {
    pub const fn new(documents: &'a ServerDocuments) -> Self {
        Self {
            documents,
            evidence: Vec::new(),
        }
    }

    /// A member of the server itself.
    pub fn server(&mut self, pointer: &str, expected: &str) -> Field {
        let (fact, source) = self.documents.server_member(pointer);
        self.note(Field(fact.map(Clone::clone)), source, expected)
    }

    /// A member of a document about one resource.
    pub fn member(&mut self, kind: DocumentKind, pointer: &str, expected: &str) -> Field {
        let field = match self.documents.body(kind) {
            Ok(body) if body.is_object() => Field::of(body, pointer),
            Ok(_) => Field::malformed("the answer is not an object"),
            Err(cause) => Field(Fact::Unread(cause)),
        };
        let pointer = pointer.to_owned();
        self.note(field, Source { kind, pointer }, expected)
    }

    /// Keeps a look that was taken.
    pub fn note(&mut self, field: Field, source: Source, expected: &str) -> Field {
        let seen = field.seen();
        self.evidence
            .push(Evidence::new(self.documents, source, &seen, expected));
        field
    }
}

impl Field {
    pub const fn unread(cause: Cause) -> Self {
        Self(Fact::Unread(cause))
    }

    pub fn malformed(detail: &str) -> Self {
        Self::unread(Cause::Malformed {
            detail: detail.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_open_decides_only_where_nothing_else_does() {
        let open = || Truth::Open(Cause::TimedOut);
        assert_eq!(Truth::all([Truth::True, open()]), open());
        assert_eq!(Truth::all([open(), Truth::False]), Truth::False);
        assert_eq!(Truth::any([open(), Truth::True]), Truth::True);
        assert_eq!(Truth::any([Truth::False, open()]), open());
        assert_eq!(Truth::all([]), Truth::True);
        assert_eq!(Truth::any([]), Truth::False);
    }

    #[test]
    fn fields_are_compared_as_azure_compares_them() {
        let body = json!({"a": "ZoneRedundant", "empty": "", "null": null, "number": 7});
        assert_eq!(Field::of(&body, "/a").equals("zoneredundant"), Truth::True);
        for missing in ["/null", "/nothing"] {
            let field = Field::of(&body, missing);
            assert_eq!(field.exists(), Truth::False);
            assert_eq!(field.equals("x"), Truth::False);
            assert_eq!(field.not_equals("x"), Truth::True);
        }
        assert_eq!(Field::of(&body, "/empty").exists(), Truth::True);
        assert!(matches!(
            Field::of(&body, "/number").equals("7"),
            Truth::Open(Cause::Malformed { .. })
        ));
    }
}
