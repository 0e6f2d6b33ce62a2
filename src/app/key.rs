//! Keys as the state machine knows them, and how they are written.

use std::fmt;
use std::str::FromStr;

/// Which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyCode {
    /// A key that writes a character.
    Character(char),
    /// Enter.
    Enter,
    /// Escape.
    Escape,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// Tab.
    Tab,
    /// Tab with shift, which terminals send as a key of its own.
    BackTab,
    /// Cursor up.
    Up,
    /// Cursor down.
    Down,
    /// Cursor left.
    Left,
    /// Cursor right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key, from 1.
    Function(u8),
}

/// A key with what was held down with it. Shift with a character is that character: `G`, not Shift and `g`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// Whether Control was held.
    pub control: bool,
    /// Whether Alt was held.
    pub alt: bool,
    /// Whether Shift was held; never set together with a character.
    pub shift: bool,
}

/// Names of keys that write no character, and of the space bar.
const NAMES: [(&str, KeyCode); 18] = [
    ("Space", KeyCode::Character(' ')),
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Escape),
    ("Backspace", KeyCode::Backspace),
    ("Delete", KeyCode::Delete),
    ("Insert", KeyCode::Insert),
    ("Tab", KeyCode::Tab),
    ("BackTab", KeyCode::BackTab),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("PageUp", KeyCode::PageUp),
    ("PageDown", KeyCode::PageDown),
    ("Escape", KeyCode::Escape),
    ("Return", KeyCode::Enter),
];

impl Key {
    /// A key with nothing held.
    #[must_use]
    pub const fn plain(code: KeyCode) -> Self {
        Self {
            code,
            control: false,
            alt: false,
            shift: false,
        }
    }

    /// A character with nothing held.
    #[must_use]
    pub const fn character(c: char) -> Self {
        Self::plain(KeyCode::Character(c))
    }

    /// A character with Control.
    #[must_use]
    pub const fn control(c: char) -> Self {
        Self {
            control: true,
            ..Self::character(c)
        }
    }

    /// The same key as it is compared: shift is part of a character, and Shift-Tab is one key.
    #[must_use]
    pub const fn normal(self) -> Self {
        match self.code {
            KeyCode::Character(_) | KeyCode::BackTab => Self {
                shift: false,
                ..self
            },
            KeyCode::Tab if self.shift => Self {
                code: KeyCode::BackTab,
                shift: false,
                ..self
            },
            _ => self,
        }
    }

    /// The character that the key writes into a line of text, when it writes one.
    #[must_use]
    pub const fn text(self) -> Option<char> {
        match self.code {
            KeyCode::Character(c) if !self.control && !self.alt => Some(c),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [
            (self.control, "Ctrl-"),
            (self.alt, "Alt-"),
            (self.shift, "Shift-"),
        ] {
            if held {
                f.write_str(name)?;
            }
        }
        match self.code {
            KeyCode::Function(number) => write!(f, "F{number}"),
            code => match NAMES.iter().find(|(_, known)| *known == code) {
                Some((name, _)) => f.write_str(name),
                None => match code {
                    KeyCode::Character(c) => write!(f, "{c}"),
                    _ => Ok(()),
                },
            },
        }
    }
}

/// Why a text is not a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a key: write it like j, G, Ctrl-d, Alt-1, Enter, PageDown or F5")]
pub struct KeyError(String);

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || KeyError(text.chars().take(40).collect());
        let mut key = Self::plain(KeyCode::Enter);
        let mut rest = text;
        loop {
            let lower = rest.get(..6).unwrap_or(rest).to_ascii_lowercase();
            let held = [
                ("ctrl-", &mut key.control),
                ("alt-", &mut key.alt),
                ("shift-", &mut key.shift),
            ]
            .into_iter()
            .find(|(prefix, _)| lower.starts_with(prefix) && rest.len() > prefix.len());
            let Some((prefix, flag)) = held else { break };
            *flag = true;
            rest = &rest[prefix.len()..];
        }
        let mut characters = rest.chars();
        key.code = match (characters.next(), characters.next()) {
            (Some(c), None) if !c.is_control() => KeyCode::Character(c),
            _ => NAMES
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(rest))
                .map(|(_, code)| *code)
                .or_else(|| {
                    let number = rest.strip_prefix(['F', 'f'])?.parse().ok()?;
                    (1..=24)
                        .contains(&number)
                        .then_some(KeyCode::Function(number))
                })
                .ok_or_else(error)?,
        };
        Ok(key.normal())
    }
}

/// Keys one after the other: `g g`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct KeySequence(pub Vec<Key>);

impl fmt::Display for KeySequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, key) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{key}")?;
        }
        Ok(())
    }
}

impl FromStr for KeySequence {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let keys: Vec<Key> = text
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        if keys.is_empty() {
            return Err(KeyError(text.to_owned()));
        }
        Ok(Self(keys))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        for text in [
            "j", "G", "Ctrl-d", "Alt-1", "Enter", "Esc", "PageDown", "F5", "Space", "-", "Ctrl--",
            "BackTab", "Shift-Up", "{", "/", "é",
        ] {
            let key: Key = text.parse().unwrap();
            assert_eq!(key.to_string(), text);
        }
        let chord: KeySequence = "g  g".parse().unwrap();
        assert_eq!(chord.to_string(), "g g");
        for text in ["", "Ctrl-", "F0", "F99", "Nothing", "\u{1b}"] {
            assert!(text.parse::<Key>().is_err(), "{text:?}");
        }
        assert!("  ".parse::<KeySequence>().is_err());
    }

    #[test]
    fn shift_is_part_of_a_character() {
        let shifted = Key {
            shift: true,
            ..Key::character('G')
        };
        assert_eq!(shifted.normal(), "G".parse().unwrap());
        let tab = Key {
            shift: true,
            ..Key::plain(KeyCode::Tab)
        };
        assert_eq!(tab.normal(), "BackTab".parse().unwrap());
    }
}
