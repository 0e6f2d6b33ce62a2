//! What the table of commands is written with: places where several commands can be asked for, and records.

use crate::baseline::FamilyCode;

use super::enabled::{always, on_feature};
use super::{Command, CommandRecord, Scope};
use crate::app::{Screen, SortKey, State, Tab};

use Scope::{
    Columns, ControlList, ControlServers, Controls, Difference, Errors, Exemptions, Feature, Find,
    Fleet, Guidance, Help, HelpPrompt, Links, Matrix, Palette, Permissions, Policies, Progress,
    Prompt, Saved, Scans, Tag, Trend, Welcome,
};

/// Where rows are moved over.
pub(super) const ROWS: &[Scope] = &[
    Welcome,
    Fleet,
    Controls,
    Feature,
    ControlList,
    ControlServers,
    Matrix,
    Difference,
    Trend,
    Scans,
    Help,
    Errors,
    Progress,
    Exemptions,
    Permissions,
    Policies,
    Guidance,
    Columns,
    Links,
    Saved,
];
/// Where rows are moved over by keys that the matrix moves over columns with.
pub(super) const ROWS_BUT_MATRIX: &[Scope] = &[
    Welcome,
    Fleet,
    Controls,
    Feature,
    ControlList,
    ControlServers,
    Difference,
    Trend,
    Scans,
    Help,
    Errors,
    Progress,
    Exemptions,
    Permissions,
    Policies,
    Guidance,
    Columns,
    Links,
    Saved,
];
/// Where rows are moved over with keys that write no text.
pub(super) const ROWS_AND_PROMPT: &[Scope] = &[
    Welcome,
    Fleet,
    Controls,
    Feature,
    ControlList,
    ControlServers,
    Matrix,
    Difference,
    Trend,
    Scans,
    Help,
    Errors,
    Progress,
    Exemptions,
    Permissions,
    Policies,
    Guidance,
    Columns,
    Links,
    Saved,
    Prompt,
    HelpPrompt,
    Find,
    Palette,
];
/// Where a line of text is written.
pub(super) const PROMPTS: &[Scope] = &[Prompt, HelpPrompt, Tag, Palette];
/// Everywhere but where a line is written or a question asked.
pub(super) const SCREENS_AND_OVERLAYS: &[Scope] = ROWS;
/// The screens.
pub(super) const SCREENS: &[Scope] = &[
    Welcome,
    Fleet,
    Controls,
    Feature,
    ControlList,
    ControlServers,
    Matrix,
    Difference,
    Trend,
    Scans,
];
/// The screens on which L is free for what went wrong.
pub(super) const SCREENS_BUT_MATRIX: &[Scope] = &[
    Welcome,
    Fleet,
    Controls,
    Feature,
    ControlList,
    ControlServers,
    Difference,
    Trend,
    Scans,
];
/// Where what is shown can be narrowed to what fails or is unknown.
pub(super) const NARROWED: &[Scope] = &[
    Fleet,
    Controls,
    Feature,
    ControlList,
    ControlServers,
    Matrix,
    Difference,
];
/// Where families have places.
pub(super) const FAMILIES: &[Scope] = &[Fleet, Controls, Feature, ControlList, Matrix, Difference];
/// The screens of an open scan's servers.
pub(super) const SCAN: &[Scope] = &[Fleet, Controls, Feature];
/// The screens that one goes to and comes back from.
pub(super) const PLACES: &[Scope] = &[
    Fleet,
    Controls,
    Feature,
    ControlList,
    ControlServers,
    Matrix,
    Difference,
    Trend,
    Scans,
];
/// A server.
pub(super) const SERVER: &[Scope] = &[Controls, Feature];
/// What lies over a screen.
pub(super) const OVERLAYS: &[Scope] = &[
    Help,
    Errors,
    Progress,
    Exemptions,
    Permissions,
    Policies,
    Guidance,
    Columns,
    Links,
    Saved,
];
/// Everything.
pub(super) const EVERYWHERE: &[Scope] = &Scope::ALL;

pub(super) const fn record(
    command: Command,
    title: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    scopes: &'static [Scope],
) -> CommandRecord {
    CommandRecord {
        command,
        id: command.id(),
        aliases: &[],
        title,
        doc,
        keys,
        scopes,
        hint: false,
        enabled: always,
    }
}

pub(super) const fn hinted(record: CommandRecord) -> CommandRecord {
    CommandRecord {
        hint: true,
        ..record
    }
}

/// With other names that the palette takes for it.
pub(super) const fn called(
    record: CommandRecord,
    aliases: &'static [&'static str],
) -> CommandRecord {
    CommandRecord { aliases, ..record }
}

pub(super) const fn when(
    record: CommandRecord,
    enabled: fn(&State) -> Result<(), &'static str>,
) -> CommandRecord {
    CommandRecord { enabled, ..record }
}

/// Closing what has the keys.
pub(super) const fn close(
    keys: &'static [&'static str],
    scopes: &'static [Scope],
) -> CommandRecord {
    record(
        Command::Close,
        "close",
        "Close this: a line becomes what it was before, and what a form has begun is stopped.",
        keys,
        scopes,
    )
}

/// Taking what was written.
pub(super) const fn accept(
    keys: &'static [&'static str],
    scopes: &'static [Scope],
) -> CommandRecord {
    record(
        Command::Accept,
        "do it",
        "Keep the line that was written; do what the form is for.",
        keys,
        scopes,
    )
}

pub(super) const fn sort(
    key: SortKey,
    doc: &'static str,
    keys: &'static [&'static str],
) -> CommandRecord {
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
        &[Fleet, Matrix],
    )
}

pub(super) const fn family(
    code: FamilyCode,
    doc: &'static str,
    keys: &'static [&'static str],
) -> CommandRecord {
    record(Command::Family(code), code.code(), doc, keys, FAMILIES)
}

pub(super) const fn screen(
    screen: Screen,
    title: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    scopes: &'static [Scope],
) -> CommandRecord {
    record(Command::Screen(screen), title, doc, keys, scopes)
}

pub(super) const fn tab(
    tab: Tab,
    doc: &'static str,
    keys: &'static [&'static str],
) -> CommandRecord {
    when(
        record(Command::Tab(tab), tab.title(), doc, keys, SERVER),
        on_feature,
    )
}
