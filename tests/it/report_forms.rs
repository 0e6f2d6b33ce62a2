//! The forms of a report, each looked at by something that is not ours: published schemas, another reader of workbooks.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use calamine::{Data, Reader, Xlsx};
use flexposture::app::Export;
use flexposture::baseline::FeatureId;
use flexposture::posture::{Judge, Ruleset};
use flexposture::report::{DocumentKind, Format, LONGEST_COMMENT, Rows, Selection};
use flexposture::runtime::{self, Watch};
use flexposture::store::Scan;
use serde_json::Value;

use crate::home::{Home, in_days};

const SARIF: &str = include_str!("../schemas/sarif-schema-2.1.0.json");
const OCSF: &str = include_str!("../schemas/ocsf-1.8.0-compliance-finding.schema.json");

pub fn validator(schema: &str) -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    jsonschema::validator_for(&schema).expect("a schema")
}

pub fn check(validator: &jsonschema::Validator, document: &Value, what: &str) {
    let errors: Vec<String> = validator
        .iter_errors(document)
        .take(5)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}");
}

/// A scan of a fleet in which one feature is exempt everywhere.
async fn home() -> Home {
    let home = Home::new();
    let until = in_days(20);
    let exemption = format!(
        "[[exemption]]\nserver = \"*\"\nfeature = \"delete-lock\"\nreason = \"=1+2 <b>{{0}}[x](y)\"\nowner = \"ops\"\n\
         until = {until}\n"
    );
    home.set("exemptions.toml", &exemption);
    home.scan(40).await;
    home
}

async fn json(home: &Home, arguments: &[&str]) -> Value {
    home.run(arguments).await.json()
}

#[tokio::test]
async fn every_json_document_is_what_its_published_schema_says() {
    let home = home().await;
    let report = validator(DocumentKind::Report.schema());
    for rows in ["servers", "findings", "controls", "matrix"] {
        for more in [&[][..], &["--group", "tag:env", "--filter", "state:fail"]] {
            let arguments = [&["report", "--format", "json", "--rows", rows], more].concat();
            let document = json(&home, &arguments).await;
            check(&report, &document, rows);
            assert!(!document["rows"].as_array().expect("rows").is_empty());
        }
    }
    let arguments = ["report", "--format", "json", "--feature", "tags"];
    let mut document = json(&home, &arguments).await;
    check(&report, &document, "a feature");
    // A member more is one that the schema does not know.
    document["rows"][0]["colour"] = "red".into();
    assert!(!report.is_valid(&document));
    document["rows"] = Value::Array(Vec::new());
    assert!(report.is_valid(&document));
    document["colour"] = "red".into();
    assert!(!report.is_valid(&document));

    let findings = json(&home, &["findings", "--all", "--json"]).await;
    let schema = validator(DocumentKind::Findings.schema());
    check(&schema, &findings, "findings");
    let waived = findings.as_array().expect("a list").iter();
    assert!(waived.clone().any(|it| it["verdict"] == "Waived"));

    home.scan(42).await;
    let scans = json(&home, &["scans", "list", "--json"]).await;
    let id = |place: usize| {
        scans[place]["header"]["id"]
            .as_str()
            .or(scans[place]["id"].as_str())
    };
    let (one, other) = (id(0).expect("an id"), id(1).expect("an id"));
    let difference = json(&home, &["diff", one, other, "--format", "json"]).await;
    check(
        &validator(DocumentKind::Difference.schema()),
        &difference,
        "diff",
    );
    for kind in DocumentKind::ALL {
        let shown = home.run(&["schema", kind.word()]).await.json();
        assert_eq!(shown["$id"], kind.schema_id());
    }
}

#[tokio::test]
async fn sarif_is_valid_and_holds_what_is_open() {
    let home = home().await;
    let log = json(&home, &["report", "--format", "sarif"]).await;
    check(&validator(SARIF), &log, "SARIF");
    let run = &log["runs"][0];
    assert_eq!(
        run["tool"]["driver"]["rules"].as_array().map(Vec::len),
        Some(FeatureId::COUNT)
    );
    let mut expected: BTreeMap<&str, usize> = BTreeMap::new();
    let findings = home.findings(&[]).await;
    for finding in &findings {
        match finding["verdict"].as_str().expect("a verdict") {
            "Fail" | "Waived" => *expected.entry("fail").or_default() += 1,
            "Unknown" => *expected.entry("open").or_default() += 1,
            "Manual" => *expected.entry("review").or_default() += 1,
            _ => {}
        }
    }
    let results = run["results"].as_array().expect("results");
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    let mut prints = Vec::new();
    for result in results {
        let kind = result["kind"].as_str().expect("a kind");
        *found.entry(kind).or_default() += 1;
        assert_eq!(result["level"] == "none", kind != "fail", "{result}");
        let rule = &run["tool"]["driver"]["rules"]
            [result["ruleIndex"].as_u64().expect("a place") as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        let waived = result["properties"]["verdict"] == "Waived";
        assert_eq!(result.get("suppressions").is_some(), waived, "{result}");
        prints.push(result["partialFingerprints"]["flexposture/v1"].to_string());
    }
    assert_eq!(found, expected);
    prints.sort();
    prints.dedup();
    assert_eq!(
        prints.len(),
        results.len(),
        "a fingerprint is of one finding"
    );
}

#[tokio::test]
async fn ocsf_is_valid_and_holds_every_finding_that_was_evaluated() {
    let home = home().await;
    let events = json(&home, &["report", "--format", "ocsf"]).await;
    let validator = validator(OCSF);
    let events = events.as_array().expect("an array");
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for event in events {
        check(&validator, event, "OCSF");
        let verdict = event["unmapped"]["verdict"].as_str().expect("a verdict");
        *found.entry(verdict.to_owned()).or_default() += 1;
        let suppressed = event["status_id"] == 3;
        assert_eq!(suppressed, verdict == "Waived");
        assert_eq!(event["compliance"]["status_id"] == 3, verdict == "Fail");
        assert_eq!(event["compliance"]["status_id"] == 1, verdict == "Pass");
    }
    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    for finding in home.findings(&[]).await {
        let verdict = finding["verdict"].as_str().expect("a verdict");
        if !matches!(verdict, "Platform" | "Unsupported") {
            *expected.entry(verdict.to_owned()).or_default() += 1;
        }
    }
    assert_eq!(found, expected);
    let mut wrong = events[0].clone();
    wrong["colour"] = "red".into();
    assert!(!validator.is_valid(&wrong), "the schema is a closed one");
}

#[tokio::test]
async fn a_workbook_is_read_back_by_another_reader_and_holds_no_formula() {
    let home = home().await;
    let file = home.name("fleet.xlsx");
    home.run(&["report", "-o", &file]).await.fine();
    let bytes = std::fs::read(&file).expect("a file");
    let mut book: Xlsx<_> =
        calamine::open_workbook_from_rs(Cursor::new(bytes)).expect("a workbook");
    assert_eq!(
        book.sheet_names(),
        [
            "Summary", "Findings", "Servers", "Controls", "Policies", "About"
        ]
    );
    for name in book.sheet_names() {
        let formulas = book.worksheet_formula(&name).expect("a sheet");
        assert!(
            formulas.cells().all(|(_, _, text)| text.is_empty()),
            "{name}"
        );
    }
    let findings = book.worksheet_range("Findings").expect("a sheet");
    let same = home.findings(&[]).await;
    assert_eq!(findings.height(), 1 + same.len());
    let verdict = findings
        .rows()
        .next()
        .and_then(|head| {
            head.iter()
                .position(|cell| *cell == Data::String("Verdict".into()))
        })
        .expect("a column");
    let exemptions = findings.width() - 1;
    let count = |word: &str| {
        let rows = findings.rows().skip(1);
        rows.filter(|row| row[verdict] == Data::String(word.into()))
            .count()
    };
    for word in ["Fail", "Unknown", "Pass", "Waived"] {
        let expected = same.iter().filter(|it| it["verdict"] == word).count();
        assert_eq!(count(word), expected, "{word}");
    }
    assert!(
        findings
            .rows()
            .any(|row| row[exemptions].to_string().contains("=1+2 <b>"))
    );
    let servers = book.worksheet_range("Servers").expect("a sheet");
    assert_eq!(servers.height(), 41);
}

#[tokio::test]
async fn a_page_asks_nothing_of_the_network_and_its_data_is_whole() {
    let home = home().await;
    let page = home.run(&["report", "--format", "html"]).await.fine();
    assert!(page.contains("default-src 'none'"), "it lets nothing in");
    for wrong in [" src=", "<link", "<img", "<iframe", "@import"] {
        assert!(!page.contains(wrong), "{wrong}");
    }
    // The reason of the exemption is in the data, and is no markup there.
    assert!(!page.contains("<b>{0}") && page.contains("\\u003cb>{0}"));
    let start = page.find("id=\"data\">").expect("data") + "id=\"data\">".len();
    let end = start + page[start..].find("</script>").expect("an end");
    let data: Value = serde_json::from_str(&page[start..end]).expect("JSON");
    let servers = data["servers"].as_array().expect("servers");
    assert_eq!(servers.len(), 40);
    let findings = home.findings(&[]).await;
    let failing = |row: &Value| {
        let cells = row[11].as_str().expect("cells");
        cells.chars().filter(|cell| "chmlf".contains(*cell)).count()
    };
    let expected = findings.iter().filter(|it| it["verdict"] == "Fail").count();
    assert_eq!(servers.iter().map(failing).sum::<usize>(), expected);
    let bytes = end - start;
    assert!(bytes < 40 * 8_000, "{bytes} bytes of data for 40 servers");
    // Without scripts the same servers are there, with the features that fail.
    let plain = page.split("<noscript>").nth(1).expect("a list");
    let plain = plain.split("</noscript>").next().expect("an end");
    let rows: Vec<&str> = plain.split("<tr>").skip(2).collect();
    assert_eq!(rows.len(), 40);
    for (row, shown) in rows.iter().zip(servers) {
        let name = shown[0].as_str().expect("a name");
        assert!(row.contains(&format!(">{name}<")), "{name}: {row}");
        let of_server = findings.iter().filter(|it| it["server"] == name);
        for finding in of_server.filter(|it| it["verdict"] == "Fail") {
            let (control, feature) = (finding["control"].as_str(), finding["feature"].as_str());
            let named = format!("{} {}", control.unwrap(), feature.unwrap());
            let severity = finding["severity"].as_str().expect("a severity");
            let mut lines = row.split("<div>").filter(|line| line.contains(&named));
            assert!(
                lines.next().is_some_and(|it| it.contains(severity)),
                "{named}: {row}"
            );
        }
    }
    assert!(!plain.contains("<b>{0}"));
    // Whatever a finding names is there.
    for row in servers {
        for finding in row[12].as_array().expect("findings") {
            let finding = &data["findings"][finding.as_u64().expect("a place") as usize];
            for condition in finding[2].as_array().expect("conditions") {
                let condition = &data["conditions"][condition.as_u64().expect("a place") as usize];
                let text = condition[0].as_u64().expect("a place") as usize;
                assert!(data["strings"][text].is_string());
            }
        }
    }
}

#[tokio::test]
async fn markdown_fits_under_a_pull_request() {
    let home = home().await;
    let text = home
        .run(&["report", "--format", "markdown", "--rows", "findings"])
        .await
        .fine();
    assert!(text.encode_utf16().count() <= LONGEST_COMMENT);
    let rows = text.matches("\n| mysql-").count();
    let left_out = format!("**{} rows are left out**", 40 * FeatureId::COUNT - rows);
    assert!(text.contains(&left_out), "{rows} rows");
    let grouped = ["report", "--format", "markdown", "--group", "subscription"];
    let text = home.run(&grouped).await.fine();
    assert!(
        text.contains("<summary>Groups (") && !text.contains("left out"),
        "{text}"
    );
}

#[tokio::test]
async fn a_filter_a_group_and_an_order_are_those_of_the_explorer() {
    let home = home().await;
    let arguments = [
        "report",
        "--format",
        "csv",
        "--filter",
        "fam:NS state:fail",
        "--group",
        "region",
        "--sort",
        "name:desc",
        "--columns",
        "server,region",
    ];
    let text = home.run(&arguments).await.fine();
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = csv.records().map(|row| row.expect("a row")).collect();
    let findings = home.findings(&[]).await;
    let failing: std::collections::BTreeSet<&str> = findings
        .iter()
        .filter(|it| it["family"] == "NS" && it["verdict"] == "Fail")
        .map(|it| it["server"].as_str().expect("a name"))
        .collect();
    assert_eq!(rows.len(), failing.len());
    assert!(
        rows.iter()
            .all(|row| failing.contains(&row[1]) && row[0] == row[2])
    );
    for pair in rows.windows(2).filter(|pair| pair[0][0] == pair[1][0]) {
        assert!(pair[0][1] > pair[1][1], "{pair:?}");
    }
    let groups: Vec<&str> = rows.iter().map(|row| &row[0]).collect();
    let mut distinct = groups.clone();
    distinct.dedup();
    let set: std::collections::BTreeSet<&&str> = groups.iter().collect();
    assert_eq!(distinct.len(), set.len(), "a group stands together");
    let only = [
        "report",
        "--rows",
        "findings",
        "--format",
        "ndjson",
        "--filter",
        "fam:NS state:fail",
    ];
    for line in home.run(&only).await.fine().lines() {
        let row: Value = serde_json::from_str(line).expect("JSON");
        assert!(row["family"] == "NS" && row["verdict"] == "Fail", "{row}");
    }
    home.run(&["report", "--filter", "sev:hihg"])
        .await
        .refused(&[
            "the filter cannot be read",
            "  no severity is called hihg; did you mean high?",
            "    sev:hihg",
            "        ^^^^",
        ]);
}

#[tokio::test]
async fn the_name_of_a_file_tells_the_form_and_a_form_without_rows_takes_none() {
    let home = home().await;
    for (name, begin) in [
        ("a.sarif", "{\"$schema\""),
        ("a.ocsf.json", "["),
        ("a.html", "<!doctype html>"),
        ("a.md", "## "),
        ("a.ndjson", "{\"server\""),
        ("a.xlsx", "PK"),
    ] {
        let file = home.name(name);
        home.run(&["report", "-o", &file]).await.fine();
        let bytes = std::fs::read(&file).expect("a file");
        assert!(bytes.starts_with(begin.as_bytes()), "{name}");
    }
    let file = home.name("a.dat");
    let told = home.run(&["report", "-o", &file]).await;
    assert!(
        told.code == 2 && told.err.contains("does not tell the form"),
        "{told:?}"
    );
    let told = home
        .run(&["report", "--format", "sarif", "--columns", "server"])
        .await;
    assert!(
        told.code == 2 && told.err.contains("leave out --columns"),
        "{told:?}"
    );
}

#[tokio::test]
async fn rows_are_in_the_order_of_any_of_their_columns() {
    let home = home().await;
    let rows = async |arguments: &[&str]| -> Vec<Value> {
        let told = home
            .run(&[&["report", "--format", "ndjson"], arguments].concat())
            .await;
        let lines = told.fine();
        lines
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    };
    let usual = rows(&["--rows", "findings"]).await;
    let sorted = rows(&["--rows", "findings", "--sort", "severity"]).await;
    let rank = |row: &Value| {
        let words = ["critical", "high", "medium", "low"];
        let place = words.iter().position(|word| row["severity"] == *word);
        place.unwrap_or(words.len())
    };
    // A stable sort by somebody else is the same.
    let mut expected = usual.clone();
    expected.sort_by_key(rank);
    assert_eq!(sorted, expected);
    assert_eq!(rank(&sorted[0]), 0);
    // A column that is not written orders what is, and a group stays together.
    let arguments = [
        "--rows",
        "findings",
        "--group",
        "region",
        "--sort",
        "verdict:desc",
    ];
    let grouped = rows(&[&arguments[..], &["--columns", "server,feature_id"]].concat()).await;
    assert_eq!(grouped.len(), usual.len());
    let members: Vec<&String> = grouped[0].as_object().expect("a row").keys().collect();
    assert_eq!(members.len(), 3, "{members:?}");
    let mut groups: Vec<&str> = grouped
        .iter()
        .filter_map(|it| it["group"].as_str())
        .collect();
    groups.dedup();
    let count = groups.len();
    groups.sort_unstable();
    groups.dedup();
    assert_eq!(groups.len(), count, "a group stands together");
    let failing = rows(&["--rows", "controls", "--sort", "failing:desc"]).await;
    let counts: Vec<u64> = failing
        .iter()
        .filter_map(|it| it["failing"].as_u64())
        .collect();
    assert!(counts.is_sorted_by(|one, other| one >= other), "{counts:?}");
    for (arguments, words) in [
        (
            &["--rows", "controls", "--sort", "name"][..],
            "; there are the columns family, control",
        ),
        (&["--rows", "servers", "--sort", "colour"], "worst_severity"),
        (
            &["--format", "html", "--sort", "severity"],
            "risk, match, name",
        ),
    ] {
        let told = home.run(&[&["report"], arguments].concat()).await;
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{told:?}");
        assert!(told.err.contains(words), "{told:?}");
    }
}

#[tokio::test]
async fn the_explorer_writes_the_document_that_the_command_writes() {
    let home = home().await;
    let list = json(&home, &["scans", "--json"]).await;
    let path = list[0]["path"].as_str().expect("a path");
    let mut scan = Scan::open(Path::new(path)).expect("a scan");
    // Without the exemptions of this home, as the judge below has none.
    let judge = Judge::by(Ruleset::default());
    let none = home.name("none.toml");
    std::fs::write(&none, "").expect("room");
    let fleet = Arc::new(scan.fleet(&judge, |_| {}).expect("a fleet"));
    let places = Selection::default().select(&fleet).places;
    for rows in [Rows::Servers, Rows::Findings, Rows::Controls, Rows::Matrix] {
        let file = home.name(&format!("{}.json", rows.word()));
        let export = Export {
            rows,
            columns: rows.columns(),
            format: Format::Json,
            file: file.clone(),
            replace: false,
            filter: None,
            about: "40 servers, all that are shown".to_owned(),
            fleet: Arc::clone(&fleet),
            places: places.clone().into(),
            reports: None,
            difference: None,
        };
        let watch = Watch {
            wanted: &|| true,
            tell: &|_| {},
        };
        let written = runtime::export(&export, Some(Path::new(path)), &judge, &watch);
        assert!(written.expect("a file").bytes > 0);
        let text = std::fs::read_to_string(&file).expect("a file");
        let mut document: Value = serde_json::from_str(&text).expect("JSON");
        check(
            &validator(DocumentKind::Report.schema()),
            &document,
            "explorer",
        );
        let about = document.as_object_mut().and_then(|it| it.remove("about"));
        assert_eq!(about, Some(export.about.clone().into()));
        let arguments = [
            "report",
            "--format",
            "json",
            "--rows",
            rows.word(),
            "--exemptions",
            &none,
        ];
        let mut expected = json(&home, &arguments).await;
        for document in [&mut document, &mut expected] {
            document["written_at"] = Value::Null;
        }
        assert_eq!(document, expected, "{rows}");
    }
}
