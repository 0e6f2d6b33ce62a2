//! Arguments in, exit code out: one file per subcommand.

pub mod azure_arguments;
pub mod doctor;

use std::io;
use std::process::ExitCode;

use clap::Parser;

use crate::azure::{Environment, install_crypto_provider};

/// Explore the security posture of Azure Database for MySQL Flexible Server fleets
#[derive(Debug, Parser)]
#[command(version)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Doctor(doctor::DoctorArguments),
}

/// Parses the arguments of this process, does what they ask, and says how it ended: 0 when all is well, 1 when it is not,
/// 2 when the arguments make no sense.
#[must_use]
pub fn main() -> ExitCode {
    install_crypto_provider();
    let Command::Doctor(arguments) = Program::parse().command;
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("flexposture: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &doctor::DoctorArguments) -> anyhow::Result<bool> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(doctor::run(
            arguments,
            &Environment::of_process(),
            &[],
            &mut io::stdout().lock(),
        ))
}
