//! Settings from their sources to the verdicts, and a scan judged anew.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use flexposture::posture::{Ruleset, THRESHOLDS};
use serde_json::{Value, json};

use crate::home::Home;

fn setting<'a>(shown: &'a Value, key: &str) -> &'a Value {
    let settings = shown["settings"].as_array().expect("a list");
    settings
        .iter()
        .find(|it| it["key"] == key)
        .unwrap_or_else(|| panic!("no {key} in {shown}"))
}

#[tokio::test]
async fn every_setting_is_shown_with_its_value_its_default_and_its_origin() {
    let home = Home::new();
    let path = home.run(&["config", "path"]).await.fine();
    let file = home.setting("config.toml");
    assert_eq!(path.trim_end(), file.to_str().expect("text"));
    let show = ["config", "show", "--json"];
    let shown = home.run(&show).await.json();
    assert_eq!(shown["file"]["exists"], false);
    assert_eq!(shown["ruleset"], Ruleset::default().id());
    let settings = shown["settings"].as_array().expect("a list");
    let judging = settings.iter().filter(|it| {
        let key = it["key"].as_str().unwrap_or_default();
        key == "strict_baseline" || THRESHOLDS.iter().any(|threshold| threshold.key == key)
    });
    assert_eq!(judging.count(), 1 + THRESHOLDS.len());
    for setting in settings {
        assert_eq!(setting["origin"], json!({"from": "default"}));
        assert_eq!(setting["value"], setting["default"]);
    }

    home.set(
        "config.toml",
        "# ours\nstrict_baseline = true\n\n[thresholds]\nrequired_tags = [\"owner\"]\nallowed_public_ranges = [\"203.0.113.0-203.0.113.255\"]\n",
    );
    let shown = home.run(&show).await.json();
    let tags = setting(&shown, "required_tags");
    assert_eq!(tags["value"], json!(["owner"]));
    assert_eq!(tags["default"], json!([]));
    assert_eq!(
        tags["origin"],
        json!({"from": "file", "file": file, "line": 5})
    );
    let ranges = setting(&shown, "allowed_public_ranges");
    assert_eq!(ranges["value"], json!(["203.0.113.0/24"]));
    let strict = |shown: &Value| {
        let strict = setting(shown, "strict_baseline");
        (strict["value"].clone(), strict["origin"].clone())
    };
    let from_file = json!({"from": "file", "file": file, "line": 2});
    assert_eq!(strict(&shown), (json!(true), from_file));
    let variable = "FLEXPOSTURE_STRICT_BASELINE";
    let shown = home.run_with(&show, &[(variable, "false")]).await.json();
    let from_environment = json!({"from": "environment", "name": variable});
    assert_eq!(strict(&shown), (json!(false), from_environment));
    let with_option = [&show[..], &["--strict-baseline"]].concat();
    let shown = home
        .run_with(&with_option, &[(variable, "false")])
        .await
        .json();
    let from_option = json!({"from": "option", "name": "--strict-baseline"});
    assert_eq!(strict(&shown), (json!(true), from_option));
    let with_option = [&show[..], &["--strict-baseline=false"]].concat();
    assert_eq!(strict(&home.run(&with_option).await.json()).0, json!(false));

    let text = home.run(&["config", "show"]).await.fine();
    let line = format!("    from {}:5; the default is []\n", file.display());
    assert!(
        text.contains("\nrequired_tags = [\"owner\"]\n") && text.contains(&line),
        "{text}"
    );
}

#[tokio::test]
async fn a_mistake_in_the_config_file_ends_every_command_that_judges() {
    let home = Home::new();
    let file = home.name("ours.toml");
    std::fs::write(
        &file,
        "colour = true\n[thresholds]\nmin_backup_retention_day = 14\nmax_backup_age_hours = 0\n",
    )
    .expect("a file");
    let lines = [
        "3 mistakes".to_owned(),
        format!("{file}:1:1: unknown key `colour`; the nearest is `color`"),
        format!(
            "{file}:3:1: unknown key `min_backup_retention_day`; the nearest is `min_backup_retention_days`"
        ),
        format!("{file}:4:24: `max_backup_age_hours` is 0, and needs a whole number from 1 to 840"),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    for command in [
        &["config", "show"][..],
        &["findings", "--all"],
        &["rejudge"],
        &["demo", "--print"],
        &["explore"],
        &["exemptions", "list"],
        &["scan", "--arm-endpoint", "http://127.0.0.1:1"],
    ] {
        let named = [command, &["--config", &file]].concat();
        home.run(&named).await.refused(&lines);
        let variable = [("FLEXPOSTURE_CONFIG", file.as_str())];
        home.run_with(command, &variable).await.refused(&lines);
    }
    let missing = home.name("missing.toml");
    home.run(&["config", "show", "--config", &missing])
        .await
        .refused(&[&format!(
            "{missing}: No such file or directory (os error 2)"
        )]);
    home.run_with(
        &["config", "show"],
        &[("FLEXPOSTURE_STRICT_BASELINE", "maybe")],
    )
    .await
    .refused(&["FLEXPOSTURE_STRICT_BASELINE is \"maybe\", and needs true or false"]);
}

/// Server, feature and verdict of every finding.
fn verdicts(findings: &[Value]) -> Vec<[&str; 3]> {
    findings
        .iter()
        .map(|finding| {
            ["server_id", "feature", "verdict"].map(|key| finding[key].as_str().expect("text"))
        })
        .collect()
}

#[tokio::test]
async fn rejudging_shows_exactly_the_findings_that_a_changed_threshold_turns() {
    let home = Home::new();
    home.scan(20).await;
    let before = home.findings(&[]).await;
    let nothing = home.run(&["rejudge", "--json"]).await.json();
    assert_eq!(nothing["ruleset_then"], nothing["ruleset_now"]);
    assert_eq!(
        (&nothing["settings_changed"], &nothing["findings"]),
        (&json!([]), &json!([]))
    );
    assert!(
        home.run(&["rejudge"])
            .await
            .fine()
            .contains("No verdict differs.")
    );

    home.set(
        "config.toml",
        "[thresholds]\nmin_backup_retention_days = 35\nrequire_cmk = true\n",
    );
    // An exemption hides no difference.
    home.set(
        "exemptions.toml",
        "[[exemption]]\nserver = \"*\"\nfeature = \"customer-key-encryption\"\nreason = \"r\"\nowner = \"o\"\nuntil = 2999-01-01\n",
    );
    let nobody = home.name("nobody.toml");
    std::fs::write(&nobody, "").expect("a file");
    let after = home.findings(&["--exemptions", &nobody]).await;
    let expected: BTreeSet<[&str; 4]> = verdicts(&before)
        .into_iter()
        .zip(verdicts(&after))
        .filter(|([_, _, before], [_, _, after])| before != after)
        .map(|([server, feature, before], [_, _, after])| [server, feature, before, after])
        .collect();
    let features: BTreeSet<&str> = expected.iter().map(|[_, feature, ..]| *feature).collect();
    assert_eq!(
        features,
        BTreeSet::from([
            "Data at Rest Encryption Using CMK",
            "Service Native Backup Capability"
        ]),
        "both thresholds turn something in this fleet"
    );

    let rejudged = home.run(&["rejudge", "--json"]).await.json();
    assert_eq!(rejudged["ruleset_then"], Ruleset::default().id());
    assert_ne!(rejudged["ruleset_now"], rejudged["ruleset_then"]);
    assert_eq!(rejudged["conditions_changed"], false);
    assert_eq!(
        rejudged["settings_changed"],
        json!([
            {"key": "require_cmk", "then": false, "now": true},
            {"key": "min_backup_retention_days", "then": 7, "now": 35},
        ])
    );
    let findings = rejudged["findings"].as_array().expect("a list");
    let found: BTreeSet<[&str; 4]> = findings
        .iter()
        .map(|it| {
            ["server_id", "feature", "before", "after"].map(|key| it[key].as_str().expect("text"))
        })
        .collect();
    assert_eq!((found.len(), found), (findings.len(), expected));
    for finding in findings {
        assert_eq!(finding["by_version_of_conditions"], false);
        let (condition, before) = match finding["control"].as_str() {
            Some("DP-5") => ("cmk", "Manual"),
            _ => ("retention", "Met"),
        };
        assert_eq!(
            finding["conditions"],
            json!([{
                "id": condition,
                "before": before,
                "after": "Unmet",
                "decided": true,
                "decides": true,
            }])
        );
    }
    let totals = rejudged["totals"].as_array().expect("a list");
    let sum: u64 = totals.iter().filter_map(|it| it["count"].as_u64()).sum();
    assert_eq!(sum as usize, findings.len());

    let text = home.run(&["rejudge"]).await.fine();
    assert!(text.contains("min_backup_retention_days: 7 → 35"), "{text}");
    assert!(
        text.contains(&format!("\n{} verdicts differ, on ", findings.len())),
        "{text}"
    );
    let strict = home.run(&["rejudge", "--strict-baseline"]).await.fine();
    assert!(
        strict.contains("public-disabled: Unmet → Unmet, decided then and only informs now"),
        "{strict}"
    );

    // A scan that is made under the new settings has nothing to tell.
    home.scan(20).await;
    let rejudged = home.run(&["rejudge", "--json"]).await.json();
    assert_eq!(rejudged["ruleset_then"], rejudged["ruleset_now"]);
    assert_eq!(rejudged["findings"], json!([]));
}

/// The lines of a file made by `config init`, with those that show a default put in force.
fn in_force(text: &str) -> String {
    text.lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(setting) if setting.contains(" = ") => setting,
            _ => line,
        })
        .fold(String::new(), |all, line| all + line + "\n")
}

#[tokio::test]
async fn a_config_file_to_begin_with_holds_every_default_and_changes_nothing() {
    let home = Home::new();
    let show = ["config", "show", "--json"];
    let before = home.run(&show).await.json();
    let file = home.setting("config.toml");
    let told = home.run(&["config", "init"]).await.fine();
    assert_eq!(told.trim_end(), file.to_str().expect("text"));
    let mode = std::fs::metadata(&file).expect("a file").permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    let after = home.run(&show).await.json();
    assert_eq!(after["settings"], before["settings"]);

    // With the comment signs taken away everything stands in the file, and is what it was.
    let text = std::fs::read_to_string(&file).expect("a file");
    std::fs::write(&file, in_force(&text)).expect("a file");
    let set = home.run(&show).await.json();
    let settings = set["settings"].as_array().expect("a list");
    for setting in settings {
        assert_eq!(setting["value"], setting["default"], "{setting}");
        assert_eq!(setting["origin"]["from"], "file", "{setting}");
    }
    assert_eq!(set["keys"].as_array().expect("a list").len(), 1);

    // What is there is somebody's.
    let refused = home.run(&["config", "init"]).await;
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("is there already"), "{}", refused.err);
    assert_eq!(
        std::fs::read_to_string(&file).expect("a file"),
        in_force(&text)
    );
}

/// Made anew by `flexposture config schema > assets/schema/config.schema.json`.
#[tokio::test]
async fn the_schema_of_the_config_file_is_the_one_that_the_program_makes() {
    let home = Home::new();
    let made = home.run(&["config", "schema"]).await.fine();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/schema/config.schema.json");
    let kept = std::fs::read_to_string(path).expect("the schema");
    assert!(
        kept == made,
        "settings have changed: cargo run -- config schema > assets/schema/config.schema.json"
    );
    let schema: Value = serde_json::from_str(&made).expect("JSON");
    let settings = home.run(&["config", "show", "--json"]).await.json();
    for setting in settings["settings"].as_array().expect("a list") {
        let key = setting["key"].as_str().expect("a name");
        let (table, key) = key.split_once('.').unwrap_or(("thresholds", key));
        let members = &schema["properties"];
        let member = match &members[table]["properties"][key] {
            Value::Null => &members[key],
            member => member,
        };
        assert_eq!(member["default"], setting["default"], "{key}");
    }
}

#[tokio::test]
async fn every_setting_has_an_environment_variable_named_after_its_key() {
    let home = Home::new();
    home.set(
        "config.toml",
        "[thresholds]\nmin_backup_retention_days = 20\n[watch]\nkeep_daily_days = 5\n",
    );
    let show = ["config", "show", "--json"];
    let shown = home.run(&show).await.json();
    let settings = shown["settings"].as_array().expect("a list");
    for setting in settings {
        let key = setting["key"].as_str().expect("a key");
        let variable = format!("FLEXPOSTURE_{}", key.to_uppercase().replace('.', "_"));
        assert_eq!(setting["variable"], variable, "{key}");
        let other = match &setting["value"] {
            Value::Bool(choice) => (!choice).to_string(),
            Value::Number(number) => (number.as_u64().expect("a number") + 1).to_string(),
            _ => match key {
                "allowed_public_ranges" => "203.0.113.0/24,198.51.100.7/32".to_owned(),
                "required_audit_events" => "CONNECTION,DDL".to_owned(),
                "required_tags" => "owner, env".to_owned(),
                "theme" => "light".to_owned(),
                "color" => "16".to_owned(),
                key => panic!("{key}"),
            },
        };
        let with = home.run_with(&show, &[(&variable, &other)]).await.json();
        let changed = self::setting(&with, key);
        let origin = json!({"from": "environment", "name": variable});
        assert_eq!(changed["origin"], origin, "{key}");
        assert_ne!(changed["value"], setting["value"], "{key}");
        let judging = key == "strict_baseline" || THRESHOLDS.iter().any(|it| it.key == key);
        assert_eq!(with["ruleset"] != shown["ruleset"], judging, "{key}");
        // The one before the other, and an empty one is none.
        let empty = home.run_with(&show, &[(&variable, "")]).await.json();
        assert_eq!(self::setting(&empty, key), setting);
    }
    home.run_with(&["scans"], &[("FLEXPOSTURE_REQUIRE_CMK", "maybe")])
        .await
        .refused(&["FLEXPOSTURE_REQUIRE_CMK is \"maybe\", and needs true or false"]);
}
