//! `flexposture diff`: what differs between two scans.

use std::io::{self, BufWriter, IsTerminal, Seek, Write};
use std::path::Path;

use anyhow::bail;
use clap::builder::TypedValueParser as _;
use jiff::Timestamp;

use crate::cli::store_choice;
use crate::posture::Judge;
use crate::posture::difference::{ChangeKind, Difference};
use crate::report::{
    Comment, ComparedScan, DifferenceEntry, DifferencePage, DifferenceRecord, DocumentKind, Format,
    Output, Rows, TableWriter, narrow, write_difference, write_difference_workbook, write_document,
};
use crate::runtime::{NewFile, PROGRAM, compared_scan};
use crate::store::{self, Cache, Scan};

use super::Ending;
use super::judging::JudgingArguments;
use super::report::form;
use super::scan_choice::ScanArgument;
use super::selection::FilterArgument;

/// The forms of a difference.
const FORMS: [Output; 8] = [
    Output::Rows(Format::Table),
    Output::Rows(Format::Json),
    Output::Rows(Format::Ndjson),
    Output::Rows(Format::Csv),
    Output::Rows(Format::Markdown),
    Output::Rows(Format::Plain),
    Output::Html,
    Output::Xlsx,
];

/// Show what differs between two scans: what regressed, what was fixed, what became unread; asks nothing of Azure
#[derive(Debug, clap::Args)]
#[command(after_help = super::exit_codes_help())]
pub struct Args {
    /// The scan to compare with: a file, an id or its beginning
    #[arg(value_name = "FROM")]
    from: String,

    /// The scan to look at [default: the newest one]
    #[arg(value_name = "TO")]
    to: Option<String>,

    /// The form [default: what the name of the file ends with, else text in groups]
    #[arg(long, value_name = "FORMAT", value_parser = output())]
    format: Option<Output>,

    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,

    /// The same as --format markdown
    #[arg(long, conflicts_with_all = ["json", "format"])]
    markdown: bool,

    /// Write to this file, which must not be there yet and is readable by you alone
    #[arg(long, short, value_name = "FILE")]
    output: Option<String>,

    #[command(flatten)]
    filter: FilterArgument,

    /// End with code 1 when a feature fails that did not, or fails with something worse than before
    ///
    /// What became unread has not regressed. When nothing did but the newer scan is not whole, the code is 4.
    #[arg(long)]
    fail_on_regression: bool,

    #[command(flatten)]
    judging: JudgingArguments,
}

fn output() -> impl clap::builder::TypedValueParser<Value = Output> {
    clap::builder::PossibleValuesParser::new(FORMS.map(Output::word))
        .try_map(|word| word.parse::<Output>())
}

/// Compares and writes what differs to `out`, or to the file that is named, and says how the gate ends.
///
/// # Errors
/// When there is no such scan, when the filter cannot be read, when anything in a file of settings is wrong, or when the
/// file or `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<Ending> {
    let named = match (args.json, args.markdown) {
        (true, _) => Some(Output::Rows(Format::Json)),
        (_, true) => Some(Output::Rows(Format::Markdown)),
        _ => args.format,
    };
    let form = form(named, args.output.as_deref())?;
    if !FORMS.contains(&form) {
        bail!("a difference is not written as {form}");
    }
    if form.is_binary() && args.output.is_none() && io::stdout().is_terminal() {
        bail!("{form} is no text for a terminal; name a file with -o, or send it on");
    }
    let query = args.filter.query()?;
    let judge = args.judging.judge()?;
    let find = |scan: Option<String>| ScanArgument { scan }.find(store_choice::folder());
    let (from, to) = (find(Some(args.from.clone()))?, find(args.to.clone())?);
    let cache = Cache::of_user();
    let mut compared = store::compare(&from, &to, &judge, cache.as_ref(), |_| true)?
        .ok_or_else(|| anyhow::anyhow!("the comparison was stopped"))?;
    if !query.is_empty() {
        let fleet = |path: &Path| Scan::open(path)?.fleet(&judge, |_| {});
        narrow(
            &mut compared.difference,
            &query,
            &fleet(&from)?,
            &fleet(&to)?,
        );
    }
    let whole = Scan::open(&to)?.is_complete()?;
    let scans = (compared_scan(&compared.from), compared_scan(&compared.to));
    let told = Told {
        scans: &scans,
        filter: args.filter.filter.as_deref(),
        judge: &judge,
        difference: &compared.difference,
    };
    match &args.output {
        None => super::seen_enough(told.write(form, out))?,
        Some(name) => {
            let mut file = NewFile::create(name, false)?;
            if form == Output::Xlsx {
                told.workbook(file.file())?;
            } else {
                let mut buffered = BufWriter::with_capacity(1 << 16, file.file());
                told.write(form, &mut buffered)?;
                buffered.flush()?;
            }
            let (path, bytes) = file.finish()?;
            let changes = compared.difference.changes.len();
            writeln!(out, "{}: {changes} changes, {bytes} bytes", path.display())?;
        }
    }
    Ok(ending(args, &compared.difference, whole))
}

fn ending(args: &Args, difference: &Difference, whole: bool) -> Ending {
    if !args.fail_on_regression {
        return Ending::Fine;
    }
    let count = |kind| difference.count(kind);
    let (regressed, worse) = (count(ChangeKind::Regressed), count(ChangeKind::Worse));
    let tell = |words: &str| {
        let _ = writeln!(io::stderr(), "flexposture: --fail-on-regression: {words}");
    };
    if regressed + worse > 0 {
        tell(&format!("{regressed} regressed, {worse} got worse"));
        Ending::CheckFailed
    } else if whole {
        Ending::Fine
    } else {
        tell("nothing regressed, but the newer scan is not whole");
        Ending::Partial
    }
}

/// What is told of a difference.
struct Told<'a> {
    scans: &'a (ComparedScan, ComparedScan),
    filter: Option<&'a str>,
    judge: &'a Judge,
    difference: &'a Difference,
}

impl Told<'_> {
    fn write(&self, form: Output, out: &mut impl Write) -> anyhow::Result<()> {
        let ruleset = self.judge.ruleset.id();
        let (from, to) = self.scans;
        let record =
            DifferenceRecord::new(from, to, &ruleset, self.difference).filtered(self.filter);
        match form {
            Output::Rows(Format::Table) => record.write_text(out)?,
            Output::Rows(Format::Json) => {
                write_document(out, DocumentKind::Difference, &record)?;
            }
            Output::Rows(Format::Markdown) => {
                let mut comment = Comment::empty();
                record.write_markdown(&mut comment)?;
                out.write_all(comment.finish().as_bytes())?;
            }
            Output::Rows(format) => self.rows(format, out)?,
            Output::Xlsx => {
                let mut file = tempfile::tempfile()?;
                self.workbook(&mut file)?;
                file.rewind()?;
                io::copy(&mut file, out)?;
            }
            _ => DifferencePage::write(out, &record, PROGRAM, Timestamp::now())?,
        }
        Ok(())
    }

    fn rows(&self, format: Format, out: &mut impl Write) -> io::Result<()> {
        let mut writer = TableWriter::new(out, format, &Rows::Difference.columns())?;
        for (server, entry) in DifferenceEntry::all(self.difference) {
            write_difference(&mut writer, server, entry)?;
        }
        writer.finish()?;
        Ok(())
    }

    fn workbook(&self, out: impl Write + Seek + Send) -> io::Result<()> {
        let ruleset = self.judge.ruleset.id();
        let (from, to) = self.scans;
        let record =
            DifferenceRecord::new(from, to, &ruleset, self.difference).filtered(self.filter);
        write_difference_workbook(out, &record, self.difference, PROGRAM)
    }
}
