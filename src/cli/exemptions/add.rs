//! `flexposture exemptions add`: one more entry at the end of the file.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{anyhow, bail};
use jiff::civil::Date;

use crate::cli::judging::ExemptionsArgument;
use crate::config::append;
use crate::documents::text::neutral;
use crate::posture::{Covered, Exemption, Exemptions, ServerPattern, Waiver};
use crate::runtime::{Entered, ExemptionBook};

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
    };
    let entered = add_entries(&args.file, &[entry])?;
    let path = entered.path.display();
    match entered.exemptions.entries.last() {
        Some(last) if entered.added > 0 => writeln!(
            out,
            "{path}:{}: {} is exempt from {} until {}",
            last.line,
            neutral(last.server.as_str()),
            last.covers,
            last.waiver.until
        )?,
        _ => writeln!(out, "{path}: this exemption stands there already")?,
    }
    Ok(())
}

/// The head of a file that is made.
const HEAD: &str = "\
# Exemptions of flexposture: what was decided to be lived with, by whom, and until when.
# Meant to be kept in version control. `flexposture exemptions check` reads it.
";

impl ExemptionBook for ExemptionsArgument {
    fn place(&self) -> Option<PathBuf> {
        Self::place(self).map(|setting| setting.value)
    }

    fn add(&self, entries: &[Exemption]) -> anyhow::Result<Entered> {
        add_entries(self, entries)
    }
}

/// Adds those entries that do not stand in the file yet, all of them or none. Line ends are those of the file.
///
/// # Errors
/// When an entry makes no sense, when anything in the file is wrong already, or when it cannot be written.
pub fn add_entries(
    argument: &ExemptionsArgument,
    entries: &[Exemption],
) -> anyhow::Result<Entered> {
    let file = argument.read_or_new()?;
    let path = file.place.value;
    let same = |known: &Exemption, entry: &Exemption| {
        let (known_server, server) = (known.server.as_str(), entry.server.as_str());
        known_server.eq_ignore_ascii_case(server)
            && known.covers == entry.covers
            && known.waiver == entry.waiver
    };
    let known = &file.exemptions.entries;
    let new: Vec<&Exemption> = entries
        .iter()
        .filter(|entry| !known.iter().any(|known| same(known, entry)))
        .collect();
    let already = entries.len() - new.len();
    if new.is_empty() {
        return Ok(Entered {
            path,
            added: 0,
            already,
            exemptions: file.exemptions,
        });
    }
    let text: String = new.iter().map(|entry| entry.entry()).collect();
    Exemptions::parse(&text).map_err(|problems| {
        let words: Vec<String> = problems.into_iter().map(|it| it.message).collect();
        anyhow!("{}", words.join("\n"))
    })?;
    let is_new = file.text.is_none();
    let before = file.text.unwrap_or_default();
    let added = match before.as_str() {
        "" if is_new => format!("{HEAD}{text}"),
        "" => text.trim_start().to_owned(),
        text_before if text_before.ends_with('\n') => text,
        _ => format!("\n{text}"),
    };
    let ends = |end: &str| before.matches(end).count();
    let added = if 2 * ends("\r\n") > ends("\n") {
        added.replace('\n', "\r\n")
    } else {
        added
    };
    // The whole as it will be: what stands at the end of the file must not swallow the entries.
    let whole = Exemptions::parse(&format!("{before}{added}")).ok();
    let whole = whole.filter(|it| it.entries.len() == known.len() + new.len());
    let Some(exemptions) = whole else {
        bail!(
            "{}: nothing can be added after what stands at its end; write every exemption as [[exemption]]",
            path.display()
        );
    };
    append(&path, &added)?;
    Ok(Entered {
        path,
        added: new.len(),
        already,
        exemptions,
    })
}
