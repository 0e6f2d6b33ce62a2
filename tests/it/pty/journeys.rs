//! What people come for, from the first key to the last: four journeys through the explorer.

use super::driver::{ProgramUnderTest, Running};

/// The text that was sent last to the terminal's clipboard (OSC 52).
fn copied(running: &Running) -> String {
    let bytes = running.bytes();
    let start = b"\x1b]52;c;";
    let place = bytes.windows(start.len()).rposition(|it| it == start);
    let place = place.expect("something was copied") + start.len();
    let text = bytes[place..]
        .iter()
        .take_while(|byte| byte.is_ascii_graphic());
    let mut out = Vec::new();
    let mut bits = 0_u32;
    let mut count = 0;
    for byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 0xff) as u8);
        }
    }
    String::from_utf8(out).expect("text")
}

/// The server that the bar of the selection stands at.
fn selected(running: &Running) -> String {
    let text = running.text();
    let line = text.lines().find(|line| line.starts_with('\u{2590}'));
    let name = line.and_then(|line| line.split_whitespace().find(|it| it.starts_with("mysql-")));
    name.unwrap_or_else(|| panic!("nothing is selected\n{text}"))
        .to_owned()
}

fn quit(mut running: Running) {
    running.send("q");
    assert_eq!(running.wait_exit().code, 0);
}

pub fn servers_open_to_the_world_are_found_and_the_fix_is_copied(program: &ProgramUnderTest) {
    let mut running = Running::ready(program, 120, 40);
    running.send("/feature:public state:fail sev:critical\r");
    running.wait_text("filter: feature:public state:fail sev:critical");
    running.wait_text("Esc back");
    running.wait_stable();
    let server = selected(&running);
    running.send("\r");
    // The filter was about this feature, and it is the worst there is.
    running.wait_text("Disable Public Network Access \u{2500}");
    running.wait_text("fw-world  not met");
    running.send("\x1b4");
    running.wait_text("They are shown and never run");
    running.send("yx");
    running.wait_text("sent to the terminal's clipboard");
    let fix = copied(&running);
    let command = format!("az mysql flexible-server firewall-rule delete --name {server}");
    assert!(fix.contains(&command), "{fix}");
    assert!(fix.contains("# careful: "), "{fix}");
    quit(running);
}

pub fn what_regressed_is_shown_with_both_evidences(
    program: &ProgramUnderTest,
    regressed: &str,
    unread: &str,
) {
    let mut running = Running::ready(program, 120, 40);
    running.send("d");
    running.wait_text("regressed  1");
    running.wait_text(regressed);
    running.send("\r");
    running.wait_text("retention  met to not met");
    running.wait_text("now       1 days");
    assert!(running.text().contains("before    "), "{}", running.text());
    running.send("\x1b");
    running.wait_stable();
    // On to what cannot be read any more: it is no regression, and says so.
    running.send("n\r");
    running.wait_text(unread);
    running.wait_text("to unread");
    quit(running);
}

pub fn why_something_is_unknown_is_told_with_the_role_that_helps(program: &ProgramUnderTest) {
    let mut running = Running::ready(program, 120, 40);
    running.send("u");
    running.wait_text("only unknown");
    running.send("\r");
    // What is opened is what was looked for, though worse things fail here.
    running.wait_text("? unknown  ");
    running.wait_text("Microsoft.");
    running.send("ga");
    running.wait_text("Denied: Azure refused a read");
    running.send("yr");
    running.wait_text("sent to the terminal's clipboard");
    let role: serde_json::Value = serde_json::from_str(&copied(&running)).expect("JSON");
    let actions = role["Actions"].as_array().expect("actions");
    assert!(!actions.is_empty());
    for action in actions {
        let action = action.as_str().expect("text");
        assert!(action.ends_with("/read"), "{action}");
    }
    // The first one closes what lies over the screen.
    running.send("q");
    quit(running);
}

pub fn a_control_is_exported_as_it_stands_on_the_screen(program: &ProgramUnderTest) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lt-4.csv");
    let mut running = Running::ready(program, 120, 40);
    running.send("\t6");
    running.wait_text("LT Logging");
    // LT, LT-1, Defender, LT-4, Azure Resource Logs.
    running.send("jjjj\r");
    running.wait_text("Controls \u{25b8} LT-4");
    running.wait_text("VERDICT ");
    running.wait_stable();
    let screen = running.text();
    running.send("e");
    running.wait_text("servers with Azure Resource Logs");
    running.send("\t\t\x15");
    running.send(file.to_str().unwrap());
    running.send("\r");
    running.wait_text("rows written to");
    let mut reader = csv::Reader::from_path(&file).unwrap();
    let heads = reader.headers().unwrap().clone();
    let column = |name: &str| heads.iter().position(|it| it == name).expect("a column");
    let [server, feature, verdict] = ["server", "feature_id", "verdict"].map(column);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let shown: Vec<&str> = screen
        .lines()
        .skip(4)
        .take_while(|it| it.len() > 40)
        .collect();
    assert!(shown.len() >= 10 && rows.len() >= shown.len(), "{screen}");
    let mut agreed = 0;
    for (line, row) in shown.iter().zip(&rows) {
        if !line.contains("mysql-") {
            continue;
        }
        assert!(line.contains(&row[server]), "{line}\n{row:?}");
        let word = row[verdict].to_lowercase();
        assert!(line.to_lowercase().contains(&word), "{line}\n{row:?}");
        assert_eq!(&row[feature], "resource-logs");
        agreed += 1;
    }
    assert!(agreed >= 10, "{screen}");
    quit(running);
}
