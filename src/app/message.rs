//! What happened: everything that can change the state.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::baseline::FeatureId;
use crate::documents::{Fact, ServerDocuments, Subscription};
use crate::posture::policy::{AzureExemption, PolicyStanding, exemptions_of_azure, policies};
use crate::posture::{
    Condition, ConditionId, Exemptions, Finding, Fix, Fleet, Judge, Ruleset, ServerSummary, Waiver,
    fixes,
};

use super::{
    Command, Comparison, FindingPair, History, Key, Place, Pointer, Progress, ScanReports,
    ScansNews, Survey,
};
use crate::query::{Found, Hits, SearchIndex, Vocabulary};

/// The id of one piece of work that the runtime does. Ids are never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// How much of a scan there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// Everything that was to be read was asked for.
    Complete,
    /// The scan ended early; what it read is kept.
    Partial,
    /// The scan still runs.
    Running,
}

impl Completeness {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "incomplete",
            Self::Running => "running",
        }
    }
}

/// What is known of a scan beside its servers. Text is neutralised when it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanInfo {
    /// The scan's id.
    pub id: String,
    /// What was scanned, in words: `Contoso`, `demo`.
    pub scope: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended, if it has.
    pub finished_at: Option<Timestamp>,
    /// How much of it there is.
    pub completeness: Completeness,
    /// The portal of the cloud that was scanned, when it has a known one: the beginning of an address.
    pub portal: Option<String>,
    /// Its file with the whole path, to name the scan in a command.
    pub file: String,
    /// The id of the ruleset that judged it.
    pub ruleset: String,
    /// What it was judged under before, when it was judged anew on opening.
    pub judged_under: Option<JudgedUnder>,
    /// What a reader should know of the scan as a whole, for example subscriptions that could not be read.
    pub notes: Vec<String>,
}

/// The ruleset that a scan was judged under before it was judged anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedUnder {
    /// Its id.
    pub ruleset: String,
    /// How many verdicts differ now; `None` when those of then cannot be read.
    pub differ: Option<usize>,
}

impl JudgedUnder {
    /// How many verdicts differ, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self.differ {
            Some(0) => "no verdict differs".to_owned(),
            Some(1) => "1 verdict differs".to_owned(),
            Some(count) => format!("{count} verdicts differ"),
            None => "what differs is not known".to_owned(),
        }
    }
}

/// A scan, ready to be explored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedScan {
    /// What is known of it.
    pub info: ScanInfo,
    /// Its servers.
    pub fleet: Arc<Fleet>,
}

/// All about one server.
#[derive(Clone, Debug)]
pub struct ServerDetail {
    /// What was read.
    pub documents: ServerDocuments,
    /// What follows from it, one finding a feature.
    pub findings: Vec<Finding>,
    /// What would make the failing ones hold, by feature.
    pub fixes: BTreeMap<FeatureId, Vec<Fix>>,
    /// How the server stands in the policies that the catalogue shows with each feature.
    pub policies: BTreeMap<FeatureId, Vec<PolicyStanding>>,
    /// The exemptions of Azure Policy whose scope covers the server.
    pub azure_exemptions: Fact<Vec<AzureExemption>>,
    /// Of our exemptions that would cover an open condition and have ended, the last one.
    pub ended_exemptions: BTreeMap<(FeatureId, ConditionId), Arc<Waiver>>,
    /// What the findings were judged by.
    pub ruleset: Ruleset,
}

impl ServerDetail {
    /// All that follows from what was read about a server.
    #[must_use]
    pub fn new(documents: ServerDocuments, judge: &Judge) -> Self {
        let findings = judge.findings(&documents);
        let fixes = findings
            .iter()
            .map(|finding| (finding.feature, fixes(&documents, &judge.ruleset, finding)))
            .filter(|(_, fixes)| !fixes.is_empty())
            .collect();
        let policies = findings
            .iter()
            .map(|finding| (finding.feature, policies(&documents, finding.feature)))
            .filter(|(_, standings)| !standings.is_empty())
            .collect();
        Self {
            azure_exemptions: exemptions_of_azure(&documents),
            ended_exemptions: ended_exemptions(&documents, judge, &findings),
            ruleset: judge.ruleset.clone(),
            documents,
            findings,
            fixes,
            policies,
        }
    }
}

fn ended_exemptions(
    documents: &ServerDocuments,
    judge: &Judge,
    findings: &[Finding],
) -> BTreeMap<(FeatureId, ConditionId), Arc<Waiver>> {
    let mut ended = BTreeMap::new();
    for finding in findings {
        let open = |it: &&Condition| it.is_open() && it.waiver.is_none();
        for condition in finding.conditions.iter().filter(open) {
            let (feature, exemptions) = (finding.feature, &judge.exemptions);
            let last = exemptions.ended(documents.id(), feature, condition, judge.today);
            if let Some(last) = last {
                ended.insert((feature, condition.id), last.waiver.clone());
            }
        }
    }
    ended
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The file with the whole path.
    pub path: String,
    /// How large it is.
    pub bytes: u64,
    /// What is in it, in words: `97 rows`.
    pub what: String,
}

/// What became of exemptions that were to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExemptionsAdded {
    /// The file with the whole path.
    pub path: String,
    /// How many entries were added.
    pub added: usize,
    /// How many stood in it already, word for word.
    pub already: usize,
    /// All exemptions of the file.
    pub exemptions: Exemptions,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Message {
    /// A key was pressed.
    Key(Key),
    /// A command was asked for by its name: as if its key had been pressed.
    Command(Command),
    /// A place of the open scan was asked for. What is not there gives way to the nearest place above it.
    Visit(Box<Place>),
    /// Text was pasted.
    Paste(String),
    /// The mouse was used.
    Pointer(Pointer),
    /// The terminal has this size.
    Resize {
        /// Columns.
        columns: u16,
        /// Rows.
        rows: u16,
    },
    /// The time, sent before anything else that arrives and never alone.
    Clock(Timestamp),
    /// A scan was opened, or a running one has its first or final form.
    ScanOpened {
        /// The job of opening or scanning.
        job: JobId,
        /// The scan.
        scan: OpenedScan,
    },
    /// Servers of a running scan were judged. A server seen before gets its new summary.
    FleetGrew {
        /// The scan's job.
        job: JobId,
        /// Subscriptions that are new.
        subscriptions: Vec<Subscription>,
        /// The servers.
        servers: Vec<ServerSummary>,
    },
    /// How far a running scan is.
    Progress {
        /// The scan's job.
        job: JobId,
        /// How far it is.
        progress: Progress,
    },
    /// How far reading some servers again is.
    Reread {
        /// The job.
        job: JobId,
        /// How many of them were read.
        servers: usize,
    },
    /// A server's documents were read and judged.
    DetailLoaded {
        /// The job.
        job: JobId,
        /// The server.
        detail: Arc<ServerDetail>,
    },
    /// The reports over all servers are being made.
    ReportsProgress {
        /// The job.
        job: JobId,
        /// How many servers were looked at.
        servers: usize,
    },
    /// The reports over all servers are there.
    ReportsMade {
        /// The job.
        job: JobId,
        /// The reports.
        reports: Arc<ScanReports>,
    },
    /// Two scans are being compared.
    CompareProgress {
        /// The job.
        job: JobId,
        /// How many servers were judged anew or compared.
        servers: u64,
    },
    /// Two scans were compared.
    Compared {
        /// The job.
        job: JobId,
        /// The scans and what differs.
        comparison: Arc<Comparison>,
    },
    /// One server of two scans was read and judged.
    PairLoaded {
        /// The job.
        job: JobId,
        /// The findings.
        pair: Arc<FindingPair>,
    },
    /// A server was looked up in the cached scans.
    HistoryLoaded {
        /// The job.
        job: JobId,
        /// The history.
        history: Arc<History>,
    },
    /// The text to search in is ready.
    Indexed {
        /// The number that the effect carried.
        generation: u64,
        /// The text.
        index: Arc<SearchIndex>,
    },
    /// A filter was applied.
    Filtered {
        /// The number that the effect carried.
        generation: u64,
        /// What matched.
        hits: Hits,
    },
    /// What became of something that was to be done with the kept scans.
    Scans(ScansNews),
    /// What was waited for is due.
    Due {
        /// The number that the effect carried.
        generation: u64,
    },
    /// Something was found, or nothing.
    Found {
        /// The number that the effect carried.
        generation: u64,
        /// What was found.
        found: Found,
    },
    /// The text of the file of saved searches; empty when there is none.
    SearchesRead(String),
    /// The words that completion offers were gathered.
    WordsGathered {
        /// The number that the effect carried.
        generation: u64,
        /// The words.
        words: Arc<Vocabulary>,
    },
    /// Every feature was counted over the servers in view.
    Surveyed {
        /// The number that the effect carried.
        revision: u64,
        /// The counts.
        survey: Arc<Survey>,
    },
    /// The servers of a feature were listed.
    Listed {
        /// The number that the effect carried.
        generation: u64,
        /// Their places, worst first.
        places: Vec<u32>,
    },
    /// A file is being written.
    Writing {
        /// The job.
        job: JobId,
        /// How many servers were gone through.
        done: usize,
    },
    /// A file was written.
    Written {
        /// The job.
        job: JobId,
        /// It.
        written: Written,
    },
    /// The file is there already, and was left as it is.
    FileExists {
        /// The job.
        job: JobId,
        /// The file with the whole path.
        path: String,
    },
    /// A script was made that is to go to the clipboard.
    ScriptMade {
        /// The job.
        job: JobId,
        /// It.
        text: String,
    },
    /// Exemptions were added to their file.
    ExemptionsAdded {
        /// The job.
        job: JobId,
        /// What became of them.
        added: ExemptionsAdded,
    },
    /// A text was sent to the clipboard; the words say which way it went.
    Copied(String),
    /// A text could not be sent to the clipboard, and why.
    CopyFailed(String),
    /// A theme is in use now; the words say which.
    ThemeTaken(String),
    /// A theme is wrong, and where; the one before it stays in use.
    ThemeRefused(String),
    /// Something went wrong.
    Failed {
        /// The job that failed, when it was one.
        job: Option<JobId>,
        /// What happened, in a few words.
        title: String,
        /// The rest, with what to do.
        detail: String,
    },
    /// A task of the program itself broke down; the words of its end.
    TaskPanicked(String),
}
