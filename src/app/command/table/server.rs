//! A server's screen: its tabs and its neighbours.

use super::super::enabled::{documents_are_shown, on_feature, there_are_servers};
use super::super::write::{SERVER, hinted, record, tab, when};
use super::super::{Command, CommandRecord};
use crate::app::Tab;

pub(super) const COMMANDS: &[CommandRecord] = &[
    hinted(when(
        record(
            Command::NextTab,
            "next tab",
            "The next tab of the feature.",
            &["}"],
            SERVER,
        ),
        on_feature,
    )),
    when(
        record(
            Command::PreviousTab,
            "previous tab",
            "The previous tab of the feature.",
            &["{"],
            SERVER,
        ),
        on_feature,
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
        Tab::History,
        "This finding over the scans that are kept, and what changed from one to the next.",
        &["Alt-5"],
    ),
    tab(
        Tab::Raw,
        "The documents behind the finding, as Azure answered them.",
        &["Alt-6"],
    ),
    when(
        record(
            Command::FoldLevel,
            "fold a level",
            "In the tab Raw: one level of the documents less. What was judged stays open.",
            &["-"],
            SERVER,
        ),
        documents_are_shown,
    ),
    when(
        record(
            Command::UnfoldLevel,
            "unfold a level",
            "In the tab Raw: one level of the documents more.",
            &["+"],
            SERVER,
        ),
        documents_are_shown,
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
];
