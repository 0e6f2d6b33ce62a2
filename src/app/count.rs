//! Counts in words.

/// A count with what is counted: `1 server`, `3 servers`.
#[must_use]
pub fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
