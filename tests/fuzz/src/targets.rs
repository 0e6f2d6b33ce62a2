//! The fuzz targets: plain functions over bytes, each of which panics when something is wrong.
//!
//! They know of no fuzzer. `tests/it/fuzz.rs` runs them in every test run for a bounded number of inputs.

mod answers;
mod documents;
mod files;
mod names;
mod query;
mod scan_file;
mod text;

/// A target with its name, which is that of its folder of examples.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name.
    pub name: &'static str,
    /// What to do with an input. It panics when something is wrong.
    pub run: fn(&[u8]),
}

/// Every target.
pub const TARGETS: &[Target] = &[
    target("answers", answers::answers),
    target("documents", documents::documents),
    target("rules", documents::rules),
    target("query", query::query),
    target("theme", files::theme),
    target("config", files::config),
    target("exemptions", files::exemptions),
    target("keys", files::keys),
    target("scan_bytes", scan_file::bytes),
    target("scan_columns", scan_file::columns),
    target("names", names::names),
    target("terminal", text::terminal),
    target("text", text::text),
    target("tables", text::tables),
    target("commands", text::commands),
];

const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run }
}

/// The bytes as text, whatever they are.
fn text_of(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// Holds that nothing in a text reaches a terminal as more than letters: no control character but the line end, nothing
/// that turns the direction round, nothing invisible.
#[track_caller]
fn assert_clean(text: &str) {
    let bad = text.chars().find(|c| {
        let c = *c;
        (c.is_control() && c != '\n')
            || matches!(c,
                '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}')
    });
    assert_eq!(bad, None, "a raw character in {text:?}");
}
