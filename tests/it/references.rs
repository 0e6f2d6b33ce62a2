//! Reference catalogues through the program itself: workbooks made here go in, are kept, shown, searched and removed;
//! and, where the shared reference is at hand, the workbook that Microsoft publishes for this service.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use flexposture::baseline::reference::ReferenceCatalogue;
use flexposture::report::DocumentKind;
use rust_xlsxwriter::Workbook;
use serde_json::Value;

use crate::documents;
use crate::support::shared;

/// The columns of the sheet `Feature Summary`, not in the order of the published files.
const HEADERS: [&str; 13] = [
    "Feature Notes",
    "Feature Name",
    "ASB Control Title",
    "ASB Control ID",
    "Control Domain",
    "Reviewed by",
    "Responsibility",
    "Feature Enabled by Default",
    "Feature Supported",
    "Feature Reference",
    "Guidance",
    "Guidance Notes",
    "Feature Description",
];

/// A home of its own for one test.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_flexposture"))
            .arg("baseline")
            .args(arguments)
            .env_clear()
            .env("HOME", self.0.path())
            .env("XDG_DATA_HOME", self.0.path().join("data"))
            .stdin(Stdio::null())
            .output()
            .expect("the program starts")
    }

    /// What it writes when all is well.
    fn text(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {told}");
        String::from_utf8(output.stdout).expect("text")
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.text(arguments)).expect("JSON")
    }

    /// What it says when the arguments or files make no sense.
    fn refusal(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        String::from_utf8(output.stderr).expect("text")
    }

    /// A workbook in this home with a feature `Moat` whose notes are these.
    fn workbook(&self, file: &str, notes: &str) -> String {
        let rows = [
            [
                notes,
                "Moat",
                "Keep them out",
                "NS-2",
                "Network Security",
                "nobody",
                "Customer",
                "False",
                "True",
                "Moats: https://example.invalid/moats",
                "Dig a moat.\nFill it with water.",
                "None",
                "A ditch.",
            ],
            [
                "None",
                "Dragon",
                "Find them",
                "LT-1",
                "Logging and threat detection",
                "nobody",
                "Not Applicable",
                "Not Applicable",
                "No Related Feature",
                "None",
                "This feature is not supported to secure this service.",
                "None",
                "A beast.",
            ],
        ];
        let mut workbook = Workbook::new();
        let profile = workbook.add_worksheet();
        profile.set_name("Security Profile").expect("a name");
        let cells = ["Behavior Attribute", "Description", "Value"];
        for (column, text) in (0..).zip(cells) {
            profile.write_string(0, column, text).expect("room");
        }
        for (column, text) in (0..).zip(["Product Category", "What it is for.", "Castles"]) {
            profile.write_string(1, column, text).expect("room");
        }
        let sheet = workbook.add_worksheet();
        sheet.set_name("Feature Summary").expect("a name");
        for (row, cells) in (0..).zip([HEADERS].iter().chain(&rows)) {
            for (column, text) in (0..).zip(cells) {
                sheet.write_string(row, column, *text).expect("room");
            }
        }
        let path = self.0.path().join(file);
        workbook.save(&path).expect("room");
        path.to_str().expect("a path").to_owned()
    }
}

#[test]
fn workbooks_of_several_services_are_kept_side_by_side_for_their_owner_alone() {
    let home = Home::new();
    assert!(
        home.text(&["references"])
            .starts_with("No reference catalogues in ")
    );
    let castle = home.workbook(
        "castle-azure-security-benchmark-v3-latest-security-baseline.xlsx",
        "None",
    );
    let tower = home.workbook("Tower (North).xlsx", "Mind the gap.");
    assert_eq!(
        home.text(&["import", &castle, &tower]),
        "Imported castle: castle, 2 controls, 2 features.\n  Columns outside the layout were left out: Reviewed by\n\
         Imported tower-north: tower north, 2 controls, 2 features.\n  Columns outside the layout were left out: Reviewed by\n"
    );
    let folder = home.0.path().join("data/flexposture/baselines");
    let mode = |path: &Path| path.metadata().expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for name in ["castle", "tower-north"] {
        assert_eq!(mode(&folder.join(format!("{name}.json"))), 0o600);
    }

    let list = home.json(&["references", "--json"]);
    assert_eq!(list[0]["name"], "castle");
    assert_eq!(list[0]["benchmark"], "Azure Security Benchmark v3");
    assert_eq!(
        (&list[1]["name"], &list[1]["benchmark"]),
        (&"tower-north".into(), &Value::Null)
    );

    let table = home.text(&["list", "--reference", "north", "--width", "120"]);
    assert!(table.contains("Product Category: Castles"), "{table}");
    let row = |start: &str| {
        let line = table
            .lines()
            .find(|line| line.starts_with(start))
            .expect("a row");
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row("NS-2"), "NS-2 Moat yes off Customer");
    assert_eq!(row("LT-1"), "LT-1 Dragon none - -");

    let page = home.text(&["show", "moat", "--reference", "tower"]);
    for part in [
        "NS-2 Moat\n=========",
        "Mind the gap.",
        "https://example.invalid/moats",
        "  Fill it with water.",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(
        !home
            .text(&["show", "NS-2", "--reference", "castle"])
            .contains("Mind the gap.")
    );
    assert!(
        home.refusal(&["show", "drawbridge", "--reference", "castle"])
            .contains("drawbridge")
    );
    assert!(
        home.refusal(&["list", "--reference", "t"])
            .contains("may be any of castle, tower-north")
    );
    assert!(
        home.refusal(&["list", "--reference", "../castle"])
            .contains("there are: castle, tower-north")
    );

    let export = home.json(&["export", "--reference", "castle"]);
    let kept: ReferenceCatalogue = serde_json::from_value(export).expect("a reference catalogue");
    assert_eq!(
        kept.features[0].guidance.as_deref(),
        Some("Dig a moat.\n\nFill it with water.")
    );

    let found = home.json(&["search", "WATER", "moat", "--all", "--json"]);
    let where_found: Vec<_> = found
        .as_array()
        .expect("a list")
        .iter()
        .map(|hit| &hit["reference"])
        .collect();
    assert_eq!(where_found, ["castle", "tower-north"]);
    assert!(
        home.text(&["search", "gap", "--reference", "castle"])
            .contains("0 features in 1 catalogue")
    );
    assert!(
        home.text(&["search", "lockbox"])
            .contains("Customer Lockbox")
    );

    home.workbook("Tower (North).xlsx", "Mind the dog.");
    assert!(
        home.text(&["import", &tower])
            .starts_with("Replaced tower-north: ")
    );
    assert!(
        home.text(&["show", "moat", "--reference", "tower"])
            .contains("Mind the dog.")
    );

    assert!(home.refusal(&["remove", "tower"]).contains("whole name"));
    assert_eq!(
        home.text(&["remove", "tower-north"]),
        "Removed tower-north.\n"
    );
    assert!(!folder.join("tower-north.json").exists());
    assert!(
        home.refusal(&["remove", "tower-north"])
            .contains("there are: castle")
    );
}

#[test]
fn when_one_file_is_wrong_nothing_is_imported() {
    let home = Home::new();
    let good = home.workbook("good.xlsx", "None");
    let bad = home.0.path().join("bad.xlsx");
    std::fs::write(&bad, "Control Domain,ASB Control ID\n").expect("room");
    let bad = bad.to_str().expect("a path");
    let told = home.refusal(&["import", &good, bad, "/no/such/file.xlsx"]);
    for part in [
        "nothing was imported",
        "bad.xlsx: not a workbook",
        "/no/such/file.xlsx: ",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // Two files whose names lead to one.
    let twin = home.workbook("Good.xlsx", "None");
    assert!(
        home.refusal(&["import", &good, &twin])
            .contains("both be called `good`")
    );
    assert!(
        home.refusal(&["import", &good, &twin, "--name", "x"])
            .contains("--name is for one file")
    );
    assert!(
        home.refusal(&["import", &good, "--name", "../x"])
            .contains("small letters")
    );
    assert_eq!(
        home.json(&["references", "--json"]),
        Value::Array(Vec::new())
    );
    assert!(
        home.text(&["import", &good, "--name", "best"])
            .starts_with("Imported best: good")
    );
}

#[test]
fn a_kept_file_that_cannot_be_read_is_told_and_harms_no_other() {
    let home = Home::new();
    let good = home.workbook("good.xlsx", "None");
    home.text(&["import", &good]);
    let folder = home.0.path().join("data/flexposture/baselines");
    std::fs::write(folder.join("half.json"), "{\"schema\": 1, \"na").expect("room");
    std::fs::write(folder.join("later.json"), "{\"schema\": 2}").expect("room");
    std::fs::write(folder.join("Not a name.json"), "{}").expect("room");
    let list = home.text(&["references"]);
    let line = |name: &str| {
        list.lines()
            .find(|line| line.starts_with(name))
            .expect("a line")
    };
    assert!(line("half").contains("cannot be read"), "{list}");
    assert!(line("later").contains("form 2 is not the form 1"), "{list}");
    assert!(line("good").contains("not told"), "{list}");
    assert!(!list.contains("Not a name"), "{list}");
    assert!(
        home.refusal(&["list", "--reference", "later"])
            .contains("import the workbook again")
    );
}

#[test]
fn a_workbook_of_another_service_differs_and_the_exit_code_says_so() {
    let home = Home::new();
    let castle = home.workbook("castle.xlsx", "None");
    let output = home.run(&["compare", &castle, "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    documents::is(DocumentKind::BaselineComparison, &told);
    // 25 features of ours and 2 of the workbook.
    assert_eq!(
        (&told["compared"], &told["unexpected"]),
        (&27.into(), &27.into())
    );
    let text = home.run(&["compare", &castle]);
    assert_eq!(text.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&text.stdout).contains("27 unexpected"));
}

#[test]
fn what_is_written_of_reference_catalogues_is_what_the_schemas_say() {
    let home = Home::new();
    let castle = home.workbook("castle.xlsx", "None");
    let imported = home.json(&["import", &castle, "--json"]);
    documents::is(DocumentKind::References, &imported);
    assert_eq!(imported[0]["replaced"], false);
    std::fs::write(
        home.0.path().join("data/flexposture/baselines/half.json"),
        "{",
    )
    .expect("room");
    for (kind, arguments) in [
        (DocumentKind::References, &["references", "--json"][..]),
        (
            DocumentKind::Reference,
            &["export", "--reference", "castle"],
        ),
        (
            DocumentKind::BaselineSearch,
            &["search", "water", "--json", "--reference", "castle"],
        ),
        (
            DocumentKind::BaselineSearch,
            &["search", "network", "--json"],
        ),
    ] {
        let document = home.json(arguments);
        documents::is(kind, &document);
        assert_ne!(document, Value::Array(Vec::new()), "{kind}");
    }
}

/// Microsoft's workbook, when it is there.
fn published(what: &str) -> Option<(PathBuf, PathBuf)> {
    let found = shared().and_then(|folder| {
        let workbook = folder.join("data/mysql-flexible-baseline-workbook.xlsx");
        let facts = folder.join("reference/baseline_facts.csv");
        (workbook.is_file() && facts.is_file()).then_some((workbook, facts))
    });
    if found.is_none() {
        println!("left out: {what} (no shared reference; FLEXPOSTURE_SHARED can name its folder)");
    }
    found
}

#[test]
fn the_published_workbook_differs_from_the_catalogue_in_what_is_declared_and_in_nothing_else() {
    let Some((workbook, _)) = published("comparison of the catalogue with the published workbook")
    else {
        return;
    };
    let home = Home::new();
    let told = home.json(&["compare", workbook.to_str().expect("a path"), "--json"]);
    assert_eq!(told["unexpected"], 0);
    assert_eq!(told["declared_not_found"], Value::Array(Vec::new()));
    // 25 features with presence and 8 facts, 20 controls with family and title, and 10 features that only it has.
    assert_eq!(told["compared"], 25 * 9 + 20 * 2 + 10);
    let found: BTreeSet<String> = told["differences"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| {
            let words = ["control", "feature", "fact"].map(|key| it[key].as_str().unwrap_or("-"));
            words.join(" | ")
        })
        .filter(|it| !it.ends_with("| feature"))
        .collect();
    let expected = [
        "LT-4 | - | control title",
        "NS-2 | Azure Private Link | enabled by default",
        "NS-2 | Azure Private Link | kind of guidance",
        "NS-2 | Azure Private Link | reference title",
        "NS-2 | Azure Private Link | responsibility",
        "NS-2 | Azure Private Link | supported",
        "PA-8 | - | control title",
    ];
    assert_eq!(found, expected.map(str::to_owned).into());
    assert_eq!(
        told["differences"].as_array().map(Vec::len),
        Some(expected.len() + 10)
    );
}

#[test]
fn the_published_workbook_is_imported_as_the_reference_facts_have_it() {
    let Some((workbook, facts)) = published("comparison of an import with baseline_facts.csv")
    else {
        return;
    };
    let home = Home::new();
    home.text(&[
        "import",
        workbook.to_str().expect("a path"),
        "--name",
        "mysql",
    ]);
    let export = home.json(&["export", "--reference", "mysql"]);
    let read: ReferenceCatalogue = serde_json::from_value(export).expect("a reference catalogue");
    assert_eq!(
        (read.features.len(), read.controls(), read.profile.len()),
        (35, 27, 4)
    );
    let mut differing = BTreeSet::new();
    let mut seen = 0;
    let mut facts = csv::Reader::from_path(facts).expect("a table");
    let headers = facts.headers().expect("headers").clone();
    for record in facts.records() {
        let record = record.expect("a row");
        let fact = |column: &str| {
            let place = headers
                .iter()
                .position(|it| it == column)
                .expect("a column");
            record.get(place).expect("a field")
        };
        let of_fact = |it: &&flexposture::baseline::reference::ReferenceFeature| {
            it.name == fact("feature_name") && it.control.as_deref() == Some(fact("control_id"))
        };
        let feature = read
            .features
            .iter()
            .find(of_fact)
            .expect("a row of the workbook");
        seen += 1;
        let reference = feature.reference.as_ref();
        let kind = feature.guidance_kind();
        for (column, ours) in [
            ("family", feature.family.as_deref()),
            ("control_title", feature.control_title.as_deref()),
            ("supported", Some(feature.supported.as_str())),
            (
                "enabled_by_default",
                Some(feature.enabled_by_default.as_str()),
            ),
            ("responsibility", Some(feature.responsibility.as_str())),
            (
                "guidance_kind",
                Some(kind.map_or("not applicable", |it| it.as_str())),
            ),
            ("reference_title", reference.map(|it| it.title.as_str())),
            ("reference_url", reference.and_then(|it| it.url.as_deref())),
        ] {
            if ours.unwrap_or_default() != fact(column) {
                differing.insert(format!("{} {column}", feature.name));
            }
        }
    }
    assert_eq!(seen, read.features.len());
    // The facts have the page's values here, and the workbook has its own.
    let expected = [
        "Azure Private Link enabled_by_default",
        "Azure Private Link guidance_kind",
        "Azure Private Link reference_title",
        "Azure Private Link responsibility",
        "Azure Private Link supported",
        "Azure Resource Logs control_title",
        "Customer Lockbox control_title",
    ];
    assert_eq!(differing, expected.map(str::to_owned).into());
}
