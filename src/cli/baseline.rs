//! `flexposture baseline`: the built-in catalogue as text and as JSON, and reference catalogues made of Microsoft's
//! published workbooks beside it.

mod compare;
mod export;
mod of_reference;
mod page;
mod references;
mod search;
mod shelf;
mod show;
mod workbook;

use std::io::Write;

use super::Ending;
use crate::baseline::reference::ReferenceCatalogue;
use crate::baseline::{
    Catalogue, EnabledByDefault, Feature, PolicyCoverage, Responsibility, Support, catalogue,
};
use page::Page;
use shelf::Shelf;

/// Width of the text when nothing else is asked for: fits every terminal.
const DEFAULT_WIDTH: u16 = 80;

/// Show the security baseline that servers are judged by
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,

    /// Wrap text to this many columns
    #[arg(long, global = true, value_name = "COLUMNS", default_value_t = DEFAULT_WIDTH)]
    #[arg(value_parser = clap::value_parser!(u16).range(60..=400))]
    width: u16,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List every feature of the baseline in one table
    List {
        #[command(flatten)]
        of: OfReference,
    },
    /// Show a family, control, feature or policy with its guidance
    Show {
        /// A family (NS), control (NS-1), feature (by name or short name) or policy (by GUID or its first
        /// 8 digits)
        #[arg(required = true, value_name = "NAME")]
        name: Vec<String>,

        #[command(flatten)]
        of: OfReference,
    },
    Search(search::Args),
    /// Write the whole catalogue for other programs
    Export {
        /// The form to write
        #[arg(long, value_enum, default_value_t = Format::Json)]
        format: Format,

        #[command(flatten)]
        of: OfReference,
    },
    Import(references::ImportArgs),
    /// List the reference catalogues that were imported
    References {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove a reference catalogue
    Remove {
        /// Its whole name
        name: String,
    },
    Compare(compare::Args),
}

/// Which catalogue is meant.
#[derive(Debug, clap::Args)]
struct OfReference {
    /// Of this reference catalogue instead: its name, or a part of it
    #[arg(long, value_name = "NAME")]
    reference: Option<String>,
}

impl OfReference {
    /// `None` for the built-in catalogue.
    fn catalogue(&self) -> anyhow::Result<Option<ReferenceCatalogue>> {
        let Some(asked) = &self.reference else {
            return Ok(None);
        };
        let shelf = Shelf::of_user()?;
        shelf.get(&shelf.find(asked)?).map(Some)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// One JSON object
    Json,
}

/// Does what the arguments ask and writes the answer to `out`; the exit code is 1 when `compare` finds what was not
/// expected.
///
/// # Errors
///
/// When nothing has the name that is asked for, when a file is not a workbook of the known layout, when a reference
/// catalogue cannot be kept or read, or when `out` cannot be written.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<Ending> {
    let catalogue = catalogue();
    let width = usize::from(args.width);
    match &args.command {
        Command::List { of } => match of.catalogue()? {
            Some(reference) => of_reference::list(&reference, &mut Page::new(out, width))?,
            None => list(catalogue, &mut Page::new(out, width))?,
        },
        Command::Show { name, of } => {
            let name = name.join(" ");
            let page = &mut Page::new(out, width);
            match of.catalogue()? {
                Some(reference) => of_reference::show(&reference, &name, page)?,
                None => show::show(catalogue, catalogue.resolve(&name)?, page)?,
            }
        }
        Command::Search(args) => search::run(args, width, out)?,
        Command::Export {
            format: Format::Json,
            of,
        } => match of.catalogue()? {
            Some(reference) => export::reference(&reference, out)?,
            None => export::json(catalogue, out)?,
        },
        Command::Import(args) => references::import(args, &Shelf::of_user()?, out)?,
        Command::References { json } => references::list(&Shelf::of_user()?, *json, out)?,
        Command::Remove { name } => references::remove(name, &Shelf::of_user()?, out)?,
        Command::Compare(args) => return compare::run(args, width, out),
    }
    Ok(Ending::Fine)
}

/// Widths of the columns beside the feature's name: control, supported, default, responsible, policies.
const COLUMNS: [usize; 5] = [7, 9, 7, 11, 12];

/// What stands between two columns.
const GAP: &str = "  ";

fn list<W: Write>(catalogue: &Catalogue, page: &mut Page<'_, W>) -> std::io::Result<()> {
    row(
        page,
        "CONTROL",
        "FEATURE",
        ["SUPPORTED", "DEFAULT", "RESPONSIBLE", "POLICIES"],
    )?;
    for family in catalogue.families() {
        page.blank()?;
        page.line(&format!("{} {}", family.code, family.title))?;
        for control in catalogue.controls_of_family(family.code) {
            for feature in catalogue.features_of_control(&control.id) {
                let supported = match feature.supported {
                    Support::Supported => "yes",
                    Support::NotSupported => "no",
                };
                let default = match feature.enabled_by_default {
                    EnabledByDefault::True => "on",
                    EnabledByDefault::False => "off",
                    EnabledByDefault::NotApplicable => "-",
                };
                let responsible = match feature.responsibility {
                    Responsibility::NotApplicable => "-",
                    known => known.as_str(),
                };
                let policies = policies_cell(catalogue, feature);
                row(
                    page,
                    &control.id,
                    &feature.name,
                    [supported, default, responsible, &policies],
                )?;
            }
        }
    }
    let supported = catalogue
        .baseline_features()
        .filter(|feature| feature.supported == Support::Supported)
        .count();
    let blind = catalogue
        .baseline_features()
        .filter(|feature| feature.blind_spot(catalogue))
        .count();
    let features = catalogue.baseline_features().count();
    page.blank()?;
    page.paragraph(
        0,
        &format!(
            "{} families, {} controls, {features} features: {supported} supported, {} not; and {} features of \
             our own beyond it. Facts of the baseline as on Microsoft's page; `flexposture baseline show NAME` says what has moved since.",
            catalogue.baseline_families().count(),
            catalogue.baseline_controls().count(),
            features - supported,
            catalogue.features().len() - features,
        ),
    )?;
    page.paragraph(
        0,
        &format!(
            "POLICIES: how many built-in Azure policies evaluate a flexible server. \"retired\": all of them target the \
             retired single server and never evaluate a flexible one. \"plan only\": the subscription is evaluated, not \
             the server. {blind} features of the baseline are policy blind spots: retired, plan only or none."
        ),
    )
}

fn policies_cell(catalogue: &Catalogue, feature: &Feature) -> String {
    match feature.policy_coverage(catalogue) {
        PolicyCoverage::FlexibleServer => {
            let evaluating = catalogue
                .policies_of_feature(feature.id)
                .filter(|policy| policy.targets_flexible);
            format!("{} flexible", evaluating.count())
        }
        PolicyCoverage::SubscriptionOnly => "plan only".to_owned(),
        PolicyCoverage::RetiredOnly => "retired".to_owned(),
        PolicyCoverage::None => "none".to_owned(),
    }
}

fn row<W: Write>(
    page: &mut Page<'_, W>,
    control: &str,
    feature: &str,
    cells: [&str; 4],
) -> std::io::Result<()> {
    let [first, rest @ ..] = COLUMNS;
    let fixed = COLUMNS.iter().sum::<usize>() + GAP.len() * COLUMNS.len();
    let width = page.width().saturating_sub(fixed).max(16);
    for (position, part) in page::wrap(feature, width).iter().enumerate() {
        let mut line = format!(
            "{:<first$}{GAP}{part:<width$}",
            if position == 0 { control } else { "" }
        );
        if position == 0 {
            for (cell, width) in cells.iter().zip(rest) {
                line.push_str(GAP);
                line.push_str(&format!("{cell:<width$}"));
            }
        }
        page.line(line.trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::FeatureId;
    use clap::Parser;
    use unicode_width::UnicodeWidthStr;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        args: Args,
    }

    fn answer(arguments: &[&str]) -> Result<String, String> {
        let program = Program::try_parse_from(std::iter::once(&"baseline").chain(arguments))
            .map_err(|e| e.to_string())?;
        let mut out = Vec::new();
        run(&program.args, &mut out).map_err(|error| error.to_string())?;
        String::from_utf8(out).map_err(|error| error.to_string())
    }

    #[test]
    fn the_list_has_every_feature_within_the_width() {
        for width in ["60", "80", "100", "160"] {
            let text = answer(&["list", "--width", width]).expect("a list");
            let columns: usize = width.parse().expect("a number");
            // Below 80 columns the table keeps its shape and the feature column its least width.
            for line in text.lines().filter(|_| columns >= 80) {
                assert!(line.width() <= columns, "{width}: {line}");
            }
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(
                text.contains(
                    "7 families, 20 controls, 25 features: 17 supported, 8 not; and 8 features"
                ),
                "{text}"
            );
        }
        let wide = answer(&["list", "--width", "200"]).expect("a list");
        for feature in catalogue().features() {
            let line = wide
                .lines()
                .find(|line| line.contains(&feature.name))
                .expect("a line for every feature");
            assert!(line.starts_with(&feature.control), "{line}");
        }
    }

    #[test]
    fn show_says_plainly_that_a_policy_of_the_single_server_evaluates_nothing() {
        let text = answer(&["show", "DP-3", "--width", "400"]).expect("a control");
        assert!(
            text.contains("e802a67a-daf5-4436-9ea6-f6d821dd0c5d"),
            "{text}"
        );
        assert!(
            text.contains("targets the retired single server: never evaluates a flexible server"),
            "{text}"
        );
        assert!(text.contains("Policy blind spot"), "{text}");
        let covered =
            answer(&["show", "public-network-access", "--width", "400"]).expect("a feature");
        assert!(covered.contains("evaluates flexible servers"), "{covered}");
        assert!(!covered.contains("Policy blind spot"), "{covered}");
    }

    #[test]
    fn show_finds_everything_by_name_and_keeps_the_width() {
        let names = FeatureId::ALL
            .iter()
            .map(|id| catalogue().feature(*id).name.clone());
        let controls = catalogue()
            .controls()
            .iter()
            .map(|control| control.id.clone());
        let families = catalogue()
            .families()
            .iter()
            .map(|family| family.code.to_string());
        let policies = catalogue()
            .policies()
            .iter()
            .map(|policy| policy.guid.clone());
        for name in names.chain(controls).chain(families).chain(policies) {
            let text = answer(&["show", &name, "--width", "80"])
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            for line in text
                .lines()
                .filter(|line| line.split_whitespace().count() > 1)
            {
                let unbreakable = line.split_whitespace().any(|word| word.width() > 40);
                assert!(line.width() <= 80 || unbreakable, "{name}: {line}");
                assert_eq!(line, line.trim_end(), "{name}");
            }
        }
    }

    #[test]
    fn a_name_may_be_typed_without_quotes() {
        let text = answer(&["show", "customer", "lockbox"]).expect("a feature");
        assert!(text.starts_with("PA-8 Customer Lockbox"), "{text}");
        let error = answer(&["show", "lockbox"]).expect_err("no such name");
        assert!(error.contains("customer-lockbox"), "{error}");
    }

    #[test]
    fn the_export_is_json_with_everything_in_it() {
        let text = answer(&["export", "--format", "json"]).expect("an export");
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let families = value["families"].as_array().expect("families");
        let controls: Vec<_> = families
            .iter()
            .flat_map(|f| f["controls"].as_array().expect("controls"))
            .collect();
        let features: Vec<_> = controls
            .iter()
            .flat_map(|c| c["features"].as_array().expect("features"))
            .collect();
        assert_eq!(
            (families.len(), controls.len(), features.len()),
            (8, 28, 33)
        );
        assert_eq!(
            value["policies"].as_array().map(Vec::len),
            Some(catalogue().policies().len())
        );
        let lockbox = features
            .iter()
            .find(|f| f["id"] == "customer-lockbox")
            .expect("the feature");
        assert_eq!(lockbox["name"], "Customer Lockbox");
        assert_eq!(lockbox["supported"], true);
        assert_eq!(lockbox["blind_spot"], true);
        assert_eq!(lockbox["policy_coverage"], "none");
    }
}
