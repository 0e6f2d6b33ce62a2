//! `flexposture baseline compare`: the built-in catalogue against a workbook.

use std::io::Write;
use std::path::Path;

use serde_json::json;

use super::page::Page;
use super::shelf::Shelf;
use super::workbook;
use crate::baseline::catalogue;
use crate::baseline::reference::{
    Comparison, Difference, NOT_COMPARED, ReferenceCatalogue, compare, declared,
};
use crate::cli::Ending;
use crate::report::{DocumentKind, write_document};

/// Compare the built-in catalogue with a workbook, fact by fact
///
/// Every difference is written with both values. Those that are known and meant have their reason; the exit code is 1
/// when there are others.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct Args {
    /// A workbook (.xlsx), or the name of an imported one or a part of it
    #[arg(value_name = "FILE|NAME")]
    with: String,

    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// Writes the comparison.
pub(super) fn run(args: &Args, width: usize, out: &mut impl Write) -> anyhow::Result<Ending> {
    let reference = find(&args.with)?;
    let comparison = compare(catalogue(), &reference, declared());
    let unexpected = comparison.unexpected().count();
    if args.json {
        let document = json!({
            "reference": reference.name,
            "file": reference.file,
            "compared": comparison.compared,
            "unexpected": unexpected,
            "differences": comparison.differences,
            "declared_not_found": comparison.declared_not_found,
            "not_compared": NOT_COMPARED.map(|(what, why)| json!({"what": what, "why": why})),
        });
        write_document(out, DocumentKind::BaselineComparison, &document)?;
    } else {
        write(&reference, &comparison, &mut Page::new(out, width))?;
    }
    Ok(if unexpected == 0 {
        Ending::Fine
    } else {
        Ending::CheckFailed
    })
}

fn find(with: &str) -> anyhow::Result<ReferenceCatalogue> {
    let path = Path::new(with);
    if path.is_file() || with.to_lowercase().ends_with(".xlsx") {
        return workbook::open(path, None);
    }
    let shelf = Shelf::of_user()?;
    shelf.get(&shelf.find(with)?)
}

fn write<W: Write>(
    reference: &ReferenceCatalogue,
    comparison: &Comparison,
    page: &mut Page<'_, W>,
) -> anyhow::Result<()> {
    page.title(&format!(
        "The built-in catalogue against {}",
        reference.file
    ))?;
    let unexpected = comparison.unexpected().count();
    let all = comparison.differences.len();
    page.paragraph(
        0,
        &format!(
            "{} facts compared, {all} differ: {} known and meant, {unexpected} unexpected.",
            comparison.compared,
            all - unexpected
        ),
    )?;
    if unexpected > 0 {
        page.heading("Unexpected")?;
        for difference in comparison.unexpected() {
            write_one(difference, page)?;
        }
    }
    let mut reasons: Vec<&str> = Vec::new();
    for difference in &comparison.differences {
        let Some(reason) = difference.reason.as_deref() else {
            continue;
        };
        if reasons.contains(&reason) {
            continue;
        }
        reasons.push(reason);
        page.heading("Known and meant")?;
        page.paragraph(0, reason)?;
        let source = difference.source.as_deref().unwrap_or_default();
        page.paragraph(0, &format!("Source: {source}"))?;
        let same = |it: &&Difference| it.reason.as_deref() == Some(reason);
        for difference in comparison.differences.iter().filter(same) {
            write_one(difference, page)?;
        }
    }
    if !comparison.declared_not_found.is_empty() {
        page.heading("Declared as known, and not found")?;
        for fact in &comparison.declared_not_found {
            let feature = fact.feature.as_deref().unwrap_or_default();
            page.paragraph(2, &format!("{} {feature}: {}", fact.control, fact.fact))?;
        }
    }
    page.heading("Not compared")?;
    for (what, why) in NOT_COMPARED {
        page.paragraph(2, &format!("{what}: {why}"))?;
    }
    Ok(())
}

fn write_one<W: Write>(difference: &Difference, page: &mut Page<'_, W>) -> std::io::Result<()> {
    let feature = difference.feature.as_deref().unwrap_or_default();
    let row = difference.row;
    let row = row.map_or_else(String::new, |row| format!(" (row {row})"));
    let head = format!("{} {feature}", difference.control);
    page.paragraph(2, &format!("{}: {}{row}", head.trim(), difference.fact))?;
    for (label, value) in [
        ("    catalogue", &difference.catalogue),
        ("    workbook", &difference.workbook),
    ] {
        page.field(label, value.as_deref().unwrap_or("(nothing)"))?;
    }
    Ok(())
}
