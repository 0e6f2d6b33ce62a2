//! Every JSON that a command writes, held against its published schema.

use std::process::Stdio;

use flexposture::cli;
use flexposture::report::DocumentKind;
use flexposture::simulator::{Faults, Fleet, FleetOptions};
use serde_json::Value;

use crate::home::{Home, in_days};
use crate::report_forms::{check, validator};
use crate::support::{fleet, simulate, unlimited};

/// Asserts that a document is what its schema says, and says which schema that is.
pub fn is(kind: DocumentKind, document: &Value) {
    let schema = validator(kind.schema());
    check(&schema, document, kind.word());
    let version = Value::from(kind.version());
    match document {
        Value::Array(items) => {
            for item in items {
                assert_eq!(item["schema_version"], version, "{kind}");
            }
        }
        document => {
            assert_eq!(document["$schema"], kind.schema_id(), "{kind}");
            assert_eq!(document["schema_version"], version, "{kind}");
        }
    }
}

/// The commands with an option `--json`, as they are typed.
fn commands_with_json(command: &clap::Command, path: &str, found: &mut Vec<String>) {
    if command
        .get_arguments()
        .any(|it| it.get_long() == Some("json"))
    {
        found.push(path.to_owned());
    }
    for below in command.get_subcommands() {
        commands_with_json(below, &format!("{path} {}", below.get_name()), found);
    }
}

#[test]
fn every_command_that_writes_json_has_a_published_schema() {
    let mut found = Vec::new();
    commands_with_json(&cli::command(), "flexposture", &mut found);
    assert!(found.len() > 12, "{found:?}");
    for command in found {
        // What is asked for in two ways is one document.
        let asked = match command.as_str() {
            "flexposture scans list" => "flexposture scans --json".to_owned(),
            "flexposture baseline import" => "flexposture baseline references --json".to_owned(),
            "flexposture diff" => "flexposture diff --format json".to_owned(),
            "flexposture scan" => "flexposture scan --plan --json".to_owned(),
            command => format!("{command} --json"),
        };
        let published = DocumentKind::ALL
            .iter()
            .any(|kind| kind.written_by() == asked);
        assert!(published, "{asked} has no schema in assets/schema");
    }
}

/// Every object of a schema that lists its members.
fn objects<'a>(schema: &'a Value, found: &mut Vec<&'a Value>) {
    match schema {
        Value::Object(members) => {
            if schema["type"] == "object" && schema["properties"].is_object() {
                found.push(schema);
            }
            members.values().for_each(|it| objects(it, found));
        }
        Value::Array(items) => items.iter().for_each(|it| objects(it, found)),
        _ => {}
    }
}

#[test]
fn a_schema_names_itself_and_leaves_no_object_open() {
    let meta = jsonschema::meta::options();
    for kind in DocumentKind::ALL {
        let schema: Value = serde_json::from_str(kind.schema()).expect("JSON");
        assert!(meta.is_valid(&schema), "{kind}");
        assert_eq!(schema["$id"], kind.schema_id());
        let command = format!("`{}", kind.written_by());
        let words = schema["description"].as_str().expect("words");
        assert!(words.contains(&command), "{kind}: {words}");
        let mut found = Vec::new();
        objects(&schema, &mut found);
        assert!(!found.is_empty(), "{kind}");
        for object in found {
            assert_eq!(object["additionalProperties"], false, "{kind}: {object}");
        }
    }
}

#[tokio::test]
async fn what_commands_write_is_what_their_schemas_say() {
    let home = Home::new();
    let nothing = home.run(&["permissions", "--json"]).await.json();
    is(DocumentKind::AllPermissions, &nothing);
    is(
        DocumentKind::Scans,
        &home.run(&["scans", "--json"]).await.json(),
    );
    let fleet = Fleet::generate(&FleetOptions {
        servers: 120,
        ..FleetOptions::new(jiff::Timestamp::now())
    });
    let running = simulate(fleet, unlimited(Faults::none())).await;
    let endpoint = running.endpoint();
    home.set(
        "config.toml",
        "[thresholds]\nmin_backup_retention_days = 30\nrequired_tags = [\"owner\"]\n[keys.fleet]\n\"o\" = \"open\"\n\"S\" = false\n",
    );
    let (past, soon) = (in_days(-3), in_days(3));
    home.set(
        "exemptions.toml",
        &format!(
            "[[exemption]]\nserver = \"*\"\nfeature = \"delete-lock\"\nreason = \"r\"\nowner = \"o\"\nuntil = {soon}\n\
             [[exemption]]\nserver = \"no\"\ncondition = \"tls-min\"\nreason = \"r\"\nowner = \"o\"\nticket = \"t\"\nuntil = {past}\n"
        ),
    );
    let scan = ["scan", "--arm-endpoint", &endpoint];
    let told = home
        .run(&[&scan[..], &["--progress", "json"]].concat())
        .await;
    let lines: Vec<Value> = told
        .err
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert!(lines.iter().any(|it| it["event"] == "progress"), "{told:?}");
    for line in &lines {
        check(
            &validator(DocumentKind::Progress.schema()),
            line,
            "progress",
        );
    }
    std::fs::write(
        home.path("data/flexposture/scans/20200101T000000Z-00000000.flexscan"),
        "no scan",
    )
    .expect("room");
    let strict = "--strict-baseline=true";
    let runs: [(DocumentKind, Vec<&str>); 11] = [
        (DocumentKind::Policies, vec!["policies", "--json"]),
        (DocumentKind::Permissions, vec!["permissions", "--json"]),
        (
            DocumentKind::AllPermissions,
            vec!["permissions", "--all", "--json"],
        ),
        (DocumentKind::Scans, vec!["scans", "list", "--json"]),
        (DocumentKind::Scan, vec!["scans", "show", "--json"]),
        (DocumentKind::Rejudged, vec!["rejudge", "--json", strict]),
        (
            DocumentKind::Exemptions,
            vec!["exemptions", "list", "--json"],
        ),
        (
            DocumentKind::Settings,
            vec!["config", "show", "--json", strict],
        ),
        (DocumentKind::Keys, vec!["keys", "--json"]),
        (
            DocumentKind::Plan,
            [&scan[..], &["--plan", "--json"]].concat(),
        ),
        (DocumentKind::Baseline, vec!["baseline", "export"]),
    ];
    for (kind, arguments) in runs {
        is(kind, &home.run(&arguments).await.json());
    }
    let rejudged = home.run(&["rejudge", "--json", strict]).await.json();
    for list in ["findings", "settings_changed", "totals"] {
        let list = rejudged[list].as_array();
        assert!(list.is_some_and(|it| !it.is_empty()), "{rejudged}");
    }
    let doctor = home
        .run(&["doctor", "--json", "--arm-endpoint", &endpoint])
        .await;
    assert_eq!(doctor.code, 0, "{doctor:?}");
    is(DocumentKind::Doctor, &doctor.json());
    let nobody = home.run(&["doctor", "--json"]).await;
    assert_eq!(nobody.code, 1, "{nobody:?}");
    is(
        DocumentKind::Doctor,
        &serde_json::from_str(&nobody.out).expect("JSON"),
    );
}

#[tokio::test]
async fn the_doctor_names_every_file_that_it_cannot_read() {
    let home = Home::new();
    let folder = home.path("data/flexposture/scans");
    std::fs::create_dir_all(&folder).expect("a folder");
    for day in ["01", "02"] {
        let path = folder.join(format!("202601{day}T000000Z-000000{day}.flexscan"));
        std::fs::write(path, "no scan").expect("room");
    }
    let told = home.run(&["doctor", "--json"]).await;
    let document: Value = serde_json::from_str(&told.out).expect("JSON");
    let broken = document["scans"]["cannot be read"].as_str().expect("words");
    for day in ["01", "02"] {
        assert!(
            broken.contains(&format!("-000000{day}.flexscan")),
            "{broken}"
        );
    }
}

#[tokio::test]
async fn the_schemas_are_listed_with_the_commands_that_write_them() {
    let home = Home::new();
    let list = home.run(&["schema"]).await.fine();
    assert_eq!(list.lines().count(), DocumentKind::ALL.len());
    for kind in DocumentKind::ALL {
        let line = list
            .lines()
            .find(|it| it.split_whitespace().next() == Some(kind.word()))
            .expect("a line");
        assert!(line.ends_with(kind.written_by()), "{line}");
        let shown = home.run(&["schema", kind.word()]).await.json();
        assert_eq!(shown["$id"], kind.schema_id());
    }
}

/// Runs the program with one of its streams closed by its reader before anything was written.
async fn with_deaf_reader(home: &Home, arguments: &[&str], error: bool) -> Option<i32> {
    let mut command = home.command(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    if error {
        drop(child.stderr.take());
    } else {
        drop(child.stdout.take());
    }
    child.wait().await.expect("an end").code()
}

#[tokio::test]
async fn nobody_who_reads_changes_no_exit_code() {
    let home = Home::new();
    let nowhere = [
        "scan",
        "--arm-endpoint",
        "http://127.0.0.1:1",
        "--timeout",
        "1s",
    ];
    assert_eq!(with_deaf_reader(&home, &nowhere, true).await, Some(3));
    let running = simulate(fleet(4), unlimited(Faults::none())).await;
    let endpoint = running.endpoint();
    let gated = ["scan", "--arm-endpoint", &endpoint, "--fail-on", "low"];
    assert_eq!(with_deaf_reader(&home, &gated, true).await, Some(1));
    assert_eq!(with_deaf_reader(&home, &gated, false).await, Some(1));
}

#[tokio::test]
async fn an_option_that_would_do_nothing_is_refused() {
    let home = Home::new();
    let plan = ["scan", "--plan", "--arm-endpoint", "http://127.0.0.1:1"];
    for (arguments, option) in [
        ([&plan[..], &["--fail-on", "low"]].concat(), "--fail-on"),
        ([&plan[..], &["--progress", "json"]].concat(), "--progress"),
        (vec!["--store", "x", "schema"], "--store"),
        (vec!["--store", "x", "man"], "--store"),
        (vec!["--store", "x", "completions", "bash"], "--store"),
    ] {
        let told = home.run(&arguments).await;
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{told:?}");
        assert!(told.err.contains(option), "{told:?}");
    }
}

#[tokio::test]
async fn the_manual_is_written_into_a_folder_that_is_made_for_it() {
    let home = Home::new();
    let folder = home.name("share/man/man1");
    home.run(&["man", "--out", &folder]).await.fine();
    let page = std::fs::read_to_string(home.path("share/man/man1/flexposture.1"));
    assert!(page.expect("a page").contains("flexposture"));
}
