//! The tab Policies: which policies look at this, and which only seem to.

use crate::baseline::{FeatureId, Policy, PolicyCoverage, PolicyTarget, catalogue};

use super::{Span, Tone, Writer};

pub(super) fn write(writer: &mut Writer, feature: FeatureId) {
    let catalogue = catalogue();
    let coverage = catalogue.feature(feature).policy_coverage(catalogue);
    let verdict = match coverage {
        PolicyCoverage::FlexibleServer => None,
        PolicyCoverage::SubscriptionOnly => Some(
            "Policy blind spot: what there is looks at the subscription, never at this server.",
        ),
        PolicyCoverage::RetiredOnly => Some(
            "Policy blind spot: what there is looks at the retired single server and never evaluates a flexible one.",
        ),
        PolicyCoverage::None => Some("Policy blind spot: no built-in policy looks at this."),
    };
    if let Some(verdict) = verdict {
        writer.text(Tone::Warning, verdict);
    }
    let policies: Vec<&Policy> = catalogue.policies_of_feature(feature).collect();
    let covering: Vec<&str> = policies
        .iter()
        .filter(|policy| policy.targets_flexible)
        .map(|policy| policy.name.as_str())
        .collect();
    for policy in &policies {
        writer.blank();
        write_policy(writer, policy, &covering);
    }
    if !policies.is_empty() {
        writer.blank();
        let source: Vec<&str> = catalogue.policy_source().split_whitespace().collect();
        writer.text(Tone::Muted, &format!("Facts: {}", source.join(" ")));
    }
}

fn write_policy(writer: &mut Writer, policy: &Policy, covering: &[&str]) {
    writer.item(
        vec![Span::Text("- ".to_owned(), Tone::Muted)],
        2,
        Tone::Heading,
        &policy.name,
    );
    let target = match policy.target {
        PolicyTarget::FlexibleServer => "flexible servers".to_owned(),
        PolicyTarget::SingleServer => {
            "single servers only, retired on 2024-09-16: never a flexible server".to_owned()
        }
        PolicyTarget::Subscription => "the subscription, not the server".to_owned(),
    };
    let tone = if policy.targets_flexible {
        Tone::Plain
    } else {
        Tone::Warning
    };
    writer.labelled(2, "evaluates", tone, &target);
    if !policy.targets_flexible {
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
