//! `flexposture fixes`: one script with what would make failing findings hold.

use std::io::{self, BufWriter, Read, Seek, Write};

use anyhow::bail;
use jiff::Timestamp;

use crate::baseline::FeatureId;
use crate::cli::store_choice;
use crate::documents::ServerDocuments;
use crate::report::{FixCounts, FixHead, FixScript, write_fix_head};
use crate::runtime::{NewFile, PROGRAM};
use crate::store::Scan;

use super::judging::JudgingArguments;
use super::scan_choice::ScanArgument;

/// Write one shell script with the commands that would make failing findings hold
///
/// Nothing is ever run. The script is to be read: it stops unless REVIEWED=yes is set, stops at the first command that
/// fails, and keeps what needs a value from a person as a comment, like the way back.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("which").args(["server", "feature", "all"]).required(true).multiple(true))]
pub struct Args {
    /// Only this server, by name or resource id; may be given more than once
    #[arg(long, value_name = "SERVER")]
    server: Vec<String>,

    /// Only this feature, by its short word; may be given more than once
    #[arg(long, value_name = "NAME")]
    feature: Vec<FeatureId>,

    /// Everything that fails on every server
    #[arg(long, conflicts_with_all = ["server", "feature"])]
    all: bool,

    #[command(flatten)]
    scan: ScanArgument,

    /// Write to this file, which must not be there yet and is readable by you alone
    #[arg(long, short, value_name = "FILE")]
    output: Option<String>,

    #[command(flatten)]
    judging: JudgingArguments,
}

/// Writes the script to `out`, or to the file that is named.
///
/// # Errors
/// When there is no such scan or server, or when the file or `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let Some(name) = &args.output else {
        let (mut body, head, counts) = body(args, tempfile::tempfile()?)?;
        write_fix_head(out, &head, &counts, PROGRAM)?;
        io::copy(&mut body, out)?;
        return Ok(());
    };
    let mut file = NewFile::create(name, false)?;
    let (mut body, head, counts) = body(args, file.scratch()?)?;
    let mut script = BufWriter::new(file.file());
    write_fix_head(&mut script, &head, &counts, PROGRAM)?;
    io::copy(&mut body, &mut script)?;
    script.flush()?;
    drop(script);
    let (path, bytes) = file.finish()?;
    writeln!(
        out,
        "{}: {} commands for {} servers, {bytes} bytes; read it first",
        path.display(),
        counts.commands,
        counts.servers_with_commands
    )?;
    Ok(())
}

/// Makes what stands below the head in `scratch`.
fn body<F: Read + Write + Seek>(
    args: &Args,
    scratch: F,
) -> anyhow::Result<(F, FixHead, FixCounts)> {
    let judge = args.judging.judge()?;
    let mut scan = Scan::open(&args.scan.find(store_choice::folder())?)?;
    let info = scan.info()?;
    let features = (!args.feature.is_empty()).then(|| args.feature.iter().copied().collect());
    let mut script = FixScript::new(BufWriter::new(scratch), features);
    let mut met = vec![false; args.server.len()];
    let mut failed = Ok(());
    scan.for_each_while(|documents| {
        if !args.server.is_empty() {
            let mut wanted = false;
            for (server, met) in args.server.iter().zip(&mut met) {
                if means(server, &documents) {
                    *met = true;
                    wanted = true;
                }
            }
            if !wanted {
                return true;
            }
        }
        failed = script.add(&documents, &judge.findings(&documents), &judge.ruleset);
        failed.is_ok()
    })?;
    failed?;
    if let Some((server, _)) = args.server.iter().zip(met).find(|(_, met)| !met) {
        bail!("the scan holds no server called {server:?}; `flexposture explore` lists them");
    }
    let servers = match args.server.len() {
        0 => "every server".to_owned(),
        _ => args.server.join(", "),
    };
    let features: Vec<&str> = args.feature.iter().map(|it| it.slug()).collect();
    let about = match features[..] {
        [] => format!("{servers}; everything that fails"),
        _ => format!("{servers}; {}", features.join(", ")),
    };
    let head = FixHead {
        made_at: Timestamp::now(),
        scan: info.header.id,
        scanned_at: info.header.started_at,
        ruleset: judge.ruleset.id(),
        about,
    };
    let (body, counts) = script.finish()?;
    let mut body = body.into_inner().map_err(io::IntoInnerError::into_error)?;
    body.rewind()?;
    Ok((body, head, counts))
}

fn means(server: &str, documents: &ServerDocuments) -> bool {
    let id = documents.id();
    id.name().eq_ignore_ascii_case(server)
        || id
            .as_str()
            .eq_ignore_ascii_case(server.trim_end_matches('/'))
}
