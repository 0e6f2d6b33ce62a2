//! The integration tests, in one binary to keep builds short.

mod catalogue;
mod simulator;
