//! Text that is too long for its place.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::look::{Glyph, Look};

/// A text as this terminal can show it: where only ASCII shows, typographic signs have twins and the rest is a
/// question mark.
pub fn in_reach<'a>(text: Cow<'a, str>, look: &Look) -> Cow<'a, str> {
    if look.is_unicode() || text.is_ascii() {
        return text;
    }
    text.chars()
        .map(|c| match c {
            c if c.is_ascii() => c,
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '·' => '-',
            '‘' | '’' => '\'',
            '“' | '”' => '"',
            '…' => '~',
            '×' => 'x',
            '÷' => '/',
            '\u{a0}' => ' ',
            _ => '?',
        })
        .collect::<String>()
        .into()
}

/// Cuts the end of a text that is wider than its place.
pub fn cut_end<'a>(text: &'a str, width: usize, look: &Look) -> Cow<'a, str> {
    if text.width() <= width {
        return text.into();
    }
    let Some(room) = width.checked_sub(1) else {
        return "".into();
    };
    let mut kept = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += grapheme.width();
        if used > room {
            break;
        }
        kept.push_str(grapheme);
    }
    kept.push_str(look.glyph(Glyph::Ellipsis));
    kept.into()
}

/// Cuts the start of a text that is wider than its place, as for names whose end tells them apart. Returns how many
/// bytes were cut, too; the sign that stands for them is in the text.
pub fn cut_start<'a>(text: &'a str, width: usize, look: &Look) -> (Cow<'a, str>, usize) {
    if text.width() <= width {
        return (text.into(), 0);
    }
    let Some(room) = width.checked_sub(1) else {
        return ("".into(), text.len());
    };
    let mut start = text.len();
    let mut used = 0;
    for (place, grapheme) in text.grapheme_indices(true).rev() {
        used += grapheme.width();
        if used > room {
            break;
        }
        start = place;
    }
    (
        format!("{}{}", look.glyph(Glyph::Ellipsis), &text[start..]).into(),
        start,
    )
}
