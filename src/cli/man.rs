//! `flexposture man`: the manual, made from the definitions of the commands, as pages for `man` and as one page of
//! Markdown.

use std::any::TypeId;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;

use super::command;

/// Write the manual
///
/// Without an option the first page: flexposture man | man -l -
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write a page for each command into this folder
    #[arg(long, value_name = "FOLDER", conflicts_with = "markdown")]
    out: Option<PathBuf>,

    /// Write all commands as one page of Markdown, as the documentation holds it
    #[arg(long)]
    markdown: bool,
}

/// Writes the manual to `out`, or into the folder that was given.
///
/// # Errors
/// When a page cannot be written.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    if let Some(folder) = &args.out {
        let made = std::fs::create_dir_all(folder);
        let written = made.and_then(|()| clap_mangen::generate_to(command(), folder));
        return written.with_context(|| {
            format!(
                "the manual could not be written to {}; is it a folder that you may write to?",
                folder.display()
            )
        });
    }
    if args.markdown {
        out.write_all(markdown().as_bytes())?;
    } else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command()).render(&mut page)?;
        out.write_all(&page)?;
    }
    Ok(())
}

/// Every command with its options as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut program = command().disable_help_subcommand(true);
    program.build();
    let mut page = "# Commands\n\nMade by `flexposture man --markdown`. `--help` after any command says the same.\n".to_owned();
    section(&program, &mut page);
    page
}

/// A command and those below it.
fn section(command: &clap::Command, page: &mut String) {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    *page += &format!("\n## {name}\n");
    if let Some(about) = command.get_long_about().or_else(|| command.get_about()) {
        *page += &format!("\n{about}\n");
    }
    let usage = command.clone().render_usage().to_string();
    *page += &format!("\n```sh\n{}\n```\n", usage.trim_start_matches("Usage: "));
    let arguments = command
        .get_arguments()
        .filter(|argument| !argument.is_hide_set() && argument.get_id() != "help");
    let mut first = true;
    for argument in arguments {
        if std::mem::take(&mut first) {
            page.push('\n');
        }
        *page += &entry(argument);
    }
    for below in command.get_subcommands().filter(|it| !it.is_hide_set()) {
        section(below, page);
    }
}

/// An option or a value, as an entry of a list.
fn entry(argument: &clap::Arg) -> String {
    let mut what = argument
        .get_long_help()
        .or_else(|| argument.get_help())
        .map_or_else(String::new, |help| help.to_string().replace('\n', "\n  "));
    let values: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    let is_switch = argument.get_value_parser().type_id() == TypeId::of::<bool>();
    if !values.is_empty() && !is_switch {
        what += &format!("; one of {}", values.join(", "));
    }
    let defaults: Vec<String> = argument
        .get_default_values()
        .iter()
        .map(|value| format!("`{}`", value.to_string_lossy()))
        .collect();
    if !defaults.is_empty() && !is_switch {
        what += &format!(" (default {})", defaults.join(", "));
    }
    let short = argument
        .get_short()
        .map_or_else(String::new, |letter| format!("-{letter}, "));
    format!("- `{short}{argument}`: {what}\n")
}
