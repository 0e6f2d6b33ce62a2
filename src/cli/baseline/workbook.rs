//! A workbook on disk becomes sheets of cells. The file is not trusted: how much it may unpack to, how many rows it may
//! have and how much text is bounded, and a formula or a number is handed on as what it is, never as text.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use calamine::{DataRef, Reader, Xlsx, XlsxError, XlsxFormulaMetadata};
use zip::ZipArchive;

use crate::baseline::reference::{Cell, Origin, ReferenceCatalogue, Row, Sheet, read};
use crate::documents::text::{neutral, neutral_lines};

/// What a file may hold at most. Each of the published workbooks has less than a hundredth of it.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Bytes of the file.
    file: u64,
    /// Bytes that all parts of the file unpack to, together.
    unpacked: u64,
    /// Parts of the file.
    parts: usize,
    /// Sheets; several can be made of one part.
    sheets: usize,
    /// Rows with anything in them, over all sheets.
    rows: usize,
    /// Bytes that the cells with anything in them take in memory, over all sheets.
    cells: usize,
}

const LIMITS: Limits = Limits {
    file: 16 << 20,
    unpacked: 32 << 20,
    parts: 1000,
    sheets: 32,
    rows: 10_000,
    cells: 16 << 20,
};

/// The most characters that a spreadsheet can hold in one cell.
const LONGEST_CELL: usize = 32_767;

/// Reads a workbook. Its name and service are those that the file's name says, unless a name is given.
///
/// # Errors
/// When the file cannot be read, is not a workbook, is larger than any published one could be, or has another layout.
pub(super) fn open(path: &Path, name: Option<&str>) -> anyhow::Result<ReferenceCatalogue> {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let origin = Origin::of_file(&neutral(&file)).or_else(|| Origin::of_file(name?));
    let mut origin = origin.ok_or_else(|| {
        anyhow!(
            "{}: no name can be made of this file's name; give one with --name",
            path.display()
        )
    })?;
    origin.file = neutral(&file).into_owned();
    if let Some(name) = name {
        origin.name = name.to_owned();
    }
    bytes(path, LIMITS.file)
        .and_then(|bytes| sheets(&bytes, LIMITS))
        .and_then(|sheets| Ok(read(&sheets, origin)?))
        .with_context(|| path.display().to_string())
}

fn bytes(path: &Path, most: u64) -> anyhow::Result<Vec<u8>> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        bail!("this is a folder; name the workbooks in it");
    }
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        bail!("larger than {most} bytes: no published workbook is");
    }
    Ok(bytes)
}

/// The sheets of a workbook that is given as bytes.
fn sheets(bytes: &[u8], limits: Limits) -> anyhow::Result<Vec<Sheet>> {
    // calamine 0.38 calculates with the numbers of rows and columns as they stand in the file, unchecked: where overflow
    // is checked, as in debug builds, a number that is too large ends in a panic.
    std::panic::catch_unwind(|| sheets_unguarded(bytes, limits))
        .unwrap_or_else(|_| Err(damaged("it cannot be made sense of")))
}

fn sheets_unguarded(bytes: &[u8], limits: Limits) -> anyhow::Result<Vec<Sheet>> {
    if !bytes.starts_with(b"PK") {
        bail!("not a workbook: an .xlsx file is a zip archive, and this is none");
    }
    check_parts(bytes, limits)?;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let names = workbook.sheet_names();
    if names.len() > limits.sheets {
        bail!("{} sheets: no published workbook has so many", names.len());
    }
    let mut left = Left {
        rows: limits.rows,
        cells: limits.cells,
        limits,
    };
    let mut sheets = Vec::new();
    for name in names {
        let rows = rows(&mut workbook, &name, &mut left)
            .with_context(|| format!("sheet `{}`", neutral(&name)))?;
        sheets.push(Sheet {
            name: neutral(&name).into_owned(),
            rows,
        });
    }
    Ok(sheets)
}

fn damaged(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!(
        "not a workbook, or a damaged one: {}",
        neutral(&error.to_string())
    )
}

/// Unpacks every part once and throws it away, so that whoever unpacks it again cannot be made to fill the memory: what
/// the archive says of the sizes may be a lie.
fn check_parts(bytes: &[u8], limits: Limits) -> anyhow::Result<()> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > limits.parts {
        bail!("{} parts: no published workbook has so many", archive.len());
    }
    let mut room = limits.unpacked;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(damaged)?;
        let mut unpacked = Vec::new();
        part.take(room + 1)
            .read_to_end(&mut unpacked)
            .map_err(damaged)?;
        let size = unpacked.len() as u64;
        if size > room {
            bail!(
                "unpacks to more than {} bytes: no published workbook does",
                limits.unpacked
            );
        }
        room -= size;
        check_count(&unpacked)?;
    }
    Ok(())
}

/// The table of texts, whatever its part is called, tells how many it has, and whoever reads it makes room for as many.
fn check_count(part: &[u8]) -> anyhow::Result<()> {
    const KEY: &[u8] = b"uniqueCount";
    // In UTF-16 every second byte is zero.
    let part: Vec<u8> = part.iter().copied().filter(|byte| *byte != 0).collect();
    for (at, _) in part
        .windows(KEY.len())
        .enumerate()
        .filter(|(_, it)| *it == KEY)
    {
        let value = part[at + KEY.len()..].iter();
        let digits: String = value
            .skip_while(|byte| !byte.is_ascii_digit())
            .take_while(|byte| byte.is_ascii_digit())
            .map(|byte| char::from(*byte))
            .collect();
        let told = digits.parse::<usize>();
        if !digits.is_empty() && told.is_ok_and(|count| count > part.len()) || digits.len() > 18 {
            bail!("damaged: says that it has {digits} texts, which it has no room for");
        }
    }
    Ok(())
}

/// How much may still come.
struct Left {
    rows: usize,
    cells: usize,
    limits: Limits,
}

/// The rows of a sheet that hold anything, cell by cell: a table of all cells between the first and the last one, which
/// may lie a million rows apart, is never made.
fn rows(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &str,
    left: &mut Left,
) -> anyhow::Result<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::new();
    let mut reader = match workbook.worksheet_cells_reader(sheet) {
        // A chart on a sheet of its own, for example.
        Err(XlsxError::NotAWorksheet(_)) => return Ok(rows),
        other => other.map_err(damaged)?,
    };
    while let Some(record) = reader.next_cell_with_formula_metadata().map_err(damaged)? {
        let (row, column) = record.pos;
        let Some(cell) = cell(&record.value, record.formula.as_ref()) else {
            continue;
        };
        let text = match &cell {
            Cell::Text(text) => text.len(),
            Cell::Other(_) => 0,
        };
        left.cells = left
            .cells
            .checked_sub(size_of::<(u32, Cell)>() + text)
            .ok_or_else(|| {
                anyhow!(
                    "more than {} bytes of cells: no published workbook has so much",
                    left.limits.cells
                )
            })?;
        let number = row.saturating_add(1);
        match rows.last_mut() {
            Some(last) if last.number == number => last.cells.push((column, cell)),
            _ => {
                left.rows = left.rows.checked_sub(1).ok_or_else(|| {
                    anyhow!(
                        "more than {} rows: no published workbook has so many",
                        left.limits.rows
                    )
                })?;
                rows.push(Row {
                    number,
                    cells: vec![(column, cell)],
                });
            }
        }
    }
    Ok(rows)
}

/// What stands in a cell; `None` for nothing but white space.
fn cell(value: &DataRef<'_>, formula: Option<&XlsxFormulaMetadata>) -> Option<Cell> {
    let text = |text: &str| {
        if text.trim().is_empty() {
            None
        } else if text.len() > LONGEST_CELL && text.chars().count() > LONGEST_CELL {
            Some(Cell::Other("text longer than a cell can hold"))
        } else {
            Some(Cell::Text(neutral_lines(text)))
        }
    };
    if formula.is_some() {
        return Some(Cell::Other("a formula"));
    }
    match value {
        DataRef::Empty => None,
        DataRef::String(string) => text(string),
        DataRef::SharedString(string) => text(string),
        DataRef::Bool(true) => Some(Cell::Text("True".to_owned())),
        DataRef::Bool(false) => Some(Cell::Text("False".to_owned())),
        DataRef::Int(_) | DataRef::Float(_) => Some(Cell::Other("a number")),
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) | DataRef::DurationIso(_) => {
            Some(Cell::Other("a date or time"))
        }
        DataRef::Error(_) => Some(Cell::Other("an error of the spreadsheet")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;
    use rust_xlsxwriter::{Formula, Workbook};
    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    const HEADERS: [&str; 12] = [
        "Control Domain",
        "ASB Control ID",
        "ASB Control Title",
        "Guidance",
        "Responsibility",
        "Feature Name",
        "Feature Description",
        "Feature Supported",
        "Feature Enabled by Default",
        "Feature Reference",
        "Feature Notes",
        "Guidance Notes",
    ];

    const FENCE: [&str; 12] = [
        "Network Security",
        "NS-2",
        "Secure the fence",
        "Lock the gate.",
        "Customer",
        "Fence",
        "A fence.",
        "True",
        "False",
        "Fences: https://example.invalid/fences",
        "None",
        "None",
    ];

    /// A workbook of one feature, in which `change` may write whatever it likes.
    fn workbook(change: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.set_name("Feature Summary").expect("a name");
        for (row, cells) in [HEADERS, FENCE].iter().enumerate() {
            for (column, text) in (0..).zip(cells) {
                let row = u32::try_from(row).expect("a row");
                sheet.write_string(row, column, *text).expect("room");
            }
        }
        change(sheet);
        workbook.save_to_buffer().expect("a workbook")
    }

    fn origin() -> Origin {
        Origin::of_file("tests.xlsx").expect("a name")
    }

    fn catalogue(bytes: &[u8]) -> anyhow::Result<ReferenceCatalogue> {
        Ok(read(&sheets(bytes, LIMITS)?, origin())?)
    }

    fn told(bytes: &[u8]) -> String {
        format!(
            "{:#}",
            catalogue(bytes).expect_err("not a workbook of the layout")
        )
    }

    /// The workbook with each part passed through `change`, packed anew.
    fn repacked(bytes: &[u8], mut change: impl FnMut(&str, Vec<u8>) -> Vec<u8>) -> Vec<u8> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("an archive");
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for index in 0..archive.len() {
            let mut part = archive.by_index(index).expect("a part");
            let name = part.name().expect("a name").into_owned();
            let mut unpacked = Vec::new();
            part.read_to_end(&mut unpacked).expect("whole");
            writer
                .start_file(&name, SimpleFileOptions::default())
                .and_then(|()| Ok(writer.write_all(&change(&name, unpacked))?))
                .expect("room");
        }
        writer.finish().expect("an archive").into_inner()
    }

    fn replaced(bytes: &[u8], part: &str, from: &str, to: &str) -> Vec<u8> {
        let mut met = false;
        let new = repacked(bytes, |name, content| {
            let text = String::from_utf8(content).expect("text");
            met |= name == part && text.contains(from);
            if name == part {
                text.replace(from, to).into_bytes()
            } else {
                text.into_bytes()
            }
        });
        assert!(met, "{from} is not in {part}");
        new
    }

    #[test]
    fn a_workbook_is_read_and_empty_rows_and_cells_far_away_cost_nothing() {
        let read = catalogue(&workbook(|sheet| {
            for row in 2..6000 {
                sheet.write_string(row, 0, " ").expect("room");
            }
            sheet
                .write_string(1_048_575, 16_383, "far away")
                .expect("room");
            sheet.write_boolean(1, 7, true).expect("room");
        }))
        .expect("a workbook");
        assert_eq!(read.features.len(), 1);
        assert_eq!(
            (read.features[0].row, read.features[0].supported.as_str()),
            (2, "True")
        );
        let reference = read.features[0].reference.as_ref().expect("a reference");
        assert_eq!(
            reference.url.as_deref(),
            Some("https://example.invalid/fences")
        );
    }

    #[test]
    fn what_is_no_text_is_told_by_what_it_is() {
        let number = workbook(|sheet| {
            sheet.write_number(1, 5, 7).expect("room");
        });
        assert_eq!(
            told(&number),
            "sheet `Feature Summary`, row 2, column F (Feature Name): a number stands where text belongs"
        );
        let formula = workbook(|sheet| {
            let formula = Formula::new("=\"Tr\" & \"ue\"").set_result("True");
            sheet.write_formula(1, 7, formula).expect("room");
        });
        assert_eq!(
            told(&formula),
            "sheet `Feature Summary`, row 2, column H (Feature Supported): a formula stands where text belongs"
        );
        // In a column that is left out it does not matter.
        let aside = workbook(|sheet| {
            sheet
                .write_formula(1, 20, Formula::new("=1+1"))
                .expect("room");
        });
        assert!(catalogue(&aside).is_ok());
    }

    #[test]
    fn text_that_deceives_a_terminal_is_made_harmless() {
        let bytes = workbook(|sheet| {
            sheet
                .write_string(1, 3, "a\u{202e}b\u{1b}[31m\nc")
                .expect("room");
        });
        let read = catalogue(&bytes).expect("a workbook");
        assert_eq!(read.features[0].guidance.as_deref(), Some("a?b?[31m\n\nc"));
    }

    #[test]
    fn what_is_no_workbook_is_told() {
        for (bytes, why) in [
            (&b""[..], "a zip archive"),
            (b"Control Domain,ASB Control ID\n", "a zip archive"),
            (b"PK", "damaged"),
            (b"PK\x03\x04 and nothing more", "damaged"),
        ] {
            assert!(told(bytes).contains(why), "{}", told(bytes));
        }
        let whole = workbook(|_| {});
        let empty = repacked(&whole, |_, _| Vec::new());
        assert!(told(&empty).contains("damaged"), "{}", told(&empty));
    }

    #[test]
    fn an_archive_that_unpacks_to_too_much_is_refused_whatever_it_says_of_itself() {
        let bomb = repacked(&workbook(|_| {}), |name, content| {
            if name == "docProps/app.xml" {
                vec![0; 40 << 20]
            } else {
                content
            }
        });
        assert!(bomb.len() < 1 << 20, "{}", bomb.len());
        assert!(
            told(&bomb).contains("unpacks to more than 33554432 bytes"),
            "{}",
            told(&bomb)
        );
        // The sizes in the two directories of the archive are made small.
        let size = (40_u32 << 20).to_le_bytes();
        let mut liar = bomb;
        for at in 0..liar.len() - 4 {
            if liar[at..at + 4] == size {
                liar[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
            }
        }
        let error = told(&liar);
        assert!(
            error.contains("unpacks to more than") || error.contains("damaged"),
            "{error}"
        );
    }

    #[test]
    fn a_table_of_texts_that_says_it_is_huge_is_refused() {
        let whole = workbook(|_| {});
        let part = "xl/sharedStrings.xml";
        for count in [
            "99999999999",
            "18446744073709551615",
            "99999999999999999999999",
        ] {
            let key = "uniqueCount=\"";
            let liar = replaced(&whole, part, key, &format!("{key}{count}"));
            assert!(told(&liar).contains("no room for"), "{}", told(&liar));
        }
    }

    #[test]
    fn too_many_rows_and_too_much_text_are_refused() {
        let many = workbook(|sheet| {
            for row in 2..100 {
                sheet.write_string(row, 0, "x").expect("room");
            }
        });
        let few = Limits { rows: 50, ..LIMITS };
        let error = format!("{:#}", sheets(&many, few).expect_err("too many"));
        assert!(error.contains("more than 50 rows"), "{error}");
        let little = Limits {
            cells: 3000,
            ..LIMITS
        };
        let error = format!("{:#}", sheets(&many, little).expect_err("too much"));
        assert!(error.contains("more than 3000 bytes of cells"), "{error}");
        for (limits, what) in [
            (Limits { parts: 3, ..LIMITS }, "parts: no"),
            (
                Limits {
                    sheets: 0,
                    ..LIMITS
                },
                "1 sheets: no",
            ),
        ] {
            let error = format!("{:#}", sheets(&many, limits).expect_err("too many"));
            assert!(error.contains(what), "{error}");
        }
    }

    #[test]
    fn a_sheet_that_is_a_chart_is_passed_over() {
        let mut chart = rust_xlsxwriter::Chart::new(rust_xlsxwriter::ChartType::Line);
        chart.add_series().set_values("Chart1!$A$1:$A$2");
        let mut workbook = Workbook::new();
        let sheet = workbook.add_chartsheet();
        sheet.insert_chart(0, 0, &chart).expect("room");
        let bytes = workbook.save_to_buffer().expect("a workbook");
        assert!(
            told(&bytes).contains("there is only `Chart1`"),
            "{}",
            told(&bytes)
        );
    }

    #[test]
    fn rows_and_columns_out_of_this_world_do_no_harm() {
        let whole = workbook(|_| {});
        let part = "xl/worksheets/sheet1.xml";
        for (from, to) in [
            ("<row r=\"2\"", "<row r=\"4294967295\""),
            ("<row r=\"2\"", "<row r=\"0\""),
            ("<row r=\"2\"", "<row r=\"99999999999999999999\""),
            ("r=\"A2\"", "r=\"ZZZZZZZZZZ99999999999\""),
            ("r=\"A2\"", "r=\"A0\""),
            ("r=\"A2\"", "r=\"\""),
            (
                "</row></sheetData>",
                "</row><row r=\"4294967295\"></row><row><c t=\"str\"><v>x</v></c></row><row></row></sheetData>",
            ),
            ("t=\"s\"><v>1</v>", "t=\"s\"><v>99999999</v>"),
            ("t=\"s\"><v>1</v>", "t=\"s\"><v>-1</v>"),
        ] {
            // Whatever comes of it is an answer or an error, and no panic.
            let _ = catalogue(&replaced(&whole, part, from, to));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_damage_to_the_file_panics(
            cut in 0.0..1.0_f64,
            flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        ) {
            let mut bytes = workbook(|_| {});
            for (at, value) in &flips {
                let at = at.index(bytes.len());
                bytes[at] ^= value;
            }
            let _ = catalogue(&bytes);
            bytes.truncate((bytes.len() as f64 * cut) as usize);
            prop_assert!(catalogue(&bytes).is_err());
        }

        /// Damage that the checksums of the archive do not show.
        #[test]
        fn no_damage_to_the_parts_panics(
            flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
            cut in prop::option::of(0.0..1.0_f64),
        ) {
            let bytes = repacked(&workbook(|_| {}), |name, mut content| {
                if name.starts_with("xl/") {
                    for (at, value) in &flips {
                        let at = at.index(content.len());
                        content[at] = *value;
                    }
                    if let Some(cut) = cut {
                        content.truncate((content.len() as f64 * cut) as usize);
                    }
                }
                content
            });
            if let Ok(read) = catalogue(&bytes) {
                prop_assert!(!read.features.is_empty());
            }
        }
    }
}
