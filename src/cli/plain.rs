//! The explorer in lines of words: which screen, about what.

use std::io::Write;
use std::sync::Arc;

use anyhow::bail;
use clap::ValueEnum;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::{
    Command, Message, Opening, Options, Place, Screen, ServerPlace, Size, State, Tab,
};
use crate::baseline::FeatureId;
use crate::cli::store_choice;
use crate::posture::Judge;
use crate::runtime::{ExemptionBook, Starter, Unattended};
use crate::store::Cache;
use crate::view;

/// A screen as lines of words instead of the explorer.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Plain")]
pub struct PlainArguments {
    /// Write a screen as lines of words, for a screen reader or a log, and end
    #[arg(long)]
    pub plain: bool,

    /// Which screen [default: server with --server, else fleet]
    #[arg(long, value_enum, requires = "plain")]
    screen: Option<PlainScreen>,

    /// The server, by its name or resource id
    #[arg(long, value_name = "NAME", requires = "plain")]
    server: Option<String>,

    /// The feature of the server
    #[arg(long, value_name = "ID", requires = "server")]
    feature: Option<FeatureId>,

    /// What to tell of the feature
    #[arg(long, value_enum, requires = "feature")]
    tab: Option<PlainTab>,

    /// Only servers that match, as in the explorer
    #[arg(long, value_name = "WORDS", requires = "plain")]
    filter: Option<String>,

    /// The most columns of a line [default: as many as it needs]
    #[arg(long, value_name = "COLUMNS", requires = "plain", value_parser = clap::value_parser!(u16).range(20..))]
    width: Option<u16>,
}

/// The screens that can be told in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PlainScreen {
    /// The list of servers
    Fleet,
    /// One server's controls, or one of its features
    Server,
    /// Every feature over all servers
    Controls,
    /// Servers by features
    Matrix,
    /// Every policy over all servers
    Policies,
    /// Exemptions, and what they cover
    Exemptions,
    /// Which permissions are missing
    Permissions,
    /// What has changed since an earlier scan
    Difference,
    /// Scores and counts over the scans that are kept
    Trend,
    /// The scans that are kept
    Scans,
    /// What went wrong
    Errors,
    /// Every key, and what the words mean
    Help,
}

impl PlainScreen {
    /// What leads there from the list.
    const fn command(self) -> Option<Command> {
        Some(match self {
            Self::Fleet | Self::Server => return None,
            Self::Controls => Command::Screen(Screen::Controls),
            Self::Matrix => Command::Screen(Screen::Matrix),
            Self::Difference => Command::Screen(Screen::Difference),
            Self::Trend => Command::Screen(Screen::Trend),
            Self::Scans => Command::Screen(Screen::Scans),
            Self::Policies => Command::Policies,
            Self::Exemptions => Command::Exemptions,
            Self::Permissions => Command::Permissions,
            Self::Errors => Command::Errors,
            Self::Help => Command::Help,
        })
    }
}

/// What is told of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PlainTab {
    /// The conditions, what was seen, and where
    Finding,
    /// What the baseline says, and what to do
    Guidance,
    /// What Azure Policy can say about it
    Policies,
    /// What would make it hold
    Fix,
    /// The finding over the scans that are kept
    History,
    /// The documents as they were read
    Raw,
}

impl From<PlainTab> for Tab {
    fn from(tab: PlainTab) -> Self {
        match tab {
            PlainTab::Finding => Self::Finding,
            PlainTab::Guidance => Self::Guidance,
            PlainTab::Policies => Self::Policies,
            PlainTab::Fix => Self::Fix,
            PlainTab::History => Self::History,
            PlainTab::Raw => Self::Raw,
        }
    }
}

/// What to tell, and how it is got.
pub struct Telling<'a> {
    /// What to begin with.
    pub opening: Opening,
    /// What findings are judged by.
    pub judge: Judge,
    /// Starts scans.
    pub starter: Arc<dyn Starter>,
    /// Where exemptions are written.
    pub exemptions: Arc<dyn ExemptionBook>,
    /// Which screen, about what.
    pub arguments: &'a PlainArguments,
}

/// Writes the screen to `out`.
///
/// # Errors
/// When there is no scan or no such server, or `out` refuses.
pub async fn tell(telling: Telling<'_>, out: &mut impl Write) -> anyhow::Result<()> {
    let arguments = telling.arguments;
    let screen = match (arguments.screen, &arguments.server) {
        (Some(screen), _) => screen,
        (None, Some(_)) => PlainScreen::Server,
        (None, None) => PlainScreen::Fleet,
    };
    if screen == PlainScreen::Server && arguments.server.is_none() {
        bail!("which server? Name it with --server");
    }
    let options = Options {
        opening: telling.opening,
        size: SIZE,
        now: Some(Timestamp::now()),
        zone: TimeZone::system(),
        exemptions: telling.judge.exemptions.clone(),
        today: telling.judge.today,
        resume: None,
        exemptions_file: None,
    };
    let folder = store_choice::folder().ok();
    let judge = Arc::new(telling.judge);
    let mut explorer = Unattended::start(
        options,
        folder,
        Cache::of_user(),
        judge,
        telling.starter,
        telling.exemptions,
    )
    .await;
    check(explorer.state())?;
    explorer
        .tell(Message::Visit(Box::new(place(
            arguments,
            explorer.state(),
        )?)))
        .await;
    if let Some(command) = screen.command() {
        explorer.tell(Message::Command(command)).await;
    }
    view::plain::write(out, explorer.state(), arguments.width)?;
    Ok(())
}

/// The state wants a size. Nothing is drawn, and what is written depends on none.
const SIZE: Size = Size {
    columns: 120,
    rows: 40,
};

/// Says why there is nothing to tell.
fn check(state: &State) -> anyhow::Result<()> {
    if state.scan.is_some() {
        return Ok(());
    }
    match state.problems.last() {
        Some(problem) => bail!("{}: {}", problem.title, problem.detail),
        None => bail!(
            "there is no scan: `flexposture scan` makes one, `flexposture demo` a simulated one"
        ),
    }
}

fn place(arguments: &PlainArguments, state: &State) -> anyhow::Result<Place> {
    let server = match &arguments.server {
        Some(name) => Some(server_place(name, arguments, state)?),
        None => None,
    };
    Ok(Place {
        filter: arguments.filter.clone().unwrap_or_default(),
        screens: server
            .iter()
            .map(|_| Screen::Server.title().to_owned())
            .collect(),
        server,
        ..Place::default()
    })
}

fn server_place(
    name: &str,
    arguments: &PlainArguments,
    state: &State,
) -> anyhow::Result<ServerPlace> {
    let servers = &state.roster.fleet().servers;
    let named = servers.iter().filter(|server| {
        server.name.eq_ignore_ascii_case(name) || server.id.eq_ignore_ascii_case(name)
    });
    let server = match named.collect::<Vec<_>>().as_slice() {
        [server] => *server,
        [] => {
            let near = servers
                .iter()
                .map(|server| {
                    (
                        strsim::damerau_levenshtein(&server.name, name),
                        &server.name,
                    )
                })
                .min()
                .filter(|(differences, _)| *differences <= 1 + name.chars().count() / 3);
            match near {
                Some((_, near)) => bail!("{name} is not in this scan; the nearest is {near}"),
                None => bail!("{name} is not in this scan"),
            }
        }
        several => {
            let ids: Vec<&str> = several.iter().map(|server| server.id.as_ref()).collect();
            bail!(
                "{name} is the name of several servers; give the id: {}",
                ids.join(", ")
            )
        }
    };
    let tab: Tab = arguments.tab.map(Into::into).unwrap_or_default();
    Ok(ServerPlace {
        id: server.id.to_string(),
        name: server.name.to_string(),
        node: arguments
            .feature
            .map(|it| it.to_string())
            .unwrap_or_default(),
        tab: tab.title().to_owned(),
        in_feature: arguments.feature.is_some(),
        show: String::new(),
    })
}
