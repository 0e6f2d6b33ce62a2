//! From one start to the next, and what a person may switch on.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::Signal;

use super::driver::{Modes, ProgramUnderTest, Running};
use super::scan_file;

/// A home with one scan in it, and the explorer as somebody starts it there.
struct OneHome(tempfile::TempDir);

impl OneHome {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        let scans = home.path(".local/share/flexposture/scans");
        fs::create_dir_all(&scans).unwrap();
        fs::copy(scan_file(), scans.join("20261123T140200Z-fleet.flexscan")).unwrap();
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn explorer(&self, arguments: &[&str]) -> ProgramUnderTest {
        ProgramUnderTest {
            program: env!("CARGO_BIN_EXE_flexposture").into(),
            arguments: std::iter::once(&"explore")
                .chain(arguments)
                .map(Into::into)
                .collect(),
            environment: vec![("HOME", self.0.path().display().to_string())],
            ready: "posture",
        }
    }

    fn set(&self, name: &str, text: &str) {
        let path = self.path(".config/flexposture").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn there(path: &Path) -> bool {
    path.exists()
}

#[test]
fn whatever_ends_a_session_the_next_one_continues_where_it_was() {
    for end in ["q", "Ctrl-C", "TERM", "HUP", "the line"] {
        let home = OneHome::new();
        let session = home.path(".local/state/flexposture/session.json");
        let mut running = Running::ready(&home.explorer(&[]), 100, 30);
        assert!(!there(&session));
        running.send("f\r}");
        running.wait_text("[Guidance]");
        running.wait_stable();
        match end {
            "q" => running.send("q"),
            "Ctrl-C" => running.send("\x03"),
            "TERM" => running.signal(Signal::TERM),
            "HUP" => running.signal(Signal::HUP),
            _ => running.hang_up(),
        }
        running.wait_exit();
        assert!(there(&session), "after {end}");

        let mut running = Running::ready(&home.explorer(&[]), 100, 30);
        running.wait_text("[Guidance]");
        running.wait_text("continued where you left: Esc goes to the list");
        running.send("q");
        assert_eq!(running.wait_exit().code, 0);

        let mut running = Running::ready(&home.explorer(&["--fresh"]), 100, 30);
        assert!(!running.text().contains("continued"), "{}", running.text());
        assert!(running.text().contains("Fleet"), "{}", running.text());
        running.send("q");
        running.wait_exit();
    }
}

#[test]
fn a_scan_that_is_gone_is_no_error() {
    let home = OneHome::new();
    let mut running = Running::ready(&home.explorer(&[]), 100, 30);
    running.send("\r");
    running.wait_text("[Finding]");
    running.send("q");
    running.wait_exit();
    fs::remove_dir_all(home.path(".local/share/flexposture/scans")).unwrap();
    let program = ProgramUnderTest {
        ready: "There is no scan here yet.",
        ..home.explorer(&[])
    };
    let mut running = Running::ready(&program, 100, 30);
    running.send("q");
    assert_eq!(running.wait_exit().code, 0);
}

#[test]
fn the_mouse_is_taken_only_when_asked_for_and_given_back_after_every_ending() {
    let home = OneHome::new();
    let running = Running::ready(&home.explorer(&["--fresh"]), 100, 30);
    assert!(!running.modes().mouse);
    for end in ["q", "Ctrl-C", "TERM", "HUP", "INT", "QUIT", "panic"] {
        let panics = if end == "panic" { "drawing" } else { "" };
        let program = home
            .explorer(&["--fresh", "--mouse"])
            .with("FLEXPOSTURE_PANIC", panics);
        let mut running = Running::ready(&program, 100, 30);
        assert!(running.modes().mouse);
        match end {
            "q" => running.send("q"),
            "Ctrl-C" => running.send("\x03"),
            "TERM" => running.signal(Signal::TERM),
            "HUP" => running.signal(Signal::HUP),
            "INT" => running.signal(Signal::INT),
            "QUIT" => running.signal(Signal::QUIT),
            _ => running.send("j"),
        }
        running.wait_exit();
        assert_eq!(running.modes(), Modes::CLEAN, "after {end}");
        assert!(running.discipline_is_as_before(), "after {end}");
    }
}

#[test]
fn a_click_of_the_terminal_selects_and_the_mouse_is_off_while_the_program_is_stopped() {
    let home = OneHome::new();
    home.set("config.toml", "mouse = true\n");
    let mut running = Running::ready(&home.explorer(&["--fresh"]), 100, 30);
    assert!(running.modes().mouse);
    // Two presses at once on the third row of the list.
    running.send("\x1b[<0;20;6M\x1b[<0;20;6m\x1b[<0;20;6M\x1b[<0;20;6m");
    running.wait_text("[Finding]");
    running.send("\x1a");
    running.wait_for("the mouse to be given back", |running| {
        !running.modes().mouse
    });
    running.wait_stable();
    running.signal(Signal::CONT);
    running.wait_for("the mouse", |running| running.modes().mouse);
    running.wait_text("[Finding]");
    running.send("q");
    running.wait_exit();
    assert_eq!(running.modes(), Modes::CLEAN);
}

#[test]
fn a_theme_of_one_s_own_is_read_anew_when_its_file_changes_and_a_wrong_one_is_not_taken() {
    let home = OneHome::new();
    home.set(
        "themes/mine.toml",
        "[roles]\ntitle = { modifiers = [\"bold\"] }\n",
    );
    let program = home.explorer(&["--fresh", "--theme", "mine", "--color", "256"]);
    let mut running = Running::ready(&program, 100, 30);
    // The first letter of the program's name, at the top.
    let first = |running: &Running| running.screen().cell(0, 1).unwrap().underline();
    assert!(!first(&running));
    home.set(
        "themes/mine.toml",
        "[roles]\ntitle = { modifiers = [\"underlined\"] }\n",
    );
    running.wait_for("the new looks", first);
    running.wait_text("theme mine read anew");
    home.set(
        "themes/mine.toml",
        "[roles]\ntitel = { modifiers = [\"bold\"] }\n",
    );
    running.wait_text("the theme is wrong and was not taken");
    assert!(first(&running), "what was right stays");
    running.send("L");
    running.wait_text("unknown role");
    running.send("qq");
    running.wait_exit();
}

#[test]
fn another_theme_is_one_key_away() {
    let home = OneHome::new();
    let program = home.explorer(&["--fresh", "--color", "256", "--theme", "dark"]);
    let mut running = Running::ready(&program, 100, 30);
    running.send("\x14");
    running.wait_text("theme light (2 of 9)");
    running.send("\x1bt");
    running.wait_text("theme dark (1 of 9)");
    running.send("q");
    assert_eq!(running.wait_exit().code, 0);
}

#[test]
fn an_address_on_the_screen_is_a_link_of_the_terminal_unless_that_is_unwanted_or_screen_lies_between()
 {
    let home = OneHome::new();
    let opened = |program: &ProgramUnderTest| {
        let mut running = Running::ready(program, 100, 30);
        running.send("o");
        running.wait_text("Links");
        running.wait_stable();
        let text = running.text();
        let bytes = String::from_utf8_lossy(running.bytes()).into_owned();
        running.send("qq");
        running.wait_exit();
        assert!(text.contains("https://learn.microsoft.com"), "{text}");
        (
            bytes.matches("\x1b]8;id=").count(),
            bytes.matches("\x1b]8;;\x1b\\").count(),
        )
    };
    let (begun, ended) = opened(&home.explorer(&["--fresh"]));
    assert!(begun > 0 && begun == ended, "{begun} {ended}");
    assert_eq!(opened(&home.explorer(&["--fresh", "--no-links"])), (0, 0));
    let unwanted = home
        .explorer(&["--fresh"])
        .with("FLEXPOSTURE_LINKS", "false");
    assert_eq!(opened(&unwanted), (0, 0));
    let in_screen = home.explorer(&["--fresh"]).with("STY", "1.pts-0.host");
    assert_eq!(opened(&in_screen), (0, 0));
}

#[test]
fn a_clipboard_that_is_switched_off_is_said_to_be() {
    let home = OneHome::new();
    let mut running = Running::ready(&home.explorer(&["--fresh", "--no-clipboard"]), 100, 30);
    running.send("yi");
    running.wait_text("nothing was copied");
    running.wait_stable();
    assert!(!String::from_utf8_lossy(running.bytes()).contains("\x1b]52;"));
    running.send("q");
    running.wait_exit();
}
