//! From a terminal to the loop and back.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::{Keymap, Opening, Options, Resume, Size, State};
use crate::look::Theme;
use crate::posture::Judge;
use crate::store::{Cache, Folder, Retention};
use crate::terminal::{
    Capability, Ceiling, ColourDepth, FrameError, Input, NoTerminal, Screen, Session, Signals, Tty,
    install_panic_hook,
};

use super::event_loop::{Dirty, EventLoop};
use super::jobs::Jobs;
use super::live::Starter;
use super::pace::Pace;
use super::rehearsal::Rehearsal;
use super::search_file::SearchFile;
use super::session_file::{Keeper, SessionFile};
use super::themes::Themes;
use super::{ExemptionBook, ThemeFolder};

/// How long tasks may take to end when the program ends.
const LAST_MOMENTS: Duration = Duration::from_millis(300);

/// What to explore, and how.
pub struct Exploration {
    /// What to begin with.
    pub opening: Opening,
    /// Where scans are kept; `None` when there is no home.
    pub folder: Option<Folder>,
    /// Where scans judged under other rulesets are kept; `None` to keep none.
    pub cache: Option<Cache>,
    /// What findings are judged by.
    pub judge: Judge,
    /// Where exemptions are kept.
    pub exemptions: Arc<dyn ExemptionBook>,
    /// The keys.
    pub keymap: Keymap,
    /// Starts scans from inside.
    pub starter: Arc<dyn Starter>,
    /// The theme to begin with.
    pub theme: Theme,
    /// Its name.
    pub theme_name: String,
    /// How many colours there are for a theme that somebody chooses.
    pub colours_of_choice: ColourDepth,
    /// The themes that there are.
    pub themes: ThemeFolder,
    /// The place to come back to.
    pub resume: Option<Resume>,
    /// Where the place is kept at the end; `None`: nowhere.
    pub session: Option<SessionFile>,
    /// Where searches that were given a name are kept; `None`: nowhere.
    pub searches: Option<SearchFile>,
    /// Whether the mouse is taken.
    pub mouse: bool,
    /// Whether progress is redrawn only now and then.
    pub calm: bool,
    /// What the terminal can show.
    pub capability: Capability,
    /// Whether everything is read again and again.
    pub watching: Option<Watching>,
}

/// How everything is read again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watching {
    /// From the end of a scan to the beginning of the next one, in whole seconds.
    pub every: Duration,
    /// Which of those scans are kept.
    pub retention: Retention,
}

/// Why the explorer could not run.
#[derive(Debug, thiserror::Error)]
pub enum ExploreError {
    /// There is no terminal.
    #[error(transparent)]
    NoTerminal(#[from] NoTerminal),
    /// The system refused something that the loop needs.
    #[error("the terminal could not be used: {0}")]
    System(#[from] io::Error),
}

/// Explores until the person or a signal ends it; the exit code.
///
/// # Errors
/// When there is no terminal, or it cannot be used.
pub fn explore(exploration: Exploration) -> Result<u8, ExploreError> {
    // Before the task runtime: a refusal needs none, and its message goes to a clean terminal.
    let tty = Tty::open(&exploration.capability)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(with_terminal(exploration, tty));
    runtime.shutdown_timeout(LAST_MOMENTS);
    Ok(outcome?)
}

async fn with_terminal(exploration: Exploration, tty: Tty) -> io::Result<u8> {
    let capability = exploration.capability;
    let mut signals = Signals::listen()?;
    let session = Session::enter(tty.clone(), exploration.mouse)?;
    let reports = install_panic_hook(session.restorer());
    let input = Input::start(&tty)?;
    let (columns, rows) = session.size()?;
    let ceiling = if capability.ssh {
        Ceiling::REMOTE
    } else {
        Ceiling::LOCAL
    };
    let screen = Screen::new(
        session.writer(),
        (columns, rows),
        ceiling,
        capability.synchronized,
    )?;
    let opening = exploration.opening.clone();
    let (mut state, first) = State::new(Options {
        opening: exploration.opening,
        size: Size { columns, rows },
        now: Some(Timestamp::now()),
        zone: TimeZone::system(),
        exemptions: exploration.judge.exemptions.clone(),
        exemptions_file: exploration
            .exemptions
            .place()
            .map(|path| path.display().to_string()),
        today: exploration.judge.today,
        resume: exploration.resume,
    });
    state.keymap = Arc::new(exploration.keymap);
    let keeper = Keeper::new(exploration.session, &opening, exploration.folder.clone());
    let (mut jobs, answers) = Jobs::new(
        exploration.folder,
        exploration.cache,
        Arc::new(exploration.judge),
        exploration.starter,
        exploration.searches,
        exploration.exemptions,
        reports.clone(),
    );
    if let Some(watching) = exploration.watching {
        let kept = watching.retention;
        jobs.keep_by(kept);
        let kept = format!(
            "its scans are kept for {} hours, then one a day for {} days",
            kept.all_hours, kept.daily_days
        );
        state.watch(watching.every.as_secs(), kept);
    }
    let themes = Themes::new(
        exploration.themes,
        exploration.theme_name,
        exploration.colours_of_choice,
        &capability,
    );
    let mut event_loop = EventLoop {
        session,
        input,
        screen,
        capability,
        look: themes.look(&exploration.theme),
        themes,
        state,
        jobs,
        answers,
        rehearsal: Rehearsal::of_environment(),
        dirty: Dirty::Now,
        pace: Pace::new(capability.ssh, exploration.calm),
        quit: None,
    };
    let outcome = event_loop.run(&mut signals, first).await;
    // First of all: whoever hung up may not wait for the rest.
    keeper.keep(&event_loop.state);
    event_loop.session.restore();
    for report in reports.take() {
        let _ = writeln!(io::stderr(), "{report}");
    }
    event_loop.jobs.finish().await;
    match outcome {
        Ok(code) => Ok(code),
        // Nobody is there to read a message: end as a hang-up does.
        Err(FrameError::Gone) => Ok(129),
        Err(FrameError::Write(error)) => Err(error),
    }
}
