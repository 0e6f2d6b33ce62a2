//! The scans that are kept on this machine, as a list: which there are, in which order, which one is selected.

mod entry;
mod layout;
mod series;
mod work;

use super::{JobId, ListPosition, Prompt, Question, State};

pub use entry::{Ended, KeptScan, ScanEntry, bytes};
pub use layout::ScansLayout;
pub use series::{ScanScope, Series};
pub use work::{ScansNews, ScansWork};

/// What the scans are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ScansSort {
    /// The newest first.
    #[default]
    Time,
    /// The largest file first.
    Size,
    /// The most servers first.
    Servers,
    /// The lowest score first.
    Score,
}

impl ScansSort {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Size => "size",
            Self::Servers => "servers",
            Self::Score => "score",
        }
    }
}

/// Something to do with the scans of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScansCommand {
    /// Open the newest.
    OpenNewest,
    /// Open the one before the open one, of the same scope.
    Previous,
    /// Open the one after it.
    Next,
    /// Choose one to compare another with; again, none.
    Choose,
    /// Compare: the chosen one with the selected one, else the selected one with the one before it.
    Compare,
    /// Go on with one that was broken off or stopped.
    Resume,
    /// Copy the file.
    CopyFile,
    /// Delete the file.
    Delete,
    /// Look whether the file is still what was written.
    Verify,
    /// Copy the path to the clipboard.
    CopyPath,
    /// Copy the id to the clipboard.
    CopyId,
    /// Show only some.
    Filter,
    /// Sort by.
    Sort(ScansSort),
    /// Turn the order round.
    Invert,
    /// The scan before, in the trend.
    Earlier,
    /// The scan after, in the trend.
    Later,
    /// All families together, in the trend.
    AllFamilies,
}

/// What there is of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ScansState {
    /// Nobody has asked for it.
    #[default]
    None,
    /// It is being read.
    Loading,
    /// It was read.
    Loaded,
    /// The folder cannot be listed, and why.
    Failed(String),
}

/// What a line that is being written is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScansPromptKind {
    /// Show only scans with these words; the text before comes back on Esc.
    Filter {
        /// The text that was in force before.
        before: String,
    },
    /// Where to copy this file.
    CopyTo {
        /// The file.
        file: String,
    },
}

/// A line that is being written on the screen of scans.
#[derive(Clone, Debug)]
pub struct ScansPrompt {
    /// What for.
    pub kind: ScansPromptKind,
    /// The line.
    pub prompt: Prompt,
}

/// What came of looking whether a file is still what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It is looked at: how many servers of how many.
    Running(u64, u64),
    /// It is what was written.
    Intact,
    /// Nothing was written to compare with.
    Unfinished,
    /// It is not, and what differs.
    Changed(String),
}

/// What a question is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub words: String,
    /// The same where there is less room.
    pub short: String,
    pub file: String,
    /// Where the copy goes, when the question is about a copy.
    pub to: String,
}

/// The scans that are kept on this machine.
#[derive(Clone, Debug, Default)]
pub struct ScansScreen {
    /// What there is.
    pub state: ScansState,
    /// All files, newest first.
    pub entries: Vec<ScanEntry>,
    /// The shown ones in their order, as places in `entries`.
    pub rows: Vec<usize>,
    /// Where the list stands.
    pub position: ListPosition,
    /// The filter, as it was typed.
    pub filter: String,
    /// What it is sorted by.
    pub sort: ScansSort,
    /// Whether the order is turned round.
    pub inverted: bool,
    /// The file that was chosen to compare with.
    pub chosen: Option<String>,
    /// What came of the last look at a file.
    pub checked: Option<(String, Checked)>,
    /// Counts the demands for the list.
    pub(super) generation: u64,
    /// The job that opens a scan from this list, which its screen is left for.
    pub(super) opening: Option<JobId>,
    /// The job that opens a neighbour in time.
    pub(super) stepping: Option<JobId>,
    pub(super) asked: Asked,
}

impl ScansScreen {
    /// The selected file.
    #[must_use]
    pub fn selected(&self) -> Option<&ScanEntry> {
        self.entries.get(*self.rows.get(self.position.cursor)?)
    }

    /// A file.
    #[must_use]
    pub fn entry(&self, file: &str) -> Option<&ScanEntry> {
        self.entries.iter().find(|entry| entry.file == file)
    }

    /// Filters and sorts anew; the cursor stays on its file.
    pub(super) fn refresh_rows(&mut self) {
        let selected = self.selected().map(|entry| entry.file.clone());
        let words: Vec<String> = self
            .filter
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        let mut rows: Vec<usize> = (0..self.entries.len())
            .filter(|place| self.entries[*place].matches(&words))
            .collect();
        // The order of the folder, newest first, decides between equals.
        rows.sort_by_key(|place| self.entries[*place].key(self.sort));
        if self.inverted {
            rows.reverse();
        }
        let place = selected.and_then(|file| {
            rows.iter()
                .position(|place| self.entries[*place].file == file)
        });
        self.rows = rows;
        let last = self.rows.len().saturating_sub(1);
        self.position.cursor = place.unwrap_or(self.position.cursor).min(last);
    }

    /// Takes the list of files.
    pub(super) fn take(&mut self, entries: Vec<ScanEntry>) {
        let selected = self.selected().map(|entry| entry.file.clone());
        self.entries = entries;
        // Rows are places of the list before.
        self.rows = (0..self.entries.len()).collect();
        if let Some(place) = selected.and_then(|file| self.place(&file)) {
            self.position.cursor = place;
        }
        if self
            .chosen
            .as_ref()
            .is_some_and(|file| self.place(file).is_none())
        {
            self.chosen = None;
        }
        self.refresh_rows();
    }

    fn place(&self, file: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.file == file)
    }
}

impl State {
    /// A question in words, from long to short.
    #[must_use]
    pub fn question_words(&self, question: Question) -> [&str; 3] {
        let asked = &self.scans.asked;
        match question {
            Question::DeleteScan | Question::ReplaceFile => {
                [&asked.words, &asked.short, question.short()]
            }
            Question::Refresh => {
                let [words, short] = &self.live.asked.question;
                [words, short, question.short()]
            }
            _ => [question.words(), question.words(), question.short()],
        }
    }
}
