//! `flexposture baseline search`: words, looked for in the built-in catalogue and in references.

use std::io::Write;

use crate::report::{DocumentKind, write_document};
use serde_json::{Value as Json, json};

use super::page::Page;
use super::shelf::Shelf;
use crate::baseline::catalogue;
use crate::baseline::reference::{Hit, hits, hits_of_reference};

/// Search the baseline for words
///
/// A feature is found when all the words stand in it, wherever, ignoring letter case.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct Args {
    /// The words
    #[arg(required = true, value_name = "WORD")]
    words: Vec<String>,

    /// Search this reference catalogue instead: its name, or a part of it
    #[arg(long, value_name = "NAME")]
    reference: Option<String>,

    /// Search the reference catalogues as well
    #[arg(long, conflicts_with = "reference")]
    all: bool,

    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// Writes what is found, catalogue by catalogue.
pub(super) fn run(args: &Args, width: usize, out: &mut impl Write) -> anyhow::Result<()> {
    let mut found: Vec<(Option<String>, Vec<Hit>)> = Vec::new();
    if args.reference.is_none() {
        found.push((None, hits(catalogue(), &args.words)));
    }
    if args.reference.is_some() || args.all {
        let shelf = Shelf::of_user()?;
        let names = match &args.reference {
            Some(asked) => vec![shelf.find(asked)?],
            None => shelf.names()?,
        };
        for name in names {
            let hits = hits_of_reference(&shelf.get(&name)?, &args.words);
            found.push((Some(name), hits));
        }
    }
    if args.json {
        let records: Vec<Json> = found
            .iter()
            .flat_map(|(name, hits)| hits.iter().map(move |hit| record(name.as_deref(), hit)))
            .collect();
        write_document(out, DocumentKind::BaselineSearch, &records)?;
        return Ok(());
    }
    let searched = found.len();
    let mut page = Page::new(out, width);
    let mut all = 0;
    for (name, hits) in &found {
        if hits.is_empty() {
            continue;
        }
        if all > 0 {
            page.blank()?;
        }
        all += hits.len();
        page.title(name.as_deref().unwrap_or("The built-in catalogue"))?;
        for hit in hits {
            let control = hit.control.as_deref().unwrap_or("-");
            page.field(control, &hit.feature)?;
            if hit.sentence != hit.feature {
                page.field("", &format!("{}: {}", hit.found_in, hit.sentence))?;
            }
        }
    }
    if all > 0 {
        page.blank()?;
    }
    let catalogues = if searched == 1 {
        "catalogue"
    } else {
        "catalogues"
    };
    let features = if all == 1 { "feature" } else { "features" };
    page.line(&format!("{all} {features} in {searched} {catalogues}."))?;
    Ok(())
}

fn record(reference: Option<&str>, hit: &Hit) -> Json {
    json!({
        "reference": reference,
        "control": hit.control,
        "feature": hit.feature,
        "found_in": hit.found_in,
        "sentence": hit.sentence,
    })
}
