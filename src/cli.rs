//! Arguments in, exit code out: one file per subcommand.
//!
//! How a command ends is an [`Ending`]; [`EXIT_CODES`] says which code each one is.

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
pub mod gate;
pub mod judging;
pub mod keys;
pub mod man;
pub mod permissions;
pub mod picture;
pub mod plain;
pub mod policies;
pub mod reading_arguments;
pub mod rejudge;
pub mod report;
pub mod resume;
pub mod scan;
pub mod scan_choice;
pub mod scan_plan;
pub mod scans;
pub mod schema;
pub mod scope_arguments;
pub mod selection;
pub mod simulator;
pub mod starter;
pub mod store_choice;
mod surroundings;
pub mod themes;
mod watch;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser};

use crate::azure::{AccessError, Environment, SelectionError, install_crypto_provider};
use crate::documents::text::neutral_lines;
use store_choice::Said;

/// Explore the security posture of Azure Database for MySQL Flexible Server fleets
///
/// Without a command the newest scan is explored. Nothing is ever written to Azure.
#[derive(Debug, Parser)]
#[command(version, after_help = exit_codes_help())]
struct Program {
    /// The folder of scans, such as one that a team shares [env: FLEXPOSTURE_STORE] [default: that of the user]
    #[arg(long, value_name = "DIR", global = true)]
    store: Option<PathBuf>,

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
    Schema(schema::Args),
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

impl Command {
    /// Whether it has to do with the folder of scans.
    const fn keeps_scans(&self) -> bool {
        !matches!(
            self,
            Self::Demo(_)
                | Self::Keys(_)
                | Self::Themes(_)
                | Self::Baseline(_)
                | Self::Simulator(_)
                | Self::Schema(_)
                | Self::Completions(_)
                | Self::Man(_)
                | Self::Picture(_)
        )
    }
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All is well.
    Fine,
    /// A check failed: a finding is at or over the gate, something regressed, a look did not go well.
    CheckFailed,
    /// The arguments, a file of settings or a scan make no sense.
    Wrong,
    /// Azure or a credential stood in the way.
    AzureFailed,
    /// A part of the fleet was not read.
    Partial,
    /// It was interrupted.
    Interrupted,
    /// What the explorer ended with: 0, or 128 and the number of the signal that ended it.
    Code(u8),
}

/// The exit codes, and what each one says.
pub const EXIT_CODES: [(Ending, u8, &str); 6] = [
    (Ending::Fine, 0, "all is well"),
    (
        Ending::CheckFailed,
        1,
        "a check failed: --fail-on or --fail-on-regression found something, or doctor or verify did",
    ),
    (
        Ending::Wrong,
        2,
        "the arguments, a file of settings or a scan make no sense",
    ),
    (
        Ending::AzureFailed,
        3,
        "Azure or a credential stood in the way",
    ),
    (
        Ending::Partial,
        4,
        "a part of the fleet was not read, and what was read is fine",
    ),
    (Ending::Interrupted, 130, "it was interrupted"),
];

/// The exit codes as the end of a help text.
fn exit_codes_help() -> String {
    let lines = EXIT_CODES.map(|(_, code, words)| format!("  {code:>3}  {words}"));
    format!("Exit codes:\n{}", lines.join("\n"))
}

impl Ending {
    /// The code of the process.
    #[must_use]
    pub fn code(self) -> u8 {
        if let Self::Code(code) = self {
            return code;
        }
        let known = EXIT_CODES.iter().find(|(known, ..)| *known == self);
        known.map_or(1, |(_, code, _)| *code)
    }
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(ending.code())
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
    let matches = Program::command().get_matches();
    let program = Program::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let program_store = program.store.clone();
    store_choice::note(Said {
        store: program.store,
        config: config_option(&matches),
    });
    let command = program
        .command
        .or_else(|| Program::parse_from(["flexposture", "explore"]).command);
    if let (Some(_), Some(command)) = (&program_store, &command)
        && !command.keeps_scans()
    {
        let message = "--store says where scans are kept, and this command neither reads nor writes one there";
        Program::command()
            .error(ErrorKind::ArgumentConflict, message)
            .exit();
    }
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
                Ending::Wrong.into()
            }
        }
    }
}

/// The config file that the command names, which each command takes for itself.
fn config_option(matches: &ArgMatches) -> Option<PathBuf> {
    let here = matches.try_get_one::<PathBuf>("config").ok().flatten();
    here.cloned()
        .or_else(|| config_option(matches.subcommand()?.1))
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
        Command::Findings(args) => findings::run(&args, &mut out)?,
        Command::Report(args) => report::run(&args, &mut out)?,
        Command::Schema(args) => schema::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Fixes(args) => fixes::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Policies(args) => policies::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Permissions(args) => permissions::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Scans(args) => scans::run(&args, &mut out)?,
        Command::Diff(args) => diff::run(&args, &mut out)?,
        Command::Rejudge(args) => rejudge::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Exemptions(args) => exemptions::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Config(args) => config::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Keys(args) => keys::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Themes(args) => themes::run(&args, &mut out).map(|()| Ending::Fine)?,
        Command::Baseline(args) => baseline::run(&args, &mut out)?,
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
    seen_enough(out.flush().map_err(Into::into))?;
    Ok(ending)
}

/// Tells a line on standard error. Whoever does not read it any more is no reason to stop.
fn tell(line: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// A reader who has seen enough is no error, and does not change how a command ends.
fn seen_enough(written: anyhow::Result<()>) -> anyhow::Result<()> {
    match written {
        Err(error) if is_broken_pipe(&error) => Ok(()),
        written => written,
    }
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

    #[test]
    fn every_ending_has_its_code_and_the_help_names_them_all() {
        let codes: Vec<u8> = EXIT_CODES.iter().map(|(_, code, _)| *code).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 130]);
        for (ending, code, words) in EXIT_CODES {
            assert_eq!(ExitCode::from(ending), ExitCode::from(code));
            assert!(exit_codes_help().contains(&format!("{code}  {words}")));
        }
    }
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
