//! `flexposture scan`: read a fleet into a scan file.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use jiff::SignedDuration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::azure::Environment;
use crate::baseline::FeatureId;
use crate::documents::Cause;
use crate::documents::text::neutral;
use crate::posture::{Judge, Totals, VerdictWord};
use crate::scan::{self, Bounds, Done, Job, Meter, Progress, ScanError, held_in_words};
use crate::store::{Completeness, Scan, Scope, Writer};

use super::Ending;
use super::azure_arguments::AzureArguments;
use super::gate::{self, GateArguments};
use super::judging::JudgingArguments;
use super::resume::{duration, prepare_resume};
use super::scan_plan;
use super::scope_arguments::ScopeArguments;
use super::starter::prepare_azure;

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
    #[arg(long, conflicts_with_all = ["resume", "out"])]
    plan: bool,

    /// With --plan, print JSON
    #[arg(long, requires = "plan")]
    json: bool,

    /// The scan file to write [default: a new one in the folder of scans]
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,

    #[command(flatten)]
    gate: GateArguments,

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
    let gate = args.gate.gate();
    if args.plan {
        return print_plan(&args.azure, &args.scope.scope(), args.json).await;
    }
    let (client, scope, writer, known) = match args.resume {
        Some(scan) => {
            let it = prepare_resume(&args.azure, scan, args.stale_after)?;
            for words in it.hints.iter().chain([&it.words]) {
                eprintln!("note: {}", neutral(words));
            }
            (it.client, it.scope, it.writer, Some(it.known))
        }
        None => {
            let scope = args.scope.scope();
            let (prepared, hints) = prepare_azure(&args.azure, scope, args.out)?;
            for hint in &hints {
                eprintln!("note: {}", neutral(hint));
            }
            let writer = Writer::create(&prepared.path, &prepared.header)?;
            (prepared.client, prepared.scope, writer, None)
        }
    };
    let cancellation = CancellationToken::new();
    let interrupted = cancel_on_signal(cancellation.clone())?;
    let (sender, receiver) = mpsc::unbounded_channel();
    let teller = tokio::spawn(tell(receiver));
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
    match result {
        Ok(done) => {
            let mut out = io::stdout().lock();
            summary(&done, &judge, &mut out)?;
            let whole = done.unlisted.is_empty();
            if done.completeness == Completeness::Cancelled {
                return Ok(Ending::Interrupted);
            }
            if gate.is_set() {
                let fleet = Scan::open(&done.path)?.fleet(&judge, |_| {})?;
                let ending = gate::of_fleet(gate, &fleet, whole);
                if ending != Ending::Fine {
                    return Ok(ending);
                }
            }
            Ok(if whole { Ending::Fine } else { Ending::Partial })
        }
        Err(error) => unanswered(error),
    }
}

/// Prints what a scan would read.
async fn print_plan(azure: &AzureArguments, scope: &Scope, json: bool) -> anyhow::Result<Ending> {
    let connection = azure.connect(&Environment::of_process())?;
    for hint in &connection.hints {
        eprintln!("note: {}", neutral(hint));
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
        Err(error) => unanswered(error),
    }
}

/// How a scan ends that Azure did not let begin.
fn unanswered(error: ScanError) -> anyhow::Result<Ending> {
    match error {
        ScanError::Subscriptions(error) | ScanError::ManagementGroups(error)
            if error.cause == Cause::Cancelled =>
        {
            Ok(Ending::Interrupted)
        }
        error @ (ScanError::Subscriptions(_) | ScanError::ManagementGroups(_)) => {
            eprintln!("flexposture: {}", neutral(&error.to_string()));
            eprintln!(
                "`flexposture doctor` with the same options shows which step towards Azure fails."
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

/// A line on stderr that is written over while it is a terminal; notes stand on lines of their own everywhere.
async fn tell(mut progress: mpsc::UnboundedReceiver<Progress>) {
    let overwrite = io::stderr().is_terminal();
    let mut line_is_open = false;
    let mut planned = None;
    while let Some(message) = progress.recv().await {
        match message {
            Progress::Meter(meter) if overwrite => {
                eprint!("\r\u{1b}[K{}", line(&meter, planned));
                line_is_open = true;
            }
            Progress::Planned(bounds) => planned = Some(bounds),
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

fn line(meter: &Meter, planned: Option<Bounds>) -> String {
    let mut line = format!(
        "{} of {} servers · {}",
        meter.done, meter.found, meter.requests
    );
    if let Some(planned) = planned.filter(|it| meter.requests <= it.most) {
        line += &format!(" of about {}", planned.most);
    }
    line += " requests";
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
