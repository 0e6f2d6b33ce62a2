//! The language in which servers and findings are asked for: words, quotes, `!`, and fields such as `sev:high`.
//!
//! One [`Query`] is read from a line of text and applied in three ways: to the servers of a fleet by [`filter`], fast
//! enough for every letter that is typed, to one cell by [`Query::admits`], and to a text on the screen by
//! [`match_ranges`]. What it finds is put in order by [`sort`] and in groups by [`Grouping`]. [`FIELDS`] is the one table that parsing, [completion](complete) and help are made from;
//! [`find`] looks for a name among everything that has one.
//!
//! Pure: it knows the catalogue, verdicts and summaries of servers, and neither a screen nor a file. What cannot be
//! read is an [error with its place](QueryError), never a panic and never a query that means something else.

mod anything;
mod cells;
mod checks;
mod complete;
mod error;
mod field;
mod filter;
mod grouping;
mod index;
mod parse;
mod pattern;
mod ranges;
mod server;
mod sort;
mod terms;
#[cfg(test)]
pub(crate) mod test_support;
mod tokens;
mod values;
mod vocabulary;

pub use anything::{Found, FoundGroup, FoundItem, FoundKind, Target, find};
pub use complete::{Completion, Completions, complete};
pub use error::{QueryError, first_words};
pub use field::{FIELDS, Field, FieldRecord, Of};
pub use filter::{Hits, filter};
pub use grouping::{GroupBy, GroupStanding, Grouping, UnknownGrouping, tag, tag_names};
pub use index::SearchIndex;
pub use ranges::{literal_ranges, match_ranges};
pub use sort::{Sort, SortKey, UnknownSort, risk_number, sort};
pub use terms::Query;
pub use vocabulary::Vocabulary;

/// A character as it is compared: in lower case, one for one, so that places in a text stay what they are.
fn fold(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// A text as it is compared.
fn folded(text: &str) -> String {
    text.chars().map(fold).collect()
}
