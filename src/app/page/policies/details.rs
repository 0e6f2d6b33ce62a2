//! The rest about each policy: where it is assigned, what our reading rests on, its rule and the facts about it.

use jiff::Timestamp;

use crate::baseline::{FeatureId, Policy, catalogue};
use crate::documents::text::neutral;
use crate::posture::Evidence;
use crate::posture::policy::{Assigned, Evaluates, PolicyStanding};

use super::super::{Span, Tone, Writer};
use super::{in_words, state_words};

/// Writes the rest about every policy of a feature, in the order of `standings` where there are any.
pub fn write(
    writer: &mut Writer,
    feature: FeatureId,
    standings: &[&PolicyStanding],
    now: Option<Timestamp>,
) {
    let catalogue = catalogue();
    let mut policies: Vec<&Policy> = catalogue.policies_of_feature(feature).collect();
    if policies.is_empty() {
        return;
    }
    let covering: Vec<&str> = policies
        .iter()
        .filter(|policy| policy.targets_flexible)
        .map(|policy| policy.name.as_str())
        .collect();
    if !standings.is_empty() {
        policies = standings.iter().map(|standing| standing.policy).collect();
    }
    writer.heading("Details");
    for policy in policies {
        writer.blank();
        writer.item(
            vec![Span::Text("- ".to_owned(), Tone::Muted)],
            2,
            Tone::Heading,
            &policy.name,
        );
        evaluates(writer, policy, &covering);
        if let Some(standing) = standings.iter().find(|it| it.policy.guid == policy.guid) {
            assigned(writer, standing, now);
            for evidence in &standing.evidence {
                write_evidence(writer, evidence);
            }
        }
        facts(writer, policy);
    }
    writer.blank();
    let source: Vec<&str> = catalogue.policy_source().split_whitespace().collect();
    writer.text(Tone::Muted, &format!("Facts: {}", source.join(" ")));
}

fn evaluates(writer: &mut Writer, policy: &Policy, covering: &[&str]) {
    let evaluates = Evaluates::of(policy);
    match &evaluates {
        Evaluates::FlexibleServer => {
            return writer.labelled(2, "evaluates", Tone::Plain, evaluates.words());
        }
        Evaluates::Subscription => {
            writer.labelled(2, "evaluates", Tone::Warning, evaluates.words());
        }
        Evaluates::Never(why) => {
            let words = format!("{}: {why}", evaluates.words());
            writer.labelled(2, "evaluates", Tone::Warning, &words);
        }
    }
    match covering.split_first() {
        Some((first, more)) => {
            let more = if more.is_empty() {
                String::new()
            } else {
                format!(", and {} more here", more.len())
            };
            let words = format!("flexible servers are evaluated by: {first}{more}");
            writer.labelled(2, "beside", Tone::Plain, &words);
        }
        None => writer.labelled(
            2,
            "beside",
            Tone::Warning,
            "nothing evaluates flexible servers here: policy blind spot",
        ),
    }
}

/// Where it is assigned, as far as states show.
fn assigned(writer: &mut Writer, standing: &PolicyStanding, now: Option<Timestamp>) {
    match &standing.assigned {
        Assigned::NotSeen(why) => {
            writer.labelled(2, "assigned", Tone::Muted, &format!("not seen: {why}"))
        }
        Assigned::Unread(cause) => {
            let words = format!("unread: {}", in_words(cause));
            writer.labelled(2, "assigned", Tone::Warning, &words);
        }
        Assigned::Yes(assignments) => {
            for (place, assignment) in assignments.iter().enumerate() {
                let label = if place == 0 { "assigned" } else { "" };
                let mut words = assignment.name.clone();
                if let Some(initiative) = &assignment.initiative {
                    let name = initiative.rsplit('/').next().unwrap_or(initiative);
                    words += &format!(", through the initiative {name}");
                }
                if let Some(effect) = &assignment.effect {
                    words += &format!(", effect {effect}");
                }
                if let Some(version) = &assignment.version {
                    words += &format!(", version {version}");
                }
                if assignments.len() > 1 {
                    words += &format!(": {}", state_words(&assignment.state, now));
                }
                writer.labelled(2, label, Tone::Plain, &words);
            }
        }
    }
}

fn write_evidence(writer: &mut Writer, evidence: &Evidence) {
    let document = evidence.document.title();
    let pointer = neutral(&evidence.pointer);
    writer.labelled(2, "read at", Tone::Code, &format!("{document} {pointer}"));
    writer.labelled(2, "seen", Tone::Code, &evidence.observed);
    writer.labelled(2, "expected", Tone::Code, &neutral(&evidence.expected));
}

fn facts(writer: &mut Writer, policy: &Policy) {
    let effects: Vec<&str> = policy
        .effects
        .iter()
        .map(|effect| effect.as_str())
        .collect();
    writer.labelled(2, "effects", Tone::Plain, &effects.join(", "));
    writer.labelled(2, "version", Tone::Plain, &policy.version);
    writer.labelled(2, "id", Tone::Code, &policy.guid);
    writer.labelled(2, "rule", Tone::Plain, &policy.rule);
    if let Some(note) = &policy.note {
        writer.labelled(2, "note", Tone::Plain, note);
    }
}
