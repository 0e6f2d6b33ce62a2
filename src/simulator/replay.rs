//! Answers from a folder of recorded files, and the little that is put together from them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::arm::missing_subscription;
use super::errors;
use super::graph::{self, Inventory};
use super::http::{Answer, Call};
use super::query::Table;

/// Where recorded next links point.
const RECORDED_ORIGIN: &str = "https://management.azure.com";

/// Recorded answers. Paths match without case and whatever the api-version; what nobody recorded is 404, except
/// subscriptions, the Resource Graph inventory and lists of configurations, which follow from the recordings.
#[derive(Debug)]
pub struct Replay {
    /// By method, path in lower case and query without the api-version; newest api-version last.
    recorded: BTreeMap<Key, Vec<Recording>>,
    subscriptions: Vec<String>,
    /// Servers in the order of their ids in lower case, in the form of a list where one was recorded.
    servers: Vec<Value>,
    /// Configurations that were recorded one by one, by the path of their list in lower case.
    configurations: BTreeMap<String, Vec<Value>>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    method: String,
    path: String,
    query: Vec<(String, String)>,
}

#[derive(Debug)]
struct Recording {
    api_version: String,
    status: u16,
    headers: Vec<(String, String)>,
    body: Value,
}

#[derive(Deserialize)]
struct File {
    method: String,
    uri: String,
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Value,
}

/// Why a folder of recordings cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The folder or a file in it cannot be read.
    #[error("cannot read {path}: {cause}", path = path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// A file is not a recording.
    #[error(
        "{path} is not a recording ({cause}); each file holds {{method, uri, status, headers, body}} as JSON",
        path = path.display()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where its text goes wrong.
        #[source]
        cause: serde_json::Error,
    },
    /// The address in a file is not a URL.
    #[error("{path} has no usable uri ({cause})", path = path.display())]
    Address {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: url::ParseError,
    },
    /// There is no recording in the folder.
    #[error("{path} holds no recording: put files that end in .json there", path = path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

impl Replay {
    /// Reads every file of the folder whose name ends in `.json`; folders within are left alone.
    ///
    /// # Errors
    ///
    /// When the folder or a file cannot be read, when a file is not a recording, when there is none.
    pub fn read(folder: &Path) -> Result<Self, ReplayError> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |cause| ReplayError::Unreadable { path, cause }
        };
        let mut paths = fs::read_dir(folder)
            .and_then(|entries| {
                entries
                    .map(|it| it.map(|it| it.path()))
                    .collect::<Result<Vec<_>, _>>()
            })
            .map_err(unreadable(folder))?;
        paths.retain(|it| {
            it.is_file()
                && it
                    .extension()
                    .is_some_and(|it| it.eq_ignore_ascii_case("json"))
        });
        paths.sort();
        if paths.is_empty() {
            return Err(ReplayError::Empty {
                path: folder.to_owned(),
            });
        }
        let mut replay = Self {
            recorded: BTreeMap::new(),
            subscriptions: Vec::new(),
            servers: Vec::new(),
            configurations: BTreeMap::new(),
        };
        for path in paths {
            let text = fs::read(&path).map_err(unreadable(&path))?;
            let file: File =
                serde_json::from_slice(&text).map_err(|cause| ReplayError::Malformed {
                    path: path.clone(),
                    cause,
                })?;
            replay
                .add(file)
                .map_err(|cause| ReplayError::Address { path, cause })?;
        }
        replay.gather();
        Ok(replay)
    }

    fn add(&mut self, file: File) -> Result<(), url::ParseError> {
        let uri = url::Url::parse(&file.uri)?;
        let mut query: Vec<(String, String)> = uri.query_pairs().into_owned().collect();
        let api_version = query
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("api-version"))
            .map(|(_, value)| value.clone())
            .unwrap_or_default();
        normalise(&mut query);
        let call = Call::new(
            &file.method,
            uri.path(),
            "",
            String::new(),
            String::new(),
            Vec::new(),
        );
        let key = Key {
            method: file.method.to_ascii_uppercase(),
            path: lower_path(&call),
            query,
        };
        let recordings = self.recorded.entry(key).or_default();
        recordings.push(Recording {
            api_version,
            status: file.status,
            headers: file
                .headers
                .into_iter()
                .filter(|(name, _)| may_be_echoed(name))
                .collect(),
            body: file.body,
        });
        recordings.sort_by(|a, b| a.api_version.cmp(&b.api_version));
        Ok(())
    }

    /// Puts together what follows from the recordings.
    fn gather(&mut self) {
        let mut subscriptions = BTreeSet::new();
        let mut listed: BTreeMap<String, Value> = BTreeMap::new();
        let mut single: BTreeMap<String, Value> = BTreeMap::new();
        for (key, recordings) in &self.recorded {
            let segments: Vec<&str> = key.path.split('/').skip(1).collect();
            if let ["subscriptions", id, ..] = segments.as_slice() {
                subscriptions.insert((*id).to_owned());
            }
            for recording in recordings
                .iter()
                .filter(|it| it.status == 200 && key.method == "GET")
            {
                let entries = match recording.body.get("value").and_then(Value::as_array) {
                    Some(entries) => entries.as_slice(),
                    None => std::slice::from_ref(&recording.body),
                };
                for entry in entries.iter().filter(|it| is_server(it)) {
                    let known = if std::ptr::eq(entry, &recording.body) {
                        &mut single
                    } else {
                        &mut listed
                    };
                    known.insert(id_of(entry), entry.clone());
                }
                if let [.., "flexibleservers", _, "configurations", _] = segments.as_slice()
                    && let Some((list, _)) = key.path.rsplit_once('/')
                {
                    let configurations = self.configurations.entry(list.to_owned()).or_default();
                    configurations.retain(|it: &Value| id_of(it) != id_of(&recording.body));
                    configurations.push(recording.body.clone());
                }
            }
        }
        for (id, server) in single {
            listed.entry(id).or_insert(server);
        }
        subscriptions.extend(
            listed
                .keys()
                .filter_map(|id| Some(id.split('/').nth(2)?.to_owned())),
        );
        self.subscriptions = subscriptions.into_iter().collect();
        self.servers = listed.into_values().collect();
    }

    /// How many servers the recordings tell of.
    #[must_use]
    pub fn servers(&self) -> usize {
        self.servers.len()
    }

    /// How many subscriptions they lie in.
    #[must_use]
    pub fn subscriptions(&self) -> usize {
        self.subscriptions.len()
    }

    pub(super) fn answer(&self, call: &Call, page_size: usize) -> Answer {
        let mut query = call.query.clone();
        normalise(&mut query);
        let key = Key {
            method: call.method.clone(),
            path: lower_path(call),
            query,
        };
        if let Some(recordings) = self.recorded.get(&key) {
            let wanted = call.api_version().unwrap_or_default();
            let same = recordings
                .iter()
                .rfind(|it| it.api_version.eq_ignore_ascii_case(wanted));
            if let Some(recording) = same.or(recordings.last()) {
                return recording.answer(call);
            }
        }
        self.put_together(call, &key.path, page_size)
    }

    fn put_together(&self, call: &Call, path: &str, page_size: usize) -> Answer {
        if call.is_graph_query() {
            return graph::answer(self, call, page_size);
        }
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        match segments.as_slice() {
            ["subscriptions"] => {
                let value: Vec<Value> = self
                    .subscriptions
                    .iter()
                    .map(|id| subscription(id))
                    .collect();
                Answer::json(200, &json!({ "value": value }))
            }
            ["subscriptions", id] if self.knows(id) => Answer::json(200, &subscription(id)),
            ["subscriptions", id, ..] if !self.knows(id) => missing_subscription(id),
            [
                "subscriptions",
                _,
                "resourcegroups",
                _,
                "providers",
                _,
                "flexibleservers",
                _,
                "configurations",
            ] => match self.configurations.get(path) {
                Some(value) => Answer::json(200, &json!({ "value": value })),
                None => self.nothing(call),
            },
            _ => self.nothing(call),
        }
    }

    fn knows(&self, subscription: &str) -> bool {
        self.subscriptions
            .iter()
            .any(|it| it.eq_ignore_ascii_case(subscription))
    }

    fn nothing(&self, call: &Call) -> Answer {
        match call.segments.as_slice() {
            [_, _, _, group, _, provider, rest @ ..] if !rest.is_empty() => {
                errors::no_resource(&format!("{provider}/{}", rest.join("/")), group)
            }
            _ => errors::no_route(&call.path),
        }
    }
}

impl Recording {
    fn answer(&self, call: &Call) -> Answer {
        let mut body = self.body.clone();
        if let Some(members) = body.as_object_mut() {
            for (name, value) in members {
                if name.to_ascii_lowercase().ends_with("nextlink")
                    && let Some(rest) = value
                        .as_str()
                        .and_then(|it| it.strip_prefix(RECORDED_ORIGIN))
                    && !rest.starts_with(|c: char| c.is_alphanumeric() || ".-@".contains(c))
                {
                    *value = format!("{}{}", call.origin, port_dropped(rest)).into();
                }
            }
        }
        let mut answer = Answer::json(self.status, &body);
        answer.headers.clone_from(&self.headers);
        answer
    }
}

/// A recorded link may name the port of https.
fn port_dropped(rest: &str) -> &str {
    rest.strip_prefix(":443").unwrap_or(rest)
}

/// Headers of a recording that say something about the resource or the limits. The caller's ids stay out, and
/// so does what the connection decides.
fn may_be_echoed(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let known = [
        "cache-control",
        "content-type",
        "expires",
        "pragma",
        "retry-after",
        "strict-transport-security",
        "www-authenticate",
        "x-content-type-options",
        "x-cache",
        "x-ms-failure-cause",
    ];
    known.contains(&name.as_str())
        || name.starts_with("x-ms-ratelimit-")
        || name.starts_with("x-ms-user-quota-")
}

/// Leaves what tells pages of one list apart: the api-version goes, names are written small, order is fixed.
fn normalise(query: &mut Vec<(String, String)>) {
    query.retain(|(name, _)| !name.eq_ignore_ascii_case("api-version"));
    for (name, _) in query.iter_mut() {
        name.make_ascii_lowercase();
    }
    query.sort();
}

fn lower_path(call: &Call) -> String {
    call.lower()
        .iter()
        .fold(String::new(), |path, it| path + "/" + it)
}

fn is_server(entry: &Value) -> bool {
    let kind = entry["type"].as_str().unwrap_or_default();
    kind.eq_ignore_ascii_case("Microsoft.DBforMySQL/flexibleServers") && entry["id"].is_string()
}

fn id_of(entry: &Value) -> String {
    entry["id"]
        .as_str()
        .unwrap_or_default()
        .to_ascii_lowercase()
}

fn subscription(id: &str) -> Value {
    json!({
        "id": format!("/subscriptions/{id}"),
        "authorizationSource": "RoleBased",
        "subscriptionId": id,
        "displayName": format!("Recorded {}", id.get(..8).unwrap_or(id)),
        "state": "Enabled",
    })
}

impl Inventory for Replay {
    fn rows(&self, table: Table) -> usize {
        match table {
            Table::Resources => self.servers.len(),
            Table::ResourceContainers => self.subscriptions.len(),
            // No recording of its rows is known.
            Table::PolicyResources | Table::SecurityResources => 0,
        }
    }

    fn text<'a>(&'a self, table: Table, row: usize, column: &str) -> Cow<'a, str> {
        match self.column(table, row, column) {
            Value::String(text) => text.into(),
            bag @ Value::Object(_) => bag.to_string().into(),
            _ => Cow::Borrowed(""),
        }
    }

    fn column(&self, table: Table, row: usize, column: &str) -> Value {
        let column = column.to_ascii_lowercase();
        if table == Table::ResourceContainers {
            let id = &self.subscriptions[row];
            return match column.as_str() {
                "id" => format!("/subscriptions/{id}").into(),
                "name" => subscription(id)["displayName"].take(),
                "type" => "microsoft.resources/subscriptions".into(),
                "subscriptionid" => id.as_str().into(),
                "properties" => json!({ "state": "Enabled" }),
                _ => Value::Null,
            };
        }
        let server = &self.servers[row];
        let segment = |place: usize| {
            server["id"]
                .as_str()
                .and_then(|it| it.split('/').nth(place))
        };
        match column.as_str() {
            "type" => "microsoft.dbformysql/flexibleservers".into(),
            // Resource Graph writes locations small and without blanks.
            "location" => server["location"]
                .as_str()
                .map(|it| it.replace(' ', "").to_lowercase())
                .into(),
            "resourcegroup" => segment(4).map(str::to_lowercase).into(),
            "subscriptionid" => segment(2).into(),
            _ => member(server, &column),
        }
    }
}

fn member(server: &Value, lower: &str) -> Value {
    let empty = Map::new();
    server
        .as_object()
        .unwrap_or(&empty)
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(lower))
        .map(|(_, value)| value.clone())
        .unwrap_or_default()
}
