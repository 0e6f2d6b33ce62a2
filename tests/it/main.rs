//! The integration tests, in one binary to keep builds short.

mod app;
mod architecture;
mod azure;
mod catalogue;
mod cli;
mod command;
mod config;
mod credentials;
mod exemptions;
mod fixes;
mod home;
mod loopback;
mod made_up;
mod malformed;
mod misfortune;
mod network_groups;
mod oracle;
mod permissions;
mod pictures;
mod policies;
mod pty;
mod recorded;
mod scan;
mod simulator;
mod store;
mod support;
