//! `flexposture scan`: read a fleet into a scan file.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::baseline::FeatureId;
use crate::documents::Cause;
use crate::documents::text::neutral;
use crate::posture::{Fleet, Judge, VerdictWord};
use crate::scan::{self, Done, Job, Meter, Progress, ScanError, Scope, held_in_words};
use crate::store::{Completeness, Scan, Writer};

use super::Ending;
use super::azure_arguments::AzureArguments;
use super::judging::JudgingArguments;
use super::starter::prepare_azure;

/// Read a fleet from Azure into a scan file
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A subscription to scan, by id or name; may be given several times [default: every visible one]
    #[arg(long, value_name = "SUBSCRIPTION")]
    subscription: Vec<String>,

    /// The scan file to write [default: a new one in the folder of scans]
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,

    #[command(flatten)]
    judging: JudgingArguments,

    #[command(flatten)]
    azure: AzureArguments,
}

/// Scans, tells on stderr how far it is, and ends with a summary on stdout.
///
/// # Errors
/// When the arguments make no sense or the file cannot be written.
pub async fn run(args: Args) -> anyhow::Result<Ending> {
    // Before anything is asked or written: a mistake in a file is told at once.
    let judge = Arc::new(args.judging.judge()?);
    let scope = Scope {
        subscriptions: args.subscription,
    };
    let (prepared, hints) = prepare_azure(&args.azure, scope, args.out)?;
    for hint in &hints {
        eprintln!("note: {}", neutral(hint));
    }
    let writer = Writer::create(&prepared.path, &prepared.header)?;
    let cancellation = CancellationToken::new();
    let interrupted = cancel_on_signal(cancellation.clone())?;
    let (sender, receiver) = mpsc::unbounded_channel();
    let teller = tokio::spawn(tell(receiver));
    let result = scan::run(Job {
        client: prepared.client,
        scope: prepared.scope,
        writer,
        judge: judge.clone(),
        progress: sender,
        cancellation,
    })
    .await;
    teller.await.context("the progress line failed")?;
    interrupted.abort();
    match result {
        Ok(done) => {
            let mut out = io::stdout().lock();
            summary(&done, &judge, &mut out)?;
            Ok(match done.completeness {
                Completeness::Cancelled => Ending::Interrupted,
                _ if !done.unlisted.is_empty() => Ending::Partial,
                _ => Ending::Fine,
            })
        }
        Err(ScanError::Subscriptions(error)) if error.cause == Cause::Cancelled => {
            Ok(Ending::Interrupted)
        }
        Err(error @ ScanError::Subscriptions(_)) => {
            eprintln!("flexposture: {}", neutral(&error.to_string()));
            eprintln!(
                "`flexposture doctor` with the same options shows which step towards Azure fails."
            );
            Ok(Ending::AzureFailed)
        }
        Err(error) => Err(error.into()),
    }
}

/// Cancels at the first SIGINT, SIGTERM or SIGHUP.
fn cancel_on_signal(cancellation: CancellationToken) -> io::Result<tokio::task::JoinHandle<()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    Ok(tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
        cancellation.cancel();
    }))
}

/// A line on stderr that is written over while it is a terminal; notes stand on lines of their own everywhere.
async fn tell(mut progress: mpsc::UnboundedReceiver<Progress>) {
    let overwrite = io::stderr().is_terminal();
    let mut line_is_open = false;
    while let Some(message) = progress.recv().await {
        match message {
            Progress::Meter(meter) if overwrite => {
                eprint!("\r\u{1b}[K{}", line(&meter));
                line_is_open = true;
            }
            Progress::Note(note) => {
                if std::mem::take(&mut line_is_open) {
                    eprintln!();
                }
                eprintln!("note: {}", neutral(&note));
            }
            _ => {}
        }
    }
    if line_is_open {
        eprintln!();
    }
}

fn line(meter: &Meter) -> String {
    let mut line = format!(
        "{} of {} servers · {} requests",
        meter.done, meter.found, meter.requests
    );
    let unread: u64 = meter.unread.values().map(|(count, _)| count).sum();
    if unread > 0 {
        line += &format!(" · {unread} unread");
    }
    if let Some(held) = meter.pressure.held.first() {
        line += &format!(" · {}", held_in_words(held, |id| id));
    } else if meter.retrying > 0 {
        line += &format!(" · {} reads wait to be tried again", meter.retrying);
    }
    line
}

/// Writes what a scan brought: counts by verdict, the score, and what was not visible.
///
/// # Errors
/// When the scan cannot be opened again, or when `out` refuses.
pub fn summary(done: &Done, judge: &Judge, out: &mut impl Write) -> anyhow::Result<()> {
    let mut scan = Scan::open(&done.path)?;
    let fleet = scan.fleet(judge, |_| {})?;
    totals(&fleet, out)?;
    for note in &done.notes {
        writeln!(out, "note: {}", neutral(note))?;
    }
    writeln!(
        out,
        "{} scan of {} servers with {} requests: {}",
        done.completeness.word(),
        done.servers,
        done.requests,
        done.path.display()
    )?;
    Ok(())
}

/// Writes the verdicts of a fleet in the baseline's features by count, and its scores.
///
/// # Errors
/// When `out` refuses.
pub fn totals(fleet: &Fleet, out: &mut impl Write) -> io::Result<()> {
    for verdict in VerdictWord::ALL {
        let count: usize = fleet
            .servers
            .iter()
            .map(|server| server.count(verdict))
            .sum();
        if count > 0 {
            writeln!(out, "{:13} {count:7}", verdict.word())?;
        }
    }
    if let Some(score) = fleet.score().percent() {
        writeln!(out, "{:13} {score:7}", "Score")?;
    }
    // Family X is apart: what stands above is the baseline's alone.
    let failing: usize = FeatureId::ALL[FeatureId::BASELINE_COUNT..]
        .iter()
        .map(|feature| fleet.tally(*feature).get(VerdictWord::Fail))
        .sum();
    match fleet.beyond().percent() {
        Some(score) => writeln!(out, "Beyond the baseline: {failing} fail, score {score}"),
        None => Ok(()),
    }
}
