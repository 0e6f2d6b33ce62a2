//! `flexposture baseline import`, `references` and `remove`: which reference catalogues there are.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::bail;
use serde_json::{Value as Json, json};

use super::shelf::{Shelf, is_name};
use super::workbook;
use crate::baseline::reference::ReferenceCatalogue;
use crate::documents::text::neutral_lines;
use crate::report::{DocumentKind, write_document};

/// Import Microsoft's published baseline workbooks as reference catalogues
///
/// A workbook is one .xlsx file of the folder "Azure Offer Security Baselines" of Microsoft's SecurityBenchmarks
/// repository, of this service or of another. Servers are not judged by it: it is there to look things up in and to
/// compare with. Importing a name again replaces it. When a file is not such a workbook nothing is imported.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct ImportArgs {
    /// The workbooks
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// What to call it, when there is one file [default: the service in the file's name]
    #[arg(long, value_parser = name)]
    name: Option<String>,

    /// Write JSON
    #[arg(long)]
    json: bool,
}

fn name(text: &str) -> Result<String, String> {
    if is_name(text) {
        Ok(text.to_owned())
    } else {
        Err("a name has small letters, digits and hyphens between them, 100 at most".to_owned())
    }
}

/// Reads all files, and keeps all of them or none.
pub(super) fn import(args: &ImportArgs, shelf: &Shelf, out: &mut impl Write) -> anyhow::Result<()> {
    if args.name.is_some() && args.files.len() > 1 {
        bail!("--name is for one file, and these are {}", args.files.len());
    }
    let mut catalogues = Vec::new();
    let mut wrong = Vec::new();
    let mut names: HashMap<String, &Path> = HashMap::new();
    for file in &args.files {
        match workbook::open(file, args.name.as_deref()) {
            Ok(catalogue) => {
                if let Some(other) = names.insert(catalogue.name.clone(), file) {
                    wrong.push(format!(
                        "{} and {} would both be called `{}`; import one of them alone, with --name",
                        other.display(),
                        file.display(),
                        catalogue.name
                    ));
                }
                catalogues.push(catalogue);
            }
            Err(error) => wrong.push(format!("{error:#}")),
        }
    }
    if !wrong.is_empty() {
        bail!(
            "nothing was imported.\n{}",
            neutral_lines(&wrong.join("\n"))
        );
    }
    let mut records = Vec::new();
    for catalogue in &catalogues {
        let replaced = shelf.put(catalogue)?;
        if args.json {
            let mut record = record(catalogue);
            record["replaced"] = replaced.into();
            records.push(record);
            continue;
        }
        let how = if replaced { "Replaced" } else { "Imported" };
        writeln!(
            out,
            "{how} {}: {}, {} controls, {} features.",
            catalogue.name,
            catalogue.service,
            catalogue.controls(),
            catalogue.features.len()
        )?;
        if !catalogue.columns_left_out.is_empty() {
            writeln!(
                out,
                "  Columns outside the layout were left out: {}",
                catalogue.columns_left_out.join(", ")
            )?;
        }
    }
    if args.json {
        write_json(&records, out)?;
    }
    Ok(())
}

/// Writes the list of what is kept; what cannot be read stands there with the reason.
pub(super) fn list(shelf: &Shelf, as_json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let names = shelf.names()?;
    if as_json {
        let records: Vec<Json> = names
            .iter()
            .map(|name| match shelf.get(name) {
                Ok(catalogue) => record(&catalogue),
                Err(error) => json!({"name": name, "error": format!("{error:#}")}),
            })
            .collect();
        return write_json(&records, out);
    }
    if names.is_empty() {
        writeln!(
            out,
            "No reference catalogues in {}. `flexposture baseline import FILE.xlsx` makes one of a workbook.",
            shelf.path().display()
        )?;
        return Ok(());
    }
    let width = names.iter().map(String::len).max().unwrap_or(0).max(4);
    writeln!(out, "{:<width$}  CONTROLS  FEATURES  BENCHMARK", "NAME")?;
    for name in &names {
        match shelf.get(name) {
            Ok(catalogue) => writeln!(
                out,
                "{name:<width$}  {:>8}  {:>8}  {}",
                catalogue.controls(),
                catalogue.features.len(),
                catalogue.benchmark.as_deref().unwrap_or("not told")
            )?,
            Err(error) => writeln!(
                out,
                "{name:<width$}  cannot be read: {}",
                neutral_lines(&format!("{error:#}"))
            )?,
        }
    }
    Ok(())
}

/// Removes one and says so.
pub(super) fn remove(name: &str, shelf: &Shelf, out: &mut impl Write) -> anyhow::Result<()> {
    shelf.remove(name)?;
    writeln!(out, "Removed {name}.")?;
    Ok(())
}

fn record(catalogue: &ReferenceCatalogue) -> Json {
    json!({
        "name": catalogue.name,
        "service": catalogue.service,
        "benchmark": catalogue.benchmark,
        "file": catalogue.file,
        "controls": catalogue.controls(),
        "features": catalogue.features.len(),
        "columns_left_out": catalogue.columns_left_out,
    })
}

fn write_json(records: &[Json], out: &mut impl Write) -> anyhow::Result<()> {
    write_document(out, DocumentKind::References, &records)?;
    Ok(())
}
