//! What a report says first: its servers and findings in a few numbers.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::baseline::{FamilyCode, FeatureId};
use crate::posture::{Cell, Fleet, Score, ServerSummary, Severity, Tally, VerdictWord};

use super::Selection;

/// A report in a few numbers.
#[derive(Clone, Debug)]
pub struct Overview {
    /// How many servers it is about.
    pub servers: usize,
    /// How many of them have a failing feature of those that it is about.
    pub failing_servers: usize,
    /// How many servers have each verdict, by feature in the order of [`FeatureId::ALL`]; nothing where the report is not
    /// about the feature.
    features: Vec<Tally>,
    /// How many features fail by the worst of their severities, worst first, counted on each server.
    pub failing: [usize; 4],
    /// The worst severity with which each feature fails.
    worst: Vec<Option<Severity>>,
    /// The score of the servers together, of the baseline; the filter of findings does not change it.
    pub score: Score,
    /// The same of what lies beyond the baseline.
    pub beyond: Score,
    /// The subscriptions, those with most failing features first.
    pub subscriptions: Vec<SubscriptionOverview>,
}

/// A subscription in a few numbers.
#[derive(Clone, Debug)]
pub struct SubscriptionOverview {
    /// Its name.
    pub name: String,
    /// How many servers of the report are in it.
    pub servers: usize,
    /// How many of them fail each feature, in the order of [`FeatureId::ALL`].
    pub failing: Vec<usize>,
    /// How many features fail, counted on each server.
    pub all_failing: usize,
}

impl Overview {
    /// Counts the servers that a report is about.
    #[must_use]
    pub fn of<'a>(
        fleet: &Fleet,
        servers: impl Iterator<Item = &'a ServerSummary>,
        selection: &Selection,
    ) -> Self {
        let mut overview = Self {
            servers: 0,
            failing_servers: 0,
            features: vec![Tally::default(); FeatureId::COUNT],
            failing: [0; 4],
            worst: vec![None; FeatureId::COUNT],
            score: Score::default(),
            beyond: Score::default(),
            subscriptions: Vec::new(),
        };
        let names = super::subscription_names(fleet);
        let mut places: HashMap<String, usize> = HashMap::new();
        for server in servers {
            let id = server.subscription.to_ascii_lowercase();
            let subscription = *places.entry(id).or_insert_with_key(|id| {
                let name = names.get(id).map_or(&*server.subscription, String::as_str);
                overview.subscriptions.push(SubscriptionOverview {
                    name: name.to_owned(),
                    servers: 0,
                    failing: vec![0; FeatureId::COUNT],
                    all_failing: 0,
                });
                overview.subscriptions.len() - 1
            });
            overview.subscriptions[subscription].servers += 1;
            overview.servers += 1;
            overview.score += server.score;
            overview.beyond += server.beyond;
            let mut fails = false;
            for (feature, cell) in FeatureId::ALL.into_iter().zip(server.cells) {
                if selection.admits(feature, cell) {
                    overview.features[feature.index()].add(cell.verdict);
                    if cell.verdict == VerdictWord::Fail {
                        fails = true;
                        overview.fail(feature, cell, subscription);
                    }
                }
            }
            overview.failing_servers += usize::from(fails);
        }
        overview.subscriptions.sort_by(|a, b| {
            (Reverse(a.all_failing), &a.name).cmp(&(Reverse(b.all_failing), &b.name))
        });
        overview
    }

    fn fail(&mut self, feature: FeatureId, cell: Cell, subscription: usize) {
        if let Some(severity) = cell.severity {
            self.failing[severity as usize] += 1;
            let worst = &mut self.worst[feature.index()];
            *worst = Some(worst.map_or(severity, |known| known.min(severity)));
        }
        let subscription = &mut self.subscriptions[subscription];
        subscription.failing[feature.index()] += 1;
        subscription.all_failing += 1;
    }

    /// How the servers stand in a feature.
    #[must_use]
    pub fn feature(&self, feature: FeatureId) -> Tally {
        self.features[feature.index()]
    }

    /// The worst severity with which a feature fails.
    #[must_use]
    pub fn worst(&self, feature: FeatureId) -> Option<Severity> {
        self.worst[feature.index()]
    }

    /// How many features of a family have this verdict, counted on each server.
    #[must_use]
    pub fn family(&self, family: FamilyCode, verdict: VerdictWord) -> usize {
        let features = FeatureId::ALL.into_iter();
        let of_family = features.filter(|feature| feature.family() == family);
        of_family.map(|it| self.feature(it).get(verdict)).sum()
    }

    /// How many features have this verdict, counted on each server.
    #[must_use]
    pub fn count(&self, verdict: VerdictWord) -> usize {
        self.features.iter().map(|tally| tally.get(verdict)).sum()
    }

    /// The features that some server fails, those first that most fail.
    #[must_use]
    pub fn most_failing(&self) -> Vec<(FeatureId, usize)> {
        let failing = |feature: FeatureId| self.feature(feature).get(VerdictWord::Fail);
        let all = FeatureId::ALL.into_iter();
        let mut features: Vec<_> = all
            .map(|feature| (feature, failing(feature)))
            .filter(|(_, count)| *count > 0)
            .collect();
        features.sort_by_key(|(feature, count)| (Reverse(*count), *feature));
        features
    }
}
