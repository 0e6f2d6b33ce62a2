//! X-8, Replica parity: a replica holds the same data as its source, so it must not be guarded less.

use crate::documents::{Cause, Fact};
use crate::posture::{Condition, Judgement, Severity};

use super::look::{Look, Rule, unknown_value};
use super::{audit, dp, im, lt, ns};

/// The condition of this file.
pub const REPLICA_PARITY: Rule = Rule {
    id: "replica-parity",
    statement: "the replica is not guarded less than its source",
    severity: Severity::Medium,
};

/// The conditions in which a replica is compared with its source.
pub const COMPARED: [&str; 10] = [
    "public-disabled",
    "fw-world",
    "fw-azure",
    "require-tls",
    "tls-min",
    "entra-admin",
    "entra-only",
    "defender",
    "audit-on",
    "audit-exported",
];

/// X-8 Replica parity: `replica-parity`.
pub fn replica_parity(look: &Look<'_>) -> Condition {
    let role = look.member_text("/properties/replicationRole");
    let role_evidence = look.evidence(&role, "Replica, for which this is asked");
    let open = match &role.fact {
        Fact::Known(word) if word.eq_ignore_ascii_case("replica") => None,
        Fact::Known(word) if ["none", "source"].contains(&word.to_ascii_lowercase().as_str()) => {
            Some(Judgement::NotApplicable(
                "the server is no replica".to_owned(),
            ))
        }
        Fact::Known(word) => Some(unknown_value(word)),
        Fact::Absent => Some(Judgement::Unread(Cause::Absent)),
        Fact::Unread(cause) => Some(Judgement::Unread(cause.clone())),
    };
    if let Some(judgement) = open {
        return REPLICA_PARITY.decides(judgement, vec![role_evidence]);
    }
    let named = look.member_text("/properties/sourceServerResourceId");
    let mut evidence = vec![
        role_evidence,
        look.evidence(&named, "a server of the same scan"),
    ];
    let Some(source) = look.documents.source() else {
        let judgement = match &named.fact {
            Fact::Unread(cause) => Judgement::Unread(cause.clone()),
            Fact::Absent => Judgement::Unread(Cause::Absent),
            Fact::Known(_) => Judgement::Unread(Cause::NotAsked),
        };
        let mut condition = REPLICA_PARITY.decides(judgement, evidence);
        condition.note = Some("the scan does not hold the source of this replica".to_owned());
        return condition;
    };
    let theirs = compared(&Look {
        documents: source,
        ruleset: look.ruleset,
    });
    let ours = compared(look);
    let mut weaker: Vec<&'static str> = Vec::new();
    let mut cause: Option<Cause> = None;
    for (own, other) in ours.iter().zip(&theirs) {
        let unknown = match (holds(own), holds(other)) {
            (Ok(false), Ok(true)) => {
                weaker.push(own.id);
                // That of the source stands with the source.
                evidence.extend(own.evidence.iter().cloned());
                continue;
            }
            // What holds here cannot be weaker, and what does not hold there cannot be undercut.
            (Ok(true), _) | (_, Ok(false)) => continue,
            (Err(unknown), _) | (_, Err(unknown)) => unknown,
        };
        if cause.as_ref().is_none_or(|it| unknown.rank() < it.rank()) {
            cause = Some(unknown);
        }
    }
    let judgement = match (weaker.is_empty(), cause) {
        (false, _) => Judgement::Unmet,
        (true, Some(cause)) => Judgement::Unread(cause),
        (true, None) => Judgement::Met,
    };
    let mut condition = REPLICA_PARITY.decides(judgement, evidence);
    condition.note = (!weaker.is_empty()).then(|| {
        format!(
            "its source {:?} holds, and it does not: {}",
            crate::documents::text::neutral(source.id().name()),
            weaker.join(", ")
        )
    });
    condition
}

/// The conditions that are compared, in the order of [`COMPARED`].
fn compared(look: &Look<'_>) -> Vec<Condition> {
    let all: Vec<Condition> = ns::public_network_access(look)
        .into_iter()
        .chain([dp::require_tls(look), dp::tls_minimum(look)])
        .chain([im::entra_admin(look), im::entra_only(look)])
        .chain(lt::defender(look))
        .chain(audit::resource_logs(look))
        .collect();
    COMPARED
        .into_iter()
        .filter_map(|id| all.iter().find(|condition| condition.id == id).cloned())
        .collect()
}

/// Whether a condition holds; one that does not apply guards nothing less: there is no public endpoint to open.
fn holds(condition: &Condition) -> Result<bool, Cause> {
    match &condition.judgement {
        Judgement::Met | Judgement::NotApplicable(_) | Judgement::Manual(_) => Ok(true),
        Judgement::Unmet => Ok(false),
        Judgement::Unread(cause) => Err(cause.clone()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;
    use crate::documents::{DocumentKind, ServerDocuments};
    use crate::posture::Ruleset;
    use crate::posture::fixtures::{Fixture, causes};

    fn server(role: &str, access: &str) -> Fixture {
        Fixture::new().server(json!({
            "network": {"publicNetworkAccess": access}, "replicationRole": role,
            "sourceServerResourceId": "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/source",
        }))
    }

    /// A server on which every compared condition but public access is as given.
    fn guarded(fixture: Fixture, on: &str, tls: &str, defender: &str) -> Fixture {
        let is = |value: &str| json!({ "value": value });
        let logs = json!([{"name": "s", "properties": {"workspaceId": "w", "logs": [
            {"category": "MySqlAuditLogs", "enabled": on == "ON"}
        ]}}]);
        let administrators: Value = if on == "ON" {
            json!([{"properties": {"administratorType": "ActiveDirectory"}}])
        } else {
            json!([])
        };
        fixture
            .parameters(&[
                ("require_secure_transport", is(on)),
                ("tls_version", is(tls)),
                ("aad_auth_only", is(on)),
                ("audit_log_enabled", is(on)),
            ])
            .list(DocumentKind::FirewallRules, json!([]))
            .list(DocumentKind::Administrators, administrators)
            .list(DocumentKind::DiagnosticSettings, logs)
            .read(
                DocumentKind::ThreatProtection,
                json!({"properties": {"state": defender}}),
            )
    }

    fn strong(role: &str) -> Fixture {
        guarded(server(role, "Disabled"), "ON", "TLSv1.2", "Enabled")
    }

    fn parity(replica: Fixture, source: Option<Fixture>) -> Condition {
        let source = source.map(|source| Arc::new(source.documents()));
        let documents: ServerDocuments = replica.documents().with_source(source);
        replica_parity(&Look {
            documents: &documents,
            ruleset: &Ruleset::default(),
        })
    }

    #[test]
    fn all_compared_conditions_exist() {
        let documents = strong("Source").documents();
        let found = compared(&Look {
            documents: &documents,
            ruleset: &Ruleset::default(),
        });
        assert_eq!(found.iter().map(|c| c.id).collect::<Vec<_>>(), COMPARED);
    }

    #[test]
    fn a_replica_is_compared_where_its_source_holds() {
        let weak = || {
            guarded(
                server("Replica", "Enabled"),
                "OFF",
                "TLSv1,TLSv1.2",
                "Disabled",
            )
        };
        assert_eq!(
            parity(strong("Replica"), Some(strong("Source"))).judgement,
            Judgement::Met
        );
        let condition = parity(weak(), Some(strong("Source")));
        assert_eq!(condition.judgement, Judgement::Unmet);
        let note = condition.note.unwrap();
        for id in COMPARED {
            // An open endpoint without rules lets nobody in.
            assert_eq!(note.contains(id), !id.starts_with("fw-"), "{id}: {note}");
        }
        // A source that is as weak is undercut by nobody, and a stronger replica is no fault.
        let weak_source = || {
            guarded(
                server("Source", "Enabled"),
                "OFF",
                "TLSv1,TLSv1.2",
                "Disabled",
            )
        };
        assert_eq!(
            parity(weak(), Some(weak_source())).judgement,
            Judgement::Met
        );
        assert_eq!(
            parity(strong("Replica"), Some(weak_source())).judgement,
            Judgement::Met
        );
    }

    #[test]
    fn others_than_replicas_are_not_compared_and_a_source_outside_the_scan_is_not_guessed() {
        for role in ["None", "source"] {
            assert!(matches!(
                parity(strong(role), None).judgement,
                Judgement::NotApplicable(_)
            ));
        }
        assert_eq!(
            parity(strong("Replica"), None).judgement,
            Judgement::Unread(Cause::NotAsked)
        );
        assert!(matches!(
            parity(strong("Twin"), None).judgement,
            Judgement::Unread(Cause::Malformed { .. })
        ));
        let no_role = Fixture::new().server(json!({}));
        assert_eq!(
            parity(no_role, None).judgement,
            Judgement::Unread(Cause::Absent)
        );
    }

    #[test]
    fn what_is_unread_on_either_side_is_open_unless_something_is_weaker_already() {
        for cause in causes() {
            let unread = Judgement::Unread(cause.clone());
            let blind = |role| strong(role).unread(DocumentKind::Configurations, cause.clone());
            assert_eq!(
                parity(blind("Replica"), Some(strong("Source"))).judgement,
                unread
            );
            // The replica holds: whatever the source does, it is not weaker.
            assert_eq!(
                parity(strong("Replica"), Some(blind("Source"))).judgement,
                Judgement::Met
            );
            let weak = guarded(server("Replica", "Disabled"), "OFF", "TLSv1", "Enabled")
                .unread(DocumentKind::Administrators, cause.clone());
            assert_eq!(
                parity(weak, Some(strong("Source"))).judgement,
                Judgement::Unmet
            );
            let server = Fixture::new().unread(DocumentKind::Server, cause.clone());
            assert_eq!(parity(server, None).judgement, unread);
        }
    }
}
