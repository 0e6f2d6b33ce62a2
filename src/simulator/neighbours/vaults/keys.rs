//! One key of a vault, with its current version and an older one.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::{Read, in_turn};
use crate::simulator::fleet::{FleetOptions, guid};
use crate::simulator::plant;

/// A key. What it says of itself is what its current version says.
#[derive(Debug)]
pub(in crate::simulator) struct Key {
    pub(super) vault: u32,
    pub(super) name: &'static str,
    pub(in crate::simulator) read: Read,
    pub(super) version: String,
    state: State,
    created: Timestamp,
    size: u16,
    rotation: Option<Rotation>,
    pub(super) old: Version,
}

/// A version of a key that is not the current one.
#[derive(Debug)]
pub(super) struct Version {
    pub(super) version: String,
    state: State,
    created: Timestamp,
}

#[derive(Debug, Clone, Copy)]
struct State {
    enabled: bool,
    not_before: Option<Timestamp>,
    expires: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy)]
struct Rotation {
    /// How the type of the action is written: `Rotate`, `rotate` or `Notify`.
    action: &'static str,
    after_create: Option<&'static str>,
    before_expiry: Option<&'static str>,
    expiry: Option<&'static str>,
}

#[derive(Clone, Copy)]
enum Case {
    /// Never expires.
    Plain,
    /// Expires in so many days, before now if negative.
    Expires(i64),
    Disabled,
    NotYet,
    Denied,
    Missing,
}

const CASES: [Case; 13] = [
    Case::Plain,
    Case::Expires(400),
    Case::Expires(12),
    Case::Plain,
    Case::Expires(-20),
    Case::Disabled,
    Case::Plain,
    Case::Denied,
    Case::Expires(90),
    Case::Missing,
    Case::Expires(250),
    Case::NotYet,
    Case::Expires(25),
];

const ROTATIONS: [Option<Rotation>; 5] = [
    None,
    Some(Rotation {
        action: "Rotate",
        after_create: Some("P18M"),
        before_expiry: None,
        expiry: Some("P2Y"),
    }),
    Some(Rotation {
        action: "Notify",
        after_create: None,
        before_expiry: Some("P30D"),
        expiry: None,
    }),
    Some(Rotation {
        action: "rotate",
        after_create: None,
        before_expiry: Some("P60D"),
        expiry: Some("P1Y"),
    }),
    None,
];

/// The state of the older version: enabled, and days until it expires.
const OLD: [(bool, Option<i64>); 4] = [
    (false, None),
    (true, Some(-45)),
    (true, None),
    (true, Some(120)),
];

impl Key {
    pub(super) fn plant(
        options: &FleetOptions,
        (number, vault, name): (u32, u32, &'static str),
        of_vault: Read,
        turn: usize,
    ) -> Self {
        let mut dice = plant::dice(options.seed, "key", u64::from(number));
        let now = options.now;
        let days = |count: i64| now + SignedDuration::from_hours(24 * count);
        let case = in_turn(&CASES, turn);
        let (enabled, not_before, expires) = match case {
            Case::Expires(count) => (true, None, Some(days(count))),
            Case::Disabled => (false, None, None),
            Case::NotYet => (true, Some(days(5)), None),
            _ => (true, None, None),
        };
        let read = match (of_vault, case) {
            (Read::Readable, Case::Denied) if options.denials => Read::Denied,
            (Read::Readable, Case::Missing) => Read::Missing,
            (read, _) => read,
        };
        let age = dice.i64(30..500);
        let version = |kind: &str| guid(options.seed, kind, u64::from(number)).replace('-', "");
        let (old_enabled, old_expires) = in_turn(&OLD, number as usize);
        Self {
            vault,
            name,
            read,
            version: version("key version"),
            state: State {
                enabled,
                not_before,
                expires,
            },
            created: days(-age),
            size: [2_048, 3_072, 4_096][dice.usize(..3)],
            rotation: in_turn(&ROTATIONS, turn),
            old: Version {
                version: version("old key version"),
                state: State {
                    enabled: old_enabled,
                    not_before: None,
                    expires: old_expires.map(days),
                },
                created: days(-age - 365),
            },
        }
    }

    pub(super) fn render(&self, id: &str, kind: &str, location: &str, vault: &str) -> Value {
        let mut body = self.resource(id, kind, location, self.name);
        let uri = format!("{vault}keys/{}", self.name);
        body["properties"] = self.properties(&self.state, self.created, &uri, &self.version);
        if let Some(rotation) = self.rotation {
            let mut trigger = json!({});
            if let Some(time) = rotation.after_create {
                trigger["timeAfterCreate"] = time.into();
            }
            if let Some(time) = rotation.before_expiry {
                trigger["timeBeforeExpiry"] = time.into();
            }
            let mut attributes = json!({
                "created": self.created.as_second(),
                "updated": self.created.as_second(),
            });
            if let Some(time) = rotation.expiry {
                attributes["expiryTime"] = time.into();
            }
            body["properties"]["rotationPolicy"] = json!({
                "attributes": attributes,
                "lifetimeActions": [{ "trigger": trigger, "action": { "type": rotation.action } }],
            });
        }
        body
    }

    /// A version says nothing of rotation.
    pub(super) fn render_version(
        &self,
        version: &str,
        key_id: &str,
        kind: &str,
        location: &str,
        vault: &str,
    ) -> Option<Value> {
        let (version, state, created) = if version.eq_ignore_ascii_case(&self.version) {
            (&self.version, &self.state, self.created)
        } else if version.eq_ignore_ascii_case(&self.old.version) {
            (&self.old.version, &self.old.state, self.old.created)
        } else {
            return None;
        };
        let mut body = self.resource(
            &format!("{key_id}/versions/{version}"),
            kind,
            location,
            version,
        );
        let uri = format!("{vault}keys/{}", self.name);
        body["properties"] = self.properties(state, created, &uri, version);
        Some(body)
    }

    fn resource(&self, id: &str, kind: &str, location: &str, name: &str) -> Value {
        json!({ "id": id, "name": name, "type": kind, "location": location, "tags": {} })
    }

    fn properties(&self, state: &State, created: Timestamp, uri: &str, version: &str) -> Value {
        let mut attributes = json!({
            "enabled": state.enabled,
            "created": created.as_second(),
            "updated": created.as_second(),
            "exportable": false,
        });
        if let Some(time) = state.not_before {
            attributes["nbf"] = time.as_second().into();
        }
        if let Some(time) = state.expires {
            attributes["exp"] = time.as_second().into();
        }
        json!({
            "attributes": attributes,
            "kty": "RSA",
            "keyOps": ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"],
            "keySize": self.size,
            "keyUri": uri,
            "keyUriWithVersion": format!("{uri}/{version}"),
        })
    }

    pub(super) fn manifest(&self) -> Value {
        let mut body = self.state.manifest();
        body["name"] = self.name.into();
        body["read"] = json!(self.read);
        body["currentVersion"] = self.version.as_str().into();
        body["rotation"] = json!(self.rotation.map(|it| it.action));
        body
    }

    /// The current version as a manifest tells a version.
    pub(super) fn version_manifest(&self) -> Value {
        let mut body = self.state.manifest();
        body["version"] = self.version.as_str().into();
        body["current"] = true.into();
        body
    }
}

impl Version {
    pub(super) fn manifest(&self) -> Value {
        let mut body = self.state.manifest();
        body["version"] = self.version.as_str().into();
        body["current"] = false.into();
        body
    }
}

impl State {
    fn manifest(&self) -> Value {
        json!({
            "enabled": self.enabled,
            "notBefore": self.not_before.map(|it| it.as_second()),
            "expires": self.expires.map(|it| it.as_second()),
        })
    }
}
