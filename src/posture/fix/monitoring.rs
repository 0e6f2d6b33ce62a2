//! LT, AM and PA-8: Defender, the logs' way out, policies, Customer Lockbox.

use crate::documents::DocumentKind;
use crate::posture::ConditionId;

use super::need::Need;
use super::shell::{Draft, Variable};
use super::{Fix, Undo};

const WORKSPACE_ID: Variable = Variable::new(
    "WORKSPACE_ID",
    "set it to the resource id of the Log Analytics workspace",
);

/// The initiative of the Microsoft cloud security benchmark, version 1.
const BENCHMARK: &str = "1f3afdf9-d0c9-4c3d-847f-89da613e70a8";
/// A name that nobody else gives: making an assignment of a name that exists would replace that one.
const BENCHMARK_NAME: &str = "flexposture-mcsb-v1";
/// The operations of Customer Lockbox, API version 2018-02-28-preview; the CLI has no command of its own for them.
const LOCKBOX: &str = "/providers/Microsoft.CustomerLockbox/";

/// PA-8: Customer Lockbox, for the whole tenant.
pub fn lockbox(_: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let post = |operation: &str| {
        Draft::new("rest").own("--method", "post").own(
            "--url",
            &format!("{LOCKBOX}{operation}?api-version=2018-02-28-preview"),
        )
    };
    vec![
        Fix::new(
            unmet,
            "Enable Customer Lockbox in the tenant",
            "Customer Lockbox for Microsoft Azure › Administration › Enabled",
        )
        .first("It takes a Global Administrator, and a support plan of the level Developer or higher.")
        .first("Sign in to the server's own tenant: the command changes the tenant that you are signed in to.")
        .breaks("Microsoft's support waits for your approval when it needs data of yours: name people who answer.")
        .commands([post("enableLockbox")])
        .undo(Undo::by([post("disableLockbox")])),
    ]
}

/// LT-1: threat protection of the server.
pub fn defender(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let set = |state: &str| {
        Need::on(need.server(), "advanced-threat-protection-setting update").own("--state", state)
    };
    vec![
        Fix::new(
            unmet,
            "Enable threat protection",
            "the server › Security › Microsoft Defender for Cloud",
        )
        .breaks("Microsoft Defender bills the server.")
        .commands([set("Enabled")])
        .undo(Undo::by([set("Disabled")])),
    ]
}

/// LT-1: the subscription's plan.
pub fn defender_plan(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let set = |tier: &str| {
        Draft::new("security pricing create")
            .own("--name", "OpenSourceRelationalDatabases")
            .own("--tier", tier)
            .given("--subscription", need.server().subscription())
    };
    vec![
        Fix::new(
            unmet,
            "Enable the Defender plan of the subscription",
            "Microsoft Defender for Cloud › Environment settings › the subscription › Databases",
        )
        .first("It takes the role Security Admin or Owner on the subscription.")
        .breaks(
            "It bills every open-source database server of the subscription, not this one alone.",
        )
        .commands([set("Standard")])
        .undo(Undo::by([set("Free")])),
    ]
}

/// AM-2: a policy that reports on flexible servers, assigned to the subscription.
pub fn assign_policy(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let scope = format!("/subscriptions/{}", need.server().subscription());
    let on = |command: &str| {
        Draft::new(&format!("policy assignment {command}"))
            .own("--name", BENCHMARK_NAME)
            .given("--scope", &scope)
    };
    vec![
        Fix::new(
            unmet,
            "Assign the benchmark's initiative",
            "Policy › Assignments › Assign initiative › Microsoft cloud security benchmark",
        )
        .first("It takes the role Resource Policy Contributor or Owner on the subscription.")
        .first("See whether a management group above assigns it already and excludes this subscription.")
        .breaks("It audits and changes nothing. States of every resource in the subscription appear within a day.")
        .commands([on("create")
            .own("--display-name", "Microsoft cloud security benchmark")
            .own("--policy-set-definition", BENCHMARK)
            .given("--subscription", need.server().subscription())])
        .undo(Undo::by([on("delete").given("--subscription", need.server().subscription())])),
    ]
}

/// LT-4: the audit log, and the slow query log, sent to a workspace.
pub fn export_logs(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let categories: Vec<&str> = [
        ("audit-exported", "MySqlAuditLogs"),
        ("slow-exported", "MySqlSlowLogs"),
    ]
    .into_iter()
    .filter(|(condition, _)| unmet.contains(condition))
    .map(|(_, category)| category)
    .collect();
    let logs: Vec<String> = categories
        .iter()
        .map(|category| format!(r#"{{"category":"{category}","enabled":true}}"#))
        .collect();
    let name = setting_name(need);
    let on = |command: &str| {
        Draft::new(&format!("monitor diagnostic-settings {command}"))
            .own("--name", &name)
            .given("--resource", need.server().as_str())
            .given("--subscription", need.server().subscription())
    };
    vec![
        Fix::new(unmet, "Send the logs to a workspace", "the server › Monitoring › Diagnostic settings › Add")
            .first("Have a Log Analytics workspace: WORKSPACE_ID is its resource id. A storage account or an event hub serves as well.")
            .breaks("The workspace bills what it takes in. A server has at most five diagnostic settings.")
            .commands([on("create")
                .ask("--workspace", WORKSPACE_ID)
                .own("--logs", &format!("[{}]", logs.join(",")))])
            .undo(Undo::by([on("delete")])),
    ]
}

/// A name that no diagnostic setting of the server has: the command would replace that one.
fn setting_name(need: &Need<'_>) -> String {
    let taken: Vec<String> = need
        .items(DocumentKind::DiagnosticSettings)
        .iter()
        .filter_map(|setting| Some(setting.get("name")?.as_str()?.to_ascii_lowercase()))
        .collect();
    let is_free = |name: &String| !taken.contains(name);
    let numbered = (2..=taken.len() + 2).map(|number| format!("mysql-logs-{number}"));
    std::iter::once("mysql-logs".to_owned())
        .chain(numbered)
        .find(is_free)
        .unwrap_or_else(|| "mysql-logs".to_owned())
}
