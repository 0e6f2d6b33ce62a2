//! The conditions, by family. Each is one small function: from a server's documents to a judgement with evidence.

pub mod am;
pub mod br;
pub mod dp;
mod firewall;
pub mod im;
mod look;
pub mod ns;

pub use look::Look;
