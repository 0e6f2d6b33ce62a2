//! A home of its own for runs of the program: no other settings, no other scans, nothing of the environment.

use std::path::PathBuf;
use std::process::{Output, Stdio};

use flexposture::simulator::Faults;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde_json::Value;
use tokio::process::{Child, Command};

use crate::support::{TOKEN, fleet, simulate, unlimited};

/// A home of its own.
pub struct Home(tempfile::TempDir);

/// What a run of the program came to.
#[derive(Debug)]
pub struct Told {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// A file of this home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A file of this home as text.
    pub fn name(&self, name: &str) -> String {
        self.path(name).to_str().expect("text").to_owned()
    }

    /// A file of the config folder.
    pub fn setting(&self, name: &str) -> PathBuf {
        self.path("config/flexposture").join(name)
    }

    /// Writes a file of the config folder.
    pub fn set(&self, name: &str, text: &str) {
        let path = self.setting(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    /// Runs the program.
    pub async fn run(&self, arguments: &[&str]) -> Told {
        self.run_with(arguments, &[]).await
    }

    /// Runs the program with environment variables.
    pub async fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Told {
        let mut command = self.command(arguments);
        let output = command.envs(variables.iter().copied()).output().await;
        Told::of(output.expect("the program starts"))
    }

    /// Starts the program; it is killed when the value is dropped.
    pub fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
        quiet
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts")
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flexposture"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.0.path())
            .env("XDG_DATA_HOME", self.path("data"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("FLEXPOSTURE_TOKEN", TOKEN)
            .env("TZ", "UTC")
            .stdin(Stdio::null());
        command
    }

    /// Scans a simulated fleet into the folder of scans.
    pub async fn scan(&self, servers: usize) {
        let running = simulate(fleet(servers), unlimited(Faults::none())).await;
        let told = self
            .run(&["scan", "--arm-endpoint", &running.endpoint()])
            .await;
        assert_eq!(told.code, 0, "{told:?}");
    }

    /// Every finding of the newest scan, with more options.
    pub async fn findings(&self, options: &[&str]) -> Vec<Value> {
        let arguments = [&["findings", "--all", "--json"], options].concat();
        match self.run(&arguments).await.json() {
            Value::Array(findings) => findings,
            other => panic!("{other} is no list"),
        }
    }
}

impl Told {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Self {
            code: output.status.code().expect("an exit code"),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// The JSON that was written.
    pub fn json(&self) -> Value {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{self:?}");
        serde_json::from_str(&self.out).expect("JSON")
    }

    /// What was written by a run that went well.
    pub fn fine(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{self:?}");
        self.out
    }

    /// Asserts that nothing was done and that these lines say why.
    pub fn refused(&self, lines: &[&str]) {
        assert_eq!((self.code, self.out.as_str()), (2, ""), "{self:?}");
        let err = self.err.trim_end();
        let err = err.strip_prefix("flexposture: ").expect("its name");
        assert_eq!(err.lines().collect::<Vec<_>>(), lines, "{self:?}");
    }
}

/// The day so many days after this one, in the zone of the program's runs.
pub fn in_days(days: i64) -> Date {
    let today = Timestamp::now().to_zoned_datetime(TimeZone::UTC).date();
    today
        .checked_add(Span::new().days(days))
        .expect("a day of this calendar")
}
