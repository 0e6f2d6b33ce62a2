//! `flexposture scans export`.

use std::io::Write;
use std::path::PathBuf;

use super::{Told, size};
use crate::cli::Ending;
use crate::cli::scan_choice::ScanArgument;
use crate::cli::store_choice;
use crate::documents::text::neutral;
use crate::store::{Export, export};

/// Write a scan to one file that needs no other, to hand it over
///
/// The file is a scan: `--scan FILE` opens it, and `scans import` takes it into another folder.
#[derive(Debug, clap::Args)]
#[command(allow_missing_positional = true)]
pub struct Args {
    /// The scan: an id or its beginning, or a file [default: the newest one]
    #[arg(value_name = "ID|SCAN")]
    scan: Option<String>,

    /// The file to write
    #[arg(value_name = "FILE")]
    to: PathBuf,

    /// Put pseudonyms in the place of names, ids, addresses, logins and values of tags; verdicts stay the same
    ///
    /// The same name has the same pseudonym in the whole file, and nowhere else. Regions, versions, sizes, settings, times
    /// and the names of tags stay.
    #[arg(long)]
    redact: bool,

    /// Write what can be read of a damaged scan; what is lost is unread
    #[arg(long)]
    salvage: bool,

    /// Replace the file when it is there
    #[arg(long)]
    force: bool,
}

/// Writes the file and says so on `out`. The exit code is 1 when something of a damaged scan was lost.
///
/// # Errors
/// When there is no such scan, when it cannot be read, or when the file cannot be written.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<Ending> {
    let choice = ScanArgument {
        scan: args.scan.clone(),
    };
    let from = choice.find(store_choice::folder())?;
    let how = Export {
        redact: args.redact,
        replace: args.force,
        salvage: args.salvage,
    };
    let told = Told::new();
    let exported = export(&from, &args.to, how, |done, all| told.servers(done, all));
    drop(told);
    let exported = exported?;
    for lost in &exported.damage {
        writeln!(out, "lost      {}", neutral(lost))?;
    }
    let file = args.to.display().to_string();
    writeln!(
        out,
        "Wrote {}: the scan {} with {} servers, {}{}.",
        neutral(&file),
        exported.id,
        exported.servers,
        size(exported.bytes),
        if args.redact { ", redacted" } else { "" },
    )?;
    Ok(if exported.damage.is_empty() {
        Ending::Fine
    } else {
        Ending::CheckFailed
    })
}
