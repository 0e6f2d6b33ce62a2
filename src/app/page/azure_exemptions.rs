//! An exemption of Azure Policy: in force or ended, why, until when, where. It is told and never applied.

use jiff::tz::TimeZone;

use crate::app::moment;
use crate::baseline::Policy;
use crate::documents::text::neutral;
use crate::documents::{Cause, Fact};
use crate::posture::policy::AzureExemption;

use super::{Span, Tone, Writer};

/// Writes those that cover a server, or why they are not known.
pub fn write_all(writer: &mut Writer, exemptions: &Fact<Vec<AzureExemption>>, zone: &TimeZone) {
    match exemptions {
        Fact::Known(exemptions) => {
            if exemptions.is_empty() {
                writer.text(Tone::Plain, "None is visible.");
            }
            for exemption in exemptions {
                writer.blank();
                let covers = match &exemption.covers {
                    Fact::Known(policies) => Fact::Known(policies.as_slice()),
                    Fact::Absent => Fact::Absent,
                    Fact::Unread(cause) => Fact::Unread(cause.clone()),
                };
                write(writer, exemption, covers, None, zone);
            }
        }
        Fact::Absent => writer.text(Tone::Warning, "unread: not in Azure's answer"),
        Fact::Unread(cause) => {
            writer.text(Tone::Warning, &format!("unread: {}", words(cause)));
        }
    }
}

/// Writes an exemption. `covers` are the policies of the catalogue that it covers, `servers` on how many servers of the
/// scan, where that was counted.
pub fn write(
    writer: &mut Writer,
    exemption: &AzureExemption,
    covers: Fact<&[&'static Policy]>,
    servers: Option<usize>,
    zone: &TimeZone,
) {
    let (sign, word, tone) = match (exemption.expired, &exemption.expires) {
        (Some(true), _) => ("x", "EXPIRED", Tone::Warning),
        (Some(false), Fact::Absent) => ("+", "no end", Tone::Plain),
        (Some(false), _) => ("+", "in force", Tone::Plain),
        (None, _) => ("?", "end unclear", Tone::Warning),
    };
    let state = format!("{sign} {word:<8}  ");
    let width = state.len();
    let name = exemption.display_name.as_ref().unwrap_or(&exemption.name);
    writer.item(vec![Span::Text(state, tone)], width, Tone::Heading, name);
    let mut row = |label, tone, text: &str| writer.labelled(2, label, tone, text);
    let category = exemption.category.as_deref();
    row("category", Tone::Plain, category.unwrap_or("not told"));
    match &exemption.expires {
        Fact::Known(end) => row("until", tone, &moment(*end, zone)),
        Fact::Absent => row("until", Tone::Plain, "it has no end"),
        Fact::Unread(cause) => row("until", Tone::Warning, &words(cause)),
    }
    row("on", Tone::Plain, &exemption.scope);
    if let Some(servers) = servers {
        let words = crate::app::counted(servers, "server");
        row("", Tone::Muted, &format!("{words} of this scan"));
    }
    let assignment = exemption.assignment.as_deref();
    let mut from = assignment
        .and_then(|id| id.rsplit('/').next())
        .unwrap_or("an assignment that is not told")
        .to_owned();
    if !exemption.references.is_empty() {
        from += &format!(", only {}", exemption.references.join(", "));
    }
    row("from", Tone::Code, &from);
    match covers {
        Fact::Known([]) => row(
            "covers",
            Tone::Muted,
            "no policy of this catalogue, as far as states show",
        ),
        Fact::Known(policies) => {
            for (place, policy) in policies.iter().enumerate() {
                row(
                    if place == 0 { "covers" } else { "" },
                    Tone::Plain,
                    &policy.name,
                );
            }
        }
        Fact::Absent => row("covers", Tone::Muted, "not known"),
        Fact::Unread(cause) => row(
            "covers",
            Tone::Warning,
            &format!("unread: {}", words(&cause)),
        ),
    }
}

fn words(cause: &Cause) -> String {
    neutral(&cause.to_string()).into_owned()
}
