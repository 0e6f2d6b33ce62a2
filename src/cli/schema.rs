//! `flexposture schema`: the published schemas of the JSON that other commands write.

use std::io::Write;

use clap::builder::TypedValueParser as _;

use crate::report::DocumentKind;

/// Show the JSON Schema of a document that other commands write; without a name, which there are
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The document
    #[arg(value_name = "NAME", value_parser = kind())]
    name: Option<DocumentKind>,
}

fn kind() -> impl clap::builder::TypedValueParser<Value = DocumentKind> {
    clap::builder::PossibleValuesParser::new(DocumentKind::ALL.map(DocumentKind::word))
        .try_map(|word| word.parse::<DocumentKind>())
}

/// Writes the schema, or the names of all, to `out`.
///
/// # Errors
/// When `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    match args.name {
        Some(kind) => out.write_all(kind.schema().as_bytes())?,
        None => {
            let words = DocumentKind::ALL.map(|kind| kind.word().len());
            let width = words.into_iter().max().unwrap_or_default();
            for kind in DocumentKind::ALL {
                writeln!(out, "{:<width$}  {}", kind.word(), kind.written_by())?;
            }
        }
    }
    Ok(())
}
