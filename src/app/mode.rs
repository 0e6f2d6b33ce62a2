//! What has the keys: a stack, the screen at the bottom and what lies over it above.

use crate::baseline::FeatureId;

use super::{
    ControlFilter, FilterMode, FindMode, Form, ListPosition, PageSearchMode, Palette, Prompt,
    SavedMode, ScansPrompt, TagPrompt,
};

/// A screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Screen {
    /// No scan is open: what can be done.
    Welcome,
    /// All servers.
    Fleet,
    /// One server: its controls, and what the selected one holds.
    Server,
    /// Every feature over all servers: the way in by control.
    Controls,
    /// The servers of one feature.
    ControlServers,
    /// Servers by features.
    Matrix,
    /// Two scans compared.
    Difference,
    /// Scores and counts over the cached scans.
    Trend,
    /// The cached scans.
    Scans,
}

impl Screen {
    /// Its name, as the way here shows it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Welcome => "flexposture",
            Self::Fleet => "Fleet",
            Self::Server => "Server",
            Self::Controls => "Controls",
            Self::ControlServers => "Servers",
            Self::Matrix => "Matrix",
            Self::Difference => "Difference",
            Self::Trend => "Trend",
            Self::Scans => "Scans",
        }
    }
}

/// Something that needs a yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Stop the running scan?
    CancelScan,
    /// Leave while a scan runs?
    Quit,
    /// Delete the file of a scan?
    DeleteScan,
    /// Write over a file?
    ReplaceFile,
    /// Read many servers again?
    Refresh,
    /// Forget the selected search?
    DeleteSearch,
    /// Replace the file that is there?
    Replace,
}

impl Question {
    /// The question in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::CancelScan => "Stop the scan? What has been read is kept.",
            Self::Quit => "A scan is running. Quit and end it?",
            Self::DeleteScan => "Delete the scan?",
            Self::ReplaceFile => "There is such a file. Write over it?",
            Self::Refresh => "Read these servers again?",
            Self::DeleteSearch => "Delete the selected search?",
            Self::Replace => "That file is there already. Replace it?",
        }
    }

    /// The question where there is little room.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Self::CancelScan => "Stop scan?",
            Self::Quit => "Quit?",
            Self::DeleteScan => "Delete it?",
            Self::ReplaceFile => "Replace?",
            Self::Refresh => "Read again?",
            Self::DeleteSearch => "Delete?",
            Self::Replace => "Replace?",
        }
    }
}

/// The help: where it stands, and what is searched in it.
#[derive(Clone, Debug, Default)]
pub struct HelpMode {
    /// The first line on the screen.
    pub scroll: usize,
    /// What is searched; empty shows everything.
    pub search: Prompt,
    /// Whether keys go into the search.
    pub searching: bool,
}

/// The addresses of what is selected: which of them is chosen, and where they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinksMode {
    /// The chosen one.
    pub chosen: usize,
    /// The first line on the screen.
    pub scroll: usize,
}

/// What has the keys.
#[derive(Clone, Debug)]
pub enum Mode {
    /// A screen.
    Screen(Screen),
    /// The filter is being written.
    Filter(Box<FilterMode>),
    /// The filter of the list of controls is being written.
    Controls(ControlFilter),
    /// What is searched in a page is being written.
    PageSearch(Box<PageSearchMode>),
    /// Anything is looked for.
    Find(Box<FindMode>),
    /// The saved searches.
    Saved(Box<SavedMode>),
    /// The name of a tag is being written.
    Tag(TagPrompt),
    /// A line is being written about the kept scans.
    Scans(ScansPrompt),
    /// A question.
    Confirm(Question),
    /// A form.
    Form(Box<Form>),
    /// The help.
    Help(HelpMode),
    /// The list of what went wrong, with the first line on the screen.
    Errors(usize),
    /// How far the scan is, with the first line on the screen.
    Progress(usize),
    /// The exemptions, with the first line on the screen.
    Exemptions(usize),
    /// Which permissions are missing, with the first line on the screen.
    Permissions(usize),
    /// The policies over all servers, with the first line on the screen.
    Policies(usize),
    /// The baseline's page about a feature, with the first line on the screen.
    Guidance(FeatureId, usize),
    /// The choice of columns.
    Columns(ListPosition),
    /// The addresses of what is selected.
    Links(LinksMode),
    /// The palette.
    Palette(Palette),
}

impl Mode {
    /// The first line on the screen of what lies over it and is read in lines.
    #[must_use]
    pub const fn scroll(&self) -> Option<usize> {
        match self {
            Self::Help(HelpMode { scroll, .. })
            | Self::Errors(scroll)
            | Self::Progress(scroll)
            | Self::Exemptions(scroll)
            | Self::Permissions(scroll)
            | Self::Policies(scroll)
            | Self::Guidance(_, scroll)
            | Self::Links(LinksMode { scroll, .. }) => Some(*scroll),
            _ => None,
        }
    }

    /// The same, to be moved.
    pub(super) const fn scroll_mut(&mut self) -> Option<&mut usize> {
        match self {
            Self::Help(HelpMode { scroll, .. })
            | Self::Errors(scroll)
            | Self::Progress(scroll)
            | Self::Exemptions(scroll)
            | Self::Permissions(scroll)
            | Self::Policies(scroll)
            | Self::Guidance(_, scroll)
            | Self::Links(LinksMode { scroll, .. }) => Some(scroll),
            _ => None,
        }
    }

    /// Whether it shows what is told of all servers together.
    #[must_use]
    pub const fn shows_reports(&self) -> bool {
        matches!(
            self,
            Self::Exemptions(_) | Self::Permissions(_) | Self::Policies(_)
        )
    }
}
