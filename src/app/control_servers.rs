//! The servers of one feature, worst first.

use crate::baseline::FeatureId;
use crate::posture::ServerSummary;

use super::{Area, ListPosition, Show, State};

/// What a list of servers is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListedOf {
    /// The revision of the servers in view.
    pub revision: u64,
    /// The number of the fleet.
    pub epoch: u64,
    /// The feature.
    pub feature: FeatureId,
    /// Which verdicts.
    pub show: Show,
}

/// The servers of one feature.
#[derive(Clone, Debug)]
pub struct ControlServersScreen {
    /// The feature.
    pub feature: FeatureId,
    /// Which servers are shown.
    pub show: Show,
    /// Where the list stands.
    pub position: ListPosition,
    /// The places of the servers in the fleet, worst first.
    pub(super) rows: Vec<u32>,
    /// What the rows are of.
    pub(super) made_of: Option<ListedOf>,
    /// What a worker lists just now.
    pub(super) asked: Option<(u64, ListedOf)>,
    pub(super) generation: u64,
    /// The server that somebody chose.
    pub(super) selection: Option<Box<str>>,
}

impl Default for ControlServersScreen {
    fn default() -> Self {
        Self {
            feature: FeatureId::VirtualNetworkIntegration,
            show: Show::All,
            position: ListPosition::default(),
            rows: Vec::new(),
            made_of: None,
            asked: None,
            generation: 0,
            selection: None,
        }
    }
}

impl ControlServersScreen {
    /// How many servers are listed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The places in the fleet of the servers that are listed, in their order.
    #[must_use]
    pub fn places(&self) -> &[u32] {
        &self.rows
    }

    /// Whether the servers are still being listed.
    #[must_use]
    pub const fn is_listing(&self) -> bool {
        self.made_of.is_none()
    }
}

impl State {
    /// The server in a row of the list of one feature's servers.
    #[must_use]
    pub fn control_server(&self, row: usize) -> Option<&ServerSummary> {
        let place = self.control_servers.rows.get(row)?;
        self.roster.fleet().servers.get(*place as usize)
    }

    /// Whether the server in a row of that list is marked.
    #[must_use]
    pub fn is_control_server_marked(&self, row: usize) -> bool {
        let place = self.control_servers.rows.get(row);
        place.is_some_and(|place| self.roster.is_marked_place(*place))
    }

    /// How the list of one feature's servers is divided.
    #[must_use]
    pub fn control_servers_layout(&self) -> ControlServersLayout {
        ControlServersLayout::new(self.chrome().body)
    }
}

/// How the list of one feature's servers is divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ControlServersLayout {
    /// The line about the feature.
    pub heading: Option<Area>,
    /// The line with the columns' titles.
    pub titles: Option<Area>,
    /// The servers.
    pub rows: Area,
}

impl ControlServersLayout {
    fn new(body: Area) -> Self {
        let mut rows = body;
        let mut take = |wanted: bool| {
            wanted.then(|| {
                let (line, rest) = rows.top(1);
                rows = rest;
                line
            })
        };
        let heading = take(body.height >= 4);
        let titles = take(body.height >= 8);
        Self {
            heading,
            titles,
            rows,
        }
    }
}
