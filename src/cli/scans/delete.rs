//! `flexposture scans delete`.

use std::io::Write;

use super::{ask, size};
use crate::cli::Ending;
use crate::cli::scan_choice::ScanArgument;
use crate::cli::store_choice;
use crate::documents::text::neutral;
use crate::store::{Scan, delete, refusal};

/// Delete a scan, after a question
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The scan: an id or its beginning, or a file
    #[arg(value_name = "ID|FILE")]
    scan: String,

    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Deletes it and says so on `out`; the exit code is 1 when somebody said no.
///
/// # Errors
/// When there is no such scan, when it is being written or another one is laid over it, or when nobody can be asked.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<Ending> {
    let scan = Some(args.scan.clone());
    let path = ScanArgument { scan }.find(store_choice::folder())?;
    if let Some(refused) = refusal(&path, &[])? {
        return Err(refused.into());
    }
    let bytes = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
    let what = match Scan::open(&path).and_then(|scan| scan.info()) {
        Ok(info) => format!(
            "the scan {} of {} ({} servers, {})",
            info.header.id,
            super::moment(info.header.started_at),
            info.servers,
            size(bytes)
        ),
        Err(_) => format!("{}, which cannot be read ({})", path.display(), size(bytes)),
    };
    if !args.yes && !ask(&format!("Delete {what}?"))? {
        writeln!(out, "Nothing was deleted.")?;
        return Ok(Ending::CheckFailed);
    }
    delete(&path, &[])?;
    writeln!(out, "Deleted {}.", neutral(&what))?;
    Ok(Ending::Fine)
}
