//! The integration tests, in one binary to keep builds short.

mod azure;
mod credentials;
mod loopback;
