//! `flexposture scans`: the scans that are kept on this machine, listed, shown, checked, handed over, deleted.

mod delete;
mod export;
mod import;
mod list;
mod prune;
mod show;
mod verify;

use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::bail;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::documents::text::neutral;
use crate::posture::Totals;
use crate::posture::VerdictWord;

use super::Ending;
use crate::app::bytes as size;

/// List the scans that are kept on this machine; look after them
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    list: list::Args,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    List(list::Args),
    Show(show::Args),
    Verify(verify::Args),
    Export(export::Args),
    Import(import::Args),
    Delete(delete::Args),
    Prune(prune::Args),
}

/// Does what the arguments ask and writes the answer to `out`.
///
/// # Errors
/// When there is no such scan, when it cannot be read or may not be deleted, or when `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<Ending> {
    match &args.command {
        None => list::run(&args.list, out).map(|()| Ending::Fine),
        Some(Command::List(args)) => list::run(args, out).map(|()| Ending::Fine),
        Some(Command::Show(args)) => show::run(args, out).map(|()| Ending::Fine),
        Some(Command::Verify(args)) => verify::run(args, out),
        Some(Command::Export(args)) => export::run(args, out),
        Some(Command::Import(args)) => import::run(args, out),
        Some(Command::Delete(args)) => delete::run(args, out),
        Some(Command::Prune(args)) => prune::run(args, out),
    }
}

/// A moment in local time with the zone.
fn moment(at: Timestamp) -> String {
    let zoned = at.to_zoned_datetime(TimeZone::system());
    zoned.strftime("%Y-%m-%d %H:%M %Z").to_string()
}

/// The same to the second.
fn second(at: Timestamp) -> String {
    let zoned = at.to_zoned_datetime(TimeZone::system());
    zoned.strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
}

/// The score of the baseline, failing and unknown features, counted on each server.
fn numbers(totals: Option<&Totals>) -> [String; 3] {
    let Some(totals) = totals else {
        return ["-".to_owned(), "-".to_owned(), "-".to_owned()];
    };
    let score = totals.score.percent();
    [
        score.map_or_else(|| "none".to_owned(), |score| score.to_string()),
        totals.count(VerdictWord::Fail).to_string(),
        totals.count(VerdictWord::Unknown).to_string(),
    ]
}

/// Asks on the terminal whether to go on; without one, somebody has to say so beforehand.
fn ask(question: &str) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("{question} Nothing was deleted: without a terminal to ask on, say --yes");
    }
    let mut told = io::stderr();
    write!(told, "{} [y/N] ", neutral(question))?;
    told.flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

/// How far long work is, on the terminal of whoever waits for it.
struct Told {
    wanted: bool,
}

impl Told {
    fn new() -> Self {
        Self {
            wanted: io::stderr().is_terminal(),
        }
    }

    fn servers(&self, done: u64, all: u64) {
        if self.wanted {
            let _ = write!(io::stderr(), "\r{done} of {all} servers ");
        }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        if self.wanted {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
