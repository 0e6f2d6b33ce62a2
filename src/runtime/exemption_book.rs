//! Where exemptions are kept, as the loop knows it: it can add to them, and gets all of them back.

use std::path::PathBuf;

use crate::posture::{Exemption, Exemptions};

/// What became of entries that were to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// The file.
    pub path: PathBuf,
    /// How many were added.
    pub added: usize,
    /// How many stood there already, with the same words.
    pub already: usize,
    /// All exemptions, as the file has them now.
    pub exemptions: Exemptions,
}

/// Where exemptions are kept. The loop does not know that it is a file of TOML, nor who names it.
pub trait ExemptionBook: Send + Sync {
    /// The file, when there is a place for one.
    fn place(&self) -> Option<PathBuf>;

    /// Adds entries, those that are not there yet.
    ///
    /// # Errors
    /// When what is there already is wrong, or it cannot be written; it is left as it was then.
    fn add(&self, entries: &[Exemption]) -> anyhow::Result<Entered>;
}
