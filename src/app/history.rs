//! One server over the cached scans.

use std::sync::Arc;

use jiff::Timestamp;

use crate::posture::Finding;

use super::{Completeness, JobId, ServerScreen, Tab, TreeNode};

/// The most scans that are looked through for a history.
pub const MOST_SCANS: usize = 50;

/// What one scan says about the server.
#[derive(Clone, Debug)]
pub enum Past {
    /// It was judged: one finding a feature.
    Judged(Vec<Finding>),
    /// The scan does not hold the server.
    NotHeld,
    /// The file could not be read, and why.
    Unreadable(String),
}

/// A scan of a history.
#[derive(Clone, Debug)]
pub struct HistoryEntry {
    /// The scan's id; its file's name where even that could not be read.
    pub id: String,
    /// When it ended, or began when it did not end; `None` when that could not be read.
    pub at: Option<Timestamp>,
    /// How much of it there is.
    pub completeness: Completeness,
    /// What it says about the server.
    pub past: Past,
}

/// One server over the cached scans, the newest first.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The scans.
    pub entries: Vec<HistoryEntry>,
    /// How many older scans were left out.
    pub left_out: usize,
}

/// What there is of a server's history.
#[derive(Clone, Debug, Default)]
pub enum HistoryState {
    /// Nobody asked.
    #[default]
    None,
    /// It is being read.
    Loading(JobId),
    /// It was read.
    Loaded(Arc<History>),
    /// It could not be read, and why.
    Failed(String),
}

impl ServerScreen {
    /// Whether the history is on the screen.
    pub(super) const fn shows_history(&self) -> bool {
        matches!((self.node, self.tab), (TreeNode::Feature(_), Tab::History))
    }
}
