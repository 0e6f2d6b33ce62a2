//! The tab Guidance: what the baseline says, and what an operator has to know.

use crate::baseline::{FeatureId, catalogue};

use super::{Tone, Writer};

pub(in crate::app) fn write(writer: &mut Writer, feature: FeatureId) {
    let catalogue = catalogue();
    let feature = catalogue.feature(feature);
    for (label, value) in [
        ("supported", feature.supported.to_string()),
        ("default", feature.enabled_by_default.to_string()),
        ("whose", feature.responsibility.to_string()),
        ("guidance", feature.guidance_kind.to_string()),
    ] {
        writer.labelled(0, label, Tone::Plain, &value);
    }
    writer.blank();
    writer.paragraphs(&feature.description);
    for (heading, text) in [
        ("What it means", &feature.guidance.meaning),
        ("What to do", &feature.guidance.action),
        ("What that may break", &feature.guidance.impact),
    ] {
        if !text.trim().is_empty() {
            writer.heading(heading);
            writer.paragraphs(text);
        }
    }
    if let Some(notes) = &feature.notes {
        writer.heading("Note of the baseline");
        writer.paragraphs(notes);
    }
    if let Some(note) = &feature.platform_note {
        writer.heading("Since the baseline was written");
        writer.paragraphs(&note.text);
        writer.text(Tone::Muted, &format!("Seen in: {}", one_line(&note.source)));
    }
    if let Some(control) = catalogue.control(&feature.control) {
        writer.heading("Elsewhere");
        super::overview::crosswalk(writer, control);
    }
    if let Some(reference) = &feature.reference {
        writer.heading("Reference");
        writer.text(Tone::Plain, &reference.title);
        if let Some(url) = &reference.url {
            writer.link(url, false);
        }
    }
    writer.blank();
    writer.text(
        Tone::Muted,
        &format!("Facts: {}", one_line(&feature.source)),
    );
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
