//! Text from Azure becomes text for a person: the one place where it is neutralised.
//!
//! A server's name, a tag or an error message may hold escape sequences, control characters or bidirectional
//! overrides, put there to deceive whoever reads a terminal or a report.

use std::borrow::Cow;

/// Replaces control characters, bidirectional overrides and invisible format characters by visible stand-ins, each
/// one column wide. Text without any is returned as it is.
#[must_use]
pub fn neutral(text: &str) -> Cow<'_, str> {
    // Nearly all text is printable ASCII, and bytes are looked at much faster than characters.
    let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if !plain && text.chars().any(is_hostile) {
        text.chars()
            .map(|c| if is_hostile(c) { stand_in(c) } else { c })
            .collect::<String>()
            .into()
    } else {
        text.into()
    }
}

/// Like [`neutral`], for text of several lines: line ends stay, and tabs become a space.
#[must_use]
pub fn neutral_lines(text: &str) -> String {
    text.lines()
        .map(|line| neutral(&line.replace('\t', " ")).into_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Controls, overrides of direction, separators of lines, and what Unicode lets a terminal leave out
/// (`Default_Ignorable_Code_Point` of `DerivedCoreProperties.txt`); and the empty pattern of Braille, which is a blank.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

const fn stand_in(c: char) -> char {
    match c {
        '\t' | '\n' | '\r' => ' ',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_overrides_and_invisible_characters_become_visible() {
        assert_eq!(neutral("a\u{1b}[31mb"), "a?[31mb");
        assert_eq!(neutral("a\u{202e}b\u{200b}c\u{9b}d\u{7f}"), "a?b?c?d?");
        assert_eq!(neutral("one\r\ntwo"), "one  two");
        // Fillers of Hangul and a blank of Braille are as invisible as what is made to be.
        assert_eq!(
            neutral("a\u{3164}b\u{115f}c\u{ffa0}d\u{34f}e\u{2800}"),
            "a?b?c?d?e?"
        );
        assert!(matches!(neutral("plain 名前 é"), Cow::Borrowed(_)));
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(neutral_lines("a\u{7}\n\tb"), "a?\n b");
    }
}
