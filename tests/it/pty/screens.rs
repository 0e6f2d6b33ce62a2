//! What the terminal shows and what it costs: sizes, colours, silence.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::driver::{Modes, ProgramUnderTest, Running};

pub fn a_storm_of_sizes(program: &ProgramUnderTest) {
    let mut running = Running::ready(program, 80, 24);
    for step in 0..40_u16 {
        running.resize(1 + step * 37 % 200, 1 + step * 11 % 60);
    }
    running.resize(1, 1);
    running.resize(100, 30);
    running.wait_text(program.ready);
    running.wait_stable();
    let mut fresh = Running::ready(program, 100, 30);
    fresh.wait_stable();
    assert_eq!(
        running.text(),
        fresh.text(),
        "as if it had always been this size"
    );
    running.send("q");
    assert_eq!(running.wait_exit().code, 0);
}

/// A program that leaves colours to crossterm loses the reversed selection under `NO_COLOR`.
pub fn without_colour_the_selection_is_still_seen(program: &ProgramUnderTest) {
    let mut running = Running::ready(&program.with("NO_COLOR", "1"), 80, 24);
    running.send("j");
    running.wait_stable();
    let mut reversed = 0;
    for row in 0..24 {
        for column in 0..80 {
            let Some(cell) = running.screen().cell(row, column) else {
                continue;
            };
            assert_eq!(cell.fgcolor(), vt100::Color::Default, "{row},{column}");
            assert_eq!(cell.bgcolor(), vt100::Color::Default, "{row},{column}");
            reversed += usize::from(cell.inverse());
        }
    }
    assert!(reversed > 0, "nothing is selected\n{}", running.text());
}

pub fn nothing_is_sent_when_idle(program: &ProgramUnderTest) {
    let mut running = Running::ready(program, 120, 40);
    assert_eq!(running.read_for(Duration::from_secs(2)), 0);
}

pub fn what_is_told_of_all_servers_is_made_from_the_scan(program: &ProgramUnderTest) {
    let mut running = Running::ready(program, 100, 30);
    running.send("p");
    running.wait_text("together");
    // Closed at once and opened again: what was stopped answers nobody.
    running.send("qpqga");
    running.wait_text("Denied: Azure refused a read");
    running.send("q");
    running.send("w");
    running.wait_text("Exemptions of Azure Policy");
    running.send("qq");
    assert_eq!(running.wait_exit().code, 0);
}

/// From the list to one control over all servers, and into the worst of them at that control.
pub fn an_auditor_is_shown_a_control_across_the_fleet(program: &ProgramUnderTest) {
    let mut running = Running::ready(program, 120, 40);
    running.send("\t");
    running.wait_text("CONTROL");
    running.send("6");
    running.wait_text("LT Logging");
    // LT, LT-1, Defender, LT-4, Azure Resource Logs.
    running.send("jjjjl");
    running.wait_text("Controls \u{25b8} LT-4");
    running.wait_text("FAIL");
    running.wait_stable();
    let listed = running.text();
    let servers = listed.lines().filter(|line| line.contains("mysql-"));
    assert!(servers.count() >= 10, "{listed}");
    running.send("\r");
    running.wait_text("[Finding]");
    running.wait_text("LT-4 \u{25b8} mysql-");
    running.send("\x1b");
    running.wait_text("VERDICT");
    running.send("q");
    assert_eq!(running.wait_exit().code, 0);
}

pub fn two_marked_servers_are_written_and_read_back(program: &ProgramUnderTest) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("two.csv");
    let mut running = Running::ready(program, 120, 40);
    running.send("  ");
    running.wait_text("2 marked");
    running.send("e");
    running.wait_text("2 marked servers");
    running.send("\t\t\x15");
    running.send(file.to_str().unwrap());
    running.send("\r");
    running.wait_text("2 rows written to");
    let mut reader = csv::Reader::from_path(&file).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    let text = running.text();
    for row in &rows {
        assert!(text.contains(&row[0]), "{row:?}\n{text}");
    }
    // Again: a question, and no is no.
    let before = std::fs::read(&file).unwrap();
    running.send("e\t\t\x15");
    running.send(file.to_str().unwrap());
    running.send("\r");
    running.wait_text("Replace it?");
    running.send("n");
    running.wait_text("is there already");
    running.send("\x1b");
    running.wait_stable();
    assert_eq!(std::fs::read(&file).unwrap(), before);
    running.send("q");
    assert_eq!(running.wait_exit().code, 0);
}

pub fn an_exemption_turns_a_verdict_at_once(program: &ProgramUnderTest) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exemptions.toml");
    std::fs::write(&file, "# ours\r\n").unwrap();
    let program = program.with("FLEXPOSTURE_EXEMPTIONS", file.to_str().unwrap());
    let mut running = Running::ready(&program, 120, 40);
    running.send("l");
    running.wait_text("responsibility");
    running.wait_text("FAIL");
    running.send("W");
    running.wait_text("About mysql");
    running.send("\tmoves in spring\tpayments\r");
    running.wait_text("WAIVED");
    running.send("q");
    assert_eq!(running.wait_exit().code, 0);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.starts_with("# ours\r\n\r\n[[exemption]]\r\n"),
        "{text:?}"
    );
    assert!(
        text.contains("reason = \"moves in spring\"\r\n"),
        "{text:?}"
    );
}

/// The runtime finds the earlier scan, compares, reads a server of both, and one over all.
pub fn two_scans(program: &ProgramUnderTest, regressed: &str) {
    let mut running = Running::ready(program, 120, 40);
    running.send("d");
    running.wait_text("regressed  1");
    running.wait_text(regressed);
    running.send("\r");
    running.wait_text("retention  met to not met");
    running.wait_text("now       1 days");
    running.send("hh");
    running.wait_stable();
    // The name of a replica begins with that of its source: only the whole name will do.
    running.send(format!("/name:\"{regressed}\"\r"));
    running.wait_text("1 of 24");
    running.send("l7");
    running.wait_text("Backup and recovery");
    running.send("jjjl");
    running.send("\x1b5");
    running.wait_text("no earlier scan that can be read holds the");
    running.wait_text("retention  met to not met");
    running.send("\x1b1q");
    assert_eq!(running.wait_exit().code, 0);
}

pub fn the_palette_runs_a_command_by_its_name(program: &ProgramUnderTest) {
    let mut running = Running::ready(program, 100, 30);
    running.send(":permis");
    running.wait_text("Which permissions would turn");
    running.send("\r");
    running.wait_text("Denied: Azure refused a read");
    // Ctrl-P opens it as well, over what lies over the screen.
    running.send("\x10close\r");
    running.wait_text("Enter open");
    running.send(":q\r");
    assert_eq!(running.wait_exit().code, 0);
}

pub fn a_cursor_key_costs_little(program: &ProgramUnderTest) {
    let mut running = Running::ready(program, 120, 40);
    running.send("j");
    running.wait_stable();
    let before = running.bytes().len();
    running.send("j");
    running.wait_stable();
    let count = running.bytes().len() - before;
    assert!(
        (1..=1600).contains(&count),
        "{count} bytes for a move of the cursor"
    );
}

/// A pasted `q` does not quit, and pasted escapes do not reach the screen.
pub fn a_paste_is_no_command(program: &ProgramUnderTest) {
    let mut running = Running::ready(program, 80, 24);
    running.send("\x1b[200~q\x1b[2J\x1b[31mq\r\x1b[201~");
    running.wait_stable();
    assert!(!running.has_ended());
    assert!(running.modes().alternate_screen);
    running.send("\x1b");
    running.wait_stable();
    running.send("\x1b");
    running.wait_stable();
    running.send("q");
    assert_eq!(running.wait_exit().code, 0);
}

/// Keys then come from the controlling terminal.
pub fn standard_input_may_be_redirected(program: &ProgramUnderTest) {
    let piped = program.through("sh", &["-c", "echo nothing | \"$0\" \"$@\""]);
    let mut running = Running::ready(&piped, 80, 24);
    running.send("q");
    assert_eq!(running.wait_exit().code, 0);
    assert_eq!(running.modes(), Modes::CLEAN);
}

pub fn without_a_terminal_it_says_so(program: &ProgramUnderTest) {
    let mut child = Command::new(&program.program)
        .args(&program.arguments)
        .env("TERM", "xterm-256color")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(b"q");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("not a terminal"), "{message}");
    assert!(!output.stdout.contains(&0x1b), "nothing was drawn");

    let mut dumb = Running::start(&program.with("TERM", "dumb"), 80, 24);
    assert_eq!(dumb.wait_exit().code, 2);
    assert!(dumb.text().contains("TERM"), "{}", dumb.text());
    assert_eq!(dumb.modes(), Modes::CLEAN);
}

/// The newest scan is damaged: the one before it opens, and that is told.
pub fn from_scan_to_scan(program: &ProgramUnderTest, data: &std::path::Path) {
    let mut running = Running::ready(program, 120, 40);
    running.wait_text("passed over");
    running.send("gs");
    running.wait_text("not a scan of flexposture");
    running.wait_text("STARTED");
    // The last one is the older one.
    running.send("G\r");
    running.wait_text("scan 1 of 2");
    running.send("gs");
    running.wait_text("STARTED");
    running.send("kv");
    running.wait_text("is what was written");
    running.send("d");
    running.wait_text("Difference");
    running.wait_stable();
    running.send("\x1b");
    running.wait_text("STARTED");
    running.send("\x1b");
    running.wait_text("scan 1 of 2");
    running.send("]");
    running.wait_text("2 of 2");
    running.send("gt");
    running.wait_text("score of the baseline");
    running.wait_text("2 scans");
    running.send("\x1b");
    running.wait_stable();
    // A folder that is gone is told in words.
    std::fs::remove_dir_all(data.join("flexposture/scans")).unwrap();
    std::fs::write(data.join("flexposture/scans"), "no folder").unwrap();
    running.send("gs");
    running.wait_text("The scans cannot be listed");
    running.send("q");
    assert_eq!(running.wait_exit().code, 0);
}
