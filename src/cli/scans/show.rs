//! `flexposture scans show`.

use std::io::Write;

use super::list::record;
use super::{moment, numbers, size};
use crate::baseline::FamilyCode;
use crate::cli::judging::JudgingArguments;
use crate::cli::scan_choice::ScanArgument;
use crate::cli::store_choice;
use crate::documents::text::neutral;
use crate::report::{DocumentKind, write_document};
use crate::store::{Cache, ListedScan, listed};

/// Show all that is known of one scan beside its servers
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The scan: an id or its beginning, or a file [default: the newest one]
    #[arg(value_name = "ID|FILE")]
    scan: Option<String>,

    /// Write JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    judging: JudgingArguments,
}

/// Writes it to `out`.
///
/// # Errors
/// When there is no such scan, when it cannot be read, or when `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let choice = ScanArgument {
        scan: args.scan.clone(),
    };
    let path = choice.find(store_choice::folder())?;
    let listed = listed(&path, &args.judging.judge()?, Cache::of_user().as_ref());
    let record = record(&listed);
    let scan = listed.scan?;
    if args.json {
        write_document(out, DocumentKind::Scan, &record)?;
        return Ok(());
    }
    write(&scan, out)?;
    Ok(())
}

fn write(scan: &ListedScan, out: &mut impl Write) -> std::io::Result<()> {
    let header = &scan.info.header;
    let mut row = |name: &str, value: &str| writeln!(out, "{name:14} {}", neutral(value));
    row("id", &header.id)?;
    row("file", &scan.info.path.display().to_string())?;
    row("size", &size(scan.info.bytes))?;
    row("format", &scan.format.to_string())?;
    row("written by", &format!("flexposture {}", header.program))?;
    row("scope", &header.scope)?;
    row("cloud", &format!("{}, {}", header.cloud, header.endpoint))?;
    if let Some(parent) = &header.parent {
        row("laid over", parent)?;
    }
    row("started", &moment(header.started_at))?;
    let ended = scan.info.finished_at.map(moment);
    row("ended", ended.as_deref().unwrap_or("not"))?;
    row("state", scan.word())?;
    row("servers", &scan.info.servers.to_string())?;
    row("subscriptions", &scan.info.subscriptions.to_string())?;
    row("judged under", scan.ruleset.as_deref().unwrap_or("nothing"))?;
    if let Some(known) = &scan.totals {
        let [score, failing, unknown] = numbers(Some(&known.totals));
        let by = if known.as_asked {
            "by the ruleset and exemptions of now"
        } else {
            "by the scan's own ruleset, without exemptions"
        };
        row("counted", by)?;
        row("score", &score)?;
        row("failing", &failing)?;
        row("unknown", &unknown)?;
        for family in FamilyCode::ALL {
            let totals = known.totals.family(family);
            let (fail, unknown) = (totals.fail, totals.unknown);
            row(
                &format!("  {family}"),
                &format!("failing {fail}, unknown {unknown}"),
            )?;
        }
    }
    for note in &scan.info.notes {
        row("note", note)?;
    }
    Ok(())
}
