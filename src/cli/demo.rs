//! `flexposture demo`: the whole program on a simulated fleet, without an account.

use std::io::Write;
use std::sync::Arc;

use crate::app::Opening;
use crate::posture::Totals;
use crate::report::write_table;
use crate::store::Scan;

use super::Ending;
use super::appearance::Appearance;
use super::azure_arguments::AzureArguments;
use super::explore::{Exploring, open};
use super::judging::JudgingArguments;
use super::plain::{self, PlainArguments, Telling};
use super::reading_arguments::ReadingArguments;
use super::scan::totals;
use super::starter::{CommandLineStarter, DemoArguments, scan_demo};
use super::watch::WatchArgument;

/// Scan and explore a simulated fleet; no account needed
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    demo: DemoArguments,

    /// Print the fleet as a table instead of exploring it
    #[arg(long, conflicts_with_all = ["Appearance", "AzureArguments", "PlainArguments", "WatchArgument"])]
    pub print: bool,

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
    azure: AzureArguments,
}

/// Scans the simulated fleet in the explorer.
///
/// # Errors
/// When there is no terminal.
pub fn explore(args: Args) -> anyhow::Result<Ending> {
    open(Exploring {
        opening: Opening::Demo,
        resume: None,
        session: None,
        judging: &args.judging,
        appearance: &args.appearance,
        reading: ReadingArguments::default(),
        azure: args.azure,
        demo: args.demo,
        watch: args.watch,
        instead: "`flexposture demo --print` writes the fleet as a table",
    })
}

/// Scans the simulated fleet and writes a screen as lines of words.
///
/// # Errors
/// When the scan fails, there is no such server, or `out` refuses.
pub async fn tell(args: Args, out: &mut impl Write) -> anyhow::Result<()> {
    let (judge, settings) = args.judging.judge_and_settings()?;
    let patience = ReadingArguments::default().client(&settings.config)?;
    let telling = Telling {
        opening: Opening::Demo,
        judge,
        starter: Arc::new(CommandLineStarter::new(args.azure, patience, args.demo)),
        exemptions: Arc::new(args.judging.exemptions.clone()),
        arguments: &args.plain,
    };
    plain::tell(telling, out).await
}

/// Scans the simulated fleet and writes it as a table with totals.
///
/// # Errors
/// When the scan fails, or `out` refuses.
pub async fn print(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let judge = Arc::new(args.judging.judge()?);
    let demo = scan_demo(&args.demo, judge.clone()).await?;
    let fleet = Scan::open(&demo.done.path)?.fleet(&judge, |_| {})?;
    write_table(out, &fleet)?;
    writeln!(
        out,
        "\n{} servers in {} subscriptions, read with {} requests",
        fleet.servers.len(),
        fleet.subscriptions.len(),
        demo.done.requests
    )?;
    totals(&Totals::of(&fleet.servers), out)?;
    Ok(())
}
