//! `flexposture diff`: what differs between two scans.

use std::io::Write;

use crate::cli::store_choice;
use crate::report::{ComparedScan, DifferenceRecord};
use crate::store::{self, Cache, Completeness, ScanInfo};

use super::judging::JudgingArguments;
use super::scan_choice::ScanArgument;

/// Show what differs between two scans: what regressed, what was fixed, what became unread; asks nothing of Azure
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The scan to compare with: a file, an id or its beginning
    #[arg(value_name = "FROM")]
    from: String,

    /// The scan to look at [default: the newest one]
    #[arg(value_name = "TO")]
    to: Option<String>,

    /// Write JSON
    #[arg(long)]
    json: bool,

    /// Write Markdown
    #[arg(long, conflicts_with = "json")]
    markdown: bool,

    #[command(flatten)]
    judging: JudgingArguments,
}

/// Compares and writes what differs to `out`.
///
/// # Errors
/// When there is no such scan, when anything in a file of settings is wrong, or when `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let judge = args.judging.judge()?;
    let find = |scan: Option<String>| ScanArgument { scan }.find(store_choice::folder());
    let (from, to) = (find(Some(args.from.clone()))?, find(args.to.clone())?);
    let cache = Cache::of_user();
    let compared = store::compare(&from, &to, &judge, cache.as_ref(), |_| true)?
        .ok_or_else(|| anyhow::anyhow!("the comparison was stopped"))?;
    let (from, to) = (scan(&compared.from), scan(&compared.to));
    let ruleset = judge.ruleset.id();
    let record = DifferenceRecord::new(&from, &to, &ruleset, &compared.difference);
    if args.json {
        serde_json::to_writer_pretty(&mut *out, &record)?;
        writeln!(out)?;
    } else if args.markdown {
        record.write_markdown(out)?;
    } else {
        record.write_text(out)?;
    }
    Ok(())
}

fn scan(info: &ScanInfo) -> ComparedScan {
    ComparedScan {
        scan: info.header.id.clone(),
        file: info.path.display().to_string(),
        scope: info.header.scope.clone(),
        started_at: info.header.started_at,
        completeness: info.completeness.word(),
        complete: info.completeness == Completeness::Complete,
    }
}
