//! Exemptions from the file to the verdicts: added, listed, applied, expired, and refused when they make no sense.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::home::{Home, in_days};

/// A finding that fails, and has conditions that hold beside those that do not.
fn failing(findings: &[Value]) -> &Value {
    let outcomes = |finding: &Value, word: &str| {
        finding["conditions"]
            .as_array()
            .is_some_and(|all| all.iter().any(|it| it["outcome"] == word))
    };
    findings
        .iter()
        .find(|it| it["verdict"] == "Fail" && outcomes(it, "Met") && outcomes(it, "Unmet"))
        .expect("the simulated fleet has one")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().expect("text")
}

#[tokio::test]
async fn an_exemption_is_added_listed_applied_and_stops_after_its_last_day() {
    let home = Home::new();
    home.scan(12).await;
    let before = home.findings(&[]).await;
    assert!(before.iter().all(|it| it["verdict"] != "Waived"));
    let failing = failing(&before);
    let (server, until) = (text(failing, "server"), in_days(100).to_string());
    let feature = format!("{} {}", text(failing, "control"), text(failing, "feature"));
    let add = [
        "exemptions",
        "add",
        "--server",
        &server.to_uppercase(),
        "--feature",
        &feature.to_lowercase(),
        "--reason",
        "an old \"client\"",
        "--owner",
        "platform team",
        "--ticket",
        "CHG-123",
        "--until",
        &until,
    ];
    let file = home.setting("exemptions.toml");
    let added = home.run(&add).await.fine();
    let head = std::fs::read_to_string(&file).expect("the file");
    assert!(head.starts_with("# Exemptions of flexposture"), "{head}");
    let place = format!("{}:4: ", file.display());
    assert!(
        added.starts_with(&place) && added.contains(&until),
        "{added}"
    );
    let mode = |path: &std::path::Path| {
        let metadata = std::fs::metadata(path).expect("it is there");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(file.parent().expect("a folder")), 0o700);

    let open = |finding: &Value| {
        let conditions = finding["conditions"].as_array().expect("a list");
        let is_open = |it: &&Value| {
            ["Unmet", "Unknown", "Manual"].contains(&it["outcome"].as_str().expect("a word"))
        };
        conditions.iter().filter(is_open).count()
    };
    let list = home.run(&["exemptions", "list", "--json"]).await.json();
    let [entry] = &list["exemptions"].as_array().expect("a list")[..] else {
        panic!("{list}")
    };
    assert_eq!(entry["state"], "in-force");
    assert_eq!(entry["days_left"], 100);
    assert_eq!(
        entry["in_scan"],
        json!({"servers_named": 1, "servers_covered": 1, "conditions": open(failing)})
    );

    let after = home.findings(&[]).await;
    let waiver = json!({
        "reason": "an old \"client\"",
        "owner": "platform team",
        "ticket": "CHG-123",
        "until": until,
    });
    for (before, after) in before.iter().zip(&after) {
        if before != failing {
            assert_eq!(before, after, "an exemption for another finding");
            continue;
        }
        assert_eq!(after["verdict"], "Waived");
        assert_eq!(after["without_exemptions"], "Fail");
        assert!(text(after, "reason").contains(&until), "{after}");
        let conditions = |it: &Value| it["conditions"].as_array().expect("a list").clone();
        for (before, after) in conditions(before).iter().zip(conditions(after)) {
            assert_eq!(before["outcome"], after["outcome"]);
            assert_eq!(before["evidence"], after["evidence"]);
            let met = before["outcome"] == "Met" || before["outcome"] == "NotApplicable";
            let expected = if met { &Value::Null } else { &waiver };
            assert_eq!(after["waiver"], *expected, "{after}");
        }
    }
    let shown = home.run(&["findings", server]).await.fine();
    let line = format!("Waived until {until} by platform team: an old \"client\" (CHG-123)");
    assert!(
        shown.contains(&line) && shown.contains(", Fail without exemptions"),
        "{shown}"
    );

    let expired = in_days(-1).to_string();
    let entry = std::fs::read_to_string(&file).expect("text");
    home.set("exemptions.toml", &entry.replace(&until, &expired));
    assert_eq!(home.findings(&[]).await, before);
    let list = home.run(&["exemptions", "list", "--json"]).await.json();
    assert_eq!(list["exemptions"][0]["state"], "expired");
    let shown = home.run(&["exemptions", "list"]).await.fine();
    assert!(
        shown.contains("EXPIRED") && shown.contains("would cover"),
        "{shown}"
    );
    let check = home.run(&["exemptions", "check"]).await.fine();
    let warning = format!("{place}warning: this exemption expired after {expired}");
    assert!(check.contains(&warning), "{check}");
}

#[tokio::test]
async fn what_is_exempt_leaves_the_score_and_the_count_of_failures() {
    let home = Home::new();
    let print = |options: Vec<String>| {
        let home = &home;
        async move {
            let mut arguments = vec!["demo", "--print", "--servers", "12"];
            arguments.extend(options.iter().map(String::as_str));
            let out = home.run(&arguments).await.fine();
            ["Fail", "Waived", "Score"].map(|word| {
                let total = |line: &str| line.strip_prefix(word)?.trim().parse::<u64>().ok();
                out.lines().find_map(total).unwrap_or(0)
            })
        }
    };
    let before = print(Vec::new()).await;
    let file = home.name("ours.toml");
    let feature = "private-link";
    let entry = format!(
        "[[exemption]]\nserver = \"*\"\nfeature = \"{feature}\"\nreason = \"r\"\nowner = \"o\"\nuntil = {}\n",
        in_days(1)
    );
    std::fs::write(&file, entry).expect("a file");
    let after = print(vec!["--exemptions".to_owned(), file]).await;
    assert!(
        before[1] == 0 && after[1] > 0,
        "waived: {before:?} {after:?}"
    );
    assert!(after[0] < before[0], "failures: {before:?} {after:?}");
    assert!(after[2] > before[2], "score: {before:?} {after:?}");
}

/// A file with a mistake in its first entry and two in its second.
const WRONG: &str = "[[exemption]]\nserver = \"a\"\nconditon = \"fw-azure\"\nreason = \"r\"\nowner = \"o\"\nuntil = 2027-03-31\n\
                     \n[[exemption]]\nserver = \"\"\ncondition = \"fw-azur\"\nreason = \"r\"\nowner = \"o\"\nuntil = 2027-03-31\n";

#[tokio::test]
async fn every_mistake_of_a_file_is_told_with_its_line_before_anything_is_done() {
    let home = Home::new();
    home.set("exemptions.toml", WRONG);
    let file = home.setting("exemptions.toml");
    let at = |place: &str, words: &str| format!("{}:{place}: {words}", file.display());
    let lines = [
        "4 mistakes".to_owned(),
        at(
            "1:1",
            "this exemption says neither `feature` nor `condition`",
        ),
        at("3:1", "unknown key `conditon`; the nearest is `condition`"),
        at("9:10", "`server` is empty"),
        at(
            "10:13",
            "no condition is called \"fw-azur\"; the nearest is \"fw-azure\"",
        ),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    for command in [
        &["exemptions", "check"][..],
        &["exemptions", "list"],
        &["findings", "--all"],
        &["demo", "--print"],
        &["explore"],
        &["scan", "--arm-endpoint", "http://127.0.0.1:1"],
        &[
            "exemptions",
            "add",
            "--server",
            "a",
            "--condition",
            "cmk",
            "--reason",
            "r",
            "--owner",
            "o",
            "--until",
            "2999-01-01",
        ],
    ] {
        home.run(command).await.refused(&lines);
    }
    assert_eq!(std::fs::read_to_string(&file).expect("text"), WRONG);
    assert!(!home.path("data").exists(), "nothing was scanned");
}

#[tokio::test]
async fn an_exemption_is_added_behind_what_stands_there_or_not_at_all() {
    let home = Home::new();
    let file = home.name("own.toml");
    let add = |changes: &[(&'static str, &'static str)]| {
        let mut arguments = vec!["exemptions", "add", "--exemptions", &file];
        for (option, value) in [
            ("--server", "mysql-*"),
            ("--condition", "fw-azure"),
            ("--reason", "r"),
            ("--owner", "o"),
            ("--until", "2999-12-31"),
        ] {
            let changed = changes.iter().find(|(name, _)| *name == option);
            match changed.map_or(value, |(_, value)| *value) {
                "" => {}
                value => arguments.extend([option, value]),
            }
        }
        for (option, value) in changes.iter().filter(|(name, _)| *name == "--feature") {
            arguments.extend([option, value]);
        }
        let arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
        let home = &home;
        async move {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            home.run(&arguments).await
        }
    };
    let kept = "# Ours, agreed in autumn\r\n  # by all\n[[exemption]]\nserver = 'a'\nfeature='tags'\nreason = \"\"\"\nlong\n\"\"\"\nowner = \"o\"\nuntil = 2999-01-01 # late";
    std::fs::write(&file, kept).expect("a file");
    add(&[]).await.fine();
    add(&[("--condition", ""), ("--feature", "Delete lock")])
        .await
        .fine();
    let text = std::fs::read_to_string(&file).expect("text");
    let entry = |covers: &str| {
        format!(
            "\n[[exemption]]\nserver = \"mysql-*\"\n{covers}\nreason = \"r\"\nowner = \"o\"\nuntil = 2999-12-31\n"
        )
    };
    let [one, two] = [
        entry("condition = \"fw-azure\""),
        entry("feature = \"delete-lock\""),
    ];
    assert_eq!(text, format!("{kept}\n{one}{two}"));

    let past = in_days(-1).to_string();
    let today = in_days(0);
    let told = home
        .run(&[
            "exemptions",
            "add",
            "--exemptions",
            &file,
            "--server",
            "a",
            "--condition",
            "cmk",
            "--reason",
            "r",
            "--owner",
            "o",
            "--until",
            &past,
        ])
        .await;
    told.refused(&[&format!("{past} is past, and today is {today}")]);
    add(&[("--condition", "fw-azur")])
        .await
        .refused(&["no condition is called \"fw-azur\"; the nearest is \"fw-azure\""]);
    add(&[("--condition", ""), ("--feature", "tagz")])
        .await
        .refused(&["no feature is called \"tagz\"; the nearest is \"tags\""]);
    add(&[("--owner", " "), ("--server", " ")])
        .await
        .refused(&["`server` is empty", "`owner` is empty"]);
    for both_or_neither in [&[("--condition", "")][..], &[("--feature", "tags")]] {
        let told = add(both_or_neither).await;
        assert_eq!(told.code, 2, "{told:?}");
    }
    let told = add(&[("--until", "2027-02-30")]).await;
    assert_eq!(told.code, 2, "{told:?}");
    assert_eq!(std::fs::read_to_string(&file).expect("text"), text);

    let closed = "exemption = []\n";
    std::fs::write(&file, closed).expect("a file");
    let told = add(&[]).await;
    assert_eq!(told.code, 2, "{told:?}");
    assert_eq!(std::fs::read_to_string(&file).expect("text"), closed);
}

#[tokio::test]
async fn an_option_goes_before_the_environment_before_the_config_folder() {
    let home = Home::new();
    let mut names = Vec::new();
    for owner in ["option", "environment"] {
        let file = home.name(owner);
        let entry = format!(
            "[[exemption]]\nserver = \"*\"\ncondition = \"cmk\"\nreason = \"r\"\nowner = \"{owner}\"\nuntil = 2999-01-01\n"
        );
        std::fs::write(&file, &entry).expect("a file");
        home.set("exemptions.toml", &entry.replace(owner, "folder"));
        names.push(file);
    }
    let [option, environment] = &names[..] else {
        panic!("two files")
    };
    let variable = [("FLEXPOSTURE_EXEMPTIONS", environment.as_str())];
    let list = ["exemptions", "list", "--json"];
    let with_option = [&list[..], &["--exemptions", option]].concat();
    for (told, owner) in [
        (home.run_with(&with_option, &variable).await, "option"),
        (home.run_with(&list, &variable).await, "environment"),
        (home.run(&list).await, "folder"),
    ] {
        assert_eq!(told.json()["exemptions"][0]["owner"], owner);
    }
    let missing = home.name("missing");
    let told = home
        .run(&["exemptions", "check", "--exemptions", &missing])
        .await;
    told.refused(&[&format!(
        "{missing}: No such file or directory (os error 2)"
    )]);
}
