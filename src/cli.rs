//! Arguments in, exit code out: one file per subcommand.
//!
//! Exit codes: 0 when all is well, 1 when a check failed, 2 when the arguments or files make no sense, 3 when Azure or a
//! credential stood in the way, 4 when a part of the fleet could not be listed, 130 when it was interrupted.

pub mod appearance;
pub mod azure_arguments;
pub mod baseline;
pub mod completions;
pub mod config;
pub mod demo;
pub mod diff;
pub mod doctor;
pub mod exemptions;
pub mod explore;
pub mod findings;
pub mod fixes;
pub mod judging;
pub mod keys;
pub mod man;
pub mod permissions;
pub mod picture;
pub mod plain;
pub mod policies;
pub mod rejudge;
pub mod report;
pub mod scan;
pub mod scan_choice;
pub mod scans;
pub mod simulator;
pub mod starter;
mod surroundings;
pub mod themes;
mod watch;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::azure::{AccessError, Environment, SelectionError, install_crypto_provider};
use crate::documents::text::neutral_lines;

/// Explore the security posture of Azure Database for MySQL Flexible Server fleets
///
/// Without a command the newest scan is explored. Nothing is ever written to Azure.
#[derive(Debug, Parser)]
#[command(version)]
struct Program {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Explore(explore::Args),
    Demo(demo::Args),
    Scan(scan::Args),
    Findings(findings::Args),
    Report(report::Args),
    Fixes(fixes::Args),
    Policies(policies::Args),
    Permissions(permissions::Args),
    Scans(scans::Args),
    Diff(diff::Args),
    Rejudge(rejudge::Args),
    Exemptions(exemptions::Args),
    Config(config::Args),
    Keys(keys::Args),
    Themes(themes::Args),
    Baseline(baseline::Args),
    Simulator(simulator::Args),
    Doctor(doctor::DoctorArguments),
    Completions(completions::Args),
    Man(man::Args),
    #[command(hide = true)]
    Picture(picture::Args),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All is well.
    Fine,
    /// A check failed.
    CheckFailed,
    /// Azure or a credential stood in the way.
    AzureFailed,
    /// A part of the fleet could not be listed.
    Partial,
    /// It was interrupted.
    Interrupted,
    /// What the explorer ended with: 0, or 128 and the number of the signal that ended it.
    Code(u8),
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Fine => Self::SUCCESS,
            Ending::CheckFailed => Self::FAILURE,
            Ending::AzureFailed => Self::from(3),
            Ending::Partial => Self::from(4),
            Ending::Interrupted => Self::from(130),
            Ending::Code(code) => Self::from(code),
        }
    }
}

/// The definitions of all commands and options, for whoever writes about them.
#[must_use]
pub fn command() -> clap::Command {
    Program::command()
}

/// Parses the arguments of this process, does what they ask, and says how it ended.
#[must_use]
pub fn main() -> ExitCode {
    install_crypto_provider();
    let program = Program::parse();
    let command = program
        .command
        .or_else(|| Program::parse_from(["flexposture", "explore"]).command);
    match command.map_or(Ok(Ending::Fine), run) {
        Ok(ending) => ending.into(),
        // Whoever reads the output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(
                io::stderr(),
                "flexposture: {}",
                neutral_lines(&in_words(&error))
            );
            if is_of_credential(&error) {
                Ending::AzureFailed.into()
            } else {
                ExitCode::from(2)
            }
        }
    }
}

/// An error with its causes; one that the text before it tells already is not told twice.
fn in_words(error: &anyhow::Error) -> String {
    let mut words = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if words.is_empty() {
            words = cause;
        } else if !words.contains(&cause) {
            words = format!("{words}: {cause}");
        }
    }
    words
}

fn is_of_credential(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.is::<SelectionError>() || cause.is::<AccessError>())
}

fn run(command: Command) -> anyhow::Result<Ending> {
    let mut out = io::BufWriter::new(io::stdout());
    let ending = match command {
        Command::Explore(args) if args.plain.plain => {
            block_on(explore::tell(args, &mut out)).map(|()| Ending::Fine)?
        }
        Command::Explore(args) => explore::run(args)?,
        Command::Demo(args) if args.print => {
            block_on(demo::print(&args, &mut out)).map(|()| Ending::Fine)?
        }
        Command::Demo(args) if args.plain.plain => {
            block_on(demo::tell(args, &mut out)).map(|()| Ending::Fine)?
        }
        Command::Demo(args) => demo::explore(args)?,
        Command::Scan(args) => block_on(scan::run(args))?,
        Command::Findings(args) => findings::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Report(args) => report::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Fixes(args) => fixes::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Policies(args) => policies::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Permissions(args) => permissions::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Scans(args) => scans::run(&args, &mut out)?,
        Command::Diff(args) => diff::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Rejudge(args) => rejudge::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Exemptions(args) => exemptions::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Config(args) => config::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Keys(args) => keys::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Themes(args) => themes::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Baseline(args) => baseline::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Simulator(args) => block_on(simulator::run(&args)).map(|()| Ending::Fine)?,
        Command::Completions(args) => completions::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Man(args) => man::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Picture(args) => block_on(picture::run(&args, &mut out)).map(|()| Ending::Fine)?,
        Command::Doctor(args) => {
            let environment = Environment::of_process();
            let sections = [
                surroundings::terminal(),
                surroundings::locale(),
                surroundings::scans(),
            ];
            let well = block_on(doctor::run(&args, &environment, &sections, &mut out))?;
            if well {
                Ending::Fine
            } else {
                Ending::CheckFailed
            }
        }
    };
    out.flush()?;
    Ok(ending)
}

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>();
        let json = cause
            .downcast_ref::<serde_json::Error>()
            .and_then(serde_json::Error::io_error_kind);
        io.map(io::Error::kind).or(json) == Some(io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    #[test]
    fn a_cause_is_told_once() {
        let refused = || io::Error::other("no space");
        let told_by_the_error = anyhow::Error::new(StoreError::Io {
            path: "/scans".into(),
            source: refused(),
        });
        assert_eq!(in_words(&told_by_the_error), "/scans: no space");
        let told_by_nobody = anyhow::Error::new(refused()).context("the list was not written");
        assert_eq!(
            in_words(&told_by_nobody),
            "the list was not written: no space"
        );
    }
}
