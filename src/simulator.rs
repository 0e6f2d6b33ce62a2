//! An Azure Resource Manager endpoint on loopback, for the demo, for tests and for benchmarks.
//!
//! It answers what Azure answers, not what this program would like: the poorer list form beside the full GET
//! form, flags as words, locations as they are displayed, ids in mixed case, no `dataEncryption` where the
//! service manages the key, empty pages that have a next link, errors in Azure's words. What it says comes
//! either from a [`Fleet`] made from a seed, or from a folder of recorded answers ([`Replay`]).
//!
//! Some things are assumed because nobody recorded them: that a server which does not run answers 409 to its
//! configurations (Azure's body is known from a public bug report) and to nothing else; that Resource Graph
//! carries the list form of a server, and a policy state under the id of its resource; and the action that a
//! refusal of Customer Lockbox names.
//!
//! # What is served
//!
//! Everything with GET, except the query of Resource Graph.
//!
//! - Subscriptions, tenants, servers in their three lists and by themselves, and their child resources.
//! - Of a server, by other providers: `microsoft.insights/diagnosticSettings` (its refusals come without the member
//!   `error` around them) and `Microsoft.Authorization/locks` (those above the server, on it and below it).
//! - Of a subscription: all locks on it and in it, key vaults and managed HSMs (the first page is empty), and the
//!   Defender plans by name.
//! - By their ids: delegated subnets, network security groups, vaults, managed HSMs, their keys and the versions
//!   of keys.
//! - Of a tenant: whether it opted in to Customer Lockbox.
//! - Resource Graph: `resources` (servers, vaults, HSMs), `resourcecontainers` (subscriptions), `policyresources`
//!   (policy states and policy exemptions). What a query says beyond the little that is understood is refused.
//!
//! # The manifest
//!
//! [`Fleet::manifest`] tells what was planted, so that an independent judge can work out what must be found. It never
//! tells an outcome. All names of members are stable. Ids are written as their resource provider writes them; answers
//! may spell them in another case. A member that is `null` was not planted. Wherever `read` stands, it is `readable`,
//! `denied` (403, in a subscription that the caller sees), `notVisible` (403, in a subscription that the caller does
//! not see, and in no list) or `missing` (404); facts are told whether or not they can be read.
//!
//! At the top: `seed`, `now` (the time at which the fleet is taken to be), `tenant` (the caller's own), and
//!
//! - `tenants[]`: `id`, `lockbox` {`read`, `isOptedIn`: true, false, or null when it may not be known}.
//! - `subscriptions[]`: `id`, `displayName`, `environment`, `tenant` (a customer's own when `delegated`), `delegated`,
//!   `childrenDenied` (the caller may read servers there, and nothing else), `managementGroups` (names, the nearest
//!   first, the tenant's root last), `pricing` {`read`, `openSourceRelationalDatabases`: `Free` or `Standard`},
//!   `locks` {`read`: `readable`, `perServer` (the list of the subscription is denied, that of a server is not) or
//!   `denied`; `planted[]`: the locks on the subscription and on what is no server}, `policyStatesVisible`: `none`,
//!   `otherTypesOnly` or `servers`, and `policyStates`: how many states a query finds there.
//! - `servers[]`: hidden ones too.
//! - `changes[]`: what people changed since the start, see [`Options::drift`]: `round` (1 is before the second list of
//!   subscriptions), `server` (id), `what` (a label), `to`. Everything else in the manifest is as it is after them.
//!
//! Of a server:
//!
//! - Who and where: `id`, `name`, `number` (from 1), `subscription` (id), `group` (name), `region`, `hidden` (in no
//!   list; a GET is refused), `spelling` and `emptyFirstPage` (how answers about it look), `character` (how well it
//!   is looked after: a label), `created`.
//! - `denied[]`: the path segments of the child resources that the caller may not read, and `diagnosticSettings`.
//! - What it is: `sku`, `tier`, `version`, `state`, `availabilityZone`, `administratorLogin`, `entraAdministrator`
//!   (a login, or null), `threatProtection`, `patchStrategy`, `maintenanceBatch`, `maintenanceWindow` (null: the
//!   platform picks the time), `storage` {`sizeGb`, `autoGrow`, `autoIoScaling`, `logOnDisk`}, `tags[]` (pairs),
//!   `backup` {`retentionDays`, `geoRedundant`, `newestHoursAgo`: null when there is none}, `highAvailability`
//!   {`mode`, `state`, `standbyZone`}.
//! - `replication` {`role`; of a replica also `source`, an id, and `sourceHidden`: the source is out of sight}.
//! - `network`: `kind` `public` with `publicAccess`, `firewallRules[]` {`name`, `start`, `end`} and `endpoints[]` (states
//!   of private endpoint connections), or `kind` `integrated` with `saysPublicAccess` (whether answers carry
//!   `publicNetworkAccess` at all) and `dnsZone`.
//! - `parameters[]`: what differs from the version's defaults: `name`, `value`, and `inForce`, the old value while
//!   the new one waits for a restart. `showsCurrentValues` says whether answers carry `currentValue`; where they
//!   do, empty values are left out.
//! - `subnet`, of an integrated server: `id`, `read`, `prefixes[]`, `networkSecurityGroup`: null when none is
//!   associated, else `id`, `read`, `case` (a label), and `rules[]`, the platform's six last: `name`, `direction`,
//!   `access`, `priority`, `protocol`, `sources[]` (prefixes and service tags), `sourceApplicationSecurityGroups` (true:
//!   such a group is the source, and `sources` is empty), `destinations[]`, `ports[]`. Source ports are always `*`.
//! - `customerKey` {`versioned`, `geoKey`}: null when the service manages the key. `key` and `geoKey` then tell of
//!   each key: `uri` as the server names it; `vault` {`id`, `name`, `type`, `subscription`, `read`, `listed` (by the
//!   vault lists and by Resource Graph), `enableSoftDelete` (null: no such member), `enablePurgeProtection`: `true`,
//!   `null` or `absent`, `publicNetworkAccess` and `networkAclsDefaultAction` (null: no such member)}; `key` {`id`,
//!   `name`, `read`, `enabled`, `notBefore` and `expires` (Unix seconds), `currentVersion`, `rotation`: the action of its
//!   rotation policy as it is written, null without a policy}; and `version` {`version`, `current`, `enabled`,
//!   `notBefore`, `expires`} when the URI names one. A key in a vault that is not readable has the vault's `read`.
//! - `diagnosticSettings`: `read`, `case` (a label), `settings[]` {`name`, `destinations[]`: `workspace`, `storage`,
//!   `eventHub`, `partner`; `logs[]` {`category`, `categoryGroup`, `enabled`}}.
//! - `locks`: `read` as that of the subscription; `planted[]`: what a list at the server holds: `id`, `scope`:
//!   `subscription`, `resourceGroup`, `server`, `child` (below the server, which it does not protect) or
//!   `otherResource`; `scopeId`, `level`.
//! - `policyStates[]`: what shows of the server in Resource Graph: `policyAssignmentId`, `policySetDefinitionId`,
//!   `policyDefinitionId`, `policyDefinitionReferenceId`, `complianceState`, `byRule` (what the rule of the policy says
//!   of the planted server), `stale` (whether the state was planted as the opposite of that).
//! - `policyExemptions[]`: those whose scope is the server or above it: `id`, `scope`: `managementGroup`,
//!   `subscription`, `resourceGroup` or `server`; `scopeId`, `category`, `expires` (null: never), `policyAssignmentId`,
//!   `policyDefinitionReferenceIds[]` (empty: the whole assignment).
//!
//! The first sixty servers of a fleet are spared what is rare: a version that nobody lists, a source out of sight,
//! a standby that is being removed, odd sets of audit events.
//!
//! Nothing here reads or writes the network beyond its own listener on loopback, and nothing that would change
//! a resource is served. The rest of the program must not depend on this room, except the commands that start
//! it and tests.

mod arm;
mod around;
mod children;
mod drift;
mod errors;
mod faults;
mod fleet;
mod graph;
mod http;
mod inventory;
mod line;
mod manifest;
mod neighbours;
mod parameters;
mod plant;
mod query;
mod quota;
mod region;
mod render;
mod replay;
mod rows;
mod serve;
mod server;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub use self::faults::{Fault, Faults, Mishap, Turns};
pub use self::fleet::{Fleet, FleetOptions, Lockbox};
pub use self::quota::Quota;
pub use self::replay::{Replay, ReplayError};
pub use self::serve::{Request, Running};

/// How an endpoint behaves, whatever it answers from.
#[derive(Debug, Clone)]
pub struct Options {
    /// Time that passes before each answer.
    pub latency: Duration,
    /// The bearer token that callers must send.
    pub token: String,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// Entries on a page of a list, and rows on a page of Resource Graph (where a thousand is the most).
    /// Configurations always come on one page, as Azure sends them.
    pub page_size: usize,
    /// The limits that are announced and kept. A replay announces what was recorded.
    pub quota: Quota,
    /// Whether lists of configurations hold only the fifty entries that bear on security: some 30 KB
    /// instead of 300, for benchmarks of very large fleets.
    pub essential_parameters_only: bool,
    /// How many requests are remembered; older ones are forgotten.
    pub recorded_requests: usize,
    /// How many servers of a fleet people change before each list of subscriptions after the first, with which a scan
    /// begins. The manifest of the endpoint tells what they did.
    pub drift: usize,
}

impl Options {
    /// No latency, no faults, Azure's documented limits, and this token.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self {
            latency: Duration::ZERO,
            token: token.into(),
            faults: Faults::none(),
            page_size: 1_000,
            quota: Quota::DOCUMENTED,
            essential_parameters_only: false,
            recorded_requests: 10_000,
            drift: 0,
        }
    }
}

/// What an endpoint answers from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A fleet made from a seed.
    Fleet(Arc<Fleet>),
    /// Recorded answers.
    Replay(Arc<Replay>),
}

impl From<Fleet> for Source {
    fn from(fleet: Fleet) -> Self {
        Self::Fleet(Arc::new(fleet))
    }
}

impl From<Replay> for Source {
    fn from(replay: Replay) -> Self {
        Self::Replay(Arc::new(replay))
    }
}

impl Source {
    fn seed(&self) -> u64 {
        match self {
            Self::Fleet(fleet) => fleet.options.seed,
            Self::Replay(_) => 0,
        }
    }

    fn tenant(&self) -> &str {
        match self {
            Self::Fleet(fleet) => &fleet.tenant,
            Self::Replay(_) => NOBODY,
        }
    }

    fn caller(&self) -> &str {
        match self {
            Self::Fleet(fleet) => &fleet.caller,
            Self::Replay(_) => NOBODY,
        }
    }
}

const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// Why an endpoint could not be started.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something else than this machine could reach it.
    #[error("{0} is not a loopback address: the simulator serves this machine only; use 127.0.0.1")]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {cause}; port 0 takes any free one")]
    Bind {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
}

/// Starts endpoints.
#[derive(Debug)]
pub struct Simulator;

impl Simulator {
    /// Listens on a loopback address (port 0 takes any free one) and serves until the result is shut down or
    /// dropped. Needs a Tokio runtime around it.
    ///
    /// # Errors
    ///
    /// When the address is not loopback, or cannot be listened on.
    pub async fn start(
        source: impl Into<Source>,
        options: Options,
        bind: SocketAddr,
    ) -> Result<Running, Error> {
        serve::start(source.into(), options, bind).await
    }
}
