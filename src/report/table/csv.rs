//! Comma-separated values after RFC 4180: lines end in CRLF, cells with commas, quotes or line ends stand in quotes, and
//! the first line holds the ids of the columns.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, the wide forms of these, a tab or a line end for a
//! formula. Text that begins so gets an apostrophe before it; numbers are written as they are.

use std::io::{self, Write};

use ::csv::{Terminator, WriterBuilder};

use super::{Column, Value};

#[derive(Debug)]
pub struct Csv<W: Write>(::csv::Writer<W>);

impl<W: Write> Csv<W> {
    pub fn new(out: W, columns: &[Column]) -> io::Result<Self> {
        let mut writer = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .from_writer(out);
        writer
            .write_record(columns.iter().map(|column| column.id))
            .map_err(io::Error::from)?;
        Ok(Self(writer))
    }

    pub fn row(&mut self, values: &[Value]) -> io::Result<()> {
        for value in values {
            match value {
                Value::Text(text) if is_formula(text) => self.0.write_field(format!("'{text}")),
                Value::Text(text) => self.0.write_field(text),
                Value::Number(number) => self.0.write_field(number.to_string()),
                Value::Nothing => self.0.write_field(""),
            }
            .map_err(io::Error::from)?;
        }
        self.0.write_record(None::<&[u8]>).map_err(io::Error::from)
    }

    pub fn finish(self) -> io::Result<W> {
        self.0
            .into_inner()
            .map_err(::csv::IntoInnerError::into_error)
    }
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}
