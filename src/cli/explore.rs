//! `flexposture explore`: the explorer on a scan, or on the welcome when there is none.

use std::sync::Arc;

use anyhow::bail;

use crate::app::{Opening, ScanChoice};
use crate::posture::Judge;
use crate::runtime::{Exploration, ExploreError, explore};
use crate::store::{Cache, Folder};

use super::Ending;
use super::appearance::Appearance;
use super::azure_arguments::AzureArguments;
use super::judging::JudgingArguments;
use super::scan_choice::ScanArgument;
use super::starter::{CommandLineStarter, DemoArguments};

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
    let judge = args.judging.judge()?;
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
        judge,
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
    judge: Judge,
    appearance: &Appearance,
    azure: AzureArguments,
    demo: DemoArguments,
    instead: &str,
) -> anyhow::Result<Ending> {
    let capability = appearance.capability();
    let explored = explore(Exploration {
        opening,
        folder,
        cache: Cache::of_user(),
        judge,
        starter: Arc::new(CommandLineStarter { azure, demo }),
        theme: appearance.theme(&capability)?,
        capability,
    });
    match explored {
        Ok(code) => Ok(Ending::Code(code)),
        Err(error @ ExploreError::NoTerminal(_)) => bail!("{error}. Without a terminal, {instead}"),
        Err(error) => Err(error.into()),
    }
}
