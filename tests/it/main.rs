//! The integration tests, in one binary to keep builds short.

mod app;
mod architecture;
mod azure;
mod catalogue;
mod cli;
mod command;
mod credentials;
mod loopback;
mod malformed;
mod misfortune;
mod oracle;
mod pty;
mod pictures;
mod recorded;
mod scan;
mod simulator;
mod store;
mod support;
