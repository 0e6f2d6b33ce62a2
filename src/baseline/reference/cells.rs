//! The cells of a workbook as values, whatever they were read with.

/// A sheet: the rows that hold anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// The rows, from top to bottom; empty ones may be left out.
    pub rows: Vec<Row>,
}

/// A row of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The number, counted from 1.
    pub number: u32,
    /// The cells that hold anything, each with its column, counted from 0.
    pub cells: Vec<(u32, Cell)>,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Text, without characters that could deceive a terminal. Lines are separated by line feeds.
    Text(String),
    /// Something else, and what in words, such as `a number`.
    Other(&'static str),
}

impl Row {
    /// The cell of a column that is counted from 0.
    #[must_use]
    pub fn cell(&self, column: u32) -> Option<&Cell> {
        let found = self.cells.iter().find(|(at, _)| *at == column);
        found.map(|(_, cell)| cell)
    }
}

/// The letters of a column that is counted from 0: `A` for 0, `AA` for 26.
#[must_use]
pub fn column_name(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_spreadsheets_name_them() {
        for (column, name) in [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (701, "ZZ"),
            (702, "AAA"),
            (16_383, "XFD"),
        ] {
            assert_eq!(column_name(column), name);
        }
        assert_eq!(column_name(u32::MAX), "MWLQKWV");
    }
}
