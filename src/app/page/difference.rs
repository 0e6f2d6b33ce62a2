//! A change between two scans in full: both findings' conditions and what was seen of each, before and now.

use crate::app::FindingPair;
use crate::baseline::{FeatureId, catalogue};
use crate::documents::text::neutral;
use crate::posture::difference::{
    Change, ComparedServer, ConditionDifference, condition_differences,
};
use crate::posture::{Cell, Condition, Finding, Judgement, VerdictWord};

use super::history::word_of;
use super::{PageLine, Span, Tone, Writer};

/// What is known of the two findings.
pub(in crate::app) enum Findings<'a> {
    /// They are being read.
    Loading,
    /// They were read.
    Loaded(&'a FindingPair),
    /// They could not be read, and why.
    Failed(&'a str),
}

/// A change in full, for a pane of this width.
pub(in crate::app) fn change_page(
    width: u16,
    server: &ComparedServer,
    change: &Change,
    findings: &Findings<'_>,
) -> Vec<PageLine> {
    let mut writer = Writer::new(width);
    let feature = catalogue().feature(change.feature);
    writer.text(Tone::Heading, &server.name);
    writer.text(
        Tone::Plain,
        &format!("{} {}", feature.control, feature.name),
    );
    let mut spans = vec![Span::Text(
        format!("{}: ", change.kind.title()),
        Tone::Label,
    )];
    spans.extend(verdict(change.before));
    spans.push(Span::Text(" to ".to_owned(), Tone::Muted));
    spans.extend(verdict(change.after));
    writer.push(spans);
    writer.blank();
    match findings {
        Findings::Loading => writer.text(Tone::Muted, "reading both scans ..."),
        Findings::Failed(why) => {
            writer.text(Tone::Warning, "the documents could not be read");
            writer.text(Tone::Plain, why);
        }
        Findings::Loaded(pair) => {
            let of = |all: &Option<Vec<Finding>>| -> Option<usize> {
                let all = all.as_ref()?;
                all.iter().position(|it| it.feature == change.feature)
            };
            match (
                of(&pair.before).and_then(|at| pair.before.as_ref()?.get(at)),
                of(&pair.after).and_then(|at| pair.after.as_ref()?.get(at)),
            ) {
                (Some(before), Some(after)) => both(&mut writer, change.feature, before, after),
                _ => writer.text(Tone::Warning, "one of the scans no longer holds the server"),
            }
        }
    }
    writer.lines
}

fn verdict(cell: Cell) -> Vec<Span> {
    let severity = cell
        .severity
        .map_or_else(String::new, |it| format!(" {it}"));
    let cause = match (cell.verdict, cell.cause) {
        (VerdictWord::Unknown, Some(cause)) => format!(" ({})", cause.short()),
        _ => String::new(),
    };
    vec![
        Span::Symbol(cell.verdict),
        Span::Text(
            format!(" {}{severity}{cause}", word_of(cell.verdict)),
            Tone::Verdict(cell.verdict),
        ),
    ]
}

fn both(writer: &mut Writer, feature: FeatureId, before: &Finding, after: &Finding) {
    let differences = condition_differences(before, after);
    if differences.is_empty() {
        writer.text(
            Tone::Plain,
            "No condition and no value that was seen differs: what differs is how they are put together.",
        );
    }
    for difference in &differences {
        write_head(writer, difference, 0);
        writer.item(
            vec![Span::Text("  ".to_owned(), Tone::Plain)],
            2,
            Tone::Plain,
            difference.statement,
        );
        write_values(writer, difference, 0);
        writer.blank();
    }
    let same: Vec<&Condition> = after
        .conditions
        .iter()
        .filter(|it| !differences.iter().any(|other| other.id == it.id))
        .collect();
    if !same.is_empty() {
        writer.heading("as before");
        for condition in same {
            let word = judged(&condition.judgement);
            writer.push(vec![
                Span::Symbol(word),
                Span::Text(format!(" {}", condition.id), Tone::Code),
                Span::Text(
                    format!("  {}", words(&condition.judgement)),
                    Tone::Verdict(word),
                ),
            ]);
        }
    }
    if after.conditions.is_empty() && before.conditions.is_empty() {
        let name = &catalogue().feature(feature).name;
        writer.text(Tone::Muted, &format!("No condition judges {name}."));
    }
}

/// A condition that differs: what it came to and what was seen, before and now.
pub(super) fn write_condition(
    writer: &mut Writer,
    difference: &ConditionDifference,
    indent: usize,
) {
    write_head(writer, difference, indent);
    write_values(writer, difference, indent);
}

fn write_head(writer: &mut Writer, difference: &ConditionDifference, indent: usize) {
    let space = || Span::Text(" ".repeat(indent), Tone::Plain);
    let word = difference.after.as_ref().or(difference.before.as_ref());
    let symbol = word.map_or(VerdictWord::Unknown, judged);
    let mut spans = vec![space(), Span::Symbol(symbol)];
    spans.push(Span::Text(format!(" {}  ", difference.id), Tone::Code));
    let side = |judgement: Option<&Judgement>| match judgement {
        Some(judgement) => Span::Text(
            words(judgement).to_owned(),
            Tone::Verdict(judged(judgement)),
        ),
        None => Span::Text("not looked at".to_owned(), Tone::Muted),
    };
    if difference.turned() {
        spans.push(side(difference.before.as_ref()));
        spans.push(Span::Text(" to ".to_owned(), Tone::Muted));
    }
    spans.push(side(difference.after.as_ref()));
    writer.push(spans);
}

fn write_values(writer: &mut Writer, difference: &ConditionDifference, indent: usize) {
    let reason = |judgement: Option<&Judgement>| match judgement {
        Some(Judgement::Unread(cause)) => Some(cause.to_string()),
        Some(Judgement::Manual(text) | Judgement::NotApplicable(text)) => Some(text.clone()),
        _ => None,
    };
    let line = |writer: &mut Writer, label: &str, text: &str| {
        writer.labelled(indent + 2, label, Tone::Code, &neutral(text));
    };
    let reasons = (
        reason(difference.before.as_ref()),
        reason(difference.after.as_ref()),
    );
    if difference.turned() {
        for (label, reason) in [("before", &reasons.0), ("now", &reasons.1)] {
            if let Some(reason) = reason {
                line(writer, label, reason);
            }
        }
    }
    for value in &difference.values {
        let known =
            |text: &Option<String>, reason: &Option<String>| text.is_some() && text == reason;
        if !known(&value.before, &reasons.0) {
            line(
                writer,
                "before",
                value
                    .before
                    .as_deref()
                    .unwrap_or("nothing was looked at here"),
            );
        }
        if !known(&value.after, &reasons.1) {
            line(
                writer,
                "now",
                value
                    .after
                    .as_deref()
                    .unwrap_or("nothing is looked at here"),
            );
        }
    }
}

const fn judged(judgement: &Judgement) -> VerdictWord {
    match judgement {
        Judgement::Met => VerdictWord::Pass,
        Judgement::Unmet => VerdictWord::Fail,
        Judgement::Unread(_) => VerdictWord::Unknown,
        Judgement::Manual(_) => VerdictWord::Manual,
        Judgement::NotApplicable(_) => VerdictWord::NotApplicable,
    }
}

const fn words(judgement: &Judgement) -> &'static str {
    match judgement {
        Judgement::Met => "met",
        Judgement::Unmet => "not met",
        Judgement::Unread(_) => "unread",
        Judgement::Manual(_) => "for a person",
        Judgement::NotApplicable(_) => "not applicable",
    }
}
