//! The server parameters that a simulated server lists, and the pages that are written from them.

use std::fmt;
use std::sync::LazyLock;

use serde::Serialize;
use serde::ser::SerializeSeq;

use super::server::{Parameter, Server, Version};

/// What a parameter is in MySQL and on the platform, the same for every server of a version.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) name: &'static str,
    kind: &'static str,
    default: &'static str,
    allowed: &'static str,
    dynamic: bool,
    read_only: bool,
    essential: bool,
    versions: &'static str,
    platform: &'static str,
    description: &'static str,
}

static DEFINITIONS: LazyLock<Vec<Definition>> = LazyLock::new(|| {
    include_str!("parameters.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(Definition::parse)
        .collect()
});

impl Definition {
    fn parse(line: &'static str) -> Self {
        let mut columns = line.split('|');
        let mut next = || columns.next().unwrap_or_default();
        let (name, letter, default, allowed, flags) = (next(), next(), next(), next(), next());
        let (kind, allowed) = match letter {
            "B" => ("Enumeration", "ON,OFF"),
            "E" => ("Enumeration", allowed),
            "I" => ("Integer", allowed),
            "T" => ("Set", allowed),
            _ => ("String", allowed),
        };
        Self {
            name,
            kind,
            default,
            allowed,
            dynamic: flags.contains('d'),
            read_only: flags.contains('r'),
            essential: flags.contains('!'),
            versions: next(),
            platform: next(),
            description: next(),
        }
    }

    fn exists_in(&self, version: Version) -> bool {
        self.versions.is_empty() || self.versions.contains(version.letter())
    }
}

/// Which of the parameters of a server a page holds.
#[derive(Clone, Copy)]
pub(super) enum Extent {
    /// All of them: some 300 KB, as Azure sends.
    All,
    /// The fifty or so that bear on security, for large benchmarks.
    Essential,
}

/// The parameters of one server in the order of their names.
fn of(version: Version, extent: Extent) -> impl Iterator<Item = &'static Definition> {
    DEFINITIONS.iter().filter(move |definition| {
        definition.exists_in(version) && (definition.essential || matches!(extent, Extent::All))
    })
}

/// The list of a server's parameters: one page without a next link, however long it is.
#[derive(Serialize)]
pub(super) struct Page<'a> {
    value: Entries<'a>,
}

struct Entries<'a> {
    server: &'a Server,
    id: &'a str,
    extent: Extent,
}

impl<'a> Page<'a> {
    /// `id` is the resource id of the server.
    pub(super) fn new(server: &'a Server, id: &'a str, extent: Extent) -> Self {
        Self {
            value: Entries { server, id, extent },
        }
    }
}

impl Serialize for Entries<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        for definition in of(self.server.version, self.extent) {
            sequence.serialize_element(&entry(self.server, self.id, definition))?;
        }
        sequence.end()
    }
}

/// The resource of one parameter, or nothing when servers of this version have no such parameter.
pub(super) fn single(server: &Server, id: &str, name: &str) -> Option<Vec<u8>> {
    let definition =
        of(server.version, Extent::All).find(|it| it.name.eq_ignore_ascii_case(name))?;
    serde_json::to_vec(&entry(server, id, definition)).ok()
}

#[derive(Serialize)]
struct Entry<'a> {
    properties: Properties<'a>,
    id: Text<Id<'a>>,
    name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Text<Value<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_value: Option<Text<Value<'a>>>,
    description: Text<Description>,
    documentation_link: Text<Link>,
    default_value: &'static str,
    data_type: &'static str,
    allowed_values: &'static str,
    source: &'static str,
    is_config_pending_restart: &'static str,
    is_dynamic_config: &'static str,
    is_read_only: &'static str,
}

fn entry<'a>(server: &'a Server, id: &'a str, definition: &'static Definition) -> Entry<'a> {
    let planted = server.parameter(definition.name);
    let value = Value {
        server,
        text: match planted {
            Some(Parameter { value, .. }) => value,
            None if definition.platform.is_empty() => definition.default,
            None => definition.platform,
        },
    };
    let in_force = match planted.and_then(|it| it.in_force) {
        Some(text) => Value { server, text },
        None => value,
    };
    // The form with `currentValue` leaves both members out where the value is empty.
    let shown = |value: Value<'a>| {
        (!server.shows_current_values || !value.text.is_empty()).then_some(Text(value))
    };
    let overridden = planted.is_some() || !definition.platform.is_empty();
    let read_only = if definition.name == "aad_auth_only" {
        server.entra_administrator.is_none()
    } else {
        definition.read_only
    };
    Entry {
        properties: Properties {
            value: shown(value),
            current_value: shown(in_force).filter(|_| server.shows_current_values),
            description: Text(Description(definition)),
            documentation_link: Text(Link(definition)),
            default_value: definition.default,
            data_type: definition.kind,
            allowed_values: definition.allowed,
            source: if overridden {
                "user-override"
            } else {
                "system-default"
            },
            is_config_pending_restart: title_case(planted.is_some_and(|it| it.in_force.is_some())),
            is_dynamic_config: title_case(definition.dynamic),
            is_read_only: title_case(read_only),
        },
        id: Text(Id {
            server: id,
            name: definition.name,
        }),
        name: definition.name,
        kind: "Microsoft.DBforMySQL/flexibleServers/configurations",
    }
}

/// Azure writes these flags as words, not as JSON booleans.
fn title_case(flag: bool) -> &'static str {
    if flag { "True" } else { "False" }
}

/// Serialises a thing as the text that it displays, without a string in between.
struct Text<T>(T);

impl<T: fmt::Display> Serialize for Text<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

struct Id<'a> {
    server: &'a str,
    name: &'static str,
}

impl fmt::Display for Id<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/configurations/{}", self.server, self.name)
    }
}

#[derive(Clone, Copy)]
struct Value<'a> {
    server: &'a Server,
    text: &'static str,
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((before, after)) = self.text.split_once("{server}") {
            write!(f, "{before}{}{after}", self.server.name)
        } else if self.text == "{number}" {
            write!(f, "{}", self.server.number)
        } else {
            f.write_str(self.text)
        }
    }
}

struct Description(&'static Definition);

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Definition {
            name, description, ..
        } = self.0;
        if !description.is_empty() {
            return f.write_str(description);
        }
        let area = match name.split('_').next().unwrap_or_default() {
            "innodb" => "the InnoDB storage engine",
            "binlog" | "log" | "relay" | "sync" => "the logs of the server and how they are kept",
            "performance" => "what the performance schema records, and how much memory it takes",
            "replica" | "slave" | "source" | "master" | "rpl" => "replication between servers",
            "ssl" | "tls" | "admin" => "encrypted connections",
            "thread" | "max" | "connect" | "net" => "how much of the server one client may use",
            "optimizer" | "range" | "join" | "sort" | "read" => {
                "how statements are planned and run"
            }
            "myisam" | "key" => "the MyISAM storage engine",
            _ => "the behaviour of the server",
        };
        write!(f, "Governs {area}.")
    }
}

struct Link(&'static Definition);

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.name;
        let page = if name.starts_with("innodb_") {
            "innodb-parameters"
        } else {
            "server-system-variables"
        };
        write!(
            f,
            "https://dev.mysql.com/doc/refman/8.0/en/{page}.html#sysvar_{name}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_version_has_each_name_once_and_the_names_are_sorted() {
        for version in [Version::V57, Version::V80, Version::V84, Version::V93] {
            let names: Vec<_> = of(version, Extent::All).map(|it| it.name).collect();
            assert!(names.len() > 300, "{version:?} has only {}", names.len());
            assert_eq!(names.len(), names.iter().collect::<HashSet<_>>().len());
            let mut sorted = names.clone();
            sorted.sort_unstable();
            assert_eq!(names, sorted, "{version:?}");
        }
    }

    #[test]
    fn the_essential_parameters_are_about_fifty() {
        let count = of(Version::V80, Extent::Essential).count();
        assert!((45..=60).contains(&count), "{count}");
    }
}
