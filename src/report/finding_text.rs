//! The findings of a server as text.

use std::io::{self, Write};

use crate::baseline::catalogue;
use crate::documents::ServerDocuments;
use crate::documents::text::neutral;
use crate::posture::{Command, Finding, Fix, Undo};

use super::findings::{FindingRecord, Judged};

/// Writes the findings of one server as text, with the evidence of every condition.
///
/// # Errors
/// When `out` refuses.
pub fn write_text(
    out: &mut impl Write,
    documents: &ServerDocuments,
    findings: &[Finding],
    judged: Judged<'_>,
) -> io::Result<()> {
    let id = documents.id();
    writeln!(out, "{}", neutral(id.name()))?;
    writeln!(out, "  {}", neutral(id.as_str()))?;
    let mut control = "";
    for finding in findings {
        let record = FindingRecord::new(documents, finding, judged);
        if record.control != control {
            control = record.control;
            let title = catalogue()
                .control(control)
                .map_or("", |control| control.title.as_str());
            writeln!(out, "\n  {control} {title}")?;
        }
        write!(out, "    {:13} {}", record.verdict, record.feature)?;
        if let Some(severity) = record.severity {
            write!(out, " ({severity})")?;
        }
        if let Some(verdict) = record.without_exemptions {
            write!(out, ", {verdict} without exemptions")?;
        }
        writeln!(out)?;
        if let Some(reason) = &record.reason {
            writeln!(out, "                  {reason}")?;
        }
        for condition in &record.conditions {
            let informs = if condition.decides {
                ""
            } else {
                ", informs only"
            };
            writeln!(
                out,
                "      {:13} {} [{}{informs}]: {}",
                condition.outcome, condition.id, condition.severity, condition.statement
            )?;
            if let Some(waiver) = &condition.waiver {
                writeln!(out, "                    Waived {waiver}")?;
            }
            for evidence in condition.evidence {
                writeln!(
                    out,
                    "                    saw {}; expected {}",
                    evidence.observed, evidence.expected
                )?;
                if !evidence.path.is_empty() {
                    writeln!(
                        out,
                        "                    {} {} {} (api-version {})",
                        evidence.method, evidence.path, evidence.pointer, evidence.api_version
                    )?;
                }
            }
            if let Some(note) = condition.note {
                writeln!(out, "                    note: {note}")?;
            }
        }
        for note in record.notes {
            writeln!(out, "                  {note}")?;
        }
        for fix in &record.fixes {
            write_fix(out, fix)?;
        }
        record.policies.write_text(out)?;
        if let Some(exemptions) = &record.azure_exemptions {
            exemptions.write_text(out)?;
        }
    }
    Ok(())
}

/// Writes a fix: what it does, what goes before, the commands, what breaks, and the way back.
fn write_fix(out: &mut impl Write, fix: &Fix) -> io::Result<()> {
    const BELOW: &str = "                    ";
    let instead = if fix.alternative { "or instead: " } else { "" };
    writeln!(out, "      fix           {instead}{}", neutral(&fix.title))?;
    for first in &fix.first {
        writeln!(out, "{BELOW}first: {}", neutral(first))?;
    }
    write_commands(out, "", &fix.commands)?;
    if fix.restarts {
        writeln!(out, "{BELOW}the server restarts")?;
    }
    if let Some(breaks) = &fix.breaks {
        writeln!(out, "{BELOW}careful: {}", neutral(breaks))?;
    }
    match &fix.undo {
        Undo::Commands { commands, note } => {
            write_commands(out, "undo: ", commands)?;
            if let Some(note) = note {
                writeln!(out, "{BELOW}{}", neutral(note))?;
            }
        }
        Undo::None(why) | Undo::Unread(why) if !fix.commands.is_empty() => {
            writeln!(out, "{BELOW}undo: {}", neutral(why))?;
        }
        Undo::None(_) | Undo::Unread(_) => {}
    }
    writeln!(out, "{BELOW}portal: {}", neutral(&fix.portal))
}

fn write_commands(out: &mut impl Write, before: &str, commands: &[Command]) -> io::Result<()> {
    for command in commands {
        writeln!(out, "                    {before}{command}")?;
        if let Some(note) = command.note {
            writeln!(out, "                      {note}")?;
        }
    }
    Ok(())
}
