//! A table as data, and the writers of it: columns with stable ids, rows one after the other, never all at once.
//!
//! Every writer takes the same rows. What a text may hold is settled before a writer sees it: [`Value::text`] makes
//! control characters, overrides of direction and invisible characters visible. Each writer then sees to what its own
//! format would take for something else: formulas in CSV, markup in Markdown, quotes in JSON.

mod csv;
mod json;
mod markdown;
mod text;

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub(super) use markdown::escaped;

use crate::documents::text::{neutral, neutral_lines};

/// Whether a column holds text or numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Numbers.
    Number,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// What it is called in files: never changed once it is there.
    pub id: &'static str,
    /// What it is called for a reader.
    pub title: &'static str,
    /// What it holds.
    pub kind: Kind,
}

impl Column {
    /// A column of text.
    #[must_use]
    pub const fn text(id: &'static str, title: &'static str) -> Self {
        Self {
            id,
            title,
            kind: Kind::Text,
        }
    }

    /// A column of numbers.
    #[must_use]
    pub const fn number(id: &'static str, title: &'static str) -> Self {
        Self {
            id,
            title,
            kind: Kind::Number,
        }
    }
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// Text of one line or several, neutralised.
    Text(String),
    /// A number.
    Number(i64),
    /// Nothing: there is none, or it is not known.
    Nothing,
}

impl Value {
    /// Text in one line.
    #[must_use]
    pub fn text(text: &str) -> Self {
        if text.is_empty() {
            return Self::Nothing;
        }
        Self::Text(neutral(text).into_owned())
    }

    /// Text in several lines.
    #[must_use]
    pub fn lines(text: &str) -> Self {
        if text.is_empty() {
            return Self::Nothing;
        }
        Self::Text(neutral_lines(text))
    }

    /// A count.
    #[must_use]
    pub fn count(count: usize) -> Self {
        Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::Nothing, Self::text)
    }
}

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Columns side by side, for a reader.
    Table,
    /// One value a line, a blank line between two rows: for a screen reader, or for `grep`.
    Plain,
    /// Comma-separated values (RFC 4180) with a line of column ids.
    Csv,
    /// One JSON array of objects.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// A table as GitHub's Markdown knows them.
    Markdown,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 6] = [
        Self::Csv,
        Self::Json,
        Self::Ndjson,
        Self::Markdown,
        Self::Table,
        Self::Plain,
    ];

    /// The word for it in commands.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Plain => "plain",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Markdown => "markdown",
        }
    }

    /// What a file of this format ends with.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Table | Self::Plain => "txt",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Markdown => "md",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.word() == word)
            .ok_or_else(|| format!("no format is called {word:?}"))
    }
}

/// What stands before a table and in each of its rows beside the columns that were chosen.
#[derive(Clone, Debug, Default)]
pub struct TableFrame {
    /// For JSON: the members of the document that holds the rows as its last one, `rows`; without them the document is the
    /// array of rows.
    pub document: Option<serde_json::Map<String, serde_json::Value>>,
    /// Whether a column for the group of a row goes before the others, see [`TableWriter::group`].
    pub grouped: bool,
}

/// The column for the group of a row.
const GROUP: Column = Column::text("group", "Group");

/// Writes rows as they come.
#[derive(Debug)]
pub struct TableWriter<W: Write> {
    rows: u64,
    /// All columns, that of the group included.
    all: Vec<Column>,
    group: Option<Value>,
    writer: Writer<W>,
}

#[derive(Debug)]
enum Writer<W: Write> {
    Table(text::Aligned<W>),
    Plain(text::Plain<W>),
    Csv(Box<csv::Csv<W>>),
    Json(json::Json<W>),
    Markdown(markdown::Markdown<W>),
}

impl<W: Write> TableWriter<W> {
    /// Writes what stands before the first row.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn new(out: W, format: Format, columns: &[Column]) -> io::Result<Self> {
        Self::framed(out, format, columns, TableFrame::default())
    }

    /// The same with what stands around the rows.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn framed(
        out: W,
        format: Format,
        columns: &[Column],
        frame: TableFrame,
    ) -> io::Result<Self> {
        let group = frame.grouped.then_some(GROUP);
        let all: Vec<Column> = group.into_iter().chain(columns.iter().copied()).collect();
        let writer = match format {
            Format::Table => Writer::Table(text::Aligned::new(out)),
            Format::Plain => Writer::Plain(text::Plain::new(out)),
            Format::Csv => Writer::Csv(Box::new(csv::Csv::new(out, &all)?)),
            Format::Json => Writer::Json(match frame.document {
                Some(document) => json::Json::document(out, &document)?,
                None => json::Json::array(out),
            }),
            Format::Ndjson => Writer::Json(json::Json::lines(out)),
            Format::Markdown => Writer::Markdown(markdown::Markdown::new(out, &all)?),
        };
        Ok(Self {
            rows: 0,
            all,
            group: frame.grouped.then_some(Value::Nothing),
            writer,
        })
    }

    /// Says which group the rows that follow belong to, where the table has a column for it.
    pub fn group(&mut self, name: &str) {
        if self.group.is_some() {
            self.group = Some(Value::text(name));
        }
    }

    /// The columns that a row has values for.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.all[usize::from(self.group.is_some())..]
    }

    /// How many rows were written.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes a row: one value for each column.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn row(&mut self, values: &[Value]) -> io::Result<()> {
        debug_assert_eq!(values.len(), self.columns().len());
        self.rows += 1;
        let with_group: Vec<Value>;
        let values = match &self.group {
            Some(group) => {
                with_group = std::iter::once(group).chain(values).cloned().collect();
                &with_group
            }
            None => values,
        };
        match &mut self.writer {
            Writer::Table(writer) => writer.row(&self.all, values),
            Writer::Plain(writer) => writer.row(&self.all, values),
            Writer::Csv(writer) => writer.row(values),
            Writer::Json(writer) => writer.row(&self.all, values),
            Writer::Markdown(writer) => writer.row(values),
        }
    }

    /// Writes what stands after the last row.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn finish(self) -> io::Result<W> {
        let mut out = match self.writer {
            Writer::Table(writer) => writer.finish(&self.all)?,
            Writer::Plain(writer) => writer.finish(),
            Writer::Csv(writer) => writer.finish()?,
            Writer::Json(writer) => writer.finish()?,
            Writer::Markdown(writer) => writer.finish(),
        };
        out.flush()?;
        Ok(out)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column::text("name", "Name"),
        Column::number("count", "Count"),
        Column::text("note", "Note"),
    ];

    pub fn written(format: Format, rows: &[[Value; 3]]) -> String {
        let mut writer = TableWriter::new(Vec::new(), format, &COLUMNS).unwrap();
        for row in rows {
            writer.row(row).unwrap();
        }
        assert_eq!(writer.rows(), rows.len() as u64);
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    /// What somebody may put into a name or a tag to deceive a reader or a program that reads the file.
    pub const HOSTILE: [&str; 16] = [
        "=1+2",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "plain, with a comma",
        "a \"quote\"",
        "two\nlines",
        "\u{1b}[31mred\u{1b}]52;c;eA==\u{7}",
        "a\u{202e}gpj.exe",
        "zero\u{200b}width",
        "a|b\\|c",
        "`code` <b>x</b> [l](http://example.com) @all *b* _i_ ~~s~~ &amp;",
        "'already",
        "名前 é",
    ];

    fn hostile() -> Vec<[Value; 3]> {
        HOSTILE
            .iter()
            .map(|text| [Value::text(text), Value::Number(-5), Value::lines(text)])
            .collect()
    }

    #[test]
    fn csv_comes_back_through_a_reader_and_no_text_is_a_formula() {
        let text = written(Format::Csv, &hostile());
        assert!(text.starts_with("name,count,note\r\n"), "{text}");
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        let read: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(read.len(), HOSTILE.len());
        for (record, hostile) in read.iter().zip(HOSTILE) {
            for cell in [&record[0], &record[2]] {
                assert!(
                    !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']),
                    "{cell:?}"
                );
                let plain = |c: char| !c.is_control() || c == '\n';
                assert!(cell.chars().all(plain), "{hostile:?}: {cell:?}");
            }
            assert_eq!(&record[1], "-5", "a number stays a number");
        }
        assert_eq!((&read[0][0], &read[2][0]), ("'=1+2", "'-1"));
        assert_eq!(&read[8][2], "two\nlines");
        assert_eq!(&read[7][0], "a \"quote\"");
    }

    #[test]
    fn json_and_its_lines_hold_the_same_objects() {
        let rows = hostile();
        let array: Vec<serde_json::Value> =
            serde_json::from_str(&written(Format::Json, &rows)).unwrap();
        let lines: Vec<serde_json::Value> = written(Format::Ndjson, &rows)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(array, lines);
        assert_eq!(array[0]["name"], "=1+2", "JSON knows no formulas");
        assert_eq!(array[0]["count"], -5);
        assert_eq!(array[10]["name"], "a?gpj.exe");
        let empty = [[Value::Nothing, Value::Nothing, Value::Nothing]];
        let text = written(Format::Json, &empty);
        assert_eq!(text, "[\n{\"name\":null,\"count\":null,\"note\":null}\n]\n");
        assert_eq!(written(Format::Json, &[]), "[]\n");
        assert_eq!(written(Format::Ndjson, &[]), "");
    }

    #[test]
    fn markdown_is_one_line_a_row_in_which_nothing_is_markup() {
        let text = written(Format::Markdown, &hostile());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2 + HOSTILE.len(), "{text}");
        assert_eq!(lines[0], "| Name | Count | Note |");
        assert_eq!(lines[1], "| --- | ---: | --- |");
        assert_eq!(lines[10], "| two lines | -5 | two<br>lines |");
        assert_eq!(lines[14], r"| a\|b\\\|c | -5 | a\|b\\\|c |");
        let markup = lines[15];
        assert!(
            markup.starts_with(
                r"| \`code\` &lt;b&gt;x&lt;/b&gt; \[l\](http://example.com) &#64;all \*b\* \_i\_ \~\~s\~\~ &amp;amp; |"
            ),
            "{markup}"
        );
        for line in &lines {
            let bars = line
                .replace(r"\\", "")
                .replace(r"\|", "")
                .matches('|')
                .count();
            assert_eq!(bars, 4, "{line}");
        }
    }

    #[test]
    fn side_by_side_every_column_is_as_wide_as_it_has_to_be() {
        let row = |name: &str, count, note: &str| {
            [Value::text(name), Value::Number(count), Value::lines(note)]
        };
        let text = written(
            Format::Table,
            &[
                row("a", 5, "x\ny"),
                row("longer", 1200, ""),
                row("名前", 1, "z"),
            ],
        );
        assert_eq!(
            text,
            "NAME    COUNT  NOTE\na           5  x; y\nlonger   1200\n名前        1  z\n"
        );
        assert_eq!(written(Format::Table, &[]), "NAME  COUNT  NOTE\n");
    }

    #[test]
    fn plain_is_a_value_a_line_and_leaves_out_what_is_not_there() {
        let row =
            |name: &str, note: &str| [Value::text(name), Value::Number(1), Value::lines(note)];
        let text = written(Format::Plain, &[row("a", ""), row("b", "x\ny")]);
        assert_eq!(
            text,
            "Name: a\nCount: 1\n\nName: b\nCount: 1\nNote: x\n  y\n"
        );
    }

    #[test]
    fn a_wide_row_after_many_is_written_whole() {
        let row = |name: &str| [Value::text(name), Value::Number(1), Value::Nothing];
        let mut rows = vec![row("a"); 1_500];
        rows.push(row("much longer than all before"));
        let text = written(Format::Table, &rows);
        assert_eq!(text.lines().count(), 1_502);
        assert!(
            text.ends_with("much longer than all before      1\n"),
            "{}",
            &text[text.len() - 60..]
        );
    }

    #[test]
    fn a_format_is_found_by_its_word() {
        for format in Format::ALL {
            assert_eq!(format.word().parse(), Ok(format));
        }
        assert!("xlsx".parse::<Format>().is_err());
    }
}
