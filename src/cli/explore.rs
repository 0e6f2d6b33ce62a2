//! `flexposture explore`: the explorer on a scan, or on the welcome when there is none.

use std::sync::Arc;

use anyhow::bail;

use crate::app::{Opening, ScanChoice};
use crate::runtime::{Exploration, ExploreError, explore};
use crate::store::Folder;

use super::Ending;
use super::appearance::Appearance;
use super::azure_arguments::AzureArguments;
use super::judging::JudgingArguments;
use super::scan_choice::ScanArgument;
use super::starter::{CommandLineStarter, DemoArguments};
use super::themes::own_themes;

/// Explore a scan; needs a terminal
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    scan: ScanArgument,

    #[command(flatten)]
    judging: JudgingArguments,

    #[command(flatten)]
    appearance: Appearance,

    #[command(flatten)]
    azure: AzureArguments,
}

/// Explores until the person ends it.
///
/// # Errors
/// When there is no terminal, or no such scan.
pub fn run(args: Args) -> anyhow::Result<Ending> {
    let folder = Folder::of_user().ok();
    let opening = match &args.scan.scan {
        // Found now, so that a wrong name is an error of the command and not of the screen.
        Some(_) => {
            let path = args.scan.find(Folder::of_user())?;
            Opening::Scan(ScanChoice::Named(path.to_string_lossy().into_owned()))
        }
        None => match folder.as_ref().map(Folder::files).transpose()? {
            Some(files) if !files.is_empty() => Opening::Scan(ScanChoice::Newest),
            _ => Opening::Welcome,
        },
    };
    let instead =
        "`flexposture findings --all` writes the verdicts of a scan as text, with --json as JSON";
    open(
        opening,
        folder,
        &args.judging,
        &args.appearance,
        args.azure,
        DemoArguments::default(),
        instead,
    )
}

/// Explores, starting with `opening`.
///
/// # Errors
/// When there is no terminal; `instead` is what to use then.
pub fn open(
    opening: Opening,
    folder: Option<Folder>,
    judging: &JudgingArguments,
    appearance: &Appearance,
    azure: AzureArguments,
    demo: DemoArguments,
    instead: &str,
) -> anyhow::Result<Ending> {
    let judge = judging.judge()?;
    let settings = appearance.settings(&judging.ruleset.config()?)?;
    let capability = settings.capability();
    let themes = own_themes();
    let explored = explore(Exploration {
        opening,
        folder,
        judge,
        starter: Arc::new(CommandLineStarter { azure, demo }),
        theme: settings.theme(&capability, &themes)?,
        theme_name: settings.theme_name(&capability).to_owned(),
        colours_of_choice: settings.colours_of_choice(),
        themes,
        mouse: settings.mouse.value,
        calm: settings.calm.value,
        capability,
    });
    match explored {
        Ok(code) => Ok(Ending::Code(code)),
        Err(error @ ExploreError::NoTerminal(_)) => bail!("{error}. Without a terminal, {instead}"),
        Err(error) => Err(error.into()),
    }
}
