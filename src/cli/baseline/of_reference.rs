//! A reference catalogue as text: its table, and pages of its features.

use std::io::{self, Write};

use anyhow::bail;

use super::page::Page;
use super::row;
use crate::baseline::reference::{ReferenceCatalogue, ReferenceFeature};
use crate::baseline::{Responsibility, WorkbookWord};
use crate::documents::text::neutral;

/// Writes every feature in one table, with the security profile of the service above it.
pub(super) fn list<W: Write>(
    catalogue: &ReferenceCatalogue,
    page: &mut Page<'_, W>,
) -> io::Result<()> {
    page.title(&catalogue.service)?;
    origin(catalogue, page)?;
    for attribute in &catalogue.profile {
        let value = attribute.value.as_deref().unwrap_or("not told");
        page.paragraph(0, &format!("{}: {value}", attribute.attribute))?;
    }
    page.blank()?;
    row(
        page,
        "CONTROL",
        "FEATURE",
        ["SUPPORTED", "DEFAULT", "RESPONSIBLE", ""],
    )?;
    let mut family: Option<&str> = None;
    for (position, feature) in catalogue.features.iter().enumerate() {
        let own = feature.family.as_deref();
        if position == 0 || own != family {
            family = own;
            page.blank()?;
            page.line(own.unwrap_or("No control domain"))?;
        }
        let supported = match feature.supported {
            WorkbookWord::True => "yes",
            WorkbookWord::False => "no",
            WorkbookWord::NotApplicable => "n/a",
            WorkbookWord::NoRelatedFeature => "none",
        };
        let default = match feature.enabled_by_default {
            WorkbookWord::True => "on",
            WorkbookWord::False => "off",
            WorkbookWord::NotApplicable | WorkbookWord::NoRelatedFeature => "-",
        };
        let responsible = match feature.responsibility {
            Responsibility::NotApplicable => "-",
            known => known.as_str(),
        };
        let control = feature.control.as_deref().unwrap_or("-");
        row(
            page,
            control,
            &feature.name,
            [supported, default, responsible, ""],
        )?;
    }
    page.blank()?;
    page.paragraph(
        0,
        &format!(
            "{} controls, {} features. SUPPORTED: \"n/a\" is \"Not Applicable\" and \"none\" \"No Related Feature\" in the \
             workbook. Servers are not judged by it.",
            catalogue.controls(),
            catalogue.features.len()
        ),
    )
}

/// Writes the features that a text names.
///
/// # Errors
/// When nothing has that name, or when the page cannot be written.
pub(super) fn show<W: Write>(
    catalogue: &ReferenceCatalogue,
    asked: &str,
    page: &mut Page<'_, W>,
) -> anyhow::Result<()> {
    let features = catalogue.named(asked);
    if features.is_empty() {
        bail!(
            "`{}` has no family, control or feature called `{}`; `flexposture baseline list --reference {}` shows all of them",
            catalogue.name,
            neutral(asked),
            catalogue.name
        );
    }
    page.paragraph(0, &format!("Of the service {}.", catalogue.service))?;
    origin(catalogue, page)?;
    for feature in features {
        page.blank()?;
        show_feature(feature, page)?;
    }
    Ok(())
}

fn origin<W: Write>(catalogue: &ReferenceCatalogue, page: &mut Page<'_, W>) -> io::Result<()> {
    let benchmark = catalogue.benchmark.as_deref();
    page.paragraph(
        0,
        &format!(
            "Imported from {}; service and benchmark ({}) are as that name has them.",
            catalogue.file,
            benchmark.unwrap_or("not told")
        ),
    )
}

fn show_feature<W: Write>(feature: &ReferenceFeature, page: &mut Page<'_, W>) -> io::Result<()> {
    let control = feature.control.as_deref().unwrap_or("No control:");
    page.title(&format!("{control} {}", feature.name))?;
    if let Some(description) = &feature.description {
        page.paragraph(0, description)?;
    }
    page.blank()?;
    page.field("Family", feature.family.as_deref().unwrap_or("none given"))?;
    page.field(
        "Control",
        feature.control_title.as_deref().unwrap_or("none given"),
    )?;
    page.field("Supported", feature.supported.as_str())?;
    page.field("Default", feature.enabled_by_default.as_str())?;
    page.field("Responsible", feature.responsibility.as_str())?;
    if let Some(reference) = &feature.reference {
        page.field("Reference", &reference.title)?;
        if let Some(url) = &reference.url {
            page.field("", url)?;
        }
    }
    page.field("Row", &feature.row.to_string())?;
    for (heading, text) in [
        ("Guidance", &feature.guidance),
        ("Guidance notes", &feature.guidance_notes),
        ("Feature notes", &feature.notes),
    ] {
        if let Some(text) = text {
            page.heading(heading)?;
            page.paragraph(2, text)?;
        }
    }
    Ok(())
}
