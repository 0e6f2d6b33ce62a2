//! Two scans under one ruleset: what turned, on which server, and which servers came and went.
//!
//! Unread is neither better nor worse than anything: what became unread is not fixed, and what became readable has not
//! regressed. A server that the newer scan could not have seen is not said to be gone.

mod caveats;
mod conditions;
mod kind;

use std::cmp::Ordering;

use crate::baseline::FeatureId;
use crate::documents::Subscription;

use super::{Cell, Fingerprints, ServerSummary, Totals, VerdictWord};

pub use caveats::{ScanFacts, caveats};
pub use conditions::{ConditionDifference, ValueDifference, condition_differences};
pub use kind::ChangeKind;

/// One of the two scans.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// Its servers.
    pub servers: &'a [ServerSummary],
    /// What was seen of each of them, in the same order, when it is known.
    pub fingerprints: Option<&'a [Fingerprints]>,
    /// The subscriptions that were asked.
    pub subscriptions: &'a [Subscription],
    /// Those of them whose servers could not be listed, by id.
    pub unlisted: &'a [String],
    /// Whether everything was asked for.
    pub complete: bool,
    /// Whether servers of these subscriptions may be left out because something else was asked for.
    pub narrow: bool,
}

/// Why a server that a scan does not hold may be there all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// Its subscription was not asked: it was not visible, or not part of the scope.
    SubscriptionNotAsked,
    /// The servers of its subscription could not be listed.
    SubscriptionNotListed,
    /// It does not fit what the scan was asked for, or did not when it ran: its tags may be others.
    OutOfScope,
    /// The scan ended early.
    ScanIncomplete,
}

impl Unseen {
    /// It in a few words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::SubscriptionNotAsked => "its subscription was not read",
            Self::SubscriptionNotListed => "its subscription could not be listed",
            Self::OutOfScope => "the scan was of some servers only",
            Self::ScanIncomplete => "the scan is not complete",
        }
    }
}

/// A server that something is said about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedServer {
    /// Its resource id, as Azure wrote it.
    pub id: Box<str>,
    /// Its name, neutralised for display.
    pub name: Box<str>,
    /// Its subscription's id.
    pub subscription: Box<str>,
}

/// A feature of a server that turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// How it turned.
    pub kind: ChangeKind,
    /// The server, by its place in [`Difference::servers`].
    pub server: u32,
    /// The feature.
    pub feature: FeatureId,
    /// How it stood.
    pub before: Cell,
    /// How it stands.
    pub after: Cell,
}

/// A server that only one of the two scans holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneSided {
    /// The server, by its place in [`Difference::servers`].
    pub server: u32,
    /// How many conditions are open on it, by severity, worst first.
    pub open: [u16; 4],
    /// How many features of the baseline are unknown on it.
    pub unknown: u16,
    /// Why the other scan may only not have seen it; `None` when nothing speaks for that.
    pub unseen: Option<Unseen>,
}

/// What differs between two scans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The servers that something is said about, by name.
    pub servers: Vec<ComparedServer>,
    /// What turned, by kind, the worst first.
    pub changes: Vec<Change>,
    /// The servers that only the newer scan holds, the worst first.
    pub new: Vec<OneSided>,
    /// The servers that only the older scan holds, the worst first.
    pub gone: Vec<OneSided>,
    /// Whether what was seen was compared too; it was not when one of the scans keeps no fingerprints.
    pub evidence_compared: bool,
    /// The older scan as a whole.
    pub before: Totals,
    /// The newer scan as a whole.
    pub after: Totals,
}

impl Difference {
    /// How many features turned in this way.
    #[must_use]
    pub fn count(&self, kind: ChangeKind) -> usize {
        self.of_kind(kind).len()
    }

    /// What turned in this way, the worst first.
    #[must_use]
    pub fn of_kind(&self, kind: ChangeKind) -> &[Change] {
        let start = self.changes.partition_point(|change| change.kind < kind);
        let end = self.changes.partition_point(|change| change.kind <= kind);
        &self.changes[start..end]
    }

    /// The server of a change.
    #[must_use]
    pub fn server(&self, place: u32) -> Option<&ComparedServer> {
        self.servers.get(place as usize)
    }

    /// Whether the two scans say the same.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.new.is_empty() && self.gone.is_empty()
    }
}

/// Compares two scans that were judged under one ruleset. `progress` hears how many servers of the newer one are done,
/// now and then, and says whether to go on; `None` when it said no.
pub fn difference(
    before: &Side<'_>,
    after: &Side<'_>,
    mut progress: impl FnMut(usize) -> bool,
) -> Option<Difference> {
    let mut found = Found::default();
    let evidence_compared = before.fingerprints.is_some() && after.fingerprints.is_some();
    let (old, new) = (by_id(before.servers), by_id(after.servers));
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    let mut steps = 0;
    loop {
        steps += 1;
        if steps % 4096 == 0 && !progress(steps) {
            return None;
        }
        let order = match (old.peek(), new.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((old, _)), Some((new, _))) => old.cmp(new),
        };
        match order {
            Ordering::Less => {
                if let Some((_, place)) = old.next() {
                    let server = &before.servers[*place];
                    found.gone.push((*place, unseen(server, after)));
                }
            }
            Ordering::Greater => {
                if let Some((_, place)) = new.next() {
                    let server = &after.servers[*place];
                    found.new.push((*place, unseen(server, before)));
                }
            }
            Ordering::Equal => {
                if let (Some((_, was)), Some((_, is))) = (old.next(), new.next()) {
                    let prints = before
                        .fingerprints
                        .and_then(|all| all.get(*was))
                        .zip(after.fingerprints.and_then(|all| all.get(*is)));
                    found.compare(*is, &before.servers[*was], &after.servers[*is], prints);
                }
            }
        }
    }
    Some(found.into_difference(before, after, evidence_compared))
}

/// The places of the servers in the order of their ids, without regard to case.
fn by_id(servers: &[ServerSummary]) -> Vec<(String, usize)> {
    let mut ids: Vec<(String, usize)> = servers
        .iter()
        .enumerate()
        .map(|(place, server)| (server.id.trim_end_matches('/').to_lowercase(), place))
        .collect();
    ids.sort_unstable();
    ids
}

fn unseen(server: &ServerSummary, side: &Side<'_>) -> Option<Unseen> {
    let is_its = |id: &str| id.eq_ignore_ascii_case(&server.subscription);
    if !side.subscriptions.iter().any(|it| is_its(&it.id)) {
        Some(Unseen::SubscriptionNotAsked)
    } else if side.unlisted.iter().any(|id| is_its(id)) {
        Some(Unseen::SubscriptionNotListed)
    } else if side.narrow {
        Some(Unseen::OutOfScope)
    } else {
        (!side.complete).then_some(Unseen::ScanIncomplete)
    }
}

/// What was found so far; servers by their places in their own scans.
#[derive(Default)]
struct Found {
    changes: Vec<(usize, Change)>,
    new: Vec<(usize, Option<Unseen>)>,
    gone: Vec<(usize, Option<Unseen>)>,
}

impl Found {
    fn compare(
        &mut self,
        place: usize,
        before: &ServerSummary,
        after: &ServerSummary,
        prints: Option<(&Fingerprints, &Fingerprints)>,
    ) {
        if before.cells == after.cells && prints.is_none_or(|(before, after)| before == after) {
            return;
        }
        for feature in FeatureId::ALL {
            let (was, is) = (before.cell(feature), after.cell(feature));
            let saw_other =
                prints.is_some_and(|(before, after)| before.get(feature) != after.get(feature));
            if let Some(kind) = ChangeKind::of(was, is, saw_other) {
                let change = Change {
                    kind,
                    server: 0,
                    feature,
                    before: was,
                    after: is,
                };
                self.changes.push((place, change));
            }
        }
    }

    fn into_difference(
        self,
        before: &Side<'_>,
        after: &Side<'_>,
        evidence_compared: bool,
    ) -> Difference {
        // Every server once, of the newer scan where it is in both, in the order of names.
        let mut named: Vec<(&ServerSummary, bool, usize)> = Vec::new();
        let mut last = None;
        for (place, _) in &self.changes {
            if last.replace(*place) != Some(*place) {
                named.push((&after.servers[*place], true, *place));
            }
        }
        named.extend(
            self.new
                .iter()
                .map(|(it, _)| (&after.servers[*it], true, *it)),
        );
        named.extend(
            self.gone
                .iter()
                .map(|(it, _)| (&before.servers[*it], false, *it)),
        );
        named.sort_by(|(one, ..), (other, ..)| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        let mut of_after = vec![0; after.servers.len()];
        let mut of_before = vec![0; before.servers.len()];
        for (rank, (_, newer, place)) in (0_u32..).zip(&named) {
            let ranks = if *newer {
                &mut of_after
            } else {
                &mut of_before
            };
            ranks[*place] = rank;
        }
        let mut changes: Vec<Change> = self
            .changes
            .iter()
            .map(|(place, change)| Change {
                server: of_after[*place],
                ..*change
            })
            .collect();
        changes.sort_unstable_by_key(|it| (it.kind, it.weight(), it.server, it.feature.index()));
        let one_sided = |all: Vec<(usize, Option<Unseen>)>,
                         servers: &[ServerSummary],
                         ranks: &[u32]| {
            let mut all: Vec<OneSided> = all
                .into_iter()
                .map(|(place, unseen)| OneSided {
                    server: ranks[place],
                    open: servers[place].open,
                    unknown: u16::try_from(servers[place].count(VerdictWord::Unknown))
                        .unwrap_or(u16::MAX),
                    unseen,
                })
                .collect();
            all.sort_unstable_by(|one, other| {
                (other.open, other.unknown, one.server).cmp(&(one.open, one.unknown, other.server))
            });
            all
        };
        Difference {
            new: one_sided(self.new, after.servers, &of_after),
            gone: one_sided(self.gone, before.servers, &of_before),
            servers: named
                .into_iter()
                .map(|(server, ..)| ComparedServer {
                    id: server.id.clone(),
                    name: server.name.clone(),
                    subscription: (*server.subscription).into(),
                })
                .collect(),
            changes,
            evidence_compared,
            before: Totals::of(before.servers),
            after: Totals::of(after.servers),
        }
    }
}

impl Change {
    /// How much it weighs within its kind: the severities of both sides, the worse the less.
    fn weight(&self) -> (u8, u8) {
        let of = |cell: Cell| cell.severity.map_or(u8::MAX, |severity| severity as u8);
        let (before, after) = (of(self.before), of(self.after));
        (before.min(after), before.max(after))
    }
}

#[cfg(test)]
mod tests;
