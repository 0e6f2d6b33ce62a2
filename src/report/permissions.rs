//! Which permissions would turn what is unknown into answers, as a record and as text.

use std::io::{self, Write};

use serde::Serialize;

use crate::posture::permissions::{
    LeftOut, MissingAction, OtherCause, PermissionReport, Role, advice, is_tenant_level,
};

/// What `permissions --json` writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PermissionsRecord {
    /// How many servers were looked at.
    pub servers: usize,
    /// Actions that Azure refused.
    pub denied: Vec<MissingActionRecord>,
    /// Actions that are possibly missing: an answer that leaves out what the caller may not see was empty.
    pub possibly_missing: Vec<MissingActionRecord>,
    /// What is no matter of permission.
    pub other_causes: Vec<OtherCauseRecord>,
    /// The smallest role that holds what is missing and what possibly is; `None` where there is nothing to grant.
    pub role: Option<Role>,
    /// What cannot be in the role, and why.
    pub not_in_role: Vec<LeftOut>,
}

/// An action that is missing, or possibly is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingActionRecord {
    /// The action.
    pub action: String,
    /// Whether it is on the tenant and not on anything in a subscription.
    pub tenant_level: bool,
    /// How many different things it is missing on.
    pub things: usize,
    /// On how many servers something is unread for want of it.
    pub servers: usize,
    /// How many subscriptions it is missing in.
    pub subscriptions: usize,
    /// The same, place by place.
    pub places: Vec<PlaceRecord>,
    /// The features that it would answer, or help to answer: the short names.
    pub features: Vec<&'static str>,
    /// The conditions that it would answer, or help to answer.
    pub conditions: Vec<&'static str>,
    /// How many of those are open, over all servers.
    pub open_conditions: usize,
    /// The first server.
    pub example_server: String,
    /// What the action is asked on there.
    pub example_scope: String,
    /// What was to be read there.
    pub example_document: &'static str,
}

/// Where an action is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlaceRecord {
    /// The subscription; `None` where the scope lies in none.
    pub subscription: Option<String>,
    /// How many different things there.
    pub things: usize,
    /// How many servers need it there.
    pub servers: usize,
}

/// What is unknown for a cause that is no matter of permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OtherCauseRecord {
    /// The cause in one word.
    pub cause: &'static str,
    /// The cause in a few words.
    pub words: &'static str,
    /// What to do about it.
    pub advice: &'static str,
    /// On how many servers.
    pub servers: usize,
    /// In which features: the short names.
    pub features: Vec<&'static str>,
    /// Which conditions.
    pub conditions: Vec<&'static str>,
    /// How many of those are open, over all servers.
    pub open_conditions: usize,
    /// The first server.
    pub example_server: Option<String>,
}

impl PermissionsRecord {
    /// The record of a report.
    #[must_use]
    pub fn new(report: &PermissionReport) -> Self {
        let proposal = report.role();
        let actions =
            |missing: &[MissingAction]| missing.iter().map(MissingActionRecord::new).collect();
        Self {
            servers: report.servers,
            denied: actions(&report.denied),
            possibly_missing: actions(&report.possibly),
            other_causes: report.others.iter().map(OtherCauseRecord::new).collect(),
            role: proposal.role,
            not_in_role: proposal.left_out,
        }
    }
}

impl MissingActionRecord {
    fn new(missing: &MissingAction) -> Self {
        Self {
            action: missing.action.clone(),
            tenant_level: is_tenant_level(&missing.action),
            things: missing.things(),
            servers: missing.servers,
            subscriptions: missing.subscriptions(),
            places: missing
                .places
                .iter()
                .map(|place| PlaceRecord {
                    subscription: place.subscription.clone(),
                    things: place.things,
                    servers: place.servers,
                })
                .collect(),
            features: missing.features.iter().map(|it| it.slug()).collect(),
            conditions: missing.conditions.iter().copied().collect(),
            open_conditions: missing.open_conditions,
            example_server: missing.example.server.clone(),
            example_scope: missing.example.scope.clone(),
            example_document: missing.example.document,
        }
    }

    fn write_text(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "  {}", self.action)?;
        let place = if self.tenant_level {
            "on the tenant".to_owned()
        } else {
            format!("in {}", counted(self.subscriptions, "subscription"))
        };
        writeln!(
            out,
            "    on {} {place}, for {}",
            counted(self.things, "thing"),
            counted(self.servers, "server")
        )?;
        if self.conditions.is_empty() {
            writeln!(out, "    no condition waits for it")?;
        } else {
            writeln!(
                out,
                "    would answer, or help to answer, {}: {}",
                counted(self.open_conditions, "open condition"),
                self.conditions.join(", ")
            )?;
        }
        let what = match self.example_document {
            "" => String::new(),
            document => format!("{document}, on "),
        };
        writeln!(out, "    for example {what}{}", self.example_scope)
    }
}

impl OtherCauseRecord {
    fn new(other: &OtherCause) -> Self {
        Self {
            cause: other.kind.word(),
            words: other.kind.short(),
            advice: advice(other.kind),
            servers: other.servers,
            features: other.features.iter().map(|it| it.slug()).collect(),
            conditions: other.conditions.iter().copied().collect(),
            open_conditions: other.open_conditions,
            example_server: other.example.clone(),
        }
    }
}

/// Writes a report as text; the role stands in it as a file for the Azure CLI.
///
/// # Errors
/// When `out` refuses, or when the role cannot be written as JSON.
pub fn write_permissions(out: &mut impl Write, record: &PermissionsRecord) -> io::Result<()> {
    writeln!(out, "{} looked at", counted(record.servers, "server"))?;
    writeln!(out, "\nDenied: Azure refused a read")?;
    if record.denied.is_empty() {
        writeln!(out, "  nothing")?;
    }
    for missing in &record.denied {
        missing.write_text(out)?;
    }
    writeln!(
        out,
        "\nPossibly missing: an answer that leaves out what you may not see showed nothing"
    )?;
    if record.possibly_missing.is_empty() {
        writeln!(out, "  nothing")?;
    }
    for missing in &record.possibly_missing {
        missing.write_text(out)?;
    }
    let vaults = record
        .possibly_missing
        .iter()
        .any(|missing| missing.action.starts_with("Microsoft.KeyVault/"));
    if vaults {
        writeln!(
            out,
            "  A key names its vault and not where it lies: it may be in another subscription than the server."
        )?;
    }
    writeln!(out, "\nNot a matter of permission")?;
    if record.other_causes.is_empty() {
        writeln!(out, "  nothing")?;
    }
    for other in &record.other_causes {
        writeln!(
            out,
            "  {:13} {}: {}, {}; {}",
            other.cause,
            other.words,
            counted(other.servers, "server"),
            counted(other.open_conditions, "open condition"),
            other.advice
        )?;
    }
    if let Some(role) = &record.role {
        writeln!(
            out,
            "\nThe smallest role that grants all of it; `--role` writes it alone, for `az role definition create \
             --role-definition @FILE`"
        )?;
        writeln!(out, "{}", serde_json::to_string_pretty(role)?)?;
    }
    write_left_out(out, &record.not_in_role)
}

/// Writes what cannot be in a role.
///
/// # Errors
/// When `out` refuses.
pub fn write_left_out(out: &mut impl Write, left_out: &[LeftOut]) -> io::Result<()> {
    for one in left_out {
        writeln!(out, "Not in the role: {}: {}", one.action, one.why)?;
    }
    Ok(())
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
