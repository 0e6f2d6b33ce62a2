//! The house is checked, not hoped for: who may know whom, what is named where, and how files are kept.
//!
//! The map stands in the documentation of `src/lib.rs`; the rules in [`rules`]. Imports, groups and renamings are
//! followed, and so are paths inside the code. What is compiled for tests only may name anything.

mod rules;
mod source;

use std::fs;
use std::path::Path;

use rules::{File, MOST_LINES, OWNED, Offence, ROOMS, offences};

fn files_below(folder: &Path, root: &Path, found: &mut Vec<File>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files_below(&path, root, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let inside = path.strip_prefix(root).expect("below the root");
            let names: Vec<_> = inside.iter().map(|it| it.to_string_lossy()).collect();
            found.push(File {
                path: names.join("/"),
                text: fs::read_to_string(&path).expect("text"),
            });
        }
    }
}

fn of_file(path: &str, text: &str) -> Vec<Offence> {
    let text = if text.starts_with("//!") {
        text.to_owned()
    } else {
        format!("//! For a test.\n{text}")
    };
    offences(&[File {
        path: path.to_owned(),
        text,
    }])
}

/// Asserts that a file breaks one rule, and which.
fn broken(path: &str, text: &str, why: &str) {
    let found = of_file(path, text);
    assert_eq!(found.len(), 1, "{path}: {text}: {found:?}");
    assert!(found[0].why.contains(why), "{path}: {text}: {found:?}");
}

fn fine(path: &str, text: &str) {
    assert_eq!(of_file(path, text), [], "{path}: {text}");
}

#[test]
fn the_house_keeps_its_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    files_below(&root.join("src"), root, &mut files);
    assert!(files.len() > 100, "only {} files were read", files.len());
    let found: Vec<String> = offences(&files).iter().map(Offence::to_string).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn the_tests_have_no_mod_rs_either() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    files_below(&root.join("tests"), root, &mut files);
    assert!(files.iter().any(|file| file.path == "tests/it/main.rs"));
    let named: Vec<&str> = files
        .iter()
        .map(|file| file.path.as_str())
        .filter(|path| path.ends_with("/mod.rs"))
        .collect();
    assert!(named.is_empty(), "{named:?}");
}

#[test]
fn every_arrow_that_is_not_drawn_is_refused() {
    for room in ROOMS {
        let path = format!("src/{}.rs", room.name);
        for other in ROOMS {
            let text = format!("use crate::{}::Thing;\n", other.name);
            if room.name == other.name || room.knows.contains(&other.name) {
                fine(&path, &text);
            } else {
                let why = format!("{} does not know {}", room.name, other.name);
                broken(&path, &text, &why);
            }
        }
    }
}

#[test]
fn the_arrows_are_those_of_the_map() {
    let knows = |room: &str, other: &str| {
        let room = ROOMS.iter().find(|it| it.name == room).expect("a room");
        room.knows.contains(&other)
    };
    // What reads files that people write asks first how deep they are; beside that these rooms know nobody.
    for pure in ["baseline", "documents", "nesting", "terminal"] {
        assert!(ROOMS.iter().all(|other| !knows(pure, other.name)), "{pure}");
    }
    for reads_files in ["look", "config"] {
        let known: Vec<&str> = ROOMS
            .iter()
            .map(|other| other.name)
            .filter(|other| knows(reads_files, other))
            .collect();
        assert_eq!(known, ["nesting"], "{reads_files}");
    }
    let who_knows = |other: &str| -> Vec<&str> {
        ROOMS
            .iter()
            .map(|room| room.name)
            .filter(|room| knows(room, other))
            .collect()
    };
    assert_eq!(who_knows("simulator"), ["cli"]);
    assert_eq!(who_knows("report"), ["app", "runtime", "cli"]);
    assert_eq!(who_knows("runtime"), ["cli"]);
    assert_eq!(who_knows("cli"), ["main"]);
    assert_eq!(who_knows("view"), ["runtime", "cli"]);
    assert_eq!(who_knows("app"), ["view", "runtime", "cli"]);
    assert_eq!(
        who_knows("query"),
        ["app", "view", "runtime", "report", "cli"]
    );
    assert_eq!(who_knows("scan"), ["runtime", "cli"]);
    assert_eq!(who_knows("store"), ["scan", "runtime", "cli"]);
    assert_eq!(who_knows("azure"), ["scan", "runtime", "cli"]);
    // No two rooms know each other.
    for room in ROOMS {
        for other in room.knows {
            assert!(!knows(other, room.name), "{} and {other}", room.name);
        }
    }
}

#[test]
fn every_name_that_does_not_belong_is_refused() {
    for room in ROOMS {
        let path = format!("src/{}/part.rs", room.name);
        if matches!(room.name, "main" | "lib") {
            continue;
        }
        for name in room.never.iter().copied().flatten() {
            broken(&path, &format!("use {name};\n"), "does not name");
            broken(&path, &format!("use {name}::inner;\n"), "does not name");
            broken(
                &path,
                &format!("fn f() {{ {name}::g(); }}\n"),
                "does not name",
            );
        }
        for owned in OWNED {
            for name in owned.names {
                let found = of_file(&path, &format!("use {name};\n"));
                let is_owner = owned.owners.contains(&room.name);
                assert_eq!(is_owner && found.is_empty(), is_owner, "{name}: {found:?}");
                assert!(is_owner || found.len() == 1, "{name}: {found:?}");
            }
        }
    }
    for (path, name, why) in [
        ("src/posture/a.rs", "tokio::sync::mpsc", "posture"),
        ("src/documents.rs", "reqwest::Client", "documents"),
        ("src/baseline/a.rs", "std::fs::File", "baseline"),
        ("src/app/a.rs", "ratatui::widgets::Block", "app"),
        ("src/app/a.rs", "std::thread::spawn", "app"),
        ("src/view/a.rs", "std::fs::read", "view"),
        ("src/view/a.rs", "crossterm::event::Event", "only terminal"),
        ("src/cli/a.rs", "crossterm::event::Event", "only terminal"),
        ("src/view/a.rs", "ratatui::style::Color", "only look"),
        ("src/runtime/a.rs", "ratatui::style::Color", "only look"),
        ("src/terminal/a.rs", "ratatui::style::Color", "only look"),
        ("src/scan/a.rs", "rusqlite::Connection", "only store"),
    ] {
        broken(path, &format!("use {name};\n"), why);
    }
    fine("src/look/a.rs", "use ratatui::style::Color;\n");
    fine(
        "src/terminal/frame/pen.rs",
        "use ratatui::style::Color;\nuse std::fs;\n",
    );
    fine(
        "src/posture/a.rs",
        "use std::net::Ipv4Addr;\nuse std::time::Duration;\nuse jiff::Timestamp;\n",
    );
}

#[test]
fn a_way_round_is_seen() {
    for text in [
        "use crate::{\n    baseline::Family,\n    azure::Cloud,\n};\n",
        "use crate::{baseline, azure as sky};\n",
        "use crate::baseline::{self, Family};\npub use crate::azure::Cloud;\n",
        "use flexposture::azure;\n",
        "fn f() { let _ = crate::azure::Cloud::default(); }\n",
        "fn f(x: impl Into<crate::azure::Cloud>) {}\n",
        "fn f() -> <crate::azure::Cloud as Into<u8>>::Out {}\n",
        "use super::super::azure::Cloud;\n",
        "mod inner {\n    use super::super::super::azure;\n}\n",
        "use crate as root;\nfn f() { root::azure::go(); }\n",
        "pub(in crate::azure) fn f() {}\n",
        "const LETTER: char = '\"';\nuse crate::azure::Cloud;\n",
        "fn f<'a>(x: &'a str) { crate::azure::go() }\n",
    ] {
        broken("src/posture/part.rs", text, "posture does not know azure");
    }
    for text in [
        "use std::time;\nfn f() { time::Instant::now(); }\n",
        "use std::time::{self, Duration};\nfn f() { time::SystemTime::now(); }\n",
        "use std::time::*;\n",
        "use std::{fmt, fs};\n",
        "use std::{\n    fmt,\n    fs::{self as files},\n};\n",
        "fn f() { Timestamp::now(); }\nuse jiff::Timestamp;\n",
        "use jiff::Timestamp as Clock;\nfn f() { Clock::now(); }\n",
        "fn f() { ::std::fs::read(\"x\"); }\n",
        "use std::net::TcpStream;\n",
        "use r#tokio::sync;\n",
    ] {
        broken("src/posture/part.rs", text, "posture does not name");
    }
    broken("src/posture/part.rs", "use crate::*;\n", "every room");
    broken(
        "src/view/part.rs",
        "use ratatui::style;\nfn f() { g(style::Color::Red); }\n",
        "only look",
    );
    broken("src/view/part.rs", "use ratatui::style::*;\n", "only look");
    broken(
        "src/view/part.rs",
        "use ratatui::prelude::*;\n",
        "only look",
    );
    broken(
        "src/view/part.rs",
        "use ratatui::crossterm::event;\n",
        "only terminal",
    );
    broken(
        "src/view/part.rs",
        "fn f(key: Key) { matches!(key.code, KeyCode::Enter); }\n",
        "view does not name KeyCode",
    );
    broken(
        "src/unheard/of.rs",
        "",
        "\"unheard\" is no room of the house",
    );
}

#[test]
fn what_is_no_code_is_no_offence() {
    fine(
        "src/posture/part.rs",
        "//! See crate::azure::Cloud.\n\
         /* use crate::azure; /* nested */ use tokio; */\n\
         // use crate::azure;\n\
         const A: &str = \"use crate::azure; \\\" std::fs\";\n\
         const B: &str = r#\"crate::azure \" std::fs\"#;\n\
         const C: &[u8] = b\"crate::azure\";\n\
         const D: char = '\\'';\n\
         const E: [char; 2] = ['{', '}'];\n",
    );
    fine(
        "src/posture/part.rs",
        "use crate::baseline::Family;\nuse super::Verdict;\nuse self::inner::X;\n\
         fn f<'a>() -> impl Iterator + use<'a> { azure::x(); }\n",
    );
}

#[test]
fn what_is_for_tests_may_name_anything_and_nothing_else_may() {
    let tests =
        "#[cfg(test)]\nmod tests {\n    use crate::azure::Cloud;\n    use tokio::sync;\n}\n";
    fine("src/posture/part.rs", tests);
    fine(
        "src/posture/part.rs",
        "#[cfg(test)]\nuse crate::{azure::Cloud, store};\n#[cfg(test)]\n#[derive(Debug)]\nstruct A([u8; 3]);\n",
    );
    broken(
        "src/posture/part.rs",
        &format!("{tests}use crate::azure::Cloud;\n"),
        "posture does not know azure",
    );
    broken(
        "src/posture/part.rs",
        "#[cfg(test)]\nuse crate::{azure::Cloud, store};\nuse crate::azure::Cloud;\n",
        "posture does not know azure",
    );

    let parent = |text: &str| File {
        path: "src/posture.rs".to_owned(),
        text: format!("//! For a test.\n{text}"),
    };
    let child = File {
        path: "src/posture/fixtures.rs".to_owned(),
        text: "//! For a test.\nuse crate::azure::Cloud;\n".to_owned(),
    };
    let for_tests = parent("#[cfg(test)]\npub(crate) mod fixtures;\nmod part;\n");
    assert_eq!(offences(&[for_tests, child.clone()]), []);
    let for_all = parent("mod fixtures;\n");
    assert_eq!(offences(&[for_all, child]).len(), 1);
}

#[test]
fn an_offence_is_told_with_file_line_and_text() {
    let found = of_file(
        "src/app/part.rs",
        "//! For a test.\n\nuse crate::{\n    posture::Verdict,\n    store::Scan,\n};\n",
    );
    assert_eq!(
        found[0].to_string(),
        "src/app/part.rs:5: app does not know store\n    store::Scan,"
    );
}

#[test]
fn files_are_kept_in_order() {
    broken("src/app/mod.rs", "", "no mod.rs");
    for word in ["todo!()", "unimplemented!(\"later\")", "dbg!(x)"] {
        broken(
            "src/app/part.rs",
            &format!("fn f() {{ {word} }}\n"),
            "is left in it",
        );
        let tests = format!("#[cfg(test)]\nmod tests {{ fn f() {{ {word} }} }}\n");
        broken("src/app/part.rs", &tests, "is left in it");
    }
    let silent = File {
        path: "src/app/part.rs".to_owned(),
        text: "fn f() {}\n".to_owned(),
    };
    let found = offences(&[silent]);
    assert!(found[0].why.contains("what it is for"), "{found:?}");

    let long = |lines: usize| format!("//! For a test.\n{}", "// x\n".repeat(lines - 1));
    fine("src/app/part.rs", &long(MOST_LINES));
    broken(
        "src/app/part.rs",
        &long(MOST_LINES + 1),
        "501 lines before its tests",
    );
    let tests = "#[cfg(test)]\nmod tests {\n}\n";
    fine(
        "src/app/part.rs",
        &format!("{}{tests}{}", long(MOST_LINES), "// x\n".repeat(100)),
    );
}
