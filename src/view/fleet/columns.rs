//! Which columns there is room for.

/// A column of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The worst verdict and how many features have it: where there is no room for more.
    Worst,
    /// Failing, unknown and passing features.
    Verdicts,
    /// The name.
    Server,
    /// A cell for every family.
    Families,
    /// The region.
    Region,
    /// The MySQL version.
    Version,
    /// The subscription's name.
    Subscription,
    /// The score.
    Score,
}

impl Column {
    /// What stands above it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Worst => "",
            Self::Verdicts => "VERDICTS",
            Self::Server => "SERVER",
            Self::Families => "",
            Self::Region => "REGION",
            Self::Version => "VERSION",
            Self::Subscription => "SUBSCRIPTION",
            Self::Score => "SCORE",
        }
    }

    const fn width(self) -> usize {
        match self {
            Self::Worst => 3,
            Self::Verdicts => 11,
            Self::Server => NAME,
            // Eight families, four columns each; the last needs no gap behind it.
            Self::Families => 30,
            Self::Region => 13,
            Self::Version => 8,
            Self::Subscription => 14,
            Self::Score => 5,
        }
    }
}

/// The least room for a name that another column has to leave.
const NAME: usize = 20;

/// The most room that a name gets.
const LONGEST_NAME: usize = 44;

/// In which order columns come with width.
const WANTED: [Column; 6] = [
    Column::Verdicts,
    Column::Score,
    Column::Families,
    Column::Region,
    Column::Subscription,
    Column::Version,
];

/// In which order they stand.
const ORDER: [Column; 8] = [
    Column::Worst,
    Column::Verdicts,
    Column::Server,
    Column::Families,
    Column::Region,
    Column::Version,
    Column::Subscription,
    Column::Score,
];

/// The columns that are shown, with their widths.
#[derive(Debug)]
pub struct Columns(Vec<(Column, usize)>);

impl Columns {
    /// The columns for a list of this width.
    pub fn new(width: u16) -> Self {
        // The marker and the space after it.
        let width = usize::from(width).saturating_sub(2);
        let mut shown = vec![Column::Server];
        let mut used = NAME + 1;
        for column in WANTED {
            if used + column.width() + 1 > width {
                break;
            }
            used += column.width() + 1;
            shown.push(column);
        }
        if !shown.contains(&Column::Verdicts) {
            shown.push(Column::Worst);
            used += Column::Worst.width() + 1;
        }
        let spare = width.saturating_sub(used);
        let name = if used > width {
            width.saturating_sub(used - NAME).max(1)
        } else if shown.contains(&Column::Subscription) {
            // The name first, up to what most names need.
            let first = spare.min(10);
            (NAME + first + (spare - first) * 2 / 3).min(LONGEST_NAME)
        } else {
            (NAME + spare).min(LONGEST_NAME)
        };
        let rest = (NAME + spare).saturating_sub(name.max(NAME)).min(20);
        Self(
            ORDER
                .into_iter()
                .filter(|column| shown.contains(column))
                .map(|column| match column {
                    Column::Server => (column, name),
                    Column::Subscription => (column, column.width() + rest),
                    column => (column, column.width()),
                })
                .collect(),
        )
    }

    /// The columns from left to right.
    pub fn iter(&self) -> impl Iterator<Item = (Column, usize)> {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fit_and_come_with_width() {
        let mut before = 0;
        for width in 0..=300 {
            let columns = Columns::new(width);
            let used: usize = 2 + columns.iter().map(|(_, width)| width + 1).sum::<usize>();
            assert!(
                width < 12 || used <= usize::from(width) + 1,
                "{width}: {used}"
            );
            assert!(columns.0.len() >= before);
            before = columns.0.len();
        }
        let shown = |width| {
            Columns::new(width)
                .iter()
                .map(|(c, _)| c)
                .collect::<Vec<_>>()
        };
        assert_eq!(shown(20), [Column::Worst, Column::Server]);
        assert_eq!(shown(120).len(), 7);
        assert!(shown(80).contains(&Column::Families));
    }
}
