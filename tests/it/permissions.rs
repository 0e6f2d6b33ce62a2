//! Which permissions would turn what is unknown into answers.

use std::collections::BTreeSet;

use flexposture::documents::{Cause, CauseKind, DocumentKind, Outcome};
use flexposture::posture::permissions::{
    MissingAction, PermissionReport, Permissions, all_actions, role_of_everything,
};
use flexposture::posture::{Judgement, Ruleset, judge};
use flexposture::report::{PermissionsRecord, write_permissions};
use serde_json::{Value, json};

use crate::made_up::{MadeUp, id};

fn report(servers: impl IntoIterator<Item = MadeUp>) -> PermissionReport {
    let mut permissions = Permissions::default();
    for server in servers {
        let documents = server.documents();
        permissions.add(&documents, &judge(&documents, &Ruleset::default()));
    }
    permissions.finish()
}

fn actions(missing: &[MissingAction]) -> BTreeSet<&str> {
    missing.iter().map(|it| it.action.as_str()).collect()
}

/// What is read beside the server itself, and answers with a refusal when it is denied.
fn deniable() -> Vec<DocumentKind> {
    DocumentKind::ALL
        .into_iter()
        .filter(|kind| *kind != DocumentKind::Server && !kind.is_silent())
        .collect()
}

fn everything_denied(subscription: &str, name: &str) -> MadeUp {
    with_access(subscription, name, "Disabled")
}

fn with_access(subscription: &str, name: &str, access: &str) -> MadeUp {
    let server = MadeUp::new(subscription, name).server(json!({
        "state": "Ready",
        "version": "8.0.21",
        "network": {
            "publicNetworkAccess": access,
            "delegatedSubnetResourceId": null
        },
        "dataEncryption": {
            "type": "AzureKeyVault",
            "primaryKeyURI": "https://kv.vault.azure.net/keys/k/1",
            "geoBackupKeyURI": "https://kv2.vault.azure.net/keys/k"
        },
        "backup": {"backupRetentionDays": 14, "geoRedundantBackup": "Enabled"}
    }));
    let scope = id(subscription, name);
    let server = deniable()
        .into_iter()
        .fold(server, |server, kind| server.denied(kind, &scope));
    server
        .list(DocumentKind::PolicyStates, json!([]))
        .list(DocumentKind::PolicyExemptions, json!([]))
        .read(DocumentKind::PolicyVisibility, json!({"states": 0}))
}

#[test]
fn with_every_child_denied_nothing_that_reads_one_is_answered() {
    let denied = deniable();
    for access in ["Disabled", "Enabled"] {
        let documents = with_access("s1", "db", access).documents();
        let mut open = 0;
        for condition in judge(&documents, &Ruleset::default())
            .into_iter()
            .flat_map(|finding| finding.conditions)
        {
            // Public access that is on decides this one by itself, whatever endpoints there are.
            if (access, condition.id) == ("Enabled", "private-path") {
                continue;
            }
            let reads_denied = condition
                .evidence
                .iter()
                .any(|evidence| denied.contains(&evidence.document));
            if reads_denied {
                open += 1;
                assert!(
                    !matches!(condition.judgement, Judgement::Met | Judgement::Unmet),
                    "{access}, {}: {:?}",
                    condition.id,
                    condition.judgement
                );
            }
        }
        assert!(open > 5, "only {open} conditions read a denied child");
    }
}

#[test]
fn the_report_names_exactly_the_denied_actions_and_silent_lists_as_possibly_missing() {
    let report = report([everything_denied("s1", "db")]);
    let expected: BTreeSet<&str> = deniable().into_iter().map(DocumentKind::action).collect();
    assert_eq!(actions(&report.denied), expected);
    let silent = BTreeSet::from([
        DocumentKind::PolicyStates.action(),
        DocumentKind::PolicyExemptions.action(),
    ]);
    assert_eq!(actions(&report.possibly), silent);

    let by_action = |action: &str| {
        let all = report.denied.iter().chain(&report.possibly);
        all.into_iter()
            .find(|it| it.action == action)
            .unwrap_or_else(|| panic!("{action}"))
    };
    let parameters = by_action(DocumentKind::Configurations.action());
    for condition in ["require-tls", "tls-min", "entra-only"] {
        assert!(parameters.conditions.contains(condition), "{condition}");
    }
    assert!(!parameters.conditions.contains("backup-recent"));
    let states = by_action(DocumentKind::PolicyStates.action());
    assert_eq!(states.conditions, BTreeSet::from(["policy-reports"]));
    assert!(
        by_action(DocumentKind::PolicyExemptions.action())
            .conditions
            .is_empty()
    );
}

#[test]
fn what_several_servers_share_is_counted_once_and_also_by_server() {
    let plan =
        "/subscriptions/S1/providers/Microsoft.Security/pricings/OpenSourceRelationalDatabases";
    let lockbox = "/providers/Microsoft.CustomerLockbox/tenantOptedIn/t1";
    let report = report(
        [("s1", "a"), ("s1", "b"), ("s2", "c")].map(|(subscription, name)| {
            MadeUp::new(subscription, name)
                .denied(
                    DocumentKind::DefenderPlan,
                    &plan.replace("S1", subscription),
                )
                .denied(DocumentKind::CustomerLockbox, lockbox)
                .denied(DocumentKind::Backups, &id(subscription, name))
        }),
    );
    let counts = |kind: DocumentKind| {
        let missing = report
            .denied
            .iter()
            .find(|it| it.action == kind.action())
            .expect("a denied action");
        (missing.things(), missing.servers, missing.subscriptions())
    };
    assert_eq!(counts(DocumentKind::DefenderPlan), (2, 3, 2));
    assert_eq!(counts(DocumentKind::CustomerLockbox), (1, 3, 0));
    assert_eq!(counts(DocumentKind::Backups), (3, 3, 2));
}

#[test]
fn the_role_is_what_the_azure_cli_takes_and_holds_no_more_than_reads() {
    let with_action = |name: &str, action: &str, scope: &str| {
        MadeUp::new("11-aa", name).with(
            DocumentKind::Locks,
            None,
            Outcome::Unread(Cause::Denied {
                action: action.to_owned(),
                scope: scope.to_owned(),
            }),
        )
    };
    let report = report([
        everything_denied("11-aa", "a"),
        everything_denied("22-bb", "b"),
        // What Azure, or whoever answers in its place, names is not taken on trust.
        with_action("c", "*", "/subscriptions/11-aa"),
        with_action(
            "d",
            "Microsoft.Authorization/roleAssignments/write",
            "/subscriptions/11-aa",
        ),
        with_action(
            "e",
            "Microsoft.Authorization/*/read",
            "/subscriptions/11-aa",
        ),
        with_action(
            "f",
            "microsoft.authorization/locks/READ",
            "/subscriptions/33-cc/x/y",
        ),
    ]);
    let proposal = report.role();
    let role = serde_json::to_value(proposal.role.expect("a role")).expect("JSON");
    let members: BTreeSet<&str> = role
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        members,
        BTreeSet::from([
            "Name",
            "IsCustom",
            "Description",
            "Actions",
            "NotActions",
            "DataActions",
            "NotDataActions",
            "AssignableScopes"
        ])
    );
    assert_eq!(role["IsCustom"], true);
    for empty in ["NotActions", "DataActions", "NotDataActions"] {
        assert_eq!(role[empty], json!([]), "{empty}");
    }
    assert_eq!(
        role["AssignableScopes"],
        json!([
            "/subscriptions/11-aa",
            "/subscriptions/22-bb",
            "/subscriptions/33-cc"
        ])
    );
    let mut expected: Vec<String> = deniable()
        .into_iter()
        .chain([DocumentKind::PolicyStates, DocumentKind::PolicyExemptions])
        .filter(|kind| *kind != DocumentKind::CustomerLockbox)
        .map(|kind| kind.action().to_lowercase())
        .collect();
    expected.sort();
    expected.dedup();
    let written: Vec<String> = role["Actions"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_lowercase)
        .collect();
    assert_eq!(written, expected, "sorted, each once, in whatever casing");
    let left_out: Vec<&str> = proposal
        .left_out
        .iter()
        .map(|it| it.action.as_str())
        .collect();
    assert_eq!(
        left_out,
        [
            "*",
            "Microsoft.Authorization/*/read",
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.CustomerLockbox/tenantOptedIn/read"
        ]
    );
}

#[test]
fn what_no_permission_would_have_helped_stands_apart() {
    let report = report([
        MadeUp::new("s1", "stopped")
            .server(json!({"state": "Stopped", "network": {"publicNetworkAccess": "Disabled"}}))
            .unread(DocumentKind::Configurations, Cause::ServerStopped)
            .unread(DocumentKind::Administrators, Cause::ServerStopped),
        MadeUp::new("s1", "slow").unread(DocumentKind::Server, Cause::Throttled),
    ]);
    assert_eq!((report.denied.len(), report.possibly.len()), (0, 0));
    assert_eq!(report.role().role, None);
    let of = |kind: CauseKind| {
        report
            .others
            .iter()
            .find(|it| it.kind == kind)
            .unwrap_or_else(|| panic!("{kind:?}"))
    };
    let stopped = of(CauseKind::ServerStopped);
    assert_eq!(stopped.servers, 1);
    assert!(stopped.conditions.contains("require-tls"));
    assert!(stopped.open_conditions >= stopped.conditions.len());
    assert_eq!(of(CauseKind::Throttled).servers, 1);
    let mut text = Vec::new();
    write_permissions(&mut text, &PermissionsRecord::new(&report)).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("start the server, then scan again"), "{text}");
    assert!(!text.contains("AssignableScopes"), "{text}");
}

#[test]
fn a_silent_list_that_shows_something_in_the_subscription_misses_nothing() {
    let server = |subscription: &str, name: &str, rows: Value, states: u32| {
        MadeUp::new(subscription, name)
            .list(DocumentKind::PolicyExemptions, rows)
            .list(DocumentKind::PolicyStates, json!([]))
            .read(DocumentKind::PolicyVisibility, json!({ "states": states }))
    };
    let report = report([
        server("s1", "a", json!([]), 7),
        server("s1", "b", json!([{"id": "e"}]), 7),
        server("s2", "c", json!([]), 7),
    ]);
    assert!(report.denied.is_empty());
    let places: Vec<_> = report
        .possibly
        .iter()
        .map(|it| {
            (
                it.action.as_str(),
                it.places[0].subscription.as_deref(),
                it.servers,
            )
        })
        .collect();
    assert_eq!(
        places,
        [(DocumentKind::PolicyExemptions.action(), Some("s2"), 1)]
    );
}

#[test]
fn a_vault_that_no_list_shows_needs_the_actions_of_what_the_server_names() {
    let of = |uri: &str| {
        let documents = MadeUp::new("s1", "db").server(json!({
            "dataEncryption": {"type": "AzureKeyVault", "primaryKeyURI": uri}
        }));
        let server = [DocumentKind::KeyVault, DocumentKind::EncryptionKey]
            .into_iter()
            .fold(documents, |server, kind| {
                server.with(kind, Some("vault kv"), Outcome::Unread(Cause::NotVisible))
            });
        report([server])
            .possibly
            .iter()
            .map(|it| it.action.clone())
            .collect::<Vec<_>>()
    };
    let vault = "Microsoft.KeyVault/vaults/";
    let hsm = "Microsoft.KeyVault/managedHSMs/";
    assert_eq!(
        of("https://kv.vault.azure.net/keys/k"),
        [format!("{vault}keys/read"), format!("{vault}read")]
    );
    assert_eq!(
        of("https://kv.vault.azure.net/keys/k/1"),
        [format!("{vault}keys/versions/read"), format!("{vault}read")]
    );
    assert_eq!(
        of("https://kv.managedhsm.azure.net/keys/k/1"),
        [format!("{hsm}keys/versions/read"), format!("{hsm}read")]
    );
}

#[test]
fn the_role_of_everything_holds_every_action_but_those_of_the_tenant() {
    let all = all_actions();
    for kind in DocumentKind::ALL {
        assert!(all.contains(&kind.action()), "{kind:?}");
    }
    let proposal = role_of_everything(vec!["/subscriptions/s1".to_owned()]);
    let role = proposal.role.expect("a role");
    let mut both: Vec<&str> = role.actions.iter().map(String::as_str).collect();
    both.extend(proposal.left_out.iter().map(|it| it.action.as_str()));
    both.sort_by_key(|action| action.to_lowercase());
    assert_eq!(both, all);
    assert_eq!(
        proposal.left_out[0].action,
        DocumentKind::CustomerLockbox.action()
    );
    assert_eq!(role.assignable_scopes, ["/subscriptions/s1"]);
}
