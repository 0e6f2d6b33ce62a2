//! What the program has to say: one line at a time, and the list of what went wrong.

use jiff::Timestamp;

/// How a notice is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeLevel {
    /// Something was done.
    Done,
    /// Something cannot be done now, and why.
    Hint,
    /// Something went wrong.
    Problem,
}

/// A line that stands until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How it is meant.
    pub level: NoticeLevel,
    /// The words, neutralised.
    pub text: String,
}

/// Something that went wrong, in the list of errors. Text is neutralised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// When, as far as the clock had told.
    pub at: Option<Timestamp>,
    /// What happened, in a few words.
    pub title: String,
    /// The rest, with what to do. May hold several lines.
    pub detail: String,
}
