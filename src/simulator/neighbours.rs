//! What stands around the servers of a fleet: the networks that they are in, the vaults that hold their keys, the
//! locks, diagnostic settings and policies that apply to them, and the plans of their subscriptions.
//!
//! Subnets and vaults serve several servers and are planted once, with the fleet. Everything else follows from
//! dice of its own and is worked out when it is asked for, so that large fleets stay small. No throw here comes
//! between throws for a server: see `plant`.

pub(super) mod diagnostics;
pub(super) mod exemptions;
pub(super) mod locks;
pub(super) mod network;
pub(super) mod policy;
pub(super) mod subscription;
pub(super) mod vaults;

use serde::Serialize;

use super::fleet::{Fleet, FleetOptions, Subscription};
use super::server::Server;

/// Subnets and vaults, and which server uses which.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    pub(super) networks: network::Networks,
    pub(super) vaults: vaults::Vaults,
}

impl Neighbours {
    pub(super) fn plant(
        options: &FleetOptions,
        subscriptions: &[Subscription],
        servers: &[Server],
    ) -> Self {
        let ground = Ground {
            options,
            subscriptions,
        };
        Self {
            networks: network::Networks::plant(&ground, servers),
            vaults: vaults::Vaults::plant(&ground, servers),
        }
    }
}

/// What becomes of a GET of a neighbour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Read {
    Readable,
    /// In a subscription that the caller sees, but 403.
    Denied,
    /// In a subscription that the caller does not see: 403, and in no list.
    NotVisible,
    /// Named by somebody, but not there: 404.
    Missing,
}

/// The subscription that a neighbour lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Home {
    /// Place in the fleet's list of subscriptions.
    Visible(u32),
    /// Place in the fleet's list of subscriptions that the caller does not see.
    Stranger(usize),
}

impl Home {
    pub(super) fn id(self, fleet: &Fleet) -> &str {
        match self {
            Self::Visible(place) => &fleet.subscriptions[place as usize].id,
            Self::Stranger(place) => &fleet.strangers[place],
        }
    }

    /// Whether a resource id lies in it.
    pub(super) fn holds(self, fleet: &Fleet, id: &str) -> bool {
        id.split('/')
            .nth(2)
            .is_some_and(|it| it.eq_ignore_ascii_case(self.id(fleet)))
    }
}

/// Where a neighbour may lie, as seen from the server that first uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whereabouts {
    /// In the server's own subscription.
    Own,
    /// In another one that the caller sees.
    Elsewhere,
    /// In one that the caller does not see.
    Stranger,
}

/// What planting needs to know of the fleet.
pub(super) struct Ground<'a> {
    options: &'a FleetOptions,
    subscriptions: &'a [Subscription],
}

impl Ground<'_> {
    /// Where a series of cases starts: it moves with the seed.
    fn start(&self) -> usize {
        (self.options.seed.wrapping_sub(1) % 1_000) as usize * 7
    }

    fn stands_for_itself(&self, subscription: u32) -> bool {
        self.subscriptions[subscription as usize].delegated
    }

    /// The subscription that is meant. A customer's servers keep to their own: nothing reaches across tenants.
    fn home(&self, whereabouts: Whereabouts, own: u32, stranger: usize) -> Home {
        match whereabouts {
            Whereabouts::Stranger
                if self.options.has_strangers() && !self.stands_for_itself(own) =>
            {
                Home::Stranger(stranger)
            }
            Whereabouts::Elsewhere if !self.stands_for_itself(own) => {
                let count = self.subscriptions.len() as u32;
                let other = (1..count).map(|step| (own + step) % count).find(|place| {
                    let it = &self.subscriptions[*place as usize];
                    !it.children_denied && !it.delegated
                });
                Home::Visible(other.unwrap_or(own))
            }
            _ => Home::Visible(own),
        }
    }

    /// How a neighbour there can be read that nothing else stands against.
    fn read(&self, home: Home) -> Read {
        match home {
            Home::Stranger(_) => Read::NotVisible,
            Home::Visible(place) if self.subscriptions[place as usize].children_denied => {
                Read::Denied
            }
            Home::Visible(_) => Read::Readable,
        }
    }
}

/// The case at `turn` of a series.
pub(super) fn in_turn<T: Copy>(cases: &[T], turn: usize) -> T {
    cases[turn % cases.len()]
}
