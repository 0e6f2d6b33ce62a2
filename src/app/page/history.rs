//! The tab History: this finding over the cached scans, the newest first, and what changed from one to the next.

use jiff::tz::TimeZone;

use crate::app::history::MOST_SCANS;
use crate::app::{Completeness, HistoryEntry, HistoryState, Past, ServerScreen, counted, moment};
use crate::baseline::FeatureId;
use crate::documents::text::neutral;
use crate::posture::difference::condition_differences;
use crate::posture::{Finding, Verdict, VerdictWord};

use super::difference::write_condition;
use super::{Span, Tone, Writer};

pub(super) fn write(
    writer: &mut Writer,
    screen: &ServerScreen,
    feature: FeatureId,
    zone: &TimeZone,
) {
    let history = match &screen.history {
        HistoryState::None | HistoryState::Loading(_) => {
            return writer.text(Tone::Muted, "looking through the scans that are kept ...");
        }
        HistoryState::Failed(why) => {
            writer.text(Tone::Warning, "the scans that are kept could not be read");
            return writer.text(Tone::Plain, why);
        }
        HistoryState::Loaded(history) => history,
    };
    if history.entries.is_empty() {
        return writer.text(Tone::Muted, "No scan is kept on this machine.");
    }
    writer.text(
        Tone::Muted,
        "The scans that are kept, newest first, all judged as now.",
    );
    for (place, entry) in history.entries.iter().enumerate() {
        writer.blank();
        let finding = finding(entry, feature);
        write_entry(writer, entry, finding, zone);
        let Some(finding) = finding else { continue };
        // Between two scans that hold the server there may be some that do not.
        let earlier = history.entries[place + 1..]
            .iter()
            .find_map(|entry| self::finding(entry, feature));
        match earlier {
            Some(earlier) => write_changes(writer, earlier, finding),
            None if history.left_out == 0 => {
                writer.item(
                    indent(),
                    4,
                    Tone::Muted,
                    "no earlier scan that can be read holds the server",
                );
            }
            None => {}
        }
    }
    if history.left_out > 0 {
        writer.blank();
        let older = counted(history.left_out, "older scan");
        let words = format!("{older} not looked at: no more than {MOST_SCANS} are.");
        writer.text(Tone::Muted, &words);
    }
}

fn finding(entry: &HistoryEntry, feature: FeatureId) -> Option<&Finding> {
    match &entry.past {
        Past::Judged(findings) => findings.iter().find(|it| it.feature == feature),
        Past::NotHeld | Past::Unreadable(_) => None,
    }
}

fn indent() -> Vec<Span> {
    vec![Span::Text("    ".to_owned(), Tone::Plain)]
}

fn write_entry(
    writer: &mut Writer,
    entry: &HistoryEntry,
    finding: Option<&Finding>,
    zone: &TimeZone,
) {
    let at = entry
        .at
        .map_or_else(|| neutral(&entry.id).into_owned(), |at| moment(at, zone));
    let mut spans = vec![Span::Text(format!("{at}  "), Tone::Label)];
    if let Some(finding) = finding {
        let word = finding.verdict.word();
        spans.push(Span::Symbol(word));
        let severity = finding.severity();
        let severity = severity.map_or_else(String::new, |it| format!(" {it}"));
        spans.push(Span::Text(
            format!(" {}{severity}", word_of(word)),
            Tone::Verdict(word),
        ));
    }
    let partial = entry.completeness != Completeness::Complete;
    if partial && !matches!(entry.past, Past::Unreadable(_)) {
        let words = format!("  {} scan", entry.completeness.word());
        spans.push(Span::Text(words, Tone::Warning));
    }
    writer.push(spans);
    match (&entry.past, finding.map(|it| &it.verdict)) {
        (Past::NotHeld, _) => {
            let words = if partial {
                "this scan does not hold the server, and is not whole"
            } else {
                "this scan does not hold the server"
            };
            writer.item(indent(), 4, Tone::Muted, words);
        }
        (Past::Unreadable(why), _) => {
            writer.item(indent(), 4, Tone::Warning, &neutral(why));
        }
        (_, Some(Verdict::Unknown(cause))) => {
            let words = format!("unread: {}", neutral(&cause.to_string()));
            writer.item(indent(), 4, Tone::Warning, &words);
        }
        (_, Some(Verdict::Waived(until))) => {
            writer.item(indent(), 4, Tone::Muted, &format!("exempt until {until}"));
        }
        _ => {}
    }
}

fn write_changes(writer: &mut Writer, earlier: &Finding, finding: &Finding) {
    let changes = condition_differences(earlier, finding);
    if changes.is_empty() {
        writer.item(indent(), 4, Tone::Muted, "as in the scan before");
    }
    for change in &changes {
        write_condition(writer, change, 4);
    }
}

/// A verdict's word as a page writes it.
pub(in crate::app) const fn word_of(verdict: VerdictWord) -> &'static str {
    match verdict {
        VerdictWord::Fail => "FAIL",
        VerdictWord::Unknown => "unknown",
        VerdictWord::Manual => "manual",
        VerdictWord::Pass => "pass",
        VerdictWord::Waived => "waived",
        VerdictWord::NotApplicable => "n/a",
        VerdictWord::Platform => "platform",
        VerdictWord::Unsupported => "unsupported",
    }
}
