//! Text in lines of a width.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Breaks a text between words, and words that are too long where they must.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let needed = word.width();
        if used > 0 && used + 1 + needed <= width {
            line.push(' ');
            line.push_str(word);
            used += 1 + needed;
            continue;
        }
        if used > 0 {
            lines.push(std::mem::take(&mut line));
        }
        if needed <= width {
            line.push_str(word);
            used = needed;
        } else {
            let mut pieces = hard_wrap(word, width);
            line = pieces.pop().unwrap_or_default();
            used = line.width();
            lines.append(&mut pieces);
        }
    }
    if used > 0 {
        lines.push(line);
    }
    lines
}

/// Breaks a text wherever the width ends.
pub fn hard_wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let needed = grapheme.width();
        if used + needed > width && used > 0 {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(grapheme);
        }
        used += needed;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_break_between_and_long_ones_inside() {
        assert_eq!(wrap("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrap("a abcdefgh b", 3), ["a", "abc", "def", "gh", "b"]);
        assert_eq!(wrap("名前名前 x", 4), ["名前", "名前", "x"]);
        assert_eq!(wrap("", 4), Vec::<String>::new());
        assert_eq!(wrap("ab", 0), ["a", "b"]);
        assert_eq!(hard_wrap("a b c", 2), ["a ", "b ", "c"]);
    }
}
