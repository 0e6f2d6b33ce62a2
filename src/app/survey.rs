//! Every feature over the servers in view, counted: work for a worker, done once for every change of what is in view.

use std::ops::Range;
use std::sync::Arc;

use crate::baseline::{FamilyCode, FeatureId, catalogue};
use crate::posture::{Cell, Fleet, ServerSummary, Severity, Tally, VerdictWord};

use super::{Show, TreeNode};
use crate::query::risk_number;

/// How many of the worst servers are kept with a feature.
const WORST: usize = 3;

/// How the servers in view stand in a feature, a control or a family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many servers have each verdict, in a control or a family each server's worst one.
    pub tally: Tally,
    /// How many servers have each severity as the worst open one, worst first.
    pub severities: [usize; 4],
}

impl Counts {
    fn add(&mut self, cell: Cell) {
        self.tally.add(cell.verdict);
        if let Some(severity) = cell.severity {
            self.severities[severity as usize] += 1;
        }
    }

    /// The worst severity that is open anywhere.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        Severity::ALL
            .into_iter()
            .find(|severity| self.severities[*severity as usize] > 0)
    }
}

/// How a group stands in one feature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupCell {
    /// Servers that fail.
    pub failing: u32,
    /// Servers of which it is unknown.
    pub unknown: u32,
    /// Servers that pass.
    pub passing: u32,
    /// The worst open severity.
    pub severity: Option<Severity>,
}

/// Every feature over the servers in view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// How many servers were counted.
    pub servers: usize,
    features: Vec<Counts>,
    controls: Vec<Counts>,
    families: Vec<Counts>,
    worst: Vec<Vec<u32>>,
    groups: Vec<[GroupCell; FeatureId::COUNT]>,
    most_failing: u32,
}

impl Survey {
    /// Counts the servers at these places of a fleet. `groups` are parts of the places that are counted apart, too.
    #[must_use]
    pub fn new(fleet: &Fleet, places: &[u32], groups: &[Range<usize>]) -> Self {
        let controls = catalogue().controls();
        let control_of = FeatureId::ALL.map(|feature| {
            let id = feature.control();
            controls.iter().position(|it| it.id == id).unwrap_or(0)
        });
        let mut survey = Self {
            servers: places.len(),
            features: vec![Counts::default(); FeatureId::COUNT],
            controls: vec![Counts::default(); controls.len()],
            families: vec![Counts::default(); FamilyCode::ALL.len()],
            worst: Vec::new(),
            groups: vec![[GroupCell::default(); FeatureId::COUNT]; groups.len()],
            most_failing: 0,
        };
        let mut worst: Vec<Worst> = vec![Worst::default(); FeatureId::COUNT];
        let mut group = 0;
        for (at, place) in places.iter().enumerate() {
            let Some(server) = fleet.servers.get(*place as usize) else {
                continue;
            };
            while groups.get(group).is_some_and(|range| range.end <= at) {
                group += 1;
            }
            let in_group = groups.get(group).is_some_and(|range| range.contains(&at));
            let risk = risk_number(server);
            let mut above = (Above::default(), Above::default());
            for (feature, cell) in FeatureId::ALL.into_iter().zip(server.cells) {
                let index = feature.index();
                survey.features[index].add(cell);
                if matches!(cell.verdict, VerdictWord::Fail | VerdictWord::Unknown) {
                    worst[index].add((badness(cell), risk), *place);
                }
                if let Some(ended) = above.0.next(control_of[index], cell) {
                    survey.controls[ended.0].add(ended.1);
                }
                if let Some(ended) = above.1.next(feature.family().index(), cell) {
                    survey.families[ended.0].add(ended.1);
                }
                if in_group && let Some(group) = survey.groups.get_mut(group) {
                    group[index].add(cell);
                }
            }
            if let Some((control, cell)) = above.0.0 {
                survey.controls[control].add(cell);
            }
            if let Some((family, cell)) = above.1.0 {
                survey.families[family].add(cell);
            }
        }
        let of_groups = survey.groups.iter().flatten();
        survey.most_failing = of_groups.map(|cell| cell.failing).max().unwrap_or(0);
        survey.worst = worst.into_iter().map(|worst| worst.places()).collect();
        survey
    }

    /// How the servers stand in a feature, a control or a family.
    #[must_use]
    pub fn standing(&self, node: TreeNode) -> Option<&Counts> {
        match node {
            TreeNode::Feature(feature) => self.features.get(feature.index()),
            TreeNode::Control(id) => {
                let place = catalogue().controls().iter().position(|it| it.id == id);
                self.controls.get(place?)
            }
            TreeNode::Family(family) => self.families.get(family.index()),
        }
    }

    /// The places of the worst servers of a feature that fail it or of which it is unknown, at most three.
    #[must_use]
    pub fn worst(&self, feature: FeatureId) -> &[u32] {
        self.worst.get(feature.index()).map_or(&[], Vec::as_slice)
    }

    /// How a group stands in a feature.
    #[must_use]
    pub fn group(&self, group: usize, feature: FeatureId) -> GroupCell {
        let group = self.groups.get(group);
        group.map_or_else(GroupCell::default, |cells| cells[feature.index()])
    }

    /// The largest number of failing servers that a group has in a feature.
    #[must_use]
    pub const fn most_failing(&self) -> u32 {
        self.most_failing
    }
}

impl GroupCell {
    fn add(&mut self, cell: Cell) {
        match cell.verdict {
            VerdictWord::Fail => self.failing += 1,
            VerdictWord::Unknown => self.unknown += 1,
            VerdictWord::Pass => self.passing += 1,
            _ => {}
        }
        self.severity = [self.severity, cell.severity].into_iter().flatten().min();
    }

    /// The worst that there is in it; `None` where nothing fails, passes or is unknown.
    #[must_use]
    pub const fn verdict(&self) -> Option<VerdictWord> {
        if self.failing > 0 {
            Some(VerdictWord::Fail)
        } else if self.unknown > 0 {
            Some(VerdictWord::Unknown)
        } else if self.passing > 0 {
            Some(VerdictWord::Pass)
        } else {
            None
        }
    }
}

/// How bad a cell is, lower is worse: the verdict, then the severity.
fn badness(cell: Cell) -> (VerdictWord, bool, Option<Severity>) {
    (cell.verdict, cell.severity.is_none(), cell.severity)
}

/// The control or family that the features of a server are in just now, with the worst of their cells.
#[derive(Clone, Copy, Default)]
struct Above(Option<(usize, Cell)>);

impl Above {
    /// Takes the next feature; gives what ended before it. Features of a control stand together, those of a family too.
    fn next(&mut self, place: usize, cell: Cell) -> Option<(usize, Cell)> {
        match &mut self.0 {
            Some((now, worst)) if *now == place => {
                if badness(cell) < badness(*worst) {
                    *worst = cell;
                }
                None
            }
            now => now.replace((place, cell)),
        }
    }
}

type Rank = ((VerdictWord, bool, Option<Severity>), u128);

/// The worst servers of a feature so far.
#[derive(Clone, Default)]
struct Worst(Vec<(Rank, u32)>);

impl Worst {
    fn add(&mut self, rank: Rank, place: u32) {
        if self.0.len() == WORST && self.0.last().is_some_and(|(last, _)| *last <= rank) {
            return;
        }
        let at = self.0.partition_point(|(known, _)| *known <= rank);
        self.0.insert(at, (rank, place));
        self.0.truncate(WORST);
    }

    fn places(self) -> Vec<u32> {
        self.0.into_iter().map(|(_, place)| place).collect()
    }
}

/// The places of the servers of one feature that `show` admits, worst first: by verdict, by open severity, then by risk.
#[must_use]
pub fn servers_of(fleet: &Fleet, places: &[u32], feature: FeatureId, show: Show) -> Vec<u32> {
    let server = |place: u32| -> Option<&ServerSummary> { fleet.servers.get(place as usize) };
    let mut ranked: Vec<_> = places
        .iter()
        .filter_map(|place| {
            let server = server(*place)?;
            let cell = server.cell(feature);
            show.admits(cell.verdict)
                .then(|| ((badness(cell), risk_number(server)), *place))
        })
        .collect();
    ranked.sort_by(|(one, one_place), (other, other_place)| {
        let name = |place: u32| server(place).map(|server| (&server.name, &server.id));
        one.cmp(other)
            .then_with(|| name(*one_place).cmp(&name(*other_place)))
    });
    ranked.into_iter().map(|(_, place)| place).collect()
}

/// What is asked of a worker, with what the answer is for.
#[derive(Clone, Debug, Default)]
pub(super) struct SurveyState {
    /// The last counts.
    pub made: Option<Arc<Survey>>,
    /// The revision of the list that they are of.
    pub revision: u64,
    /// The number of the fleet that they are of.
    pub epoch: u64,
    /// The revision that a worker counts just now, and the number of its fleet.
    pub asked: Option<(u64, u64)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::test_support::{fleet, summary};

    fn server(
        name: &str,
        feature: FeatureId,
        verdict: VerdictWord,
        severity: Severity,
    ) -> ServerSummary {
        let mut server = summary(name);
        for cell in &mut server.cells {
            cell.verdict = VerdictWord::Pass;
        }
        server.cells[feature.index()] = Cell {
            verdict,
            severity: Some(severity),
            cause: None,
        };
        server
    }

    fn some() -> Fleet {
        use VerdictWord::{Fail, Unknown};
        let feature = FeatureId::ResourceLogs;
        fleet([
            server("a", feature, Unknown, Severity::High),
            server("b", feature, Fail, Severity::Low),
            server("c", feature, Fail, Severity::High),
            server("d", FeatureId::PrivateLink, Fail, Severity::Medium),
            server("e", feature, Fail, Severity::High),
        ])
    }

    #[test]
    fn servers_are_counted_once_in_a_feature_a_control_and_a_family() {
        let survey = Survey::new(&some(), &[0, 1, 2, 3, 4], &[]);
        let tally = |node| {
            let standing = survey.standing(node).unwrap();
            [VerdictWord::Fail, VerdictWord::Unknown, VerdictWord::Pass]
                .map(|verdict| standing.tally.get(verdict))
        };
        let feature = FeatureId::ResourceLogs;
        assert_eq!(tally(TreeNode::Feature(feature)), [3, 1, 1]);
        assert_eq!(tally(TreeNode::Control("LT-4")), [3, 1, 1]);
        assert_eq!(tally(TreeNode::Family(FamilyCode::Lt)), [3, 1, 1]);
        assert_eq!(tally(TreeNode::Control("NS-2")), [1, 0, 4]);
        assert_eq!(
            tally(TreeNode::Feature(FeatureId::PublicNetworkAccess)),
            [0, 0, 5]
        );
        let standing = survey.standing(TreeNode::Feature(feature)).unwrap();
        assert_eq!(standing.severity(), Some(Severity::High));
        assert_eq!(survey.worst(feature), [2, 4, 1]);
    }

    #[test]
    fn groups_are_parts_of_the_whole() {
        let survey = Survey::new(&some(), &[4, 3, 2, 1, 0], &[0..2, 2..5]);
        let feature = FeatureId::ResourceLogs;
        let failing = |group| survey.group(group, feature).failing;
        assert_eq!((failing(0), failing(1), failing(2)), (1, 2, 0));
        assert_eq!(survey.group(1, feature).unknown, 1);
        assert_eq!(survey.group(1, feature).severity, Some(Severity::High));
        assert_eq!(survey.most_failing(), 2);
    }

    #[test]
    fn servers_of_a_feature_stand_worst_first() {
        let feature = FeatureId::ResourceLogs;
        let all = [3, 1, 0, 4, 2];
        assert_eq!(
            servers_of(&some(), &all, feature, Show::All),
            [2, 4, 1, 0, 3]
        );
        assert_eq!(servers_of(&some(), &all, feature, Show::Unknown), [0]);
        assert_eq!(servers_of(&some(), &[0, 1], feature, Show::Failing), [1]);
    }
}
