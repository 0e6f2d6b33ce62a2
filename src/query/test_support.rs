//! Servers for unit tests.

use crate::baseline::FeatureId;
use crate::documents::Subscription;
use crate::posture::{Cell, Fleet, Score, ServerSummary, Tags, VerdictWord};

/// A server of which nothing is known but its name.
pub fn summary(name: &str) -> ServerSummary {
    ServerSummary {
        id: format!(
            "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/{name}"
        )
        .into(),
        name: name.into(),
        resource_group: "rg".into(),
        subscription: "s1".into(),
        region: "westeurope".into(),
        version: "8.0.37".into(),
        state: "Ready".into(),
        tags: Tags::default(),
        cells: [Cell {
            verdict: VerdictWord::Unknown,
            severity: None,
            cause: None,
        }; FeatureId::COUNT],
        open: [0; 4],
        score: Score { met: 1, unmet: 1 },
        beyond: Score::default(),
    }
}

/// A fleet in one subscription.
pub fn fleet(servers: impl IntoIterator<Item = ServerSummary>) -> Fleet {
    Fleet {
        subscriptions: vec![Subscription {
            id: "S1".into(),
            name: "main".into(),
            tenant: None,
            state: None,
            delegated: false,
        }],
        servers: servers.into_iter().collect(),
    }
}
