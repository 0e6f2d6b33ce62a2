//! The `flexposture` program: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    flexposture::cli::main()
}
