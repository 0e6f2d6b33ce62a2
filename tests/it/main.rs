//! The integration tests, in one binary to keep builds short.

mod app;
mod architecture;
mod azure;
mod catalogue;
mod cli;
mod command;
mod credentials;
mod fixes;
mod loopback;
mod malformed;
mod misfortune;
mod oracle;
mod pictures;
mod pty;
mod recorded;
mod scan;
mod simulator;
mod store;
mod support;
