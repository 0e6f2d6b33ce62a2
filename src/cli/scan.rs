//! `flexposture scan`: read a fleet into a scan file.

mod telling;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use jiff::SignedDuration;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::azure::{Environment, Settings};
use crate::baseline::FeatureId;
use crate::documents::Cause;
use crate::documents::text::neutral;
use crate::posture::{Judge, Totals, VerdictWord};
use crate::report::Gate;
use crate::scan::{self, Done, Job, ScanError};
use crate::store::{Completeness, Scan, Scope, Writer};

use super::Ending;
use super::azure_arguments::AzureArguments;
use super::gate::{self, GateArguments};
use super::judging::JudgingArguments;
use super::reading_arguments::ReadingArguments;
use super::resume::{duration, prepare_resume};
use super::scan_plan;
use super::scope_arguments::ScopeArguments;
use super::starter::prepare_azure;
use telling::Telling;

/// Read a fleet from Azure into a scan file
#[derive(Debug, clap::Args)]
#[command(after_help = super::exit_codes_help())]
pub struct Args {
    #[command(flatten)]
    scope: ScopeArguments,

    /// Go on with a scan that was broken off or cancelled, with the scope that it had: a file, an id or its beginning
    /// [default: the newest such scan]. Only what is missing or stale is read. One that was broken off is continued in its
    /// file; a scan with an end is never written again, and goes on in a new file
    #[arg(long, value_name = "ID|FILE", num_args = 0..=1, conflicts_with_all = ["subscription", "management_group", "resource_group", "tag", "server", "only", "out"])]
    resume: Option<Option<String>>,

    /// With --resume, read again what is older than this, such as 6h or 2 days
    #[arg(long, value_name = "DURATION", default_value = "24h", requires = "resume", value_parser = duration)]
    stale_after: SignedDuration,

    /// Only look for subscriptions and servers, and print what a scan would read, how long that takes at least, and which
    /// actions it needs; no file is written
    #[arg(long, conflicts_with_all = ["resume", "out", "fail_on", "progress"])]
    plan: bool,

    /// With --plan, print JSON
    #[arg(long, requires = "plan")]
    json: bool,

    /// The scan file to write [default: a new one in the folder of scans]
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,

    /// How standard error hears how far it is
    #[arg(long, value_enum, default_value_t, value_name = "HOW")]
    progress: Telling,

    /// End the scan after this time, such as 30m or 2h: what was read until then is kept, and the code is 4
    #[arg(long, value_name = "TIME", value_parser = duration, conflicts_with = "plan")]
    timeout: Option<SignedDuration>,

    #[command(flatten)]
    gate: GateArguments,

    #[command(flatten)]
    judging: JudgingArguments,

    #[command(flatten)]
    reading: ReadingArguments,

    #[command(flatten)]
    azure: AzureArguments,
}

/// Scans, tells on stderr how far it is, and ends with a summary on stdout.
///
/// # Errors
/// When the arguments make no sense or the file cannot be written.
pub async fn run(args: Args) -> anyhow::Result<Ending> {
    // Before anything is asked or written: a mistake in a file is told at once.
    let (judge, settings) = args.judging.judge_and_settings()?;
    let (judge, patience) = (Arc::new(judge), args.reading.client(&settings.config)?);
    let (gate, telling) = (args.gate.gate(), args.progress);
    if args.plan {
        return print_plan(&args.azure, patience, &args.scope.scope(), args.json).await;
    }
    let (client, scope, writer, known) = match args.resume {
        Some(scan) => {
            let it = prepare_resume(&args.azure, patience, scan, args.stale_after)?;
            for words in it.hints.iter().chain([&it.words]) {
                telling.note(words);
            }
            let it = it.resumed;
            (it.client, it.scope, it.writer, Some(it.known))
        }
        None => {
            let scope = args.scope.scope();
            let (prepared, hints) = prepare_azure(&args.azure, patience, scope, args.out)?;
            for hint in &hints {
                telling.note(hint);
            }
            let writer = Writer::create(&prepared.path, &prepared.header)?;
            (prepared.client, prepared.scope, writer, None)
        }
    };
    let file = writer.path().to_owned();
    let cancellation = CancellationToken::new();
    let interrupted = cancel_on_signal(cancellation.clone())?;
    let timed_out = Arc::new(AtomicBool::new(false));
    let timer = args.timeout.map(|time| {
        let (cancellation, timed_out) = (cancellation.clone(), timed_out.clone());
        tokio::spawn(async move {
            tokio::time::sleep(time.unsigned_abs()).await;
            timed_out.store(true, Ordering::Release);
            cancellation.cancel();
        })
    });
    let (sender, receiver) = mpsc::unbounded_channel();
    let teller = tokio::spawn(telling.follow(receiver));
    let result = scan::run(Job {
        client,
        scope,
        writer,
        known,
        judge: judge.clone(),
        progress: sender,
        cancellation,
    })
    .await;
    teller.await.context("the progress line failed")?;
    interrupted.abort();
    if let Some(timer) = timer {
        timer.abort();
    }
    let timed_out = timed_out.load(Ordering::Acquire);
    match result {
        Ok(done) => {
            if timed_out {
                telling.note("the time of --timeout was over; --resume reads what is missing");
            }
            let ending = ending(&done, timed_out, gate, &judge)?;
            telling.end(json!({
                "event": "end",
                "completeness": done.completeness.word(),
                "servers": done.servers,
                "requests": done.requests,
                "file": done.path,
                "code": ending.code(),
            }));
            // The code tells what the scan came to, whoever reads the numbers.
            super::seen_enough(summary(&done, &judge, &mut io::stdout().lock()))?;
            Ok(ending)
        }
        Err(ScanError::Store(error)) if Scan::open(&file).is_ok() => {
            let kept = format!(
                "what was read until then is kept: `flexposture scan --resume {}` goes on with it",
                file.display()
            );
            Err(anyhow::anyhow!("{error}\n{kept}"))
        }
        Err(error) => unanswered(error, timed_out),
    }
}

/// How the command ends after a scan that left a file.
fn ending(done: &Done, timed_out: bool, gate: Gate, judge: &Judge) -> anyhow::Result<Ending> {
    let cancelled = done.completeness == Completeness::Cancelled;
    if cancelled && !timed_out {
        return Ok(Ending::Interrupted);
    }
    let whole = done.unlisted.is_empty() && !cancelled;
    if gate.is_set() {
        let fleet = Scan::open(&done.path)?.fleet(judge, |_| {})?;
        let ending = gate::of_fleet(gate, &fleet, whole);
        if ending != Ending::Fine {
            return Ok(ending);
        }
    }
    Ok(if whole { Ending::Fine } else { Ending::Partial })
}

/// Prints what a scan would read.
async fn print_plan(
    azure: &AzureArguments,
    patience: Settings,
    scope: &Scope,
    json: bool,
) -> anyhow::Result<Ending> {
    let connection = azure.connect(&Environment::of_process(), patience)?;
    for hint in &connection.hints {
        super::tell(format_args!("note: {}", neutral(hint)));
    }
    match scan::look_ahead(&connection.client, scope).await {
        Ok(plan) => {
            let mut out = io::stdout().lock();
            if json {
                scan_plan::write_json(&plan, &scope.words(), &mut out)?;
            } else {
                scan_plan::write(&plan, &mut out)?;
            }
            Ok(Ending::Fine)
        }
        Err(error) => unanswered(error, false),
    }
}

/// How a scan ends that Azure did not let begin.
fn unanswered(error: ScanError, timed_out: bool) -> anyhow::Result<Ending> {
    match error {
        ScanError::Subscriptions(_) | ScanError::ManagementGroups(_) if timed_out => {
            super::tell("flexposture: the time of --timeout was over before Azure answered");
            Ok(Ending::AzureFailed)
        }
        ScanError::Subscriptions(error) | ScanError::ManagementGroups(error)
            if error.cause == Cause::Cancelled =>
        {
            Ok(Ending::Interrupted)
        }
        error @ (ScanError::Subscriptions(_) | ScanError::ManagementGroups(_)) => {
            super::tell(format_args!("flexposture: {}", neutral(&error.to_string())));
            super::tell(
                "`flexposture doctor` with the same options shows which step towards Azure fails.",
            );
            Ok(Ending::AzureFailed)
        }
        error => Err(error.into()),
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

/// Writes what a scan brought: counts by verdict, the score, and what was not visible.
///
/// # Errors
/// When the scan cannot be opened again, or when `out` refuses.
pub fn summary(done: &Done, judge: &Judge, out: &mut impl Write) -> anyhow::Result<()> {
    let mut scan = Scan::open(&done.path)?;
    if let Some(sums) = scan.totals_under(judge, None, |_| true)? {
        totals(&sums, out)?;
    }
    let scope = scan.info()?.header.scope;
    if Scope::parse(&scope).is_some_and(|it| it != Scope::default()) {
        writeln!(out, "Scope: {scope}")?;
    }
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

/// Writes the verdicts of a scan in the baseline's features by count, and its scores.
///
/// # Errors
/// When `out` refuses.
pub fn totals(totals: &Totals, out: &mut impl Write) -> io::Result<()> {
    for verdict in VerdictWord::ALL {
        let count = totals.count(verdict);
        if count > 0 {
            writeln!(out, "{:13} {count:7}", verdict.word())?;
        }
    }
    if let Some(score) = totals.score.percent() {
        writeln!(out, "{:13} {score:7}", "Score")?;
    }
    // Family X is apart: what stands above is the baseline's alone.
    let failing: usize = FeatureId::ALL[FeatureId::BASELINE_COUNT..]
        .iter()
        .map(|feature| totals.feature(*feature).get(VerdictWord::Fail))
        .sum();
    match totals.beyond.percent() {
        Some(score) => writeln!(out, "Beyond the baseline: {failing} fail, score {score}"),
        None => Ok(()),
    }
}
