//! The tab Raw: the documents behind a finding as indented JSON, the value that decided marked.

use jiff::Timestamp;
use serde_json::Value;

use crate::documents::text::neutral;
use crate::documents::{Document, DocumentKind, Outcome};

use super::page::{Writer, hard_wrap};
use super::{DetailState, PageLine, ServerScreen, Span, Tone, age, counted};

/// How deep a document is written; deeper parts stand on one line.
const DEEPEST: usize = 64;

pub(super) fn write(writer: &mut Writer, screen: &ServerScreen, now: Option<Timestamp>) {
    let detail = match &screen.detail {
        DetailState::Loaded(detail) => detail,
        DetailState::Loading => {
            return writer.text(Tone::Muted, "reading the server's documents ...");
        }
        DetailState::Failed(why) => return writer.text(Tone::Warning, why),
    };
    let mut places: Vec<(DocumentKind, &str)> = screen
        .finding()
        .into_iter()
        .flat_map(|finding| &finding.conditions)
        .flat_map(|condition| &condition.evidence)
        .map(|evidence| (evidence.document, evidence.pointer.as_str()))
        .collect();
    if places.is_empty() {
        writer.text(
            Tone::Muted,
            "No condition reads a document here; this is the server as Azure answered it.",
        );
        places.push((DocumentKind::Server, ""));
    }
    let mut kinds: Vec<DocumentKind> = places.iter().map(|(kind, _)| *kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        writer.heading(kind.title());
        let Some(document) = detail.documents.get(kind) else {
            writer.text(Tone::Muted, "this scan did not ask for it");
            continue;
        };
        request(writer, document, now);
        match &document.outcome {
            Outcome::Unread(cause) => {
                let words = cause.to_string();
                writer.text(Tone::Warning, &format!("unread: {}", neutral(&words)));
            }
            Outcome::Read(body) => {
                let pointers: Vec<&str> = places
                    .iter()
                    .filter(|(of, pointer)| *of == kind && !pointer.is_empty())
                    .map(|(_, pointer)| *pointer)
                    .collect();
                let levels = screen.levels.unwrap_or(DEEPEST);
                Json {
                    writer,
                    pointers,
                    levels,
                }
                .value(body, &mut String::new(), 0, "", "");
            }
        }
    }
}

fn request(writer: &mut Writer, document: &Document, now: Option<Timestamp>) {
    let request = &document.request;
    let method = request.method.as_str();
    writer.item(
        vec![Span::Text(format!("{method} "), Tone::Label)],
        method.len() + 1,
        Tone::Code,
        &neutral(&request.path),
    );
    let age = now.map_or_else(String::new, |now| {
        format!(", {} old", age(now, document.fetched_at))
    });
    let words = format!(
        "api {}, {}{age}, took {} ms",
        neutral(&request.api_version),
        document.fetched_at,
        document.duration_ms
    );
    writer.text(Tone::Muted, &words);
}

/// Writes JSON line by line.
struct Json<'a, 'w> {
    writer: &'w mut Writer,
    pointers: Vec<&'a str>,
    /// How many levels are open everywhere.
    levels: usize,
}

impl Json<'_, '_> {
    /// `pointer` is the place of `value`, `before` what stands before it on its line, `after` what follows.
    fn value(
        &mut self,
        value: &Value,
        pointer: &mut String,
        depth: usize,
        before: &str,
        after: &str,
    ) {
        match value {
            Value::Object(members) if !members.is_empty() && !self.is_open(pointer, depth) => {
                let words = format!("{{ {} }}{after}", counted(members.len(), "member"));
                self.line(pointer, depth, before, &words);
            }
            Value::Array(items) if !items.is_empty() && !self.is_open(pointer, depth) => {
                let words = format!("[ {} ]{after}", counted(items.len(), "item"));
                self.line(pointer, depth, before, &words);
            }
            Value::Object(members) if !members.is_empty() && depth < DEEPEST => {
                self.line(pointer, depth, before, "{");
                for (place, (name, member)) in members.iter().enumerate() {
                    let after = if place + 1 < members.len() { "," } else { "" };
                    let length = pointer.len();
                    pointer.push('/');
                    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                    let name = format!("{}: ", quoted(name));
                    self.value(member, pointer, depth + 1, &name, after);
                    pointer.truncate(length);
                }
                self.line("", depth, "", &format!("}}{after}"));
            }
            Value::Array(items) if !items.is_empty() && depth < DEEPEST => {
                self.line(pointer, depth, before, "[");
                for (place, item) in items.iter().enumerate() {
                    let after = if place + 1 < items.len() { "," } else { "" };
                    let length = pointer.len();
                    pointer.push_str(&format!("/{place}"));
                    self.value(item, pointer, depth + 1, "", after);
                    pointer.truncate(length);
                }
                self.line("", depth, "", &format!("]{after}"));
            }
            Value::String(text) => {
                self.line(pointer, depth, before, &format!("{}{after}", quoted(text)))
            }
            other => self.line(
                pointer,
                depth,
                before,
                &format!("{}{after}", neutral(&other.to_string())),
            ),
        }
    }

    /// Whether a value shows what it holds: by its level, or for something in it that was judged.
    fn is_open(&self, pointer: &str, depth: usize) -> bool {
        let holds = |judged: &&str| {
            let rest = judged.strip_prefix(pointer);
            rest.is_some_and(|rest| rest.starts_with('/') || rest.is_empty() && !pointer.is_empty())
        };
        depth < self.levels || self.pointers.iter().any(holds)
    }

    fn line(&mut self, pointer: &str, depth: usize, before: &str, text: &str) {
        let marked = self.pointers.contains(&pointer) && !pointer.is_empty();
        let room = self.writer.width();
        let indent = (depth * 2).min(room / 2);
        let pieces = hard_wrap(&format!("{before}{text}"), room - indent);
        let mut label = before.len();
        for piece in pieces {
            let split = label.min(piece.len());
            let split = if piece.is_char_boundary(split) {
                split
            } else {
                0
            };
            let (name, rest) = piece.split_at(split);
            label -= split;
            let mut spans = vec![Span::Text(" ".repeat(indent), Tone::Plain)];
            for (text, tone) in [(name, Tone::Label), (rest, Tone::Code)] {
                if !text.is_empty() {
                    spans.push(Span::Text(text.to_owned(), tone));
                }
            }
            self.writer.lines.push(PageLine {
                spans,
                marked,
                ..PageLine::default()
            });
        }
    }
}

/// A text as JSON writes it, neutralised: an escape sequence of JSON is text for a person already.
fn quoted(text: &str) -> String {
    let text = serde_json::to_string(text).unwrap_or_default();
    neutral(&text).into_owned()
}
