//! What a query says of a server itself, term by term.

use super::Field;
use super::pattern::Pattern;

/// One term about a server: one of its alternatives has to fit, or none of them may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerTerm {
    pub field: Field,
    pub any: Vec<Wanted>,
    pub not: bool,
}

/// One alternative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A text.
    Text(Pattern),
    /// A tag of this name, and of this value when one was written.
    Tag {
        name: Pattern,
        value: Option<Pattern>,
    },
    /// A score from the first number to the last.
    Score(u8, u8),
}

impl Wanted {
    /// Whether everything that fits this fits the other one too.
    fn implies(&self, wider: &Self) -> bool {
        match (self, wider) {
            (Self::Text(new), Self::Text(old)) => new.implies(old),
            (Self::Score(low, high), Self::Score(least, most)) => least <= low && high <= most,
            (
                Self::Tag { name, value },
                Self::Tag {
                    name: old,
                    value: wider,
                },
            ) => {
                name.implies(old)
                    && match (value, wider) {
                        (_, None) => true,
                        (None, Some(_)) => false,
                        (Some(new), Some(old)) => new.implies(old),
                    }
            }
            _ => false,
        }
    }
}

impl ServerTerm {
    /// Whether every server that fits this term fits the other one too.
    pub fn narrows(&self, wider: &Self) -> bool {
        let all_imply = |new: &Self, old: &Self| {
            new.any
                .iter()
                .all(|new| old.any.iter().any(|old| new.implies(old)))
        };
        self.field == wider.field
            && self.not == wider.not
            && if self.not {
                all_imply(wider, self)
            } else {
                all_imply(self, wider)
            }
    }
}
