//! BR, backup and recovery: the service's own backups.

use jiff::Timestamp;
use serde_json::Value;

use crate::documents::{Cause, DocumentKind, Fact, at};
use crate::posture::{Condition, Judgement, Severity, parse_time};

use super::look::{Look, Rule, unknown_value};

const RETENTION: Rule = Rule {
    id: "retention",
    statement: "backups are kept long enough",
    severity: Severity::Medium,
};
const GEO_BACKUP: Rule = Rule {
    id: "geo-backup",
    statement: "backups are kept in the paired region too",
    severity: Severity::Medium,
};
const BACKUP_RECENT: Rule = Rule {
    id: "backup-recent",
    statement: "the newest completed backup is recent",
    severity: Severity::High,
};

/// The conditions of this file.
pub const RULES: [Rule; 3] = [RETENTION, GEO_BACKUP, BACKUP_RECENT];

/// How far in the future a time may lie and still be believed, in hours.
const CLOCKS_MAY_DIFFER_BY: i64 = 1;

/// BR-1 Service Native Backup Capability: `retention`.
pub fn retention(look: &Look<'_>) -> Condition {
    let least = look.ruleset.thresholds.min_backup_retention_days;
    let seen = look
        .member("/properties/backup/backupRetentionDays")
        .map(Fact::integer);
    let judgement = match &seen.fact {
        Fact::Known(days) => Judgement::from_bool(*days >= least),
        Fact::Absent => Judgement::Unread(Cause::Absent),
        Fact::Unread(cause) => Judgement::Unread(cause.clone()),
    };
    let seen = seen.map(|fact| fact.map(|days| format!("{days} days")));
    let evidence = look.evidence(&seen, &format!("at least {least} days"));
    RETENTION.decides(judgement, vec![evidence])
}

/// BR-1 Service Native Backup Capability: `geo-backup`.
pub fn geo_backup(look: &Look<'_>) -> Condition {
    let seen = look.member_text("/properties/backup/geoRedundantBackup");
    let role = look.member_text("/properties/replicationRole");
    let mut evidence = vec![look.evidence(&seen, "Enabled")];
    if !look.ruleset.thresholds.require_geo_redundant_backup {
        return GEO_BACKUP.decides(
            Judgement::NotApplicable(
                "the ruleset does not ask for geo-redundant backup".to_owned(),
            ),
            evidence,
        );
    }
    if matches!(&role.fact, Fact::Known(role) if role.eq_ignore_ascii_case("replica")) {
        evidence.push(look.evidence(&role, "not a replica"));
        return GEO_BACKUP.decides(
            Judgement::NotApplicable("a replica has no geo-redundant backup of its own".to_owned()),
            evidence,
        );
    }
    let judgement = match &seen.fact {
        Fact::Known(value) if value.eq_ignore_ascii_case("enabled") => Judgement::Met,
        Fact::Known(value) if value.eq_ignore_ascii_case("disabled") => {
            // Whether the condition applies depends on the role.
            evidence.push(look.evidence(&role, "not a replica"));
            match &role.fact {
                Fact::Known(role)
                    if ["none", "source"].contains(&role.to_ascii_lowercase().as_str()) =>
                {
                    Judgement::Unmet
                }
                Fact::Known(role) => unknown_value(role),
                Fact::Absent => Judgement::Unread(Cause::Absent),
                Fact::Unread(cause) => Judgement::Unread(cause.clone()),
            }
        }
        Fact::Known(value) => unknown_value(value),
        Fact::Absent => Judgement::Unread(Cause::Absent),
        Fact::Unread(cause) => Judgement::Unread(cause.clone()),
    };
    GEO_BACKUP.decides(judgement, evidence)
}

/// The newest completed backup in a list; an entry that is no backup, or an unreadable time, leaves it open.
fn newest(items: &[Value]) -> Fact<Timestamp> {
    let mut newest = None;
    for item in items {
        if !item.get("properties").is_some_and(Value::is_object) {
            return Fact::Unread(Cause::Malformed {
                detail: "an entry of the list is not a backup".to_owned(),
            });
        }
        match at(item, "/properties/completedTime") {
            None | Some(Value::Null) => {}
            Some(value) => match value.as_str().and_then(parse_time) {
                Some(time) => newest = newest.max(Some(time)),
                None => {
                    return Fact::Unread(Cause::Malformed {
                        detail: "a backup's completedTime is not a time".to_owned(),
                    });
                }
            },
        }
    }
    newest.map_or(Fact::Absent, Fact::Known)
}

/// BR-1 Service Native Backup Capability: `backup-recent`, as of the moment at which the list was fetched.
pub fn backup_recent(look: &Look<'_>) -> Condition {
    let limit = look.ruleset.thresholds.max_backup_age_hours;
    let expected = format!("completed less than {limit} hours before it was read");
    let list = look.items(DocumentKind::Backups);
    let as_of = look
        .documents
        .get(DocumentKind::Backups)
        .map(|document| document.fetched_at);
    let hours_before = |time: Timestamp| as_of.map(|as_of| as_of.duration_since(time).as_hours());
    // What lies after the moment of reading says that one of two clocks is wrong, and nothing about an age.
    let past = |time: Timestamp, what: &str| match hours_before(time) {
        Some(hours) if hours <= -CLOCKS_MAY_DIFFER_BY => Fact::Unread(Cause::Malformed {
            detail: format!(
                "{what} lies after the moment at which it was read: is the clock of this machine right?"
            ),
        }),
        _ => Fact::Known(time),
    };
    let newest = list
        .fact
        .clone()
        .and_then(newest)
        .and_then(|time| past(time, "the end of a backup"));
    let observed = match &newest {
        Fact::Known(time) => format!("completed {time}"),
        Fact::Absent => "no completed backup".to_owned(),
        Fact::Unread(cause) => cause.to_string(),
    };
    let mut look_at_newest = look.evidence_of(list.source, &observed, &expected);
    if matches!(newest, Fact::Known(_)) {
        look_at_newest = look_at_newest.moving();
    }
    let mut evidence = vec![look_at_newest];
    let recent = match &newest {
        Fact::Known(time) => hours_before(*time).map(|hours| hours < limit),
        Fact::Absent => Some(false),
        Fact::Unread(cause) => {
            return BACKUP_RECENT.decides(Judgement::Unread(cause.clone()), evidence);
        }
    };
    if recent == Some(true) {
        return BACKUP_RECENT.decides(Judgement::Met, evidence);
    }
    let created = look.member_text("/systemData/createdAt");
    evidence.push(look.evidence(
        &created,
        &format!("a server younger than {limit} hours is excused"),
    ));
    let judgement = match created.fact.and_then(|text| {
        parse_time(&text).map_or_else(
            || {
                Fact::Unread(Cause::Malformed {
                    detail: "the server's createdAt is not a time".to_owned(),
                })
            },
            |created| past(created, "the server's createdAt"),
        )
    }) {
        Fact::Known(created) => match hours_before(created) {
            Some(age) if age < limit => Judgement::NotApplicable(format!(
                "the server was created less than {limit} hours before its backups were read"
            )),
            _ => Judgement::Unmet,
        },
        Fact::Absent => Judgement::Unread(Cause::Absent),
        Fact::Unread(cause) => Judgement::Unread(cause),
    };
    BACKUP_RECENT.decides(judgement, evidence)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::posture::fixtures::{Fixture, causes};
    use crate::posture::{Ruleset, Thresholds};

    fn judge(fixture: Fixture, judge: fn(&Look<'_>) -> Condition) -> Judgement {
        judge_by(fixture, &Ruleset::default(), judge)
    }

    fn judge_by(
        fixture: Fixture,
        ruleset: &Ruleset,
        judge: fn(&Look<'_>) -> Condition,
    ) -> Judgement {
        let documents = fixture.documents();
        judge(&Look {
            documents: &documents,
            ruleset,
        })
        .judgement
    }

    fn backup(properties: Value) -> Fixture {
        Fixture::new().server(json!({ "backup": properties }))
    }

    #[test]
    fn retention_is_compared_with_the_threshold() {
        for (days, expected) in [
            (json!(7), Judgement::Met),
            (json!(35), Judgement::Met),
            (json!("7"), Judgement::Met),
            (json!(6), Judgement::Unmet),
            (json!(null), Judgement::Unread(Cause::Absent)),
        ] {
            let fixture = backup(json!({"backupRetentionDays": days}));
            assert_eq!(judge(fixture, retention), expected, "{days}");
        }
        let fixture = backup(json!({"backupRetentionDays": "a week"}));
        assert!(matches!(
            judge(fixture, retention),
            Judgement::Unread(Cause::Malformed { .. })
        ));
        assert_eq!(
            judge(backup(json!({})), retention),
            Judgement::Unread(Cause::Absent)
        );
    }

    #[test]
    fn geo_redundant_backup_is_asked_for_but_not_of_a_replica() {
        let server = |geo: &str, role: &str| {
            Fixture::new()
                .server(json!({"backup": {"geoRedundantBackup": geo}, "replicationRole": role}))
        };
        assert_eq!(judge(server("Enabled", "None"), geo_backup), Judgement::Met);
        assert_eq!(
            judge(server("Disabled", "Source"), geo_backup),
            Judgement::Unmet
        );
        assert!(matches!(
            judge(server("Disabled", "replica"), geo_backup),
            Judgement::NotApplicable(_)
        ));
        assert!(matches!(
            judge(server("Perhaps", "None"), geo_backup),
            Judgement::Unread(Cause::Malformed { .. })
        ));
        let lenient = Ruleset {
            thresholds: Thresholds {
                require_geo_redundant_backup: false,
                ..Thresholds::default()
            },
            ..Ruleset::default()
        };
        assert!(matches!(
            judge_by(server("Disabled", "None"), &lenient, geo_backup),
            Judgement::NotApplicable(_)
        ));
    }

    /// The documents are fetched at noon of the 20th.
    fn backups(completed: &[&str], created: Option<&str>) -> Fixture {
        let items: Vec<Value> = completed
            .iter()
            .map(|time| json!({"properties": {"backupType": "FULL", "completedTime": time}}))
            .collect();
        let mut body = json!({"properties": {}});
        if let Some(created) = created {
            body["systemData"] = json!({"createdAt": created});
        }
        Fixture::new()
            .read(DocumentKind::Server, body)
            .list(DocumentKind::Backups, Value::Array(items))
    }

    #[test]
    fn the_newest_backup_is_judged_as_of_the_moment_it_was_read() {
        let old = Some("2026-01-01T00:00:00Z");
        for (completed, expected) in [
            (&["2026-11-20T01:00:00.1234567+00:00"][..], Judgement::Met),
            (
                &["2026-11-01T00:00:00", "2026-11-19T00:00:00"][..],
                Judgement::Met,
            ),
            (&["2026-11-18T12:00:01Z"][..], Judgement::Met),
            (&["2026-11-18T12:00:00Z"][..], Judgement::Unmet),
            (&["2026-10-01T00:00:00Z"][..], Judgement::Unmet),
            (&[][..], Judgement::Unmet),
        ] {
            assert_eq!(
                judge(backups(completed, old), backup_recent),
                expected,
                "{completed:?}"
            );
        }
    }

    #[test]
    fn a_new_server_without_backups_is_excused() {
        assert!(matches!(
            judge(backups(&[], Some("2026-11-20T01:00:00Z")), backup_recent),
            Judgement::NotApplicable(_)
        ));
        assert_eq!(
            judge(backups(&[], None), backup_recent),
            Judgement::Unread(Cause::Absent)
        );
    }

    #[test]
    fn a_backup_that_is_not_complete_does_not_count_and_odd_times_judge_nothing() {
        let fixture = backups(&[], Some("2026-01-01T00:00:00Z")).list(
            DocumentKind::Backups,
            json!([{"properties": {"backupType": "FULL"}}]),
        );
        assert_eq!(judge(fixture, backup_recent), Judgement::Unmet);
        let fixture = backups(&["soon"], Some("2026-01-01T00:00:00Z"));
        assert!(matches!(
            judge(fixture, backup_recent),
            Judgement::Unread(Cause::Malformed { .. })
        ));
    }

    #[test]
    fn a_time_in_the_future_judges_nothing() {
        let malformed = |judgement| matches!(judgement, Judgement::Unread(Cause::Malformed { .. }));
        let old = Some("2026-01-01T00:00:00Z");
        assert!(malformed(judge(
            backups(&["2026-11-20T13:00:00Z"], old),
            backup_recent
        )));
        assert_eq!(
            judge(backups(&["2026-11-20T12:59:00Z"], old), backup_recent),
            Judgement::Met
        );
        assert!(malformed(judge(
            backups(&[], Some("2026-11-21T00:00:00Z")),
            backup_recent
        )));
    }

    #[test]
    fn without_a_role_that_is_known_geo_redundancy_is_not_judged() {
        let server = |role: Value| {
            Fixture::new().server(
                json!({"backup": {"geoRedundantBackup": "Disabled"}, "replicationRole": role}),
            )
        };
        assert_eq!(
            judge(server(json!(null)), geo_backup),
            Judgement::Unread(Cause::Absent)
        );
        assert!(matches!(
            judge(server(json!("GeoReplica")), geo_backup),
            Judgement::Unread(Cause::Malformed { .. })
        ));
    }

    #[test]
    fn what_cannot_be_read_judges_nothing() {
        for cause in causes() {
            let unread = Judgement::Unread(cause.clone());
            let server = || Fixture::new().unread(DocumentKind::Server, cause.clone());
            assert_eq!(judge(server(), retention), unread);
            assert_eq!(judge(server(), geo_backup), unread);
            let backups = Fixture::new().unread(DocumentKind::Backups, cause.clone());
            assert_eq!(judge(backups, backup_recent), unread);
        }
    }
}
