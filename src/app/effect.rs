//! What the outside is asked to do, as data.

use std::ops::Range;
use std::sync::Arc;

use crate::baseline::FeatureId;
use crate::posture::Fleet;

use super::{Export, FixOrder, JobId, Message, Part, ScansWork, Show, Survey, servers_of};
use crate::posture::Exemption;
use crate::query::{Hits, Query, SearchIndex};

/// Which scan to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScanChoice {
    /// The newest one.
    Newest,
    /// The one with this id or in this file.
    Named(String),
}

/// What is to become of the theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ThemeChange {
    /// The next one.
    Next,
    /// The one before.
    Previous,
    /// The same one, its file read anew.
    Reload,
}

/// Something to do outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Open a scan. Answered by `ScanOpened` or `Failed`.
    OpenScan {
        /// The job.
        job: JobId,
        /// Which.
        choice: ScanChoice,
    },
    /// Scan what the credential in use can see. Answered by `ScanOpened` with a running scan, then `FleetGrew` and
    /// `Progress`, at the end a `Progress` that says how it ended and a `ScanOpened`; or by `Failed`.
    StartScan {
        /// The job.
        job: JobId,
    },
    /// Scan a simulated fleet. Answered like [`Effect::StartScan`].
    StartDemo {
        /// The job.
        job: JobId,
    },
    /// Go on with a scan that has no end or was stopped: read what is missing in it. Answered like
    /// [`Effect::StartScan`].
    ResumeScan {
        /// The job.
        job: JobId,
        /// Its file.
        scan: String,
    },
    /// Read servers of the open scan again, or a part of each, into a scan that lies over that one. Answered by `Reread` now
    /// and then, at the end by `ScanOpened` with that scan, or `Failed`.
    RefreshServers {
        /// The job.
        job: JobId,
        /// The file of the open scan.
        scan: String,
        /// The servers' resource ids.
        servers: Vec<String>,
        /// How much of each.
        part: Part,
    },
    /// Read again what the open scan covers. Answered as `StartScan` is.
    RefreshFleet {
        /// The job.
        job: JobId,
        /// The file of the open scan.
        scan: String,
        /// Whether watch mode asks, whose scans are not kept for ever.
        by_watch: bool,
    },
    /// Answer with `Due` after so many seconds. One with a higher number makes this one pointless.
    Wait {
        /// To be sent back.
        generation: u64,
        /// How long.
        seconds: u64,
    },
    /// Stop a scan and keep what it has read. It ends as a scan ends, incomplete.
    CancelScan {
        /// The scan's job.
        job: JobId,
    },
    /// Read and judge one server of the open scan. Answered by `DetailLoaded` or `Failed`.
    LoadDetail {
        /// The job.
        job: JobId,
        /// The server's resource id.
        server: String,
    },
    /// Fold all servers of the open scan into the reports: [`ReportsFold`](super::ReportsFold). Answered by
    /// `ReportsProgress` now and then, at the end by `ReportsMade` or `Failed`.
    MakeReports {
        /// The job.
        job: JobId,
    },
    /// Nobody waits for the reports any more. They end without an answer.
    StopReports {
        /// The job.
        job: JobId,
    },
    /// Compare two scans under the current judge. Answered by `CompareProgress` now and then, at the end by `Compared` or
    /// `Failed`. A later one makes this one pointless.
    Compare {
        /// The job.
        job: JobId,
        /// The scan to compare with; `None` for the newest complete one of the same scope before the other.
        from: Option<ScanChoice>,
        /// The scan that is looked at.
        to: ScanChoice,
    },
    /// Nobody waits for the comparison any more. It ends without an answer.
    StopCompare {
        /// The job.
        job: JobId,
    },
    /// Read and judge one server of two scans. Answered by `PairLoaded` or `Failed`.
    LoadPair {
        /// The job.
        job: JobId,
        /// The server's resource id.
        server: String,
        /// The file of the scan that is compared with.
        from: String,
        /// The file of the scan that is looked at.
        to: String,
    },
    /// Read and judge one server in each of the newest cached scans, at most [`MOST_SCANS`](super::MOST_SCANS). Answered
    /// by `HistoryLoaded` or `Failed`.
    LoadHistory {
        /// The job.
        job: JobId,
        /// The server's resource id.
        server: String,
    },
    /// Nobody waits for the history any more. It ends without an answer.
    StopHistory {
        /// The job.
        job: JobId,
    },
    /// Make the text to search in, on a worker: [`SearchIndex::new`]. Answered by `Indexed`.
    Index {
        /// To be sent back.
        generation: u64,
        /// The servers.
        fleet: Arc<Fleet>,
    },
    /// Apply a filter on a worker: [`filter`](crate::query::filter). One with a higher number makes this one
    /// pointless: stop it. Answered by `Filtered`.
    Filter {
        /// To be sent back.
        generation: u64,
        /// What to look for.
        query: Query,
        /// Where to look.
        index: Arc<SearchIndex>,
        /// The hits of a query that this one narrows.
        within: Option<Arc<Hits>>,
    },
    /// Something to do with the kept scans.
    Scans(ScansWork),
    /// Find anything, on a worker: [`find`](crate::query::find). One with a higher number makes this one pointless: stop
    /// it. Answered by `Found`.
    Find {
        /// To be sent back.
        generation: u64,
        /// The servers to look in.
        index: Arc<SearchIndex>,
        /// The words.
        text: String,
    },
    /// Read the file of saved searches. Answered by `SearchesRead` or `Failed`.
    ReadSearches,
    /// Add this text at the end of the file of saved searches; answered like [`Effect::ReadSearches`].
    AddSearch(String),
    /// Put this text in the place of the file of saved searches; answered like [`Effect::ReadSearches`].
    WriteSearches(String),
    /// Gather the words that completion offers, on a worker: [`Vocabulary::new`](crate::query::Vocabulary::new).
    /// Answered by `WordsGathered`.
    GatherWords {
        /// To be sent back.
        generation: u64,
        /// Where they are.
        index: Arc<SearchIndex>,
    },
    /// Count every feature over the servers in view, on a worker: [`Effect::count`]. Answered by
    /// `Surveyed`.
    Survey {
        /// To be sent back.
        revision: u64,
        /// The servers.
        fleet: Arc<Fleet>,
        /// The places of those in view.
        places: Arc<Vec<u32>>,
        /// Parts of the places that are counted apart, too.
        groups: Vec<Range<usize>>,
    },
    /// List the servers of one feature, on a worker: [`Effect::count`]. Answered by `Listed`.
    List {
        /// To be sent back.
        generation: u64,
        /// The servers.
        fleet: Arc<Fleet>,
        /// The places of those in view.
        places: Arc<Vec<u32>>,
        /// The feature.
        feature: FeatureId,
        /// Which verdicts are wanted.
        show: Show,
    },
    /// Write a table to a file. Answered by `Writing` now and then, at the end by `Written`, `FileExists` or `Failed`.
    Export {
        /// The job.
        job: JobId,
        /// What is written.
        export: Box<Export>,
    },
    /// Make a script with what would make findings hold. Answered like `Export`, or by `ScriptMade`.
    WriteFixes {
        /// The job.
        job: JobId,
        /// What it is about.
        order: Box<FixOrder>,
    },
    /// Nobody waits for the file any more: it is not made. No answer.
    StopWriting {
        /// The job.
        job: JobId,
    },
    /// Add exemptions to their file and judge with them from now on. Answered by `ExemptionsAdded` or `Failed`.
    AddExemptions {
        /// The job.
        job: JobId,
        /// The entries.
        entries: Arc<[Exemption]>,
    },
    /// Judge the open scan anew. Answered by `ScanOpened` or `Failed`.
    JudgeAnew {
        /// The job.
        job: JobId,
    },
    /// Send a text to the clipboard. Answered by `Copied` or `CopyFailed`.
    Copy(String),
    /// Stop the program and give the terminal back until it is continued.
    Suspend,
    /// Change the theme. Answered by `ThemeTaken` or `ThemeRefused`.
    Theme(ThemeChange),
    /// Draw everything anew.
    Redraw,
    /// End the program.
    Quit,
}

impl Effect {
    /// Does what is asked for where that is counting the servers in view; nothing else is needed for it. `None` for
    /// every other effect.
    #[must_use]
    pub fn count(&self) -> Option<Message> {
        match self {
            Self::Survey {
                revision,
                fleet,
                places,
                groups,
            } => Some(Message::Surveyed {
                revision: *revision,
                survey: Arc::new(Survey::new(fleet, places, groups)),
            }),
            Self::List {
                generation,
                fleet,
                places,
                feature,
                show,
            } => Some(Message::Listed {
                generation: *generation,
                places: servers_of(fleet, places, *feature, *show),
            }),
            _ => None,
        }
    }
}
