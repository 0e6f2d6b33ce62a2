//! From the cells of a workbook to a [`ReferenceCatalogue`], or an error that names sheet, row and column.
//!
//! Columns are found by their headers: their order does not matter, and further ones are left out. Sheets are found by
//! their names, or else by their headers.

use super::cells::{Cell, Row, Sheet, column_name};
use super::model::{ProfileAttribute, ReferenceCatalogue, ReferenceFeature};
use crate::baseline::model::Reference;
use crate::baseline::words::{Responsibility, WorkbookWord};

/// The sheet with one row a feature.
const FEATURES: &str = "Feature Summary";

/// The sheet about the service as a whole.
const PROFILE: &str = "Security Profile";

/// The headers of [`FEATURES`], without the name of the benchmark before `Control`.
const FEATURE_COLUMNS: [&str; 12] = [
    "Control Domain",
    "Control ID",
    "Control Title",
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

/// The headers of [`PROFILE`].
const PROFILE_COLUMNS: [&str; 3] = ["Behavior Attribute", "Description", "Value"];

/// How many rows with anything in them may stand above the headers, headers included.
const HEADER_WITHIN: usize = 20;

/// How the workbooks write that there is nothing.
const NOTHING: &str = "None";

/// The families in the order of the benchmark; others come after them.
const FAMILIES: [&str; 12] = [
    "NS", "IM", "PA", "DP", "AM", "LT", "IR", "PV", "ES", "BR", "DS", "GS",
];

/// Where a workbook comes from, and what its file's name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// See [`ReferenceCatalogue::name`].
    pub name: String,
    /// See [`ReferenceCatalogue::service`].
    pub service: String,
    /// See [`ReferenceCatalogue::benchmark`].
    pub benchmark: Option<String>,
    /// See [`ReferenceCatalogue::file`].
    pub file: String,
}

/// What the names of the published files end with, between the service and the extension.
const ENDING: &str = "-azure-security-benchmark-v";

/// The most characters of a name made from that of a file.
const LONGEST_NAME: usize = 100;

impl Origin {
    /// What the name of a file, without folders, says of the workbook in it: `azure-sql-azure-security-benchmark-v3-…`
    /// is the service `azure sql` by Azure Security Benchmark v3. `None` when no letter or digit of ASCII is in it.
    #[must_use]
    pub fn of_file(file: &str) -> Option<Self> {
        let lower = file.to_lowercase();
        let stem = lower.strip_suffix(".xlsx").unwrap_or(&lower);
        let (service, benchmark) = match stem.split_once(ENDING) {
            Some((service, rest)) => {
                let version: String = rest
                    .chars()
                    .take_while(|c| c.is_ascii_digit() || *c == '.')
                    .collect();
                let told = !version.is_empty();
                (
                    service,
                    told.then(|| format!("Azure Security Benchmark v{version}")),
                )
            }
            None => (stem, None),
        };
        let words: Vec<&str> = service
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let name: String = words.join("-").chars().take(LONGEST_NAME).collect();
        (!name.is_empty()).then(|| Self {
            name: name.trim_end_matches('-').to_owned(),
            service: words.join(" "),
            benchmark,
            file: file.to_owned(),
        })
    }
}

/// Why a workbook is not one of the known layout.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// No sheet has the name, and none has the headers.
    #[error(
        "no sheet is called `{wanted}`, and none has its headers; there {}",
        sheets_in_words(found)
    )]
    NoSheet {
        /// The sheet that is needed.
        wanted: &'static str,
        /// The sheets that are there.
        found: Vec<String>,
    },
    /// Headers lack.
    #[error("sheet `{sheet}`: no row of headers with {} in its first rows", missing.join(", "))]
    NoColumns {
        /// The sheet.
        sheet: String,
        /// The headers that lack in the row that has the most of them.
        missing: Vec<&'static str>,
    },
    /// One header stands over two columns.
    #[error("sheet `{sheet}`, row {row}: columns {first} and {second} are both headed `{header}`")]
    TwoColumns {
        /// The sheet.
        sheet: String,
        /// The row of the headers, counted from 1.
        row: u32,
        /// The header.
        header: &'static str,
        /// The letters of one column.
        first: String,
        /// The letters of the other.
        second: String,
    },
    /// A cell does not hold what it has to.
    #[error("sheet `{sheet}`, row {row}, column {column} ({header}): {problem}")]
    Cell {
        /// The sheet.
        sheet: String,
        /// The row, counted from 1.
        row: u32,
        /// The letters of the column.
        column: String,
        /// The header of the column.
        header: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// There are headers and nothing below them.
    #[error("sheet `{0}`: no feature stands below the headers")]
    NoRows(String),
}

fn sheets_in_words(found: &[String]) -> String {
    match found {
        [] => "is no sheet".to_owned(),
        [only] => format!("is only `{only}`"),
        several => format!("are `{}`", several.join("`, `")),
    }
}

/// Makes a reference catalogue of the sheets of a workbook.
///
/// # Errors
///
/// When a sheet or a header lacks, when a cell holds a formula, a number or a word that the layout does not know, or
/// when there is no feature at all.
pub fn read(sheets: &[Sheet], origin: Origin) -> Result<ReferenceCatalogue, LayoutError> {
    let table = Table::find(sheets, FEATURES, FEATURE_COLUMNS)?;
    let mut features = Vec::new();
    for row in table.rows() {
        features.push(feature(&row)?);
    }
    if features.is_empty() {
        return Err(LayoutError::NoRows(table.sheet.name.clone()));
    }
    features.sort_by_key(|feature| (place(feature.control.as_deref()), feature.row));
    let profile = match Table::find(sheets, PROFILE, PROFILE_COLUMNS) {
        Ok(table) => table
            .rows()
            .map(|row| attribute(&row))
            .collect::<Result<_, _>>()?,
        Err(LayoutError::NoSheet { .. }) => Vec::new(),
        Err(error) => return Err(error),
    };
    Ok(ReferenceCatalogue {
        name: origin.name,
        service: origin.service,
        benchmark: origin.benchmark,
        file: origin.file,
        profile,
        features,
        columns_left_out: table.left_out,
    })
}

/// Where a control stands in the benchmark; those without an identifier stand last.
fn place(control: Option<&str>) -> (usize, String, u32, String) {
    let Some(id) = control else {
        return (usize::MAX, String::new(), 0, String::new());
    };
    let (letters, number) = id.split_once('-').unwrap_or((id, ""));
    let family = FAMILIES.iter().position(|it| *it == letters);
    (
        family.unwrap_or(FAMILIES.len()),
        letters.to_owned(),
        number.parse().unwrap_or(u32::MAX),
        id.to_owned(),
    )
}

fn feature(row: &TableRow<'_>) -> Result<ReferenceFeature, LayoutError> {
    Ok(ReferenceFeature {
        row: row.row.number,
        family: row.line("Control Domain")?,
        control: row.line("Control ID")?,
        control_title: row.line("Control Title")?,
        name: row.needed("Feature Name")?,
        description: row.paragraphs("Feature Description")?,
        supported: row.word("Feature Supported", WorkbookWord::ALL, WorkbookWord::as_str)?,
        enabled_by_default: row.word(
            "Feature Enabled by Default",
            WorkbookWord::ALL,
            WorkbookWord::as_str,
        )?,
        responsibility: row.word(
            "Responsibility",
            Responsibility::ALL,
            Responsibility::as_str,
        )?,
        guidance: row.paragraphs("Guidance")?,
        guidance_notes: row.paragraphs("Guidance Notes")?,
        notes: row.paragraphs("Feature Notes")?,
        reference: row.line("Feature Reference")?.map(|text| reference(&text)),
    })
}

fn attribute(row: &TableRow<'_>) -> Result<ProfileAttribute, LayoutError> {
    Ok(ProfileAttribute {
        attribute: row.needed("Behavior Attribute")?,
        description: row.paragraphs("Description")?,
        value: row.line("Value")?,
    })
}

/// `title: address`; without an address the whole is the title.
fn reference(text: &str) -> Reference {
    let split = ["https://", "http://"].iter().find_map(|scheme| {
        let (title, rest) = text.rsplit_once(&format!(": {scheme}"))?;
        Some((title, format!("{scheme}{rest}")))
    });
    match split {
        Some((title, url)) => Reference {
            title: title.trim().to_owned(),
            url: Some(url),
        },
        None => Reference {
            title: text.to_owned(),
            url: None,
        },
    }
}

/// A sheet whose headers were found.
struct Table<'a> {
    sheet: &'a Sheet,
    /// The place of the headers among the rows of the sheet.
    header: usize,
    /// The columns that are needed: header and place.
    columns: Vec<(&'static str, u32)>,
    left_out: Vec<String>,
}

impl<'a> Table<'a> {
    /// The sheet of this name, or the first with these headers.
    fn find<const N: usize>(
        sheets: &'a [Sheet],
        name: &'static str,
        headers: [&'static str; N],
    ) -> Result<Self, LayoutError> {
        let named = |sheet: &&Sheet| collapsed(&sheet.name).eq_ignore_ascii_case(name);
        if let Some(sheet) = sheets.iter().find(named) {
            return Self::of(sheet, &headers);
        }
        sheets
            .iter()
            .find_map(|sheet| Self::of(sheet, &headers).ok())
            .ok_or_else(|| LayoutError::NoSheet {
                wanted: name,
                found: sheets.iter().map(|sheet| sheet.name.clone()).collect(),
            })
    }

    fn of(sheet: &'a Sheet, headers: &[&'static str]) -> Result<Self, LayoutError> {
        let mut missing = headers.to_vec();
        for (place, row) in sheet.rows.iter().take(HEADER_WITHIN).enumerate() {
            let lacks: Vec<&str> = headers
                .iter()
                .copied()
                .filter(|header| columns_headed(row, header).next().is_none())
                .collect();
            if !lacks.is_empty() {
                if lacks.len() < missing.len() {
                    missing = lacks;
                }
                continue;
            }
            return Self::below(sheet, place, row, headers);
        }
        Err(LayoutError::NoColumns {
            sheet: sheet.name.clone(),
            missing,
        })
    }

    fn below(
        sheet: &'a Sheet,
        header: usize,
        row: &Row,
        headers: &[&'static str],
    ) -> Result<Self, LayoutError> {
        let mut columns = Vec::new();
        for header in headers {
            let mut headed = columns_headed(row, header);
            let first = headed.next().unwrap_or_default();
            if let Some(second) = headed.next() {
                return Err(LayoutError::TwoColumns {
                    sheet: sheet.name.clone(),
                    row: row.number,
                    header,
                    first: column_name(first),
                    second: column_name(second),
                });
            }
            columns.push((*header, first));
        }
        let left_out = row.cells.iter().filter_map(|(at, cell)| match cell {
            Cell::Text(text) if columns.iter().all(|(_, known)| known != at) => {
                Some(collapsed(text)).filter(|text| !text.is_empty())
            }
            _ => None,
        });
        Ok(Self {
            sheet,
            header,
            left_out: left_out.collect(),
            columns,
        })
    }

    /// The rows below the headers that hold anything in a known column.
    fn rows(&self) -> impl Iterator<Item = TableRow<'_>> {
        let below = self.sheet.rows.iter().skip(self.header + 1);
        below.map(|row| TableRow { table: self, row }).filter(|it| {
            let columns = &it.table.columns;
            columns.iter().any(|(_, at)| match it.row.cell(*at) {
                Some(Cell::Text(text)) => !text.trim().is_empty(),
                Some(Cell::Other(_)) => true,
                None => false,
            })
        })
    }
}

/// The columns under a header; the benchmark's name before `Control` has changed over the years.
fn columns_headed(row: &Row, header: &str) -> impl Iterator<Item = u32> {
    row.cells.iter().filter_map(move |(column, cell)| {
        let Cell::Text(text) = cell else { return None };
        let text = collapsed(text);
        let bare = ["ASB ", "MCSB "]
            .iter()
            .find_map(|benchmark| text.strip_prefix(benchmark))
            .unwrap_or(&text);
        bare.eq_ignore_ascii_case(header).then_some(*column)
    })
}

/// A row of a table.
struct TableRow<'a> {
    table: &'a Table<'a>,
    row: &'a Row,
}

impl TableRow<'_> {
    fn error(&self, header: &'static str, problem: String) -> LayoutError {
        let columns = &self.table.columns;
        let column = columns.iter().find(|(known, _)| *known == header);
        LayoutError::Cell {
            sheet: self.table.sheet.name.clone(),
            row: self.row.number,
            column: column.map_or_else(String::new, |(_, at)| column_name(*at)),
            header,
            problem,
        }
    }

    /// The text as it stands; `None` for nothing.
    fn text(&self, header: &'static str) -> Result<Option<&str>, LayoutError> {
        let columns = &self.table.columns;
        let column = columns.iter().find(|(known, _)| *known == header);
        match column.and_then(|(_, at)| self.row.cell(*at)) {
            None => Ok(None),
            Some(Cell::Text(text)) => {
                Ok(Some(text.trim()).filter(|text| !text.is_empty() && *text != NOTHING))
            }
            Some(Cell::Other(what)) => {
                Err(self.error(header, format!("{what} stands where text belongs")))
            }
        }
    }

    /// Text in one line, with single spaces.
    fn line(&self, header: &'static str) -> Result<Option<String>, LayoutError> {
        Ok(self.text(header)?.map(collapsed))
    }

    fn needed(&self, header: &'static str) -> Result<String, LayoutError> {
        self.line(header)?
            .ok_or_else(|| self.error(header, "nothing stands there".to_owned()))
    }

    /// Text whose lines become paragraphs.
    fn paragraphs(&self, header: &'static str) -> Result<Option<String>, LayoutError> {
        let text = self.text(header)?;
        Ok(text.map(|text| {
            let lines = text.lines().map(collapsed).filter(|line| !line.is_empty());
            lines.collect::<Vec<_>>().join("\n\n")
        }))
    }

    /// One of the words of a vocabulary, ignoring letter case.
    fn word<T: Copy>(
        &self,
        header: &'static str,
        all: &[T],
        spelled: impl Fn(T) -> &'static str,
    ) -> Result<T, LayoutError> {
        let text = self.needed(header)?;
        let known = all.iter().copied();
        known
            .clone()
            .find(|word| spelled(*word).eq_ignore_ascii_case(&text))
            .ok_or_else(|| {
                let words: Vec<&str> = known.map(&spelled).collect();
                let shown: String = text.chars().take(60).collect();
                self.error(header, format!("`{shown}` is none of {}", words.join(", ")))
            })
    }
}

fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        Origin::of_file("azure-tests-azure-security-benchmark-v3-latest-security-baseline.xlsx")
            .expect("a name")
    }

    fn rows(lines: &[Vec<&str>]) -> Vec<Row> {
        let rows = lines.iter().zip(1..).map(|(line, number)| Row {
            number,
            cells: (0..)
                .zip(line)
                .filter(|(_, text)| !text.is_empty())
                .map(|(column, text)| (column, Cell::Text((*text).to_owned())))
                .collect(),
        });
        rows.collect()
    }

    fn sheet(name: &str, lines: &[Vec<&str>]) -> Sheet {
        Sheet {
            name: name.to_owned(),
            rows: rows(lines),
        }
    }

    fn headers() -> Vec<&'static str> {
        FEATURE_COLUMNS
            .iter()
            .map(|header| match *header {
                "Control ID" => "ASB Control ID",
                "Control Title" => "ASB Control Title",
                other => other,
            })
            .collect()
    }

    fn line(control: &'static str, name: &'static str) -> Vec<&'static str> {
        vec![
            "Network Security",
            control,
            " A  title ",
            "Do this.\nThen  that.",
            "Customer",
            name,
            "What it is.",
            "True",
            "False",
            "A page: with a colon: https://example.invalid/a?b=c: d",
            "None",
            "",
        ]
    }

    fn read_lines(lines: &[Vec<&str>]) -> Result<ReferenceCatalogue, LayoutError> {
        read(&[sheet(FEATURES, lines)], origin())
    }

    #[test]
    fn a_row_becomes_a_feature() {
        let read = read_lines(&[headers(), line("NS-2", "Fence")]).expect("a workbook");
        assert_eq!(
            (
                read.name.as_str(),
                read.service.as_str(),
                read.benchmark.as_deref()
            ),
            (
                "azure-tests",
                "azure tests",
                Some("Azure Security Benchmark v3")
            )
        );
        let feature = &read.features[0];
        assert_eq!(feature.row, 2);
        assert_eq!(feature.control_title.as_deref(), Some("A title"));
        assert_eq!(feature.guidance.as_deref(), Some("Do this.\n\nThen that."));
        assert_eq!(feature.supported, WorkbookWord::True);
        assert_eq!(feature.enabled_by_default, WorkbookWord::False);
        assert_eq!(feature.responsibility, Responsibility::Customer);
        // The word "None" and nothing are the same.
        assert_eq!((&feature.notes, &feature.guidance_notes), (&None, &None));
        let reference = feature.reference.as_ref().expect("a reference");
        assert_eq!(reference.title, "A page: with a colon");
        assert_eq!(
            reference.url.as_deref(),
            Some("https://example.invalid/a?b=c: d")
        );
        assert!(read.profile.is_empty() && read.columns_left_out.is_empty());
    }

    #[test]
    fn columns_may_stand_in_any_order_among_others_and_below_a_title() {
        let usual = [headers(), line("NS-2", "Fence")];
        let turned: Vec<Vec<&str>> = usual
            .iter()
            .zip(["Colour", "blue"])
            .map(|(line, more)| line.iter().rev().copied().chain([more]).collect())
            .collect();
        let titled = [
            vec!["A title above"],
            turned[0].clone(),
            vec![],
            turned[1].clone(),
        ];
        let expected = read_lines(&usual).expect("a workbook");
        let read = read_lines(&titled).expect("a workbook");
        assert_eq!(read.columns_left_out, ["Colour"]);
        assert_eq!(read.features[0].row, 4);
        let mut features = read.features;
        features[0].row = 2;
        assert_eq!(features, expected.features);
    }

    #[test]
    fn features_stand_in_the_order_of_the_benchmark() {
        let lines = [
            headers(),
            line("BR-1", "a"),
            line("None", "b"),
            line("NS-10", "c"),
            line("NS-2", "d"),
            line("ZZ-1", "e"),
            line("NS-2", "f"),
        ];
        let read = read_lines(&lines).expect("a workbook");
        let names: Vec<&str> = read.features.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["d", "f", "c", "a", "e", "b"]);
        assert_eq!(read.controls(), 4);
        assert_eq!(read.named("ns").len(), 3);
        assert_eq!(read.named(" ns-2 ").len(), 2);
        assert_eq!(read.named("E").len(), 1);
        assert!(read.named("").is_empty());
    }

    #[test]
    fn sheets_are_found_by_name_or_by_headers() {
        let profile = [PROFILE_COLUMNS.to_vec(), vec!["Kind", "None", "Databases"]];
        let features = [headers(), line("NS-2", "Fence")];
        for (first, second) in [(PROFILE, "feature  SUMMARY"), ("Sheet1", "Sheet2")] {
            let sheets = [sheet(first, &profile), sheet(second, &features)];
            let read = read(&sheets, origin()).expect("a workbook");
            assert_eq!(read.features.len(), 1, "{first}");
            assert_eq!(read.profile[0].value.as_deref(), Some("Databases"));
            assert_eq!(read.profile[0].description, None);
        }
        let error = read(&[sheet("Sheet1", &profile)], origin()).expect_err("no features");
        assert_eq!(
            error.to_string(),
            "no sheet is called `Feature Summary`, and none has its headers; there is only `Sheet1`"
        );
        assert!(
            read(&[], origin())
                .expect_err("nothing")
                .to_string()
                .ends_with("there is no sheet")
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_sheet_row_and_column() {
        let told = |lines: &[Vec<&str>]| read_lines(lines).expect_err("wrong").to_string();
        let mut without = headers();
        without.retain(|it| !["Responsibility", "Feature Name"].contains(it));
        assert_eq!(
            told(&[without, line("NS-2", "Fence")]),
            "sheet `Feature Summary`: no row of headers with Responsibility, Feature Name in its first rows"
        );
        let mut twice = headers();
        twice.push("guidance");
        assert_eq!(
            told(&[twice, line("NS-2", "Fence")]),
            "sheet `Feature Summary`, row 1: columns D and M are both headed `Guidance`"
        );
        assert_eq!(
            told(&[headers()]),
            "sheet `Feature Summary`: no feature stands below the headers"
        );
        let wrong = |column: usize, text: &'static str| {
            let mut line = line("NS-2", "Fence");
            line[column] = text;
            told(&[headers(), vec![], line])
        };
        assert_eq!(
            wrong(7, "Perhaps"),
            "sheet `Feature Summary`, row 3, column H (Feature Supported): `Perhaps` is none of True, False, \
             Not Applicable, No Related Feature"
        );
        assert_eq!(
            wrong(5, "None"),
            "sheet `Feature Summary`, row 3, column F (Feature Name): nothing stands there"
        );
        assert!(
            wrong(4, "Nobody").contains("column E (Responsibility): `Nobody` is none of Customer")
        );
        let mut sheet = sheet(FEATURES, &[headers(), line("NS-2", "Fence")]);
        sheet.rows[1].cells[3].1 = Cell::Other("a formula");
        assert_eq!(
            read(&[sheet], origin()).expect_err("a formula").to_string(),
            "sheet `Feature Summary`, row 2, column D (Guidance): a formula stands where text belongs"
        );
    }

    #[test]
    fn the_name_of_a_file_tells_service_and_benchmark() {
        let told = |file: &str| {
            let origin = Origin::of_file(file)?;
            Some((origin.name, origin.service, origin.benchmark))
        };
        let expected = |name: &str, service: &str, benchmark: Option<&str>| {
            Some((
                name.to_owned(),
                service.to_owned(),
                benchmark.map(str::to_owned),
            ))
        };
        assert_eq!(
            told(
                "azure-kubernetes--service-(aks)-azure-security-benchmark-v3-latest-security-baseline.xlsx"
            ),
            expected(
                "azure-kubernetes-service-aks",
                "azure kubernetes service aks",
                Some("Azure Security Benchmark v3")
            )
        );
        assert_eq!(told("My Copy.XLSX"), expected("my-copy", "my copy", None));
        assert_eq!(told("../../etc.xlsx"), expected("etc", "etc", None));
        assert_eq!(told("日本.xlsx"), None);
        assert_eq!(
            told(&"a".repeat(300)).map(|it| it.0.len()),
            Some(LONGEST_NAME)
        );
    }
}
