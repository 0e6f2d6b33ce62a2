//! The tab Finding: what was judged, what was seen, and where.

use jiff::Timestamp;

use crate::app::{ServerScreen, age};
use crate::documents::text::neutral;
use crate::documents::{Cause, Fact};
use crate::posture::{Condition, Evidence, Finding, Judgement, Verdict, VerdictWord};

use super::{Span, Tone, Writer, detail_is_there};

pub(super) fn write(writer: &mut Writer, screen: &ServerScreen, now: Option<Timestamp>) {
    if !detail_is_there(writer, screen) {
        return;
    }
    let Some(finding) = screen.finding() else {
        writer.text(Tone::Muted, "nothing was judged here");
        return;
    };
    reason(writer, finding);
    for condition in &finding.conditions {
        writer.blank();
        write_condition(writer, condition, &finding.verdict);
    }
    if !finding.notes.is_empty() {
        writer.blank();
    }
    for note in &finding.notes {
        writer.text(Tone::Plain, &neutral(note));
    }
    sources(writer, finding, now);
    if let crate::app::DetailState::Loaded(detail) = &screen.detail
        && let Fact::Known(state) = detail.documents.state()
        && !state.eq_ignore_ascii_case("ready")
    {
        writer.blank();
        let state = neutral(&state);
        writer.text(
            Tone::Warning,
            &format!(
                "Azure reports the server as {state}: reads that need a running server stay open."
            ),
        );
    }
}

/// Why the verdict is what it is, where the conditions alone do not say it.
fn reason(writer: &mut Writer, finding: &Finding) {
    match &finding.verdict {
        Verdict::Unknown(cause) => {
            writer.text(Tone::Warning, &format!("Not known: {}.", in_words(cause)));
        }
        Verdict::NotApplicable(why) => {
            writer.text(Tone::Plain, &format!("Not applicable: {}", neutral(why)));
        }
        Verdict::Platform => writer.text(
            Tone::Plain,
            "Microsoft's part: on by default, nothing to configure.",
        ),
        Verdict::Unsupported => writer.text(
            Tone::Plain,
            "The baseline says that the service does not offer this.",
        ),
        Verdict::Manual if finding.conditions.is_empty() => {
            writer.text(Tone::Plain, "Only a person can decide this.");
        }
        Verdict::Waived(until) => writer.text(
            Tone::Plain,
            &format!(
                "Exempt until {until}: everything that is open here is covered by an exemption."
            ),
        ),
        Verdict::Manual | Verdict::Pass | Verdict::Fail => {}
    }
}

fn write_condition(writer: &mut Writer, condition: &Condition, verdict: &Verdict) {
    let word = match condition.judgement {
        Judgement::Met => VerdictWord::Pass,
        Judgement::Unmet => VerdictWord::Fail,
        Judgement::Unread(_) => VerdictWord::Unknown,
        Judgement::Manual(_) => VerdictWord::Manual,
        Judgement::NotApplicable(_) => VerdictWord::NotApplicable,
    };
    writer.push(vec![
        Span::Symbol(word),
        Span::Text(" ".to_owned(), Tone::Plain),
        Span::Text(
            condition.severity.letter().to_owned(),
            Tone::Severity(condition.severity),
        ),
        Span::Text(format!(" {}", condition.id), Tone::Code),
        Span::Text(
            format!("  {}", judgement(&condition.judgement)),
            Tone::Verdict(word),
        ),
        Span::Text(
            if condition.decides() {
                String::new()
            } else {
                "  (informs)".to_owned()
            },
            Tone::Muted,
        ),
    ]);
    let indent = |writer: &mut Writer, tone, text: &str| {
        writer.item(
            vec![Span::Text("    ".to_owned(), Tone::Plain)],
            4,
            tone,
            text,
        );
    };
    indent(writer, Tone::Plain, condition.statement);
    match &condition.judgement {
        // The cause that hides the verdict stands above already.
        Judgement::Unread(cause) if *verdict == Verdict::Unknown(cause.clone()) => {}
        Judgement::Unread(cause) => indent(writer, Tone::Warning, &in_words(cause)),
        Judgement::Manual(text) | Judgement::NotApplicable(text) => {
            indent(writer, Tone::Muted, &neutral(text));
        }
        Judgement::Met | Judgement::Unmet => {}
    }
    let unread = match &condition.judgement {
        Judgement::Unread(cause) => Some(in_words(cause)),
        _ => None,
    };
    for evidence in &condition.evidence {
        if unread.as_ref() != Some(&evidence.observed) {
            writer.labelled(4, "seen", Tone::Code, &evidence.observed);
        }
        writer.labelled(4, "expected", Tone::Code, &neutral(&evidence.expected));
    }
    if let Some(waiver) = &condition.waiver {
        let ticket = waiver
            .ticket
            .as_ref()
            .map_or_else(String::new, |ticket| format!(" ({ticket})"));
        let words = format!(
            "until {} by {}: {}{ticket}",
            waiver.until, waiver.owner, waiver.reason
        );
        writer.labelled(4, "waived", Tone::Plain, &neutral(&words));
    }
    if let Some(note) = &condition.note {
        writer.labelled(4, "note", Tone::Plain, &neutral(note));
    }
}

const fn judgement(judgement: &Judgement) -> &'static str {
    match judgement {
        Judgement::Met => "met",
        Judgement::Unmet => "not met",
        Judgement::Unread(_) => "unread",
        Judgement::Manual(_) => "for a person",
        Judgement::NotApplicable(_) => "not applicable",
    }
}

/// A cause in words; what of it came from Azure is neutralised.
fn in_words(cause: &Cause) -> String {
    neutral(&cause.to_string()).into_owned()
}

/// Where it was read: every place once, by document.
fn sources(writer: &mut Writer, finding: &Finding, now: Option<Timestamp>) {
    let mut seen: Vec<&Evidence> = Vec::new();
    for condition in &finding.conditions {
        for evidence in &condition.evidence {
            let known = seen.iter().any(|other| {
                (other.document, &other.pointer) == (evidence.document, &evidence.pointer)
            });
            if !known {
                seen.push(evidence);
            }
        }
    }
    seen.sort_by_key(|evidence| evidence.document);
    if seen.is_empty() {
        return;
    }
    writer.heading("read from");
    let mut document = None;
    for evidence in seen {
        if document != Some(evidence.document) {
            document = Some(evidence.document);
            if evidence.method.is_empty() {
                let title = evidence.document.title();
                writer.text(
                    Tone::Muted,
                    &format!("{title}: this scan did not ask for it"),
                );
            } else {
                writer.item(
                    vec![Span::Text(format!("{} ", evidence.method), Tone::Label)],
                    evidence.method.len() + 1,
                    Tone::Code,
                    &evidence.path,
                );
                let age = match (now, evidence.fetched_at) {
                    (Some(now), Some(then)) => format!(", {} old", age(now, then)),
                    _ => String::new(),
                };
                let version = &evidence.api_version;
                writer.labelled(2, "api", Tone::Muted, &format!("{version}{age}"));
            }
        }
        writer.labelled(2, "at", Tone::Code, &neutral(&evidence.pointer));
    }
}
