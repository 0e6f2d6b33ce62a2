//! Marks: which servers a command is to act on. A mark belongs to a server and not to a row: sorting, filtering, a refresh
//! and a scan that grows leave it where it is.

use std::collections::HashSet;

use crate::posture::ServerSummary;

use super::{Roster, key};

/// Which servers are marked. By place in the fleet, so that a mark of 100,000 servers costs 100,000 bits and no text.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    places: Vec<bool>,
    count: usize,
    /// How many of them the list shows.
    shown: usize,
    /// Whether the list shows marked servers only.
    only: bool,
    /// The ids, in lower case, of marked servers that this fleet does not hold: the marks come back with them.
    absent: HashSet<Box<str>>,
    /// Where a mark was set or taken away last.
    anchor: Option<u32>,
}

impl Marks {
    pub(super) fn has(&self, place: u32) -> bool {
        self.places.get(place as usize).copied().unwrap_or(false)
    }

    /// Whether the list shows this place, as far as marks are concerned.
    pub(super) fn admits(&self, place: u32) -> bool {
        !self.only || self.has(place)
    }

    /// Without any mark all servers are shown.
    pub(super) fn release_only(&mut self) {
        self.only &= self.count > 0;
    }

    pub(super) fn count_shown(&mut self, visible: &[u32]) {
        self.shown = if self.count == 0 {
            0
        } else {
            visible.iter().filter(|place| self.has(**place)).count()
        };
    }

    /// Sets or takes away a mark. Returns whether that changed anything.
    fn set(&mut self, place: u32, marked: bool, fleet: usize) -> bool {
        if self.places.len() < fleet {
            self.places.resize(fleet, false);
        }
        match self.places.get_mut(place as usize) {
            Some(mark) if *mark != marked => {
                *mark = marked;
                if marked {
                    self.count += 1;
                } else {
                    self.count -= 1;
                }
                true
            }
            _ => false,
        }
    }

    /// The fleet is about to be another one: marks wait by the ids of their servers.
    pub(super) fn lift(&mut self, servers: &[ServerSummary]) {
        if self.count > 0 {
            let marked = servers.iter().zip(&self.places).filter(|(_, mark)| **mark);
            self.absent
                .extend(marked.map(|(server, _)| key(&server.id)));
        }
        self.places.clear();
        self.count = 0;
        self.shown = 0;
        self.anchor = None;
    }

    /// Gives waiting marks to those of these servers whose they are.
    pub(super) fn settle<'a>(
        &mut self,
        servers: impl IntoIterator<Item = (u32, &'a ServerSummary)>,
        fleet: usize,
    ) {
        if self.absent.is_empty() {
            return;
        }
        for (place, server) in servers {
            if self.absent.remove(&key(&server.id)) {
                self.set(place, true, fleet);
            }
        }
    }
}

impl Roster {
    /// Whether the server of a row is marked.
    #[must_use]
    pub fn is_marked(&self, row: usize) -> bool {
        self.shown_at(row)
            .and_then(|shown| self.visible.get(shown))
            .is_some_and(|place| self.marks.has(*place))
    }

    /// Whether the server in this place of the fleet is marked.
    #[must_use]
    pub fn is_marked_place(&self, place: u32) -> bool {
        self.marks.has(place)
    }

    /// How many servers of the fleet are marked.
    #[must_use]
    pub const fn marked(&self) -> usize {
        self.marks.count
    }

    /// Whether there is any mark, also one that waits for its server.
    #[must_use]
    pub fn has_marks(&self) -> bool {
        self.marks.count > 0 || !self.marks.absent.is_empty()
    }

    /// How many of them the list does not show.
    #[must_use]
    pub const fn marked_not_shown(&self) -> usize {
        self.marks.count.saturating_sub(self.marks.shown)
    }

    /// Whether the list shows marked servers only.
    #[must_use]
    pub const fn only_marked(&self) -> bool {
        self.marks.only
    }

    /// The places of the marked servers, in the order of the list, those that it does not show included.
    #[must_use]
    pub fn marked_places(&self) -> Vec<u32> {
        let marked = self.order.iter().filter(|place| self.marks.has(**place));
        marked.copied().collect()
    }

    /// The place of the server under the cursor.
    #[must_use]
    pub fn selected_place(&self) -> Option<u32> {
        self.visible
            .get(self.shown_at(self.position.cursor)?)
            .copied()
    }

    /// The ids of all marked servers, those that the open scan does not hold included: what a session keeps.
    #[must_use]
    pub fn marks(&self) -> Vec<String> {
        let servers = self.fleet.servers.iter().zip(&self.marks.places);
        let here = servers
            .filter(|(_, mark)| **mark)
            .map(|(server, _)| server.id.to_string());
        let mut all: Vec<String> = self.marks.absent.iter().map(ToString::to_string).collect();
        all.sort_unstable();
        here.chain(all).collect()
    }

    /// Marks the servers with these ids, also those that come later: what a session has kept.
    pub fn restore_marks(&mut self, ids: impl IntoIterator<Item = String>) {
        self.marks.absent.extend(ids.into_iter().map(|id| key(&id)));
        let places = (0..).zip(&self.fleet.servers);
        self.marks.settle(places, self.fleet.servers.len());
        self.rebuild();
    }

    /// Marks a server by its place, or takes its mark away; for screens with lists of their own.
    pub fn set_mark(&mut self, place: u32, marked: bool) {
        let shown = self.visible.contains(&place);
        if self.marks.set(place, marked, self.fleet.servers.len()) && shown {
            if marked {
                self.marks.shown += 1;
            } else {
                self.marks.shown -= 1;
            }
        }
        self.marks.anchor = Some(place);
        self.drop_only();
    }

    /// Marks these servers by their places; when all of them are marked, takes the marks away.
    pub(in crate::app) fn mark_places(&mut self, places: &[u32]) {
        let all = places.iter().all(|place| self.marks.has(*place));
        for place in places {
            self.marks.set(*place, !all, self.fleet.servers.len());
        }
        self.marks.count_shown(&self.visible);
        self.drop_only();
    }

    /// Marks the server under the cursor, or takes its mark away, and goes one row down.
    pub(in crate::app) fn toggle_mark(&mut self) {
        let Some(place) = self.selected_place() else {
            return;
        };
        let marked = !self.marks.has(place);
        self.marks.set(place, marked, self.fleet.servers.len());
        if marked {
            self.marks.shown += 1;
        } else {
            self.marks.shown -= 1;
        }
        self.marks.anchor = Some(place);
        self.go(|position, length, height| position.move_by(1, length, height));
        self.drop_only();
    }

    /// Marks every server of the group whose head the cursor is on, those that a fold hides included; when all of them are
    /// marked, takes the marks away. Returns how many servers that were and whether they are marked now; `None` where the
    /// cursor is on no head.
    pub(in crate::app) fn mark_group(&mut self) -> Option<(usize, bool)> {
        let cursor = self.position.cursor;
        let group = self.group().filter(|group| group.row == cursor)?;
        let places = self.visible.get(group.servers.clone())?.to_vec();
        self.mark_places(&places);
        let marked = places.iter().all(|place| self.marks.has(*place));
        self.go(|position, length, height| position.move_by(1, length, height));
        Some((places.len(), marked))
    }

    /// Marks every server that the list shows; when all of them are marked, none.
    pub(in crate::app) fn mark_shown(&mut self) {
        let all = self.marks.shown == self.visible.len();
        for place in self.visible.iter() {
            self.marks.set(*place, !all, self.fleet.servers.len());
        }
        self.marks.shown = if all { 0 } else { self.visible.len() };
        self.drop_only();
    }

    /// Marks every row from the last mark to the cursor. Returns how many rows that are; `None` where there is no such
    /// mark among the rows.
    pub(in crate::app) fn mark_range(&mut self) -> Option<usize> {
        let anchor = self.marks.anchor?;
        let from = self.visible.iter().position(|place| *place == anchor)?;
        let to = self.shown_at(self.position.cursor)?;
        let (first, last) = (from.min(to), from.max(to));
        for place in &self.visible[first..=last] {
            self.marks.set(*place, true, self.fleet.servers.len());
        }
        self.marks.anchor = self.selected_place();
        self.marks.count_shown(&self.visible);
        Some(last - first + 1)
    }

    /// Takes all marks away. Returns how many there were.
    pub(in crate::app) fn unmark_all(&mut self) -> usize {
        let count = self.marks.count + self.marks.absent.len();
        let only = self.marks.only;
        self.marks = Marks::default();
        if only {
            self.rebuild();
        }
        count
    }

    /// Shows marked servers only, or all again.
    pub(in crate::app) fn set_only_marked(&mut self, only: bool) {
        self.marks.only = only && self.marks.count > 0;
        self.rebuild();
    }

    /// A list of marked servers ends with the last mark. One that loses its mark stays until the list is made anew: a slip
    /// of the key can be taken back.
    fn drop_only(&mut self) {
        if self.marks.only && self.marks.count == 0 {
            self.marks.only = false;
            self.rebuild();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::app::Show;
    use crate::query::Query;
    use crate::query::test_support::{fleet, summary};
    use crate::query::{Sort, SortKey};

    fn roster(names: &[&str]) -> Roster {
        let mut roster = Roster::default();
        roster.replace(Arc::new(fleet(names.iter().map(|name| summary(name)))));
        roster.set_height(5);
        roster
    }

    fn marked(roster: &Roster) -> Vec<String> {
        let name = |place: u32| roster.fleet.servers[place as usize].name.to_string();
        roster.marked_places().into_iter().map(name).collect()
    }

    #[test]
    fn a_range_goes_from_the_last_mark_to_the_cursor_both_ways() {
        let mut roster = roster(&["a", "b", "c", "d", "e"]);
        assert_eq!(roster.mark_range(), None, "nothing was marked yet");
        roster.toggle_mark();
        roster.go(|position, length, height| position.move_to(2, length, height));
        assert_eq!(roster.mark_range(), Some(3));
        assert_eq!(marked(&roster), ["a", "b", "c"]);
        roster.go(|position, length, height| position.move_to(4, length, height));
        assert_eq!(
            roster.mark_range(),
            Some(3),
            "the range went on from its end"
        );
        roster.unmark_all();
        assert_eq!((roster.marked(), roster.mark_range()), (0, None));
    }

    #[test]
    fn all_shown_twice_is_none_and_what_is_not_shown_keeps_its_mark() {
        let mut roster = roster(&["a", "b", "c"]);
        roster.toggle_mark();
        roster.set_only_marked(true);
        assert_eq!((roster.len(), roster.marked_not_shown()), (1, 0));
        roster.set_only_marked(false);
        roster.mark_shown();
        assert_eq!(roster.marked(), 3);
        roster.mark_shown();
        assert_eq!(roster.marked(), 0);
    }

    #[test]
    fn the_list_of_marked_servers_ends_with_the_last_mark() {
        let mut roster = roster(&["a", "b"]);
        roster.set_only_marked(true);
        assert!(!roster.only_marked(), "there is no mark");
        roster.toggle_mark();
        roster.set_only_marked(true);
        assert_eq!(roster.len(), 1);
        roster.toggle_mark();
        assert_eq!((roster.only_marked(), roster.len()), (false, 2));
    }

    #[test]
    fn marks_are_kept_for_a_session_and_wait_for_their_servers() {
        let mut roster = roster(&["a", "b"]);
        roster.toggle_mark();
        let kept = roster.marks();
        assert_eq!(kept.len(), 1);
        let mut another = Roster::default();
        another.restore_marks(kept.iter().map(|id| id.to_uppercase()));
        assert_eq!((another.marked(), another.marks().len()), (0, 1));
        another.grow(Vec::new(), vec![summary("b")]);
        assert_eq!(another.marked(), 0);
        another.grow(Vec::new(), vec![summary("a")]);
        assert_eq!(marked(&another), ["a"]);
        assert_eq!(another.marks(), kept);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Toggle(usize),
        All,
        Only(bool),
        Sort(bool),
        Unknown(bool),
        Replace(BTreeSet<u8>),
        Grow(u8),
        Query(bool),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0..8_usize).prop_map(Step::Toggle),
            1 => Just(Step::All),
            1 => any::<bool>().prop_map(Step::Only),
            1 => any::<bool>().prop_map(Step::Sort),
            1 => any::<bool>().prop_map(Step::Unknown),
            2 => proptest::collection::btree_set(0..8_u8, 0..8).prop_map(Step::Replace),
            2 => (0..8_u8).prop_map(Step::Grow),
            1 => any::<bool>().prop_map(Step::Query),
        ]
    }

    proptest! {
        #[test]
        fn marks_survive_everything_but_their_own_keys(steps in proptest::collection::vec(step(), 0..40)) {
            let name = |number: u8| format!("server-{number}");
            let mut roster = roster(&["server-0", "server-1", "server-2", "server-3"]);
            let mut expected: BTreeSet<String> = BTreeSet::new();
            for step in steps {
                match step {
                    Step::Toggle(row) => {
                        roster.go(|position, length, height| position.move_to(row, length, height));
                        if let Some(server) = roster.selected() {
                            let id = server.id.to_string();
                            if !expected.remove(&id) {
                                expected.insert(id);
                            }
                        }
                        roster.toggle_mark();
                    }
                    Step::All => {
                        let shown: Vec<String> = (0..roster.len())
                            .filter_map(|row| roster.row(row))
                            .map(|server| server.id.to_string())
                            .collect();
                        if shown.iter().all(|id| expected.contains(id)) {
                            expected.retain(|id| !shown.contains(id));
                        } else {
                            expected.extend(shown);
                        }
                        roster.mark_shown();
                    }
                    Step::Only(only) => roster.set_only_marked(only),
                    Step::Sort(inverted) => roster.set_sort(Sort { key: SortKey::Name, inverted }),
                    Step::Unknown(only) => {
                        roster.set_show(if only { Show::Failing } else { Show::All }, None);
                    }
                    Step::Replace(numbers) => {
                        let servers = numbers.iter().map(|number| summary(&name(*number)));
                        roster.replace(Arc::new(fleet(servers)));
                    }
                    Step::Grow(number) => {
                        roster.grow(Vec::new(), vec![summary(&name(number))]);
                    }
                    Step::Query(some) => {
                        let hits = some.then(|| Arc::new(crate::query::Hits {
                            rows: (0..roster.fleet.servers.len() as u32).step_by(2).collect(),
                            ..Default::default()
                        }));
                        roster.set_hits(Query::default(), hits);
                    }
                }
                let kept: BTreeSet<String> = roster.marks().into_iter().map(|id| id.to_lowercase()).collect();
                let wanted: BTreeSet<String> = expected.iter().map(|id| id.to_lowercase()).collect();
                prop_assert_eq!(kept, wanted);
                let shown = (0..roster.len()).filter(|row| roster.is_marked(*row)).count();
                prop_assert_eq!(roster.marked() - roster.marked_not_shown(), shown);
                prop_assert_eq!(roster.marked(), roster.marked_places().len());
            }
        }
    }
}
