//! `flexposture scans verify`.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use crate::cli::Ending;
use crate::cli::scan_choice::ScanArgument;
use crate::cli::store_choice;
use crate::documents::text::neutral;
use crate::store::{Scan, Verification};

/// Look whether scans are still what was written: their documents beside the digest in the file
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The scan: an id or its beginning, or a file [default: all of them]
    #[arg(value_name = "ID|FILE")]
    scan: Option<String>,
}

/// Writes a line a scan to `out`. A scan that is not what was written makes the exit code 1.
///
/// # Errors
/// When there is no such scan, or when `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<Ending> {
    let paths: Vec<PathBuf> = match &args.scan {
        Some(_) => {
            let scan = args.scan.clone();
            vec![ScanArgument { scan }.find(store_choice::folder())?]
        }
        None => store_choice::folder()?.files()?,
    };
    if paths.is_empty() {
        writeln!(out, "There is no scan to look at.")?;
    }
    let mut well = true;
    for path in paths {
        let name = path.display().to_string();
        let name = neutral(&name);
        let told = io::stderr().is_terminal();
        let found = Scan::open(&path).and_then(|scan| {
            scan.verify(|done, all| {
                if told && done.is_multiple_of(1_000) {
                    let _ = write!(io::stderr(), "\r{done} of {all} servers ");
                }
                true
            })
        });
        if told {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
        let words = match found {
            Ok(Some(Verification::Intact)) => "intact".to_owned(),
            Ok(Some(Verification::Unfinished) | None) => {
                "has no end, and so nothing was written to compare with".to_owned()
            }
            Ok(Some(Verification::Changed(what))) => {
                well = false;
                format!("CHANGED: {what}")
            }
            // The words name the file.
            Err(error) => {
                well = false;
                writeln!(out, "{}", neutral(&error.to_string()))?;
                continue;
            }
        };
        writeln!(out, "{name}: {words}")?;
    }
    Ok(if well {
        Ending::Fine
    } else {
        Ending::CheckFailed
    })
}
