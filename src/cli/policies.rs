//! `flexposture policies`: what Azure Policy says about the servers of a scan, what its rules come to over what was read,
//! and where no policy looks.

use std::io::Write;

use crate::baseline::catalogue;
use crate::cli::store_choice;
use crate::posture::policy::PolicyFleet;
use crate::report::{DocumentKind, PolicyFleetRecord, write_document, write_policies};
use crate::store::Scan;

use super::scan_choice::ScanArgument;

/// Compare what Azure Policy says with what was read, and show where no policy looks
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    scan: ScanArgument,

    /// Write one JSON object
    #[arg(long)]
    json: bool,
}

/// Writes the policies over all servers of a scan to `out`.
///
/// # Errors
/// When there is no such scan, or when `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let mut scan = Scan::open(&args.scan.find(store_choice::folder())?)?;
    let mut fleet = PolicyFleet::new(catalogue());
    scan.for_each(|documents| fleet.add(&documents))?;
    let record = PolicyFleetRecord::new(&fleet);
    if args.json {
        write_document(out, DocumentKind::Policies, &record)?;
    } else {
        write_policies(out, &record)?;
    }
    Ok(())
}
