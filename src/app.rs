//! The explorer's state machine: messages in, effects out.
//!
//! [`update`] changes the [`State`] and returns what the outside has to do as data. Nothing here draws, waits, locks,
//! reads a clock or a file, or names a terminal. The runtime performs effects and answers with messages; every job has
//! an id, and what a dead job still sends changes nothing.
//!
//! A selection is held by the server's id, never by its place: sorting, filtering, a refresh and a scan that is still
//! growing leave the cursor on the same server.

mod age;
mod columns;
mod command;
mod comparison;
mod control_list;
mod control_servers;
mod copy;
mod count;
mod difference;
mod effect;
mod filter_prompt;
mod find;
mod form;
mod grouping;
mod help;
mod hint;
mod history;
mod key;
mod keymap;
mod layout;
mod link;
mod list;
mod live;
mod many;
mod matrix;
mod message;
mod mode;
mod notice;
mod overlay;
mod page;
mod page_search;
mod palette;
mod pointer;
mod progress;
mod prompt;
mod raw;
mod reports;
mod roster;
mod saved;
mod scans;
mod server;
mod session;
mod state;
mod survey;
mod tag_prompt;
mod tree;
mod trend;
mod update;

pub use age::{age, moment};
pub use columns::{Column, ColumnChoice, ColumnRecord, Columns};
pub use command::{CHORDS, Command, CommandRecord, GroupKind, Scope, Scopes, TOPICS, commands};
pub use comparison::{Comparison, FindingPair};
pub use control_list::{
    ControlFilter, ControlListScreen, ControlRow, ControlSort, control_summary,
};
pub use control_servers::{ControlServersLayout, ControlServersScreen};
pub use count::counted;
pub use difference::{
    ComparisonState, DifferenceFilter, DifferenceGroup, DifferenceLayout, DifferenceRow,
    DifferenceScreen, OpenChange,
};
pub use effect::{Effect, ScanChoice, ThemeChange};
pub use filter_prompt::FilterMode;
pub use find::{FindMode, FindRow};
pub use form::{
    Export, Field, FieldValue, FixOrder, FixTarget, Form, Purpose, Working, lines as form_lines,
};
pub use grouping::Group;
pub use hint::{Hint, chord_title, hints};
pub use history::{History, HistoryEntry, HistoryState, MOST_SCANS, Past};
pub use key::{Key, KeyCode, KeyError, KeySequence};
pub use keymap::{Binding, KeyProblem, Keymap, Lookup, OwnKey};
pub use layout::{Area, Chrome, FleetLayout, ServerLayout, Size};
pub use link::{Link, links};
pub use list::ListPosition;
pub use live::{Changes, Live, Move, News, Part, Refreshing, Target, Watch};
pub use many::{Acting, Why};
pub use matrix::{MatrixLayout, MatrixScreen};
pub use message::{
    Completeness, ExemptionsAdded, JobId, JudgedUnder, Message, OpenedScan, ScanInfo, ServerDetail,
    Written,
};
pub use mode::{HelpMode, LinksMode, Mode, Question, Screen};
pub use notice::{Notice, NoticeLevel, Problem};
pub use overlay::{lines as overlay_lines, title as overlay_title};
pub use page::{Page, PageLine, Span, Tone, lines as page_lines, wrap};
pub use page_search::{PageSearchMode, Sought};
pub use palette::{Palette, PaletteEntry, Standing};
pub use pointer::{Hit, Pointer, PointerAct};
pub use progress::{Finished, Planned, PlannedKind, Progress, ProgressError, SubscriptionProgress};
pub use prompt::Prompt;
pub use reports::{ReportsFold, ReportsState, ScanReports};
pub use roster::{FamilyCell, Roster, RosterRow, Show, family_cell, open_features};
pub use saved::{SavedMode, SavedSearch, SavedSearches};
pub use scans::{
    Checked, Ended, KeptScan, ScanEntry, ScanScope, ScansCommand, ScansLayout, ScansNews,
    ScansPrompt, ScansPromptKind, ScansScreen, ScansSort, ScansState, ScansWork, Series, bytes,
};
pub use server::{DetailState, Pane, ServerScreen, Tab};
pub use session::{Place, Resume, ServerPlace};
pub use state::{Opening, Options, State};
pub use survey::{Counts, GroupCell, Survey, servers_of};
pub use tag_prompt::{TagPrompt, TagUse};
pub use tree::{TreeNode, TreeRow, rows as tree_rows};
pub use trend::{Counted, TrendLayout, TrendPoint, TrendRow, TrendScreen};
pub use update::update;
