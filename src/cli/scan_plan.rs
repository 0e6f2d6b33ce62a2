//! `flexposture scan --plan`: what a scan would read, how long that takes at least, and what it needs.

use std::io::{self, Write};

use serde_json::json;

use crate::documents::text::neutral;
use crate::report::{DocumentKind, write_document};
use crate::scan::{Bounds, LookAhead};

/// Writes what a scan would read.
///
/// # Errors
/// When `out` refuses.
pub fn write(plan: &LookAhead, out: &mut impl Write) -> io::Result<()> {
    let estimate = &plan.estimate;
    for part in estimate
        .reads
        .chunk_by(|one, other| one.subscription == other.subscription)
    {
        let mut sum = Bounds::default();
        for read in part {
            sum.least += read.requests.least;
            sum.most += read.requests.most;
        }
        let place = match part.first().and_then(|it| it.subscription.as_deref()) {
            None => "Tenant and Resource Graph".to_owned(),
            Some(id) => {
                let mut all = plan.subscriptions.iter();
                let known = all.find(|it| it.id.eq_ignore_ascii_case(id));
                known.map_or_else(
                    || id.to_owned(),
                    |it| format!("{} ({id})", neutral(&it.name)),
                )
            }
        };
        writeln!(out, "{place}")?;
        for read in part {
            writeln!(out, "  {:40} {:>12}", read.what, words(read.requests))?;
        }
        writeln!(out, "  {:40} {:>12}", "together", words(sum))?;
    }
    writeln!(
        out,
        "\n{} servers, {} requests, with one page for each list and one try for each read",
        estimate.servers,
        words(estimate.requests)
    )?;
    writeln!(
        out,
        "at least {:.0} s, at Azure's documented limit of 250 reads and 25 more a second for a subscription, and {} ms an answer",
        plan.least_time.as_secs_f64().ceil(),
        plan.latency.as_millis()
    )?;
    if !estimate.not_read.is_empty() {
        writeln!(out, "\nNot read")?;
    }
    for it in &estimate.not_read {
        writeln!(
            out,
            "  {:40} {:>6} servers: {}",
            it.what, it.servers, it.why
        )?;
    }
    writeln!(out, "\nActions that this needs")?;
    for action in &estimate.actions {
        writeln!(out, "  {action}")?;
    }
    for action in &estimate.tenant_actions {
        writeln!(out, "  {action} (on the tenant)")?;
    }
    for note in &plan.notes {
        writeln!(out, "note: {}", neutral(note))?;
    }
    Ok(())
}

/// The same as JSON.
///
/// # Errors
/// When `out` refuses.
pub fn write_json(plan: &LookAhead, scope: &str, out: &mut impl Write) -> io::Result<()> {
    let body = json!({
        "scope": scope,
        "subscriptions": plan.subscriptions,
        "latency_ms": u64::try_from(plan.latency.as_millis()).unwrap_or(u64::MAX),
        "least_seconds": plan.least_time.as_secs_f64().ceil(),
        "notes": plan.notes,
        "plan": plan.estimate,
    });
    write_document(out, DocumentKind::Plan, &body)
}

fn words(requests: Bounds) -> String {
    if requests.least == requests.most {
        requests.least.to_string()
    } else {
        format!("{} to {}", requests.least, requests.most)
    }
}
