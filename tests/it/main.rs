//! The integration tests, in one binary to keep builds short.

mod catalogue;
mod recorded;
mod scan;
mod simulator;
mod support;
