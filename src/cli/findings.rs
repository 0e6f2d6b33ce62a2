//! `flexposture findings`: every verdict of a scan with its conditions and evidence, as text or JSON.

use std::collections::HashSet;
use std::io::Write;

use anyhow::bail;

use crate::cli::store_choice;
use crate::documents::ServerDocuments;
use crate::posture::{Finding, Fleet, ServerSummary};
use crate::report::{FindingRecord, Judged, Selection, Stopped, write_text};
use crate::store::Scan;

use super::Ending;
use super::gate::{self, GateArguments};
use super::judging::JudgingArguments;
use super::scan_choice::ScanArgument;
use super::selection::FilterArgument;

/// Show the verdicts of a scan with their evidence
#[derive(Debug, clap::Args)]
#[command(after_help = super::exit_codes_help())]
#[command(group = clap::ArgGroup::new("which").args(["server", "all"]).required(true))]
pub struct Args {
    /// The server, by name or resource id
    server: Option<String>,

    /// Every server of the scan
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    scan: ScanArgument,

    /// Write one JSON array with one object a finding
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    filter: FilterArgument,

    #[command(flatten)]
    gate: GateArguments,

    #[command(flatten)]
    judging: JudgingArguments,
}

/// Writes the findings to `out`, and says how the gate ends.
///
/// # Errors
/// When there is no such scan or server, when the filter cannot be read, or when `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<Ending> {
    let selection = Selection {
        query: args.filter.query()?,
        ..Selection::default()
    };
    let judge = args.judging.judge()?;
    let folder = store_choice::folder();
    let mut scan = Scan::open(&args.scan.find(folder)?)?;
    let chosen = match selection.query.is_empty() {
        true => None,
        false => Some(chosen(&scan.fleet(&judge, |_| {})?, &selection)),
    };
    let gate = args.gate.gate();
    let mut stopped = Stopped::default();
    let mut output = Output {
        out,
        json: args.json,
        first: true,
        judged: Judged {
            ruleset: &judge.ruleset,
            id: &judge.ruleset.id(),
        },
    };
    let mut written: anyhow::Result<()> = Ok(());
    let mut met = 0_u64;
    scan.for_each(|documents| {
        let id = documents.id().as_str();
        let found = chosen.as_ref().is_none_or(|ids| ids.contains(id));
        if !found || !wanted(args.server.as_deref(), &documents) {
            return;
        }
        met += 1;
        let mut findings = judge.findings(&documents);
        let summary = ServerSummary::new(&documents, &findings);
        selection.keep(&summary, &mut findings);
        stopped += gate.count([&summary], |feature, cell| selection.admits(feature, cell));
        if written.is_ok() {
            written = output.server(&documents, &findings);
        }
    })?;
    super::seen_enough(written.and_then(|()| output.end()))?;
    let whole = scan.is_complete()?;
    match &args.server {
        Some(server) if met == 0 => {
            bail!(
                "the scan holds no server called {server:?}{}; `flexposture explore` lists them",
                if chosen.is_some() {
                    " that the filter finds"
                } else {
                    ""
                }
            )
        }
        _ => Ok(gate::ending(gate, stopped, whole)),
    }
}

/// The ids of the servers that are found.
fn chosen(fleet: &Fleet, selection: &Selection) -> HashSet<String> {
    let selected = selection.select(fleet);
    selected
        .servers(fleet)
        .map(|(_, server)| server.id.to_string())
        .collect()
}

fn wanted(server: Option<&str>, documents: &ServerDocuments) -> bool {
    server.is_none_or(|server| {
        documents.id().name().eq_ignore_ascii_case(server)
            || documents
                .id()
                .as_str()
                .eq_ignore_ascii_case(server.trim_end_matches('/'))
    })
}

struct Output<'a, W> {
    out: &'a mut W,
    json: bool,
    first: bool,
    judged: Judged<'a>,
}

impl<W: Write> Output<'_, W> {
    fn server(&mut self, documents: &ServerDocuments, findings: &[Finding]) -> anyhow::Result<()> {
        if !self.json {
            if !self.first {
                writeln!(self.out)?;
            }
            self.first = false;
            write_text(self.out, documents, findings, self.judged)?;
            return Ok(());
        }
        for finding in findings {
            self.out
                .write_all(if self.first { b"[\n" } else { b",\n" })?;
            self.first = false;
            serde_json::to_writer(
                &mut *self.out,
                &FindingRecord::new(documents, finding, self.judged),
            )?;
        }
        Ok(())
    }

    fn end(&mut self) -> anyhow::Result<()> {
        if self.json {
            self.out
                .write_all(if self.first { b"[]\n" } else { b"\n]\n" })?;
        }
        Ok(())
    }
}
