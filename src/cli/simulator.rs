//! `flexposture simulator`: serves a simulated or recorded estate on this machine until it is told to stop.

use std::future::Future;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::ValueEnum;
use jiff::Timestamp;
use tokio::signal::unix::{SignalKind, signal};

use crate::simulator::{Fleet, FleetOptions, Options, Quota, Replay, Simulator, Source};

/// The environment variable that holds the token of a loopback endpoint.
const TOKEN_VARIABLE: &str = "FLEXPOSTURE_TOKEN";

/// The token that is asked for when the environment names none. It opens nothing but this process.
const DEFAULT_TOKEN: &str = "simulator";

/// Serve a simulated Azure estate on 127.0.0.1, to scan without Azure.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many servers there are.
    #[arg(long, value_name = "COUNT", default_value_t = 60, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    pub servers: u32,

    /// How many subscriptions they are spread over. In the third, only the servers themselves can be read.
    #[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub subscriptions: u32,

    /// The number that everything random follows from.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,

    /// Time before each answer, in milliseconds.
    #[arg(long, value_name = "MILLISECONDS", default_value = "5", value_parser = milliseconds)]
    pub latency: Duration,

    /// How many servers people change before each scan after the first.
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 0,
        conflicts_with = "replay"
    )]
    pub drift: u32,

    /// The port to listen on; 0 takes any free one.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub port: u16,

    /// The request limits that are announced and kept.
    #[arg(long, value_name = "KIND", value_enum, default_value_t = Limits::Documented)]
    pub limits: Limits,

    /// Answer from a folder of recorded files {method, uri, status, headers, body} instead.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["servers", "subscriptions", "seed", "manifest"])]
    pub replay: Option<PathBuf>,

    /// Write what was planted where to this file as JSON; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
}

/// Which request limits the endpoint keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Limits {
    /// As Azure documents them: 250 reads and 25 more a second for each subscription.
    Documented,
    /// None, and no headers about them.
    None,
}

/// Serves until Ctrl-C or SIGTERM.
///
/// # Errors
///
/// When the folder to replay or the manifest's file cannot be used, the port is taken, or standard output is
/// closed.
pub async fn run(args: &Args) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let until = async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    };
    let token = std::env::var(TOKEN_VARIABLE)
        .ok()
        .filter(|it| !it.is_empty())
        .unwrap_or_else(|| DEFAULT_TOKEN.to_owned());
    serve(args, token, &mut io::stdout(), &mut io::stderr(), until).await
}

async fn serve(
    args: &Args,
    token: String,
    output: &mut impl Write,
    beside: &mut impl Write,
    until: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let (source, what) = source(args, output)?;
    let options = Options {
        latency: args.latency,
        quota: match args.limits {
            Limits::Documented => Quota::DOCUMENTED,
            Limits::None => Quota::Unlimited,
        },
        recorded_requests: 0,
        drift: args.drift as usize,
        ..Options::new(token.clone())
    };
    let bind = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let running = Simulator::start(source, options, bind).await?;
    let endpoint = running.endpoint();
    // A manifest on standard output stays valid JSON: the words go beside it.
    let words: &mut dyn Write = if args.manifest.as_deref() == Some(Path::new("-")) {
        beside
    } else {
        output
    };
    writeln!(words, "{what} at {endpoint}")?;
    writeln!(words, "Scan it from another terminal:")?;
    writeln!(words, "  export {TOKEN_VARIABLE}={}", quoted(&token))?;
    writeln!(words, "  flexposture scan --arm-endpoint {endpoint}")?;
    writeln!(words, "Ctrl-C ends it.")?;
    words.flush()?;
    until.await;
    running.shutdown().await;
    Ok(())
}

/// What to serve, and what to call it.
fn source(args: &Args, output: &mut impl Write) -> anyhow::Result<(Source, String)> {
    if let Some(folder) = &args.replay {
        let replay = Replay::read(folder)?;
        if replay.servers() == 0 {
            bail!("{} tells of no MySQL flexible server", folder.display());
        }
        let what = format!(
            "Replaying {} in {}",
            counted(replay.servers(), "server"),
            counted(replay.subscriptions(), "subscription")
        );
        return Ok((replay.into(), what));
    }
    let fleet = Fleet::generate(&FleetOptions {
        seed: args.seed,
        servers: args.servers as usize,
        subscriptions: args.subscriptions as usize,
        ..FleetOptions::new(Timestamp::now())
    });
    if let Some(path) = &args.manifest {
        let mut text = serde_json::to_string_pretty(&fleet.manifest())?;
        text.push('\n');
        if path == Path::new("-") {
            output.write_all(text.as_bytes())?;
            output.flush()?;
        } else {
            std::fs::write(path, text)
                .with_context(|| format!("cannot write the manifest to {}", path.display()))?;
        }
    }
    let what = format!(
        "Simulating {} in {}",
        counted(args.servers as usize, "server"),
        counted(args.subscriptions as usize, "subscription")
    );
    Ok((fleet.into(), what))
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A word that a POSIX shell reads back as it was.
fn quoted(text: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "-_./:".contains(it);
    if text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

fn milliseconds(text: &str) -> Result<Duration, String> {
    let digits = text.strip_suffix("ms").unwrap_or(text);
    match digits.parse::<u64>() {
        Ok(count) if count <= 60_000 => Ok(Duration::from_millis(count)),
        _ => Err("give milliseconds from 0 to 60000, such as 5 or 5ms".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use serde_json::Value;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        args: Args,
    }

    fn args(words: &[&str]) -> Result<Args, clap::Error> {
        Command::try_parse_from([&["simulator"], words].concat()).map(|it| it.args)
    }

    async fn output(args: &Args, token: &str) -> (String, String) {
        let (mut output, mut beside) = (Vec::new(), Vec::new());
        serve(args, token.to_owned(), &mut output, &mut beside, async {})
            .await
            .unwrap();
        (
            String::from_utf8(output).unwrap(),
            String::from_utf8(beside).unwrap(),
        )
    }

    #[test]
    fn defaults_are_those_of_the_demo() {
        let args = args(&[]).unwrap();
        assert_eq!(
            (args.servers, args.subscriptions, args.seed, args.port),
            (60, 3, 1, 0)
        );
        assert_eq!(args.latency, Duration::from_millis(5));
    }

    #[test]
    fn nonsense_is_refused() {
        for words in [
            &["--latency", "soon"] as &[_],
            &["--latency", "-1"],
            &["--subscriptions", "0"],
            &["--servers", "2000000"],
            &["--replay", "x", "--seed", "2"],
            &["--replay", "x", "--manifest", "-"],
        ] {
            assert!(args(words).is_err(), "{words:?}");
        }
        assert_eq!(
            args(&["--latency", "20ms"]).unwrap().latency,
            Duration::from_millis(20)
        );
    }

    #[tokio::test]
    async fn it_says_where_it_is_and_how_to_scan_it() {
        let (words, beside) = output(&args(&["--servers", "1"]).unwrap(), "it's").await;
        assert!(
            words.starts_with("Simulating 1 server in 3 subscriptions at http://127.0.0.1:"),
            "{words}"
        );
        assert!(
            words.contains("export FLEXPOSTURE_TOKEN='it'\\''s'"),
            "{words}"
        );
        assert!(
            words.contains("flexposture scan --arm-endpoint http://127.0.0.1:"),
            "{words}"
        );
        assert_eq!(beside, "");
    }

    #[tokio::test]
    async fn a_manifest_on_standard_output_is_all_that_is_there() {
        let args = args(&["--servers", "5", "--manifest", "-"]).unwrap();
        let (manifest, words) = output(&args, "t").await;
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest["servers"].as_array().unwrap().len(), 5);
        assert!(words.starts_with("Simulating 5 servers"), "{words}");
    }

    #[tokio::test]
    async fn a_folder_without_recordings_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let args = args(&["--replay", path]).unwrap();
        let mut sink = (Vec::new(), Vec::new());
        let error = serve(&args, "t".to_owned(), &mut sink.0, &mut sink.1, async {})
            .await
            .unwrap_err();
        assert!(error.to_string().contains(path), "{error}");
    }
}
