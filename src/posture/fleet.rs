//! All servers of a scan, as lists need them.

use serde::{Deserialize, Serialize};

use crate::baseline::FeatureId;
use crate::documents::Subscription;

use super::{Score, ServerSummary, VerdictWord};

/// All servers of a scan, as lists need them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fleet {
    /// The subscriptions that were asked.
    pub subscriptions: Vec<Subscription>,
    /// The servers, in the order of the inventory.
    pub servers: Vec<ServerSummary>,
}

/// How many features or servers have each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally([usize; VerdictWord::ALL.len()]);

impl Tally {
    /// Counts verdicts.
    #[must_use]
    pub fn of(verdicts: impl IntoIterator<Item = VerdictWord>) -> Self {
        let mut tally = Self::default();
        for verdict in verdicts {
            tally.add(verdict);
        }
        tally
    }

    /// Counts one more verdict.
    pub const fn add(&mut self, verdict: VerdictWord) {
        self.0[verdict as usize] += 1;
    }

    /// From how many have each verdict, in the order of [`VerdictWord::ALL`].
    #[must_use]
    pub fn from_counts(counts: [u32; VerdictWord::ALL.len()]) -> Self {
        Self(counts.map(|count| count as usize))
    }

    /// How many have this verdict.
    #[must_use]
    pub const fn get(&self, verdict: VerdictWord) -> usize {
        self.0[verdict as usize]
    }

    /// The worst verdict that occurs.
    #[must_use]
    pub fn worst(&self) -> Option<VerdictWord> {
        VerdictWord::ALL
            .into_iter()
            .find(|verdict| self.get(*verdict) > 0)
    }
}

impl Fleet {
    /// The name of a subscription, its id when the list of subscriptions does not have it.
    #[must_use]
    pub fn subscription_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.subscriptions
            .iter()
            .find(|subscription| subscription.id.eq_ignore_ascii_case(id))
            .map_or(id, |subscription| subscription.name.as_str())
    }

    /// The score of all servers together, of the baseline.
    #[must_use]
    pub fn score(&self) -> Score {
        let mut score = Score::default();
        for server in &self.servers {
            score += server.score;
        }
        score
    }

    /// The score of all servers together, of what lies beyond the baseline.
    #[must_use]
    pub fn beyond(&self) -> Score {
        let mut score = Score::default();
        for server in &self.servers {
            score += server.beyond;
        }
        score
    }

    /// How the servers stand in one feature.
    #[must_use]
    pub fn tally(&self, feature: FeatureId) -> Tally {
        Tally::of(
            self.servers
                .iter()
                .map(|server| server.cell(feature).verdict),
        )
    }
}
