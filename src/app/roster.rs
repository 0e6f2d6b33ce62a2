//! The servers as the list shows them: all of a fleet, sorted, filtered, and which one is selected.

mod cells;
mod marks;
mod rows;

use std::collections::HashMap;
use std::sync::Arc;

use crate::baseline::FamilyCode;
use crate::documents::Subscription;
use crate::posture::{Fleet, Score, ServerSummary, VerdictWord};

use crate::query::{Hits, Query, Sort, SortKey, sort};

use super::ListPosition;
use super::grouping::Groups;
use marks::Marks;

pub use cells::{FamilyCell, family_cell, open_features};
pub use rows::RosterRow;

/// Which servers or features are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Show {
    /// All of them.
    #[default]
    All,
    /// Those that fail.
    Failing,
    /// Those that are unknown.
    Unknown,
}

impl Show {
    /// Whether a verdict is shown.
    #[must_use]
    pub const fn admits(self, verdict: VerdictWord) -> bool {
        match self {
            Self::All => true,
            Self::Failing => matches!(verdict, VerdictWord::Fail),
            Self::Unknown => matches!(verdict, VerdictWord::Unknown),
        }
    }
}

/// What is selected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Selection {
    /// Nothing, because there is nothing.
    #[default]
    None,
    /// The first server, because nobody has chosen one: a growing list leaves the cursor at its top.
    First(Box<str>),
    /// A server that somebody chose.
    Chosen(Box<str>),
    /// The head of a group that somebody chose.
    Group(Box<str>),
}

impl Selection {
    fn id(&self) -> Option<&str> {
        match self {
            Self::None | Self::Group(_) => None,
            Self::First(id) | Self::Chosen(id) => Some(id),
        }
    }
}

/// The servers as the list shows them.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    fleet: Arc<Fleet>,
    score: Score,
    sort: Sort,
    /// All places in the fleet, sorted.
    order: Vec<u32>,
    show: Show,
    family: Option<FamilyCode>,
    /// Which places pass `show` and `family`; `None` when all do.
    admitted: Option<Vec<bool>>,
    query: Query,
    hits: Option<Arc<Hits>>,
    /// The places of the shown servers, in their order.
    visible: Arc<Vec<u32>>,
    groups: Groups,
    /// Every place's worst verdict.
    worst: Vec<VerdictWord>,
    /// Counts what `visible` has been.
    revision: u64,
    /// Counts the fleets.
    epoch: u64,
    marks: Marks,
    position: ListPosition,
    height: usize,
    selection: Selection,
    /// Where the selected server was last; a guess that saves a search.
    last_place: u32,
    /// Places of subscriptions by lower-case id.
    subscriptions: HashMap<Box<str>, usize>,
    /// Places by lower-case id; made when a scan first grows.
    places: Option<HashMap<Box<str>, u32>>,
}

impl Roster {
    /// The fleet.
    #[must_use]
    pub const fn fleet(&self) -> &Arc<Fleet> {
        &self.fleet
    }

    /// The score of all servers together.
    #[must_use]
    pub const fn score(&self) -> Score {
        self.score
    }

    /// The order.
    #[must_use]
    pub const fn sort(&self) -> Sort {
        self.sort
    }

    /// Which servers are shown by their verdicts.
    #[must_use]
    pub const fn show(&self) -> Show {
        self.show
    }

    /// The family that the list is about, when it is about one.
    #[must_use]
    pub const fn family(&self) -> Option<FamilyCode> {
        self.family
    }

    /// The query whose hits are shown.
    #[must_use]
    pub const fn query(&self) -> &Query {
        &self.query
    }

    /// The hits that are shown; `None` without a query.
    #[must_use]
    pub const fn hits(&self) -> Option<&Arc<Hits>> {
        self.hits.as_ref()
    }

    /// How many servers the list shows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.visible.len()
    }

    /// Whether the list shows none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.visible.is_empty()
    }

    /// The places of the shown servers in the fleet, in their order; those of folded groups too.
    #[must_use]
    pub const fn places(&self) -> &Arc<Vec<u32>> {
        &self.visible
    }

    /// Counts how often other servers were shown, or the same ones in another order.
    pub(super) const fn revision(&self) -> u64 {
        self.revision
    }

    /// Counts the fleets: a place means the same server only within one.
    pub(super) const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Where the list stands.
    #[must_use]
    pub const fn position(&self) -> ListPosition {
        self.position
    }

    /// The server in a row; none in the head of a group.
    #[must_use]
    pub fn row(&self, row: usize) -> Option<&ServerSummary> {
        let place = self.visible.get(self.shown_at(row)?)?;
        self.fleet.servers.get(*place as usize)
    }

    /// The selected server: the one under the cursor, none while that is on the head of a group.
    #[must_use]
    pub fn selected(&self) -> Option<&ServerSummary> {
        self.row(self.position.cursor)
    }

    /// The resource id of the server that somebody chose; `None` while the cursor stands at the top by itself.
    #[must_use]
    pub fn chosen(&self) -> Option<&str> {
        match &self.selection {
            Selection::Chosen(id) => Some(id),
            Selection::None | Selection::First(_) | Selection::Group(_) => None,
        }
    }

    /// The name of a server's subscription, its id when the list of subscriptions does not have it.
    #[must_use]
    pub fn subscription_name<'a>(&'a self, server: &'a ServerSummary) -> &'a str {
        self.subscriptions
            .get(&key(&server.subscription))
            .and_then(|place| self.fleet.subscriptions.get(*place))
            .map_or(&server.subscription, |known| known.name.as_str())
    }

    /// A server by its id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&ServerSummary> {
        self.fleet.servers.get(self.place(id)? as usize)
    }

    /// Takes another fleet and keeps order, filters and selection.
    pub fn replace(&mut self, fleet: Arc<Fleet>) {
        self.marks.lift(&self.fleet.servers);
        self.fleet = fleet;
        let places = (0..).zip(&self.fleet.servers);
        self.marks.settle(places, self.fleet.servers.len());
        self.marks.release_only();
        self.places = None;
        self.hits = None;
        self.order.clear();
        self.epoch += 1;
        self.groups.assign_all(&self.fleet);
        self.refresh();
    }

    /// Makes servers quick to find by their ids, for whoever looks for many.
    pub(super) fn index_places(&mut self) {
        if self.places.is_none() {
            let ids = self.fleet.servers.iter().map(|server| key(&server.id));
            self.places = Some(ids.zip(0..).collect());
        }
    }

    /// Takes servers of a growing scan. Returns the places that are new or changed.
    pub(super) fn grow(
        &mut self,
        subscriptions: Vec<Subscription>,
        servers: Vec<ServerSummary>,
    ) -> Vec<u32> {
        self.index_places();
        let mut places = self.places.take().unwrap_or_default();
        let fleet = Arc::make_mut(&mut self.fleet);
        for subscription in subscriptions {
            match fleet
                .subscriptions
                .iter_mut()
                .find(|known| known.id.eq_ignore_ascii_case(&subscription.id))
            {
                Some(known) => *known = subscription,
                None => fleet.subscriptions.push(subscription),
            }
        }
        let mut changed = Vec::with_capacity(servers.len());
        for server in servers {
            let end = u32::try_from(fleet.servers.len()).unwrap_or(u32::MAX);
            let place = *places.entry(key(&server.id)).or_insert(end);
            match fleet.servers.get_mut(place as usize) {
                Some(old) => *old = server,
                None => fleet.servers.push(server),
            }
            changed.push(place);
        }
        self.places = Some(places);
        let grown = changed.iter().filter_map(|place| {
            let server = self.fleet.servers.get(*place as usize)?;
            Some((*place, server))
        });
        self.marks.settle(grown, self.fleet.servers.len());
        let places = changed.iter().map(|place| *place as usize);
        self.groups.assign(&self.fleet, places);
        if matches!(self.selection, Selection::First(_)) {
            self.selection = Selection::None;
        }
        self.refresh();
        changed
    }

    /// Selects a server by its id, when the fleet has it.
    pub(super) fn choose(&mut self, id: &str) {
        if let Some(server) = self.find(id) {
            self.selection = Selection::Chosen(server.id.clone());
            self.go_to_selected();
        }
    }

    /// Changes the order.
    pub(super) fn set_sort(&mut self, sort: Sort) {
        self.sort = sort;
        self.resort();
        self.rebuild();
    }

    /// Changes which servers are shown by their verdicts.
    pub(super) fn set_show(&mut self, show: Show, family: Option<FamilyCode>) {
        self.show = show;
        self.family = family;
        self.admit();
        self.rebuild();
    }

    /// Takes the hits of a query; without hits all servers match.
    pub(super) fn set_hits(&mut self, query: Query, hits: Option<Arc<Hits>>) {
        self.query = query;
        self.hits = hits;
        self.rebuild();
    }

    /// Tells how many rows the screen has.
    pub(super) fn set_height(&mut self, height: usize) {
        self.height = height;
        self.position.fit(self.rows(), height);
    }

    /// Moves the cursor with `f`, which gets the position, the number of rows and the height of the screen.
    pub(super) fn go(&mut self, f: impl FnOnce(&mut ListPosition, usize, usize)) {
        let rows = self.rows();
        f(&mut self.position, rows, self.height);
        self.position.fit(rows, self.height);
        let shown = self.shown_at(self.position.cursor);
        if let Some(place) = shown.and_then(|shown| self.visible.get(shown))
            && let Some(server) = self.fleet.servers.get(*place as usize)
        {
            self.last_place = *place;
            self.selection = Selection::Chosen(server.id.clone());
        } else if let Some(group) = self.group() {
            self.selection = Selection::Group(group.key.clone());
        }
    }

    /// The place of a server in the fleet.
    pub(super) fn place(&self, id: &str) -> Option<u32> {
        let guess = self.fleet.servers.get(self.last_place as usize);
        if guess.is_some_and(|server| server.id.eq_ignore_ascii_case(id)) {
            return Some(self.last_place);
        }
        match &self.places {
            Some(places) => places.get(&key(id)).copied(),
            None => self
                .fleet
                .servers
                .iter()
                .position(|server| server.id.eq_ignore_ascii_case(id))
                .and_then(|place| u32::try_from(place).ok()),
        }
    }

    /// Everything that follows from the fleet.
    fn refresh(&mut self) {
        self.score = self.fleet.score();
        let ids = self.fleet.subscriptions.iter().map(|known| key(&known.id));
        self.subscriptions = ids.zip(0..).collect();
        self.worst.clear();
        self.worst
            .extend(self.fleet.servers.iter().map(ServerSummary::worst));
        self.resort();
        self.admit();
        self.rebuild();
    }

    fn resort(&mut self) {
        sort(&self.fleet, self.sort, &mut self.order);
    }

    fn admit(&mut self) {
        self.admitted = (self.show != Show::All || self.family.is_some()).then(|| {
            self.fleet
                .servers
                .iter()
                .map(|server| cells::admits(server, self.show, self.family))
                .collect()
        });
    }

    /// Makes the visible rows, and puts the cursor back on what is selected.
    fn rebuild(&mut self) {
        self.revision += 1;
        // Whoever still counts the old ones keeps them.
        let mut visible = Arc::try_unwrap(std::mem::take(&mut self.visible)).unwrap_or_default();
        visible.clear();
        self.collect(&mut visible);
        self.marks.count_shown(&visible);
        self.groups.arrange(&self.fleet, &self.worst, &mut visible);
        self.visible = Arc::new(visible);
        self.go_to_selected();
    }

    fn go_to_selected(&mut self) {
        let row = match &self.selection {
            Selection::Group(key) => {
                let group = self.groups.shown().iter().find(|group| group.key == *key);
                group.map(|group| group.row)
            }
            selection => {
                let place = selection.id().and_then(|id| self.place(id));
                self.last_place = place.unwrap_or(self.last_place);
                place
                    .and_then(|place| self.visible.iter().position(|row| *row == place))
                    .map(|shown| self.row_of(shown))
            }
        };
        match row {
            Some(row) => self.position.keep_at(row, self.rows(), self.height),
            // What is selected is not shown now: the cursor goes to the first row, and comes back with it.
            None => self.position = ListPosition::default(),
        }
        if self.selection == Selection::None
            && let Some(first) = self.row(0)
        {
            self.selection = Selection::First(first.id.clone());
        }
    }

    /// The servers that pass every filter, in their order.
    fn collect(&self, visible: &mut Vec<u32>) {
        let admitted = |place: &u32| {
            self.marks.admits(*place)
                && self
                    .admitted
                    .as_ref()
                    .is_none_or(|admitted| admitted.get(*place as usize).copied().unwrap_or(false))
        };
        let Some(hits) = &self.hits else {
            return visible.extend(self.order.iter().filter(|place| admitted(place)));
        };
        let mut hit = vec![false; self.fleet.servers.len()];
        for place in &hits.rows {
            if let Some(hit) = hit.get_mut(*place as usize) {
                *hit = true;
            }
        }
        let order = self.order.iter();
        visible.extend(order.filter(|place| hit[**place as usize] && admitted(place)));
        if self.sort.key == SortKey::Match && hits.scores.len() == hits.rows.len() {
            let score = |place: &u32| {
                let row = hits.rows.binary_search(place);
                row.map_or(i64::MIN, |row| hits.scores[row])
            };
            visible.sort_by_cached_key(|place| std::cmp::Reverse(score(place)));
            if self.sort.inverted {
                visible.reverse();
            }
        }
    }
}

fn key(id: &str) -> Box<str> {
    id.to_ascii_lowercase().into()
}
