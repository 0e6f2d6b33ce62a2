//! `flexposture picture`: a screen of the explorer on a simulated fleet, as an SVG file.
//!
//! The pictures of the documentation are made with it, so that they show what the program shows. There is no terminal:
//! the keys go straight to the state machine, and what it asks for is done at once.

mod journey;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::ValueEnum;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use crate::app::{
    Effect, KeySequence, Message, Opening, Options, ReportsFold, ScanChoice, ServerDetail, Size,
    State, update,
};
use crate::look::{Colours, Ground, Look, Theme, svg};
use crate::posture::{Judge, Ruleset};
use crate::query::{SearchIndex, Vocabulary, filter, find};
use crate::runtime;
use crate::store::{Folder, Scan};
use crate::view;

use super::appearance::Colour;
use super::starter::{DemoArguments, scan_demo};

/// Write a screen of the explorer on a simulated fleet as an SVG picture
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which screen
    #[arg(value_enum)]
    screen: PicturedScreen,

    /// Columns and rows
    #[arg(long, value_name = "COLUMNSxROWS", default_value = "120x40")]
    size: Dimensions,

    /// The theme, one inside the program; it is painted on what it is meant for
    #[arg(long, value_name = "THEME", default_value = "dark")]
    theme: String,

    /// How many colours to use; `auto` is as many as the theme has
    #[arg(long, value_enum, default_value_t = Colour::Auto)]
    color: Colour,

    /// Use no character beyond ASCII
    #[arg(long)]
    ascii: bool,

    /// Keys to press on the screen before it is drawn, for example "} j j"
    #[arg(long, value_name = "KEYS")]
    keys: Option<KeySequence>,

    /// The file to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,

    #[command(flatten)]
    demo: DemoArguments,
}

/// The screens that pictures are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PicturedScreen {
    /// The list of servers
    Fleet,
    /// A server with a failing feature
    Server,
    /// From servers that are open to the world to the fix, in frames
    JourneyExposed,
    /// What has regressed since the scan before, in frames
    JourneyRegressed,
    /// From what is unknown to the role that answers it, in frames
    JourneyUnknown,
    /// One control over all servers, in frames
    JourneyControl,
}

impl PicturedScreen {
    /// The keys that lead to it from the list of servers.
    const fn keys(self) -> &'static str {
        match self {
            Self::Server => "Enter",
            _ => "",
        }
    }

    /// The steps of a journey.
    const fn steps(self) -> &'static [journey::Step] {
        match self {
            Self::Fleet | Self::Server => &[],
            Self::JourneyExposed => journey::EXPOSED,
            Self::JourneyRegressed => journey::REGRESSED,
            Self::JourneyUnknown => journey::UNKNOWN,
            Self::JourneyControl => journey::CONTROL,
        }
    }
}

/// The size of a screen.
#[derive(Clone, Copy, Debug)]
struct Dimensions(Size);

impl FromStr for Dimensions {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let side = |text: &str| {
            let side: Option<u16> = text.trim().parse().ok();
            side.filter(|side| (1..=500).contains(side))
        };
        text.split_once('x')
            .and_then(|(columns, rows)| {
                Some(Self(Size {
                    columns: side(columns)?,
                    rows: side(rows)?,
                }))
            })
            .ok_or_else(|| "write it like 120x40; neither may be more than 500".to_owned())
    }
}

/// Scans the simulated fleet, presses the keys, and writes the picture.
///
/// # Errors
/// When the scan fails, the keys ask for what needs a terminal, or the file cannot be written.
pub async fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    // A picture is the same whoever takes it: neither a config file nor an exemption has a part in it.
    let judge = Arc::new(Judge::by(Ruleset::default()));
    let demo = scan_demo(&args.demo, judge.clone()).await?;
    let mut file = demo.done.path.clone();
    if args.screen == PicturedScreen::JourneyRegressed {
        file = demo.again(judge.clone()).await?.path;
    }
    let mut still = Still::open(&file, judge, args.size.0)?;
    let keys = args.screen.keys().parse().unwrap_or_default();
    still.press(&keys)?;
    still.press(args.keys.as_ref().unwrap_or(&KeySequence::default()))?;
    let theme = Theme::built_in(&args.theme)?;
    let ground = theme.ground().unwrap_or(Ground::Dark);
    let colours = match args.color {
        Colour::Never => Colours::None,
        Colour::Sixteen => Colours::Sixteen,
        Colour::TwoFiftySix => Colours::TwoFiftySix,
        Colour::Auto | Colour::Truecolor => Colours::TrueColour,
    };
    let look = Look::new(&theme, colours, !args.ascii);
    let mut frames = Vec::new();
    for (keys, words) in args.screen.steps() {
        let keys = keys
            .parse()
            .map_err(|_| anyhow::anyhow!("no keys: {keys}"))?;
        still.press(&keys)?;
        frames.push((*words, still.frame(&look)?));
    }
    let picture = match frames.as_slice() {
        [] => svg(&still.frame(&look)?, ground),
        frames => svg(&journey::stacked(frames), ground),
    };
    match &args.out {
        Some(path) => fs::write(path, picture)
            .with_context(|| format!("{} could not be written", path.display()))?,
        None => out.write_all(picture.as_bytes())?,
    }
    Ok(())
}

/// The explorer without a terminal.
struct Still {
    state: State,
    scan: Scan,
    path: PathBuf,
    judge: Arc<Judge>,
}

impl Still {
    fn open(path: &std::path::Path, judge: Arc<Judge>, size: Size) -> anyhow::Result<Self> {
        let opened = runtime::open(path, &judge)?;
        let (state, first) = State::new(Options {
            opening: Opening::Scan(ScanChoice::Newest),
            size,
            now: None,
            zone: TimeZone::UTC,
            exemptions: judge.exemptions.clone(),
            exemptions_file: Some("exemptions.toml".to_owned()),
            today: judge.today,
            resume: None,
        });
        let mut still = Self {
            state,
            scan: Scan::open(path)?,
            path: path.to_owned(),
            judge,
        };
        still.tell(Message::Clock(Timestamp::now()))?;
        if let Some(Effect::OpenScan { job, .. }) = first.first() {
            still.tell(Message::ScanOpened {
                job: *job,
                scan: opened,
            })?;
        }
        Ok(still)
    }

    fn press(&mut self, keys: &KeySequence) -> anyhow::Result<()> {
        keys.0
            .iter()
            .try_for_each(|key| self.tell(Message::Key(*key)))
    }

    /// Tells the state what happened and does what it asks for, until it asks for nothing.
    fn tell(&mut self, message: Message) -> anyhow::Result<()> {
        let mut effects = update(&mut self.state, message);
        while let Some(effect) = effects.pop() {
            if let Some(answer) = self.perform(effect)? {
                effects.extend(update(&mut self.state, answer));
            }
        }
        Ok(())
    }

    fn perform(&mut self, effect: Effect) -> anyhow::Result<Option<Message>> {
        Ok(match effect {
            Effect::LoadDetail { job, server } => {
                let documents = self.scan.documents(&server)?;
                Some(Message::DetailLoaded {
                    job,
                    detail: Arc::new(ServerDetail::new(documents, &self.judge)),
                })
            }
            Effect::Index { generation, fleet } => Some(Message::Indexed {
                generation,
                index: Arc::new(SearchIndex::new(&fleet)),
            }),
            Effect::Find {
                generation,
                index,
                text,
            } => find(&index, &text, &|| true).map(|found| Message::Found { generation, found }),
            Effect::ReadSearches => Some(Message::SearchesRead(String::new())),
            Effect::GatherWords { generation, index } => Some(Message::WordsGathered {
                generation,
                words: Arc::new(Vocabulary::new(&index)),
            }),
            Effect::Filter {
                generation,
                query,
                index,
                within,
            } => filter(&index, &query, within.as_deref(), &|| true)
                .map(|hits| Message::Filtered { generation, hits }),
            Effect::MakeReports { job } => {
                let mut fold = ReportsFold::new(&self.judge);
                self.scan.for_each(|documents| fold.add(&documents))?;
                Some(Message::ReportsMade {
                    job,
                    reports: Arc::new(fold.finish()),
                })
            }
            Effect::Compare { job, from, to } => {
                let folder = self.path.parent().map(|it| Folder::at(it.to_owned()));
                let from = from.as_ref();
                runtime::compare(folder.as_ref(), from, &to, &self.judge, None, |_| true)?.map(
                    |comparison| Message::Compared {
                        job,
                        comparison: Arc::new(comparison),
                    },
                )
            }
            Effect::LoadPair {
                job,
                server,
                from,
                to,
            } => {
                let pair = runtime::pair(&server, from.as_ref(), to.as_ref(), &self.judge)?;
                Some(Message::PairLoaded {
                    job,
                    pair: Arc::new(pair),
                })
            }
            Effect::Copy(_) => Some(Message::Copied(
                "sent to the terminal's clipboard (OSC 52)".to_owned(),
            )),
            Effect::Survey { .. } | Effect::List { .. } => effect.count(),
            // A picture is of one scan: there is no folder with others beside it.
            Effect::Redraw
            | Effect::Scans(_)
            | Effect::StopReports { .. }
            | Effect::StopCompare { .. }
            | Effect::StopHistory { .. } => None,
            Effect::OpenScan { .. }
            | Effect::StartScan { .. }
            | Effect::StartDemo { .. }
            | Effect::ResumeScan { .. }
            | Effect::CancelScan { .. }
            | Effect::RefreshServers { .. }
            | Effect::RefreshFleet { .. }
            | Effect::Wait { .. }
            | Effect::LoadHistory { .. }
            | Effect::AddSearch(_)
            | Effect::WriteSearches(_)
            | Effect::Export { .. }
            | Effect::WriteFixes { .. }
            | Effect::StopWriting { .. }
            | Effect::AddExemptions { .. }
            | Effect::JudgeAnew { .. }
            | Effect::Theme(_)
            | Effect::Suspend
            | Effect::Quit => bail!("the keys ask for something that is not done for a picture"),
        })
    }

    fn frame(&self, look: &Look) -> anyhow::Result<Buffer> {
        let Size { columns, rows } = self.state.size;
        let mut terminal = Terminal::new(TestBackend::new(columns, rows))?;
        let frame = terminal.draw(|frame| view::draw(frame, &self.state, look))?;
        Ok(frame.buffer.clone())
    }
}
