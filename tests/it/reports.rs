//! Tables and scripts from the command line: what a pipeline gets, and what lands in files.

use std::os::unix::fs::PermissionsExt;

use flexposture::baseline::FeatureId;
use serde_json::Value;

use crate::home::Home;

/// The rows of a report in JSON.
fn rows_of(text: &str) -> Vec<Value> {
    let mut document: Value = serde_json::from_str(text).expect("JSON");
    match document["rows"].take() {
        Value::Array(rows) => rows,
        other => panic!("{other} is no list"),
    }
}

#[tokio::test]
async fn every_format_holds_the_same_servers() {
    let home = Home::new();
    home.scan(12).await;
    let report = async |format: &str| {
        let arguments = [
            "report",
            "--format",
            format,
            "--columns",
            "server,region,failing,score",
        ];
        home.run(&arguments).await.fine()
    };
    let json = rows_of(&report("json").await);
    assert_eq!(json.len(), 12);
    let lines: Vec<Value> = report("ndjson")
        .await
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(json, lines);
    let text = report("csv").await;
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(
        csv.headers().expect("ids").iter().collect::<Vec<_>>(),
        ["server", "region", "failing", "score"]
    );
    let rows: Vec<csv::StringRecord> = csv.records().map(|row| row.expect("a row")).collect();
    for (row, object) in rows.iter().zip(&json) {
        assert_eq!(row[0], *object["server"].as_str().expect("a name"));
        assert_eq!(row[2], object["failing"].to_string());
    }
    assert_eq!(rows.len(), 12);
    let text = report("table").await;
    assert_eq!(text.lines().count(), 13, "{text}");
    let text = report("markdown").await;
    for object in &json {
        let name = object["server"].as_str().expect("a name");
        assert_eq!(text.matches(&format!("\n| {name} |")).count(), 1, "{text}");
    }
    assert!(report("plain").await.starts_with("Server: "));
}

#[tokio::test]
async fn findings_controls_and_the_matrix_are_counted_alike() {
    let home = Home::new();
    home.scan(8).await;
    let rows = async |arguments: &[&str]| -> Vec<Value> {
        let all = [&["report", "--format", "json", "--rows"][..], arguments].concat();
        rows_of(&home.run(&all).await.fine())
    };
    let findings = rows(&["findings"]).await;
    assert_eq!(findings.len(), 8 * FeatureId::COUNT);
    let matrix = rows(&["matrix"]).await;
    let controls = rows(&["controls"]).await;
    assert_eq!((matrix.len(), controls.len()), (8, FeatureId::COUNT));
    for control in &controls {
        let id = control["feature_id"].as_str().expect("an id");
        let of = |rows: &[Value], key: &str| rows.iter().filter(|row| row[key] == "Fail").count();
        let failing = control["failing"].as_u64().expect("a count") as usize;
        assert_eq!(of(&matrix, id), failing, "{id}");
        let one: Vec<Value> = findings
            .iter()
            .filter(|it| it["feature_id"] == id)
            .cloned()
            .collect();
        assert_eq!(of(&one, "verdict"), failing, "{id}");
    }
    let one = rows(&["findings", "--feature", "transit-encryption"]).await;
    assert_eq!(one.len(), 8);
    assert!(one.iter().any(|it| {
        it["evidence"]
            .as_str()
            .is_some_and(|it| it.contains("api-version"))
    }));
    let same = home.findings(&[]).await;
    // The report is in the order of risk, the findings in that of the scan.
    let key = |it: &Value| ["server_id", "feature_id", "verdict"].map(|key| it[key].to_string());
    let mut both = [&findings, &same].map(|all| all.iter().map(key).collect::<Vec<_>>());
    both.iter_mut().for_each(|all| all.sort());
    assert_eq!(both[0], both[1]);
}

#[tokio::test]
async fn a_report_lands_in_a_private_file_and_never_on_another_one() {
    let home = Home::new();
    home.scan(3).await;
    let file = home.name("list.csv");
    let arguments = ["report", "--format", "csv", "-o", &file];
    let told = home.run(&arguments).await.fine();
    assert!(told.starts_with(&file) && told.contains("3 rows"), "{told}");
    let mode = std::fs::metadata(&file)
        .expect("a file")
        .permissions()
        .mode()
        & 0o777;
    assert_eq!(mode, 0o600);
    let again = home.run(&arguments).await;
    again.refused(&[&format!(
        "{file} is there already; name another file, or remove it first"
    )]);
    let wrong = home.run(&["report", "--columns", "colour"]).await;
    assert!(
        wrong.err.contains("no column \"colour\"") && wrong.err.contains("server_id"),
        "{wrong:?}"
    );
    assert_eq!(wrong.code, 2);
    let wrong = home
        .run(&["report", "--rows", "matrix", "--feature", "tags"])
        .await;
    assert_eq!(wrong.code, 2, "{wrong:?}");
}

#[tokio::test]
async fn a_fix_script_comes_from_a_scan_and_says_what_it_is_about() {
    let home = Home::new();
    home.scan(12).await;
    let all = home.run(&["fixes", "--all"]).await.fine();
    assert!(all.starts_with("#!/bin/sh\n"), "{all}");
    assert!(all.contains("# about     every server; everything that fails\n"));
    assert!(all.contains("# servers   12 looked at"), "{all}");
    let file = home.name("fix.sh");
    let told = home
        .run(&["fixes", "--feature", "transit-encryption", "-o", &file])
        .await
        .fine();
    assert!(told.contains("read it first"), "{told}");
    let script = std::fs::read_to_string(&file).expect("a script");
    assert!(script.contains("transit-encryption"), "{script}");
    let mode = std::fs::metadata(&file)
        .expect("a file")
        .permissions()
        .mode()
        & 0o777;
    assert_eq!(mode, 0o600, "nothing runs by a slip");
    let none = home.run(&["fixes", "--server", "nowhere"]).await;
    assert_eq!(none.code, 2);
    assert!(
        none.err.contains("no server called \"nowhere\""),
        "{none:?}"
    );
    assert_eq!(home.run(&["fixes"]).await.code, 2);
}

#[tokio::test]
async fn the_same_exemption_is_not_added_twice_and_the_line_ends_of_the_file_stay() {
    let home = Home::new();
    home.set("exemptions.toml", "# Ours\r\n\r\n");
    let add = [
        "exemptions",
        "add",
        "--server",
        "db-1",
        "--feature",
        "tags",
        "--reason",
        "why",
        "--owner",
        "who",
        "--until",
        "2999-01-01",
    ];
    home.run(&add).await.fine();
    let file = home.setting("exemptions.toml");
    let text = std::fs::read_to_string(&file).expect("the file");
    assert!(text.starts_with("# Ours\r\n\r\n"));
    assert_eq!(
        text.matches('\n').count(),
        text.matches("\r\n").count(),
        "{text:?}"
    );
    let again = home.run(&add).await.fine();
    assert!(again.contains("stands there already"), "{again}");
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), text);
}
