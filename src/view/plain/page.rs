//! A page in words: signs become their words, bars their part of a hundred, columns `name: value` or a list.

use std::io::{self, Write};

use super::{Lines, verdict_words};
use crate::app::{PageLine, Span, Tone};

/// How far a line may stand to the right: deeper is the width of a column, which says nothing here.
const DEEPEST: usize = 4;

pub(super) fn write(lines: &mut Lines<'_, impl Write>, page: &[PageLine]) -> io::Result<()> {
    for line in page {
        lines.wrapped(&words(line))?;
    }
    Ok(())
}

/// The same where spaces mean something, as in a document.
pub(super) fn write_as_it_stands(
    lines: &mut Lines<'_, impl Write>,
    page: &[PageLine],
) -> io::Result<()> {
    for line in page {
        let text: String = line
            .spans
            .iter()
            .map(|span| match span {
                Span::Text(text, _) => text.as_str(),
                Span::Symbol(verdict) => verdict_words(*verdict),
                Span::Bar { .. } => "",
            })
            .collect();
        lines.wrapped(&text)?;
    }
    Ok(())
}

/// A piece of a line in words, and what stands between it and the next one.
struct Piece {
    words: String,
    after: &'static str,
}

fn words(line: &PageLine) -> String {
    let indent = line.spans.first().and_then(text_of);
    let indent = indent.map(|text| text.len() - text.trim_start().len());
    let mut words = " ".repeat(indent.unwrap_or(0).min(DEEPEST));
    let mut between = "";
    for (place, span) in line.spans.iter().enumerate() {
        let next = line.spans[place + 1..].iter().find_map(text_of);
        let Some(piece) = piece(span, next.unwrap_or_default()) else {
            // Room between two columns.
            if matches!(span, Span::Text(text, _) if text.len() > 1) && between == " " {
                between = ", ";
            }
            continue;
        };
        let begins = text_of(span).unwrap_or_default();
        let between_them = match (between, begins) {
            (": ", _) => ": ",
            (_, text) if text.starts_with("  ") && !words.trim().is_empty() => ", ",
            ("", text) if text.starts_with(' ') => " ",
            (before, _) => before,
        };
        if !words.trim().is_empty() {
            words.push_str(between_them);
        }
        words.push_str(&piece.words);
        between = piece.after;
    }
    if between == ": " {
        words.push(':');
    }
    words
}

fn text_of(span: &Span) -> Option<&str> {
    match span {
        Span::Text(text, _) => Some(text),
        _ => None,
    }
}

/// A piece in words; `None` when it says nothing, or nothing that the next one does not say.
fn piece(span: &Span, next: &str) -> Option<Piece> {
    let told = |word: &str| {
        let next = next.trim_start().to_lowercase();
        next.starts_with(&word.to_lowercase())
    };
    let piece = |words: String, after| Some(Piece { words, after });
    match span {
        Span::Symbol(verdict) if told(verdict_words(*verdict)) || told(verdict.word()) => None,
        Span::Symbol(verdict) => piece(verdict_words(*verdict).to_owned(), " "),
        Span::Bar { percent, .. } => piece(format!("{percent} percent"), " "),
        Span::Text(text, Tone::Severity(severity)) if text.trim() == severity.letter() => {
            if told(severity.word()) {
                None
            } else {
                piece(severity.word().to_owned(), " ")
            }
        }
        Span::Text(text, Tone::Code) if text.trim().is_empty() => None,
        Span::Text(text, tone) if *tone != Tone::Code && is_sign(text) => None,
        Span::Text(text, Tone::Code) => piece(text.trim().to_owned(), after(text)),
        Span::Text(text, tone) => {
            let columns: Vec<String> = text
                .split("  ")
                .map(|column| column.split_whitespace().collect::<Vec<_>>().join(" "))
                .filter(|column| !column.is_empty())
                .collect();
            let words = columns.join(", ").replace(" › ", ", then ");
            let words = without_sign(&words).to_owned();
            if *tone == Tone::Label {
                piece(words.trim_end_matches(':').to_owned(), ": ")
            } else {
                piece(words, after(text))
            }
        }
    }
}

/// Whether a text is empty or one sign, whose word stands beside it.
fn is_sign(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || matches!(text, "!" | ">" | "-" | "x" | "+" | "?" | "*" | "~")
}

/// A text without the sign that it begins with; the word for it follows.
fn without_sign(text: &str) -> &str {
    match text.split_once(' ') {
        Some((sign, words)) if is_sign(sign) => words,
        _ => text,
    }
}

/// What a text leaves between itself and the next: a column that is filled up ends a fact.
fn after(text: &str) -> &'static str {
    if text.ends_with("  ") {
        ", "
    } else if text.ends_with(' ') {
        " "
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posture::{Severity, VerdictWord};

    fn line(spans: Vec<Span>) -> String {
        words(&PageLine {
            spans,
            marked: false,
            link: None,
        })
    }

    fn text(text: &str, tone: Tone) -> Span {
        Span::Text(text.to_owned(), tone)
    }

    #[test]
    fn a_sign_is_told_by_its_word_once() {
        let fail = VerdictWord::Fail;
        assert_eq!(
            line(vec![
                Span::Symbol(fail),
                text(" ", Tone::Plain),
                text("C", Tone::Severity(Severity::Critical)),
                text(" fw-world", Tone::Code),
            ]),
            "fail critical fw-world"
        );
        assert_eq!(
            line(vec![
                Span::Symbol(fail),
                text(" Fail        ", Tone::Verdict(fail)),
                text("a condition does not hold", Tone::Plain),
            ]),
            "Fail, a condition does not hold"
        );
        assert_eq!(
            line(vec![
                text("> only us  ", Tone::Warning),
                text("a policy", Tone::Plain)
            ]),
            "only us, a policy"
        );
        assert_eq!(
            line(vec![
                text("H", Tone::Severity(Severity::High)),
                text(" high", Tone::Plain)
            ]),
            "high"
        );
    }

    #[test]
    fn a_label_names_its_value_and_columns_become_a_list() {
        assert_eq!(
            line(vec![
                text("    seen      ", Tone::Label),
                text("Enabled", Tone::Code)
            ]),
            "    seen: Enabled"
        );
        assert_eq!(
            line(vec![
                text("j  Down  Ctrl-n        ", Tone::Label),
                text("One row down.", Tone::Plain)
            ]),
            "j, Down, Ctrl-n: One row down."
        );
        assert_eq!(
            line(vec![
                Span::Bar {
                    percent: 40,
                    width: 20
                },
                text("  4 of 10  ", Tone::Plain),
                text("servers", Tone::Plain)
            ]),
            "40 percent, 4 of 10, servers"
        );
    }
}
