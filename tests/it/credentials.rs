//! The credentials, each in a process of its own: the environment belongs to the process.
//!
//! `az` is a script on a private `PATH`; identity endpoints and authorities are servers on this machine.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::loopback::{Loopback, Reply};

/// A token that must never be shown.
const TOKEN: &str = "secret-token-of-the-test";

/// A folder with a script named `az`.
struct Az(TempDir);

impl Az {
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("az");
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    fn saying(token: &str) -> Self {
        Self::new(&format!(
            r#"echo "$@" > "$OUT/arguments"
cat > "$OUT/stdin"
echo '{{"accessToken":"{token}","expires_on":4102444800,"tokenType":"Bearer"}}'"#
        ))
    }

    fn failing(stderr: &str) -> Self {
        Self::new(&format!("printf '{stderr}' >&2; exit 1"))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// Makes the call to `doctor`, with nothing of our own environment.
fn doctor(path: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flexposture"));
    command
        .args(["doctor", "--json"])
        .args(arguments)
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", path.display()))
        .env("OUT", path)
        .env("HOME", path)
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs `doctor`, whose standard input stays open and silent all the time, and reads its report.
async fn report(path: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Value {
    let mut child = doctor(path, arguments, environment).spawn().unwrap();
    let stdin = child.stdin.take();
    let output = child.wait_with_output().await.unwrap();
    drop(stdin);
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        !stdout.contains(TOKEN) && !stderr.contains(TOKEN),
        "the token was shown"
    );
    assert!(!stdout.contains('\u{1b}'), "an escape byte came through");
    let report: Value =
        serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}"));
    let expected = i32::from(report["ok"] == false);
    assert_eq!(output.status.code(), Some(expected), "{report:#}");
    report
}

fn reason(report: &Value) -> &str {
    assert_eq!(report["token"]["status"], "failed", "{report:#}");
    assert_eq!(
        report["resource_manager"]["status"], "not-asked",
        "{report:#}"
    );
    report["token"]["reason"].as_str().unwrap()
}

async fn reason_of(az: &Az) -> String {
    reason(&report(az.0.path(), &["--auth-timeout", "20"], &[]).await).to_owned()
}

fn is_alive(pid: &str) -> bool {
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        // A process that nobody has waited for yet is dead all the same.
        Ok(stat) => !stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .starts_with(" Z"),
        Err(_) if Path::new("/proc/self").exists() => false,
        Err(_) => pid
            .parse()
            .ok()
            .and_then(rustix::process::Pid::from_raw)
            .is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok()),
    }
}

async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(20), "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// An `az` that hangs, with a child of its own, and writes both their ids.
fn hanging() -> Az {
    Az::new(r#"sleep 1000 & echo "$$ $!" > "$OUT/writing"; mv "$OUT/writing" "$OUT/pids"; wait"#)
}

#[tokio::test]
async fn az_gives_a_token_without_reading_our_terminal_and_plain_http_never_sees_it() {
    let azure = Loopback::start(|_, _| Reply::json(200, r#"{"value":[]}"#)).await;
    let az = Az::saying(TOKEN);
    let arguments = [
        "--auth",
        "cli",
        "--arm-endpoint",
        &azure.url(),
        "--tenant",
        "a.example",
    ];
    let report = report(az.0.path(), &arguments, &[]).await;
    assert_eq!(report["token"]["status"], "ok", "{report:#}");
    assert!(report["token"]["expires_in_minutes"].as_u64().unwrap() > 60);
    let asked = &report["resource_manager"];
    assert_eq!(asked["status"], "not-asked");
    assert!(
        asked["reason"].as_str().unwrap().contains("plain http"),
        "{report:#}"
    );
    assert_eq!(azure.seen().len(), 0);
    let arguments = fs::read_to_string(az.file("arguments")).unwrap();
    assert_eq!(
        arguments.trim(),
        format!(
            "account get-access-token -o json --scope {}/.default --tenant a.example",
            azure.url()
        )
    );
    assert_eq!(fs::read_to_string(az.file("stdin")).unwrap(), "");
}

#[tokio::test]
async fn what_az_says_is_shown_and_cannot_write_to_the_terminal() {
    let az = Az::failing("ERROR: Please run \\047az login\\047 to setup account.\\n");
    assert_eq!(
        reason_of(&az).await,
        "ERROR: Please run 'az login' to setup account."
    );
    let az = Az::failing(
        "ERROR: AADSTS700082: The refresh token has expired.\\nInteractive authentication is needed.\\n",
    );
    let reason = reason_of(&az).await;
    assert!(
        reason.contains("AADSTS700082") && reason.contains("Interactive"),
        "{reason}"
    );
    let az = Az::failing("\\033]0;owned\\007\\033[31mred\\033[0m \\302\\233x");
    let reason = reason_of(&az).await;
    assert!(
        reason.contains("red") && !reason.chars().any(char::is_control),
        "{reason:?}"
    );
}

#[tokio::test]
async fn what_az_answers_must_be_its_json_and_is_not_echoed() {
    let reason = reason_of(&Az::new(&format!("echo junk {TOKEN}"))).await;
    assert!(reason.contains("not its JSON"), "{reason}");
    let old = Az::new(&format!(
        r#"echo '{{"accessToken":"{TOKEN}","expiresOn":"2030-01-02 03:04:05.0","tokenType":"Bearer"}}'"#
    ));
    let reason = reason_of(&old).await;
    assert!(reason.contains("2.54.0"), "{reason}");
    // As fake as it is, an installed az must not stand in for one that is missing.
    let empty = tempfile::tempdir().unwrap();
    let path = empty.path().to_str().unwrap();
    let report = report(empty.path(), &[], &[("PATH", path)]).await;
    let kinds: Vec<_> = report["credentials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tried| {
            (
                tried["kind"].as_str().unwrap(),
                tried["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        kinds,
        [
            ("workload-identity", "not-set-up"),
            ("client-secret", "not-set-up"),
            ("managed-identity", "not-set-up"),
            ("cli", "failed"),
        ]
    );
    assert!(
        self::reason(&report).contains("az not found on PATH"),
        "{report:#}"
    );
}

#[tokio::test]
async fn az_that_hangs_is_ended_with_everything_that_it_started() {
    let az = hanging();
    let report = report(az.0.path(), &["--auth-timeout", "1"], &[]).await;
    assert!(
        reason(&report).contains("did not answer within 1 seconds"),
        "{report:#}"
    );
    let pids = fs::read_to_string(az.file("pids")).unwrap();
    for pid in pids.split_whitespace() {
        until("az lives on", || !is_alive(pid)).await;
    }
}

#[tokio::test]
async fn az_ends_when_we_are_told_to_end() {
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::INT] {
        let az = hanging();
        let child = doctor(az.0.path(), &[], &[]).spawn().unwrap();
        until("az was not started", || az.file("pids").exists()).await;
        let pids = fs::read_to_string(az.file("pids")).unwrap();
        assert!(pids.split_whitespace().all(is_alive));
        let ours = i32::try_from(child.id().unwrap()).unwrap();
        let ours = rustix::process::Pid::from_raw(ours).unwrap();
        rustix::process::kill_process(ours, signal).unwrap();
        assert!(!child.wait_with_output().await.unwrap().status.success());
        for pid in pids.split_whitespace() {
            until("az lives on", || !is_alive(pid)).await;
        }
    }
}

#[tokio::test]
async fn managed_identity_is_asked_directly_and_no_proxy_sees_it() {
    let proxy = Loopback::start(|_, _| Reply::json(500, "{}")).await;
    let identity = Loopback::start(|_, _| {
        Reply::json(
            200,
            &format!(
                r#"{{"access_token":"{TOKEN}","expires_on":"4102444800","resource":"r","token_type":"Bearer"}}"#
            ),
        )
    })
    .await;
    let empty = tempfile::tempdir().unwrap();
    let endpoint = format!("{}/msi/token", identity.url());
    let proxy_url = proxy.url();
    let report = report(
        empty.path(),
        &[
            "--arm-endpoint",
            "http://127.0.0.1:1",
            "--audience",
            "https://management.azure.com",
        ],
        &[
            ("IDENTITY_ENDPOINT", &endpoint),
            ("IDENTITY_HEADER", "header-of-the-test"),
            ("AZURE_CLIENT_ID", "user-assigned"),
            ("http_proxy", &proxy_url),
            ("HTTP_PROXY", &proxy_url),
            ("ALL_PROXY", &proxy_url),
        ],
    )
    .await;
    assert_eq!(report["token"]["status"], "ok", "{report:#}");
    assert_eq!(report["resource_manager"]["status"], "not-asked");
    assert_eq!(proxy.seen().len(), 0);
    let [seen] = &identity.seen()[..] else {
        panic!("one request");
    };
    assert_eq!(seen.header("x-identity-header"), Some("header-of-the-test"));
    assert_eq!(
        seen.target,
        "/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fmanagement.azure.com&client_id=user-assigned"
    );
}

#[tokio::test]
async fn managed_identity_that_does_not_answer_is_given_up_soon() {
    let identity = Loopback::start(|_, _| Reply::Silence).await;
    let empty = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let endpoint = identity.url();
    let report = report(
        empty.path(),
        &["--auth", "managed-identity"],
        &[("IDENTITY_ENDPOINT", &endpoint), ("IDENTITY_HEADER", "x")],
    )
    .await;
    assert!(reason(&report).contains("within 5 seconds"), "{report:#}");
    assert!(started.elapsed() < Duration::from_secs(15));
}

#[tokio::test]
async fn managed_identity_that_is_refused_says_so() {
    let identity = Loopback::start(|_, _| Reply::json(400, "{}")).await;
    let empty = tempfile::tempdir().unwrap();
    let endpoint = identity.url();
    let report = report(
        empty.path(),
        &[],
        &[("IDENTITY_ENDPOINT", &endpoint), ("IDENTITY_HEADER", "x")],
    )
    .await;
    assert!(
        reason(&report).contains("has not been assigned"),
        "{report:#}"
    );
}

#[tokio::test]
async fn a_static_token_never_passes_a_proxy_and_never_leaves_this_machine() {
    let proxy = Loopback::start(|_, _| Reply::json(200, r#"{"value":[]}"#)).await;
    let azure =
        Loopback::start(|_, _| Reply::json(200, r#"{"value":[{"subscriptionId":"s1"}]}"#)).await;
    let empty = tempfile::tempdir().unwrap();
    let proxy_url = proxy.url();
    let environment = [
        ("FLEXPOSTURE_TOKEN", TOKEN),
        ("http_proxy", &proxy_url),
        ("ALL_PROXY", &proxy_url),
    ];
    let localhost = format!("http://localhost:{}", azure.port);
    for endpoint in [azure.url(), localhost] {
        let report = report(empty.path(), &["--arm-endpoint", &endpoint], &environment).await;
        assert_eq!(report["resource_manager"]["subscriptions"], 1, "{report:#}");
    }
    // Each time the subscriptions, and what the roles grant in the one there is.
    assert_eq!((azure.seen().len(), proxy.seen().len()), (4, 0));
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(
        azure.seen()[0].header("authorization"),
        Some(bearer.as_str())
    );
    let report = report(empty.path(), &["--cloud", "public"], &environment).await;
    let why = report["token"]["reason"].as_str().unwrap();
    assert!(why.contains("FLEXPOSTURE_TOKEN"), "{report:#}");
    assert_eq!(proxy.seen().len(), 0);
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_told() {
    let azure = Loopback::start(|_, _| {
        let date = [("date", "Wed, 21 Oct 2015 07:28:00 GMT")];
        Reply::with(200, &date, br#"{"value":[]}"#)
    })
    .await;
    let empty = tempfile::tempdir().unwrap();
    let environment = [("FLEXPOSTURE_TOKEN", TOKEN)];
    let endpoint = azure.url();
    let report = report(empty.path(), &["--arm-endpoint", &endpoint], &environment).await;
    let ahead = report["clock_ahead_seconds"].as_i64().expect("a number");
    assert!(ahead < -300_000_000, "{ahead}");
}

#[tokio::test]
async fn a_proxy_of_the_environment_carries_the_tunnel_and_sees_no_token() {
    let proxy = Loopback::start(|_, _| Reply::json(502, "{}")).await;
    let az = Az::saying(TOKEN);
    let report = report(
        az.0.path(),
        &["--auth", "cli", "--arm-endpoint", "https://arm.example"],
        &[("HTTPS_PROXY", &proxy.url())],
    )
    .await;
    assert_eq!(report["token"]["status"], "ok", "{report:#}");
    assert_eq!(
        report["resource_manager"]["cause"], "Unreachable",
        "{report:#}"
    );
    let seen = proxy.seen();
    assert!(!seen.is_empty());
    for seen in seen {
        assert_eq!(
            (seen.method.as_str(), seen.target.as_str()),
            ("CONNECT", "arm.example:443")
        );
        assert!(!format!("{seen:?}").contains(TOKEN));
    }
}

#[tokio::test]
async fn plain_http_on_this_machine_needs_no_certificates_of_the_system() {
    let azure = Loopback::start(|_, _| Reply::json(200, r#"{"value":[]}"#)).await;
    let empty = tempfile::tempdir().unwrap();
    let bare = [
        ("FLEXPOSTURE_TOKEN", TOKEN),
        ("SSL_CERT_FILE", "/nonexistent"),
        ("SSL_CERT_DIR", "/nonexistent"),
    ];
    let report = report(empty.path(), &["--arm-endpoint", &azure.url()], &bare).await;
    assert_eq!(report["resource_manager"]["subscriptions"], 0, "{report:#}");
}

/// An authority and a Resource Manager, both behind TLS with a certificate that only `--ca-file` makes trusted.
struct Tls {
    folder: TempDir,
    authority: Loopback,
    azure: Loopback,
}

impl Tls {
    async fn start() -> Self {
        let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let other = rcgen::generate_simple_self_signed(["other.example".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.pem"), certificate.cert.pem()).unwrap();
        fs::write(folder.path().join("system.pem"), other.cert.pem()).unwrap();
        fs::write(folder.path().join("assertion"), "assertion-of-the-test").unwrap();
        let authority = Loopback::start_tls(&certificate, |seen, before| {
            if seen.body.contains("client_secret=wrong") {
                return Reply::json(
                    401,
                    r#"{"error":"invalid_client","error_codes":[7000215],"error_description":"AADSTS7000215: bad secret"}"#,
                );
            }
            let token = format!(r#"{{"access_token":"{TOKEN}-{before}","expires_in":3600,"token_type":"Bearer"}}"#);
            Reply::json(200, &token)
        })
        .await;
        let azure = Loopback::start_tls(&certificate, |seen, _| {
            // The first token was revoked.
            if seen.header("authorization") == Some(&format!("Bearer {TOKEN}-0")) {
                Reply::json(401, r#"{"error":{"code":"ExpiredAuthenticationToken"}}"#)
            } else {
                Reply::json(200, r#"{"value":[{"subscriptionId":"s1"}]}"#)
            }
        })
        .await;
        Self {
            folder,
            authority,
            azure,
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    async fn report(&self, trusted: bool, authority: bool, environment: &[(&str, &str)]) -> Value {
        let endpoint = format!("https://localhost:{}", self.azure.port);
        let issuer = format!("https://localhost:{}", self.authority.port);
        let certificates = self.path("ca.pem");
        let mut arguments = vec!["--arm-endpoint", &endpoint];
        if trusted {
            arguments.extend(["--ca-file", &certificates]);
        }
        if authority {
            arguments.extend(["--authority", &issuer]);
        }
        let system = self.path("system.pem");
        let mut all = vec![
            ("SSL_CERT_FILE", system.as_str()),
            ("AZURE_AUTHORITY_HOST", issuer.as_str()),
            ("AZURE_TENANT_ID", "tenant-of-the-test"),
            ("AZURE_CLIENT_ID", "client-of-the-test"),
            ("NO_PROXY", "*"),
        ];
        all.extend(environment);
        report(self.folder.path(), &arguments, &all).await
    }
}

#[tokio::test]
async fn a_client_secret_is_exchanged_and_a_token_that_is_refused_is_renewed_once() {
    let tls = Tls::start().await;
    let report = tls
        .report(true, true, &[("AZURE_CLIENT_SECRET", "right")])
        .await;
    assert_eq!(report["ok"], true, "{report:#}");
    assert_eq!(report["resource_manager"]["subscriptions"], 1);
    let asked = tls.authority.seen();
    assert_eq!(asked.len(), 2, "the token was renewed once");
    assert_eq!(asked[0].target, "/tenant-of-the-test/oauth2/v2.0/token");
    assert!(asked[0].body.contains("client_secret=right"));
    assert!(
        asked
            .iter()
            .all(|seen| seen.header("authorization").is_none())
    );
    let tokens: Vec<_> = tls
        .azure
        .seen()
        .iter()
        .map(|seen| seen.header("authorization").unwrap().to_owned())
        .collect();
    // The list of subscriptions, again with the new token, and what the roles grant in the one there is.
    let bearer = |number| format!("Bearer {TOKEN}-{number}");
    assert_eq!(tokens, [bearer(0), bearer(1), bearer(1)]);
}

#[tokio::test]
async fn a_wrong_client_secret_is_explained_and_not_shown() {
    let tls = Tls::start().await;
    let report = tls
        .report(true, true, &[("AZURE_CLIENT_SECRET", "wrong")])
        .await;
    assert!(reason(&report).contains("AADSTS7000215"), "{report:#}");
    assert_eq!(tls.azure.seen().len(), 0);
}

#[tokio::test]
async fn a_workload_identity_is_exchanged_at_the_authority_of_the_environment() {
    let tls = Tls::start().await;
    let file = tls.path("assertion");
    let report = tls
        .report(true, false, &[("AZURE_FEDERATED_TOKEN_FILE", &file)])
        .await;
    assert_eq!(report["ok"], true, "{report:#}");
    let asked = tls.authority.seen();
    assert!(
        asked[0]
            .body
            .contains("client_assertion=assertion-of-the-test")
    );
    assert_eq!(
        report["credentials"][1]["kind"], "workload-identity",
        "{report:#}"
    );
    let report = tls
        .report(true, false, &[("AZURE_FEDERATED_TOKEN_FILE", "/nowhere")])
        .await;
    assert!(reason(&report).contains("/nowhere"), "{report:#}");
}

#[tokio::test]
async fn an_unknown_authority_of_certificates_is_named_and_gets_no_secret() {
    let tls = Tls::start().await;
    let report = tls
        .report(false, true, &[("AZURE_CLIENT_SECRET", "right")])
        .await;
    let reason = reason(&report);
    assert!(reason.contains("invalid peer certificate"), "{reason}");
    assert!(reason.contains("--ca-file"), "{reason}");
    assert_eq!((tls.authority.seen().len(), tls.azure.seen().len()), (0, 0));
}
