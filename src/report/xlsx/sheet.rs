//! A sheet of rows: its head, its rows as they come, and its colours.

use std::io;

use rust_xlsxwriter::{
    ConditionalFormat3ColorScale, ConditionalFormatCell, ConditionalFormatCellRule, Format,
    FormatAlign, Workbook, Worksheet, XlsxError,
};

use crate::baseline::FamilyCode;
use crate::report::table::{Column, Kind, Value};

/// The most rows of a sheet, its head included: the limit of the format.
pub const MOST_ROWS: u32 = 1_048_576;

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

/// A sheet of rows.
pub struct Sheet {
    number: usize,
    pub columns: Vec<Column>,
    /// The place of the next row; the head is row 0.
    pub next: u32,
    /// How many rows had no room.
    pub left_out: u64,
}

pub fn refused(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) => error,
        other => io::Error::other(other),
    }
}

pub fn sheet(workbook: &mut Workbook, number: usize) -> io::Result<&mut Worksheet> {
    workbook.worksheet_from_index(number).map_err(refused)
}

pub fn title() -> Format {
    Format::new()
        .set_bold()
        .set_font_color(0xFF_FFFF)
        .set_background_color(0x1F_4E79)
        .set_align(FormatAlign::VerticalCenter)
}

/// A text that fits into a cell.
pub fn fitting(text: &str) -> String {
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
    pub fn begin(workbook: &mut Workbook, number: usize, columns: Vec<Column>) -> io::Result<Self> {
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

    fn head(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        sheet.set_freeze_panes(1, 1)?;
        for (place, column) in (0..).zip(&self.columns) {
            sheet.set_column_width(place, width(column))?;
            sheet.write_string_with_format(0, place, column.title, &title())?;
        }
        Ok(())
    }

    pub fn row(&mut self, workbook: &mut Workbook, values: &[Value]) -> io::Result<()> {
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

    pub fn finish(&self, workbook: &mut Workbook) -> io::Result<()> {
        self.dress(sheet(workbook, self.number)?).map_err(refused)
    }

    fn dress(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let last_row = self.next.saturating_sub(1).max(1);
        let last_column = u16::try_from(self.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
        sheet.autofilter(0, 0, last_row, last_column)?;
        for (place, column) in (0..).zip(&self.columns) {
            let words: &[(&str, u32, u32)] = match column.id {
                "verdict" | "verdict_before" | "without_exemptions" => &VERDICTS,
                "severity" | "severity_before" | "worst_severity" => &SEVERITIES,
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
