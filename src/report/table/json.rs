//! JSON: one array of objects, alone or in a document, or one object a line. The keys are the ids of the columns, in their order.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::{Column, Value as Cell};

#[derive(Debug)]
pub struct Json<W: Write> {
    out: W,
    array: bool,
    in_document: bool,
    first: bool,
}

impl<W: Write> Json<W> {
    pub const fn array(out: W) -> Self {
        Self {
            out,
            array: true,
            in_document: false,
            first: true,
        }
    }

    /// An array of objects as the last member of a document.
    pub fn document(mut out: W, document: &Map<String, Value>) -> io::Result<Self> {
        for (place, (name, value)) in document.iter().enumerate() {
            out.write_all(if place == 0 { b"{" } else { b"," })?;
            serde_json::to_writer(&mut out, name)?;
            out.write_all(b":")?;
            serde_json::to_writer(&mut out, value)?;
        }
        out.write_all(if document.is_empty() { b"{" } else { b"," })?;
        out.write_all(b"\"rows\":")?;
        Ok(Self {
            in_document: true,
            ..Self::array(out)
        })
    }

    pub const fn lines(out: W) -> Self {
        Self {
            out,
            array: false,
            in_document: false,
            first: true,
        }
    }

    pub fn row(&mut self, columns: &[Column], values: &[Cell]) -> io::Result<()> {
        if self.array {
            let before: &[u8] = if self.first { b"[\n" } else { b",\n" };
            self.out.write_all(before)?;
        }
        self.first = false;
        for (place, (column, value)) in columns.iter().zip(values).enumerate() {
            self.out.write_all(if place == 0 { b"{" } else { b"," })?;
            serde_json::to_writer(&mut self.out, column.id)?;
            self.out.write_all(b":")?;
            match value {
                Cell::Text(text) => serde_json::to_writer(&mut self.out, text)?,
                Cell::Number(number) => write!(self.out, "{number}")?,
                Cell::Nothing => self.out.write_all(b"null")?,
            }
        }
        self.out.write_all(if self.array { b"}" } else { b"}\n" })
    }

    pub fn finish(mut self) -> io::Result<W> {
        if self.array {
            let end: &[u8] = if self.first { b"[]" } else { b"\n]" };
            self.out.write_all(end)?;
            let end: &[u8] = if self.in_document { b"}\n" } else { b"\n" };
            self.out.write_all(end)?;
        }
        Ok(self.out)
    }
}
