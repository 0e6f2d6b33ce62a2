//! Everything that the explorer knows.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::baseline::FeatureId;
use crate::posture::{Exemptions, ServerSummary};

use super::page_search::PageSearch;
use super::saved::SavedSearches;
use super::survey::SurveyState;
use super::{
    Area, Chrome, ColumnChoice, Command, Completeness, ControlListScreen, ControlServersScreen,
    DifferenceLayout, DifferenceScreen, Effect, FleetLayout, JobId, KeySequence, Keymap, Live,
    MatrixScreen, Mode, Notice, Problem, Progress, ReportsState, Resume, Roster, ScanChoice,
    ScanInfo, ScansScreen, ScansState, ScansWork, Screen, ServerLayout, ServerScreen, Show, Size,
    Survey, TreeNode, TrendScreen,
};
use crate::query::{Query, QueryError, SearchIndex, Vocabulary};

/// What to begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// The welcome.
    Welcome,
    /// A scan on disk.
    Scan(ScanChoice),
    /// A scan of a simulated fleet.
    Demo,
    /// A scan of what the credential in use can see.
    NewScan,
}

/// What the explorer is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// What to begin with.
    pub opening: Opening,
    /// The size of the terminal.
    pub size: Size,
    /// The time.
    pub now: Option<Timestamp>,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// Our exemptions.
    pub exemptions: Exemptions,
    /// The file that they are kept in, when there is a place for one.
    pub exemptions_file: Option<String>,
    /// The day on which they are looked at.
    pub today: Date,
    /// The place to come back to once the scan is open.
    pub resume: Option<Resume>,
}

/// The jobs whose answers are waited for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Jobs {
    last: u64,
    /// A scan on disk is being opened.
    pub opening: Option<JobId>,
    /// The latest scan of this session; it may have ended.
    pub scan: Option<JobId>,
    /// The same while it runs.
    pub scanning: Option<JobId>,
    /// A server's documents are being read.
    pub detail: Option<JobId>,
    /// The reports over all servers are being made.
    pub reports: Option<JobId>,
    /// Two scans are being compared.
    pub compare: Option<JobId>,
    /// A server of two scans is being read.
    pub pair: Option<JobId>,
    /// A server is being looked up in the cached scans.
    pub history: Option<JobId>,
    /// A file or entries of one are being written.
    pub writing: Option<JobId>,
}

impl Jobs {
    pub(super) const fn next(&mut self) -> JobId {
        self.last += 1;
        JobId(self.last)
    }

    pub(super) const fn next_scan(&mut self) -> JobId {
        let job = self.next();
        self.scan = Some(job);
        self.scanning = Some(job);
        job
    }
}

/// Looking for servers: what is searched in, and what is on its way.
#[derive(Clone, Debug, Default)]
pub(super) struct Search {
    /// Counts the demands for an index and for hits.
    pub generation: u64,
    /// The text to search in, when it is made.
    pub index: Option<Arc<SearchIndex>>,
    /// The demand for an index that is on its way.
    pub indexing: Option<u64>,
    /// The demand for hits that is on its way.
    pub filtering: Option<u64>,
    /// The last demand for finding anything.
    pub finding: u64,
    /// The filter as it was typed.
    pub text: String,
    /// The last text in which nothing was wrong.
    pub right_text: String,
    /// The filter as it is meant.
    pub query: Query,
    /// What is wrong in the text; the filter is then that of the last text in which nothing was.
    pub errors: Vec<QueryError>,
    /// Counts what the index has been; 0 before the first.
    pub state_of_index: u64,
    /// Which state of the index the words of completion are of.
    pub known_words: u64,
    /// The words of completion, as far as the servers have them.
    pub vocabulary: Arc<Vocabulary>,
}

/// Everything that the explorer knows. A frame is a function of it.
#[derive(Clone, Debug)]
pub struct State {
    /// The size of the terminal.
    pub size: Size,
    /// The time of the last message.
    pub now: Option<Timestamp>,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// What lies over what; the last has the keys.
    pub(super) modes: Vec<Mode>,
    /// Which keys lead to which commands.
    pub keymap: Arc<Keymap>,
    /// The keys of a chord that is not whole yet.
    pub pending: KeySequence,
    /// The selected row of the welcome.
    pub welcome: usize,
    /// The open scan.
    pub scan: Option<ScanInfo>,
    /// Its servers.
    pub roster: Roster,
    /// The server that is looked into.
    pub server: Option<ServerScreen>,
    /// Every feature over all servers.
    pub control_list: ControlListScreen,
    /// The servers of one feature.
    pub control_servers: ControlServersScreen,
    /// Counts over the servers in view.
    pub(super) counts: SurveyState,
    /// Which columns the list of servers shows.
    pub columns: ColumnChoice,
    /// The name of the tag that servers were grouped by last.
    pub group_tag: Option<String>,
    /// Servers by features.
    pub matrix: MatrixScreen,
    /// Two scans compared.
    pub difference: DifferenceScreen,
    /// Scores and counts over the cached scans.
    pub trend: TrendScreen,
    /// The cached scans.
    pub scans: ScansScreen,
    /// How far the scan of this session is.
    pub progress: Option<Progress>,
    /// Our exemptions.
    pub exemptions: Arc<Exemptions>,
    /// The file that they are kept in, when there is a place for one.
    pub exemptions_file: Option<String>,
    /// The day on which they are looked at.
    pub today: Date,
    /// What is told of all servers together.
    pub reports: ReportsState,
    /// What is read again while it is looked at.
    pub live: Live,
    /// What there is to say.
    pub notice: Option<Notice>,
    /// What went wrong.
    pub problems: Vec<Problem>,
    /// The place to come back to once a scan on disk is open.
    pub(super) resume: Option<Resume>,
    /// Where the mouse was pressed last, and when.
    pub(super) pressed: Option<((u16, u16), Timestamp)>,
    /// What is searched in a page.
    pub(super) page_search: PageSearch,
    /// The searches that were given a name.
    pub saved: SavedSearches,
    /// The policy that is looked at among all.
    pub(super) sought_policy: Option<&'static str>,
    /// Whether the page went to that policy already.
    pub(super) is_policy_shown: bool,
    /// What is on its way to the clipboard, in words; empty when one thing is.
    pub(super) copying: String,
    pub(super) jobs: Jobs,
    pub(super) search: Search,
    /// What was run from the palette in this session, the latest first.
    pub(super) recent: Vec<Command>,
}

impl State {
    /// The state at the start, and what is to be done first.
    #[must_use]
    pub fn new(options: Options) -> (Self, Vec<Effect>) {
        let mut state = Self {
            size: options.size,
            now: options.now,
            zone: options.zone,
            modes: vec![Mode::Screen(Screen::Welcome)],
            keymap: Arc::default(),
            pending: KeySequence::default(),
            welcome: 0,
            scan: None,
            roster: Roster::default(),
            server: None,
            control_list: ControlListScreen::default(),
            control_servers: ControlServersScreen::default(),
            counts: SurveyState::default(),
            columns: ColumnChoice::default(),
            group_tag: None,
            matrix: MatrixScreen::default(),
            difference: DifferenceScreen::default(),
            trend: TrendScreen::default(),
            scans: ScansScreen::default(),
            progress: None,
            exemptions: Arc::new(options.exemptions),
            exemptions_file: options.exemptions_file,
            today: options.today,
            reports: ReportsState::None,
            live: Live::default(),
            notice: None,
            problems: Vec::new(),
            resume: options.resume,
            pressed: None,
            page_search: PageSearch::default(),
            saved: SavedSearches::default(),
            sought_policy: None,
            is_policy_shown: false,
            copying: String::new(),
            jobs: Jobs::default(),
            search: Search::default(),
            recent: Vec::new(),
        };
        let effect = match options.opening {
            Opening::Welcome => {
                // A person who has scans sees them here, too.
                state.scans.generation = 1;
                state.scans.state = ScansState::Loading;
                Some(Effect::Scans(ScansWork::List { generation: 1 }))
            }
            Opening::Scan(choice) => {
                let job = state.jobs.next();
                state.jobs.opening = Some(job);
                Some(Effect::OpenScan { job, choice })
            }
            Opening::Demo => {
                let job = state.jobs.next_scan();
                Some(Effect::StartDemo { job })
            }
            Opening::NewScan => {
                let job = state.jobs.next_scan();
                Some(Effect::StartScan { job })
            }
        };
        (state, effect.into_iter().collect())
    }

    /// Reads everything again by itself, so many seconds after the end of each scan.
    /// The words say what becomes of those scans.
    pub fn watch(&mut self, every: u64, kept: String) {
        super::update::watch(self, every, kept);
    }

    /// Comes back to a place once a scan on disk is open.
    pub fn come_back_to(&mut self, resume: Resume) {
        self.resume = Some(resume);
    }

    /// What has the keys.
    #[must_use]
    pub fn mode(&self) -> &Mode {
        self.modes.last().unwrap_or(&Mode::Screen(Screen::Welcome))
    }

    /// The day that it is, as far as the clock has told, for names of files.
    pub(super) fn day(&self) -> String {
        let now = self.now.map(|now| self.zone.to_datetime(now).date());
        now.unwrap_or(self.today).to_string()
    }

    /// Everything that lies over the screen, from below.
    pub fn overlays(&self) -> impl Iterator<Item = &Mode> {
        self.modes
            .iter()
            .filter(|mode| !matches!(mode, Mode::Screen(_)))
    }

    /// The screen.
    #[must_use]
    pub fn screen(&self) -> Screen {
        self.modes
            .iter()
            .rev()
            .find_map(|mode| match mode {
                Mode::Screen(screen) => Some(*screen),
                _ => None,
            })
            .unwrap_or(Screen::Welcome)
    }

    /// The filter as it was typed; empty without one.
    #[must_use]
    pub fn filter_text(&self) -> &str {
        &self.search.text
    }

    /// What is wrong in the filter as it was typed; while anything is, the last one that was right is in force.
    #[must_use]
    pub fn filter_errors(&self) -> &[QueryError] {
        &self.search.errors
    }

    /// Whether the hits of the filter are still on their way.
    #[must_use]
    pub fn is_filtering(&self) -> bool {
        self.search.filtering.is_some() || self.is_filter_waiting()
    }

    /// Whether the filter waits for the text to search in, so that the list still shows servers that do not match.
    #[must_use]
    pub fn is_filter_waiting(&self) -> bool {
        self.search.indexing.is_some() && !self.search.query.is_empty()
    }

    /// Whether a scan of this session runs.
    #[must_use]
    pub const fn is_scanning(&self) -> bool {
        self.jobs.scanning.is_some()
    }

    /// Whether a scan on disk is being opened.
    #[must_use]
    pub const fn is_opening(&self) -> bool {
        self.jobs.opening.is_some()
    }

    /// Whether the scan that is shown still runs, here or in another process.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.scan
            .as_ref()
            .is_some_and(|scan| scan.completeness == Completeness::Running)
    }

    /// Whether a scan is shown that nobody writes any more.
    pub(super) fn scan_is_whole(&self) -> bool {
        self.scan.is_some() && !self.is_live()
    }

    pub(super) fn is_fleet(&self) -> bool {
        self.screen() == Screen::Fleet
    }

    /// Whether the list leaves out servers.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        !self.search.text.is_empty()
            || self.roster.show() != Show::All
            || self.roster.family().is_some()
            || self.roster.only_marked()
    }

    /// Whether the last line is needed for more than hints.
    fn is_speaking(&self) -> bool {
        self.notice.is_some()
            || !self.pending.0.is_empty()
            || matches!(
                self.mode(),
                Mode::Filter(_)
                    | Mode::PageSearch(_)
                    | Mode::Find(_)
                    | Mode::Tag(_)
                    | Mode::Scans(_)
                    | Mode::Controls(_)
                    | Mode::Confirm(_)
                    | Mode::Palette(_)
            )
            || matches!(self.mode(), Mode::Saved(saved) if saved.naming.is_some())
    }

    /// What every screen has around its body.
    #[must_use]
    pub fn chrome(&self) -> Chrome {
        Chrome::new(
            self.size,
            self.screen(),
            self.is_scanning(),
            self.is_speaking(),
        )
    }

    /// How the list of servers is divided.
    #[must_use]
    pub fn fleet_layout(&self) -> FleetLayout {
        FleetLayout::new(self.chrome().body)
    }

    /// How the screen of a difference is divided.
    #[must_use]
    pub fn difference_layout(&self) -> DifferenceLayout {
        let warnings = self.difference.loaded().map_or(0, |it| it.warnings().len());
        DifferenceLayout::new(self.chrome().body, warnings, self.difference.open.is_some())
    }

    /// How a server's screen is divided.
    #[must_use]
    pub fn server_layout(&self) -> ServerLayout {
        let focus = self.server.as_ref().map(|server| server.focus);
        ServerLayout::new(self.chrome().body, focus.unwrap_or_default())
    }

    /// Every feature over the servers in view, once it is counted. While other servers are in view than those that
    /// were counted, the counts are the last ones: [`State::is_counting`].
    #[must_use]
    pub fn survey(&self) -> Option<&Survey> {
        self.counts.made.as_deref()
    }

    /// Whether the servers in view are still being counted.
    #[must_use]
    pub const fn is_counting(&self) -> bool {
        self.counts.made.is_none() || self.counts.revision != self.roster.revision()
    }

    /// The feature under the cursor.
    #[must_use]
    pub fn feature_here(&self) -> Option<FeatureId> {
        match self.screen() {
            Screen::Server => match self.server.as_ref()?.node {
                TreeNode::Feature(feature) => Some(feature),
                TreeNode::Family(_) | TreeNode::Control(_) => None,
            },
            Screen::Controls => self.control_list.feature(),
            Screen::ControlServers => Some(self.control_servers.feature),
            Screen::Matrix => Some(self.matrix.feature()),
            _ => None,
        }
    }

    /// The server under the cursor, or the one that is looked into.
    #[must_use]
    pub fn server_here(&self) -> Option<&ServerSummary> {
        match self.screen() {
            Screen::Server => self.server.as_ref().map(|screen| &screen.summary),
            Screen::ControlServers => self.control_server(self.control_servers.position.cursor),
            _ => self.roster.selected(),
        }
    }

    /// Whether the server that is looked into was opened from the servers of a feature, so that its neighbours are
    /// those of that list.
    #[must_use]
    pub fn is_in_control_servers(&self) -> bool {
        let mut screens = self.modes.iter().rev().filter_map(|mode| match mode {
            Mode::Screen(screen) => Some(*screen),
            _ => None,
        });
        screens.next() == Some(Screen::Server) && screens.next() == Some(Screen::ControlServers)
    }

    /// The area of the choice of columns, with its border.
    #[must_use]
    pub fn columns_area(&self) -> Area {
        let body = self.chrome().body;
        body.centred(56, 17)
    }

    /// The area of what lies over the screen, with its border.
    #[must_use]
    pub fn overlay_area(&self) -> Area {
        let body = self.chrome().body;
        if body.width < 40 || body.height < 9 {
            body
        } else {
            body.centred(90, body.height.saturating_sub(2))
        }
    }

    /// The lines of what lies over the screen: all of its area where there is no room for a border.
    #[must_use]
    pub fn overlay_inside(&self) -> Area {
        let area = self.overlay_area();
        if area.height < 7 || area.width < 24 {
            area
        } else {
            area.inside()
        }
    }
}
