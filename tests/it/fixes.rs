//! Fixes: every command that is offered is one that the real Azure CLI takes, and a shell reads it as it is meant.

mod cli;
mod scripts;
mod servers;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command as Process, Output};

use flexposture::documents::text::neutral;
use flexposture::documents::{Cause, DocumentKind};
use flexposture::posture::{Command, ConditionId, Fix, Judgement, Undo, fixes, script};
use serde_json::{Value, json};

use cli::{Line, Table};
use servers::{
    CONDITIONS, GROUP, NAME, SOURCE, SUBSCRIPTION, Server, WORDS_ONLY, parameter, rule, server_id,
};

/// The fixes for one condition of a server that is spoilt for it.
fn fixes_of(server: &Server, id: ConditionId) -> Vec<Fix> {
    let Some(finding) = server.finding(id) else {
        return Vec::new();
    };
    let found = fixes(&server.documents(), &server.ruleset, &finding);
    found
        .into_iter()
        .filter(|fix| fix.conditions.contains(&id))
        .collect()
}

fn spoilt(id: ConditionId) -> Server {
    let mut server = Server::new();
    server.fail(id);
    server
}

fn undo_commands(fix: &Fix) -> &[Command] {
    match &fix.undo {
        Undo::Commands { commands, .. } => commands,
        Undo::None(_) | Undo::Unread(_) => &[],
    }
}

fn lines(fix: &Fix) -> Vec<String> {
    fix.commands.iter().map(ToString::to_string).collect()
}

fn undo_lines(fix: &Fix) -> Vec<String> {
    undo_commands(fix).iter().map(ToString::to_string).collect()
}

/// A state of a server that changes what Azure takes.
type Variation = (&'static str, fn(&mut Server));

/// Every such state.
fn variations() -> Vec<Variation> {
    vec![
        ("plain", |_| {}),
        ("replica", |server| {
            server.replica();
        }),
        ("replica without a known source", |server| {
            server.set("/properties/replicationRole", "Replica");
        }),
        ("replica with a source", |server| {
            // Its own backups are not geo-redundant, those of its source are.
            server.replica();
            server.set("/properties/backup/geoRedundantBackup", "Disabled");
            server.source = Some(Box::new(Server::named(GROUP, SOURCE)));
        }),
        ("source", |server| {
            server.set("/properties/replicationRole", "Source");
        }),
        ("burstable", |server| {
            server.set("/sku/tier", "Burstable");
        }),
        ("zone-redundant", |server| {
            server.set("/properties/highAvailability/mode", "ZoneRedundant");
        }),
        ("with keys", |server| {
            server.with_keys("");
        }),
        ("with keys in a managed HSM", |server| {
            server.with_keys_in_hsm();
        }),
        ("with keys that have a version", |server| {
            server.with_keys("/0123");
        }),
        ("without geo-redundant backup", |server| {
            server.set("/properties/backup/geoRedundantBackup", "Disabled");
        }),
        ("without an Entra administrator", |server| {
            server.list(DocumentKind::Administrators, json!([]));
        }),
        ("version 8.0", |server| {
            server.set("/properties/version", "8.0.21");
        }),
        ("version 9.3", |server| {
            server.set("/properties/version", "9.3");
        }),
    ]
}

/// What is wrong with the lines of a fix.
fn faults(table: &Table, server: &Server, line: &str) -> Vec<String> {
    let parsed = match table.parse(line) {
        Ok(parsed) => parsed,
        Err(fault) => return vec![fault],
    };
    let target = target(&parsed);
    let state = match target.as_deref() {
        Some(NAME) => Some(&server.body),
        Some(SOURCE) => server.source.as_ref().map(|source| &source.body),
        _ => None,
    };
    let mut faults = table.faults(&parsed, state);
    let value = |name: &str| {
        parsed
            .options
            .get(name)
            .and_then(|it| it.first())
            .map(String::as_str)
    };
    if let Some(target) = target {
        if ![NAME, SOURCE].contains(&target.as_str()) {
            faults.push(format!("{target:?} is not the server"));
        }
        if value("--resource-group") != Some(GROUP) {
            faults.push("not the server's resource group".to_owned());
        }
    }
    if parsed.command != "rest" && value("--subscription") != Some(SUBSCRIPTION) {
        faults.push("not the subscription".to_owned());
    }
    faults
}

/// The server that a command is for, by the option that names it.
fn target(line: &Line) -> Option<String> {
    if !line.command.starts_with("mysql flexible-server ") {
        return None;
    }
    let by_server_name = ["parameter set", "ad-admin", "identity"];
    let option = if by_server_name.iter().any(|it| line.command.contains(it)) {
        "--server-name"
    } else {
        "--name"
    };
    Some(
        line.options
            .get(option)
            .and_then(|it| it.first())
            .cloned()
            .unwrap_or_default(),
    )
}

#[test]
fn every_condition_has_a_fix_with_commands_that_the_real_cli_takes() {
    let table = Table::load();
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for &id in CONDITIONS {
        for (name, vary) in variations() {
            let mut server = Server::new();
            vary(&mut server);
            server.fail(id);
            let found = fixes_of(&server, id);
            if name == "plain" && found.is_empty() {
                wrong.push(format!("{id}: no fix"));
            }
            if name == "plain"
                && found.iter().all(|fix| fix.commands.is_empty()) != WORDS_ONLY.contains(&id)
            {
                wrong.push(format!("{id}: has commands, or has none"));
            }
            for fix in &found {
                for line in lines(fix).iter().chain(&undo_lines(fix)) {
                    used.extend(table.parse(line).map(|it| it.command));
                    wrong.extend(
                        faults(&table, &server, line)
                            .into_iter()
                            .map(|it| format!("{id}, {name}: {it}\n    {line}")),
                    );
                }
            }
        }
    }
    let unused: Vec<_> = table
        .commands
        .keys()
        .filter(|it| !used.contains(*it))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(
        unused.is_empty(),
        "in the table, and no fix uses them: {unused:?}"
    );
}

#[test]
fn the_table_refuses_lines_that_the_cli_refuses() {
    let table = Table::load();
    assert!(table.version.starts_with("2."));
    let mut server = Server::new();
    server.set("/properties/network/publicNetworkAccess", "Enabled");
    let scope = format!("--resource-group {GROUP} --subscription {SUBSCRIPTION}");
    let fine =
        format!("az mysql flexible-server update --name {NAME} {scope} --public-access Disabled");
    assert_eq!(faults(&table, &server, &fine), Vec::<String>::new());
    let update = format!("az mysql flexible-server update --name {NAME} {scope}");
    let firewall = format!("az mysql flexible-server firewall-rule create --name {NAME} {scope}");
    for (line, why) in [
        (
            format!("az mysql flexible-server change --name {NAME} {scope}"),
            "no command",
        ),
        (
            format!("az mysql flexible-server update --server-name {NAME} {scope}"),
            "no option --server-name",
        ),
        (
            format!("az mysql flexible-server update {scope} --public-access Disabled"),
            "--name is required",
        ),
        (
            format!("az mysql flexible-server parameter set --name {NAME} {scope} --value ON"),
            "--server-name is required",
        ),
        (
            format!("az mysql flexible-server update --name other {scope}"),
            "is not the server",
        ),
        (
            format!(
                "az mysql flexible-server update --name {NAME} --resource-group x --subscription {SUBSCRIPTION}"
            ),
            "resource group",
        ),
        (
            format!("az mysql flexible-server update --name {NAME} --resource-group {GROUP}"),
            "subscription",
        ),
        (
            format!("{update} --public-access Closed"),
            "not to be Closed",
        ),
        (
            format!("{update} --public-access Disabled Enabled"),
            "with 2 values",
        ),
        (
            format!("{update} --public-access Disabled --public-access Disabled"),
            "given twice",
        ),
        (format!("{update} --name 'a"), "a quote is open"),
        (format!("{update} --key k"), "come together"),
        (
            format!("{update} --backup-key k --backup-identity i"),
            "--backup-identity needs --identity",
        ),
        (
            format!("{update} --key k --identity i --disable-data-encryption true"),
            "exclude each other",
        ),
        // The server of this test has geo-redundant backups.
        (format!("{update} --key k --identity i"), "refused while"),
        (
            format!("{update} --backup-retention 36"),
            "not from 1 to 35",
        ),
        (
            format!("{update} --maintenance-window Sunday:02:00"),
            "maintenance-window",
        ),
        (
            format!("{update} --maintenance-window Sun:24:00"),
            "maintenance-window",
        ),
        (
            format!("{update} --maintenance-window Sun:02:00 --storage-auto-grow Enabled"),
            "drops what is beside it",
        ),
        (
            format!("{firewall} --rule-name half.open"),
            "firewall-rule-name",
        ),
        (
            format!("{firewall} --rule-name a --start-ip-address 1.2.3"),
            "ipv4",
        ),
        (
            format!("{firewall} --rule-name a --start-ip-address @file"),
            "no-file",
        ),
        (
            format!(
                "az tag update --operation Merge --resource-id x --subscription {SUBSCRIPTION} --tags a=@file"
            ),
            "no-file",
        ),
        (
            format!(
                "az security pricing create --name x --tier Gold --subscription {SUBSCRIPTION}"
            ),
            "not to be Gold",
        ),
        (
            format!(
                "az lock create --name x --lock-type CanNotDelete --resource x --subscription {SUBSCRIPTION}"
            ),
            "needs --resource-type",
        ),
    ] {
        let found = faults(&table, &server, &line);
        assert!(found.iter().any(|it| it.contains(why)), "{line}: {found:?}");
    }
    for (spoil, line) in [
        (
            ("/properties/replicationRole", "Replica"),
            format!("{update} --key k --identity i --backup-key k --backup-identity i"),
        ),
        (
            ("/properties/replicationRole", "Source"),
            format!("{update} --storage-auto-grow Disabled"),
        ),
        (
            ("/sku/tier", "Burstable"),
            format!("{update} --high-availability SameZone"),
        ),
        (
            ("/properties/network/publicNetworkAccess", "Disabled"),
            format!("{firewall} --rule-name a"),
        ),
    ] {
        let mut spoilt = server.clone();
        assert_eq!(
            faults(&table, &spoilt, &line),
            Vec::<String>::new(),
            "{line}"
        );
        spoilt.set(spoil.0, spoil.1);
        let found = faults(&table, &spoilt, &line);
        assert!(
            found.iter().any(|it| it.contains("refused while")),
            "{line}: {found:?}"
        );
    }
    for refusal in &table.refusals {
        assert!(
            refusal.command == "*" || table.commands.contains_key(&refusal.command),
            "{}",
            refusal.command
        );
        assert!(refusal.source.contains(':'), "{}", refusal.source);
    }
}

#[test]
fn what_is_unread_manual_or_out_of_play_has_no_fix() {
    for &id in CONDITIONS {
        let server = spoilt(id);
        let finding = server.finding(id).expect("unmet");
        for judgement in [
            Judgement::Met,
            Judgement::Unread(Cause::TimedOut),
            Judgement::Manual("what".to_owned()),
            Judgement::NotApplicable("why".to_owned()),
        ] {
            let mut finding = finding.clone();
            for condition in &mut finding.conditions {
                condition.judgement = judgement.clone();
            }
            assert_eq!(
                fixes(&server.documents(), &server.ruleset, &finding),
                [],
                "{id} {judgement:?}"
            );
        }
    }
}

#[test]
fn a_fix_answers_only_for_what_is_unmet() {
    for &id in CONDITIONS {
        let server = spoilt(id);
        let finding = server.finding(id).expect("unmet");
        let unmet: Vec<_> = finding
            .conditions
            .iter()
            .filter(|it| it.is_unmet())
            .map(|it| it.id)
            .collect();
        for fix in fixes(&server.documents(), &server.ruleset, &finding) {
            assert!(!fix.conditions.is_empty());
            for condition in &fix.conditions {
                assert!(unmet.contains(condition), "{id}: {:?}", fix.conditions);
            }
        }
    }
}

/// What a person reads of one fix, with every command on a line of its own.
fn picture(fix: &Fix) -> String {
    let mut text = String::new();
    let mark = if fix.alternative { "or: " } else { "" };
    let _ = writeln!(
        text,
        "## {} — {mark}{}",
        fix.conditions.join(", "),
        fix.title
    );
    for line in &fix.first {
        let _ = writeln!(text, "first: {line}");
    }
    for command in &fix.commands {
        let _ = writeln!(text, "{command}");
        if let Some(note) = command.note {
            let _ = writeln!(text, "  ({note})");
        }
    }
    if fix.restarts {
        text.push_str("the server restarts\n");
    }
    if let Some(breaks) = &fix.breaks {
        let _ = writeln!(text, "breaks: {breaks}");
    }
    let _ = match &fix.undo {
        Undo::Commands { commands, note } => {
            let _ = writeln!(text, "undo: {}", note.as_deref().unwrap_or_default());
            write!(
                text,
                "{}",
                commands
                    .iter()
                    .map(|it| format!("{it}\n"))
                    .collect::<String>()
            )
        }
        Undo::None(why) => writeln!(text, "no undo: {why}"),
        Undo::Unread(what) => writeln!(text, "undo not known: {what}"),
    };
    let _ = writeln!(text, "portal: {}", fix.portal);
    text
}

/// Also what `.github/azure_cli_table.py check` gives to the real CLI.
#[test]
fn the_fixes_of_every_condition_as_a_person_reads_them() {
    let mut text = String::new();
    for &id in CONDITIONS {
        for fix in fixes_of(&spoilt(id), id) {
            text.push_str(&picture(&fix));
            text.push('\n');
        }
    }
    for (id, vary) in [
        ("entra-admin", "replica"),
        ("cmk", "replica"),
        ("entra-only", "without an Entra administrator"),
    ] {
        let mut server = Server::new();
        let (_, change) = variations()
            .into_iter()
            .find(|(name, _)| *name == vary)
            .expect("a variation");
        change(&mut server);
        server.fail(id);
        for fix in fixes_of(&server, id) {
            let _ = writeln!(text, "# {vary}\n{}", picture(&fix));
        }
    }
    insta::assert_snapshot!("every-condition", text);
}

#[test]
fn entra_comes_before_entra_only() {
    let mut server = spoilt("entra-only");
    server.list(DocumentKind::Administrators, json!([]));
    let found = fixes_of(&server, "entra-only");
    let all: Vec<String> = found.iter().flat_map(lines).collect();
    let steps = ["identity assign", "ad-admin create", "parameter set"];
    assert_eq!(all.len(), steps.len(), "{all:?}");
    for (line, step) in all.iter().zip(steps) {
        assert!(line.contains(step), "{line}");
    }
    let first = found[0].first.join(" ");
    for right in [
        "User.Read.All",
        "GroupMember.Read.All",
        "Application.Read.All",
    ] {
        assert!(first.contains(right), "{first}");
    }
}

#[test]
fn on_a_replica_the_administrator_and_the_key_go_to_its_source_and_the_rest_does_not() {
    for (id, name) in [
        ("entra-admin", SOURCE),
        ("cmk", SOURCE),
        ("key-unversioned", SOURCE),
        ("require-tls", NAME),
        ("entra-only", NAME),
    ] {
        let mut server = spoilt(id);
        server.replica();
        for fix in fixes_of(&server, id) {
            for line in lines(&fix) {
                assert!(line.contains(&format!("name {name} ")), "{id}: {line}");
            }
            assert_eq!(
                fix.first.iter().any(|it| it.contains(SOURCE)),
                name == SOURCE,
                "{id}: {:?}",
                fix.first
            );
        }
        server.set("/properties/sourceServerResourceId", Value::Null);
        for fix in fixes_of(&server, id).iter().filter(|_| name == SOURCE) {
            assert_eq!(lines(fix), Vec::<String>::new(), "{id}");
            assert!(
                fix.first.iter().any(|it| it.contains("was not read")),
                "{id}: {:?}",
                fix.first
            );
        }
    }
}

#[test]
fn keys_of_a_replica_are_never_repeated_for_a_source_that_was_not_read() {
    for id in ["geo-cmk", "key-unversioned", "geo-key-unversioned"] {
        let mut server = spoilt(id);
        server.replica();
        let found = fixes_of(&server, id);
        assert!(!found.is_empty(), "{id}");
        for fix in &found {
            assert_eq!(lines(fix), Vec::<String>::new(), "{id}");
            let told = fix.first.iter().any(|it| it.contains("were not read"));
            assert!(told, "{id}: {:?}", fix.first);
        }
        let source = server_id(GROUP, SOURCE);
        let mut read = spoilt(id);
        read.id = source;
        server.source = Some(Box::new(read));
        for fix in fixes_of(&server, id) {
            assert!(!lines(&fix).is_empty(), "{id}: {:?}", fix.first);
        }
    }
}

#[test]
fn a_key_that_is_enabled_and_not_yet_valid_is_neither_enabled_nor_put_back() {
    for (id, kind) in [
        ("key-enabled", DocumentKind::EncryptionKey),
        ("geo-key-enabled", DocumentKind::GeoEncryptionKey),
    ] {
        let mut server = spoilt(id);
        server.change(kind, "/properties/attributes/enabled", true);
        server.change(kind, "/properties/attributes/nbf", 1_900_000_000);
        let found = fixes_of(&server, id);
        assert_eq!(found.len(), 1, "{id}");
        assert_eq!(lines(&found[0]), Vec::<String>::new(), "{id}");
        assert_eq!(undo_lines(&found[0]), Vec::<String>::new(), "{id}");
        assert!(
            found[0].first.iter().any(|it| it.contains("2030-03-17")),
            "{id}: {:?}",
            found[0].first
        );
    }
}

#[test]
fn a_parameter_goes_back_to_what_it_was() {
    let value = |line: &str| {
        line.split_once("--value ")
            .map(|(_, value)| value.to_owned())
    };
    let fix = &fixes_of(&spoilt("tls-min"), "tls-min")[0];
    assert_eq!(value(&lines(fix)[0]).as_deref(), Some("TLSv1.2"));
    assert!(lines(fix)[1].contains("flexible-server restart") && fix.restarts);
    assert_eq!(value(&undo_lines(fix)[0]).as_deref(), Some("TLSv1,TLSv1.2"));
    assert!(undo_lines(fix)[1].contains("flexible-server restart"));

    // Azure's own default comes back as the default, not as somebody's choice.
    let mut server = Server::new();
    let mut default = parameter("local_infile", "ON", "True");
    default["properties"]["source"] = json!("system-default");
    server.parameter(default);
    let fix = &fixes_of(&server, "local-infile")[0];
    assert!(!fix.restarts);
    assert!(
        undo_lines(fix)[0].ends_with("--name local_infile"),
        "{:?}",
        undo_lines(fix)
    );

    // What waits for a restart needs nothing but the restart.
    let mut waits = parameter("tls_version", "TLSv1", "False");
    waits["properties"]["value"] = json!("TLSv1.2");
    waits["properties"]["isConfigPendingRestart"] = json!("True");
    server.parameter(waits);
    let fix = &fixes_of(&server, "tls-min")[0];
    assert_eq!(lines(fix).len(), 1);
    assert!(lines(fix)[0].contains("flexible-server restart"));
    assert_eq!(value(&undo_lines(fix)[0]).as_deref(), Some("TLSv1"));

    let mut read_only = parameter("tls_version", "TLSv1", "True");
    read_only["properties"]["isReadOnly"] = json!("True");
    server.parameter(read_only);
    let fix = &fixes_of(&server, "tls-min")[0];
    assert!(!fix.restarts, "Azure says that it needs none");
    assert!(fix.first[0].contains("read-only"));
}

#[test]
fn bad_firewall_rules_go_one_by_one_and_come_back_with_their_range() {
    let server = spoilt("fw-world");
    let fix = &fixes_of(&server, "fw-world")[0];
    assert_eq!(fix.conditions, ["fw-world", "fw-wide", "fw-azure"]);
    let deleted: Vec<_> = lines(fix)
        .iter()
        .map(|it| {
            it.split("--rule-name ")
                .nth(1)
                .unwrap_or_default()
                .to_owned()
        })
        .collect();
    assert_eq!(
        deleted,
        [
            "AllowAllAzureServicesAndResourcesWithinAzureIps_2024-1-1_0-0-0 --yes",
            "AllowAll_2024-1-1_0-0-0 --yes"
        ]
    );
    // The CLI refuses the name of the third one; the small rule for the office stays.
    assert!(
        fix.first
            .iter()
            .any(|it| it.contains("half.open") && it.contains("1.0.0.0 to 100.0.0.0"))
    );
    assert!(
        undo_lines(fix)[1].ends_with("--start-ip-address 0.0.0.0 --end-ip-address 255.255.255.255")
    );

    let mut server = spoilt("fw-wide");
    server.list(
        DocumentKind::FirewallRules,
        json!([
            rule("office", "198.51.100.0", "198.51.100.255"),
            rule("partner", "203.0.113.0", "203.0.113.127"),
        ]),
    );
    let fix = &fixes_of(&server, "fw-wide")[0];
    assert_eq!(
        lines(fix).len(),
        1,
        "without the widest few enough are left: {:?}",
        lines(fix)
    );
    assert!(lines(fix)[0].contains("--rule-name office "));
}

#[test]
fn rules_are_deleted_before_the_public_endpoint_is_closed_and_an_endpoint_made_before() {
    let order = |id: ConditionId| -> Vec<String> {
        let server = spoilt(id);
        let finding = server.finding(id).expect("unmet");
        fixes(&server.documents(), &server.ruleset, &finding)
            .iter()
            .flat_map(lines)
            .collect()
    };
    let lines = order("fw-world");
    assert!(lines[0].contains("firewall-rule delete"));
    assert!(
        lines
            .last()
            .is_some_and(|it| it.contains("--public-access Disabled"))
    );
    let lines = order("private-path");
    assert!(
        lines[0].contains("private-endpoint create") && lines[0].contains("--group-id mysqlServer")
    );
    assert!(
        lines
            .last()
            .is_some_and(|it| it.contains("--public-access Disabled"))
    );
}

#[test]
fn a_version_goes_up_one_step_and_not_where_the_cli_refuses() {
    let finding = spoilt("supported-version")
        .finding("supported-version")
        .expect("unmet");
    let found = |version: &str, tier: &str, role: &str| {
        let mut server = Server::new();
        server
            .set("/properties/version", version)
            .set("/sku/tier", tier);
        server.set("/properties/replicationRole", role);
        fixes(&server.documents(), &server.ruleset, &finding).remove(0)
    };
    for (version, next) in [("5.7", "8"), ("8.0.21", "8.4")] {
        let fix = found(version, "GeneralPurpose", "Source");
        assert!(
            lines(&fix)[0].ends_with(&format!("--version {next}")),
            "{:?}",
            lines(&fix)
        );
        assert!(fix.restarts && matches!(fix.undo, Undo::None(_)));
        assert!(fix.first.iter().any(|it| it.contains("replicas first")));
        assert_eq!(
            lines(&found(version, "Burstable", "None")),
            Vec::<String>::new()
        );
    }
    for version in ["8.4", "9.3", "", "x"] {
        assert_eq!(
            lines(&found(version, "GeneralPurpose", "None")),
            Vec::<String>::new(),
            "{version}"
        );
    }
}

#[test]
fn a_stopped_server_is_started_before_it_is_changed() {
    for (id, changes) in [("require-tls", true), ("required-tags", false)] {
        let mut server = spoilt(id);
        server.set("/properties/state", "Stopped");
        let fix = &fixes_of(&server, id)[0];
        assert_eq!(
            fix.first
                .first()
                .is_some_and(|it| it.contains("Start it first")),
            changes,
            "{id}"
        );
    }
}

#[test]
fn what_was_not_read_has_no_way_back() {
    let mut server = spoilt("retention");
    server.set("/properties/backup/backupRetentionDays", Value::Null);
    let mut finding = spoilt("retention").finding("retention").expect("unmet");
    finding.conditions.retain(|it| it.id == "retention");
    let found = fixes(&server.documents(), &server.ruleset, &finding);
    assert!(
        matches!(found[0].undo, Undo::Unread(_)),
        "{:?}",
        found[0].undo
    );
}

/// Runs a shell in an empty folder, and asserts that it is empty afterwards.
fn shell(text: &str, variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Process::new("sh")
        .args(["-c", text])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(variables.iter().copied())
        .output()
        .expect("a shell");
    let left: Vec<_> = Path::read_dir(folder.path()).expect("the folder").collect();
    assert!(left.is_empty(), "{text} made {left:?}");
    output
}

/// Every variable of the commands, with a value that needs its quotes.
fn variables(commands: &[Command]) -> Vec<(String, String)> {
    let names = commands
        .iter()
        .flat_map(|it| &it.words)
        .flat_map(|it| it.variables());
    names
        .map(|it| (it.name.to_string(), "a value".to_owned()))
        .collect()
}

const HOSTILE: &[&str] = &[
    "it's",
    "$(touch made)",
    "`touch made`",
    "a;touch made",
    "a && touch made",
    "a\"b",
    "${HOME}",
    "*",
    "~",
    "!!",
    "a b",
    "(rg)",
    "-x",
    "--yes",
    ">made",
    "'; touch made; '",
    "名前 é",
];

#[test]
fn a_real_shell_reads_hostile_names_as_names() {
    let mut seen = 0;
    for hostile in HOSTILE {
        for &id in CONDITIONS {
            let mut server = Server::named(hostile, NAME);
            server.fail(id);
            for fix in fixes_of(&server, id) {
                for command in fix.commands.iter().chain(undo_commands(&fix)) {
                    let variables = variables(std::slice::from_ref(command));
                    let set: Vec<_> = variables
                        .iter()
                        .map(|(name, value)| (name.as_str(), value.as_str()))
                        .collect();
                    let line = command.to_string();
                    let output = shell(&format!("printf '%s\\n' {line}"), &set);
                    assert!(output.status.success(), "{line}: {output:?}");
                    let words = String::from_utf8(output.stdout).expect("text");
                    let meant: Vec<String> = shlex::split(&line)
                        .expect("words")
                        .into_iter()
                        .map(|word| match word.split_once("${") {
                            Some((before, rest))
                                if set.iter().any(|(name, _)| rest.starts_with(name)) =>
                            {
                                format!("{before}a value")
                            }
                            _ => word,
                        })
                        .collect();
                    assert_eq!(words.lines().collect::<Vec<_>>(), meant, "{line}");
                    let named = words
                        .lines()
                        .any(|it| it == *hostile || it == format!("--resource-group={hostile}"));
                    seen += usize::from(named);
                }
            }
        }
    }
    assert!(
        seen > HOSTILE.len() * 20,
        "only {seen} commands named the resource group"
    );
}

#[test]
fn names_that_deceive_or_that_the_cli_would_open_as_a_file_make_no_command() {
    for name in ["a\u{202e}b", "a\u{200b}b", "@/etc/hostname", "[1]", "'x'"] {
        for &id in CONDITIONS {
            let mut server = Server::named(name, NAME);
            server.fail(id);
            for fix in fixes_of(&server, id) {
                for command in fix.commands.iter().chain(undo_commands(&fix)) {
                    let line = command.to_string();
                    let words = shlex::split(&line).expect("words");
                    assert!(
                        !words.iter().any(|word| word.starts_with(name)),
                        "{id}: {line}"
                    );
                    assert_eq!(neutral(&line), line.as_str());
                }
            }
        }
        let mut server = Server::named(name, NAME);
        server.fail("require-tls");
        let fix = &fixes_of(&server, "require-tls")[0];
        assert!(
            fix.commands.is_empty() && fix.first.iter().any(|it| it.contains("Use the portal"))
        );
    }
    let mut server = Server::new();
    server.parameter(parameter(
        "audit_log_include_users",
        "@/etc/hostname",
        "True",
    ));
    let fix = &fixes_of(&server, "audit-users")[0];
    assert_eq!(fix.commands.len(), 1);
    assert!(matches!(fix.undo, Undo::None(_)), "{:?}", fix.undo);
}

#[test]
fn what_a_person_reads_is_neutral() {
    for &id in CONDITIONS {
        let mut server = Server::named(GROUP, "db\u{202e}x");
        server.fail(id).replica();
        server.set(
            "/properties/sourceServerResourceId",
            server_id(GROUP, "s\u{202e}x"),
        );
        server.set("/properties/state", "Stop\u{1b}[31mped");
        for fix in fixes_of(&server, id) {
            let text = picture(&fix).replace('\n', " ");
            assert_eq!(neutral(&text), text.as_str(), "{id}");
        }
    }
}

#[test]
fn nothing_runs_while_a_variable_is_not_set() {
    let az = "az() { printf 'ran %s\\n' \"$2\"; }\n";
    for id in ["private-path", "entra-admin", "cmk", "audit-exported"] {
        for fix in fixes_of(&spoilt(id), id) {
            let variables = variables(&fix.commands);
            let Some((name, _)) = variables.first() else {
                continue;
            };
            let text = format!("{az}{}", script(&fix.commands));
            let set: Vec<_> = variables
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            let whole = shell(&text, &set);
            assert!(whole.status.success(), "{text}: {whole:?}");
            assert_eq!(
                String::from_utf8_lossy(&whole.stdout).lines().count(),
                fix.commands.len()
            );
            for missing in [&[][..], &[(name.as_str(), "")]] {
                let output = shell(&text, missing);
                assert!(
                    !output.status.success() && output.stdout.is_empty(),
                    "{text}: {output:?}"
                );
                assert!(
                    String::from_utf8_lossy(&output.stderr).contains("set it to"),
                    "{output:?}"
                );
            }
        }
    }
}

#[test]
fn a_script_stops_at_the_first_failure() {
    let fix = &fixes_of(&spoilt("tls-min"), "tls-min")[0];
    let text = format!(
        "az() {{ printf 'ran\\n'; return 1; }}\n{}",
        script(&fix.commands)
    );
    let output = shell(&text, &[]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "ran\n");
}
