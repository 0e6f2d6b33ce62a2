//! `flexposture scans`: the scans that are kept on this machine.

use std::io::Write;

use jiff::tz::TimeZone;
use serde_json::json;

use crate::documents::text::neutral;
use crate::store::Folder;

/// List the scans that are kept on this machine
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// Writes the list to `out`; files that cannot be read stand there with the reason.
///
/// # Errors
/// When the folder cannot be listed, or when `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let folder = Folder::of_user()?;
    let scans = folder.list()?;
    if args.json {
        let list: Vec<_> = scans
            .iter()
            .map(|scan| match scan {
                Ok(info) => json!(info),
                Err(error) => json!({"error": error.to_string()}),
            })
            .collect();
        serde_json::to_writer_pretty(&mut *out, &list)?;
        writeln!(out)?;
        return Ok(());
    }
    if scans.is_empty() {
        writeln!(
            out,
            "No scans in {}. `flexposture scan` makes one; `flexposture demo` shows the program without an account.",
            folder.path().display()
        )?;
        return Ok(());
    }
    writeln!(
        out,
        "ID        STARTED               STATE       SERVERS  SIZE      SCOPE"
    )?;
    for scan in scans {
        match scan {
            Ok(info) => writeln!(
                out,
                "{:8}  {:20}  {:10}  {:7}  {:8}  {}",
                neutral(&info.header.id),
                info.header
                    .started_at
                    .to_zoned_datetime(TimeZone::system())
                    .strftime("%Y-%m-%d %H:%M %Z"),
                info.completeness.word(),
                info.servers,
                size(info.bytes),
                neutral(&info.header.scope),
            )?,
            Err(error) => writeln!(out, "          {}", neutral(&error.to_string()))?,
        }
    }
    Ok(())
}

fn size(bytes: u64) -> String {
    match bytes {
        0..=1_048_575 => format!("{} KiB", bytes.div_ceil(1024)),
        _ => format!("{} MiB", bytes.div_ceil(1024 * 1024)),
    }
}
