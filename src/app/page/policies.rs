//! The tab Policies: which policies look at this, what Azure says and what was read; which only seem to look.
//!
//! Who says what comes first, for every policy; the rules and the rest stand below all of that.

mod details;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::{DetailState, ServerDetail, ServerScreen, age};
use crate::baseline::{FeatureId, catalogue};
use crate::documents::Cause;
use crate::documents::text::neutral;
use crate::posture::VerdictWord;
use crate::posture::policy::{
    Agreement, Assigned, AzureState, ComplianceState, Evaluates, PolicyStanding, Reading,
    blind_spot_words,
};

use super::{Span, Tone, Writer, detail_is_there, write_azure_exemptions};

pub(super) fn write(
    writer: &mut Writer,
    screen: &ServerScreen,
    feature: FeatureId,
    now: Option<Timestamp>,
    zone: &TimeZone,
) {
    let catalogue = catalogue();
    let coverage = catalogue.feature(feature).policy_coverage(catalogue);
    if let Some(why) = blind_spot_words(coverage) {
        writer.text(Tone::Warning, &format!("Policy blind spot: {why}."));
    }
    let mut standings: Vec<&PolicyStanding> = Vec::new();
    if catalogue.policies_of_feature(feature).next().is_some()
        && detail_is_there(writer, screen)
        && let DetailState::Loaded(detail) = &screen.detail
    {
        standings.extend(detail.policies.get(&feature).into_iter().flatten());
        standings.sort_by_key(|standing| rank(standing));
        for standing in &standings {
            writer.blank();
            compact(writer, standing, now);
        }
    }
    if let (FeatureId::PolicySupport, DetailState::Loaded(detail)) = (feature, &screen.detail) {
        exemptions(writer, detail, zone);
    }
    details::write(writer, feature, &standings, now);
}

/// Differences first, then what can evaluate the server, last what never can.
fn rank(standing: &PolicyStanding) -> u8 {
    match (&standing.evaluates, standing.agreement) {
        (_, Agreement::Differ) => 0,
        (Evaluates::FlexibleServer, _) => 1,
        (Evaluates::Subscription, _) => 2,
        (Evaluates::Never(_), _) => 3,
    }
}

/// Which policy, who says what, and whether they agree.
fn compact(writer: &mut Writer, standing: &PolicyStanding, now: Option<Timestamp>) {
    let policy = standing.policy;
    let (sign, word, tone) = match (&standing.evaluates, standing.agreement) {
        (Evaluates::Never(_), _) => ("-", "never", Tone::Muted),
        (_, agreement) => agreement_words(agreement),
    };
    let first = writer.lines.len();
    let word = format!("{sign} {word}  ");
    let width = word.len();
    writer.item(
        vec![Span::Text(word, tone)],
        width,
        Tone::Heading,
        &policy.name,
    );
    if standing.agreement == Agreement::Differ
        && let Some(line) = writer.lines.get_mut(first)
    {
        line.marked = true;
    }
    if let Evaluates::Never(why) = &standing.evaluates {
        let named = if policy.is_named_by_the_page() {
            "; named by the baseline page"
        } else {
            ""
        };
        let words = format!("never a flexible server: {why}{named}");
        return writer.labelled(2, "evaluates", Tone::Warning, &words);
    }
    azure(writer, standing, now);
    let (word, why) = (standing.ours.word(), standing.ours.why());
    let tone = reading_tone(&standing.ours);
    writer.labelled(2, "we read", tone, &format!("{word}: {why}"));
}

fn azure(writer: &mut Writer, standing: &PolicyStanding, now: Option<Timestamp>) {
    let (tone, words) = match (&standing.azure, &standing.assigned) {
        (Some(azure), assigned) => {
            let mut words = state_words(azure, now);
            let assignments = assigned.assignments().len();
            if assignments > 1 {
                words += &format!(" (worst of {assignments} assignments)");
            }
            (state_tone(&azure.state), words)
        }
        (None, Assigned::NotSeen(why)) => (Tone::Muted, why.clone()),
        (None, Assigned::Unread(cause)) => (Tone::Warning, format!("unread: {}", in_words(cause))),
        (None, Assigned::Yes(_)) => (Tone::Muted, "no state".to_owned()),
    };
    writer.labelled(2, "Azure", tone, &words);
}

/// Agreement as sign, word and tone.
pub fn agreement_words(agreement: Agreement) -> (&'static str, &'static str, Tone) {
    match agreement {
        Agreement::Agree => ("=", agreement.words(), Tone::Plain),
        Agreement::Differ => ("!", "DIFFER", Tone::Warning),
        Agreement::OnlyAzure => ("<", agreement.words(), Tone::Plain),
        Agreement::OnlyUs => (">", agreement.words(), Tone::Plain),
        Agreement::Neither => ("-", agreement.words(), Tone::Muted),
    }
}

/// A state of Azure with its age.
fn state_words(azure: &AzureState, now: Option<Timestamp>) -> String {
    match (azure.at, now) {
        (Some(at), Some(now)) => format!("{}, evaluated {} ago", azure.state, age(now, at)),
        (Some(at), None) => format!("{}, evaluated {at}", azure.state),
        (None, _) => format!("{}, evaluated at a time that is not told", azure.state),
    }
}

const fn state_tone(state: &ComplianceState) -> Tone {
    match state {
        ComplianceState::NonCompliant => Tone::Verdict(VerdictWord::Fail),
        ComplianceState::Compliant => Tone::Verdict(VerdictWord::Pass),
        ComplianceState::Exempt => Tone::Verdict(VerdictWord::Waived),
        ComplianceState::Error
        | ComplianceState::Conflict
        | ComplianceState::Other(_)
        | ComplianceState::Unknown => Tone::Verdict(VerdictWord::Unknown),
    }
}

const fn reading_tone(reading: &Reading) -> Tone {
    match reading {
        Reading::NonCompliant(_) => Tone::Verdict(VerdictWord::Fail),
        Reading::Compliant(_) => Tone::Verdict(VerdictWord::Pass),
        Reading::Open { .. } => Tone::Verdict(VerdictWord::Unknown),
        Reading::DoesNotApply(_) => Tone::Verdict(VerdictWord::NotApplicable),
    }
}

fn exemptions(writer: &mut Writer, detail: &ServerDetail, zone: &TimeZone) {
    writer.heading("Exemptions of Azure Policy for this server");
    writer.text(
        Tone::Muted,
        "They are told and change no verdict here. Those that you may not see are left out by Azure.",
    );
    write_azure_exemptions(writer, &detail.azure_exemptions, zone);
}

/// A cause in words; what of it came from Azure is neutralised.
fn in_words(cause: &Cause) -> String {
    neutral(&cause.to_string()).into_owned()
}
