//! Gates: with which code a command ends, and that a reader who leaves early changes nothing.

use std::process::Stdio;

use flexposture::simulator::{Fault, Faults, Mishap};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::home::{Home, in_days};
use crate::support::{TOKEN, fleet, simulate, unlimited};

/// The list of the servers of a subscription.
const LIST: &str = "/subscriptions/*/providers/Microsoft.DBforMySQL/flexibleServers";

/// How many findings have this verdict and one of these severities.
fn count(findings: &[Value], verdict: &str, severities: &[&str]) -> usize {
    let fits = |it: &&Value| {
        let severity = it["severity"].as_str().unwrap_or_default();
        it["verdict"] == verdict && (severities.is_empty() || severities.contains(&severity))
    };
    findings.iter().filter(fits).count()
}

#[tokio::test]
async fn a_gate_ends_with_one_when_something_is_at_it_or_over() {
    let home = Home::new();
    home.scan(30).await;
    let findings = home.findings(&[]).await;
    let (critical, high) = (["critical"], ["critical", "high"]);
    let some = |number: usize| i32::from(number > 0);
    assert!(count(&findings, "Fail", &high) > 0, "something to stop at");
    let nothing = "name-of-nobody";
    for (arguments, code) in [
        (&["report"][..], 0),
        (
            &["report", "--fail-on", "critical"],
            some(count(&findings, "Fail", &critical)),
        ),
        (&["report", "--fail-on", "high"], 1),
        (&["report", "--fail-on", "low,unknown"], 1),
        (
            &["report", "--fail-on", "critical", "--fail-on", "medium"],
            1,
        ),
        (
            &["report", "--fail-on", "unknown"],
            some(count(&findings, "Unknown", &[])),
        ),
        (&["report", "--fail-on", "low", "--filter", nothing], 0),
        (&["report", "--fail-on", "low", "--filter", "state:pass"], 0),
        (&["report", "--fail-on", "colour"], 2),
        (&["findings", "--all", "--fail-on", "high"], 1),
        (
            &[
                "findings",
                "--all",
                "--fail-on",
                "low",
                "--filter",
                "state:pass",
            ],
            0,
        ),
        (&["findings", "nobody", "--fail-on", "high"], 2),
    ] {
        let told = home.run(arguments).await;
        assert_eq!(told.code, code, "{arguments:?}: {}", told.err);
        let said = told.err.contains("--fail-on");
        assert_eq!(
            said,
            code == 1 || arguments.contains(&"colour"),
            "{arguments:?}: {}",
            told.err
        );
    }
    // What an exemption covers does not stop anything.
    let until = in_days(20);
    let features: std::collections::BTreeSet<&str> = findings
        .iter()
        .map(|it| it["feature_id"].as_str().expect("a word"))
        .collect();
    let exempt: String = features
        .iter()
        .map(|feature| {
            format!(
                "[[exemption]]\nserver = \"*\"\nfeature = \"{feature}\"\nreason = \"r\"\nowner = \"o\"\nuntil = {until}\n"
            )
        })
        .collect();
    home.set("exemptions.toml", &exempt);
    let told = home.run(&["report", "--fail-on", "low,unknown"]).await;
    assert_eq!(told.code, 0, "{}", told.err);
}

#[tokio::test]
async fn a_scan_has_a_gate_and_a_difference_has_one_for_what_regressed() {
    let home = Home::new();
    let running = simulate(fleet(10), unlimited(Faults::none())).await;
    let scan = [
        "scan",
        "--arm-endpoint",
        &running.endpoint(),
        "--fail-on",
        "low",
    ];
    let told = home.run(&scan).await;
    assert_eq!(told.code, 1, "{told:?}");
    assert!(told.out.contains("complete scan of 10 servers"), "{told:?}");
    home.scan(10).await;
    let scans = home.run(&["scans", "list", "--json"]).await.json();
    let id = |place: usize| {
        let scan = &scans[place];
        scan["header"]["id"]
            .as_str()
            .or(scan["id"].as_str())
            .expect("an id")
    };
    let same = ["diff", id(0), id(0), "--fail-on-regression"];
    assert_eq!(home.run(&same).await.code, 0);
}

#[tokio::test]
async fn a_scan_that_is_not_whole_never_passes_a_gate() {
    let home = Home::new();
    let denied = || Mishap::Answer {
        status: 403,
        headers: Vec::new(),
        body: r#"{"error":{"code":"AuthorizationFailed","message":"no"}}"#.into(),
    };
    let faults = ["/providers/Microsoft.ResourceGraph/resources", LIST]
        .into_iter()
        .fold(Faults::none(), |all, path| {
            all.and(Fault::always(path, denied()))
        });
    let running = simulate(fleet(6), unlimited(faults)).await;
    let endpoint = running.endpoint();
    for more in [&[][..], &["--fail-on", "low,unknown"]] {
        let scan = [&["scan", "--arm-endpoint", &endpoint][..], more].concat();
        assert_eq!(home.run(&scan).await.code, 4);
    }
    assert_eq!(
        home.run(&["report"]).await.code,
        0,
        "nobody asked for a gate"
    );
    for arguments in [
        &["report", "--fail-on", "low,unknown"][..],
        &["findings", "--all", "--fail-on", "low"],
    ] {
        let told = home.run(arguments).await;
        assert!(told.code == 4 && told.err.contains("not whole"), "{told:?}");
    }
}

#[tokio::test]
async fn a_reader_who_leaves_early_is_no_error_and_opens_no_gate() {
    let home = Home::new();
    home.scan(60).await;
    for (more, code) in [(&[][..], 0), (&["--fail-on", "low"], 1)] {
        let arguments = [&["report", "--rows", "findings", "--format", "json"], more].concat();
        let mut child = Command::new(env!("CARGO_BIN_EXE_flexposture"))
            .args(arguments)
            .env_clear()
            .env("HOME", home.path(""))
            .env("XDG_DATA_HOME", home.path("data"))
            .env("FLEXPOSTURE_TOKEN", TOKEN)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        lines.next_line().await.expect("a line");
        drop(lines);
        let output = child.wait_with_output().await.expect("an end");
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(!err.contains("ipe") && !err.contains("panicked"), "{err}");
    }
}
