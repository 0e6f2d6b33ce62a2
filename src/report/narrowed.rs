//! A difference of two scans, narrowed to what a query finds.

use std::collections::HashSet;

use crate::baseline::FeatureId;
use crate::posture::difference::{Difference, OneSided};
use crate::posture::{Cell, Fleet, ServerSummary, Totals};
use crate::query::Query;

use super::Selection;

/// Leaves out what a query does not find: servers that fit it in neither of the two scans, and features whose standing
/// fits it on neither side. Totals and scores become those of the servers that are left.
pub fn narrow(difference: &mut Difference, query: &Query, before: &Fleet, after: &Fleet) {
    if query.is_empty() {
        return;
    }
    let selection = Selection {
        query: query.clone(),
        ..Selection::default()
    };
    let mut ids = HashSet::new();
    for fleet in [before, after] {
        let selected = selection.select(fleet);
        ids.extend(selected.servers(fleet).map(|(_, server)| key(&server.id)));
    }
    let left = |server: &&ServerSummary| ids.contains(&key(&server.id));
    difference.before = Totals::of(before.servers.iter().filter(left));
    difference.after = Totals::of(after.servers.iter().filter(left));
    let of = |place: u32| difference.servers.get(place as usize);
    let is_left = |place: u32| of(place).is_some_and(|server| ids.contains(&key(&server.id)));
    let admits = |feature: FeatureId, cell: Cell| query.admits(feature, cell);
    let mut changes = std::mem::take(&mut difference.changes);
    changes.retain(|it| {
        is_left(it.server) && (admits(it.feature, it.before) || admits(it.feature, it.after))
    });
    let narrowed = |all: &[OneSided]| -> Vec<OneSided> {
        all.iter()
            .filter(|one| is_left(one.server))
            .copied()
            .collect()
    };
    let (new, gone) = (narrowed(&difference.new), narrowed(&difference.gone));
    difference.changes = changes;
    difference.new = new;
    difference.gone = gone;
}

fn key(id: &str) -> String {
    id.trim_end_matches('/').to_lowercase()
}
