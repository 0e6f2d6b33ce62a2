//! The table of commands.

use crate::baseline::FamilyCode;

use super::enabled::{
    always, finding_is_there, fix_is_there, no_scan_runs, not_at_the_start, on_feature, scan_runs,
    there_are_servers, there_is_progress,
};
use super::{Command, CommandRecord, Scope};
use crate::app::{SortKey, State, Tab};

use Scope::{
    Confirm, Controls, Errors, Feature, Fleet, Help, HelpPrompt, Progress, Prompt, Welcome,
};

/// Where rows are moved over.
const ROWS: &[Scope] = &[Welcome, Fleet, Controls, Feature, Help, Errors, Progress];
/// Where rows are moved over with keys that write no text.
const ROWS_AND_PROMPT: &[Scope] = &[
    Welcome, Fleet, Controls, Feature, Help, Errors, Progress, Prompt, HelpPrompt,
];
/// The screens.
const SCREENS: &[Scope] = &[Welcome, Fleet, Controls, Feature];
/// The screens of an open scan.
const SCAN: &[Scope] = &[Fleet, Controls, Feature];
/// A server.
const SERVER: &[Scope] = &[Controls, Feature];
/// What lies over a screen.
const OVERLAYS: &[Scope] = &[Help, Errors, Progress];
/// Everything.
const EVERYWHERE: &[Scope] = &Scope::ALL;

const fn record(
    command: Command,
    title: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    scopes: &'static [Scope],
) -> CommandRecord {
    CommandRecord {
        command,
        title,
        doc,
        keys,
        scopes,
        hint: false,
        enabled: always,
    }
}

const fn hinted(record: CommandRecord) -> CommandRecord {
    CommandRecord {
        hint: true,
        ..record
    }
}

const fn when(
    record: CommandRecord,
    enabled: fn(&State) -> Result<(), &'static str>,
) -> CommandRecord {
    CommandRecord { enabled, ..record }
}

const fn sort(key: SortKey, doc: &'static str, keys: &'static [&'static str]) -> CommandRecord {
    record(
        Command::SortBy(key),
        match key {
            SortKey::Risk => "by risk",
            SortKey::Match => "by match",
            SortKey::Name => "by name",
            SortKey::Score => "by score",
            SortKey::Region => "by region",
            SortKey::Version => "by version",
            SortKey::Subscription => "by subscription",
        },
        doc,
        keys,
        &[Fleet],
    )
}

const fn family(
    code: FamilyCode,
    doc: &'static str,
    keys: &'static [&'static str],
) -> CommandRecord {
    record(Command::Family(code), code.code(), doc, keys, SCAN)
}

const fn tab(tab: Tab, doc: &'static str, keys: &'static [&'static str]) -> CommandRecord {
    when(
        record(Command::Tab(tab), tab.title(), doc, keys, SERVER),
        on_feature,
    )
}

/// Every command, in the order of help and hints.
pub const COMMANDS: &[CommandRecord] = &[
    record(Command::Down, "down", "One row down.", &["j"], ROWS),
    record(Command::Up, "up", "One row up.", &["k"], ROWS),
    record(
        Command::Down,
        "down",
        "One row down.",
        &["Down", "Ctrl-n"],
        ROWS_AND_PROMPT,
    ),
    record(
        Command::Up,
        "up",
        "One row up.",
        &["Up", "Ctrl-p"],
        ROWS_AND_PROMPT,
    ),
    record(
        Command::First,
        "first",
        "To the first row.",
        &["g g", "Home"],
        ROWS,
    ),
    record(
        Command::Last,
        "last",
        "To the last row.",
        &["G", "End"],
        ROWS,
    ),
    record(
        Command::HalfPageDown,
        "half a page down",
        "Half a page down.",
        &["Ctrl-d"],
        ROWS,
    ),
    record(
        Command::HalfPageUp,
        "half a page up",
        "Half a page up.",
        &["Ctrl-u"],
        ROWS,
    ),
    record(
        Command::PageDown,
        "page down",
        "A page down.",
        &["PageDown"],
        ROWS_AND_PROMPT,
    ),
    record(
        Command::PageUp,
        "page up",
        "A page up.",
        &["PageUp"],
        ROWS_AND_PROMPT,
    ),
    hinted(record(
        Command::Filter,
        "filter",
        "Show only servers that match every word: in name, resource group, subscription, region, version, state or \
         tags. \"words in quotes\" match as they stand, !word must not be there.",
        &["/"],
        &[Fleet],
    )),
    hinted(record(
        Command::Open,
        "open",
        "Into what is selected.",
        &["Enter", "l", "Right"],
        &[Welcome, Fleet, Controls],
    )),
    hinted(when(
        record(
            Command::Back,
            "back",
            "Back to where you came from; in the list of servers, take filters away.",
            &["Esc", "h", "Left", "Backspace"],
            SCAN,
        ),
        not_at_the_start,
    )),
    hinted(record(
        Command::NextTab,
        "next tab",
        "The next tab of the feature.",
        &["}"],
        SERVER,
    )),
    record(
        Command::PreviousTab,
        "previous tab",
        "The previous tab of the feature.",
        &["{"],
        SERVER,
    ),
    tab(
        Tab::Finding,
        "The conditions, what was seen and expected, and where it was read.",
        &["Alt-1"],
    ),
    tab(
        Tab::Guidance,
        "What the baseline says, what it means, what to do and what that may break.",
        &["Alt-2"],
    ),
    tab(
        Tab::Policies,
        "Which policies of Azure Policy look at this, and which only seem to.",
        &["Alt-3"],
    ),
    tab(
        Tab::Fix,
        "What would make the finding hold: commands with the real names, what they break, and the way back.",
        &["Alt-4"],
    ),
    tab(
        Tab::Raw,
        "The documents behind the finding, as Azure answered them.",
        &["Alt-5"],
    ),
    when(
        record(
            Command::NextServer,
            "next server",
            "The next server of the list, with the same feature.",
            &["J"],
            SERVER,
        ),
        there_are_servers,
    ),
    when(
        record(
            Command::PreviousServer,
            "previous server",
            "The previous server of the list, with the same feature.",
            &["K"],
            SERVER,
        ),
        there_are_servers,
    ),
    sort(
        SortKey::Risk,
        "Sort by risk: worst open severity first, then how many, then unknown features.",
        &["s r"],
    ),
    sort(
        SortKey::Match,
        "Sort by how well the filter matches.",
        &["s m"],
    ),
    sort(SortKey::Name, "Sort by name.", &["s n"]),
    sort(SortKey::Score, "Sort by score, lowest first.", &["s s"]),
    sort(SortKey::Region, "Sort by region.", &["s g"]),
    sort(
        SortKey::Version,
        "Sort by MySQL version, oldest first.",
        &["s v"],
    ),
    sort(SortKey::Subscription, "Sort by subscription.", &["s u"]),
    record(
        Command::InvertSort,
        "invert order",
        "Turn the order round.",
        &["S"],
        &[Fleet],
    ),
    hinted(record(
        Command::OnlyFailing,
        "failing",
        "Only what fails; again for all.",
        &["f"],
        SCAN,
    )),
    hinted(record(
        Command::OnlyUnknown,
        "unknown",
        "Only what is unknown; again for all.",
        &["u"],
        SCAN,
    )),
    family(
        FamilyCode::Ns,
        "Network security: servers where it is open, or the tree's place.",
        &["1"],
    ),
    family(FamilyCode::Im, "Identity management, likewise.", &["2"]),
    family(FamilyCode::Pa, "Privileged access, likewise.", &["3"]),
    family(FamilyCode::Dp, "Data protection, likewise.", &["4"]),
    family(FamilyCode::Am, "Asset management, likewise.", &["5"]),
    family(
        FamilyCode::Lt,
        "Logging and threat detection, likewise.",
        &["6"],
    ),
    family(FamilyCode::Br, "Backup and recovery, likewise.", &["7"]),
    family(FamilyCode::X, "Beyond the baseline, likewise.", &["8"]),
    when(
        record(
            Command::CopyServerId,
            "server id",
            "Copy the server's resource id to the clipboard.",
            &["y i", "y y"],
            SCAN,
        ),
        there_are_servers,
    ),
    when(
        record(
            Command::CopyServerName,
            "server name",
            "Copy the server's name.",
            &["y n"],
            SCAN,
        ),
        there_are_servers,
    ),
    when(
        record(
            Command::CopyFinding,
            "finding",
            "Copy the finding as text.",
            &["y f"],
            SERVER,
        ),
        finding_is_there,
    ),
    when(
        record(
            Command::CopyFix,
            "fix",
            "Copy the commands that would make the finding hold. Nothing is run.",
            &["y x"],
            SERVER,
        ),
        fix_is_there,
    ),
    when(
        record(
            Command::CopyCommand,
            "command",
            "Copy the command line that prints the server's findings.",
            &["y c"],
            SCAN,
        ),
        there_are_servers,
    ),
    when(
        hinted(record(
            Command::StartDemo,
            "demo",
            "Scan a simulated fleet: no credentials, nothing leaves this machine.",
            &["d"],
            &[Welcome],
        )),
        no_scan_runs,
    ),
    when(
        hinted(record(
            Command::StartScan,
            "scan",
            "Read every server that your Azure credentials can see. Nothing is changed.",
            &["s"],
            &[Welcome],
        )),
        no_scan_runs,
    ),
    when(
        record(
            Command::CancelScan,
            "stop scan",
            "Stop the running scan, after a question; what has been read is kept.",
            &["x"],
            &[Welcome, Fleet, Controls, Feature, Progress],
        ),
        scan_runs,
    ),
    when(
        record(
            Command::Progress,
            "progress",
            "How far the scan is, by subscription, with pauses and errors.",
            &["P"],
            SCREENS,
        ),
        there_is_progress,
    ),
    record(
        Command::Errors,
        "errors",
        "What went wrong in this session.",
        &["L"],
        SCREENS,
    ),
    hinted(record(
        Command::Search,
        "search",
        "Search in the help.",
        &["/"],
        &[Help],
    )),
    hinted(record(
        Command::Close,
        "close",
        "Close this.",
        &["Esc", "q", "h", "Left"],
        OVERLAYS,
    )),
    record(Command::Close, "close", "Close this.", &["?"], &[Help]),
    record(Command::Close, "close", "Close this.", &["L"], &[Errors]),
    record(Command::Close, "close", "Close this.", &["P"], &[Progress]),
    hinted(record(
        Command::Accept,
        "keep",
        "Keep what was written.",
        &["Enter"],
        &[Prompt, HelpPrompt],
    )),
    hinted(record(
        Command::Close,
        "undo",
        "Leave what was written, as it was before.",
        &["Esc"],
        &[Prompt, HelpPrompt],
    )),
    hinted(record(
        Command::Yes,
        "yes",
        "Yes.",
        &["y", "Enter"],
        &[Confirm],
    )),
    hinted(record(
        Command::No,
        "no",
        "No.",
        &["n", "Esc", "q"],
        &[Confirm],
    )),
    hinted(record(
        Command::Help,
        "help",
        "Every key, and what the symbols mean.",
        &["?", "F1"],
        &[Welcome, Fleet, Controls, Feature, Errors, Progress],
    )),
    hinted(record(
        Command::Quit,
        "quit",
        "End the program.",
        &["q"],
        SCREENS,
    )),
    record(
        Command::QuitNow,
        "quit now",
        "End the program without a question.",
        &["Ctrl-c"],
        EVERYWHERE,
    ),
    record(
        Command::Suspend,
        "suspend",
        "Stop the program and give the terminal back; continue with fg.",
        &["Ctrl-z"],
        EVERYWHERE,
    ),
    record(
        Command::Redraw,
        "redraw",
        "Draw everything anew.",
        &["Ctrl-l"],
        EVERYWHERE,
    ),
];
