//! Tables for a reader: columns side by side, or one value a line.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::{Column, Kind, Value};

/// How many rows are looked at before the widths of the columns are settled. What comes later and is wider is written
/// whole and pushes what follows it to the right: all rows are never held at once.
const LOOKED_AT: usize = 1_000;

/// Columns side by side.
#[derive(Debug)]
pub struct Aligned<W: Write> {
    out: W,
    waiting: Vec<Vec<String>>,
    widths: Option<Vec<usize>>,
}

impl<W: Write> Aligned<W> {
    pub const fn new(out: W) -> Self {
        Self {
            out,
            waiting: Vec::new(),
            widths: None,
        }
    }

    pub fn row(&mut self, columns: &[Column], values: &[Value]) -> io::Result<()> {
        let row: Vec<String> = values.iter().map(|value| shown(value, "; ")).collect();
        if let Some(widths) = &self.widths {
            return line(&mut self.out, columns, widths, &row);
        }
        self.waiting.push(row);
        if self.waiting.len() >= LOOKED_AT {
            self.settle(columns)?;
        }
        Ok(())
    }

    fn settle(&mut self, columns: &[Column]) -> io::Result<()> {
        let titles: Vec<String> = columns
            .iter()
            .map(|column| column.title.to_uppercase())
            .collect();
        let rows = std::mem::take(&mut self.waiting);
        let widths: Vec<usize> = (0..columns.len())
            .map(|place| {
                std::iter::once(&titles)
                    .chain(&rows)
                    .map(|row| row[place].width())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        for row in std::iter::once(&titles).chain(&rows) {
            line(&mut self.out, columns, &widths, row)?;
        }
        self.widths = Some(widths);
        Ok(())
    }

    pub fn finish(mut self, columns: &[Column]) -> io::Result<W> {
        if self.widths.is_none() {
            self.settle(columns)?;
        }
        Ok(self.out)
    }
}

fn line(
    out: &mut impl Write,
    columns: &[Column],
    widths: &[usize],
    row: &[String],
) -> io::Result<()> {
    let mut line = String::new();
    for ((column, width), cell) in columns.iter().zip(widths).zip(row) {
        if !line.is_empty() {
            line.push_str("  ");
        }
        let gap = " ".repeat(width.saturating_sub(cell.width()));
        match column.kind {
            Kind::Text => line.extend([cell.as_str(), &gap]),
            Kind::Number => line.extend([&gap, cell.as_str()]),
        }
    }
    writeln!(out, "{}", line.trim_end())
}

/// One value a line.
#[derive(Debug)]
pub struct Plain<W: Write> {
    out: W,
    first: bool,
}

impl<W: Write> Plain<W> {
    pub const fn new(out: W) -> Self {
        Self { out, first: true }
    }

    pub fn row(&mut self, columns: &[Column], values: &[Value]) -> io::Result<()> {
        if !std::mem::take(&mut self.first) {
            writeln!(self.out)?;
        }
        for (column, value) in columns.iter().zip(values) {
            if *value != Value::Nothing {
                writeln!(self.out, "{}: {}", column.title, shown(value, "\n  "))?;
            }
        }
        Ok(())
    }

    pub fn finish(self) -> W {
        self.out
    }
}

fn shown(value: &Value, line_end: &str) -> String {
    match value {
        Value::Text(text) => text.replace('\n', line_end),
        Value::Number(number) => number.to_string(),
        Value::Nothing => String::new(),
    }
}
