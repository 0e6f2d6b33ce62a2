//! Plain text wrapped to a width: headings, labelled values and paragraphs. No colour, no cursor.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

/// Columns given to the label of a value.
const LABEL: usize = 16;

/// Writes text for people, wrapped to a width in terminal columns.
pub(super) struct Page<'a, W> {
    out: &'a mut W,
    width: usize,
}

impl<'a, W: Write> Page<'a, W> {
    pub(super) fn new(out: &'a mut W, width: usize) -> Self {
        Self { out, width }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// One line as it is.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    pub(super) fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// A line, underlined over its whole length.
    pub(super) fn title(&mut self, text: &str) -> io::Result<()> {
        let lines = wrap(text, self.width);
        for line in &lines {
            self.line(line)?;
        }
        let longest = lines
            .iter()
            .map(|line| line.width())
            .max()
            .unwrap_or_default();
        self.line(&"=".repeat(longest))
    }

    /// A heading with an empty line before it.
    pub(super) fn heading(&mut self, text: &str) -> io::Result<()> {
        self.blank()?;
        self.line(text)
    }

    /// A label and its value, the value's further lines under its first.
    pub(super) fn field(&mut self, label: &str, value: &str) -> io::Result<()> {
        let indent = LABEL.max(label.width() + 1);
        for (position, line) in wrap(value, self.width.saturating_sub(indent))
            .iter()
            .enumerate()
        {
            let label = if position == 0 { label } else { "" };
            writeln!(self.out, "{label:<indent$}{line}")?;
        }
        Ok(())
    }

    /// Paragraphs, each line indented; an empty line in the text is an empty line on the page.
    pub(super) fn paragraph(&mut self, indent: usize, text: &str) -> io::Result<()> {
        for (position, paragraph) in text.split("\n\n").enumerate() {
            if position > 0 {
                self.blank()?;
            }
            for line in wrap(paragraph, self.width.saturating_sub(indent)) {
                writeln!(self.out, "{:indent$}{line}", "")?;
            }
        }
        Ok(())
    }
}

/// The text in lines of at most `width` columns, broken at white space; a longer word gets a line of its
/// own. Never empty.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_breaks_at_spaces_and_keeps_long_words() {
        assert_eq!(wrap("one two  three", 7), ["one two", "three"]);
        assert_eq!(
            wrap("a https://example.invalid/long b", 6),
            ["a", "https://example.invalid/long", "b"]
        );
        assert_eq!(wrap("日本 日本", 4), ["日本", "日本"]);
        assert_eq!(wrap("", 10), [""]);
        assert_eq!(wrap("a b", 0), ["a", "b"]);
    }

    #[test]
    fn a_field_hangs_under_its_value() {
        let mut out = Vec::new();
        let mut page = Page::new(&mut out, 24);
        page.field("Label", "one two three").expect("memory");
        page.paragraph(2, "first\n\nsecond").expect("memory");
        let text = String::from_utf8(out).expect("text");
        assert_eq!(
            text,
            "Label           one two\n                three\n  first\n\n  second\n"
        );
    }
}
