//! A workbook: what a person sorts, filters and hands on. Text is written as text; nothing in it can be a formula. Rows go
//! to a temporary file as they come, so that a large fleet needs no more memory than a small one.

use std::io::{self, Seek, Write};

use rust_xlsxwriter::{
    ConditionalFormat3ColorScale, ConditionalFormatCell, ConditionalFormatCellRule, DocProperties,
    Format, FormatAlign, Workbook, Worksheet,
};

use crate::baseline::{FamilyCode, catalogue};
use crate::posture::policy::PolicyFleet;
use crate::posture::{Fleet, ServerSummary, Severity, VerdictWord};

use super::table::{Column, Kind, Value};
use super::tables::{
    Rows, cells_of_controls, cells_of_finding, cells_of_policies, cells_of_server,
};
use super::{Overview, ReportHead, ReportedServer, Selection};

/// The most rows of a sheet, its head included: the limit of the format.
const MOST_ROWS: u32 = 1_048_576;

/// The longest text of a cell, in characters of UTF-16: the limit of the format.
const LONGEST_TEXT: usize = 32_767;

/// The verdicts in colours: text and ground.
const VERDICTS: [(&str, u32, u32); 5] = [
    ("Fail", 0x9C_0006, 0xFF_C7CE),
    ("Unknown", 0x7F_6000, 0xFF_EB9C),
    ("Manual", 0x1F_4E79, 0xDD_EBF7),
    ("Pass", 0x00_6100, 0xC6_EFCE),
    ("Waived", 0x59_5959, 0xED_EDED),
];

/// The severities in colours.
const SEVERITIES: [(&str, u32, u32); 4] = [
    ("critical", 0xFF_FFFF, 0x9C_0006),
    ("high", 0x9C_0006, 0xFF_C7CE),
    ("medium", 0x7F_6000, 0xFF_EB9C),
    ("low", 0x1F_4E79, 0xDD_EBF7),
];

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

/// A sheet of rows.
struct Sheet {
    number: usize,
    columns: Vec<Column>,
    next: u32,
    left_out: u64,
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

fn refused(error: rust_xlsxwriter::XlsxError) -> io::Error {
    match error {
        rust_xlsxwriter::XlsxError::IoError(error) => error,
        other => io::Error::other(other),
    }
}

fn sheet(workbook: &mut Workbook, number: usize) -> io::Result<&mut Worksheet> {
    workbook.worksheet_from_index(number).map_err(refused)
}

fn title() -> Format {
    Format::new()
        .set_bold()
        .set_font_color(0xFF_FFFF)
        .set_background_color(0x1F_4E79)
        .set_align(FormatAlign::VerticalCenter)
}

/// A text that fits into a cell.
fn fitting(text: &str) -> String {
    if text.len() <= LONGEST_TEXT || text.encode_utf16().count() <= LONGEST_TEXT {
        return text.to_owned();
    }
    let mut length = 0;
    let mut cut: String = text
        .chars()
        .take_while(|c| {
            length += c.len_utf16();
            length < LONGEST_TEXT
        })
        .collect();
    cut.push('…');
    cut
}

/// How wide a column is, in characters.
fn width(column: &Column) -> f64 {
    match (column.id, column.kind) {
        ("server" | "feature" | "policy", _) => 34.0,
        ("conditions" | "evidence" | "reason" | "azure" | "features", _) => 60.0,
        ("server_id" | "guid" | "tags" | "exemptions", _) => 40.0,
        ("subscription" | "resource_group" | "subscription_id" | "agreement", _) => 24.0,
        (_, Kind::Number) => 11.0,
        _ => 15.0,
    }
}

impl Sheet {
    fn begin(workbook: &mut Workbook, number: usize, columns: Vec<Column>) -> io::Result<Self> {
        let begun = Self {
            number,
            columns,
            next: 1,
            left_out: 0,
        };
        let sheet = sheet(workbook, number)?;
        begun.head(sheet).map_err(refused)?;
        Ok(begun)
    }

    fn head(&self, sheet: &mut Worksheet) -> Result<(), rust_xlsxwriter::XlsxError> {
        sheet.set_freeze_panes(1, 1)?;
        for (place, column) in (0..).zip(&self.columns) {
            sheet.set_column_width(place, width(column))?;
            sheet.write_string_with_format(0, place, column.title, &title())?;
        }
        Ok(())
    }

    fn row(&mut self, workbook: &mut Workbook, values: &[Value]) -> io::Result<()> {
        if self.next >= MOST_ROWS {
            self.left_out += 1;
            return Ok(());
        }
        let sheet = sheet(workbook, self.number)?;
        for (place, value) in (0..).zip(values) {
            match value {
                Value::Text(text) => sheet.write_string(self.next, place, fitting(text)),
                // Counts are far below what a number of a spreadsheet holds exactly.
                #[allow(clippy::cast_precision_loss)]
                Value::Number(number) => sheet.write_number(self.next, place, *number as f64),
                Value::Nothing => continue,
            }
            .map_err(refused)?;
        }
        self.next += 1;
        Ok(())
    }

    fn finish(&self, workbook: &mut Workbook) -> io::Result<()> {
        self.dress(sheet(workbook, self.number)?).map_err(refused)
    }

    fn dress(&self, sheet: &mut Worksheet) -> Result<(), rust_xlsxwriter::XlsxError> {
        let last_row = self.next.saturating_sub(1).max(1);
        let last_column = u16::try_from(self.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
        sheet.autofilter(0, 0, last_row, last_column)?;
        for (place, column) in (0..).zip(&self.columns) {
            let words: &[(&str, u32, u32)] = match column.id {
                "verdict" | "without_exemptions" => &VERDICTS,
                "severity" | "worst_severity" => &SEVERITIES,
                id if FamilyCode::ALL
                    .iter()
                    .any(|it| it.code().eq_ignore_ascii_case(id)) =>
                {
                    &VERDICTS
                }
                "score" | "score_beyond" => {
                    let scale = ConditionalFormat3ColorScale::new()
                        .set_minimum_color(0xF8_696B)
                        .set_midpoint_color(0xFF_EB84)
                        .set_maximum_color(0x63_BE7B);
                    sheet.add_conditional_format(1, place, last_row, place, &scale)?;
                    continue;
                }
                _ => continue,
            };
            for (word, text, ground) in words {
                let format = Format::new()
                    .set_font_color(*text)
                    .set_background_color(*ground);
                let rule = ConditionalFormatCell::new()
                    .set_rule(ConditionalFormatCellRule::EqualTo(*word))
                    .set_format(format);
                sheet.add_conditional_format(1, place, last_row, place, &rule)?;
            }
        }
        Ok(())
    }
}

fn summary(
    sheet: &mut Worksheet,
    head: &ReportHead,
    overview: &Overview,
) -> Result<(), rust_xlsxwriter::XlsxError> {
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

fn about(
    sheet: &mut Worksheet,
    head: &ReportHead,
    counts: XlsxCounts,
) -> Result<(), rust_xlsxwriter::XlsxError> {
    sheet.set_column_width(0, 24)?;
    sheet.set_column_width(1, 90)?;
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
        rows.push((
            "Left out",
            format!(
                "{} rows, because a sheet holds {MOST_ROWS}; a filter makes them fewer",
                counts.left_out
            ),
        ));
    }
    for verdict in VerdictWord::ALL {
        rows.push((verdict.word(), verdict.meaning().to_owned()));
    }
    for (row, (name, text)) in (0..).zip(rows) {
        sheet.write_string(row, 0, name)?;
        sheet.write_string(row, 1, fitting(&text))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_to_what_a_cell_holds_and_says_so() {
        assert_eq!(fitting("short"), "short");
        for long in ["a".repeat(40_000), "𝒳".repeat(20_000)] {
            let cut = fitting(&long);
            assert!(cut.ends_with('…') && cut.encode_utf16().count() <= LONGEST_TEXT);
            assert!(cut.encode_utf16().count() > LONGEST_TEXT - 3);
        }
    }
}
