//! AM, asset management: Azure Policy.

use crate::baseline::catalogue;
use crate::documents::{Cause, DocumentKind, Fact, Source};
use crate::posture::policy::{Visible, state_rows, visible};
use crate::posture::{Condition, Judgement, Severity};

use super::look::{Look, Rule};

const POLICY_REPORTS: Rule = Rule {
    id: "policy-reports",
    statement: "Azure Policy has a state of the server for a policy that targets flexible servers",
    severity: Severity::Low,
};

/// The conditions of this family.
#[allow(
    dead_code,
    reason = "read where the conditions of all families are listed"
)]
pub const RULES: [Rule; 1] = [POLICY_REPORTS];

/// AM-2 Azure Policy Support: `policy-reports`. No state is a failure only where another state proves that the caller can
/// see any: one of the server under another policy, or any in the subscription.
pub fn policy_reports(look: &Look<'_>) -> Condition {
    let source = |kind, pointer: &str| Source {
        kind,
        pointer: pointer.to_owned(),
    };
    let expected = "at least one of a policy that targets flexible servers";
    let rows = match state_rows(look.documents) {
        Fact::Known(rows) => rows,
        Fact::Absent => Vec::new(),
        Fact::Unread(cause) => {
            let seen = cause.to_string();
            let source = source(DocumentKind::PolicyStates, "/value");
            let evidence = look.evidence_of(source, &seen, expected);
            return POLICY_REPORTS.decides(Judgement::Unread(cause), vec![evidence]);
        }
    };
    let targets_flexible = |name: &str| {
        catalogue()
            .policy(name)
            .is_some_and(|policy| policy.targets_flexible)
    };
    let mut found: Vec<&str> = Vec::new();
    let mut malformed: Option<Cause> = None;
    for row in &rows {
        match row.definition() {
            Ok(name) if targets_flexible(name) => found.push(name),
            Ok(_) => {}
            Err(cause) => malformed = Some(cause),
        }
    }
    let seen = match (rows.len(), found.as_slice()) {
        (0, _) => "no state of the server".to_owned(),
        (all, []) => format!("{all} of other policies"),
        (all, found) => format!("{} of {all}, the first of {}", found.len(), found[0]),
    };
    let mut evidence = vec![look.evidence_of(
        source(DocumentKind::PolicyStates, "/value"),
        &seen,
        expected,
    )];
    let judgement = match malformed {
        _ if !found.is_empty() => Judgement::Met,
        Some(cause) => Judgement::Unread(cause),
        None if !rows.is_empty() => Judgement::Unmet,
        None => {
            let judgement = match visible(look.documents) {
                Visible::Yes => Judgement::Unmet,
                Visible::No => Judgement::Unread(Cause::NotVisible),
                Visible::Unread(cause) => Judgement::Unread(cause),
            };
            let seen = match look.documents.body(DocumentKind::PolicyVisibility) {
                Ok(body) => match body.get("states") {
                    None => "not present".to_owned(),
                    Some(states) => states.to_string(),
                },
                Err(cause) => cause.to_string(),
            };
            let source = source(DocumentKind::PolicyVisibility, "/states");
            evidence.push(look.evidence_of(
                source,
                &seen,
                "more than 0 in the subscription, which proves that states can be seen",
            ));
            judgement
        }
    };
    POLICY_REPORTS.decides(judgement, evidence)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::posture::Ruleset;
    use crate::posture::fixtures::{Fixture, causes};

    fn judged(fixture: Fixture) -> Judgement {
        let documents = fixture.documents();
        policy_reports(&Look {
            documents: &documents,
            ruleset: &Ruleset::default(),
        })
        .judgement
    }

    fn row(definition: &str) -> Value {
        json!({"properties": {
            "policyDefinitionId": format!("/providers/Microsoft.Authorization/policyDefinitions/{definition}"),
            "complianceState": "Compliant"
        }})
    }

    fn with(rows: Value, states: Value) -> Judgement {
        judged(
            Fixture::new()
                .list(DocumentKind::PolicyStates, rows)
                .read(DocumentKind::PolicyVisibility, json!({ "states": states })),
        )
    }

    #[test]
    fn a_state_of_a_policy_for_flexible_servers_is_enough_whatever_it_says() {
        let upper = row("C9299215-AE47-4F50-9C54-8A392F68A052");
        assert_eq!(
            with(json!([row("custom"), upper]), json!(0)),
            Judgement::Met
        );
        let mut exempt = row("3bc8a0d5-38e0-4a3d-a657-2cb64468fc34");
        exempt["properties"]["complianceState"] = json!("Exempt");
        assert_eq!(with(json!([7, exempt]), json!(0)), Judgement::Met);
    }

    #[test]
    fn no_state_fails_only_where_something_proves_that_states_can_be_seen() {
        let retired = row("e802a67a-daf5-4436-9ea6-f6d821dd0c5d");
        assert_eq!(with(json!([row("custom")]), json!(0)), Judgement::Unmet);
        assert_eq!(with(json!([retired]), json!(0)), Judgement::Unmet);
        assert_eq!(with(json!([]), json!(12)), Judgement::Unmet);
        assert_eq!(
            with(json!([]), json!(0)),
            Judgement::Unread(Cause::NotVisible)
        );
    }

    #[test]
    fn what_cannot_be_understood_is_no_answer() {
        for rows in [
            json!([7]),
            json!([{"properties": {"policyDefinitionId": "junk"}}]),
            json!([{"properties": {}}, row("custom")]),
        ] {
            assert!(
                matches!(
                    with(rows.clone(), json!(3)),
                    Judgement::Unread(Cause::Malformed { .. })
                ),
                "{rows}"
            );
        }
        for states in [json!(null), json!(-1), json!([]), json!("many")] {
            assert!(
                matches!(
                    with(json!([]), states.clone()),
                    Judgement::Unread(Cause::Malformed { .. })
                ),
                "{states}"
            );
        }
    }

    #[test]
    fn unread_documents_judge_nothing() {
        for cause in causes() {
            let unread = Judgement::Unread(cause.clone());
            let states = Fixture::new()
                .unread(DocumentKind::PolicyStates, cause.clone())
                .read(DocumentKind::PolicyVisibility, json!({"states": 5}));
            assert_eq!(judged(states), unread, "states");
            let visibility = Fixture::new()
                .list(DocumentKind::PolicyStates, json!([]))
                .unread(DocumentKind::PolicyVisibility, cause);
            assert_eq!(judged(visibility), unread, "visibility");
        }
        assert_eq!(judged(Fixture::new()), Judgement::Unread(Cause::NotAsked));
    }
}
