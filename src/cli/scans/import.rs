//! `flexposture scans import`.

use std::io::Write;
use std::path::PathBuf;

use jiff::Timestamp;

use super::{Told, moment, size};
use crate::cli::Ending;
use crate::cli::store_choice;
use crate::documents::text::neutral;
use crate::store::{Completeness, Imported, import};

/// Take scans of somebody else into the folder, after checking them
///
/// A file is written anew from its documents and judged here; nothing else of it is taken over.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The files
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Give each scan an id of its own, where another one has its id
    #[arg(long)]
    new_id: bool,
}

/// Takes them in and says so on `out`, a line a file. The first file that is refused ends it; those before it stay.
///
/// # Errors
/// When a file is no scan, is damaged or not as ours are, or when the folder cannot be written.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<Ending> {
    let folder = store_choice::folder()?;
    for file in &args.files {
        let told = Told::new();
        let imported = import(file, &folder, args.new_id, Timestamp::now(), |done, all| {
            told.servers(done, all);
        });
        drop(told);
        let name = file.display().to_string();
        let name = neutral(&name);
        match imported? {
            Imported::New { path, info } => {
                let id = neutral(&info.header.id).into_owned();
                let part = match info.completeness {
                    Completeness::Complete => "",
                    Completeness::Cancelled | Completeness::Unfinished => ", not complete",
                };
                writeln!(
                    out,
                    "{name}: the scan {id} of {} ({} servers, {}{part}) is {} now",
                    moment(info.header.started_at),
                    info.servers,
                    size(info.bytes),
                    neutral(&path.display().to_string()),
                )?;
            }
            Imported::Known(path) => writeln!(
                out,
                "{name}: is there already, as {}",
                neutral(&path.display().to_string())
            )?,
        }
        out.flush()?;
    }
    Ok(Ending::Fine)
}
