//! What the outside is asked to do with the kept scans, and what it answers.

use super::{Checked, ScanEntry};
use crate::app::trend::Counted;

/// Something to do outside with the kept scans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScansWork {
    /// List the folder. Answered by [`ScansNews::Listed`].
    List {
        /// To be sent back.
        generation: u64,
    },
    /// Count these files, in this order, as they are judged now. Answered by [`ScansNews::Counted`] several times a file,
    /// at the end by [`ScansNews::CountEnded`]. One with a higher number makes this one pointless.
    Count {
        /// To be sent back.
        generation: u64,
        /// Count this server alone, by its resource id.
        server: Option<String>,
        /// The files.
        files: Vec<String>,
    },
    /// Nobody waits for the counting any more. It ends without an answer.
    StopCount,
    /// Copy a file. Answered by [`ScansNews::Copied`], [`ScansNews::IsThere`] or [`ScansNews::Refused`].
    Copy {
        /// The file.
        file: String,
        /// Where to.
        to: String,
        /// Whether a file that is there may be written over.
        replace: bool,
    },
    /// Delete a file. Answered by [`ScansNews::Deleted`] or [`ScansNews::Refused`].
    Delete {
        /// The file.
        file: String,
        /// The file that is open.
        open: Option<String>,
    },
    /// Look whether a file is still what was written. Answered by [`ScansNews::Checked`] several times, or by
    /// [`ScansNews::Refused`].
    Verify {
        /// The file.
        file: String,
    },
}

/// What became of it.
#[derive(Clone, Debug)]
pub enum ScansNews {
    /// The folder was listed, or why it could not be.
    Listed {
        /// The number that the effect carried.
        generation: u64,
        /// The files, newest first.
        entries: Result<Vec<ScanEntry>, String>,
    },
    /// A file is being counted, or was.
    Counted {
        /// The number that the effect carried.
        generation: u64,
        /// The file.
        file: String,
        /// How far it is.
        counted: Counted,
    },
    /// Everything was counted.
    CountEnded {
        /// The number that the effect carried.
        generation: u64,
    },
    /// A file was copied.
    Copied {
        /// Where to.
        to: String,
        /// Its size.
        bytes: u64,
    },
    /// There is a file already where one was to be copied to.
    IsThere {
        /// The file.
        file: String,
        /// Where to.
        to: String,
    },
    /// A file was deleted.
    Deleted {
        /// The file.
        file: String,
        /// Its size.
        bytes: u64,
    },
    /// It is looked whether a file is still what was written.
    Checked {
        /// The file.
        file: String,
        /// What came of it so far.
        checked: Checked,
    },
    /// Something was not done.
    Refused {
        /// What, in a few words.
        title: String,
        /// Why.
        detail: String,
    },
}
