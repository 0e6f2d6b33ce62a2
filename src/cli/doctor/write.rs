//! What was found, as JSON and as text.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::json;

use crate::documents::text::neutral;
use crate::report::{DocumentKind, write_document};

use super::{Report, Section, Step};

/// Writes JSON.
pub fn json(report: &Report, more: &[Section], out: &mut dyn Write) -> anyhow::Result<()> {
    let mut value = serde_json::to_value(report)?;
    if let Some(members) = value.as_object_mut() {
        for section in more {
            let mut facts: BTreeMap<&str, String> = BTreeMap::new();
            for (name, fact) in &section.facts {
                let told = facts.entry(name).or_default();
                if !told.is_empty() {
                    told.push('\n');
                }
                told.push_str(&neutral(fact));
            }
            members.insert(section.title.to_owned(), json!(facts));
        }
    }
    write_document(&mut &mut *out, DocumentKind::Doctor, &value)?;
    Ok(())
}

/// Writes text.
pub fn text(report: &Report, more: &[Section], out: &mut dyn Write) -> io::Result<()> {
    let cloud = &report.cloud;
    writeln!(out, "cloud")?;
    writeln!(out, "  name       {}", cloud.name)?;
    writeln!(out, "  endpoint   {}", cloud.endpoint)?;
    if let Some(authority) = &cloud.authority {
        writeln!(out, "  authority  {authority}")?;
    }
    writeln!(out, "  scope      {}", cloud.scope)?;
    writeln!(out, "credentials")?;
    for credential in &report.credentials {
        let outcome = match credential.outcome {
            "not-set-up" => "not set up",
            outcome => outcome,
        };
        write!(out, "  {:<17}  {outcome}", credential.title)?;
        match &credential.reason {
            Some(reason) => writeln!(out, ": {reason}")?,
            None => writeln!(out)?,
        }
    }
    for hint in &report.hints {
        writeln!(out, "  note: {hint}")?;
    }
    let token = match (&report.token.reason, report.token.expires_in_minutes) {
        (Some(_), _) => says(&report.token),
        (None, Some(minutes)) => format!("received, good for {minutes} minutes"),
        (None, None) => "given in FLEXPOSTURE_TOKEN".to_owned(),
    };
    writeln!(out, "token\n  {token}")?;
    let answer = match report.resource_manager.subscriptions {
        Some(0) => "answers, but no subscription is visible: ask for the role Reader".to_owned(),
        Some(1) => "answers, 1 subscription visible".to_owned(),
        Some(count) => format!("answers, {count} subscriptions visible"),
        None => says(&report.resource_manager),
    };
    writeln!(out, "Azure Resource Manager\n  {answer}")?;
    if let Some(ahead) = report.clock_ahead_seconds {
        writeln!(out, "clock\n  {}", clock(ahead))?;
    }
    let lines = report.roles.lines();
    if !lines.is_empty() {
        writeln!(out, "roles")?;
    }
    for line in lines {
        writeln!(out, "  {line}")?;
    }
    for section in more {
        writeln!(out, "{}", section.title)?;
        let width = section
            .facts
            .iter()
            .map(|(name, _)| name.chars().count())
            .max()
            .unwrap_or_default();
        for (name, fact) in &section.facts {
            writeln!(out, "  {name:<width$}  {fact}")?;
        }
    }
    Ok(())
}

/// How far apart the clocks are. Tokens are refused from five minutes on (Microsoft Entra's tolerance of `nbf` and `exp`).
fn clock(ahead: i64) -> String {
    match ahead {
        -2..=2 => "agrees with Azure's".to_owned(),
        3.. => format!("{ahead} s behind Azure's{}", refused(ahead)),
        _ => format!("{} s ahead of Azure's{}", -ahead, refused(ahead)),
    }
}

fn refused(ahead: i64) -> &'static str {
    if ahead.unsigned_abs() < 300 {
        ""
    } else {
        ": set it, or tokens are refused and what is judged by time is wrong"
    }
}

fn says(step: &Step) -> String {
    let what = match step.status {
        "not-asked" => "not asked",
        status => status,
    };
    match &step.reason {
        Some(reason) => format!("{what}: {reason}"),
        None => what.to_owned(),
    }
}
