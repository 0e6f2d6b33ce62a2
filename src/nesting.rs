//! Whether a TOML text is nested so deep that reading it would fill the stack.
//!
//! `toml` counts how deep it is, yet for each table header inside an unclosed inline table (`a = {` and `[b]` on the next
//! line, again and again) it counts one level less than there are, and in the end the process is gone. Whoever reads a
//! file that a person can write asks here first.

use std::ops::Range;

use toml_parser::Source;
use toml_parser::lexer::TokenKind;

/// The most brackets that may be open at once. `toml` itself reads 80 levels.
const DEEPEST: usize = 128;

/// What to say of such a text.
pub const TOO_DEEP: &str =
    "so many brackets are open here that nothing more is read; is one not closed?";

/// The place in bytes where too many brackets are open at once; `None` for a text that can be read.
#[must_use]
pub fn too_deep(text: &str) -> Option<Range<usize>> {
    let mut open = Vec::new();
    for token in Source::new(text).lex() {
        match token.kind() {
            TokenKind::LeftSquareBracket => open.push(TokenKind::RightSquareBracket),
            TokenKind::LeftCurlyBracket => open.push(TokenKind::RightCurlyBracket),
            closing @ (TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket) => {
                // A bracket of the other kind closes nothing.
                let _ = open.pop_if(|it| *it == closing);
            }
            _ => {}
        }
        if open.len() > DEEPEST {
            return Some(token.span().start()..token.span().end());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_text_and_closed_ones_do_not_count() {
        let text = "# [[[\nname = '{{{'\nother = \"\"\"[[[\n\"\"\"\nlist = [{a = [1]}]\n[[x]]\n"
            .repeat(200);
        assert_eq!(too_deep(&text), None);
    }

    #[test]
    fn headers_inside_an_open_table_do_not_hide_how_deep_it_is() {
        let text = "a = {\n[b]\n".repeat(20_000);
        let place = too_deep(&text).expect("it is deep");
        assert_eq!(
            &text[place.clone()],
            "[",
            "the header in the last of the tables"
        );
        assert_eq!(place.start / "a = {\n[b]\n".len(), DEEPEST - 1);
        assert!(too_deep(&"[".repeat(DEEPEST)).is_none());
    }
}
