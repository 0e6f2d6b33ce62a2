//! The body of a list of parameters, read for the judge alone: entries that no condition looks at keep their name and
//! nothing else. Of the hundreds of parameters of a server a dozen are judged, and most of the time that a server takes goes
//! into the others.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::documents::parameters::JUDGED;

/// Reads a body. Whatever has not the shape of a list of named entries is read whole, as any other body.
///
/// # Errors
/// When it is no JSON.
pub fn parameters(text: &[u8]) -> serde_json::Result<Value> {
    match serde_json::from_slice::<Body>(text) {
        Ok(Body(members)) => Ok(Value::Object(members)),
        Err(_) => serde_json::from_slice(text),
    }
}

struct Body(Map<String, Value>);

struct Entry(Map<String, Value>);

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Body;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object with a list named value")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Body, A::Error> {
                let mut members = Map::new();
                while let Some(name) = map.next_key::<&str>()? {
                    let value = match name {
                        "value" => map.next_value::<Entries>()?.0,
                        _ => map.next_value()?,
                    };
                    members.insert(name.to_owned(), value);
                }
                Ok(Body(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

struct Entries(Value);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Entries;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(Entry(members)) = list.next_element()? {
                    entries.push(Value::Object(members));
                }
                Ok(Entries(Value::Array(entries)))
            }
        }
        deserializer.deserialize_seq(List)
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Entry;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an entry with a name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
                let mut members = Map::new();
                let mut others: Vec<(&'de str, &'de RawValue)> = Vec::with_capacity(4);
                while let Some(name) = map.next_key::<&'de str>()? {
                    match name {
                        "name" => drop(members.insert(name.to_owned(), map.next_value()?)),
                        _ => others.push((name, map.next_value()?)),
                    }
                }
                if members.get("name").is_none_or(is_judged) {
                    for (name, text) in others {
                        let value = serde_json::from_str(text.get());
                        members.insert(name.to_owned(), value.map_err(serde::de::Error::custom)?);
                    }
                }
                Ok(Entry(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// Whether a condition may look at the entry of this name: a name that is no text, or is one of other letters than those of
/// parameters, is for the conditions to judge.
fn is_judged(name: &Value) -> bool {
    match name {
        Value::String(name) if name.is_ascii() => {
            JUDGED.iter().any(|it| it.eq_ignore_ascii_case(name))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_judged_is_whole_at_its_place_and_the_rest_keeps_its_name() {
        let tls = json!({"id": "i", "name": "TLS_version", "properties": {"value": "a\"b", "n": [1, {}]}});
        let nameless = json!({"id": "i", "properties": {"value": "x"}});
        let odd = json!({"name": 7, "properties": {}});
        let foreign = json!({"name": "sl\u{f6}w", "properties": {"value": 1}});
        let body = json!({
            "value": [
                {"id": "i", "name": "autocommit", "properties": {"value": "ON"}, "type": "t"},
                tls, nameless, odd, foreign, {},
            ],
            "nextLink": null,
        });
        let read = parameters(body.to_string().as_bytes()).unwrap();
        assert_eq!(
            read,
            json!({
                "value": [{"name": "autocommit"}, tls, nameless, odd, foreign, {}],
                "nextLink": null,
            })
        );
    }

    #[test]
    fn what_has_another_shape_is_read_whole_and_junk_is_an_error() {
        for body in [
            json!([1]),
            json!(null),
            json!({"value": {"name": "autocommit", "properties": {}}}),
            json!({"value": [{"name": "autocommit", "properties": {}}, 7]}),
            json!({"value": null}),
            json!({"quoted \" member": 1}),
        ] {
            assert_eq!(parameters(body.to_string().as_bytes()).unwrap(), body);
        }
        for junk in ["", "{", "{\"value\": [{]}", "{} x"] {
            assert!(parameters(junk.as_bytes()).is_err(), "{junk}");
        }
    }
}
