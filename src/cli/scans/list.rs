//! `flexposture scans list`.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;

use serde_json::{Value as Json, json};

use super::{moment, numbers, second, size};
use crate::baseline::{FamilyCode, FeatureId};
use crate::cli::judging::JudgingArguments;
use crate::cli::store_choice;
use crate::documents::text::neutral;
use crate::posture::{Severity, Tally, VerdictWord};
use crate::report::{DocumentKind, write_document};
use crate::store::{Cache, KnownTotals, Listed, ListedScan};

/// List the scans, newest first
#[derive(Debug, clap::Args)]
#[group(skip)]
pub struct Args {
    /// Write JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    judging: JudgingArguments,
}

/// Writes the list to `out`; files that cannot be read stand there with the reason.
///
/// # Errors
/// When the folder cannot be listed, or when `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let folder = store_choice::folder()?;
    let judge = args.judging.judge()?;
    let scans = folder.list(&judge, Cache::of_user().as_ref())?;
    if args.json {
        let list: Vec<_> = scans.iter().map(record).collect();
        write_document(out, DocumentKind::Scans, &list)?;
        return Ok(());
    }
    if scans.is_empty() {
        writeln!(
            out,
            "No scans in {}. `flexposture scan` makes one; `flexposture demo` shows the program without an account.",
            folder.path().display()
        )?;
        return Ok(());
    }
    writeln!(
        out,
        "ID        STARTED               STATE       SERVERS  SCORE  FAILING  UNKNOWN  SIZE      SCOPE"
    )?;
    let mut otherwise = false;
    let mut of_minute: HashMap<String, usize> = HashMap::new();
    for info in scans
        .iter()
        .filter_map(|it| Some(&it.scan.as_ref().ok()?.info))
    {
        *of_minute.entry(moment(info.header.started_at)).or_default() += 1;
    }
    for listed in &scans {
        match &listed.scan {
            Ok(scan) => {
                let other = scan.totals.as_ref().is_some_and(|totals| !totals.as_asked);
                otherwise |= other;
                // Of scans that began in one minute the seconds tell them apart.
                let started = scan.info.header.started_at;
                let is_alone = of_minute.get(&moment(started)) == Some(&1);
                let started = if is_alone {
                    moment(started)
                } else {
                    second(started)
                };
                write_row(scan, &started, other, out)?;
            }
            Err(error) => writeln!(out, "          {}", neutral(&error.to_string()))?,
        }
    }
    if otherwise {
        writeln!(
            out,
            "* by the scan's own ruleset, without exemptions: it was not judged by those of now yet (the trend does so)"
        )?;
    }
    Ok(())
}

fn write_row(
    scan: &ListedScan,
    started: &str,
    other: bool,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let info = &scan.info;
    let [score, failing, unknown] = numbers(scan.totals.as_ref().map(|known| &known.totals));
    let mark = if other { "*" } else { " " };
    let child = info.header.parent.as_ref();
    let child = child.map_or_else(String::new, |parent| {
        format!(", laid over {}", neutral(parent))
    });
    writeln!(
        out,
        "{:8}  {:20}  {:10}  {:7}  {:>4}{mark}  {failing:>7}  {unknown:>7}  {:8}  {}{child}",
        neutral(&info.header.id),
        started,
        scan.word(),
        info.servers,
        score,
        size(info.bytes),
        neutral(&info.header.scope),
    )
}

/// Totals as JSON, in which everything has its name.
fn totals_record(known: &KnownTotals) -> Json {
    let totals = &known.totals;
    let families: BTreeMap<_, _> = FamilyCode::ALL
        .into_iter()
        .map(|family| (family.code(), totals.family(family)))
        .collect();
    let features: BTreeMap<_, _> = FeatureId::ALL
        .into_iter()
        .map(|feature| (feature.slug(), by_verdict(totals.feature(feature))))
        .collect();
    let open: BTreeMap<_, _> = Severity::ALL
        .into_iter()
        .map(|severity| (severity.word(), totals.open(severity)))
        .collect();
    json!({
        "as_asked": known.as_asked,
        "servers": totals.servers,
        "failing_servers": totals.failing_servers,
        "families": families,
        "features": features,
        "open": open,
        "score": totals.score,
        "beyond": totals.beyond,
    })
}

fn by_verdict(tally: Tally) -> BTreeMap<&'static str, usize> {
    VerdictWord::ALL
        .into_iter()
        .map(|verdict| (verdict.word(), tally.get(verdict)))
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// A file as JSON.
pub(super) fn record(listed: &Listed) -> Json {
    match &listed.scan {
        Ok(scan) => {
            let mut record = json!(scan);
            if let (Json::Object(record), Some(known)) = (&mut record, &scan.totals) {
                let totals = &known.totals;
                let count = |verdict| json!(totals.count(verdict));
                record.insert("totals".to_owned(), totals_record(known));
                record.insert("score".to_owned(), json!(totals.score.percent()));
                record.insert("failing".to_owned(), count(VerdictWord::Fail));
                record.insert("unknown".to_owned(), count(VerdictWord::Unknown));
            }
            record
        }
        Err(error) => json!({
            "path": listed.path,
            "bytes": listed.bytes,
            "error": neutral(&error.to_string()),
        }),
    }
}
