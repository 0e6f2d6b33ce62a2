//! A text that nobody may see: tokens and client secrets.

use std::fmt;

/// A token or a client secret. It has no `Display`, its `Debug` shows nothing of it, and it cannot be serialised.
#[derive(Clone)]
pub struct Secret(Box<str>);

impl Secret {
    /// Takes the text out of sight.
    #[must_use]
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one header or body that it belongs into.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_it() {
        assert_eq!(
            format!("{:?}", Some(Secret::new("hunter2"))),
            "Some(Secret)"
        );
    }
}
