//! Arguments in, exit code out: one file per subcommand.

pub mod baseline;
pub mod simulator;

use std::process::ExitCode;

/// Parses the arguments of this process, does what they ask, and says how it ended.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
