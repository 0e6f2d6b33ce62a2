//! `flexposture exemptions`: what somebody has decided to live with, checked, looked at beside a scan, and added to.

mod add;
mod list;

use std::io::Write;

use jiff::ZonedDateTime;
use jiff::civil::Date;

use super::judging::{ExemptionsArgument, RulesetArguments};
use super::scan_choice::ScanArgument;

/// List, check and add exemptions
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the exemptions with what each covers in a scan
    List {
        #[command(flatten)]
        scan: ScanArgument,

        /// Write JSON
        #[arg(long)]
        json: bool,

        #[command(flatten)]
        ruleset: RulesetArguments,

        #[command(flatten)]
        file: ExemptionsArgument,
    },
    /// Check the exemptions file: every mistake with its line, and what has expired
    Check {
        #[command(flatten)]
        file: ExemptionsArgument,
    },
    /// Add an exemption to the file
    Add(add::Args),
}

/// Does what the arguments ask and writes the answer to `out`.
///
/// # Errors
/// When anything in the file is wrong, when there is no such scan, or when `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let today = ZonedDateTime::now().date();
    match &args.command {
        Command::List {
            scan,
            json,
            ruleset,
            file,
        } => {
            let ruleset = ruleset.settings()?.ruleset;
            list::run(scan, &ruleset, file, *json, today, out)
        }
        Command::Check { file } => check(file, today, out),
        Command::Add(args) => add::run(args, today, out),
    }
}

fn check(file: &ExemptionsArgument, today: Date, out: &mut impl Write) -> anyhow::Result<()> {
    let Some(file) = file.read()? else {
        writeln!(out, "there is no exemptions file")?;
        return Ok(());
    };
    let path = file.place.value.display();
    if file.text.is_none() {
        writeln!(out, "{path}: there is no such file, and so no exemption")?;
        return Ok(());
    }
    let entries = &file.exemptions.entries;
    for entry in entries.iter().filter(|entry| !entry.holds_on(today)) {
        writeln!(
            out,
            "{path}:{}: warning: this exemption expired after {}",
            entry.line, entry.waiver.until
        )?;
    }
    let exemptions = if entries.len() == 1 {
        "exemption, well formed"
    } else {
        "exemptions, all well formed"
    };
    writeln!(out, "{path}: {} {exemptions}", entries.len())?;
    Ok(())
}
