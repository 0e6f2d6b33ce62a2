//! `flexposture explore`: the explorer on a scan, or on the welcome when there is none.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::bail;

use crate::app::{Opening, Resume, ScanChoice};
use crate::cli::store_choice;
use crate::config::folder_of_user;
use crate::runtime::{Exploration, ExploreError, SavedPlace, SearchFile, SessionFile, explore};
use crate::store::{Cache, Folder, Newest, StoreError};

use super::Ending;
use super::appearance::Appearance;
use super::azure_arguments::AzureArguments;
use super::judging::{JudgingArguments, Settings};
use super::plain::{self, PlainArguments, Telling};
use super::reading_arguments::ReadingArguments;
use super::scan_choice::ScanArgument;
use super::starter::{CommandLineStarter, DemoArguments};
use super::themes::own_themes;
use super::watch::WatchArgument;

/// Explore a scan; needs a terminal
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    scan: ScanArgument,

    /// Begin with the list of the newest scan, not where the last session ended
    #[arg(long)]
    fresh: bool,

    /// A screen as lines of words.
    #[command(flatten)]
    pub plain: PlainArguments,

    #[command(flatten)]
    watch: WatchArgument,

    #[command(flatten)]
    judging: JudgingArguments,

    #[command(flatten)]
    appearance: Appearance,

    #[command(flatten)]
    reading: ReadingArguments,

    #[command(flatten)]
    azure: AzureArguments,
}

/// Explores until the person ends it.
///
/// # Errors
/// When there is no terminal, or no such scan.
pub fn run(args: Args) -> anyhow::Result<Ending> {
    let folder = store_choice::folder().ok();
    let session = SessionFile::of_user();
    let saved = session
        .as_ref()
        .filter(|_| !args.fresh)
        .and_then(SessionFile::load);
    let opening = match &args.scan.scan {
        // Found now, so that a wrong name is an error of the command and not of the screen.
        Some(_) => {
            let path = args.scan.find(store_choice::folder())?;
            named(&path)
        }
        None => {
            let newest = folder
                .as_ref()
                .map_or(Err(StoreError::NoFolder), Folder::newest);
            match of_last_session(newest, saved.as_ref()) {
                // There is nothing to watch yet.
                Opening::Welcome if args.watch.watch.is_some() => Opening::NewScan,
                opening => opening,
            }
        }
    };
    let resume = saved.map(|saved| Resume {
        place: saved.place,
        same_scan_only: args.scan.scan.is_some(),
    });
    open(Exploring {
        opening,
        resume,
        session,
        judging: &args.judging,
        appearance: &args.appearance,
        reading: args.reading,
        azure: args.azure,
        demo: DemoArguments::default(),
        watch: args.watch,
        instead: "`flexposture findings --all` writes the verdicts of a scan as text, with --json as JSON",
    })
}

/// Writes a screen as lines of words; the scan is the newest one unless it is named.
///
/// # Errors
/// When there is no such scan or server, or `out` refuses.
pub async fn tell(args: Args, out: &mut impl Write) -> anyhow::Result<()> {
    let path = args.scan.find(store_choice::folder())?;
    let (judge, settings) = args.judging.judge_and_settings()?;
    let telling = Telling {
        opening: named(&path),
        judge,
        starter: Arc::new(CommandLineStarter::new(
            args.azure,
            args.reading.client(&settings.config)?,
            DemoArguments::default(),
        )),
        exemptions: Arc::new(args.judging.exemptions.clone()),
        arguments: &args.plain,
    };
    plain::tell(telling, out).await
}

/// The scan of the last session while it is there, unless it was the newest one and no longer is; else the newest, which
/// is the newest one that can be read. Where none can be read, opening it says why.
fn of_last_session(newest: Result<Newest, StoreError>, saved: Option<&SavedPlace>) -> Opening {
    let newest = match newest {
        Ok(newest) => Some(newest.path),
        Err(StoreError::NoFolder | StoreError::NoScans) => {
            return match saved.map(|saved| PathBuf::from(&saved.place.file)) {
                Some(file) if file.is_file() => named(&file),
                _ => Opening::Welcome,
            };
        }
        Err(_) => None,
    };
    match saved.map(|saved| (PathBuf::from(&saved.place.file), saved.was_newest)) {
        Some((file, false)) if newest.is_none_or(|it| it != file) && file.is_file() => named(&file),
        _ => Opening::Scan(ScanChoice::Newest),
    }
}

fn named(file: &Path) -> Opening {
    Opening::Scan(ScanChoice::Named(file.to_string_lossy().into_owned()))
}

/// What to explore, as the command line says.
pub struct Exploring<'a> {
    /// What to begin with.
    pub opening: Opening,
    /// The place to come back to.
    pub resume: Option<Resume>,
    /// Where the place is kept at the end.
    pub session: Option<SessionFile>,
    /// What findings are judged by.
    pub judging: &'a JudgingArguments,
    /// How it looks.
    pub appearance: &'a Appearance,
    /// How a scan reads.
    pub reading: ReadingArguments,
    /// How Azure is asked.
    pub azure: AzureArguments,
    /// The simulated fleet.
    pub demo: DemoArguments,
    /// What is read again and again.
    pub watch: WatchArgument,
    /// What to use without a terminal, in words.
    pub instead: &'static str,
}

/// Explores.
///
/// # Errors
/// When there is no terminal, or a setting is wrong.
pub fn open(exploring: Exploring<'_>) -> anyhow::Result<Ending> {
    let (judge, Settings { config, keymap, .. }) = exploring.judging.judge_and_settings()?;
    let settings = exploring.appearance.settings(&config)?;
    let capability = settings.capability();
    let themes = own_themes();
    let demo = exploring.opening == Opening::Demo;
    let watching = exploring.watch.watching(&exploring.azure, demo, &config)?;
    let explored = explore(Exploration {
        opening: exploring.opening,
        folder: store_choice::folder().ok(),
        cache: Cache::of_user(),
        judge,
        starter: Arc::new(CommandLineStarter::new(
            exploring.azure,
            exploring.reading.client(&config)?,
            exploring.demo,
        )),
        exemptions: Arc::new(exploring.judging.exemptions.clone()),
        keymap,
        theme: settings.theme(&capability, &themes)?,
        theme_name: settings.theme_name(&capability).to_owned(),
        colours_of_choice: settings.colours_of_choice(),
        themes,
        resume: exploring.resume,
        session: exploring.session,
        searches: folder_of_user().map(|folder| SearchFile::in_folder(&folder)),
        mouse: settings.mouse.value,
        calm: settings.calm.value,
        capability,
        watching,
    });
    match explored {
        Ok(code) => Ok(Ending::Code(code)),
        Err(error @ ExploreError::NoTerminal(_)) => {
            bail!("{error}. Without a terminal, {}", exploring.instead)
        }
        Err(error) => Err(error.into()),
    }
}
