//! What the table of commands is written with: places where several commands can be asked for, and records.

use crate::baseline::FamilyCode;

use super::enabled::{always, on_feature};
use super::{Command, CommandRecord, Scope, Scopes};
use crate::app::{Screen, State, Tab};
use crate::query::SortKey;

use Scope::{
    Columns, ControlList, ControlServers, Controls, Difference, Errors, Exemptions, Feature, Find,
    Fleet, Guidance, Help, HelpPrompt, Links, Matrix, Palette, Permissions, Policies, Progress,
    Prompt, Saved, Scans, Tag, Trend, Welcome,
};

/// The screens.
pub(super) const SCREENS: Scopes = at(&[
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
]);
/// What lies over a screen.
pub(super) const OVERLAYS: Scopes = at(&[
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
]);
/// Where rows are moved over: everywhere but where a line is written or a question asked.
pub(super) const ROWS: Scopes = SCREENS.and(OVERLAYS);
/// Where rows are moved over with keys that write no text.
pub(super) const ROWS_AND_PROMPT: Scopes = ROWS.and(at(&[Prompt, HelpPrompt, Find, Palette]));
/// Where a line of text is written.
pub(super) const PROMPTS: Scopes = at(&[Prompt, HelpPrompt, Tag, Palette]);
/// The screens that one goes to and comes back from.
pub(super) const PLACES: Scopes = SCREENS.without(&[Welcome]);
/// Where what is shown can be narrowed to what fails or is unknown.
pub(super) const NARROWED: Scopes = PLACES.without(&[Trend, Scans]);
/// Where families have places.
pub(super) const FAMILIES: Scopes = NARROWED.without(&[ControlServers]);
/// A server.
pub(super) const SERVER: Scopes = at(&[Controls, Feature]);
/// The screens of an open scan's servers.
pub(super) const SCAN: Scopes = SERVER.and(at(&[Fleet]));
/// Everything.
pub(super) const EVERYWHERE: Scopes = Scopes::ALL;

/// These scopes.
pub(super) const fn at(scopes: &[Scope]) -> Scopes {
    Scopes::of(scopes)
}

pub(super) const fn record(
    command: Command,
    title: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    scopes: Scopes,
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
pub(super) const fn close(keys: &'static [&'static str], scopes: Scopes) -> CommandRecord {
    record(
        Command::Close,
        "close",
        "Close this: a line becomes what it was before, and what a form has begun is stopped.",
        keys,
        scopes,
    )
}

/// Taking what was written.
pub(super) const fn accept(keys: &'static [&'static str], scopes: Scopes) -> CommandRecord {
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
        at(&[Fleet, Matrix]),
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
    scopes: Scopes,
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
