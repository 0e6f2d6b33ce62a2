//! Commands as data: one record for each drives dispatch, hints and help.

mod enabled;
mod id;
mod scope;
mod table;
mod write;

use crate::baseline::FamilyCode;

use super::{ControlSort, ScansCommand, Screen, State, Tab, ThemeChange};
use crate::query::SortKey;

pub use scope::{Scope, Scopes};
pub use table::{TOPICS, commands};

/// The first keys of chords, with what the chords are about.
pub const CHORDS: &[(&str, &str)] = &[("s", "sort"), ("z", "group"), ("y", "copy"), ("g", "go to")];

/// Something that a key can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// One row down.
    Down,
    /// One row up.
    Up,
    /// The first row.
    First,
    /// The last row.
    Last,
    /// Half a page down.
    HalfPageDown,
    /// Half a page up.
    HalfPageUp,
    /// A page down.
    PageDown,
    /// A page up.
    PageUp,
    /// Mark the server under the cursor, or take its mark away.
    Mark,
    /// Mark from the last mark to the cursor.
    MarkRange,
    /// Mark all that are shown, or none.
    MarkShown,
    /// Take all marks away.
    Unmark,
    /// Only what is marked.
    OnlyMarked,
    /// Write what is shown to a file.
    Export,
    /// Write a script with what would make findings hold.
    FixScript,
    /// Exempt servers.
    Exempt,
    /// The next field of a form.
    NextField,
    /// The previous field of a form.
    PreviousField,
    /// The next choice of a field.
    NextChoice,
    /// The previous choice of a field.
    PreviousChoice,
    /// Into what is selected.
    Open,
    /// Back to where one came from.
    Back,
    /// The next server of the list, from within one.
    NextServer,
    /// The previous server of the list, from within one.
    PreviousServer,
    /// Write a filter.
    Filter,
    /// Show only some controls.
    FilterControls,
    /// Take the next of what may follow in a filter.
    NextCompletion,
    /// Take the one before.
    PreviousCompletion,
    /// Find anything.
    Find,
    /// To the next kind of what was found.
    NextKind,
    /// To the kind before.
    PreviousKind,
    /// Search in the page that is read.
    SearchPage,
    /// To the next hit.
    NextHit,
    /// To the hit before.
    PreviousHit,
    /// The saved searches.
    SavedSearches,
    /// Give the filter in force a name.
    NameSearch,
    /// Forget a saved search.
    DeleteSearch,
    /// Sort by.
    SortBy(SortKey),
    /// Turn the order round.
    InvertSort,
    /// Only what is unknown.
    OnlyUnknown,
    /// Only what fails.
    OnlyFailing,
    /// A family: the list is about it, the tree goes to it.
    Family(FamilyCode),
    /// The next tab.
    NextTab,
    /// The previous tab.
    PreviousTab,
    /// A tab.
    Tab(Tab),
    /// Copy the server's resource id.
    CopyServerId,
    /// Copy the server's name.
    CopyServerName,
    /// Copy the finding as text.
    CopyFinding,
    /// Copy the commands that would make the finding hold.
    CopyFix,
    /// Copy the role that grants what is missing.
    CopyRole,
    /// Copy the command line that prints the findings.
    CopyCommand,
    /// The next group or change of a difference.
    NextChange,
    /// The group or change before.
    PreviousChange,
    /// Copy a change as text.
    CopyChange,
    /// Scan.
    StartScan,
    /// Scan a simulated fleet.
    StartDemo,
    /// Read again what is selected.
    Refresh,
    /// Read all of the server again.
    RefreshServer,
    /// Read again what is marked or shown.
    RefreshShown,
    /// Read everything again.
    RefreshFleet,
    /// Take away the marks of servers that changed.
    DismissChanges,
    /// Stop the scan.
    CancelScan,
    /// How far the scan is.
    Progress,
    /// What went wrong.
    Errors,
    /// The exemptions.
    Exemptions,
    /// Which permissions are missing.
    Permissions,
    /// The policies over all servers.
    Policies,
    /// A screen.
    Screen(Screen),
    /// From one way in to the other, with what is selected.
    Turn,
    /// What the baseline says of the feature under the cursor.
    Guidance,
    /// Sort the controls by.
    SortControls(ControlSort),
    /// Copy how the server stands in the feature.
    CopyStanding,
    /// One column to the left.
    Left,
    /// One column to the right.
    Right,
    /// The first column.
    FirstColumn,
    /// The last column.
    LastColumn,
    /// The next family's columns.
    NextFamily,
    /// The previous family's columns.
    PreviousFamily,
    /// One row a group.
    Summary,
    /// Group the servers.
    GroupBy(GroupKind),
    /// Hide the servers of a group, or show them.
    Fold,
    /// One level of the documents less.
    FoldLevel,
    /// One level of the documents more.
    UnfoldLevel,
    /// Hide the servers of all groups.
    FoldAll,
    /// Show the servers of all groups.
    UnfoldAll,
    /// Out of a group.
    GoOut,
    /// Choose the columns.
    Columns,
    /// Show a column, or hide it.
    ToggleColumn,
    /// Move a column down.
    ColumnDown,
    /// Move a column up.
    ColumnUp,
    /// Choose the tag that a column shows.
    ColumnTag,
    /// The columns that there is room for.
    AutomaticColumns,
    /// Write the name of the tag that is meant.
    CompleteTag,
    /// Something to do with the kept scans.
    Scans(ScansCommand),
    /// The addresses of what is selected.
    Links,
    /// Copy an address: the chosen one, else the nearest.
    CopyLink,
    /// The help.
    Help,
    /// Search in the help.
    Search,
    /// The palette: every command by its name.
    Palette,
    /// Write the rest of what is selected.
    Complete,
    /// Run what is selected.
    Run,
    /// Close what lies over the screen.
    Close,
    /// Keep what was written.
    Accept,
    /// Yes.
    Yes,
    /// No.
    No,
    /// Another theme, or the same one read anew.
    Theme(ThemeChange),
    /// Draw everything anew.
    Redraw,
    /// Stop the program and give the terminal back.
    Suspend,
    /// End the program, after a question while a scan runs.
    Quit,
    /// End the program now.
    QuitNow,
}

/// What servers can be grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupKind {
    /// Nothing.
    Nothing,
    /// The subscription.
    Subscription,
    /// The resource group.
    ResourceGroup,
    /// The region.
    Region,
    /// A tag whose name is asked for.
    Tag,
    /// The MySQL version.
    Version,
}

/// Everything about a command.
#[derive(Clone, Copy, Debug)]
pub struct CommandRecord {
    /// The command.
    pub command: Command,
    /// Its name in the palette, the config file and the key reference: [`Command::id`].
    pub id: &'static str,
    /// Other names that the palette takes for it, as people write them elsewhere.
    pub aliases: &'static [&'static str],
    /// Its name in a word or two, as hints show it.
    pub title: &'static str,
    /// What it does, in a sentence.
    pub doc: &'static str,
    /// The keys that it has by default: one, or several one after the other with a space between.
    pub keys: &'static [&'static str],
    /// Where it can be asked for.
    pub scopes: Scopes,
    /// Whether the hint line shows it.
    pub hint: bool,
    /// Whether it can run now, or why it cannot.
    pub enabled: fn(&State) -> Result<(), &'static str>,
}

impl CommandRecord {
    /// The record of a command.
    #[must_use]
    pub fn of(command: Command) -> Option<&'static Self> {
        commands().find(|record| record.command == command)
    }

    /// Where it can be asked for, in words: `only in servers, matrix and 3 more places`.
    #[must_use]
    pub fn places(&self) -> String {
        let places: Vec<&str> = commands()
            .filter(|record| record.command == self.command)
            .fold(Scopes::of(&[]), |known, record| known.and(record.scopes))
            .iter()
            .map(Scope::title)
            .collect();
        match places.as_slice() {
            [one, two, _, rest @ ..] => {
                let more = super::counted(1 + rest.len(), "more place");
                format!("only in {one}, {two} and {more}")
            }
            few => format!("only in {}", few.join(", ")),
        }
    }
}
