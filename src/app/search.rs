//! Search over the servers: what to look for, where, and what matched.
//!
//! Every word must match. A word is first looked for as it stands in all that is known of a server; only when that
//! finds few servers, words may also match a server's name with gaps. Scoring names with gaps costs some fifty times
//! what looking for a word does.

mod filter;
mod index;
mod query;
mod ranges;

pub use filter::{Hits, filter};
pub use index::SearchIndex;
pub use query::Query;
pub use ranges::match_ranges;

/// A character as it is compared: in lower case, one for one, so that places in a text stay what they are.
fn fold(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}
