//! BR, backup and recovery: the service's own backups.

use jiff::Timestamp;
use serde_json::Value;

use crate::documents::{Cause, DocumentKind, Fact};
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
        Fact::Known(value) if value.eq_ignore_ascii_case("disabled") => match &role.fact {
            // Whether the condition applies depends on the role.
            Fact::Unread(cause) => {
                evidence.push(look.evidence(&role, "not a replica"));
                Judgement::Unread(cause.clone())
            }
            _ => Judgement::Unmet,
        },
        Fact::Known(value) => unknown_value(value),
        Fact::Absent => Judgement::Unread(Cause::Absent),
        Fact::Unread(cause) => Judgement::Unread(cause.clone()),
    };
    GEO_BACKUP.decides(judgement, evidence)
}

/// The newest completed backup in a list; an unreadable time leaves it open.
fn newest(items: &[Value]) -> Fact<Timestamp> {
    let mut newest = None;
    for item in items {
        match item.pointer("/properties/completedTime") {
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
    let newest = list.fact.clone().and_then(newest);
    let observed = match &newest {
        Fact::Known(time) => format!("completed {time}"),
        Fact::Absent => "no completed backup".to_owned(),
        Fact::Unread(cause) => cause.to_string(),
    };
    let mut evidence = vec![look.evidence_of(list.source, &observed, &expected)];
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
            Fact::Known,
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
