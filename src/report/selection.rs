//! Which servers and findings a report is about, and in which order: what the explorer's filter, groups and orders do.

use std::cmp::Reverse;

use crate::baseline::FeatureId;
use crate::posture::{Cell, Finding, Fleet, ServerSummary};
use crate::query::{
    GroupBy, GroupStanding, Grouping, Hits, Query, SearchIndex, Sort, SortKey, filter, sort,
};

/// Which servers and findings a report is about, and in which order.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// What was asked for.
    pub query: Query,
    /// The order of the servers, within their groups.
    pub sort: Sort,
    /// What they are grouped by.
    pub group: GroupBy,
}

/// The servers that a report is about.
#[derive(Clone, Debug, Default)]
pub struct Selected {
    /// Their places in the fleet, in the order of the report.
    pub places: Vec<u32>,
    /// Their groups, worst first; none where nothing is grouped.
    pub groups: Vec<GroupStanding>,
}

impl Selection {
    /// Chooses servers of a fleet and puts them in order.
    #[must_use]
    pub fn select(&self, fleet: &Fleet) -> Selected {
        let mut order = Vec::new();
        sort(fleet, self.sort, &mut order);
        let mut places = if self.query.is_empty() {
            order
        } else {
            let hits = filter(&SearchIndex::new(fleet), &self.query, None, &|| true);
            self.found(&hits.unwrap_or_default(), &order)
        };
        let worst: Vec<_> = fleet.servers.iter().map(ServerSummary::worst).collect();
        let grouping = Grouping::new(self.group.clone(), fleet);
        let groups = grouping.arrange(fleet, &worst, &mut places);
        Selected { places, groups }
    }

    fn found(&self, hits: &Hits, order: &[u32]) -> Vec<u32> {
        let is_hit = |place: &&u32| hits.rows.binary_search(place).is_ok();
        let mut places: Vec<u32> = order.iter().filter(is_hit).copied().collect();
        if self.sort.key == SortKey::Match && hits.scores.len() == hits.rows.len() {
            let score = |place: &u32| {
                let row = hits.rows.binary_search(place);
                row.map_or(i64::MIN, |row| hits.scores[row])
            };
            places.sort_by_cached_key(|place| Reverse(score(place)));
            if self.sort.inverted {
                places.reverse();
            }
        }
        places
    }

    /// Whether a feature's standing is part of the report. What the query says of servers is not looked at.
    #[must_use]
    pub fn admits(&self, feature: FeatureId, cell: Cell) -> bool {
        self.query.admits(feature, cell)
    }

    /// Leaves out the findings that the report is not about.
    pub fn keep(&self, server: &ServerSummary, findings: &mut Vec<Finding>) {
        findings.retain(|it| self.admits(it.feature, server.cell(it.feature)));
    }
}

impl Selected {
    /// The servers in the order of the report, each with its group.
    pub fn servers<'a>(
        &'a self,
        fleet: &'a Fleet,
    ) -> impl Iterator<Item = (Option<&'a GroupStanding>, &'a ServerSummary)> {
        let mut groups = self.groups.iter().peekable();
        self.places
            .iter()
            .enumerate()
            .filter_map(move |(number, place)| {
                while groups
                    .next_if(|group| group.servers.end <= number)
                    .is_some()
                {}
                Some((groups.peek().copied(), fleet.servers.get(*place as usize)?))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::test_support::{fleet, summary};

    fn names<'a>(selected: &'a Selected, fleet: &'a Fleet) -> Vec<(&'a str, &'a str)> {
        selected
            .servers(fleet)
            .map(|(group, server)| (group.map_or("", |group| &*group.name), &*server.name))
            .collect()
    }

    #[test]
    fn every_server_comes_with_its_group_in_the_order_that_was_asked_for() {
        let fleet = fleet(
            [
                ("a", "neu", 0),
                ("b", "weu", 1),
                ("c", "neu", 0),
                ("d", "weu", 3),
            ]
            .map(|(name, region, critical)| ServerSummary {
                region: region.into(),
                open: [critical, 0, 0, 0],
                ..summary(name)
            }),
        );
        let mut selection = Selection {
            group: GroupBy::Region,
            ..Selection::default()
        };
        assert_eq!(
            names(&selection.select(&fleet), &fleet),
            [("weu", "d"), ("weu", "b"), ("neu", "a"), ("neu", "c")]
        );
        selection.group = GroupBy::Nothing;
        selection.sort = "name:desc".parse().unwrap();
        selection.query = Query::parse("!\"b\"").unwrap();
        assert_eq!(
            names(&selection.select(&fleet), &fleet)
                .iter()
                .map(|(_, name)| *name)
                .collect::<Vec<_>>(),
            ["d", "c", "a"]
        );
    }
}
