//! Scores and counts over the kept scans of one scope, under one ruleset.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::baseline::FamilyCode;
use crate::posture::{Totals, VerdictWord};

use super::scans::{Ended, ScanScope};
use super::{Area, ListPosition, State};

/// What is known of one scan of the trend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counted {
    /// It is being looked at; how many servers were judged anew.
    Looking(u64),
    /// Its totals.
    Totals(Arc<Totals>),
    /// The server that the trend is about is not in it.
    Absent,
    /// It cannot be read, and why.
    Failed(String),
}

/// Scores and counts over the kept scans.
#[derive(Clone, Debug, Default)]
pub struct TrendScreen {
    /// Which family is looked at: the first row is all of the baseline, then the families.
    pub position: ListPosition,
    /// The scans that are compared.
    pub scope: Option<ScanScope>,
    /// The server that it is about, by id and name; all servers together without one.
    pub server: Option<(String, String)>,
    /// The file under the cursor; the newest without one.
    pub at: Option<String>,
    /// What was counted of each file.
    pub counted: HashMap<String, Counted>,
    /// The demand for totals that is on its way.
    pub(super) generation: Option<u64>,
    /// Counts the demands.
    pub(super) last: u64,
}

/// One scan of the trend.
#[derive(Clone, Debug)]
pub struct TrendPoint {
    /// Its file.
    pub file: String,
    /// Its id.
    pub id: String,
    /// When it began.
    pub at: Timestamp,
    /// Whether everything was read that was to be read.
    pub is_complete: bool,
    /// How it ended.
    pub ended: Ended,
    /// What is known of it; `None` while it waits for its turn.
    pub counted: Option<Counted>,
}

impl TrendPoint {
    /// Its totals.
    #[must_use]
    pub fn totals(&self) -> Option<&Totals> {
        match &self.counted {
            Some(Counted::Totals(totals)) => Some(totals),
            _ => None,
        }
    }

    /// The score of the baseline, or of what lies beyond it; families have none of their own.
    #[must_use]
    pub fn score(&self, row: TrendRow) -> Option<u64> {
        let totals = self.totals()?;
        match row {
            TrendRow::Baseline => totals.score.percent().map(u64::from),
            TrendRow::Family(FamilyCode::X) => totals.beyond.percent().map(u64::from),
            TrendRow::Family(_) => None,
        }
    }

    /// How many features fail, counted on each server.
    #[must_use]
    pub fn failing(&self, row: TrendRow) -> Option<u64> {
        let totals = self.totals()?;
        Some(match row {
            TrendRow::Baseline => totals.count(VerdictWord::Fail),
            TrendRow::Family(family) => totals.family(family).fail,
        })
    }

    /// How many features are unknown, counted on each server.
    #[must_use]
    pub fn unknown(&self, row: TrendRow) -> Option<u64> {
        let totals = self.totals()?;
        Some(match row {
            TrendRow::Baseline => totals.count(VerdictWord::Unknown),
            TrendRow::Family(family) => totals.family(family).unknown,
        })
    }
}

/// What a row of the trend is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrendRow {
    /// All of the baseline.
    Baseline,
    /// One family.
    Family(FamilyCode),
}

impl TrendRow {
    /// Every row, from above.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Baseline).chain(FamilyCode::ALL.into_iter().map(Self::Family))
    }

    /// The row at this place.
    #[must_use]
    pub fn at(place: usize) -> Self {
        Self::all().nth(place).unwrap_or(Self::Baseline)
    }

    /// How many rows there are.
    pub const COUNT: usize = 1 + FamilyCode::ALL.len();
}

impl State {
    /// The scans of the trend, the oldest first.
    #[must_use]
    pub fn trend_points(&self) -> Vec<TrendPoint> {
        let Some(scope) = &self.trend.scope else {
            return Vec::new();
        };
        let series = self.scans.series(scope);
        let points = series.0.into_iter().map(|(entry, scan)| TrendPoint {
            file: entry.file.clone(),
            id: scan.id.clone(),
            at: scan.started_at,
            is_complete: scan.ended == Ended::Complete,
            ended: scan.ended,
            counted: self.trend.counted.get(&entry.file).cloned(),
        });
        points.collect()
    }

    /// The place of the cursor among the points.
    #[must_use]
    pub fn trend_cursor(&self, points: &[TrendPoint]) -> usize {
        let at = self.trend.at.as_ref();
        let place = at.and_then(|file| points.iter().position(|point| point.file == *file));
        place.unwrap_or_else(|| points.len().saturating_sub(1))
    }

    /// The scores of the scans of the open one's scope up to it, the oldest first, with whether each was complete; only
    /// those that are known without looking at a server.
    #[must_use]
    pub fn scores_so_far(&self) -> Vec<(u8, bool)> {
        let Some(scan) = &self.scan else {
            return Vec::new();
        };
        let series = self.scans.series(&self.scans.scope_of(scan));
        let until = scan.started_at;
        let known = series.0.iter().filter(|(_, kept)| kept.started_at <= until);
        known
            .filter_map(|(_, kept)| {
                let score = kept.totals_now()?.score.percent()?;
                Some((score, kept.ended == Ended::Complete))
            })
            .collect()
    }
}

/// How the screen of the trend is divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrendLayout {
    /// What is compared, and how far the counting is.
    pub head: Option<Area>,
    /// The chart of the scores.
    pub score: Option<Area>,
    /// The chart of the failing features.
    pub failing: Option<Area>,
    /// The heads of the columns.
    pub titles: Option<Area>,
    /// The families.
    pub rows: Area,
    /// The scan under the cursor.
    pub here: Option<Area>,
}

impl TrendLayout {
    /// The columns from which the charts stand side by side.
    const BESIDE: u16 = 100;
    /// The least height of a chart: three rows of points, the axis and the times.
    const CHART: u16 = 6;

    /// Divides the body of the screen. The families come first, then the scan under the cursor, then the charts.
    #[must_use]
    pub fn new(body: Area) -> Self {
        let families = u16::try_from(TrendRow::COUNT).unwrap_or(u16::MAX);
        let mut rest = body;
        let mut head = None;
        if rest.height >= 5 {
            let (line, below) = rest.top(1);
            (head, rest) = (Some(line), below);
        }
        let mut here = None;
        if rest.height >= 5 {
            let lines = if rest.height >= families + 4 { 3 } else { 2 };
            let (above, below) = rest.bottom(lines);
            (rest, here) = (above, Some(below));
        }
        let (mut score, mut failing) = (None, None);
        let spare = rest.height.saturating_sub(families + 1);
        if spare >= Self::CHART && rest.width >= 40 {
            let height = if rest.width >= Self::BESIDE {
                spare.min(16)
            } else {
                spare.min(24)
            };
            let (charts, below) = rest.top(height);
            rest = below;
            if rest.width >= Self::BESIDE {
                let (left, right) = charts.left(charts.width / 2);
                (score, failing) = (Some(left), Some(right));
            } else if height >= 2 * Self::CHART {
                let (above, below) = charts.top(height / 2);
                (score, failing) = (Some(above), Some(below));
            } else {
                score = Some(charts);
            }
        }
        let (titles, rows) = if rest.height > 4 {
            let (titles, rows) = rest.top(1);
            (Some(titles), rows)
        } else {
            (None, rest)
        };
        Self {
            head,
            score,
            failing,
            titles,
            rows,
            here,
        }
    }
}

impl State {
    /// How the screen of the trend is divided.
    #[must_use]
    pub fn trend_layout(&self) -> TrendLayout {
        TrendLayout::new(self.chrome().body)
    }

    /// The scans that the welcome lists: the newest that can be opened.
    pub fn welcome_scans(&self) -> impl Iterator<Item = &super::ScanEntry> {
        let readable = self.scans.entries.iter().filter(|it| it.scan.is_ok());
        readable.take(WELCOME_SCANS)
    }
}

/// The most scans that the welcome lists.
const WELCOME_SCANS: usize = 4;
