//! The program as a pipeline sees it: what it writes where, and how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use flexposture::baseline::{FeatureId, catalogue};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_flexposture");
const TOKEN: &str = "cli-token";

/// A home of its own: no other scans, no credentials, no `az`, nothing of the environment.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["data", "home", "path", "temporary"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn environment(&self) -> [(&'static str, PathBuf); 4] {
        [
            ("HOME", self.path("home")),
            ("XDG_DATA_HOME", self.path("data")),
            ("PATH", self.path("path")),
            ("TMPDIR", self.path("temporary")),
        ]
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .env_clear()
            .envs(self.environment())
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Told {
        Told::of(self.command(arguments).output())
    }

    /// The same with the token of the simulator.
    fn run_with_token(&self, arguments: &[&str]) -> Told {
        Told::of(
            self.command(arguments)
                .env("FLEXPOSTURE_TOKEN", TOKEN)
                .output(),
        )
    }

    /// Scans a simulated fleet into a file and returns its name.
    fn scan(&self, servers: usize, file: &str) -> String {
        let simulator = Simulated::start(self, servers, 0);
        let file = self.path(file).to_str().expect("a name").to_owned();
        let told = self.run_with_token(&[
            "scan",
            "--arm-endpoint",
            &simulator.endpoint,
            "--out",
            &file,
        ]);
        assert_eq!(told.code, 0, "{told:?}");
        file
    }
}

/// What a run of the program came to.
#[derive(Debug)]
struct Told {
    code: i32,
    out: String,
    err: String,
}

impl Told {
    fn of(output: std::io::Result<Output>) -> Self {
        let output = output.expect("the program starts");
        let text = |bytes| String::from_utf8(bytes).expect("the program writes text");
        Self {
            code: output.status.code().expect("an exit code, not a signal"),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Asserts an exit code, that nothing was written as a result, and what the message says.
    fn refused(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.out, "", "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "{word:?} in {self:?}");
        }
        assert!(!self.err.contains("panicked"), "{self:?}");
    }

    fn json(&self) -> Vec<Value> {
        assert_eq!(self.code, 0, "{self:?}");
        serde_json::from_str(&self.out).expect("an array in JSON")
    }
}

/// `flexposture simulator` as a process of its own. It ends with its value.
struct Simulated {
    child: Child,
    endpoint: String,
}

impl Simulated {
    fn start(home: &Home, servers: usize, latency: u32) -> Self {
        let mut child = home
            .command(&[
                "simulator",
                "--limits=none",
                "--port=0",
                &format!("--servers={servers}"),
                &format!("--latency={latency}"),
            ])
            .env("FLEXPOSTURE_TOKEN", TOKEN)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the simulator starts");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("a pipe"))
            .read_line(&mut line)
            .expect("the first line");
        let endpoint = line
            .trim_end()
            .rsplit(' ')
            .next()
            .filter(|word| word.starts_with("http://127.0.0.1:"))
            .unwrap_or_else(|| panic!("no endpoint in {line:?}"))
            .to_owned();
        Self { child, endpoint }
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port of this machine on which nothing listens.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder)
        .expect("a folder")
        .next()
        .is_none()
}

#[test]
fn help_and_version_are_no_errors() {
    let home = Home::new();
    let help = home.run(&["--help"]);
    assert_eq!((help.code, help.err.as_str()), (0, ""));
    for command in [
        "explore",
        "demo",
        "scan",
        "findings",
        "report",
        "fixes",
        "scans",
        "rejudge",
        "exemptions",
        "config",
        "baseline",
        "simulator",
        "doctor",
    ] {
        assert!(help.out.contains(&format!("\n  {command} ")), "{help:?}");
        let own = home.run(&[command, "--help"]);
        assert_eq!((own.code, own.err.as_str()), (0, ""), "{command}");
    }
    let version = home.run(&["--version"]);
    assert_eq!(
        version.out,
        format!("flexposture {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn own_options_stand_before_those_of_other_subjects_in_the_help() {
    let home = Home::new();
    for (command, option, heading) in [
        ("scan", "--out", "\nAzure:"),
        ("scan", "--subscription", "\nAzure:"),
        ("demo", "--print", "\nAppearance:"),
        ("findings", "--all", "\nAzure:"),
    ] {
        let help = home.run(&[command, "--help"]).out;
        let own = help.split(heading).next().expect("the first part");
        assert!(own.contains(option), "{command} {option}: {help}");
    }
}

#[test]
fn unknown_words_are_usage_errors() {
    let home = Home::new();
    home.run(&["frobnicate"])
        .refused(2, &["frobnicate", "--help"]);
    home.run(&["scan", "--frobnicate"])
        .refused(2, &["--frobnicate"]);
    home.run(&["demo", "--print", "--servers", "0"])
        .refused(2, &["--servers"]);
    home.run(&["findings"])
        .refused(2, &["<SERVER|--all>", "--help"]);
    home.run(&["findings", "--all", "one"])
        .refused(2, &["--all", "[SERVER]"]);
    // What only the explorer uses is not taken and forgotten.
    for option in [
        ["--arm-endpoint", "http://127.0.0.1:1"],
        ["--tenant", "one"],
        ["--theme", "light"],
    ] {
        home.run(&[&["demo", "--print"][..], &option].concat())
            .refused(2, &["--print", option[0]]);
    }
    assert!(is_empty(&home.path("data")));
}

#[test]
fn the_demo_is_printed_without_a_terminal_and_leaves_nothing() {
    let home = Home::new();
    let told = home.run(&["demo", "--print"]);
    assert_eq!((told.code, told.err.as_str()), (0, ""), "{told:?}");
    let rows = told
        .out
        .lines()
        .filter(|it| it.contains("  mysql-"))
        .count();
    assert_eq!(rows, 60, "{}", told.out);
    assert!(
        told.out
            .contains("\n60 servers in 3 subscriptions, read with "),
        "{}",
        told.out
    );
    let total = |word: &str| -> usize {
        told.out
            .lines()
            .find_map(|line| line.strip_prefix(word)?.trim().parse().ok())
            .unwrap_or_else(|| panic!("no total of {word} in {}", told.out))
    };
    let verdicts = [
        "Fail",
        "Unknown",
        "Manual",
        "Pass",
        "NotApplicable",
        "Platform",
        "Unsupported",
    ];
    let sum: usize = verdicts.into_iter().map(total).sum();
    assert_eq!(sum, 60 * FeatureId::BASELINE_COUNT);
    assert!((1..100).contains(&total("Score")));
    assert!(is_empty(&home.path("data")), "the demo kept a scan");
    assert!(is_empty(&home.path("temporary")), "the demo left its file");
}

#[test]
fn without_a_terminal_it_says_what_to_use_instead() {
    let home = Home::new();
    let instead_of_demo = "flexposture demo --print";
    home.run(&["demo"])
        .refused(2, &["terminal", instead_of_demo]);
    let instead = "flexposture findings --all";
    home.run(&["explore"]).refused(2, &["terminal", instead]);
    home.run(&[]).refused(2, &["terminal", instead]);
}

#[test]
fn findings_are_written_as_json_with_the_documented_keys() {
    let home = Home::new();
    let file = home.scan(12, "a.flexscan");
    let findings = home
        .run(&["findings", "--all", "--json", "--scan", &file])
        .json();
    assert_eq!(findings.len(), 12 * FeatureId::ALL.len());
    let mut keys: Vec<&str> = findings[0]
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "cause",
            "conditions",
            "control",
            "family",
            "feature",
            "feature_id",
            "fixes",
            "missing_action",
            "missing_scope",
            "notes",
            "policies",
            "policy_blind_spot",
            "policy_blind_spot_reason",
            "reason",
            "ruleset",
            "schema_version",
            "server",
            "server_id",
            "severity",
            "verdict",
            "without_exemptions",
        ]
    );
    let words = [
        "Pass",
        "Fail",
        "Unknown",
        "Manual",
        "NotApplicable",
        "Platform",
        "Unsupported",
        "Waived",
    ];
    for server in findings.chunks(FeatureId::ALL.len()) {
        for (finding, id) in server.iter().zip(FeatureId::ALL) {
            let feature = catalogue().feature(id);
            assert_eq!(finding["feature"], feature.name.as_str());
            assert_eq!(finding["control"], id.control());
            assert_eq!(finding["family"], id.family().code());
            assert_eq!(finding["server_id"], server[0]["server_id"]);
            let name = finding["server"].as_str().expect("a name");
            let server_id = finding["server_id"].as_str().expect("an id");
            assert!(server_id.ends_with(&format!("/{name}")), "{finding}");
            let verdict = finding["verdict"].as_str().expect("a word");
            assert!(words.contains(&verdict), "{finding}");
            assert_eq!(
                finding["cause"].is_string(),
                verdict == "Unknown",
                "{finding}"
            );
            assert!(finding["conditions"].is_array(), "{finding}");
        }
    }
    assert!(
        findings.iter().any(|it| it["cause"] == "Denied"
            && it["missing_action"]
                .as_str()
                .is_some_and(|action| action.starts_with("Microsoft.DBforMySQL/"))),
        "the simulated fleet has denied reads"
    );

    let name = findings[0]["server"].as_str().expect("a name");
    let upper = name.to_uppercase();
    let one = home
        .run(&["findings", &upper, "--json", "--scan", &file])
        .json();
    assert_eq!(one, findings[..FeatureId::ALL.len()]);
    let id = findings[0]["server_id"].as_str().expect("an id");
    assert_eq!(
        home.run(&["findings", id, "--json", "--scan", &file])
            .json(),
        one
    );

    let text = home.run(&["findings", name, "--scan", &file]);
    assert_eq!((text.code, text.err.as_str()), (0, ""));
    assert!(
        text.out.starts_with(&format!("{name}\n  {id}\n")),
        "{}",
        text.out
    );
    for finding in &one {
        let verdict = finding["verdict"].as_str().expect("a word");
        let feature = finding["feature"].as_str().expect("a name");
        let line = format!("\n    {verdict:13} {feature}");
        assert!(text.out.contains(&line), "{line:?} in {}", text.out);
    }
    for other in findings
        .iter()
        .filter(|it| it["server_id"] != one[0]["server_id"])
    {
        // The id of a replica begins with that of its source.
        let id = other["server_id"].as_str().expect("an id");
        assert!(!text.out.contains(&format!("  {id}\n")), "{id}");
    }

    let unknown = home.run(&["findings", "mysql-nowhere", "--scan", &file]);
    unknown.refused(2, &["mysql-nowhere"]);
}

#[test]
fn findings_of_no_server_are_a_usage_error() {
    let home = Home::new();
    home.run(&["findings"]).refused(2, &["SERVER", "--help"]);
    home.run(&["findings", "a", "--all"]).refused(2, &["--all"]);
    home.run(&["findings", "--all"])
        .refused(2, &["flexposture scan", "flexposture demo"]);
}

#[test]
fn what_is_no_scan_is_named() {
    let home = Home::new();
    let junk = home.path("junk.flexscan");
    std::fs::write(&junk, "not a scan at all").expect("a file");
    let empty = home.path("empty.flexscan");
    std::fs::write(&empty, "").expect("a file");
    for file in [&junk, &empty] {
        let file = file.to_str().expect("a name");
        home.run(&["findings", "--all", "--scan", file])
            .refused(2, &[file, "is not a scan"]);
    }
    let folder = home.path("data");
    let folder = folder.to_str().expect("a name");
    home.run(&["findings", "--all", "--scan", folder])
        .refused(2, &["is a folder", folder]);
    for missing in ["/nowhere/a.flexscan", "0a1b2c3d", ""] {
        home.run(&["findings", "--all", "--scan", missing])
            .refused(2, &["no scan is called", missing, "flexposture scans"]);
        home.run(&["explore", "--scan", missing])
            .refused(2, &["no scan is called", missing, "flexposture scans"]);
    }
}

#[test]
fn scans_are_kept_listed_and_chosen() {
    let home = Home::new();
    let folder = home.path("data/flexposture/scans");
    let none = home.run(&["scans"]);
    assert_eq!((none.code, none.err.as_str()), (0, ""));
    assert!(
        none.out.contains(folder.to_str().expect("a name")),
        "{none:?}"
    );
    assert!(none.out.contains("flexposture scan"), "{none:?}");
    assert_eq!(home.run(&["scans", "--json"]).json(), Vec::<Value>::new());

    let simulator = Simulated::start(&home, 4, 0);
    for _ in 0..2 {
        let told = home.run_with_token(&["scan", "--arm-endpoint", &simulator.endpoint]);
        assert_eq!(told.code, 0, "{told:?}");
        assert!(told.out.contains("complete scan of 4 servers"), "{told:?}");
    }
    let scans = home.run(&["scans", "--json"]).json();
    assert_eq!(scans.len(), 2);
    let ids: Vec<&str> = scans
        .iter()
        .map(|scan| {
            scan["header"]["id"]
                .as_str()
                .unwrap_or_else(|| panic!("no id in {scan}"))
        })
        .collect();
    let listed = home.run(&["scans"]).out;
    for id in &ids {
        let line = listed.lines().find(|line| line.starts_with(id));
        let line = line.unwrap_or_else(|| panic!("no {id} in {listed}"));
        assert!(line.contains("complete"), "{line}");
        let told = home
            .run(&["findings", "--all", "--json", "--scan", id])
            .json();
        assert_eq!(told.len(), 4 * FeatureId::ALL.len());
    }
    assert_eq!(
        home.run(&["findings", "--all", "--json"]).json().len(),
        4 * FeatureId::ALL.len()
    );
    // Every file begins with the year.
    home.run(&["findings", "--all", "--scan", "2"])
        .refused(2, &["several scans", ids[0], ids[1]]);
    for entry in std::fs::read_dir(&folder).expect("a folder") {
        private(&entry.expect("an entry").path(), 0o600);
    }
    private(&folder, 0o700);
}

#[test]
fn kept_scans_are_shown_verified_thinned_out_and_deleted() {
    let home = Home::new();
    let folder = home.path("data/flexposture/scans");
    std::fs::create_dir_all(&folder).expect("a folder");
    let made = home.scan(3, "made.flexscan");
    for (day, id) in [("01", "aaaa1111"), ("02", "bbbb2222"), ("03", "cccc3333")] {
        let path = folder.join(format!("202611{day}T080000Z-{id}.flexscan"));
        std::fs::copy(&made, &path).expect("a copy");
        let statement = format!(
            "UPDATE scan SET id = '{id}', started_at = started_at - (9 - {day}) * 86400000"
        );
        rusqlite::Connection::open(&path)
            .and_then(|connection| connection.execute_batch(&statement))
            .expect("a scan");
    }
    let listed = home.run(&["scans", "--json"]).json();
    let (scan, failing) = (&listed[0], listed[0]["failing"].as_u64());
    assert_eq!(scan["header"]["id"], "cccc3333");
    assert!(
        scan["score"].as_u64().is_some_and(|score| score <= 100),
        "{scan}"
    );
    assert!(failing.is_some_and(|failing| failing > 0), "{scan}");
    let text = home.run(&["scans"]).out;
    let line = text.lines().find(|line| line.starts_with("cccc3333"));
    assert!(
        line.is_some_and(|line| line.contains(&failing.unwrap().to_string())),
        "{text}"
    );

    let shown = home.run(&["scans", "show", "bbbb"]);
    assert_eq!(shown.code, 0, "{shown:?}");
    assert!(
        shown.out.contains("judged under") && shown.out.contains("bbbb2222"),
        "{shown:?}"
    );

    let well = home.run(&["scans", "verify"]);
    assert_eq!(
        (well.code, well.out.matches("intact").count()),
        (0, 3),
        "{well:?}"
    );
    let path = folder.join("20261102T080000Z-bbbb2222.flexscan");
    rusqlite::Connection::open(path)
        .and_then(|connection| {
            connection.execute_batch("UPDATE document SET duration_ms = 1, api_version = 'x'")
        })
        .expect("a change");
    let changed = home.run(&["scans", "verify", "bbbb"]);
    assert_eq!(changed.code, 1, "{changed:?}");
    assert!(changed.out.contains("CHANGED"), "{changed:?}");

    home.run(&["scans", "prune"]).refused(2, &["--keep"]);
    home.run(&["scans", "prune", "--keep", "1"])
        .refused(2, &["--yes"]);
    let dry = home.run(&["scans", "prune", "--keep", "1", "--dry-run"]);
    assert_eq!(
        (dry.code, dry.out.matches("would go").count()),
        (0, 2),
        "{dry:?}"
    );
    home.run(&["scans", "delete", "cccc"])
        .refused(2, &["cccc3333", "--yes"]);
    assert_eq!(
        home.run(&["scans", "--json"]).json().len(),
        3,
        "nothing is gone yet"
    );
    let gone = home.run(&["scans", "delete", "cccc", "--yes"]);
    assert_eq!(gone.code, 0, "{gone:?}");
    let pruned = home.run(&["scans", "prune", "--keep", "1", "--yes"]);
    assert!(pruned.out.contains("1 scan deleted"), "{pruned:?}");
    let left = home.run(&["scans", "--json"]).json();
    assert_eq!(
        (left.len(), &left[0]["header"]["id"]),
        (1, &Value::from("bbbb2222"))
    );
}

/// A kept scan for each of these: the day of November on which it began, its id, and the scan that it lies over.
fn kept(home: &Home, scans: &[(&str, &str, Option<&str>)]) -> PathBuf {
    let folder = home.path("data/flexposture/scans");
    std::fs::create_dir_all(&folder).expect("a folder");
    let made = home.scan(2, "made.flexscan");
    for (day, id, parent) in scans {
        let path = folder.join(format!("202611{day}T080000Z-{id}.flexscan"));
        std::fs::copy(&made, &path).expect("a copy");
        let parent = parent.map_or_else(|| "NULL".to_owned(), |it| format!("'{it}'"));
        let statement = format!(
            "UPDATE scan SET id = '{id}', parent = {parent}, started_at = started_at - (9 - {day}) * 86400000"
        );
        rusqlite::Connection::open(&path)
            .and_then(|connection| connection.execute_batch(&statement))
            .expect("a scan");
    }
    folder
}

#[test]
fn a_scan_that_another_lies_over_is_not_deleted_by_its_bare_name_either() {
    let home = Home::new();
    let folder = kept(
        &home,
        &[
            ("01", "aaaa1111", None),
            ("02", "bbbb2222", Some("aaaa1111")),
        ],
    );
    let name = "20261101T080000Z-aaaa1111.flexscan";
    for file in [name.to_owned(), format!("./{name}")] {
        let told = home
            .command(&["scans", "delete", &file, "--yes"])
            .current_dir(&folder)
            .output();
        Told::of(told).refused(2, &["bbbb2222"]);
        assert!(folder.join(name).exists(), "{file}");
    }
}

#[test]
fn a_chain_of_scans_is_thinned_out_in_one_run_whatever_its_files_are_called() {
    let home = Home::new();
    let folder = kept(
        &home,
        &[
            ("01", "aaaa1111", None),
            ("02", "bbbb2222", Some("aaaa1111")),
            ("03", "cccc3333", Some("bbbb2222")),
            ("04", "dddd4444", None),
        ],
    );
    let renamed = folder.join("mine.flexscan");
    std::fs::rename(folder.join("20261103T080000Z-cccc3333.flexscan"), &renamed).expect("renamed");
    let pruned = home.run(&["scans", "prune", "--keep", "1", "--yes"]);
    assert_eq!(pruned.code, 0, "{pruned:?}");
    assert!(pruned.out.contains("3 scans deleted"), "{pruned:?}");
    let left: Vec<_> = std::fs::read_dir(&folder)
        .expect("a folder")
        .map(|it| it.expect("a file").file_name())
        .collect();
    assert_eq!(left, ["20261104T080000Z-dddd4444.flexscan"]);
}

#[test]
fn a_comparison_with_the_newest_scan_names_what_was_passed_over() {
    let home = Home::new();
    let folder = kept(&home, &[("01", "aaaa1111", None), ("02", "bbbb2222", None)]);
    std::fs::write(folder.join("20261103T080000Z-cccc3333.flexscan"), "junk").expect("a file");
    let told = home.run(&["diff", "aaaa"]);
    assert_eq!(told.code, 0, "{told:?}");
    assert!(
        told.err.contains("passed over") && told.err.contains("cccc3333"),
        "{told:?}"
    );
}

fn private(path: &Path, expected: u32) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path)
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, expected, "{}", path.display());
}

#[test]
fn a_scan_of_a_closed_port_leaves_no_file_and_says_what_to_do() {
    let home = Home::new();
    let endpoint = format!("http://127.0.0.1:{}", closed_port());
    let file = home.path("a.flexscan");
    home.run_with_token(&[
        "scan",
        "--arm-endpoint",
        &endpoint,
        "--out",
        file.to_str().expect("a name"),
    ])
    .refused(3, &["subscriptions", "refused", "flexposture doctor"]);
    assert!(!file.exists());
}

#[test]
fn a_scan_never_writes_over_a_file() {
    let home = Home::new();
    let simulator = Simulated::start(&home, 1, 0);
    let file = home.path("kept.flexscan");
    std::fs::write(&file, "mine").expect("a file");
    let name = file.to_str().expect("a name");
    let told = home.run_with_token(&["scan", "--arm-endpoint", &simulator.endpoint, "--out", name]);
    told.refused(2, &[name, "there already", "another name"]);
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), "mine");
}

#[test]
fn an_error_is_told_once() {
    let home = Home::new();
    let told = home.run(&[
        "scan",
        "--arm-endpoint",
        "http://management.example.invalid",
    ]);
    told.refused(2, &["only https"]);
    assert_eq!(told.err.matches("only https").count(), 1, "{told:?}");
}

#[test]
fn no_credential_is_told_as_such_and_nothing_is_asked() {
    let home = Home::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    let file = home.path("a.flexscan");
    let file_name = file.to_str().expect("a name");
    let secure = format!("https://127.0.0.1:{port}");
    let plain = format!("http://127.0.0.1:{port}");
    let scan = |arguments: &[&str], token: Option<&str>| {
        let arguments = [&["scan", "--out", file_name], arguments].concat();
        let mut command = home.command(&arguments);
        if let Some(token) = token {
            command.env("FLEXPOSTURE_TOKEN", token);
        }
        Told::of(command.output())
    };

    let authority = ["--authority", "https://login.example.invalid"];
    let told = scan(
        &[&["--arm-endpoint", &secure], &authority[..]].concat(),
        None,
    );
    told.refused(3, &["no token", "az not found", "flexposture doctor"]);
    assert!(!told.err.contains("Azure answered"), "{told:?}");

    scan(&["--arm-endpoint", &plain, "--auth", "cli"], Some(TOKEN))
        .refused(3, &["plain http", "FLEXPOSTURE_TOKEN"]);
    scan(&["--arm-endpoint", &plain], None).refused(3, &["plain http"]);
    scan(&["--auth", "client-secret"], None).refused(3, &["AZURE_CLIENT_ID"]);
    scan(
        &["--arm-endpoint", "https://management.example.invalid"],
        Some(TOKEN),
    )
    .refused(3, &["FLEXPOSTURE_TOKEN", "this machine only"]);
    scan(&["--cloud", "public", "--arm-endpoint", &secure], None).refused(2, &["--cloud custom"]);
    scan(&["--ca-file", "/nowhere/ca.pem"], None).refused(2, &["/nowhere/ca.pem"]);

    assert!(!file.exists());
    let connection = listener.accept().map(|(_, from)| from);
    assert!(connection.is_err(), "{connection:?} was let in");
}

#[test]
fn the_doctor_says_what_is_missing_and_fails() {
    let home = Home::new();
    let told = home.run(&["doctor"]);
    assert_eq!((told.code, told.err.as_str()), (1, ""), "{told:?}");
    assert!(told.out.contains("az not found on PATH"), "{told:?}");

    let simulator = Simulated::start(&home, 1, 0);
    let told = home.run_with_token(&["doctor", "--arm-endpoint", &simulator.endpoint, "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let report: Value = serde_json::from_str(&told.out).expect("JSON");
    assert_eq!(report["ok"], true);
    assert!(!told.out.contains(TOKEN), "the token is shown");
}

#[test]
fn the_doctor_tells_roles_and_scans() {
    let home = Home::new();
    let simulator = Simulated::start(&home, 40, 0);
    let doctor = |more: &[&str]| {
        let arguments = [&["doctor", "--arm-endpoint", &simulator.endpoint][..], more].concat();
        let told = home.run_with_token(&arguments);
        assert_eq!(told.code, 0, "{told:?}");
        told.out
    };
    let report: Value = serde_json::from_str(&doctor(&["--json"])).expect("JSON");
    let asked = report["roles"]["asked"].as_array().expect("a list");
    assert!(!asked.is_empty());
    let whole = asked.iter().filter(|it| it["missing"] == json!([])).count();
    assert!(whole > 0 && whole < asked.len(), "{asked:?}");
    let configurations = json!("Microsoft.DBforMySQL/flexibleServers/configurations/read");
    let missing: Vec<&Value> = asked
        .iter()
        .filter(|it| {
            let missing = it["missing"].as_array().expect("a list");
            missing.contains(&configurations)
        })
        .collect();
    // The fleet has one subscription in which the caller may read servers alone.
    assert_eq!(missing.len(), 1);
    let actions = missing[0]["missing"].as_array().expect("a list");
    assert!(!actions.contains(&json!("Microsoft.DBforMySQL/flexibleServers/read")));
    assert!(!actions.contains(&json!("Microsoft.CustomerLockbox/tenantOptedIn/read")));

    let text = doctor(&[]);
    let name = missing[0]["name"].as_str().expect("a name");
    let line = text.lines().find(|line| line.contains(name));
    assert!(
        line.is_some_and(|line| line.contains("not granted: ")),
        "{text}"
    );
    assert!(text.contains("MiB free"), "{text}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let home = Home::new();
    let file = home.scan(12, "a.flexscan");
    for arguments in [
        // Each writes more than a pipe holds.
        &["findings", "--all", "--json", "--scan", &file] as &[&str],
        &["findings", "--all", "--scan", &file],
        &["baseline", "export", "--format", "json"],
    ] {
        let mut child = home
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut pipe = BufReader::new(child.stdout.take().expect("a pipe"));
        pipe.read_line(&mut String::new()).expect("a first line");
        drop(pipe);
        let told = Told::of(child.wait_with_output());
        assert_eq!((told.code, told.err.as_str()), (0, ""), "{arguments:?}");
    }
    // Nobody reads at all.
    let mut child = home
        .command(&["demo", "--print", "--servers", "3"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let told = Told::of(child.wait_with_output());
    assert_eq!((told.code, told.err.as_str()), (0, ""));
    assert!(is_empty(&home.path("temporary")), "the demo left its file");
}

/// At a terminal, as a person would: Ctrl-C once the first servers have been read.
#[test]
fn an_interrupted_scan_is_kept_as_cancelled() {
    let home = Home::new();
    let simulator = Simulated::start(&home, 60, 300);
    let terminal = portable_pty::native_pty_system()
        .openpty(portable_pty::PtySize::default())
        .expect("a pseudo-terminal");
    let mut command = portable_pty::CommandBuilder::new(PROGRAM);
    command.args(["scan", "--arm-endpoint", &simulator.endpoint]);
    command.env_clear();
    for (name, value) in home.environment() {
        command.env(name, value);
    }
    command.env("FLEXPOSTURE_TOKEN", TOKEN);
    let mut child = terminal.slave.spawn_command(command).expect("a process");
    drop(terminal.slave);
    let mut screen = terminal.master.try_clone_reader().expect("a reader");
    let mut keys = terminal.master.take_writer().expect("a writer");

    let (mut seen, mut interrupted) = (String::new(), false);
    let mut bytes = [0; 4096];
    // Reading ends when the process does.
    while let Ok(count @ 1..) = screen.read(&mut bytes) {
        seen.push_str(&String::from_utf8_lossy(&bytes[..count]));
        let done = seen
            .rsplit('\r')
            .filter_map(|line| line.split(" of 60 servers").next())
            .filter_map(|line| line.rsplit('K').next()?.parse::<u32>().ok())
            .max();
        if !interrupted && done.is_some_and(|done| done > 0) {
            keys.write_all(b"\x03").expect("a key");
            interrupted = true;
        }
    }
    let status = child.wait().expect("an end");
    assert!(interrupted, "no server was read: {seen}");
    assert_eq!(status.exit_code(), 130, "{seen}");
    assert!(seen.contains("cancelled scan of 60 servers"), "{seen}");

    let scans = home.run(&["scans"]).out;
    assert!(scans.contains("cancelled"), "{scans}");
    let findings = home.run(&["findings", "--all", "--json"]).json();
    assert_eq!(findings.len(), 60 * FeatureId::ALL.len());
    let caused = |cause: &str| findings.iter().filter(|it| it["cause"] == cause).count();
    assert!(caused("Cancelled") > 0, "nothing was left unread");
    let judged = findings.iter().filter(|it| it["verdict"] == "Pass");
    assert!(judged.count() > 0, "nothing that was read is kept");
}

#[test]
fn the_policies_of_a_scan_are_told_as_text_and_as_json() {
    let home = Home::new();
    let file = home.scan(12, "policies.flexscan");
    let told = home.run(&["policies", "--scan", &file]);
    assert_eq!(told.code, 0, "{told:?}");
    for words in [
        "Azure Policy over 12 servers",
        "These never evaluate a flexible server",
        "Policy blind spots of the baseline",
    ] {
        assert!(told.out.contains(words), "{words:?} in {told:?}");
    }
    let told = home.run(&["policies", "--scan", &file, "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let json: Value = serde_json::from_str(&told.out).expect("an object");
    assert_eq!(json["servers"], 12);
    let mapped = catalogue().policies().iter().filter(|policy| {
        catalogue()
            .features_of_policy(&policy.guid)
            .next()
            .is_some()
    });
    assert_eq!(
        json["policies"].as_array().map(Vec::len),
        Some(mapped.count())
    );
    for policy in json["policies"].as_array().into_iter().flatten() {
        let counts = |member: &str| -> u64 {
            let counts = policy[member].as_object().expect("counts");
            counts.values().filter_map(Value::as_u64).sum()
        };
        assert_eq!(counts("ours"), policy["counted"], "{policy}");
        if policy["evaluates_reason"].is_null() {
            assert_eq!(counts("agreement"), policy["counted"], "{policy}");
        }
    }
}

#[test]
fn without_a_scan_every_permission_is_told_and_the_role_is_a_file_of_its_own() {
    let home = Home::new();
    let told = home.run(&["permissions"]);
    assert_eq!(told.code, 0, "{told:?}");
    let needed = "Microsoft.DBforMySQL/flexibleServers/configurations/read";
    assert!(told.out.contains(needed), "{told:?}");
    let told = home.run(&["permissions", "--role"]);
    assert_eq!(told.code, 0, "{told:?}");
    let role: Value = serde_json::from_str(&told.out).expect("nothing but the role");
    let actions = role["Actions"].as_array().expect("a list");
    assert!(actions.contains(&needed.into()));
    assert!(told.err.contains("Microsoft.CustomerLockbox"), "{told:?}");
    assert!(!told.out.contains("Microsoft.CustomerLockbox"));
    home.run(&["permissions", "--scan", "nothing"])
        .refused(2, &["no scan is called \"nothing\""]);
    home.run(&["permissions", "--json", "--role"])
        .refused(2, &["--role"]);
}

#[test]
fn a_scan_says_which_permissions_it_missed() {
    let home = Home::new();
    let file = home.scan(30, "permissions.flexscan");
    let told = home.run(&["permissions", "--scan", &file, "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let json: Value = serde_json::from_str(&told.out).expect("an object");
    assert_eq!(json["servers"], 30);
    // The simulated fleet refuses the children of some servers.
    let denied = json["denied"].as_array().expect("a list");
    let configurations = denied
        .iter()
        .find(|it| it["action"] == "Microsoft.DBforMySQL/flexibleServers/configurations/read")
        .expect("a denied action");
    let findings = home.run(&["findings", "--all", "--scan", &file, "--json"]);
    let refused: std::collections::BTreeSet<String> = findings
        .json()
        .iter()
        .filter(|finding| finding["missing_action"] == configurations["action"])
        .map(|finding| finding["server_id"].to_string())
        .collect();
    assert!(!refused.is_empty());
    assert_eq!(configurations["servers"], refused.len());
    let actions = json["role"]["Actions"].as_array().expect("a role");
    for missing in denied.iter().filter(|it| it["tenant_level"] == false) {
        assert!(actions.contains(&missing["action"]), "{missing}");
    }
    let told = home.run(&["permissions", "--scan", &file]);
    assert!(told.out.contains("az role definition create"), "{told:?}");
    assert_eq!(told.code, 0, "{told:?}");
}
