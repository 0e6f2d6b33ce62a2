//! What was planted, as the simulator's manifest tells it: facts, and nothing that is judged from them.

use std::collections::HashMap;

use flexposture::posture::Ruleset;
use jiff::Timestamp;
use serde_json::Value;

/// What becomes of a condition, in words.
pub type Became = &'static str;

pub const MET: Became = "Met";
pub const UNMET: Became = "Unmet";
pub const MANUAL: Became = "Manual";
pub const OUT_OF_PLAY: Became = "NotApplicable";
pub const DENIED: Became = "Unknown Denied";
pub const NOT_VISIBLE: Became = "Unknown NotVisible";
pub const NOT_FOUND: Became = "Unknown NotFound";
pub const STOPPED: Became = "Unknown ServerStopped";
pub const PENDING: Became = "Unknown PendingRestart";
pub const MALFORMED: Became = "Unknown Malformed";
pub const UNSETTLED: Became = "Unknown Unsettled";
pub const NOT_ASKED: Became = "Unknown NotAsked";
pub const ABSENT: Became = "Unknown Absent";

pub fn holds(holds: bool) -> Became {
    if holds { MET } else { UNMET }
}

/// The whole of a manifest.
pub struct Manifest {
    pub now: Timestamp,
    servers: Vec<Value>,
    by_id: HashMap<String, usize>,
    subscriptions: HashMap<String, Value>,
    tenants: HashMap<String, Value>,
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

impl Manifest {
    pub fn new(manifest: &Value) -> Self {
        let servers = list(&manifest["servers"]).to_vec();
        let keyed = |all: &Value| {
            list(all)
                .iter()
                .map(|it| (text(&it["id"]).to_owned(), it.clone()))
                .collect()
        };
        Self {
            now: text(&manifest["now"]).parse().expect("a time"),
            by_id: servers
                .iter()
                .enumerate()
                .map(|(place, server)| (text(&server["id"]).to_owned(), place))
                .collect(),
            servers,
            subscriptions: keyed(&manifest["subscriptions"]),
            tenants: keyed(&manifest["tenants"]),
        }
    }

    /// The servers that the caller can see, by name.
    pub fn visible<'a>(
        &'a self,
        ruleset: &'a Ruleset,
    ) -> impl Iterator<Item = (&'a str, Planted<'a>)> {
        self.servers
            .iter()
            .filter(|server| server["hidden"] == false)
            .map(move |server| (text(&server["name"]), self.planted(server, ruleset)))
    }

    fn planted<'a>(&'a self, server: &'a Value, ruleset: &'a Ruleset) -> Planted<'a> {
        Planted {
            server,
            manifest: self,
            ruleset,
        }
    }
}

/// What was planted on and around one server, and what it is compared with.
#[derive(Clone, Copy)]
pub struct Planted<'a> {
    pub server: &'a Value,
    pub manifest: &'a Manifest,
    pub ruleset: &'a Ruleset,
}

impl<'a> Planted<'a> {
    pub fn now(&self) -> Timestamp {
        self.manifest.now
    }

    pub fn subscription(&self) -> &'a Value {
        &self.manifest.subscriptions[text(&self.server["subscription"])]
    }

    /// The tenant that the server's subscription belongs to.
    pub fn tenant(&self) -> &'a Value {
        &self.manifest.tenants[text(&self.subscription()["tenant"])]
    }

    /// What a replica replicates from: None when it is no replica, an error when that is out of sight.
    pub fn source(&self) -> Option<Result<Planted<'a>, Became>> {
        let replication = &self.server["replication"];
        let source = replication["source"].as_str()?;
        if replication["sourceHidden"] == true {
            return Some(Err(NOT_ASKED));
        }
        let place = self.manifest.by_id[source];
        let server = &self.manifest.servers[place];
        Some(Ok(self.manifest.planted(server, self.ruleset)))
    }

    pub fn is_replica(&self) -> bool {
        self.server["replication"]["role"] == "Replica"
    }

    pub fn is_ready(&self) -> bool {
        self.server["state"] == "Ready"
    }

    pub fn is_burstable(&self) -> bool {
        self.server["tier"] == "Burstable"
    }

    pub fn integrated(&self) -> bool {
        self.server["network"]["kind"] == "integrated"
    }

    /// Whether the public network has no way in.
    pub fn closed(&self) -> bool {
        self.integrated() || self.server["network"]["publicAccess"] == false
    }

    pub fn denied(&self, child: &str) -> bool {
        list(&self.server["denied"])
            .iter()
            .any(|denied| denied == child)
    }

    /// The value of a parameter that is in force, or why it is not known.
    pub fn parameter(&self, name: &str) -> Result<String, Became> {
        if self.denied("configurations") {
            return Err(DENIED);
        }
        // These two answer nothing about their parameters.
        if ["Stopped", "Updating"].contains(&text(&self.server["state"])) {
            return Err(STOPPED);
        }
        let set = list(&self.server["parameters"])
            .iter()
            .find(|parameter| parameter["name"] == name);
        match set {
            None => Ok(self.default(name).to_owned()),
            Some(set) => match (set.get("inForce"), &self.server["showsCurrentValues"]) {
                (None, _) => Ok(text(&set["value"]).to_owned()),
                (Some(old), Value::Bool(true)) => Ok(text(old).to_owned()),
                (Some(_), _) => Err(PENDING),
            },
        }
    }

    /// The defaults of the service, as a recorded list of parameters shows them.
    fn default(&self, name: &str) -> &'static str {
        match (name, self.server["version"].as_str()) {
            ("require_secure_transport" | "local_infile", _) => "ON",
            ("aad_auth_only" | "audit_log_enabled" | "slow_query_log", _) => "OFF",
            ("audit_log_events", _) => "CONNECTION",
            ("audit_log_include_users", _) => "",
            ("tls_version", Some("5.7")) => "TLSv1.2",
            ("tls_version", _) => "TLSv1.2,TLSv1.3",
            _ => panic!("no default of {name}"),
        }
    }

    pub fn is_on(&self, name: &str) -> Became {
        self.parameter(name)
            .map_or_else(|why| why, |value| holds(value == "ON"))
    }
}

/// What a read that was planted as `read` comes to; None when it succeeds.
pub fn refusal(read: &Value) -> Option<Became> {
    match text(read) {
        "readable" | "perServer" => None,
        "denied" | "notVisible" => Some(DENIED),
        "missing" => Some(NOT_FOUND),
        other => panic!("what is {other}?"),
    }
}
