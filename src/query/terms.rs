//! What to look for, as it is meant.

use crate::baseline::FeatureId;
use crate::posture::Cell;

use super::QueryError;
use super::cells::Cells;
use super::server::ServerTerm;

/// One word to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// The word, folded.
    pub text: String,
    /// Whether it stood in quotes: then it matches only as it stands.
    pub exact: bool,
    /// Whether it must not be there.
    pub not: bool,
}

/// What to look for: words and fields, all of which must fit.
///
/// Words are looked for in all that is known of a server; `"two words"` match as they stand, `!` before a word or a
/// field turns it round. Of the terms about features, one feature of a server has to fit all that are not negated, and
/// none that is; when all are negated, none of the server's features may fit any of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub(super) words: Vec<Word>,
    pub(super) servers: Vec<ServerTerm>,
    pub(super) cells: Option<Cells>,
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// Everything that is wrong in it, in the order of the text; at least one.
    pub fn parse(text: &str) -> Result<Self, Vec<QueryError>> {
        let (query, errors) = super::parse::parse(text);
        if errors.is_empty() {
            Ok(query)
        } else {
            Err(errors)
        }
    }

    /// Reads a query of which the rest may still be written: terms that are only begun say nothing yet.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), for what cannot become right by writing on.
    pub fn parse_begun(text: &str) -> Result<(Self, Vec<QueryError>), Vec<QueryError>> {
        let (query, errors) = super::parse::parse(text);
        if errors.iter().all(|error| error.unfinished) {
            Ok((query, errors))
        } else {
            Err(errors)
        }
    }

    /// Reads a text as words alone, in quotes or not: for where there are no fields to ask for.
    #[must_use]
    pub fn of_words(text: &str) -> Self {
        super::parse::words(text)
    }

    /// Whether there is nothing to look for.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty() && self.servers.is_empty() && self.cells.is_none()
    }

    /// Whether everything that this query finds is among what `wider` finds.
    #[must_use]
    pub fn narrows(&self, wider: &Self) -> bool {
        let words = wider.words.iter().all(|old| {
            self.words.iter().any(|new| {
                new.not == old.not
                    && if old.not {
                        old.text.contains(&new.text)
                    } else {
                        new.text.contains(&old.text) && (new.exact || !old.exact)
                    }
            })
        });
        let servers = || {
            let mut old = wider.servers.iter();
            old.all(|old| self.servers.iter().any(|new| new.narrows(old)))
        };
        let cells = || match (&self.cells, &wider.cells) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(new), Some(old)) => new.narrow(old),
        };
        words && servers() && cells()
    }

    /// Whether a server's standing in a feature fits what the query says of features; what it says of servers is not
    /// looked at. Without a word about features everything fits.
    #[must_use]
    pub fn admits(&self, feature: FeatureId, cell: Cell) -> bool {
        self.cells
            .as_ref()
            .is_none_or(|cells| cells.admit(feature, cell))
    }

    /// Whether the query says something of features.
    #[must_use]
    pub const fn is_about_features(&self) -> bool {
        self.cells.is_some()
    }

    /// The features that can fit what the query says of features, in order.
    pub fn features(&self) -> impl Iterator<Item = FeatureId> {
        FeatureId::ALL.into_iter().filter(|feature| {
            let cells = self.cells.as_ref();
            cells.is_none_or(|cells| cells.concern(*feature))
        })
    }

    /// Whether words may match with gaps.
    pub(super) fn is_fuzzy(&self) -> bool {
        self.words.iter().any(|word| !word.exact && !word.not)
    }
}

#[cfg(test)]
mod tests;
