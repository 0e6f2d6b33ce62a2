//! `flexposture report`: a scan as a table, for a file or a pipeline.

use std::io::Write;

use anyhow::bail;

use crate::baseline::FeatureId;
use crate::cli::store_choice;
use crate::report::{
    Column, Format, Rows, TableWriter, subscription_names, write_controls, write_findings,
    write_server,
};
use crate::runtime::NewFile;
use crate::store::Scan;

use super::judging::JudgingArguments;
use super::scan_choice::ScanArgument;

/// Write a scan as a table: servers, findings with evidence, controls, or servers by features
///
/// Servers come worst first, findings in the order of the scan. CSV follows RFC 4180; text in it that a spreadsheet would
/// take for a formula gets an apostrophe before it.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    scan: ScanArgument,

    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value_t = Format::Table, value_parser = format())]
    format: Format,

    /// What the rows are
    #[arg(long, value_name = "ROWS", default_value = "servers", value_parser = ["servers", "findings", "controls", "matrix"])]
    rows: String,

    /// With --rows servers or findings: about this feature alone, by its short word
    #[arg(long, value_name = "NAME")]
    feature: Option<FeatureId>,

    /// The columns, by their ids with commas between; all of them without
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    columns: Vec<String>,

    /// Write to this file, which must not be there yet and is readable by you alone
    #[arg(long, short, value_name = "FILE")]
    output: Option<String>,

    #[command(flatten)]
    judging: JudgingArguments,
}

fn format() -> impl clap::builder::TypedValueParser<Value = Format> {
    use clap::builder::TypedValueParser as _;
    clap::builder::PossibleValuesParser::new(Format::ALL.map(Format::word))
        .try_map(|word| word.parse::<Format>())
}

/// Writes the table to `out`, or to the file that is named.
///
/// # Errors
/// When there is no such scan or column, or when the file or `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let rows = match (args.rows.as_str(), args.feature) {
        ("findings", None) => Rows::Findings,
        ("findings", Some(feature)) => Rows::FindingsOf(feature),
        ("servers", Some(feature)) => Rows::ServersOf(feature),
        ("controls", None) => Rows::Controls,
        ("matrix", None) => Rows::Matrix,
        ("servers", None) => Rows::Servers,
        (rows, _) => bail!("--rows {rows} is about all features; leave out --feature"),
    };
    let columns = rows.chosen(&args.columns)?;
    let Some(name) = &args.output else {
        table(args, rows, &columns, out)?;
        return Ok(());
    };
    let mut file = NewFile::create(name, false)?;
    let written = table(
        args,
        rows,
        &columns,
        &mut std::io::BufWriter::new(file.file()),
    )?;
    let (path, bytes) = file.finish()?;
    writeln!(out, "{}: {written} rows, {bytes} bytes", path.display())?;
    Ok(())
}

fn table(args: &Args, rows: Rows, columns: &[Column], out: &mut impl Write) -> anyhow::Result<u64> {
    let judge = args.judging.judge()?;
    let mut scan = Scan::open(&args.scan.find(store_choice::folder())?)?;
    let fleet = scan.fleet(&judge, |_| {})?;
    let names = subscription_names(&fleet);
    let name = |id: &str| {
        let known = names.get(&id.to_ascii_lowercase());
        known.map_or_else(|| id.to_owned(), Clone::clone)
    };
    let mut writer = TableWriter::new(out, args.format, columns)?;
    match rows {
        Rows::Findings | Rows::FindingsOf(_) => {
            let mut failed = Ok(());
            scan.for_each_while(|documents| {
                let findings = judge.findings(&documents);
                let subscription = name(documents.id().subscription());
                failed = write_findings(&mut writer, rows, &documents, &findings, &subscription);
                failed.is_ok()
            })?;
            failed?;
        }
        Rows::Controls => write_controls(&mut writer, fleet.servers.iter())?,
        _ => {
            let mut servers: Vec<_> = fleet.servers.iter().collect();
            servers.sort_by(|a, b| a.risk_order(b));
            for server in servers {
                write_server(&mut writer, rows, server, &name(&server.subscription))?;
            }
        }
    }
    let written = writer.rows();
    writer.finish()?;
    Ok(written)
}
