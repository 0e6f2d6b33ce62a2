//! Which servers are wanted, of all that a subscription holds: as conditions of a question to Resource Graph, and applied
//! to the rows that came.
//!
//! The conditions of the question may let through more than is wanted, never less, so that what is wanted follows from the
//! rows alone, whoever answered. Names of tags keep the case in which somebody wrote them and are compared without it,
//! which the query language cannot do for a member of `tags`; so the text of all tags is looked through instead.

use std::fmt::Write as _;

use serde_json::Value;
use wildmatch::WildMatch;

use crate::documents::ResourceId;

/// What in the name of a server stands for other characters.
const WILDCARDS: [char; 2] = ['*', '?'];

/// Which servers are wanted. Of each list any member may fit, and of all lists that are not empty one must.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerFilter {
    /// Names of resource groups, in any case.
    pub resource_groups: Vec<String>,
    /// Tags by name, in any case, and value, in this case; any value when there is none.
    pub tags: Vec<(String, Option<String>)>,
    /// Ids or names, in any case; `*` and `?` in a name stand for other characters.
    pub servers: Vec<String>,
}

impl ServerFilter {
    /// Whether every server is wanted.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.resource_groups.is_empty() && self.tags.is_empty() && self.servers.is_empty()
    }

    /// The conditions as stages of a question of Resource Graph, each with the bar before it; empty when there are none.
    #[must_use]
    pub fn stages(&self) -> String {
        let mut stages = String::new();
        let mut stage = |conditions: Vec<String>| {
            if !conditions.is_empty() {
                // Writing to a String does not fail.
                let _ = write!(stages, "| where {} ", conditions.join(" or "));
            }
        };
        let groups: Vec<String> = self.resource_groups.iter().map(|it| literal(it)).collect();
        if !groups.is_empty() {
            stage(vec![format!("resourceGroup in~ ({})", groups.join(", "))]);
        }
        // One that cannot be put as a condition lets everything through.
        let any = |conditions: Option<Vec<String>>| conditions.unwrap_or_default();
        stage(any(self
            .servers
            .iter()
            .map(|it| server_condition(it))
            .collect()));
        stage(any(self
            .tags
            .iter()
            .map(|(name, value)| tag_condition(name, value.as_deref()))
            .collect()));
        stages
    }

    /// Whether a server is wanted, by its id and its row.
    #[must_use]
    pub fn accepts(&self, id: &ResourceId, row: &Value) -> bool {
        fn any<T>(list: &[T], fits: impl Fn(&T) -> bool) -> bool {
            list.is_empty() || list.iter().any(fits)
        }
        any(&self.resource_groups, |group| {
            id.resource_group()
                .is_some_and(|it| it.to_lowercase() == group.to_lowercase())
        }) && any(&self.servers, |server| names(server, id))
            && any(&self.tags, |(name, value)| {
                let tags = row.get("tags").and_then(Value::as_object);
                tags.into_iter().flatten().any(|(key, found)| {
                    key.to_lowercase() == name.to_lowercase()
                        && value.as_ref().is_none_or(|it| found == it.as_str())
                })
            })
    }
}

/// Whether an id or a name with wildcards is that of a server.
#[must_use]
pub fn names(wanted: &str, id: &ResourceId) -> bool {
    if wanted.starts_with('/') {
        return wanted.trim_end_matches('/').to_lowercase() == id.key();
    }
    // Without regard to case in the whole of Unicode, and not only where the library has none.
    WildMatch::new(&wanted.to_lowercase()).matches(&id.name().to_lowercase())
}

/// A condition for a server by its id or name; `None` when there is none that helps.
fn server_condition(wanted: &str) -> Option<String> {
    if wanted.starts_with('/') {
        return Some(format!("id =~ {}", literal(wanted.trim_end_matches('/'))));
    }
    match wanted.find(WILDCARDS) {
        None => Some(format!("name =~ {}", literal(wanted))),
        Some(0) => None,
        Some(end) => Some(format!("name startswith {}", literal(&wanted[..end]))),
    }
}

/// A condition for a tag: its name and value stand somewhere in the text of all tags. What a writer of JSON may escape is
/// not looked for.
fn tag_condition(name: &str, value: Option<&str>) -> Option<String> {
    let is_itself = |text: &&str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || b" -_.:".contains(&it))
    };
    let found: Vec<String> = std::iter::once(name)
        .chain(value)
        .filter(is_itself)
        .map(|text| format!("tostring(tags) contains {}", literal(text)))
        .collect();
    (!found.is_empty()).then(|| found.join(" and "))
}

/// A text as a literal of the query language, in which nothing of it can end the literal.
fn literal(text: &str) -> String {
    let mut literal = String::from('\'');
    for c in text.chars() {
        match c {
            '\'' | '\\' => literal.extend(['\\', c]),
            // A line break cannot stand in a literal.
            _ if c.is_control() => {
                let _ = write!(literal, "\\u{:04x}", u32::from(c));
            }
            _ => literal.push(c),
        }
    }
    literal.push('\'');
    literal
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn id(group: &str, name: &str) -> ResourceId {
        ResourceId::parse(&format!(
            "/subscriptions/s/resourceGroups/{group}/providers/Microsoft.DBforMySQL/flexibleServers/{name}"
        ))
        .unwrap()
    }

    fn texts(all: &[&str]) -> Vec<String> {
        all.iter().map(|it| (*it).to_owned()).collect()
    }

    #[test]
    fn nothing_breaks_out_of_a_literal() {
        let filter = ServerFilter {
            resource_groups: texts(&["rg' or true or '"]),
            tags: vec![("owner".into(), Some("o'brien' | take 0 //".into()))],
            servers: texts(&["a'b", "c\nd*"]),
        };
        assert_eq!(
            filter.stages(),
            "| where resourceGroup in~ ('rg\\' or true or \\'') \
             | where name =~ 'a\\'b' or name startswith 'c\\u000ad' \
             | where tostring(tags) contains 'owner' "
        );
    }

    #[test]
    fn what_cannot_be_asked_is_not_asked_and_nothing_wanted_is_left_out() {
        let stages = |tags: &[(&str, Option<&str>)], servers: &[&str]| {
            ServerFilter {
                tags: tags
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned)))
                    .collect(),
                servers: texts(servers),
                ..ServerFilter::default()
            }
            .stages()
        };
        assert_eq!(stages(&[], &["a", "*b"]), "");
        assert_eq!(stages(&[("ü", None), ("a", None)], &[]), "");
        assert_eq!(
            stages(&[("env", Some("prod")), ("team", None)], &[]),
            "| where tostring(tags) contains 'env' and tostring(tags) contains 'prod' \
             or tostring(tags) contains 'team' "
        );
        assert_eq!(
            stages(&[("env", Some(""))], &[])
                .matches("contains")
                .count(),
            1
        );
    }

    #[test]
    fn of_one_list_any_and_of_all_lists_one() {
        let filter = ServerFilter {
            resource_groups: texts(&["RG-1", "rg-2"]),
            tags: vec![("Env".into(), Some("prod".into())), ("team".into(), None)],
            servers: texts(&["MySQL-?", id("x", "other").as_str()]),
        };
        let prod = json!({"tags": {"env": "prod"}});
        assert!(filter.accepts(&id("rg-1", "mysql-1"), &prod));
        assert!(filter.accepts(&id("RG-2", "mysql-1"), &json!({"tags": {"TEAM": "x"}})));
        assert!(!filter.accepts(&id("rg-3", "mysql-1"), &prod));
        assert!(!filter.accepts(&id("rg-1", "mysql-12"), &prod));
        assert!(!filter.accepts(&id("rg-1", "mysql-1"), &json!({"tags": {"env": "Prod"}})));
        assert!(!filter.accepts(&id("rg-1", "mysql-1"), &json!({"tags": null})));
        assert!(names(&id("X", "OTHER").to_string(), &id("x", "other")));
        assert!(!names("other", &id("x", "another")));
    }
}
