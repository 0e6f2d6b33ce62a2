//! Which permissions would turn what is unknown into answers, and the role that grants them.

use crate::app::page::Writer;
use crate::app::{Span, State, Tone, counted};
use crate::documents::text::neutral;
use crate::posture::permissions::{MissingAction, OtherCause, advice, is_tenant_level};

pub(super) fn write(writer: &mut Writer, state: &State) {
    let Some(reports) = super::reports(writer, state) else {
        return;
    };
    let report = &reports.permissions;
    if reports.role.is_some() {
        writer.text(
            Tone::Muted,
            "The smallest role that grants what a role can grant stands at the end; y r copies it.",
        );
    }
    section(
        writer,
        "Denied: Azure refused a read",
        "x ",
        Tone::Warning,
        &report.denied,
    );
    section(
        writer,
        "Possibly missing: an answer that leaves out what you may not see showed nothing",
        "? ",
        Tone::Plain,
        &report.possibly,
    );
    let vault = |missing: &MissingAction| missing.action.starts_with("Microsoft.KeyVault/");
    if report.possibly.iter().any(vault) {
        writer.text(
            Tone::Muted,
            "A key names its vault and not where it lies: it may be in another subscription than the server.",
        );
    }
    writer.heading("Not a matter of permission");
    if report.others.is_empty() {
        writer.text(Tone::Muted, "nothing");
    }
    for cause in &report.others {
        other(writer, cause);
    }
    writer.heading("The smallest role that grants what a role can grant");
    for left_out in &reports.not_in_role {
        let words = format!("Not in the role: {}: {}", left_out.action, left_out.why);
        writer.text(Tone::Warning, &neutral(&words));
    }
    match &reports.role {
        None => writer.text(Tone::Muted, "there is nothing to grant"),
        Some(role) => {
            writer.text(
                Tone::Muted,
                "A file for az role definition create --role-definition @FILE. Nothing is created here.",
            );
            for line in role.lines() {
                let indent = line.len() - line.trim_start().len();
                let before = vec![Span::Text(" ".repeat(indent), Tone::Plain)];
                writer.item(before, indent, Tone::Code, &neutral(line.trim_start()));
            }
        }
    }
}

fn section(writer: &mut Writer, title: &str, sign: &str, tone: Tone, actions: &[MissingAction]) {
    writer.heading(title);
    if actions.is_empty() {
        writer.text(Tone::Muted, "nothing");
    }
    for missing in actions {
        let before = vec![Span::Text(sign.to_owned(), tone)];
        writer.item(before, sign.len(), Tone::Code, &missing.action);
        action(writer, missing);
    }
}

fn action(writer: &mut Writer, missing: &MissingAction) {
    let place = if is_tenant_level(&missing.action) {
        "on the tenant".to_owned()
    } else {
        format!("in {}", counted(missing.subscriptions(), "subscription"))
    };
    let on = format!(
        "{} {place}, for {}",
        counted(missing.things(), "thing"),
        counted(missing.servers, "server")
    );
    writer.labelled(2, "on", Tone::Plain, &on);
    if missing.conditions.is_empty() {
        writer.labelled(2, "answers", Tone::Muted, "no condition waits for it");
    } else {
        let conditions: Vec<&str> = missing.conditions.iter().copied().collect();
        let open = counted(missing.open_conditions, "open condition");
        let words = format!("{open}, in whole or in part: {}", conditions.join(", "));
        writer.labelled(2, "answers", Tone::Plain, &words);
    }
    let example = &missing.example;
    let what = match example.document {
        "" => String::new(),
        document => format!("{document}, on "),
    };
    let words = format!("{what}{}", example.scope);
    writer.labelled(2, "example", Tone::Muted, &neutral(&words));
}

fn other(writer: &mut Writer, other: &OtherCause) {
    let before = vec![Span::Text("- ".to_owned(), Tone::Muted)];
    let words = format!(
        "{}: {}, {}",
        other.kind.short(),
        counted(other.servers, "server"),
        counted(other.open_conditions, "open condition")
    );
    writer.item(before, 2, Tone::Plain, &words);
    writer.labelled(2, "do", Tone::Plain, advice(other.kind));
}
