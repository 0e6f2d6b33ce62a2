//! The manual and the completions: made from the definitions of the commands, so that they cannot fall behind.

use std::path::Path;
use std::process::{Command, Stdio};

use flexposture::cli::{command, man::markdown};

fn flexposture(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_flexposture"))
        .args(arguments)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

/// The names of all commands that are shown, in the order in which they are defined.
fn names() -> Vec<String> {
    command()
        .get_subcommands()
        .filter(|it| !it.is_hide_set())
        .map(|it| it.get_name().to_owned())
        .collect()
}

/// Made anew by `flexposture man --markdown > assets/docs/commands.md`.
#[test]
fn the_command_reference_is_the_one_that_the_program_makes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/docs/commands.md");
    let kept = std::fs::read_to_string(path).expect("the command reference");
    assert!(
        kept == markdown(),
        "commands have changed: cargo run -- man --markdown > assets/docs/commands.md"
    );
    for name in names() {
        assert!(
            kept.contains(&format!("\n## flexposture {name}\n")),
            "{name}"
        );
    }
}

#[test]
fn there_is_a_page_for_each_command_and_none_of_a_hidden_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = flexposture(&["man", "--out", folder.path().to_str().expect("a path")]);
    assert!(output.status.success(), "{output:?}");
    for name in names() {
        let page = folder.path().join(format!("flexposture-{name}.1"));
        let page = std::fs::read_to_string(page).expect(&name);
        assert!(page.contains(".TH flexposture-"), "{name}");
    }
    assert!(!folder.path().join("flexposture-picture.1").exists());

    let missing = folder.path().join("flexposture.1/missing");
    let output = flexposture(&["man", "--out", missing.to_str().expect("a path")]);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("missing"), "{told}");
}

#[test]
fn completions_know_every_command_in_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = flexposture(&["completions", shell]);
        assert!(output.status.success(), "{shell}");
        let script = String::from_utf8(output.stdout).expect("text");
        for name in names() {
            assert!(script.contains(&name), "{shell}: {name}");
        }
    }
    assert_eq!(flexposture(&["completions", "cmd"]).status.code(), Some(2));
}
