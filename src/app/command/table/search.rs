//! Searching: the filter, what it completes, and finding anything.

use super::super::write::{PLACES, at, hinted, record};
use super::super::{Command, CommandRecord, Scope, Scopes};

use Scope::{
    Errors, Exemptions, Feature, Find, Fleet, Permissions, Policies, Progress, Prompt, Saved,
};

/// Where hits are gone through: pages of text, and the list of servers.
const HITS: Scopes = at(&[
    Fleet,
    Feature,
    Errors,
    Progress,
    Exemptions,
    Permissions,
    Policies,
]);

pub(super) const COMMANDS: &[CommandRecord] = &[
    record(
        Command::NextCompletion,
        "complete",
        "Show the fields and values that may follow; again to take one, and again for the next.",
        &["Tab"],
        at(&[Prompt]),
    ),
    record(
        Command::PreviousCompletion,
        "complete backwards",
        "The one before of what may follow.",
        &["BackTab"],
        at(&[Prompt]),
    ),
    record(
        Command::SearchPage,
        "search",
        "Search in the text that is read; n and N go from place to place.",
        &["/"],
        at(&[Feature, Errors, Progress, Exemptions, Permissions, Policies]),
    ),
    record(
        Command::NextHit,
        "next hit",
        "To the next place of what was searched, or the next server that the filter shows.",
        &["n"],
        HITS,
    ),
    record(
        Command::PreviousHit,
        "previous hit",
        "To the one before.",
        &["N"],
        HITS,
    ),
    record(
        Command::Find,
        "find anything",
        "Servers, controls, features, server parameters, policies and guidance by their words, and there.",
        &["g f", "Ctrl-f"],
        PLACES,
    ),
    record(
        Command::NextKind,
        "next kind",
        "To the next kind of what was found.",
        &["Tab"],
        at(&[Find]),
    ),
    record(
        Command::PreviousKind,
        "previous kind",
        "To the kind before.",
        &["BackTab"],
        at(&[Find]),
    ),
    hinted(record(
        Command::Open,
        "open",
        "Into what is selected.",
        &["Enter"],
        at(&[Find]),
    )),
    hinted(record(
        Command::Close,
        "close",
        "Close this.",
        &["Esc"],
        at(&[Find]),
    )),
    record(
        Command::SavedSearches,
        "saved searches",
        "Filters that were given a name, kept in a file of their own.",
        &["g /"],
        PLACES,
    ),
    hinted(record(
        Command::Open,
        "open",
        "Into what is selected.",
        &["Enter", "l", "Right"],
        at(&[Saved]),
    )),
    hinted(record(
        Command::NameSearch,
        "name the filter",
        "Keep the filter in force under a name.",
        &["a"],
        at(&[Saved]),
    )),
    hinted(record(
        Command::DeleteSearch,
        "delete",
        "Delete the selected search, after a question.",
        &["x"],
        at(&[Saved]),
    )),
];
