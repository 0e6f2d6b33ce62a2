//! A program in a pseudo-terminal, and a terminal that reads what it draws.
//!
//! Nothing here sleeps to let things happen: every wait is for something, and ends when that has happened
//! or with a panic that shows the screen. Two time limits can be set for slow machines:
//! `FLEXPOSTURE_TEST_PATIENCE_MS` (how long a wait may take, 20,000) and `FLEXPOSTURE_TEST_QUIET_MS` (how
//! long silence makes a screen stable, 150).

use std::ffi::OsString;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::num::NonZeroU16;
use std::os::fd::AsFd;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use filedescriptor::FileDescriptor;
use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::event::{PollFd, PollFlags};
use rustix::process::{Pid, Signal, kill_process};

fn limit(name: &str, otherwise: u64) -> Duration {
    let set = std::env::var(name).ok().and_then(|text| text.parse().ok());
    Duration::from_millis(set.unwrap_or(otherwise))
}

/// How long a wait may take.
pub fn patience() -> Duration {
    limit("FLEXPOSTURE_TEST_PATIENCE_MS", 20_000)
}

/// How long silence makes a screen stable.
pub fn quiet() -> Duration {
    limit("FLEXPOSTURE_TEST_QUIET_MS", 150)
}

/// What to run and how to know that it is there.
#[derive(Debug, Clone)]
pub struct ProgramUnderTest {
    /// The program's path.
    pub program: OsString,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Variables beside those of every run; an empty value removes one.
    pub environment: Vec<(&'static str, String)>,
    /// Text on the screen once it can be used.
    pub ready: &'static str,
}

impl ProgramUnderTest {
    /// The same program with one more variable.
    pub fn with(&self, name: &'static str, value: &str) -> Self {
        let mut changed = self.clone();
        changed.environment.push((name, value.to_owned()));
        changed
    }

    /// The same program started by another one, whose arguments come first.
    pub fn through(&self, program: &str, arguments: &[&str]) -> Self {
        let mut changed = self.clone();
        changed.arguments = arguments
            .iter()
            .map(OsString::from)
            .chain([self.program.clone()])
            .chain(self.arguments.iter().cloned())
            .collect();
        changed.program = program.into();
        changed
    }
}

enum Told {
    Output(Vec<u8>),
    /// The program has ended.
    Exit(ExitStatus),
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// Its exit code, or what a shell would say of a signal.
    pub code: u32,
    /// The signal that ended it, if one did.
    pub signal: Option<String>,
}

/// What the terminal would be left with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modes {
    pub alternate_screen: bool,
    pub cursor_hidden: bool,
    pub bracketed_paste: bool,
    pub mouse: bool,
}

impl Modes {
    /// As a shell expects it.
    pub const CLEAN: Self = Self {
        alternate_screen: false,
        cursor_hidden: false,
        bracketed_paste: false,
        mouse: false,
    };
}

/// A running program and its terminal.
pub struct Running {
    parser: vt100::Parser,
    told: Receiver<Told>,
    line: Option<Line>,
    process: Pid,
    exit: Option<Exit>,
    bytes: Vec<u8>,
    /// The line discipline before the program was started.
    before: String,
    /// Its home and working folder, removed afterwards.
    _home: tempfile::TempDir,
}

/// Our end of the pseudo-terminal.
struct Line {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    /// Dropping it ends the reading thread, which holds a descriptor of its own.
    stop: PipeWriter,
    reading: JoinHandle<()>,
    flow: Sender<bool>,
}

impl Running {
    /// Starts a program on a terminal of so many columns and rows.
    pub fn start(program: &ProgramUnderTest, columns: u16, rows: u16) -> Self {
        let home = tempfile::tempdir().unwrap();
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let mut command = CommandBuilder::new(&program.program);
        command.args(&program.arguments);
        command.cwd(home.path());
        command.env_clear();
        for (name, value) in [
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("HOME", home.path().display().to_string()),
            ("TERM", "xterm-256color".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("RUST_BACKTRACE", "0".to_owned()),
        ] {
            command.env(name, value);
        }
        for (name, value) in &program.environment {
            if value.is_empty() {
                command.env_remove(name);
            } else {
                command.env(name, value);
            }
        }
        let (sender, told) = mpsc::channel();
        let before = discipline(&*pair.master);
        let line = Line::open(pair.master, sender.clone());
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let id = i32::try_from(child.process_id().unwrap()).unwrap();
        thread::spawn(move || {
            if let Ok(status) = child.wait() {
                let _ = sender.send(Told::Exit(status));
            }
        });
        Self {
            parser: vt100::Parser::new(cells(rows), cells(columns), 0),
            told,
            line: Some(line),
            process: Pid::from_raw(id).unwrap(),
            exit: None,
            bytes: Vec::new(),
            before,
            _home: home,
        }
    }

    /// Starts a program and waits until it can be used.
    pub fn ready(program: &ProgramUnderTest, columns: u16, rows: u16) -> Self {
        let mut running = Self::start(program, columns, rows);
        running.wait_text(program.ready);
        running.wait_stable();
        running
    }

    /// The screen as it is now.
    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// The text of the screen.
    pub fn text(&self) -> String {
        self.screen().contents()
    }

    /// Everything that was written so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The process of the program.
    pub fn process(&self) -> Pid {
        self.process
    }

    /// Types.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let line = self.line.as_mut().expect("the line is open");
        line.writer.write_all(bytes.as_ref()).unwrap();
        line.writer.flush().unwrap();
    }

    /// Gives the terminal another size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.parser.set_size(cells(rows), cells(columns));
        let line = self.line.as_ref().expect("the line is open");
        line.master.resize(size(columns, rows)).unwrap();
    }

    /// Sends a signal to the program.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.process, signal).unwrap();
    }

    /// Hangs up: nobody holds our end of the pseudo-terminal any more.
    pub fn hang_up(&mut self) {
        if let Some(line) = self.line.take() {
            line.close();
        }
    }

    /// Stops or goes on reading what the program writes, as a line does that has stalled.
    pub fn flow(&self, on: bool) {
        let line = self.line.as_ref().expect("the line is open");
        line.flow.send(on).unwrap();
        (&line.stop).write_all(&[0]).unwrap();
    }

    /// Whether the line discipline is as it was before the program was started.
    pub fn discipline_is_as_before(&self) -> bool {
        let line = self.line.as_ref().expect("the line is open");
        discipline(&*line.master) == self.before
    }

    /// The modes that the terminal is in.
    pub fn modes(&self) -> Modes {
        let screen = self.screen();
        Modes {
            alternate_screen: screen.alternate_screen(),
            cursor_hidden: screen.hide_cursor(),
            bracketed_paste: screen.bracketed_paste(),
            mouse: screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None,
        }
    }

    /// Waits until the screen is as wanted.
    pub fn wait_for(&mut self, what: &str, mut wanted: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + patience();
        while !wanted(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            // In short steps, since not everything that is waited for is told.
            let waited = self.pump(left.min(Duration::from_millis(20)));
            assert!(
                !left.is_zero() && (waited || wanted(self)),
                "waited in vain for {what} (exit: {:?})\n{}",
                self.exit,
                self.text()
            );
        }
    }

    /// Waits until a text is on the screen.
    pub fn wait_text(&mut self, text: &str) {
        self.wait_for(&format!("{text:?}"), |running| {
            running.text().contains(text)
        });
    }

    /// Waits until nothing more is written for a moment.
    pub fn wait_stable(&mut self) {
        let deadline = Instant::now() + patience();
        loop {
            let before = self.bytes.len();
            self.read_for(quiet());
            if self.bytes.len() == before {
                return;
            }
            assert!(Instant::now() < deadline, "never still\n{}", self.text());
        }
    }

    /// Reads for so long; the bytes that came. For measuring silence.
    pub fn read_for(&mut self, time: Duration) -> usize {
        let before = self.bytes.len();
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || !self.pump(left) {
                return self.bytes.len() - before;
            }
        }
    }

    /// Waits until the program has ended and everything it wrote is read.
    pub fn wait_exit(&mut self) -> Exit {
        self.wait_for("the end of the program", |running| running.exit.is_some());
        if self.line.is_some() {
            self.wait_stable();
        }
        self.exit.clone().unwrap()
    }

    /// Whether the program has ended.
    pub fn has_ended(&self) -> bool {
        self.exit.is_some()
    }

    /// Takes one thing that was told, waiting at most so long. False when nothing can be told any more.
    fn pump(&mut self, time: Duration) -> bool {
        match self.told.recv_timeout(time) {
            Ok(Told::Output(bytes)) => {
                self.parser.process(&bytes);
                self.bytes.extend_from_slice(&bytes);
                true
            }
            Ok(Told::Exit(status)) => {
                self.exit = Some(Exit {
                    code: status.exit_code(),
                    signal: status.signal().map(str::to_owned),
                });
                true
            }
            Err(RecvTimeoutError::Timeout) => true,
            Err(RecvTimeoutError::Disconnected) => false,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.exit.is_none() {
            let _ = kill_process(self.process, Signal::KILL);
        }
        self.hang_up();
    }
}

impl Line {
    fn open(master: Box<dyn MasterPty + Send>, told: Sender<Told>) -> Self {
        let descriptor = master
            .as_raw_fd()
            .expect("a pseudo-terminal has a descriptor");
        let reader = FileDescriptor::dup(&descriptor).unwrap();
        let (stopped, stop) = io::pipe().unwrap();
        let (flow, flowing) = mpsc::channel();
        let reading = thread::spawn(move || read(reader, stopped, &flowing, &told));
        let writer = master.take_writer().unwrap();
        Self {
            master,
            writer,
            stop,
            reading,
            flow,
        }
    }

    fn close(self) {
        let Self {
            master,
            writer,
            stop,
            reading,
            ..
        } = self;
        drop(stop);
        reading.join().unwrap();
        // The writer of portable-pty sends an end-of-file character when it is dropped; the master goes
        // first, so that there is nobody to receive it.
        drop(master);
        drop(writer);
    }
}

/// Reads until the program's end is closed or ours is to be.
fn read(
    mut reader: FileDescriptor,
    mut stopped: PipeReader,
    flowing: &Receiver<bool>,
    told: &Sender<Told>,
) {
    let mut on = true;
    let mut piece = vec![0; 1 << 16];
    loop {
        let wanted = if on {
            PollFlags::IN
        } else {
            PollFlags::empty()
        };
        let mut descriptors = [
            PollFd::from_borrowed_fd(stopped.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(reader.as_fd(), wanted),
        ];
        if rustix::event::poll(&mut descriptors, None).is_err() {
            continue;
        }
        let [control, output] = descriptors.map(|descriptor| descriptor.revents());
        if control.contains(PollFlags::IN) {
            let _ = stopped.read(&mut [0; 1]);
            on = flowing.recv().unwrap_or(true);
        } else if !control.is_empty() {
            return;
        } else if !output.is_empty() {
            match reader.read(&mut piece) {
                Ok(0) | Err(_) => return,
                Ok(count) => {
                    if told.send(Told::Output(piece[..count].to_vec())).is_err() {
                        return;
                    }
                }
            }
        }
    }
}

/// The line discipline, as text to compare.
fn discipline(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios())
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("a terminal has cells")
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}
