//! A whole scan in a few numbers: what a list of scans and a trend show of it.

use serde::{Deserialize, Serialize};

use crate::baseline::{FamilyCode, FeatureId};

use super::{Score, ServerSummary, Severity, Tally, VerdictWord};

/// A whole scan in a few numbers, under one ruleset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// How many servers there are.
    pub servers: u64,
    /// How many servers have at least one failing feature of the baseline.
    pub failing_servers: u64,
    /// For each feature in the order of [`FeatureId::ALL`]: how many servers have each verdict, in the order of
    /// [`VerdictWord::ALL`].
    features: Vec<[u32; VerdictWord::ALL.len()]>,
    /// For each family in the order of [`FamilyCode::ALL`].
    families: Vec<FamilyTotals>,
    /// How many conditions are open, by severity in the order of [`Severity::ALL`].
    open: [u64; 4],
    /// The weights of the score of the baseline.
    pub score: Score,
    /// The weights of the score of what lies beyond it.
    pub beyond: Score,
}

/// A family in a whole scan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FamilyTotals {
    /// How many features fail, counted on each server.
    pub fail: u64,
    /// How many features are unknown, counted on each server.
    pub unknown: u64,
    /// How many servers have a failing feature of it.
    pub failing_servers: u64,
    /// How many servers have an unknown feature of it.
    pub unknown_servers: u64,
}

impl Default for Totals {
    fn default() -> Self {
        Self {
            servers: 0,
            failing_servers: 0,
            features: vec![[0; VerdictWord::ALL.len()]; FeatureId::COUNT],
            families: vec![FamilyTotals::default(); FamilyCode::ALL.len()],
            open: [0; 4],
            score: Score::default(),
            beyond: Score::default(),
        }
    }
}

impl Totals {
    /// The totals of some servers.
    #[must_use]
    pub fn of<'a>(servers: impl IntoIterator<Item = &'a ServerSummary>) -> Self {
        let mut totals = Self::default();
        for server in servers {
            totals.add(server);
        }
        totals
    }

    /// Adds a server.
    pub fn add(&mut self, server: &ServerSummary) {
        self.servers += 1;
        let mut seen = [(false, false); FamilyCode::ALL.len()];
        for (feature, cell) in FeatureId::ALL.into_iter().zip(&server.cells) {
            if let Some(counts) = self.features.get_mut(feature.index()) {
                counts[cell.verdict as usize] += 1;
            }
            let family = feature.family().index();
            let Some(totals) = self.families.get_mut(family) else {
                continue;
            };
            match cell.verdict {
                VerdictWord::Fail => {
                    totals.fail += 1;
                    seen[family].0 = true;
                }
                VerdictWord::Unknown => {
                    totals.unknown += 1;
                    seen[family].1 = true;
                }
                _ => {}
            }
        }
        for (totals, (fails, unknown)) in self.families.iter_mut().zip(seen) {
            totals.failing_servers += u64::from(fails);
            totals.unknown_servers += u64::from(unknown);
        }
        let fails = server.count(VerdictWord::Fail) > 0;
        self.failing_servers += u64::from(fails);
        for (total, open) in self.open.iter_mut().zip(server.open) {
            *total += u64::from(open);
        }
        self.score += server.score;
        self.beyond += server.beyond;
    }

    /// How the servers stand in one feature.
    #[must_use]
    pub fn feature(&self, feature: FeatureId) -> Tally {
        let counts = self.features.get(feature.index()).copied();
        Tally::from_counts(counts.unwrap_or_default())
    }

    /// How many servers have this verdict in each feature of the baseline, added up.
    #[must_use]
    pub fn count(&self, verdict: VerdictWord) -> u64 {
        let baseline = self.features.iter().take(FeatureId::BASELINE_COUNT);
        baseline
            .map(|counts| u64::from(counts[verdict as usize]))
            .sum()
    }

    /// How a family stands.
    #[must_use]
    pub fn family(&self, family: FamilyCode) -> FamilyTotals {
        self.families
            .get(family.index())
            .copied()
            .unwrap_or_default()
    }

    /// How many conditions of this severity are open.
    #[must_use]
    pub const fn open(&self, severity: Severity) -> u64 {
        self.open[severity as usize]
    }

    /// Whether it has a place for each of the features and families that this program knows; one that was written by
    /// another version may have not.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.features.len() == FeatureId::COUNT && self.families.len() == FamilyCode::ALL.len()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::posture::fixtures::Fixture;
    use crate::posture::{Fleet, Judge, Ruleset};

    #[test]
    fn totals_agree_with_the_list_that_they_sum_up() {
        let judge = Judge::by(Ruleset::default());
        let summary = |public: &str| {
            let fixture =
                Fixture::new().server(json!({"network": {"publicNetworkAccess": public}}));
            judge.summary(&fixture.documents())
        };
        let fleet = Fleet {
            subscriptions: Vec::new(),
            servers: vec![summary("Enabled"), summary("Disabled"), summary("Enabled")],
        };
        let totals = Totals::of(&fleet.servers);
        assert_eq!(totals.servers, 3);
        assert_eq!(totals.score, fleet.score());
        assert_eq!(totals.beyond, fleet.beyond());
        for feature in FeatureId::ALL {
            assert_eq!(totals.feature(feature), fleet.tally(feature), "{feature}");
        }
        let public = totals.feature(FeatureId::PublicNetworkAccess);
        assert_eq!(public.get(VerdictWord::Fail), 2);
        let ns = totals.family(FamilyCode::Ns);
        assert!(ns.fail >= 2 && ns.failing_servers >= 2, "{ns:?}");
        let of_families: u64 = FamilyCode::ALL
            .into_iter()
            .filter(|family| family.is_baseline())
            .map(|family| totals.family(family).fail)
            .sum();
        assert_eq!(of_families, totals.count(VerdictWord::Fail));
        let open: u64 = fleet.servers.iter().map(|it| u64::from(it.open[1])).sum();
        assert_eq!(totals.open(Severity::High), open);
    }

    #[test]
    fn totals_come_back_from_json_and_those_of_another_catalogue_are_not_whole() {
        let totals =
            Totals::of([&Judge::by(Ruleset::default()).summary(&Fixture::new().documents())]);
        let mut json = serde_json::to_value(&totals).unwrap();
        assert_eq!(
            serde_json::from_value::<Totals>(json.clone()).unwrap(),
            totals
        );
        assert!(totals.is_whole());
        json["features"].as_array_mut().unwrap().pop();
        assert!(!serde_json::from_value::<Totals>(json).unwrap().is_whole());
    }
}
