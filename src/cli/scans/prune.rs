//! `flexposture scans prune`.

use std::io::{self, IsTerminal, Write};

use anyhow::{Context, bail};
use jiff::{SignedDuration, Timestamp};

use super::{ask, moment, size};
use crate::cli::Ending;
use crate::cli::store_choice;
use crate::documents::text::neutral;
use crate::store::{Fate, Keep, Stays, thin_out};

/// Delete old scans: never one that has no end, that one which stays is laid over, or that cannot be read
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Keep the newest N of each scope
    #[arg(
        long,
        value_name = "N",
        required_unless_present = "older_than",
        conflicts_with = "older_than"
    )]
    keep: Option<usize>,

    /// Delete those that began longer ago than this: 36h, 30d, 12w
    #[arg(long, value_name = "AGE", value_parser = age)]
    older_than: Option<SignedDuration>,

    /// Only say what would be deleted
    #[arg(long)]
    dry_run: bool,

    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Deletes them and says which on `out`; the exit code is 1 when somebody said no or one could not be deleted.
///
/// # Errors
/// When the folder cannot be listed, or when nobody can be asked.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<Ending> {
    let keep = match (args.keep, args.older_than) {
        (Some(count), _) => Keep::Newest(count),
        (None, Some(age)) => Keep::Since(
            Timestamp::now()
                .checked_sub(age)
                .context("that is before the beginning of time")?,
        ),
        (None, None) => bail!("say --keep or --older-than"),
    };
    if !args.yes && !args.dry_run && !io::stdin().is_terminal() {
        bail!("without a terminal to ask on, say --yes, or --dry-run to look first");
    }
    let folder = store_choice::folder()?;
    let fates = folder.fates(keep)?;
    let goes: Vec<&Fate> = fates.iter().filter(|fate| fate.stays.is_none()).collect();
    let bytes: u64 = goes.iter().map(|fate| fate.bytes).sum();
    let verb = if args.dry_run {
        "would go "
    } else {
        "goes     "
    };
    for fate in &fates {
        match fate.stays {
            None => writeln!(out, "{verb} {}", words(fate))?,
            Some(Stays::Wanted) => {}
            Some(why) => writeln!(out, "stays     {}: {}", words(fate), why.words())?,
        }
    }
    let count = goes.len();
    let scans = if count == 1 { "scan" } else { "scans" };
    if count == 0 || args.dry_run {
        let would = if args.dry_run { "would be" } else { "were" };
        writeln!(out, "{count} {scans} {would} deleted, {}.", size(bytes))?;
        return Ok(Ending::Fine);
    }
    out.flush()?;
    if !args.yes && !ask(&format!("Delete {count} {scans}, {}?", size(bytes)))? {
        writeln!(out, "Nothing was deleted.")?;
        return Ok(Ending::CheckFailed);
    }
    let thinned = thin_out(&folder, &fates)?;
    for error in &thinned.refused {
        writeln!(out, "stays     {}", neutral(&error.to_string()))?;
    }
    writeln!(out, "{} {scans} deleted.", thinned.removed)?;
    Ok(if thinned.refused.is_empty() {
        Ending::Fine
    } else {
        Ending::CheckFailed
    })
}

fn words(fate: &Fate) -> String {
    let size = size(fate.bytes);
    match &fate.scan {
        Ok(scan) => format!(
            "{}  {}  {size}  {}",
            neutral(&scan.header.id),
            moment(scan.header.started_at),
            neutral(&scan.header.scope)
        ),
        Err(_) => format!("{}  {size}", neutral(&fate.path.display().to_string())),
    }
}

/// An age: a whole number with h, d or w.
fn age(text: &str) -> Result<SignedDuration, String> {
    let wrong = || format!("{text:?} is no age: write 36h, 30d or 12w");
    let place = text.len().saturating_sub(1);
    let (number, unit) = text.split_at_checked(place).ok_or_else(wrong)?;
    let hours = match unit {
        "h" => 1,
        "d" => 24,
        "w" => 24 * 7,
        _ => return Err(wrong()),
    };
    let number: i64 = number.parse().map_err(|_| wrong())?;
    let hours = number
        .checked_mul(hours)
        .filter(|hours| (0..10_000_000).contains(hours));
    hours.map(SignedDuration::from_hours).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_a_number_of_hours_days_or_weeks() {
        assert_eq!(age("36h"), Ok(SignedDuration::from_hours(36)));
        assert_eq!(age("30d"), Ok(SignedDuration::from_hours(720)));
        assert_eq!(age("2w"), Ok(SignedDuration::from_hours(336)));
        for wrong in [
            "",
            "d",
            "30",
            "-1d",
            "1.5d",
            "30 days",
            "99999999999999999d",
            "3é",
        ] {
            assert!(age(wrong).is_err(), "{wrong}");
        }
    }
}
