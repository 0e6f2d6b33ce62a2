//! be3ddb6b, 7860f3fe and 95f9d29c, version 1.0.0: diagnostic settings by category group.
//!
//! A setting complies when it holds exactly one entry of the group `audit` and exactly one of `allLogs`, the group that
//! the assignment chose switched on and the other off, and names the destination of the assignment. Group and
//! destination are parameters of the assignment, which are not read. So a reading is NonCompliant where no setting could
//! comply whatever they are, and open otherwise; it is never Compliant.

use serde_json::Value;

use crate::documents::fact::boolean;
use crate::documents::text::neutral;
use crate::documents::{Cause, DocumentKind, Fact};

use super::{Evidence, Reading, Trace, Truth, open};
use crate::posture::policy::truth::Field;

/// Settings that are told one by one in evidence.
const SHOWN: usize = 5;

/// Where logs are to go.
pub struct Destination {
    member: &'static str,
    words: &'static str,
}

pub const EVENT_HUB: Destination = Destination {
    member: "/properties/eventHubAuthorizationRuleId",
    words: "an event hub",
};
pub const LOG_ANALYTICS: Destination = Destination {
    member: "/properties/workspaceId",
    words: "a Log Analytics workspace",
};
pub const STORAGE: Destination = Destination {
    member: "/properties/storageAccountId",
    words: "a storage account",
};

pub fn read(trace: &mut Trace<'_>, destination: &Destination) -> Reading {
    let (items, source) = trace.documents.items(DocumentKind::DiagnosticSettings);
    let expected = format!(
        "a setting to {} with one entry audit and one entry allLogs, one on and the other off",
        destination.words
    );
    let (truth, seen) = match items {
        Fact::Known(items) => (
            Truth::any(items.iter().map(|item| could_comply(item, destination))),
            seen(items, destination),
        ),
        Fact::Absent => (Truth::Open(Cause::Absent), "not present".to_owned()),
        Fact::Unread(cause) => {
            let seen = cause.to_string();
            (Truth::Open(cause), seen)
        }
    };
    trace
        .evidence
        .push(Evidence::new(trace.documents, source, &seen, expected));
    match truth {
        Truth::False => Reading::NonCompliant(format!(
            "no diagnostic setting sends logs to {} with one entry for the group audit and one for allLogs, one of them \
             on and the other off; whatever the assignment's parameters are, none can comply",
            destination.words
        )),
        Truth::True => Reading::Open {
            why: "a diagnostic setting can comply; whether it does depends on the assignment's parameters, which are not \
                  read"
                .to_owned(),
            cause: None,
        },
        Truth::Open(cause) => open(cause),
    }
}

/// Whether a setting complies for some values of the parameters.
fn could_comply(setting: &Value, destination: &Destination) -> Truth {
    if !setting.is_object() {
        return Field::malformed("a diagnostic setting is not an object").exists();
    }
    let reaches = match Field::of(setting, destination.member).text() {
        Fact::Known(id) => (!id.trim().is_empty()).into(),
        Fact::Absent => Truth::False,
        Fact::Unread(cause) => Truth::Open(cause),
    };
    let groups = match setting.pointer("/properties/logs") {
        None | Some(Value::Null) => Truth::False,
        Some(Value::Array(entries)) => Truth::any(["audit", "allLogs"].map(|chosen| {
            Truth::all(
                ["audit", "allLogs"].map(|group| exactly_one(entries, group, group == chosen)),
            )
        })),
        Some(_) => Field::malformed("the logs of a diagnostic setting are not a list").exists(),
    };
    Truth::all([reaches, groups])
}

/// Whether exactly one entry is of a group and has this switch.
fn exactly_one(entries: &[Value], group: &str, on: bool) -> Truth {
    let mut count = 0_usize;
    for entry in entries {
        let matches = Truth::all([
            Field::of(entry, "/categoryGroup").equals(group),
            enabled(entry).map_or_else(|truth| truth, |enabled| (enabled == Some(on)).into()),
        ]);
        match matches {
            Truth::True => count += 1,
            Truth::False => {}
            Truth::Open(cause) => return Truth::Open(cause),
        }
    }
    (count == 1).into()
}

/// The switch of an entry; `None` where it has none, which equals neither on nor off.
fn enabled(entry: &Value) -> Result<Option<bool>, Truth> {
    match entry.get("enabled") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => boolean(value).map(Some).ok_or_else(|| {
            Field::malformed("the switch of a log entry is neither true nor false").exists()
        }),
    }
}

/// The settings in words: how many, and what the first of them hold of the groups.
fn seen(settings: &[Value], destination: &Destination) -> String {
    let of_group = |setting: &Value, group: &str| {
        let entries = setting
            .pointer("/properties/logs")
            .and_then(Value::as_array);
        let switches: Vec<&str> = entries
            .into_iter()
            .flatten()
            .filter(|entry| Field::of(entry, "/categoryGroup").equals(group) == Truth::True)
            .map(|entry| match enabled(entry) {
                Ok(Some(true)) => "on",
                Ok(Some(false)) => "off",
                Ok(None) | Err(_) => "neither on nor off",
            })
            .collect();
        match switches.as_slice() {
            [] => format!("no {group}"),
            switches => format!("{group} {}", switches.join(" and ")),
        }
    };
    let mut words: Vec<String> = settings
        .iter()
        .take(SHOWN)
        .map(|setting| {
            let name = setting
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or("unnamed");
            let reaches = Field::of(setting, destination.member).exists() == Truth::True;
            format!(
                "{} ({}, {}, {} {})",
                neutral(name),
                of_group(setting, "audit"),
                of_group(setting, "allLogs"),
                if reaches { "to" } else { "not to" },
                destination.words
            )
        })
        .collect();
    if settings.len() > SHOWN {
        words.push(format!("and {} more", settings.len() - SHOWN));
    }
    match settings.len() {
        0 => "no diagnostic setting".to_owned(),
        _ => words.join("; "),
    }
}
