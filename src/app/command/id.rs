//! The names of commands, by which the palette, the config file and the key reference know them. A name stays the same
//! from version to version: config files hold it.

use crate::app::{ControlSort, ScansCommand, ScansSort, Screen, Tab, ThemeChange};
use crate::baseline::FamilyCode;
use crate::query::SortKey;

use super::{Command, GroupKind};

impl Command {
    /// Its name: small letters, with `-` between words.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Up => "up",
            Self::First => "first",
            Self::Last => "last",
            Self::HalfPageDown => "half-page-down",
            Self::HalfPageUp => "half-page-up",
            Self::PageDown => "page-down",
            Self::PageUp => "page-up",
            Self::Open => "open",
            Self::Back => "back",
            Self::NextServer => "next-server",
            Self::PreviousServer => "previous-server",
            Self::Filter => "filter",
            Self::FilterControls => "filter-controls",
            Self::SortBy(key) => sort(key),
            Self::InvertSort => "invert-order",
            Self::OnlyUnknown => "only-unknown",
            Self::OnlyFailing => "only-failing",
            Self::Family(family) => self::family(family),
            Self::NextTab => "next-tab",
            Self::PreviousTab => "previous-tab",
            Self::Tab(tab) => self::tab(tab),
            Self::Links => "links",
            Self::CopyLink => "copy-link",
            Self::CopyServerId => "copy-server-id",
            Self::CopyServerName => "copy-server-name",
            Self::CopyFinding => "copy-finding",
            Self::CopyFix => "copy-fix",
            Self::CopyRole => "copy-role",
            Self::CopyCommand => "copy-command",
            Self::NextChange => "next-change",
            Self::PreviousChange => "previous-change",
            Self::CopyChange => "copy-change",
            Self::StartScan => "scan",
            Self::StartDemo => "demo",
            Self::Refresh => "refresh",
            Self::RefreshServer => "refresh-server",
            Self::RefreshShown => "refresh-shown",
            Self::RefreshFleet => "refresh-fleet",
            Self::DismissChanges => "dismiss-changes",
            Self::CancelScan => "stop-scan",
            Self::Progress => "progress",
            Self::Errors => "errors",
            Self::Exemptions => "exemptions",
            Self::Permissions => "permissions",
            Self::Policies => "policies",
            Self::Screen(screen) => self::screen(screen),
            Self::Scans(command) => scans(command),
            Self::NextCompletion => "next-completion",
            Self::PreviousCompletion => "previous-completion",
            Self::Find => "find",
            Self::NextKind => "next-kind",
            Self::PreviousKind => "previous-kind",
            Self::SearchPage => "search-page",
            Self::NextHit => "next-hit",
            Self::PreviousHit => "previous-hit",
            Self::SavedSearches => "saved-searches",
            Self::NameSearch => "name-search",
            Self::DeleteSearch => "delete-search",
            Self::Turn => "turn",
            Self::Guidance => "guidance",
            Self::SortControls(sort) => controls(sort),
            Self::CopyStanding => "copy-standing",
            Self::Left => "left",
            Self::Right => "right",
            Self::FirstColumn => "first-column",
            Self::LastColumn => "last-column",
            Self::NextFamily => "next-family",
            Self::PreviousFamily => "previous-family",
            Self::Summary => "summary",
            Self::GroupBy(kind) => group(kind),
            Self::Fold => "fold",
            Self::FoldLevel => "fold-level",
            Self::UnfoldLevel => "unfold-level",
            Self::FoldAll => "fold-all",
            Self::UnfoldAll => "unfold-all",
            Self::GoOut => "out-of-group",
            Self::Columns => "columns",
            Self::ToggleColumn => "show-column",
            Self::ColumnDown => "column-down",
            Self::ColumnUp => "column-up",
            Self::ColumnTag => "column-tag",
            Self::AutomaticColumns => "automatic-columns",
            Self::CompleteTag => "complete-tag",
            Self::Help => "help",
            Self::Search => "search-help",
            Self::Palette => "palette",
            Self::Complete => "complete",
            Self::Run => "run",
            Self::Close => "close",
            Self::Accept => "keep",
            Self::Yes => "yes",
            Self::No => "no",
            Self::Theme(change) => theme(change),
            Self::Mark => "mark",
            Self::MarkRange => "mark-range",
            Self::MarkShown => "mark-shown",
            Self::OnlyMarked => "only-marked",
            Self::Unmark => "unmark",
            Self::Export => "export",
            Self::FixScript => "fix-script",
            Self::Exempt => "exempt",
            Self::NextField => "next-field",
            Self::PreviousField => "previous-field",
            Self::NextChoice => "next-choice",
            Self::PreviousChoice => "previous-choice",
            Self::Redraw => "redraw",
            Self::Suspend => "suspend",
            Self::Quit => "quit",
            Self::QuitNow => "quit-now",
        }
    }

    /// Whether it leads out of where one is. A place where it has a key by default keeps one.
    #[must_use]
    pub const fn leaves(self) -> bool {
        matches!(
            self,
            Self::Back | Self::Close | Self::No | Self::Quit | Self::QuitNow
        )
    }
}

const fn scans(command: ScansCommand) -> &'static str {
    match command {
        ScansCommand::OpenNewest => "open-newest-scan",
        ScansCommand::Previous => "previous-scan",
        ScansCommand::Next => "next-scan",
        ScansCommand::Choose => "choose-scan",
        ScansCommand::Compare => "compare-scans",
        ScansCommand::CopyFile => "copy-scan-file",
        ScansCommand::Delete => "delete-scan",
        ScansCommand::Resume => "resume-scan",
        ScansCommand::Verify => "verify-scan",
        ScansCommand::CopyPath => "copy-scan-path",
        ScansCommand::CopyId => "copy-scan-id",
        ScansCommand::Filter => "filter-scans",
        ScansCommand::Sort(ScansSort::Time) => "sort-scans-by-time",
        ScansCommand::Sort(ScansSort::Size) => "sort-scans-by-size",
        ScansCommand::Sort(ScansSort::Servers) => "sort-scans-by-servers",
        ScansCommand::Sort(ScansSort::Score) => "sort-scans-by-score",
        ScansCommand::Invert => "invert-order-of-scans",
        ScansCommand::Earlier => "earlier-scan",
        ScansCommand::Later => "later-scan",
        ScansCommand::AllFamilies => "all-families",
    }
}

const fn sort(key: SortKey) -> &'static str {
    match key {
        SortKey::Risk => "sort-by-risk",
        SortKey::Match => "sort-by-match",
        SortKey::Name => "sort-by-name",
        SortKey::Score => "sort-by-score",
        SortKey::Region => "sort-by-region",
        SortKey::Version => "sort-by-version",
        SortKey::Subscription => "sort-by-subscription",
    }
}

const fn controls(sort: ControlSort) -> &'static str {
    match sort {
        ControlSort::Catalogue => "sort-controls-as-baseline",
        ControlSort::Failing => "sort-controls-by-failing",
        ControlSort::Unknown => "sort-controls-by-unknown",
        ControlSort::Name => "sort-controls-by-name",
    }
}

const fn group(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::Nothing => "no-groups",
        GroupKind::Subscription => "group-by-subscription",
        GroupKind::ResourceGroup => "group-by-resource-group",
        GroupKind::Region => "group-by-region",
        GroupKind::Tag => "group-by-tag",
        GroupKind::Version => "group-by-version",
    }
}

const fn family(family: FamilyCode) -> &'static str {
    match family {
        FamilyCode::Ns => "family-ns",
        FamilyCode::Im => "family-im",
        FamilyCode::Pa => "family-pa",
        FamilyCode::Dp => "family-dp",
        FamilyCode::Am => "family-am",
        FamilyCode::Lt => "family-lt",
        FamilyCode::Br => "family-br",
        FamilyCode::X => "family-x",
    }
}

const fn tab(tab: Tab) -> &'static str {
    match tab {
        Tab::Finding => "tab-finding",
        Tab::Guidance => "tab-guidance",
        Tab::Policies => "tab-policies",
        Tab::Fix => "tab-fix",
        Tab::History => "tab-history",
        Tab::Raw => "tab-raw",
    }
}

const fn theme(change: ThemeChange) -> &'static str {
    match change {
        ThemeChange::Next => "next-theme",
        ThemeChange::Previous => "previous-theme",
        ThemeChange::Reload => "reload-theme",
    }
}

const fn screen(screen: Screen) -> &'static str {
    match screen {
        Screen::Welcome => "welcome",
        Screen::Fleet => "fleet",
        Screen::Server => "server",
        Screen::Controls => "controls",
        Screen::ControlServers => "control-servers",
        Screen::Matrix => "matrix",
        Screen::Difference => "difference",
        Screen::Trend => "trend",
        Screen::Scans => "scans",
    }
}
