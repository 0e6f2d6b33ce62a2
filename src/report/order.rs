//! The order of rows: that of their servers, or that of one of their columns.

use std::cmp::Ordering;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use crate::baseline::{FamilyCode, FeatureId};
use crate::posture::{Severity, VerdictWord};
use crate::query::{Sort, SortKey};

use super::{Column, Rows, Value};

/// The order of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// That of their servers, and on a server that of the baseline.
    Servers(Sort),
    /// That of a column.
    Column(ColumnOrder),
}

/// The order of a column. Severities and verdicts go from the worst to the best, numbers and text upwards; what is not
/// there comes last, whichever way round the order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnOrder {
    /// The column.
    pub column: Column,
    inverted: bool,
    scale: Scale,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    Severity,
    Verdict,
    Plain,
}

/// Text that stands for no order of rows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no order {wrong:?}; {known}, each also with :desc behind it")]
pub struct UnknownOrder {
    wrong: String,
    known: String,
}

impl Order {
    /// The order that a text names for these rows: a word for an order of servers, else the id of a column; `:desc` behind
    /// it turns it round. Rows that are no servers and no findings have columns only.
    ///
    /// # Errors
    /// When it names none.
    pub fn parse(text: &str, rows: Rows) -> Result<Self, UnknownOrder> {
        let of_servers = rows != Rows::Controls;
        if of_servers && let Ok(sort) = text.parse() {
            return Ok(Self::Servers(sort));
        }
        let (id, inverted) = match text.split_once(':') {
            None => (text, false),
            Some((id, "asc")) => (id, false),
            Some((id, "desc")) => (id, true),
            // No column has a colon in its id.
            Some(_) => (text, false),
        };
        let columns = rows.columns();
        if let Some(column) = columns.iter().find(|column| column.id == id) {
            return Ok(Self::Column(ColumnOrder {
                column: *column,
                inverted,
                scale: scale(column.id, rows),
            }));
        }
        let ids: Vec<&str> = columns.iter().map(|column| column.id).collect();
        let ids = ids.join(", ");
        let words = SortKey::ALL.map(SortKey::word).join(", ");
        Err(UnknownOrder {
            wrong: text.to_owned(),
            known: if of_servers {
                format!("there are {words} for the order of servers, and the columns {ids}")
            } else {
                format!("there are the columns {ids}")
            },
        })
    }
}

fn scale(id: &str, rows: Rows) -> Scale {
    let family = || {
        let mut codes = FamilyCode::ALL.into_iter();
        codes.any(|family| family.code().eq_ignore_ascii_case(id))
    };
    match id {
        "severity" | "worst_severity" => Scale::Severity,
        "verdict" | "without_exemptions" => Scale::Verdict,
        id if rows == Rows::Matrix && id.parse::<FeatureId>().is_ok() => Scale::Verdict,
        _ if family() => Scale::Verdict,
        _ => Scale::Plain,
    }
}

impl ColumnOrder {
    fn key(self, cell: &Value) -> Key {
        let rank = |place: Option<usize>| place.map_or(Key::Nothing, Key::Rank);
        match (cell, self.scale) {
            (Value::Nothing, _) => Key::Nothing,
            (Value::Number(number), _) => Key::Number(*number),
            (Value::Text(text), Scale::Severity) => {
                rank(Severity::ALL.iter().position(|it| it.word() == text))
            }
            (Value::Text(text), Scale::Verdict) => {
                rank(VerdictWord::ALL.iter().position(|it| it.word() == text))
            }
            (Value::Text(text), Scale::Plain) => Key::Text(text.as_str().into()),
        }
    }

    fn compare(self, one: &Key, other: &Key) -> Ordering {
        match (one, other) {
            (Key::Nothing, Key::Nothing) => Ordering::Equal,
            (Key::Nothing, _) => Ordering::Greater,
            (_, Key::Nothing) => Ordering::Less,
            _ if self.inverted => other.cmp(one),
            _ => one.cmp(other),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Rank(usize),
    Number(i64),
    Text(Box<str>),
    Nothing,
}

/// Rows on their way into the order of a column. The rows lie in `scratch`; what is kept in memory is a key for each.
#[derive(Debug)]
pub struct SortedRows<S: Write> {
    order: ColumnOrder,
    scratch: BufWriter<S>,
    groups: Vec<String>,
    entries: Vec<Entry>,
    written: u64,
}

#[derive(Debug)]
struct Entry {
    group: usize,
    key: Key,
    at: u64,
    length: usize,
}

impl<S: Read + Write + Seek> SortedRows<S> {
    /// No row yet. Nothing else writes into `scratch`.
    #[must_use]
    pub fn new(order: ColumnOrder, scratch: S) -> Self {
        Self {
            order,
            scratch: BufWriter::with_capacity(1 << 16, scratch),
            groups: Vec::new(),
            entries: Vec::new(),
            written: 0,
        }
    }

    /// Adds a row with its cell in the column of the order. Rows of a group come one after the other.
    ///
    /// # Errors
    /// When `scratch` refuses.
    pub fn push(&mut self, group: &str, row: &[Value], cell: &Value) -> io::Result<()> {
        if self.groups.last().is_none_or(|last| last != group) {
            self.groups.push(group.to_owned());
        }
        let bytes = postcard::to_stdvec(row).map_err(io::Error::other)?;
        self.scratch.write_all(&bytes)?;
        self.entries.push(Entry {
            group: self.groups.len() - 1,
            key: self.order.key(cell),
            at: self.written,
            length: bytes.len(),
        });
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Gives every row with its group, in their order; groups stay together, and rows that are equal stay as they came.
    ///
    /// # Errors
    /// When `scratch` or `each` refuses.
    pub fn finish(
        mut self,
        mut each: impl FnMut(&str, &[Value]) -> io::Result<()>,
    ) -> io::Result<()> {
        let order = self.order;
        self.entries.sort_by(|one, other| {
            let by_group = one.group.cmp(&other.group);
            by_group.then_with(|| order.compare(&one.key, &other.key))
        });
        let mut scratch = self
            .scratch
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        let mut bytes = Vec::new();
        for entry in &self.entries {
            bytes.resize(entry.length, 0);
            scratch.seek(SeekFrom::Start(entry.at))?;
            scratch.read_exact(&mut bytes)?;
            let row: Vec<Value> = postcard::from_bytes(&bytes).map_err(io::Error::other)?;
            each(&self.groups[entry.group], &row)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn of(text: &str, rows: Rows) -> ColumnOrder {
        match Order::parse(text, rows) {
            Ok(Order::Column(order)) => order,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn sorted(order: ColumnOrder, rows: &[(&str, Value)]) -> Vec<(String, Value)> {
        let mut sorted = SortedRows::new(order, Cursor::new(Vec::new()));
        for (place, (group, cell)) in rows.iter().enumerate() {
            sorted
                .push(group, &[Value::count(place), cell.clone()], cell)
                .unwrap();
        }
        let mut found = Vec::new();
        let each = |group: &str, row: &[Value]| {
            found.push((group.to_owned(), row[0].clone()));
            Ok(())
        };
        sorted.finish(each).unwrap();
        found
    }

    fn places(order: ColumnOrder, cells: &[Value]) -> Vec<i64> {
        let rows: Vec<(&str, Value)> = cells.iter().map(|cell| ("", cell.clone())).collect();
        let number = |(_, place)| match place {
            Value::Number(place) => place,
            other => panic!("{other:?}"),
        };
        sorted(order, &rows).into_iter().map(number).collect()
    }

    #[test]
    fn severities_and_verdicts_go_from_the_worst_and_what_is_not_there_is_last() {
        let severities = ["low", "", "critical", "high", "medium", "critical"].map(Value::text);
        let order = of("severity", Rows::Findings);
        assert_eq!(places(order, &severities), [2, 5, 3, 4, 0, 1]);
        let turned = of("severity:desc", Rows::Findings);
        assert_eq!(places(turned, &severities), [0, 4, 3, 2, 5, 1]);
        let verdicts = ["Unsupported", "Pass", "Fail", "Unknown"].map(Value::text);
        for (id, rows) in [
            ("verdict", Rows::Findings),
            ("without_exemptions", Rows::Findings),
            ("ns", Rows::Servers),
            ("delete-lock", Rows::Matrix),
        ] {
            assert_eq!(places(of(id, rows), &verdicts), [2, 3, 1, 0], "{id}");
        }
    }

    #[test]
    fn numbers_and_text_go_upwards_and_groups_stay_together() {
        let numbers = [10, 9, -1].map(Value::Number);
        assert_eq!(places(of("failing", Rows::Controls), &numbers), [2, 1, 0]);
        let turned = of("failing:desc", Rows::Controls);
        assert_eq!(places(turned, &numbers), [0, 1, 2]);
        let text = ["b", "a|\n", "名"].map(Value::text);
        assert_eq!(places(of("server:asc", Rows::Servers), &text), [1, 0, 2]);
        let rows = [("z", 2), ("z", 1), ("a", 3), ("a", 0)].map(|(g, n)| (g, Value::Number(n)));
        let found = sorted(of("failing", Rows::Servers), &rows);
        let groups: Vec<&str> = found.iter().map(|(group, _)| group.as_str()).collect();
        assert_eq!(groups, ["z", "z", "a", "a"]);
        assert_eq!(found[2].1, Value::Number(3));
    }

    #[test]
    fn every_column_of_every_table_is_an_order_or_one_of_its_servers() {
        let tables = [
            Rows::Servers,
            Rows::ServersOf(FeatureId::ALL[0]),
            Rows::Matrix,
            Rows::Controls,
            Rows::Findings,
            Rows::FindingsOf(FeatureId::ALL[0]),
        ];
        for rows in tables {
            for column in rows.columns() {
                for direction in ["", ":asc", ":desc"] {
                    let text = format!("{}{direction}", column.id);
                    match Order::parse(&text, rows) {
                        Ok(Order::Servers(sort)) => assert_eq!(sort.key.word(), column.id),
                        Ok(Order::Column(order)) => assert_eq!(order.column, column),
                        Err(error) => panic!("{rows}: {error}"),
                    }
                }
            }
            for wrong in ["colour", "severity:up", "", ":desc"] {
                let error = Order::parse(wrong, rows).unwrap_err().to_string();
                assert!(error.contains(rows.columns()[0].id), "{error}");
            }
        }
        assert!(Order::parse("risk", Rows::Findings).is_ok());
        let error = Order::parse("risk", Rows::Controls)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("failing") && !error.contains("match"),
            "{error}"
        );
    }
}
