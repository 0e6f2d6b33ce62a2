//! Every way the program can end, or stop: afterwards the terminal is as it was.

use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::driver::{Exit, Modes, ProgramUnderTest, Running, patience};

/// A terminal that has gone must not be missed for longer.
const GONE_WITHIN: Duration = Duration::from_secs(2);

/// Runs until ready, ends it, and compares the terminal with what it was.
fn ended(program: &ProgramUnderTest, end: impl FnOnce(&mut Running)) -> (Exit, Running) {
    let mut running = Running::ready(program, 80, 24);
    assert!(!running.discipline_is_as_before());
    assert!(running.modes().alternate_screen);
    end(&mut running);
    let exit = running.wait_exit();
    assert_eq!(running.modes(), Modes::CLEAN);
    assert!(running.discipline_is_as_before());
    (exit, running)
}

fn ended_by(program: &ProgramUnderTest, signal: Signal, code: u32) {
    let (exit, _) = ended(program, |running| running.signal(signal));
    assert_eq!((exit.code, exit.signal), (code, None));
}

pub fn the_quit_key(program: &ProgramUnderTest) {
    let (exit, _) = ended(program, |running| running.send("q"));
    assert_eq!((exit.code, exit.signal), (0, None));
}

pub fn control_c(program: &ProgramUnderTest) {
    let (exit, _) = ended(program, |running| running.send("\x03"));
    assert_eq!(exit.signal, None);
}

pub fn interrupt(program: &ProgramUnderTest) {
    ended_by(program, Signal::INT, 130);
}

pub fn terminate(program: &ProgramUnderTest) {
    ended_by(program, Signal::TERM, 143);
}

pub fn hang_up_signal(program: &ProgramUnderTest) {
    ended_by(program, Signal::HUP, 129);
}

pub fn quit_signal(program: &ProgramUnderTest) {
    ended_by(program, Signal::QUIT, 131);
}

pub fn suspended_by_key_and_continued(program: &ProgramUnderTest) {
    suspended_and_continued(program, |running| running.send("\x1a"));
}

pub fn suspended_by_signal_and_continued(program: &ProgramUnderTest) {
    suspended_and_continued(program, |running| running.signal(Signal::TSTP));
}

fn suspended_and_continued(program: &ProgramUnderTest, suspend: impl Fn(&mut Running)) {
    let mut running = Running::ready(program, 80, 24);
    let text = running.text();
    // Twice, since the second time starts from what the first has left.
    for _ in 0..2 {
        suspend(&mut running);
        running.wait_for("the stop", |running| {
            state(running.process()).starts_with('T')
        });
        running.wait_stable();
        assert_eq!(running.modes(), Modes::CLEAN);
        assert!(running.discipline_is_as_before());
        running.signal(Signal::CONT);
        running.wait_for("the same screen", |running| running.text() == text);
        running.wait_stable();
        assert!(!running.discipline_is_as_before());
        assert!(running.modes().alternate_screen && running.modes().cursor_hidden);
    }
    running.send("q");
    assert_eq!(running.wait_exit().code, 0);
    assert_eq!(running.modes(), Modes::CLEAN);
}

/// The state of a process, as `ps` shows it; empty when there is none.
fn state(process: Pid) -> String {
    let pid = process.as_raw_nonzero().to_string();
    let shown = Command::new("ps")
        .args(["-o", "stat=", "-p", &pid])
        .output()
        .unwrap();
    String::from_utf8_lossy(&shown.stdout).trim().to_owned()
}

pub fn a_line_that_is_hung_up(program: &ProgramUnderTest) {
    let mut running = Running::ready(program, 80, 24);
    running.hang_up();
    gone(&mut running);
}

pub fn a_line_that_is_hung_up_with_the_signal_ignored(program: &ProgramUnderTest) {
    let ignoring = program.through("sh", &["-c", "trap '' HUP; exec \"$0\" \"$@\""]);
    let mut running = Running::ready(&ignoring, 80, 24);
    running.hang_up();
    gone(&mut running);
}

fn gone(running: &mut Running) {
    let since = Instant::now();
    running.wait_exit();
    assert!(
        since.elapsed() < GONE_WITHIN,
        "gone after {:?}",
        since.elapsed()
    );
}

/// In a session of its own the program is told nothing: only its reading of the terminal can notice. Such
/// programs used to go on at full speed.
pub fn a_line_that_is_hung_up_without_a_signal(program: &ProgramUnderTest) {
    if Command::new("setsid").arg("--version").output().is_err() {
        eprintln!("left out: there is no setsid here");
        return;
    }
    let mut running = Running::ready(&program.through("setsid", &["--wait"]), 80, 24);
    let wrapper = running.process().as_raw_nonzero().to_string();
    let children = Command::new("ps")
        .args(["-o", "pid=", "--ppid", &wrapper])
        .output()
        .unwrap();
    let child = String::from_utf8_lossy(&children.stdout)
        .trim()
        .parse()
        .unwrap();
    let child = Pid::from_raw(child).unwrap();
    // The wrapper goes first: it must not pass anything on.
    kill_process(running.process(), Signal::KILL).unwrap();
    running.wait_for("the end of the wrapper", Running::has_ended);
    running.hang_up();
    let since = Instant::now();
    let mut worked = 0;
    while test_kill_process(child).is_ok() && !state(child).starts_with('Z') {
        worked = ticks(child).unwrap_or(worked);
        assert!(
            since.elapsed() < GONE_WITHIN.max(patience() / 10),
            "still there"
        );
        std::thread::yield_now();
    }
    // Hundredths of a second, on every usual Linux.
    assert!(worked < 50, "it worked for {worked} ticks meanwhile");
}

/// The processor time a process has used, in ticks of the clock, where the system tells it.
fn ticks(process: Pid) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}

/// The program panics at the first move of the cursor when `FLEXPOSTURE_PANIC` asks for it.
pub fn a_panic_on_the_drawing_thread(program: &ProgramUnderTest) {
    let (exit, running) = ended(&program.with("FLEXPOSTURE_PANIC", "drawing"), |running| {
        running.send("j");
    });
    assert_ne!(exit.code, 0);
    let text = running.text();
    assert!(
        text.contains("panicked at"),
        "the report is readable: {text}"
    );
}

pub fn a_panic_in_a_task(program: &ProgramUnderTest) {
    let (exit, running) = ended(&program.with("FLEXPOSTURE_PANIC", "task"), |running| {
        running.send("j");
        running.wait_text("broke down");
        running.wait_stable();
        assert!(running.modes().alternate_screen, "the screen stays");
        assert!(running.text().contains(program.ready), "{}", running.text());
        running.send("k");
        running.wait_stable();
        running.send("q");
    });
    assert_eq!(exit.code, 0);
    drop(running);
}

/// Nobody reads, the queue is full: a signal still ends the program.
pub fn a_line_that_takes_no_more(program: &ProgramUnderTest) {
    let mut running = Running::ready(program, 200, 60);
    running.flow(false);
    for _ in 0..200 {
        running.send("\x0c");
    }
    running.signal(Signal::TERM);
    let since = Instant::now();
    running.wait_for("the end of the program", Running::has_ended);
    assert!(
        since.elapsed() < GONE_WITHIN,
        "gone after {:?}",
        since.elapsed()
    );
    assert_eq!(running.wait_exit().code, 143);
    assert_eq!(running.modes(), Modes::CLEAN);
}
