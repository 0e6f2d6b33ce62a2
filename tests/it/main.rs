//! The integration tests, in one binary to keep builds short.

mod app;
mod architecture;
mod azure;
mod catalogue;
mod cli;
mod credentials;
mod loopback;
mod pty;
mod recorded;
mod scan;
mod simulator;
mod support;
