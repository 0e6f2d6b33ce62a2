//! The loop: messages in, effects performed, a frame drawn when something changed.
//!
//! Keys, signals and finished jobs become messages; `update` turns messages into effects; effects are performed here,
//! each as a task that answers with messages. A frame is drawn when the queue is empty and the state changed, never on
//! a timer. What may not enter this room: decisions about what is shown or what a key means.

mod documents;
mod event_loop;
mod exemption_book;
mod explore;
mod file_notices;
mod follow;
mod jobs;
mod kept;
mod keys;
mod live;
mod new_file;
mod pace;
mod refresh;
mod rehearsal;
mod search_file;
mod session_file;
mod several;
mod telling;
mod theme_folder;
mod themes;
mod unattended;
mod writing;

pub use documents::{compared_scan, report_head};
pub use exemption_book::{Entered, ExemptionBook};
pub use explore::{Exploration, ExploreError, Watching, explore};
pub use live::{Before, Prepared, Resumed, ScanKind, Starter, open};
pub use new_file::{NewFile, NewFileError, replace_private};
pub use search_file::SearchFile;
pub use session_file::{SavedPlace, SessionFile};
pub use several::{compare, pair};
pub use theme_folder::ThemeFolder;
pub use themes::colours;
pub use unattended::Unattended;
pub use writing::{PROGRAM, Script, Watch, WriteError, export, fixes};
