//! Where the logs of a server go: its diagnostic settings.

use serde_json::{Value, json};

use super::{Read, in_turn};
use crate::simulator::fleet::Fleet;
use crate::simulator::plant;
use crate::simulator::server::Server;

/// What the server was planted with.
pub(in crate::simulator) struct Diagnostics {
    /// A label for people and for counting; the settings are the facts.
    name: &'static str,
    settings: &'static [Setting],
}

struct Setting {
    name: &'static str,
    destinations: &'static [Destination],
    logs: &'static [Log],
    /// Whether answers spell the server's id in lower case, as this service often does.
    lower: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Destination {
    Workspace,
    Storage,
    EventHub,
    Partner,
}

enum Log {
    Category(&'static str, bool),
    Group(&'static str, bool),
}

use Destination::{EventHub, Partner, Storage, Workspace};
use Log::{Category, Group};

const AUDIT: &str = "MySqlAuditLogs";
const SLOW: &str = "MySqlSlowLogs";

const fn setting(
    name: &'static str,
    destinations: &'static [Destination],
    logs: &'static [Log],
) -> Setting {
    Setting {
        name,
        destinations,
        logs,
        lower: false,
    }
}

const fn case(name: &'static str, settings: &'static [Setting]) -> Diagnostics {
    Diagnostics { name, settings }
}

/// In turn, by the number of the server.
const CASES: [&Diagnostics; 17] = [
    &case(
        "auditGroup",
        &[setting(
            "to-law-central",
            &[Workspace],
            &[Group("audit", true), Group("allLogs", false)],
        )],
    ),
    &case("none", &[]),
    &case(
        "auditCategory",
        &[setting(
            "audit-logs",
            &[Workspace],
            &[Category(AUDIT, true), Category(SLOW, false)],
        )],
    ),
    &case(
        "noDestination",
        &[setting(
            "unfinished",
            &[],
            &[Category(AUDIT, true), Category(SLOW, true)],
        )],
    ),
    &case(
        "allLogsGroup",
        &[setting(
            "to-law-central",
            &[Workspace],
            &[Group("audit", false), Group("allLogs", true)],
        )],
    ),
    &case("none", &[]),
    &case(
        "halves",
        &[
            setting("logs-without-place", &[], &[Category(AUDIT, true)]),
            setting(
                "place-without-logs",
                &[Storage],
                &[Category(AUDIT, false), Category(SLOW, true)],
            ),
        ],
    ),
    &case(
        "bothCategories",
        &[setting(
            "archive",
            &[Storage],
            &[Category(AUDIT, true), Category(SLOW, true)],
        )],
    ),
    &case(
        "auditDisabled",
        &[setting(
            "audit-logs",
            &[Workspace],
            &[Category(AUDIT, false), Category(SLOW, false)],
        )],
    ),
    &case(
        "eventHub",
        &[setting(
            "to-siem",
            &[EventHub],
            &[Group("audit", true), Group("allLogs", false)],
        )],
    ),
    &case(
        "slowOnly",
        &[setting(
            "slow-logs",
            &[Workspace],
            &[Category(AUDIT, false), Category(SLOW, true)],
        )],
    ),
    &case(
        "lowerCase",
        &[Setting {
            lower: true,
            ..setting(
                "Audit-To-Workspace",
                &[Workspace, Storage],
                &[Category(AUDIT, true)],
            )
        }],
    ),
    &case("none", &[]),
    &case("metricsOnly", &[setting("metrics", &[Workspace], &[])]),
    &case(
        "partner",
        &[setting("partner", &[Partner], &[Group("allLogs", true)])],
    ),
    &case(
        "groupsDisabled",
        &[setting(
            "paused",
            &[Workspace],
            &[Group("audit", false), Group("allLogs", false)],
        )],
    ),
    &case(
        "several",
        &[
            setting("archive", &[Storage], &[Category(SLOW, true)]),
            setting("audit-logs", &[EventHub], &[Category(AUDIT, true)]),
        ],
    ),
];

/// The diagnostic settings of a server.
pub(in crate::simulator) fn of(fleet: &Fleet, server: &Server) -> &'static Diagnostics {
    let start = plant::dice(fleet.options.seed, "diagnostics", 0).usize(..CASES.len());
    in_turn(&CASES, start + server.number as usize)
}

/// Whether the caller may not read them.
pub(in crate::simulator) fn denied(fleet: &Fleet, server: &Server) -> bool {
    let stray = plant::dice(
        fleet.options.seed,
        "diagnostics denied",
        server.number.into(),
    )
    .u8(..25)
        == 0;
    fleet.options.denials && (stray || fleet.subscription(server).children_denied)
}

/// The workspace that the policy of the estate sends logs to.
fn workspace(subscription: &str) -> String {
    format!(
        "/subscriptions/{subscription}/resourceGroups/rg-observability/providers/Microsoft.OperationalInsights/workspaces/law-central"
    )
}

impl Diagnostics {
    /// Whether one setting sends the group `audit`, and not `allLogs`, to the central workspace: what the
    /// built-in policy 7860f3fe asks for with `audit` as its parameter.
    pub(in crate::simulator) fn satisfies_policy(&self) -> bool {
        self.settings.iter().any(|setting| {
            let only = |name: &str, on: bool| {
                let matching = setting.logs.iter().filter(
                    |it| matches!(it, Group(group, enabled) if *group == name && *enabled == on),
                );
                matching.count() == 1
            };
            setting.destinations.contains(&Workspace)
                && only("audit", true)
                && only("allLogs", false)
        })
    }

    pub(in crate::simulator) fn render(&self, fleet: &Fleet, server: &Server) -> Vec<Value> {
        let id = fleet.id(server);
        let subscription = &fleet.subscription(server).id;
        self.settings
            .iter()
            .map(|it| it.render(&id, subscription))
            .collect()
    }

    /// What was planted.
    pub(in crate::simulator) fn manifest(&self, denied: bool) -> Value {
        let settings: Vec<Value> = self.settings.iter().map(Setting::manifest).collect();
        json!({
            "read": if denied { Read::Denied } else { Read::Readable },
            "case": self.name,
            "settings": settings,
        })
    }
}

impl Setting {
    fn render(&self, server: &str, subscription: &str) -> Value {
        let retention = json!({ "enabled": false, "days": 0 });
        let logs: Vec<Value> = self
            .logs
            .iter()
            .map(|log| {
                let (category, group, enabled) = log.parts();
                json!({
                    "category": category,
                    "categoryGroup": group,
                    "enabled": enabled,
                    "retentionPolicy": retention,
                })
            })
            .collect();
        let at = |destination: Destination, id: String| {
            self.destinations.contains(&destination).then_some(id)
        };
        let group =
            format!("/subscriptions/{subscription}/resourceGroups/rg-observability/providers");
        let spelled = if self.lower {
            server.to_ascii_lowercase()
        } else {
            server.to_owned()
        };
        json!({
            "id": format!("{spelled}/providers/microsoft.insights/diagnosticSettings/{}", self.name),
            "type": "Microsoft.Insights/diagnosticSettings",
            "name": self.name,
            "location": null,
            "kind": null,
            "tags": null,
            "properties": {
                "storageAccountId": at(Storage, format!("{group}/Microsoft.Storage/storageAccounts/stauditarchive")),
                "serviceBusRuleId": null,
                "workspaceId": at(Workspace, workspace(subscription)),
                "eventHubAuthorizationRuleId": at(
                    EventHub,
                    format!("{group}/Microsoft.EventHub/namespaces/evhns-siem/authorizationRules/RootManageSharedAccessKey"),
                ),
                "eventHubName": at(EventHub, "mysql-audit".to_owned()),
                "marketplacePartnerId": at(Partner, format!("{group}/Microsoft.Datadog/monitors/partner-monitor")),
                "metrics": [{
                    "category": "AllMetrics",
                    "enabled": self.logs.is_empty(),
                    "retentionPolicy": retention,
                }],
                "logs": logs,
                "logAnalyticsDestinationType": null,
            },
            "identity": null,
        })
    }

    fn manifest(&self) -> Value {
        let logs: Vec<Value> = self
            .logs
            .iter()
            .map(|log| {
                let (category, group, enabled) = log.parts();
                json!({ "category": category, "categoryGroup": group, "enabled": enabled })
            })
            .collect();
        let destinations: Vec<&str> = self
            .destinations
            .iter()
            .map(|it| match it {
                Workspace => "workspace",
                Storage => "storage",
                EventHub => "eventHub",
                Partner => "partner",
            })
            .collect();
        json!({ "name": self.name, "destinations": destinations, "logs": logs })
    }
}

impl Log {
    fn parts(&self) -> (Option<&'static str>, Option<&'static str>, bool) {
        match self {
            Category(name, enabled) => (Some(name), None, *enabled),
            Group(name, enabled) => (None, Some(name), *enabled),
        }
    }
}
