//! Reading a fleet: what to read, with which concurrency, and what becomes of it.
//!
//! A scan asks for the subscriptions, finds their servers, reads each server and those of its children that its
//! set-up makes worth reading, and hands everything to the store as it comes. One refused or failing read costs one
//! fact, never the server and never the scan. This room knows no screen: progress leaves it as messages.

mod meter;
mod neighbours;
mod plan;
mod policies;
mod progress;
mod read;
mod refresh;
mod run;
mod scope;
mod stopped;
mod turns;

pub use progress::{Meter, Progress, allowance_in_words, held_in_words};
pub use refresh::{Part, Refresh, refresh};
pub use run::{Done, Job, ScanError, run};
pub use scope::Scope;
