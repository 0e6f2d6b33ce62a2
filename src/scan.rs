//! Reading a fleet: what to read, with which concurrency, and what becomes of it.
//!
//! A scan asks for the subscriptions, finds their servers, reads each server and those of its children that its
//! set-up makes worth reading, and hands everything to the store as it comes. One refused or failing read costs one
//! fact, never the server and never the scan. This room knows no screen: progress leaves it as messages.

mod again;
mod answers;
mod cancelled;
mod estimate;
mod find;
mod fitting;
mod fleet;
mod look_ahead;
mod meter;
mod neighbours;
mod networks;
mod plan;
mod policies;
mod portion;
mod progress;
mod queue;
mod read;
mod refresh;
mod resume;
mod run;
mod select;
mod shelf;
mod spill;
mod stopped;
mod time_left;

pub use estimate::{Bounds, Estimate, NotRead, Plan, PlannedReads};
pub use look_ahead::{LookAhead, look_ahead};
pub use progress::{Meter, Progress, allowance_in_words, held_in_words};
pub use refresh::{Part, Refresh, refresh};
pub use resume::Known;
pub use run::{Done, Job, ScanError, run};
pub use time_left::{Pace, TimeLeft};
