//! One file of the list.

use std::cmp::Reverse;
use std::sync::Arc;

use jiff::Timestamp;

use crate::documents::text::neutral;
use crate::posture::Totals;

use super::ScansSort;

/// How a kept scan ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With everything that was to be read.
    Complete,
    /// Somebody stopped it.
    Stopped,
    /// Its writer ended before it did.
    BrokenOff,
    /// Not yet.
    Running,
}

impl Ended {
    /// The words for it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Stopped => "stopped early",
            Self::BrokenOff => "broken off",
            Self::Running => "running now",
        }
    }
}

/// What is known of a kept scan without reading its servers. Text is neutralised when it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptScan {
    /// Its id.
    pub id: String,
    /// What was scanned, in words.
    pub scope: String,
    /// The origin of Azure Resource Manager that was asked.
    pub endpoint: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended, if it has.
    pub finished_at: Option<Timestamp>,
    /// How it ended.
    pub ended: Ended,
    /// How many servers it holds.
    pub servers: u64,
    /// How many subscriptions were asked.
    pub subscriptions: u64,
    /// The version of the file's form, when it is not the newest one.
    pub older_format: Option<i64>,
    /// The ruleset that judged it, when it is not that of now.
    pub other_ruleset: Option<String>,
    /// The id of the scan that it is laid over.
    pub parent: Option<String>,
    /// Its totals, where they are known.
    pub totals: Option<Arc<Totals>>,
    /// Whether the totals are those of the ruleset and the exemptions of now.
    pub judged_now: bool,
}

impl KeptScan {
    /// The totals as they are judged now.
    #[must_use]
    pub fn totals_now(&self) -> Option<&Arc<Totals>> {
        self.totals.as_ref().filter(|_| self.judged_now)
    }

    /// The score of the baseline.
    #[must_use]
    pub fn score(&self) -> Option<u8> {
        self.totals.as_ref()?.score.percent()
    }
}

/// One file of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanEntry {
    /// The file with its whole path.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// What is in it, or why it cannot be read.
    pub scan: Result<KeptScan, String>,
}

impl ScanEntry {
    /// The name of the file without its folder and its ending, neutralised.
    #[must_use]
    pub fn name(&self) -> String {
        let name = self.file.rsplit('/').next().unwrap_or(&self.file);
        neutral(name.strip_suffix(".flexscan").unwrap_or(name)).into_owned()
    }

    /// The scan, when it can be read.
    #[must_use]
    pub fn readable(&self) -> Option<&KeptScan> {
        self.scan.as_ref().ok()
    }

    /// Whether every word stands somewhere in it. The words are in lower case.
    pub(super) fn matches(&self, words: &[String]) -> bool {
        if words.is_empty() {
            return true;
        }
        let text = match &self.scan {
            Ok(scan) => format!(
                "{} {} {} {} {} {}",
                scan.id,
                scan.scope,
                scan.ended.words(),
                scan.started_at,
                scan.parent.as_deref().unwrap_or_default(),
                self.name()
            ),
            Err(why) => format!("damaged unreadable {why} {}", self.name()),
        };
        let text = text.to_lowercase();
        words.iter().all(|word| text.contains(word))
    }

    /// By what it is sorted. What is not known comes last.
    pub(super) fn key(&self, sort: ScansSort) -> (bool, Reverse<i64>) {
        let scan = self.readable();
        let known = match sort {
            // The folder is in the order of time, with damaged files where their names put them.
            ScansSort::Time => Some(0),
            ScansSort::Size => i64::try_from(self.bytes).ok(),
            ScansSort::Servers => scan.and_then(|scan| i64::try_from(scan.servers).ok()),
            ScansSort::Score => scan
                .and_then(KeptScan::score)
                .map(|score| -i64::from(score)),
        };
        (known.is_none(), Reverse(known.unwrap_or(0)))
    }
}

/// A size for people.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    match bytes {
        0..=1_048_575 => format!("{} KiB", bytes.div_ceil(1024)),
        _ => format!("{} MiB", bytes.div_ceil(1024 * 1024)),
    }
}
