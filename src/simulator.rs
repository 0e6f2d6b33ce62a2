//! An Azure Resource Manager endpoint on loopback, for the demo, for tests and for benchmarks.
//!
//! It answers what Azure answers, not what this program would like: the poorer list form beside the full GET
//! form, flags as words, locations as they are displayed, ids in mixed case, no `dataEncryption` where the
//! service manages the key, empty pages that have a next link, errors in Azure's words. What it says comes
//! either from a [`Fleet`] made from a seed, or from a folder of recorded answers ([`Replay`]).
//!
//! Two things are assumed because nobody recorded them: that a server which does not run answers 409 to its
//! configurations (Azure's body is known from a public bug report) and to nothing else, and that Resource Graph
//! carries the list form of a server.
//!
//! Nothing here reads or writes the network beyond its own listener on loopback, and nothing that would change
//! a resource is served. The rest of the program must not depend on this room, except the commands that start
//! it and tests.

mod arm;
mod around;
mod children;
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
