//! What a scan will read, worked out from the inventory before anything else is asked, by the functions that decide it
//! when it runs.
//!
//! It counts one page for each list and one try for each read. What only an answer can tell stands between a least and a
//! most: a subnet and the network security group that it names are read where Resource Graph does not show them, a
//! private endpoint list is read where the server itself does not show it, a vault is read where it is visible. A list
//! of locks that is refused costs one more read for each server, and a server that does not run is asked several times.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::azure::InventoryRow;
use crate::azure::estate::SUBSCRIPTIONS_OF_A_QUESTION;
use crate::documents::{DocumentKind, KeyUri, ServerDocuments, Subscription};
use crate::posture::permissions::{actions_of, is_tenant_level};
use crate::store::Scope;

use super::networks::GROUPS_OF_A_QUESTION;
use super::plan::{self, Wanted};
use super::portion::portions;
use super::select;

/// Reads at once that Azure grants a subscription before it begins to count time (its documented limits).
const BURST: u64 = 250;
/// Reads a second that it grants after that.
const READS_A_SECOND: u64 = 25;
/// Rows that a page of Resource Graph holds at most.
const ROWS_OF_A_PAGE: usize = 1000;

/// A number of requests that is known within bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bounds {
    /// At least so many.
    pub least: u64,
    /// At most so many.
    pub most: u64,
}

impl Bounds {
    fn add(&mut self, least: u64, most: u64) {
        self.least += least;
        self.most += most;
    }
}

/// Requests of one kind in one subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedReads {
    /// The subscription's id in lower case; `None` for reads of the tenant and of Resource Graph, which have limits of
    /// their own.
    pub subscription: Option<String>,
    /// What is read, in words.
    pub what: &'static str,
    /// How many requests.
    pub requests: Bounds,
}

/// What a scan reads, in short: for whoever shows how far it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// All requests.
    pub requests: Bounds,
    /// They by what is read, in words.
    pub kinds: BTreeMap<&'static str, Bounds>,
    /// They by subscription id in lower case.
    pub subscriptions: BTreeMap<String, Bounds>,
}

/// Something that is not read about some servers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotRead {
    /// What is not read, in words.
    pub what: &'static str,
    /// Why.
    pub why: &'static str,
    /// About how many servers.
    pub servers: u64,
}

/// What a scan will read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// How many servers.
    pub servers: u64,
    /// All requests.
    pub requests: Bounds,
    /// They by subscription and kind.
    pub reads: Vec<PlannedReads>,
    /// What is not read.
    pub not_read: Vec<NotRead>,
    /// The actions of role-based access control that the reads need on subscriptions, or on what lies in them.
    pub actions: Vec<&'static str>,
    /// Those that they need on the tenant.
    pub tenant_actions: Vec<&'static str>,
}

/// Works out what a scan will read, from the servers as they are found.
pub struct Estimator {
    scope: Arc<Scope>,
    /// The tenant of each visible subscription, by its id in lower case.
    tenants: HashMap<String, Option<String>>,
    /// The subscriptions in which servers were found, by id in lower case.
    subscriptions: BTreeSet<String>,
    /// How many subscriptions are scanned.
    scanned: usize,
    servers: usize,
    counts: Counts,
}

impl Estimator {
    /// For a scan of so many of the visible subscriptions.
    #[must_use]
    pub fn new(scope: Arc<Scope>, visible: &[Subscription], scanned: usize) -> Self {
        let tenants = visible.iter().map(|it| {
            let tenant = it.tenant.clone();
            (it.id.to_lowercase(), tenant)
        });
        Self {
            scope,
            tenants: tenants.collect(),
            subscriptions: BTreeSet::new(),
            scanned,
            servers: 0,
            counts: Counts::default(),
        }
    }

    /// Adds a server. Of one that was read before it is not known how much is read again.
    pub fn add(&mut self, row: &InventoryRow, known: bool) {
        self.counts.known = known;
        self.servers += 1;
        self.subscriptions
            .insert(row.id.subscription().to_lowercase());
        self.counts.server(row, &self.scope, &self.tenants);
    }

    /// What will be read.
    #[must_use]
    pub fn finish(self) -> Estimate {
        let mut counts = self.counts;
        let batches = |count: usize| count.div_ceil(SUBSCRIPTIONS_OF_A_QUESTION) as u64;
        counts.of(None, "list of subscriptions").add(1, 1);
        if !self.scope.management_groups.is_empty() {
            let questions = batches(self.tenants.len());
            counts
                .of(None, "management groups")
                .add(questions, questions);
        }
        let (pages, questions) = (
            (self.servers / ROWS_OF_A_PAGE) as u64,
            batches(self.scanned),
        );
        counts
            .of(None, "inventory")
            .add(questions, questions + pages);
        let subscriptions = self.subscriptions.len();
        // What holds for subscriptions is asked for as many at once as a question takes, or for each of the large ones.
        let (fewest, most) = (batches(subscriptions), subscriptions as u64);
        if counts.asks_policies {
            let portions = portions(subscriptions, self.servers);
            counts
                .of(None, "policy states")
                .add(portions.least, portions.most);
            // Which management groups lie above is asked where one of them holds an exemption.
            counts
                .of(None, "policy exemptions and visibility")
                .add(2 * fewest, 3 * most);
        }
        if counts.kinds.contains(&DocumentKind::DefenderPlan) {
            counts.of(None, "Defender plans").add(fewest, most);
        }
        if counts.asks_networks > 0 {
            // One question about subnets, and one about each so many groups of theirs.
            let groups = counts.asks_networks / GROUPS_OF_A_QUESTION;
            counts
                .of(None, "subnets and network security groups")
                .add(1, 2 * most + groups as u64);
        }
        if counts.asks_vaults {
            let questions = batches(self.tenants.len());
            counts.of(None, "vaults by name").add(questions, questions);
        }
        counts.into_estimate(self.servers)
    }
}

impl Estimate {
    /// What will be read, in short.
    #[must_use]
    pub fn plan(&self) -> Plan {
        let mut plan = Plan {
            requests: self.requests,
            ..Plan::default()
        };
        for read in &self.reads {
            let Bounds { least, most } = read.requests;
            plan.kinds.entry(read.what).or_default().add(least, most);
            if let Some(subscription) = &read.subscription {
                let of = plan.subscriptions.entry(subscription.clone());
                of.or_default().add(least, most);
            }
        }
        plan
    }

    /// The shortest time in which the requests can be made: at the documented limit of each subscription, and with so
    /// many at once of which each takes this long.
    #[must_use]
    pub fn least_time(&self, latency: Duration, at_once: usize) -> Duration {
        let mut of_subscription: BTreeMap<&str, u64> = BTreeMap::new();
        for read in &self.reads {
            if let Some(subscription) = &read.subscription {
                *of_subscription.entry(subscription).or_default() += read.requests.least;
            }
        }
        let most = of_subscription.into_values().max().unwrap_or(0);
        let by_limit = most.saturating_sub(BURST) as f64 / READS_A_SECOND as f64;
        let rounds = self.requests.least.div_ceil(at_once.max(1) as u64);
        let by_latency = latency.as_secs_f64() * rounds as f64;
        Duration::from_secs_f64(by_limit.max(by_latency))
    }
}

#[derive(Default)]
struct Counts {
    reads: BTreeMap<(Option<String>, &'static str), Bounds>,
    not_read: BTreeMap<(&'static str, &'static str), u64>,
    kinds: BTreeSet<DocumentKind>,
    /// What is read once, whoever asks first.
    shared: BTreeSet<String>,
    asks_policies: bool,
    asks_vaults: bool,
    /// Whether the server that is added was read before.
    known: bool,
    /// How many servers name a subnet.
    asks_networks: usize,
}

impl Counts {
    fn of(&mut self, subscription: Option<&str>, what: &'static str) -> &mut Bounds {
        let subscription = subscription.map(str::to_lowercase);
        self.reads.entry((subscription, what)).or_default()
    }

    fn read(&mut self, subscription: &str, kind: DocumentKind, least: u64) {
        self.kinds.insert(kind);
        let least = if self.known { 0 } else { least };
        self.of(Some(subscription), kind.title()).add(least, 1);
    }

    /// The same for what several servers share.
    fn share(&mut self, subscription: &str, kind: DocumentKind, about: &str, least: u64) {
        self.kinds.insert(kind);
        if self.shared.insert(about.to_lowercase()) {
            self.read(subscription, kind, least);
        }
    }

    fn server(
        &mut self,
        row: &InventoryRow,
        scope: &Scope,
        tenants: &HashMap<String, Option<String>>,
    ) {
        use DocumentKind as K;
        let server = ServerDocuments::new(row.id.clone(), [row.clone().into_document()]);
        let wanted = select::wanted(scope, &server);
        let subscription = row.id.subscription();
        self.kinds.insert(K::Inventory);
        self.read(subscription, K::Server, 1);
        for kind in plan::children(&server) {
            if wanted.has(kind) {
                // The server itself may list its endpoints, which the inventory never does.
                let least = u64::from(kind != K::PrivateEndpointConnections);
                self.read(subscription, kind, least);
            }
        }
        self.pass_over(&server, &wanted);
        if wanted.has_any(&plan::NETWORK)
            && let Some(subnet) = plan::named(&server, plan::SUBNET)
        {
            let of = crate::documents::ResourceId::parse(&subnet);
            let of = of.as_ref().map_or(subscription, |id| id.subscription());
            // Both come from Resource Graph, and from here only what that does not show.
            self.asks_networks += 1;
            self.share(of, K::Subnet, &subnet, 0);
            self.share(
                of,
                K::NetworkSecurityGroup,
                &format!("group of {subnet}"),
                0,
            );
        }
        for (pointer, kinds) in [(plan::KEY, plan::KEYS), (plan::GEO_KEY, plan::GEO_KEYS)] {
            let [vault, key] = kinds;
            if wanted.has_any(&kinds)
                && let Some(uri) = plan::named(&server, pointer)
                && let Some(uri) = KeyUri::parse(&uri)
            {
                self.asks_vaults = true;
                let name = format!("{} {}", uri.managed_hsm, uri.vault);
                let path = format!("{name}{}", uri.path_below_vault());
                self.share(subscription, vault, &name, 0);
                self.share(subscription, key, &path, 0);
            }
        }
        // The Defender plan comes from Resource Graph, and from here only where that does not show it.
        for (kind, least) in [(K::Locks, 1), (K::DefenderPlan, 0)] {
            if wanted.has(kind) {
                let about = format!("{} {subscription}", kind.slug());
                self.share(subscription, kind, &about, least);
            }
        }
        let tenant = tenants.get(&subscription.to_lowercase());
        if wanted.has(K::CustomerLockbox)
            && let Some(Some(tenant)) = tenant
        {
            self.kinds.insert(K::CustomerLockbox);
            if self.shared.insert(format!("lockbox {tenant}")) {
                self.of(None, K::CustomerLockbox.title()).add(1, 1);
            }
        }
        if wanted.has_any(&plan::POLICIES) {
            self.asks_policies = true;
            self.kinds.extend(plan::POLICIES);
        }
    }

    /// Notes what is not read about a server.
    fn pass_over(&mut self, server: &ServerDocuments, wanted: &Wanted) {
        for kind in DocumentKind::ALL {
            if matches!(kind, DocumentKind::Inventory | DocumentKind::Server) {
                continue;
            }
            let why = if wanted.has(kind) {
                plan::passed_over(server, kind)
            } else {
                Some("no check that was asked for needs it")
            };
            if let Some(why) = why {
                *self.not_read.entry((kind.title(), why)).or_default() += 1;
            }
        }
    }

    fn into_estimate(self, servers: usize) -> Estimate {
        let mut requests = Bounds::default();
        for bounds in self.reads.values() {
            requests.add(bounds.least, bounds.most);
        }
        let actions = actions_of(self.kinds);
        let (tenant_actions, actions) = actions.into_iter().partition(|it| is_tenant_level(it));
        Estimate {
            servers: servers as u64,
            requests,
            reads: self
                .reads
                .into_iter()
                .map(|((subscription, what), requests)| PlannedReads {
                    subscription,
                    what,
                    requests,
                })
                .collect(),
            not_read: self
                .not_read
                .into_iter()
                .map(|((what, why), servers)| NotRead { what, why, servers })
                .collect(),
            actions,
            tenant_actions,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_subscription_or_the_latency_sets_the_time() {
        let reads = |subscription: &str, least| PlannedReads {
            subscription: Some(subscription.to_owned()),
            what: "server",
            requests: Bounds { least, most: least },
        };
        let estimate = Estimate {
            requests: Bounds {
                least: 3_100,
                most: 3_100,
            },
            reads: vec![reads("a", 3_000), reads("b", 100)],
            ..Estimate::default()
        };
        let time = |latency| estimate.least_time(Duration::from_millis(latency), 16);
        assert_eq!(time(10), Duration::from_secs(110));
        assert_eq!(time(1_000), Duration::from_secs(194));
    }
}
