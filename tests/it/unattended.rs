//! Scans without anybody: how far they are as JSON, an end after some time, and an environment with nothing in it.

use std::process::Stdio;
use std::time::Duration;

use flexposture::simulator::{Fault, Faults, Mishap};
use serde_json::Value;
use tokio::process::Command;

use crate::home::Home;
use crate::support::{TOKEN, fleet, simulate, unlimited};

fn events(told: &str) -> Vec<Value> {
    told.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect()
}

#[tokio::test]
async fn how_far_a_scan_is_comes_as_lines_of_json_and_the_last_one_tells_the_end() {
    let running = simulate(fleet(30), unlimited(Faults::none())).await;
    let home = Home::new();
    let endpoint = running.endpoint();
    let arguments = ["scan", "--progress", "json", "--arm-endpoint", &endpoint];
    let told = home
        .run_with(&arguments, &[("FLEXPOSTURE_TOKEN", TOKEN)])
        .await;
    let events = events(&told.err);
    let of = |name: &str| events.iter().filter(|it| it["event"] == name).count();
    assert_eq!((of("subscriptions"), of("planned"), of("end")), (1, 1, 1));
    let last = events.last().expect("an end");
    assert_eq!(last["event"], "end");
    assert_eq!(last["servers"], 30);
    assert_eq!(last["completeness"], "complete");
    assert_eq!(last["code"], told.code);
    let progress = events.iter().rfind(|it| it["event"] == "progress");
    let progress = progress.expect("how far it is");
    assert_eq!(
        (&progress["done"], &progress["found"]),
        (&30.into(), &30.into())
    );

    let silent = ["scan", "--progress", "none", "--arm-endpoint", &endpoint];
    let told = home
        .run_with(&silent, &[("FLEXPOSTURE_TOKEN", TOKEN)])
        .await;
    assert_eq!(told.err, "");
}

#[tokio::test]
async fn a_scan_that_takes_too_long_is_kept_as_far_as_it_came() {
    // One list never comes to an end by itself.
    let endless = Mishap::Slow {
        piece: 1,
        pause: Duration::from_secs(3600),
    };
    let faults = Faults::none().and(Fault::always("*/backups", endless));
    let running = simulate(fleet(3), unlimited(faults)).await;
    let home = Home::new();
    let endpoint = running.endpoint();
    let file = home.name("part.flexscan");
    let arguments = [
        "scan",
        "--timeout",
        "2s",
        "--out",
        &file,
        "--arm-endpoint",
        &endpoint,
    ];
    let token = [("FLEXPOSTURE_TOKEN", TOKEN)];
    let told = home.run_with(&arguments, &token).await;
    assert_eq!(told.code, 4, "{told:?}");
    assert!(told.err.contains("--timeout"), "{}", told.err);
    let report = ["findings", "--all", "--json", "--scan", &file];
    let findings = home.run(&report).await.json();
    let findings = findings.as_array().expect("a list");
    let cancelled = findings.iter().filter(|it| it["cause"] == "Cancelled");
    assert!(cancelled.count() > 0);
    let gated = [&arguments[..], &["--fail-on", "critical"]].concat();
    assert_eq!(
        home.run_with(&gated, &token).await.code,
        2,
        "the file is there"
    );
}

#[tokio::test]
async fn nothing_of_the_environment_is_needed_but_a_place_and_a_credential() {
    let running = simulate(fleet(3), unlimited(Faults::none())).await;
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: Vec<String>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flexposture"));
        command
            .args(arguments)
            .env_clear()
            .env("FLEXPOSTURE_TOKEN", TOKEN)
            .env("XDG_DATA_HOME", folder.path())
            .current_dir("/")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        async move { command.output().await.expect("the program starts") }
    };
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let scan = run(words(&format!(
        "scan --arm-endpoint {}",
        running.endpoint()
    )))
    .await;
    assert!(
        matches!(scan.status.code(), Some(0 | 4)),
        "{}",
        String::from_utf8_lossy(&scan.stderr)
    );
    let kept = std::fs::read_dir(folder.path().join("flexposture/scans")).expect("a folder");
    assert_eq!(kept.count(), 1);
    let report = run(words("report --format json")).await;
    assert_eq!(report.status.code(), Some(0));
    let report: Value = serde_json::from_slice(&report.stdout).expect("JSON");
    assert_eq!(report["rows"].as_array().expect("rows").len(), 3);
    // Without a terminal there is nothing to explore, and that is said.
    let explored = run(words("explore")).await;
    assert_eq!(explored.status.code(), Some(2));
    assert!(!explored.stderr.is_empty());
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_named_with_what_to_do_and_a_new_folder_is_made() {
    let running = simulate(fleet(2), unlimited(Faults::none())).await;
    let home = Home::new();
    let endpoint = running.endpoint();
    let scan = ["scan", "--arm-endpoint", &endpoint, "--out"];
    let to = home.name("new/folder/s.flexscan");
    let told = home.run(&[&scan[..], &[&to]].concat()).await;
    assert_eq!(told.code, 0, "{told:?}");
    assert!(std::path::Path::new(&to).exists());
    std::fs::write(home.path("file"), "").expect("a file");
    let before = running.requests().len();
    let to = home.name("file/s.flexscan");
    let told = home.run(&[&scan[..], &[&to]].concat()).await;
    assert_eq!((told.code, told.out.as_str()), (2, ""), "{told:?}");
    assert!(told.err.contains(&home.name("file")), "{told:?}");
    assert!(told.err.contains("name another place"), "{told:?}");
    assert_eq!(running.requests().len(), before, "nothing is asked in vain");
}
