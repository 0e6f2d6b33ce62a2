//! The tab Fix: what would make the finding hold, what that breaks, and the way back.

use crate::app::{DetailState, ServerScreen};
use crate::documents::text::neutral;
use crate::posture::{Command, Fix, Undo, Verdict};

use super::{Span, Tone, Writer, detail_is_there};

pub(super) fn write(writer: &mut Writer, screen: &ServerScreen) {
    if !detail_is_there(writer, screen) {
        return;
    }
    let fixes = screen.fixes();
    if fixes.is_empty() {
        return writer.text(Tone::Muted, nothing(screen));
    }
    writer.text(
        Tone::Muted,
        "Commands of the Azure CLI with the names of this server. They are shown and never run; y x copies them.",
    );
    for fix in fixes {
        write_fix(writer, fix);
    }
}

/// Why there is nothing to fix.
fn nothing(screen: &ServerScreen) -> &'static str {
    let DetailState::Loaded(_) = &screen.detail else {
        return "";
    };
    match screen.finding().map(|finding| &finding.verdict) {
        Some(Verdict::Unknown(_)) => {
            "What is not known has no fix: the tab Finding says what keeps it from being read."
        }
        Some(Verdict::Manual) => "A person decides here; the tab Guidance says about what.",
        Some(Verdict::Unsupported) => {
            "The service does not offer this; the tab Guidance says what serves instead."
        }
        _ => "Nothing is to be fixed here.",
    }
}

fn write_fix(writer: &mut Writer, fix: &Fix) {
    writer.blank();
    if fix.alternative {
        writer.text(Tone::Muted, "Or instead:");
    }
    writer.text(Tone::Heading, &neutral(&fix.title));
    writer.labelled(2, "answers", Tone::Code, &fix.conditions.join(", "));
    for first in &fix.first {
        writer.labelled(2, "first", Tone::Plain, &neutral(first));
    }
    commands(writer, "run", &fix.commands);
    if fix.restarts {
        writer.labelled(2, "restart", Tone::Warning, "the server restarts");
    }
    if let Some(breaks) = &fix.breaks {
        writer.labelled(2, "careful", Tone::Warning, &neutral(breaks));
    }
    match &fix.undo {
        Undo::Commands {
            commands: back,
            note,
        } => {
            commands(writer, "undo", back);
            if let Some(note) = note {
                writer.labelled(2, "", Tone::Plain, &neutral(note));
            }
        }
        Undo::None(why) | Undo::Unread(why) => {
            if !fix.commands.is_empty() {
                writer.labelled(2, "undo", Tone::Plain, &neutral(why));
            }
        }
    }
    writer.labelled(2, "portal", Tone::Plain, &neutral(&fix.portal));
}

fn commands(writer: &mut Writer, label: &str, commands: &[Command]) {
    for (place, command) in commands.iter().enumerate() {
        let label = if place == 0 { label } else { "" };
        writer.labelled(2, label, Tone::Code, &command.to_string());
        if let Some(note) = command.note {
            let before = vec![Span::Text(" ".repeat(12), Tone::Plain)];
            writer.item(before, 12, Tone::Muted, note);
        }
    }
}
