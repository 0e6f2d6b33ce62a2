//! One line of text that is being written.

use tui_input::{Input, InputRequest};

use super::{Key, KeyCode};

/// The most characters that a line takes; the rest of a paste is dropped.
const LONGEST: usize = 400;

/// One line of text that is being written.
#[derive(Clone, Debug, Default)]
pub struct Prompt {
    input: Input,
}

impl Prompt {
    /// A line with text in it, the cursor at its end.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            input: Input::new(text.to_owned()),
        }
    }

    /// A line with text in it, the cursor at this byte.
    #[must_use]
    pub fn at(text: &str, byte: usize) -> Self {
        let before = text.char_indices().filter(|(at, _)| *at < byte);
        Self {
            input: Input::new(text.to_owned()).with_cursor(before.count()),
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// The cursor, in characters from the start.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.input.cursor()
    }

    /// The cursor, in bytes from the start.
    #[must_use]
    pub fn cursor_byte(&self) -> usize {
        let mut places = self.text().char_indices();
        places
            .nth(self.cursor())
            .map_or(self.text().len(), |(at, _)| at)
    }

    /// Takes a key. Returns whether the text changed.
    pub fn key(&mut self, key: Key) -> bool {
        let request = match (key.code, key.control, key.alt) {
            (KeyCode::Character(c), false, false) => {
                if c.is_control() || self.text().chars().count() >= LONGEST {
                    return false;
                }
                InputRequest::InsertChar(c)
            }
            (KeyCode::Backspace, false, false) | (KeyCode::Character('h'), true, false) => {
                InputRequest::DeletePrevChar
            }
            (KeyCode::Delete, ..) => InputRequest::DeleteNextChar,
            (KeyCode::Left, false, false) | (KeyCode::Character('b'), true, false) => {
                InputRequest::GoToPrevChar
            }
            (KeyCode::Right, false, false) | (KeyCode::Character('f'), true, false) => {
                InputRequest::GoToNextChar
            }
            (KeyCode::Left, ..) => InputRequest::GoToPrevWord,
            (KeyCode::Right, ..) => InputRequest::GoToNextWord,
            (KeyCode::Home, ..) | (KeyCode::Character('a'), true, false) => InputRequest::GoToStart,
            (KeyCode::End, ..) | (KeyCode::Character('e'), true, false) => InputRequest::GoToEnd,
            (KeyCode::Character('w'), true, false) | (KeyCode::Backspace, ..) => {
                InputRequest::DeletePrevWord
            }
            (KeyCode::Character('u'), true, false) => InputRequest::DeleteLine,
            (KeyCode::Character('k'), true, false) => InputRequest::DeleteTillEnd,
            _ => return false,
        };
        self.input
            .handle(request)
            .is_some_and(|change| change.value)
    }

    /// Takes pasted text: line ends and tabs become spaces, other control characters are dropped.
    pub fn paste(&mut self, text: &str) -> bool {
        let mut changed = false;
        for c in text.chars().take(LONGEST) {
            let c = if matches!(c, '\n' | '\r' | '\t') {
                ' '
            } else {
                c
            };
            changed |= self.key(Key::character(c));
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editing_and_pasting() {
        let mut prompt = Prompt::new("prod");
        assert!(prompt.paste(" we\nu\u{1b}"));
        assert_eq!(prompt.text(), "prod we u");
        assert!(prompt.key(Key::control('w')));
        assert_eq!(prompt.text(), "prod we ");
        assert!(!prompt.key(Key::plain(KeyCode::Home)));
        assert!(prompt.key(Key::character('x')));
        assert_eq!((prompt.text(), prompt.cursor()), ("xprod we ", 1));
        assert!(prompt.paste(&"y".repeat(2 * LONGEST)));
        assert_eq!(prompt.text().chars().count(), LONGEST);
    }
}
