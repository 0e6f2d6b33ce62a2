//! The fields of the filter, from their table.

use crate::app::page::Writer;
use crate::app::{Span, Tone};
use crate::query::{FIELDS, FieldRecord, Of, first_words};

/// The most values that are listed of a field.
const MOST: usize = 14;

/// What is said of all fields.
const RULES: &str = "Terms are joined with and; a comma in a field stands for or; ! before a word or a field turns it \
                     round. A value matches where a word begins, in any case, and a value from a short list may be \
                     cut short; in quotes it must be the whole. Of the terms about features, one feature of a server \
                     has to fit all that are not negated and none that is; when all are negated, none of its features \
                     may fit any.";

/// Writes the fields that have the words of the help's search.
pub(super) fn write(writer: &mut Writer, matches: &dyn Fn(&str) -> bool) {
    for (of, title) in [
        (Of::Feature, "Fields of the filter: a server's features"),
        (Of::Server, "Fields of the filter: the server itself"),
    ] {
        let fields: Vec<&FieldRecord> = FIELDS
            .iter()
            .filter(|field| field.of == of)
            .filter(|field| matches(&format!("filter field {}", text_of(field))))
            .collect();
        if fields.is_empty() {
            continue;
        }
        writer.heading(title);
        for field in fields {
            let example = field.examples.join("  ");
            let width = example.chars().count().max(22) + 1;
            let before = vec![Span::Text(format!("{example:<22} "), Tone::Label)];
            let values = field.values().count();
            let doc = if (1..=MOST).contains(&values) {
                let words = first_words(field.values().map(|(word, _)| word), MOST);
                format!("{} One of: {words}.", field.doc)
            } else {
                field.doc.to_owned()
            };
            writer.item(before, width, Tone::Plain, &doc);
        }
    }
    if matches(RULES) {
        writer.blank();
        writer.text(Tone::Muted, RULES);
    }
}

fn text_of(field: &FieldRecord) -> String {
    let values = field.values().map(|(word, _)| word);
    let values: Vec<&str> = values.collect();
    format!(
        "{} {} {} {}",
        field.name,
        field.examples.join(" "),
        field.doc,
        values.join(" ")
    )
}
