//! A value in a document by its place.

use serde_json::Value;

/// The value at a JSON pointer (RFC 6901) that holds no escaped character, as all pointers written in this program do:
/// a look without the copies that the general form needs for unescaping.
#[must_use]
pub fn at<'a>(value: &'a Value, pointer: &str) -> Option<&'a Value> {
    debug_assert!(!pointer.contains('~'), "{pointer}");
    if pointer.is_empty() {
        return Some(value);
    }
    pointer
        .strip_prefix('/')?
        .split('/')
        .try_fold(value, |value, name| match value {
            Value::Object(members) => members.get(name),
            Value::Array(items) => items.get(name.parse::<usize>().ok()?),
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_finds_what_the_general_form_finds() {
        let value = json!({"a": {"b": [1, {"c": null}]}, "": 2, "0": "x"});
        for pointer in [
            "",
            "/a",
            "/a/b",
            "/a/b/0",
            "/a/b/1/c",
            "/a/b/2",
            "/a/b/x",
            "/a/b/1/c/d",
            "/",
            "/0",
            "a",
            "/none/b",
        ] {
            assert_eq!(at(&value, pointer), value.pointer(pointer), "{pointer}");
        }
    }
}
