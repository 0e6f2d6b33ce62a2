//! A workbook on disk becomes sheets of cells. The file is not trusted: how much it may unpack to, how many rows it may
//! have and how much text is bounded, and a formula or a number is handed on as what it is, never as text.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use calamine::{DataRef, Reader, Xlsx, XlsxFormulaMetadata};
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
    /// Rows with anything in them, over all sheets.
    rows: usize,
    /// Bytes of text in cells, over all sheets.
    text: usize,
}

const LIMITS: Limits = Limits {
    file: 16 << 20,
    unpacked: 64 << 20,
    parts: 1000,
    rows: 10_000,
    text: 16 << 20,
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
    if !bytes.starts_with(b"PK") {
        bail!("not a workbook: an .xlsx file is a zip archive, and this is none");
    }
    check_parts(bytes, limits)?;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut left = Left {
        rows: limits.rows,
        text: limits.text,
        limits,
    };
    let mut sheets = Vec::new();
    for name in workbook.sheet_names() {
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
    text: usize,
    limits: Limits,
}

/// The rows of a sheet that hold anything, cell by cell: a table of all cells between the first and the last one, which
/// may lie a million rows apart, is never made.
fn rows(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &str,
    left: &mut Left,
) -> anyhow::Result<Vec<Row>> {
    let mut reader = workbook.worksheet_cells_reader(sheet).map_err(damaged)?;
    let mut rows: Vec<Row> = Vec::new();
    while let Some(record) = reader.next_cell_with_formula_metadata().map_err(damaged)? {
        let (row, column) = record.pos;
        let Some(cell) = cell(&record.value, record.formula.as_ref()) else {
            continue;
        };
        let size = match &cell {
            Cell::Text(text) => text.len(),
            // So that countless cells without text do not stay uncounted.
            Cell::Other(_) => 16,
        };
        left.text = left.text.checked_sub(size).ok_or_else(|| {
            anyhow!(
                "more than {} bytes of text: no published workbook has so much",
                left.limits.text
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
