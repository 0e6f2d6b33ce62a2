//! The exemptions: ours with what is left of them and what they cover, then those of Azure Policy.

use crate::app::page::{Writer, exempt_words, write_azure_exemption, write_azure_exemptions};
use crate::app::{
    DetailState, ReportsState, ScanReports, Screen, ServerDetail, Span, State, Tone, counted,
};
use crate::documents::Fact;
use crate::documents::text::neutral;
use crate::posture::{EXPIRES_SOON_DAYS, Exemption, ExemptionState, ExemptionUse};

pub(super) fn write(writer: &mut Writer, state: &State) {
    let entries = &state.exemptions.entries;
    if entries.is_empty() {
        writer.text(Tone::Plain, "There is no exemption of ours.");
        writer.text(
            Tone::Muted,
            "`flexposture exemptions` says where they are kept and adds one.",
        );
    } else {
        let words = format!(
            "{} of ours on {}",
            counted(entries.len(), "exemption"),
            state.today
        );
        writer.text(Tone::Heading, &words);
    }
    let reports = super::reports(writer, state);
    let uses = reports.map_or(&[][..], |reports| &reports.exemptions);
    let mut sorted: Vec<(&Exemption, Option<ExemptionUse>)> = entries
        .iter()
        .enumerate()
        .map(|(place, entry)| (entry, uses.get(place).copied()))
        .collect();
    sorted.sort_by_key(|(entry, _)| entry.waiver.until);
    for (entry, usage) in sorted {
        writer.blank();
        own(writer, state, entry, usage);
    }
    azure(writer, state, reports);
}

fn own(writer: &mut Writer, state: &State, entry: &Exemption, usage: Option<ExemptionUse>) {
    let standing = entry.state(state.today, usage);
    let days = entry.days_left(state.today);
    let (sign, tone) = match standing {
        ExemptionState::InForce => ("+", Tone::Plain),
        ExemptionState::ExpiresSoon => ("!", Tone::Warning),
        ExemptionState::Expired => ("x", Tone::Warning),
        ExemptionState::NamesNoServer | ExemptionState::CoversNothingOpen => ("-", Tone::Muted),
    };
    let state = format!("{sign} {}  ", words(standing, days));
    let width = state.len();
    let what = format!("{} on {}", entry.covers, entry.server.as_str());
    writer.item(
        vec![Span::Text(state, tone)],
        width,
        Tone::Code,
        &neutral(&what),
    );
    let mut row = |label, text: &str| writer.labelled(2, label, Tone::Plain, &neutral(text));
    row("granted", &exempt_words(&entry.waiver));
    if let Some(usage) = usage {
        row("here", &use_words(usage, standing));
    }
}

fn words(state: ExemptionState, days: i32) -> String {
    let left = match days {
        0 => "ends today".to_owned(),
        1 => "ends tomorrow".to_owned(),
        days => format!("{days} days left"),
    };
    match state {
        ExemptionState::InForce => format!("in force, {left}"),
        ExemptionState::ExpiresSoon => format!("in force, EXPIRES SOON: {left}"),
        ExemptionState::Expired => match days {
            -1 => "EXPIRED yesterday".to_owned(),
            days => format!("EXPIRED {} days ago", days.saturating_neg()),
        },
        ExemptionState::NamesNoServer | ExemptionState::CoversNothingOpen
            if days <= EXPIRES_SOON_DAYS =>
        {
            format!("not used here, EXPIRES SOON: {left}")
        }
        ExemptionState::NamesNoServer | ExemptionState::CoversNothingOpen => {
            format!("not used here, {left}")
        }
    }
}

fn use_words(usage: ExemptionUse, state: ExemptionState) -> String {
    if usage.servers_named == 0 {
        return "names no server of this scan".to_owned();
    }
    let named = counted(usage.servers_named, "server");
    if usage.conditions == 0 {
        return format!("names {named}, and nothing is open there that it covers");
    }
    let would = if state == ExemptionState::Expired {
        "would cover"
    } else {
        "covers"
    };
    let conditions = counted(usage.conditions, "open condition");
    let covered = counted(usage.servers_covered, "server");
    let more = if usage.servers_covered < usage.servers_named {
        format!("; names {named}")
    } else {
        String::new()
    };
    format!("{would} {conditions} on {covered}{more}")
}

/// Those of Azure Policy: of the server that is looked into, else of the scan.
fn azure(writer: &mut Writer, state: &State, reports: Option<&ScanReports>) {
    let server = state
        .server
        .as_ref()
        .filter(|_| state.screen() == Screen::Server);
    let what = match server {
        Some(server) => format!(
            "Exemptions of Azure Policy that cover {}",
            server.summary.name
        ),
        None => "Exemptions of Azure Policy that cover servers of this scan".to_owned(),
    };
    writer.heading(&what);
    writer.text(
        Tone::Muted,
        "They are told and change no verdict here. Those that you may not see are left out by Azure.",
    );
    match (server.map(|server| &server.detail), &state.reports) {
        (Some(DetailState::Loaded(detail)), _) => of_server(writer, state, detail),
        (Some(DetailState::Loading), _) => {
            writer.text(Tone::Muted, "reading the server's documents ...");
        }
        (Some(DetailState::Failed(why)), _) => writer.text(Tone::Warning, why),
        (None, ReportsState::Loading(_)) => {
            writer.text(Tone::Muted, "looking through the scan ...")
        }
        (None, _) => {
            if let Some(reports) = reports {
                of_scan(writer, state, reports);
            }
        }
    }
}

fn of_server(writer: &mut Writer, state: &State, detail: &ServerDetail) {
    write_azure_exemptions(writer, &detail.azure_exemptions, &state.zone);
}

fn of_scan(writer: &mut Writer, state: &State, reports: &ScanReports) {
    let policies = &reports.policies;
    for (kind, servers) in &policies.exemptions_unread {
        let words = format!(
            "unread for {}: {}",
            counted(*servers, "server"),
            kind.short()
        );
        writer.text(Tone::Warning, &words);
    }
    if policies.exemptions.is_empty() {
        writer.text(Tone::Plain, "None is visible.");
    }
    for found in policies.exemptions.values() {
        writer.blank();
        let covers = Fact::Known(found.covers.as_slice());
        write_azure_exemption(
            writer,
            &found.exemption,
            covers,
            Some(found.servers),
            &state.zone,
        );
    }
}
