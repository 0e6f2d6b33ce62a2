//! X, beyond the baseline: what the page does not ask for, and an operator should know. Never mixed into the baseline's
//! score.

use serde_json::Value;

use crate::documents::{Cause, DocumentKind, Fact, Source, at};
use crate::posture::{Condition, Judgement, Severity};

use super::im::switch;
use super::look::{Look, Rule, Seen, unknown_value};

/// The condition of its feature.
pub const HIGH_AVAILABILITY: Rule = Rule {
    id: "high-availability",
    statement: "a standby takes over when the server fails, and it is healthy",
    severity: Severity::Medium,
};
/// The condition of its feature.
pub const AUTO_GROW: Rule = Rule {
    id: "auto-grow",
    statement: "storage grows by itself before it is full",
    severity: Severity::Low,
};
/// The condition of its feature.
pub const DELETE_LOCK: Rule = Rule {
    id: "delete-lock",
    statement: "a lock on the server, its group or its subscription keeps it from being deleted",
    severity: Severity::Low,
};
/// The condition of its feature.
pub const LOCAL_INFILE: Rule = Rule {
    id: "local-infile",
    statement: "statements cannot load files from a client (local_infile is OFF)",
    severity: Severity::Low,
};
/// The condition of its feature.
pub const MAINTENANCE_WINDOW: Rule = Rule {
    id: "maintenance-window",
    statement: "maintenance happens in a window of your own choice",
    severity: Severity::Low,
};
/// The condition of its feature.
pub const REQUIRED_TAGS: Rule = Rule {
    id: "required-tags",
    statement: "the server carries every tag that the ruleset asks for",
    severity: Severity::Low,
};

/// What stands between the scope of a lock and its name in its id.
const LOCK: &str = "/providers/microsoft.authorization/locks";

/// Whether the server is of the Burstable tier, which has neither high availability nor a window of its own.
fn burstable(look: &Look<'_>) -> Seen<String> {
    look.member_text("/sku/tier")
}

fn is(fact: &Fact<String>, word: &str) -> bool {
    matches!(fact, Fact::Known(text) if text.eq_ignore_ascii_case(word))
}

/// The judgement of a member that is to be Enabled; absent has no meaning.
fn enabled(fact: &Fact<String>) -> Judgement {
    match fact {
        Fact::Known(value) if value.eq_ignore_ascii_case("enabled") => Judgement::Met,
        Fact::Known(value) if value.eq_ignore_ascii_case("disabled") => Judgement::Unmet,
        Fact::Known(value) => unknown_value(value),
        Fact::Absent => Judgement::Unread(Cause::Absent),
        Fact::Unread(cause) => Judgement::Unread(cause.clone()),
    }
}

/// Takes a judgement that only counts where the server is not of a kind that is out of play: while that kind is not
/// known, what would be an answer is none.
fn unless_open(judgement: Judgement, kind: &Fact<String>) -> Judgement {
    match (judgement, kind) {
        (Judgement::Unmet, Fact::Unread(cause)) => Judgement::Unread(cause.clone()),
        (Judgement::Unmet, Fact::Absent) => Judgement::Unread(Cause::Absent),
        (judgement, _) => judgement,
    }
}

/// X-2 High availability: `high-availability`.
pub fn high_availability(look: &Look<'_>) -> Condition {
    let tier = burstable(look);
    let role = look.member_text("/properties/replicationRole");
    if is(&tier.fact, "Burstable") {
        let evidence = look.evidence(&tier, "another tier than Burstable");
        let why = "the Burstable tier has no high availability".to_owned();
        return HIGH_AVAILABILITY.decides(Judgement::NotApplicable(why), vec![evidence]);
    }
    if is(&role.fact, "Replica") {
        let evidence = look.evidence(&role, "not a replica");
        let why = "a replica is itself the copy of another server".to_owned();
        return HIGH_AVAILABILITY.decides(Judgement::NotApplicable(why), vec![evidence]);
    }
    let mode = look.member_text("/properties/highAvailability/mode");
    let state = look.member_text("/properties/highAvailability/state");
    let server = look.member_text("/properties/state");
    let mut evidence = vec![look.evidence(&mode, "ZoneRedundant or SameZone")];
    let unsettled = |what: String| Judgement::Unread(Cause::Unsettled { what });
    let (judgement, note) = match &mode.fact {
        Fact::Known(word) if word.eq_ignore_ascii_case("disabled") => {
            evidence.push(look.evidence(&tier, "another tier than Burstable"));
            evidence.push(look.evidence(&role, "not a replica"));
            let judgement = unless_open(Judgement::Unmet, &tier.fact);
            (unless_open(judgement, &role.fact), None)
        }
        Fact::Known(word)
            if ["zoneredundant", "samezone"].contains(&word.to_ascii_lowercase().as_str()) =>
        {
            evidence.push(look.evidence(&state, "Healthy"));
            evidence.push(look.evidence(&server, "Ready"));
            let judgement = match (&state.fact, &server.fact) {
                (_, Fact::Known(server)) if !server.eq_ignore_ascii_case("ready") => {
                    unsettled(format!("the server is {server}"))
                }
                (Fact::Known(state), _)
                    if [
                        "creatingstandby",
                        "failingover",
                        "removingstandby",
                        "replicatingdata",
                    ]
                    .contains(&state.to_ascii_lowercase().as_str()) =>
                {
                    unsettled(format!("the standby is {state}"))
                }
                (Fact::Known(state), _) if state.eq_ignore_ascii_case("notenabled") => {
                    Judgement::Unmet
                }
                (Fact::Known(state), Fact::Known(_)) if state.eq_ignore_ascii_case("healthy") => {
                    Judgement::Met
                }
                (Fact::Known(state), Fact::Known(_)) => unknown_value(state),
                (Fact::Unread(cause), _) | (_, Fact::Unread(cause)) => {
                    Judgement::Unread(cause.clone())
                }
                (Fact::Absent, _) | (_, Fact::Absent) => Judgement::Unread(Cause::Absent),
            };
            let note = if word.eq_ignore_ascii_case("samezone") {
                "the standby stands in the same zone: it does not survive the loss of that zone"
            } else {
                "the standby stands in another zone"
            };
            (judgement, Some(note.to_owned()))
        }
        Fact::Known(word) => (unknown_value(word), None),
        Fact::Absent => (Judgement::Unread(Cause::Absent), None),
        Fact::Unread(cause) => (Judgement::Unread(cause.clone()), None),
    };
    let mut condition = HIGH_AVAILABILITY.decides(judgement, evidence);
    condition.note = note;
    condition
}

/// X-3 Storage auto-grow: `auto-grow`.
pub fn auto_grow(look: &Look<'_>) -> Condition {
    let seen = look.member_text("/properties/storage/autoGrow");
    let evidence = look.evidence(&seen, "Enabled");
    AUTO_GROW.decides(enabled(&seen.fact), vec![evidence])
}

/// X-4 Delete lock: `delete-lock`. The list may hold locks of other resources; one of a child protects that child only.
pub fn delete_lock(look: &Look<'_>) -> Condition {
    let expected = "CanNotDelete or ReadOnly on the server or above it";
    let list = look.items(DocumentKind::Locks);
    let items = match list.fact {
        Fact::Known(items) => items,
        unknown => {
            let cause = match unknown {
                Fact::Unread(cause) => cause,
                _ => Cause::Absent,
            };
            let evidence = look.evidence_of(list.source, &cause.to_string(), expected);
            return DELETE_LOCK.decides(Judgement::Unread(cause), vec![evidence]);
        }
    };
    let mut odd = None;
    // A subscription can have thousands of locks, and each of its servers looks at all of them.
    for (position, item) in items.iter().enumerate() {
        let source = || Source {
            kind: DocumentKind::Locks,
            pointer: format!("/value/{position}"),
        };
        let acts = match item.get("id").and_then(Value::as_str).map(scope) {
            Some(Some(scope)) => acts_on(scope, look.documents.id().as_str()),
            _ => {
                odd = odd.or_else(|| Some((source(), "a lock has no id that is one".to_owned())));
                continue;
            }
        };
        if !acts {
            continue;
        }
        let level = at(item, "/properties/level").and_then(Value::as_str);
        match level.map(str::to_ascii_lowercase).as_deref() {
            Some("cannotdelete" | "readonly") => {
                let name = item.get("name").and_then(Value::as_str).unwrap_or("?");
                let words = format!("{} by the lock {name:?}", level.unwrap_or_default());
                let evidence = look.evidence_of(source(), &words, expected);
                return DELETE_LOCK.decides(Judgement::Met, vec![evidence]);
            }
            Some("notspecified") => {}
            _ => {
                odd = odd.or(Some((
                    source(),
                    "a lock has a level that is not known".to_owned(),
                )))
            }
        }
    }
    if let Some((source, detail)) = odd {
        let cause = Cause::Malformed { detail };
        let evidence = look.evidence_of(source, &cause.to_string(), expected);
        return DELETE_LOCK.decides(Judgement::Unread(cause), vec![evidence]);
    }
    let words = format!("none of {} locks acts on this server", items.len());
    let evidence = look.evidence_of(list.source, &words, expected);
    DELETE_LOCK.decides(Judgement::Unmet, vec![evidence])
}

/// The scope of a lock: what stands before its own part of its id.
fn scope(id: &str) -> Option<&str> {
    let (above, name) = id.rsplit_once('/')?;
    let (scope, own) = above.split_at_checked(above.len().checked_sub(LOCK.len())?)?;
    let is_lock = own.eq_ignore_ascii_case(LOCK) && !name.is_empty();
    (is_lock && starts_with(scope, "/subscriptions/")).then_some(scope)
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len())
        .is_some_and(|it| it.eq_ignore_ascii_case(start))
}

fn acts_on(scope: &str, server: &str) -> bool {
    starts_with(server, scope) && matches!(server.as_bytes().get(scope.len()), None | Some(b'/'))
}

/// X-5 Risky parameters: `local-infile`.
pub fn local_infile(look: &Look<'_>) -> Condition {
    let seen = look.parameter("local_infile");
    let judgement = match switch(&seen.fact) {
        Judgement::Met => Judgement::Unmet,
        Judgement::Unmet => Judgement::Met,
        open => open,
    };
    let evidence = look.evidence(&seen, "OFF");
    LOCAL_INFILE.decides(judgement, vec![evidence])
}

/// Parameters that other tools judge and this one shows: the platform sets them, or they say nothing without what only
/// MySQL itself knows.
pub fn shown_parameters(look: &Look<'_>) -> Vec<String> {
    [
        "log_bin_trust_function_creators",
        "validate_password_policy",
        "validate_password_length",
    ]
    .into_iter()
    .filter_map(|name| match look.parameter(name).fact {
        Fact::Known(value) => Some(format!(
            "{name} is {}, shown and not judged",
            crate::documents::text::neutral(&value)
        )),
        Fact::Absent | Fact::Unread(_) => None,
    })
    .collect()
}

/// X-6 Maintenance window: `maintenance-window`.
pub fn maintenance_window(look: &Look<'_>) -> Condition {
    let tier = burstable(look);
    if is(&tier.fact, "Burstable") {
        let evidence = look.evidence(&tier, "another tier than Burstable");
        let why = "the Burstable tier has no window of its own".to_owned();
        return MAINTENANCE_WINDOW.decides(Judgement::NotApplicable(why), vec![evidence]);
    }
    let seen = look.member_text("/properties/maintenanceWindow/customWindow");
    let mut evidence = vec![look.evidence(&seen, "Enabled")];
    let judgement = match &seen.fact {
        // A window that does not say so is none of the server's own; an answer without any window says nothing.
        Fact::Absent => match look.member("/properties/maintenanceWindow").fact {
            Fact::Known(_) => Judgement::Unmet,
            Fact::Absent => Judgement::Unread(Cause::Absent),
            Fact::Unread(cause) => Judgement::Unread(cause),
        },
        fact => enabled(fact),
    };
    if judgement == Judgement::Unmet {
        evidence.push(look.evidence(&tier, "another tier than Burstable"));
    }
    MAINTENANCE_WINDOW.decides(unless_open(judgement, &tier.fact), evidence)
}

/// X-7 Tags: `required-tags`. Azure compares names of tags without case.
pub fn required_tags(look: &Look<'_>) -> Condition {
    let required = &look.ruleset.thresholds.required_tags;
    let seen = look.member("/tags");
    let expected = required.join(", ");
    if required.is_empty() {
        let evidence = look.evidence_of(seen.source, &tags_in_words(&seen.fact), "no tag");
        let why = "the ruleset asks for no tag".to_owned();
        return REQUIRED_TAGS.decides(Judgement::NotApplicable(why), vec![evidence]);
    }
    let evidence = look.evidence_of(seen.source.clone(), &tags_in_words(&seen.fact), &expected);
    let (judgement, missing) = match &seen.fact {
        Fact::Known(Value::Object(tags)) => {
            let missing: Vec<&str> = required
                .iter()
                .filter(|wanted| !tags.keys().any(|name| name.eq_ignore_ascii_case(wanted)))
                .map(String::as_str)
                .collect();
            (Judgement::from_bool(missing.is_empty()), missing)
        }
        Fact::Known(_) => {
            let detail = "the tags are not an object".to_owned();
            (Judgement::Unread(Cause::Malformed { detail }), Vec::new())
        }
        // A server without tags carries no such member; what is no server says nothing by what it lacks.
        Fact::Absent => match look.member("/properties").fact {
            Fact::Known(Value::Object(_)) => (
                Judgement::Unmet,
                required.iter().map(String::as_str).collect(),
            ),
            _ => (Judgement::Unread(Cause::Absent), Vec::new()),
        },
        Fact::Unread(cause) => (Judgement::Unread(cause.clone()), Vec::new()),
    };
    let mut condition = REQUIRED_TAGS.decides(judgement, vec![evidence]);
    condition.note = (!missing.is_empty()).then(|| format!("missing: {}", missing.join(", ")));
    condition
}

fn tags_in_words(fact: &Fact<&Value>) -> String {
    match fact {
        Fact::Known(Value::Object(tags)) if tags.is_empty() => "no tag".to_owned(),
        Fact::Known(Value::Object(tags)) => tags
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", "),
        Fact::Known(_) => "not an object".to_owned(),
        Fact::Absent => "not present".to_owned(),
        Fact::Unread(cause) => cause.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::posture::fixtures::{Fixture, causes};
    use crate::posture::{Ruleset, Thresholds};

    fn judge(fixture: Fixture, judge: fn(&Look<'_>) -> Condition) -> Judgement {
        let documents = fixture.documents();
        judge(&Look {
            documents: &documents,
            ruleset: &Ruleset::default(),
        })
        .judgement
    }

    fn server(tier: &str, properties: Value) -> Fixture {
        Fixture::new().read(
            DocumentKind::Server,
            json!({"sku": {"tier": tier}, "properties": properties}),
        )
    }

    fn available(mode: &str, state: &str, server_state: &str) -> Fixture {
        server(
            "GeneralPurpose",
            json!({"highAvailability": {"mode": mode, "state": state}, "state": server_state,
                   "replicationRole": "None"}),
        )
    }

    #[test]
    fn trap_8_a_standby_is_healthy_and_never_enabled() {
        use Judgement::{Met, Unmet};
        for (mode, state, expected) in [
            ("ZoneRedundant", "Healthy", Met),
            ("samezone", "healthy", Met),
            ("ZoneRedundant", "NotEnabled", Unmet),
            ("Disabled", "NotEnabled", Unmet),
        ] {
            assert_eq!(
                judge(available(mode, state, "Ready"), high_availability),
                expected
            );
        }
        let enabled = judge(
            available("ZoneRedundant", "Enabled", "Ready"),
            high_availability,
        );
        assert!(matches!(
            enabled,
            Judgement::Unread(Cause::Malformed { .. })
        ));
    }

    #[test]
    fn while_something_is_changing_nothing_is_said_of_high_availability() {
        for (state, server_state) in [
            ("CreatingStandby", "Ready"),
            ("FailingOver", "Ready"),
            ("RemovingStandby", "Ready"),
            ("Healthy", "Updating"),
            ("Healthy", "Stopped"),
        ] {
            let judged = judge(
                available("ZoneRedundant", state, server_state),
                high_availability,
            );
            assert!(
                matches!(judged, Judgement::Unread(Cause::Unsettled { .. })),
                "{state} {server_state}: {judged:?}"
            );
        }
        assert_eq!(
            judge(
                available("Disabled", "NotEnabled", "Stopped"),
                high_availability
            ),
            Judgement::Unmet
        );
    }

    #[test]
    fn burstable_servers_and_replicas_have_no_standby_and_it_is_said_only_where_it_is_known() {
        let disabled = || json!({"mode": "Disabled", "state": "NotEnabled"});
        let burstable = server("burstable", json!({"highAvailability": disabled()}));
        assert!(matches!(
            judge(burstable, high_availability),
            Judgement::NotApplicable(_)
        ));
        let replica = server(
            "GeneralPurpose",
            json!({"highAvailability": disabled(), "replicationRole": "Replica"}),
        );
        assert!(matches!(
            judge(replica, high_availability),
            Judgement::NotApplicable(_)
        ));
        let no_role = server("GeneralPurpose", json!({"highAvailability": disabled()}));
        assert_eq!(
            judge(no_role, high_availability),
            Judgement::Unread(Cause::Absent)
        );
        let no_tier = Fixture::new()
            .server(json!({"highAvailability": disabled(), "replicationRole": "None"}));
        assert_eq!(
            judge(no_tier, high_availability),
            Judgement::Unread(Cause::Absent)
        );
    }

    #[test]
    fn storage_grows_or_does_not() {
        let grows = |value: Value| {
            judge(
                server("x", json!({"storage": {"autoGrow": value}})),
                auto_grow,
            )
        };
        assert_eq!(grows(json!("Enabled")), Judgement::Met);
        assert_eq!(grows(json!("disabled")), Judgement::Unmet);
        assert_eq!(grows(json!(null)), Judgement::Unread(Cause::Absent));
        assert!(matches!(
            grows(json!("Sometimes")),
            Judgement::Unread(Cause::Malformed { .. })
        ));
    }

    #[test]
    fn a_lock_counts_at_the_server_and_above_it() {
        const ID: &str =
            "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/db";
        let lock = |scope: &str, level: &str| {
            json!({
                "id": format!("{scope}/providers/Microsoft.Authorization/locks/l"),
                "name": "l", "properties": {"level": level}
            })
        };
        let locked =
            |items: Value| judge(Fixture::new().list(DocumentKind::Locks, items), delete_lock);
        use Judgement::{Met, Unmet};
        for (scope, level, expected) in [
            (ID, "CanNotDelete", Met),
            (
                &ID.to_uppercase()
                    .replace("/SUBSCRIPTIONS", "/subscriptions"),
                "ReadOnly",
                Met,
            ),
            ("/subscriptions/S1/resourcegroups/RG", "cannotdelete", Met),
            ("/subscriptions/s1", "ReadOnly", Met),
            (ID, "NotSpecified", Unmet),
            (&format!("{ID}/firewallRules/f"), "CanNotDelete", Unmet),
            (&format!("{ID}2"), "CanNotDelete", Unmet),
            (
                "/subscriptions/s1/resourceGroups/rg2",
                "CanNotDelete",
                Unmet,
            ),
            ("/subscriptions/s1/resourceGroups/r", "CanNotDelete", Unmet),
            ("/subscriptions/s2", "CanNotDelete", Unmet),
        ] {
            assert_eq!(
                locked(json!([lock(scope, level)])),
                expected,
                "{scope} {level}"
            );
        }
        assert_eq!(locked(json!([])), Unmet);
        for odd in [json!(7), json!({"id": "x"}), lock(ID, "Forever")] {
            assert!(
                matches!(
                    locked(json!([odd.clone()])),
                    Judgement::Unread(Cause::Malformed { .. })
                ),
                "{odd}"
            );
            assert_eq!(locked(json!([odd, lock(ID, "CanNotDelete")])), Met);
        }
        for cause in causes() {
            let fixture = Fixture::new().unread(DocumentKind::Locks, cause.clone());
            assert_eq!(judge(fixture, delete_lock), Judgement::Unread(cause));
        }
    }

    #[test]
    fn files_of_clients_are_not_loaded() {
        let infile = |value: Value| {
            judge(
                Fixture::new().parameters(&[("local_infile", value)]),
                local_infile,
            )
        };
        assert_eq!(infile(json!({"value": "OFF"})), Judgement::Met);
        assert_eq!(infile(json!({"value": "on"})), Judgement::Unmet);
        assert_eq!(infile(json!({})), Judgement::Unread(Cause::Absent));
        for cause in causes() {
            let fixture = Fixture::new().unread(DocumentKind::Configurations, cause.clone());
            assert_eq!(judge(fixture, local_infile), Judgement::Unread(cause));
        }
    }

    #[test]
    fn a_window_of_ones_own_is_enabled() {
        let window = |tier: &str, window: Value| {
            judge(
                server(tier, json!({ "maintenanceWindow": window })),
                maintenance_window,
            )
        };
        let general = "GeneralPurpose";
        assert_eq!(
            window(general, json!({"customWindow": "Enabled"})),
            Judgement::Met
        );
        assert_eq!(
            window(general, json!({"customWindow": "Disabled"})),
            Judgement::Unmet
        );
        assert_eq!(window(general, json!({})), Judgement::Unmet);
        assert_eq!(
            window(general, json!(null)),
            Judgement::Unread(Cause::Absent)
        );
        assert!(matches!(
            window(general, json!("Disabled")),
            Judgement::Unread(Cause::Malformed { .. })
        ));
        assert!(matches!(
            window("Burstable", json!({"customWindow": "Disabled"})),
            Judgement::NotApplicable(_)
        ));
        let without_tier = Fixture::new().server(json!({"maintenanceWindow": {}}));
        assert_eq!(
            judge(without_tier, maintenance_window),
            Judgement::Unread(Cause::Absent)
        );
    }

    #[test]
    fn every_required_tag_is_looked_for_by_name() {
        let ruleset = Ruleset {
            thresholds: Thresholds {
                required_tags: vec!["Owner".into(), "env".into()],
                ..Thresholds::default()
            },
            ..Ruleset::default()
        };
        let tagged = |tags: Value, ruleset: &Ruleset| {
            let documents = Fixture::new()
                .read(
                    DocumentKind::Server,
                    json!({"tags": tags, "properties": {}}),
                )
                .documents();
            required_tags(&Look {
                documents: &documents,
                ruleset,
            })
        };
        let both = tagged(json!({"owner": "team", "ENV": "prod"}), &ruleset);
        assert_eq!(both.judgement, Judgement::Met);
        let one = tagged(json!({"env": "prod"}), &ruleset);
        assert_eq!(
            (one.judgement, one.note.as_deref()),
            (Judgement::Unmet, Some("missing: Owner"))
        );
        assert_eq!(tagged(json!(null), &ruleset).judgement, Judgement::Unmet);
        let none_of_a_server = Fixture::new()
            .read(DocumentKind::Server, json!({"odd": 1}))
            .documents();
        let condition = required_tags(&Look {
            documents: &none_of_a_server,
            ruleset: &ruleset,
        });
        assert_eq!(condition.judgement, Judgement::Unread(Cause::Absent));
        assert!(matches!(
            tagged(json!([]), &ruleset).judgement,
            Judgement::Unread(Cause::Malformed { .. })
        ));
        assert!(matches!(
            tagged(json!(null), &Ruleset::default()).judgement,
            Judgement::NotApplicable(_)
        ));
    }

    #[test]
    fn an_unread_server_says_nothing() {
        for cause in causes() {
            for condition in [high_availability, auto_grow, maintenance_window] {
                let fixture = Fixture::new().unread(DocumentKind::Server, cause.clone());
                assert_eq!(judge(fixture, condition), Judgement::Unread(cause.clone()));
            }
        }
    }
}
