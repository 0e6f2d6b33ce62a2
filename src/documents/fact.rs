//! A value that was read, a value that is not there, or the reason why it is not known.

use serde_json::Value;

use super::Cause;

/// What is known of one value. There is no default: absence and ignorance are different answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact<T> {
    /// It was read.
    Known(T),
    /// The answer that would hold it was read, and it is not there.
    Absent,
    /// The answer that would hold it was not read.
    Unread(Cause),
}

impl<T> Fact<T> {
    /// Applies `f` to a known value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::Known(value) => Fact::Known(f(value)),
            Self::Absent => Fact::Absent,
            Self::Unread(cause) => Fact::Unread(cause),
        }
    }

    /// Applies `f`, which may find the value unusable, to a known value.
    pub fn and_then<U>(self, f: impl FnOnce(T) -> Fact<U>) -> Fact<U> {
        match self {
            Self::Known(value) => f(value),
            Self::Absent => Fact::Absent,
            Self::Unread(cause) => Fact::Unread(cause),
        }
    }

    /// The value, for callers that need nothing but it.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Unread(_) => None,
        }
    }
}

impl Fact<&Value> {
    /// The value as text; anything else is malformed.
    #[must_use]
    pub fn text(self) -> Fact<String> {
        self.and_then(|value| match value {
            Value::String(text) => Fact::Known(text.clone()),
            other => wrong_type("text", other),
        })
    }

    /// The value as a whole number; numbers written as text are accepted, as Azure mixes both.
    #[must_use]
    pub fn integer(self) -> Fact<i64> {
        self.and_then(|value| match value {
            Value::Number(number) => match number.as_i64() {
                Some(number) => Fact::Known(number),
                None => wrong_type("a whole number", value),
            },
            Value::String(text) => match text.trim().parse() {
                Ok(number) => Fact::Known(number),
                Err(_) => wrong_type("a whole number", value),
            },
            other => wrong_type("a whole number", other),
        })
    }

    /// The value as the word `true` or `false`, however Azure writes it; other text stays as it is.
    #[must_use]
    pub fn word(self) -> Fact<String> {
        self.and_then(|value| match (boolean(value), value) {
            (Some(flag), _) => Fact::Known(flag.to_string()),
            (None, Value::String(text)) => Fact::Known(text.clone()),
            (None, other) => wrong_type("true or false", other),
        })
    }

    /// The value as true or false, as [`boolean`] reads it; anything else is malformed.
    #[must_use]
    pub fn boolean(self) -> Fact<bool> {
        self.and_then(|value| match boolean(value) {
            Some(flag) => Fact::Known(flag),
            None => wrong_type("true or false", value),
        })
    }

    /// The value as a list.
    #[must_use]
    pub fn list(self) -> Fact<Vec<Value>> {
        self.and_then(|value| match value {
            Value::Array(items) => Fact::Known(items.clone()),
            other => wrong_type("a list", other),
        })
    }
}

fn wrong_type<T>(expected: &str, found: &Value) -> Fact<T> {
    let found = match found {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    Fact::Unread(Cause::Malformed {
        detail: format!("expected {expected}, found {found}"),
    })
}

/// Reads a boolean the way Azure writes it: `true`, `"True"`, `"true"`.
#[must_use]
pub fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn trap_14_string_booleans_are_booleans() {
        for (value, expected) in [
            (json!("True"), Some(true)),
            (json!("False"), Some(false)),
            (json!("false"), Some(false)),
            (json!(true), Some(true)),
            (json!("yes"), None),
            (json!(1), None),
            (json!(null), None),
        ] {
            assert_eq!(boolean(&value), expected, "{value}");
        }
    }

    #[test]
    fn what_is_no_boolean_is_unread_and_absence_stays_absence() {
        for (value, expected) in [(json!(true), true), (json!("False"), false)] {
            assert_eq!(Fact::Known(&value).boolean(), Fact::Known(expected));
        }
        for value in [json!("yes"), json!(1), json!({})] {
            assert!(
                matches!(
                    Fact::Known(&value).boolean(),
                    Fact::Unread(Cause::Malformed { .. })
                ),
                "{value}"
            );
        }
        assert_eq!(Fact::Absent.boolean(), Fact::Absent);
        let unread = Fact::Unread(Cause::TimedOut);
        assert_eq!(unread.boolean(), Fact::Unread(Cause::TimedOut));
    }

    #[test]
    fn a_value_of_the_wrong_type_is_unread_and_not_absent() {
        let number = json!(7);
        assert!(matches!(
            Fact::Known(&number).text(),
            Fact::Unread(Cause::Malformed { .. })
        ));
        let text = json!("14");
        assert_eq!(Fact::Known(&text).integer(), Fact::Known(14));
        let fraction = json!(7.5);
        assert!(matches!(
            Fact::Known(&fraction).integer(),
            Fact::Unread(Cause::Malformed { .. })
        ));
    }
}
