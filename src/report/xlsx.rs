//! A workbook: what a person sorts, filters and hands on. Text is written as text; nothing in it can be a formula. Rows go
//! to a temporary file as they come, so that a large fleet needs no more memory than a small one.

mod sheet;

use std::io::{self, Seek, Write};

use rust_xlsxwriter::{DocProperties, Format, Workbook, Worksheet, XlsxError};

use crate::baseline::{FamilyCode, catalogue};
use crate::posture::difference::Difference;
use crate::posture::policy::PolicyFleet;
use crate::posture::{Fleet, Severity, VerdictWord};

use super::tables::{
    Rows, cells_of_controls, cells_of_difference, cells_of_finding, cells_of_policies,
    cells_of_server,
};
use super::{DifferenceEntry, DifferenceRecord, Overview, ReportHead, ReportedServer, Selection};
use sheet::{MOST_ROWS, Sheet, fitting, refused, sheet, title};

/// The sheets, in their order.
const SHEETS: [&str; 6] = [
    "Summary", "Findings", "Servers", "Controls", "Policies", "About",
];
const SUMMARY: usize = 0;
const FINDINGS: usize = 1;
const SERVERS: usize = 2;
const CONTROLS: usize = 3;
const POLICIES: usize = 4;
const ABOUT: usize = 5;

/// Writes a workbook, server by server.
pub struct Xlsx {
    workbook: Workbook,
    findings: Sheet,
    servers: Sheet,
    policies: PolicyFleet,
    head: ReportHead,
}

/// What a workbook holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XlsxCounts {
    /// Rows of findings.
    pub findings: u64,
    /// Rows of findings and servers for which a sheet has no room.
    pub left_out: u64,
}

impl Xlsx {
    /// Begins a workbook with its numbers and its controls.
    ///
    /// # Errors
    /// When there is no room for temporary files.
    pub fn new(
        head: &ReportHead,
        fleet: &Fleet,
        places: &[u32],
        selection: &Selection,
        overview: &Overview,
    ) -> io::Result<Self> {
        let mut workbook = Workbook::new();
        workbook.set_properties(
            &DocProperties::new()
                .set_title("Security posture of Azure Database for MySQL")
                .set_comment(format!("Written by {}", head.program)),
        );
        for name in SHEETS {
            let sheet = workbook
                .add_worksheet_with_constant_memory()
                .map_err(refused)?;
            sheet.set_name(name).map_err(refused)?;
        }
        summary(sheet(&mut workbook, SUMMARY)?, head, overview).map_err(refused)?;
        let mut controls = Sheet::begin(&mut workbook, CONTROLS, Rows::Controls.columns())?;
        let servers = || {
            let servers = places
                .iter()
                .map(|place| fleet.servers.get(*place as usize));
            servers.flatten()
        };
        for row in cells_of_controls(&controls.columns, selection.query.features(), servers()) {
            controls.row(&mut workbook, &row)?;
        }
        controls.finish(&mut workbook)?;
        let findings = Sheet::begin(&mut workbook, FINDINGS, Rows::Findings.columns())?;
        let servers = Sheet::begin(&mut workbook, SERVERS, Rows::Servers.columns())?;
        Ok(Self {
            workbook,
            findings,
            servers,
            policies: PolicyFleet::new(catalogue()),
            head: head.clone(),
        })
    }

    /// Writes a server and its findings.
    ///
    /// # Errors
    /// When there is no room for temporary files.
    pub fn server(&mut self, server: &ReportedServer<'_>) -> io::Result<()> {
        self.policies.add(server.documents);
        let row = cells_of_server(
            &self.servers.columns,
            Rows::Servers,
            server.summary,
            server.subscription,
        );
        self.servers.row(&mut self.workbook, &row)?;
        for finding in server.findings {
            let row = cells_of_finding(
                &self.findings.columns,
                server.documents,
                finding,
                server.subscription,
            );
            self.findings.row(&mut self.workbook, &row)?;
        }
        Ok(())
    }

    /// Writes the rest, and all of it to `out`.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn finish(mut self, out: impl Write + Seek + Send) -> io::Result<XlsxCounts> {
        let counts = XlsxCounts {
            findings: u64::from(self.findings.next - 1),
            left_out: self.findings.left_out + self.servers.left_out,
        };
        self.findings.finish(&mut self.workbook)?;
        self.servers.finish(&mut self.workbook)?;
        let mut policies = Sheet::begin(&mut self.workbook, POLICIES, Rows::Policies.columns())?;
        for row in cells_of_policies(&policies.columns, &self.policies) {
            policies.row(&mut self.workbook, &row)?;
        }
        policies.finish(&mut self.workbook)?;
        about(sheet(&mut self.workbook, ABOUT)?, &self.head, counts).map_err(refused)?;
        self.workbook.save_to_writer(out).map_err(refused)?;
        Ok(counts)
    }
}

/// Writes a workbook of what differs between two scans.
///
/// # Errors
/// When `out` refuses, or when there is no room for temporary files.
pub fn write_difference_workbook(
    out: impl Write + Seek + Send,
    record: &DifferenceRecord<'_>,
    difference: &Difference,
    program: &str,
) -> io::Result<()> {
    let mut workbook = Workbook::new();
    for name in ["Changes", "About"] {
        let sheet = workbook
            .add_worksheet_with_constant_memory()
            .map_err(refused)?;
        sheet.set_name(name).map_err(refused)?;
    }
    let mut changes = Sheet::begin(&mut workbook, 0, Rows::Difference.columns())?;
    for (server, entry) in DifferenceEntry::all(difference) {
        let row = cells_of_difference(&changes.columns, server, entry);
        changes.row(&mut workbook, &row)?;
    }
    changes.finish(&mut workbook)?;
    let mut rows = vec![("Written by", program.to_owned())];
    rows.extend(record.facts());
    if changes.left_out > 0 {
        rows.push(left_out(changes.left_out));
    }
    facts(sheet(&mut workbook, 1)?, &rows).map_err(refused)?;
    workbook.save_to_writer(out).map_err(refused)
}

fn left_out(rows: u64) -> (&'static str, String) {
    let words =
        format!("{rows} rows, because a sheet holds {MOST_ROWS}; a filter makes them fewer");
    ("Left out", words)
}

fn facts(sheet: &mut Worksheet, rows: &[(&str, String)]) -> Result<(), XlsxError> {
    sheet.set_column_width(0, 24)?;
    sheet.set_column_width(1, 90)?;
    for (row, (name, text)) in (0..).zip(rows) {
        sheet.write_string(row, 0, *name)?;
        sheet.write_string(row, 1, fitting(text))?;
    }
    Ok(())
}

fn summary(sheet: &mut Worksheet, head: &ReportHead, overview: &Overview) -> Result<(), XlsxError> {
    let percent = |score: Option<u8>| score.map_or_else(|| "none".to_owned(), |it| it.to_string());
    sheet.set_column_width(0, 42)?;
    for column in 1..=6 {
        sheet.set_column_width(column, 14)?;
    }
    let strong = Format::new().set_bold().set_font_size(16);
    sheet.write_string_with_format(
        0,
        0,
        "Security posture of Azure Database for MySQL",
        &strong,
    )?;
    let facts = [
        ("Posture, of 100", percent(overview.score.percent())),
        (
            "Beyond the baseline, of 100",
            percent(overview.beyond.percent()),
        ),
        ("Servers", overview.servers.to_string()),
        (
            "Servers with something that fails",
            overview.failing_servers.to_string(),
        ),
        (
            "Scan",
            format!("{} of {:.0}", head.scan.id, head.scan.started_at),
        ),
        (
            "Filter",
            head.filter.clone().unwrap_or_else(|| "none".to_owned()),
        ),
    ];
    let mut row = 2;
    for (name, value) in facts {
        sheet.write_string(row, 0, name)?;
        match value.parse::<u32>() {
            Ok(number) => sheet.write_number(row, 1, number)?,
            Err(_) => sheet.write_string(row, 1, fitting(&value))?,
        };
        row += 1;
    }
    row += 1;
    for (place, name) in (0..).zip(["Failing by severity", "Features"]) {
        sheet.write_string_with_format(row, place, name, &title())?;
    }
    for (severity, count) in Severity::ALL.into_iter().zip(overview.failing) {
        row += 1;
        sheet.write_string(row, 0, severity.word())?;
        sheet.write_number(row, 1, u32::try_from(count).unwrap_or(u32::MAX))?;
    }
    row += 2;
    let verdicts = [
        VerdictWord::Fail,
        VerdictWord::Unknown,
        VerdictWord::Manual,
        VerdictWord::Pass,
        VerdictWord::Waived,
    ];
    sheet.write_string_with_format(row, 0, "Family", &title())?;
    for (place, verdict) in (1..).zip(verdicts) {
        sheet.write_string_with_format(row, place, verdict.word(), &title())?;
    }
    for family in FamilyCode::ALL {
        row += 1;
        let name = format!("{} {}", family.code(), catalogue().family(family).title);
        sheet.write_string(row, 0, name)?;
        for (place, verdict) in (1..).zip(verdicts) {
            let count = overview.family(family, verdict);
            sheet.write_number(row, place, u32::try_from(count).unwrap_or(u32::MAX))?;
        }
    }
    Ok(())
}

fn about(sheet: &mut Worksheet, head: &ReportHead, counts: XlsxCounts) -> Result<(), XlsxError> {
    let scan = &head.scan;
    let finished = scan.finished_at.map(|at| format!("{at:.0}"));
    let mut rows = vec![
        ("Written by", head.program.clone()),
        ("Written at", format!("{:.0}", head.written_at)),
        ("Scan", scan.id.clone()),
        ("Scope", scan.scope.clone()),
        ("Cloud", scan.cloud.clone()),
        ("Started", format!("{:.0}", scan.started_at)),
        ("Finished", finished.unwrap_or_else(|| "not".to_owned())),
        ("State", scan.completeness.clone()),
        ("Ruleset", head.ruleset.clone()),
    ];
    rows.extend(scan.notes.iter().map(|note| ("Note", note.clone())));
    if counts.left_out > 0 {
        rows.push(left_out(counts.left_out));
    }
    for verdict in VerdictWord::ALL {
        rows.push((verdict.word(), verdict.meaning().to_owned()));
    }
    facts(sheet, &rows)
}
