//! Two scans compared: what is listed of their difference, and the change that is looked into.

mod layout;
mod rows;
mod text;

use std::sync::Arc;

use crate::baseline::FamilyCode;
use crate::posture::VerdictWord;
use crate::posture::difference::{Change, ComparedServer};

use super::page::{Findings, change_page};
use super::{Comparison, FindingPair, ListPosition, PageLine, ScanChoice, Show};

pub use layout::DifferenceLayout;
pub use rows::{DifferenceGroup, DifferenceRow};

/// What there is of a comparison.
#[derive(Clone, Debug, Default)]
pub enum ComparisonState {
    /// Nobody asked for one.
    #[default]
    None,
    /// It is being made; how many servers were judged anew or compared.
    Loading(u64),
    /// It was made.
    Loaded(Arc<Comparison>),
    /// It could not be made, and why.
    Failed(String),
}

/// What of a difference is listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DifferenceFilter {
    /// Only features of this family.
    pub family: Option<FamilyCode>,
    /// Only features that have such a verdict on one of the two sides.
    pub show: Show,
    /// Only this server, by id and name.
    pub server: Option<(Box<str>, Box<str>)>,
}

/// What there is of the two findings behind a change.
#[derive(Clone, Debug)]
pub enum PairState {
    /// They are being read.
    Loading,
    /// They were read.
    Loaded(Arc<FindingPair>),
    /// They could not be read, and why.
    Failed(String),
}

/// A change that is looked into.
#[derive(Clone, Debug)]
pub struct OpenChange {
    /// The change, by its place in the difference.
    pub change: u32,
    /// The two findings behind it.
    pub(super) findings: PairState,
    /// What is shown of it, wrapped to its width.
    pub lines: Vec<PageLine>,
    /// The first line on the screen.
    pub scroll: usize,
    width: Option<u16>,
}

impl OpenChange {
    pub(super) const fn new(change: u32) -> Self {
        Self {
            change,
            findings: PairState::Loading,
            lines: Vec::new(),
            scroll: 0,
            width: None,
        }
    }

    pub(super) fn set_findings(&mut self, findings: PairState) {
        self.findings = findings;
        self.width = None;
    }
}

/// Which two scans were asked for; the first may be left to the runtime.
pub(super) type Asked = (Option<ScanChoice>, ScanChoice);

/// Two scans compared.
#[derive(Clone, Debug, Default)]
pub struct DifferenceScreen {
    /// What there is.
    pub comparison: ComparisonState,
    /// What of it is listed.
    pub filter: DifferenceFilter,
    /// What is listed.
    pub rows: Vec<DifferenceRow>,
    /// Where the list stands.
    pub position: ListPosition,
    /// The change that is looked into.
    pub open: Option<OpenChange>,
    /// The comparison that is shown or on its way.
    pub(super) asked: Option<Asked>,
    /// The comparison that the screen comes up for, when it is not the usual one.
    pub(super) demanded: Option<Asked>,
}

impl DifferenceScreen {
    /// The comparison, when it is there.
    #[must_use]
    pub fn loaded(&self) -> Option<&Comparison> {
        match &self.comparison {
            ComparisonState::Loaded(comparison) => Some(comparison),
            _ => None,
        }
    }

    /// The selected row.
    #[must_use]
    pub fn selected(&self) -> Option<DifferenceRow> {
        self.rows.get(self.position.cursor).copied()
    }

    /// A change with its server.
    #[must_use]
    pub fn change(&self, place: u32) -> Option<(&Change, &ComparedServer)> {
        let difference = &self.loaded()?.difference;
        let change = difference.changes.get(place as usize)?;
        Some((change, difference.server(change.server)?))
    }

    pub(super) fn set_comparison(&mut self, comparison: ComparisonState) {
        self.comparison = comparison;
        self.open = None;
        self.position = ListPosition::default();
        self.refresh_rows();
    }

    /// Lists anew. The cursor stays on its row, else near it; at the start it is on the first change.
    pub(super) fn refresh_rows(&mut self) {
        let selected = self.selected();
        self.rows = match &self.comparison {
            ComparisonState::Loaded(comparison) => rows::list(&comparison.difference, &self.filter),
            _ => Vec::new(),
        };
        let place = selected.and_then(|row| self.rows.iter().position(|it| *it == row));
        self.position.cursor = place.unwrap_or_else(|| self.position.cursor.max(1));
        self.position.cursor = self.position.cursor.min(self.rows.len().saturating_sub(1));
    }

    /// The row of the first entry of the next group, or of the one before.
    pub(super) fn group_from(&self, step: isize) -> Option<usize> {
        let at = self.position.cursor;
        let is_group = |row: &usize| matches!(self.rows.get(*row), Some(DifferenceRow::Group(..)));
        let group = if step > 0 {
            (at + 1..self.rows.len()).find(is_group)
        } else {
            let own = (0..=at).rev().find(is_group)?;
            (0..own).rev().find(is_group)
        };
        group.map(|group| group + 1)
    }

    /// The row of the next change, or of the one before.
    pub(super) fn change_from(&self, step: isize) -> Option<usize> {
        let at = self.position.cursor;
        let is_change = |row: &usize| matches!(self.rows.get(*row), Some(DifferenceRow::Change(_)));
        if step > 0 {
            (at + 1..self.rows.len()).find(is_change)
        } else {
            (0..at).rev().find(is_change)
        }
    }

    /// Brings the text of the open change up to date.
    pub(super) fn refresh_open(&mut self, width: u16, height: u16) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        if open.width != Some(width) {
            open.width = Some(width);
            if let Some((change, server)) = self.change(open.change) {
                let findings = match &open.findings {
                    PairState::Loading => Findings::Loading,
                    PairState::Loaded(pair) => Findings::Loaded(pair),
                    PairState::Failed(why) => Findings::Failed(why),
                };
                open.lines = change_page(width, server, change, &findings);
            }
        }
        let last = open.lines.len().saturating_sub(usize::from(height));
        open.scroll = open.scroll.min(last);
        self.open = Some(open);
    }

    /// The selected row as text, and all that is known of it.
    pub(super) fn copied(&self) -> Option<String> {
        text::copied(self)
    }
}

impl DifferenceFilter {
    /// Whether anything is left out.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        *self != Self::default()
    }

    fn shows(&self, change: &Change, server: &ComparedServer) -> bool {
        let verdict = |verdict: VerdictWord| match self.show {
            Show::All => true,
            Show::Failing => verdict == VerdictWord::Fail,
            Show::Unknown => verdict == VerdictWord::Unknown,
        };
        self.family.is_none_or(|it| change.feature.family() == it)
            && (verdict(change.before.verdict) || verdict(change.after.verdict))
            && self.is_about(server)
    }

    fn is_about(&self, server: &ComparedServer) -> bool {
        self.server
            .as_ref()
            .is_none_or(|(id, _)| id.eq_ignore_ascii_case(&server.id))
    }
}
