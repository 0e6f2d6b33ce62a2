//! LT-4, Azure Resource Logs: whether the audit log is written, records enough, and leaves the server.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::documents::fact::boolean;
use crate::documents::{Cause, DocumentKind, Fact, Source, at, parameters};
use crate::posture::{Condition, Evidence, Judgement, Severity, Weight};

use super::im::switch;
use super::look::{Look, Rule, unknown_value};

const AUDIT_ON: Rule = Rule {
    id: "audit-on",
    statement: "the audit log is on (audit_log_enabled is ON)",
    severity: Severity::High,
};
const AUDIT_EVENTS: Rule = Rule {
    id: "audit-events",
    statement: "the audit log records the kinds of event that are required",
    severity: Severity::Medium,
};
const AUDIT_USERS: Rule = Rule {
    id: "audit-users",
    statement: "the audit log records every user (audit_log_include_users is empty)",
    severity: Severity::Medium,
};
const AUDIT_EXPORTED: Rule = Rule {
    id: "audit-exported",
    statement: "one diagnostic setting sends the audit log to a destination",
    severity: Severity::High,
};
const SLOW_EXPORTED: Rule = Rule {
    id: "slow-exported",
    statement: "one diagnostic setting sends the slow query log to a destination",
    severity: Severity::Low,
};

/// The conditions of this file.
pub const RULES: [Rule; 5] = [
    AUDIT_ON,
    AUDIT_EVENTS,
    AUDIT_USERS,
    AUDIT_EXPORTED,
    SLOW_EXPORTED,
];

/// The members of a diagnostic setting that name a destination, as `microsoft.insights/diagnosticSettings` of
/// 2021-05-01-preview has them.
const DESTINATIONS: [&str; 4] = [
    "workspaceId",
    "storageAccountId",
    "eventHubAuthorizationRuleId",
    "marketplacePartnerId",
];

/// LT-4 Azure Resource Logs: `audit-on`, `audit-events`, `audit-users`, `audit-exported` and `slow-exported`.
pub fn resource_logs(look: &Look<'_>) -> Vec<Condition> {
    let on = look.parameter("audit_log_enabled");
    let judgement = switch(&on.fact);
    let evidence = look.evidence(&on, "ON");
    let audit_on = AUDIT_ON.decides(judgement.clone(), vec![evidence.clone()]);
    let (events, users) = if judgement == Judgement::Unmet {
        // With the log off nothing is recorded, whatever these say.
        let off = Judgement::NotApplicable("the audit log is off".to_owned());
        (
            AUDIT_EVENTS.decides(off.clone(), vec![evidence.clone()]),
            AUDIT_USERS.decides(off, vec![evidence]),
        )
    } else {
        (audit_events(look), audit_users(look))
    };
    let (exported, evidence) = exported(look, "MySqlAuditLogs", &["audit", "allLogs"]);
    let audit_exported = AUDIT_EXPORTED.decides(exported, evidence);
    vec![audit_on, events, users, audit_exported, slow_exported(look)]
}

/// What a word of `audit_log_events` stands for, as Microsoft's page on the audit log of this service says; `None` for a
/// word that it does not have.
fn expanded(word: &str) -> Option<&'static [&'static str]> {
    Some(match word.to_ascii_uppercase().as_str() {
        "DDL" => &["DDL"],
        "DCL" => &["DCL"],
        "ADMIN" => &["ADMIN"],
        "DML_SELECT" => &["DML_SELECT"],
        "DML_NONSELECT" => &["DML_NONSELECT"],
        "DML" => &["DML_SELECT", "DML_NONSELECT"],
        "GENERAL" => &["DML_SELECT", "DML_NONSELECT", "DDL", "DCL", "ADMIN"],
        "CONNECTION" => &["CONNECTION"],
        "CONNECTION_V2" => &["CONNECTION_V2", "CONNECTION"],
        "TABLE_ACCESS" => &["TABLE_ACCESS"],
        _ => return None,
    })
}

fn audit_events(look: &Look<'_>) -> Condition {
    let required = &look.ruleset.thresholds.required_audit_events;
    let seen = look.parameter("audit_log_events");
    let judgement = match &seen.fact {
        Fact::Known(value) => covers(value, required),
        Fact::Absent => Judgement::Unread(Cause::Absent),
        Fact::Unread(cause) => Judgement::Unread(cause.clone()),
    };
    let evidence = look.evidence(&seen, &format!("at least {}", required.join(", ")));
    AUDIT_EVENTS.decides(judgement, vec![evidence])
}

/// The required kinds of event that a value of `audit_log_events` does not record. A kind that this program does not know
/// is recorded when it stands there by name.
pub fn missing_events<'a>(value: &str, required: &'a [String]) -> Vec<&'a str> {
    let recorded: BTreeSet<&str> = parameters::set(value)
        .filter_map(expanded)
        .flatten()
        .copied()
        .collect();
    let is_recorded = |word: &str| match expanded(word) {
        Some(kinds) => kinds.iter().all(|kind| recorded.contains(kind)),
        None => parameters::set(value).any(|recorded| recorded.eq_ignore_ascii_case(word)),
    };
    required
        .iter()
        .map(String::as_str)
        .filter(|word| !is_recorded(word))
        .collect()
}

fn covers(value: &str, required: &[String]) -> Judgement {
    let any = parameters::set(value).next().is_some();
    let strange = parameters::set(value).find(|word| expanded(word).is_none());
    let missing = !missing_events(value, required).is_empty();
    match (any, missing, strange) {
        (false, _, _) => Judgement::Unread(Cause::Absent),
        (true, false, _) => Judgement::Met,
        (true, true, Some(word)) => unknown_value(word),
        (true, true, None) => Judgement::Unmet,
    }
}

/// An empty or absent list of users means every user, unlike the absence of other parameters; but only in a list that
/// knows the audit log at all.
fn audit_users(look: &Look<'_>) -> Condition {
    let (fact, source) = look.raw_parameter("audit_log_include_users");
    let (judgement, observed) = match fact {
        Fact::Known(users) if users.trim().is_empty() => (Judgement::Met, users),
        Fact::Known(users) => (Judgement::Unmet, users),
        Fact::Absent if matches!(look.raw_parameter("audit_log_enabled").0, Fact::Absent) => {
            (Judgement::Unread(Cause::Absent), "not present".to_owned())
        }
        Fact::Absent if !tells_what_is_empty(look) => {
            (Judgement::Unread(Cause::Absent), "not present".to_owned())
        }
        Fact::Absent => (Judgement::Met, "not present".to_owned()),
        Fact::Unread(cause) => {
            let words = cause.to_string();
            (Judgement::Unread(cause), words)
        }
    };
    let evidence = look.evidence_of(source, &observed, "empty or not set");
    let mut condition = AUDIT_USERS.decides(judgement, vec![evidence]);
    if let Fact::Known(excluded) = look.parameter("audit_log_exclude_users").fact
        && !excluded.eq_ignore_ascii_case("azure_superuser")
    {
        condition.note = Some(format!(
            "audit_log_exclude_users leaves out: {}",
            crate::documents::text::neutral(&excluded)
        ));
    }
    condition
}

/// Whether the list of parameters can be believed about what it leaves out: every entry has a name, and that of the
/// users, where there is one, has the flag that every entry has.
fn tells_what_is_empty(look: &Look<'_>) -> bool {
    const USERS: &str = "audit_log_include_users";
    let Fact::Known(entries) = look.items(DocumentKind::Configurations).fact else {
        return false;
    };
    let is_flagged = |entry: &Value| {
        let flag = at(entry, "/properties/isConfigPendingRestart");
        flag.and_then(boolean).is_some()
    };
    // Hundreds of entries: the index knows most lists well enough.
    let index = look.documents.parameters();
    if let Some(index) = index.filter(|index| index.names_each_of(entries.len())) {
        let found = index.position(USERS).and_then(|place| entries.get(place));
        return found.is_none_or(is_flagged);
    }
    entries.iter().all(|entry| {
        let name = entry.get("name").and_then(Value::as_str);
        name.is_some_and(|name| !name.eq_ignore_ascii_case(USERS) || is_flagged(entry))
    })
}

fn slow_exported(look: &Look<'_>) -> Condition {
    let seen = look.parameter("slow_query_log");
    let evidence = look.evidence(&seen, "only where the slow query log is ON");
    let (judgement, evidence) = match switch(&seen.fact) {
        Judgement::Met => {
            let (judgement, exported) = exported(look, "MySqlSlowLogs", &["allLogs"]);
            (
                judgement,
                std::iter::once(evidence).chain(exported).collect(),
            )
        }
        Judgement::Unmet => (
            Judgement::NotApplicable("the slow query log is off".to_owned()),
            vec![evidence],
        ),
        open => (open, vec![evidence]),
    };
    SLOW_EXPORTED.weighted(Weight::Informs, judgement, evidence)
}

/// What one diagnostic setting does with a log.
enum Sends {
    /// It sends it to a destination.
    Yes,
    /// It does not send it.
    No,
    /// The setting has not the shape of one.
    Odd(String),
}

/// Whether one diagnostic setting both collects a log, by its category or by a group that holds it, and has a destination.
/// What two settings do by halves does not count.
fn exported(look: &Look<'_>, category: &str, groups: &[&str]) -> (Judgement, Vec<Evidence>) {
    let expected = format!("one setting with {category} enabled and a destination");
    let list = look.items(DocumentKind::DiagnosticSettings);
    let items = match list.fact {
        Fact::Known(items) => items,
        Fact::Absent => {
            let evidence = look.evidence_of(list.source, "not present", &expected);
            return (Judgement::Unread(Cause::Absent), vec![evidence]);
        }
        Fact::Unread(cause) => {
            let evidence = look.evidence_of(list.source, &cause.to_string(), &expected);
            return (Judgement::Unread(cause), vec![evidence]);
        }
    };
    let at = |position: usize| Source {
        kind: DocumentKind::DiagnosticSettings,
        pointer: format!("/value/{position}/properties"),
    };
    let mut odd = None;
    for (position, item) in items.iter().enumerate() {
        match sends(item, category, groups) {
            Sends::Yes => {
                let evidence = look.evidence_of(at(position), &describe(item), &expected);
                return (Judgement::Met, vec![evidence]);
            }
            Sends::Odd(why) => odd = odd.or(Some((position, why))),
            Sends::No => {}
        }
    }
    if let Some((position, detail)) = odd {
        let cause = Cause::Malformed { detail };
        let evidence = look.evidence_of(at(position), &cause.to_string(), &expected);
        return (Judgement::Unread(cause), vec![evidence]);
    }
    let mut evidence: Vec<Evidence> = items
        .iter()
        .enumerate()
        .map(|(position, item)| look.evidence_of(at(position), &describe(item), &expected))
        .collect();
    if evidence.is_empty() {
        evidence.push(look.evidence_of(list.source, "no diagnostic setting", &expected));
    }
    (Judgement::Unmet, evidence)
}

fn sends(item: &Value, category: &str, groups: &[&str]) -> Sends {
    let Some(properties) = item.get("properties").filter(|it| it.is_object()) else {
        return Sends::Odd("a diagnostic setting has no properties".to_owned());
    };
    let logs = match properties.get("logs") {
        Some(Value::Array(logs)) => logs.as_slice(),
        None | Some(_) => {
            return Sends::Odd("the logs of a diagnostic setting are no list".to_owned());
        }
    };
    let mut collects = false;
    for log in logs {
        let name = |member: &str| log.get(member).filter(|it| !it.is_null());
        let is =
            |name: &str, wanted: &[&str]| wanted.iter().any(|it| it.eq_ignore_ascii_case(name));
        let meant = match (name("category"), name("categoryGroup")) {
            (Some(Value::String(name)), None) => is(name, &[category]),
            (None, Some(Value::String(group))) => is(group, groups),
            (Some(Value::String(name)), Some(Value::String(group))) => {
                is(name, &[category]) || is(group, groups)
            }
            _ => return Sends::Odd("a log has neither a category nor a group".to_owned()),
        };
        if !meant {
            continue;
        }
        match log.get("enabled").and_then(boolean) {
            Some(enabled) => collects |= enabled,
            None => {
                return Sends::Odd("whether a log is enabled is neither true nor false".to_owned());
            }
        }
    }
    let odd = |member: &&str| {
        let destination = properties.get(*member);
        !matches!(destination, None | Some(Value::Null | Value::String(_)))
    };
    match (collects, destinations(properties).next()) {
        (true, Some(_)) => Sends::Yes,
        (true, None) if DESTINATIONS.iter().any(odd) => {
            Sends::Odd("a destination is not text".to_owned())
        }
        _ => Sends::No,
    }
}

/// The destinations that are named; Azure writes those that are not as null.
fn destinations(properties: &Value) -> impl Iterator<Item = &'static str> {
    DESTINATIONS.into_iter().filter(|member| {
        properties
            .get(member)
            .and_then(Value::as_str)
            .is_some_and(|id| !id.trim().is_empty())
    })
}

/// A setting in a few words: its name, what it collects, and where it sends that.
fn describe(item: &Value) -> String {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("?").to_owned();
    let properties = item.get("properties").unwrap_or(&Value::Null);
    let logs: Vec<String> = properties
        .get("logs")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|log| {
            let name = log
                .get("category")
                .filter(|it| it.is_string())
                .or_else(|| log.get("categoryGroup"));
            let state = match log.get("enabled").and_then(boolean) {
                Some(true) => "on",
                Some(false) => "off",
                None => "?",
            };
            format!("{} {state}", text(name))
        })
        .collect();
    let to: Vec<&str> = destinations(properties).collect();
    let to = if to.is_empty() {
        "no destination".to_owned()
    } else {
        format!("to {}", to.join(", "))
    };
    format!("{:?}: {}; {to}", text(item.get("name")), logs.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::posture::fixtures::{Fixture, causes};
    use crate::posture::{Ruleset, Thresholds};

    fn conditions_by(fixture: Fixture, ruleset: &Ruleset) -> Vec<Condition> {
        let documents = fixture.documents();
        let conditions = resource_logs(&Look {
            documents: &documents,
            ruleset,
        });
        assert_eq!(
            conditions.iter().map(|c| c.id).collect::<Vec<_>>(),
            RULES.map(|rule| rule.id)
        );
        conditions
    }

    fn judged(fixture: Fixture) -> Vec<Judgement> {
        conditions_by(fixture, &Ruleset::default())
            .into_iter()
            .map(|condition| condition.judgement)
            .collect()
    }

    fn is(value: &str) -> Value {
        json!({ "value": value })
    }

    fn events(value: &str) -> Judgement {
        judged(Fixture::new().parameters(&[
            ("audit_log_enabled", is("ON")),
            ("audit_log_events", is(value)),
        ]))[1]
            .clone()
    }

    #[test]
    fn trap_3_a_set_with_spaces_holds_what_stands_in_it() {
        for value in [
            "DDL, CONNECTION",
            "connection",
            " CONNECTION ,DDL",
            "CONNECTION_V2",
            "GENERAL,CONNECTION",
            "SOMETHING_NEW,CONNECTION",
        ] {
            assert_eq!(events(value), Judgement::Met, "{value}");
        }
        for value in ["DDL", "GENERAL", "DML, DCL", "TABLE_ACCESS"] {
            assert_eq!(events(value), Judgement::Unmet, "{value}");
        }
        assert_eq!(events(" , "), Judgement::Unread(Cause::Absent));
        assert!(matches!(
            events("DDL,SOMETHING_NEW"),
            Judgement::Unread(Cause::Malformed { .. })
        ));
    }

    #[test]
    fn required_events_are_compared_after_both_sides_are_expanded() {
        let covers = |value: &str, required: &[&str]| {
            let required: Vec<String> = required.iter().map(|&word| word.to_owned()).collect();
            super::covers(value, &required)
        };
        use Judgement::{Met, Unmet};
        for (value, required, expected) in [
            ("GENERAL", &["DML", "DDL"][..], Met),
            ("DML_SELECT,DML_NONSELECT", &["DML"], Met),
            ("DML_SELECT", &["DML"], Unmet),
            ("DDL,DML,DCL,ADMIN", &["GENERAL"], Met),
            ("DDL,DML,DCL", &["GENERAL"], Unmet),
            ("CONNECTION", &["CONNECTION_V2"], Unmet),
            ("CONNECTION_V2", &["CONNECTION"], Met),
            ("ANYTHING", &["anything"], Met),
            ("DDL", &[], Met),
        ] {
            assert_eq!(covers(value, required), expected, "{value} {required:?}");
        }
        let ruleset = Ruleset {
            thresholds: Thresholds {
                required_audit_events: vec!["DDL".into()],
                ..Thresholds::default()
            },
            ..Ruleset::default()
        };
        let fixture = Fixture::new().parameters(&[
            ("audit_log_enabled", is("ON")),
            ("audit_log_events", is("CONNECTION")),
        ]);
        assert!(conditions_by(fixture, &ruleset)[1].is_unmet());
    }

    #[test]
    fn trap_4_events_and_users_are_not_judged_while_the_audit_log_is_off() {
        let fixture = Fixture::new().parameters(&[
            ("audit_log_enabled", is("OFF")),
            ("audit_log_events", is("CONNECTION")),
            ("audit_log_include_users", is("somebody")),
        ]);
        let judged = judged(fixture);
        assert_eq!(judged[0], Judgement::Unmet);
        for judgement in &judged[1..3] {
            assert!(matches!(judgement, Judgement::NotApplicable(_)));
        }
    }

    #[test]
    fn every_user_is_recorded_unless_a_list_names_some() {
        let users = |parameters: &[(&str, Value)]| {
            let mut all = vec![("audit_log_enabled", is("ON"))];
            all.extend_from_slice(parameters);
            judged(Fixture::new().parameters(&all))[2].clone()
        };
        let name = "audit_log_include_users";
        assert_eq!(users(&[]), Judgement::Met);
        let of_another_form = Fixture::new().parameters(&[("event_scheduler", is("ON"))]);
        assert_eq!(judged(of_another_form)[2], Judgement::Unread(Cause::Absent));
        let left_out = json!({"isConfigPendingRestart": "False"});
        assert_eq!(users(&[(name, left_out)]), Judgement::Met);
        let absent = Judgement::Unread(Cause::Absent);
        assert_eq!(users(&[(name, json!({}))]), absent);
        assert_eq!(users(&[(name, json!({"odd": 1}))]), absent);
        let without_a_name = Fixture::new().list(
            DocumentKind::Configurations,
            json!([
                {"name": "audit_log_enabled", "properties": {"value": "ON"}},
                {"name": 7, "properties": {"value": "app"}},
            ]),
        );
        assert_eq!(judged(without_a_name)[2], absent);
        assert_eq!(users(&[(name, is(""))]), Judgement::Met);
        assert_eq!(users(&[(name, is(" "))]), Judgement::Met);
        assert_eq!(users(&[(name, is("app"))]), Judgement::Unmet);
        assert_eq!(
            users(&[(name, json!({"value": "", "currentValue": "app"}))]),
            Judgement::Unmet
        );
        assert_eq!(
            users(&[(name, json!({"value": "", "isConfigPendingRestart": "True"}))]),
            Judgement::Unread(Cause::PendingRestart)
        );
    }

    fn exported(settings: Value) -> Judgement {
        judged(Fixture::new().list(DocumentKind::DiagnosticSettings, settings))[3].clone()
    }

    fn log(member: &str, name: &str, enabled: bool) -> Value {
        json!({ member: name, "enabled": enabled })
    }

    fn setting(logs: &[Value], destination: &str) -> Value {
        json!({"name": "s", "properties": {"logs": logs, destination: "/subscriptions/s/x", "metrics": []}})
    }

    #[test]
    fn the_audit_log_must_be_collected_and_sent_by_one_setting() {
        use Judgement::{Met, Unmet};
        let audit = || log("category", "MySqlAuditLogs", true);
        let nowhere = json!({"name": "n", "properties": {
            "logs": [audit()], "workspaceId": null, "storageAccountId": ""
        }});
        for (settings, expected) in [
            (json!([]), Unmet),
            (json!([setting(&[audit()], "workspaceId")]), Met),
            (
                json!([setting(
                    &[log("category", "mysqlauditlogs", true)],
                    "storageAccountId"
                )]),
                Met,
            ),
            (
                json!([setting(
                    &[log("categoryGroup", "audit", true)],
                    "eventHubAuthorizationRuleId"
                )]),
                Met,
            ),
            (
                json!([setting(
                    &[log("categoryGroup", "allLogs", true)],
                    "marketplacePartnerId"
                )]),
                Met,
            ),
            (
                json!([setting(
                    &[
                        log("categoryGroup", "audit", false),
                        log("categoryGroup", "allLogs", true)
                    ],
                    "workspaceId"
                )]),
                Met,
            ),
            (
                json!([setting(
                    &[log("category", "MySqlAuditLogs", false)],
                    "workspaceId"
                )]),
                Unmet,
            ),
            (
                json!([setting(
                    &[log("category", "MySqlSlowLogs", true)],
                    "workspaceId"
                )]),
                Unmet,
            ),
            (json!([nowhere.clone()]), Unmet),
            (
                json!([
                    nowhere,
                    setting(&[log("category", "MySqlSlowLogs", true)], "workspaceId")
                ]),
                Unmet,
            ),
            (
                json!([
                    setting(&[], "workspaceId"),
                    setting(&[audit()], "workspaceId")
                ]),
                Met,
            ),
        ] {
            assert_eq!(exported(settings.clone()), expected, "{settings}");
        }
    }

    #[test]
    fn odd_settings_judge_nothing_unless_another_one_proves_it() {
        let good = || setting(&[log("category", "MySqlAuditLogs", true)], "workspaceId");
        for odd in [
            json!(7),
            json!({"name": "s"}),
            json!({"properties": {"logs": {}}}),
            json!({"properties": {"workspaceId": "w"}}),
            json!({"properties": {"workspaceId": "w", "logs": null}}),
            json!({"properties": {"workspaceId": "w", "logs": [true]}}),
            json!({"properties": {"workspaceId": "w", "logs": [{"enabled": true}]}}),
            json!({"properties": {"workspaceId": "w", "logs": [{"category": {"odd": 1}, "enabled": true}]}}),
            json!({"properties": {"workspaceId": true, "logs": [{"category": "MySqlAuditLogs", "enabled": true}]}}),
            json!({"properties": {"workspaceId": "w", "logs": [{"category": "MySqlAuditLogs"}]}}),
            json!({"properties": {"workspaceId": "w", "logs": [{"category": "MySqlAuditLogs", "enabled": 1}]}}),
        ] {
            assert!(
                matches!(
                    exported(json!([odd.clone()])),
                    Judgement::Unread(Cause::Malformed { .. })
                ),
                "{odd}"
            );
            assert_eq!(exported(json!([odd, good()])), Judgement::Met);
        }
    }

    #[test]
    fn the_slow_query_log_is_looked_at_only_while_it_is_written() {
        let slow = |written: Value, settings: Value| {
            judged(
                Fixture::new()
                    .parameters(&[("slow_query_log", written)])
                    .list(DocumentKind::DiagnosticSettings, settings),
            )[4]
            .clone()
        };
        let sent = || {
            json!([setting(
                &[log("category", "MySqlSlowLogs", true)],
                "workspaceId"
            )])
        };
        let all = || {
            json!([setting(
                &[log("categoryGroup", "allLogs", true)],
                "workspaceId"
            )])
        };
        let audit = || {
            json!([setting(
                &[log("categoryGroup", "audit", true)],
                "workspaceId"
            )])
        };
        assert_eq!(slow(is("ON"), sent()), Judgement::Met);
        assert_eq!(slow(is("ON"), all()), Judgement::Met);
        assert_eq!(slow(is("ON"), audit()), Judgement::Unmet);
        assert!(matches!(
            slow(is("OFF"), sent()),
            Judgement::NotApplicable(_)
        ));
        assert_eq!(slow(json!({}), sent()), Judgement::Unread(Cause::Absent));
    }

    #[test]
    fn what_is_unread_judges_nothing() {
        for cause in causes() {
            let unread = Judgement::Unread(cause.clone());
            let settings = json!([setting(
                &[log("category", "MySqlAuditLogs", true)],
                "workspaceId"
            )]);
            let parameters = Fixture::new()
                .unread(DocumentKind::Configurations, cause.clone())
                .list(DocumentKind::DiagnosticSettings, settings);
            assert_eq!(
                judged(parameters),
                [
                    unread.clone(),
                    unread.clone(),
                    unread.clone(),
                    Judgement::Met,
                    unread.clone()
                ]
            );
            let settings = Fixture::new()
                .parameters(&[
                    ("audit_log_enabled", is("ON")),
                    ("slow_query_log", is("ON")),
                ])
                .unread(DocumentKind::DiagnosticSettings, cause);
            let judged = judged(settings);
            assert_eq!((&judged[3], &judged[4]), (&unread, &unread));
        }
    }
}
