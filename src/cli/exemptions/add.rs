//! `flexposture exemptions add`: one more entry at the end of the file.

use std::io::Write;
use std::sync::Arc;

use anyhow::{anyhow, bail};
use jiff::civil::Date;

use crate::cli::judging::ExemptionsArgument;
use crate::config::append;
use crate::documents::text::neutral;
use crate::posture::{Covered, Exemption, Exemptions, ServerPattern, Waiver};

/// The exemption to add.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("covered").required(true).args(["feature", "condition"])))]
pub struct Args {
    /// The servers: a name or a resource id; * stands for any text and ? for one character
    #[arg(long, value_name = "PATTERN")]
    server: String,

    /// The feature whose open conditions are exempt: its short word, or its name on the baseline page
    #[arg(long, value_name = "NAME")]
    feature: Option<String>,

    /// The one condition that is exempt, by its name in `flexposture findings`
    #[arg(long, value_name = "NAME")]
    condition: Option<String>,

    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,

    /// Who answers for it
    #[arg(long, value_name = "TEXT")]
    owner: String,

    /// Where it was agreed
    #[arg(long, value_name = "TEXT")]
    ticket: Option<String>,

    /// The last day on which it holds, like 2027-03-31
    #[arg(long, value_name = "DATE")]
    until: Date,

    #[command(flatten)]
    file: ExemptionsArgument,
}

/// Adds the entry and writes to `out` where it stands.
///
/// # Errors
/// When the entry makes no sense, when anything in the file is wrong already, or when it cannot be written.
pub fn run(args: &Args, today: Date, out: &mut impl Write) -> anyhow::Result<()> {
    if args.until < today {
        bail!("{} is past, and today is {today}", args.until);
    }
    let covers = match (&args.feature, &args.condition) {
        (Some(name), _) => Covered::feature(name)?,
        (None, Some(name)) => Covered::condition(name)?,
        (None, None) => bail!("give --feature or --condition"),
    };
    let entry = Exemption {
        server: ServerPattern::from(args.server.as_str()),
        covers,
        waiver: Arc::new(Waiver {
            reason: args.reason.clone(),
            owner: args.owner.clone(),
            ticket: args.ticket.clone(),
            until: args.until,
        }),
        line: 0,
    }
    .entry();
    Exemptions::parse(&entry).map_err(|problems| {
        let words: Vec<String> = problems.into_iter().map(|it| it.message).collect();
        anyhow!("{}", words.join("\n"))
    })?;

    let file = args.file.read_or_new()?;
    let path = &file.place.value;
    let before = file.text.unwrap_or_default();
    let added = match before.as_str() {
        "" => entry.trim_start().to_owned(),
        text if text.ends_with('\n') => entry,
        _ => format!("\n{entry}"),
    };
    // The whole as it will be: what stands at the end of the file must not swallow the entry.
    let exemptions = Exemptions::parse(&format!("{before}{added}"));
    let (count, last) = match &exemptions {
        Ok(all) => (all.entries.len(), all.entries.last()),
        Err(_) => (0, None),
    };
    let Some(last) = last.filter(|_| count == file.exemptions.entries.len() + 1) else {
        bail!(
            "{}: nothing can be added after what stands at its end; write every exemption as [[exemption]]",
            path.display()
        );
    };
    append(path, &added)?;
    writeln!(
        out,
        "{}:{}: {} is exempt from {} until {}",
        path.display(),
        last.line,
        neutral(last.server.as_str()),
        last.covers,
        last.waiver.until
    )?;
    Ok(())
}
