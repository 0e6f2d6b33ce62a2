//! A table as GitHub's Markdown knows them: every cell in one line, and nothing in it that is markup.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Column, Kind, Value};

#[derive(Debug)]
pub struct Markdown<W: Write>(W);

impl<W: Write> Markdown<W> {
    pub fn new(mut out: W, columns: &[Column]) -> io::Result<Self> {
        for column in columns {
            write!(out, "| {} ", escaped(column.title))?;
        }
        writeln!(out, "|")?;
        for column in columns {
            let line = match column.kind {
                Kind::Text => "| --- ",
                Kind::Number => "| ---: ",
            };
            out.write_all(line.as_bytes())?;
        }
        writeln!(out, "|")?;
        Ok(Self(out))
    }

    pub fn row(&mut self, values: &[Value]) -> io::Result<()> {
        for value in values {
            match value {
                Value::Text(text) => write!(self.0, "| {} ", escaped(text))?,
                Value::Number(number) => write!(self.0, "| {number} ")?,
                Value::Nothing => write!(self.0, "|  ")?,
            }
        }
        writeln!(self.0, "|")
    }

    pub fn finish(self) -> W {
        self.0
    }
}

/// Text in which nothing is markup, a tag, a link or the name of somebody to be told.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        let _ = match c {
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '~' | '#' => write!(escaped, "\\{c}"),
            '<' => write!(escaped, "&lt;"),
            '>' => write!(escaped, "&gt;"),
            '&' => write!(escaped, "&amp;"),
            '@' => write!(escaped, "&#64;"),
            '\n' => write!(escaped, "<br>"),
            c => write!(escaped, "{c}"),
        };
    }
    escaped
}
