//! `flexposture findings`: every verdict of a scan with its conditions and evidence, as text or JSON.

use std::io::Write;

use anyhow::bail;

use crate::cli::store_choice;
use crate::documents::ServerDocuments;
use crate::posture::Finding;
use crate::report::{FindingRecord, Judged, write_text};
use crate::store::Scan;

use super::judging::JudgingArguments;
use super::scan_choice::ScanArgument;

/// Show the verdicts of a scan with their evidence
#[derive(Debug, clap::Args)]
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
    judging: JudgingArguments,
}

/// Writes the findings to `out`.
///
/// # Errors
/// When there is no such scan or server, or when `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let judge = args.judging.judge()?;
    let folder = store_choice::folder();
    let mut scan = Scan::open(&args.scan.find(folder)?)?;
    let mut output = Output {
        out,
        json: args.json,
        first: true,
        judged: Judged {
            ruleset: &judge.ruleset,
            id: &judge.ruleset.id(),
        },
    };
    let mut failed: anyhow::Result<()> = Ok(());
    let mut met = 0_u64;
    scan.for_each(|documents| {
        if failed.is_err() || !wanted(args.server.as_deref(), &documents) {
            return;
        }
        met += 1;
        failed = output.server(&documents, &judge.findings(&documents));
    })?;
    failed?;
    output.end()?;
    match &args.server {
        Some(server) if met == 0 => {
            bail!("the scan holds no server called {server:?}; `flexposture explore` lists them")
        }
        _ => Ok(()),
    }
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
