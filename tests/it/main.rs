//! The integration tests, in one binary to keep builds short.

mod azure;
mod catalogue;
mod credentials;
mod loopback;
mod pictures;
mod recorded;
mod scan;
mod simulator;
mod support;
