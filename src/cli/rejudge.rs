//! `flexposture rejudge`: a scan judged anew from its documents, beside what was judged when it was made.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::{Value as Json, json};

use crate::baseline::catalogue;
use crate::cli::store_choice;
use crate::documents::ServerDocuments;
use crate::documents::text::neutral;
use crate::posture::{
    Fleet, Ruleset, SettingChange, VerdictChange, VerdictWord, conditions_version, judge,
    verdict_changes,
};
use crate::report::{DocumentKind, write_document};
use crate::store::{JudgedUnder, Scan, ScanInfo};

use super::judging::RulesetArguments;
use super::scan_choice::ScanArgument;

/// Judge a scan anew and show which verdicts differ; asks nothing of Azure
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    scan: ScanArgument,

    /// Write JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    ruleset: RulesetArguments,
}

/// A scan judged then and now. Exemptions have no part in it.
struct Rejudged {
    info: ScanInfo,
    then: Option<JudgedUnder>,
    now: String,
    /// The settings that differ; `None` when those of then are not known.
    settings: Option<Vec<SettingChange>>,
    /// The servers with verdicts that differ; `None` when there is nothing to compare with.
    servers: Option<Vec<Server>>,
}

struct Server {
    name: String,
    id: String,
    changes: Vec<VerdictChange>,
}

/// Judges anew and writes what differs to `out`.
///
/// # Errors
/// When there is no such scan, when anything in the config file is wrong, or when `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let ruleset = args.ruleset.settings()?.ruleset;
    let mut scan = Scan::open(&args.scan.find(store_choice::folder())?)?;
    let rejudged = rejudge(&mut scan, &ruleset)?;
    if args.json {
        write_document(out, DocumentKind::Rejudged, &rejudged.record())?;
        return Ok(());
    }
    rejudged.write(out)
}

fn rejudge(scan: &mut Scan, now: &Ruleset) -> anyhow::Result<Rejudged> {
    let info = scan.info()?;
    let then = scan.judged_under()?;
    let fleet = match &then {
        Some(then) => scan.packed_then(&then.ruleset)?,
        None => None,
    };
    let settings_then = then.as_ref().and_then(|then| then.settings.as_ref());
    let servers = match fleet {
        Some(fleet) => Some(differing(scan, &fleet, settings_then, now)?),
        None => None,
    };
    Ok(Rejudged {
        info,
        now: now.id(),
        settings: settings_then.map(|then| now.changes_since(then)),
        servers,
        then,
    })
}

fn differing(
    scan: &mut Scan,
    fleet: &Fleet,
    then: Option<&Ruleset>,
    now: &Ruleset,
) -> anyhow::Result<Vec<Server>> {
    let mut servers = Vec::new();
    let differing = |place: usize, documents: &ServerDocuments| {
        // Both are in the order of the inventory.
        let before = fleet.servers.get(place)?;
        let findings = judge(documents, now);
        let again = then.map(|then| judge(documents, then));
        let changes = verdict_changes(before, again.as_deref(), &findings);
        (!changes.is_empty()).then(|| Server {
            name: neutral(documents.id().name()).into_owned(),
            id: neutral(documents.id().as_str()).into_owned(),
            changes,
        })
    };
    scan.work_through(differing, |found| {
        servers.extend(found);
        true
    })?;
    Ok(servers)
}

impl Rejudged {
    fn conditions_changed(&self) -> Option<bool> {
        let then = self.then.as_ref()?;
        Some(conditions_version(&then.ruleset) != conditions_version(&self.now))
    }

    /// How many verdicts went from one word to another.
    fn totals(&self) -> BTreeMap<(VerdictWord, VerdictWord), usize> {
        let mut totals = BTreeMap::new();
        let changes = self.servers.iter().flatten().flat_map(|it| &it.changes);
        for change in changes {
            *totals.entry((change.before, change.after)).or_insert(0) += 1;
        }
        totals
    }

    /// Why there is nothing to compare with.
    fn not_compared(&self) -> Option<&'static str> {
        match (&self.servers, &self.then) {
            (Some(_), _) => None,
            (None, None) => Some("the scan was not finished, and so no list of verdicts was kept"),
            (None, Some(_)) => Some(
                "its verdicts were kept in a form that this version no longer reads; what it read is judged anew all the same",
            ),
        }
    }

    fn record(&self) -> Json {
        let findings: Vec<Json> = self
            .servers
            .iter()
            .flatten()
            .flat_map(|server| server.changes.iter().map(move |change| (server, change)))
            .map(|(server, change)| {
                json!({
                    "server": server.name,
                    "server_id": server.id,
                    "family": change.feature.family().code(),
                    "control": change.feature.control(),
                    "feature": catalogue().feature(change.feature).name,
                    "before": change.before.word(),
                    "after": change.after.word(),
                    "conditions": change.conditions,
                    "by_version_of_conditions": change.by_conditions,
                })
            })
            .collect();
        let totals: Vec<Json> = self
            .totals()
            .into_iter()
            .map(|((before, after), count)| {
                json!({"before": before.word(), "after": after.word(), "count": count})
            })
            .collect();
        json!({
            "scan": self.info.header.id,
            "file": self.info.path,
            "servers": self.info.servers,
            "ruleset_then": self.then.as_ref().map(|then| &then.ruleset),
            "ruleset_now": self.now,
            "settings_changed": self.settings,
            "conditions_changed": self.conditions_changed(),
            "not_compared": self.not_compared(),
            "findings": findings,
            "totals": totals,
        })
    }

    fn write(&self, out: &mut impl Write) -> anyhow::Result<()> {
        writeln!(
            out,
            "scan         {}, {} servers",
            self.info.header.id, self.info.servers
        )?;
        match &self.then {
            Some(then) => writeln!(out, "judged then  {}", then.ruleset)?,
            None => writeln!(out, "judged then  not at all")?,
        }
        writeln!(out, "judged now   {}", self.now)?;
        if let Some(then) = &self.then {
            let version = conditions_version(&then.ruleset);
            if self.conditions_changed() == Some(true) {
                let now = conditions_version(&self.now);
                writeln!(out, "conditions   {} → {now}", neutral(version))?;
            } else {
                writeln!(out, "conditions   {version}, unchanged")?;
            }
            match &self.settings {
                None => writeln!(out, "settings     those of then are not in the file")?,
                Some(changes) if changes.is_empty() => writeln!(out, "settings     unchanged")?,
                Some(changes) => {
                    for change in changes {
                        let (then, now) = (change.then.to_string(), change.now.to_string());
                        writeln!(
                            out,
                            "settings     {}: {} → {}",
                            change.key,
                            neutral(&then),
                            neutral(&now)
                        )?;
                    }
                }
            }
        }
        if let Some(why) = self.not_compared() {
            writeln!(out, "\nNothing to compare with: {why}.")?;
            return Ok(());
        }
        for server in self.servers.iter().flatten() {
            writeln!(out, "\n{}", server.name)?;
            for change in &server.changes {
                write_change(change, out)?;
            }
        }
        let totals = self.totals();
        let count: usize = totals.values().sum();
        let servers = self.servers.as_ref().map_or(0, Vec::len);
        match count {
            0 => writeln!(out, "\nNo verdict differs.")?,
            1 => writeln!(out, "\n1 verdict differs:")?,
            _ => writeln!(out, "\n{count} verdicts differ, on {servers} servers:")?,
        }
        for ((before, after), count) in totals {
            let both = format!("{before} → {after}");
            writeln!(out, "  {both:27} {count:7}")?;
        }
        Ok(())
    }
}

fn write_change(change: &VerdictChange, out: &mut impl Write) -> anyhow::Result<()> {
    let feature = change.feature;
    writeln!(
        out,
        "  {} {}: {} → {}",
        feature.control(),
        catalogue().feature(feature).name,
        change.before,
        change.after
    )?;
    for condition in &change.conditions {
        writeln!(
            out,
            "      {}: {} → {}{}",
            condition.id,
            condition.before.unwrap_or("not looked at"),
            condition.after.unwrap_or("not looked at"),
            match (condition.decided, condition.decides) {
                (Some(true), Some(false)) => ", decided then and only informs now",
                (Some(false), Some(true)) => ", only informed then and decides now",
                _ => "",
            }
        )?;
    }
    if change.by_conditions {
        writeln!(
            out,
            "      this version of the conditions judges otherwise than that of then"
        )?;
    }
    Ok(())
}
