//! The pictures of the documentation: that they can be made again, and that what is kept can be shown anywhere.

use std::path::Path;
use std::process::{Command, Output};

/// Makes a picture of a small simulated fleet.
fn picture(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_flexposture"))
        .args(["picture", "--servers", "8", "--subscriptions", "2"])
        .args(arguments)
        .output()
        .expect("the program starts")
}

fn svg(arguments: &[&str]) -> String {
    let output = picture(arguments);
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    String::from_utf8(output.stdout).expect("text")
}

/// The text between tags, after a check that tags are balanced, attributes quoted, and only the five entities used.
fn texts(picture: &str) -> Vec<String> {
    let mut open = Vec::new();
    let mut texts = Vec::new();
    let mut rest = picture;
    while let Some(start) = rest.find('<') {
        let (text, tag) = rest.split_at(start);
        assert!(!text.contains('>'), "a stray > in {text:?}");
        for entity in text.split('&').skip(1) {
            let known = ["amp;", "lt;", "gt;", "quot;", "apos;"];
            assert!(known.iter().any(|it| entity.starts_with(it)), "{text:?}");
        }
        if open.last() == Some(&"text") {
            texts.push(text.to_owned());
        }
        let end = tag.find('>').expect("a tag that ends");
        let inside = &tag[1..end];
        assert!(inside.matches('"').count() % 2 == 0, "{inside:?}");
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !inside.ends_with('/') {
            open.push(inside.split_whitespace().next().expect("a name"));
        }
        rest = &tag[end + 1..];
    }
    assert!(open.is_empty(), "not closed: {open:?}");
    assert_eq!(rest.trim(), "");
    texts
}

/// Nothing runs, nothing is fetched, nothing is unprintable.
fn check_harmless(picture: &str) {
    for word in [
        "<script",
        "<foreignObject",
        "href",
        "url(",
        "@import",
        " onload",
        "<!",
        "<?",
    ] {
        assert!(!picture.contains(word), "{word}");
    }
    assert_eq!(picture.matches("://").count(), 1, "only the namespace");
    assert!(picture.chars().all(|c| c == '\n' || !c.is_control()));
}

#[test]
fn a_picture_of_the_fleet_names_its_servers_and_is_the_same_each_time() {
    let picture = svg(&["fleet"]);
    check_harmless(&picture);
    let texts = texts(&picture);
    let servers = texts.iter().filter(|text| text.starts_with("mysql-"));
    assert!(servers.count() >= 4, "{texts:?}");
    assert!(texts.iter().any(|text| text == "flexposture"));
    assert_eq!(picture, svg(&["fleet"]));
    assert_ne!(picture, svg(&["fleet", "--seed", "2"]));
}

#[test]
fn a_picture_of_a_server_shows_why_a_feature_fails() {
    let picture = svg(&["server"]);
    check_harmless(&picture);
    let texts = texts(&picture);
    for word in ["[Finding]", "FAIL", "not met", "expected"] {
        assert!(texts.iter().any(|text| text == word), "{word}: {texts:?}");
    }
}

#[test]
fn a_picture_of_a_journey_shows_its_steps_one_below_the_other() {
    for (journey, words) in [
        ("journey-exposed", ["fw-world", "Commands of the Azure CLI"]),
        ("journey-regressed", ["regressed", "before"]),
        ("journey-unknown", ["unknown", "Denied"]),
        ("journey-control", ["LT-4", "Export"]),
    ] {
        let picture = svg(&[journey, "--size", "100x24", "--drift", "8"]);
        check_harmless(&picture);
        let texts = texts(&picture);
        for word in words {
            assert!(
                texts.iter().any(|it| it.contains(word)),
                "{journey}: {word}"
            );
        }
        let tops = texts.iter().filter(|it| *it == "flexposture");
        assert_eq!(tops.count(), 3, "{journey}");
    }
}

#[test]
fn keys_are_pressed_before_the_picture_is_taken() {
    let filtered = svg(&["fleet", "--keys", "/ z z z Enter"]);
    assert!(
        texts(&filtered)
            .iter()
            .any(|text| text == "No server matches.")
    );
    let mono = svg(&[
        "server", "--keys", "}", "--ascii", "--color", "never", "--size", "80x24",
    ]);
    check_harmless(&mono);
    assert!(mono.is_ascii());
    assert!(texts(&mono).iter().any(|text| text.contains("[Guidance]")));
}

#[test]
fn what_cannot_be_pictured_is_refused() {
    for arguments in [
        &["fleet", "--keys", "q"][..],
        &["fleet", "--size", "0x0"],
        &["fleet", "--keys", "Ctrl-"],
    ] {
        let output = picture(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
}

#[test]
fn the_pictures_that_are_kept_can_be_shown_anywhere() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/pictures");
    let mut found = 0;
    for file in std::fs::read_dir(folder).expect("the folder of pictures") {
        let path = file.expect("a file").path();
        let picture = std::fs::read_to_string(&path).expect("a text");
        check_harmless(&picture);
        assert!(!texts(&picture).is_empty());
        assert!(picture.len() < 100_000, "{}", path.display());
        found += 1;
    }
    assert!(found > 0);
}
