//! `flexposture exemptions list`: each exemption with its state and what it covers in a scan.

use std::io::Write;

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::cli::judging::{ExemptionsArgument, ExemptionsFile};
use crate::cli::scan_choice::ScanArgument;
use crate::cli::store_choice;
use crate::documents::text::neutral;
use crate::posture::{
    Covered, EXPIRES_SOON_DAYS, Exemption, ExemptionState, ExemptionUse, Exemptions, Ruleset, judge,
};
use crate::report::{DocumentKind, WaiverRecord, write_document};
use crate::store::{Scan, StoreError};

/// A scan beside which exemptions are looked at, and what each of them covers there.
struct Beside {
    scan: String,
    servers: u64,
    uses: Vec<ExemptionUse>,
}

/// Writes the list to `out`. Without any scan it stands alone.
///
/// # Errors
/// When anything in the file is wrong, when there is no such scan, or when `out` refuses.
pub fn run(
    scan: &ScanArgument,
    ruleset: &Ruleset,
    file: &ExemptionsArgument,
    as_json: bool,
    today: Date,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let file = file.read()?;
    let none = Exemptions::default();
    let exemptions = file.as_ref().map_or(&none, |file| &file.exemptions);
    let beside = beside(scan, ruleset, exemptions)?;
    let entries = exemptions.entries.iter().enumerate().map(|(place, entry)| {
        let usage = beside.as_ref().and_then(|it| it.uses.get(place)).copied();
        (entry, usage, entry.state(today, usage))
    });
    if as_json {
        let all = json!({
            "file": file.as_ref().map(|file| &file.place.value),
            "today": today,
            "scan": beside.as_ref().map(|it| &it.scan),
            "exemptions": entries
                .map(|(entry, usage, state)| record(entry, usage, state, today))
                .collect::<Vec<_>>(),
        });
        write_document(out, DocumentKind::Exemptions, &all)?;
        return Ok(());
    }
    head(file.as_ref(), exemptions, beside.as_ref(), out)?;
    for (entry, usage, state) in entries {
        let days = entry.days_left(today);
        writeln!(
            out,
            "\n{}  {}  {}",
            state_words(state, days),
            neutral(entry.server.as_str()),
            entry.covers
        )?;
        writeln!(out, "    {}", WaiverRecord::from(&*entry.waiver))?;
        if let Some(usage) = usage {
            writeln!(out, "    {}", use_words(usage, state))?;
        }
    }
    Ok(())
}

/// What each exemption covers in the scan; `None` when there is no scan and none was named.
fn beside(
    argument: &ScanArgument,
    ruleset: &Ruleset,
    exemptions: &Exemptions,
) -> anyhow::Result<Option<Beside>> {
    let path = match argument.find(store_choice::folder()) {
        Ok(path) => path,
        Err(StoreError::NoScans | StoreError::NoFolder) if argument.scan.is_none() => {
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let mut scan = Scan::open(&path)?;
    let info = scan.info()?;
    let mut uses = vec![ExemptionUse::default(); exemptions.entries.len()];
    if !uses.is_empty() {
        scan.for_each(|documents| {
            let id = documents.id();
            if exemptions.name(id) {
                exemptions.count(id, &judge(&documents, ruleset), &mut uses);
            }
        })?;
    }
    Ok(Some(Beside {
        scan: info.header.id,
        servers: info.servers,
        uses,
    }))
}

fn head(
    file: Option<&ExemptionsFile>,
    exemptions: &Exemptions,
    beside: Option<&Beside>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let count = exemptions.entries.len();
    let plural = if count == 1 { "" } else { "s" };
    match file {
        Some(file) if file.text.is_some() => {
            writeln!(
                out,
                "{}: {count} exemption{plural}",
                file.place.value.display()
            )?;
        }
        Some(file) => writeln!(
            out,
            "{}: there is no such file, and so no exemption",
            file.place.value.display()
        )?,
        None => writeln!(out, "there is no exemptions file")?,
    }
    match beside {
        _ if count == 0 => {}
        Some(beside) => writeln!(
            out,
            "beside scan {} of {} servers",
            beside.scan, beside.servers
        )?,
        None => writeln!(out, "without a scan to look at")?,
    }
    Ok(())
}

fn state_words(state: ExemptionState, days_left: i32) -> String {
    match state {
        ExemptionState::InForce => "in force".to_owned(),
        ExemptionState::ExpiresSoon => match days_left {
            0 => "in force, expires today".to_owned(),
            1 => "in force, expires tomorrow".to_owned(),
            days => format!("in force, expires in {days} days"),
        },
        ExemptionState::Expired => "EXPIRED".to_owned(),
        ExemptionState::NamesNoServer | ExemptionState::CoversNothingOpen
            if days_left <= EXPIRES_SOON_DAYS =>
        {
            format!("not used, expires in {days_left} days")
        }
        ExemptionState::NamesNoServer | ExemptionState::CoversNothingOpen => "not used".to_owned(),
    }
}

fn use_words(usage: ExemptionUse, state: ExemptionState) -> String {
    let servers = |count: usize| match count {
        1 => "1 server".to_owned(),
        count => format!("{count} servers"),
    };
    let would = if state == ExemptionState::Expired {
        "would cover"
    } else {
        "covers"
    };
    let conditions = match usage.conditions {
        1 => "1 open condition".to_owned(),
        count => format!("{count} open conditions"),
    };
    match usage {
        ExemptionUse {
            servers_named: 0, ..
        } => "names no server of this scan".to_owned(),
        ExemptionUse { conditions: 0, .. } => format!(
            "names {} of this scan, and nothing is open there that it covers",
            servers(usage.servers_named)
        ),
        _ => format!(
            "{would} {conditions} on {} of the {} that it names",
            servers(usage.servers_covered),
            usage.servers_named
        ),
    }
}

fn record(
    entry: &Exemption,
    usage: Option<ExemptionUse>,
    state: ExemptionState,
    today: Date,
) -> Json {
    let (feature, condition) = match &entry.covers {
        Covered::Feature(feature) => (Some(feature.slug()), None),
        Covered::Condition(condition) => (None, Some(condition)),
    };
    let waiver = WaiverRecord::from(&*entry.waiver);
    json!({
        "line": entry.line,
        "server": entry.server.as_str(),
        "feature": feature,
        "condition": condition,
        "reason": waiver.reason,
        "owner": waiver.owner,
        "ticket": waiver.ticket,
        "until": waiver.until,
        "days_left": entry.days_left(today),
        "state": state.word(),
        "in_scan": usage,
    })
}
