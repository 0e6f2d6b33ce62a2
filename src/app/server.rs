//! The screen of one server: which of its controls is selected, and what is shown of it.

use std::sync::Arc;

use crate::posture::{Finding, Fix, ServerSummary};

use super::{HistoryState, ListPosition, Page, ServerDetail, Show, TreeNode, TreeRow, tree_rows};

/// Which pane has the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The tree of controls.
    #[default]
    Controls,
    /// What the selected one holds.
    Feature,
}

/// What is shown of a feature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    /// The conditions, what was seen, and where.
    #[default]
    Finding,
    /// What the baseline says, and what to do.
    Guidance,
    /// What Azure Policy can say about it.
    Policies,
    /// What would make it hold.
    Fix,
    /// This finding over the cached scans.
    History,
    /// The documents as they were read.
    Raw,
}

impl Tab {
    /// Every tab, in order.
    pub const ALL: [Self; 6] = [
        Self::Finding,
        Self::Guidance,
        Self::Policies,
        Self::Fix,
        Self::History,
        Self::Raw,
    ];

    /// The word for it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Finding => "Finding",
            Self::Guidance => "Guidance",
            Self::Policies => "Policies",
            Self::Fix => "Fix",
            Self::History => "History",
            Self::Raw => "Raw",
        }
    }

    /// The tab `steps` further, round the end.
    #[must_use]
    pub const fn step(self, steps: usize) -> Self {
        Self::ALL[(self as usize + steps) % Self::ALL.len()]
    }
}

/// What there is of a server beside its summary.
#[derive(Clone, Debug)]
pub enum DetailState {
    /// It is being read.
    Loading,
    /// It was read.
    Loaded(Arc<ServerDetail>),
    /// It could not be read, and why.
    Failed(String),
}

/// The screen of one server.
#[derive(Clone, Debug)]
pub struct ServerScreen {
    /// The server, as the list knows it.
    pub summary: ServerSummary,
    /// Its documents and findings.
    pub detail: DetailState,
    /// Counts what `detail` has been.
    pub(super) detail_generation: u64,
    /// Its standing in the cached scans.
    pub history: HistoryState,
    /// Which features the tree shows.
    pub show: Show,
    /// The tree.
    pub rows: Vec<TreeRow>,
    /// The selected row of the tree.
    pub node: TreeNode,
    /// Where the tree stands.
    pub tree: ListPosition,
    /// Which pane has the keys.
    pub focus: Pane,
    /// What is shown of a feature.
    pub tab: Tab,
    /// How many levels of the documents the tab Raw shows; `None` for all.
    pub levels: Option<usize>,
    /// What the right pane shows, wrapped to its width.
    pub page: Page,
    /// The first line of the page on the screen.
    pub scroll: usize,
}

impl ServerScreen {
    /// The screen of a server of which only the summary is known yet.
    #[must_use]
    pub(super) fn new(summary: ServerSummary, node: TreeNode) -> Self {
        let mut screen = Self {
            summary,
            detail: DetailState::Loading,
            detail_generation: 0,
            history: HistoryState::None,
            show: Show::All,
            rows: Vec::new(),
            node,
            tree: ListPosition::default(),
            focus: Pane::Controls,
            tab: Tab::Finding,
            levels: None,
            page: Page::default(),
            scroll: 0,
        };
        screen.refresh_rows();
        screen
    }

    /// The finding about the selected feature, when a feature is selected and was judged.
    #[must_use]
    pub fn finding(&self) -> Option<&Finding> {
        match (&self.detail, self.node) {
            (DetailState::Loaded(detail), TreeNode::Feature(feature)) => detail
                .findings
                .iter()
                .find(|finding| finding.feature == feature),
            _ => None,
        }
    }

    /// What would make the selected feature hold; nothing unless it fails.
    #[must_use]
    pub fn fixes(&self) -> &[Fix] {
        match (&self.detail, self.node) {
            (DetailState::Loaded(detail), TreeNode::Feature(feature)) => {
                detail.fixes.get(&feature).map_or(&[], Vec::as_slice)
            }
            _ => &[],
        }
    }

    pub(super) fn set_detail(&mut self, detail: DetailState) {
        self.detail = detail;
        self.detail_generation += 1;
    }

    pub(super) fn set_history(&mut self, history: HistoryState) {
        self.history = history;
        self.detail_generation += 1;
    }

    /// Makes the tree anew; a selected row that is no longer shown gives way to the one in its place.
    pub(super) fn refresh_rows(&mut self) {
        self.rows = tree_rows(&self.summary, self.show);
        match self.rows.iter().position(|row| row.node == self.node) {
            Some(row) => self.tree.cursor = row,
            None => self.go_to_row(self.tree.cursor),
        }
    }

    /// Selects the row with this number, the last one when there are fewer.
    pub(super) fn go_to_row(&mut self, row: usize) {
        self.tree.cursor = row.min(self.rows.len().saturating_sub(1));
        if let Some(row) = self.rows.get(self.tree.cursor)
            && row.node != self.node
        {
            self.node = row.node;
            self.scroll = 0;
        }
    }
}
