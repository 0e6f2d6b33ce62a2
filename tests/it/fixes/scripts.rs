//! One script for many servers: a shell takes it, nothing runs unread, and every line is a command of the Azure CLI.

use std::collections::BTreeSet;
use std::process::{Command as Process, Stdio};

use flexposture::baseline::FeatureId;
use flexposture::posture::{Exemptions, Judge, Ruleset};
use flexposture::report::{FixCounts, FixHead, FixScript, write_fix_head};

use super::cli::Table;
use super::servers::{CONDITIONS, GROUP, NAME, Server};
use super::{HOSTILE, spoilt};

fn script_of(
    servers: &[Server],
    features: Option<BTreeSet<FeatureId>>,
    judge: &Judge,
) -> (String, FixCounts) {
    let mut script = FixScript::new(Vec::new(), features);
    for server in servers {
        let documents = server.documents();
        let findings = judge.findings(&documents);
        script.add(&documents, &findings, &judge.ruleset).unwrap();
    }
    let (body, counts) = script.finish().unwrap();
    let head = FixHead {
        made_at: "2026-11-24T10:00:00Z".parse().unwrap(),
        scan: "20261123T140200Z-demo".to_owned(),
        scanned_at: "2026-11-23T14:02:00Z".parse().unwrap(),
        ruleset: "r-1".to_owned(),
        about: "2 marked servers; everything \u{1b}[31mthat\nfails".to_owned(),
    };
    let mut text = Vec::new();
    write_fix_head(&mut text, &head, &counts, "flexposture test").unwrap();
    text.extend(body);
    (String::from_utf8(text).unwrap(), counts)
}

fn plain() -> Judge {
    Judge::by(Ruleset::default())
}

/// Servers, each spoilt for one condition after the other.
fn every() -> Vec<Server> {
    CONDITIONS.iter().map(|id| spoilt(id)).collect()
}

/// The lines below the guard that are no comments.
fn running(script: &str) -> Vec<&str> {
    let (_, body) = script.split_once("\nfi\n").expect("a guard");
    body.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

/// What a shell says of a script that it gets on its standard input; `az` is what runs instead of the real one.
fn shell(
    arguments: &[&str],
    script: &str,
    reviewed: bool,
    az: &str,
) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("az");
    std::fs::write(&program, az).unwrap();
    std::fs::set_permissions(
        &program,
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    let file = folder.path().join("fix.sh");
    std::fs::write(&file, script).unwrap();
    let mut command = Process::new("sh");
    command
        .args(arguments)
        .arg(&file)
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", folder.path().display()))
        .stdin(Stdio::null());
    if reviewed {
        command.env("REVIEWED", "yes");
    }
    let output = command.output().unwrap();
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 2, "the script made files");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

const ECHO: &str = "#!/bin/sh\necho \"az $*\"\n";

#[test]
fn every_line_that_runs_is_a_command_of_the_azure_cli_without_a_value_to_fill_in() {
    let table = Table::load();
    let (script, counts) = script_of(&every(), None, &plain());
    let lines = running(&script);
    assert!(lines.len() > 10, "{script}");
    assert_eq!(lines.len(), counts.commands);
    for line in &lines {
        table
            .parse(line)
            .unwrap_or_else(|fault| panic!("{line}: {fault}"));
        assert!(!line.contains("${"), "{line}");
    }
    // What waits for a value, and the way back, are comments that hold commands too.
    let commented = script.lines().filter_map(|line| line.strip_prefix("# az "));
    let undo = script
        .lines()
        .filter_map(|line| line.strip_prefix("#   az "));
    let comments: Vec<String> = commented
        .chain(undo)
        .map(|line| format!("az {line}"))
        .collect();
    assert!(comments.len() > 10, "{script}");
    for line in comments {
        table
            .parse(&line)
            .unwrap_or_else(|fault| panic!("{line}: {fault}"));
    }
    let distinct: BTreeSet<_> = lines.iter().collect();
    assert!(
        distinct.len() * 2 > lines.len(),
        "hardly anything is written twice"
    );
}

/// Closing the public endpoint while the private one waits for a value would cut everybody off.
#[test]
fn nothing_runs_that_has_something_before_it() {
    let mut several = spoilt("private-path");
    for id in ["pe-approved", "public-disabled"] {
        several.fail(id);
    }
    let (script, counts) = script_of(&[several], None, &plain());
    assert!(
        script.contains("# az mysql flexible-server update"),
        "{script}"
    );
    let closing = |line: &&str| line.contains("--public-access Disabled");
    assert_eq!(running(&script).into_iter().find(closing), None, "{script}");
    assert!(counts.waiting >= 3, "{script}");
}

#[test]
fn a_script_that_nobody_has_read_runs_nothing() {
    let (script, _) = script_of(&every(), None, &plain());
    assert_eq!(shell(&["-n"], &script, false, ECHO).0, Some(0), "{script}");
    let (code, out, err) = shell(&[], &script, false, ECHO);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("REVIEWED=yes"), "{err}");
}

#[test]
fn a_script_that_was_read_runs_its_commands_in_order_and_stops_at_the_first_that_fails() {
    let (script, counts) = script_of(&every(), None, &plain());
    let (code, out, err) = shell(&[], &script, true, ECHO);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert_eq!(out.lines().count(), counts.commands);
    let second_fails =
        "#!/bin/sh\necho \"az $*\"\n[ -e again ] && { rm again; exit 3; }\n: > again\n";
    let (code, out, _) = shell(
        &[],
        &script,
        true,
        &second_fails.replace("again", "/dev/null/x"),
    );
    // `: > /dev/null/x` fails at the first command already.
    assert_ne!(code, Some(0));
    assert_eq!(out.lines().count(), 1);
}

#[test]
fn hostile_names_stay_names() {
    for hostile in HOSTILE {
        let servers: Vec<Server> = CONDITIONS
            .iter()
            .map(|id| {
                let mut server = Server::named(hostile, NAME);
                server.fail(id);
                server
            })
            .collect();
        let (script, counts) = script_of(&servers, None, &plain());
        let (code, out, err) = shell(&[], &script, true, ECHO);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{hostile:?}");
        assert_eq!(out.lines().count(), counts.commands, "{hostile:?}");
        assert!(!script.contains('\u{1b}'));
    }
}

#[test]
fn the_features_that_are_chosen_are_the_only_ones() {
    let servers = [spoilt("tls-min"), spoilt("fw-world")];
    let wanted = BTreeSet::from([FeatureId::TransitEncryption]);
    let (script, counts) = script_of(&servers, Some(wanted), &plain());
    assert!(script.contains("tls_version"), "{script}");
    assert!(!script.contains("firewall-rule"), "{script}");
    assert_eq!(counts.servers, 2);
    assert!(counts.restarts >= 1, "{script}");
}

#[test]
fn what_is_exempt_is_not_fixed_and_commands_are_written_once() {
    let servers = [spoilt("tls-min"), spoilt("tls-min")];
    let (once, counts) = script_of(&servers, None, &plain());
    assert_eq!(
        once.matches("stand above already").count(),
        counts.commands.min(1),
        "{once}"
    );
    let exemptions = "[[exemption]]\nserver = \"*\"\nfeature = \"transit-encryption\"\nreason = \"r\"\nowner = \"o\"\nuntil = 2999-01-01\n";
    let judge = Judge {
        exemptions: Exemptions::parse(exemptions).unwrap(),
        ..plain()
    };
    let (script, _) = script_of(&servers, None, &judge);
    assert!(!script.contains("tls_version"), "{script}");
}

/// Read by eye when it changes.
#[test]
fn a_script_as_a_person_reads_it() {
    let mut several = Server::named(GROUP, "db-2");
    for id in ["tls-min", "private-path", "admin-name", "geo-backup"] {
        several.fail(id);
    }
    let (script, _) = script_of(&[spoilt("tls-min"), several], None, &plain());
    insta::assert_snapshot!("fix-script", script);
}
