//! `flexposture completions`: a script that teaches a shell the commands and options.

use std::io::Write;

use clap_complete::Shell;

use super::command;

/// Write the completions of a shell
///
/// For bash: flexposture completions bash > ~/.local/share/bash-completion/completions/flexposture
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Writes the script to `out`.
///
/// # Errors
/// When `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command(), "flexposture", &mut script);
    out.write_all(&script)?;
    Ok(())
}
