//! JSON: one array of objects, or one object a line. The keys are the ids of the columns, in their order.

use std::io::{self, Write};

use super::{Column, Value};

#[derive(Debug)]
pub struct Json<W: Write> {
    out: W,
    array: bool,
    first: bool,
}

impl<W: Write> Json<W> {
    pub const fn array(out: W) -> Self {
        Self {
            out,
            array: true,
            first: true,
        }
    }

    pub const fn lines(out: W) -> Self {
        Self {
            out,
            array: false,
            first: true,
        }
    }

    pub fn row(&mut self, columns: &[Column], values: &[Value]) -> io::Result<()> {
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
                Value::Text(text) => serde_json::to_writer(&mut self.out, text)?,
                Value::Number(number) => write!(self.out, "{number}")?,
                Value::Nothing => self.out.write_all(b"null")?,
            }
        }
        self.out.write_all(if self.array { b"}" } else { b"}\n" })
    }

    pub fn finish(mut self) -> io::Result<W> {
        if self.array {
            let end: &[u8] = if self.first { b"[]\n" } else { b"\n]\n" };
            self.out.write_all(end)?;
        }
        Ok(self.out)
    }
}
