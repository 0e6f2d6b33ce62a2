//! The columns of the list of servers as data: what there is, which are shown, and how wide.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::documents::text::neutral;
use crate::posture::{Score, ServerSummary, Severity, VerdictWord};

use super::Roster;
use crate::query::SortKey;
use crate::query::tag;

/// A column of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Column {
    /// The worst verdict and how many features have it: where there is no room for more.
    Worst,
    /// Failing, unknown and passing features.
    Verdicts,
    /// The name.
    Server,
    /// A cell for every family.
    Families,
    /// The worst open severity, and how many conditions have it.
    Severity,
    /// How many features are unknown.
    Unknown,
    /// The region.
    Region,
    /// The MySQL version.
    Version,
    /// Azure's state of the server.
    State,
    /// The subscription's name.
    Subscription,
    /// The resource group.
    ResourceGroup,
    /// The value of a tag.
    Tag,
    /// The score of what lies beyond the baseline.
    Beyond,
    /// The score.
    Score,
}

/// Everything about a column.
#[derive(Clone, Copy, Debug)]
pub struct ColumnRecord {
    /// The column.
    pub column: Column,
    /// What stands above it.
    pub title: &'static str,
    /// What it shows, in a few words.
    pub doc: &'static str,
    /// The least room that it is shown in.
    pub width: usize,
    /// Whether it takes room that others leave.
    pub stretches: bool,
    /// The order of the list that it shows.
    pub sort: Option<SortKey>,
}

const fn record(
    column: Column,
    title: &'static str,
    width: usize,
    sort: Option<SortKey>,
    doc: &'static str,
) -> ColumnRecord {
    ColumnRecord {
        column,
        title,
        doc,
        width,
        stretches: matches!(
            column,
            Column::Server | Column::Subscription | Column::ResourceGroup | Column::Tag
        ),
        sort,
    }
}

/// Every column, in the order in which they stand unless somebody chose another.
const COLUMNS: [ColumnRecord; 14] = [
    record(
        Column::Worst,
        "",
        3,
        Some(SortKey::Risk),
        "the worst verdict, counted",
    ),
    record(
        Column::Verdicts,
        "VERDICTS",
        11,
        Some(SortKey::Risk),
        "failing, unknown, passing",
    ),
    record(
        Column::Server,
        "SERVER",
        NAME,
        Some(SortKey::Name),
        "the name",
    ),
    // Eight families, four columns each; the last needs no gap behind it.
    record(Column::Families, "", 30, None, "a cell for every family"),
    record(
        Column::Severity,
        "WORST",
        11,
        Some(SortKey::Risk),
        "the worst open severity, counted",
    ),
    record(Column::Unknown, "UNKNOWN", 7, None, "unknown features"),
    record(
        Column::Region,
        "REGION",
        13,
        Some(SortKey::Region),
        "the region",
    ),
    record(
        Column::Version,
        "VERSION",
        8,
        Some(SortKey::Version),
        "the MySQL version",
    ),
    record(
        Column::State,
        "STATE",
        9,
        None,
        "Azure's state of the server",
    ),
    record(
        Column::Subscription,
        "SUBSCRIPTION",
        14,
        Some(SortKey::Subscription),
        "the subscription's name",
    ),
    record(
        Column::ResourceGroup,
        "RESOURCE GROUP",
        14,
        None,
        "the resource group",
    ),
    record(Column::Tag, "TAG", 12, None, "the value of a tag"),
    record(
        Column::Beyond,
        "BEYOND",
        6,
        None,
        "the score beyond the baseline",
    ),
    record(Column::Score, "SCORE", 5, Some(SortKey::Score), "the score"),
];

impl Column {
    /// Everything about it.
    #[must_use]
    pub fn record(self) -> &'static ColumnRecord {
        let record = COLUMNS.iter().find(|record| record.column == self);
        record.unwrap_or(&COLUMNS[2])
    }

    /// What it says of a server, where that is a text; `None` for columns of signs.
    #[must_use]
    pub fn text<'a>(
        self,
        server: &'a ServerSummary,
        roster: &'a Roster,
        choice: &ColumnChoice,
    ) -> Option<Cow<'a, str>> {
        let percent = |score: Score| {
            let percent = score.percent();
            percent.map_or_else(|| "-".into(), |percent| percent.to_string().into())
        };
        Some(match self {
            Self::Region => server.region.as_ref().into(),
            Self::Version => server.version.as_ref().into(),
            Self::State => server.state.as_ref().into(),
            Self::ResourceGroup => server.resource_group.as_ref().into(),
            Self::Subscription => neutral(roster.subscription_name(server)),
            Self::Tag => {
                let name = choice.tag.as_deref();
                let value = name.and_then(|name| tag(server, name));
                value.unwrap_or_default().into()
            }
            Self::Beyond => percent(server.beyond),
            Self::Score => percent(server.score),
            Self::Unknown => server.count(VerdictWord::Unknown).to_string().into(),
            Self::Severity => {
                let open = Severity::ALL.into_iter().zip(server.open);
                let worst = open.into_iter().find(|(_, count)| *count > 0);
                worst.map_or_else(
                    || "-".into(),
                    |(severity, count)| format!("{severity} {count}").into(),
                )
            }
            Self::Worst | Self::Verdicts | Self::Server | Self::Families => return None,
        })
    }

    /// Whether it holds numbers, which stand at its right side.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Score | Self::Beyond | Self::Unknown)
    }
}

/// Which columns are shown. It can be saved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct ColumnChoice {
    /// The columns that somebody chose, in their order; without a choice, as many as there is room for.
    pub shown: Option<Vec<Column>>,
    /// The name of the tag that the column of a tag shows.
    pub tag: Option<String>,
}

impl ColumnChoice {
    /// Every column that can be chosen, and whether it is shown: the shown ones in their order, then the others.
    #[must_use]
    pub fn rows(&self, width: u16) -> Vec<(Column, bool)> {
        let shown = self.of_width(width);
        let rest = COLUMNS
            .iter()
            .map(|record| record.column)
            .filter(|column| *column != Column::Worst && !shown.contains(column));
        let shown = shown.iter().copied().filter(|it| *it != Column::Worst);
        let shown = shown.map(|column| (column, true));
        shown.chain(rest.map(|column| (column, false))).collect()
    }

    /// The columns that somebody chose, else those that a list of this width has.
    fn of_width(&self, width: u16) -> Vec<Column> {
        match &self.shown {
            Some(shown) => shown.clone(),
            None => Columns::automatic(width).iter().map(|(it, _)| it).collect(),
        }
    }

    /// Shows a column or hides it. The name is always shown.
    pub(super) fn toggle(&mut self, column: Column, width: u16) {
        if column == Column::Server {
            return;
        }
        let mut shown = self.of_width(width);
        match shown.iter().position(|known| *known == column) {
            Some(place) => {
                shown.remove(place);
            }
            None => shown.push(column),
        }
        self.shown = Some(shown);
    }

    /// Moves a shown column by one place. Returns whether it moved.
    pub(super) fn shift(&mut self, column: Column, down: bool, width: u16) -> bool {
        let mut shown = self.of_width(width);
        shown.retain(|column| *column != Column::Worst);
        let place = shown.iter().position(|known| *known == column);
        let other = place.and_then(|place| {
            let other = if down {
                place + 1
            } else {
                place.wrapping_sub(1)
            };
            (other < shown.len()).then_some((place, other))
        });
        if let Some((place, other)) = other {
            shown.swap(place, other);
            self.shown = Some(shown);
        }
        other.is_some()
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

/// The columns that are shown, with their widths.
#[derive(Debug)]
pub struct Columns(Vec<(Column, usize)>);

impl Columns {
    /// The columns for a list of this width.
    #[must_use]
    pub fn new(width: u16, choice: &ColumnChoice) -> Self {
        match &choice.shown {
            Some(shown) => Self::chosen(width, shown),
            None => Self::automatic(width),
        }
    }

    /// The chosen columns as far as there is room for them, the name in any case.
    fn chosen(width: u16, chosen: &[Column]) -> Self {
        let width = usize::from(width).saturating_sub(2);
        let mut shown: Vec<Column> = Vec::new();
        let mut used = NAME + 1;
        for column in chosen {
            if *column == Column::Server {
                shown.push(*column);
            } else if used + column.record().width < width && !shown.contains(column) {
                used += column.record().width + 1;
                shown.push(*column);
            }
        }
        if !shown.contains(&Column::Server) {
            shown.insert(0, Column::Server);
        }
        // Where there is no room for the chosen verdicts, the worst one stands for them.
        if chosen.contains(&Column::Verdicts) && !shown.contains(&Column::Verdicts) {
            shown.retain(|column| *column != Column::Worst);
            shown.insert(0, Column::Worst);
            used += Column::Worst.record().width + 1;
        }
        let spare = width.saturating_sub(used);
        let name = if used > width {
            width.saturating_sub(used - NAME).max(1)
        } else {
            (NAME + spare).min(LONGEST_NAME)
        };
        let rest = (NAME + spare).saturating_sub(name.max(NAME));
        let others = shown
            .iter()
            .filter(|it| **it != Column::Server && it.record().stretches);
        let each = (rest / others.count().max(1)).min(20);
        let wide = |column: Column| match column {
            Column::Server => (column, name),
            column if column.record().stretches => (column, column.record().width + each),
            column => (column, column.record().width),
        };
        Self(shown.into_iter().map(wide).collect())
    }

    fn automatic(width: u16) -> Self {
        // The marker and the space after it.
        let width = usize::from(width).saturating_sub(2);
        let mut shown = vec![Column::Server];
        let mut used = NAME + 1;
        for column in WANTED {
            if used + column.record().width + 1 > width {
                break;
            }
            used += column.record().width + 1;
            shown.push(column);
        }
        if !shown.contains(&Column::Verdicts) {
            shown.push(Column::Worst);
            used += Column::Worst.record().width + 1;
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
            COLUMNS
                .iter()
                .filter(|record| shown.contains(&record.column))
                .map(|record| match record.column {
                    Column::Server => (Column::Server, name),
                    Column::Subscription => (Column::Subscription, record.width + rest),
                    column => (column, record.width),
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
        let everything: Vec<Column> = COLUMNS.iter().map(|record| record.column).collect();
        let choices = [None, Some(everything), Some(vec![Column::Tag])];
        for choice in choices.map(|shown| ColumnChoice { shown, tag: None }) {
            let mut before = 0;
            for width in 0..=300 {
                let columns = Columns::new(width, &choice);
                let used: usize = 2 + columns.iter().map(|(_, width)| width + 1).sum::<usize>();
                assert!(
                    width < 12 || used <= usize::from(width) + 1,
                    "{width}: {used}"
                );
                assert!(columns.iter().any(|(column, _)| column == Column::Server));
                assert!(choice.shown.is_some() || columns.0.len() >= before);
                before = columns.0.len();
            }
        }
        let shown = |width| -> Vec<Column> {
            let columns = Columns::automatic(width);
            columns.iter().map(|(column, _)| column).collect()
        };
        assert_eq!(shown(20), [Column::Worst, Column::Server]);
        assert_eq!(shown(120).len(), 7);
        assert!(shown(80).contains(&Column::Families));
    }

    #[test]
    fn a_choice_begins_with_what_is_shown_and_survives_being_saved() {
        let mut choice = ColumnChoice::default();
        choice.toggle(Column::Tag, 80);
        choice.toggle(Column::Families, 80);
        choice.toggle(Column::Server, 80);
        let shown = choice.shown.clone().unwrap();
        assert!(shown.contains(&Column::Tag) && !shown.contains(&Column::Families));
        assert!(shown.contains(&Column::Server));
        assert!(!choice.shift(Column::Tag, true, 80), "it is the last one");
        assert!(choice.shift(Column::Tag, false, 80));
        assert_eq!(choice.shown.as_ref().unwrap().last(), Some(&Column::Score));
        let saved = serde_json::to_string(&choice).unwrap();
        assert_eq!(
            serde_json::from_str::<ColumnChoice>(&saved).unwrap(),
            choice
        );
        let rows = choice.rows(80);
        assert_eq!(rows.len(), COLUMNS.len() - 1);
    }
}
