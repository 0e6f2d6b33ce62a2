//! `flexposture report`: a scan as a file or for a pipeline, in the form that is asked for.

mod whole;

use std::io::{self, IsTerminal, Write};

use anyhow::bail;
use clap::builder::TypedValueParser as _;

use crate::baseline::FeatureId;
use crate::cli::store_choice;
use crate::posture::{Fleet, Judge};
use crate::query::{GroupBy, Sort};
use crate::report::{
    Column, Format, Order, Output, Overview, PullRequest, ReportHead, Rows, Selected, Selection,
    SortedRows, TableFrame, TableWriter, Value, cells_of_controls, cells_of_findings,
    cells_of_server, document, subscription_names, usual_columns,
};
use crate::runtime::{NewFile, report_head};
use crate::store::{Cache, Scan, ScanInfo};

use super::Ending;
use super::gate::{self, GateArguments};
use super::judging::JudgingArguments;
use super::scan_choice::ScanArgument;
use super::selection::SelectionArguments;

/// Write a scan as a report: a table, JSON, CSV, Markdown, a web page, a workbook, SARIF or OCSF
///
/// table, plain, csv, json and ndjson hold rows: servers, findings with evidence, controls, or servers by features, in the
/// order of --sort: that of their servers, or that of any column, for example --rows findings --sort severity. csv follows RFC 4180; text in it that a spreadsheet would take for a formula gets an apostrophe before it. json is one
/// document with a published schema, see `flexposture schema`. markdown fits under a pull request: the numbers, and as many
/// rows as a comment holds. html is one page that asks nothing of the network. xlsx is a workbook. sarif holds what is open,
/// for code scanning. ocsf holds every finding as an event of the class Compliance Finding.
#[derive(Debug, clap::Args)]
#[command(after_help = super::exit_codes_help())]
pub struct Args {
    #[command(flatten)]
    scan: ScanArgument,

    /// The form [default: what the name of the file ends with, else table]
    #[arg(long, value_name = "FORMAT", value_parser = output())]
    format: Option<Output>,

    /// What the rows are [default: servers]
    #[arg(long, value_name = "ROWS", value_parser = ["servers", "findings", "controls", "matrix"])]
    rows: Option<String>,

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
    selection: SelectionArguments,

    #[command(flatten)]
    gate: GateArguments,

    #[command(flatten)]
    judging: JudgingArguments,
}

fn output() -> impl clap::builder::TypedValueParser<Value = Output> {
    clap::builder::PossibleValuesParser::new(Output::ALL.map(Output::word))
        .try_map(|word| word.parse::<Output>())
}

/// A scan, judged, and what of it is reported.
struct Material {
    scan: Scan,
    judge: Judge,
    fleet: Fleet,
    selection: Selection,
    selected: Selected,
    order: Order,
    head: ReportHead,
    names: std::collections::HashMap<String, String>,
}

/// What was written, in words: rows, results, events.
type Told = String;

/// Writes the report to `out`, or to the file that is named, and says how the gate ends.
///
/// # Errors
/// When there is no such scan or column, when the filter cannot be read, or when the file or `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<Ending> {
    let form = form(args.format, args.output.as_deref())?;
    let rows = args.rows()?;
    let columns = args.columns_of(form, rows)?;
    if form.is_binary() && args.output.is_none() && io::stdout().is_terminal() {
        bail!("{form} is no text for a terminal; name a file with -o, or send it on");
    }
    let order = args.order(form, rows)?;
    let sort = match order {
        Order::Servers(sort) => sort,
        Order::Column(_) => Sort::default(),
    };
    let selection = args.selection.selection(sort)?;
    let judge = args.judging.judge()?;
    let mut scan = Scan::open(&args.scan.find(store_choice::folder())?)?;
    let info = scan.info()?;
    let fleet = scan.fleet_kept(&judge, Cache::of_user().as_ref(), |_| {})?;
    let selected = selection.select(&fleet);
    let head = head(args, &info, &judge);
    let whole = scan.is_complete()?;
    let names = subscription_names(&fleet);
    let mut material = Material {
        scan,
        judge,
        fleet,
        selection,
        selected,
        order,
        head,
        names,
    };
    match &args.output {
        None => {
            let written = material.write(form, rows, &columns, out);
            super::seen_enough(written.map(drop))?;
        }
        Some(name) => {
            let mut file = NewFile::create(name, false)?;
            let told = if form == Output::Xlsx {
                material.workbook(file.file())?
            } else {
                let mut buffered = io::BufWriter::with_capacity(1 << 16, file.file());
                let told = material.write(form, rows, &columns, &mut buffered)?;
                buffered.flush()?;
                told
            };
            let (path, bytes) = file.finish()?;
            writeln!(out, "{}: {told}, {bytes} bytes", path.display())?;
        }
    }
    let gate = args.gate.gate();
    let stopped = gate.count(
        material.selected.servers(&material.fleet).map(|(_, it)| it),
        |feature, cell| material.selection.admits(feature, cell),
    );
    Ok(gate::ending(gate, stopped, whole))
}

/// The form that is meant: the one that is named, else the one that a file's name tells.
///
/// # Errors
/// When the name of the file tells none.
pub fn form(named: Option<Output>, file: Option<&str>) -> anyhow::Result<Output> {
    match (named, file) {
        (Some(form), _) => Ok(form),
        (None, None) => Ok(Output::Rows(Format::Table)),
        (None, Some(file)) => match Output::of_file(file) {
            Some(form) => Ok(form),
            None => bail!(
                "the name {file} does not tell the form; name one with --format, or end it with one of {}",
                Output::endings()
            ),
        },
    }
}

impl Args {
    fn rows(&self) -> anyhow::Result<Rows> {
        Ok(
            match (self.rows.as_deref().unwrap_or("servers"), self.feature) {
                ("findings", None) => Rows::Findings,
                ("findings", Some(feature)) => Rows::FindingsOf(feature),
                ("servers", Some(feature)) => Rows::ServersOf(feature),
                ("controls", None) => Rows::Controls,
                ("matrix", None) => Rows::Matrix,
                ("servers", None) => Rows::Servers,
                (rows, _) => bail!("--rows {rows} is about all features; leave out --feature"),
            },
        )
    }

    /// The columns of the rows.
    ///
    /// # Errors
    /// When there is no such column, or when the form has no rows to choose.
    fn columns_of(&self, form: Output, rows: Rows) -> anyhow::Result<Vec<Column>> {
        let Output::Rows(format) = form else {
            let asked = [
                ("--rows", self.rows.is_some()),
                ("--feature", self.feature.is_some()),
                ("--columns", !self.columns.is_empty()),
                // Code scanning and log stores group for themselves.
                (
                    "--group",
                    self.selection.group.is_some() && matches!(form, Output::Sarif | Output::Ocsf),
                ),
            ];
            if let Some((option, _)) = asked.iter().find(|(_, given)| *given) {
                bail!("{form} is no table of rows; leave out {option}");
            }
            return Ok(Vec::new());
        };
        let usual = usual_columns(rows).filter(|_| format == Format::Markdown);
        Ok(match usual {
            Some(usual) if self.columns.is_empty() => rows.chosen(usual)?,
            _ => rows.chosen(&self.columns)?,
        })
    }
}

impl Args {
    /// The order of the rows.
    ///
    /// # Errors
    /// When there is none like that, or the form has no rows that could be in it.
    fn order(&self, form: Output, rows: Rows) -> anyhow::Result<Order> {
        let Some(text) = &self.selection.sort else {
            return Ok(Order::Servers(Sort::default()));
        };
        if matches!(form, Output::Rows(_)) {
            return Ok(Order::parse(text, rows)?);
        }
        // Workbooks, pages and logs have rows of several kinds, in the order of their servers.
        Ok(Order::Servers(text.parse()?))
    }
}

fn head(args: &Args, info: &ScanInfo, judge: &Judge) -> ReportHead {
    let group = args.selection.group.as_ref().map(GroupBy::words);
    ReportHead {
        filter: args.selection.filter.filter.clone(),
        group,
        ..report_head(info, judge)
    }
}

impl Material {
    fn write(
        &mut self,
        form: Output,
        rows: Rows,
        columns: &[Column],
        out: &mut impl Write,
    ) -> anyhow::Result<Told> {
        match form {
            Output::Rows(Format::Markdown) => self.comment(rows, columns, out),
            Output::Rows(format) => {
                let frame = TableFrame {
                    document: Some(document(&self.head, rows)),
                    grouped: self.head.group.is_some(),
                };
                let mut writer = TableWriter::framed(out, format, columns, frame)?;
                self.rows(&mut writer, rows)?;
                let written = writer.rows();
                writer.finish()?;
                Ok(format!("{written} rows"))
            }
            Output::Sarif => self.sarif(out),
            Output::Ocsf => self.ocsf(out),
            Output::Html => self.page(out),
            Output::Xlsx => {
                // The format is written with jumps back, which a pipe does not have.
                let mut file = tempfile::tempfile()?;
                let told = self.workbook(&mut file)?;
                io::Seek::rewind(&mut file)?;
                io::copy(&mut file, out)?;
                Ok(told)
            }
        }
    }

    fn overview(&self) -> Overview {
        let servers = self.selected.servers(&self.fleet).map(|(_, server)| server);
        Overview::of(&self.fleet, servers, &self.selection)
    }

    fn comment(
        &mut self,
        rows: Rows,
        columns: &[Column],
        out: &mut impl Write,
    ) -> anyhow::Result<Told> {
        let groups = &self.selected.groups;
        let text = PullRequest::new(&self.head, &self.overview(), groups, rows);
        let frame = TableFrame {
            document: None,
            grouped: self.head.group.is_some(),
        };
        let mut writer = TableWriter::framed(text, Format::Markdown, columns, frame)?;
        self.rows(&mut writer, rows)?;
        let written = writer.rows();
        let text = writer.finish()?.finish();
        out.write_all(text.as_bytes())?;
        Ok(format!("{written} rows, or as many as a comment holds"))
    }

    /// Writes the rows in their order.
    fn rows<W: Write>(&mut self, writer: &mut TableWriter<W>, rows: Rows) -> anyhow::Result<()> {
        let mut columns = writer.columns().to_vec();
        let Order::Column(order) = self.order else {
            return self.each_row(rows, &columns, &mut |group, row| {
                writer.group(group);
                writer.row(&row)
            });
        };
        columns.push(order.column);
        let mut sorted = SortedRows::new(order, tempfile::tempfile()?);
        self.each_row(rows, &columns, &mut |group, row| match row.split_last() {
            Some((cell, row)) => sorted.push(group, row, cell),
            None => Ok(()),
        })?;
        sorted.finish(|group, row| {
            writer.group(group);
            writer.row(row)
        })?;
        Ok(())
    }

    /// Gives each row with the name of its group, in the order of the servers.
    fn each_row(
        &mut self,
        rows: Rows,
        columns: &[Column],
        each: &mut dyn FnMut(&str, Vec<Value>) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        if rows == Rows::Controls {
            return Ok(self.controls(columns, each)?);
        }
        for (group, server) in self.selected.servers(&self.fleet) {
            let id = &server.subscription;
            let known = self.names.get(&id.to_ascii_lowercase());
            let subscription = known.map_or(&**id, String::as_str);
            let group = group.map_or("", |group| &*group.name);
            if rows.needs_documents() {
                let documents = self.scan.documents(&server.id)?;
                let mut findings = self.judge.findings(&documents);
                self.selection.keep(server, &mut findings);
                for row in cells_of_findings(columns, rows, &documents, &findings, subscription) {
                    each(group, row)?;
                }
            } else {
                each(group, cells_of_server(columns, rows, server, subscription))?;
            }
        }
        Ok(())
    }

    /// The features with counts over all servers, or over those of each group.
    fn controls(
        &self,
        columns: &[Column],
        each: &mut dyn FnMut(&str, Vec<Value>) -> io::Result<()>,
    ) -> io::Result<()> {
        let features = || self.selection.query.features();
        let servers = |range: std::ops::Range<usize>| {
            let places = self.selected.places[range].iter();
            places.filter_map(|place| self.fleet.servers.get(*place as usize))
        };
        if self.head.group.is_none() {
            let all = 0..self.selected.places.len();
            let mut rows = cells_of_controls(columns, features(), servers(all)).into_iter();
            return rows.try_for_each(|row| each("", row));
        }
        for group in &self.selected.groups {
            let of_group = servers(group.servers.clone());
            for row in cells_of_controls(columns, features(), of_group) {
                each(&group.name, row)?;
            }
        }
        Ok(())
    }
}
