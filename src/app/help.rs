//! The help: every key of the place where one is, then of the others, and what the symbols mean.

mod fields;

use crate::posture::{SCORE_FORMULA, Severity, VerdictWord};

use super::page::Writer;
use super::{Command, HelpMode, Mode, Scope, Span, State, TOPICS, Tone};

pub(super) fn write(writer: &mut Writer, state: &State, mode: &HelpMode) {
    let words: Vec<String> = mode
        .search
        .text()
        .split_whitespace()
        .map(str::to_lowercase)
        .collect();
    let matches = |text: &str| {
        let text = text.to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    keys(writer, state, &matches);
    fields::write(writer, &matches);
    let symbols: Vec<_> = VerdictWord::ALL
        .map(|verdict| (verdict, verdict.meaning()))
        .into_iter()
        .filter(|(verdict, text)| matches(&format!("symbols verdict {verdict} {text}")))
        .collect();
    if !symbols.is_empty() {
        writer.heading("Symbols");
    }
    for (verdict, text) in symbols {
        writer.item(
            vec![
                Span::Symbol(verdict),
                Span::Text(format!(" {:<20} ", verdict.word()), Tone::Verdict(verdict)),
            ],
            23,
            Tone::Plain,
            text,
        );
    }
    let severities: Vec<_> = Severity::ALL
        .into_iter()
        .filter(|severity| matches(&format!("severity {severity}")))
        .collect();
    if !severities.is_empty() {
        writer.heading("Severities");
    }
    for severity in severities {
        writer.push(vec![
            Span::Text(severity.letter().to_owned(), Tone::Severity(severity)),
            Span::Text(format!(" {severity}"), Tone::Plain),
        ]);
    }
    if matches(SCORE_FORMULA) {
        writer.heading("Score");
        writer.text(Tone::Plain, SCORE_FORMULA);
    }
    if writer.lines.is_empty() {
        writer.text(Tone::Muted, "No help has these words.");
    }
}

/// The keys in force: of the place where one is, by topic, then what only other places know.
fn keys(writer: &mut Writer, state: &State, matches: &dyn Fn(&str) -> bool) {
    let here = scope_below(state);
    let others = Scope::ALL.into_iter().filter(|scope| *scope != here);
    let mut said: Vec<Command> = Vec::new();
    for scope in std::iter::once(here).chain(others) {
        let mut place = Some(format!("Keys: {}", scope.title()));
        for (topic, records) in TOPICS {
            // The topics are worth a line where most of the keys are told.
            let mut topic = Some(topic).filter(|_| scope == here);
            for record in records.iter().filter(|it| it.scopes.contains(scope)) {
                if said.contains(&record.command) {
                    continue;
                }
                let keys = state.keymap.words(scope, record.command);
                let (id, title, doc) = (record.id, record.title, record.doc);
                if !matches(&format!("{keys} {id} {title} {doc}")) {
                    continue;
                }
                said.push(record.command);
                if let Some(place) = place.take() {
                    writer.heading(&place);
                }
                if let Some(topic) = topic.take() {
                    writer.text(Tone::Muted, topic);
                }
                let keys = if keys.is_empty() {
                    format!(":{id}")
                } else {
                    keys
                };
                let before = vec![Span::Text(format!("{keys:<22} "), Tone::Label)];
                let width = keys.chars().count().max(22) + 1;
                writer.item(before, width, Tone::Plain, doc);
            }
        }
    }
}

/// The scope of what lies below the help.
fn scope_below(state: &State) -> Scope {
    let below = state.modes.iter().rev().find(|mode| {
        !matches!(
            mode,
            Mode::Help(_) | Mode::Filter(_) | Mode::Scans(_) | Mode::Controls(_) | Mode::Confirm(_)
        )
    });
    let screen = Mode::Screen(state.screen());
    Scope::of_mode(state, below.unwrap_or(&screen))
}
