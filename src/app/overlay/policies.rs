//! The policies of the catalogue over all servers: what each can evaluate, where it is assigned, what Azure says and what
//! was read; then where no policy looks.

use crate::app::page::{Writer, agreement_words};
use crate::app::{Span, State, Tone, counted};
use crate::baseline::{FeatureId, PolicyCoverage, catalogue};
use crate::posture::policy::{Agreement, Evaluates, PolicyRow, blind_spot_words, blind_spots};

pub(super) fn write(writer: &mut Writer, state: &State) {
    if let Some(reports) = super::reports(writer, state) {
        let mut rows: Vec<&PolicyRow> = reports.policies.policies.iter().collect();
        // Where Azure and the documents differ comes first; the order of the catalogue stays otherwise.
        rows.sort_by_key(|row| std::cmp::Reverse(row.agreement.get(Agreement::Differ)));
        let (never, evaluating): (Vec<&PolicyRow>, Vec<&PolicyRow>) = rows
            .into_iter()
            .partition(|row| matches!(row.evaluates, Evaluates::Never(_)));
        writer.heading("These can evaluate a flexible server or its subscription");
        for row in evaluating {
            writer.blank();
            let start = writer.lines.len();
            evaluates(writer, row);
            mark(writer, state, row, start);
        }
        writer.heading("These never evaluate a flexible server");
        for row in never {
            let before = vec![Span::Text("- never  ".to_owned(), Tone::Muted)];
            let start = writer.lines.len();
            writer.item(before, 9, Tone::Plain, &row.policy.name);
            mark(writer, state, row, start);
            if let Evaluates::Never(why) = &row.evaluates {
                writer.labelled(2, "why", Tone::Muted, why);
            }
            writer.labelled(2, "with", Tone::Muted, &features(&row.features));
            if row.policy.is_named_by_the_page() {
                writer.labelled(2, "named by", Tone::Muted, "the baseline page");
            }
        }
    }
    let spots = blind_spots(catalogue());
    blind(
        writer,
        "Policy blind spots of the baseline",
        &spots.baseline,
    );
    blind(
        writer,
        "Policy blind spots beyond the baseline",
        &spots.beyond,
    );
}

/// Marks the name of the policy that is looked at.
fn mark(writer: &mut Writer, state: &State, row: &PolicyRow, start: usize) {
    if state.sought_policy == Some(row.policy.guid.as_str())
        && let Some(line) = writer.lines.get_mut(start)
    {
        line.marked = true;
    }
}

fn evaluates(writer: &mut Writer, row: &PolicyRow) {
    let differ = row.agreement.get(Agreement::Differ);
    let (before, tone) = if differ > 0 {
        (format!("! {differ} DIFFER  "), Tone::Warning)
    } else {
        ("- ".to_owned(), Tone::Muted)
    };
    let width = before.len();
    writer.item(
        vec![Span::Text(before, tone)],
        width,
        Tone::Heading,
        &row.policy.name,
    );
    let of_what = if row.evaluates == Evaluates::FlexibleServer {
        "server"
    } else {
        "subscription"
    };
    let words = format!(
        "{}: {}",
        row.evaluates.words(),
        counted(row.counted, of_what)
    );
    writer.labelled(2, "evaluates", Tone::Plain, &words);
    if row.counted == 0 {
        writer.labelled(2, "states", Tone::Muted, "none looked at yet");
        writer.labelled(2, "with", Tone::Muted, &features(&row.features));
        return;
    }
    for (place, assignment) in row.assignments.values().enumerate() {
        let through = assignment
            .initiative
            .as_ref()
            .map_or_else(String::new, |id| {
                let name = id.rsplit('/').next().unwrap_or(id);
                format!(", through the initiative {name}")
            });
        let words = format!(
            "{}{through}: {}",
            assignment.name,
            counted(assignment.servers, "server")
        );
        let label = if place == 0 { "assigned" } else { "" };
        writer.labelled(2, label, Tone::Plain, &words);
    }
    if row.assignments.is_empty() {
        writer.labelled(2, "assigned", Tone::Muted, "no state shows it assigned");
    }
    let azure = row
        .azure
        .iter()
        .map(|(state, count)| format!("{count} {state}"))
        .chain((row.not_seen > 0).then(|| format!("{} without a state", row.not_seen)))
        .chain(
            row.unread
                .iter()
                .map(|(kind, count)| format!("{count} unread ({})", kind.short())),
        );
    writer.labelled(
        2,
        "Azure",
        Tone::Plain,
        &azure.collect::<Vec<_>>().join(", "),
    );
    let ours = [
        (row.ours.non_compliant, "NonCompliant"),
        (row.ours.compliant, "Compliant"),
        (row.ours.open, "Open"),
        (row.ours.does_not_apply, "DoesNotApply"),
    ];
    writer.labelled(2, "we read", Tone::Plain, &counts(ours));
    let together = Agreement::ALL.map(|agreement| {
        let (_, word, _) = agreement_words(agreement);
        (row.agreement.get(agreement), word)
    });
    let tone = if differ > 0 {
        Tone::Warning
    } else {
        Tone::Plain
    };
    writer.labelled(2, "together", tone, &counts(together));
    writer.labelled(2, "with", Tone::Muted, &features(&row.features));
}

/// Counts with their words; those that are 0 are left out.
fn counts(counts: impl IntoIterator<Item = (usize, &'static str)>) -> String {
    counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn features(features: &[FeatureId]) -> String {
    let words = features.iter().map(|feature| {
        let name = &catalogue().feature(*feature).name;
        format!("{} {name}", feature.control())
    });
    words.collect::<Vec<_>>().join("; ")
}

fn blind(writer: &mut Writer, title: &str, spots: &[(FeatureId, PolicyCoverage)]) {
    writer.heading(title);
    for (feature, coverage) in spots {
        let before = vec![Span::Text(
            format!("{:<5} ", feature.control()),
            Tone::Label,
        )];
        let name = &catalogue().feature(*feature).name;
        let why = blind_spot_words(*coverage).unwrap_or_default();
        writer.item(before, 6, Tone::Plain, &format!("{name}: {why}"));
    }
}
