//! What is to be found of those who watch: Azure Policy, Microsoft Defender, the audit log.

use serde_json::Value;

use super::planted::{
    Became, DENIED, MET, NOT_VISIBLE, OUT_OF_PLAY, Planted, UNMET, holds, refusal,
};

/// The built-in policies that target flexible servers.
const FLEXIBLE: [&str; 8] = [
    "be3ddb6b-c328-4ecd-91e8-c2804868ea9c",
    "7860f3fe-0db3-42d4-bf3d-7042ea5e5787",
    "95f9d29c-defd-4387-b73b-5cdb4a982bf0",
    "493c215d-2554-5976-bc81-57d2c04fc8c1",
    "40e85574-ef33-47e8-a854-7a65c7500560",
    "c9299215-ae47-4f50-9c54-8a392f68a052",
    "3d5ed4c2-5e50-4c76-932b-8982691b68ae",
    "3bc8a0d5-38e0-4a3d-a657-2cb64468fc34",
];

/// The kinds of event that a word of `audit_log_events` stands for.
fn events(words: &str) -> Vec<String> {
    words
        .split(',')
        .flat_map(|word| {
            match word.trim().to_uppercase().as_str() {
                "GENERAL" => "DML_SELECT DML_NONSELECT DDL DCL ADMIN".to_owned(),
                "DML" => "DML_SELECT DML_NONSELECT".to_owned(),
                "CONNECTION_V2" => "CONNECTION_V2 CONNECTION".to_owned(),
                other => other.to_owned(),
            }
            .split(' ')
            .map(str::to_owned)
            .collect::<Vec<_>>()
        })
        .filter(|event| !event.is_empty())
        .collect()
}

impl Planted<'_> {
    pub fn policy_reports(&self) -> Became {
        let reported = self.server["policyStates"]
            .as_array()
            .expect("a list")
            .iter()
            .any(|state| {
                let policy = state["policyDefinitionId"].as_str().expect("an id");
                FLEXIBLE.iter().any(|known| policy.ends_with(known))
            });
        match (reported, self.subscription()["policyStates"].as_u64()) {
            (true, _) => MET,
            (false, Some(0)) => NOT_VISIBLE,
            (false, _) => UNMET,
        }
    }

    /// The setting of the server, and the plan of its subscription.
    pub fn defender(&self) -> [Became; 2] {
        let server = if self.denied("advancedThreatProtectionSettings") {
            DENIED
        } else {
            holds(self.server["threatProtection"] == true)
        };
        let pricing = &self.subscription()["pricing"];
        let plan = refusal(&pricing["read"])
            .unwrap_or_else(|| holds(pricing["openSourceRelationalDatabases"] == "Standard"));
        [server, plan]
    }

    /// On, its events, its users, and where it goes.
    pub fn audit_log(&self) -> [Became; 4] {
        let on = self.is_on("audit_log_enabled");
        let within = |judged: &dyn Fn() -> Became| if on == UNMET { OUT_OF_PLAY } else { judged() };
        let events = within(&|| {
            self.parameter("audit_log_events").map_or_else(
                |why| why,
                |value| {
                    let recorded = events(&value);
                    let required = events(&self.ruleset.thresholds.required_audit_events.join(","));
                    holds(required.iter().all(|event| recorded.contains(event)))
                },
            )
        });
        let users = within(&|| {
            self.parameter("audit_log_include_users")
                .map_or_else(|why| why, |value| holds(value.is_empty()))
        });
        [
            on,
            events,
            users,
            self.exported("MySqlAuditLogs", &["audit", "allLogs"]),
        ]
    }

    pub fn slow_log_exported(&self) -> Became {
        match self.is_on("slow_query_log") {
            MET => self.exported("MySqlSlowLogs", &["allLogs"]),
            UNMET => OUT_OF_PLAY,
            unread => unread,
        }
    }

    /// Whether one setting sends the category, by itself or in a group, and has somewhere to send it to.
    fn exported(&self, category: &str, groups: &[&str]) -> Became {
        let diagnostics = &self.server["diagnosticSettings"];
        if let Some(unread) = refusal(&diagnostics["read"]) {
            return unread;
        }
        let all = |value: &Value| value.as_array().expect("a list").clone();
        holds(all(&diagnostics["settings"]).iter().any(|setting| {
            !all(&setting["destinations"]).is_empty()
                && all(&setting["logs"]).iter().any(|log| {
                    log["enabled"] == true
                        && (log["category"] == category
                            || groups.iter().any(|group| log["categoryGroup"] == *group))
                })
        }))
    }
}
