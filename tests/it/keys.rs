//! Keys from the config file, the list of keys, and the key reference of the documentation.

use std::path::Path;

use flexposture::app::{Keymap, Scope, commands};
use flexposture::cli::keys::markdown;
use serde_json::json;

use crate::home::Home;

/// Config files with what is said of them: line, column and message.
const MISTAKES: &[(&str, &[&str])] = &[
    (
        "keys = 1",
        &["1:8: `keys` is a whole number, and a table is needed: [keys.fleet]"],
    ),
    (
        "[keys]\nfleet = true",
        &["2:9: `keys.fleet` is true or false, and a table is needed: [keys.fleet]"],
    ),
    (
        "[keys.flet]\nx = \"open\"",
        &["1:7: unknown place `flet`; the nearest is `fleet`"],
    ),
    (
        "[keys.fleet]\n\"g x\" = \"polices\"",
        &["2:9: unknown command `polices`; the nearest is `policies`"],
    ),
    (
        "[keys.fleet]\n\"g x\" = \"make-coffee-for-all\"",
        &["2:9: unknown command `make-coffee-for-all`; `flexposture keys` lists all of them"],
    ),
    (
        "[keys.fleet]\n  \"Hyper-x\" = \"open\"",
        &[
            "2:3: \"Hyper-x\" is not a key: write it like j, G, Ctrl-d, Alt-1, Enter, PageDown or F5",
        ],
    ),
    (
        "[keys.fleet]\nZ = true",
        &[
            "2:5: `Z` is true or false, and needs the name of a command in quotes, or false for nothing",
        ],
    ),
    (
        "[keys.fleet]\nZ = \"tab-raw\"",
        &["2:5: `tab-raw` cannot be asked for in `fleet`, only in server, feature"],
    ),
    // Written in two ways, the same keys.
    (
        "[keys.fleet]\nEscape = \"open\"\nEsc = \"filter\"",
        &["3:1: `Esc` stands twice in `fleet`: for `open` and for `filter`"],
    ),
    // A key of one's own before the keys of the program, and behind them.
    (
        "[keys.trend]\nZ = \"first\"\n\"Z Z\" = \"last\"",
        &[
            "2:1: in `trend` `Z` for `first` is the beginning of `Z Z` for `last`; take one of them away, as in \"Z Z\" = false",
            "3:1: in `trend` `Z` for `first` is the beginning of `Z Z` for `last`; take one of them away, as in \"Z\" = false",
        ],
    ),
    (
        "[keys.trend]\n\"j j\" = \"down\"",
        &[
            "2:1: in `trend` `j` for `down` is the beginning of `j j` for `down`; take one of them away, as in \"j\" = false",
        ],
    ),
    // What cannot be taken away.
    (
        "[keys.everywhere]\n\"Ctrl-c\" = false",
        &["2:1: `Ctrl-c` ends the program from everywhere, and stays as it is"],
    ),
    (
        "[keys.help]\nX = \"close\"\n[keys.errors]\nEsc = false\nq = false\nh = false\nLeft = false\nL = false",
        &[
            "8:1: without `L` nothing would be left for `close` in `errors`, and what leads out of a place keeps a key",
        ],
    ),
    // Where a line is written a letter is text.
    (
        "[keys.prompt]\nx = \"close\"",
        &["2:1: `x` is text where a line is written, as in `prompt`"],
    ),
];

#[tokio::test]
async fn every_mistake_in_the_keys_is_told_with_its_place() {
    let home = Home::new();
    let file = home.name("ours.toml");
    for (text, mistakes) in MISTAKES {
        std::fs::write(&file, text).expect("a file");
        let count = mistakes.len();
        let head = (count > 1).then(|| format!("{count} mistakes"));
        let mistakes = mistakes.iter().map(|it| format!("{file}:{it}"));
        let lines: Vec<String> = head.into_iter().chain(mistakes).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        home.run(&["keys", "--config", &file]).await.refused(&lines);
    }
    // All at once, in the order of the file; and every command that reads the file says so.
    std::fs::write(
        &file,
        "[keys.fleet]\n\"Ctrl-c\" = \"open\"\nZ = \"opn\"\n[thresholds]\nrequired_tag = []\n",
    )
    .expect("a file");
    let lines = [
        "3 mistakes".to_owned(),
        format!("{file}:2:1: `Ctrl-c` ends the program from everywhere, and stays as it is"),
        format!("{file}:3:5: unknown command `opn`; the nearest is `open`"),
        format!("{file}:5:1: unknown key `required_tag`; the nearest is `required_tags`"),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    for command in [&["explore"][..], &["config", "show"], &["demo", "--print"]] {
        let named = [command, &["--config", &file]].concat();
        home.run(&named).await.refused(&lines);
    }
}

#[tokio::test]
async fn keys_in_force_are_listed_and_those_of_the_file_are_named_with_their_lines() {
    let home = Home::new();
    home.set(
        "config.toml",
        "[keys.fleet]\n\"Z\" = \"filter\"\n\"S\" = false\n\n[keys.everywhere]\nF2 = \"matrix\"\n",
    );
    let listed = home.run(&["keys", "--json"]).await.json();
    let command = |scope: &str, id: &str| {
        let scopes = listed["scopes"].as_array().expect("a list");
        let scope = scopes.iter().find(|it| it["scope"] == scope).expect(scope);
        let all = scope["commands"].as_array().expect("a list");
        all.iter().find(|it| it["command"] == id).expect(id).clone()
    };
    assert_eq!(command("fleet", "filter")["keys"], json!(["Z", "/"]));
    assert_eq!(command("fleet", "filter")["own"], true);
    assert_eq!(command("fleet", "invert-order")["keys"], json!([]));
    assert_eq!(command("feature", "matrix")["keys"][0], "F2");
    let text = home.run(&["keys"]).await.fine();
    let line = |name: &str| text.lines().find(|line| line.contains(name));
    assert!(
        line("  invert-order  ")
            .expect("a line")
            .starts_with("  no key ")
    );
    assert!(
        line("  filter  ")
            .expect("a line")
            .ends_with(" (config file)")
    );

    let shown = home.run(&["config", "show", "--json"]).await.json();
    let file = home.setting("config.toml");
    let origin = |line: u32| json!({"from": "file", "file": file, "line": line});
    assert_eq!(
        shown["keys"],
        json!([
            {"scope": "fleet", "keys": "Z", "command": "filter", "origin": origin(2)},
            {"scope": "fleet", "keys": "S", "command": null, "origin": origin(3)},
            {"scope": "everywhere", "keys": "F2", "command": "matrix", "origin": origin(6)},
        ])
    );
    let shown = home.run(&["config", "show"]).await.fine();
    let line = format!("    in fleet: S is nothing, from {}:3\n", file.display());
    assert!(shown.contains(&line), "{shown}");
}

#[test]
fn a_place_goes_before_everywhere() {
    let text = "[keys.everywhere]\nF2 = \"matrix\"\nF3 = false\n[keys.fleet]\nF2 = \"trend\"\n";
    let table = toml::de::DeTable::parse(text).expect("TOML");
    let keymap = Keymap::from_config(table.get_ref().get("keys").expect("keys")).expect("keys");
    let at = |scope: Scope| {
        let bindings = keymap.bindings(scope).iter();
        bindings
            .filter(|binding| binding.keys.to_string() == "F2")
            .map(|binding| binding.record.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(at(Scope::Fleet), ["trend"]);
    assert_eq!(at(Scope::Feature), ["matrix"]);
    // Where the command cannot be asked for nothing changes.
    assert!(at(Scope::Help).is_empty());
}

/// Made anew by `flexposture keys --markdown > assets/docs/keys.md`.
#[test]
fn the_key_reference_is_the_one_that_the_program_makes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/docs/keys.md");
    let kept = std::fs::read_to_string(path).expect("the key reference");
    let made = markdown(&Keymap::default());
    assert!(
        kept == made,
        "keys have changed: cargo run -- keys --markdown --config /dev/null > assets/docs/keys.md"
    );
    for record in commands() {
        assert!(kept.contains(&format!("`{}`", record.id)), "{}", record.id);
    }
}

#[tokio::test]
async fn a_screen_is_written_in_words_without_a_terminal() {
    let home = Home::new();
    let demo = ["demo", "--servers", "6", "--plain"];
    let list = home.run(&demo).await.fine();
    assert_eq!(list.matches("\nserver: ").count(), 6, "{list}");
    assert!(!list.contains('\u{1b}'));
    let name = list
        .split("\nserver: ")
        .nth(1)
        .and_then(|rest| rest.split(';').next())
        .expect("a server");
    let with = |more: &[&'static str]| {
        let mut arguments: Vec<String> = demo.map(str::to_owned).into();
        arguments.extend(["--server".to_owned(), name.to_owned()]);
        arguments.extend(more.iter().map(|it| (*it).to_owned()));
        arguments
    };
    let arguments = with(&["--feature", "public-network-access", "--tab", "guidance"]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let guidance = home.run(&arguments).await.fine();
    for line in [
        "feature: Disable Public Network Access",
        "Guidance",
        "What it means",
    ] {
        assert!(guidance.lines().any(|it| it == line), "{line}\n{guidance}");
    }
    let policies = home
        .run(&[&demo[..], &["--screen", "policies"]].concat())
        .await;
    assert!(policies.fine().contains("\n6 servers looked at\n"));
    let found = home.run(&[&demo[..], &["--filter", name]].concat()).await;
    assert!(found.fine().contains("\nservers that match: 1\n"));
    home.run(&[&demo[..], &["--server", "nobody"]].concat())
        .await
        .refused(&["nobody is not in this scan"]);
    home.run(&["explore", "--plain", "--screen", "server"])
        .await
        .refused(&[
            "there is no scan yet: run `flexposture scan`, or `flexposture demo` to look around first",
        ]);
}
